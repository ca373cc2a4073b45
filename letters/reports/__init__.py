"""Reports as Word documents, one module or folder each. Dates come in as arguments; nothing here reads a clock or a file."""
