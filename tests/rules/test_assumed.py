"""Figures that a policy's text does not give are marked as the school's own, and clauses are headings of the text."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from importlib.resources import files

import pytest

from rules.describe import assumed_of, describe
from rules.explain import explain
from rules.policy import PolicyError, load_policy, parse_policy, shipped_policies
from rules.rule.assumed import SET_BY_SCHOOL, named
from tests.letters.letter_school import made_up_event, policy, register

RULES = {
    "aycliffe-drive": ["no-contact", "at-risk", "ten-day-absence", "lateness", "religious-allowance", "certificate-100"],
    "hcat": ["stage-2", "stage-3", "second-notice", "three-days-missed", "late-meeting", "missing-education", "improved"],
    "aspire": ["authority-termly", "whereabouts-leave", "health-15", "truancy-first", "truancy-again", "legal-intervention"],
    "thringstone": ["concern", "further-concern", "referral", "late-letter", "late-persistent", "holiday-warning", "code-overdue", "parents-report"],
    "cadle": [
        "screening-1", "screening-2", "screening-3", "welfare-list", "no-explanation", "at-risk-first-morning", "long-holiday", "penalty-notice",
        "certificate-100", "class-of-the-week",
    ],
    "england-2024": ["sickness-return", "notice-to-improve", "summary"],
}  # fmt: skip
"""Rules with a figure that the text does not give."""
EVERY_PACK = {"minimum_possible_sessions", "rearm_school_days", "days_between_letters", "once_a_year"}
KEYS = {
    "aycliffe-drive": {"dated", "keep_years", "bands", "tested_daily", "rolling_windows"},
    "hcat": {"dated", "keep_years", "bands", "colours", "tested_daily", "rolling_windows"},
    "aspire": {"dated", "bands", "tested_daily"},
    "thringstone": {"tested_daily"},
    "cadle": {"target", "keep_years", "bands"},
    "england-2024": {"tested_daily", "rolling_windows"},
}
"""What a pack as a whole sets, besides what every one does."""
OTHER_READINGS = [
    ("hcat", "late-meeting"),
    ("hcat", "stage-2"),
    ("aspire", "truancy-again"),
    ("aycliffe-drive", "penalty-notice"),
]
NO_HEADINGS = re.compile(
    r"First day of absence|Authorised and unauthorised absence|Monitoring, |Reporting to the|Penalty notices|Lateness$|"
    r"Religious observance, two|Rewards, |second Fixed|Strategies for promoting attendance, |Severe absence|Persistent absence|"
    r"Attendance below|Deletion from|Health needs|Truancy, |Leave of absence|Half-termly|Education welfare|Unexplained absence, |"
    r"Pupils on the child|Registers, |Holidays(, | in term time)|National framework for"
)
"""Labels that stood in packs once and that no text has as a heading."""
DATED = {"thringstone": date(2023, 5, 15), "cadle": date(2015, 10, 14), "aspire": date(2023, 9, 1)}
PACK = files("rules").joinpath("policies", "hcat.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize("pack", shipped_policies())
def test_every_figure_that_the_text_does_not_give_is_marked(pack: str) -> None:
    own = policy(pack)
    assert set(RULES[pack]) <= {rule.id for rule in own.rules if rule.assumed}
    assert {key for key, _ in own.assumed.sentences()} == EVERY_PACK | KEYS[pack]


@pytest.mark.parametrize("pack", shipped_policies())
def test_an_assumed_sentence_never_names_the_figure_so_that_a_school_may_change_it(pack: str) -> None:
    own = policy(pack)
    sentences = [rule.assumed for rule in own.rules if rule.assumed]
    for sentence in [*sentences, *(text for _, text in own.assumed.sentences())]:
        assert re.match(r"(The (policy|law|text|guidance)|No text)\b", sentence), sentence
        assert sentence.endswith(".")
        assert not re.search(r"\d", sentence.replace("letter 1", "").replace("stage 1", "")), sentence


@pytest.mark.parametrize("pack", shipped_policies())
def test_no_clause_is_a_label_that_the_text_does_not_have(pack: str) -> None:
    for rule in policy(pack).rules:
        assert not NO_HEADINGS.match(rule.clause), rule.id


def test_where_a_text_has_two_readings_the_pack_names_the_other() -> None:
    for pack, rule in OTHER_READINGS:
        assert policy(pack).rule(rule).other_readings, rule
    for pack in ("hcat", "aspire", "aycliffe-drive"):
        assert policy(pack).other_readings
        assert f"  - {policy(pack).other_readings[0]}" in list(describe(policy(pack)))


@pytest.mark.parametrize(("pack", "day"), DATED.items())
def test_a_pack_is_dated_as_its_text_is(pack: str, day: date) -> None:
    assert policy(pack).dated == day


def test_a_policy_as_sentences_says_which_figures_are_the_schools_own() -> None:
    lines = list(describe(policy("cadle")))
    start = lines.index("Set by the school, not stated in the policy:")
    assert lines[start + 1] == "  - target (95): The policy gives no target; it was chosen."
    rule = lines.index("long-holiday: More than ten school days of agreed holiday in a school year")
    shown = named(policy("cadle").rule("long-holiday").assumed)
    assert f"  {shown}" in lines[rule : rule + 6]
    stated = lines.index("n-to-o: Still without explanation after two weeks")
    assert not any(SET_BY_SCHOOL in line.casefold() for line in lines[stated : stated + 4])


def test_an_unknown_key_and_a_key_for_what_the_pack_does_not_have_are_refused() -> None:
    line = next(n for n, row in enumerate(PACK.splitlines(), 1) if row.startswith("once_a_year ="))
    with pytest.raises(PolicyError) as caught:
        parse_policy(PACK.replace("once_a_year =", "twice_a_year ="), "ours.toml")
    ((place, message),) = caught.value.findings
    assert (place, "not permitted" in message) == (f"assumed.twice_a_year, line {line}", True)
    bare = re.sub(r'(?ms)^\[\[colours\]\]\nname = "\w+"\nattendance = "[^"]+"\n', "", PACK)
    bare = bare.replace('target = "97"\n', "").replace("[assumed]\n", '[assumed]\ntarget = "None."\n')
    with pytest.raises(PolicyError) as caught:
        parse_policy(bare, "ours.toml")
    assert [message for _, message in caught.value.findings] == [
        "the pack has no target",
        "the pack has no colours",
    ]
    places = [place for place, _ in caught.value.findings]
    assert all(re.fullmatch(r"assumed\.(target|colours), line \d+", place) for place in places), places


def test_an_event_knows_it_by_its_own_policy_and_by_the_version_of_its_day() -> None:
    hcat, cadle = policy("hcat"), policy("cadle")
    event = made_up_event(hcat, hcat.rule("late-meeting"))
    assert assumed_of(event, [cadle, hcat]) == hcat.rule("late-meeting").assumed
    assert assumed_of(replace(event, pack="cadle"), [cadle, hcat]) == ""
    assert assumed_of(event, [cadle]) == ""
    assert assumed_of(replace(event, pack=""), [hcat, cadle]) == hcat.rule("late-meeting").assumed
    ended = hcat.rule("late-meeting").model_copy(update={"until": event.date.replace(day=1)})
    assert assumed_of(event, [hcat.model_copy(update={"rules": (ended,)})]) == ended.assumed
    later = hcat.rule("late-meeting").model_copy(update={"start": date(2026, 1, 1), "assumed": "Other."})
    first = hcat.rule("late-meeting").model_copy(update={"until": date(2025, 12, 31)})
    both = hcat.model_copy(update={"rules": (later, first)})
    assert assumed_of(replace(event, date=date(2025, 12, 31)), [both]) == first.assumed
    assert assumed_of(replace(event, date=date(2026, 1, 1)), [both]) == "Other."


def test_a_rule_that_is_explained_says_so_too() -> None:
    explained = {rule.rule: rule for rule in explain(register(), load_policy("hcat"), "1")}
    assert explained["late-meeting"].assumed == policy("hcat").rule("late-meeting").assumed
    assert explained["stage-1"].assumed == ""


def test_no_words_are_made_where_the_text_gives_the_figure() -> None:
    assert named("") == ""
    assert (
        named("The policy gives none.")
        == "Set by the school, not stated in the policy: The policy gives none."
    )
