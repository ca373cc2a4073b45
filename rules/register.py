"""The register: pupils × sessions as one matrix of code indices, together with the facts that rules need."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cached_property
from itertools import pairwise
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from rules.calendar import Calendar
from rules.codes import Class, CodeSet, code_set_on
from rules.pupil_record import PupilRecord
from rules.school import (
    NOTICE_STATES,
    Amendment,
    AttendancePlan,
    Exclusion,
    FlagDays,
    FormDecision,
    LeaveRequest,
    Mark,
    Nation,
    Notice,
    NoticeToImprove,
    Pupil,
    Session,
)

MAX_CODES = 255
_T = TypeVar("_T")


class RegisterError(ValueError):
    """Marks that cannot make a register; the text says which limit was met."""


@dataclass(frozen=True)
class Register:
    """All that is known of a school's attendance. Build one with :func:`build_register`.

    A record that two sources hold stands once; of two about one request for leave the one decided last. A penalty
    notice that was withdrawn is none.
    ``matrix[p, s]`` is an index into ``codes`` for pupil ``pupils[p]`` in session ``calendar.sessions[s]``;
    index 0 is a missing mark. Sessions off the pupil's roll hold 0 and count nowhere.
    """

    nation: Nation
    calendar: Calendar
    pupils: tuple[Pupil, ...]
    """Sorted by pupil_id as text."""
    codes: tuple[str, ...]
    """Codes as written, trimmed; codes[0] is the empty code."""
    matrix: NDArray[np.uint8]
    minutes_late: Mapping[tuple[int, int], int] = field(default_factory=dict)
    """Minutes late by (pupil index, session index), only where recorded."""
    comments: Mapping[tuple[int, int], str] = field(default_factory=dict)
    amendments: tuple[Amendment, ...] = ()
    attendance_plans: tuple[AttendancePlan, ...] = ()
    leave_requests: tuple[LeaveRequest, ...] = ()
    exclusions: tuple[Exclusion, ...] = ()
    notices: tuple[Notice, ...] = ()
    notices_to_improve: tuple[NoticeToImprove, ...] = ()
    form_decisions: tuple[FormDecision, ...] = ()
    pupil_records: tuple[PupilRecord, ...] = ()
    """What people did: meetings, visits, calls, contracts, part-time timetables and the like."""
    flag_days: Mapping[str, tuple[FlagDays, ...]] = field(default_factory=dict)
    """By pupil id which flags held when, of pupils whose flags were seen to change. The flags of others hold on all days."""
    past_dates: Mapping[str, tuple[tuple[str, date], ...]] = field(default_factory=dict)
    """By pupil id the dates of part-time timetables that are over and no longer recorded: ("part_time_from", day)."""
    welsh_d_attended: bool = True
    closed_up_to: Session | None = None
    """The last session whose register is closed. A later one is not yet: in no figure and before no rule. None: all count."""
    left_out: NDArray[np.bool_] | None = None
    """Pupils × sessions that count as not possible and carry no code, whatever is recorded. None: every one counts."""
    warnings: tuple[str, ...] = ()
    """What was passed over while building, without personal data."""

    def __post_init__(self) -> None:
        for name in ("attendance_plans", "notices_to_improve", "form_decisions", "pupil_records"):
            object.__setattr__(self, name, tuple(dict.fromkeys(getattr(self, name))))
        object.__setattr__(self, "notices", _standing(self.notices))
        object.__setattr__(self, "leave_requests", _one_of_each(self.leave_requests))

    @property
    def sessions(self) -> tuple[Session, ...]:
        """Every open session of the calendar in order; the matrix's columns."""
        return self.calendar.sessions

    @cached_property
    def row_of(self) -> dict[str, int]:
        """Pupil id to matrix row."""
        return {pupil.pupil_id: row for row, pupil in enumerate(self.pupils)}

    def pupil(self, pupil_id: str) -> Pupil:
        """Return the pupil with that id. Raise KeyError when there is none."""
        return self.pupils[self.row_of[pupil_id]]

    def find(self, pupil_id: str | None) -> Pupil | None:
        """Return the pupil with that id; None when the register has none (or no id is given)."""
        row = self.row_of.get(pupil_id or "")
        return None if row is None else self.pupils[row]

    @cached_property
    def session_day(self) -> NDArray[np.int32]:
        """For each session the index of its day in calendar.school_days."""
        index = {day: number for number, day in enumerate(self.calendar.school_days)}
        return np.array([index[session.date] for session in self.sessions], dtype=np.int32)

    @cached_property
    def day_bounds(self) -> NDArray[np.int32]:
        """For each school day the index of its first session, with the number of sessions at the end."""
        days = len(self.calendar.school_days)
        return np.searchsorted(self.session_day, np.arange(days + 1)).astype(np.int32)

    @cached_property
    def on_roll(self) -> NDArray[np.bool_]:
        """Pupils × sessions: the pupil was on roll on that day."""
        return on_roll_matrix(self.pupils, self.sessions)

    def with_flag(self, flag: str) -> NDArray[np.bool_]:
        """Return pupils × sessions: the pupil had this flag on that day, whatever is recorded now."""
        ordinals = _ordinals(self.sessions)
        had = np.zeros((len(self.pupils), len(ordinals)), dtype=np.bool_)
        for row, pupil in enumerate(self.pupils):
            for stretch in self.flag_days.get(pupil.pupil_id, (FlagDays(pupil.flags),)):
                if flag in stretch.flags:
                    had[row] |= _between(ordinals, stretch.start, stretch.end)
        return had

    @cached_property
    def closed_count(self) -> int:
        """How many of the sessions, from the first on, are closed."""
        return bisect_right(self.sessions, self.closed_up_to) if self.closed_up_to else len(self.sessions)

    def until(self, last: Session | None) -> Register:
        """Return the register as it stands when ``last`` is the last session whose register is closed."""
        return replace(self, closed_up_to=last)

    def without(self, sessions: NDArray[np.bool_]) -> Register:
        """Return the register in which some sessions (pupils × sessions) count as not possible, whatever their code."""
        return replace(self, left_out=sessions)

    def with_codes(self, codes: Mapping[tuple[str, Session], str]) -> Register:
        """Return the register with other codes in some sessions, by pupil id and session; those not on roll stay empty."""
        table = list(dict.fromkeys([*self.codes, *("" if code == "-" else code for code in codes.values())]))
        number = {code: index for index, code in enumerate(table)}
        column_of = {session: column for column, session in enumerate(self.sessions)}
        matrix = self.matrix.copy()
        for (pupil_id, session), code in codes.items():
            row, column = self.row_of.get(pupil_id), column_of.get(session)
            if row is not None and column is not None and self.on_roll[row, column]:
                matrix[row, column] = number["" if code == "-" else code]
        return replace(self, codes=tuple(table), matrix=matrix)

    def as_known_on(self, day: date) -> Register:
        """Return the register as it is known on a day that is not over.

        No session after the day counts, and of the day itself none after the last in which anybody has a code.
        """
        columns = [column for column, session in enumerate(self.sessions) if session.date == day]
        marked = [self.sessions[column] for column in columns if self.matrix[:, column].any()]
        return self.until(marked[-1] if marked else Session(day - timedelta(days=1), "PM"))

    @cached_property
    def code_sets(self) -> tuple[tuple[CodeSet, int], ...]:
        """The code sets met, each with the index of the first session it is in force for, in order."""
        found: list[tuple[CodeSet, int]] = []
        previous: date | None = None
        for index, session in enumerate(self.sessions):
            if session.date == previous:
                continue
            previous = session.date
            code_set = self.code_set_on(session.date)
            if not found or found[-1][0].name != code_set.name:
                found.append((code_set, index))
        return tuple(found)

    def code_set_on(self, day: date) -> CodeSet:
        """Return the code set of this school's nation on a day."""
        return code_set_on(self.nation, day, self.welsh_d_attended)

    @cached_property
    def classes(self) -> NDArray[np.uint8]:
        """Pupils × sessions of :class:`rules.codes.Class` values; OFF_ROLL too where a session is not yet closed."""
        found = np.zeros(self.matrix.shape, dtype=np.uint8)
        starts = [start for _, start in self.code_sets] + [len(self.sessions)]
        for (code_set, start), end in zip(self.code_sets, starts[1:], strict=True):
            table = np.array([code_set.counts_as(code) for code in self.codes], dtype=np.uint8)
            found[:, start:end] = table[self.matrix[:, start:end]]
        if self.left_out is not None:
            found[self.left_out] = Class.NOT_POSSIBLE
        found[~self.on_roll] = Class.OFF_ROLL
        found[:, self.closed_count :] = Class.OFF_ROLL
        return found

    def coded(self, letters: Iterable[str]) -> NDArray[np.bool_]:
        """Return pupils × sessions: recorded with one of these letters, a sub-code counting as its parent."""
        wanted = set(letters)
        found = np.zeros(self.matrix.shape, dtype=np.bool_)
        starts = [start for _, start in self.code_sets] + [len(self.sessions)]
        for (code_set, start), end in zip(self.code_sets, starts[1:], strict=True):
            table = np.array([code_set.letter(code) in wanted for code in self.codes], dtype=np.bool_)
            found[:, start:end] = table[self.matrix[:, start:end]]
        found[:, self.closed_count :] = False
        if self.left_out is not None:
            found &= ~self.left_out
        return found & self.on_roll

    def only(self, pupil_id: str) -> Register:
        """Return the same register with one pupil in it. Raise KeyError when there is none."""
        return self.of_rows([self.row_of[pupil_id]])

    def of_rows(self, rows: Sequence[int]) -> Register:
        """Return the same register with the pupils of some rows in it, given in order."""
        place = {row: number for number, row in enumerate(rows)}
        chosen = list(rows)
        return replace(
            self,
            pupils=tuple(self.pupils[row] for row in rows),
            matrix=self.matrix[chosen],
            minutes_late={(place[r], s): n for (r, s), n in self.minutes_late.items() if r in place},
            comments={(place[r], s): text for (r, s), text in self.comments.items() if r in place},
            left_out=None if self.left_out is None else self.left_out[chosen],
        )

    def marked(self, row: int, codes: Mapping[int, str]) -> Register:
        """Return the same register, every session closed, with one pupil's marks in some sessions (by index) replaced by codes."""
        table = tuple(dict.fromkeys([*self.codes, *codes.values()]))
        matrix = self.matrix.copy()
        for session, code in codes.items():
            matrix[row, session] = table.index(code)
        return replace(self, codes=table, matrix=matrix, closed_up_to=None)

    def code_at(self, row: int, session: int) -> str:
        """Return the code as written; empty for a missing mark."""
        return self.codes[int(self.matrix[row, session])]

    @cached_property
    def last_day_with_a_code(self) -> date | None:
        """The last day on which any pupil has a recorded code in a closed session; None when there is none."""
        columns = np.flatnonzero(self.matrix[:, : self.closed_count].any(axis=0))
        return self.sessions[int(columns[-1])].date if columns.size else None


def on_roll_matrix(pupils: Sequence[Pupil], sessions: Sequence[Session]) -> NDArray[np.bool_]:
    """Return pupils × sessions: one of the pupil's spells covers the session's day."""
    ordinals = _ordinals(sessions)
    on_roll = np.zeros((len(pupils), len(ordinals)), dtype=np.bool_)
    for row, pupil in enumerate(pupils):
        for spell in pupil.spells:
            on_roll[row] |= _between(ordinals, spell.start, spell.end)
    return on_roll


def _ordinals(sessions: Sequence[Session]) -> NDArray[np.int64]:
    return np.array([session.date.toordinal() for session in sessions], dtype=np.int64)


def _between(ordinals: NDArray[np.int64], start: date | None, end: date | None) -> NDArray[np.bool_]:
    first, last = (start or date.min).toordinal(), (end or date.max).toordinal()
    return (ordinals >= first) & (ordinals <= last)


def build_register(
    *,
    pupils: Sequence[Pupil],
    calendar: Calendar,
    marks: Iterable[Mark],
    nation: Nation = "england",
    amendments: Sequence[Amendment] = (),
    attendance_plans: Sequence[AttendancePlan] = (),
    leave_requests: Sequence[LeaveRequest] = (),
    exclusions: Sequence[Exclusion] = (),
    notices: Sequence[Notice] = (),
    notices_to_improve: Sequence[NoticeToImprove] = (),
    form_decisions: Sequence[FormDecision] = (),
    pupil_records: Sequence[PupilRecord] = (),
    welsh_d_attended: bool = True,
) -> Register:
    """Given school facts, return the register.

    Of two marks for one session the later in ``marks`` wins. Marks outside the calendar or the pupil's time on
    roll, or of a pupil who is not listed, are passed over and counted in ``warnings``. Raise RegisterError
    when the marks hold more than 254 different codes or two spells of a pupil overlap.
    """
    for pupil in pupils:
        for earlier, later in pairwise(pupil.spells):
            if earlier.end is None or later.start is None or later.start <= earlier.end:
                raise RegisterError(
                    f"pupil {pupil.pupil_id} is on roll {earlier.words} and {later.words}: two spells must not overlap"
                )
    ordered = tuple(sorted(pupils, key=lambda pupil: pupil.pupil_id))
    row_of = {pupil.pupil_id: row for row, pupil in enumerate(ordered)}
    column_of = {session: column for column, session in enumerate(calendar.sessions)}
    matrix = np.zeros((len(ordered), len(calendar.sessions)), dtype=np.uint8)
    index_of: dict[str, int] = {"": 0, "-": 0}
    minutes: dict[tuple[int, int], int] = {}
    comments: dict[tuple[int, int], str] = {}
    passed_over = {
        "outside the calendar": 0,
        "outside the pupil's time on roll": 0,
        "of a pupil who is not listed": 0,
    }
    for mark in marks:
        row = row_of.get(mark.pupil_id)
        column = column_of.get(Session(mark.date, mark.half))
        if row is None:
            passed_over["of a pupil who is not listed"] += 1
        elif column is None:
            passed_over["outside the calendar"] += 1
        elif not ordered[row].on_roll(mark.date):
            passed_over["outside the pupil's time on roll"] += 1
        else:
            code = mark.code.strip()
            index = index_of.get(code)
            if index is None:
                index = index_of[code] = len(index_of) - 1
                if index >= MAX_CODES:
                    raise RegisterError(
                        "more than 254 different codes in the marks: the code column holds something else"
                    )
            matrix[row, column] = index
            _keep(minutes, (row, column), mark.minutes_late)
            _keep(comments, (row, column), mark.comment)
    codes = [""] * (len(index_of) - 1)
    for code, index in index_of.items():
        if index:
            codes[index] = code
    return Register(
        nation=nation,
        calendar=calendar,
        pupils=ordered,
        codes=tuple(codes),
        matrix=matrix,
        minutes_late=minutes,
        comments=comments,
        amendments=tuple(amendments),
        attendance_plans=tuple(attendance_plans),
        leave_requests=tuple(leave_requests),
        exclusions=tuple(exclusions),
        notices=tuple(notices),
        notices_to_improve=tuple(notices_to_improve),
        form_decisions=tuple(form_decisions),
        pupil_records=tuple(pupil_records),
        welsh_d_attended=welsh_d_attended,
        warnings=(
            *calendar.warnings,
            *(f"{count} mark(s) {where} passed over" for where, count in passed_over.items() if count),
        ),
    )


def _one_of_each(requests: Iterable[LeaveRequest]) -> tuple[LeaveRequest, ...]:
    """Return each request for leave once, in the state in which its latest decision left it."""
    latest: dict[tuple[object, ...], LeaveRequest] = {}
    for request in requests:
        key = (request.pupil_id, request.start, request.end, request.kind, request.requested)
        known = latest.setdefault(key, request)
        if (request.decided or date.min) >= (known.decided or date.min):
            latest[key] = request
    return tuple(latest.values())


def _standing(notices: Iterable[Notice]) -> tuple[Notice, ...]:
    """Return each penalty notice once, with what last became of it; one that was withdrawn is none."""
    latest: dict[tuple[str, str, date], Notice] = {}
    for notice in notices:
        known = latest.setdefault((notice.pupil_id, notice.contact_id, notice.issued), notice)
        if NOTICE_STATES.index(notice.state or "issued") > NOTICE_STATES.index(known.state or "issued"):
            latest[notice.pupil_id, notice.contact_id, notice.issued] = notice
    return tuple(notice for notice in latest.values() if notice.state != "withdrawn")


def _keep(found: dict[tuple[int, int], _T], place: tuple[int, int], value: _T | None) -> None:
    """Hold a value only where there is one; a later row's silence takes an earlier row's value away."""
    if value:
        found[place] = value
    else:
        found.pop(place, None)
