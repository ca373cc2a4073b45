"""What `check` looks at: a row of every table, read by the code that a pull uses, and what Xporter says of itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

from connector.adapters.row_reader import MissingFields
from connector.adapters.xporter import fields, rows
from connector.adapters.xporter.adults import linked, person, telephones
from connector.adapters.xporter.client import Row, Table, XporterClient
from connector.adapters.xporter.fields import Endpoint
from connector.adapters.xporter.marks import OPTIONS, day_params, marks_of_strings
from connector.adapters.xporter.printed_manual import differences
from connector.adapters.xporter.reads import CONTACT_OPTIONS, student_options
from connector.adapters.xporter.settings import XporterSettings
from connector.errors import AdapterError, DataError, Finding
from rules.calendar import week_start

WEEKS_BACK = 9
"""So many weeks are looked through for a day with marks: longer than the summer holiday."""


def check_school(client: XporterClient, settings: XporterSettings, today: date) -> list[Finding]:
    """Return every finding about a school's Xporter; that of the sign-in alone when that fails."""
    try:
        client.sign_in()
    except AdapterError as error:
        return [Finding("Xporter sign-in", error.message, error.fix)]
    checking = _Checking(client, settings)
    checking.people()
    checking.marks(checking.copied_on or today)
    return [
        *checking.findings,
        *checking.missing.findings(),
        *_scopes(client),
        *_hidden(client),
        *differences(client),
    ]


@dataclass
class _Checking:
    """Reads the first rows of each table and notes what is not there."""

    client: XporterClient
    settings: XporterSettings
    missing: MissingFields = field(default_factory=lambda: fields.missing_fields(collect=True))
    findings: list[Finding] = field(default_factory=list)
    copied_on: date | None = None

    def people(self) -> None:
        """Look at the school, codes, pupils, and the adults where they are wanted."""
        settings, missing = self.settings, self.missing
        self._look(fields.SCHOOL, lambda row: rows.school(row, settings.estab, settings.urn, missing))
        self._look(fields.CODES, lambda row: rows.code(row, missing))
        students = self._look(fields.STUDENTS, self._student, options=student_options(settings))
        if students and students.made:
            self.copied_on = students.made.date()
        if settings.enrolment_history:
            self._look(fields.ENROLMENTS, lambda row: rows.spells([row], missing))
        if settings.contacts:
            self._look(fields.LINKS, lambda row: linked(row, missing), options=CONTACT_OPTIONS)
            self._look(fields.CONTACTS, lambda row: person(row, {}, missing), options=CONTACT_OPTIONS)
            self._look(
                fields.COMMS,
                lambda row: telephones([row], missing),
                without="contacts have the three numbers of their own row at most",
                PersonType="Contact",
            )

    def _student(self, row: Row) -> None:
        rows.pupil(row, {}, {}, {}, self.missing)
        if self.settings.marks == "string":
            list(marks_of_strings([row], {}, date.max, self.missing))

    def marks(self, latest: date) -> None:
        """Look at the marks of the last week that has any, and at one of its days."""
        if self.settings.marks == "string":
            return
        for back in range(WEEKS_BACK):
            monday = week_start(latest) - timedelta(weeks=back)
            span = {"DateFrom": monday.isoformat(), "DateTo": (monday + timedelta(days=4)).isoformat()}
            table = self._look(
                fields.MARKS, lambda row: rows.mark(row, self.missing), empty=True, options=OPTIONS, **span
            )
            if table is None:
                return
            if table.rows:
                break
        else:
            message = f"there are no marks in the {WEEKS_BACK} weeks up to {latest}: how they come could not be checked"
            self.findings.append(
                Finding("Xporter marks", message, "check again once a register was taken", "warning")
            )
            return
        days = {rows.mark(row, self.missing).date for row in table.rows}
        if self.settings.day_details and date.min not in days:
            day = max(days)
            self._look(
                fields.DAY,
                lambda row: rows.day_mark(row, day, self.missing),
                empty=True,
                **day_params(day),
            )

    def _look(
        self,
        endpoint: Endpoint,
        read: Callable[[Row], object],
        *,
        without: str = "",
        empty: bool = False,
        **params: str,
    ) -> Table | None:
        """Read the first rows of a table; None when they cannot be had. ``without``: what follows then, where a pull goes on."""
        where = f"Xporter {endpoint.path}"
        try:
            table = self.client.sample(endpoint, params)
            for row in table.rows:
                read(row)
        except AdapterError as error:
            message = f"{error.message}: {without}" if without else error.message
            severity = "warning" if without else "error"
            self.findings.append(Finding(where, message, error.fix, severity))
            return None
        except DataError as error:
            self.findings += error.findings
            return None
        if not table.rows and not empty:
            message = "is empty: its fields could not be checked"
            fix = f"check that the school grants the scope {endpoint.scope}, and that the MIS holds such data"
            self.findings.append(Finding(where, message, fix, "warning"))
        return table


def _scopes(client: XporterClient) -> Iterator[Finding]:
    """Yield the scopes that some field of ours needs and the school has not granted."""
    try:
        granted = client.information("TokenDetails").get("Scopes")
    except AdapterError as error:
        message = f"{error.message}: what the school has granted is seen from the tables alone"
        yield Finding("Xporter TokenDetails", message, error.fix, "warning")
        return
    if not isinstance(granted, list) or not granted:
        return
    wanted = {one.scope for table in fields.TABLES for one in fields.fields(table).values() if one.scope}
    lacking = sorted(wanted - {str(scope) for scope in granted} - fields.covered_by(granted))
    if lacking:
        message = f"the school has not granted the scopes {', '.join(lacking)}"
        yield Finding("Xporter scopes", message, fields.ASK, "warning")


def _hidden(client: XporterClient) -> Iterator[Finding]:
    """Yield how many people the school hides from this connection."""
    try:
        answer = client.information("GDPRIDs").get("GDPR")
    except AdapterError as error:
        message = f"{error.message}: whether the school hides anybody is not known"
        yield Finding("Xporter GDPRIDs", message, error.fix, "warning")
        return
    for row in answer if isinstance(answer, list) else []:
        pupils, adults = rows.ids_in(row.get("StudentIds")), rows.ids_in(row.get("ContactIds"))
        if row.get("IsOptIn"):
            message = (
                f"only those whom the school lists are given: {len(pupils)} pupils and {len(adults)} contacts"
            )
        elif pupils or adults:
            message = (
                f"the school hides {len(pupils)} pupil(s) and {len(adults)} contact(s) from this connection"
            )
        else:
            continue
        fix = "ask the school to let this connection see everybody: of those who are hidden nothing is counted or written"
        yield Finding("Xporter GDPRIDs", message, fix, "warning")
