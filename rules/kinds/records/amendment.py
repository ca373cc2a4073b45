"""Kind ``amendment``: a mark was changed from one code to another."""

from __future__ import annotations

from typing import ClassVar

from rules.rule import Condition, Hit, Known, Rule
from rules.rule.view import View
from rules.school import Session


class AmendedMark(Condition):
    """A mark was changed from one code to another (needs the register's history, so only in a run)."""

    kind: ClassVar[str] = "amendment"
    by_marks_alone: ClassVar[bool] = False
    original: str
    amended: str

    def words(self) -> str:
        return f"a mark is changed from {self.original} to {self.amended}"

    def codes_named(self) -> tuple[str, ...]:
        """Return both codes."""
        return (self.original, self.amended)

    def fire(self, view: View, rule: Rule, known: Known) -> list[Hit]:
        """Return a hit a pupil and day for marks that were changed so, on the day of the change.

        A change on no school day counts on the next one.
        """
        if not known.amendments:
            return []
        column_of = {session: column for column, session in enumerate(view.calendar.sessions)}
        changed: dict[tuple[int, int], set[int]] = {}
        for amendment in view.register.amendments:
            if (amendment.original.strip(), amendment.amended.strip()) != (self.original, self.amended):
                continue
            row = view.register.row_of.get(amendment.pupil_id)
            column = column_of.get(Session(amendment.date, amendment.half))
            day = view.moved(amendment.changed_at.date())
            if row is None or column is None or day is None or column >= view.session_count:
                continue
            if rule.may_fire(view, row, day):
                changed.setdefault((row, day), set()).add(column)
        return [
            Hit(
                rule=rule,
                row=row,
                day=day,
                anchor=view.days[day].isoformat(),
                window=(view.register.sessions[min(columns)].date, view.days[day]),
                marks=tuple(sorted(columns)),
                figures=view.shown_to_date(row, day),
            )
            for (row, day), columns in changed.items()
        ]
