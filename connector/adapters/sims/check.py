"""What `check` does: read every set by the same code as a pull, and name all that is wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta

from connector.adapters.base import MisCode
from connector.adapters.sims import reads, rows
from connector.adapters.sims.client import Row, SimsClient
from connector.adapters.sims.fields import fields, names, set_path
from connector.adapters.sims.marks import MarkReader, changes, within
from connector.adapters.sims.reader import Reader, missing_fields
from connector.adapters.sims.settings import SimsSettings
from connector.errors import AdapterError, DataError, Finding
from rules.school import SCHOOL_TIME, Pupil

_SAMPLE = 50
_WITHOUT = {
    "schools": "the school's own name, address and URN come from the configuration",
    "statutory_codes": "SIMS does not say what a code means, so codes count as the law's table says",
}
"""What follows when a set that a pull can do without is not there."""


class Check:
    """One check of a school's SIMS."""

    def __init__(self, client: SimsClient, settings: SimsSettings) -> None:
        self._client = client
        self._settings = settings
        self._missing = missing_fields(collect=True)
        self._codes: dict[str, MisCode] = {}
        self._pupils: dict[str, Pupil] = {}

    def findings(self) -> list[Finding]:
        """Return everything that is wrong; a sign-in that fails ends the check, since nothing else can be seen."""
        try:
            self._client.first("learners")
        except AdapterError as error:
            return [Finding("SIMS sign-in and LearnerIdentifiers", error.message, error.fix)]
        findings: list[Finding] = []
        for where, read in self._parts().items():
            try:
                findings += read()
            except AdapterError as error:
                findings.append(Finding(f"SIMS: {where}", error.message, error.fix))
            except DataError as error:
                findings += error.findings
        return findings + self._missing.findings()

    def _parts(self) -> dict[str, Callable[[], Iterator[Finding]]]:
        parts: dict[str, Callable[[], Iterator[Finding]]] = {
            "sets that are optional": self._read_optional_sets,
            "attendance codes": self._read_codes,
            "pupils": self._read_pupils,
        }
        if self._settings.calendar:
            parts["the calendar"] = self._read_calendar
        parts["marks"] = self._read_marks
        if self._settings.amendments:
            parts["the history of marks"] = self._read_history
        return parts

    def _read_optional_sets(self) -> Iterator[Finding]:
        for area, follows in _WITHOUT.items():
            try:
                found = self._client.first(area)
                if area == "schools":
                    for row in found:
                        rows.school(row, self._missing)
            except AdapterError as error:
                optional = fields("sets")[area].need == "optional"
                yield Finding(
                    f"SIMS: {set_path(area)[1]}",
                    f"cannot be read ({error.message}): {follows}",
                    error.fix,
                    severity="warning" if optional else "error",
                )

    def _read_codes(self) -> Iterator[Finding]:
        self._codes = reads.read_codes(self._client, self._settings, self._missing)
        if not self._codes:
            yield Finding(
                f"SIMS: {set_path('codes')[1]}",
                "holds no code, so no mark can be read",
                "ask the vendor for the permission to read it",
            )

    def _read_pupils(self) -> Iterator[Finding]:
        found = reads.read_pupils(self._client, self._settings, self._missing)
        self._pupils = found.pupils
        adults = [adult for pupil in found.pupils.values() for adult in pupil.contacts]
        if not found.pupils:
            yield Finding(
                "SIMS: LearnerPersonals", "holds nobody", "ask the vendor for the permission to read it"
            )
        if adults and not any(adult.parental_responsibility for adult in adults):
            yield Finding(
                f"SIMS: {set_path('contacts')[1]}",
                "no contact has parental responsibility: letters that need it have no addressee",
                "enter it in SIMS, or set contacts = false and supply contacts.csv",
                severity="warning",
            )

    def _read_calendar(self) -> Iterator[Finding]:
        reads.read_periods(self._client, self._missing)
        return iter(())

    def _read_marks(self) -> Iterator[Finding]:
        """Read the marks of a day that has some, by the very calls of a pull."""
        today = datetime.now(SCHOOL_TIME).date()
        by_day = {"$orderby": f"{names('records')['start']} desc"}
        last = within(today - timedelta(days=self._settings.days_per_call - 1), today)
        newest = self._client.first("records", {**by_day, "$filter": last}, top=_SAMPLE)
        newest = newest or self._client.first("records", by_day, top=_SAMPLE)
        if not newest:
            yield Finding(
                "SIMS: AttendanceRecords",
                "holds no mark, so it is not known whether marks can be read",
                "check again when a register has been taken",
                severity="warning",
            )
        for day in self._days(newest, "records")[-1:]:
            pages = list(self._reader(day, day).between(day, day))
            if not any(page.marks or page.cleared for page in pages):
                yield Finding(
                    "SIMS: AttendanceRecords",
                    f"none of the marks of {day} belongs to a listed learner and to a session of half a day",
                    "compare attendee and event of records in fields.toml with the service's $metadata",
                )
        self._client.first("records", function=changes(today))

    def _read_history(self) -> Iterator[Finding]:
        """Read some rows of the history as a pull reads them."""
        found = self._client.first("histories", top=_SAMPLE)
        days = self._days(found, "histories")
        if days:
            self._reader(days[0], days[-1]).amendments(found)
        self._client.first("histories", function=changes(datetime.now(SCHOOL_TIME).date()))
        return iter(())

    def _days(self, found: list[Row], area: str) -> list[date]:
        days = (Reader(area, row, self._missing).day("start") for row in found)
        return sorted({day for day in days if day})

    def _reader(self, start: date, end: date) -> MarkReader:
        pupils = {external_id: pupil.pupil_id for external_id, pupil in self._pupils.items()}
        sessions = reads.read_sessions(self._client, start, end, self._missing)
        return MarkReader(self._client, self._settings, end, pupils, sessions, self._codes, self._missing)
