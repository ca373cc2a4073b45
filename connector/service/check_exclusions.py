"""Whom letters do not reach by the settings and the records: what `check` shows of exclusions and given absence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from connector.adapters.base import Page, RecordPage
from connector.adapters.folder.findings import Findings
from connector.adapters.folder.settings_file import read_settings_file
from connector.config import SchoolConfig
from connector.config.loaded_school import policies_of
from connector.config.school import GivenAbsence
from connector.errors import Finding
from connector.ledger.exclusions.named import rule_findings
from letters.words.english import year_group
from rules.policy import PolicyError
from rules.school import Exclusion


def noting_exclusions(pages: Iterable[Page], exclusions: list[Exclusion]) -> Iterator[Page]:
    """Yield the pages of a pull, and keep the exclusions among them."""
    for page in pages:
        if isinstance(page, RecordPage):
            exclusions += page.exclusions or ()
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
