"""The service: pull registers from a MIS, judge them, write letters and notes back exactly once."""

__version__ = "0.1.0"
