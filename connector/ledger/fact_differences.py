"""Which facts differ between two days, in words that a school can check in its MIS."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from connector.ledger.keys import cause_key
from connector.ledger.rested_on import PupilFacts, RestedOn, calendar_of, policy_text
from connector.store import Store
from letters.words import english
from rules.calendar import Calendar, Period
from rules.school import Spell

CauseKind = Literal[
    "marks",
    "date_of_birth",
    "roll",
    "calendar",
    "codes",
    "policy",
    "class",
    "records",
    "entered",
    "many",
    "unknown",
]
_NAMED = 3
_WORDS_ONLY = {
    "title",
    "clause",
    "note",
    "assumed",
    "due_days",
    "reply_school_days",
    "notes",
    "lists",
    "label",
    "letter_name",
    "version",
    "dated",
    "outcomes",
    "release",
    "read_first",
    "waits_for_decision",
    "other_readings",
    "penalties",
}
"""What a pack may reword without changing when a rule fires; amounts stood in packs once."""


@dataclass(frozen=True, slots=True)
class Cause:
    """Why an event no longer follows, or follows now: the same kind and words give the same id."""

    kind: CauseKind
    text: str
    """For staff, never for a log: it may hold dates such as a birth date, and not whose, so that all of one cause share it."""

    @property
    def id(self) -> str:
        """The short id that `--because` takes."""
        return cause_key(self.kind, self.text)


CLASS = Cause("class", "the class had other pupils then")
"""Classes are judged as they are now; what was said of one stands when its pupils change."""


def changed_facts(store: Store, then: RestedOn, now: RestedOn, rule: str = "") -> list[Cause]:
    """Return every fact that differs, the likeliest cause first; of pupils only those who are in both.

    ``rule``: of the policy's rules only this one and those that it builds on; every one without it.
    """
    return [
        *of_pupils(then.pupils, now.pupils),
        *_of_calendar(store, then.calendar, now.calendar),
        *_of_codes(then, now),
        *_of_policy(store, then.policy, now.policy, rule),
        *_of_records(then.pupils, now.pupils),
    ]


def of_pupils(then: Sequence[PupilFacts], now: Sequence[PupilFacts]) -> Iterator[Cause]:
    """Yield changed dates of birth and spells on roll, each once.

    A flag is none of these: it counts as it was on the event's day, so one that begins or ends changes no event.
    """
    present = {pupil.pupil_id: pupil for pupil in now}
    found: dict[Cause, None] = {}
    for was in then:
        pupil = present.get(was.pupil_id)
        if pupil is None:
            found[CLASS] = None
            continue
        if was.born != pupil.born:
            found[
                Cause("date_of_birth", f"date of birth changed from {_day(was.born)} to {_day(pupil.born)}")
            ] = None
        for text in _spells(was.spells, pupil.spells):
            found[Cause("roll", text)] = None
    if {pupil.pupil_id for pupil in now} - {pupil.pupil_id for pupil in then} and then:
        found[CLASS] = None
    yield from found


def _spells(then: tuple[Spell, ...], now: tuple[Spell, ...]) -> Iterator[str]:
    if then == now:
        return
    if len(then) == len(now) == 1:
        (was,), (one,) = then, now
        if was.start != one.start:
            yield f"entry date changed from {_day(was.start)} to {_day(one.start)}"
        if was.end != one.end:
            yield f"leaving date changed from {_day(was.end)} to {_day(one.end)}"
        if was.start == one.start and was.end == one.end:
            yield f"the spell on roll changed from {was.kind} to {one.kind}"
    else:
        yield f"time on roll changed from {_list(then)} to {_list(now)}"


def _list(spells: tuple[Spell, ...]) -> str:
    return english.joined([f"{_day(one.start)} to {_day(one.end)}" for one in spells])


def _day(day: date | None) -> str:
    return english.day(day) if day else "none"


def _of_calendar(store: Store, then: str, now: str) -> Iterator[Cause]:
    if then == now:
        return
    was, one = calendar_of(store, then), calendar_of(store, now)
    parts = list(calendar_changes(was, one))
    if parts:
        yield Cause("calendar", f"the calendar changed: {'; '.join(parts)}")


def carried_on(was: Calendar, now: Calendar, as_of: date) -> Calendar:
    """Return an earlier calendar; where it ends before today, today's with the school days of the earlier one."""
    if not any(calendar_changes(was, now)):
        return now
    end = max((session.date for session in was.sessions), default=date.min)
    if end >= as_of:
        return was
    start = min((session.date for session in was.sessions), default=date.max)
    # an open row opens a day in spite of all others, so today's own are left out and what they open is opened again
    rest = tuple(period for period in now.periods if period.kind != "open")
    wanted = {*was.sessions, *(session for session in now.sessions if not start <= session.date <= end)}
    without = set(Calendar(rest).sessions)
    closed = (Period("closure", "", s.date, s.date, s.half) for s in sorted(without - wanted))
    opened = (Period("open", "", s.date, s.date, s.half) for s in sorted(wanted - without))
    return Calendar((*rest, *closed, *opened))


def calendar_changes(was: Calendar, now: Calendar) -> Iterator[str]:
    """Yield in words what the later calendar has otherwise, within the span of the earlier; days after it are only new."""
    before, after = set(was.sessions), set(now.sessions)
    last = max((session.date for session in was.sessions), default=date.min)
    first = min((session.date for session in was.sessions), default=date.max)
    days_before = {session.date for session in before}
    days_after = {session.date for session in after}
    lost, gained = days_before - days_after, {day for day in days_after - days_before if first <= day <= last}
    if lost:
        yield f"{_days(lost)} no longer {'a school day' if len(lost) == 1 else 'school days'}"
    if gained:
        yield f"{_days(gained)} now {'a school day' if len(gained) == 1 else 'school days'}"
    halves = sorted(
        session for session in before ^ after if session.date in days_before and session.date in days_after
    )
    if halves:
        named = [f"{english.day(session.date)} {session.half}" for session in halves[:_NAMED]]
        closed = sum(session in before for session in halves)
        how = (
            "no longer open" if closed == len(halves) else "open now" if not closed else "open or closed now"
        )
        yield f"{english.joined(named)}{_more(len(halves))} {'is' if len(halves) == 1 else 'are'} {how}"
    kinds = ("year", "term", "half_term")
    kept = {(period.kind, period.start, period.end) for period in now.periods}
    if not lost:
        for period in was.periods:
            if period.kind in kinds and (period.kind, period.start, period.end) not in kept:
                stretch = f"{english.day(period.start)} to {english.day(period.end)}"
                yield f"the {period.kind.replace('_', ' ')} {period.name} is no longer {stretch}"


def _days(days: set[date]) -> str:
    ordered = sorted(days)
    if len(ordered) > _NAMED:
        return f"{len(ordered)} days from {english.day(ordered[0])} to {english.day(ordered[-1])} are"
    return f"{english.joined([english.day(day) for day in ordered])} {'is' if len(ordered) == 1 else 'are'}"


def _more(number: int) -> str:
    return f" ({number} in all)" if number > _NAMED else ""


def _of_codes(then: RestedOn, now: RestedOn) -> Iterator[Cause]:
    if then.nation != now.nation:
        yield Cause("codes", f"the school's nation changed from {then.nation} to {now.nation}")
    if then.welsh_d_attended != now.welsh_d_attended:
        how = "counts as attended now" if now.welsh_d_attended else "no longer counts as attended"
        yield Cause("codes", f"D (dual registered) {how}: the setting welsh_d_attended changed")


def _of_policy(store: Store, then: str, now: str, rule: str) -> Iterator[Cause]:
    if then == now:
        return
    was, one = json.loads(policy_text(store, then)), json.loads(policy_text(store, now))
    if rule:
        behind = _behind(rule, [*was.get("rules", ()), *one.get("rules", ())])
        for pack in (was, one):
            pack["rules"] = [each for each in pack.get("rules", ()) if each["id"] in behind]
    parts = list(_figures("", was, one))
    if not parts:
        return
    named = "; ".join(parts[:_NAMED]) + (f"; {len(parts) - _NAMED} more" if len(parts) > _NAMED else "")
    version = ""
    if (was.get("version"), was.get("dated")) != (one.get("version"), one.get("dated")):
        version = f" (version {_version(was)} is now version {_version(one)})"
    yield Cause("policy", f"the policy {one.get('id', '')} changed{version}: {named}")


def _behind(rule: str, rules: Sequence[dict[str, Any]]) -> set[str]:
    """Return the rule and every one that it builds on: those that its condition names, those that carry it, and theirs."""
    ids = {each["id"] for each in rules}
    names = [(each["id"], ids & _texts(each["when"])) for each in rules]
    behind: set[str] = set()
    more = {rule}
    while more - behind:
        behind |= more
        more = {name for one, named in names if one in behind for name in named}
        more |= {one for one, named in names if behind & named}
    return behind


def _texts(value: Any) -> set[str]:
    """Return every text within a value read from JSON."""
    if isinstance(value, str):
        return {value}
    within = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return {text for one in within for text in _texts(one)}


def _version(pack: dict[str, Any]) -> str:
    return f"{pack.get('version')} of {english.day(date.fromisoformat(pack['dated']))}"


def _figures(where: str, was: Any, now: Any) -> Iterator[str]:
    """Yield each value that differs, with its place in words; texts that decide nothing are passed over."""
    if isinstance(was, dict) and isinstance(now, dict):
        for name in [*was, *(name for name in now if name not in was)]:
            place = where if name == "when" else f"{name} of {where}" if where else name
            if name not in _WORDS_ONLY:
                plain = "on" if name == "default" else None  # a pack kept before rules could be off
                before, after = was.get(name, plain), now.get(name, plain)
                if (name in was and name in now) or before or after:  # a key that is new, and says nothing
                    yield from _figures(place, before, after)
    elif _named(was) and _named(now):
        before, after = _by_name(was), _by_name(now)
        for name in [*before, *(name for name in after if name not in before)]:
            if name not in after:
                yield f"{name} is no longer in it"
            elif name not in before:
                yield f"{name} is new in it"
            else:
                yield from _figures(name, before[name], after[name])
    elif was != now:
        yield f"{where} was {_value(was)} and is {_value(now)}"


def _named(rows: Any) -> bool:
    return isinstance(rows, list) and all(
        isinstance(row, dict) and ("id" in row or "name" in row) for row in rows
    )


def _by_name(rows: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    named: dict[str, dict[str, Any]] = {}
    for row in rows:
        name = str(row.get("id") or row.get("name"))
        if name in named:  # a rule that changes on a day stands in it once for each stretch
            name = f"{name} from {row.get('from') or 'the start'}"
        named[name] = row
    return named


def _value(value: Any) -> str:
    if isinstance(value, list):
        return english.joined([str(one) for one in value]) or "none"
    return "none" if value is None else str(value)


def _of_records(then: Sequence[PupilFacts], now: Sequence[PupilFacts]) -> Iterator[Cause]:
    present = {pupil.pupil_id: pupil for pupil in now}
    for was in then:
        pupil = present.get(was.pupil_id)
        if pupil is None:
            continue
        for record in was.records:
            if record not in pupil.records:
                yield Cause("records", f"no longer on record: {record}")
        for record in pupil.records:
            if record not in was.records:
                yield Cause("records", f"on record now: {record}")
