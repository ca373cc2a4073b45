"""Which pending events go out in this run, and why the others do not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from connector.ledger.claims import claim_hold
from connector.ledger.exclusions import exclusion_for
from connector.ledger.guards import Guards
from connector.ledger.holds import (
    BEFORE_START,
    FOR_DECISION,
    OTHER_POLICY,
    STICKY,
    SWITCHED_OFF,
    Hold,
    hold_to_return_to,
)
from connector.run.ladders import choose_steps, has_letter
from connector.store import Store
from connector.store.ledger import PENDING, LedgerRow, RunStamp


def decide(store: Store, guards: Guards, stamp: RunStamp) -> list[int]:
    """Move every pending event to where it belongs; return the rows whose letters and notes are made now, in order.

    To be called inside a transaction. Nothing is dropped: an event is excluded, superseded or held with its
    reason, or it goes out.
    """
    options = guards.options
    _leave_to_other_policies(store, [policy.id for policy in options.policies], stamp)
    policy_of = {(policy.id, rule.id): policy for policy in options.policies for rule in policy.rules}
    rows = [
        row for row in store.ledger.rows() if row.date <= stamp.as_of and (row.policy, row.rule) in policy_of
    ]
    ready: list[LedgerRow] = []
    for row in rows:
        if row.hold in FOR_DECISION:
            continue
        if row.state in PENDING or _starts_after_all(row, guards):
            policy = policy_of[row.policy, row.rule]
            if row.hold == SWITCHED_OFF and not policy.is_off(row.rule):
                _hold(store, row, Hold("new_policy", "the rule was switched off until now: look at it, then release it"), stamp)  # fmt: skip
                continue
            row = replace(row, hold=hold_to_return_to(row))
            if _put_aside(store, guards, row, stamp):
                continue
            hold = guards.hold(row) or claim_hold(row, guards.register, policy)
            if hold is not None:
                _hold(store, row, hold, stamp)
            else:
                ready.append(row)
    ready = _without(store, ready, guards.too_many(ready), stamp)
    ready = _without(store, ready, _for_review(guards, ready), stamp)
    return [row.id for row in _one_by_one(store, guards, rows, ready, stamp)]


def _leave_to_other_policies(store: Store, policies: Sequence[str], stamp: RunStamp) -> None:
    """Let what was pending under a policy that the school no longer follows wait, unsent, for its return."""
    for row in store.ledger.rows(states=PENDING):
        if row.policy not in policies and row.hold not in FOR_DECISION:
            which = "policy" if len(policies) == 1 else "policies"
            reason = f"the school follows the {which} {' and '.join(policies)} now"
            before = hold_to_return_to(row)
            store.ledger.move(row, "superseded", reason, stamp, hold=OTHER_POLICY, hold_before=before)


def _starts_after_all(row: LedgerRow, guards: Guards) -> bool:
    """Return True when the reason for putting it aside is gone, by a correction or another setting."""
    since = guards.options.config.run.since
    return row.state == "superseded" and (
        row.hold == OTHER_POLICY
        or (row.hold == SWITCHED_OFF and not _is_off(row, guards))
        or (row.hold == BEFORE_START and since is not None and row.date >= since)
    )


def _is_off(row: LedgerRow, guards: Guards) -> bool:
    policy = guards.options.policy_named(row.policy)
    return policy is not None and policy.is_off(row.rule)


def _put_aside(store: Store, guards: Guards, row: LedgerRow, stamp: RunStamp) -> bool:
    """Exclude or supersede for good; True when that was done."""
    options = guards.options
    if _is_off(row, guards):
        reason = f"the rule {row.rule} is switched off"
        before = hold_to_return_to(row)
        store.ledger.move(row, "superseded", reason, stamp, hold=SWITCHED_OFF, hold_before=before)
        return True
    pupil = guards.register.find(row.pupil_id)
    exclusions = (*guards.register.exclusions, *options.config.exclusions)
    exclusion = exclusion_for(row.event, pupil, exclusions)
    if exclusion is not None:
        until = f", until {exclusion.until}" if exclusion.until else ""
        store.ledger.move(row, "excluded", f"{exclusion.reason}{until}", stamp)
        return True
    reach = guards.calendar.history_start(guards.as_of)
    if options.config.run.since is not None and row.date < options.config.run.since:
        reason = f"before start: letters are written from {options.config.run.since} on"
    elif row.date < reach:
        reason = f"before start: older than the academic year before this one ({reach})"
    else:
        return False
    if row.released:
        return False
    store.ledger.move(row, "superseded", reason, stamp, hold=BEFORE_START, hold_before=hold_to_return_to(row))
    return True


def _hold(store: Store, row: LedgerRow, hold: Hold, stamp: RunStamp) -> None:
    """Hold an event. A hold that only a person ends is kept also while something else holds the event."""
    kind = row.hold if row.hold in STICKY and not row.released else hold.kind
    if not set(hold.days) <= set(row.held_days):
        store.ledger.remember_days(row, hold.days)
    store.ledger.move(row, "held", hold.reason, stamp, hold=kind)


def _without(
    store: Store, ready: Sequence[LedgerRow], holds: dict[int, Hold], stamp: RunStamp
) -> list[LedgerRow]:
    for row in ready:
        if row.id in holds:
            _hold(store, row, holds[row.id], stamp)
    return [row for row in ready if row.id not in holds]


def _for_review(guards: Guards, ready: Sequence[LedgerRow]) -> dict[int, Hold]:
    return {
        row.id: Hold("review", "waits for approval")
        for row in ready
        if guards.options.config.run.needs_review(row.rule) and not row.approved and has_letter(row)
    }


def _one_by_one(
    store: Store,
    guards: Guards,
    rows: Sequence[LedgerRow],
    ready: Sequence[LedgerRow],
    stamp: RunStamp,
) -> list[LedgerRow]:
    """Of one ladder only one letter a day, and not too soon after the last."""
    options = guards.options
    followed = {policy.id for policy in options.policies}
    on_ladders = {(p.id, rule.id) for p in options.policies for rule in p.rules if rule.ladder is not None}
    of_all = store.ledger.rows()
    now = {row.id: row for row in of_all if row.policy in followed}
    made_today = {
        row.pupil_id
        for row in of_all
        if row.policy not in followed and row.composed_on == stamp.as_of and row.event.ladder
    }
    choice = choose_steps(
        [now[row.id] for row in rows if (row.policy, row.rule) in on_ladders],
        [row.id for row in ready],
        calendar=guards.calendar,
        as_of=stamp.as_of,
        mode=options.ladder_mode,
        gap=options.ladder_gap,
        made_today=made_today,
    )
    for row_id, reason in choice.overtaken.items():
        store.ledger.move(now[row_id], "superseded", reason, stamp)
    holds = {row_id: Hold("ladder", reason) for row_id, reason in choice.waits.items()}
    going = [row for row in ready if row.id not in choice.overtaken]
    return _without(store, going, holds, stamp)
