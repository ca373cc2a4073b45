"""The report of one year group or class, on demand, for the office and heads of year."""
