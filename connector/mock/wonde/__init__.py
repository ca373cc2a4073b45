"""A mock Wonde over the made-up school (docs/mis-wonde.md)."""

from connector.mock.wonde.app import MOCK

__all__ = ["MOCK"]
