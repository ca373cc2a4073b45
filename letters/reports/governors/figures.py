"""The figures of the governors' report: by period, group, band, weekday and reason, without small numbers.

A pupil counts in a period when at least one session in it was possible, leavers included, as in the published
figures (docs/conventions.md). Percentages of sessions are sums over sums.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from letters.reports.pupils import natural
from letters.reports.suppression import MINIMUM, combined, neighbours_merged
from letters.words.english import year_group
from rules.calendar import Period
from rules.codes import Class
from rules.events import Figures
from rules.policy import Policy
from rules.register import Register
from rules.school import Pupil
from rules.statistics import Tally, is_persistent, is_severe


@dataclass(frozen=True, slots=True)
class Rates:
    """Attendance of some pupils over some days."""

    figures: Figures
    pupils: int
    """Pupils with a possible session."""
    persistent: int
    severe: int


@dataclass(frozen=True, slots=True)
class GroupRates:
    """One row of a table of groups; several small groups may share it."""

    name: str
    rates: Rates


@dataclass(frozen=True, slots=True)
class Grouping:
    """A way to divide the pupils into groups, with the rows that may be shown. ``why_none`` says why there are none."""

    title: str
    rows: tuple[GroupRates, ...]
    why_none: str = ""
    nested: bool = False
    """Its groups add up to groups of another grouping, so a number left out here could be found by subtraction."""


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

    def __init__(self, register: Register, tally: Tally, policy: Policy, start: date, end: date) -> None:
        self.register, self.tally, self.policy = register, tally, policy
        self.start, self.end = start, end
        self.by_pupil = {k: f for k, f in tally.by_pupil(start, end).items() if f.possible}

    def rates(self, pupil_ids: Iterable[str] | None = None) -> Rates:
        """Return the rates of these pupils, or of every pupil."""
        ids = self.by_pupil if pupil_ids is None else [i for i in pupil_ids if i in self.by_pupil]
        of_pupils = [self.by_pupil[pupil_id] for pupil_id in ids]
        return Rates(
            self.tally.total(self.start, self.end, ids),
            len(of_pupils),
            sum(is_persistent(figures) for figures in of_pupils),
            sum(is_severe(figures) for figures in of_pupils),
        )

    def bands(self) -> list[tuple[str, str, int]]:
        """Return name, range and number of pupils by band, best first; a band of few pupils joins its neighbour."""
        counts = {band.name: 0 for band in self.policy.bands}
        for figures in self.by_pupil.values():
            band = self.policy.band_of(figures.attended, figures.possible)
            if band is not None:
                counts[band.name] += 1
        merged = neighbours_merged([(b.name, counts[b.name], b.range) for b in self.policy.bands])
        return [(name, " and ".join(labels), number) for name, number, labels in merged]

    def groupings(self) -> list[Grouping]:
        """Return year groups, classes, and the groups that governors ask for."""
        return [
            self._named("Year group", lambda p: year_group(p.year_group)),
            self._named("Class", lambda p: p.registration_group, lambda p: p.year_group),
            self._yes_no("Free school meals", "fsm"),
            self._yes_no("Pupil premium", "pupil_premium"),
            self._named("Special educational needs", _sen),
            self._yes_no("English as an additional language", "eal"),
            self._test("Looked after, or with a social worker", lambda p: p.looked_after or p.social_worker),
            self._yes_no("Young carers", "young_carer"),
            self._named("Ethnicity", lambda p: p.ethnicity),
            self._named("Sex", lambda p: {"F": "Girls", "M": "Boys"}.get(p.gender[:1].upper(), "")),
        ]

    def _yes_no(self, title: str, flag: str) -> Grouping:
        return self._test(title, lambda pupil: flag in pupil.flags)

    def _test(self, title: str, holds: Callable[[Pupil], bool]) -> Grouping:
        if not any(holds(self.register.pupil(pupil_id)) for pupil_id in self.by_pupil):
            return Grouping(title, (), "recorded for no pupil")
        return self._named(title, lambda pupil: "Yes" if holds(pupil) else "No")

    def _named(
        self, title: str, name_of: Callable[[Pupil], str], family_of: Callable[[Pupil], str] | None = None
    ) -> Grouping:
        members: dict[str, list[str]] = {}
        families: dict[str, str] = {}
        for pupil_id in self.by_pupil:
            pupil = self.register.pupil(pupil_id)
            name = name_of(pupil) or "Not recorded"
            members.setdefault(name, []).append(pupil_id)
            families[name] = family_of(pupil) if family_of else ""
        if set(members) <= {"Not recorded"}:
            return Grouping(title, (), "not recorded")
        names = sorted(members, key=lambda n: (n == "Not recorded", n == "No", natural(n)))
        shown = combined({name: len(members[name]) for name in names}, families.__getitem__)
        if not shown:
            return Grouping(title, (), f"a group has fewer than {MINIMUM} pupils")
        rows = [
            GroupRates(", ".join(group), self.rates(pupil_id for name in group for pupil_id in members[name]))
            for group in shown
        ]
        return Grouping(title, tuple(rows), nested=family_of is not None)

    def weekdays(self) -> dict[int, Figures]:
        """Return figures by weekday, 0 = Monday."""
        return self.tally.by_weekday(self.start, self.end)

    def reasons(self) -> list[Reason]:
        """Return absence by code, the most frequent first; codes of few pupils are put together within their class."""
        reasons = [
            *self._reasons_of(Class.AUTHORISED, "Other authorised absence"),
            *self._reasons_of(Class.UNAUTHORISED, "Other unauthorised absence"),
        ]
        return sorted(reasons, key=lambda reason: -reason.sessions)

    def _reasons_of(self, kind: Class, other: str) -> Iterator[Reason]:
        register = self.register
        inside = np.array(
            [self.start <= session.date <= self.end for session in register.sessions], dtype=bool
        )
        absent = (register.classes == kind) & inside
        code_set = register.code_set_on(self.end)
        marked: dict[str, NDArray[np.bool_]] = {}
        for letter in sorted({code_set.letter(code) for code in register.codes[1:]}):
            having = register.coded({letter}) & absent
            if having.any():
                marked[letter] = having
        sizes = {letter: int(having.any(axis=1).sum()) for letter, having in marked.items()}
        shown = combined(sizes) or ([tuple(sizes)] if sizes else [])
        for group in shown:
            together = np.logical_or.reduce([marked[letter] for letter in group])
            alone = None
            if len(group) == 1 and sizes[group[0]] >= MINIMUM:
                alone = code_set.codes.get(group[0])
            yield Reason(
                group,
                alone.meaning if alone else other,
                int(together.sum()),
                int(together.any(axis=1).sum()),
                kind == Class.AUTHORISED,
            )


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

    @property
    def year(self) -> Period:
        """The academic year of the period."""
        return self.register.calendar.year_with(self.period)

    @property
    def term(self) -> TermFigures:
        """Figures of the period."""
        return TermFigures(self.register, self.tally, self.policy, self.period.start, self.end)


def weekly(register: Register, tally: Tally, start: date, end: date) -> list[tuple[date, Figures]]:
    """Return whole-school figures of each school week between the dates, with its Monday."""
    return [
        (monday, tally.total(max(monday, start), min(monday + timedelta(days=6), end)))
        for monday in register.calendar.school_weeks_between(start, end)
    ]


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


def _sen(pupil: Pupil) -> str:
    return {
        "N": "No special educational needs",
        "K": "SEN support",
        "E": "Education, health and care plan",
    }.get(pupil.sen_status, "")
