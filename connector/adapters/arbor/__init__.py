"""The Arbor adapter (docs/mis-arbor.md)."""

from __future__ import annotations

from collections.abc import Mapping

from connector.adapters.arbor.adapter import CAPABILITIES, ArborAdapter
from connector.adapters.arbor.settings import ArborSettings
from connector.adapters.base import AdapterKind, SecretField
from connector.http import HttpConfig


def _open(settings: ArborSettings, secrets: Mapping[str, str], http: HttpConfig) -> ArborAdapter:
    return ArborAdapter(settings, secrets, http)


KIND = AdapterKind(
    name="arbor",
    title="Arbor",
    settings=ArborSettings,
    secrets=(
        SecretField("username", "the application user name that Arbor issued (applicationUsername)"),
        SecretField("password", "the application's token that Arbor issued (dpt_token)"),
    ),
    capabilities=CAPABILITIES,
    open=_open,
)
