"""The Xporter adapter itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from connector.adapters.base import Capabilities, Page, PullRequest
from connector.adapters.read_only import ReadOnly
from connector.adapters.xporter import reads
from connector.adapters.xporter.check import check_school
from connector.adapters.xporter.client import XporterClient
from connector.adapters.xporter.settings import XporterSettings
from connector.errors import Finding
from connector.http import HttpConfig

CAPABILITIES = Capabilities(changes=True, contacts=True)


class XporterAdapter(ReadOnly[XporterClient]):
    """One school through Xporter on Demand. Xporter has no school year and no terms, and takes neither notes nor documents."""

    mis = "Xporter"
    capabilities = CAPABILITIES

    def __init__(self, settings: XporterSettings, password: str, http: HttpConfig) -> None:
        self.capabilities = replace(
            CAPABILITIES, spells=settings.enrolment_history, contacts=settings.contacts
        )
        self._settings = settings
        self._client = XporterClient(settings, password, http)

    def check(self) -> list[Finding]:
        """Read a row of every table as a pull reads it; a sign-in that fails ends the check, since nothing else can be seen."""
        return check_school(self._client, self._settings, date.today())  # noqa: DTZ011

    def pull(self, request: PullRequest) -> Iterator[Page]:
        """Read as :mod:`connector.adapters.xporter.reads` says."""
        return reads.pull(self._client, self._settings, request)
