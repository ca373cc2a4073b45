"""Kind ``roll``: a pupil joins or leaves within the school year."""

from __future__ import annotations

from datetime import date, timedelta
from typing import ClassVar, Literal

from rules.calendar import Period
from rules.law import law_of
from rules.rule import Condition, Hit, Known, Rule
from rules.rule.view import Measures, View
from rules.rule.words import roll_words
from rules.school import Spell


class OnRoll(Condition):
    """A pupil joins after the year's first school day, or leaves before its last one.

    Every time on roll counts: who leaves and comes back leaves and joins again. Spells that follow each other without
    a day between are one.
    """

    kind: ClassVar[str] = "roll"
    each_record: ClassVar[bool] = True
    on: Literal["joining", "leaving"]

    @property
    def about_leaving(self) -> bool:
        return self.on == "leaving"

    def words(self) -> str:
        if self.on == "joining":
            return "a pupil joins after the year's first school day, on the first school day on roll"
        return "a pupil leaves before the year's last school day, on the last school day on roll"

    def fire(self, view: View, rule: Rule, known: Known) -> list[Hit]:  # noqa: ARG002
        """Return a hit for each time that a pupil joins or leaves; ``due`` is the last day for the return by law."""
        hits = []
        for row, pupil in enumerate(view.register.pupils):
            for stretch in pupil.stretches:
                held = self._joined(view, stretch) if self.on == "joining" else self._left(view, stretch)
                day = view.day_index(held)
                if day is None or not rule.may_fire(view, row, day):
                    continue
                entered = stretch.start if self.on == "joining" else stretch.end
                assert entered is not None
                figures = {"roll_date": entered.isoformat(), "enrolment": stretch.kind}
                due = self._due(view, entered)
                if due is not None:
                    figures["due"] = due.isoformat()
                window = (view.days[day], view.days[day])
                # the date itself: a return with a date that is corrected later is another return
                anchor = entered.isoformat()
                hits.append(
                    Hit(rule, row, day, anchor, window, (), {**figures, **view.shown_to_date(row, day)})
                )
        return hits

    def _joined(self, view: View, stretch: Spell) -> date | None:
        """Return the first school day on roll; None for a pupil who is there on the first one of a year."""
        if stretch.start is None:
            return None
        first = view.calendar.next_school_day(stretch.start)
        if first is None or first not in stretch:
            return None
        return None if first == view.calendar.first_school_day_of_year(first) else first

    def _left(self, view: View, stretch: Spell) -> date | None:
        """Return the last school day on roll; None for a pupil who is there on the last one of a year.

        Where the calendar does not hold the year to its end, its last known school day is not the year's. Whoever leaves
        on a weekday after it has a last day on roll that is not known yet.
        """
        if stretch.end is None:
            return None
        calendar = view.calendar
        last = calendar.last_school_day(stretch.start or date.min, stretch.end)
        if last is None or last != calendar.last_school_day_of_year(last):
            return last
        _, last_weekday = Period("year", "", last, stretch.end).weekdays
        return last if last_weekday <= last and not calendar.is_whole(calendar.year_of(last)) else None

    def _due(self, view: View, entered: date) -> date | None:
        """Return the last day for the return to the authority; None where the law of that day asks for none."""
        law = law_of(view.register.nation)
        figure = law.new_pupil_return_days if self.on == "joining" else law.deletion_return_days
        days = figure.on(entered) if figure else None
        return None if days is None else entered + timedelta(days=days)

    def now(self, view: View, rule: Rule, day: int) -> str:  # noqa: ARG002
        """Return the time on roll that the day lies in."""
        pupil = view.register.pupils[0]
        held = next((stretch for stretch in pupil.stretches if view.days[day] in stretch), None)
        return f"On roll {roll_words([held], 'since before the first register')}." if held else "Not on roll."

    def nothing_ahead(self, pack: Measures) -> str:  # noqa: ARG002
        """Return what it waits for."""
        return f"It fires when the pupil is recorded as {self.on} within the school year; attendance plays no part."
