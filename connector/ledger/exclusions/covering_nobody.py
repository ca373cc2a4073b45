"""Exclusions, and absence given by the school, that name a pupil, year group or code that there is not: they cover nobody.

A misspelt one would let the letter go that it is to keep back, and nobody would know.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from connector.config.school import GivenAbsence
from letters.words.english import year_group
from rules.codes import absence_codes
from rules.school import Exclusion, Nation

WHAT_TO_DO = "correct it, or take it out; `attendance-connector check` lists every exclusion"


def covering_nobody(
    one: Exclusion | GivenAbsence, listed: Mapping[str, str] | None, nation: Nation, as_of: date
) -> Iterator[str]:
    """Yield what an exclusion names that there is not, in words that name no person; nothing once its last day is over.

    ``listed``: the year group by the id of every pupil of the MIS; None where they are not known.
    """
    last = one.until if isinstance(one, Exclusion) else one.to
    if last is not None and last < as_of:
        return
    pupil_id = one.pupil_id if isinstance(one, Exclusion) else None
    if listed is not None:
        if pupil_id is not None and pupil_id not in listed:
            yield "names a pupil whom the MIS does not list"
        there = {year_group(name) for name in listed.values()}
        for name in one.year_groups:
            if year_group(name) not in there:
                yield f"names the year group {name}, and no pupil is in it"
    for code in one.codes:
        if code not in absence_codes(nation):
            yield f"names the code {code}, which is no code of absence in {nation.title()}"


def covering_nobody_words(
    every: Iterable[Exclusion | GivenAbsence], listed: Mapping[str, str], nation: Nation, as_of: date
) -> list[str]:
    """Return a warning for each thing that is named and is not there, each once."""
    return list(
        dict.fromkeys(
            f"{'an exclusion' if isinstance(one, Exclusion) else 'absence given by the school (run.given_absence)'}"
            f" {what}: {WHAT_TO_DO}"
            for one in dict.fromkeys(every)
            for what in covering_nobody(one, listed, nation, as_of)
        )
    )
