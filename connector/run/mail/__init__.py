"""A short message after a run that has news."""
