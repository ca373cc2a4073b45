"""Kind ``count``: so many sessions in a half term, term or year, or in a rolling window that spends them.

In a rolling window one absence is one event. The sessions that follow in the absence in which the rule fired, up to the
next attended session, are spent with those counted, as long as the day on which it fired lies in their own window. A
session that is not possible or has no mark does not end an absence, nor does time off roll; absence of another sort goes
on with it and is not counted.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Annotated, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from rules.calendar import Calendar
from rules.codes import ATTENDED
from rules.rule import Compare, Hit, Known, Rule
from rules.rule.sessions import Sessions
from rules.rule.view import Measures, View
from rules.rule.words import (
    PERIODS,
    as_school_days,
    counted,
    day_words,
    in_figures,
    number_word,
    ordinal_word,
    times_word,
)


class Count(Sessions):
    """So many sessions within a period: once per half term, term or year; or in a rolling window, spending them."""

    kind: ClassVar[str] = "count"
    at_least: Annotated[int, Field(ge=1, le=400)]
    within: Literal["half_term", "term", "year", "two_terms", "weeks", "school_weeks"]
    weeks: Annotated[int, Field(ge=1, le=60)] | None = None
    """Length of the window for within = "weeks" (7 days each) or "school_weeks"."""
    year_to_date: Compare | None = None
    """Attendance of the year to date must compare so as well."""
    separate: bool = False
    """Of each absence, up to the next attended session, only its first such session counts; not in a rolling window."""

    @model_validator(mode="after")
    def _weeks_where_needed(self) -> Count:
        if (self.within in ("weeks", "school_weeks")) != (self.weeks is not None):
            raise ValueError('weeks goes with within = "weeks" or "school_weeks", and only there')
        if self.separate and self.rolling:
            raise ValueError("separate goes with a half term, term or year")
        if self.weeks is not None and self.at_least > 14 * self.weeks:
            raise ValueError(
                f"impossible window: {in_figures(self.weeks, 'week')} cannot hold {self.at_least} sessions"
            )
        return self

    @property
    def rolling(self) -> bool:
        """The window moves with the day and sessions are spent."""
        return self.within in ("two_terms", "weeks", "school_weeks")

    @property
    def spends_absences(self) -> bool:
        """A rolling window does."""
        return self.rolling

    def chosen(self, view: View) -> NDArray[np.bool_]:
        """Return pupils × sessions: those that count, of separate absences the first of each."""
        chosen = super().chosen(view)
        if not self.separate:
            return chosen
        firsts = np.zeros_like(chosen)
        attended = np.isin(view.classes, ATTENDED).cumsum(axis=1)
        for row in np.flatnonzero(chosen.any(axis=1)):
            own = np.flatnonzero(chosen[row])
            firsts[row, own[np.unique(attended[row, own], return_index=True)[1]]] = True
        return firsts

    def words(self) -> str:
        number = f"{self.at_least} session{'s' if self.at_least > 1 else ''} {self.which()}"
        if self.separate:
            number = f"{self.at_least} separate absence{'s' if self.at_least > 1 else ''} with a session {self.which()}"
        within = {
            "two_terms": "in the current and the previous term together",
            "weeks": f"in any {self.weeks} weeks",
            "school_weeks": f"in any {self.weeks} school weeks",
        }.get(self.within) or f"in one {PERIODS[self.within]}"
        if self.rolling:
            within += ", each session used once, with those that follow in the same absence"
        also = self.year_to_date
        return f"{number} {within}" + (
            f", while attendance of the year to date is {also.words}" if also else ""
        )

    def figures(self) -> dict[str, str]:
        """Return how many sessions it asks for, as what they are named in a sentence, and where it counts."""
        weeks = self.weeks or 0
        windows = {
            "two_terms": "two terms",
            "weeks": counted(weeks, "week"),
            "school_weeks": counted(weeks, "school week"),
        }
        also = self.year_to_date.figures() if self.year_to_date else {}
        if self.separate:
            times = {
                "threshold_times": times_word(self.at_least),
                "window": windows.get(self.within) or f"a {PERIODS[self.within]}",
            }
            return {**super().figures(), **times, **also}
        over = {"over_days": as_school_days(self.at_least - 1)} if self.at_least > 1 else {}
        return {
            **super().figures(),
            "threshold": str(self.at_least),
            "threshold_words": number_word(self.at_least),
            "threshold_ordinal": ordinal_word(self.at_least),
            "threshold_sessions": counted(self.at_least, "session"),
            "threshold_times": times_word(self.at_least),
            "threshold_days": as_school_days(self.at_least),
            **over,
            "window": windows.get(self.within) or f"a {PERIODS[self.within]}",
            **also,
        }

    def window_start(self, calendar: Calendar, day: date) -> date | None:
        """Return the first day of the rolling window that ends on a school day; None outside any term.

        A window of weeks has 7 days for each; one of school weeks begins on the Monday of its first week with school;
        one of two terms begins with the term before this one.
        """
        if self.within == "weeks":
            assert self.weeks
            return day - timedelta(days=7 * self.weeks - 1)
        if self.within == "school_weeks":
            assert self.weeks
            weeks = calendar.school_weeks
            return weeks[max(0, bisect_right(weeks, day) - self.weeks)]
        term = calendar.term_of(day)
        return None if term is None else calendar.terms[max(0, calendar.terms.index(term) - 1)].start

    def fire(self, view: View, rule: Rule, known: Known) -> list[Hit]:  # noqa: ARG002
        """Return a hit each time that the count is reached."""
        return self._rolling(view, rule) if self.rolling else self._fixed(view, rule)

    def _fixed(self, view: View, rule: Rule) -> list[Hit]:
        """Return a hit once per period, on the first day at whose end the count (and the second condition) holds."""
        chosen = self.chosen(view)
        counts = view.by_day(chosen)
        allowed = view.on_roll & rule.days_in_force(view)
        if self.year_to_date:
            allowed = allowed & self.year_to_date.holds_for(*view.to_date) & view.enough
        hits = []
        for period, first, last in view.periods(self.within):
            so_many = counts[:, first : last + 1].cumsum(axis=1) >= self.at_least
            holds = so_many & allowed[:, first : last + 1]
            for row in np.flatnonzero(holds.any(axis=1)):
                day = first + int(holds[row].argmax())
                marks = view.marks_between(chosen, int(row), first, day)
                window = view.window(view.days[first], day)
                hits.append(self._hit(view, rule, int(row), day, period.start.isoformat(), window, marks))
        return hits

    def _rolling(self, view: View, rule: Rule) -> list[Hit]:
        """Return a hit whenever the unspent sessions of the window are enough; all of them are then spent."""
        chosen = self.chosen(view)
        starts = self._starts(view, rule)
        rows = np.flatnonzero(chosen.sum(axis=1) >= self.at_least)
        return [hit for row in rows for hit in self._spend(view, rule, int(row), chosen, starts)[0]]

    def _starts(self, view: View, rule: Rule) -> list[date | None]:
        """Return the first day of the window that ends on each school day; None where the rule does not hold then."""
        return [
            self.window_start(view.calendar, day) if holds else None
            for day, holds in zip(view.days, rule.days_in_force(view), strict=True)
        ]

    def _spend(
        self, view: View, rule: Rule, row: int, chosen: NDArray[np.bool_], starts: Sequence[date | None]
    ) -> tuple[list[Hit], list[int]]:
        """Return one pupil's hits in a rolling window, and the sessions spent besides those that they counted.

        ``chosen`` are pupils × sessions, ``starts`` as :meth:`_starts` returns them.
        """
        sessions = np.flatnonzero(chosen[row])
        attended = np.flatnonzero(np.isin(view.classes[row], ATTENDED))
        all_sessions = view.register.sessions
        hits: list[Hit] = []
        unspent: list[int] = []
        followed: list[int] = []
        absence_end = 0
        days = view.register.session_day[sessions]
        for day in np.unique(days):
            start = starts[day]
            own = [int(s) for s in sessions[days == day]]
            if hits and start is not None and start <= view.days[hits[-1].day]:
                followed += [s for s in own if s < absence_end]
                own = [s for s in own if s >= absence_end]
            if start is None:
                unspent += own
                continue
            unspent = [s for s in unspent if all_sessions[s].date >= start] + own
            if len(unspent) >= self.at_least:
                anchor = all_sessions[unspent[0]].date.isoformat()
                window = view.window(start, int(day))
                hits.append(self._hit(view, rule, row, int(day), anchor, window, tuple(unspent)))
                after = attended[attended > unspent[-1]]
                absence_end = int(after[0]) if len(after) else view.session_count
                unspent = []
        return hits, followed

    def _hit(
        self,
        view: View,
        rule: Rule,
        row: int,
        day: int,
        anchor: str,
        window: tuple[date, date],
        marks: tuple[int, ...],
    ) -> Hit:
        threshold = {} if self.separate else {"threshold": self.at_least}
        figures = {"count": len(marks), **threshold, **view.shown_to_date(row, day)}
        return Hit(rule, row, day, anchor, window, marks, figures)

    def now(self, view: View, rule: Rule, day: int) -> str:
        """Return how many such sessions the present period or window has, and which."""
        chosen = self.chosen(view)
        hits, followed = (
            self._spend(view, rule, 0, chosen, self._starts(view, rule)) if self.rolling else ([], [])
        )
        spent = {*followed, *(s for hit in hits for s in hit.marks)}
        first = dict(self._windows(view)).get(day)
        if first is None:
            return "Today lies in no such period."
        within = view.marks_between(chosen, 0, first, day)
        marks = [s for s in within if s not in spent]
        sessions = view.register.sessions
        which = "; ".join(
            f"{day_words(sessions[s].date)} {sessions[s].half} {view.register.code_at(0, s)}" for s in marks
        )
        since = day_words(view.days[first])
        more = sum(s in within for s in followed)
        goes_on = f" {more} more went on in an absence that it has fired for, and are spent." if more else ""
        return f"{in_figures(len(marks), 'such session')} since {since}, the rule looks for {self.at_least}{': ' + which if which else ''}.{goes_on}"

    def nothing_ahead(self, pack: Measures) -> str:
        """Return what to say when no marks of the rest of the year would make it fire: one absence that goes on is not enough."""
        if not self.separate:
            return super().nothing_ahead(pack)
        return (
            f"It would fire on the {ordinal_word(self.at_least)} separate absence of a {PERIODS[self.within]}; "
            "one that goes on counts once."
        )

    def enough_by(self, now: View, year: View, rule: Rule) -> str:
        """Return how many more sessions, and the last day on which that many would be enough.

        A day is named only when the rule may fire on it and so many sessions are left until then. After an absence that it
        has fired for and that goes on, one of them is attended first.
        """
        if self.year_to_date or self.separate:
            return ""
        today = now.days[-1] if now.days else date.min
        spent, done = set[int](), set[int]()
        chosen = self.chosen(now)
        if self.rolling:
            hits, followed = self._spend(now, rule, 0, chosen, self._starts(now, rule))
            spent.update(followed)
        else:
            hits = self._fixed(now, rule)
        for hit in hits:
            spent.update(hit.marks)
            done.update(first for d, first in self._windows(year) if d == hit.day and not self.rolling)
        counted_so_far = [s for s in np.flatnonzero(chosen[0]) if s not in spent]
        ahead = np.flatnonzero(
            year.on_roll[0, year.register.session_day[: year.session_count]] & year.visible[0]
        )
        ahead = ahead[[year.register.sessions[s].date > today for s in ahead]]
        days_ahead = year.register.session_day[ahead]
        latest, lowest = None, self.at_least
        for day, first in self._windows(year):
            if year.days[day] > today and rule.may_fire(year, 0, day) and first not in done:
                more = self.at_least - sum(year.register.session_day[s] >= first for s in counted_so_far)
                left = int(((days_ahead >= first) & (days_ahead <= day)).sum())
                if self._goes_on(now, hits, year.days[first]):
                    left -= 1
                if more <= min(lowest, left):
                    lowest, latest = more, year.days[day]
        if latest is None or lowest >= self.at_least or lowest < 1:
            return ""
        more_words = "1 more such session" if lowest == 1 else f"{lowest} more such sessions"
        return f"{more_words} by {day_words(latest)} would be enough."

    def _goes_on(self, view: View, hits: Sequence[Hit], start: date) -> bool:
        """Whether the absence that the rule fired for last goes on, and its day is in the window that begins with ``start``."""
        if not (self.rolling and hits and start <= view.days[hits[-1].day]):
            return False
        return not np.isin(view.classes[0, hits[-1].marks[-1] :], ATTENDED).any()

    def _windows(self, view: View) -> list[tuple[int, int]]:
        """Return (school day, first school day of its window or period) for every day in one."""
        if not self.rolling:
            return [
                (d, first) for _, first, last in view.periods(self.within) for d in range(first, last + 1)
            ]
        starts = [self.window_start(view.calendar, day) for day in view.days]
        return [
            (d, int(np.searchsorted(view.day_ordinals, start.toordinal())))
            for d, start in enumerate(starts)
            if start is not None
        ]
