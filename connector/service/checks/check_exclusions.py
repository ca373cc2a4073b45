"""Whom letters do not reach by the settings and the records: what `check` shows of exclusions and given absence."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from connector.adapters.base import Page, PupilPage, RecordPage
from connector.adapters.folder.findings import Findings
from connector.adapters.folder.settings_file import read_settings_file
from connector.config import SchoolConfig
from connector.config.loaded_school import policies_of
from connector.config.school import GivenAbsence
from connector.errors import Finding
from connector.ledger.exclusions.covering_nobody import covering_nobody
from connector.ledger.exclusions.named import rule_findings
from connector.store.facts.school_facts import Facts
from letters.words.english import year_group
from rules.policy import PolicyError
from rules.school import Exclusion


@dataclass
class Noted:
    """What a pull brings that `check` looks at besides calendar and codes."""

    exclusions: list[Exclusion] = field(default_factory=list)
    year_groups: dict[str, str] = field(default_factory=dict)
    """By the id of each pupil."""

    def noting(self, pages: Iterable[Page]) -> Iterator[Page]:
        """Yield the pages of a pull, and keep the exclusions and pupils among them."""
        for page in pages:
            if isinstance(page, RecordPage):
                self.exclusions += page.exclusions or ()
            elif isinstance(page, PupilPage):
                self.year_groups |= {pupil.pupil_id: pupil.year_group for pupil in page.pupils}
            yield page


def exclusion_lines(school: SchoolConfig, recorded: Iterable[Exclusion]) -> Iterator[str]:
    """Yield a line for each setting of given absence, and each exclusion of the settings, then of the records."""
    for setting in school.run.given_absence:
        yield f"{school.id}: given by the school, for letters home: {_given(setting)}"
    for exclusion in every_exclusion(school, recorded):
        yield f"{school.id}: exclusion: {exclusion_in_words(exclusion)}"


def every_exclusion(school: SchoolConfig, recorded: Iterable[Exclusion]) -> tuple[Exclusion, ...]:
    """Return each exclusion of the settings, then of the records; ``recorded`` are those that the MIS gave."""
    return tuple(dict.fromkeys([*school.exclusions, *recorded, *_supplied(school)]))


def unknown_rules(school: SchoolConfig, recorded: Iterable[Exclusion]) -> Iterator[Finding]:
    """Yield each rule of an exclusion of the records that no policy of the school has; those of the settings are checked elsewhere."""
    try:
        policies = policies_of(school)
    except PolicyError:
        return  # the check of the policies says what is wrong with them
    yield from rule_findings([*recorded, *_supplied(school)], policies)


def covers_nobody(
    school: SchoolConfig, recorded: Iterable[Exclusion], listed: Mapping[str, str] | None, day: date
) -> Iterator[Finding]:
    """Yield a warning for each exclusion or setting of given absence that names what there is not.

    ``listed``: the year group by the id of every pupil; None where they are not known.
    """
    named: list[tuple[str, Exclusion | GivenAbsence]] = [
        *((f"given absence: {_given(one)}", one) for one in school.run.given_absence),
        *((f"exclusion: {exclusion_in_words(one)}", one) for one in every_exclusion(school, recorded)),
    ]
    for where, one in named:
        for what in covering_nobody(one, listed, school.nation, day):
            yield Finding(f"{school.id}: {where}", what, "correct it, or take it out", "warning")


def listed_in(state: Path) -> dict[str, str] | None:
    """Return the year groups by pupil that a school's state knows; None when it cannot be read."""
    try:
        with closing(sqlite3.connect(f"{state.resolve().as_uri()}?mode=ro", uri=True)) as connection:
            connection.row_factory = sqlite3.Row
            return {pupil.pupil_id: pupil.year_group for pupil in Facts(connection).pupils()}
    except sqlite3.Error:
        return None  # a state of an earlier version: the run opens it and says what is wrong


def exclusion_in_words(exclusion: Exclusion) -> str:
    """Return all that an exclusion names, such as "year groups Year 11; codes T; from 2026-05-01 (Travels for work)"."""
    parts = (
        ("pupil", exclusion.pupil_id),
        ("flag", exclusion.flag),
        ("year groups", ", ".join(map(year_group, exclusion.year_groups))),
        ("codes", ", ".join(exclusion.codes)),
        ("rules", ", ".join(exclusion.rules)),
        ("from", exclusion.start),
        ("until", exclusion.until),
    )
    return f"{'; '.join(f'{name} {value}' for name, value in parts if value)} ({exclusion.reason})"


def _given(setting: GivenAbsence) -> str:
    parts = (
        ("codes", ", ".join(setting.codes)),
        ("year groups", ", ".join(map(year_group, setting.year_groups))),
        ("from", setting.start),
        ("to", setting.to),
    )
    return "; ".join(f"{name} {value}" for name, value in parts if value)


def _supplied(school: SchoolConfig) -> tuple[Exclusion, ...]:
    """Return the exclusions of the supplied records file; its faults are found elsewhere."""
    path = school.supply.records
    return read_settings_file(path, Findings()).exclusions if path is not None else ()
