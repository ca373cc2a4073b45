"""What `check` says of a MIS that cannot be reached: at once, and without the tries that a run makes."""

from __future__ import annotations

from collections.abc import Iterator

from connector.adapters.base import AdapterKind
from connector.config import SchoolConfig
from connector.errors import Finding
from connector.http import unreached, web_addresses


def reach_findings(school: SchoolConfig, kind: AdapterKind, where: str) -> Iterator[Finding]:
    """Yield each address of the MIS that cannot be reached: the host, the cause and the setting to change."""
    addresses = web_addresses(school.mis.settings)
    for setting, error in unreached(kind.title, addresses, school.http).items():
        yield Finding(f"{where}.mis.{setting}", error.message, error.fix)
