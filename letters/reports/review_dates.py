"""Reviews that are due, as a calendar for the office (RFC 5545): how many of which kind on which day, and no name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

from letters.words.english import count
from rules.checks.reviews_due import open_reviews
from rules.register import Register

_NAMES: Mapping[str, tuple[str, str]] = {
    "plan": ("plan", "plans"),
    "notice-to-improve": ("notice to improve", "notices to improve"),
    "meeting": ("meeting", "meetings"),
    "visit": ("visit", "visits"),
    "contract": ("contract", "contracts"),
    "contact": ("call", "calls"),
    "referral": ("referral", "referrals"),
    "part-time": ("part-time timetable", "part-time timetables"),
    "lunch-leave": ("leave at lunch time", "leaves at lunch time"),
    "return-sent": ("return", "returns"),
}
_MOST_OCTETS = 75
"""Of one line (RFC 5545, section 3.1)."""


_CALLED = "called-meeting"
"""The kind of a meeting that was called: its day is the meeting itself, and no review of one."""


def counted_reviews(register: Register, since: date) -> list[tuple[date, str, str]]:
    """Return the reviews from a day on as (day, kind, words): "Review of 3 contracts"; only those that nothing answers yet."""
    due = Counter(
        (review.due, _CALLED if review.no_outcome else review.kind)
        for review in open_reviews(register, since)
        if review.due >= since and register.pupil(review.pupil_id).listed_on(review.due)
    )
    return [(day, kind, _words(kind, number)) for (day, kind), number in sorted(due.items())]


def _words(kind: str, number: int) -> str:
    if kind == _CALLED:
        return f"{count(number, 'meeting')}: say afterwards whether {'it was' if number == 1 else 'they were'} held"
    return f"Review of {count(number, *_NAMES[kind])}"


def review_calendar(register: Register, since: date, school_id: str, now: datetime) -> bytes | None:
    """Return the reviews as an iCalendar file; None when there is none.

    An entry keeps its identity from file to file, so a calendar that takes the file in again changes it.
    """
    due = counted_reviews(register, since)
    if not due:
        return None
    stamp = now.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//attendance-connector//reviews//EN",
        "CALSCALE:GREGORIAN",
    ]
    for day, kind, what in due:
        lines += [
            "BEGIN:VEVENT",
            f"UID:review-{day:%Y%m%d}-{kind}@{school_id}.attendance-connector",
            f"DTSTAMP:{stamp}",
            f"DTSTART;VALUE=DATE:{day:%Y%m%d}",
            f"DTEND;VALUE=DATE:{day + timedelta(days=1):%Y%m%d}",
            f"SUMMARY:{_escaped(what)}",
            "DESCRIPTION:The names are on record in the school.",
            "TRANSP:TRANSPARENT",
            "END:VEVENT",
        ]
    lines.append("END:VCALENDAR")
    return "".join(f"{_folded(line)}\r\n" for line in lines).encode()


def _escaped(text: str) -> str:
    for sign in "\\;,":
        text = text.replace(sign, f"\\{sign}")
    return text.replace("\n", "\\n")


def _folded(line: str) -> str:
    """Return a line in parts of at most 75 octets, each after the first beginning with a space."""
    parts: list[str] = []
    part = ""
    for sign in line:
        if len((part + sign).encode()) > _MOST_OCTETS - bool(parts):
            parts.append(part)
            part = ""
        part += sign
    return "\r\n ".join([*parts, part])
