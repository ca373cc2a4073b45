"""What is missing or looks wrong in the facts about pupils and in their marks, by kind of fault and by pupil.

A fact that the MIS gives of nobody is no fault of the office: such a check is left out and named.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from letters.reports.pupils import in_order
from letters.words.english import count, short_date
from rules.checks.year_length import year_length_warning
from rules.codes import ATTENDED, Class
from rules.law import age
from rules.register import Register
from rules.school import Contact, Pupil

CONTACTS = 2
"""Emergency contacts with a number that a school should hold (Keeping children safe in education, paragraph on emergency contacts)."""
N_DAYS = 5
"""School days after which a session without a reason (N) needs one (Working together to improve school attendance)."""
RECENT_DAYS = 20
"""School days, the day itself among them, in which marks without a note or minutes are named."""
NOTED = ("B", "V", "P", "W", "C", "Y", "Y1", "Y2", "Y3", "Y4", "Y5", "Y6", "Y7")
"""Codes whose nature or reason the register is to hold besides the code."""
NEVER_SEEN = 2
"""Sessions missed or unmarked since entry, from which a pupil who attended none is named."""

Cells = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Fault:
    """One kind of fault with the pupils who have it, in order of class and name."""

    name: str
    short: str
    """The fault in the line of a pupil."""
    to_do: str
    pupils: tuple[tuple[Pupil, str], ...]
    """Each with what is found, such as "3 marks, last 12 Nov 2025"; empty where there is nothing to add."""
    marks: int | None = None
    """How many marks it is about; None where it is about the pupil."""


@dataclass(frozen=True, slots=True)
class DataQuality:
    """All that was looked at on a day."""

    faults: tuple[Fault, ...]
    """Every kind of fault that was looked for, those without a pupil among them."""
    not_looked_at: tuple[str, ...]
    """What could not be looked at, because the MIS gives it of nobody, such as "telephone numbers"."""
    calendar: str | None
    """What looks wrong in the calendar."""
    pupils: int
    """Pupils on roll."""


def data_quality(register: Register, as_of: date) -> DataQuality:
    """Return what is missing or looks wrong of the pupils on roll on a day, in the school year up to that day."""
    look = _Look(register, as_of)
    faults: list[Fault] = []
    not_looked_at: list[str] = []
    for given, without, find in look.checks():
        if given:
            faults.append(find())
        else:
            not_looked_at.append(without)
    warning = year_length_warning(register.calendar, as_of)
    return DataQuality(tuple(faults), tuple(not_looked_at), warning, len(look.pupils))


class _Look:
    """One look at a register on a day."""

    def __init__(self, register: Register, as_of: date) -> None:
        self.register, self.as_of = register, as_of
        self.pupils = in_order(pupil for pupil in register.pupils if pupil.listed_on(as_of))
        days = register.calendar.school_days
        last = int(np.searchsorted([day.toordinal() for day in days], as_of.toordinal(), side="right")) - 1
        year = register.calendar.year_of(as_of).start
        dates = np.array([session.date.toordinal() for session in register.sessions], dtype=np.int64)
        self.seen: NDArray[np.bool_] = (dates <= as_of.toordinal()) & (dates >= year.toordinal())
        self.seen[register.closed_count :] = False
        self.recent = self.seen & (register.session_day > last - RECENT_DAYS)
        self.old = self.seen & (register.session_day < last - N_DAYS)

    def checks(self) -> Iterator[tuple[bool, str, Callable[[], Fault]]]:
        """Yield for each check whether its facts are given at all, what to say where they are not, and the check."""
        contacts = [contact for pupil in self.pupils for contact in pupil.contacts]
        nobody = not self.pupils
        addresses = nobody or any(contact.address.usable for contact in contacts)
        yield addresses, "addresses", self.no_address
        numbers = nobody or any(contact.telephones for contact in contacts)
        yield numbers, "telephone numbers", self.few_contacts
        born = nobody or any(pupil.date_of_birth for pupil in self.pupils)
        yield born, "dates of birth", self.no_date_of_birth
        yield True, "", self.no_class
        yield True, "", self.never_seen
        yield True, "", self.unmarked
        yield True, "", self.no_code
        yield True, "", self.old_n
        yield True, "", self.wrong_x
        late = bool(self.register.minutes_late) or not self.register.coded({"L"}).any()
        yield late, "minutes late", self.no_minutes
        yield bool(self.register.comments), "notes with marks", self.no_note
        yield True, "", self.open_leave

    # -- facts about pupils

    def _of_pupils(self, name: str, short: str, to_do: str, has: Callable[[Pupil], str | None]) -> Fault:
        found = tuple((pupil, detail) for pupil in self.pupils if (detail := has(pupil)) is not None)
        return Fault(name, short, to_do, found)

    def no_address(self) -> Fault:
        """Find pupils of whom no living contact without a court order has an address that a letter could reach."""

        def lacks(pupil: Pupil) -> str | None:
            usable = any(contact.address.usable for contact in _reachable(pupil))
            return None if usable else ""

        return self._of_pupils("No address", "no address", "enter the address of a parent or carer", lacks)

    def few_contacts(self) -> Fault:
        """Find pupils with fewer than two living contacts, none under a court order, with a telephone number."""

        def lacks(pupil: Pupil) -> str | None:
            numbers = sum(bool(contact.telephones) for contact in _reachable(pupil))
            return None if numbers >= CONTACTS else f"has {numbers or 'none'}"

        name = f"Fewer than {CONTACTS} contacts with a telephone number"
        return self._of_pupils(name, "contacts with a number", "ask the family for another contact", lacks)

    def no_date_of_birth(self) -> Fault:
        """Find pupils without a date of birth: every day then counts as of compulsory school age."""
        return self._of_pupils(
            "No date of birth",
            "no date of birth",
            "enter it: without it every day counts as of compulsory school age",
            lambda pupil: None if pupil.date_of_birth else "",
        )

    def no_class(self) -> Fault:
        """Find pupils without a registration group: no tutor has them on a list."""
        return self._of_pupils(
            "No class",
            "no class",
            "enter the class: no tutor has the pupil on a list",
            lambda pupil: None if pupil.registration_group.strip() else "",
        )

    def never_seen(self) -> Fault:
        """Find pupils on roll who have attended no session since their entry, though some were possible."""
        register = self.register
        attended = np.isin(register.classes, ATTENDED)
        missed = np.isin(
            register.classes, (Class.AUTHORISED, Class.UNAUTHORISED, Class.MISSING, Class.UNRECOGNISED)
        )
        dates = [session.date for session in register.sessions]

        def lacks(pupil: Pupil) -> str | None:
            spell = next((s for s in pupil.stretches if self.as_of in s), None)
            if spell is None:
                return None
            first = spell.start or date.min
            since = np.array([first <= day <= self.as_of for day in dates], dtype=np.bool_)
            row = register.row_of[pupil.pupil_id]
            if (attended[row] & since).any() or int((missed[row] & since).sum()) < NEVER_SEEN:
                return None
            return f"since {short_date(spell.start)}" if spell.start else ""

        return self._of_pupils(
            "On roll, but never seen since entry",
            "never seen since entry",
            "find out whether the pupil has started; the authority must know of a child who has not",
            lacks,
        )

    # -- marks

    def _of_marks(self, name: str, short: str, to_do: str, cells: Cells, *, codes: bool = False) -> Fault:
        found = []
        total = 0
        for pupil in self.pupils:
            row = self.register.row_of[pupil.pupil_id]
            columns = np.flatnonzero(cells[row])
            if columns.size:
                total += int(columns.size)
                last = self.register.sessions[int(columns[-1])]
                named = ""
                if codes:
                    written = sorted({self.register.code_at(row, int(column)) for column in columns})
                    named = f" ({', '.join(written)})"
                found.append(
                    (
                        pupil,
                        f"{count(int(columns.size), 'mark')}{named}, last {short_date(last.date)} {last.half}",
                    )
                )
        return Fault(name, short, to_do, tuple(found), total)

    def unmarked(self) -> Fault:
        """Find sessions without a mark."""
        cells = (self.register.classes == Class.MISSING) & self.seen
        fault = self._of_marks("Sessions without a mark", "no mark", "enter the mark", cells)
        pupils = tuple((pupil, text.replace("mark", "session", 1)) for pupil, text in fault.pupils)
        return Fault(fault.name, fault.short, fault.to_do, pupils, fault.marks)

    def no_code(self) -> Fault:
        """Find marks that are no attendance code: they are in no figure."""
        cells = (self.register.classes == Class.UNRECOGNISED) & self.seen
        return self._of_marks(
            "Marks that are no attendance code",
            "no attendance code",
            "correct them: they are in no figure",
            cells,
            codes=True,
        )

    def old_n(self) -> Fault:
        """Find sessions without a reason (N) of more than five school days ago."""
        return self._of_marks(
            f"N older than {N_DAYS} school days",
            "N without a reason",
            "enter the reason, or O where none can be had",
            self.register.coded({"N"}) & self.old,
        )

    def wrong_x(self) -> Fault:
        """Find X, for pupils not of compulsory school age, on days on which the pupil was."""
        cells = self.register.coded({"X"}) & self.seen
        for row in np.flatnonzero(cells.any(axis=1)):
            born = self.register.pupils[row].date_of_birth
            for column in np.flatnonzero(cells[row]):
                day = self.register.sessions[column].date
                cells[row, column] = born is not None and age.starts(born) <= day <= age.ends(born)
        return self._of_marks(
            "X at compulsory school age", "X at compulsory school age", "enter the true code", cells
        )

    def no_minutes(self) -> Fault:
        """Find late marks (L) without the minutes."""
        cells = self._without(self.register.coded({"L"}) & self.recent, self.register.minutes_late)
        return self._of_marks("L without minutes", "L without minutes", "enter the minutes late", cells)

    def no_note(self) -> Fault:
        """Find codes whose nature or reason should be noted, without a note."""
        cells = self._without(self.register.coded(NOTED) & self.recent, self.register.comments)
        name = "B, C, P, V, W or Y without a note"
        return self._of_marks(
            name, "without a note", "note the activity, its place or the reason", cells, codes=True
        )

    def open_leave(self) -> Fault:
        """Find extended holidays (F) without a day of return: no leave on record covers them, and no note says it."""
        cells = self._without(self.register.coded({"F"}) & self.seen, self.register.comments)
        for request in self.register.leave_requests:
            row = self.register.row_of.get(request.pupil_id)
            if row is not None:
                days = [request.start <= session.date <= request.end for session in self.register.sessions]
                cells[row, np.array(days, dtype=np.bool_)] = False
        return self._of_marks(
            "F without a day of return",
            "F without a day of return",
            "enter the leave with its last day",
            cells,
        )

    @staticmethod
    def _without(cells: Cells, having: object) -> Cells:
        assert isinstance(having, dict)
        for place in having:
            cells[place] = False
        return cells


def _reachable(pupil: Pupil) -> list[Contact]:
    """Return the contacts who may be asked or written to at all: living, and under no court order on record."""
    return [contact for contact in pupil.contacts if not contact.deceased and contact.court_order is not True]
