"""What changed since the last complete pull, from Arbor's change logs (docs/mis-arbor.md).

Each type has its own log over one rising revision. A log names rows, not pupils, so a changed row is traced to
the pupils it is about; a row that was deleted can no longer be traced, and then all pupils are read again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from connector.adapters.arbor.asked import OF_PERSON, OF_STUDENT
from connector.adapters.arbor.rows import SPANS, Fetches, Want, owner_of, related_id, whole_of
from connector.adapters.arbor.wire import body_of, id_of, lowered, no_access, path_of, plural
from connector.errors import RetryableError
from connector.http import Client

MARK_TYPE = "AttendanceRollCallRecord"
OWNED = {
    "PostalAddressOccupancy": "occupant",
    "EmailAddress": "emailAddressOwner",
    "TelephoneNumber": "numberOwner",
    **dict.fromkeys(OF_PERSON, "person"),
}
"""Types whose rows name somebody of more than one type, and the property that does."""
PUPIL_TYPES = (
    "Student",
    "Person",
    *OF_STUDENT,
    "Guardian",
    *OWNED,
    "PostalAddress",
)
COURT_TYPES = ("CourtOrder", "CourtOrderParty")
MOST_TRACED = 400
"""Changed rows of one type; for more, reading all pupils again is cheaper than tracing."""


@dataclass(frozen=True, slots=True)
class Bookmark:
    """Where the last complete pull stopped."""

    revisions: Mapping[str, int]
    """The highest revision seen in each type's log."""
    until: date
    """The last pull's day."""
    full: date
    """The day of the last pull that read everything."""
    pupils: int = 0
    """Pupils read by it, to guess how many marks a session has."""
    again: tuple[str, ...] = ()
    """Students who were left out and are asked for again each time."""
    hidden: tuple[str, ...] = ()
    """What Arbor did not show: where that changes, every pupil is read again."""

    def text(self) -> str:
        """Return the bookmark as text."""
        return json.dumps(
            {
                "revisions": dict(self.revisions),
                "until": self.until.isoformat(),
                "full": self.full.isoformat(),
                "pupils": self.pupils,
                "again": list(self.again),
                "hidden": list(self.hidden),
            }
        )


def read_bookmark(text: str | None) -> Bookmark | None:
    """Return the bookmark that was handed out; None for none, and for one that is not ours, so that all is read."""
    try:
        held = json.loads(text or "null")
        return Bookmark(
            {str(name): int(revision) for name, revision in held["revisions"].items()},
            date.fromisoformat(held["until"]),
            date.fromisoformat(held["full"]),
            int(held["pupils"]),
            tuple(str(student) for student in held["again"]),
            tuple(str(name) for name in held["hidden"]),
        )
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


@dataclass(frozen=True, slots=True)
class Log:
    """One type's changes since a revision."""

    changed: tuple[str, ...] = ()
    """Ids made or changed and not deleted since."""
    deleted: tuple[str, ...] = ()
    revision: int = 0
    """The highest revision in it, or the one it was asked from."""


def read_log(client: Client, type_name: str, revision: int) -> Log:
    """Return a type's changes after a revision. Raises FatalError without permission."""
    params = {"from-revision": str(revision)}
    body = body_of(f"the change log of {type_name}", client.get(f"{path_of(type_name)}/changelog", params))
    changes = body.get("changes")
    if not isinstance(changes, list):
        raise no_access(type_name)
    state: dict[str, str] = {}
    highest = revision
    for change in changes:
        try:
            number = int(change["toRevision"])
            row_id = id_of(change["changedObject"]["href"])
            kind = str(change["changeType"])
        except (KeyError, TypeError, ValueError):
            raise RetryableError(
                f"Arbor: the change log of {type_name} has an entry of another shape",
                fix="the next run asks again",
            ) from None
        if number > revision:  # a log that counts the revision asked from as well says nothing new
            state[row_id] = kind
            highest = max(highest, number)
    return Log(
        tuple(row_id for row_id, kind in state.items() if kind != "delete"),
        tuple(row_id for row_id, kind in state.items() if kind == "delete"),
        highest,
    )


def known_revision(client: Client, type_name: str, until: date) -> int:
    """Return a revision that is certainly not too high, taken before anything is read; 0 when there is no dated row.

    Arbor does not give its current revision, but every object shows its own, and there is one count over all.
    The later the object was changed, the less is read twice next time; so a row of the last days is looked at.
    """
    for days in (0, 7, 60, 400):
        params = {
            "filters.recordDate.from": (until - timedelta(days=days)).isoformat(),
            "filters.recordDate.to": until.isoformat(),
            "page-size": "20",
        }
        rows = body_of(f"listing {type_name}", client.get(path_of(type_name), params)).get(
            lowered(plural(type_name))
        )
        if not isinstance(rows, list):
            raise no_access(type_name)
        if rows:
            answer = client.get(str(rows[-1].get("href")), accept=(404,))
            shown = body_of(f"reading {type_name}", answer).get(lowered(type_name))
            revision = shown.get("revisionId") if isinstance(shown, dict) else None
            return whole_of(revision) or 0
    return 0


@dataclass
class Traced:
    """Whom the changes are about."""

    students: set[str] = field(default_factory=set)
    removed: set[str] = field(default_factory=set)
    everyone: bool = False


def trace(source: Fetches, logs: Mapping[str, Log]) -> Traced:
    """Given the pupil types' logs, find the students they are about."""
    found = Traced()
    if any(len(log.changed) > MOST_TRACED for log in logs.values()) or any(
        log.deleted for name, log in logs.items() if name != "Student"
    ):
        return replace(found, everyone=True, removed=set(logs["Student"].deleted))
    found.removed |= set(logs["Student"].deleted)
    found.students |= set(logs["Student"].changed)
    persons = set(logs["Person"].changed)
    guardians = set(logs["Guardian"].changed)
    wants, then = [], []
    for name, log in logs.items():
        want = _whom(name, log.changed)
        if want is not None:
            wants.append(want[0])
            then.append(want[1])
    for relation, rows in zip(then, source.fetch(wants) if wants else [], strict=True):
        for row in rows:
            _sort_out(row, relation, found.students, persons, guardians)
    _through_orders(source, logs, found.students, persons, guardians)
    _through_addresses(source, logs, found.students, persons, guardians)
    _through_people(source, found.students, persons, guardians)
    return found


def _whom(name: str, ids: Sequence[str]) -> tuple[Want, str] | None:
    """Return how to ask a type's rows whom they are about, and where the answer stands."""
    if not ids:
        return None
    if name in OF_STUDENT:
        return Want(name, "id student { id }").where("id", "in", ids), "student"
    if name in OWNED:
        owner = OWNED[name]
        return Want(name, f"id {owner} {{ id entityType }}").where("id", "in", ids), owner
    if name == "CourtOrderParty":
        return Want(name, "id party { id entityType }").where("id", "in", ids), "party"
    return None


def _sort_out(
    row: dict[str, Any], relation: str, students: set[str], persons: set[str], guardians: set[str]
) -> None:
    """Put whom a row is about where it belongs."""
    if relation == "student":
        students.add(related_id(row, relation))
        return
    kind, row_id = owner_of(row, relation)
    bins = {"Student": students, "Person": persons, "Guardian": guardians}
    if kind in bins:
        bins[kind].add(row_id)


def _through_orders(
    source: Fetches, logs: Mapping[str, Log], students: set[str], persons: set[str], guardians: set[str]
) -> None:
    ids = logs["CourtOrder"].changed if "CourtOrder" in logs else ()
    if ids:
        want = Want("CourtOrderParty", "id courtOrder { id } party { id entityType }")
        for row in source.fetch([want.where("courtOrder__id", "in", ids)])[0]:
            _sort_out(row, "party", students, persons, guardians)


def _through_addresses(
    source: Fetches, logs: Mapping[str, Log], students: set[str], persons: set[str], guardians: set[str]
) -> None:
    ids = logs["PostalAddress"].changed
    if ids:
        want = Want("PostalAddressOccupancy", "id postalAddress { id } occupant { id entityType }")
        for row in source.fetch([want.where("postalAddress__id", "in", ids)])[0]:
            _sort_out(row, "occupant", students, persons, guardians)


def _through_people(source: Fetches, students: set[str], persons: set[str], guardians: set[str]) -> None:
    """Map persons to students and guardians, and from guardians to the students they belong to."""
    if persons:
        pupils, adults = source.fetch(
            [
                Want("Student", "id person { id }").where("person__id", "in", sorted(persons)),
                Want("Guardian", "id person { id }").where("person__id", "in", sorted(persons)),
            ]
        )
        students |= {str(row["id"]) for row in pupils}
        guardians |= {str(row["id"]) for row in adults}
    if guardians:
        want = Want("StudentGuardianRelationship", "id student { id } guardian { id }")
        rows = source.fetch([want.where("guardian__id", "in", sorted(guardians))])[0]
        students |= {related_id(row, "student") for row in rows}


def come_due(source: Fetches, logs: Mapping[str, Log], since: date, until: date) -> dict[str, Log]:
    """Given the pupil types' logs, return them with the rows that begin or stop to hold after ``since`` up to ``until``.

    Such a row was entered earlier and no log names it on its day.
    """
    if until <= since:
        return dict(logs)
    wants = []
    for name in (name for name in logs if name in SPANS):
        start, end = SPANS[name]
        # a time of day lies after the bare date, so for those a day more is asked for
        more = timedelta(days=start.endswith("Datetime"))
        for path, first, last in (
            (start, since + timedelta(days=1), until + more),
            (end, since, until - timedelta(days=1) + more),
        ):
            want = Want(name, "id").where(path, "from", first.isoformat())
            wants.append(want.where(path, "to", last.isoformat()))
    due = dict(logs)
    for want, rows in zip(wants, source.fetch(wants), strict=True):
        log = due[want.type]
        ids = dict.fromkeys((*log.changed, *(str(row["id"]) for row in rows)))
        due[want.type] = replace(log, changed=tuple(ids))
    return due
