"""A policy as sentences: what each rule waits for, what follows, and the clause that says so."""

from __future__ import annotations

from collections.abc import Iterator

from rules.policy import Policy
from rules.rule import Rule
from rules.rule.outcome import Outcome


def describe(policy: Policy) -> Iterator[str]:
    """Yield the policy line by line, ready to print."""
    yield f"{policy.title} ({policy.id}, version {policy.version} of {policy.dated})"
    yield f"Written for {policy.nation.title()}, codes {policy.code_set}."
    if policy.target is not None:
        yield f"Target for the whole school: {float(policy.target):g}%."
    yield "Bands: " + "; ".join(f"{band.name} {band.label}" for band in policy.bands) + "."
    if policy.colours:
        yield "Colours: " + "; ".join(f"{c.name} {c.attendance.words}" for c in policy.colours) + "."
    for penalty in policy.penalties:
        second = f", a second one £{penalty.second}" if penalty.second else ""
        yield (
            f"Penalty notices from {penalty.start}: £{penalty.first} within {penalty.first_days} days, "
            f"£{penalty.full} within {penalty.full_days}{second} [{penalty.clause}]."
        )
    for rule in policy.rules:
        yield ""
        yield from describe_rule(rule)
    if policy.notes:
        yield ""
        yield "Readings of the text that were settled:"
        yield from (f"  - {note}" for note in policy.notes)


def describe_rule(rule: Rule) -> Iterator[str]:
    """Yield one rule: its name, when it fires, what follows, and its clause."""
    yield f"{rule.id}: {rule.title}"
    law = ", for pupils of compulsory school age" if rule.law else ""
    yield f"  When: {rule.when.words()}{law}."
    yield f"  Then: {'; '.join(outcome_words(outcome) for outcome in rule.outcomes)}" + (
        ", one for each parent." if rule.per_parent else "."
    )
    if rule.ladder:
        yield f"  Step {rule.rung} of the ladder '{rule.ladder}'."
    if rule.start or rule.until:
        start = f"from {rule.start} " if rule.start else ""
        until = f"until {rule.until}" if rule.until else ""
        yield f"  In force {start}{until}".rstrip() + "."
    yield f"  Clause: {rule.clause}"
    yield from (f"  Not taken: {reading}" for reading in rule.other_readings)


def outcome_words(outcome: Outcome) -> str:
    """Return `letter:letter-1` as "letter letter-1"."""
    names = {"list": "a line in the list", "document": "the document", "certificate": "the certificate"}
    return (
        f"{names.get(outcome.kind, 'the letter')} {outcome.name}" if outcome.name else "a note on the pupil"
    )
