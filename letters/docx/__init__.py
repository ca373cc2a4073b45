"""Making and reading Word files: package, paper, tables, charts."""
