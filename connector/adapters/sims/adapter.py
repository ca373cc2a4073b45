"""The SIMS adapter itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from connector.adapters.base import Capabilities, Page, PullRequest
from connector.adapters.read_only import ReadOnly
from connector.adapters.row_reader import MissingFields
from connector.adapters.sims import reads, rows
from connector.adapters.sims.client import SimsClient
from connector.adapters.sims.fields import names
from connector.adapters.sims.reader import missing_fields
from connector.adapters.sims.settings import SimsSettings
from connector.errors import AdapterError, DataError, Finding
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
        """Sign in and read a row of every set; a sign-in that fails ends the check, since nothing else can be seen."""
        try:
            self._client.first("learners")
        except AdapterError as error:
            return [Finding("SIMS sign-in and LearnerIdentifiers", error.message, error.fix)]
        findings: list[Finding] = []
        missing = missing_fields(collect=True)
        for where, look in self._looks(missing).items():
            try:
                look()
            except AdapterError as error:
                findings.append(Finding(f"SIMS: {where}", error.message, error.fix))
            except DataError as error:
                findings += error.findings
        return findings + missing.findings()

    def _looks(self, missing: MissingFields) -> dict[str, Callable[[], Any]]:
        """Return what a pull reads, each read as little as shows that it can be."""
        client, settings = self._client, self._settings
        contacts = {"$expand": names("personals")["contacts"]} if settings.contacts else {}
        looks: dict[str, Callable[[], Any]] = {
            "the school": lambda: [rows.school(row, missing) for row in client.first("schools")],
            "attendance codes": lambda: reads.read_codes(client, settings, missing),
            "pupils": lambda: [
                rows.pupil(row, "", None, missing, with_contacts=settings.contacts)
                for row in client.first("personals", contacts)
            ],
            "sessions": lambda: [rows.session(row, missing) for row in client.first("sessions")],
            "marks": lambda: client.first("records"),
        }
        if settings.marks_by == "learner":
            looks["marks by learner"] = lambda: client.first(
                "learners", {"$expand": names("learners")["records"] + "($top=1)"}
            )
        if settings.calendar:
            looks["the calendar"] = lambda: reads.read_periods(client, missing)
        if settings.amendments:
            looks["the history of marks"] = lambda: client.first("histories")
        return looks

    def pull(self, request: PullRequest) -> Iterator[Page]:
        """Read as :mod:`connector.adapters.sims.reads` says."""
        return reads.pull(self._client, self._settings, request)
