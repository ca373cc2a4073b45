"""One school's settings with the files that they name loaded: what a run works with."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

from connector.config.logic import policy_source
from connector.config.school import SchoolConfig
from connector.errors import ConfigError
from letters.pack_texts import unfilled
from letters.school_details import SchoolDetails
from rules.files.held import what_to_do, why
from rules.policy import Policy, load_policy, switched, together


@dataclass(frozen=True)
class LoadedSchool:
    """A school's settings and its policies."""

    config: SchoolConfig
    policy: Policy
    """The first one: its bands, colours and target are the school's."""
    config_hash: str = ""
    """Kept with every event, so that the settings behind it can be compared later."""
    more: tuple[Policy, ...] = ()
    """The policies after the first one."""

    @cached_property
    def policies(self) -> tuple[Policy, ...]:
        """Every policy in order; a rule that two have is the first one's."""
        return together((self.policy, *self.more))

    def policy_named(self, policy_id: str) -> Policy | None:
        """Return the school's policy with that id; None when it does not follow it."""
        return next((policy for policy in self.policies if policy.id == policy_id), None)

    @cached_property
    def details(self) -> SchoolDetails:
        """The school as its letters show it."""
        return SchoolDetails(name=self.config.name, **dict(self.config.letters))

    @property
    def ladder_gap(self) -> int:
        """School days between two letters of one ladder."""
        own = self.config.run.ladder_gap_days
        return self.policy.days_between_letters if own is None else own

    @property
    def ladder_mode(self) -> Literal["sequence", "highest"]:
        """What happens when several steps of a ladder are due at once."""
        return self.config.run.catch_up or self.policy.catch_up


def load_school(config: SchoolConfig) -> LoadedSchool:
    """Load what a school's settings name.

    Raises PolicyError when its policy cannot be used, ConfigError when a picture of its letterhead cannot be read.
    """
    first, *more = policies_of(config)
    school = LoadedSchool(config, first, config_hash(config), tuple(more))
    try:
        _ = school.details.logo_bytes, school.details.signature_bytes
    except OSError as error:
        name = Path(error.filename or "").name
        raise ConfigError(
            f"the picture {name} of {config.id}'s letters cannot be read: {why(error)}",
            fix=what_to_do(error, "check the file and its permissions"),
        ) from error
    return school


def policies_of(config: SchoolConfig) -> tuple[Policy, ...]:
    """Load a school's policies with their rules switched on, off and ended as its settings say. Raise PolicyError."""
    run = config.run
    return together(
        [
            switched(
                load_policy(policy_source(name), unfilled),
                on=run.rules_on,
                off=run.rules_off,
                until=run.rules_until,
            )
            for name in config.policy
        ]
    )


def config_hash(school: SchoolConfig) -> str:
    """Return a short mark of a school's settings: the same settings give the same mark."""
    return hashlib.sha256(school.model_dump_json().encode()).hexdigest()[:16]
