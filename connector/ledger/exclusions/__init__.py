"""Families to whom a rule must not write: by what an exclusion names, and where only absence given by the school makes a letter due."""
