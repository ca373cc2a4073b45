"""A mock Arbor over the made-up school (mis-arbor-wonde.md sections 1 and 3; docs/mis-arbor.md)."""

from connector.mock.arbor.app import MOCK

__all__ = ["MOCK"]
