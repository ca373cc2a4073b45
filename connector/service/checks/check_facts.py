"""What `check` says of facts that nobody gives: once a school, and by each rule and exclusion that asks for one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from connector.adapters.facts_not_given import FACTS, fact_of, told_together, words_of
from connector.config import SchoolConfig
from connector.errors import Finding
from rules.policy import Policy
from rules.rule import Rule
from rules.school import Exclusion

_FACT_OF_FLAG = {"sen": "sen_status", "under_age": "date_of_birth", "over_age": "date_of_birth"}


def fact_findings(
    school: SchoolConfig,
    findings: Sequence[Finding],
    policies: Iterable[Policy],
    exclusions: Iterable[Exclusion],
    where: str,
) -> list[Finding]:
    """Given what an adapter's check found, return it less what `[school.contacts]` answers, with what follows from the rest.

    ``exclusions``: of the settings and the records. ``where``: the school's table in the configuration. Findings about
    facts with the same consequence are named together.
    """
    left = [finding for finding in findings if finding.fact not in school.contacts.answers]
    missing = {finding.fact for finding in left if finding.fact}
    asked = [
        Finding(place, message, FACTS[fact].supply, "warning")
        for place, fact, message in (*_rules(policies, where), *_exclusions(exclusions, where))
        if fact in missing
    ]
    return [*told_together(left), *asked]


def _rules(policies: Iterable[Policy], where: str) -> Iterator[tuple[str, str, str]]:
    """Yield for each fact that rules of a policy ask for: the place, the fact, and what follows when nobody gives it."""
    for policy in policies:
        asking: dict[tuple[str, str], list[str]] = {}
        for rule in policy.rules:
            if policy.acts_on(rule.id):
                for asked in dict.fromkeys(_asked(rule)):
                    asking.setdefault(asked, []).append(rule.id)
        for (fact, follows), rules in asking.items():
            one = len(rules) == 1
            message = (
                f"the rule{'' if one else 's'} {', '.join(rules)} of {policy.id} {'asks' if one else 'ask'} for "
                f"{words_of(fact)}, which nobody gives: {follows}"
            )
            yield f"{where}.policy", fact, message


def _asked(rule: Rule) -> Iterator[tuple[str, str]]:
    for name in rule.when.pupil_facts():
        yield fact_of(name), "without it nothing fires"
    for flag in rule.read_first:
        yield flag, "no letter waits to be read first"
    if rule.law:
        yield "date_of_birth", "every day counts as of compulsory school age"


def _exclusions(exclusions: Iterable[Exclusion], where: str) -> Iterator[tuple[str, str, str]]:
    for exclusion in exclusions:
        if exclusion.flag is not None:
            fact = _FACT_OF_FLAG.get(exclusion.flag, exclusion.flag)
            message = f"the exclusion of the flag {exclusion.flag} asks for {words_of(fact)}, which nobody gives: it protects no family"
            yield f"{where}.exclusions", fact, message
