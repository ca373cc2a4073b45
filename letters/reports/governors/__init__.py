"""The termly report to governors: figures, tables, charts, national benchmarks, effect of letters."""
