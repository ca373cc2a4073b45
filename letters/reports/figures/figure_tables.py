"""The tables behind the reports as typed values: by pupil, class, year group, week or code, for the year up to a day.

They are for the head's own use: pupils are named, and no small number is hidden. What leaves the office is the
governors' report (letters/reports/governors).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal, get_args

import numpy as np

from letters.reports.pupils import in_order, natural
from letters.words.english import year_group
from rules.codes import ABSENT, ATTENDED, Class
from rules.events import Figures
from rules.policy import Policy
from rules.register import Register
from rules.school import FLAGS, Pupil
from rules.statistics import Tally, group_name, is_persistent, is_severe, rounded_percent

By = Literal["pupil", "class", "year", "week", "code"]
BY: tuple[By, ...] = get_args(By)
Value = str | int | Decimal | date | bool | None
"""A percentage is a Decimal with one decimal; None where there is nothing to say."""
Kind = Literal["text", "count", "percent", "day", "yes_no"]


@dataclass(frozen=True, slots=True)
class FigureColumn:
    """A column: its header, in small letters and without blanks, and what its values are."""

    name: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class FigureTable:
    """One table, with what it is about."""

    title: str
    columns: tuple[FigureColumn, ...]
    rows: tuple[tuple[Value, ...], ...]


def _columns(kind: Kind, *names: str) -> tuple[FigureColumn, ...]:
    return tuple(FigureColumn(name, kind) for name in names)


_SESSIONS = _columns(
    "count",
    "possible_sessions", "attended", "authorised", "unauthorised", "late", "minutes_late", "missing_marks", "unrecognised_marks",
)  # fmt: skip
_RATES = _columns("percent", "attendance_percent", "authorised_percent", "unauthorised_percent")
_PUPIL = (
    *_columns("text", "pupil_id", "surname", "forename", "year_group", "class"),
    *_columns("day", "on_roll_from", "on_roll_to"),
    *_columns("text", "sen_status"),
    *_columns("yes_no", *FLAGS),
)
_OF_PUPIL = (
    *_columns("percent", "attendance_percent"),
    *_columns("text", "band"),
    *_columns("yes_no", "full_attendance", "persistently_absent", "severely_absent"),
)
_OF_GROUP = (
    *_columns("count", "pupils"),
    *_SESSIONS,
    *_RATES,
    *_columns("count", "persistently_absent", "severely_absent"),
)


def figure_table(register: Register, tally: Tally, policy: Policy, by: By, as_of: date) -> FigureTable:
    """Return one table for the school year of a day, from its first day or the policy's up to and including that day.

    A pupil's percentage is cut as the policy shows it, those of groups and weeks are rounded half up as in the reports.
    Pupils who left in the year are in every table; those without a possible session have no percentage.
    """
    make: dict[By, Callable[[Register, Tally, Policy, date, date], FigureTable]] = {
        "pupil": _by_pupil,
        "class": lambda *facts: _by_group("Class", "registration_group", *facts),
        "year": lambda *facts: _by_group("Year group", "year_group", *facts),
        "week": _by_week,
        "code": _by_code,
    }
    return make[by](register, tally, policy, register.calendar.year_of(as_of).start, as_of)


def _by_pupil(register: Register, tally: Tally, policy: Policy, start: date, end: date) -> FigureTable:
    rows = []
    for pupil in in_order(_of_the_year(register, start, end)):
        figures = tally.pupil(pupil.pupil_id, start, end)
        shown = policy.shown(figures.attended, figures.possible)
        band = policy.band_of(figures.attended, figures.possible)
        rows.append(
            (
                *_facts_of(pupil),
                *_sessions(figures),
                Decimal(shown) if shown else None,
                band.name if band else None,
                _full(figures),
                is_persistent(figures) if figures.possible else None,
                is_severe(figures) if figures.possible else None,
            )
        )
    return FigureTable("Attendance by pupil", (*_PUPIL, *_SESSIONS, *_OF_PUPIL), tuple(rows))


def _full(figures: Figures) -> bool | None:
    """Return whether nothing was missed; None where nothing was possible, or a mark that is missing or unknown may be an absence."""
    if figures.absent or not figures.possible:
        return False if figures.absent else None
    return None if figures.missing or figures.unrecognised else True


def _of_the_year(register: Register, start: date, end: date) -> list[Pupil]:
    """Return the pupils who were on roll on a day between the two."""
    return [
        pupil
        for pupil in register.pupils
        if any((s.start or date.min) <= end and (s.end or date.max) >= start for s in pupil.spells)
    ]


def _facts_of(pupil: Pupil) -> tuple[Value, ...]:
    flags = (None if flag in pupil.unknown else bool(getattr(pupil, flag)) for flag in FLAGS)
    return (
        pupil.pupil_id,
        pupil.surname,
        pupil.forename,
        year_group(pupil.year_group),
        pupil.registration_group,
        pupil.on_roll_from,
        pupil.on_roll_to,
        pupil.sen_status,
        *flags,
    )


def _sessions(figures: Figures) -> tuple[int, ...]:
    return (
        figures.possible,
        figures.attended,
        figures.authorised,
        figures.unauthorised,
        figures.late,
        figures.minutes_late,
        figures.missing,
        figures.unrecognised,
    )


def _rates(figures: Figures) -> tuple[Value, ...]:
    parts = (figures.attended, figures.authorised, figures.unauthorised)
    return tuple(_percent(part, figures.possible) for part in parts)


def _percent(part: int, whole: int) -> Decimal | None:
    shown = rounded_percent(part, whole)
    return Decimal(shown) if shown else None


def _group(tally: Tally, start: date, end: date, ids: Sequence[str]) -> tuple[Value, ...]:
    """Return pupils with a possible session, sums of sessions, percentages, and how many are persistently absent."""
    own = [figures for i in ids if (figures := tally.pupil(i, start, end)).possible]
    total = tally.total(start, end, ids)
    absent = (sum(map(is_persistent, own)), sum(map(is_severe, own)))
    return (len(own), *_sessions(total), *_rates(total), *absent)


def _by_group(
    title: str,
    grouping: str,
    register: Register,
    tally: Tally,
    policy: Policy,  # noqa: ARG001
    start: date,
    end: date,
) -> FigureTable:
    members: dict[str, list[str]] = {}
    for pupil in _of_the_year(register, start, end):
        name = group_name(pupil, grouping)
        members.setdefault(year_group(name) if grouping == "year_group" else name, []).append(pupil.pupil_id)
    names = sorted(members, key=lambda name: (not name, natural(name)))
    rows = [(name, *_group(tally, start, end, members[name])) for name in names]
    everyone = [i for ids in members.values() for i in ids]
    rows.append(("Whole school", *_group(tally, start, end, everyone)))
    head = _columns("text", title.lower().replace(" ", "_"))
    return FigureTable(f"Attendance by {title.lower()}", (*head, *_OF_GROUP), tuple(rows))


def _by_week(register: Register, tally: Tally, policy: Policy, start: date, end: date) -> FigureTable:  # noqa: ARG001
    everyone = [pupil.pupil_id for pupil in register.pupils]
    rows = []
    for monday in register.calendar.school_weeks_between(start, end):
        first, last = max(monday, start), min(monday + timedelta(days=6), end)
        rows.append((monday, *_group(tally, first, last, everyone)))
    return FigureTable("Attendance by week", (*_columns("day", "week_of"), *_OF_GROUP), tuple(rows))


_CODE = (
    *_columns("text", "code", "meaning", "counts_as"),
    *_columns("count", "sessions", "pupils"),
    *_columns("percent", "percent_of_possible"),
)
_COUNTS_AS = {
    Class.PRESENT: "present",
    Class.APPROVED: "approved educational activity",
    Class.AUTHORISED: "authorised absence",
    Class.UNAUTHORISED: "unauthorised absence",
    Class.NOT_POSSIBLE: "not a possible session",
    Class.UNRECOGNISED: "no attendance code",
}


def _by_code(register: Register, tally: Tally, policy: Policy, start: date, end: date) -> FigureTable:  # noqa: ARG001
    """Return every code as it is recorded; one whose class changed in the year has a row for each class."""
    first = max(start, tally.since) if tally.since else start
    inside = np.array([first <= session.date <= end for session in register.sessions], dtype=np.bool_)
    possible = int((np.isin(register.classes, (*ATTENDED, *ABSENT)) & inside).sum())
    code_set = register.code_set_on(end)
    rows: list[tuple[Value, ...]] = []
    for number, code in enumerate(register.codes[1:], 1):
        recorded = (register.matrix == number) & inside
        for kind, words in _COUNTS_AS.items():
            having = recorded & (register.classes == kind)
            if having.any():
                known = code_set.codes.get(code)
                sessions = int(having.sum())
                share = (
                    None if kind in (Class.NOT_POSSIBLE, Class.UNRECOGNISED) else _percent(sessions, possible)
                )
                meaning = known.meaning if known else ""
                rows.append((code, meaning, words, sessions, int(having.any(axis=1).sum()), share))
    rows.sort(key=lambda row: (-int(str(row[3])), str(row[0])))
    return FigureTable("Sessions by code", _CODE, tuple(rows))
