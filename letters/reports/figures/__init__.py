"""The tables behind the reports, for a head's own spreadsheet."""
