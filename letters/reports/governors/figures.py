"""The figures of the governors' report: by period, group, band, weekday and reason, without small numbers.

A pupil counts in a period when at least one session in it was possible, leavers included, as in the published
figures (docs/conventions.md). Percentages of sessions are sums over sums.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property, partial

import numpy as np
from numpy.typing import NDArray

from letters.reports.governors.groups import BandRow, Grouping, Rates, band_rows, groupings
from letters.reports.suppression import MINIMUM, combined
from letters.reports.worked_out import Shown
from rules.calendar import Period
from rules.codes import POSSIBLE, Class
from rules.events import Figures
from rules.policy import Policy
from rules.register import Register
from rules.statistics import Tally, is_persistent, is_severe

Cells = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class _Tables:
    """What a report shows of pupils."""

    persistent: bool
    severe: bool
    bands: list[BandRow]
    groupings: list[Grouping]


@dataclass(frozen=True, slots=True)
class Reason:
    """Absence under one code, or under several codes of few pupils together."""

    codes: tuple[str, ...]
    name: str
    sessions: int
    pupils: int
    authorised: bool


class TermFigures:
    """Figures of one register over the days of a report."""

    def __init__(
        self,
        register: Register,
        tally: Tally,
        policy: Policy,
        start: date,
        end: date,
        *,
        parts: Sequence[Period] = (),
    ) -> None:
        """Take the days of a report. ``parts``: periods of the same year that have reports of their own, in order."""
        self.register, self.tally, self.policy = register, tally, policy
        self.start, self.end = start, end
        self.by_pupil = {k: f for k, f in tally.by_pupil(start, end).items() if f.possible}
        self._parts = [(p.start, min(p.end, end)) for p in parts if p.start <= end] or [(start, end)]

    def rates(self, pupil_ids: Iterable[str] | None = None) -> Rates:
        """Return the rates of these pupils, or of every pupil."""
        ids = self.by_pupil if pupil_ids is None else [i for i in pupil_ids if i in self.by_pupil]
        return Rates(
            self.tally.total(self.start, self.end, ids),
            frozenset(ids),
            frozenset(pupil_id for pupil_id in ids if is_persistent(self.by_pupil[pupil_id])),
            frozenset(pupil_id for pupil_id in ids if is_severe(self.by_pupil[pupil_id])),
        )

    @cached_property
    def _tables(self) -> _Tables:
        """What is shown of pupils, decided once and in the report's order: later tables give way to earlier ones."""
        shown, rates = Shown(self.by_pupil), self.rates()
        persistent = shown.add(rates.persistently)
        severe = persistent and shown.add(rates.severely)
        bands = band_rows(self.policy, self.by_pupil, shown)
        pupils = [self.register.pupil(pupil_id) for pupil_id in self.by_pupil]
        return _Tables(persistent, severe, bands, groupings(pupils, self.rates, shown, persistent=persistent))

    @property
    def persistent_shown(self) -> bool:
        """Whether the number of persistently absent pupils may be shown."""
        return self._tables.persistent

    @property
    def severe_shown(self) -> bool:
        """Whether the number of severely absent pupils may be shown besides."""
        return self._tables.severe

    def bands(self) -> list[tuple[str, list[str], int]]:
        """Return name, ranges and number of pupils by band, best first, few pupils joined to a neighbour."""
        return [(name, labels, len(ids)) for name, labels, ids in self._tables.bands]

    def groupings(self) -> list[Grouping]:
        """Return year groups, classes, and the groups that governors ask for, as far as they can be shown together."""
        return self._tables.groupings

    def weekdays(self) -> dict[int, Figures]:
        """Return figures by weekday, 0 = Monday."""
        return self.tally.by_weekday(self.start, self.end)

    def pupils_on(self, weekday: int) -> int:
        """Return how many pupils had a possible session on a day of the week."""
        return self._pupils_with(np.isin(self.register.classes, POSSIBLE), weekday)

    def late_on(self, weekday: int) -> int:
        """Return how many pupils were late on a day of the week."""
        return self._pupils_with(self.register.coded({"L"}), weekday)

    def _pupils_with(self, cells: Cells, weekday: int) -> int:
        start = max(filter(None, (self.start, self.tally.since)))
        days = np.array(
            [session.date.weekday() == weekday for session in self.register.sessions], dtype=np.bool_
        )
        return int((cells & self._inside(start, self.end) & days).any(axis=1).sum())

    def reasons(self) -> list[Reason]:
        """Return absence by code, the most frequent first; codes of few pupils are put together within their class.

        A pupil with two of these codes is one pupil. A class of absence that few pupils have is named without its codes.
        """
        reasons = [
            *self._reasons_of(Class.AUTHORISED, "authorised absence"),
            *self._reasons_of(Class.UNAUTHORISED, "unauthorised absence"),
        ]
        return sorted(reasons, key=lambda reason: -reason.sessions)

    def _reasons_of(self, kind: Class, words: str) -> Iterator[Reason]:
        of_class = self.register.classes == kind
        code_set = self.register.code_set_on(self.end)
        letters = sorted({code_set.letter(code) for code in self.register.codes[1:]})
        absent = of_class & self._inside(self.start, self.end)
        marked = {letter: having for letter in letters if (having := self._having(letter, absent)).any()}
        for group in self._together(letters, of_class):
            own = [letter for letter in group if letter in marked]
            if not own:
                continue
            having = np.logical_or.reduce([marked[letter] for letter in own])
            pupils = int(having.any(axis=1).sum())
            few = pupils < MINIMUM
            alone = code_set.codes.get(own[0]) if len(own) == 1 and not few else None
            yield Reason(
                () if few else tuple(own),
                alone.meaning if alone else words.capitalize() if few else f"Other {words}",
                int(having.sum()),
                pupils,
                kind == Class.AUTHORISED,
            )

    def _together(self, letters: Sequence[str], of_class: Cells) -> list[tuple[str, ...]]:
        """Return the codes of a class in the groups in which they are shown, none of few pupils in any part of the year.

        The reports of the parts are added up and subtracted by whoever has several of them: what one part puts together
        the later ones keep together, and no part shows a code alone that few pupils had in it.
        """
        groups: list[tuple[str, ...]] = [(letter,) for letter in letters]
        for start, end in self._parts:
            absent = of_class & self._inside(start, end)
            had = {letter: self._those_with(letter, absent) for letter in letters}
            present = {",".join(group): group for group in groups if _pupils(had, group)}
            if not present:
                continue
            size_of = partial(_pupils_of_groups, had, present)
            shown = combined({name: size_of([name]) for name in present}, size_of=size_of) or [tuple(present)]
            absentees = [group for group in groups if not _pupils(had, group)]
            groups = [
                *(tuple(code for name in names for code in present[name]) for names in shown),
                *absentees,
            ]
        return groups

    def _having(self, letter: str, absent: Cells) -> Cells:
        having: Cells = self.register.coded({letter}) & absent
        return having

    def _those_with(self, letter: str, absent: Cells) -> Cells:
        return np.asarray(self._having(letter, absent).any(axis=1))

    def _inside(self, start: date, end: date) -> Cells:
        return np.array([start <= session.date <= end for session in self.register.sessions], dtype=bool)


def _pupils(had: Mapping[str, Cells], codes: Iterable[str]) -> int:
    """Return how many pupils had one of these codes or more."""
    return int(np.logical_or.reduce([had[code] for code in codes]).sum())


def _pupils_of_groups(
    had: Mapping[str, Cells], groups: Mapping[str, Sequence[str]], names: Sequence[str]
) -> int:
    return _pupils(had, [code for name in names for code in groups[name]])


@dataclass(frozen=True, slots=True)
class Subject:
    """What the report is about."""

    register: Register
    tally: Tally
    policy: Policy
    period: Period
    """The term (or half term, or year) that the report is for."""
    end: date
    """The last day counted: the period's end, or the day of printing when that is earlier."""
    parts: Sequence[Period] = ()
    """Periods of the year that have reports of their own, up to this one."""

    @property
    def year(self) -> Period:
        """The academic year of the period."""
        return self.register.calendar.year_with(self.period)

    @property
    def term(self) -> TermFigures:
        """Figures of the period."""
        parts = [
            part
            for part in self.parts
            if part.start <= self.end and self.register.calendar.year_with(part) == self.year
        ]
        return TermFigures(self.register, self.tally, self.policy, self.period.start, self.end, parts=parts)


def weekly(register: Register, tally: Tally, start: date, end: date) -> list[tuple[date, Figures]]:
    """Return whole-school figures of each school week between the dates, with its Monday, where five pupils had a session."""
    found = []
    for monday in register.calendar.school_weeks_between(start, end):
        days = max(monday, start), min(monday + timedelta(days=6), end)
        possible, _ = tally.each(*days)
        if int((possible > 0).sum()) >= MINIMUM:
            found.append((monday, tally.total(*days)))
    return found


def rates_by_period(
    register: Register, tally: Tally, policy: Policy, wanted: Iterable[Period], end: date
) -> list[tuple[Period, Rates]]:
    """Return the rates of each period that has begun by ``end`` and has a recorded session, up to that day."""
    rates = []
    for period in wanted:
        if period.start <= end:
            figures = TermFigures(register, tally, policy, period.start, min(period.end, end)).rates()
            if figures.figures.possible:
                rates.append((period, figures))
    return rates


def same_last_year(register: Register, period: Period) -> Period | None:
    """Return the matching period of the year before (first term for first term); None where the register has none."""
    calendar = register.calendar
    year = calendar.year_with(period)
    number_of_year = calendar.years.index(year)
    if number_of_year == 0:
        return None
    before = calendar.years[number_of_year - 1]
    same_kind = {"term": calendar.terms, "half_term": calendar.half_terms, "year": calendar.years}.get(
        period.kind, ()
    )
    now = [p for p in same_kind if calendar.year_with(p) == year]
    then = [p for p in same_kind if calendar.year_with(p) == before]
    number = now.index(period) if period in now else -1
    return then[number] if 0 <= number < len(then) else None
