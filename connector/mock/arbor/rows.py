"""The rows behind the mock Arbor: objects of every type, one rising revision over all, and the log of changes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, NamedTuple, Protocol

from connector.mock.arbor.types import KINDS, Kind

ChangeType = Literal["create", "update", "delete"]


class Ref(NamedTuple):
    """A related object: its type and id."""

    type: str
    id: str

    @property
    def href(self) -> str:
        return KINDS[self.type].href(self.id)


class RowLike(Protocol):
    """What lists, details, filters and GraphQL need of a row."""

    kind: Kind
    id: str
    revision: int
    modified: datetime

    @property
    def tags(self) -> Mapping[str, Any]: ...

    def value(self, name: str) -> Any:
        """Return a scalar, a Ref or None."""


@dataclass(slots=True)
class Row:
    """An object held as it is."""

    kind: Kind
    id: str
    values: dict[str, Any]
    revision: int
    modified: datetime
    tags: dict[str, Any] = field(default_factory=dict)

    def value(self, name: str) -> Any:
        return self.values.get(name)


class Change(NamedTuple):
    """One entry of a type's change log."""

    revision: int
    change: ChangeType
    id: str


class Virtual(Protocol):
    """Rows that are not held but made from the school's marks when asked for."""

    def ids(self) -> Sequence[str]: ...

    def row(self, row_id: str) -> RowLike | None: ...

    def log(self) -> Sequence[Change]: ...


class Rows:
    """All rows by type and id, in order of making."""

    def __init__(self) -> None:
        self.revision = 0
        self._rows: dict[str, dict[str, Row]] = {name: {} for name in KINDS}
        self._logs: dict[str, list[Change]] = {name: [] for name in KINDS}
        self._virtual: dict[str, Virtual] = {}
        self._next_id: dict[str, int] = {}
        self._natural: dict[tuple[str, str], str] = {}
        self._tagged: dict[tuple[str, str, str], set[str]] = {}

    def stand_in(self, type_name: str, virtual: Virtual) -> None:
        """Let a type's rows come from elsewhere."""
        self._virtual[type_name] = virtual

    def next_revision(self) -> int:
        """Raise the one revision, and return it."""
        self.revision += 1
        return self.revision

    def id_for(self, type_name: str, natural: str) -> str:
        """Return the id of a thing of the made-up school, the same each time."""
        key = (type_name, natural)
        if key not in self._natural:
            self._natural[key] = self.new_id(type_name)
        return self._natural[key]

    def new_id(self, type_name: str) -> str:
        """Return a number that no row of the type has."""
        number = self._next_id.get(type_name, 0) + 1
        while str(number) in self._rows[type_name]:
            number += 1
        self._next_id[type_name] = number
        return str(number)

    def put(
        self,
        type_name: str,
        row_id: str,
        values: Mapping[str, Any],
        modified: datetime,
        tags: Mapping[str, Any] | None = None,
    ) -> Row:
        """Make a row, or change the named values of the one there is; either is a new revision."""
        held = self._rows[type_name].get(row_id)
        for tag, word in (tags or {}).items():
            self._tagged.setdefault((type_name, tag, str(word)), set()).add(row_id)
        revision = self.next_revision()
        self._logs[type_name].append(Change(revision, "update" if held else "create", row_id))
        if held:
            held.values.update(values)
            held.tags.update(tags or {})
            held.revision, held.modified = revision, modified
            return held
        row = Row(KINDS[type_name], row_id, dict(values), revision, modified, dict(tags or {}))
        self._rows[type_name][row_id] = row
        return row

    def drop(self, type_name: str, row_id: str) -> bool:
        """Take a row away; False when there is none."""
        if self._rows[type_name].pop(row_id, None) is None:
            return False
        self._logs[type_name].append(Change(self.next_revision(), "delete", row_id))
        return True

    def row(self, type_name: str, row_id: str) -> RowLike | None:
        """One row by its id."""
        virtual = self._virtual.get(type_name)
        return virtual.row(row_id) if virtual else self._rows[type_name].get(row_id)

    def find(self, kind: Kind, word: str) -> RowLike | None:
        """One row by what stands in an address: its id, or a code in any case."""
        found = self.row(kind.name, word)
        if found is None and "code" in kind.fields:
            found = next(
                (r for r in self.all(kind.name) if str(r.value("code")).upper() == word.upper()), None
            )
        return found

    def ids(self, type_name: str) -> Sequence[str]:
        """Return the ids of a type in order."""
        virtual = self._virtual.get(type_name)
        return virtual.ids() if virtual else list(self._rows[type_name])

    def all(self, type_name: str) -> Iterable[RowLike]:
        """Every row of a type in order."""
        virtual = self._virtual.get(type_name)
        if virtual is None:
            return self._rows[type_name].values()
        return (row for row in (virtual.row(row_id) for row_id in virtual.ids()) if row is not None)

    def tagged(self, type_name: str, tag: str, word: str) -> Iterable[RowLike]:
        """Return rows that were ever given a user tag, in order; the filter decides whether they still have it."""
        ids = self._tagged.get((type_name, tag, word), set())
        return (row for row_id in sorted(ids) if (row := self._rows[type_name].get(row_id)) is not None)

    def log(self, type_name: str) -> Sequence[Change]:
        """Return a type's change log in order of revision."""
        virtual = self._virtual.get(type_name)
        return virtual.log() if virtual else self._logs[type_name]

    def shown_name(self, row: RowLike) -> str:
        """Return what Arbor would print for a row."""
        for name in _NAMING:
            value = row.value(name) if name in row.kind.fields else None
            if isinstance(value, str) and value:
                return value
        person = row if row.kind.name == "Person" else self._person(row)
        if person is not None:
            first = person.value("preferredFirstName") or person.value("legalFirstName")
            last = person.value("preferredLastName") or person.value("legalLastName")
            return f"{first or ''} {last or ''}".strip()
        return f"{row.kind.name} {row.id}"

    def _person(self, row: RowLike) -> RowLike | None:
        ref = row.value("person") if "person" in row.kind.fields else None
        return self.row(ref.type, ref.id) if isinstance(ref, Ref) else None


_NAMING = (
    "academicYearName",
    "termName",
    "holidayLabel",
    "academicLevelName",
    "registrationFormName",
    "educationalInstitutionName",
    "customGroupName",
    "attendancePatternName",
    "senStatusName",
    "inCareStatusName",
    "eligibilityName",
    "relationshipName",
    "ethnicityName",
    "childProtectionStatusName",
    "markDescription",
    "longName",
    "title",
    "label",
    "summary",
    "emailAddress",
    "number",
    "upn",
    "fileName",
    "name",
)
