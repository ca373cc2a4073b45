"""Which day a run may judge, and how much of it has been: what has not been yet is not missing."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta

import numpy as np

from connector.config.school import SchoolConfig
from connector.errors import HeldError
from connector.run.request import RunRequest
from connector.store import Store
from connector.store.pull_merge import forget_bookmark
from letters.words import english
from rules.calendar import CalendarError
from rules.register import Register
from rules.school import Session


def last_closed(school: SchoolConfig, now: datetime) -> Session | None:
    """Return the last session whose register is closed at a moment (with its zone); None in a trial, where all are."""
    if school.run.trial_day is not None:
        return None
    here = now.astimezone(school.zone)
    if here.time() >= time.fromisoformat(school.run.pm_closes):
        return Session(here.date(), "PM")
    if here.time() >= time.fromisoformat(school.run.am_closes):
        return Session(here.date(), "AM")
    return Session(here.date() - timedelta(days=1), "PM")


def judged_register(store: Store, school: SchoolConfig, now: datetime) -> Register:
    """Return all that the store holds, up to the last closed session. Raise HeldError when the calendar cannot be used."""
    return held_register(store, school).until(last_closed(school, now))


def held_register(store: Store, school: SchoolConfig) -> Register:
    """Return all that the store holds, however late its day is. Raise HeldError when the calendar cannot be used."""
    try:
        register = store.register(nation=school.nation, welsh_d_attended=school.welsh_d_attended)
    except CalendarError as error:
        raise unusable_calendar(error) from error
    if school.contacts.answers:
        register = replace(register, pupils=tuple(map(school.contacts.settled, register.pupils)))
    return register


def check_day(store: Store, register: Register, request: RunRequest) -> None:
    """Raise HeldError when the run's day is far beyond the last mark, or lies before the day of an earlier run."""
    day, run = request.as_of, request.options.config.run
    earlier = store.runs.last_judged_day(until=run.trial_day or _today(request))
    if earlier is not None and day < earlier:
        raise HeldError(
            f"{english.day(day)} lies before {english.day(earlier)}, the day of an earlier run: nothing was judged.",
            fix="check the clock of this server, or leave out --as-of: `attendance-connector run`;"
            " `evaluate` and `explain` look back at any day",
        )
    last = _last_mark(register, day)
    beyond_marks = last is not None and (day - last).days > run.most_days_after_marks
    if last is not None and beyond_marks and "after_marks" not in request.accepted:
        beyond = (
            f"{english.day(day)} lies {(day - last).days} days beyond the last mark of {english.day(last)}"
        )
        end = register.calendar.school_days[-1]
        if end < day:
            beyond += f" and beyond the calendar, whose last school day is {english.day(end)}"
        with store.transaction() as connection:  # the pull's bookmark knows a day that was never judged
            forget_bookmark(connection)
        raise HeldError(
            f"{beyond}: nothing was judged.",
            fix="check the clock of this server or --as-of, and in the MIS that the registers are there",
            guard="after_marks",
        )


def unusable_calendar(error: CalendarError) -> HeldError:
    """Return the refusal of a run, or of a look at a pupil, that has no calendar to count by."""
    return HeldError(
        f"the calendar cannot be used: {error}.",
        fix="correct it in the MIS, or name a calendar.csv as supply.calendar",
    )


def _today(request: RunRequest) -> date:
    return request.now.astimezone(request.options.config.zone).date()


def _last_mark(register: Register, until: date) -> date | None:
    """Return the last day up to a day on which any pupil has a mark, whether or not its code is known."""
    columns = np.flatnonzero(register.matrix.any(axis=0))
    return max(
        (day for column in columns if (day := register.sessions[int(column)].date) <= until), default=None
    )
