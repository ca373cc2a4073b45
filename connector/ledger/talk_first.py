"""Letters and talks with a family: who misses half of the sessions or more has a talk first, and one letter a week.

Such a letter is held until a person approves it, and says that the school rings or visits first, or tries to. What else falls due for the pupil
in the same week is listed with what waits, and goes in a later week where it is approved. A letter that says that home
has sent no message waits where a call or visit of that time was answered.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from connector.ledger.guards import Guards
from connector.store.ledger import CLOSED, LedgerRow
from letters.severe_absence import misses_half, waits_for_a_talk
from letters.words import english
from rules.law import age
from rules.policy import Policy
from rules.pupil_record import reached as has_reached

NO_MESSAGE = "no-contact"
"""The letter that says so."""
TALK_FIRST = "half or more was missed: ring or visit the family first, then approve it"


def needs_a_talk(row: LedgerRow, guards: Guards, policy: Policy) -> bool:
    """Return True for a letter that goes to such a family only after a talk, by the figures that it gives."""
    if row.pupil_id is None or row.pupil_id not in guards.register.row_of or not waits_for_a_talk(row.event):
        return False
    event = guards.given.as_due(row)
    attended, possible = event.figures.get("attended"), event.figures.get("possible")
    if not (isinstance(attended, int) and isinstance(possible, int)):
        start, end = max(guards.calendar.year_of(event.date).start, policy.start or date.min), event.date
        born = guards.register.pupil(row.pupil_id).date_of_birth
        if event.legal and born:
            start, end = max(start, age.starts(born)), min(end, age.ends(born))
        figures = guards.tally.pupil(row.pupil_id, start, end)
        attended, possible = figures.attended, figures.possible
    return misses_half(policy, attended, possible)


def answered(row: LedgerRow, guards: Guards) -> str:
    """Return why a letter about absence without a message waits: somebody was reached; empty where nobody was."""
    if not any(outcome.name == NO_MESSAGE for outcome in row.event.outcomes):
        return ""
    reached = [
        record.day
        for record in guards.register.pupil_records
        if record.pupil_id == row.pupil_id and has_reached(record) and row.date <= record.day <= guards.as_of
    ]
    if not reached:
        return ""
    return f"somebody was reached at home on {english.day(min(reached))}: read the letter before it goes"


def one_a_week(rows: Iterable[LedgerRow], ready: Sequence[LedgerRow], guards: Guards) -> dict[int, str]:
    """Return which of the events that could go wait for a later week, by row number, each with the reason."""
    week = guards.as_of.isocalendar()[:2]
    made: dict[str | None, LedgerRow] = {}
    for row in rows:
        if (
            row.composed_on is not None
            and row.composed_on.isocalendar()[:2] == week
            and row.stands_as not in CLOSED
            and waits_for_a_talk(row.event)
        ):
            made.setdefault(row.pupil_id, row)
    waits: dict[int, str] = {}
    for row in ready:
        policy = guards.options.policy_named(row.policy)
        if policy is None or not needs_a_talk(row, guards, policy):
            continue
        first = made.setdefault(row.pupil_id, row)
        if row.id != first.id and row.state != "composed":
            waits[row.id] = (
                f"half or more was missed, so the family has one letter a week: '{first.event.title}' of {english.day(first.date)}"
                " goes this week, this one the next; void it where it is not needed"
            )
    return waits
