"""What the marks of single pupils have in common: weekdays, holidays, siblings, weeks, afternoons, lateness. For the office."""
