"""What the policies' own rules say of this morning: pupils whom they list for calls, and alerts of a first morning.

The rules are judged on the register of the morning, in which the afternoon counts as not possible. Only rules that a
list of calls can rest on are asked: those whose outcome is the list of calls, and those about the morning session. Their
events stand in no ledger: the evening's run judges the whole day.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from letters.facts import Facts
from letters.reports.digest import CALLS
from letters.school_details import SchoolDetails
from letters.sentence import fill
from rules.evaluate import evaluate
from rules.events import Event
from rules.kinds.marks.day import Day
from rules.kinds.marks.running import Running
from rules.policy import Policy
from rules.register import Register
from rules.rule import Rule
from rules.statistics import Tally


@dataclass(frozen=True, slots=True)
class MorningAlert:
    """One event of today that the office must know of this morning."""

    event: Event
    own_list: str = ""
    """The list of its own that it has in the policy; empty for the list of calls."""
    sentence: str = ""
    """What the policy says of it, such as that a visit is due today; empty where the list itself says enough."""


def morning_alerts(
    register: Register, policies: Sequence[Policy], school: SchoolDetails, day: date
) -> list[MorningAlert]:
    """Given the register of the morning, return today's events of the rules that a list of calls can rest on."""
    found = []
    for policy in policies:
        rules = {rule.id: rule for rule in policy.rules if _is_asked(rule) and policy.acts_on(rule.id)}
        if not rules:
            continue
        tally = Tally(register, since=policy.start)
        for event in evaluate(register, policy, day, in_run=True).events:
            rule = rules.get(event.rule)
            if rule is not None and event.date == day and event.pupil_id is not None:
                facts = Facts(event, register, tally, policy, school, "", day)
                says_more = isinstance(rule.when, Running)
                found.append(
                    MorningAlert(event, _own_list(rule), fill(rule.note, facts) if says_more else "")
                )
    return found


def _is_asked(rule: Rule) -> bool:
    lists = [outcome.name for outcome in rule.outcomes if outcome.kind == "list"]
    return CALLS in lists or (bool(lists) and isinstance(rule.when, Day) and rule.when.session == "AM")


def _own_list(rule: Rule) -> str:
    lists = [outcome.name for outcome in rule.outcomes if outcome.kind == "list"]
    return "" if CALLS in lists else lists[0]
