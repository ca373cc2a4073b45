"""A mock SIMS web API (V3 and DeX, OData) over the made-up school (docs/mis-sims.md)."""

from connector.mock.sims.app import MOCK

__all__ = ["MOCK"]
