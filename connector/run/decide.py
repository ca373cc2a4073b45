"""Which events go out in this run, and why the others do not."""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from dataclasses import replace
from datetime import date

from connector.ledger.guards import Guards
from connector.ledger.holds import (
    BEFORE_START,
    COMES_BACK,
    FOR_DECISION,
    FORM_WAITS,
    OTHER_POLICY,
    OVERTAKEN,
    STICKY,
    SWITCHED_OFF,
    Hold,
    hold_to_return_to,
)
from connector.ledger.notices.consideration_forms import Forms, forms_of, reason
from connector.ledger.talk_first import one_a_week
from connector.ledger.verdict import GOES, Verdict, verdict
from connector.run.ladders import choose_steps
from connector.store import Store
from connector.store.ledger import CLOSED, PENDING, SENT, LedgerRow, RunStamp


def decide(store: Store, guards: Guards, stamp: RunStamp, absent: Container[int] = ()) -> list[int]:
    """Look again at every event that is not in the MIS yet; return the rows whose letters and notes are made now.

    They come in order of date. What was made in an earlier run and is not written is among them, so that it is made
    again where it no longer says what is so. To be called inside a transaction. Nothing is dropped: an event is
    excluded, superseded or held with its reason, or it goes out. ``absent``: what is put aside or excluded and does not
    follow today.
    """
    rows = [row for row in store.ledger.rows() if row.date <= stamp.as_of]
    by_id = {row.id: row for row in rows}
    forms = forms_of(rows, guards.options.policies, guards.register)
    able: list[tuple[LedgerRow, Verdict]] = []
    for row in rows:
        if row.hold in FOR_DECISION:
            _put_aside_undecided(store, row, guards, stamp)
            continue
        if row.id in absent or not _is_open(row, by_id, guards):
            continue
        back = _as_it_was(row, guards)
        today = _unless_unsent(back, _unless_listed(back, verdict(back, guards), forms), rows, guards)
        if row.state == today.state == "superseded" and row.hold == today.kind:
            continue
        if row.state == "excluded" and today.state in ("excluded", "superseded"):
            continue
        if today.goes or today.kind == "review":
            able.append((back, today))
        else:
            _put(store, back, today, stamp)
    many = guards.too_many([row for row, _ in able])
    ready: list[LedgerRow] = []
    for row, today in able:
        if row.id in many:
            _hold(store, row, many[row.id], stamp)
        elif today.hold is not None:
            _hold(store, row, today.hold, stamp)
        else:
            ready.append(row)
    able_today = _one_a_week(store, guards, _one_by_one(store, guards, ready, stamp), stamp)
    going = _one_form_each(store, forms, able_today, stamp)
    store.outbox.free_lines(stamp.at)
    return [row.id for row in going]


def _one_a_week(store: Store, guards: Guards, ready: Sequence[LedgerRow], stamp: RunStamp) -> list[LedgerRow]:
    """Hold the second letter of a week to the family of a pupil who misses half or more; return the others."""
    waits = one_a_week(store.ledger.rows(), ready, guards)
    for row in ready:
        if row.id in waits:
            _hold(store, row, Hold("ladder", waits[row.id]), stamp)
    return [row for row in ready if row.id not in waits]


def _unless_listed(row: LedgerRow, today: Verdict, forms: Forms) -> Verdict:
    """Return the verdict; for an event that is listed with a form of the pupil that waits, that it makes none."""
    form = forms.covering(row) if today.state in ("due", "held") else None
    return today if form is None else Verdict("superseded", reason(form), FORM_WAITS)


def _unless_unsent(row: LedgerRow, today: Verdict, rows: Sequence[LedgerRow], guards: Guards) -> Verdict:
    """Return the verdict; for what came of a letter that is still to be sent, that it waits for that letter."""
    policy = guards.options.policy_named(row.policy)
    if (
        not (today.goes or today.kind == "review")
        or policy is None
        or not policy.rule(row.rule).when.after_letter
    ):
        return today
    kinds = {rule.id: rule.when.kind for rule in policy.rules if not rule.when.after_letter}
    letter = next(
        (
            one
            for one in rows
            if (one.pupil_id, one.policy, one.anchor) == (row.pupil_id, row.policy, row.anchor)
            and kinds.get(one.rule) == policy.rule(row.rule).when.kind
            and one.stands_as in (*PENDING, "composed", "failed")
        ),
        None,
    )
    if letter is None:
        return today
    reason = (
        f"waits for the letter '{letter.event.title}' of {letter.date}, which has not gone out:"
        f" see `events show {letter.key}`, then approve, release or void it"
    )
    return Verdict("held", reason, "ladder", Hold("ladder", reason))


def _one_form_each(
    store: Store, forms: Forms, going: Sequence[LedgerRow], stamp: RunStamp
) -> list[LedgerRow]:
    """Of several events of a pupil that would make a consideration form, the first makes one and the others none."""
    left = []
    for row in going:
        today = _unless_listed(row, GOES, forms)
        if today.goes:
            forms = forms.with_made(row)
            left.append(row)
        else:
            _put(store, row, today, stamp)
    return left


def _put_aside_undecided(store: Store, row: LedgerRow, guards: Guards, stamp: RunStamp) -> None:
    """Put aside an event that waits for a decision, once its policy or rule is not followed; ask again when it is.

    What is in the MIS is asked about all the same, and what was withdrawn before it followed again is so again.
    """
    today = verdict(row, guards)
    if row.state != "held" or today.kind not in (OTHER_POLICY, SWITCHED_OFF):
        return
    if row.stands_as == "withdrawn":
        before = hold_to_return_to(row)
        store.ledger.move(row, "withdrawn", today.reason, stamp, note_due=row.note_due, hold_before=before)
    elif row.stands_as in (*PENDING, "composed"):
        asks_again = row.hold == "facts_changed" and today.kind == OTHER_POLICY
        _put(store, row, replace(today, kind="facts_changed") if asks_again else today, stamp)


def _is_open(row: LedgerRow, by_id: dict[int, LedgerRow], guards: Guards) -> bool:
    """Return True when something may still become of it: it waits, is made and not written, or may come back."""
    if row.state != "superseded":
        return row.state in (*PENDING, "composed", "excluded")
    if row.hold == OVERTAKEN:
        by = by_id.get(row.overtaken_by or 0)
        return by is not None and by.stands_as in CLOSED
    if row.hold == BEFORE_START:  # when the setting is taken out, what it left out does not come all at once
        return guards.options.config.run.since is not None
    return row.hold in COMES_BACK


def _as_it_was(row: LedgerRow, guards: Guards) -> LedgerRow:
    """Return the row with the hold that it had before it was put aside; a rule that was off is looked at first."""
    policy = guards.options.policy_named(row.policy)
    if row.state == "superseded" and row.hold == SWITCHED_OFF and policy and not policy.is_off(row.rule):
        reason = "the rule was switched off until now: look at it, then release it"
        return replace(row, hold="new_policy", reason=reason)
    return replace(row, hold=hold_to_return_to(row))


def _put(store: Store, row: LedgerRow, today: Verdict, stamp: RunStamp) -> None:
    """Hold, exclude or supersede an event, and write nothing more of it."""
    if today.hold is not None:
        _hold(store, row, today.hold, stamp)
        return
    store.outbox.stop(row.id, stamp.at)
    store.ledger.move(
        row,
        today.state,
        today.reason,
        stamp,
        hold=today.kind,
        hold_before=hold_to_return_to(row),
        note_due=row.note_due,
    )
    if today.kind == SWITCHED_OFF:  # once the rule is on again, a person looks at it before it goes
        store.ledger.take_back_consent(row.id)


def _hold(store: Store, row: LedgerRow, hold: Hold, stamp: RunStamp) -> None:
    """Hold an event. A hold that only a person ends is kept also while something else holds the event."""
    kind = row.hold if row.hold in STICKY and not row.released else hold.kind
    if not set(hold.days) <= set(row.held_days):
        store.ledger.remember_days(row, hold.days)
    store.outbox.stop(row.id, stamp.at)
    store.ledger.move(row, "held", hold.reason, stamp, hold=kind, note_due=row.note_due)


def _one_by_one(store: Store, guards: Guards, ready: Sequence[LedgerRow], stamp: RunStamp) -> list[LedgerRow]:
    """Of one ladder only one letter a day, and not too soon after the last. What is made already has had its turn."""
    options = guards.options
    followed = {policy.id for policy in options.policies}
    rule_of = {(p.id, rule.id): rule for p in options.policies for rule in p.rules if rule.ladder is not None}
    rows = store.ledger.rows()
    on_ladders = {
        row.id: row for row in rows if (row.policy, row.rule) in rule_of and row.date <= stamp.as_of
    }
    made_today = {
        row.pupil_id
        for row in rows
        if row.policy not in followed and row.composed_on == stamp.as_of and row.event.ladder
    }
    choice = choose_steps(
        on_ladders.values(),
        [row.id for row in ready if row.state != "composed"],
        calendar=guards.calendar,
        as_of=stamp.as_of,
        mode=options.ladder_mode,
        gap=options.ladder_gap,
        made_today=made_today,
        begins=lambda row: _period_start(getattr(rule_of[row.policy, row.rule].when, "within", ""), guards),
    )
    for row_id, top in choice.overtaken.items():
        row = on_ladders[row_id]
        reason = f"overtaken by '{top.event.title}' of {top.date}"
        store.ledger.move(
            row,
            "superseded",
            reason,
            stamp,
            hold=OVERTAKEN,
            hold_before=hold_to_return_to(row) if row.hold in STICKY else "",
            note_due=row.note_due,
        )
        store.ledger.put_overtaken_by(row_id, top.id)
    waits = choice.waits
    for row in ready:
        if row.id not in choice.overtaken and row.state != "composed":
            early = _before_the_review(
                row, on_ladders.values(), getattr(rule_of.get((row.policy, row.rule)), "when", None), stamp
            )
            if early:
                waits.setdefault(row.id, early)
        if row.id in waits:
            _hold(store, row, Hold("ladder", waits[row.id]), stamp)
    return [row for row in ready if row.id not in choice.overtaken and row.id not in waits]


def _before_the_review(row: LedgerRow, on_ladders: Iterable[LedgerRow], when: object, stamp: RunStamp) -> str:
    """Return why a step after a review waits: the letter before it was made late, and names a later day for it."""
    of = getattr(when, "of", ())
    rules = (of,) if isinstance(of, str) else tuple(of)
    before = [
        one
        for one in on_ladders
        if one.pupil_id == row.pupil_id
        and one.rule in rules
        and one.composed_on is not None
        and one.date < row.date
        and one.stands_as in ("composed", *SENT)
    ]
    if not before:
        return ""
    last = max(before, key=lambda one: one.date)
    assert last.composed_on is not None
    day = row.date + (last.composed_on - last.date)
    if stamp.as_of >= day:
        return ""
    return f"waits until {day}: the letter '{last.event.title}' was made on {last.composed_on} and gives until then"


def _period_start(within: str, guards: Guards) -> date:
    """Return the first day of the period that a step's rule counts in; a step of an ended one blocks nothing."""
    calendar = guards.calendar
    period = {"half_term": calendar.half_term_of, "term": calendar.term_of}.get(within, calendar.year_of)(
        guards.as_of
    )
    return period.start if period else calendar.year_of(guards.as_of).start
