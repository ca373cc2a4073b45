"""What looks wrong in a register though it can be judged: one line each, with counts and without names.

Nothing here changes a figure. An office reads these lines and looks in its MIS.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import numpy as np
from numpy.typing import NDArray

from rules.calendar import week_start
from rules.codes import ABSENT, ATTENDED, Class
from rules.law import age
from rules.register import Register
from rules.rule.words import day_words

MOST_CODES = 10
"""How many codes one line names; the rest are counted."""
FEW_ABSENCES = 10
"""Absent marks in weeks without a present mark, from which on an export is suspected to hold absences only."""
EMPTY_DAYS = 3
"""School days without any mark, from which on a mark after them is suspected to be entered ahead."""


def oddities(register: Register, as_of: date) -> Iterator[str]:
    """Yield a sentence for each thing that looks wrong in the marks up to and including a day."""
    days = np.array([session.date <= as_of for session in register.sessions], dtype=np.bool_)
    seen = register.on_roll & days
    seen[:, register.closed_count :] = False
    yield from _unrecognised(register, seen)
    yield from _withdrawn(register, seen)
    yield from _not_of_age(register, seen)
    yield from _absences_only(register, seen)
    yield from _entered_ahead(register, seen)


def _unrecognised(register: Register, seen: NDArray[np.bool_]) -> Iterator[str]:
    """Name the marks whose code is in no code set of the day: they are in no figure."""
    cells = seen & (register.classes == Class.UNRECOGNISED)
    if cells.any():
        yield f"unrecognised codes: {_by_code(register, cells)}; these marks are in no figure"


def _withdrawn(register: Register, seen: NDArray[np.bool_]) -> Iterator[str]:
    """Codes that a code set still reads though they may no longer be used, such as H and F in England."""
    starts = [start for _, start in register.code_sets] + [len(register.sessions)]
    for (code_set, start), end in zip(register.code_sets, starts[1:], strict=True):
        withdrawn = [
            index
            for index, code in enumerate(register.codes)
            if code in code_set.codes and code_set.codes[code].legacy
        ]
        cells = seen & np.isin(register.matrix, withdrawn)
        cells[:, :start] = False
        cells[:, end:] = False
        if cells.any():
            yield f"codes withdrawn on {day_words(code_set.start)}: {_by_code(register, cells)}"


def _not_of_age(register: Register, seen: NDArray[np.bool_]) -> Iterator[str]:
    """X says that a pupil is not of compulsory school age."""
    if "X" not in register.codes:
        return
    cells = seen & (register.matrix == register.codes.index("X"))
    for row in np.flatnonzero(cells.any(axis=1)):
        born = register.pupils[row].date_of_birth
        for column in np.flatnonzero(cells[row]):
            day = register.sessions[column].date
            cells[row, column] = born is not None and age.starts(born) <= day <= age.ends(born)
    if cells.any():
        pupils = int(cells.any(axis=1).sum())
        yield (
            f"X, for pupils not of compulsory school age, stands for {_count(pupils, 'pupil')} who "
            f"{'is' if pupils == 1 else 'are'}: {_marks(register, cells)}; these sessions are not possible ones"
        )


def _absences_only(register: Register, seen: NDArray[np.bool_]) -> Iterator[str]:
    """Weeks with absences and gaps but nobody present: every percentage would be of absences alone."""
    if not register.sessions:
        return
    _, week = np.unique(
        [week_start(session.date).toordinal() for session in register.sessions], return_inverse=True
    )
    classes = np.where(seen, register.classes, Class.OFF_ROLL)

    def a_week(cells: NDArray[np.bool_]) -> NDArray[np.int64]:
        return np.bincount(week, weights=cells.sum(axis=0)).astype(np.int64)

    absent, missing = a_week(np.isin(classes, ABSENT)), a_week(classes == Class.MISSING)
    nobody = (a_week(np.isin(classes, ATTENDED)) == 0) & (absent > 0)
    absences = int(absent[nobody].sum())
    if absences >= FEW_ABSENCES and int(missing[nobody].sum()) > absences:
        yield (
            f"{_count(absences, 'absent mark')} and no present mark in {_count(int(nobody.sum()), 'week')}: "
            "does the export hold absences only? Export the present marks too, else every percentage is too low"
        )


def _entered_ahead(register: Register, seen: NDArray[np.bool_]) -> Iterator[str]:
    """Name a few pupils' codes after days on which nobody has one: leave entered ahead, which moves the day judged."""
    coded = seen & (register.matrix > 0)
    days = np.unique(register.session_day[coded.any(axis=0)])
    gaps = np.flatnonzero(np.diff(days) > EMPTY_DAYS)
    if not gaps.size:
        return
    last, ahead = int(days[gaps[-1]]), int(days[gaps[-1] + 1])
    after = int(coded[:, register.day_bounds[ahead] :].any(axis=1).sum())
    on_roll = int(seen[:, register.day_bounds[ahead] :].any(axis=1).sum())
    if 2 * after <= on_roll:
        school_days = register.calendar.school_days
        yield (
            f"{_count(after, 'pupil')} of {on_roll} {'has' if after == 1 else 'have'} a code on {day_words(school_days[ahead])} or "
            f"later, but nobody has one after {day_words(school_days[last])} and before it: it looks like leave entered ahead, "
            "and the sessions between count as missing"
        )


def _by_code(register: Register, cells: NDArray[np.bool_]) -> str:
    """Each code with the number of its marks and the first of them, the most frequent first."""
    counts = np.bincount(register.matrix[cells], minlength=len(register.codes))
    order = [int(index) for index in np.argsort(-counts, kind="stable") if counts[index]]
    named = [
        f"`{register.codes[index]}` ({_marks(register, cells & (register.matrix == index))})"
        for index in order[:MOST_CODES]
    ]
    more = [f"{len(order) - MOST_CODES} more codes"] if len(order) > MOST_CODES else []
    return ", ".join(named + more)


def _marks(register: Register, cells: NDArray[np.bool_]) -> str:
    """Return the number of marks, and the first in time: "18 marks, first: pupil 3, 2 September 2025 AM"."""
    column = int(np.flatnonzero(cells.any(axis=0))[0])
    row = int(np.flatnonzero(cells[:, column])[0])
    session = register.sessions[column]
    where = f"pupil {register.pupils[row].pupil_id}, {day_words(session.date)} {session.half}"
    return f"{_count(int(cells.sum()), 'mark')}, first: {where}"


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
