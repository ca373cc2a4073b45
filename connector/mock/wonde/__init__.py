"""A mock Wonde over the made-up school (mis-arbor-wonde.md sections 2 and 3; docs/mis-wonde.md)."""

from connector.mock.wonde.app import MOCK

__all__ = ["MOCK"]
