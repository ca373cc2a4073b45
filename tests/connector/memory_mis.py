"""A small MIS in this process: a real adapter over a made-up school that a test can change, with faults to switch on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from connector.adapters.base import (
    AllMarksSent,
    AllPupilsSent,
    AmendmentPage,
    CalendarPage,
    Capabilities,
    DocumentToWrite,
    Found,
    MarkPage,
    MisSchool,
    NoteToWrite,
    Page,
    PullEnd,
    PullRequest,
    PupilPage,
    RecordPage,
    SchoolPage,
)
from connector.errors import Finding, RetryableError, SkippableError
from rules.calendar import Calendar, Period
from rules.pupil_record import PupilRecord
from rules.school import (
    Address,
    Amendment,
    AttendancePlan,
    Contact,
    Exclusion,
    FormDecision,
    Half,
    LeaveRequest,
    Mark,
    Notice,
    NoticeToImprove,
    Pupil,
    Session,
)

ALL = Capabilities(
    changes=False,
    calendar=True,
    contacts=True,
    amendments=True,
    notes=True,
    documents=True,
    school_documents=True,
)


class Crash(BaseException):
    """The process is gone: nothing may catch this and go on."""


@dataclass
class MemoryMis:
    """Facts are plain attributes; what was written stays here when the connector stops or fails."""

    periods: tuple[Period, ...]
    pupils: dict[str, Pupil] = field(default_factory=dict)
    marks: dict[tuple[str, Session], Mark] = field(default_factory=dict)
    amendments: list[Amendment] = field(default_factory=list)
    plans: list[AttendancePlan] = field(default_factory=list)
    leave: list[LeaveRequest] = field(default_factory=list)
    exclusions: list[Exclusion] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    notices_to_improve: list[NoticeToImprove] = field(default_factory=list)
    form_decisions: list[FormDecision] = field(default_factory=list)
    pupil_records: list[PupilRecord] = field(default_factory=list)
    capabilities: Capabilities = ALL
    requests_sent: int = 0

    notes: list[tuple[str, NoteToWrite]] = field(default_factory=list)
    documents: list[tuple[str, DocumentToWrite]] = field(default_factory=list)

    faults: dict[str, list[BaseException | None]] = field(default_factory=dict)
    """Raised by the named method, one a call, in order; None: that call is answered."""
    lies: int = 0
    """So many writes are answered well and change nothing."""
    lost_answers: int = 0
    """So many writes happen, and then the connection is cut."""
    damage: int = 0
    """So many documents lose their last byte on the way."""
    crash_at: int | None = None
    """The process dies at this step of delivery (before or after a write); counted down."""
    refused: set[str] = field(default_factory=set)
    """Pupils whose writes the MIS refuses."""

    def mark(self, pupil_id: str, day: date, half: Half, code: str, minutes_late: int | None = None) -> None:
        """Enter or correct a mark."""
        self.marks[pupil_id, Session(day, half)] = Mark(pupil_id, day, half, code, minutes_late)

    def day(self, pupil_id: str, day: date, code: str) -> None:
        """Enter both marks of a day; "/" gives the afternoon its own sign."""
        self.mark(pupil_id, day, "AM", code)
        self.mark(pupil_id, day, "PM", "\\" if code == "/" else code)

    def check(self) -> list[Finding]:
        return []

    def pull(self, request: PullRequest) -> Iterator[Page]:
        self._step("pull")
        yield SchoolPage(MisSchool("1", "Hill Primary School"))
        yield CalendarPage(self.periods)
        yield PupilPage(tuple(self.pupils.values()))
        yield AllPupilsSent()
        yield RecordPage(
            tuple(self.plans),
            tuple(self.leave),
            tuple(self.exclusions),
            tuple(self.notices),
            tuple(self.notices_to_improve),
            tuple(self.form_decisions),
            tuple(self.pupil_records),
        )
        start = request.history_from or date(2000, 1, 1)
        sent = [m for m in self.marks.values() if start <= m.date <= request.until]
        for first in range(0, len(sent), 100):
            self._step("page")
            yield MarkPage(tuple(sent[first : first + 100]))
        yield AllMarksSent(start, request.until)
        yield AmendmentPage(tuple(self.amendments))
        yield PullEnd(request.until.isoformat())

    def find_notes(self, pupil_id: str, key: str) -> list[Found]:
        self._step("find_notes")
        return [
            Found(reference, note.summary, note.text)
            for reference, note in self.notes
            if note.pupil_id == pupil_id and note.key == key
        ]

    def write_note(self, note: NoteToWrite) -> str:
        reference = f"note-{len(self.notes) + 1}"
        self._before(note.pupil_id, note.upn, "write_note")
        if not self._lied():
            self.notes.append((reference, note))
        self._after()
        return reference

    def find_documents(self, pupil_id: str | None, key: str) -> list[Found]:
        self._step("find_documents")
        return [
            Found(reference, document.file_name)
            for reference, document in self.documents
            if document.pupil_id == pupil_id and document.key == key
        ]

    def write_document(self, document: DocumentToWrite) -> str:
        reference = f"document-{len(self.documents) + 1}"
        self._before(document.pupil_id, document.upn, "write_document")
        if self.damage:
            self.damage -= 1
            document = replace(document, content=document.content[:-1])
        if not self._lied():
            self.documents.append((reference, document))
        self._after()
        return reference

    def read_document(self, reference: str) -> bytes:
        self._step("read_document")
        return next(document.content for own, document in self.documents if own == reference)

    def close(self) -> None:
        """Nothing to give back."""

    @property
    def doubles(self) -> list[tuple[str, str]]:
        """Every (key, name) that is there more than once: there must never be one."""
        names = Counter((d.key, d.file_name) for _, d in self.documents)
        names.update((n.key, n.summary) for _, n in self.notes)
        return [name for name, count in names.items() if count > 1]

    def titles(self, pupil_id: str | None) -> list[str]:
        """Return what staff find on a pupil: file names and the summaries of notes without their keys, sorted."""
        found = [d.file_name for _, d in self.documents if d.pupil_id == pupil_id]
        found += [n.summary[: -len(" [AC-XXXXXXXX]")] for _, n in self.notes if n.pupil_id == pupil_id]
        return sorted(found)

    def _step(self, method: str) -> None:
        self.requests_sent += 1
        waiting = self.faults.get(method)
        if waiting:
            fault = waiting.pop(0)
            if fault is not None:
                raise fault

    def _before(self, pupil_id: str | None, upn: str, method: str) -> None:
        self._count_down()
        self._step(method)
        if pupil_id is None:
            return
        known = self.pupils.get(pupil_id)
        if pupil_id in self.refused or known is None or known.upn != upn:
            raise SkippableError("the MIS refuses this pupil")

    def _after(self) -> None:
        self._count_down()
        if self.lost_answers:
            self.lost_answers -= 1
            raise RetryableError("the connection was cut")

    def _lied(self) -> bool:
        if self.lies:
            self.lies -= 1
            return True
        return False

    def _count_down(self) -> None:
        if self.crash_at is not None:
            self.crash_at -= 1
            if self.crash_at < 0:
                self.crash_at = None
                raise Crash


FIRST_DAY = date(2025, 9, 3)
PERIODS = (
    Period("year", "2024/25", date(2024, 9, 1), date(2025, 8, 31)),
    Period("year", "2025/26", date(2025, 9, 1), date(2026, 8, 31)),
    Period("term", "Summer", date(2025, 4, 22), date(2025, 7, 22)),
    Period("half_term", "Summer 2", date(2025, 6, 2), date(2025, 7, 22)),
    Period("term", "Autumn", FIRST_DAY, date(2025, 12, 19)),
    Period("half_term", "Autumn 1", FIRST_DAY, date(2025, 10, 24)),
    Period("half_term", "Autumn 2", date(2025, 11, 3), date(2025, 12, 19)),
    Period("term", "Spring", date(2026, 1, 5), date(2026, 3, 27)),
    Period("half_term", "Spring 1", date(2026, 1, 5), date(2026, 2, 13)),
    Period("half_term", "Spring 2", date(2026, 2, 23), date(2026, 3, 27)),
)
CALENDAR = Calendar(PERIODS)


def parent(number: int) -> Contact:
    """Return a parent to whom letters may go."""
    return Contact(
        contact_id=f"c{number}",
        title="Ms",
        forename="Alex",
        surname=f"Parent{number}",
        priority=1,
        parental_responsibility=True,
        address=Address((f"{number} High Street",), town="Hull", postcode="HU1 1AA"),
    )


def made_up_pupil(number: int, **facts: object) -> Pupil:
    """Pupil number ``number``: of compulsory age, on roll, with one parent."""
    own = {
        "pupil_id": str(number),
        "upn": f"A{number:012d}",
        "legal_forename": f"First{number}",
        "legal_surname": f"Last{number}",
        "date_of_birth": date(2016, 3, 1),
        "year_group": "5",
        "registration_group": "5A",
        "contacts": (parent(number),),
    }
    return Pupil(**(own | facts))  # type: ignore[arg-type]


def small_school(pupils: int = 3, until: date = date(2025, 12, 19)) -> MemoryMis:
    """Return a school with everybody present on every day of the autumn term up to a day."""
    mis = MemoryMis(PERIODS, {str(n): made_up_pupil(n) for n in range(1, pupils + 1)})
    for day in school_days(FIRST_DAY, until):
        for pupil_id in mis.pupils:
            mis.day(pupil_id, day, "/")
    return mis


def school_days(start: date, end: date) -> list[date]:
    """School days between two dates, both counted."""
    return [day for day in CALENDAR.school_days if start <= day <= end]


def at(day: date, hour: int = 17) -> datetime:
    """Return a moment of a day."""
    from datetime import UTC

    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


def next_day(day: date) -> date:
    """Return the school day after."""
    found = CALENDAR.next_school_day(day + timedelta(days=1))
    assert found is not None
    return found
