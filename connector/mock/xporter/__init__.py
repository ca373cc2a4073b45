"""A mock of Groupcall Xporter on Demand over the made-up school (docs/mis-xporter.md)."""

from connector.mock.xporter.app import MOCK

__all__ = ["MOCK"]
