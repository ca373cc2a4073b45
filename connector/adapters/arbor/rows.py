"""What is asked of Arbor and how it comes back, the same whether by GraphQL or by REST.

A row is a dict: scalars by Arbor's own names, a related object as a dict with at least ``id`` (its number, or
its code in a code list), and names of pupils and guardians under ``person``. What everything asked is: asked.py.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
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


Path = tuple[str, ...]
"""Where a field is in a tree: its name after those of the related objects that lead to it; empty: the type itself."""

Owner = tuple[str, str]
"""Type and id of an object that an address, an email or a court order names."""


@dataclass(frozen=True, slots=True)
class Filter:
    """One condition. ``path`` is a property, or property__id of a related object."""

    path: str
    operator: str
    """equals, in, from (on or after), to (on or before)."""
    value: str | bool | tuple[str, ...] | None
    owners: tuple[Owner, ...] = ()
    """The same as ``value`` with their types, where the related object may be of several."""


@dataclass(frozen=True, slots=True)
class Want:
    """Rows of one type, with these fields, that meet every filter."""

    type: str
    fields: str
    """As in GraphQL, without the outer braces; ``name?fact`` is a field that Arbor may hide, with the fact it tells."""
    filters: tuple[Filter, ...] = ()
    gives: tuple[str, ...] = ()
    """The facts that nobody knows where Arbor hides the type; none: without it nothing can be read."""

    @property
    def tree(self) -> Tree:
        """What is asked."""
        return _parsed(self.fields)[0]

    @property
    def optional(self) -> Mapping[Path, str]:
        """The fields that may be hidden, with the fact that each tells."""
        return _parsed(self.fields)[1]

    def where(self, path: str, operator: str, value: str | bool | Sequence[str] | None) -> Want:
        """Return the same with one more filter."""
        held = value if isinstance(value, str | bool) or value is None else tuple(value)
        return replace(self, filters=(*self.filters, Filter(path, operator, held)))

    def of(self, path: str, owners: Collection[Owner]) -> Want:
        """Return the same for rows whose related object, which may be of several types, is one of these."""
        ordered = tuple(sorted(owners))
        ids = tuple(dict.fromkeys(row_id for _, row_id in ordered))
        return replace(self, filters=(*self.filters, Filter(f"{path}__id", "in", ids, ordered)))

    def without(self, paths: Collection[Path]) -> Want:
        """Return the same less these fields, and less related objects of which nothing else is asked."""
        return replace(self, fields=_printed(self.tree, self.optional, paths, ())) if paths else self


class Fetches(Protocol):
    """What reads rows."""

    def fetch(self, wants: Sequence[Want]) -> list[list[Row]]:
        """Return all rows of each want, in the order of the wants. Raises RetryableError or FatalError."""


class Source(Fetches, Protocol):
    """A way to read rows."""

    together: bool
    """Several wants cost no more calls than one."""

    def first_rows(self, wants: Sequence[Want], count: int) -> list[list[Row]]:
        """Return the first rows of each want, up to so many. Raises as ``fetch``."""

    def forget(self) -> None:
        """Drop what was kept from an earlier pull."""

    def close(self) -> None:
        """Stop the threads."""


@cache
def _parsed(text: str) -> tuple[Tree, Mapping[Path, str]]:
    """Parse fields: ``"id student { id }"`` -> ``{"id": None, "student": {"id": None}}``, and what is optional."""
    words = iter(text.replace("{", " { ").replace("}", " } ").split())
    optional: dict[Path, str] = {}
    return _tree(words, (), optional), optional


def _tree(words: Iterator[str], at: Path, optional: dict[Path, str]) -> Tree:
    tree: dict[str, Tree | None] = {}
    last = ""
    for word in words:
        if word == "{":
            tree[last] = _tree(words, (*at, last), optional)
        elif word == "}":
            return tree
        else:
            last, _, fact = word.partition("?")
            tree[last] = None
            if fact:
                optional[(*at, last)] = fact
    return tree


def _printed(tree: Tree, optional: Mapping[Path, str], less: Collection[Path], at: Path) -> str:
    words = []
    for name, below in tree.items():
        here = (*at, name)
        word = f"{name}?{optional[here]}" if here in optional else name
        inner = "" if below is None else _printed(below, optional, less, here)
        if here not in less and (below is None or inner):
            words.append(word if below is None else f"{word} {{ {inner} }}")
    return " ".join(words)


_TYPES = {"sourceAttendanceRecord": "AttendanceRecord", "censusSchoolPhase": "UkDfe_CensusSchoolPhase"}


def type_of(relation: str) -> str:
    """Return the type of the related object behind a property."""
    return _TYPES.get(relation) or relation[0].upper() + relation[1:]


def related_id(row: Row, name: str) -> str:
    """Return the id of a related object; empty when there is none."""
    related = row.get(name)
    return str(related["id"]) if isinstance(related, dict) and related.get("id") is not None else ""


def owner_of(row: Row, name: str) -> Owner:
    """Return whom a row's property names."""
    held = row.get(name)
    return (text_of(held, "entityType"), related_id(row, name)) if isinstance(held, dict) else ("", "")


def name_in(row: Row | None, relation: str, name: str) -> str:
    """Return a text property of a related object; empty where there is none."""
    related = row.get(relation) if row else None
    return text_of(related, name) if isinstance(related, dict) else ""


def code_of(related: Any) -> str:
    """Return the code of a code-list entry, however deep it came nested."""
    if not isinstance(related, dict):
        return ""
    return str(related.get("code") or related.get("id") or "")


def text_of(row: Mapping[str, Any] | None, name: str) -> str:
    """Return a text property; empty for null."""
    value = row.get(name) if row else None
    return "" if value is None else str(value)


def flag_of(value: Any) -> bool | None:
    """Return a yes/no property, which may come as text or number; None where Arbor says neither."""
    word = str(value).strip().lower()
    return True if word in ("true", "1", "yes") else False if word in ("false", "0", "no") else None


def whole_of(value: Any) -> int | None:
    """Return a whole number, which may come as text; None for anything else."""
    try:
        return int(str(value).strip().removesuffix(".0"))
    except ValueError:
        return None


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
