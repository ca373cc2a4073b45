"""Counts and percentages of sessions, for any pupils over any days (docs/conventions.md).

Totals are sums over sums, never the mean of percentages. Missing and unrecognised marks are in no total; they
are counted on their own so that a reader can see that a figure is incomplete.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from rules.codes import ATTENDED, POSSIBLE, Class
from rules.events import Figures
from rules.register import Register
from rules.school import FLAGS, Pupil

GROUPINGS = (
    "registration_group",
    "year_group",
    "sen_status",
    "ethnicity",
    "gender",
    "first_language",
    *FLAGS,
)
"""What figures can be grouped by. A flag gives two groups, "yes" and "no"."""


class Tally:
    """Figures of one register. Every method takes two dates, both counted; none looks before ``since``."""

    def __init__(self, register: Register, *, since: date | None = None) -> None:
        self.register = register
        self.since = since

    @cached_property
    def _ordinals(self) -> NDArray[np.int64]:
        return np.array([session.date.toordinal() for session in self.register.sessions], dtype=np.int64)

    @cached_property
    def _late_minutes(self) -> NDArray[np.int32]:
        matrix = np.zeros(self.register.matrix.shape, dtype=np.int32)
        for place, minutes in self.register.minutes_late.items():
            matrix[place] = minutes
        matrix[:, self.register.closed_count :] = 0
        return matrix

    @cached_property
    def _late(self) -> NDArray[np.bool_]:
        return self.register.coded({"L"})

    def total(self, start: date, end: date, pupil_ids: Iterable[str] | None = None) -> Figures:
        """Return figures of these pupils together; of the whole school, leavers included, when none are named."""
        rows = None if pupil_ids is None else [self.register.row_of[pupil_id] for pupil_id in pupil_ids]
        return self._count(rows, self._columns(start, end))

    def pupil(self, pupil_id: str, start: date, end: date) -> Figures:
        """Return figures of one pupil. Raise KeyError for an unknown id."""
        return self._count([self.register.row_of[pupil_id]], self._columns(start, end))

    def by_pupil(self, start: date, end: date) -> dict[str, Figures]:
        """Return figures of every pupil, in the register's order."""
        columns = self._columns(start, end)
        return {pupil.pupil_id: self._count([row], columns) for row, pupil in enumerate(self.register.pupils)}

    def each(self, start: date, end: date) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return possible and attended sessions of every pupil, in the order of the register's rows."""
        classes = self.register.classes[:, self._columns(start, end)]
        possible = np.isin(classes, POSSIBLE).sum(axis=1).astype(np.int64)
        return possible, np.isin(classes, ATTENDED).sum(axis=1).astype(np.int64)

    def by_group(self, grouping: str, start: date, end: date) -> dict[str, Figures]:
        """Return figures by a grouping of GROUPINGS, sorted by name; pupils with none are under the empty name."""
        rows: dict[str, list[int]] = {}
        for row, pupil in enumerate(self.register.pupils):
            rows.setdefault(group_name(pupil, grouping), []).append(row)
        columns = self._columns(start, end)
        return {name: self._count(rows[name], columns) for name in sorted(rows)}

    def by_weekday(
        self, start: date, end: date, pupil_ids: Iterable[str] | None = None
    ) -> dict[int, Figures]:
        """Return figures by weekday, 0 = Monday."""
        rows = None if pupil_ids is None else [self.register.row_of[pupil_id] for pupil_id in pupil_ids]
        columns = self._columns(start, end)
        weekdays = np.array([self.register.sessions[c].date.weekday() for c in columns], dtype=np.int8)
        return {day: self._count(rows, columns[weekdays == day]) for day in range(5)}

    def _columns(self, start: date, end: date) -> NDArray[np.int64]:
        start = max(start, self.since) if self.since else start
        first, last = np.searchsorted(self._ordinals, [start.toordinal(), end.toordinal() + 1])
        return np.arange(first, last)

    def _count(self, rows: list[int] | None, columns: NDArray[np.int64]) -> Figures:
        if columns.size == 0:
            return Figures()
        window = slice(int(columns[0]), int(columns[-1]) + 1) if _consecutive(columns) else columns
        picked = slice(None) if rows is None else rows

        def cut(matrix: NDArray[np.generic]) -> NDArray[np.generic]:
            return matrix[picked][:, window]

        classes = cut(self.register.classes)
        by_class = np.bincount(classes.ravel().astype(np.int64), minlength=len(Class))
        on_roll = classes != Class.OFF_ROLL
        codes = np.bincount(
            cut(self.register.matrix)[on_roll].astype(np.int64), minlength=len(self.register.codes)
        )
        counts = {self.register.codes[i]: int(n) for i, n in enumerate(codes) if i and n}
        attended = int(by_class[Class.PRESENT] + by_class[Class.APPROVED])
        authorised, unauthorised = int(by_class[Class.AUTHORISED]), int(by_class[Class.UNAUTHORISED])
        return Figures(
            possible=attended + authorised + unauthorised,
            attended=attended,
            authorised=authorised,
            unauthorised=unauthorised,
            late=int(cut(self._late).sum()),
            minutes_late=int(cut(self._late_minutes).sum()),
            missing=int(by_class[Class.MISSING]),
            unrecognised=int(by_class[Class.UNRECOGNISED]),
            by_code=dict(sorted(counts.items())),
        )


def group_name(pupil: Pupil, grouping: str) -> str:
    """Return the group a pupil belongs to; "yes" or "no" for a flag. Raise ValueError for an unknown grouping."""
    if grouping not in GROUPINGS:
        raise ValueError(f"unknown grouping '{grouping}': use one of {', '.join(GROUPINGS)}")
    value = getattr(pupil, grouping)
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)


def is_persistent(figures: Figures) -> bool:
    """Return True for absence of 10 % or more of the pupil's own sessions, in whole numbers (DfE, from 2015/16)."""
    return figures.possible > 0 and 10 * figures.absent >= figures.possible


def is_severe(figures: Figures) -> bool:
    """Return True for absence of 50 % or more of the pupil's own sessions, the statutory test of severe absence."""
    return figures.possible > 0 and 2 * figures.absent >= figures.possible


def shown_percent(part: int, whole: int, closed_tops: Iterable[int] = ()) -> str | None:
    """Return a percentage with one decimal, cut and not rounded; None when there is nothing to share.

    ``closed_tops`` are the whole percentages x that a pack's bands write as "<= x": a figure above x that
    would be cut to x is shown one tenth higher, so that no figure reads as the wrong band (docs/conventions.md,
    Percentages shown).
    """
    if whole == 0:
        return None
    tenths = 1000 * part // whole
    if tenths % 10 == 0 and tenths // 10 in set(closed_tops) and 1000 * part > tenths * whole:
        tenths += 1
    return f"{tenths // 10}.{tenths % 10}"


def rounded_percent(part: int, whole: int, decimals: int = 1) -> str | None:
    """Return a percentage of a whole school or group, rounded half up; None when there is nothing to share.

    So the Department for Education rounds what it publishes (Pupil absence in schools in England, methodology,
    "Rounding"): with one decimal, and with two in its weekly figures. A pupil's own percentage is cut: :func:`shown_percent`.
    """
    if whole == 0:
        return None
    steps = 10**decimals
    rounded = (200 * steps * part + whole) // (2 * whole)
    return f"{rounded // steps}.{rounded % steps:0{decimals}d}"


def _consecutive(columns: NDArray[np.int64]) -> bool:
    return int(columns[-1]) - int(columns[0]) + 1 == columns.size
