"""The sentences of a pack: fields, date pictures and flags, filled from the facts of an event."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from letters import sentence
from letters.errors import UnknownField
from letters.facts import Facts
from tests.letters.letter_school import DAY, KEY, SCHOOL, made_up_event, policy, register, tally


def facts(pack: str = "hcat", rule: str = "unexplained-visit", late: int = 0, **figures: str | int) -> Facts:
    own = policy(pack)
    event = made_up_event(own, own.rule(rule))
    event = replace(event, figures={**event.figures, **figures})
    on = DAY + timedelta(days=late)
    return Facts(event, register(own.nation), tally(own.nation), own, SCHOOL, KEY, on)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Day «count» without a reason.", "Day 2 without a reason."),
        ("Up to «figures_to» and «figures_to|d MMM»", "Up to 5 December 2025 and 5 Dec"),
        ("«?if_not_overdue»due today«/if_not_overdue»«?if_overdue»was due«/if_overdue»", "Due today"),
        ("«?if_overdue»late «?if_target»a«/if_target»«/if_overdue»on time", "On time"),
        ("No «Count» field in «COUNT»", "No 2 field in 2"),
        ("«threshold_days» running", "Two school days running"),
        ("nothing to fill", "Nothing to fill"),
    ],
)
def test_a_sentence_is_filled_with_fields_and_flags(text: str, said: str) -> None:
    assert sentence.fill(text, facts()) == said


@pytest.mark.parametrize(
    ("count", "said"), [(1, "1 session, 1 school day"), (3, "3 sessions, 3 school days")]
)
def test_counts_are_singular_and_plural(count: int, said: str) -> None:
    assert sentence.fill("«count_text», «count_days_text»", facts(count=count)) == said


@pytest.mark.parametrize(("days", "said"), [(0, "is due today."), (1, "was due on 5 December 2025.")])
def test_a_day_is_overdue_from_the_day_after_it(days: int, said: str) -> None:
    own = facts(late=days)
    assert sentence.fill(own.policy.rule("unexplained-visit").note, own).endswith(f"a home visit {said}")


@pytest.mark.parametrize(("days", "overdue"), [(5, False), (6, True)])
def test_a_return_is_overdue_after_the_days_that_the_pack_gives(days: int, overdue: bool) -> None:
    own = facts("aycliffe-drive", "part-time-return", late=days)
    said = sentence.fill(own.policy.rule("part-time-return").note, own)
    due = "is overdue: it was due" if overdue else "is due"
    assert said == (
        f"A part-time timetable begins: the return to the authority {due} within five days, by 10 December 2025."
    )


@pytest.mark.parametrize(
    ("day", "said"), [(2, "2, two school days, second"), (4, "4, four school days, fourth")]
)
def test_a_rule_that_fires_on_several_days_of_a_run_says_the_days_own_figure(day: int, said: str) -> None:
    own = facts(threshold=day, count=day)
    assert sentence.fill("«threshold», «threshold_days», «threshold_ordinal»", own) == said


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("«cuont_text» missed", "«cuont_text» is no field: did you mean «count_text»?"),
        ("«zzzzqq»", "«zzzzqq» is no field; `letters fields` lists them"),
        ("«sessions»", "«sessions» cannot stand here: it is a field of the kind rows"),
        ("«if_target»", "«if_target» cannot stand here: it is a field of the kind yes/no"),
        ("«?count»x«/count»", "«?count» cannot stand here: it is a field of the kind number"),
        ("«?if_target»97", "«?if_target» has no end: write «/if_target» after it"),
        ("97«/if_target»", "«/if_target» ends nothing: write «?if_target» before it"),
        ("«count", "a « or » stands alone: a field is written «name»"),
    ],
)
def test_what_cannot_be_filled_is_named_with_the_nearest_field(text: str, fault: str) -> None:
    assert sentence.faults(text) == (fault,)
    with pytest.raises(UnknownField, match="note of the rule unexplained-visit in the policy hcat"):
        sentence.fill(text, facts())
