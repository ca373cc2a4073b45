"""What may be wrong before a letter goes out. A guard holds an event and says why; it never drops one."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from connector.config.loaded_school import LoadedSchool
from connector.errors import RunGuard
from connector.ledger.exclusions.given_absence import GivenAbsences
from connector.ledger.holds import Hold, let_past
from connector.ledger.rested_on import NewPolicy, first_judged, new_policy
from connector.store import Store
from connector.store.ledger import LedgerRow
from connector.store.registers import marks_off_calendar
from letters.words import english
from rules.calendar import Calendar
from rules.codes import Class
from rules.register import Register
from rules.rule import Rule
from rules.statistics import Tally

CALENDAR_DAYS = 28
_NO_MARK = (Class.MISSING, Class.UNRECOGNISED)
"""A code that no code set has says nothing about the session: it counts as missing in every guard."""


@dataclass(frozen=True)
class Guards:
    """The guards of one run, over the registers as they are."""

    register: Register
    options: LoadedSchool
    as_of: date
    off_calendar: tuple[int, int]
    """Marks of the last four weeks on days without school, and all marks of those weeks."""
    new_policies: Mapping[str, NewPolicy]
    """By id the policies that are new to the school, or that it did not follow in the last run."""
    first_days: Mapping[str, date]
    """The first day on which the school was judged under each policy; that of this run for one that is new."""
    not_listed: Mapping[str, date] = field(default_factory=dict)
    """Pupils whom the MIS no longer lists, by id, each with the day on which that was noticed."""
    accepted: Collection[RunGuard] = ()
    """The guards that a person lets this run past."""

    @cached_property
    def given(self) -> GivenAbsences:
        """The absence that the school itself gave, and the letters that rest on it."""
        return GivenAbsences(self.register, self.options, self.as_of)

    @cached_property
    def tally(self) -> Tally:
        """The figures of the registers."""
        return Tally(self.register)

    @property
    def calendar(self) -> Calendar:
        """The school's calendar."""
        return self.register.calendar

    @cached_property
    def last_days(self) -> tuple[date, ...]:
        """The last school day up to the run's day that is over, however long ago, then one of which only a part is."""
        closed = self.register.sessions[: self.register.closed_count]
        closed = closed[: bisect_right(closed, (self.as_of, "~"))]
        days = [day for day in dict.fromkeys(session.date for session in closed[-3:]) if self._pulled(day)]
        if days and self._columns_of(days[-1])[-1] < self.register.closed_count:
            return tuple(days[-1:])
        return tuple(days[-2:])

    @cached_property
    def missing_registers(self) -> tuple[str, ...]:
        """ "3B, 3 November 2025 AM": groups without any mark in a closed session of the last school day."""
        found = []
        groups = np.array([pupil.registration_group for pupil in self.register.pupils], dtype=object)
        for column in [column for day in self.last_days for column in self._columns_of(day)]:
            classes = self.register.classes[:, column]
            for group in sorted({str(name) for name in groups[classes != Class.OFF_ROLL]}):
                held = classes[(groups == group) & (classes != Class.OFF_ROLL)]
                if bool(np.isin(held, _NO_MARK).all()):
                    session = self.register.sessions[column]
                    found.append(f"{group or 'no group'}, {english.day(session.date)} {session.half}")
        return tuple(found)

    def missing_percent(self, day: date) -> float:
        """Return the share of a day's marks, in its closed sessions, that are missing; 0 for a day without school."""
        columns = self._columns_of(day)
        on_roll = int(self._on_roll_by_session[columns].sum())
        return 100.0 * int(self._missing_by_session[columns].sum()) / on_roll if on_roll else 0.0

    def lacks_marks(self, day: date) -> bool:
        """Return True when more of a day's marks are missing than the settings allow."""
        return self.missing_percent(day) > self.options.config.run.hold_above_missing_percent

    @cached_property
    def lacking_days(self) -> tuple[date, ...]:
        """The school days that lack marks without a complete one after them, in order; empty when the last one has them."""
        return self._lacking_up_to(self.last_days)

    def _lacking_up_to(self, last_days: Sequence[date]) -> tuple[date, ...]:
        found = [day for day in last_days if self.lacks_marks(day)]
        if not found:
            return ()
        days = self.calendar.school_days
        earliest = self.calendar.history_start(self.as_of)
        for day in reversed(days[: bisect_left(days, last_days[0])]):
            if day < earliest or not (self._pulled(day) and self.lacks_marks(day)):
                break
            found.append(day)
        return tuple(sorted(found))

    def _pulled(self, day: date) -> bool:
        """Return True when the day's marks are read at all."""
        history_from = self.options.config.run.history_from
        return history_from is None or day >= history_from

    @cached_property
    def _on_roll_by_session(self) -> NDArray[np.int64]:
        counts: NDArray[np.int64] = (self.register.classes != Class.OFF_ROLL).sum(axis=0, dtype=np.int64)
        return counts

    @cached_property
    def _missing_by_session(self) -> NDArray[np.int64]:
        counts: NDArray[np.int64] = np.isin(self.register.classes, _NO_MARK).sum(axis=0, dtype=np.int64)
        return counts

    @cached_property
    def doubt(self) -> Hold | None:
        """Why nothing that rests on these registers should go out at all; None when they look sound."""
        outside, marks = self.off_calendar
        if (
            "calendar" not in self.accepted
            and marks
            and 100.0 * outside / marks > self.options.config.run.hold_above_off_calendar_percent
        ):
            return Hold(
                "calendar",
                f"{outside} of {marks} marks of the last {CALENDAR_DAYS} days are on days without school: correct the calendar",
            )
        return self._registers_hold(self.lacking_days)

    def _registers_hold(self, days: Sequence[date]) -> Hold | None:
        """Return the hold for days that lack marks; None when there is no such day."""
        if not days or "registers" in self.accepted:
            return None
        earlier = ""
        if len(days) > 1:
            earlier = f", and too many on {english.count(len(days) - 1, 'school day')} before it, from {english.day(days[0])} on"
        return Hold(
            "registers",
            f"{self.missing_percent(days[-1]):.0f}% of the marks of {english.day(days[-1])} are missing{earlier}: registers are not complete",
            tuple(days),
        )

    def _waiting_for_days(self, row: LedgerRow) -> Hold | None:
        """Hold on while one of the days that the event has waited for lacks marks still."""
        days: Sequence[date] = row.held_days
        if not days and row.hold == "registers":  # held by a version that did not keep the days
            last = self.calendar.last_school_day(self.calendar.start, row.state_on)
            days = self._lacking_up_to((last,)) if last else ()
        return self._registers_hold([day for day in days if self.lacks_marks(day)])

    def has_unknown_codes(self, row: LedgerRow) -> bool:
        """Return True while nothing can be concluded from the event's window: a mark in it has a code that is no code."""
        return self._unrecognised(row) is not None

    def hold(self, row: LedgerRow) -> Hold | None:
        """Return why this event has to wait, other than for its ladder, for review or because there are too many."""
        # what only a person lets go is held so also while the registers are in doubt, for that passes
        guards = (
            self._first_run,
            self._in_doubt,
            self._waiting_for_days,
            self._not_listed,
            self._leaver,
            self._unrecognised,
            self._too_old,
            self._settling,
        )
        for guard in guards:
            hold = guard(row)
            if hold is not None and not let_past(row, hold.kind):
                return hold
        return None

    def _in_doubt(self, _row: LedgerRow) -> Hold | None:
        return self.doubt

    def _first_run(self, row: LedgerRow) -> Hold | None:
        if row.approved:
            return None
        if row.hold == "new_policy":
            return Hold("new_policy", row.reason)
        new = self.new_policies.get(row.policy)
        judged_until = new.judged_until if new else None
        if judged_until is not None and row.date <= judged_until and row.state == "due":
            return Hold(
                "new_policy",
                f"the school followed another policy up to {english.day(judged_until)}: look at it, then release it",
            )
        run = self.options.config.run
        if run.since is not None:
            return None
        first = self.first_days.get(row.policy, self.as_of)
        old = self.school_days_between(row.date, first) > run.first_run_school_days
        if old or row.hold == "first_run":
            return Hold(
                "first_run",
                f"dated more than {run.first_run_school_days} school days before the first run under this policy: release it, or set since in the configuration",
            )
        return None

    def _not_listed(self, row: LedgerRow) -> Hold | None:
        """Hold while the MIS does not list the pupil, whatever day it is: whose leaving date it gave has left."""
        noticed = self.not_listed.get(row.pupil_id or "")
        if noticed is None:
            return None
        pupil = self.register.find(row.pupil_id)
        if pupil is not None and pupil.on_roll_to is not None and pupil.on_roll_to < noticed:
            return None
        return Hold("not_listed", f"the MIS has not listed the pupil since {english.day(noticed)}")

    def _leaver(self, row: LedgerRow) -> Hold | None:
        """Hold from the leaving date on: a letter of that evening comes to a family that has left.

        What goes to the authority alone does not wait.
        """
        if row.pupil_id is None or (row.has_letter and not row.goes_home):
            return None
        pupil = self.register.find(row.pupil_id)
        if pupil is None or not pupil.on_roll(self.as_of):
            return Hold("leaver", "the pupil has left the school")
        if not pupil.on_roll(self.as_of + timedelta(days=1)):
            return Hold("leaver", f"{english.day(self.as_of)} is the pupil's last day on roll")
        return None

    def _too_old(self, row: LedgerRow) -> Hold | None:
        """Hold a letter home about what is long past, unless a person let it go since.

        What the first run found is as old as that run: `first_run_school_days` and `since` say how far it goes back.
        """
        if row.approved or not row.goes_home:
            return None
        run = self.options.config.run
        limit = run.oldest_letter_school_days + (self.options.ladder_gap if row.event.ladder else 0)
        begins = max(self.given.due_on(row) or row.date, self.first_days.get(row.policy, row.date))
        passed = self.school_days_between(begins, self.as_of)
        if passed <= limit:
            return None
        return Hold(
            "too_old",
            f"too old to send: its letter would be {passed} school days late; release it to send it with today's date, or void it",
        )

    def _unrecognised(self, row: LedgerRow) -> Hold | None:
        """Hold while a mark of the pupil in the event's window has a code that is in no code set."""
        pupil_row = self.register.row_of.get(row.pupil_id or "")
        if pupil_row is None or "unrecognised" in self.accepted:
            return None
        columns = [
            column
            for column in self._columns_between(*row.event.span)
            if self.register.classes[pupil_row, column] == Class.UNRECOGNISED
        ]
        if not columns:
            return None
        codes = Counter(self.register.code_at(pupil_row, column) for column in columns)
        named = ", ".join(
            f"`{code}` ({count} mark{'s' if count > 1 else ''})" for code, count in codes.most_common(3)
        )
        more = f" and {len(codes) - 3} more" if len(codes) > 3 else ""
        days = tuple(dict.fromkeys(self.register.sessions[column].date for column in columns))
        first = english.day(days[0])
        return Hold("unrecognised", f"unrecognised codes in its window, from {first} on: {named}{more}", days)

    def _settling(self, row: LedgerRow) -> Hold | None:
        days = self.options.config.run.settling_of(row.rule)
        if days <= 0 or row.pupil_id is None:
            return None
        event = row.event
        newest = event.sessions[-1].date if event.sessions else event.date
        if self.school_days_between(newest, self.as_of) < days:
            return Hold(
                "settling",
                f"its last mark of {newest} has not settled for {english.count(days, 'school day')}",
            )
        unclear = self._unclear(row)
        if unclear:
            return Hold("settling", f"{english.count(unclear, 'session')} of its window unmarked or coded N")
        return None

    def _unclear(self, row: LedgerRow) -> int:
        """Count sessions of the event's window that are unmarked, or N where the rule does not itself look for N."""
        assert row.pupil_id is not None
        pupil_row = self.register.row_of.get(row.pupil_id)
        if pupil_row is None:
            return 0
        columns = self._columns_between(*row.event.span)
        classes = self.register.classes[pupil_row, columns]
        unmarked = int(np.count_nonzero(np.isin(classes, _NO_MARK)))
        if self._rule(row).when.looks_for("N"):
            return unmarked
        return unmarked + int(np.count_nonzero(self._coded_n[pupil_row, columns]))

    @cached_property
    def _coded_n(self) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
        return self.register.coded({"N"})

    def too_many(self, rows: Sequence[LedgerRow]) -> dict[int, Hold]:
        """Return holds by row number for events that all came at once, more than the settings allow."""
        counted = [
            row
            for row in rows
            if not row.released
            and not row.approved
            and row.state != "composed"
            and row.hold not in ("ladder", "letter")  # counted when they came
            and not self._at_period_end(row)
        ]
        earlier = Hold("too_many", "came with too many others at once: look at it, then release it")
        held = {row.id: earlier for row in counted if row.hold == "too_many"}
        fresh = [row for row in counted if row.id not in held]
        limit = self.options.config.run.hold_above_events
        for rule, of_rule in self.options.config.run.hold_above_events_of_rule.items():
            rows_of_rule = [row for row in fresh if row.rule == rule]
            if len(rows_of_rule) > of_rule:
                reason = f"{len(rows_of_rule)} events of this rule at once, more than {of_rule}: release them"
                held |= {row.id: Hold("too_many", reason) for row in rows_of_rule}
        if limit is not None and len(fresh) > limit:
            reason = f"{len(fresh)} new events at once, more than {limit}: look at them, then release them"
            held |= {row.id: Hold("too_many", reason) for row in fresh}
        return held

    def _rule(self, row: LedgerRow) -> Rule:
        policy = self.options.policy_named(row.policy) or self.options.policy
        return policy.rule(row.rule)

    def _at_period_end(self, row: LedgerRow) -> bool:
        when = self._rule(row).when
        return when.tested_at_end_of not in (None, "week")

    def school_days_between(self, earlier: date, later: date) -> int:
        """Count school days after the earlier date, up to and including the later one."""
        return school_days_between(self.calendar, earlier, later)

    def _columns_of(self, day: date) -> list[int]:
        return self._columns_between(day, day)

    def _columns_between(self, first: date, last: date) -> list[int]:
        sessions = self.register.sessions
        return list(range(bisect_left(sessions, (first, "")), bisect_right(sessions, (last, "~"))))


def guards_of(
    store: Store,
    register: Register,
    options: LoadedSchool,
    as_of: date,
    accepted: Collection[RunGuard] = (),
) -> Guards:
    """Return the guards over what the store holds. To be called before the run itself is finished in the store."""
    return Guards(
        register,
        options,
        as_of,
        off_calendar=marks_off_calendar(store.connection, register.calendar, as_of, CALENDAR_DAYS),
        new_policies={
            policy.id: new for policy in options.policies if (new := new_policy(store, policy.id)) is not None
        },
        first_days={policy.id: first_judged(store, policy.id) or as_of for policy in options.policies},
        not_listed=store.facts.not_listed(),
        accepted=accepted,
    )


def school_days_between(calendar: Calendar, earlier: date, later: date) -> int:
    """Count school days after the earlier date, up to and including the later one."""
    days = calendar.school_days
    return max(0, bisect_right(days, later) - bisect_right(days, earlier))
