"""What a run is told besides time and adapter: policy, letters, and how far it may go by itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Literal

from letters.addressees import LetterOptions
from letters.reports.governors.benchmarks import Phase
from letters.school_details import SchoolDetails
from rules.policy import Policy
from rules.school import Exclusion, Nation


@dataclass(frozen=True)
class RunOptions:
    """One school's settings for a run, filled from the configuration."""

    school_id: str
    policy: Policy
    school: SchoolDetails
    nation: Nation = "england"
    welsh_d_attended: bool = True
    letters: LetterOptions = field(default_factory=LetterOptions)
    templates: Path | None = None
    """Folder of the school's own Word templates; None uses the shipped ones alone."""
    config_hash: str = ""
    """Kept with every event, so that the settings that gave it can be told later."""

    history_from: date | None = None
    recent_school_days: int = 20

    since: date | None = None
    """Events dated before are kept on record and never written."""
    first_run_school_days: int | None = 10
    """Without ``since``, events that are older than this on the first run of all are held; None holds none."""
    settling_days: int = 0
    """School days that the last mark an event rests on must be old; above 0, unmarked and N-coded sessions in
    its window hold it as well."""
    settling_by_rule: Mapping[str, int] = field(default_factory=dict)
    hold_above_events: int | None = 100
    """More new events than this in one run are held. Rules at the end of a half term, term or year do not count.
    As many written events are withdrawn in one run at most; with more of them none is."""
    hold_above_events_of_rule: Mapping[str, int] = field(default_factory=dict)
    hold_above_missing_percent: float = 20.0
    hold_above_off_calendar_percent: float = 2.0
    """More than this share of the last four weeks' marks on days without school: the calendar does not fit."""
    hold_above_cleared_percent: float = 25.0
    """A pull that takes away more than this share of the marks it covers is not believed."""
    catch_up: Literal["sequence", "highest"] | None = None
    """None: as the policy says."""
    ladder_gap_days: int | None = None
    """School days between two letters of one ladder; None: as the policy says."""
    review: frozenset[str] = frozenset()
    """Rules whose letters wait for a person; "all" means every rule."""
    exclusions: tuple[Exclusion, ...] = ()

    share: bool = False
    """Letters and notes may be seen by guardians in the MIS's portal."""
    digest_folder: Path | None = None
    """Where documents of the school go when the MIS takes none."""
    reports: frozenset[str] = frozenset({"weekly", "termly"})
    """What is made by itself besides the digest, on the last school day of a week and of a term."""
    phase: Phase = "primary"
    """Which published national figures the governors' report is set beside."""

    def settling_of(self, rule_id: str) -> int:
        """School days that the rule's marks must settle."""
        return self.settling_by_rule.get(rule_id, self.settling_days)

    def needs_review(self, rule_id: str) -> bool:
        """True when a person approves this rule's letters."""
        return rule_id in self.review or "all" in self.review

    @property
    def ladder_gap(self) -> int:
        """School days between two letters of one ladder."""
        return self.policy.days_between_letters if self.ladder_gap_days is None else self.ladder_gap_days

    @property
    def ladder_mode(self) -> Literal["sequence", "highest"]:
        """What happens when several steps of a ladder are due at once."""
        return self.catch_up or self.policy.catch_up
