"""What a merge field is: its name, what it means, and how it is filled from the facts of an event."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
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
    """One merge field. ``fill`` gives its value; a block's value is a list of records with the columns' names."""

    name: str
    kind: Kind
    group: str
    """Heading under which ``letters fields`` prints it."""
    meaning: str
    example: Value
    """Made-up; what ``letters preview`` fills in."""
    fill: Callable[[Facts], Value]
    aliases: tuple[str, ...] = ()
    """Other accepted names, those of SIMS mail merge among them."""
    columns: tuple[Column, ...] = ()
    office_only: bool = False
    """Names other adults or what only the office and the authority may see: refused in a letter to a family."""

    @property
    def written(self) -> str:
        """The field's name as it is put into Word: with ``Image:`` for a picture, ``TableStart:`` for a block."""
        prefix = {"picture": "Image:", "rows": "TableStart:", "yes/no": "TableStart:"}.get(self.kind, "")
        return f"{prefix}{self.name}"


def yes_no(
    name: str, group: str, meaning: str, fill: Callable[[Facts], object], example: bool = True
) -> Field:
    """A field for an optional block: the text between its start and its end is kept when ``fill`` gives anything."""
    return Field(name, "yes/no", group, meaning, example, lambda facts: bool(fill(facts)))
