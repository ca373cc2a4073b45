"""Whether a pull is of the school whose state it goes into: two schools never mix."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from connector.adapters.base import MisSchool
from connector.errors import HeldError
from connector.store.facts.school_facts import Facts
from connector.store.meta import MIS, read_value
from rules.school import Pupil


@dataclass(frozen=True, slots=True)
class PullSource:
    """Where a pull comes from, as the configuration says."""

    adapter: str = ""
    place: str = ""
    """What names the school where the MIS does not: the resolved path of a register folder."""
    supplied: tuple[str, ...] = ()
    """What comes from files in place of the MIS, or in addition to it: calendar, contacts, records."""

    def mis(self, school: MisSchool | None) -> str | None:
        """Return the MIS's school in one text, such as "arbor:105203": its DfE number (URN), else the MIS's own id."""
        own = self.place or (school.urn or school.mis_id if school else "")
        return f"{self.adapter}:{own}" if own else None


def known_mis(connection: sqlite3.Connection, source: PullSource) -> str | None:
    """Return the MIS's school that filled the state so far; None before the first pull."""
    return read_value(connection, MIS) or PullSource(source.adapter).mis(Facts(connection).school())


def check_same_school(known: Sequence[Pupil], sent: Sequence[Pupil], mis: str) -> None:
    """Raise HeldError when most pupils sent are not those known by their ids.

    A school may get a new number, and a register folder may be moved: then its pupils are the same.
    """
    by_id = {pupil.pupil_id: pupil for pupil in known}
    same = sum(_same(by_id.get(pupil.pupil_id), pupil) for pupil in sent)
    if not sent or 2 * same < min(len(sent), len(known)):
        compared = (
            f"{len(sent) - same} of {len(sent)} pupils sent are not in it" if sent else "no pupil was sent"
        )
        raise HeldError(
            f"this state is of another school than {mis}: {compared}.",
            fix="correct the school's id or its settings of the MIS in the configuration; a school that is new here needs"
            " an id of its own. Nothing was changed",
            guard="other_school",
        )


def _same(known: Pupil | None, sent: Pupil) -> bool:
    if known is None:
        return False
    if known.upn and sent.upn:
        return known.upn == sent.upn
    facts = ((p.date_of_birth, p.legal_surname) for p in (known, sent))
    return all(not before or not now or before == now for before, now in zip(*facts, strict=True))
