"""The template engine: a Word file with merge fields, compiled once and filled many times."""
