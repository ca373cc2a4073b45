"""Why an event no longer follows: which fact changed, found by judging the register again with the old fact in place.

Only a mark that the MIS changed takes an event back by itself. That it was a mark is shown by an amendment on record,
and by the event coming back once the amendments are undone and everything else stays as it is now.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

from pydantic import ValidationError

from connector.ledger.fact_differences import (
    CLASS,
    Cause,
    CauseKind,
    carried_on,
    changed_facts,
    of_pupils,
)
from connector.ledger.match import match
from connector.ledger.rested_on import (
    FactsNow,
    LastJudged,
    PupilFacts,
    RestedOn,
    calendar_of,
    last_judged,
    policy_text,
)
from connector.ledger.same_absence import Absences
from connector.store import Store
from connector.store.amendments import codes_before, last_amendment_seen_by
from connector.store.ledger import SENT, LedgerRow
from letters.words import english
from rules.calendar import Calendar
from rules.codes import Class
from rules.evaluate import evaluate
from rules.events import Event
from rules.policy import Policy
from rules.register import Register
from rules.school import Pupil, Session

UNKNOWN = Cause(
    "unknown", "it no longer follows from the facts in the MIS; no mark that it counted was changed"
)
MARKS = Cause("marks", "the marks no longer support it")
MARKS_AGAIN = "the marks support it again"
"""Why a withdrawn event comes back by itself."""
_NAMED = 3


@dataclass(frozen=True, slots=True)
class Judged:
    """What is compared with the ledger: the events, and what they were judged by."""

    events: Sequence[Event]
    register: Register
    policy: Policy
    as_of: date

    @property
    def calendar(self) -> Calendar:
        """The school's calendar."""
        return self.register.calendar


class Causes:
    """One run's judging compared with the last one under the same policy."""

    def __init__(self, store: Store, judged: Judged, facts: FactsNow) -> None:
        self._store = store
        self._judged = judged
        self._facts = facts
        self.last: LastJudged | None = last_judged(store, judged.policy.id)

    @cached_property
    def amended(self) -> dict[tuple[str, Session], str]:
        """The sessions whose mark changed since the events were last judged, with the code until then."""
        if self.last is not None:
            return codes_before(self._store.connection, self.last.last_amendment)
        runs = [run for run in self._store.runs.last(10) if run.outcome in ("done", "held")]
        if not runs:
            return {}
        after = last_amendment_seen_by(self._store.connection, runs[0].started_at)
        return codes_before(self._store.connection, after)

    # -- events that no longer follow

    def why_gone(self, rows: Sequence[LedgerRow], others: Sequence[LedgerRow]) -> dict[int, Cause]:
        """Return the cause for each row without its event. ``others``: the ledger's other rows, which have theirs.

        What was written of an absence that is now a part of an earlier one has no cause: its marks are as they were.
        """
        differences = {row.id: self._differences(row) for row in rows}
        rows = [row for row in rows if differences[row.id] or not self._stands_within_another(row)]
        found: dict[int, Cause] = {row.id: CLASS for row in rows if CLASS in differences[row.id]}
        found.update(
            {
                row.id: MARKS
                for row in rows
                if not differences[row.id] and self._absences.lost_a_mark(row.event, self.amended)
            }
        )
        left = [row for row in rows if row.id not in found]
        left = self._settle(left, others, found, MARKS, self._without_amendments if self.amended else None)
        for cause in dict.fromkeys(cause for row in left for cause in differences[row.id]):
            concerned = [row for row in left if row.id not in found and cause in differences[row.id]]
            self._settle(concerned, others, found, cause, lambda c=cause, r=concerned: self._undone(c, r))  # type: ignore[misc]
        for row in left:
            if row.id not in found:
                causes = differences[row.id]
                found[row.id] = _together(causes) if causes else self._unknown(row)
        return found

    def _stands_within_another(self, row: LedgerRow) -> bool:
        return row.stands_as in SENT and self._absences.joined(row.event, self._judged.events)

    @cached_property
    def before(self) -> Register:
        """Today's register with the marks that changed since the events were last judged as they were until then."""
        return self._judged.register.with_codes(self.amended)

    @cached_property
    def _absences(self) -> Absences:
        return Absences(self._judged.register, self._judged.policy, self.before)

    def _unknown(self, row: LedgerRow) -> Cause:
        if row.kept_at is not None:
            return Cause("unknown", "marks of its days changed after a person kept it")
        if self._marks_changed(row):
            return Cause("unknown", "it no longer follows, and not because of the marks that were changed")
        return UNKNOWN

    def stands_by_decision(self, row: LedgerRow) -> bool:
        """Return True when a person keeps the event, and nothing that it rested on has changed since."""
        if row.kept_at is None:
            return False
        later = codes_before(self._store.connection, row.kept_at)
        first, last = row.event.span
        pupils = {facts.pupil_id for facts in self._facts.behind(row.event).pupils}
        touched = any(pupil in pupils and first <= session.date <= last for pupil, session in later)
        return not touched and not self._differences(row)

    def why_moved(self, row: LedgerRow) -> str:
        """Return in words why an event has another day or anchor than before."""
        if self._marks_changed(row):
            return "by a correction"
        differences = self._differences(row)
        return (
            f"because {'; '.join(cause.text for cause in differences)}" if differences else "by later marks"
        )

    def stays_withdrawn(self, row: LedgerRow) -> bool:
        """Return True when a person withdrew an event that followed, and nothing it rests on has changed since."""
        first, last = row.event.span
        pupils = {facts.pupil_id for facts in self._facts.behind(row.event).pupils}
        touched = any(pupil in pupils and first <= session.date <= last for pupil, session in self.amended)
        return bool(row.because) and not row.held_on and not touched and not self._differences(row)

    def why_back(self, row: LedgerRow) -> Cause | None:
        """Return why a withdrawn event follows again; None when a mark was changed and nobody withdrew it by hand."""
        if row.because:
            return Cause("unknown", "a person withdrew it, and it follows from the facts in the MIS again")
        if self._marks_changed(row):
            return None
        differences = self._differences(row)
        if not differences:
            return Cause("unknown", "it follows again, and no mark was changed")
        return _together(differences)

    def _marks_changed(self, row: LedgerRow) -> bool:
        pupils = {facts.pupil_id for facts in self._facts.behind(row.event).pupils}
        return any(pupil_id in pupils for pupil_id, _ in self.amended)

    def _differences(self, row: LedgerRow) -> list[Cause]:
        then = RestedOn.of(row.rested_on)
        if then is None:
            return []
        found = changed_facts(self._store, then, self._facts.behind(row.event), row.rule)
        entered = self._entered(row, then)
        if entered:
            named = [f"{english.day(session.date)} {session.half}" for session in entered[:_NAMED]]
            more = f" and {len(entered) - _NAMED} more" if len(entered) > _NAMED else ""
            found.append(
                Cause("entered", f"marks that were missing have been entered: {', '.join(named)}{more}")
            )
        return found

    def _entered(self, row: LedgerRow, then: RestedOn) -> list[Session]:
        """Return sessions of the event's window that had no mark when it last followed and have one now."""
        register = self._judged.register
        pupil = register.row_of.get(row.pupil_id or "")
        if pupil is None or not then.unmarked:
            return []
        was = set(then.unmarked)
        return [
            session
            for column, session in enumerate(register.sessions)
            if f"{session.date} {session.half}" in was and register.classes[pupil, column] > Class.MISSING
        ]

    def _settle(
        self,
        rows: Iterable[LedgerRow],
        others: Sequence[LedgerRow],
        found: dict[int, Cause],
        cause: Cause,
        judge: Callable[[], Sequence[Event] | None] | None,
    ) -> list[LedgerRow]:
        """Give the cause to rows whose event comes back under it; return the others."""
        rows = list(rows)
        events = judge() if judge is not None and rows else None
        if events is None:
            return rows
        subjects = {row.subject for row in rows}
        matching = match(
            [*rows, *(row for row in others if row.subject in subjects)],
            [e for e in events if (e.rule, e.pupil_id or "", e.group or "") in subjects],
            policy=self._judged.policy,
            register=self._judged.register,
            before=self.before,
        )
        back = {row.id for row, _ in matching.pairs}
        found.update({row.id: cause for row in rows if row.id in back})
        return [row for row in rows if row.id not in back]

    # -- events that are new

    def why_new(self, events: Sequence[Event]) -> dict[int, Cause]:
        """Return the cause, by place in ``events``, for those that a changed fact brings, and not a day gone by."""
        last = self.last
        if last is None or not events:
            return {}
        of_school = self._of_school(last)
        of_pupil = {
            now.pupil_id: causes
            for now in self._facts.all.pupils
            if (causes := self._of_pupil(now, last)) is not None
        }
        concerned = [
            (place, event, causes)
            for place, event in enumerate(events)
            if (causes := self._concern(event, last, of_school, of_pupil))
        ]
        of_class = {place: CLASS for place, _, causes in concerned if causes == [CLASS]}
        concerned = [one for one in concerned if one[0] not in of_class]
        if not concerned:
            return of_class
        known = {_day_of(event) for event in self._as_last(last)}
        return of_class | {
            place: _together(causes) for place, event, causes in concerned if _day_of(event) not in known
        }

    def _concern(
        self,
        event: Event,
        last: LastJudged,
        of_school: Sequence[Cause],
        of_pupil: dict[str, list[Cause]],
    ) -> list[Cause]:
        pupils = [facts.pupil_id for facts in self._facts.behind(event).pupils]
        if event.group is not None and event.date <= last.as_of:
            then = {pupil.pupil_id for pupil in last.facts.pupils if pupil.group == event.group}
            if then != set(pupils):
                return [CLASS]
        own = [cause for pupil_id in pupils for cause in of_pupil.get(pupil_id, ())]
        # the entry date of a pupil known before may be a new time on roll or a slip: a person looks before a return is sent
        if any(rule.id == event.rule and rule.when.about_leaving for rule in self._judged.policy.rules):
            own = [cause for cause in own if cause.kind != "roll"]
        # a changed rule or calendar may bring what happens from now on; what lies behind waits for a person
        shared = of_school if event.date <= last.as_of else ()
        return list(dict.fromkeys([*own, *shared]))

    def _of_school(self, last: LastJudged) -> list[Cause]:
        return changed_facts(self._store, replace(last.facts, pupils=()), replace(self._facts.all, pupils=()))

    def _of_pupil(self, now: PupilFacts, last: LastJudged) -> list[Cause] | None:
        """Return what changed about a pupil as far as it concerns days up to the last judging."""
        then = self._last_pupils.get(now.pupil_id)
        if then is None or (
            then.born == now.born and then.on_roll_until(last.as_of) == now.on_roll_until(last.as_of)
        ):
            return None
        causes = [cause for cause in of_pupils([then], [now]) if cause.kind in ("date_of_birth", "roll")]
        return causes or None

    @cached_property
    def _last_pupils(self) -> dict[str, PupilFacts]:
        return {} if self.last is None else {facts.pupil_id: facts for facts in self.last.facts.pupils}

    def _as_last(self, last: LastJudged) -> Sequence[Event]:
        """Return the events of today's marks under the facts of the last judging."""
        policy = self._policy_then(last.facts.policy) or self._judged.policy
        calendar = self._until_today(last.facts.calendar)
        instead = {
            pupil.pupil_id: self._last_pupils[pupil.pupil_id].in_place_of(pupil)
            for pupil in self._judged.register.pupils
            if pupil.pupil_id in self._last_pupils
        }
        return self._events(calendar=calendar, instead=instead, then=last.facts, policy=policy)

    # -- the register with an old fact in place

    def _undone(self, cause: Cause, rows: Sequence[LedgerRow]) -> Sequence[Event] | None:
        """Return the events with one fact as it was when these rows followed; None where it cannot be put back."""
        facts = [then for row in rows if (then := RestedOn.of(row.rested_on)) is not None]
        if cause.kind in ("date_of_birth", "roll"):
            return self._events(instead=self._with_old_pupils(facts, cause.kind))
        if cause.kind == "calendar":
            return self._events(calendar=self._until_today(facts[0].calendar))
        if cause.kind == "codes":
            return self._events(then=facts[0])
        if cause.kind == "policy":
            policy = self._policy_then(facts[0].policy)
            return None if policy is None else self._events(policy=policy)
        if cause.kind == "entered":
            return self._without_entries(rows)
        return None

    def _with_old_pupils(self, facts: Iterable[RestedOn], kind: CauseKind) -> dict[str, Pupil]:
        instead = {}
        for old in (pupil for then in facts for pupil in then.pupils):
            pupil = self._judged.register.find(old.pupil_id)
            if pupil is not None:
                was = old.in_place_of(pupil)
                if kind == "roll":
                    was = replace(was, date_of_birth=pupil.date_of_birth)
                else:
                    was = was.with_spells(*pupil.spells)
                instead[old.pupil_id] = was
        return instead

    def _policy_then(self, mark: str) -> Policy | None:
        kept = json.loads(policy_text(self._store, mark))
        kept.pop("penalties", None)  # amounts stood in packs once
        try:
            return Policy.model_validate(kept)
        except ValidationError:  # a version of this program that reads packs differently wrote it
            return None

    def _until_today(self, kept: str) -> Calendar:
        return carried_on(calendar_of(self._store, kept), self._judged.calendar, self._judged.as_of)

    def _events(
        self,
        *,
        calendar: Calendar | None = None,
        instead: dict[str, Pupil] | None = None,
        then: RestedOn | None = None,
        policy: Policy | None = None,
    ) -> Sequence[Event]:
        now = self._judged.register
        register = self._store.register(
            nation=then.nation if then else now.nation,
            welsh_d_attended=then.welsh_d_attended if then else now.welsh_d_attended,
            calendar=calendar or now.calendar,
            instead=instead or {},
        )
        return self._evaluated(register.until(now.closed_up_to), policy)

    def _evaluated(self, register: Register, policy: Policy | None = None) -> Sequence[Event]:
        by = policy or self._judged.policy
        found = evaluate(register, by, self._judged.as_of, amendments=True, notices=True, in_run=True).events
        return [event for event in found if by.acts_on(event.rule)]

    def _without_amendments(self) -> Sequence[Event]:
        return self._evaluated(self.before)

    def brought_by_marks(self, events: Sequence[Event]) -> list[int]:
        """Return the places of events that would not follow on their day had no mark changed."""
        known = {_day_of(event) for event in self._without_amendments()}
        return [place for place, event in enumerate(events) if _day_of(event) not in known]

    def _without_entries(self, rows: Sequence[LedgerRow]) -> Sequence[Event]:
        emptied = {
            (row.pupil_id or "", session): ""
            for row in rows
            if (then := RestedOn.of(row.rested_on)) is not None
            for session in self._entered(row, then)
        }
        return self._evaluated(self._judged.register.with_codes(emptied))


def _day_of(event: Event) -> tuple[str, str, date]:
    return event.rule, event.subject, event.date


def _together(causes: Sequence[Cause]) -> Cause:
    """Return one cause of several that may all have a part in it."""
    return Cause(causes[0].kind, "; ".join(cause.text for cause in causes))
