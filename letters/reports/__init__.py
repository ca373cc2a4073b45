"""Reports as Word documents, one module each. Dates come in as arguments; nothing here reads a clock or a file."""
