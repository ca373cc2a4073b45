"""What pulls amount to, merged as the store merges them, and compared with the made-up school."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import fields, replace
from datetime import date
from typing import Any

from connector.adapters.base import (
    Adapter,
    AllMarksSent,
    AllPupilsSent,
    CalendarPage,
    CodesPage,
    MarkPage,
    MisCode,
    MisSchool,
    Page,
    PullEnd,
    PullRequest,
    PupilPage,
    SchoolPage,
)
from rules.calendar import Calendar
from rules.school import KNOWABLE, Contact, Half, Mark, Pupil

Place = tuple[str, date, Half]


class Pulled:
    """The school as pulled so far."""

    def __init__(self) -> None:
        self.school: MisSchool | None = None
        self.codes: dict[str, MisCode] = {}
        self.calendar: Calendar | None = None
        self.pupils: dict[str, Pupil] = {}
        self.marks: dict[Place, Mark] = {}
        self.bookmark: str | None = None
        self.pages: list[Page] = []
        """Of the last pull."""

    def pull(
        self,
        adapter: Adapter,
        until: date,
        *,
        recent_from: date | None = None,
        history_from: date | None = None,
    ) -> Pulled:
        """Pull on from the bookmark and merge. Nothing is merged of a pull that breaks off."""
        request = PullRequest(self.bookmark, recent_from or until, until, history_from)
        pages = list(adapter.pull(request))
        assert isinstance(pages[-1], PullEnd), "a complete pull ends with PullEnd"
        assert not any(isinstance(page, PullEnd) for page in pages[:-1])
        sent: set[str] = set()
        places: set[Place] = set()
        for page in pages:
            self._merge(page, sent, places)
        self.pages = pages
        return self

    def _merge(self, page: Page, sent: set[str], places: set[Place]) -> None:
        match page:
            case SchoolPage(school):
                self.school = school
            case CodesPage(codes):
                self.codes = {code.code: code for code in codes}
            case CalendarPage(periods):
                self.calendar = Calendar(periods)
            case PupilPage(pupils, removed):
                for pupil in pupils:
                    self.pupils[pupil.pupil_id] = pupil
                    sent.add(pupil.pupil_id)
                for pupil_id in removed:
                    self.pupils.pop(pupil_id, None)
            case AllPupilsSent(left_out):
                there = {*sent, *left_out}
                self.pupils = {key: pupil for key, pupil in self.pupils.items() if key in there}
            case MarkPage(marks, cleared):
                for mark in marks:
                    place = (mark.pupil_id, mark.date, mark.half)
                    places.add(place)
                    self.marks[place] = mark
                for pupil_id, session in cleared:
                    self.marks.pop((pupil_id, session.date, session.half), None)
            case AllMarksSent(start, end):
                self.marks = {
                    place: mark
                    for place, mark in self.marks.items()
                    if place in places or not start <= place[1] <= end
                }
            case PullEnd(bookmark):
                self.bookmark = bookmark


def mark_rows(marks: Iterable[Mark], lacks: frozenset[str]) -> dict[Place, tuple[Any, ...]]:
    """Return marks by pupil and session, with what the MIS can say of each. A missing mark is no mark."""
    return {
        (mark.pupil_id, mark.date, mark.half): (
            mark.code,
            None if "mark.minutes_late" in lacks else mark.minutes_late,
            "" if "mark.comment" in lacks else mark.comment,
        )
        for mark in marks
        if mark.code not in ("", "-")
    }


def pupil_differences(wanted: Iterable[Pupil], pulled: Iterable[Pupil], lacks: frozenset[str]) -> list[str]:
    """Every field in which a pulled pupil or contact is not as made up: "pupil 1003 upn: 'X', not 'Y'"."""
    want, got = {p.pupil_id: p for p in wanted}, {p.pupil_id: p for p in pulled}
    found = [f"pupil {key} is missing" for key in sorted(want.keys() - got.keys())]
    found += [f"pupil {key} should not be there" for key in sorted(got.keys() - want.keys())]
    for key in sorted(want.keys() & got.keys()):
        found += _differences(f"pupil {key}", "pupil", want[key], got[key], lacks)
        found += _contact_differences(key, want[key], got[key], lacks)
    return found


def _contact_differences(key: str, want: Pupil, got: Pupil, lacks: frozenset[str]) -> Iterator[str]:
    if "pupil.contacts" in lacks:
        return
    mine, theirs = _by_id(want.contacts, lacks), _by_id(got.contacts, lacks)
    if mine.keys() != theirs.keys():
        yield f"pupil {key} contacts: {sorted(theirs)}, not {sorted(mine)}"
    for contact_id in sorted(mine.keys() & theirs.keys()):
        where = f"pupil {key} contact {contact_id}"
        yield from _differences(where, "contact", mine[contact_id], theirs[contact_id], lacks)


def _with_what_nobody_says(want: Any, lacks: frozenset[str]) -> Any:
    """Return a pupil or a contact as an adapter has to give it whose MIS lacks facts: what nobody says is never "no"."""
    if isinstance(want, Pupil):
        return replace(want, unknown=frozenset(name for name in KNOWABLE if f"pupil.{name}" in lacks))
    return want


def _by_id(contacts: Iterable[Contact], lacks: frozenset[str]) -> dict[str, Contact]:
    """Contacts by id; by name where the MIS has ids of its own."""
    if "contact.contact_id" not in lacks:
        return {contact.contact_id: contact for contact in contacts}
    named = {f"{contact.forename} {contact.surname}": contact for contact in contacts}
    return {name: replace(contact, contact_id="") for name, contact in named.items()}


def _differences(where: str, kind: str, want: Any, got: Any, lacks: frozenset[str]) -> Iterator[str]:
    want = _with_what_nobody_says(want, lacks)
    for field in fields(want):
        if f"{kind}.{field.name}" in lacks:
            if field.name in ("court_order", "correspondence") and getattr(got, field.name) is not None:
                yield f"{where} {field.name}: {getattr(got, field.name)!r}, though nobody says"
            continue
        if field.name == "contacts":
            continue
        mine, theirs = getattr(want, field.name), getattr(got, field.name)
        if mine != theirs:
            yield f"{where} {field.name}: {theirs!r}, not {mine!r}"
