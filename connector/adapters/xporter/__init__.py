"""The Xporter adapter: Groupcall Xporter on Demand in front of an on-premises SIMS (docs/mis-xporter.md).

Reads only. Notes and letters go to a folder, set under ``[school.supply]``.
"""

from __future__ import annotations

from collections.abc import Mapping

from connector.adapters.base import AdapterKind, SecretField
from connector.adapters.xporter.adapter import CAPABILITIES, XporterAdapter
from connector.adapters.xporter.settings import XporterSettings
from connector.http import HttpConfig


def _open(settings: XporterSettings, secrets: Mapping[str, str], http: HttpConfig) -> XporterAdapter:
    return XporterAdapter(settings, secrets["password"], http)


KIND = AdapterKind(
    name="xporter",
    title="Xporter on Demand (SIMS)",
    settings=XporterSettings,
    secrets=(SecretField("password", "the school secret that Groupcall issued for this connection"),),
    capabilities=CAPABILITIES,
    open=_open,
)
