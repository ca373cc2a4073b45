"""Groups of pupils and bands of attendance in the governors' report, as far as they can be shown together.

A group is put together with others, or its number of persistently absent pupils left out, until no set of fewer than
five pupils can be worked out from this table and those before it (letters/reports/worked_out.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from letters.reports.pupils import natural
from letters.reports.suppression import MINIMUM, combined, neighbours_merged
from letters.reports.worked_out import Shown
from letters.words.english import year_group
from rules.events import Figures
from rules.policy import Policy
from rules.school import Pupil

BandRow = tuple[str, list[str], set[str]]
"""The name of a band, or of neighbours together, their ranges, and ids of their pupils."""
_Group = tuple[tuple[str, ...], list[str]]
"""Names of groups that share a row, and ids of their pupils."""


@dataclass(frozen=True, slots=True)
class Rates:
    """Attendance of some pupils over some days."""

    figures: Figures
    members: frozenset[str]
    """Ids of the pupils with a possible session."""
    persistently: frozenset[str]
    """Ids of those who are persistently absent."""
    severely: frozenset[str]
    """Ids of those who are severely absent."""

    @property
    def pupils(self) -> int:
        """Pupils with a possible session."""
        return len(self.members)

    @property
    def persistent(self) -> int:
        """Pupils who are persistently absent."""
        return len(self.persistently)

    @property
    def severe(self) -> int:
        """Pupils who are severely absent."""
        return len(self.severely)


@dataclass(frozen=True, slots=True)
class GroupRates:
    """One row of a table of groups; several small groups may share it."""

    name: str
    rates: Rates
    persistent_shown: bool = True
    """Whether the number of persistently absent pupils may be shown."""


@dataclass(frozen=True, slots=True)
class Grouping:
    """A way to divide the pupils into groups, with the rows that may be shown. ``why_none`` says why there are none."""

    title: str
    rows: tuple[GroupRates, ...]
    why_none: str = ""


_SEN = {
    "N": "No special educational needs",
    "K": "SEN support",
    "E": "Education, health and care plan",
}
_SEX = {"F": "Girls", "M": "Boys"}
_YES_NO: dict[str, Callable[[Pupil], bool]] = {
    "Free school meals": lambda p: p.fsm,
    "Pupil premium": lambda p: p.pupil_premium,
    "English as an additional language": lambda p: p.eal,
    "Looked after, or with a social worker": lambda p: p.looked_after or p.social_worker,
    "Young carers": lambda p: p.young_carer,
}
_BY_NAME: dict[str, Callable[[Pupil], str]] = {
    "Year group": lambda p: year_group(p.year_group),
    "Class": lambda p: p.registration_group,
    "Special educational needs": lambda p: _SEN.get(p.sen_status, ""),
    "Ethnicity": lambda p: p.ethnicity,
    "Sex": lambda p: _SEX.get(p.gender[:1].upper(), ""),
}
_ORDER = (
    "Year group", "Class", "Free school meals", "Pupil premium", "Special educational needs",
    "English as an additional language", "Looked after, or with a social worker", "Young carers", "Ethnicity", "Sex",
)  # fmt: skip


def groupings(
    pupils: Sequence[Pupil], rates_of: Callable[[Iterable[str]], Rates], shown: Shown, *, persistent: bool
) -> list[Grouping]:
    """Return year groups, classes, and the groups that governors ask for.

    ``shown`` is what the report shows already, and takes what is added; ``persistent``: whether the whole school's number
    of persistently absent pupils is shown.
    """
    return [_grouping(title, pupils, rates_of, shown, persistent=persistent) for title in _ORDER]


def _grouping(
    title: str,
    pupils: Sequence[Pupil],
    rates_of: Callable[[Iterable[str]], Rates],
    shown: Shown,
    *,
    persistent: bool,
) -> Grouping:
    members: dict[str, list[str]] = {}
    families: dict[str, str] = {}
    holds = _YES_NO.get(title)
    if holds and not any(holds(pupil) for pupil in pupils):
        return Grouping(title, (), "recorded for no pupil")
    for pupil in pupils:
        name = ("Yes" if holds(pupil) else "No") if holds else _BY_NAME[title](pupil) or "Not recorded"
        members.setdefault(name, []).append(pupil.pupil_id)
        families[name] = pupil.year_group if title == "Class" else ""
    if set(members) <= {"Not recorded"}:
        return Grouping(title, (), "not recorded")
    names = sorted(members, key=lambda n: (n == "Not recorded", n == "No", natural(n)))
    sizes = combined({name: len(members[name]) for name in names}, families.__getitem__)
    if not sizes:
        return Grouping(title, (), f"a group has fewer than {MINIMUM} pupils")
    groups = _apart([(group, [i for name in group for i in members[name]]) for group in sizes], shown)
    if len(groups) < 2 and len(members) > 1:
        return Grouping(title, (), "a small group could be worked out from it")
    rates = [rates_of(ids) for _, ids in groups]
    may = shown.as_many([one.persistently for one in rates]) if persistent else [False] * len(rates)
    return Grouping(
        title,
        tuple(GroupRates(", ".join(g), one, m) for (g, _), one, m in zip(groups, rates, may, strict=True)),
    )


def _apart(groups: list[_Group], shown: Shown) -> list[_Group]:
    """Return the groups that can be shown besides all that is shown already; those that cannot are one together."""
    fits = shown.as_many([ids for _, ids in groups])
    kept = [group for group, fit in zip(groups, fits, strict=True) if fit]
    rest = [group for group, fit in zip(groups, fits, strict=True) if not fit]
    if not rest:
        return kept
    return [*kept, (tuple(name for names, _ in rest for name in names), [i for _, ids in rest for i in ids])]


def band_rows(policy: Policy, by_pupil: Mapping[str, Figures], shown: Shown) -> list[BandRow]:
    """Return the policy's bands with their pupils, best first.

    A band joins its neighbour where it has few pupils, or where a few could be worked out: the persistently absent are
    those of some bands, and perhaps a few more or fewer.
    """
    members: dict[str, set[str]] = {band.name: set() for band in policy.bands}
    for pupil_id, figures in by_pupil.items():
        band = policy.band_of(figures.attended, figures.possible)
        if band is not None:
            members[band.name].add(pupil_id)
    rows: list[BandRow] = [
        (name, [band.range for band in of], {pupil_id for band in of for pupil_id in members[band.name]})
        for name, _, of in neighbours_merged([(b.name, len(members[b.name]), b) for b in policy.bands])
    ]
    while len(rows) > 1 and not shown.add(*(ids for _, _, ids in rows)):
        rows = _closer(rows, shown)
    return rows


def _closer(rows: list[BandRow], shown: Shown) -> list[BandRow]:
    """Return the rows with two neighbours joined: the first two with which all is safe, else the smallest two."""
    joined = [
        [*rows[:n], (f"{one[0]} or {other[0]}", [*one[1], *other[1]], one[2] | other[2]), *rows[n + 2 :]]
        for n, (one, other) in enumerate(pairwise(rows))
    ]
    safe = (each for each in joined if shown.would_add(*(ids for _, _, ids in each)))
    sizes = [len(one[2]) + len(other[2]) for one, other in pairwise(rows)]
    return next(safe, joined[sizes.index(min(sizes))])
