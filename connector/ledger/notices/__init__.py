"""Penalty notices and notices to improve: to whom each was given, and which form waits for the head's decision."""
