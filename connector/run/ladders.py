"""Several steps of one ladder waiting for one pupil: which letter goes now.

``sequence``: never skip a step, one after the other. ``highest``: the highest goes, lower ones are overtaken.
Under both there are never two letters of one ladder on one day, and some school days between two of them.
This acts on the letters of a run; an evaluation lists every event whose condition holds.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from connector.ledger.guards import school_days_between
from connector.ledger.holds import FOR_DECISION
from connector.store.ledger import CLOSED, PENDING, LedgerRow
from letters.words import english
from rules.calendar import Calendar

BLOCKED = {"held": "is held", "failed": "has failed", "due": "is held", "approved": "is held"}
"""How a step stands that keeps later ones waiting until a person decides about it."""


@dataclass(slots=True)
class LadderChoice:
    """Which rows wait and which give way, each with the reason, by row number."""

    waits: dict[int, str] = field(default_factory=dict)
    overtaken: dict[int, LedgerRow] = field(default_factory=dict)
    """The step that goes in place of each."""


def choose_steps(
    rows: Iterable[LedgerRow],
    ready: Iterable[int],
    *,
    calendar: Calendar,
    as_of: date,
    mode: Literal["sequence", "highest"],
    gap: int,
    made_today: Container[str | None] = (),
    begins: Callable[[LedgerRow], date] = lambda _row: date.min,
) -> LadderChoice:
    """Given every row of the ledger and which pending ones could go today, return which have to wait or give way.

    ``begins``: the first day of the year, or of the period that the step's rule counts in: an earlier step blocks nothing.
    ``made_today``: pupils who had a letter of a ladder today under another policy of the school.
    """
    can_go = set(ready)
    ladders: dict[tuple[str, str, str], list[LedgerRow]] = {}
    for row in rows:
        if row.pupil_id is not None and row.event.ladder is not None and row.has_letter:
            ladders.setdefault((row.pupil_id, row.policy, row.event.ladder), []).append(row)
    choice = LadderChoice()
    for ladder in ladders.values():
        ordered = sorted(ladder, key=lambda row: (row.date, row.event.rung, row.id))
        early = _too_early(ordered, calendar, as_of, gap)
        if ordered[0].pupil_id in made_today:
            early = "a letter under the policy before was made today"
        if mode == "sequence":
            _sequence(ordered, can_go, early, choice, begins)
        else:
            _highest(ordered, can_go, early, choice)
    return choice


def _too_early(rows: Sequence[LedgerRow], calendar: Calendar, as_of: date, gap: int) -> str | None:
    """Return why no letter of this ladder may be made today; None when one may."""
    made = [row for row in rows if row.composed_on is not None and row.stands_as not in PENDING]
    if any(row.composed_on == as_of for row in made):
        return "a letter of this ladder was made today"
    in_force = [row for row in made if row.stands_as not in CLOSED]
    if not in_force:
        return None
    last = max(in_force, key=lambda row: row.composed_on or date.min)
    assert last.composed_on is not None
    passed = school_days_between(calendar, last.composed_on, as_of)
    if passed >= gap:
        return None
    return f"{passed} of {english.count(gap, 'school day')} since the letter '{last.event.title}' of {last.composed_on}"


def _sequence(
    rows: Sequence[LedgerRow],
    can_go: set[int],
    early: str | None,
    choice: LadderChoice,
    begins: Callable[[LedgerRow], date],
) -> None:
    """Let the earliest step go first; one that is held or has failed keeps the later ones waiting."""
    before: LedgerRow | None = None
    for row in rows:
        # what was excluded or put aside until now is no pending row yet, and takes its turn all the same
        if row.id not in can_go and row.stands_as not in (*PENDING, "failed"):
            continue
        if row.id in can_go and before is not None:
            choice.waits[row.id] = _waits_for(before, before.id in can_go)
        elif row.id in can_go and early is not None:
            choice.waits[row.id] = early
        if row.id in can_go or row.date >= begins(row):
            before = before or row


def _waits_for(before: LedgerRow, goes: bool) -> str:
    step = f"waits for the step before it, '{before.event.title}' of {before.date}"
    if goes:
        return step
    return (
        f"{step}, which {BLOCKED[before.stands_as]}: see `events show {before.key}`, then release or void it"
    )


def _highest(rows: Sequence[LedgerRow], can_go: set[int], early: str | None, choice: LadderChoice) -> None:
    """Let the highest step that can go take the place of every lower one still waiting up to its day."""
    able = [row for row in rows if row.id in can_go]
    if not able:
        return
    top = max(able, key=lambda row: (row.event.rung, row.date, row.id))
    for row in rows:
        waits = row.id in can_go or (row.state in PENDING and row.hold not in FOR_DECISION)
        if row.id == top.id or not waits:
            continue
        if row.event.rung <= top.event.rung and row.date <= top.date:
            choice.overtaken[row.id] = top
        elif row.id in can_go:
            choice.waits[row.id] = f"waits for '{top.event.title}' of {top.date}"
    if early is not None:
        choice.waits[top.id] = early
