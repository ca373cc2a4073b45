"""A mock SIMS web API (V3 and DeX, OData) over the made-up school (mis-sims.md section 3; docs/mis-sims.md)."""

from connector.mock.sims.app import MOCK

__all__ = ["MOCK"]
