"""The SIMS adapter itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from connector.adapters.base import Capabilities, Page, PullRequest
from connector.adapters.read_only import ReadOnly
from connector.adapters.sims import reads
from connector.adapters.sims.check import Check
from connector.adapters.sims.client import SimsClient
from connector.adapters.sims.settings import SimsSettings
from connector.errors import Finding
from connector.http import HttpConfig

CAPABILITIES = Capabilities(changes=True, calendar=True, contacts=True, amendments=True)


class SimsAdapter(ReadOnly[SimsClient]):
    """One school's SIMS by its web API. It takes neither notes nor documents as far as is known."""

    def __init__(self, settings: SimsSettings, secrets: Mapping[str, str], http: HttpConfig) -> None:
        self.capabilities = replace(
            CAPABILITIES,
            calendar=settings.calendar,
            contacts=settings.contacts,
            amendments=settings.amendments,
        )
        self._settings = settings
        self._client = SimsClient(settings, secrets, http)

    def check(self) -> list[Finding]:
        """Sign in and read every set as a pull does."""
        return Check(self._client, self._settings).findings()

    def pull(self, request: PullRequest) -> Iterator[Page]:
        """Read as :mod:`connector.adapters.sims.reads` says."""
        return reads.pull(self._client, self._settings, request)
