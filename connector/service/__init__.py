"""The background service: when runs are due, the loop that makes them, and the unit files that start it."""
