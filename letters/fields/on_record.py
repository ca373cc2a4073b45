"""Merge fields about what is on record: a notice to improve and its period, a pupil who joins or leaves, a return's day."""

from __future__ import annotations

from datetime import date
from functools import partial

from letters.earlier.done_so_far import Done, done_so_far
from letters.facts import Facts
from letters.fields.field import Column, Field, Group
from letters.template.segments import Value
from letters.words import english, welsh

_RECORDS = Group("What is on record")


def _allowed(facts: Facts) -> int:
    return facts.number("notice_allowed") or 0


def _dated(name: str, facts: Facts) -> date | None:
    return facts.day(name)


def _not_dated(name: str, facts: Facts) -> bool:
    return facts.day(name) is None


def _ahead(name: str, facts: Facts) -> bool:
    day = facts.day(name)
    return day is not None and day >= facts.written_on


def _not_ahead(name: str, facts: Facts) -> bool:
    return not _ahead(name, facts)


def _part_time_day(facts: Facts) -> date | None:
    name, _, day = facts.event.anchor.partition(":")
    return date.fromisoformat(day) if name == facts.words("date_of") and day else None


def _better(facts: Facts) -> bool:
    """Whether less of the notice's period was missed than of the year before it."""
    before, since = facts.before_notice, facts.since
    return before.possible > 0 and since.absent * before.possible < before.absent * since.possible


def _done(facts: Facts) -> list[dict[str, Value]]:
    return [
        {
            "done_on": english.day(done.day),
            "done_on_cy": welsh.day(done.day),
            "done": done.what,
            "done_cy": done.what_cy,
        }
        for done in _to_family(facts)
    ]


def _to_family(facts: Facts) -> list[Done]:
    return [done for done in done_so_far(facts) if done.what]


def _lines(facts: Facts) -> str:
    return "\n".join(f"{english.day(done.day)}: {done.on_form}" for done in done_so_far(facts))


def _lines_cy(facts: Facts) -> str:
    return "\n".join(f"{welsh.day(done.day)}: {done.on_form_cy}" for done in done_so_far(facts))


def _in_person(facts: Facts) -> list[Done]:
    """Return the calls and visits since the event's day."""
    return [done for done in _to_family(facts) if done.in_person and done.day >= facts.event.date]


def _rang(facts: Facts) -> list[Done]:
    """Return the calls of the event's own day that reached nobody; none where somebody was spoken with since."""
    since = [done for done in _to_family(facts) if done.in_person and done.day >= facts.event.date]
    if any(done.reached for done in since):
        return []
    return [done for done in since if done.day == facts.event.date and done.in_vain]


RECORD_FIELDS = (
    Field(
        "done_so_far",
        "rows",
        _RECORDS.title,
        "what the school did about attendance in the school year, by day: letters, calls, visits, meetings, plans; to an"
        " addressee only what concerns them",
        [
            {
                "done_on": "6 October 2025",
                "done_on_cy": "6 Hydref 2025",
                "done": "we wrote to you",
                "done_cy": "ysgrifenasom atoch",
            },
            {
                "done_on": "20 October 2025",
                "done_on_cy": "20 Hydref 2025",
                "done": "we met and talked with you",
                "done_cy": "cawsom gyfarfod a sgwrs gyda chi",
            },
        ],
        _done,
        columns=(
            Column("done_on", "text", "the day, in words"),
            Column("done_on_cy", "text", "the same in Welsh"),
            Column("done", "text", "what was done"),
            Column("done_cy", "text", "the same in Welsh"),
        ),
    ),
    _RECORDS.text(
        "done_lines",
        "the same in one text, a line each, as a form to the authority says it",
        "6 October 2025: letter to the family",
        _lines,
        office_only=True,
    ),
    _RECORDS.text(
        "done_lines_cy",
        "the same in Welsh",
        "6 Hydref 2025: llythyr at y teulu",
        _lines_cy,
        office_only=True,
    ),
    _RECORDS.yes_no("if_done", "kept when something of that is on record", _to_family),
    _RECORDS.yes_no("if_nothing_done", "kept when nothing is", lambda f: not _to_family(f), False),
    _RECORDS.yes_no("if_done_on_form", "kept when a form has such a line", lambda f: done_so_far(f)),
    _RECORDS.text(
        "rang_or_visited",
        "the calls and visits since the event's day, in words; empty when none is on record",
        "On 1 December 2025 we spoke with you.",
        lambda f: " ".join(f"On {english.day(done.day)} {done.what}." for done in _in_person(f)),
    ),
    _RECORDS.text(
        "rang_or_visited_cy",
        "the same in Welsh",
        "Ar 1 Rhagfyr 2025 siaradasom â chi.",
        lambda f: " ".join(f"Ar {welsh.day(done.day)} {done.what_cy}." for done in _in_person(f)),
    ),
    _RECORDS.yes_no("if_rang_or_visited", "kept when such a call or visit is on record", _in_person),
    _RECORDS.yes_no("if_not_rang_or_visited", "kept when none is", lambda f: not _in_person(f), False),
    _RECORDS.yes_no(
        "if_rang_in_vain", "kept when a call of the event's day that reached nobody is on record", _rang
    ),
    _RECORDS.yes_no(
        "if_notice_to_improve",
        "kept when the event is about a notice to improve",
        lambda f: f.day("notice_date"),
    ),
    _RECORDS.yes_no(
        "if_no_notice_to_improve", "kept when it is not", lambda f: not f.day("notice_date"), False
    ),
    _RECORDS.date(
        "notice_date", "the day of the notice to improve", date(2025, 11, 7), lambda f: f.day("notice_date")
    ),
    _RECORDS.date(
        "notice_from",
        "the first school day of its period; empty where the calendar does not hold it",
        date(2025, 11, 10),
        lambda f: f.day("notice_from"),
    ),
    _RECORDS.date(
        "notice_to",
        "the last school day of its period; empty where the calendar does not hold it",
        date(2025, 12, 19),
        lambda f: f.day("notice_to"),
    ),
    _RECORDS.yes_no(
        "if_notice_to", "kept when the calendar holds that last day", lambda f: f.day("notice_to")
    ),
    _RECORDS.yes_no("if_no_notice_to", "kept when it does not", lambda f: not f.day("notice_to"), False),
    _RECORDS.text(
        "notice_weeks",
        "its length",
        "6 school weeks",
        lambda f: english.count(f.number("notice_weeks") or 0, "school week"),
    ),
    _RECORDS.number(
        "notice_allowed", "sessions of unauthorised absence that it allows", 0, lambda f: _allowed(f)
    ),
    _RECORDS.text(
        "notice_allowed_text",
        "the same in words",
        "no session",
        lambda f: english.count(_allowed(f), "session") if _allowed(f) else "no session",
    ),
    _RECORDS.yes_no(
        "if_notice_allows_none", "kept when it allows no such session", lambda f: not _allowed(f)
    ),
    _RECORDS.yes_no("if_notice_allows_some", "kept when it allows some", lambda f: bool(_allowed(f)), False),
    _RECORDS.text(
        "notice_sessions_text",
        "sessions of unauthorised absence since the notice, up to and including the event's day",
        "no session",
        lambda f: english.count(f.number("count") or 0, "session") if f.number("count") else "no session",
    ),
    _RECORDS.text(
        "since_missed_text",
        "sessions missed since the earlier step or the notice, for whatever reason",
        "1 session",
        lambda f: english.count(f.since.absent, "session") if f.since.absent else "no session",
    ),
    _RECORDS.text(
        "before_missed_text",
        "sessions missed in the year up to and including the day of the notice",
        "14 sessions",
        lambda f: english.count(f.before_notice.absent, "session"),
    ),
    _RECORDS.yes_no(
        "if_missed_less",
        "kept when less of the notice's period was missed than of the year before it",
        _better,
    ),
    _RECORDS.date(
        "roll_date",
        "the day on which the pupil joined or left",
        date(2025, 11, 10),
        lambda f: f.day("roll_date"),
    ),
    _RECORDS.text(
        "enrolment",
        "the kind of enrolment: main, subsidiary or guest",
        "main",
        lambda f: f.words("enrolment"),
        office_only=True,
    ),
    _RECORDS.date(
        "return_due",
        "the last day for the return to the authority by the law of the event's day; empty where it asks for none",
        date(2025, 11, 15),
        lambda f: f.day("due"),
    ),
    _RECORDS.yes_no("if_return_due", "kept when the law asks for one", lambda f: f.day("due")),
    _RECORDS.yes_no(
        "if_return_in_time",
        "kept when the law asks for one and its day is not over when it is made",
        lambda f: (due := f.day("due")) is not None and f.written_on <= due,
    ),
    _RECORDS.yes_no(
        "if_return_late",
        "kept when its day is over",
        lambda f: (due := f.day("due")) is not None and f.written_on > due,
        False,
    ),
    *(
        field
        for name, meaning, example in (
            ("record_day", "the day of what people did: a meeting, a contract, a call", date(2025, 11, 24)),
            (
                "record_start",
                "the first day for which it holds, or the day of the meeting",
                date(2025, 12, 9),
            ),
            ("record_end", "the last day for which it holds", date(2026, 2, 13)),
            ("record_review", "the day on which it is looked at again", date(2026, 1, 16)),
        )
        for field in (
            _RECORDS.date(name, f"{meaning}; empty where none is on record", example, partial(_dated, name)),
            _RECORDS.yes_no(f"if_{name}", "kept when that day is on record", partial(_dated, name)),
            _RECORDS.yes_no(f"if_no_{name}", "kept when it is not", partial(_not_dated, name), False),
            _RECORDS.yes_no(
                f"if_{name}_ahead",
                "kept when that day is not over when the letter is made",
                partial(_ahead, name),
            ),
            _RECORDS.yes_no(
                f"if_no_{name}_ahead",
                "kept when it is over, or none is on record",
                partial(_not_ahead, name),
                False,
            ),
        )
    ),
    _RECORDS.date(
        "away_from",
        "the first day of the absence that has ended",
        date(2025, 10, 6),
        partial(_dated, "away_from"),
    ),
    _RECORDS.date("away_to", "its last day", date(2025, 11, 27), partial(_dated, "away_to")),
    _RECORDS.date(
        "part_time_day",
        "the first or last day of a part-time timetable, also where it is no school day",
        date(2025, 11, 28),
        _part_time_day,
    ),
)
