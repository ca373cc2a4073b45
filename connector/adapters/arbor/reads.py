"""A pull from Arbor: the school, its codes and calendar, pupils with their contacts, marks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from connector.adapters.arbor import school as facts
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
from connector.adapters.arbor.marks import MarkReader, window_start
from connector.adapters.arbor.people import (
    COURT_ORDER_PARTIES,
    ENROLMENT,
    OF_PERSON,
    OF_STUDENT,
    STUDENT,
    Batch,
    by_owner,
    grouped,
    pupil_of,
)
from connector.adapters.arbor.rows import Row, Source, Want, related_id
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
    _left_out: dict[str, str] = field(default_factory=dict)
    """Students of this pull whose facts cannot be used, and why."""
    _joined: set[str] = field(default_factory=set)
    """Pupils of this pull whose enrolments overlap or have no day."""

    def pull(self, request: PullRequest) -> Iterator[Page]:
        """Yield pages as base.Adapter.pull says."""
        self.source.forget()
        self._left_out.clear()
        self._joined.clear()
        before = read_bookmark(request.bookmark)
        if before and (
            request.until < before.until
            or (request.until - before.full).days >= self.settings.full_after_days
        ):
            before = None
        # revisions first: a row that changes while we read has a higher one and comes again next time
        logs = self._logs(before) if before else {}
        revisions = {name: log.revision for name, log in logs.items()} or self._first_revisions(request)
        calendar, letters, school_pages = self._school(request.until)
        yield from school_pages
        warnings: list[str] = []
        if before:
            pupils = before.pupils
            yield from self._changed_pupils(logs, before, request, calendar)
        else:
            pupils = 0
            for page in self._all_pupils(request, calendar):
                pupils += len(page.pupils)
                yield page
            yield from self._everybody()
        marks = MarkReader(self.source, self.settings, letters)
        if before:
            yield from self._changed_marks(marks, logs[MARK_TYPE], before, request, calendar)
        else:
            yield from self._all_marks(
                marks, self._history(request, calendar), request.until, calendar, pupils
            )
        if marks.unknown_roll_calls:
            warnings.append(
                f"marks of the roll calls {', '.join(sorted(marks.unknown_roll_calls))} were left out: they are "
                "neither morning nor afternoon in the settings"
            )
        if marks.spoilt:
            warnings.append(f"{len(marks.spoilt)} marks were left out: their date or minutes cannot be read")
        warnings += joined_warning(len(self._joined))
        warnings += [f"pupil {who} was left out: {why} is not a date" for who, why in self._left_out.items()]
        full = before.full if before else request.until
        again = tuple(sorted(self._left_out))
        yield PullEnd(Bookmark(revisions, request.until, full, pupils, again).text(), tuple(warnings))

    def _types(self) -> tuple[str, ...]:
        court = COURT_TYPES if self.settings.court_order_parties == "adults" else ()
        return (*PUPIL_TYPES, *court, MARK_TYPE)

    # the school --------------------------------------------------------------------------------------------

    def _school(self, day: date) -> tuple[Calendar, dict[str, str], list[Page]]:
        wants = [facts.SCHOOL, facts.codes_want(self.settings), facts.YEARS, facts.TERMS, facts.HOLIDAYS]
        if self.settings.school_days and self.settings.reads == "graphql":
            wants.append(facts.NO_SCHOOL)
        schools, codes, years, terms, holidays, *rest = self.source.fetch(wants)
        here = facts.this_school(schools, self.settings)
        owner = [str(here["id"])]
        addresses, emails, telephones = self.source.fetch(
            [
                facts.ADDRESSES.where("occupant__id", "in", owner),
                facts.EMAILS.where("emailAddressOwner__id", "in", owner),
                facts.TELEPHONES.where("numberOwner__id", "in", owner),
            ]
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
        return request.history_from or min(calendar.years[0].start, calendar.sessions[0].date)

    def _all_pupils(self, request: PullRequest, calendar: Calendar) -> Iterator[PupilPage]:
        """Yield everybody enrolled at any time since the history's first day."""
        enrolment = Want(ENROLMENT, "id student { id }")
        since = self._history(request, calendar).isoformat()
        rows = self.source.fetch(
            [enrolment.where("leavingDate", "equals", None), enrolment.where("leavingDate", "from", since)]
        )
        ids = {related_id(row, "student") for found in rows for row in found} - {""}
        yield from self._pupils(sorted(ids, key=_by_number), request.until)

    def _changed_pupils(
        self, logs: dict[str, Log], before: Bookmark, request: PullRequest, calendar: Calendar
    ) -> Iterator[Page]:
        of_pupils = {name: log for name, log in logs.items() if name != MARK_TYPE}
        traced = trace(self.source, come_due(self.source, of_pupils, before.until, request.until))
        if traced.everyone:
            yield from self._all_pupils(request, calendar)
            yield from self._everybody()
            return
        wanted = (traced.students | set(before.again)) - traced.removed
        yield from self._pupils(sorted(wanted, key=_by_number), request.until)
        if traced.removed:
            yield PupilPage((), tuple(sorted(traced.removed)))

    def _everybody(self) -> Iterator[AllPupilsSent]:
        """Yield AllPupilsSent only when nobody was left out: who was left out is not gone from Arbor."""
        if not self._left_out:
            yield AllPupilsSent()

    def _pupils(self, ids: Sequence[str], day: date) -> Iterator[PupilPage]:
        size = self.settings.pupils_at_a_time
        for place in range(0, len(ids), size):
            pupils = self._batch(ids[place : place + size], day)
            if pupils:
                yield PupilPage(tuple(pupils))

    def _batch(self, ids: Sequence[str], day: date) -> list[Pupil]:
        """Return some pupils with everything round them, in two or three calls."""
        names = list(OF_STUDENT)
        students, *rows = self.source.fetch(
            [
                STUDENT.where("id", "in", ids),
                *(OF_STUDENT[name].where("student__id", "in", ids) for name in names),
            ]
        )
        of_student = {name: grouped(found, "student") for name, found in zip(names, rows, strict=True)}
        adults = [
            row["guardian"] for row in _flat(of_student["StudentGuardianRelationship"]) if row.get("guardian")
        ]
        pupil_persons = _ids(row.get("person") for row in students)
        persons = sorted(pupil_persons | _ids(adult.get("person") for adult in adults))
        guardians = _ids(adults)
        owners = sorted(guardians | set(persons))
        wants = [
            OF_PERSON["EligibilityRecord"].where("person__id", "in", sorted(pupil_persons)),
            OF_PERSON["CustomGroupMembership"].where("person__id", "in", sorted(pupil_persons)),
            OF_PERSON["LanguageAbility"].where("person__id", "in", persons),
            facts.ADDRESSES.where("occupant__id", "in", owners),
            facts.EMAILS.where("emailAddressOwner__id", "in", owners),
        ]
        eligible, groups, languages, addresses, emails = self.source.fetch(wants)
        batch = Batch(
            students=students,
            of_student=of_student,
            of_person={
                "EligibilityRecord": grouped(eligible, "person"),
                "CustomGroupMembership": grouped(groups, "person"),
                "LanguageAbility": grouped(languages, "person"),
            },
            addresses=by_owner(addresses, "occupant"),
            emails=by_owner(emails, "emailAddressOwner"),
            orders=self._orders(sorted({*owners, *ids})),
        )
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
                    self._joined.add(pupil.pupil_id)
        return found

    def _orders(self, parties: Sequence[str]) -> list[Row]:
        """Return the parties of every court order that names one of these adults or pupils."""
        if self.settings.court_order_parties == "none" or not parties:
            return []
        named = self.source.fetch([COURT_ORDER_PARTIES.where("party__id", "in", parties)])[0]
        orders = sorted({related_id(row, "courtOrder") for row in named} - {""})
        if not orders:
            return []
        return self.source.fetch([COURT_ORDER_PARTIES.where("courtOrder__id", "in", orders)])[0]

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

    # revisions ---------------------------------------------------------------------------------------------

    def _logs(self, before: Bookmark) -> dict[str, Log]:
        return {name: read_log(self.client, name, before.revisions.get(name, 0)) for name in self._types()}

    def _first_revisions(self, request: PullRequest) -> dict[str, int]:
        """Return a revision from before this pull, shown by a mark: they change most."""
        return dict.fromkeys(self._types(), known_revision(self.client, MARK_TYPE, request.until))


def _by_number(row_id: str) -> tuple[int, str]:
    return (int(row_id) if row_id.isdigit() else 0, row_id)


def _ids(rows: Iterable[Row | None]) -> set[str]:
    return {str(row["id"]) for row in rows if row and row.get("id") is not None}


def _flat(rows: dict[str, list[Row]]) -> Iterator[Row]:
    return (row for found in rows.values() for row in found)
