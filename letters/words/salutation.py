"""How the adults of one household are named on an envelope and greeted in a letter.

What the MIS says to write after "Dear" wins, as long as it names nobody else. Otherwise the greeting is built from
title and surname; without a title from the names alone. No name is recased, shortened or translated: ``O’Brien``,
``van der Berg`` and double surnames stay as the office typed them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from letters.words.english import joined

UNNAMED = "Parent or carer"
ALL = "parents and carers"
"""How a household of many adults is greeted."""
MANY = 4
"""Adults from which on nobody is greeted by name."""

_TITLES = {
    title.casefold(): title
    for title in (
        "Mr", "Mrs", "Miss", "Ms", "Mx", "Dr", "Prof", "Professor", "Rev", "Revd", "Reverend", "Sir",
        "Dame", "Lord", "Lady", "Hon", "Cllr", "Judge", "Sister", "Brother", "Father", "Rabbi", "Imam",
        "Pastor", "Canon", "Capt", "Captain", "Major", "Colonel", "Sergeant",
    )
}  # fmt: skip
# "Dear Sir John", not "Dear Sir Smith".
_WITH_FORENAME = frozenset({"sir", "dame"})
# Letters after a name belong on the envelope only.
_SUFFIX = re.compile(
    r"(?:[\s,]+(?:jnr|jr|snr|sr|ii|iii|iv|obe|mbe|cbe|kbe|dbe|bem|kc|qc|mp|ms|jp|dl|phd|bsc|msc|ba|ma|md|frcs|rn|esq)\.?)+$",
    re.IGNORECASE,
)
_CAPITAL_SUFFIXES = frozenset({"ms", "ma", "ba", "md", "rn", "dl"})  # also names or words: only in capitals
_TWO_PEOPLE = re.compile(r"\s(?:[Aa][Nn][Dd]|ac?)\s|&|\+|/")
_DEAR = re.compile(r"^(?:dear|annwyl)\s+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Name:
    """An adult's name in its parts, with the greeting that the MIS gives, if any."""

    title: str = ""
    forename: str = ""
    surname: str = ""
    salutation: str = ""

    @property
    def clean(self) -> Name:
        """The name with single spaces, and the title in its usual spelling ("MRS." becomes "Mrs")."""
        return Name(
            _title(self.title), _spaced(self.forename), _spaced(self.surname), _greeting(self.salutation)
        )


def full_name(title: str, forename: str, surname: str) -> str:
    """Return the parts of a name that are known, in order: "Ms Alex Ashbridge"."""
    return " ".join(part for part in (title, forename, surname) if part)


def envelope_name(name: Name) -> str:
    """Return the name for the line above the address: "Dr Aoife O’Brien OBE"; UNNAMED when there is no name at all."""
    own = name.clean
    return full_name(own.title, own.forename, own.surname) if _named(own) else UNNAMED


def envelope_names(names: Sequence[Name]) -> str:
    """Return the names of one household for the line above its address: "Mr Chidi Okafor and Mrs Ada Okafor"."""
    return joined(_each([envelope_name(name) for name in names]))


def _each(names: Sequence[str]) -> list[str]:
    """Return the names in order; two people of one name are two, those without a name are named together."""
    return [name for number, name in enumerate(names) if name != UNNAMED or UNNAMED not in names[:number]]


def salutation(names: Sequence[Name], others: Sequence[Name] = ()) -> str:
    """Return what follows "Dear" in a letter to these adults of one household, in their order.

    ``others`` are the pupil's adults who are not addressed. A greeting from the MIS that names one of them, or that
    names two people in a letter to one, is not used: it is out of date or was meant for another envelope.
    """
    own = [name.clean for name in names]
    if not own:
        return UNNAMED
    if len(own) == 1:
        held = own[0].salutation
        return held if held and _names_only(held, own, others) else _single(own[0])
    held_greetings = {name.salutation for name in own if name.salutation and _is_joint(name.salutation)}
    if len(held_greetings) == 1:
        (held,) = held_greetings
        if len(own) == 2 and _names_only(held, own, others) and all(_mentions(held, name) for name in own):
            return held
    return _together(own, others)


def _together(own: Sequence[Name], others: Sequence[Name]) -> str:
    """Greet several: "Mr and Mrs Okafor", "Ms Lee and Mr Novak", "Mr and Mrs Okafor and Ms Lee", "parents and carers"."""
    if len(own) >= MANY:
        return ALL
    kept = [
        name.salutation
        if name.salutation and not _is_joint(name.salutation) and _names_only(name.salutation, [name], others)
        else ""
        for name in own
    ]
    greetings: list[str] = []
    number = 0
    while number < len(own):
        pair = "" if any(kept[number : number + 2]) else _couple(own[number : number + 2])
        greetings.append(pair or kept[number] or _single(own[number]))
        number += 2 if pair else 1
    if len(own) > 2 and any(" and " in greeting for greeting in greetings):
        return " and ".join(_each(greetings))
    return joined(_each(greetings))


def _couple(own: Sequence[Name]) -> str:
    """Greet two of one surname together: "Mr and Mrs Okafor"; empty where they are not two of one surname."""
    if len({_bare(name.surname).casefold() for name in own}) != 1 or len(own) != 2 or not own[0].surname:
        return ""
    first, second = own
    surname = _bare(first.surname)
    titles = [first.title, second.title]
    if {title.casefold() for title in titles} & _WITH_FORENAME:
        return ""
    if first.title == second.title and first.forename == second.forename:
        return ""  # father and son of one name
    if all(titles):
        titles = ["Mr", "Mrs"] if sorted(titles) == ["Mr", "Mrs"] else titles
        return f"{titles[0]} and {titles[1]} {surname}"
    if not any(titles) and first.forename and second.forename:
        return f"{first.forename} and {second.forename} {surname}"
    return ""


def _single(name: Name) -> str:
    surname = _bare(name.surname)
    if name.title.casefold() in _WITH_FORENAME and name.forename:
        return f"{name.title} {name.forename}"
    if name.title and surname:
        return f"{name.title} {surname}"
    return full_name(name.title, name.forename, surname) if _named(name) else UNNAMED


def _named(name: Name) -> bool:
    return bool(name.forename or name.surname)


def _is_joint(greeting: str) -> bool:
    return bool(_TWO_PEOPLE.search(f" {greeting} "))


def _names_only(greeting: str, own: Sequence[Name], others: Sequence[Name]) -> bool:
    """Check that the greeting names as many people as are addressed, and none of the others."""
    if len(own) == 1 and _is_joint(greeting) and not _is_joint(own[0].surname):
        return False
    used = _words(greeting)
    allowed = {word for name in own for word in _words(f"{name.forename} {name.surname}")}
    return not any(
        word in used and word not in allowed
        for name in others
        for word in _words(f"{name.clean.forename} {_bare(name.clean.surname)}")
        if len(word) > 1
    )


def names_too(greeting: str, own: Name, other: Name) -> bool:
    """Check whether a greeting for one adult names another: a word of the other's name, or the name that two share in a
    greeting for two ("Mr and Mrs Okafor").
    """
    used, clean = _words(greeting), other.clean
    theirs = {word for word in _words(f"{clean.forename} {_bare(clean.surname)}") if len(word) > 1}
    mine = _words(f"{own.forename} {own.surname}")
    return bool(used & (theirs - mine)) or (_is_joint(greeting) and bool(used & theirs))


def _mentions(greeting: str, name: Name) -> bool:
    """Check that the greeting names this adult, by surname or by forename."""
    used = _words(greeting)
    return any(words and words <= used for words in (_words(_bare(name.surname)), _words(name.forename)))


def _words(text: str) -> set[str]:
    return set(re.findall(r"[^\s,.&/+()\[\]:;!?\"]+", text.casefold()))


def _bare(surname: str) -> str:
    """Return a surname without "Jr" or letters such as "OBE" after it, unless nothing else would be left."""
    suffix = _SUFFIX.search(surname)
    if suffix is None or not suffix.start():
        return surname
    last = surname.split()[-1].strip(".,")
    if last.casefold() in _CAPITAL_SUFFIXES and not (last.isupper() and not surname.isupper()):
        return surname
    return surname[: suffix.start()].rstrip(" ,")


def _title(title: str) -> str:
    words = [word.rstrip(".") for word in _spaced(title.replace("&", " & ")).split()]
    return " ".join("and" if word == "&" else _TITLES.get(word.casefold(), word) for word in words)


def _greeting(text: str) -> str:
    return _DEAR.sub("", _spaced(text)).rstrip(" ,")


def _spaced(text: str) -> str:
    return " ".join(text.split())
