"""Arbor's types as its own client knows them: names, paths, fields (sdk_types.txt, docs/mis-arbor.md)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files

ROOT = "/rest-v2"
ANY = "*"

_ASSUMED = "Document: student>Student file>File fileName summary documentDate=date isSharedWithGuardians=bool"
"""The one type here that no source describes, and all its fields: an assumption (docs/mis-arbor.md)."""


@dataclass(frozen=True, slots=True)
class Field:
    """One property of a type."""

    name: str
    kind: str = "text"
    """text, int, float, bool, date, datetime; empty for a related object."""
    target: str = ""
    """The related type, or ANY; empty for a scalar."""


@dataclass(frozen=True, eq=False)
class Kind:
    """One type of Arbor's."""

    name: str
    by_code: bool
    fields: Mapping[str, Field]

    @cached_property
    def plural(self) -> str:
        return plural(self.name)

    @cached_property
    def root(self) -> str:
        """The key of one object in an answer: only the first letter is lowered."""
        return self.name[0].lower() + self.name[1:]

    @cached_property
    def list_root(self) -> str:
        """The key of a list in an answer."""
        return self.plural[0].lower() + self.plural[1:]

    @cached_property
    def path(self) -> str:
        """The part of the address that names the type: dashes between words, an underscore after a module."""
        return dashed(self.plural)

    def href(self, row_id: str) -> str:
        """Return the address of one object."""
        return f"{ROOT}/{self.path}/{row_id}"


def plural(name: str) -> str:
    """Arbor's plain rule: Staff -> Staffs, SenStatus -> SenStatuses, Eligibility -> Eligibilities."""
    if name.endswith(("ch", "s")):
        return f"{name}es"
    if name.endswith("y") and not name.endswith("ay"):
        return f"{name[:-1]}ies"
    return f"{name}s"


def dashed(name: str) -> str:
    """StudentGuardianRelationships -> student-guardian-relationships, UkDfe_UpnX -> uk-dfe_upn-x."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", name).lower()


def _read(line: str) -> Kind:
    name, _, fields = line.partition(":")
    found = {}
    for word in fields.split():
        if ">" in word:
            field, target = word.split(">")
            found[field] = Field(field, "", target)
        else:
            field, _, kind = word.partition("=")
            found[field] = Field(field, kind or "text")
    return Kind(name.rstrip("!"), name.endswith("!"), found)


def _lines() -> list[str]:
    text = files(__package__).joinpath("sdk_types.txt").read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


KINDS: Mapping[str, Kind] = {kind.name: kind for kind in map(_read, [*_lines(), _ASSUMED])}
"""Every type that the mock knows, by name."""


def _squeezed(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.lower())


_BY_PATH = {_squeezed(spelling): kind for kind in KINDS.values() for spelling in (kind.name, kind.plural)}


def kind_at(segment: str) -> Kind | None:
    """Return the type that a part of an address means: any case, dashes or not, one or many (`Students`, `student`)."""
    return _BY_PATH.get(_squeezed(segment))
