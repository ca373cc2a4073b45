"""Welsh words for what a letter fills in: counts, days, periods, codes and bands.

Nouns after a figure are singular in Welsh, and ``diwrnod`` changes its first letter after some of them. Month and
day names are those of :mod:`letters.template.formats`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from letters.template.formats import DAYS, MONTHS
from letters.words.english import NAMED_CLASS, half_days, once
from letters.words.english import year_group as english_year_group
from letters.words.salutation import ALL, UNNAMED
from rules.calendar import Period
from rules.school import Half
from rules.thresholds import Interval

HALVES: dict[Half, str] = {"AM": "bore", "PM": "prynhawn"}
_BEFORE_A_NOUN = {
    1: "un", 2: "dau", 3: "tri", 4: "pedwar", 5: "pum", 6: "chwe", 7: "saith", 8: "wyth", 9: "naw",
}  # fmt: skip
_NASAL = frozenset({7, 8, 9, 10})
_VOWELS = frozenset("aeiouâêîôûáéíóúäëïöü")

CODES = {
    "/": "Yn bresennol yn y bore",
    "\\": "Yn bresennol yn y prynhawn",
    "L": "Hwyr, cyn cau’r gofrestr",
    "B": "Yn cael addysg oddi ar y safle",
    "J": "Cyfweliad",
    "P": "Gweithgaredd chwaraeon cymeradwy",
    "V": "Ymweliad neu daith addysgol",
    "W": "Profiad gwaith",
    "D": "Wedi cofrestru mewn dwy ysgol, yn y llall",
    "C": "Amgylchiadau eraill a awdurdodwyd",
    "E": "Wedi’i wahardd, heb ddarpariaeth arall",
    "F": "Gwyliau teuluol estynedig a gytunwyd",
    "H": "Gwyliau teuluol a gytunwyd",
    "I": "Salwch",
    "M": "Apwyntiad meddygol neu ddeintyddol",
    "R": "Defod grefyddol",
    "S": "Absenoldeb astudio",
    "T": "Absenoldeb Sipsiwn, Roma a Theithwyr",
    "G": "Gwyliau teuluol na chytunwyd arnynt",
    "N": "Dim rheswm wedi’i roi eto",
    "O": "Absennol heb awdurdod",
    "U": "Wedi cyrraedd ar ôl cau’r gofrestr",
    "X": "Dim gofyn bod yn yr ysgol, nid o oedran ysgol gorfodol",
    "Y": "Methu bod yn bresennol, amgylchiadau eithriadol",
    "Z": "Ddim ar y gofrestr eto",
    "#": "Yr ysgol ar gau fel y cynlluniwyd",
}
"""What the codes of the Welsh set of 2010 mean; other codes keep their English meaning."""

_BANDS = {
    "expected": "yn ôl y disgwyl",
    "falling": "yn gostwng",
    "welfare list": "rhestr les",
    "severe": "absenoldeb difrifol",
}
_SEASONS = {"autumn": "yr hydref", "spring": "y gwanwyn", "summer": "yr haf"}


def sessions(number: int) -> str:
    """Return a count of sessions: "1 sesiwn", "12 sesiwn"."""
    return f"{number:,} sesiwn"


def days(number: int | str) -> str:
    """Return a count of days: "1 diwrnod", "2 ddiwrnod", "10 niwrnod", "28 diwrnod", "4.5 diwrnod"."""
    text = str(number)
    if text == "2":
        return "2 ddiwrnod"
    return f"{text} {'niwrnod' if text.isdigit() and int(text) in _NASAL else 'diwrnod'}"


def school_days(number_of_sessions: int) -> str:
    """Return sessions as school days: "hanner diwrnod ysgol", "2 ddiwrnod ysgol", "4.5 diwrnod ysgol"."""
    if number_of_sessions == 1:
        return "hanner diwrnod ysgol"
    return f"{days(half_days(number_of_sessions))} ysgol"


def minutes(number: int) -> str:
    """Return minutes: "12 munud", "1 funud"."""
    return f"{number} {'funud' if number in (1, 2) else 'munud'}"


def half_terms(number: int) -> str:
    """Return a count of half terms in words: "dau hanner tymor", "pum hanner tymor"."""
    return f"{_BEFORE_A_NOUN.get(number, number)} hanner tymor"


def times(number: int) -> str:
    """Return "unwaith", "dwywaith", "3 gwaith"."""
    return {1: "unwaith", 2: "dwywaith"}.get(number, f"{number} gwaith")


def day(when: date) -> str:
    """Return a date in full: "3 Tachwedd 2025"."""
    return f"{when.day} {MONTHS['cy'][when.month - 1]} {when.year}"


def span(start: date, end: date) -> str:
    """Return a span of days: "dydd Llun 3 i ddydd Mercher 5 Tachwedd 2025"."""
    last = f"{DAYS['cy'][end.weekday()]} {day(end)}"
    if start == end:
        return last
    first = f"{DAYS['cy'][start.weekday()]} {start.day}"
    if (start.year, start.month) != (end.year, end.month):
        first += f" {MONTHS['cy'][start.month - 1]}"
    if start.year != end.year:
        first += f" {start.year}"
    return f"{first} i d{last}"


def halves(of_day: Sequence[Half]) -> str:
    """Return "bore", "prynhawn" or "bore a phrynhawn"."""
    both = [half for half in HALVES if half in of_day]
    return "bore a phrynhawn" if len(both) == 2 else "".join(HALVES[half] for half in both)


def year_group(text: str) -> str:
    """Return the usual name of a year group: "Blwyddyn 4", "Derbyn", "Meithrin"; other text unchanged."""
    english = english_year_group(text)
    return {"Reception": "Derbyn", "Nursery": "Meithrin"}.get(english, english.replace("Year ", "Blwyddyn "))


def year_and_class(year: str, group: str) -> str:
    """Return year and class in Welsh, neither of them twice: "Blwyddyn 4, dosbarth 4B", "Blwyddyn 2, Dosbarth 1"."""
    plain = " ".join(group.split())
    return once(year_group(year), plain if not plain or NAMED_CLASS.match(plain) else f"dosbarth {plain}")


def meaning(code: str, english: str) -> str:
    """Return what a code means, in Welsh where it is known."""
    return CODES.get(code, english)


def band(name: str) -> str:
    """Return a band's name, in Welsh where it is known."""
    return _BANDS.get(name.casefold(), name)


def band_range(attendance: Interval) -> str:
    """Return the percentages of a band: "95% ac uwch", "90 i 94.9%", "o dan 50%"."""
    low, high = f"{float(attendance.low):g}", f"{float(attendance.high):g}"
    if attendance.high >= 100 and (attendance.high_included or attendance.low >= 100):
        return (
            "100%"
            if attendance.low >= 100
            else f"{low}% ac uwch"
            if attendance.low_included
            else f"dros {low}%"
        )
    if attendance.low <= 0 and attendance.low_included:
        if attendance.high <= 0:
            return "0%"
        return f"{high}% ac is" if attendance.high_included else f"o dan {high}%"
    first, last = attendance.ends
    return f"{first}%" if attendance.is_one_figure else f"{first} i {last}%"


def period(named: Period | None) -> str:
    """Return a period for a sentence: "tymor yr hydref", "hanner tymor cyntaf yr hydref"."""
    if named is None:
        return "y cyfnod"
    if named.kind == "year":
        return f"y flwyddyn ysgol {re.sub('(?i)^(academic|school) year ', '', named.name)}"
    name = named.name.casefold()
    season = next((welsh for english, welsh in _SEASONS.items() if english in name), "")
    if not season:
        return f"y cyfnod {named.name}"
    if named.kind == "term":
        return f"tymor {season}"
    half = re.search(r"([12])\b", name)
    return f"{'hanner tymor cyntaf' if not half or half[1] == '1' else 'ail hanner tymor'} {season}"


_NOBODY_BY_NAME = {UNNAMED: "Riant neu ofalwr", ALL: "rieni a gofalwyr"}
"""Greetings without a name, as they stand after "Annwyl"."""


def together(salutation: str) -> str:
    """Return an English greeting with its "and" in Welsh: "Mr a Mrs Okafor", "Ms Lee ac Ada Okafor"; names are unchanged."""
    if salutation in _NOBODY_BY_NAME:
        return _NOBODY_BY_NAME[salutation]
    first, *more = re.split(r"\s+(?:and|&)\s+", salutation)
    return first + "".join(f" {'ac' if name[:1].casefold() in _VOWELS else 'a'} {name}" for name in more)
