"""The run of a morning: it files the list of calls, judges nothing, and leaves the school's state as it was."""
