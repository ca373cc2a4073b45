"""A pupil who misses half of the sessions or more: which letters then have words of their own, after a talk with a person.

A person rings or visits first, so such a letter waits for a release; and a family has one of them at a time.
"""

from __future__ import annotations

from collections.abc import Mapping

from rules.events import Event
from rules.policy import Policy
from rules.rule.outcome import Outcome

SEVERE_LETTER = "severe-absence"
"""The one letter in the place of those in IN_ITS_WORDS."""
STEPS: Mapping[str, str] = {
    "clinic-invitation": "clinic",
    "letter-1": "plan",
    "letter-2": "panel",
    "officer-meeting": "officer",
    "formal-meeting": "formal",
    "screening-3": "officer",
}
"""The next step that the letter offers, where it is more than a talk, by the letter in whose place it stands."""
IN_ITS_WORDS = frozenset(
    {"at-risk", "initial-warning", "concern", "further-concern", "persistent-absence", "clinic-invitation", "screening-1",
     "screening-2", "three-days-missed", "colour-letter", "parents-report", "summary", *STEPS}
)  # fmt: skip
"""Letters about the year's attendance, without the law: SEVERE_LETTER stands in their place."""
FORMAL = frozenset(
    {"explanation", "holiday-warning", "late-letter", "late-meeting", "late-persistent", "late-unauthorised",
     "lateness-meeting", "letter-3", "notice-to-improve", "penalty-warning", "referral", "ruled-unauthorised", "truancy-warning"}
)  # fmt: skip
"""Letters that keep their text, and wait in the same way. Every other one goes as always: a call for a pupil who is
missing, answers to the family, thanks."""


def misses_half(policy: Policy, attended: int, possible: int) -> bool:
    """Return True for more than half of the sessions missed, once there are enough of them for a percentage.

    Exactly half is so where the policy's bands count it with what lies below it.
    """
    if possible < max(policy.minimum_possible_sessions, 1) or 2 * attended > possible:
        return False
    return 2 * attended < possible or policy.band_of(1, 2) == policy.band_of(49, 100)


def waits_for_a_talk(event: Event) -> bool:
    """Return True when an event has a letter that goes to such a family only after a talk."""
    return any(
        one.kind == "letter" and (one.name in IN_ITS_WORDS or one.name in FORMAL) for one in event.outcomes
    )


def in_its_words(outcome: Outcome) -> bool:
    """Return True for a letter that SEVERE_LETTER stands for."""
    return outcome.kind == "letter" and outcome.name in IN_ITS_WORDS


def next_step(event: Event) -> str:
    """Return the step that the letter offers: "clinic", "plan", "panel", "officer", "formal" or "talk"."""
    return next((STEPS[one.name] for one in event.outcomes if one.name in STEPS), "talk")
