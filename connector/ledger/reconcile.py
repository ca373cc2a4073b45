"""The events of today's evaluation against the ledger: what is new, what changed, what no longer follows.

Only a mark that the MIS changed takes an event back by itself; what no longer follows for any other cause is held with
that cause until a person decides. Nothing is written to the MIS here; a row whose letter or note is in the MIS is only
marked for a correcting note.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from connector.ledger.causes import MARKS, MARKS_AGAIN, Causes, Judged
from connector.ledger.fact_differences import CLASS, Cause
from connector.ledger.holds import OTHER_POLICY, STICKY, hold_to_return_to
from connector.ledger.keys import free_key
from connector.ledger.match import match
from connector.ledger.rested_on import FactsNow, LastJudged, keep_first_judged, keep_last_judged
from connector.ledger.take_back import reinstate, stand_again, withdraw
from connector.store import Store
from connector.store.amendments import last_amendment
from connector.store.ledger import CLOSED, PENDING, SENT, LedgerRow, RunStamp, event_text
from rules.events import Event

NO_LONGER = MARKS.text
AGAIN = "it follows from the facts in the MIS again"
FEWEST = 3
"""So many withdrawals in one run are never called many."""
FEWEST_MARKS = 20
FEWEST_PUPILS = 5


@dataclass(frozen=True, slots=True)
class Limits:
    """How much may change in one run before a person has to look. Shares are in per cent."""

    withdrawals: int = 20
    withdrawals_percent: float = 25.0
    marks_percent: float = 10.0
    pupils_percent: float = 25.0
    recent_days: int = 20


@dataclass(slots=True)
class Reconciled:
    """What a run's evaluation did to the ledger, as row numbers."""

    added: list[int] = field(default_factory=list)
    moved: list[int] = field(default_factory=list)
    changed: list[int] = field(default_factory=list)
    withdrawn: list[int] = field(default_factory=list)
    reinstated: list[int] = field(default_factory=list)
    held: list[int] = field(default_factory=list)
    """Events held because they no longer follow, or because a changed fact brings them."""
    absent: set[int] = field(default_factory=set)
    """Events put aside or excluded that do not follow today: they wait until they do, whatever ends otherwise."""
    withdrawals_held: int = 0
    """Written events that would have been withdrawn, were there not too many of them, or marks whose codes are no codes."""

    def add(self, other: Reconciled) -> None:
        """Add what the evaluation by another policy of the school did."""
        self.added += other.added
        self.moved += other.moved
        self.changed += other.changed
        self.withdrawn += other.withdrawn
        self.reinstated += other.reinstated
        self.held += other.held
        self.absent |= other.absent
        self.withdrawals_held += other.withdrawals_held


def reconcile(
    store: Store,
    judged: Judged,
    stamp: RunStamp,
    *,
    may_withdraw: bool = True,
    in_doubt: Callable[[LedgerRow], bool] = lambda _row: False,
    limits: Limits = Limits(),
) -> Reconciled:
    """Bring the ledger up to the evaluation. To be called inside a transaction.

    ``may_withdraw`` is False while a guard doubts the registers, ``in_doubt`` is True of an event that its marks say
    nothing about: their codes are no codes. More changes at once than ``limits`` allows are a
    fault of the registers until somebody has looked: then nothing is withdrawn, and all of it is held for one cause.
    """
    return _Reconciliation(
        store, judged, stamp, may_withdraw=may_withdraw, in_doubt=in_doubt, limits=limits
    ).reconcile()


class _Reconciliation:
    """One run's comparison of its events with the ledger."""

    def __init__(
        self,
        store: Store,
        judged: Judged,
        stamp: RunStamp,
        *,
        may_withdraw: bool,
        in_doubt: Callable[[LedgerRow], bool],
        limits: Limits,
    ) -> None:
        self._store = store
        self._judged = judged
        self._stamp = stamp
        self._may_withdraw = may_withdraw
        self._in_doubt = in_doubt
        self._limits = limits
        self._facts = FactsNow(store, judged.register, judged.policy)
        self._causes = Causes(store, judged, self._facts)
        self._done = Reconciled()

    def reconcile(self) -> Reconciled:
        """Take in what follows, what is new and what no longer follows, and keep the facts that it was judged on."""
        judged, stamp = self._judged, self._stamp
        rows = [
            row
            for row in self._store.ledger.rows(policy=judged.policy.id)
            if row.date <= stamp.as_of and not judged.policy.is_off(row.rule)
        ]
        matching = match(
            rows, judged.events, policy=judged.policy, register=judged.register, before=self._causes.before
        )
        # older events are history: what happens to old marks (they leave the MIS, they are purged) takes nothing back
        reach = judged.calendar.history_start(stamp.as_of)
        gone = [row for row in matching.gone if row.date >= reach and _can_go(row)]
        self._done.absent = {row.id for row in matching.gone if self._waits_to_follow(row)}
        doubtful = [row for row in gone if self._in_doubt(row)]
        self._done.withdrawals_held += sum(row.stands_as not in (*PENDING, "excluded") for row in doubtful)
        gone = [row for row in gone if row not in doubtful]
        others = [row for row, _ in matching.pairs]
        doubted = self._many_changes()
        whys = self._why_gone(gone, others)
        brought = self._brought(matching.new, doubted)
        for row, event in matching.pairs:
            self._still_there(row, event)
        for place, event in enumerate(matching.new):
            self._add(event, brought.get(place))
        left = self._take_back(gone, whys, others, doubted) or bool(doubtful)
        keep_first_judged(self._store, judged.policy.id, judged.register, stamp.as_of)
        last = self._causes.last
        if last is None or stamp.as_of >= last.as_of:
            seen = (
                last.last_amendment if left and last is not None else last_amendment(self._store.connection)
            )
            keep_last_judged(self._store, judged.policy.id, LastJudged(stamp.as_of, seen, self._facts.all))
        return self._done

    # -- what is new

    def _add(self, event: Event, cause: Cause | None) -> None:
        ledger = self._store.ledger
        key = free_key(self._store.identity, event, ledger.has_key)
        row_id = ledger.add(key, event, self._stamp)
        ledger.put_rested_on(row_id, self._facts.behind(event).text)
        self._done.added.append(row_id)
        if cause == CLASS:
            ledger.move(ledger.row_by_id(row_id), "superseded", cause.text, self._stamp)
        elif cause is not None:
            self._hold_brought(ledger.row_by_id(row_id), cause)

    def _hold_brought(self, row: LedgerRow, cause: Cause) -> None:
        """Hold an event that follows only since a fact changed."""
        self._store.ledger.move(
            row,
            "held",
            cause.text,
            self._stamp,
            hold="facts_changed",
            note_due=row.note_due,
            held_from="withdrawn" if row.state == "withdrawn" else "",
            hold_before=hold_to_return_to(row),
            because=cause.id,
        )
        self._done.held.append(row.id)

    def _brought(self, events: Sequence[Event], doubted: Cause | None) -> dict[int, Cause]:
        """Return why new events are held, by their place: a changed fact brings them, or marks that are in doubt."""
        found: dict[int, Cause] = {}
        if doubted is not None and events:
            found = dict.fromkeys(self._causes.brought_by_marks(events), doubted)
        return found | self._causes.why_new(events)

    # -- what follows again

    def _still_there(self, row: LedgerRow, event: Event) -> None:
        """Keep what changed about an event that is there again, and bring back what was withdrawn."""
        if row.state == "withdrawn" and self._causes.stays_withdrawn(row):
            return
        ledger, stamp = self._store.ledger, self._stamp
        moved = (row.anchor, row.date) != (event.anchor, event.date)
        # nearly always it is the same, and then nothing need be read
        differs = moved or event_text(event) != row.evidence
        other_letter = row.state in (*PENDING, "composed") and row.event.outcomes != event.outcomes
        changed = moved or (differs and (other_letter or not same_evidence(row.event, event)))
        why = self._causes.why_moved(row) if moved else ""
        if changed:
            ledger.put_evidence(row, event, stamp)
            (self._done.moved if moved else self._done.changed).append(row.id)
            if moved:
                ledger.note(row, stamp, f"moved from {row.date} to {event.date} {why}: the same event")
        else:
            if differs and row.event.window != event.window:
                ledger.put_window(row, event)
            if row.policy_version != stamp.policy_version:
                ledger.seen_under(row.id, stamp.policy_version)
        cause = self._causes.why_back(row) if row.state == "withdrawn" else None
        facts = self._facts.behind(event).text
        if facts != row.rested_on or row.held_on or row.kept_at is not None:
            ledger.put_rested_on(row.id, facts)
        if row.hold == "no_longer_follows":
            row = self._back(row)
        if row.state == "withdrawn" and cause is None:
            reinstate(self._store, row, MARKS_AGAIN, stamp, same=not changed)
            self._done.reinstated.append(row.id)
        elif row.state == "withdrawn" and cause is not None:
            self._hold_brought(row, cause)
        elif row.state == "superseded" and row.hold == "facts_changed":
            self._hold_brought(row, self._causes.why_back(row) or Cause("marks", MARKS_AGAIN))
        elif changed:
            _make_again(self._store, row, stamp)

    def _back(self, row: LedgerRow) -> LedgerRow:
        """Let an event go on from where it was when it was held because it no longer followed."""
        stand_again(self._store, row, AGAIN, self._stamp)
        return self._store.ledger.row_by_id(row.id)

    # -- what no longer follows

    def _why_gone(self, gone: Sequence[LedgerRow], others: Sequence[LedgerRow]) -> dict[int, Cause]:
        """Return the cause for the events that have to be judged: not for what a person keeps, or is held for it already."""
        asked = [
            row
            for row in gone
            if not self._causes.stands_by_decision(row)
            and row.hold != "facts_changed"
            and (row.hold != "no_longer_follows" or self._facts.behind(row.event).text != row.held_on)
        ]
        return self._causes.why_gone(asked, others)

    def _waits_to_follow(self, row: LedgerRow) -> bool:
        """Return True for what was put aside or excluded, unless a person keeps it. A class is judged as it is now."""
        aside = row.state in ("superseded", "excluded") and row.pupil_id is not None
        return aside and not self._causes.stands_by_decision(row)

    def _take_back(
        self,
        gone: Sequence[LedgerRow],
        whys: dict[int, Cause],
        others: Sequence[LedgerRow],
        doubted: Cause | None,
    ) -> bool:
        """Withdraw what a changed mark takes back and hold the others; return True when a doubt left some as they are."""
        left = False
        by_marks: list[LedgerRow] = []
        for row in gone:
            why = whys.get(row.id)
            if row.hold == "facts_changed":
                self._drop(row)
            elif why is None or why == CLASS:
                continue
            elif why.kind == "marks" or (why.kind == "entered" and row.stands_as in PENDING):
                if row.hold != "no_longer_follows":
                    by_marks.append(row)
            elif row.state == "excluded":
                continue
            elif why.kind in ("unknown", "entered") and not self._may_withdraw:
                left = True
            else:
                self._hold_gone(row, why)
        if not self._may_withdraw:
            return left or bool(by_marks)
        many = doubted or self._many_withdrawals(by_marks, [*gone, *others])
        for row in by_marks:
            if many is not None and row.state != "excluded" and (doubted or row.state not in PENDING):
                self._done.withdrawals_held += row.state not in PENDING
                self._hold_gone(row, many)
            else:
                withdraw(self._store, row, NO_LONGER, self._stamp)
                self._done.withdrawn.append(row.id)
        return False

    def _hold_gone(self, row: LedgerRow, cause: Cause) -> None:
        """Hold an event that no longer follows; what of it is in the MIS stays as it is."""
        held_from = row.stands_as
        if row.state == "superseded":  # it was pending when the school changed its policy
            held_from = "held" if row.hold_before else "due"
        self._store.ledger.move(
            row,
            "held",
            cause.text,
            self._stamp,
            hold="no_longer_follows",
            note_due=row.note_due,
            held_from=held_from,
            hold_before=hold_to_return_to(row),
            because=cause.id,
        )
        self._store.ledger.put_held_on(row.id, self._facts.behind(row.event).text)
        self._done.held.append(row.id)

    def _drop(self, row: LedgerRow) -> None:
        """Put aside an event that only a changed fact had brought and that follows no more: nothing of it was written."""
        if row.state != "held":
            return
        if row.held_from == "withdrawn":
            before = hold_to_return_to(row)
            self._store.ledger.move(row, "withdrawn", NO_LONGER, self._stamp, hold_before=before)
            return
        self._store.ledger.move(
            row,
            "superseded",
            "it followed from a changed fact only, and follows no more",
            self._stamp,
            hold="facts_changed",
            hold_before=hold_to_return_to(row),
        )

    # -- many at once

    def _many_withdrawals(self, rows: Sequence[LedgerRow], known: Sequence[LedgerRow]) -> Cause | None:
        number = sum(row.state not in (*PENDING, "excluded") for row in rows)
        standing = sum(row.stands_as in SENT for row in known)
        share = 100.0 * number / standing if standing else 0.0
        if number <= self._limits.withdrawals and (
            number < FEWEST or share <= self._limits.withdrawals_percent
        ):
            return None
        return Cause(
            "many",
            f"{number} of {standing} written events would be withdrawn at once because marks changed: look at the registers",
        )

    def _many_changes(self) -> Cause | None:
        """Return a cause when more known marks changed since the last run than corrections explain."""
        changed = [place for place, code in self._causes.amended.items() if code not in ("", "-")]
        pupils = {pupil_id for pupil_id, _ in changed}
        if len(changed) < FEWEST_MARKS:
            return None
        register = self._judged.register
        days = [day for day in register.calendar.school_days if day <= self._stamp.as_of]
        first = min([session.date for _, session in changed] + days[-self._limits.recent_days :][:1])
        columns = [
            c for c, session in enumerate(register.sessions) if first <= session.date <= self._stamp.as_of
        ]
        known = int((register.matrix[:, columns] > 0).sum())
        present = sum(pupil.on_roll(self._stamp.as_of) for pupil in register.pupils)
        of_marks = 100.0 * len(changed) / known if known else 100.0
        of_pupils = 100.0 * len(pupils) / present if present else 100.0
        if of_marks <= self._limits.marks_percent and (
            len(pupils) < FEWEST_PUPILS or of_pupils <= self._limits.pupils_percent
        ):
            return None
        return Cause(
            "many",
            f"{len(changed)} marks of {len(pupils)} of {present} pupils changed at once: look at the registers",
        )


def _can_go(row: LedgerRow) -> bool:
    """Return True when an event that no longer follows is still of interest: it stands, waits, or may come back."""
    return row.state not in CLOSED or row.state == "excluded" or row.hold == OTHER_POLICY


def _make_again(store: Store, row: LedgerRow, stamp: RunStamp) -> None:
    """Make again, of the present evidence, what was made of an earlier one and has not been written."""
    if row.state == "composed" and not store.outbox.maybe_sent(row.id):
        store.outbox.cancel_open(row.id, stamp.at, corrections=False)
        reason = "its evidence changed before it was written"
        store.ledger.move(row, "due", reason, stamp, note_due=row.note_due)
    elif row.state == "approved":
        store.ledger.move(row, "due", "its evidence changed after it was approved", stamp, hold=row.hold)
    elif row.state in PENDING and not set(STICKY).isdisjoint(row.released_from):
        kind = next(kind for kind in STICKY if kind in row.released_from)
        store.ledger.move(row, "held", "its evidence changed after it was released", stamp, hold=kind)


def same_evidence(first: Event, second: Event) -> bool:
    """Return True when nothing that decided differs; a pack's new version, wording or window alone changes no evidence."""
    same = replace(
        second,
        clause=first.clause,
        title=first.title,
        outcomes=first.outcomes,
        ladder=first.ladder,
        rung=first.rung,
        pack_version=first.pack_version,
        window=first.window,
        figures=dict(second.figures),
    )
    return replace(first, figures=dict(first.figures)) == same
