"""The note on the pupil: a few sentences that say what happened, which sessions count, what was made and by which clause."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date

from letters import sentence
from letters.absences import by_day
from letters.facts import Facts
from letters.severe_absence import SEVERE_LETTER
from letters.words import english
from rules.events import Event
from rules.rule.assumed import named
from rules.rule.outcome import Outcome

MOST_LISTED = 12
"""Rows of counted sessions that a note lists; if there are more, only the document has them."""

_LATER = ("Correction: ", "Correction to the note of ", "Holds again: ", "The register supports the note of ")
"""How summaries and texts begin of the notes that say what became of an event."""


def summary(title: str, key: str) -> str:
    """Return one line for lists; it ends with the event's key in brackets."""
    return f"{title} [{key}]"


def is_later_note(text: str) -> bool:
    """Given a note's summary or text, return True when it says what became of an event that had its note before."""
    return text.strip().startswith(_LATER)


def note(
    facts: Facts,
    made: Sequence[tuple[Outcome, str]],
    *,
    held: str | None = None,
    remarks: Sequence[str] = (),
) -> tuple[str, str]:
    """Given the facts, each document made as (outcome, title), and remarks, return summary and text."""
    parts = [_what_happened(facts)]
    if facts.event.pupil_id is not None:
        parts += [_year_to_date(facts), _listed(facts)]
    parts.append(_made(facts, made))
    if held:
        parts.append(f"Held, nothing was made: {held}.")
    parts += [f"Please note: {remark}." for remark in remarks]
    parts.append(_ended(f"Policy: {facts.policy.title}, {facts.event.clause}"))
    if facts.assumed:
        parts.append(_ended(named(facts.assumed)))
    text = " ".join(part for part in parts if part)
    return summary(facts.event.title, facts.key), f"{text} [{facts.key}]"


def _ended(sentence: str) -> str:
    """Return the sentence with a full stop, where it does not end already."""
    return sentence if sentence.endswith((".", "?")) else f"{sentence}."


def correcting_note(
    event: Event, key: str, reason: str, *, documents: Sequence[str] = (), on: date | None = None
) -> tuple[str, str]:
    """Given a written event that the marks no longer support, return summary and text of the correcting note.

    ``documents`` are the titles of what was filed, which stays on file. ``reason`` is a sentence without a full stop.
    """
    when = f" On {english.day(on)} it was withdrawn." if on else ""
    filed = ""
    if documents:
        titles = english.joined(list(dict.fromkeys(documents)))
        filed = (
            f" What was filed ({titles}) stays on file for the record; if it was sent, "
            "please tell the family that it no longer applies."
        )
    text = (
        f"Correction to the note of {english.day(event.date)}, “{event.title}”: the register no longer supports it."
        f"{when} Reason: {reason}.{filed} Please do not act on the earlier note. [{key}]"
    )
    return summary(f"Correction: {event.title}", key), text


def _what_happened(facts: Facts) -> str:
    """Return the sentence of the event's own rule, or where the pack has none, one by the kind of its figures."""
    if facts.rule is not None and facts.rule.note and facts.event.pupil_id is not None:
        return sentence.fill(facts.rule.note, facts)
    return _by_kind(facts)


def _by_kind(facts: Facts) -> str:
    """Return the sentence for a rule that has none of its own, from the event's figures."""
    event, title = facts.event, facts.event.title
    then, opened = facts.words("percent_then"), facts.day("opened")
    if then and opened:
        since = facts.words("window_percent")
        now = f"{since}% since then" if since else f"{facts.percent}% now"
        return (
            f"{title}, figures up to and including {english.day(event.date)}. "
            f"Attendance was {then}% on {english.day(opened)} and is {now}."
        )
    if event.group is not None:
        share = f"{facts.words('attended')} of {facts.words('possible')} sessions"
        return f"{title}: {english.class_name(event.group or '')}, {facts.words('attendance_percent')}% ({share}) in the week to {english.day(event.date)}."
    count = facts.number("count")
    if count is not None and event.sessions:
        return f"{title}: {english.count(len(event.sessions), 'session')} from {english.day(facts.counted[0])} to {english.day(event.date)}."
    return f"{title}, on {english.day(event.date)}."


def _year_to_date(facts: Facts) -> str:
    if not facts.possible:
        part = facts.part_of_year
        age = f" on a day of compulsory school age. {part.words('the pupil')}" if part else "."
        return f"There is no possible session in the school year so far{age}"
    parts = [f"{facts.missed} missed"]
    if facts.missed and facts.agrees:
        parts[0] += f" ({facts.figures.authorised} authorised, {facts.figures.unauthorised} unauthorised)"
    if facts.agrees and facts.figures.late:
        parts.append(f"late {english.times(facts.figures.late)}")
    sentence = (
        f"{'Counted in the school year' if facts.part_of_year else 'School year'} up to and including {english.day(facts.event.date)}: {facts.percent}% attendance, "
        f"{facts.attended} of {facts.possible} possible sessions attended, {', '.join(parts)}."
    )
    if facts.agrees and facts.figures.missing:
        sentence += (
            f" {english.count(facts.figures.missing, 'session')} without a mark, not included in any total."
        )
    if facts.part_of_year:
        sentence += f" {facts.part_of_year.words('the pupil')}"
    return sentence


def _listed(facts: Facts) -> str:
    """Return the sessions that were counted, when they are few and not simply every absence of the year."""
    if facts.rule is not None and facts.rule.kind == "percentage":
        return ""
    rows = by_day(facts.event.sessions, facts.calendar)
    if not rows or len(rows) > MOST_LISTED:
        return ""
    items = [f"{english.day(row.start)} {' and '.join(row.halves)} {row.code}" for row in rows]
    return f"Sessions counted: {'; '.join(items)}."


def _made(facts: Facts, made: Sequence[tuple[Outcome, str]]) -> str:
    if not made:
        return ""
    items = []
    for (outcome, title), number in Counter(made).items():
        if facts.event.per_parent and number > 1:
            items.append(f"{title} ({number}, one for each parent)")
        elif outcome.kind == "letter" and not facts.event.per_parent:
            instead = (
                ", in place of the letter that the policy names" if outcome.name == SEVERE_LETTER else ""
            )
            items.append(f"{title} (for {english.count(number, 'household')}{instead})")
        else:
            items.append(title)
    return f"Made: {english.joined(items)}."
