"""Kind ``follows``: comes with every event of another rule after the pupil's first one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Annotated, ClassVar

from pydantic import Field

from rules.rule import Condition, Hit, Known, Rule
from rules.rule.view import View
from rules.rule.words import counted


class Follows(Condition):
    """Comes with every event of another rule after the pupil's first one."""

    kind: ClassVar[str] = "follows"
    of: str
    notice_within_years: Annotated[int, Field(ge=1, le=10)]
    """In a run, only within so many years of a notice that was issued."""

    def words(self) -> str:
        return (
            f"each {self.of} after the pupil's first; in a run only within {self.notice_within_years} years "
            "of a notice that was issued"
        )

    def figures(self) -> dict[str, str]:
        """Return for how long a notice counts."""
        return {"notice_reach": counted(self.notice_within_years, "year")}

    def needs(self, rules: Sequence[Rule]) -> tuple[str, ...]:  # noqa: ARG002
        """Return the rule that it follows."""
        return (self.of,)

    def fire(self, view: View, rule: Rule, known: Known) -> list[Hit]:
        """Return a hit with every one of the other rule after the pupil's first; its marks are the other's alone.

        Where notices on record are looked at, only in reach of one.
        """
        hits = []
        seen: set[int] = set()
        for opening in sorted(known.hits_of([self.of]), key=lambda hit: hit.day):
            if (
                opening.row in seen
                and rule.in_force(view.days[opening.day])
                and (not known.notices or self._notice_in_reach(view, opening))
            ):
                hits.append(replace(opening, rule=rule, marks=(), replaced_on=None))
            seen.add(opening.row)
        return hits

    def _notice_in_reach(self, view: View, opening: Hit) -> bool:
        pupil_id = view.register.pupils[opening.row].pupil_id
        day = view.days[opening.day]
        return any(
            notice.pupil_id == pupil_id
            and notice.issued <= day <= _years_later(notice.issued, self.notice_within_years)
            for notice in view.register.notices
        )


def _years_later(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)
