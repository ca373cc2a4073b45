"""A mock Arbor over the made-up school (docs/mis-arbor.md)."""

from connector.mock.arbor.app import MOCK

__all__ = ["MOCK"]
