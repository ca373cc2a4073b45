"""Families to whom a rule must not write: from the MIS, and from the configuration."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from rules.age import of_compulsory_age
from rules.events import Event
from rules.school import Exclusion, Pupil


def exclusion_for(event: Event, pupil: Pupil | None, exclusions: Iterable[Exclusion]) -> Exclusion | None:
    """Return the first exclusion that covers the event. It holds up to its last day, which is compared with the event's."""
    return next((e for e in exclusions if _covers(e, event, pupil)), None)


def _covers(exclusion: Exclusion, event: Event, pupil: Pupil | None) -> bool:
    if pupil is None or (exclusion.rules and event.rule not in exclusion.rules):
        return False
    if exclusion.until is not None and event.date > exclusion.until:
        return False
    if exclusion.pupil_id is not None:
        return exclusion.pupil_id == pupil.pupil_id
    return exclusion.flag is not None and exclusion.flag in flags_on(pupil, event.date)


def flags_on(pupil: Pupil, day: date) -> frozenset[str]:
    """Return what an exclusion can name: the pupil's flags, and "sen", "part_time" and "under_age" on that day."""
    # the flags of now, whatever the event's day had: a rule counts what was, an exclusion protects a family today
    flags = set(pupil.flags)
    if pupil.sen_status in ("K", "E"):
        flags.add("sen")
    if pupil.part_time_from and pupil.part_time_from <= day <= (pupil.part_time_to or date.max):
        flags.add("part_time")
    if not of_compulsory_age(pupil.date_of_birth, day):
        flags.add("under_age")
    return frozenset(flags)
