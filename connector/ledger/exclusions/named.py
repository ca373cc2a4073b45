"""Families to whom a rule must not write: from the MIS, and from the configuration.

An exclusion that names codes covers only what would not be due without those sessions: see :mod:`connector.ledger.exclusions.given_absence`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date

from connector.config.logic import no_rule
from connector.errors import Finding
from letters.words import english
from rules.calendar import Calendar
from rules.events import Event
from rules.law import age
from rules.policy import Policy
from rules.school import Exclusion, Pupil

_AGES: dict[str | None, str] = {
    "under_age": "under compulsory school age",
    "over_age": "over compulsory school age",
}


def exclusion_for(
    event: Event, pupil: Pupil | None, exclusions: Iterable[Exclusion], *, years_ago: int = 0
) -> Exclusion | None:
    """Return the first exclusion without codes that covers the event; ``years_ago`` as :func:`covers` takes it."""
    return next((e for e in exclusions if not e.codes and covers(e, event, pupil, years_ago=years_ago)), None)


def covers(exclusion: Exclusion, event: Event, pupil: Pupil | None, *, years_ago: int = 0) -> bool:
    """Return True when all holds that an exclusion names, but for its codes. Its days are compared with the event's.

    ``years_ago``: how many school years before the present one the event lies; a year group is the one of then.
    """
    if pupil is None or (exclusion.rules and event.rule not in exclusion.rules):
        return False
    if exclusion.start is not None and event.date < exclusion.start:
        return False
    if exclusion.until is not None and event.date > exclusion.until:
        return False
    if exclusion.pupil_id is not None and exclusion.pupil_id != pupil.pupil_id:
        return False
    if exclusion.year_groups and not in_year_group(pupil, exclusion.year_groups, years_ago):
        return False
    if exclusion.flag is not None and exclusion.flag not in flags_on(pupil, event.date):
        return False
    named = (exclusion.pupil_id, exclusion.flag, *exclusion.year_groups, *exclusion.codes)
    return any(value is not None for value in named)


def rule_findings(recorded: Iterable[Exclusion], policies: Sequence[Policy]) -> Iterator[Finding]:
    """Yield each rule of an exclusion on record that no policy of the school has: it would cover nothing, and send a letter."""
    known = {rule.id for policy in policies for rule in policy.rules}
    for exclusion in dict.fromkeys(recorded):
        for rule in exclusion.rules:
            if rule not in known:
                yield no_rule("records: rules of an exclusion", rule, policies, known)


def reason_of(exclusion: Exclusion) -> str:
    """Return why nothing is written, for staff: the reason that was given, what the age flag says, and until when."""
    flagged = _AGES.get(exclusion.flag)
    until = f"until {exclusion.until}" if exclusion.until else None
    return ", ".join(part for part in (exclusion.reason, flagged, until) if part)


def flags_on(pupil: Pupil, day: date) -> frozenset[str]:
    """Return those of EXCLUSION_FLAGS that hold: the pupil's flags, and what that day says of needs, timetable and age."""
    # the flags of now, whatever the event's day had: a rule counts what was, an exclusion protects a family today
    flags = set(pupil.flags)
    if pupil.sen_status in ("K", "E"):
        flags.add("sen")
    if pupil.part_time_from and pupil.part_time_from <= day <= (pupil.part_time_to or date.max):
        flags.add("part_time")
    if pupil.date_of_birth and day < age.starts(pupil.date_of_birth):
        flags.add("under_age")
    if pupil.date_of_birth and day > age.ends(pupil.date_of_birth):
        flags.add("over_age")
    return frozenset(flags)


def in_year_group(pupil: Pupil, names: Collection[str], years_ago: int = 0) -> bool:
    """Return True when the pupil was in one of the year groups so many school years ago, however they are written.

    Known is the group of now; that of then is as many lower. A name that is no number, such as Nursery, is that of now.
    """
    now = english.year_group(pupil.year_group)
    number = 0 if now == "Reception" else int(now[5:]) if re.fullmatch(r"Year \d+", now) else None
    then = now if number is None else english.year_group(str(number - years_ago))
    return then in {english.year_group(name) for name in names}


def years_between(calendar: Calendar, day: date, today: date) -> int:
    """Return how many school years before that of today a day lies."""
    return calendar.year_of(today).start.year - calendar.year_of(day).start.year
