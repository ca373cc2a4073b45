"""What `check` does: read the school and rows of every list by the same code as a pull, and name all that is wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from urllib.parse import urlsplit

from connector.adapters.wonde import deletions, people, rows
from connector.adapters.wonde.client import ListPage, Row, WondeClient, asked_with
from connector.adapters.wonde.fields import names
from connector.adapters.wonde.settings import WondeSettings
from connector.adapters.wonde.wrapping import id_of, one
from connector.errors import AdapterError, DataError, Finding
from rules.school import Pupil

CURRENT = "students"
LEAVERS = "students-leaver"
STUDENTS = (CURRENT, LEAVERS, "students-pre-admission")
OPTIONAL_LISTS = ("students-pre-admission",)
"""Of the lists of students those that a school need not approve: those who join later then come when they have joined."""
CODES = "attendance-codes"
MARKS = "attendance/session"
_LOOK_BACK = timedelta(days=21)


class Check:
    """One check of a school behind Wonde."""

    def __init__(self, client: WondeClient, settings: WondeSettings, today: date) -> None:
        self._client = client
        self._settings = settings
        self._today = today
        self._missing = rows.missing_fields(collect=True)
        self._codes: dict[str, str] = {}
        self._pupil_ids: dict[str, str] = {}

    def findings(self) -> list[Finding]:
        """Return everything that is wrong; nothing else can be seen when the school itself is refused."""
        try:
            school = self._client.school()
            rows.school(school, self._missing)
        except AdapterError as error:
            return [Finding("Wonde", error.message, error.fix)]
        findings = list(self._region(school))
        parts: dict[str, Callable[[], Iterator[Finding]]] = {
            CODES: self._read_codes,
            "students": self._read_students,
            MARKS: self._read_marks,
        }
        for where, read in parts.items():
            try:
                findings += read()
            except AdapterError as error:
                findings.append(Finding(f"Wonde {where}", error.message, error.fix))
            except DataError as error:
                findings += error.findings
        return [*findings, *self._deletions(), *self._missing.findings()]

    def _region(self, school: Row) -> Iterator[Finding]:
        """Yield a finding when the school lives in another region than the one asked."""
        domain = str((one(school.get("region"), "region") or {}).get("domain") or "")
        host = urlsplit(self._settings.url).hostname or ""
        if domain and domain.partition(":")[0] != host:
            yield Finding(
                "Wonde region",
                f"the school's data is at {domain}, not at {host}",
                f'set url = "https://{domain}"',
            )

    def _read_codes(self) -> Iterator[Finding]:
        codes = dict(rows.code(row, self._missing) for row in self._client.rows(CODES))
        self._codes = {code_id: code.code for code_id, code in codes.items()}
        if not codes:
            yield Finding(
                f"Wonde {CODES}",
                "holds no code, so no mark can be read",
                "ask the school to approve attendance codes in Wonde",
            )

    def _read_students(self) -> Iterator[Finding]:
        """Read a page of each list as a pull reads it, and the id of every current student."""
        asked = asked_with(people.includes())
        read: list[Pupil] = []
        for resource in STUDENTS:
            try:
                page = self._client.first_page(resource, asked)
            except AdapterError as error:
                severity = "warning" if resource in OPTIONAL_LISTS else "error"
                yield Finding(f"Wonde {resource}", error.message, error.fix, severity)
                continue
            yield from self._not_on_offer(resource, page)
            read += [people.pupil(row, self._settings, self._missing) for row in page.rows]
        yield from refused_ids(read)
        mis_id = names("student")["mis_id"]
        self._pupil_ids = {id_of(row): str(row.get(mis_id) or "") for row in self._client.rows("students")}
        if not self._pupil_ids:
            yield Finding("Wonde students", "holds nobody", "ask the school to approve students in Wonde")
        yield from self._not_filled(read)

    def _not_on_offer(self, resource: str, page: ListPage) -> Iterator[Finding]:
        missing = [name for name in people.includes().split(",") if name not in page.on_offer]
        if page.on_offer and missing:
            yield Finding(
                f"Wonde {resource}",
                f"does not offer {', '.join(missing)} with a student",
                "ask the school to approve this permission in Wonde, or correct the name in fields.toml",
                severity="warning",
            )

    def _not_filled(self, read: list[Pupil]) -> Iterator[Finding]:
        """Yield what no pupil and no contact of those read has, though the fields are there."""
        contacts = [contact for pupil in read for contact in pupil.contacts]
        if read and not any(pupil.registration_group for pupil in read):
            yield Finding(
                "Wonde registration",
                "no pupil of those read has a registration group: tutors' reports and class rules have nobody",
                "approve registration groups in Wonde, or set registration_group_type to the type that groups of "
                "this school have",
                severity="warning",
            )
        if read and not contacts:
            yield Finding(
                "Wonde contacts",
                "no pupil of those read has a contact: no letter has an addressee",
                "approve contacts and their details in Wonde, or supply contacts.csv under [school.supply]",
                severity="warning",
            )
        elif contacts and not any(contact.correspondence is not False for contact in contacts):
            yield Finding(
                "Wonde contacts",
                "correspondence is false for every contact of those read: no letter has an addressee",
                'if the school does not fill it in, set correspondence = "not kept" under [school.mis]',
                severity="warning",
            )
        if contacts and not any(contact.parental_responsibility for contact in contacts):
            yield Finding(
                "Wonde contacts",
                "no contact of those read has parental responsibility: letters that need it have no addressee",
                "enter it in the MIS, and ask the school to approve it in Wonde",
                severity="warning",
            )

    def _read_marks(self) -> Iterator[Finding]:
        """Read a page of marks of the last weeks, or of any time where there are none, as a pull reads them."""
        since = {"updated_after": f"{self._today - _LOOK_BACK} 00:00:00"}
        page = self._client.first_page(MARKS, since)
        if not page.rows:
            since = {}
            page = self._client.first_page(MARKS)
        lacking = rows.mark_includes(page.rows[0]) if page.rows else ""
        if lacking:
            page = self._client.first_page(MARKS, {**since, **asked_with(lacking)})
        known = [rows.mark(row, self._pupil_ids, self._codes, self._missing) is not None for row in page.rows]
        if not known:
            yield Finding(
                f"Wonde {MARKS}",
                "holds no mark, so it is not known whether marks can be read",
                "approve session attendance in Wonde, and check again when a register has been taken",
                severity="warning",
            )
        elif not any(known) and not self._missing.required:
            yield strangers_only(len(known))

    def _deletions(self) -> Iterator[Finding]:
        for kind in deletions.KINDS:
            try:
                self._client.first_page(deletions.RESOURCE, {"type": kind})
            except AdapterError as error:
                yield Finding(
                    f"Wonde {deletions.RESOURCE}",
                    f"cannot be read ({error.message}): a contact whom the school has removed may be written to "
                    "until Wonde's list of contacts says so too",
                    "ask the school to approve deletions in Wonde",
                    severity="warning",
                )
                return


def refused_ids(pupils: list[Pupil]) -> Iterator[Finding]:
    """Yield a finding when two students have one MIS id, since marks and letters go by it, or one has none."""
    seen: set[str] = set()
    for pupil in pupils:
        if not pupil.pupil_id or pupil.pupil_id in seen:
            yield Finding(
                "Wonde students", "two students have one mis_id, or one has none", "ask Wonde's support"
            )
            return
        seen.add(pupil.pupil_id)


def strangers_only(count: int) -> Finding:
    """Return the finding for marks none of which is of a student whom Wonde lists."""
    return Finding(
        f"Wonde {MARKS}",
        f"none of {count} marks names a student whom Wonde lists",
        "compare the field of the student in fields.toml, attendance_session, with an answer of Wonde",
    )
