"""What may happen to an event today: it goes out, waits, or is put aside, and why.

Deciding asks this in every run for all that is not in the MIS yet, also for what has been made and waits in the
outbox, for what failed and was released, and for what comes back; a release asks it what still stands in the way.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from connector.ledger.claims import claim_hold
from connector.ledger.exclusions.named import exclusion_for, reason_of, years_between
from connector.ledger.guards import Guards
from connector.ledger.holds import BEFORE_START, OTHER_POLICY, SWITCHED_OFF, Hold
from connector.ledger.talk_first import TALK_FIRST, answered, needs_a_talk
from connector.store.ledger import LedgerRow
from rules.policy import Policy


@dataclass(frozen=True, slots=True)
class Verdict:
    """What may happen to an event, with the reason in words for staff."""

    state: Literal["due", "held", "excluded", "superseded"]
    """``due``: it may be made and written, as far as the other events of the run let it."""
    reason: str = ""
    kind: str = ""
    """Why it is put aside, for one that comes back by itself when that is over."""
    hold: Hold | None = None
    """Why it waits, for one that is held."""

    @property
    def goes(self) -> bool:
        """True when nothing about the event itself stands in the way."""
        return self.state == "due"


GOES = Verdict("due")
_APPROVED_PAST = ("first_run", "new_policy", "too_old")
"""Holds that an approval ends too: whoever reads one has to know of the talk."""
DIED = "the pupil has died: nothing is written to anybody"
"""Why nothing becomes of any event of such a pupil, for staff."""


def verdict(row: LedgerRow, guards: Guards) -> Verdict:
    """Return what may happen to an event by the facts of today, whatever was decided about it before.

    What depends on the other events of the run, a ladder's order and too many at once, is not in it.
    """
    policy = guards.options.policy_named(row.policy)
    if policy is None:
        return Verdict("superseded", _followed(guards), OTHER_POLICY)
    if policy.is_off(row.rule):
        return Verdict("superseded", f"the rule {row.rule} is switched off", SWITCHED_OFF)
    return _excluded(row, guards) or _before_start(row, guards) or _held(row, guards, policy) or GOES


def _followed(guards: Guards) -> str:
    names = [policy.id for policy in guards.options.policies]
    return f"the school follows the {'policy' if len(names) == 1 else 'policies'} {' and '.join(names)} now"


def _excluded(row: LedgerRow, guards: Guards) -> Verdict | None:
    pupil = guards.register.find(row.pupil_id)
    if pupil is not None and pupil.deceased:
        return Verdict("excluded", DIED)
    exclusions = (*guards.register.exclusions, *guards.options.config.exclusions)
    years_ago = years_between(guards.calendar, row.date, guards.as_of)
    exclusion = exclusion_for(row.event, pupil, exclusions, years_ago=years_ago)
    reason = guards.given.why_not_due(row) if exclusion is None else reason_of(exclusion)
    return Verdict("excluded", reason) if reason else None


def _before_start(row: LedgerRow, guards: Guards) -> Verdict | None:
    """Put aside what lies before the first day from which letters are written, unless a person released it."""
    since = guards.options.config.run.since
    reach = guards.calendar.history_start(guards.as_of)
    if row.released:
        return None
    if since is not None and row.date < since:
        reason = f"before start: letters are written from {since} on"
    elif row.date < reach:
        reason = f"before start: older than the academic year before this one ({reach})"
    else:
        return None
    return Verdict("superseded", reason, BEFORE_START)


def _held(row: LedgerRow, guards: Guards, policy: Policy) -> Verdict | None:
    if not any(rule.id == row.rule for rule in policy.rules):
        hold: Hold | None = Hold("new_policy", f"the policy {policy.id} no longer has its rule {row.rule}")
    else:
        hold = guards.hold(row) or claim_hold(row, guards.register, policy) or _review(row, guards, policy)
        if (
            hold
            and hold.kind in _APPROVED_PAST
            and TALK_FIRST not in hold.reason
            and needs_a_talk(row, guards, policy)
        ):
            hold = replace(hold, reason=f"{hold.reason}; {TALK_FIRST}")
    return None if hold is None else Verdict("held", hold.reason, hold.kind, hold)


def _review(row: LedgerRow, guards: Guards, policy: Policy) -> Hold | None:
    """Hold a letter that a person reads first: by the settings, or by what the rule says, of this pupil or these figures."""
    if row.approved or not row.has_letter:
        return None
    rule, pupil = policy.rule(row.rule), guards.register.find(row.pupil_id)
    doubt = rule.when.doubt(row.event.figures)
    talk = TALK_FIRST if needs_a_talk(row, guards, policy) else ""
    if rule.release == "head":
        return Hold("review", "; ".join(filter(None, ("waits for the head’s release", doubt, talk))))
    if guards.options.config.run.needs_review(row.rule):
        return Hold("review", "; ".join(filter(None, ("waits for approval", talk))))
    if talk:
        return Hold("review", talk)
    flags = [flag for flag in rule.read_first if pupil is not None and flag in pupil.flags]
    if flags:
        return Hold("review", f"the pupil has a flag ({', '.join(flags)}): read the letter before it goes")
    if doubt:
        return Hold("review", f"{doubt}: read the letter before it goes")
    reached = answered(row, guards)
    return Hold("review", reached) if reached else None
