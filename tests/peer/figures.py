"""The figures of pupils and school: counts, percentages as shown, bands and colours."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

from tests.peer.book import Book
from tests.peer.codes import AUTHORISED, MISSING, UNRECOGNISED
from tests.peer.reading import Period

COUNTS = ("possible", "attended", "authorised", "unauthorised", "late", "missing", "unrecognised")

# The boundaries that belong to the band below them ("x or less").
LOWER_OWNS = {
    "aycliffe-drive": [],
    "hcat": [90],
    "aspire": [90],
    "thringstone": [90, 50],
    "cadle": [],
    "england-2024": [90, 50],
}


def shown(possible: int, attended: int, policy: str) -> str | None:
    """Return the percentage with one decimal, cut; one tenth more where the cut would read as the band below."""
    if possible == 0:
        return None
    percent = Fraction(100 * attended, possible)
    tenths = int(percent * 10)
    for boundary in LOWER_OWNS[policy]:
        if tenths == 10 * boundary and percent > boundary:
            tenths += 1
    return f"{tenths // 10}.{tenths % 10}"


def band(percent: Fraction, policy: str) -> str:
    if policy == "aycliffe-drive":
        return aycliffe_band(percent)
    if policy == "hcat":
        return hcat_band(percent)
    if policy == "aspire":
        if percent >= 96:
            return "expected"
        if percent > 90:
            return "concern"
        return "persistent absence" if percent >= 50 else "severe"
    if policy == "thringstone":
        if percent >= 96:
            return "expected"
        if percent >= 95:
            return "watch"
        if percent > 90:
            return "concern"
        return "persistent absence" if percent > 50 else "severe"
    if policy == "cadle":
        if percent >= 95:
            return "expected"
        if percent >= 90:
            return "falling"
        return "welfare list" if percent >= 50 else "severe"
    if percent > 90:
        return "expected"
    return "persistent absence" if percent > 50 else "severe absence"


def aycliffe_band(percent: Fraction) -> str:
    if percent >= 96:
        return "on target"
    if percent >= 92:
        return "below target"
    if percent >= 90:
        return "at risk of PA"
    return "persistent absence" if percent >= 50 else "severe"


def hcat_band(percent: Fraction) -> str:
    if percent == 100:
        return "Outstanding"
    if percent >= 97:
        return "Good"
    if percent >= 95:
        return "Requires improvement"
    if percent >= 92:
        return "Cause for concern"
    if percent > 90:
        return "At risk of persistent absence"
    return "Persistent absence" if percent >= 50 else "Severely absent"


def colour(percent: Fraction, policy: str) -> str | None:
    if policy != "hcat":
        return None
    if percent >= 97:
        return "green"
    return "amber" if percent > 90 else "red"


def year_of_figures(years: list[Period], as_of: date) -> Period | None:
    """Return the year that holds the day; in a gap between years, the one before the gap."""
    begun = [year for year in years if year.start <= as_of]
    return begun[-1] if begun else None


def pupil_figures(book: Book, policy: str, as_of: date) -> dict[str, Any]:
    year = year_of_figures(book.calendar.years, as_of)
    entries = book.between(year.start, year.end) if year else []
    possible = len([entry for entry in entries if entry.possible])
    attended = len([entry for entry in entries if entry.attended])
    percent = Fraction(100 * attended, possible) if possible else None
    by_code: dict[str, int] = {}
    for entry in entries:
        if entry.kind != MISSING:
            by_code[entry.code] = by_code.get(entry.code, 0) + 1
    return {
        "pupil_id": book.pupil.pupil_id,
        "possible": possible,
        "attended": attended,
        "authorised": len([entry for entry in entries if entry.kind == AUTHORISED]),
        "unauthorised": len([entry for entry in entries if entry.unauthorised]),
        "late": len([entry for entry in entries if entry.coded("L")]),
        "missing": len([entry for entry in entries if entry.kind == MISSING]),
        "unrecognised": len([entry for entry in entries if entry.kind == UNRECOGNISED]),
        "attendance_percent": shown(possible, attended, policy),
        "band": None if percent is None else band(percent, policy),
        "colour": None if percent is None else colour(percent, policy),
        "by_code": by_code,
    }


def school_figures(pupils: list[dict[str, Any]], policy: str) -> dict[str, Any]:
    """Sum over pupils; persistent and severe by the statutory tests, one pupil at a time."""
    school: dict[str, Any] = {name: sum(pupil[name] for pupil in pupils) for name in COUNTS}
    school["attendance_percent"] = shown(school["possible"], school["attended"], policy)
    persistent = 0
    severe = 0
    for pupil in pupils:
        missed = pupil["possible"] - pupil["attended"]
        if pupil["possible"] > 0 and 100 * missed >= 10 * pupil["possible"]:
            persistent += 1
        if pupil["possible"] > 0 and 100 * missed >= 50 * pupil["possible"]:
            severe += 1
    school["persistent"] = persistent
    school["severe"] = severe
    return school
