"""What `check` says of a policy whose review is overdue."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from connector.config.school import SchoolConfig
from connector.errors import Finding
from rules.policy import Policy
from rules.rule.words import day_words


def review_findings(
    school: SchoolConfig, policies: Sequence[Policy], day: date, where: str
) -> Iterator[Finding]:
    """Yield each policy whose review was due before the day. The school's own setting takes the place of its first policy's."""
    for number, policy in enumerate(policies):
        own = school.policy_review_by if number == 0 else None
        due = own or policy.review_by
        if due is not None and due < day:
            key = f"{where}.policy_review_by" if own else f"{where}.policy"
            fix = "when the governors have looked at it, enter the next day" + (
                "" if own else f" as review_by in the policy {policy.id}"
            )
            yield Finding(
                key, f"the policy {policy.id} was to be looked at again by {day_words(due)}", fix, "warning"
            )
