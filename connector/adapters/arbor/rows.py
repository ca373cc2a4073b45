"""What is asked of Arbor and how it comes back, the same whether by GraphQL or by REST.

A row is a dict: scalars by Arbor's own names, a related object as a dict with at least ``id`` (its number, or
its code in a code list), and names of pupils and guardians under ``person``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any, Protocol

from connector.errors import DataError, Finding
from rules.school import SCHOOL_TIME

ALWAYS = frozenset(
    {
        "academicLevel",
        "attendanceMark",
        "attendancePattern",
        "attendanceRollCall",
        "courtOrder",
        "customGroup",
        "eligibility",
        "guardian",
        "inCareStatus",
        "language",
        "postalAddress",
        "registrationForm",
        "senStatus",
    }
)
"""Related objects without which a row makes no sense: where one is not shown, a permission is missing."""

Row = dict[str, Any]
Tree = Mapping[str, "Tree | None"]
"""Wanted fields; a related object has a tree of its own."""


@dataclass(frozen=True, slots=True)
class Filter:
    """One condition. ``path`` is a property, or property__id of a related object."""

    path: str
    operator: str
    """equals, in, from (on or after), to (on or before)."""
    value: str | bool | tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Want:
    """Rows of one type, with these fields, that meet every filter."""

    type: str
    fields: str
    """As in GraphQL, without the outer braces."""
    filters: tuple[Filter, ...] = ()

    @property
    def tree(self) -> Tree:
        return parse_fields(self.fields)

    def where(self, path: str, operator: str, value: str | bool | Sequence[str] | None) -> Want:
        """Return the same with one more filter."""
        held = value if isinstance(value, str | bool) or value is None else tuple(value)
        return Want(self.type, self.fields, (*self.filters, Filter(path, operator, held)))


class Source(Protocol):
    """A way to read rows."""

    def fetch(self, wants: Sequence[Want]) -> list[list[Row]]:
        """Return all rows of each want, in the order of the wants. Raises RetryableError or FatalError."""

    def forget(self) -> None:
        """Drop what was kept from an earlier pull."""

    def close(self) -> None:
        """Stop the threads."""


@cache
def parse_fields(text: str) -> Tree:
    """Parse fields: ``"id student { id }"`` -> ``{"id": None, "student": {"id": None}}``."""
    words = iter(text.replace("{", " { ").replace("}", " } ").split())
    return _parse(words)


def _parse(words: Iterator[str]) -> Tree:
    tree: dict[str, Tree | None] = {}
    last = ""
    for word in words:
        if word == "{":
            tree[last] = _parse(words)
        elif word == "}":
            return tree
        else:
            last = word
            tree[word] = None
    return tree


def related_id(row: Row, name: str) -> str:
    """Return the id of a related object; empty when there is none."""
    related = row.get(name)
    return str(related["id"]) if isinstance(related, dict) and related.get("id") is not None else ""


def code_of(related: Any) -> str:
    """Return the code of a code-list entry, however deep it came nested."""
    if not isinstance(related, dict):
        return ""
    return str(related.get("code") or related.get("id") or "")


def text_of(row: Mapping[str, Any] | None, name: str) -> str:
    """Return a text property; empty for null."""
    value = row.get(name) if row else None
    return "" if value is None else str(value)


def number_of(row: Row) -> int:
    """Return a row's number, for a stable order; 0 where an id is no number."""
    text = str(row.get("id", ""))
    return int(text) if text.isdigit() else 0


def moment_of(value: Any, where: str) -> datetime | None:
    """Return a date or time; None for null. Arbor prints text; its SDKs also allow an object with the text inside.

    Raises DataError naming ``where`` for anything else.
    """
    if isinstance(value, Mapping):
        value = value.get("date")
    if value in (None, ""):
        return None
    try:
        return datetime.fromisoformat(str(value)).replace(tzinfo=None)
    except ValueError:
        raise DataError([Finding(f"Arbor: {where}", "holds something that is not a date")]) from None


def day_of(value: Any, where: str) -> date | None:
    """Return the day as moment_of does, without the time."""
    moment = moment_of(value, where)
    return moment.date() if moment else None


def local(moment: datetime | None) -> datetime | None:
    """Return the moment with the school's time zone."""
    # Arbor prints local times without a zone
    return moment.replace(tzinfo=SCHOOL_TIME) if moment else None


SPANS: Mapping[str, tuple[str, str]] = {
    **dict.fromkeys(
        (
            "AcademicLevelMembership",
            "RegistrationFormMembership",
            "SenStatusAssignment",
            "InCareStatusAssignment",
            "UkDfe_PupilPremiumRecipient",
            "ChildProtectionStatusAssignment",
            "UkDfe_YoungCarerStatusAssignment",
            "StudentAttendancePattern",
            "EligibilityRecord",
            "CustomGroupMembership",
        ),
        ("startDate", "endDate"),
    ),
    "UkDfe_UpnAssignment": ("startDatetime", "endDatetime"),
    "CourtOrder": ("effectiveDate", "endDate"),
    "PostalAddressOccupancy": ("effectiveDate", "endDate"),
}
"""First and last day of every type whose rows begin or stop to hold by themselves when a day comes.

No other type can be judged by its dates (``in_force``), and what comes due by itself is found by this table
(``changes.come_due``): neither can be used without the other. Enrolments are not judged: a pupil keeps their dates.
"""


def in_force(row: Row, day: date, type_name: str) -> bool:
    """Return True when a row's stretch of days holds the day; both ends count, an open end has none."""
    start, end = SPANS[type_name]
    first, last = day_of(row.get(start), start), day_of(row.get(end), end)
    return (first is None or first <= day) and (last is None or day <= last)


def current(rows: Sequence[Row], day: date, type_name: str) -> Row | None:
    """Return the row in force on the day, the last to begin of several; else the last that was; else the next to come."""
    if not rows:
        return None
    start, _ = SPANS[type_name]
    ordered = sorted(rows, key=lambda row: day_of(row.get(start), start) or date.min)
    held = [row for row in ordered if in_force(row, day, type_name)]
    if held:
        return held[-1]
    started = [row for row in ordered if (day_of(row.get(start), start) or date.min) <= day]
    return started[-1] if started else ordered[0]
