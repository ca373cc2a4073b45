"""Facts that letters rest on and that changed, in words: for the evidence document and for `explain`."""

from __future__ import annotations

from datetime import date

from connector.store import Store
from connector.store.facts.fact_history import FLAGS_NOW, PART_TIME, PERIOD, SCHOOL_DAY, FactChange
from letters.reports.record.evidence import ChangedFact
from letters.words.english import day

_NAMES = {
    "date_of_birth": "Date of birth",
    "entry_date": "Entry date",
    "leaving_date": "Leaving date",
    "spells": "Spells on roll",
    PART_TIME: "Part-time timetable",
    "upn": "UPN",
    "legal_name": "Legal name",
    "nation": "Nation whose codes apply",
    "code_mapping": "How codes count",
    "policy": "Policy",
}
_DATES = ("date_of_birth", "entry_date", "leaving_date")
_NOT_REPEATED = ("upn", "legal_name")
"""A former name or number says more of a pupil than a court needs to be shown: only that it changed is said."""
_HALVES = {
    "": "no school day",
    "AM PM": "a school day",
    "AM": "a school day in the morning only",
    "PM": "a school day in the afternoon only",
}


def changed_facts(store: Store, pupil_id: str) -> tuple[ChangedFact, ...]:
    """Return what changed of the pupil's facts and of the school's, in the order in which it was seen.

    Of the calendar these are the days with marks that became school days or are none any more. Flags are not named:
    the document may be given to a parent, who may not be meant to read of a social worker.
    """
    changes = store.fact_history.changes_since(None, pupil_id)
    return tuple(
        _in_words(change)
        for change in changes
        if change.fact != FLAGS_NOW and not change.fact.startswith(PERIOD)
    )


def _in_words(change: FactChange) -> ChangedFact:
    if change.fact.startswith(SCHOOL_DAY):
        name = day(date.fromisoformat(change.fact.removeprefix(SCHOOL_DAY)))
        return ChangedFact(name, _HALVES[change.before], _HALVES[change.after], change.seen_at)
    before, after = (_value(change.fact, value) for value in (change.before, change.after))
    return ChangedFact(_NAMES.get(change.fact, change.fact), before, after, change.seen_at)


def _value(fact: str, value: str) -> str:
    if not value:
        return "one spell" if fact == "spells" else "none"
    if fact in _NOT_REPEATED:
        return "not repeated here"
    if fact == PART_TIME:
        first, last = (day(date.fromisoformat(one)) if one else "no date" for one in value.split("/"))
        return f"{first} to {last}"
    if fact in _DATES:
        return day(date.fromisoformat(value))
    return "; ".join(map(_spell, value.split("; "))) if fact == "spells" else value


def _spell(text: str) -> str:
    days, kind = text.split(" ", 1)
    start, end = (day(date.fromisoformat(one)) if one else "" for one in days.split("/"))
    words = f"{start or 'the start'} to {end or 'today'}"
    return words if kind == "main" else f"{words} ({kind})"
