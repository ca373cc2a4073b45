"""A policy as sentences: what each rule waits for, what follows, and the clause that says so."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rules.events import Event
from rules.law import law_of
from rules.policy import Policy, lists_of
from rules.rule import Rule
from rules.rule.assumed import SET_BY_SCHOOL, named
from rules.rule.outcome import Outcome
from rules.rule.words import day_words, listed


def describe(policy: Policy) -> Iterator[str]:
    """Yield the policy line by line, ready to print."""
    yield f"{policy.title} ({policy.id}, version {policy.version} of {policy.dated})"
    yield f"Written for {policy.nation.title()}, codes {policy.code_set}."
    if policy.review_by is not None:
        yield f"To be looked at again by {day_words(policy.review_by)}."
    if policy.target is not None:
        yield f"Target for the whole school: {float(policy.target):g}%."
    yield "Bands: " + "; ".join(f"{band.name} {band.range}" for band in policy.bands) + "."
    if policy.colours:
        yield "Colours: " + "; ".join(f"{c.name} {c.attendance.words}" for c in policy.colours) + "."
    yield from _penalty_notices(policy)
    yield from _assumed(policy)
    for one in lists_of([policy]).values():
        yield f"List {one.name}: {one.title}. {one.instruction}"
    for rule in policy.rules:
        yield ""
        yield from describe_rule(rule)
    if policy.notes:
        yield ""
        yield "Readings of the text that were settled:"
        yield from (f"  - {note}" for note in policy.notes)
    if policy.other_readings:
        yield ""
        yield "Where the text contradicts itself:"
        yield from (f"  - {reading}" for reading in policy.other_readings)


def _penalty_notices(policy: Policy) -> Iterator[str]:
    """Yield what a penalty notice asks for by the law of the policy's nation, by day."""
    for start, until, penalty in law_of(policy.nation).penalty_periods():
        second = f"; a second one within {penalty.years} years £{penalty.second}" if penalty.second else ""
        third = f", more than {penalty.limit} never" if penalty.limit else ""
        to = f" to {day_words(until)}" if until else " on"
        yield (
            f"Penalty notices by law from {day_words(start)}{to}: £{penalty.first} within {penalty.first_days} days, "
            f"£{penalty.full} within {penalty.full_days}{second}{third} [{penalty.reference}]."
        )


def _assumed(policy: Policy) -> Iterator[str]:
    """Yield what the policy sets as a whole where its text gives no figure, each with the figure."""
    sentences = list(policy.assumed.sentences())
    if sentences:
        yield f"{SET_BY_SCHOOL.capitalize()}:"
    for key, sentence in sentences:
        value = getattr(policy, key, None)
        figure = "" if value is None or isinstance(value, tuple) else f" ({value})"
        yield f"  - {key.replace('_', ' ')}{figure}: {sentence}"


def describe_rule(rule: Rule) -> Iterator[str]:
    """Yield one rule: its name, when it fires, what follows, and its clause."""
    yield f"{rule.id}: {rule.title}"
    law = ", for pupils of compulsory school age" if rule.law else ""
    yield f"  When: {rule.when.words()}{law}."
    yield f"  Then: {'; '.join(outcome_words(outcome) for outcome in rule.outcomes)}" + (
        ", one for each parent." if rule.per_parent else "."
    )
    if rule.waits_for_decision:
        yield "  While a form of the pupil waits for its decision, a later event makes no second one."
    if rule.ladder:
        yield f"  Step {rule.rung} of the ladder '{rule.ladder}'."
    if rule.read_first:
        yield f"  A person reads the letter first for a pupil with the flag {listed(rule.read_first, 'or')}."
    yield from (f"  {line}" for line in standing(rule))
    if rule.note:
        yield f"  Note: {rule.note}"
    yield f"  Clause: {rule.clause}"
    if rule.assumed:
        yield f"  {named(rule.assumed)}"
    yield from (f"  Not taken: {reading}" for reading in rule.other_readings)


def assumed_of(event: Event, policies: Sequence[Policy]) -> str:
    """Return what its policy says of a figure of the event's rule that the text does not give; empty where there is none.

    It holds for an event of a rule that has ended since, too. An event that names no policy is the first one's.
    """
    for policy in policies:
        if event.pack in (policy.id, ""):
            versions = [rule for rule in policy.rules if rule.id == event.rule]
            in_force = [rule for rule in versions if rule.in_force(event.date)]
            return next((rule.assumed for rule in in_force or versions), "")
    return ""


def standing(rule: Rule) -> Iterator[str]:
    """Yield from when to when a rule is in force, that it is off or waits for a release, where the pack or the configuration says so."""
    if rule.start or rule.until:
        start = f" from {day_words(rule.start)}" if rule.start else ""
        until = f" until {day_words(rule.until)}" if rule.until else ""
        yield f"In force{start}{until}."
    if rule.default == "off":
        yield "Off: a run acts on it only when the configuration switches it on (rules_on, or rules_off without it)."
    if rule.in_a_run_only:
        yield "Only in a run: a register that is evaluated alone has none of its events."
    if rule.release == "head":
        yield "Its documents always wait for the head's release (`events approve`)."


def titled(rule: Rule) -> str:
    """Return the rule's title, with its last day and that it is off where there is one: for tables of what it did."""
    ended = f"until {day_words(rule.until)}" if rule.until else ""
    more = ", ".join(
        word for word in (ended, "off unless switched on" if rule.default == "off" else "") if word
    )
    return f"{rule.title} ({more})" if more else rule.title


def outcome_words(outcome: Outcome) -> str:
    """Return `letter:letter-1` as "letter letter-1"."""
    names = {"list": "a line in the list", "document": "the document", "certificate": "the certificate"}
    return (
        f"{names.get(outcome.kind, 'the letter')} {outcome.name}" if outcome.name else "a note on the pupil"
    )
