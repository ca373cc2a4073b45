"""What a merge field is: its name, what it means, and how it is filled from the facts of an event."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Literal

from letters.facts import Facts
from letters.template.segments import Value

Kind = Literal["text", "number", "date", "picture", "yes/no", "rows"]


@dataclass(frozen=True, slots=True)
class Column:
    """One field of a repeating block."""

    name: str
    kind: Kind
    meaning: str


@dataclass(frozen=True, slots=True)
class Field:
    """One merge field. ``fill`` returns its value; a block's value is a list of records with the columns' names."""

    name: str
    kind: Kind
    group: str
    """The heading under which ``letters fields`` prints it."""
    meaning: str
    example: Value
    """A made-up value that ``letters preview`` fills in."""
    fill: Callable[[Facts], Value]
    aliases: tuple[str, ...] = ()
    """Other accepted names, those of SIMS mail merge among them."""
    columns: tuple[Column, ...] = ()
    office_only: bool = False
    """Names other adults, or is for the office and the authority only: refused in a letter to a family."""

    @property
    def written(self) -> str:
        """The field's name as it is put into Word: with ``Image:`` for a picture, ``TableStart:`` for a block."""
        prefix = {"picture": "Image:", "rows": "TableStart:", "yes/no": "TableStart:"}.get(self.kind, "")
        return f"{prefix}{self.name}"


@dataclass(frozen=True, slots=True)
class Group:
    """A heading in the list of fields, with one way to write each common kind of field under it."""

    title: str

    def text(
        self,
        name: str,
        meaning: str,
        example: str,
        fill: Callable[[Facts], str],
        *aliases: str,
        office_only: bool = False,
    ) -> Field:
        """Return a text field."""
        return Field(name, "text", self.title, meaning, example, fill, aliases, office_only=office_only)

    def number(
        self,
        name: str,
        meaning: str,
        example: int,
        fill: Callable[[Facts], int],
        *aliases: str,
        office_only: bool = False,
    ) -> Field:
        """Return a number field."""
        return Field(name, "number", self.title, meaning, example, fill, aliases, office_only=office_only)

    def date(
        self, name: str, meaning: str, example: date, fill: Callable[[Facts], date | None], *aliases: str
    ) -> Field:
        """Return a date field; it is empty when ``fill`` gives None."""
        return Field(name, "date", self.title, meaning, example, lambda facts: fill(facts) or "", aliases)

    def yes_no(self, name: str, meaning: str, fill: Callable[[Facts], object], example: bool = True) -> Field:
        """Return a field for an optional block: the text inside is kept when ``fill`` gives something true."""
        return Field(name, "yes/no", self.title, meaning, example, lambda facts: bool(fill(facts)))
