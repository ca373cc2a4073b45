"""Homes: how an address is printed, and when two spellings are one home.

Addresses are compared word by word and number by number, so that "Flat 1, 11 High Street" and "Flat 11, 1 High Street"
are two homes, and "12, Quay St." and "12 QUAY STREET" one.
"""

from __future__ import annotations

import re
import unicodedata

from rules.school import Address

WINDOW_LINES = 8
"""Lines that a DL envelope window shows: the name and the address together."""
_HOME_COUNTRIES = frozenset(
    {"", "gb", "gbr", "uk", "united kingdom", "great britain", "england", "wales", "scotland", "cymru"}
)
_SHORT = {
    "street": "st", "saint": "st", "road": "rd", "avenue": "ave", "lane": "ln", "close": "cl", "court": "ct",
    "drive": "dr", "place": "pl", "square": "sq", "terrace": "terr", "gardens": "gdns", "crescent": "cres",
    "apartment": "flat", "apt": "flat",
}  # fmt: skip


def household_key(address: Address) -> str:
    """Return the same text for two spellings of one address: its words and numbers in order, and the postcode."""
    words = " ".join(" ".join(parts(part)) for part in (*address.lines, address.town) if part.strip())
    return f"{words}|{postcode_of(address)}"


def may_be_one_home(one: Address, other: Address) -> bool:
    """Check whether two addresses may be the same home: the stricter test, for adults who must not see a letter.

    One postcode, and the same numbers and single letters ("Flat 1a") in any order, are one home: the rest is
    a house name, an abbreviation or a town that only one of the two has. Two without numbers are one when the first
    line of one is a line of the other.
    """
    if household_key(one) == household_key(other):
        return True
    postcodes = {code for code in (postcode_of(one), postcode_of(other)) if code}
    numbers, others = _numbers(one), _numbers(other)
    if len(postcodes) > 1 or numbers != others:
        return False
    if not numbers:
        return _first(one) in _line_keys(other) or _first(other) in _line_keys(one)
    return postcode_of(one) == postcode_of(other) != "" or bool(_line_keys(one) & _line_keys(other))


def postcode_of(address: Address) -> str:
    """Return the postcode without spaces, in small letters."""
    return "".join(parts(address.postcode))


def parts(text: str) -> list[str]:
    """Return a text's words and numbers, in small letters and with the usual short forms: "12a, High Street" gives 12, a, high, st."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    plain = re.sub("['\u2019\u2018`]", "", plain)
    return [_SHORT.get(part, part) for part in re.findall(r"\d+|[^\W\d_]+", plain)]


def address_lines(address: Address, room: int = WINDOW_LINES - 1) -> tuple[str, ...]:
    """Return the lines of an address as they are printed, none empty, at most ``room`` of them.

    The country is left out within the UK, and the county when there is no room (Royal Mail needs neither); then lines are
    joined.
    """
    lines = [_spaced(line) for line in address.lines if line.strip()]
    town, county, postcode = (_spaced(part) for part in (address.town, address.county, address.postcode))
    country = "" if " ".join(parts(address.country)) in _HOME_COUNTRIES else _spaced(address.country)
    if lines and town and parts(lines[-1]) == parts(town):
        lines.pop()
    tail = [part for part in (town, postcode.upper(), country) if part]
    if county and parts(county) != parts(town) and len(lines) + len(tail) < room:
        tail.insert(1 if town else 0, county)
    while len(lines) + len(tail) > room and len(lines) > 1:
        joined_at = min(range(len(lines) - 1), key=lambda n: len(lines[n]) + len(lines[n + 1]))
        lines[joined_at : joined_at + 2] = [f"{lines[joined_at]}, {lines[joined_at + 1]}"]
    if len(lines) + len(tail) > room:
        tail = [" ".join(tail[:2]), *tail[2:]]
    return (*lines, *tail)


def _numbers(address: Address) -> list[str]:
    found = [part for line in address.lines for part in parts(line)]
    return sorted(part for part in found if part.isdigit() or len(part) == 1)


def _first(address: Address) -> str:
    return next((" ".join(parts(line)) for line in address.lines if parts(line)), "")


def _line_keys(address: Address) -> set[str]:
    """Return the lines that can tell a home, compared like :func:`household_key`: not the town."""
    keys = {" ".join(parts(line)) for line in address.lines}
    return keys - {"", " ".join(parts(address.town)), " ".join(parts(address.county))}


def _spaced(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip(" ,")
