"""The Wonde adapter (docs/mis-wonde.md).

Reads only, and without a calendar: the calendar comes from ``[school.supply] calendar``, notes and letters go to
``[school.supply] folder``.
"""

from __future__ import annotations

from collections.abc import Mapping

from connector.adapters.base import AdapterKind, SecretField
from connector.adapters.wonde.adapter import CAPABILITIES, WondeAdapter
from connector.adapters.wonde.settings import WondeSettings
from connector.http import HttpConfig


def _open(settings: WondeSettings, secrets: Mapping[str, str], http: HttpConfig) -> WondeAdapter:
    return WondeAdapter(settings, secrets["token"], http)


KIND = AdapterKind(
    name="wonde",
    title="Wonde",
    settings=WondeSettings,
    secrets=(SecretField("token", "the token that Wonde issued for this connection"),),
    capabilities=CAPABILITIES,
    open=_open,
)
