"""The facts besides the marks that an event rests on: kept with it, so that a change of one can be named later."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

import numpy as np

from connector.store import Store
from connector.store.coding import from_text, many_from_text, to_text
from connector.store.meta import keep_value, read_value, recall, remember
from rules.calendar import Calendar, Period
from rules.codes import Class
from rules.events import Event
from rules.policy import Policy
from rules.pupil_record import PupilRecord, reached
from rules.register import Register
from rules.school import LeaveRequest, Nation, Pupil, Spell

_LAST = "judged_under:"
_LAST_POLICY = "judged_last_under"
_FIRST = "judged_first:"


@dataclass(frozen=True, slots=True)
class PupilFacts:
    """What rules look at in a pupil besides the marks."""

    pupil_id: str
    born: date | None
    spells: tuple[Spell, ...]
    records: tuple[str, ...] = ()
    """Plans, requests for leave, notices and decisions on record, each in words."""
    group: str = ""
    """The registration group; it decides nothing but which class is judged."""

    def on_roll_until(self, day: date) -> tuple[tuple[date | None, date], ...]:
        """Return the stretches on roll up to a day."""
        return tuple(
            (spell.start, min(spell.end or date.max, day))
            for spell in self.spells
            if spell.start is None or spell.start <= day
        )

    def in_place_of(self, pupil: Pupil) -> Pupil:
        """Return the pupil with these facts."""
        return replace(pupil, date_of_birth=self.born, spells=self.spells)


@dataclass(frozen=True, slots=True)
class RestedOn:
    """The facts that one event (or one run) rested on. Calendar and policy stand in the store under their marks."""

    pupils: tuple[PupilFacts, ...]
    calendar: str
    policy: str
    nation: Nation
    welsh_d_attended: bool
    unmarked: tuple[str, ...] = ()
    """Sessions of the event's window that had no mark: "2025-09-08 AM"."""

    @property
    def text(self) -> str:
        """The facts as the ledger keeps them; equal facts give equal text."""
        return to_text(self)

    @classmethod
    def of(cls, text: str) -> RestedOn | None:
        """Return the facts of a text that ``text`` made; None of an empty one."""
        return from_text(cls, text) if text else None


@dataclass(frozen=True, slots=True)
class LastJudged:
    """The last time that events were judged under a policy: up to which day, and on which facts."""

    as_of: date
    last_amendment: int
    facts: RestedOn


def last_judged(store: Store, policy_id: str) -> LastJudged | None:
    """Return the last judging of the school under a policy; None when there was none, or none that was kept."""
    kept = read_value(store.connection, _LAST + policy_id)
    return None if kept is None else from_text(LastJudged, kept)


def keep_last_judged(store: Store, policy_id: str, judged: LastJudged) -> None:
    """Keep that the school was judged under a policy."""
    keep_value(store.connection, _LAST + policy_id, to_text(judged))
    keep_value(store.connection, _LAST_POLICY, policy_id)


def first_judged(store: Store, policy_id: str) -> date | None:
    """Return the first day on which the school's marks were judged under a policy; None when that is still to come.

    A run that found no mark, or did not get as far as judging, does not count.
    """
    kept = read_value(store.connection, _FIRST + policy_id)
    return None if kept is None else date.fromisoformat(kept)


def keep_first_judged(store: Store, policy_id: str, register: Register, as_of: date) -> None:
    """Keep the first day on which the school was judged under a policy, once there are marks."""
    if read_value(store.connection, _FIRST + policy_id) is None and bool(register.matrix.any()):
        keep_value(store.connection, _FIRST + policy_id, as_of.isoformat())


@dataclass(frozen=True, slots=True)
class NewPolicy:
    """A policy that the school did not follow the last time that it was judged."""

    judged_until: date | None
    """The day up to which it was judged without it; None when it never was."""


def new_policy(store: Store, policy_id: str) -> NewPolicy | None:
    """Return that the policy is new to the school, or back after another one; None when it was the last one too."""
    kept = read_value(store.connection, _LAST_POLICY)
    if (
        kept is None
    ):  # from before this was kept; a run that ended with an error was stopped before it judged anything
        runs = [
            run
            for run in store.runs.last(200)
            if run.outcome in ("done", "held") and not run.summary.get("error")
        ]
        if any(run.policy == policy_id for run in runs):
            return None
        return NewPolicy(runs[0].as_of if runs else None)
    followed = kept.split()
    if policy_id in followed:
        return None
    days = [last.as_of for name in followed if (last := last_judged(store, name))]
    return NewPolicy(max(days, default=None))


def keep_followed(store: Store, policy_ids: Sequence[str]) -> None:
    """Keep which policies the school was judged under together; to be called once all of them were."""
    keep_value(store.connection, _LAST_POLICY, " ".join(policy_ids))


class FactsNow:
    """The facts of one run, to be kept with its events."""

    def __init__(self, store: Store, register: Register, policy: Policy) -> None:
        self._register = register
        self._calendar = remember(store.connection, to_text(register.calendar.periods))
        self._policy = remember(store.connection, policy.model_dump_json(by_alias=True))

    def behind(self, event: Event) -> RestedOn:
        """Return the facts behind an event: those of its pupil, or of every pupil of its class."""
        of_class = self._by_group.get(event.group or "", [])
        pupils = of_class if event.pupil_id is None else [event.pupil_id]
        return replace(self._of(pupils), unmarked=tuple(self._unmarked(event)))

    @cached_property
    def all(self) -> RestedOn:
        """The facts of every pupil."""
        return self._of(self._pupils)

    @cached_property
    def _pupils(self) -> dict[str, PupilFacts]:
        return {
            pupil.pupil_id: PupilFacts(
                pupil.pupil_id,
                pupil.date_of_birth,
                pupil.spells,
                tuple(sorted(self._records.get(pupil.pupil_id, ()))),
                pupil.registration_group,
            )
            for pupil in self._register.pupils
        }

    @cached_property
    def _records(self) -> dict[str, list[str]]:
        register = self._register
        found: dict[str, list[str]] = {}
        for plan in register.attendance_plans:
            found.setdefault(plan.pupil_id, []).append(f"{plan.kind or 'attendance'} plan of {plan.date}")
        for leave in register.leave_requests:
            found.setdefault(leave.pupil_id, []).append(_leave_in_words(leave))
        for notice in register.notices:
            found.setdefault(notice.pupil_id, []).append(f"penalty notice of {notice.issued}")
        for to_improve in register.notices_to_improve:
            words = (
                f"notice to improve of {to_improve.issued} for {to_improve.weeks} school weeks, "
                f"sessions allowed: {to_improve.allowed}"
            )
            found.setdefault(to_improve.pupil_id, []).append(words)
        for decision in register.form_decisions:
            words = f"decision of {decision.decided} on a consideration form: {decision.outcome}"
            found.setdefault(decision.pupil_id, []).append(words)
        for record in register.pupil_records:
            if reached(record) or record.kind == "part-time":
                found.setdefault(record.pupil_id, []).append(_in_words(record))
        return found

    @cached_property
    def _by_group(self) -> dict[str, list[str]]:
        groups: dict[str, list[str]] = {}
        for pupil in self._register.pupils:
            groups.setdefault(pupil.registration_group, []).append(pupil.pupil_id)
        return groups

    def _of(self, pupils: Iterable[str]) -> RestedOn:
        return RestedOn(
            tuple(self._pupils[pupil_id] for pupil_id in pupils if pupil_id in self._pupils),
            self._calendar,
            self._policy,
            self._register.nation,
            self._register.welsh_d_attended,
        )

    def _unmarked(self, event: Event) -> Iterable[str]:
        row = self._register.row_of.get(event.pupil_id or "")
        if row is None:
            return
        start, end = event.span
        sessions = self._register.sessions
        first, last = bisect_left(sessions, (start, "")), bisect_right(sessions, (end, "~"))
        for column in np.flatnonzero(self._register.classes[row, first:last] == Class.MISSING):
            session = sessions[first + int(column)]
            yield f"{session.date} {session.half}"


def _in_words(record: PupilRecord) -> str:
    days = "".join(f" {word} {day}" for word, day in (("from", record.start), ("to", record.end)) if day)
    return f"{record.kind} of {record.day}{days}" + (f": {record.decision}" if record.decision else "")


def _leave_in_words(leave: LeaveRequest) -> str:
    words = f"request for leave from {leave.start} to {leave.end} ({leave.kind})"
    if leave.licence:
        days = leave.licence.start, leave.licence.end
        words += ", with a licence" + (f" for {days[0]} to {days[1]}" if all(days) else "")
    if leave.decision:
        words += f", {leave.decision} on {leave.decided}"
        if leave.granted_from or leave.granted_to:
            words += " for {} to {}".format(*leave.granted_days or ())
    return words


def calendar_of(store: Store, mark: str) -> Calendar:
    """Return the calendar that events rested on."""
    return Calendar(many_from_text(Period, recall(store.connection, mark) or "[]"))


def policy_text(store: Store, mark: str) -> str:
    """Return the policy that events rested on, as JSON."""
    return recall(store.connection, mark) or "{}"
