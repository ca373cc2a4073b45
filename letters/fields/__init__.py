"""Merge fields, one module a group."""
