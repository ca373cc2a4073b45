"""What a stretch of days still lacks: sessions without a mark, and marks that are no attendance code."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from rules.codes import Class
from rules.register import Register
from rules.school import Session


@dataclass(frozen=True, slots=True)
class Gaps:
    """Sessions on roll without a recognised mark, in order, each with the number of pupils that lack one."""

    unmarked: Mapping[Session, int]
    """No mark, or the register of the session is not closed yet."""
    unrecognised: Mapping[Session, int]
    """A mark that is no code in force that day."""
    codes: tuple[str, ...] = ()
    """Those marks as written, sorted."""
    not_taken: tuple[Session, ...] = ()
    """Sessions in which none of the pupils on roll has a recognised mark: the register was not taken."""

    def __bool__(self) -> bool:
        return bool(self.unmarked or self.unrecognised)


def find_gaps(register: Register, start: date, end: date, pupil_ids: Sequence[str] | None = None) -> Gaps:
    """Return what these pupils (all, when none are named) lack between two days, both counted.

    A pupil who has died lacks nothing: nobody enters marks, and the leaving date may come late.
    """
    days = [session.date for session in register.sessions]
    columns = np.arange(bisect_left(days, start), bisect_right(days, end))
    rows = np.arange(len(register.pupils))
    if pupil_ids is not None:
        rows = np.array([register.row_of[pupil_id] for pupil_id in pupil_ids], dtype=rows.dtype)
    rows = np.array([row for row in rows if not register.pupils[row].deceased], dtype=rows.dtype)
    part = np.ix_(rows, columns)
    closed = columns < register.closed_count
    unmarked = register.on_roll[part] & ((register.classes[part] == Class.MISSING) | ~closed)
    unrecognised = register.classes[part] == Class.UNRECOGNISED
    codes = {register.codes[index] for index in np.unique(register.matrix[part][unrecognised])}

    def by_session(lacking: NDArray[np.bool_]) -> dict[Session, int]:
        return {
            register.sessions[column]: int(number)
            for column, number in zip(columns, lacking.sum(axis=0), strict=True)
            if number
        }

    recognised = register.on_roll[part] & ~unmarked & ~unrecognised
    not_taken = register.on_roll[part].any(axis=0) & ~recognised.any(axis=0)
    return Gaps(
        by_session(unmarked),
        by_session(unrecognised),
        tuple(sorted(codes)),
        tuple(register.sessions[column] for column in columns[not_taken]),
    )
