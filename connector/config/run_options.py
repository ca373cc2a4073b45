"""One school's configuration as a run takes it."""

from __future__ import annotations

import hashlib

from connector.config.logic import policy_source
from connector.config.school import SchoolConfig
from connector.errors import ConfigError
from connector.run.options import RunOptions
from rules.policy import load_policy


def run_options(school: SchoolConfig) -> RunOptions:
    """Given a school's table, return the options of its runs.

    Raises PolicyError when its policy cannot be used, ConfigError when a picture of its letterhead cannot be read.
    """
    run = school.run
    try:
        details = school.letters.details(school.name)
    except OSError as error:
        raise ConfigError(f"a picture of {school.id}'s letters cannot be read: {error}") from error
    return RunOptions(
        school_id=school.id,
        policy=load_policy(policy_source(school.policy)),
        school=details,
        nation=school.nation,
        welsh_d_attended=school.welsh_d_attended,
        letters=school.letters.options(),
        templates=school.letters.templates,
        config_hash=config_hash(school),
        history_from=run.history_from,
        recent_school_days=run.recent_school_days,
        since=run.since,
        first_run_school_days=run.first_run_school_days,
        settling_days=run.settling_days,
        settling_by_rule=run.settling_by_rule,
        hold_above_events=run.hold_above_events,
        hold_above_events_of_rule=run.hold_above_events_of_rule,
        hold_above_missing_percent=run.hold_above_missing_percent,
        hold_above_off_calendar_percent=run.hold_above_off_calendar_percent,
        hold_above_cleared_percent=run.hold_above_cleared_percent,
        catch_up=run.catch_up,
        ladder_gap_days=run.ladder_gap_days,
        review=frozenset(run.review),
        exclusions=tuple(exclusion.as_exclusion() for exclusion in school.exclusions),
        share=school.letters.share_with_guardians,
        digest_folder=run.digest,
        reports=frozenset(run.reports),
        phase=school.phase,
    )


def config_hash(school: SchoolConfig) -> str:
    """A short mark of a school's settings: the same settings give the same mark."""
    return hashlib.sha256(school.model_dump_json().encode()).hexdigest()[:16]
