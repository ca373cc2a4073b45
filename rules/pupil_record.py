"""What people did about a pupil's attendance, besides what has a value of its own in ``rules.school``."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal, get_args

RecordKind = Literal[
    "meeting", "visit", "contract", "contact", "referral", "part-time", "lunch-leave", "return-sent"
]
RECORD_KINDS: tuple[RecordKind, ...] = get_args(RecordKind)

DECISIONS: Mapping[RecordKind, tuple[str, ...]] = {
    "meeting": ("invited", "held", "missed", "cancelled"),
    "visit": ("seen", "nobody in"),
    "contract": ("invited", "signed", "declined", "kept", "not kept", "ended"),
    "contact": ("answered", "no answer", "message left"),
    "referral": ("sent", "accepted", "closed"),
    "part-time": ("agreed", "ended"),
    "lunch-leave": ("agreed", "refused", "withdrawn"),
    "return-sent": (),
}
"""What may have come of a record, in the words of its kind. A return that was sent has none: its note names which."""


@dataclass(frozen=True, slots=True)
class PupilRecord:
    """One thing that somebody did, or that was agreed, for a pupil on a day. Only rules of kind ``recorded`` fire from one."""

    pupil_id: str
    kind: RecordKind
    day: date
    """The day on which it was done, was held or begins."""
    contact_id: str = ""
    """The adult whom it concerns; empty where it concerns none, or all of them."""
    decision: str = ""
    """What came of it, in a word of that kind: a call that was "answered" or "no answer", a meeting "held" or "missed"."""
    start: date | None = None
    end: date | None = None
    """The days for which it holds; None where it has none, or is open."""
    review: date | None = None
    """The day on which it is looked at again."""
    by: str = ""
    """Name or office of the person who did it."""
    note: str = ""


REACHED: Mapping[RecordKind, str] = {"contact": "answered", "visit": "seen"}
"""The records that say that somebody at home was spoken with: a call that was answered, a visit on which somebody was seen."""


def reached(record: PupilRecord) -> bool:
    """Return whether somebody at home was spoken with."""
    return record.decision != "" and REACHED.get(record.kind) == record.decision


def days_reached(
    records: Iterable[PupilRecord], by: Collection[str] = tuple(REACHED)
) -> dict[str, set[date]]:
    """Return by pupil id the days on which somebody at home was reached, in any way or by some kinds of record alone."""
    days: dict[str, set[date]] = {}
    for record in records:
        if record.kind in by and reached(record):
            days.setdefault(record.pupil_id, set()).add(record.day)
    return days


def part_time_days(records: Iterable[PupilRecord]) -> dict[str, list[tuple[date, date | None]]]:
    """Return by pupil id the first and the last day of each part-time timetable on record, the earliest first.

    One that was ended before its last day has the day of its end.
    """
    agreed: dict[str, list[PupilRecord]] = {}
    ended: dict[str, list[date]] = {}
    for record in records:
        if record.kind == "part-time" and record.decision == "ended":
            ended.setdefault(record.pupil_id, []).append(record.day)
        elif record.kind == "part-time":
            agreed.setdefault(record.pupil_id, []).append(record)
    found: dict[str, list[tuple[date, date | None]]] = {}
    for pupil_id, own in agreed.items():
        own.sort(key=lambda record: record.start or record.day)
        for record, following in zip(own, [*own[1:], None], strict=True):
            start = record.start or record.day
            until = min(record.end or date.max, following.start or following.day if following else date.max)
            ends = [day for day in ended.get(pupil_id, ()) if start <= day <= until]
            found.setdefault(pupil_id, []).append((start, min(ends, default=record.end)))
    return found
