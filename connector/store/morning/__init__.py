"""What mornings leave behind: their runs, and what was listed."""
