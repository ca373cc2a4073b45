"""The rows of some pupils and of all who belong to them, found by whom they are about."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from connector.adapters.arbor.hidden import Hidden
from connector.adapters.arbor.rows import Owner, Row, owner_of, related_id


@dataclass(frozen=True)
class Batch:
    """The rows of some pupils."""

    students: Sequence[Row]
    of_student: Mapping[str, Mapping[str, Sequence[Row]]]
    """Type -> student's id -> rows."""
    of_person: Mapping[str, Mapping[Owner, Sequence[Row]]]
    addresses: Mapping[Owner, Sequence[Row]]
    emails: Mapping[Owner, Sequence[Row]]
    telephones: Mapping[Owner, Sequence[Row]]
    orders: Sequence[Row]
    """Court order parties."""
    hidden: Hidden
    """What Arbor does not show."""

    def about(self, type_name: str, who: Collection[Owner]) -> list[Row]:
        """Return a type's rows about somebody, whatever of theirs they name."""
        return rows_of(self.of_person.get(type_name, {}), who)


def grouped(rows: Iterable[Row], name: str) -> dict[str, list[Row]]:
    """Return rows by the id of a related object."""
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        groups[related_id(row, name)].append(row)
    return dict(groups)


def by_owner(rows: Iterable[Row], name: str) -> dict[Owner, list[Row]]:
    """Return rows by the type and id of an object that may be of several types."""
    groups: dict[Owner, list[Row]] = defaultdict(list)
    for row in rows:
        groups[owner_of(row, name)].append(row)
    return dict(groups)


def rows_of(held: Mapping[Owner, Sequence[Row]], who: Collection[Owner]) -> list[Row]:
    """Return the rows of each of these owners."""
    return [row for owner in sorted(who) for row in held.get(owner, ())]
