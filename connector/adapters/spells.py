"""A pupil's spells on roll from what a MIS holds, which may overlap or have no day."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from rules.school import Spell


def joined(spells: Iterable[Spell]) -> tuple[Spell, ...]:
    """Return spells in order of time in which those that overlap are one, and those that end before they begin are none.

    A pupil is on roll on a day that any spell covers, so joining takes no day away. Where no spell has a day, the
    first stays as it is: a pupil who was entered but never came.
    """
    rows = sorted(spells, key=lambda spell: spell.start or date.min)
    kept: list[Spell] = []
    for spell in rows:
        if spell.start and spell.end and spell.end < spell.start:
            continue
        last = kept[-1] if kept else None
        if last and (last.end is None or spell.start is None or spell.start <= last.end):
            end = None if last.end is None or spell.end is None else max(last.end, spell.end)
            kept[-1] = Spell(last.start, end, last.kind)
        else:
            kept.append(spell)
    return tuple(kept or rows[:1])


def joined_warning(pupils: int) -> list[str]:
    """Return the warning for so many pupils whose spells were joined or left out; none for none."""
    if not pupils:
        return []
    return [
        f"{pupils} pupil(s) have enrolments that overlap or end before they begin: overlapping ones were joined, "
        "the others left out; correct the dates in the MIS"
    ]
