"""What the mock Wonde holds: lists made once for each state of the school, and how much of them the school shows."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from connector.mock.wonde.objects import Sessions, attendance_codes, school_object
from connector.mock.wonde.people import People
from connector.mock.wonde.values import Block, read_moment
from connector.mock.wonde.wonde_options import WondeOptions
from connector.mock.wonde.writebacks import Writebacks
from connector.mock.world import World

SCHOOL_ID = "A9990010010"
LISTS: Mapping[str, str] = {
    "students": "student",
    "students-leaver": "student",
    "students-pre-admission": "student",
    "contacts": "contact",
    "groups": "group",
    "attendance-codes": "attendance_code",
    "attendance/session": "session",
    "deletions": "deletion",
}
"""Resource -> the object that its rows are, as ``fields.py`` names it."""
EMPTY = (
    "achievements", "behaviours", "classes", "doctors", "employees", "employee-absences", "events", "exclusions",
    "lessons", "attendance/lesson", "attendance-summaries", "medical-conditions", "medical-events", "medical-notes",
    "periods", "photos", "rooms", "subjects", "achievements/attributes", "behaviours/attributes",
    "assessment/aspects", "assessment/marksheets", "assessment/resultsets", "assessment/results",
    "assessment/templates",
)  # fmt: skip
"""Lists that Wonde has and this school has nothing in."""
_OBJECTS = {
    "contacts": "contact",
    "groups": "group",
    "students": "student",
    "home": "place",
    "work": "place",
    "postal": "place",
}
"""Where the key that holds an object is not the object's own name."""
_HIDDEN_BY_FAULT = ("mis_id", "attendance_code", "code")
"""What the fault "hidden-fields" leaves out."""
_ID = re.compile(r"A(\d+)")


class State:
    """The school as Wonde has it, and the queue of write-backs."""

    def __init__(self, world: World, options: WondeOptions) -> None:
        self.world = world
        self.options = options
        self.writebacks = Writebacks(world, reads=options.writeback_reads)
        self._made: dict[object, list[Block]] = {}

    def school(self, host: str) -> Block:
        """Return the school's own object as asked for at this host."""
        return school_object(self.world.school, SCHOOL_ID, self.options.domain or host)

    def rows(self, resource: str, includes: frozenset[str], kind: str = "") -> list[Block]:
        """Return all rows of a list; of deletions those of one type."""
        key = (self.world.version, resource, includes, kind)
        if key not in self._made:
            if len(self._made) > 30:
                self._made.clear()
            self._made[key] = list(self._make(resource, includes, kind))
        return self._made[key]

    def _make(self, resource: str, includes: frozenset[str], kind: str) -> Iterable[Block]:
        school, today = self.world.school, self.world.today
        people = People(school, today, self.options)
        made: Mapping[str, Callable[[], Iterable[Block]]] = {
            "contacts": lambda: people.contacts(includes),
            "groups": people.groups,
            "deletions": lambda: people.deletions(kind),
            "attendance-codes": lambda: attendance_codes(school, today),
            "attendance/session": lambda: Sessions(school, today, self.options).rows(includes),
        }
        return made.get(resource, lambda: people.students(resource, includes))()

    def changed(self, rows: list[Block], since: datetime) -> list[Block]:
        """Return the rows changed since a moment, as far as they have reached Wonde; one without a time always."""
        lag = timedelta(hours=self.options.lag_hours)

        def is_news(row: Block) -> bool:
            at = read_moment(row.get("updated_at") or row.get("deleted_at"))
            return at is None or at + lag >= since

        return [row for row in rows if is_news(row)]

    def shown(self, rows: list[Block], what: str, *, fault: bool = False) -> list[Block]:
        """Return rows as far as the school has approved their fields. ``what``: the object that they are."""
        hidden = {*self.options.hidden, *(_HIDDEN_BY_FAULT if fault else ())}
        empty = set(self.options.empty)
        if hidden or empty:
            rows = [_cut(row, what, hidden, empty) for row in rows]
        return [_numbered(row) for row in rows] if self.options.numbers else rows


def _cut(value: Any, what: str, hidden: set[str], empty: set[str]) -> Any:
    """Return an object without the hidden fields, and with null in those that are to be empty."""
    if isinstance(value, list):
        return [_cut(part, what, hidden, empty) for part in value]
    if not isinstance(value, dict):
        return value
    if set(value) <= {"data"}:
        return {name: _cut(part, what, hidden, empty) for name, part in value.items()}
    found: Block = {}
    for name, part in value.items():
        names = {name, f"{what}.{name}"}
        if not names & hidden:
            found[name] = None if names & empty else _cut(part, _OBJECTS.get(name) or name, hidden, empty)
    return found


def _numbered(value: Any) -> Any:
    """Return everything with ids as numbers."""
    if isinstance(value, dict):
        return {
            name: int(part) if name == "mis_id" and str(part).isdigit() else _numbered(part)
            for name, part in value.items()
        }
    if isinstance(value, list):
        return [_numbered(part) for part in value]
    match = _ID.fullmatch(value) if isinstance(value, str) else None
    return int(match[1]) if match else value
