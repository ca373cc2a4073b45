"""What is wrong with a configuration although every key is well formed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from connector.config.file import Config
from connector.config.own_folders import folder_findings
from connector.config.school import SchoolConfig
from connector.errors import Finding, did_you_mean
from letters.pack_texts import unfilled
from rules.codes import GIVEN, absence_codes
from rules.policy import Policy, PolicyError, load_policy, shipped_policies, together

STATUTORY = "england-2024"
"""The pack of the law in force in England."""


def logical_findings(config: Config) -> list[Finding]:
    """Return schools with one id or one folder, files that are not there, policies that cannot be read, unknown rules."""
    file = str(config.path)
    counted = Counter(school.id for school in config.schools)
    findings = [
        Finding(f"{file}: school[{index}].id", f"'{school.id}' is used twice", "give each school its own id")
        for index, school in enumerate(config.schools)
        if counted[school.id] > 1
    ]
    schedule = config.service.schedule
    if not (schedule.daily or schedule.weekly or schedule.every_seconds):
        findings.append(Finding(f"{file}: service.schedule", "holds no time at all", "add a time to daily"))
    for index, school in enumerate(config.schools):
        findings += _files(school, f"{file}: school[{index}]")
        findings += _policy(school, f"{file}: school[{index}]")
        findings += _codes(school, f"{file}: school[{index}]")
    findings += folder_findings(config)
    return findings


def _files(school: SchoolConfig, where: str) -> Iterator[Finding]:
    wanted: tuple[tuple[str, Path | None, bool], ...] = (
        ("http.ca_bundle", school.http.ca_bundle, False),
        ("letters.logo", school.letters.logo, False),
        ("letters.signature", school.letters.signature, False),
        ("letters.templates", school.letters.templates, True),
        ("supply.calendar", school.supply.calendar, False),
        ("supply.contacts", school.supply.contacts, False),
        ("supply.pupils", school.supply.pupils, False),
        ("supply.records", school.supply.records, False),
    )
    for key, path, folder in wanted:
        if path is None:
            continue
        if folder and not path.is_dir():
            yield Finding(f"{where}.{key}", f"there is no folder {path}", "make it, or correct the path")
        elif not folder and not path.is_file():
            yield Finding(f"{where}.{key}", f"there is no file {path}", "put it there, or correct the path")


def _policy(school: SchoolConfig, where: str) -> Iterator[Finding]:
    policies = []
    for name in school.policy:
        try:
            policies.append(load_policy(policy_source(name), unfilled))
        except PolicyError as error:
            shipped = name in shipped_policies() or not name.endswith(".toml")
            fix = did_you_mean(name, shipped_policies()) if shipped else "correct the policy file"
            for spot, message in error.findings:
                yield Finding(f"{where}.policy: {error.source}: {spot}", message, fix)
    if len(policies) < len(school.policy):
        return
    try:
        together(policies)
    except PolicyError as error:
        for _, message in error.findings:
            yield Finding(f"{where}.policy: {error.source}", message, "name each policy once")
        return
    yield from _rules(school, policies, where)


def _codes(school: SchoolConfig, where: str) -> Iterator[Finding]:
    """Yield each code of given absence, and of an exclusion, that is no code of absence: it would send a letter."""
    known = absence_codes(school.nation)
    named = [
        *((f"run.given_absence[{n}]", one.codes) for n, one in enumerate(school.run.given_absence)),
        *((f"exclusions[{n}]", one.codes) for n, one in enumerate(school.exclusions)),
    ]
    for place, codes in named:
        for code in codes:
            if code not in known:
                message = f"'{code}' is no code of absence in {school.nation.title()}"
                yield Finding(f"{where}.{place}.codes", message, f"use codes such as {', '.join(GIVEN)}")


def _rules(school: SchoolConfig, policies: Sequence[Policy], where: str) -> Iterator[Finding]:
    known = {rule.id for policy in policies for rule in policy.rules}
    for rule in school.run.review:
        if rule != "all" and rule not in known:
            yield no_rule(f"{where}.run.review", rule, policies, known)
    for key in ("settling_by_rule", "hold_above_events_of_rule", "rules_on", "rules_off", "rules_until"):
        for rule in getattr(school.run, key):
            if rule not in known:
                yield no_rule(f"{where}.run.{key}", rule, policies, known)
    for number, exclusion in enumerate(school.exclusions):
        for rule in exclusion.rules:
            if rule not in known:
                yield no_rule(f"{where}.exclusions[{number}].rules", rule, policies, known)


def no_rule(where: str, rule: str, policies: Sequence[Policy], known: set[str]) -> Finding:
    """Return the finding for a rule that none of the school's policies has."""
    names = " and ".join(policy.id for policy in policies)
    lacks = "has" if len(policies) == 1 else "have"
    which = "policy" if len(policies) == 1 else "policies"
    return Finding(where, f"the {which} {names} {lacks} no rule '{rule}'", did_you_mean(rule, known))


def policy_source(text: str) -> str | Path:
    """Return what load_policy takes: a shipped pack's id as it is, anything that looks like a file as a path."""
    return Path(text) if text.endswith(".toml") or "/" in text or "\\" in text else text
