"""Letters home that rest on absence that the school itself gave: study leave, leave granted, an exclusion.

Such sessions stay in every figure. Whether a letter would be due without them is seen by evaluating the register a second
time, with those sessions as not possible: neither attended nor missed, outside every total. Only pupils who have such
sessions are in it, and a pack is evaluated once for all of them.

The event of the register and that of the second evaluation need not be of one day. Each event has a stretch of its own,
from its day to the next event of its rule for the pupil: what fires there without the given sessions is the same
occasion, come later, and from that day on the letter is due. Where nothing fires, the event is excluded.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from connector.config.loaded_school import LoadedSchool
from connector.config.school import GivenAbsence
from connector.ledger.exclusions.named import covers, in_year_group, years_between
from connector.ledger.notices.by_parent import whole_notice
from connector.store.ledger import LedgerRow
from rules.evaluate import Judge
from rules.events import Event
from rules.kinds.attendance.percentage import Percentage
from rules.policy import Policy
from rules.register import Register
from rules.school import Exclusion

_Sessions = NDArray[np.bool_]
_Occasion = tuple[date, str]
"""An event's date and anchor, within one rule and pupil."""
_Found = dict[tuple[str, str], list[Event]]
"""The events by rule and pupil, in order."""
_TO_DATE = ("attendance_percent", "attended", "possible")
"""The figures of the year to date that an event carries; a letter without them counts the register's own."""


class GivenAbsences:
    """The absence that the school gave, by its settings and its exclusions with codes, and the letters that rest on it."""

    def __init__(self, register: Register, options: LoadedSchool, as_of: date) -> None:
        self._register = register
        self._options = options
        self._as_of = as_of
        self._coded: dict[tuple[str, ...], _Sessions] = {}
        self._by_exclusion: dict[Exclusion, _Sessions] = {}
        self._without: dict[tuple[str, tuple[Exclusion, ...]], _Found] = {}
        self._with: dict[str, _Found] = {}

    def why_not_due(self, row: LedgerRow) -> str:
        """Return why a letter home is not due today: only given sessions make it so. Empty when it is due, or is no letter."""
        if self.due_on(row) is not None:
            return ""
        _, exclusions = self._applying(row)
        reasons = [exclusion.reason for exclusion in exclusions]
        return ": ".join([*dict.fromkeys(reasons), f"would not be due without {self._in_words(row)}"])

    def due_on(self, row: LedgerRow) -> date | None:
        """Return the day from which an event would be due without the given sessions, its own or a later one; None: not yet.

        What is no letter home, or has nothing to do with given sessions, is due on its own day.
        """
        given, exclusions = self._applying(row)
        policy = self._options.policy_named(row.policy)
        if given is None or policy is None or not self._may_rest_on(row, policy, given):
            return row.date
        place = (row.rule, row.pupil_id or "")
        own = (row.date, whole_notice(row.anchor))
        events = sorted({*map(_occasion, self._found_with(policy).get(place, ())), own})
        without = map(_occasion, self._found_without(policy, exclusions).get(place, ()))
        return due_days(events, without, rearms=policy.rule(row.rule).when.rearms)[own]

    def as_due(self, row: LedgerRow) -> Event:
        """Return the event that a letter or note is made of: the event itself, or what fires on the later day of which it is due.

        Then it is that day's, with what is counted without the given sessions; the year to date is the register's, which
        counts them as the law does.
        """
        due = self.due_on(row)
        policy = self._options.policy_named(row.policy)
        if due is None or due == row.date or policy is None:
            return row.event
        _, exclusions = self._applying(row)
        found = self._found_without(policy, exclusions)[row.rule, row.pupil_id or ""]
        event = next(event for event in found if event.date == due)
        figures = {name: figure for name, figure in event.figures.items() if name not in _TO_DATE}
        was = row.event.figures
        if "percent_then" in was and was.get("opened") == figures.get("opened"):
            figures["percent_then"] = was["percent_then"]
        whole_year = isinstance(
            policy.rule(row.rule).when, Percentage
        )  # a letter lists every session missed then
        return replace(
            event, figures=figures, sessions=() if whole_year else event.sessions, anchor=row.anchor
        )

    def _applying(self, row: LedgerRow) -> tuple[_Sessions | None, tuple[Exclusion, ...]]:
        """Return the pupil's given sessions for a letter home, None without one, and the exclusions that name some of them."""
        pupil = self._register.row_of.get(row.pupil_id or "")
        if pupil is None or all(outcome.kind != "letter" for outcome in row.event.outcomes):
            return None, ()
        years_ago = years_between(self._register.calendar, row.date, self._as_of)
        exclusions = tuple(
            exclusion
            for exclusion in self._exclusions
            if self._sessions_of(exclusion)[pupil].any()
            and covers(exclusion, row.event, self._register.pupils[pupil], years_ago=years_ago)
        )
        given = self._by_settings[pupil]
        for exclusion in exclusions:
            given = given | self._sessions_of(exclusion)[pupil]
        return (given if given.any() else None), exclusions

    def _may_rest_on(self, row: LedgerRow, policy: Policy, given: _Sessions) -> bool:
        """Return False when the given sessions plainly have no part in an event.

        A run of absence that counts none of them does not rest on them, though one may part it from another run.
        """
        rule = next((rule for rule in policy.rules if rule.id == row.rule), None)
        if rule is None:
            return False
        if rule.when.run_of is None:
            return True
        sessions = self._register.sessions
        held = {sessions[column] for column in np.flatnonzero(given)}
        return any((mark.date, mark.half) in held for mark in row.event.sessions)

    # -- which sessions are given

    @cached_property
    def _exclusions(self) -> tuple[Exclusion, ...]:
        """Those with codes, each once."""
        every = (*self._register.exclusions, *self._options.config.exclusions)
        return tuple(dict.fromkeys(exclusion for exclusion in every if exclusion.codes))

    @cached_property
    def _by_settings(self) -> _Sessions:
        """Pupils × sessions: given by `run.given_absence`."""
        given = np.zeros(self._register.matrix.shape, dtype=np.bool_)
        for setting in self._options.config.run.given_absence:
            given |= self._sessions_with(setting.codes) & self._in_groups(setting)
        return given

    def _in_groups(self, setting: GivenAbsence) -> _Sessions:
        """Return pupils × sessions: in the setting's days, and of a pupil who was in its year groups then."""
        days = [session.date for session in self._register.sessions]
        first, last = setting.start or date.min, setting.to or date.max
        meant = np.broadcast_to([first <= day <= last for day in days], self._register.matrix.shape)
        if not setting.year_groups:
            return meant
        ago = np.array([years_between(self._register.calendar, day, self._as_of) for day in days])
        in_group = np.zeros(self._register.matrix.shape, dtype=np.bool_)
        for years_ago in map(int, np.unique(ago)):
            members = [in_year_group(p, setting.year_groups, years_ago) for p in self._register.pupils]
            in_group |= np.outer(members, ago == years_ago)
        return meant & in_group

    def _sessions_of(self, exclusion: Exclusion) -> _Sessions:
        """Return pupils × sessions: with a code that an exclusion names; where it names a pupil, that pupil's alone."""
        if exclusion not in self._by_exclusion:
            sessions = self._sessions_with(exclusion.codes)
            if exclusion.pupil_id is not None:
                own = [pupil.pupil_id == exclusion.pupil_id for pupil in self._register.pupils]
                sessions = sessions & np.array(own, dtype=np.bool_)[:, np.newaxis]
            self._by_exclusion[exclusion] = sessions
        return self._by_exclusion[exclusion]

    def _sessions_with(self, codes: tuple[str, ...]) -> _Sessions:
        if codes not in self._coded:
            self._coded[codes] = self._register.coded(codes)
        return self._coded[codes]

    def _all_of(self, exclusions: Iterable[Exclusion]) -> _Sessions:
        given = self._by_settings
        for exclusion in exclusions:
            given = given | self._sessions_of(exclusion)
        return given

    # -- what fires with and without them

    def _found_with(self, policy: Policy) -> _Found:
        """Return what fires on the register as it is, for every pupil who has any given session."""
        if policy.id not in self._with:
            rows = np.flatnonzero(self._all_of(self._exclusions).any(axis=1))
            self._with[policy.id] = self._found(policy, self._register, rows)
        return self._with[policy.id]

    def _found_without(self, policy: Policy, exclusions: tuple[Exclusion, ...]) -> _Found:
        """Return what fires without the sessions given by the settings and these exclusions."""
        key = (policy.id, exclusions)
        if key not in self._without:
            given = self._all_of(exclusions)
            concerned = [self._sessions_of(exclusion).any(axis=1) for exclusion in exclusions]
            rows = np.flatnonzero(np.all(concerned, axis=0) if concerned else given.any(axis=1))
            self._without[key] = self._found(policy, self._register.without(given), rows)
        return self._without[key]

    def _found(self, policy: Policy, register: Register, rows: NDArray[np.intp]) -> _Found:
        own = register.of_rows(rows.tolist())
        judge = Judge(own, policy, self._as_of, amendments=True, notices=True, in_run=True)
        found: _Found = {}
        for event in judge.events():
            if event.pupil_id is not None:
                found.setdefault((event.rule, event.pupil_id), []).append(event)
        return found

    def _in_words(self, row: LedgerRow) -> str:
        """Return the given sessions up to the event's day, of its school year or window: "12 sessions marked S (Study leave)"."""
        given, _ = self._applying(row)
        assert given is not None
        register = self._register
        pupil = register.row_of[row.pupil_id or ""]
        first = min(register.calendar.year_of(row.date).start, row.event.span[0])
        counted: Counter[str] = Counter()
        meanings: dict[str, str] = {}
        for column in map(int, np.flatnonzero(given)):
            day, code_set = (
                register.sessions[column].date,
                register.code_set_on(register.sessions[column].date),
            )
            if first <= day <= row.date:
                code = code_set.letter(register.code_at(pupil, column))
                counted[code] += 1
                meanings[code] = code_set.codes[code].meaning
        return " and ".join(
            f"{number} session{'s' if number > 1 else ''} marked {code} ({meanings[code]})"
            for code, number in counted.items()
        )


def _occasion(event: Event) -> _Occasion:
    return event.date, event.anchor


def due_days(
    events: Sequence[_Occasion], without: Iterable[_Occasion], *, rearms: bool
) -> dict[_Occasion, date | None]:
    """Return for each event of one rule and pupil the day from which it would be due without the given sessions.

    ``without``: what fires without them. An event of the same day is the same; else the first one before the rule's next
    event. One that comes earlier, after the rule's last event, counts as well, unless the rule fires again only after
    recovery (``rearms``): then it belongs to the event before. None: it would not be due so far.
    """
    left = sorted(without)
    days: dict[_Occasion, date | None] = {}
    for event in events:
        same = [one for one in left if one == event] or [one for one in left if one[0] == event[0]]
        if same:
            left.remove(same[0])
            days[event] = event[0]
    for place, event in enumerate(events):
        if event in days:
            continue
        before = events[place - 1][0] if place else date.min
        after = events[place + 1][0] if place + 1 < len(events) else date.max
        earlier = [one for one in left if before < one[0] < event[0]]
        later = [one for one in left if event[0] < one[0] < after]
        if rearms and place:
            earlier = []
        found = [*earlier[-1:], *later[:1]]
        days[event] = max(found[0][0], event[0]) if found else None
        left = [one for one in left if one not in found[:1]]
    return days
