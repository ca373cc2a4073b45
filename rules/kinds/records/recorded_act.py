"""Kind ``recorded``: something that people did for a pupil, or agreed with a family, is on record."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import ClassVar, Literal

from rules.pupil_record import DECISIONS, PupilRecord, RecordKind
from rules.rule import Condition, Hit, Known, Rule
from rules.rule.view import View
from rules.rule.words import listed

_ON = {
    "day": "its own day",
    "start": "its first day",
    "end": "its last day",
    "review": "the day of its review",
}


class Recorded(Condition):
    """A record of one kind, with one of some decisions, has come to its day, its first or last day, or its review."""

    kind: ClassVar[str] = "recorded"
    each_record: ClassVar[bool] = True
    by_marks_alone: ClassVar[bool] = False
    fires_when: ClassVar[str] = "such a record is entered"
    record: RecordKind
    decision: tuple[str, ...] = ()
    """What came of it, one of these; none: whatever came of it."""
    note_has: str = ""
    """Only a record whose note has these words, in capitals or not."""
    note_lacks: str = ""
    """Only a record whose note does not have these words."""
    on: Literal["day", "start", "end", "review"] = "day"

    def words(self) -> str:
        came = f" ({listed(self.decision, 'or')})" if self.decision else ""
        note = f" with “{self.note_has}” in its note" if self.note_has else ""
        note += f" without “{self.note_lacks}” in it" if self.note_lacks else ""
        return f"a {self.record} is on record{came}{note}, on {_ON[self.on]} (moved to the next school day); only in a run"

    def faults(self, place: str, rule: Rule, rules: Sequence[Rule]) -> Iterator[str]:  # noqa: ARG002
        """Yield each decision that no such record can have."""
        for word in self.decision:
            if word not in DECISIONS[self.record]:
                known = listed(DECISIONS[self.record], "or") or "none"
                yield f"{place}.decision: '{word}' does not come of a {self.record}: use {known}"

    def fire(self, view: View, rule: Rule, known: Known) -> list[Hit]:
        """Return a hit for each such record. Two of one day, decision and adult are one, the later one in the list.

        Fires in a run alone: a record is an act of the school, and no register without its records has one.
        """
        hits: dict[tuple[int, str], Hit] = {}
        for record in view.register.pupil_records if known.in_run else ():
            dated = self._day_of(record)
            row = view.register.row_of.get(record.pupil_id)
            day = view.moved(dated) if dated else None
            if not self._names(record) or row is None or dated is None or day is None:
                continue
            if not rule.may_fire(view, row, day):
                continue
            anchor = _anchor(record) if self.on == "day" else f"{_anchor(record)}:{self.on}:{dated}"
            window = (view.days[day], view.days[day])
            figures = {**_figures(record), **view.shown_to_date(row, day)}
            hits[row, anchor] = Hit(rule, row, day, anchor, window, (), figures)
        return list(hits.values())

    def _names(self, record: PupilRecord) -> bool:
        return (
            record.kind == self.record
            and (not self.decision or record.decision in self.decision)
            and self.note_has.casefold() in record.note.casefold()
            and not (self.note_lacks and self.note_lacks.casefold() in record.note.casefold())
        )

    def _day_of(self, record: PupilRecord) -> date | None:
        return record.day if self.on == "day" else getattr(record, self.on)


def _anchor(record: PupilRecord) -> str:
    return ":".join((record.kind, record.day.isoformat(), record.decision, record.contact_id))


def _figures(record: PupilRecord) -> dict[str, str | int]:
    """Return what letters need of a record: its dates, what came of it, and the adult whom it concerns."""
    dates = {
        "record_day": record.day,
        "record_start": record.start,
        "record_end": record.end,
        "record_review": record.review,
    }
    figures: dict[str, str | int] = {name: day.isoformat() for name, day in dates.items() if day}
    figures["record_decision"] = record.decision
    if record.contact_id:
        figures["contacts"] = record.contact_id
    return figures
