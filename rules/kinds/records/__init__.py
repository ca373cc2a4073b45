"""Kinds about what is on record besides the marks as they stand: changes, dates, requests, notices."""
