"""The SIMS adapter: SIMS's web API (V3 and DeX, OData) by the school's own grant (docs/mis-sims.md).

Reads only. Notes and letters go to a folder, set under ``[school.supply]``.
"""

from __future__ import annotations

from collections.abc import Mapping

from connector.adapters.base import AdapterKind, SecretField
from connector.adapters.sims.adapter import CAPABILITIES, SimsAdapter
from connector.adapters.sims.settings import SimsSettings
from connector.http import HttpConfig


def _open(settings: SimsSettings, secrets: Mapping[str, str], http: HttpConfig) -> SimsAdapter:
    return SimsAdapter(settings, secrets, http)


KIND = AdapterKind(
    name="sims",
    title="SIMS",
    settings=SimsSettings,
    secrets=(
        SecretField("client_secret", "the client secret issued for this school in SIMS ID"),
        SecretField("subscription_key", "the vendor's key for the API (Ocp-Apim-Subscription-Key)"),
    ),
    capabilities=CAPABILITIES,
    open=_open,
)
