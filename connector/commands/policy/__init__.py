"""Commands that read policies and try them on a register folder, with no MIS and no state."""
