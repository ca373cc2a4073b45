"""Everything the mock SIMS holds: what the made-up school knows by today, and marks posted by clients."""

from __future__ import annotations

import time
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from connector.mock.school.corrections import LONDON
from connector.mock.sims import school_rows
from connector.mock.sims.filter import QueryError, Row, bounds, utc_text
from connector.mock.sims.query import Query, chosen
from connector.mock.sims.schema import sets_without
from connector.mock.world import World
from rules.school import Mark, Session


class SimsOptions(BaseModel):
    """How this SIMS behaves; the defaults are what is documented (docs/mis-sims.md)."""

    model_config = ConfigDict(extra="forbid")

    calls_per_second: int | None = Field(default=5, ge=0)
    """More calls within a second get 429; 0 or None: no limit."""
    largest_page: int = Field(default=1000, ge=1)
    """Most rows of a page, even when more are asked for."""
    largest_expand: int | None = Field(default=None, ge=1)
    """Expanded rows inside a row at most; None: all."""
    next_link: bool = True
    """Pages that the server cut short carry @odata.nextLink."""
    days_per_call: int = Field(default=90, ge=1)
    """Days of marks in one call at most; without dates in the filter the last so many days are given."""
    token_seconds: int = Field(default=3600, ge=1)
    """How long a token is good."""
    withheld: tuple[str, ...] = ()
    """Fields left out for lack of rights, such as "LearnerPersonals.DateOfBirth" or "Address.Town"."""
    absent: tuple[str, ...] = ()
    """Sets and fields that this SIMS does not have: not in $metadata, and a query that names one gets 400 or 404."""
    not_to_be_contacted: tuple[str, ...] = ()
    """Ids of pupils with DoNotCommunicate."""
    stale_links: int = Field(default=0, ge=0)
    """Every so many-th pupil came by an applicant record that still has a contact who was unlinked since; 0: none."""


class State:
    """Rows by area, kept in step with the world. Every caller holds ``world.lock``."""

    def __init__(self, world: World, options: SimsOptions) -> None:
        self.world = world
        self.options = options
        self.sets = sets_without(options.absent)
        """Every set by area, but for what this SIMS does not have."""
        self._version: tuple[date, int] | None = None
        self._rows: dict[str, Sequence[Row]] = {}
        self._contacts: dict[str, list[Row]] = {}
        self._marks: list[Mark] = []
        self._mark_days: list[date] = []
        self._by_learner: dict[str, list[Mark]] = {}
        self._guids: dict[tuple[str, date, str], str] = {}
        self._answers: dict[tuple[Any, ...], list[Row]] = {}
        self._delayed: list[tuple[float, Mark]] = []
        school = world.school
        self._rows["schools"] = [school_rows.school_row(school)]
        self._rows["sessions"] = [school_rows.session_row(session) for session in school.calendar.sessions]
        self._rows["periods"] = [school_rows.period_row(n, p) for n, p in enumerate(school.calendar.periods)]
        self._rows["statutory_codes"] = list(school_rows.statutory_codes(school))
        self._session_of = {
            row["ExternalID"]: session
            for row, session in zip(self._rows["sessions"], school.calendar.sessions, strict=True)
        }

    def sync(self) -> None:
        """Bring the rows up to what the school knows by today."""
        self._let_delayed_take_effect()
        version = self.world.version
        if version == self._version:
            return
        self._version = version
        self._answers.clear()
        school, today = self.world.school, self.world.today
        pupils = school.pupils_known(today)
        silent = self.options.not_to_be_contacted
        self._rows["learners"] = [
            school_rows.learner_row(pupil, today) | {"DoNotCommunicate": pupil.pupil_id in silent}
            for pupil in pupils
        ]
        self._rows["personals"] = [school_rows.personal_row(pupil) for pupil in pupils]
        self._rows["groups"] = list(school_rows.group_rows(pupils))
        every = self.options.stale_links
        self._contacts = {
            school_rows.guid("learner", p.pupil_id): list(
                school_rows.contact_rows(p, stale=bool(every) and number % every == 0)
            )
            for number, p in enumerate(pupils)
        }
        self._rows["contacts"] = [row for rows in self._contacts.values() for row in rows]
        self._marks = sorted(school.marks_known(today, ahead=True), key=lambda mark: mark.date)
        self._mark_days = [mark.date for mark in self._marks]
        by_learner: dict[str, list[Mark]] = defaultdict(list)
        for mark in self._marks:
            by_learner[mark.pupil_id].append(mark)
        self._by_learner = {
            school_rows.guid("learner", pupil_id): marks for pupil_id, marks in by_learner.items()
        }
        changes = school.amendments_known(today, ahead=True)
        self._rows["histories"] = [school_rows.history_row(n, change) for n, change in enumerate(changes)]
        met = {mark.code for mark in self._marks} | {c for a in changes for c in (a.original, a.amended) if c}
        self._rows["codes"] = list(school_rows.code_rows(school, sorted(met)))

    def left_out(self, of: str) -> set[str]:
        """Return the fields of a set or a complex type that are neither shown nor there."""
        named = (*self.options.withheld, *self.options.absent)
        return {word.partition(".")[2] for word in named if word.startswith(f"{of}.")}

    # reading -----------------------------------------------------------------------------------------------

    def asked(self, query: Query, *, of: Row | None = None, since: datetime | None = None) -> list[Row]:
        """Return the rows that a query chooses: of a whole set, those behind the row ``of``, or those changed since.

        Raises QueryError for more days of marks than a call may have.
        """
        if of is not None:
            return chosen(self._behind(query, of), query)
        key = (query.set.area, query.filter_text, query.order, since)
        if key not in self._answers:
            rows = self._changed(query, since) if since else self._candidates(query)
            if len(self._answers) > 6:
                self._answers.clear()
            self._answers[key] = chosen(rows, query)
        return self._answers[key]

    def find(self, area: str, external_id: str) -> Row | None:
        """One row by its ExternalID."""
        wanted = external_id.lower()
        if area == "records":
            held = next((mark for mark in self._marks if self._guid(mark) == wanted), None)
            return self._record(held) if held else None
        return next((row for row in self._rows[area] if row["ExternalID"] == wanted), None)

    def _candidates(self, query: Query) -> Iterable[Row]:
        if not query.set.dated:
            return self._rows[query.set.area]
        first, last = self._days(query)
        if query.set.area == "records":
            return [self._record(mark) for mark in self._between(self._marks, first, last)]
        field = query.set.dated
        start, end = first.isoformat(), (last + timedelta(days=1)).isoformat()
        return [row for row in self._rows[query.set.area] if start <= row[field] < end]

    def _behind(self, query: Query, of: Row) -> Iterable[Row]:
        """Rows behind a navigation property."""
        if query.set.area == "learners":
            field = "CurrentYearGroup" if of["GroupType"] == "YearGroup" else "CurrentPrimaryClass"
            return [
                row
                for row in self._rows["learners"]
                if row[field] and row[field]["ExternalID"] == of["ExternalID"]
            ]
        external_id = of["ExternalID"]
        if query.set.area == "contacts":
            return self._contacts.get(external_id, [])
        first, last = self._days(query)
        marks = self._by_learner.get(external_id, [])
        return [self._record(mark) for mark in marks if first <= mark.date <= last]

    def _changed(self, query: Query, since: datetime) -> Iterable[Row]:
        if datetime.combine(self.world.today, datetime.min.time(), UTC) - since > timedelta(
            days=self.options.days_per_call
        ):
            raise QueryError(f"startDate must lie within the last {self.options.days_per_call} days.")
        if query.set.area == "records":
            return [self._record(mark) for mark in self._marks if _recorded(mark) >= since]
        text = utc_text(since)
        return [row for row in self._rows[query.set.area] if row["ChangedOn"] >= text]

    def _days(self, query: Query) -> tuple[date, date]:
        """Return the days of marks that a query can mean: as its filter says, else the last that one call may have."""
        low, high = bounds(query.filter, query.set.dated)
        most = timedelta(days=self.options.days_per_call)
        if low and high and high - low > most:
            raise QueryError(f"A maximum of {most.days} days of attendance can be requested in one call.")
        if low and not high and low.date() < self.world.today - most:
            raise QueryError(f"A maximum of {most.days} days of attendance can be requested in one call.")
        last = high.date() if high else self.world.today
        return (low.date() if low else last - most), last

    def _between(self, marks: Sequence[Mark], first: date, last: date) -> Sequence[Mark]:
        return marks[bisect_left(self._mark_days, first) : bisect_right(self._mark_days, last)]

    def _record(self, mark: Mark) -> dict[str, Any]:
        return school_rows.record_row(mark, self._guid(mark))

    def _guid(self, mark: Mark) -> str:
        key = (mark.pupil_id, mark.date, mark.half)
        if key not in self._guids:
            self._guids[key] = school_rows.guid("record", f"{mark.pupil_id}/{mark.date}/{mark.half}")
        return self._guids[key]

    # writing -----------------------------------------------------------------------------------------------

    def post_record(self, body: Mapping[str, Any], *, effect: bool, seen_after: float) -> Row:
        """Make or change a mark as the documented body says; return its row. Raises QueryError for a body that will not do.

        ``effect`` False answers as if done; ``seen_after`` seconds pass until reads see it.
        """
        mark = self._posted(body)
        if not effect:
            return self._record(mark)
        if seen_after:
            self._delayed.append((time.monotonic() + seen_after, mark))
        else:
            self._take_in(mark)
        return self._record(mark)

    def _posted(self, body: Mapping[str, Any]) -> Mark:
        learner = self.find("learners", _pointed(body, "Attendee"))
        personal = self.find("personals", _pointed(body, "Attendee"))
        session = self._session_of.get(_pointed(body, "Event"))
        code = self.find("codes", _pointed(body, "AttendanceCode"))
        for what, found in (("Attendee", learner), ("Event", session), ("AttendanceCode", code)):
            if found is None:
                raise QueryError(f"The {what} does not exist.")
        assert personal is not None
        assert session is not None
        assert code is not None
        qualifier = body.get("Qualifier") or {}
        minutes, comment = qualifier.get("MinutesLate"), qualifier.get("Comment")
        if minutes is not None and (not isinstance(minutes, int) or minutes < 0):
            raise QueryError("MinutesLate must be a whole number.")
        return Mark(
            personal["PersonID"],
            *Session(*session),
            code["Code"],
            minutes,
            comment or "",
            self.world.now(),
        )

    def _take_in(self, mark: Mark) -> None:
        self.world.school.correct_mark(
            mark.pupil_id,
            mark.date,
            mark.half,
            "" if mark.code == "-" else mark.code,
            at=mark.recorded_at,
            minutes_late=mark.minutes_late,
            comment=mark.comment,
        )
        self.sync()

    def _let_delayed_take_effect(self) -> None:
        due = [mark for at, mark in self._delayed if at <= time.monotonic()]
        self._delayed = [(at, mark) for at, mark in self._delayed if mark not in due]
        for mark in due:
            self._take_in(mark)


def _pointed(body: Mapping[str, Any], name: str) -> str:
    value = body.get(name)
    found = value.get("ExternalID") if isinstance(value, dict) else None
    if not isinstance(found, str):
        raise QueryError(f"{name} must be an object with ExternalID and Type.")
    return found.lower()


def _recorded(mark: Mark) -> datetime:
    return mark.recorded_at or datetime.combine(mark.date, school_rows.OPENS[mark.half], LONDON)
