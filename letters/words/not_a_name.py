"""Words that offices type into a field for a name and that are no name: "Deceased", "DO NOT CONTACT", "see notes".

A letter to such a name is held: the words are for staff, and often say that nobody must be written to.
"""

from __future__ import annotations

import re

from letters.words.salutation import Name

_WORDS = (
    "deceased", "dec'd", "decd", "died", "dead", "rip", "r.i.p", "wedi marw", "passed away",
    "do not", "don't", "dont", "not to be", "not to contact", "not to write", "never contact", "peidiwch",
    "no contact", "no letters?", "no post", "no mail", "no correspondence", "no longer", "no parental responsibility",
    "not known", "not recorded", "not applicable", "unknown", "anhysbys", "n/a", "tbc", "tba", "to be confirmed",
    "see notes?", "see file", "see office", "ask office", "ask the office", "moved away", "moved out", "gone away",
    "court order", "restraining order", "non[- ]molestation", "injunction", "estranged", "in prison", "address only",
    "emergency only", "duplicate", "delete", "contact via", "contact through",
)  # fmt: skip
_NO_NAME = re.compile(rf"(?<!\w)(?:{'|'.join(_WORDS)})(?!\w)", re.IGNORECASE)
_SIGNS = re.compile(r"[?*!#@<>=_|{}\\]")
_NOTE = re.compile(r"[()\[\]:;\d]")
"""Signs of a note in a greeting: brackets, colons, numbers. In a name they may be a form of address in brackets."""


def is_no_name(name: Name, relationship: str = "") -> bool:
    """Check whether a name, its greeting or the relationship has words or signs that are no part of a person's name."""
    given = f"{name.title} {name.forename} {name.surname}"
    fields = [given, name.salutation, relationship]
    if any(_NO_NAME.search(field.replace("’", "'")) for field in fields):
        return True
    return bool(_SIGNS.search(f"{given} {name.salutation}") or _NOTE.search(name.salutation))
