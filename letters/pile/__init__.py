"""The print pile: many letters in one Word document."""
