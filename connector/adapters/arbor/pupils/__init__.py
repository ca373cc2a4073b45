"""Pupils with their contacts and flags, from Arbor's rows."""
