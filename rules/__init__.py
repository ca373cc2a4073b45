"""The pure part: school facts in, figures and events out. No network, no database, no clock."""
