"""Kinds about a share of attendance: below a figure, not better at a review, at the end of a period."""
