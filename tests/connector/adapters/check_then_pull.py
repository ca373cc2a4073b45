"""What check says of a school behind a mock MIS with some habits, and how the pulls after it end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connector.adapters.base import AdapterKind
from connector.errors import ConnectorError, Finding
from connector.http import HttpConfig
from connector.mock.school import MadeUpSchool
from connector.mock.server import MockServer
from connector.testing.pulled import Pulled

HTTP = HttpConfig(connect_seconds=2.0, read_seconds=10.0, tries=2, longest_wait_seconds=0.05)


def check_then_pull(
    kind: AdapterKind, school: MadeUpSchool, options: Mapping[str, Any], **settings: Any
) -> tuple[list[Finding], Pulled | ConnectorError]:
    """Return the findings of check, and what a first pull and the next one come to: the school, or the error."""
    days = [day for day in school.calendar.school_days if day <= school.last_day]
    with MockServer(kind.name, school, options=options) as server:
        checked = kind.settings.model_validate({**server.settings, **settings})
        adapter = kind.open(checked, server.secrets, HTTP)
        try:
            findings = adapter.check()
            try:
                return findings, Pulled().pull(adapter, days[-3]).pull(adapter, days[-1])
            except ConnectorError as error:
                return findings, error
        finally:
            adapter.close()


def errors_in(findings: list[Finding]) -> list[Finding]:
    """Return those that stop a run."""
    return [finding for finding in findings if finding.severity == "error"]
