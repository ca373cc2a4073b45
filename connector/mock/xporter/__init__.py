"""A mock of Groupcall Xporter on Demand over the made-up school (mis-sims.md section 4; docs/mis-xporter.md)."""

from connector.mock.xporter.app import MOCK

__all__ = ["MOCK"]
