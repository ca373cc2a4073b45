"""The weekly list of what is missing or looks wrong in the school's data, for the office."""
