"""A pull from Arbor: the school, its codes and calendar, pupils with their contacts, marks."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from connector.adapters.arbor import asked
from connector.adapters.arbor import school as facts
from connector.adapters.arbor.asked import ENROLMENT, OF_PERSON, OF_STUDENT, STUDENT
from connector.adapters.arbor.changes import (
    COURT_TYPES,
    MARK_TYPE,
    PUPIL_TYPES,
    Bookmark,
    Log,
    come_due,
    known_revision,
    read_bookmark,
    read_log,
    trace,
)
from connector.adapters.arbor.hidden import Hidden, Shown, look
from connector.adapters.arbor.marks import MarkReader, window_start
from connector.adapters.arbor.pupils.batch import Batch, by_owner, grouped
from connector.adapters.arbor.pupils.people import pupil_of
from connector.adapters.arbor.record_notes import records_of
from connector.adapters.arbor.rows import Owner, Row, Source, Want, related_id
from connector.adapters.arbor.settings import ArborSettings
from connector.adapters.base import (
    AllMarksSent,
    AllPupilsSent,
    CalendarPage,
    CodesPage,
    MarkPage,
    Page,
    PullEnd,
    PullRequest,
    PupilPage,
    RecordPage,
    SchoolPage,
)
from connector.adapters.spells import joined_warning
from connector.errors import DataError
from connector.http import Client
from rules.calendar import Calendar
from rules.school import Pupil


@dataclass
class Reads:
    """Reads one school. ``source`` reads rows; change logs are always REST."""

    client: Client
    source: Source
    settings: ArborSettings
    _hidden: Hidden = field(default_factory=Hidden)
    """What Arbor does not show in this pull."""
    _left_out: dict[str, str] = field(default_factory=dict)
    """Students of this pull whose facts cannot be used, and why."""
    _unknown: set[str] = field(default_factory=set)
    """Students who were asked for by id in this pull, and of whom Arbor gave no row."""
    joined: set[str] = field(default_factory=set)
    """Pupils of this pull whose enrolments overlap or have no day."""

    def pull(self, request: PullRequest) -> Iterator[Page]:
        """Yield pages as base.Adapter.pull says."""
        self.begin().stop()
        before = read_bookmark(request.bookmark)
        if before and (
            request.until < before.until
            or (request.until - before.full).days >= self.settings.full_after_days
        ):
            before = None
        # revisions first: a row that changes while we read has a higher one and comes again next time
        logs = self._logs(before) if before else {}
        revisions = {name: log.revision for name, log in logs.items()} or self._first_revisions(request)
        calendar, letters, school_pages = self.read_school(request.until)
        yield from school_pages
        if before:
            pupils = before.pupils
            yield from self._changed_pupils(logs, before, request, calendar)
        else:
            pupils = 0
            for page in self._all_pupils(request, calendar):
                pupils += len(page.pupils)
                yield page
            yield self._everybody()
        marks = MarkReader(self.shown, self.settings, letters)
        if before:
            yield from self._changed_marks(marks, logs[MARK_TYPE], before, request, calendar)
        else:
            yield from self._all_marks(
                marks, self._history(request, calendar), request.until, calendar, pupils
            )
        record_page, of_notes = self._records(_first_day(calendar), request.until)
        if record_page:
            yield record_page
        warnings = [
            *marks.warnings(),
            *joined_warning(len(self.joined)),
            *self.left_out_warnings(),
            *of_notes,
        ]
        full = before.full if before else request.until
        again = tuple(sorted(self._left_out))
        hidden = tuple(self._hidden.text())
        bookmark = Bookmark(revisions, request.until, full, pupils, again, hidden)
        yield PullEnd(bookmark.text(), tuple(warnings))

    def begin(self) -> Hidden:
        """Forget the pull before, and find out what Arbor shows; return what it hides."""
        self.source.forget()
        self._left_out.clear()
        self._unknown.clear()
        self.joined.clear()
        self._hidden = look(self.source, asked.asked(self.settings))
        return self._hidden

    @property
    def shown(self) -> Shown:
        """The source, without what Arbor does not show."""
        return Shown(self.source, self._hidden)

    def left_out_warnings(self) -> list[str]:
        """Return a warning for each pupil who was left out."""
        return [f"pupil {who} was left out: {why} is not a date" for who, why in self._left_out.items()]

    def logged_types(self) -> tuple[str, ...]:
        """Return the types whose change log says what is new, those that Arbor hides left out."""
        court = COURT_TYPES if self.settings.court_order_parties == "adults" else ()
        return tuple(name for name in (*PUPIL_TYPES, *court, MARK_TYPE) if not self._hidden.has(name))

    # the school --------------------------------------------------------------------------------------------

    def read_school(self, day: date) -> tuple[Calendar, dict[str, str], list[Page]]:
        """Return the calendar, the letters of attendance marks, and the pages that say so."""
        wants = [asked.SCHOOL, asked.codes_want(self.settings), asked.YEARS, asked.TERMS, asked.HOLIDAYS]
        if self.settings.school_days and self.settings.reads == "graphql":
            wants.append(asked.NO_SCHOOL)
        schools, codes, years, terms, holidays, *rest = self.shown.fetch(wants)
        here = facts.this_school(schools, self.settings)
        addresses, emails, telephones = self.shown.fetch(
            _of_owners([("EducationalInstitution", str(here["id"]))])
        )
        periods = facts.periods_of(years, terms, holidays, rest[0] if rest else [], self.settings)
        pages: list[Page] = [
            SchoolPage(facts.school_of(here, addresses, emails, telephones, day)),
            CodesPage(facts.codes_of(codes, self.settings)),
            CalendarPage(periods),
        ]
        return Calendar(periods), facts.mark_letters(codes, self.settings), pages

    # pupils ------------------------------------------------------------------------------------------------

    def _history(self, request: PullRequest, calendar: Calendar) -> date:
        """Return the first day that is wanted: as asked, else the start of the earliest academic year Arbor has."""
        return request.history_from or _first_day(calendar)

    def _all_pupils(self, request: PullRequest, calendar: Calendar) -> Iterator[PupilPage]:
        """Yield everybody enrolled at any time since the history's first day."""
        enrolment = Want(ENROLMENT, "id student { id }")
        since = self._history(request, calendar).isoformat()
        rows = self.shown.fetch(
            [enrolment.where("leavingDate", "equals", None), enrolment.where("leavingDate", "from", since)]
        )
        ids = {related_id(row, "student") for found in rows for row in found} - {""}
        yield from self._pupils(sorted(ids, key=_by_number), request.until)

    def _changed_pupils(
        self, logs: dict[str, Log], before: Bookmark, request: PullRequest, calendar: Calendar
    ) -> Iterator[Page]:
        of_pupils = {name: log for name, log in logs.items() if name != MARK_TYPE}
        traced = trace(self.shown, come_due(self.shown, of_pupils, before.until, request.until))
        if traced.everyone or before.hidden != tuple(self._hidden.text()):
            yield from self._all_pupils(request, calendar)
            yield self._everybody()
            return
        wanted = (traced.students | set(before.again)) - traced.removed
        yield from self._pupils(sorted(wanted, key=_by_number), request.until)
        removed = traced.removed | self._unknown
        if removed:
            yield PupilPage((), tuple(sorted(removed)))

    def _everybody(self) -> AllPupilsSent:
        """Return that everybody was sent, but for those who were left out: they are not gone from Arbor."""
        return AllPupilsSent(tuple(sorted(self._left_out)))

    def _pupils(self, ids: Sequence[str], day: date) -> Iterator[PupilPage]:
        size = self.settings.pupils_at_a_time
        for place in range(0, len(ids), size):
            pupils = self.batch(ids[place : place + size], day)
            if pupils:
                yield PupilPage(tuple(pupils))

    def batch(self, ids: Sequence[str], day: date) -> list[Pupil]:
        """Return some pupils with everything round them, in two or three calls."""
        names = list(OF_STUDENT)
        students, *rows = self.shown.fetch(
            [
                STUDENT.where("id", "in", ids),
                *(OF_STUDENT[name].where("student__id", "in", ids) for name in names),
            ]
        )
        of_student = {name: grouped(found, "student") for name, found in zip(names, rows, strict=True)}
        adults = [
            row["guardian"] for row in _flat(of_student["StudentGuardianRelationship"]) if row.get("guardian")
        ]
        pupils = _owners("Student", students) | _owners("Person", (row.get("person") for row in students))
        owners = _owners("Guardian", adults) | _owners("Person", (adult.get("person") for adult in adults))
        eligible, groups, languages, addresses, emails, telephones = self.shown.fetch(
            [
                OF_PERSON["EligibilityRecord"].of("person", pupils),
                OF_PERSON["CustomGroupMembership"].of("person", pupils),
                OF_PERSON["LanguageAbility"].of("person", pupils | owners),
                *_of_owners(owners),
            ]
        )
        batch = Batch(
            students=students,
            of_student=of_student,
            of_person={
                "EligibilityRecord": by_owner(eligible, "person"),
                "CustomGroupMembership": by_owner(groups, "person"),
                "LanguageAbility": by_owner(languages, "person"),
            },
            addresses=by_owner(addresses, "occupant"),
            emails=by_owner(emails, "emailAddressOwner"),
            telephones=by_owner(telephones, "numberOwner"),
            orders=self._orders(pupils | owners),
            hidden=self._hidden,
        )
        self._unknown |= set(ids) - _ids(students)
        found = []
        for student in students:
            try:
                pupil = pupil_of(student, batch, day, self.settings)
            except DataError as error:  # one pupil's slip must not keep the school from its registers
                self._left_out[str(student["id"])] = error.findings[0].where
                continue
            if pupil is not None:
                found.append(pupil)
                if len(pupil.spells) < len(of_student[ENROLMENT][pupil.pupil_id]):
                    self.joined.add(pupil.pupil_id)
        return found

    def _orders(self, parties: set[Owner]) -> list[Row]:
        """Return the parties of every court order that names one of these adults or pupils."""
        if self.settings.court_order_parties == "none" or not parties:
            return []
        named = self.shown.fetch([asked.COURT_ORDER_PARTIES.of("party", parties)])[0]
        orders = sorted({related_id(row, "courtOrder") for row in named} - {""})
        if not orders:
            return []
        return self.shown.fetch([asked.COURT_ORDER_PARTIES.where("courtOrder__id", "in", orders)])[0]

    # marks -------------------------------------------------------------------------------------------------

    def _all_marks(
        self, marks: MarkReader, start: date, until: date, calendar: Calendar, pupils: int
    ) -> Iterator[Page]:
        for found, _ in marks.between(start, until, calendar.school_days, pupils):
            if found:
                yield MarkPage(tuple(found))
        if start <= until:
            yield AllMarksSent(start, until)

    def _changed_marks(
        self, marks: MarkReader, log: Log, before: Bookmark, request: PullRequest, calendar: Calendar
    ) -> Iterator[Page]:
        """Yield the last days whole, and of what lies before them what the change log names.

        A deleted row is known by its number only; then every recent mark is read, and those that are not among
        them are gone.
        """
        start = window_start(self.settings, request, before.until)
        known: set[str] = set()
        if log.deleted:
            start = request.by_date_from(before.until)
        for found, ids in marks.between(start, request.until, calendar.school_days, before.pupils):
            known |= ids
            if found:
                yield MarkPage(tuple(found))
        if start <= request.until:
            yield AllMarksSent(start, request.until)
        changed = [row_id for row_id in log.changed if row_id not in known]
        missing = set(changed)
        for found, ids in marks.by_id(changed, request.until):
            missing -= ids
            if found:
                yield MarkPage(tuple(found))
        if missing and not log.deleted:  # deleted while we were reading
            yield from self._all_marks(marks, request.recent_from, request.until, calendar, before.pupils)

    # records -----------------------------------------------------------------------------------------------

    def _records(self, since: date, until: date) -> tuple[RecordPage | None, list[str]]:
        """Return every record that pastoral notes of these days hold, and warnings; no page where Arbor hides them.

        A short look at the MIS asks for all of them too: the page replaces what was read before. Where no wording is
        agreed nothing is asked, and the page is empty: what an earlier agreement gave is gone.
        """
        rows: list[Row] = []
        if self.settings.record_notes:
            rows = self.shown.fetch([asked.RECORD_NOTES.where("noteDate", "from", since.isoformat())])[0]
            if self._hidden.has(asked.RECORD_NOTES.type):
                return None, ["Arbor does not show pastoral notes: no record was read from them"]
        records, warnings = records_of(rows, self.settings.record_notes, until)
        return RecordPage(pupil_records=records), warnings

    # revisions ---------------------------------------------------------------------------------------------

    def _logs(self, before: Bookmark) -> dict[str, Log]:
        return {
            name: read_log(self.client, name, before.revisions.get(name, 0)) for name in self.logged_types()
        }

    def _first_revisions(self, request: PullRequest) -> dict[str, int]:
        """Return a revision from before this pull, shown by a mark: they change most."""
        return dict.fromkeys(self.logged_types(), known_revision(self.client, MARK_TYPE, request.until))


def _first_day(calendar: Calendar) -> date:
    return min(calendar.years[0].start, calendar.sessions[0].date)


def _of_owners(owners: Collection[Owner]) -> list[Want]:
    """Return what to ask for addresses, emails and telephone numbers of these owners."""
    return [
        asked.ADDRESSES.of("occupant", owners),
        asked.EMAILS.of("emailAddressOwner", owners),
        asked.TELEPHONES.of("numberOwner", owners),
    ]


def _owners(type_name: str, rows: Iterable[Row | None]) -> set[Owner]:
    return {(type_name, row_id) for row_id in _ids(rows)}


def _by_number(row_id: str) -> tuple[int, str]:
    return (int(row_id) if row_id.isdigit() else 0, row_id)


def _ids(rows: Iterable[Row | None]) -> set[str]:
    return {str(row["id"]) for row in rows if row and row.get("id") is not None}


def _flat(rows: dict[str, list[Row]]) -> Iterator[Row]:
    return (row for found in rows.values() for row in found)
