"""Attendance codes: which code means what, in which nation, from which day (docs/conventions.md).

A code set is a TOML file in ``rules/codesets``; its class decides every total. Codes are trimmed and their
case is kept: "l" is not "L".
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from functools import cache
from importlib.resources import files

from rules.school import Nation


class Class(IntEnum):
    """How one session of one pupil counts. Values are those of the register's class matrix."""

    OFF_ROLL = 0
    """Outside everything: off roll, or a session that is not yet closed."""
    MISSING = 1
    UNRECOGNISED = 2
    NOT_POSSIBLE = 3
    PRESENT = 4
    APPROVED = 5
    """Approved educational activity: attended, though not in school."""
    AUTHORISED = 6
    UNAUTHORISED = 7


ATTENDED = (Class.PRESENT, Class.APPROVED)
ABSENT = (Class.AUTHORISED, Class.UNAUTHORISED)
POSSIBLE = ATTENDED + ABSENT

GIVEN = ("S", "T", "C", "E")
"""Codes of absence that the school itself gives: study leave, travel, leave granted, an exclusion; for messages."""

_CLASS_BY_WORD = {
    "not_possible": Class.NOT_POSSIBLE,
    "present": Class.PRESENT,
    "approved": Class.APPROVED,
    "authorised": Class.AUTHORISED,
    "unauthorised": Class.UNAUTHORISED,
}


@dataclass(frozen=True, slots=True)
class Code:
    """One code of one set."""

    code: str
    counts_as: Class
    meaning: str
    parent: str = ""
    """The letter that a sub-code follows ("I01" follows "I"); empty for a code of its own."""
    legacy: bool = False
    """Withdrawn, but still seen in registers and still counted under its old class."""


@dataclass(frozen=True, slots=True)
class CodeSet:
    """The codes in force in a nation from a day on."""

    name: str
    nation: Nation
    start: date
    source: str
    codes: Mapping[str, Code]

    def counts_as(self, code: str) -> Class:
        """Return the class of a recorded code; an empty code or "-" is a missing mark, an unknown one unrecognised."""
        if code in ("", "-"):
            return Class.MISSING
        known = self.codes.get(code)
        return known.counts_as if known else Class.UNRECOGNISED

    def letter(self, code: str) -> str:
        """Return the code that rules look for: a sub-code's parent, otherwise the code itself."""
        known = self.codes.get(code)
        return known.parent or code if known else code


@cache
def code_sets(nation: Nation, welsh_d_attended: bool = True) -> tuple[CodeSet, ...]:
    """Return all code sets of a nation in order of their first day.

    ``welsh_d_attended``: D (dual registered) counts as attended in Wales. No Welsh source settles it, so it is
    a setting (docs/conventions.md).
    """
    sets = []
    for path in files("rules").joinpath("codesets").iterdir():
        if path.name.endswith(".toml"):
            code_set = _load(path.read_text(encoding="utf-8"), welsh_d_attended)
            if code_set.nation == nation:
                sets.append(code_set)
    return tuple(sorted(sets, key=lambda code_set: code_set.start))


def code_set_on(nation: Nation, day: date, welsh_d_attended: bool = True) -> CodeSet:
    """Return the set in force on a day. Raise LookupError before the nation's first set: there is no default."""
    in_force = [s for s in code_sets(nation, welsh_d_attended) if s.start <= day]
    if not in_force:
        raise LookupError(f"no attendance code set is known for {nation} on {day}")
    return in_force[-1]


def absence_codes(*nations: Nation) -> frozenset[str]:
    """Return every code that counts as absence, authorised or not, in any code set of these nations."""
    return frozenset(
        code.code
        for nation in nations
        for code_set in code_sets(nation)
        for code in code_set.codes.values()
        if code.counts_as in ABSENT
    )


def _load(text: str, welsh_d_attended: bool) -> CodeSet:
    data = tomllib.loads(text)
    classes: dict[str, Class] = {}
    codes: dict[str, Code] = {}
    for row in data["codes"]:
        parent = row.get("parent", "")
        counts_as = classes[parent] if parent else _CLASS_BY_WORD[row["class"]]
        if data["nation"] == "wales" and row["code"] == "D" and not welsh_d_attended:
            counts_as = Class.NOT_POSSIBLE
        classes[row["code"]] = counts_as
        codes[row["code"]] = Code(row["code"], counts_as, row["meaning"], parent, row.get("legacy", False))
    return CodeSet(data["name"], data["nation"], data["from"], data["source"], codes)
