"""Kind ``notice-to-improve``: a notice to improve is on record; it is broken, or kept to its end.

The period begins on the first school day after the notice's day and ends on the last school day of its N-th school
week after the week of that day; weeks without school are passed over, also the summer (docs/conventions.md).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from rules.calendar import Calendar, week_start
from rules.law import age, law_of
from rules.rule import Condition, Hit, Known, Rule
from rules.rule.view import Measures, View
from rules.rule.words import day_words, in_figures, listed

Figures = dict[str, str | int]
HOLIDAY = ("G",)
CONTACTS = "contacts"
"""The figure that names the parents to whom a notice was given; without it: every parent."""


@dataclass(frozen=True, slots=True)
class _Notice:
    """A notice to one pupil, to one parent or several on one day."""

    pupil_id: str
    issued: date
    weeks: int
    allowed: int

    @property
    def anchor(self) -> str:
        """What makes it this notice: another length or number allowed is another notice."""
        return f"{self.issued.isoformat()}:{self.weeks}:{self.allowed}"

    def first_day(self, calendar: Calendar) -> date | None:
        """Return the first school day of its period; None where the calendar ends before it."""
        return calendar.next_school_day(self.issued + timedelta(days=1))

    def last_day(self, calendar: Calendar) -> date | None:
        """Return the last school day of its period; None where the calendar ends before that week."""
        return last_day_of(self.issued, self.weeks, calendar)


def last_day_of(issued: date, weeks: int, calendar: Calendar) -> date | None:
    """Return the last school day of a notice of so many school weeks; None where the calendar ends before that week."""
    after = [monday for monday in calendar.school_weeks if monday > week_start(issued)]
    if len(after) < weeks:
        return None
    monday = after[weeks - 1]
    return calendar.last_school_day(monday, monday + timedelta(days=6))


class NoticeOnRecord(Condition):
    """A notice to improve: on its day, when it is broken, or when its period ends and it was not."""

    kind: ClassVar[str] = "notice-to-improve"
    each_record: ClassVar[bool] = True
    on: Literal["issue", "broken", "kept"]
    codes: Annotated[tuple[str, ...], Field(min_length=1)]
    """The sessions that count: more of them than the notice allows break it."""
    unless: str | None = None
    """For on = "kept": the rule that fires when a notice is broken."""

    @model_validator(mode="after")
    def _named_for_kept(self) -> NoticeOnRecord:
        if (self.on == "kept") != (self.unless is not None):
            raise ValueError('unless = "notice-broken" goes with on = "kept", and only there')
        return self

    def words(self) -> str:
        which = f"marked {listed(self.codes, 'or')}"
        return {
            "issue": "a notice to improve is on record, on its day (moved to the next school day)",
            "broken": f"more sessions {which} since a notice to improve than it allows, within its school weeks",
            "kept": f"on the last school day of a notice to improve, when {self.unless} has not fired for it",
        }[self.on]

    def figures(self) -> dict[str, str]:
        """Return the codes that it looks for, in words."""
        return {"codes": listed(self.codes, "or")}

    def codes_named(self) -> tuple[str, ...]:
        """Return the codes that count."""
        return self.codes

    def looks_for(self, code: str) -> bool:
        """Return True when such a mark can break a notice."""
        return self.on == "broken" and code in self.codes

    @property
    def after_letter(self) -> bool:
        """A notice that has not gone out is neither broken nor kept."""
        return self.on != "issue"

    @property
    def claims_its_window(self) -> bool:
        """A notice is kept only if every session of its period is known."""
        return self.on == "kept"

    def needs(self, rules: Sequence[Rule]) -> tuple[str, ...]:  # noqa: ARG002
        """Return the rule for a broken notice."""
        return (self.unless,) if self.unless else ()

    def fire(self, view: View, rule: Rule, known: Known) -> list[Hit]:
        """Return a hit for each notice on record on whose day, or in whose period, the condition holds."""
        broken = {(hit.row, hit.anchor) for hit in (known.hits_of([self.unless]) if self.unless else ())}
        chosen = view.coded(self.codes)
        hits = []
        for notice, contacts in _notices(view):
            row = view.register.row_of.get(notice.pupil_id)
            if row is None:
                continue
            day = self._day(view, rule, row, notice, chosen)
            if day is None or (self.on == "kept" and (row, notice.anchor) in broken):
                continue
            figures = {**_figures(view, notice, contacts), **view.shown_to_date(row, day)}
            first = view.days[day] if self.on == "issue" else notice.first_day(view.calendar)
            assert first is not None
            marks: tuple[int, ...] = ()
            if self.on == "issue":
                figures |= self._before(view, row, day, chosen)
            else:
                since = view.marks_between(chosen, row, _index(view, first), day)
                figures |= {"count": len(since), "opened": notice.issued.isoformat()}
                marks = since if self.on == "broken" else ()
            if self.on == "kept":
                possible = view.attended_and_possible(row, _index(view, first), day)[1]
                figures["possible_since"] = possible
            hits.append(Hit(rule, row, day, notice.anchor, view.window(first, day), marks, figures))
        return hits

    def _day(
        self, view: View, rule: Rule, row: int, notice: _Notice, chosen: NDArray[np.bool_]
    ) -> int | None:
        """Return the school day on which the condition first holds for a notice; None when it does not."""
        if self.on == "issue":
            day = view.moved(notice.issued)
        elif self.on == "kept":
            day = view.day_index(notice.last_day(view.calendar))
        else:
            return self._broken_on(view, rule, row, notice, chosen)
        return day if day is not None and rule.may_fire(view, row, day) else None

    def _broken_on(
        self, view: View, rule: Rule, row: int, notice: _Notice, chosen: NDArray[np.bool_]
    ) -> int | None:
        first, last = notice.first_day(view.calendar), notice.last_day(view.calendar)
        if first is None:
            return None
        start = _index(view, first)
        end = len(view.days) if last is None else min(len(view.days), _index(view, last) + 1)
        since = view.by_day(chosen)[row, start:end].cumsum()
        allowed = (view.on_roll[row] & rule.days_in_force(view))[start:end]
        days = np.flatnonzero((since > notice.allowed) & allowed)
        return start + int(days[0]) if days.size else None

    def _before(self, view: View, row: int, day: int, chosen: NDArray[np.bool_]) -> Figures:
        """Return the sessions that led to it: of the year, and of the weeks of the national threshold."""
        start = _looked_back_to(view, day)
        marks = view.marks_between(chosen, row, _index(view, start), day)
        born = view.register.pupils[row].date_of_birth
        return {
            "count": len(marks),
            "count_from": start.isoformat(),
            "holiday": int(view.coded(HOLIDAY)[row, list(marks)].sum()),
            "of_age": int(age.of_compulsory_age(born, view.days[day])),
        }

    def doubt(self, figures: Mapping[str, str | int]) -> str:
        """Return why a notice may be out of place, or why a family may be thanked for nothing.

        A notice to improve offers support before a penalty notice, and none is sent for holidays alone (Working
        together to improve school attendance, national framework).
        """
        if self.on == "kept":
            return (
                "no session of the notice's period was possible" if figures.get("possible_since") == 0 else ""
            )
        if self.on == "broken":
            return ""
        if figures.get("count") == 0:
            return "no unauthorised session of the school year is in the register"
        if figures.get("of_age") == 0:
            return "the pupil is not of compulsory school age, and no penalty notice can follow"
        if figures.get("holiday") == figures.get("count"):
            return "every unauthorised session is holiday (G), and no notice to improve is sent for holidays alone"
        return ""

    def now(self, view: View, rule: Rule, day: int) -> str:  # noqa: ARG002
        """Return the notices on record, each with its period and the sessions since."""
        chosen = view.coded(self.codes)
        texts = []
        for notice, _ in _notices(view):
            if view.register.row_of.get(notice.pupil_id) != 0 or notice.issued > view.days[day]:
                continue
            first, last = notice.first_day(view.calendar), notice.last_day(view.calendar)
            start = len(view.days) if first is None else _index(view, first)
            end = day if last is None else min(day, _index(view, last))
            since = len(view.marks_between(chosen, 0, start, end)) if start <= end else 0
            end_words = day_words(last) if last else "a day that the calendar does not hold"
            texts.append(
                f"Notice to improve of {day_words(notice.issued)}, up to {end_words}:"
                f" {in_figures(since, 'such session')} since, {notice.allowed} allowed."
            )
        return " ".join(texts) or "No notice to improve is on record."

    def nothing_ahead(self, pack: Measures) -> str:  # noqa: ARG002
        """Return what it waits for."""
        return "It fires only where a notice to improve is on record."


def _notices(view: View) -> Iterator[tuple[_Notice, tuple[str, ...]]]:
    """Yield each notice once, with the parents to whom it was given; none means every parent."""
    given: dict[_Notice, set[str]] = {}
    for one in view.register.notices_to_improve:
        notice = _Notice(one.pupil_id, one.issued, one.weeks, one.allowed)
        given.setdefault(notice, set()).add(one.contact_id)
    for notice, contacts in given.items():
        yield notice, () if "" in contacts else tuple(sorted(contacts))


def _figures(view: View, notice: _Notice, contacts: tuple[str, ...]) -> Figures:
    first, last = notice.first_day(view.calendar), notice.last_day(view.calendar)
    figures: Figures = {
        "notice_date": notice.issued.isoformat(),
        "notice_weeks": notice.weeks,
        "notice_allowed": notice.allowed,
    }
    if first is not None:
        figures["notice_from"] = first.isoformat()
    if last is not None:
        figures["notice_to"] = last.isoformat()
    if contacts:
        figures[CONTACTS] = ",".join(contacts)
    return figures


def _looked_back_to(view: View, day: int) -> date:
    """Return the year's first school day, or that of the weeks of the national threshold where they reach further back."""
    start: date = view.days[view.year_starts[day]]
    figure = law_of(view.register.nation).threshold_school_weeks
    weeks = figure.on(view.days[day]) if figure else None
    if weeks:
        known = [monday for monday in view.calendar.school_weeks if monday <= view.days[day]]
        start = min(start, known[-weeks:][0])
    return max(start, view.pack.start or start)


def _index(view: View, day: date) -> int:
    """Return the index of the first school day from a day on."""
    return int(np.searchsorted(view.day_ordinals, day.toordinal()))
