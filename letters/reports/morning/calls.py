"""Whom the office rings this morning, from the morning's marks alone: nobody knows yet what the afternoon brings.

A pupil is rung about who has an N, or no mark that is a code although the register of the class was taken, or whom a
rule of the policy lists for calls. The most urgent come first: child protection and social worker, looked after,
persistent absence without contact, and then the rest.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal, get_args

import numpy as np

from letters.reports.morning.alerts import MorningAlert
from letters.reports.pupils import class_of, in_order
from rules.codes import ABSENT, ATTENDED, POSSIBLE, Class
from rules.law import age
from rules.pupil_record import PupilRecord
from rules.register import Register
from rules.school import Pupil, Session
from rules.statistics import Tally, is_persistent

LATELY = 20
"""School days before today that "lately" means."""
Turn = Literal["safeguarding", "looked after", "persistent", "other"]
TURNS: tuple[Turn, ...] = get_args(Turn)
"""In which order the office rings."""
_SPOKEN = {("contact", "answered"), ("visit", "seen")}
CALLS, LATE, REGISTERS = "calls", "late arrivals", "open registers"
"""Names of the parts of a morning's list, by which it is remembered who was in one. A policy's lists have no spaces in theirs."""


@dataclass(frozen=True, slots=True)
class Lately:
    """How often a pupil was absent on the last school days before today."""

    known: int
    """Of these days, those on which the pupil could have been in school and has a mark."""
    absent: int = 0
    unexplained: int = 0
    """Days that still have a session without a reason (N)."""


@dataclass(frozen=True, slots=True)
class Call:
    """One pupil to ring about."""

    pupil: Pupil
    code: str
    """This morning's mark as written; empty where there is none."""
    turn: Turn
    days: int
    """The school day of this absence: 1 on its first one."""
    lately: Lately
    without_reason: bool = True
    """No message yet: N, or no mark that is a code. False for a pupil whom a rule lists although a reason is known."""
    reached: bool = False
    """A call of today that was answered, or a visit that met the family, is on record; the mark is still open."""
    is_adult: bool = False
    """The pupil is 18: whom the school may speak to is for the pupil to say."""
    alerts: tuple[MorningAlert, ...] = ()


@dataclass(frozen=True, slots=True)
class LateArrival:
    """One pupil who came late this morning."""

    pupil: Pupil
    code: str
    minutes: int | None
    times: int
    """Late mornings of the last school days, today included."""
    mornings: int
    """Of these mornings, those on which the pupil could have been in school and has a mark."""


@dataclass(frozen=True, slots=True)
class OpenRegister:
    """A class whose register of this morning was not taken, or is not complete."""

    group: str
    """Empty: pupils without a class."""
    unmarked: int
    pupils: int

    @property
    def not_taken(self) -> bool:
        """Nobody of the class has a mark."""
        return self.unmarked == self.pupils


@dataclass(frozen=True, slots=True)
class Morning:
    """What one morning brings."""

    day: date
    calls: tuple[Call, ...] = ()
    alerts: Mapping[str, tuple[Call, ...]] = field(default_factory=dict)
    """Pupils whom a rule about the morning lists, by the list's name: once in each, and not in ``calls`` as well."""
    late: tuple[LateArrival, ...] = ()
    registers: tuple[OpenRegister, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.calls or self.alerts or self.late or self.registers)

    @property
    def lines(self) -> tuple[tuple[str, str], ...]:
        """Every line as (list, whom it is about): a pupil's id, or a class."""
        return (
            *((name, call.pupil.pupil_id) for name, calls in self.alerts.items() for call in calls),
            *((CALLS, call.pupil.pupil_id) for call in self.calls),
            *((LATE, one.pupil.pupil_id) for one in self.late),
            *((REGISTERS, one.group) for one in self.registers),
        )

    def less(self, listed: Collection[tuple[str, str]]) -> Morning:
        """Return what no earlier list of the day has; who was in one for a call is not in a later one."""
        called = {who for name, who in listed if name not in (LATE, REGISTERS)}
        left = {
            name: tuple(call for call in calls if call.pupil.pupil_id not in called)
            for name, calls in self.alerts.items()
        }
        return Morning(
            self.day,
            tuple(call for call in self.calls if call.pupil.pupil_id not in called),
            {name: calls for name, calls in left.items() if calls},
            tuple(one for one in self.late if (LATE, one.pupil.pupil_id) not in listed),
            tuple(one for one in self.registers if (REGISTERS, one.group) not in listed),
        )

    @property
    def listed(self) -> tuple[Call, ...]:
        """Every pupil of the lists of calls once, in the order of the lists."""
        alerted = (call for calls in self.alerts.values() for call in calls)
        return tuple({call.pupil.pupil_id: call for call in (*alerted, *self.calls)}.values())

    @property
    def to_ring(self) -> tuple[Call, ...]:
        """Those of them whose family was not reached yet."""
        return tuple(call for call in self.listed if not call.reached)

    @property
    def without_message(self) -> tuple[Call, ...]:
        """The pupils of whom nobody knows why they are away, in the order in which they are rung about."""
        return tuple(call for call in self.to_ring if call.without_reason)


def of_the_morning(register: Register, day: date) -> Register:
    """Return the register as it is known on the morning of a day: its afternoon counts as not possible.

    Nothing after the day counts.
    """
    afternoon = np.array([session == Session(day, "PM") for session in register.sessions], dtype=np.bool_)
    left_out = np.broadcast_to(afternoon, register.matrix.shape)
    before = register.left_out
    return register.until(Session(day, "PM")).without(left_out if before is None else before | left_out)


def has_morning(register: Register, day: date) -> bool:
    """Return whether there is school on the morning of a day."""
    return Session(day, "AM") in register.sessions


def morning_of(
    register: Register, day: date, alerts: Sequence[MorningAlert] = (), *, least_possible: int = 30
) -> Morning:
    """Given the register of the morning (:func:`of_the_morning`) and what rules list, return the morning's list.

    ``least_possible`` sessions of the year make a pupil's share of absence count.
    """
    at = _Morning(register, day, least_possible)
    own = {call.pupil.pupil_id: call for call in at.calls(alerts)}
    listed: dict[str, dict[str, Call]] = {}
    for alert in alerts:
        call = own.get(alert.event.pupil_id or "")
        if call is not None and alert.own_list:
            listed.setdefault(alert.own_list, {})[call.pupil.pupil_id] = call
    on_own_list = {pupil_id for calls in listed.values() for pupil_id in calls}
    return Morning(
        day,
        tuple(_in_turn([call for call in own.values() if call.pupil.pupil_id not in on_own_list])),
        {name: tuple(_in_turn(list(calls.values()))) for name, calls in listed.items()},
        tuple(at.late()),
        at.open_registers,
    )


def _in_turn(calls: Sequence[Call]) -> list[Call]:
    order = {pupil.pupil_id: place for place, pupil in enumerate(in_order(call.pupil for call in calls))}
    return sorted(calls, key=lambda call: (call.reached, TURNS.index(call.turn), order[call.pupil.pupil_id]))


class _Morning:
    """One morning's column of the register."""

    def __init__(self, register: Register, day: date, least_possible: int) -> None:
        self._register = register
        self._day = day
        self._column = register.sessions.index(Session(day, "AM"))
        self._tally = Tally(register)
        self._year = register.calendar.year_of(day).start
        self._least = least_possible
        self._without_reason = register.coded({"N"})
        self._late = register.coded({"L", "U"})
        days = [one for one in register.calendar.school_days if one < day]
        self._before = days
        self._lately = days[-LATELY:]
        self._columns: dict[date, list[int]] = {}
        for column, session in enumerate(register.sessions[: self._column + 2]):
            self._columns.setdefault(session.date, []).append(column)
        self._members = self._expected()
        self.open_registers = tuple(self._open_registers())
        self._open = {one.group for one in self.open_registers}
        self._today = [one for one in register.pupil_records if one.day == day]

    def _class(self, row: int) -> int:
        return int(self._register.classes[row, self._column])

    def _unmarked(self, row: int) -> bool:
        return self._class(row) in (Class.MISSING, Class.UNRECOGNISED)

    def _expected(self) -> dict[str, list[int]]:
        """Return the rows of the pupils who could be here this morning, by class, classes and pupils in order."""
        members: dict[str, list[int]] = {}
        for pupil in in_order(self._register.pupils):
            row = self._register.row_of[pupil.pupil_id]
            if pupil.listed_on(self._day) and self._class(row) != Class.OFF_ROLL:
                members.setdefault(pupil.registration_group.strip(), []).append(row)
        return members

    def _open_registers(self) -> list[OpenRegister]:
        """Return the classes of which nobody is marked as here, or half and more have no mark.

        Leave and illness are entered ahead: a single mark does not show that the register was taken.
        """
        found = []
        for group, rows in self._members.items():
            unmarked = sum(map(self._unmarked, rows))
            nobody_here = not any(self._class(row) in ATTENDED for row in rows)
            if unmarked and (nobody_here or 2 * unmarked >= len(rows)):
                found.append(OpenRegister(group, unmarked, len(rows)))
        return found

    def calls(self, alerts: Sequence[MorningAlert]) -> list[Call]:
        """Return every pupil to ring about, in no order."""
        of_pupil: dict[str, list[MorningAlert]] = {}
        for alert in alerts:
            of_pupil.setdefault(alert.event.pupil_id or "", []).append(alert)
        found = []
        for group, rows in self._members.items():
            for row in rows:
                pupil = self._register.pupils[row]
                own = of_pupil.get(pupil.pupil_id, [])
                without = bool(self._without_reason[row, self._column])
                without |= self._unmarked(row) and group not in self._open
                if without or (own and self._class(row) in ABSENT):
                    found.append(self._call(row, pupil, own, without))
        return found

    def _call(self, row: int, pupil: Pupil, alerts: Sequence[MorningAlert], without_reason: bool) -> Call:
        reached = any(_reached(record, pupil) for record in self._today)
        return Call(
            pupil,
            self._register.code_at(row, self._column),
            self._turn(pupil, reached=reached),
            self._days(row, pupil),
            self._lately_of(row, pupil),
            without_reason,
            reached and without_reason,
            age.is_adult(pupil.date_of_birth, self._day),
            tuple(self._still_open(alert, pupil) for alert in alerts),
        )

    def _turn(self, pupil: Pupil, *, reached: bool) -> Turn:
        if pupil.child_protection or pupil.social_worker:
            return "safeguarding"
        if pupil.looked_after:
            return "looked after"
        figures = self._tally.pupil(pupil.pupil_id, self._year, self._day)
        is_much = figures.possible >= self._least and is_persistent(figures)
        return "persistent" if is_much and not reached else "other"

    def _days(self, row: int, pupil: Pupil) -> int:
        """Return the number of this school day in the absence, as days running are counted."""
        number = 1
        for day in reversed(self._before):
            classes = self._classes_on(row, day)
            if not pupil.on_roll(day) or any(one in ATTENDED for one in classes):
                break
            number += any(one in ABSENT for one in classes)
        return number

    def _lately_of(self, row: int, pupil: Pupil) -> Lately:
        known = absent = unexplained = 0
        for day in self._lately:
            classes = self._classes_on(row, day)
            if pupil.on_roll(day) and any(one in POSSIBLE for one in classes):
                known += 1
                absent += any(one in ABSENT for one in classes)
                unexplained += bool(self._without_reason[row, self._columns[day]].any())
        return Lately(known, absent, unexplained)

    def _classes_on(self, row: int, day: date) -> list[int]:
        return [int(one) for one in self._register.classes[row, self._columns[day]]]

    def _still_open(self, alert: MorningAlert, pupil: Pupil) -> MorningAlert:
        """Return the alert without what it asks for, where a record since the absence began shows that it was done."""
        first = min((mark.date for mark in alert.event.sessions), default=self._day)
        done = any(record.day >= first and _reached(record, pupil) for record in self._register.pupil_records)
        return replace(alert, sentence="") if done else alert

    def late(self) -> list[LateArrival]:
        """Return who came late this morning, by class and name."""
        mornings = [
            column
            for day in (*self._lately, self._day)
            for column in self._columns[day]
            if self._register.sessions[column].half == "AM"
        ]
        found = []
        for rows in self._members.values():
            for row in rows:
                if self._late[row, self._column]:
                    minutes = self._register.minutes_late.get((row, self._column))
                    times = int(self._late[row, mornings].sum())
                    known = int(np.isin(self._register.classes[row, mornings], POSSIBLE).sum())
                    code = self._register.code_at(row, self._column)
                    found.append(LateArrival(self._register.pupils[row], code, minutes, times, known))
        return found


def _reached(record: PupilRecord, pupil: Pupil) -> bool:
    """Return whether a record shows that the pupil's family was spoken to: a call was answered, or a visit met somebody."""
    return record.pupil_id == pupil.pupil_id and (record.kind, record.decision) in _SPOKEN


def group_words(group: str) -> str:
    """Return a class as lists name it; pupils without one are named so."""
    return group or "pupils without a class"


def class_words(pupil: Pupil) -> str:
    """Return a pupil's class, or year; a pupil with neither has none."""
    return class_of(pupil) or "none"
