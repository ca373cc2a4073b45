"""Files that people keep, as everything that reads or replaces one goes about it."""
