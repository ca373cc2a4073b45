"""A letter about a whole period waits for whole data: every session of it with a mark that is a code.

A certificate, a celebration, a report to parents or a half-termly letter says something of all of a half term, term
or year. Rules pass over missing marks; what goes out to a family does not.
"""

from __future__ import annotations

from datetime import date

from connector.ledger.holds import INCOMPLETE, Hold
from connector.store.ledger import LedgerRow
from letters.words.gap_words import gaps_in_words
from rules.calendar import week_start
from rules.checks.gaps import find_gaps
from rules.policy import Policy
from rules.register import Register
from rules.rule import PeriodName
from rules.rule.words import PERIODS


def claim_hold(row: LedgerRow, register: Register, policy: Policy) -> Hold | None:
    """Return why an event about a whole period waits: the sessions of the pupil's period that lack a mark.

    Kind ``not_taken`` where the register of the pupil's whole class was not taken, else ``unmarked``. None for every
    other event, for one that a person released from this hold, and where all of the period is marked.
    """
    when = policy.rule(row.rule).when
    period = when.tested_at_end_of
    pupil = register.find(row.pupil_id)
    if pupil is None or not (when.claims_its_window or _claims(row, period)) or _let_go(row):
        return None
    days = _start(row, period, register, policy), row.date
    gaps = find_gaps(register, *days, [pupil.pupil_id])
    if not gaps:
        return None
    class_ids = [p.pupil_id for p in register.pupils if p.registration_group == pupil.registration_group]
    lacking = {*gaps.unmarked, *gaps.unrecognised}
    whole_class = lacking.intersection(find_gaps(register, *days, class_ids).not_taken)
    return Hold(
        "not_taken" if whole_class else "unmarked",
        gaps_in_words(gaps, PERIODS[period] if period else "time it is about"),
    )


def _let_go(row: LedgerRow) -> bool:
    """Return True when a person released it from this very hold, not from another one."""
    return not set(INCOMPLETE).isdisjoint(row.released_from)


def _claims(row: LedgerRow, period: PeriodName | None) -> bool:
    """Return True for every certificate, and for a letter of a rule that is tested at a period's end."""
    kinds = {outcome.kind for outcome in row.event.outcomes}
    return "certificate" in kinds or (period is not None and "letter" in kinds)


def _start(row: LedgerRow, period: PeriodName | None, register: Register, policy: Policy) -> date:
    """Return the first day of the period, or the policy's own where that is later."""
    calendar, start = register.calendar, row.event.span[0]
    if period == "week":
        start = week_start(row.date)
    elif period == "month":
        start = row.date.replace(day=1)
    elif period is not None:
        of_day = {"half_term": calendar.half_term_of, "term": calendar.term_of, "year": calendar.year_of}
        held = of_day[period](row.date)
        start = held.start if held else start
    return max(start, policy.start) if policy.start else start
