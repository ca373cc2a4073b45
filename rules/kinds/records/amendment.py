"""Kind ``amendment``: a mark was changed from one code to another, each time or the so-many-th time in a school year."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, ClassVar

from pydantic import BeforeValidator, Field

from rules.rule import Condition, Hit, Known, Rule
from rules.rule.view import View
from rules.rule.words import listed, ordinal_word, times_word
from rules.school import Session

_Changed = dict[tuple[int, int], set[int]]
"""By matrix row and school day of the change, the columns whose marks were changed."""
_Codes = Annotated[
    tuple[str, ...],
    BeforeValidator(lambda value: (value,) if isinstance(value, str) else value),
    Field(min_length=1),
]


class AmendedMark(Condition):
    """A mark was changed from one code to another (needs the register's history, so only in a run)."""

    kind: ClassVar[str] = "amendment"
    by_marks_alone: ClassVar[bool] = False
    original: _Codes
    """One code, or several."""
    amended: str
    times_in_year: Annotated[int, Field(ge=1, le=100)] = 1
    """1: each day of such changes. More: once a school year, on the so-many-th such day."""

    def words(self) -> str:
        changed = f"a mark is changed from {listed(self.original, 'or')} to {self.amended}"
        if self.times_in_year == 1:
            return changed
        return f"{changed}, on the {ordinal_word(self.times_in_year)} such day of a school year"

    def figures(self) -> dict[str, str]:
        """Return how often in a school year, where it is more than once."""
        return {"threshold_times": times_word(self.times_in_year)} if self.times_in_year > 1 else {}

    def codes_named(self) -> tuple[str, ...]:
        """Return every code it names."""
        return (*self.original, self.amended)

    def fire(self, view: View, rule: Rule, known: Known) -> list[Hit]:
        """Return a hit a pupil and day for marks that were changed so, on the day of the change.

        A change on no school day counts on the next one.
        """
        if not known.amendments:
            return []
        changed = self._changed(view, rule)
        if self.times_in_year > 1:
            return list(self._so_often(view, rule, changed))
        return [
            self._hit(view, rule, place, columns, view.days[place[1]].isoformat())
            for place, columns in changed.items()
        ]

    def _changed(self, view: View, rule: Rule) -> _Changed:
        column_of = {session: column for column, session in enumerate(view.calendar.sessions)}
        changed: _Changed = {}
        for amendment in view.register.amendments:
            if amendment.original.strip() not in self.original or amendment.amended.strip() != self.amended:
                continue
            row = view.register.row_of.get(amendment.pupil_id)
            column = column_of.get(Session(amendment.date, amendment.half))
            day = view.moved(amendment.changed_at.date())
            if row is None or column is None or day is None or column >= view.session_count:
                continue
            if rule.may_fire(view, row, day):
                changed.setdefault((row, day), set()).add(column)
        return changed

    def _so_often(self, view: View, rule: Rule, changed: _Changed) -> Iterator[Hit]:
        by_year: dict[tuple[int, str], list[int]] = {}
        for row, day in sorted(changed):
            year = view.calendar.year_of(view.days[day]).start.isoformat()
            by_year.setdefault((row, year), []).append(day)
        for (row, year), days in by_year.items():
            if len(days) >= self.times_in_year:
                counted = days[: self.times_in_year]
                columns = {column for day in counted for column in changed[row, day]}
                hit = self._hit(view, rule, (row, counted[-1]), columns, f"{year}:{self.times_in_year}")
                hit.figures.update(count=self.times_in_year, threshold=self.times_in_year)
                yield hit

    def _hit(self, view: View, rule: Rule, place: tuple[int, int], columns: set[int], anchor: str) -> Hit:
        row, day = place
        return Hit(
            rule=rule,
            row=row,
            day=day,
            anchor=anchor,
            window=(view.register.sessions[min(columns)].date, view.days[day]),
            marks=tuple(sorted(columns)),
            figures=view.shown_to_date(row, day),
        )
