"""The school itself, its attendance codes and its calendar, from Arbor's rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import Literal

from connector.adapters.arbor.asked import ADDRESSES
from connector.adapters.arbor.pupils.contacts import address_of
from connector.adapters.arbor.rows import (
    Row,
    code_of,
    current,
    day_of,
    flag_of,
    moment_of,
    name_in,
    related_id,
    text_of,
)
from connector.adapters.arbor.settings import ArborSettings
from connector.adapters.base import MisCode, MisSchool
from connector.errors import DataError, FatalError, Finding
from rules.calendar import Calendar, CalendarError, Period, PeriodKind
from rules.school import Half

_LONG_BREAK = 4
"""Weekdays: a holiday inside a term that is at least so long separates two half terms, of any type."""
_MIDDAY = time(11, 30)

Counts = Literal["present", "approved", "authorised", "unauthorised", "not_possible", "missing", ""]


def this_school(rows: Sequence[Row], settings: ArborSettings) -> Row:
    """Return the one institution that is this school. Raises FatalError where that is not clear."""
    found = [row for row in rows if not settings.urn or text_of(row, "urn") == settings.urn]
    if len(found) == 1:
        return found[0]
    if not found:
        raise FatalError("Arbor lists no institution with the configured URN", fix="check the setting urn")
    raise FatalError(
        f"Arbor lists {len(found)} institutions", fix="set urn in [school.mis] to this school's URN"
    )


def school_of(
    row: Row, addresses: Sequence[Row], emails: Sequence[Row], telephones: Sequence[Row], day: date
) -> MisSchool:
    """Return the school's own details."""
    home = current([a for a in addresses if _is_school(a, "occupant", row)], day, ADDRESSES.type)
    email = next((e for e in emails if _is_school(e, "emailAddressOwner", row)), None)
    phone = next((t for t in telephones if _is_school(t, "numberOwner", row)), None)
    return MisSchool(
        mis_id=str(row["id"]),
        name=text_of(row, "educationalInstitutionName"),
        urn=text_of(row, "urn"),
        phase=name_in(row, "censusSchoolPhase", "label").lower(),
        telephone=text_of(phone, "number"),
        email=text_of(email, "emailAddress"),
        address=address_of(home["postalAddress"] if home else None),
    )


def _is_school(row: Row, owner: str, school: Row) -> bool:
    held = row.get(owner)
    return (
        isinstance(held, dict)
        and held.get("entityType") == "EducationalInstitution"
        and related_id(row, owner) == str(school["id"])
    )


def codes_of(rows: Sequence[Row], settings: ArborSettings) -> tuple[MisCode, ...]:
    """Return attendance codes by register letter. Raises FatalError when the marks hold no letters."""
    found = {}
    for row in rows:
        letter = text_of(row, settings.letter_field).strip()
        if letter:
            found[letter] = MisCode(letter, text_of(row, "markDescription"), _counts_as(row))
    if rows and not found:
        raise FatalError(
            f"Arbor's attendance marks hold no register letter in '{settings.letter_field}'",
            fix="set letter_field in [school.mis] to the property that holds it",
        )
    if settings.one_present_mark and "/" in found and "\\" not in found:
        found["\\"] = MisCode("\\", found["/"].meaning, found["/"].counts_as)
    return tuple(found.values())


def _counts_as(row: Row) -> Counts:
    """Return what Arbor counts a mark as; empty where it does not show all that this takes."""
    if flag_of(row.get("isStatisticalApprovedEducationalActivity")):
        return "approved"
    if flag_of(row.get("isStatisticalPresent")):
        return "present"
    if flag_of(row.get("isStatisticalAuthorizedAbsent")):
        return "authorised"
    if flag_of(row.get("isStatisticalUnauthorizedAbsent")):
        return "unauthorised"
    # a letter of the school's own may have no statistical meaning at all: then Arbor says nothing
    never = [flag_of(row.get(name)) is False for name in _NEVER_POSSIBLE]
    return "not_possible" if all(never) and flag_of(row.get("active")) else ""


_NEVER_POSSIBLE = (
    "isStatisticalApprovedEducationalActivity",
    "isStatisticalPresent",
    "isStatisticalAuthorizedAbsent",
    "isStatisticalUnauthorizedAbsent",
    "isStatisticalPossibleAttendance",
)


# the calendar ----------------------------------------------------------------------------------------------


def periods_of(
    years: Sequence[Row],
    terms: Sequence[Row],
    holidays: Sequence[Row],
    no_school: Sequence[Row],
    settings: ArborSettings,
) -> tuple[Period, ...]:
    """Return every period of the calendar. Arbor has no half terms: a term is divided where a break lies inside it.

    Raises DataError when terms overlap or have no dates.
    """
    found = [
        *(_named("year", row, "academicYearName") for row in years),
        *(_named("term", row, "termName") for row in terms),
    ]
    closed = [_closed(row, settings) for row in holidays]
    breaks = [
        period
        for row, period in zip(holidays, closed, strict=True)
        if period.half is None
        and (
            text_of(row, "academicHolidayType") in settings.half_term_types
            or _weekdays(period) >= _LONG_BREAK
        )
    ]
    for term in [period for period in found if period.kind == "term"]:
        found += _half_terms(term, [b for b in breaks if term.start < b.start and b.end < term.end])
    found += closed
    found += _other_days(found, no_school)
    try:
        Calendar(tuple(found))
    except CalendarError as error:
        raise DataError([Finding("Arbor: academic years, terms and holidays", str(error))]) from error
    return tuple(found)


def _named(kind: PeriodKind, row: Row, name: str) -> Period:
    start, end = (
        day_of(row.get("startDate"), f"{kind} startDate"),
        day_of(row.get("endDate"), f"{kind} endDate"),
    )
    if start is None or end is None:
        raise DataError(
            [Finding(f"Arbor: {kind} {row.get('id')}", "has no start or end date", "enter it in Arbor")]
        )
    return Period(kind, text_of(row, name), start, end)


def _closed(row: Row, settings: ArborSettings) -> Period:
    """Return a holiday, INSET day or closure; times that cover half a day only close that half (assumption)."""
    start = moment_of(row.get("startDate"), "holiday startDate")
    end = moment_of(row.get("endDate"), "holiday endDate") or start
    if start is None or end is None:
        raise DataError(
            [Finding(f"Arbor: holiday {row.get('id')}", "has no start date", "enter it in Arbor")]
        )
    kind: PeriodKind = "holiday"
    if text_of(row, "academicHolidayType") in settings.inset_types:
        kind = "inset"
    elif text_of(row, "academicHolidayType") in settings.closure_types:
        kind = "closure"
    return Period(kind, text_of(row, "holidayLabel"), start.date(), end.date(), _half(start, end))


def _half(start: datetime, end: datetime) -> Half | None:
    if start.date() != end.date():
        return None
    if start.time() >= _MIDDAY:
        return "PM"
    return "AM" if time(0) < end.time() <= time(12, 30) else None


def _half_terms(term: Period, breaks: Sequence[Period]) -> Iterator[Period]:
    starts, ends = [term.start], []
    for gap in sorted(breaks, key=lambda b: b.start):
        if gap.start <= starts[-1]:
            continue
        ends.append(gap.start - timedelta(days=1))
        starts.append(gap.end + timedelta(days=1))
    ends.append(term.end)
    for number, (start, end) in enumerate(zip(starts, ends, strict=True), start=1):
        start, end = _inward(start, end)
        if start <= end:
            yield Period("half_term", _half_term_name(term.name, number), start, end)


def _inward(start: date, end: date) -> tuple[date, date]:
    """Return the weekdays of a half term: a break is entered from Saturday in some schools, Monday in others."""
    while start.weekday() > 4:
        start += timedelta(days=1)
    while end.weekday() > 4:
        end -= timedelta(days=1)
    return start, end


def _half_term_name(term: str, number: int) -> str:
    """Return the name of a half term: "Autumn 2025" -> "Autumn 1 2025"."""
    head, _, year = term.rpartition(" ")
    return f"{head} {number} {year}" if head and year.isdigit() else f"{term} {number}"


def _other_days(periods: Sequence[Period], no_school: Iterable[Row]) -> Iterator[Period]:
    """Yield days in half terms that Arbor calls no school day though no holiday says so."""
    half_terms = [p for p in periods if p.kind == "half_term"]
    closed = [p for p in periods if p.kind in ("holiday", "inset", "closure") and p.half is None]
    for row in no_school:
        day = day_of(row.get("startDate"), "academic calendar date")
        if day is None or day.weekday() > 4 or not any(day in p for p in half_terms):
            continue
        if not any(day in period for period in closed):
            name = text_of(row, "publicHolidayName")
            yield Period(
                "holiday" if flag_of(row.get("isPublicHoliday")) else "closure", name or "No school", day, day
            )


def _weekdays(period: Period) -> int:
    days = (period.start + timedelta(days=n) for n in range((period.end - period.start).days + 1))
    return sum(1 for day in days if day.weekday() < 5)


def mark_letters(rows: Sequence[Row], settings: ArborSettings) -> dict[str, str]:
    """Return register letter by the code of an attendance mark."""
    return {code_of(row): text_of(row, settings.letter_field).strip() for row in rows}
