"""Pupils and contacts of a MIS, completed from files: by pupil and contact, and by column.

What the MIS says stands. A filled cell fills what it leaves empty or does not know; of a court order, a bar on letters,
a death and a secret address the stricter of two answers holds. Where the MIS gives no contacts at all, they are those
of the file.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Any

from connector.adapters.base import PupilPage
from connector.adapters.facts_not_given import findings_of_people, given_by_columns
from connector.errors import Finding
from rules.school import FLAGS, Contact, Pupil

PUPIL_FACTS = (
    *(*FLAGS, "sen_status", "date_of_birth", "part_time_from", "part_time_to", "deceased"),
    *("admission_number", "preferred_forename", "preferred_surname", "gender", "year_group"),
    *("registration_group", "ethnicity", "first_language"),
)
"""The columns of pupils.csv that complete a pupil of the MIS: not who it is, nor when it was on roll."""
_CONTACT_TEXTS = ("title", "forename", "surname", "salutation", "relationship", "language", "email")


@dataclass
class SuppliedPeople:
    """The supplied pupils and contacts, read and checked, and what came of joining them in one pull."""

    pupils: Mapping[str, Pupil] | None = None
    """By pupil id; None: no pupils.csv."""
    pupil_columns: Collection[str] = ()
    """The columns that the file has, of those that complete a pupil."""
    contacts: Mapping[str, tuple[Contact, ...]] | None = None
    """By pupil id; None: no contacts.csv."""
    contact_columns: Collection[str] = ()
    in_place: bool = False
    """True where the MIS gives no contacts: then they are those of the file alone."""
    _differing: Counter[tuple[str, str]] = field(default_factory=Counter)
    _seen: set[str] = field(default_factory=set)
    _unmatched: int = 0

    @property
    def mark(self) -> str:
        """Changes when a file does: then every pupil must be read again, even from a MIS that reports changes."""
        if self.pupils is None and self.contacts is None:
            return ""
        said = (sorted((self.contacts or {}).items()), sorted(map(_said_of, (self.pupils or {}).values())))
        return sha256(repr((said, sorted(self.pupil_columns), self.in_place)).encode()).hexdigest()[:16]

    @property
    def facts(self) -> set[str]:
        """The facts that the files give, by their names in connector/adapters/facts_not_given.py."""
        given = given_by_columns("pupils", self.pupil_columns) if self.pupils is not None else set()
        if self.contacts is not None:
            given |= given_by_columns("contacts", self.contact_columns)
        return given

    def findings(self) -> list[Finding]:
        """Return what a check says of adults of whom the file leaves open whether they may be written to."""
        if self.contacts is None or not (self.in_place or self.facts & {"court_order", "correspondence"}):
            return []
        people = [Pupil(pupil_id, contacts=adults) for pupil_id, adults in self.contacts.items()]
        found = findings_of_people(people, supplied=True)
        return [finding for finding in found if self.in_place or finding.fact in self.facts]

    def join(self, page: PupilPage) -> PupilPage:
        """Return a page with what is supplied put in."""
        self._seen.update(pupil.pupil_id for pupil in page.pupils)
        return PupilPage(tuple(map(self._joined, page.pupils)), page.removed)

    def warnings(self, *, whole: bool) -> list[str]:
        """Return what a pull says at its end. ``whole``: every pupil has come, so that others are not in the MIS."""
        found = [
            f"{file}.csv: {column} of {count} row(s) differs from the MIS's; {_WINS[column in _STRICT]}"
            for (file, column), count in sorted(self._differing.items())
        ]
        if self._unmatched:
            found.append(
                f"contacts.csv: {self._unmatched} contact(s) whom the MIS does not have for the pupil were passed over"
            )
        if whole:
            for file, held, what in (
                ("contacts", self.contacts, "contacts of "),
                ("pupils", self.pupils, ""),
            ):
                count = sum(1 for pupil_id in held or () if pupil_id not in self._seen)
                if count:
                    found.append(f"{file}.csv: {what}{count} pupil(s) whom the MIS does not have")
        return found

    def _joined(self, pupil: Pupil) -> Pupil:
        if self.contacts is not None:
            rows = self.contacts.get(pupil.pupil_id, ())
            pupil = replace(pupil, contacts=rows if self.in_place else self._adults(pupil.contacts, rows))
        return pupil if self.pupils is None else self._completed(pupil, self.pupils.get(pupil.pupil_id))

    def _completed(self, pupil: Pupil, row: Pupil | None) -> Pupil:
        """Return a pupil with the file's facts; what a column lists for some pupils is known to be no for the others."""
        columns = [name for name in PUPIL_FACTS if name in self.pupil_columns]
        filled: dict[str, Any] = {}
        for name in columns:
            mine, theirs = getattr(row, name, None), getattr(pupil, name)
            if name == "deceased" or theirs in (None, "") or name in pupil.unknown:
                filled[name] = mine or theirs
            elif mine not in (None, "", False, theirs):
                self._differing["pupils", name] += 1
        known = set(columns) | ({"part_time_to"} if "part_time_from" in columns else set())
        return replace(pupil, **filled, unknown=pupil.unknown - known)

    def _adults(self, adults: tuple[Contact, ...], rows: tuple[Contact, ...]) -> tuple[Contact, ...]:
        """Return the MIS's contacts of a pupil, each completed from its row in the file."""
        row_of = {}
        for row in rows:
            adult = _meant(row, adults)
            if adult is None or adult.contact_id in row_of:
                self._unmatched += 1
            else:
                row_of[adult.contact_id] = row
        return tuple(
            self._with_row(adult, row_of[adult.contact_id]) if adult.contact_id in row_of else adult
            for adult in adults
        )

    def _with_row(self, adult: Contact, row: Contact) -> Contact:
        return replace(
            adult,
            **{name: getattr(adult, name) or getattr(row, name) for name in _CONTACT_TEXTS},
            priority=row.priority if adult.priority is None else adult.priority,
            court_order=self._strict("court_order", adult.court_order, row.court_order, strict=True),
            correspondence=self._strict(
                "correspondence", adult.correspondence, row.correspondence, strict=False
            ),
            address=adult.address if adult.address.usable else row.address,
            telephones=adult.telephones or row.telephones,
            deceased=adult.deceased or row.deceased,
            refuge=adult.refuge or row.refuge,
        )

    def _strict(self, name: str, theirs: bool | None, mine: bool | None, *, strict: bool) -> bool | None:
        if theirs is None or mine is None:
            return mine if theirs is None else theirs
        if theirs is not mine:
            self._differing["contacts", name] += 1
            return strict
        return theirs


_STRICT = ("court_order", "correspondence")
_WINS = {True: "the stricter one holds", False: "the MIS's is used"}


def _said_of(pupil: Pupil) -> tuple[str, ...]:
    return (pupil.pupil_id, *(repr(getattr(pupil, name)) for name in PUPIL_FACTS))


def _meant(row: Contact, adults: tuple[Contact, ...]) -> Contact | None:
    """Return the contact of the MIS that a row is about: by id, otherwise the only one of that forename and surname."""
    by_id = [adult for adult in adults if adult.contact_id == row.contact_id]
    named = [adult for adult in adults if row.surname and _name(adult) == _name(row)]
    found = by_id or named
    return found[0] if len(found) == 1 else None


def _name(adult: Contact) -> tuple[str, str]:
    return " ".join(adult.forename.split()).casefold(), " ".join(adult.surname.split()).casefold()
