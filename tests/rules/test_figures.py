"""Titles and lists of a pack take the figures of its own conditions; what they cannot take is a fault with its line."""

from __future__ import annotations

import re

import pytest

from rules.kinds import CONDITIONS
from rules.policy import PolicyError, lists_of, load_policy, parse_policy, shipped_policies
from rules.rule.figures import FIGURES, fields_in, fill
from rules.rule.words import as_school_days, as_weeks, counted, number_word, ordinal_word, times_word
from rules.thresholds import Interval, Threshold
from tests.rules.test_kinds import HEAD

LIST = '\n[[lists]]\nname = "late"\ntitle = "{title}"\ninstruction = "{instruction}"\n'
RULE = """
[[rules]]
id = "{id}"
title = "{title}"
clause = "own"
kind = "count"
when = {{ codes = ["L"], at_least = {many}, within = "half_term" }}
outcomes = ["note", "list:late"]
"""


def pack(
    title: str = "Late", listed: str | None = "Late", *, instruction: str = "Ring.", more: str = ""
) -> str:
    entry = "" if listed is None else LIST.format(title=listed, instruction=instruction)
    return HEAD + entry + RULE.format(id="late", title=title, many=3) + more


def findings(text: str) -> list[tuple[str, str]]:
    with pytest.raises(PolicyError) as caught:
        parse_policy(text, "own.toml")
    return caught.value.findings


@pytest.mark.parametrize(
    ("kind", "when", "figures"),
    [
        ("count", '{ codes = ["O", "U"], at_least = 10, within = "weeks", weeks = 12 }',
         {"codes": "O or U", "threshold": "10", "threshold_words": "ten", "threshold_ordinal": "tenth",
          "threshold_sessions": "ten sessions", "threshold_times": "ten times", "threshold_days": "five school days",
          "over_days": "4.5 school days", "window": "twelve weeks"}),
        ("count", '{ counted_as = "absent", at_least = 1, within = "year" }',
         {"threshold": "1", "threshold_words": "one", "threshold_ordinal": "first", "threshold_sessions": "one session",
          "threshold_times": "once", "threshold_days": "half a school day", "window": "a school year"}),
        ("count", '{ counted_as = "unauthorised", at_least = 21, within = "term", year_to_date = "< 90" }',
         {"threshold": "21", "threshold_words": "21", "threshold_ordinal": "21st", "threshold_sessions": "21 sessions",
          "threshold_times": "21 times", "threshold_days": "10.5 school days", "over_days": "ten school days",
          "window": "a term", "limit": "below 90%", "limit_percent": "90"}),
        ("running", '{ codes = ["N"], days = [2, 4] }',
         {"codes": "N", "threshold": "2 and 4", "threshold_words": "two and four",
          "threshold_ordinal": "second and fourth", "threshold_days": "two and four school days"}),
        ("count-or-running", '{ count = { codes = ["I"], at_least = 30, within = "year" }, running = { codes = ["I"], days = [15] } }',
         {"codes": "I", "threshold": "30", "threshold_words": "30", "threshold_ordinal": "30th",
          "threshold_sessions": "30 sessions", "threshold_times": "30 times", "threshold_days": "fifteen school days",
          "over_days": "14.5 school days, or fourteen school days running", "window": "a school year"}),
        ("overdue", '{ codes = ["N"], school_days = 5 }', {"codes": "N", "threshold_days": "five school days"}),
        ("overdue", '{ codes = ["N"], days = 14 }', {"codes": "N", "threshold_days": "two weeks"}),
        ("percentage", '{ absence = ">= 10" }', {"limit": "10% or more", "limit_percent": "10"}),
        ("period-end", '{ period = "term", attendance = ">= 100" }',
         {"window": "a term", "limit": "100%", "limit_percent": "100"}),
        ("leave-request", "{ refused_above_authorised_percent = 10, performance_refused_below = 96 }",
         {"authorised_limit": "10%", "performance_limit": "96%"}),
        ("day", '{ codes = ["N"] }', {"codes": "N"}),
    ],
)  # fmt: skip
def test_a_condition_says_its_figures_in_words(kind: str, when: str, figures: dict[str, str]) -> None:
    text = f'{HEAD}\n[[rules]]\nid = "a"\ntitle = "a"\nclause = "own"\nkind = "{kind}"\nwhen = {when}\noutcomes = ["note"]\n'
    assert parse_policy(text, "own.toml").rules[0].figures() == figures


def test_every_figure_of_every_shipped_rule_is_listed_with_its_meaning() -> None:
    assert CONDITIONS
    for name in shipped_policies():
        for rule in load_policy(name).rules:
            assert set(rule.figures()) <= set(FIGURES), rule.id


def test_a_title_is_filled_from_its_own_condition_and_begins_with_a_capital() -> None:
    rule = parse_policy(pack("«threshold_times» late in «window»"), "own.toml").rules[0]
    assert rule.title == "Three times late in a half term"
    assert rule.model_dump(by_alias=True)["title"] == "«threshold_times» late in «window»"
    assert fields_in("«a» and « b »") == ["a", "b"]
    assert fill("at «a» «b»", {"a": "ten"}) == "at ten «b»"


def test_no_shipped_title_or_list_shows_a_field() -> None:
    for name in shipped_policies():
        own = load_policy(name)
        texts = [rule.title for rule in own.rules]
        texts += [text for one in lists_of([own]).values() for text in (one.title, one.instruction)]
        assert not [text for text in texts if re.search("[«»]", text)]


def test_an_unknown_figure_in_a_title_is_refused_with_the_nearest_and_the_line() -> None:
    text = pack("Late «treshold_times»")
    ((place, message),) = findings(text)
    line = next(n for n, row in enumerate(text.splitlines(), 1) if "treshold" in row)
    assert place == f"rules[1].title (late), line {line}"
    assert message.startswith("«treshold_times» is no figure of its rule: did you mean «threshold_times»?")


def test_a_list_that_an_outcome_names_need_not_be_described() -> None:
    own = parse_policy(pack(listed=None), "own.toml")
    assert own.undescribed_lists == ("late",)
    assert (own.list_named("late"), lists_of([own])) == (None, {})
    assert parse_policy(pack(listed="Ours"), "own.toml").undescribed_lists == ()


@pytest.mark.parametrize("name", shipped_policies())
def test_a_shipped_pack_describes_every_list(name: str) -> None:
    assert load_policy(name).undescribed_lists == ()


def test_a_list_described_twice_is_refused() -> None:
    ((place, message),) = findings(pack(more=LIST.format(title="Again", instruction="Ring.")))
    assert place.startswith("lists[2].name (late), line ")
    assert "is there twice" in message


def test_a_list_takes_the_figures_that_all_its_rules_have_alike() -> None:
    alike = RULE.format(id="late-too", title="Late", many=3)
    other = RULE.format(id="late-too", title="Late", many=4)
    own = parse_policy(pack(listed="Late «threshold_times»", instruction="«window».", more=alike), "own.toml")
    found = lists_of([own])["late"]
    assert (found.title, found.instruction) == ("Late three times", "A half term.")
    ((_, message),) = findings(pack(listed="Late «threshold_times»", more=other))
    assert message.startswith("«threshold_times» is no figure of its rule")


def test_of_two_packs_the_first_ones_list_stands_and_its_order() -> None:
    first, second = load_policy("thringstone"), load_policy("england-2024")
    assert list(lists_of([first, second])) == [
        *("severe", "persistent", "calls", "code-overdue"),
        *("authority-returns", "exclusions", "told", "authority-irregular", "part-time"),
    ]
    own = parse_policy(pack(listed="Ours"), "own.toml")
    other = parse_policy(pack(listed="Theirs").replace('id = "own"', 'id = "other"'), "other.toml")
    assert lists_of([own, other])["late"].title == "Ours"
    assert lists_of([other, own])["late"].title == "Theirs"


@pytest.mark.parametrize(
    ("attendance", "label"),
    [
        (">= 100", "100%"), (">= 97, < 100", "97 to 99.9%"), ("> 90, < 92", "90.1 to 91.9%"),
        (">= 50, <= 90", "50 to 90%"), ("< 50", "below 50%"), ("<= 50", "50% and below"),
        (">= 96", "96% and above"), ("> 90", "above 90%"),
        (">= 0, <= 0", "0%"), ("> 0, < 50", "0.1 to 49.9%"), ("> 90, < 90.1", "90.1%"), (">= 90, < 90.1", "90%"),
    ],
)  # fmt: skip
def test_a_band_says_its_own_range(attendance: str, label: str) -> None:
    assert Interval.parse(attendance).label == label


def test_a_band_of_the_schools_own_may_say_it_otherwise() -> None:
    assert parse_policy(pack(), "own.toml").bands[0].range == "all"
    assert load_policy("hcat").bands[1].range == "97 to 99.9%"


@pytest.mark.parametrize(
    ("text", "words"),
    [("< 90", "below 90%"), ("<= 90", "90% or less"), ("> 90", "above 90%"), (">= 90", "90% or more"),
     (">= 100", "100%"), (">= 92.5", "92.5% or more")],
)  # fmt: skip
def test_a_comparison_reads_as_words(text: str, words: str) -> None:
    assert Threshold(text).words == words


def test_numbers_are_words_up_to_twenty() -> None:
    assert [number_word(n) for n in (0, 1, 20, 21)] == ["no", "one", "twenty", "21"]
    assert [ordinal_word(n) for n in (1, 20, 21, 22, 23, 24, 111)] == [
        "first", "twentieth", "21st", "22nd", "23rd", "24th", "111th",
    ]  # fmt: skip
    assert [times_word(n) for n in (1, 2, 3)] == ["once", "twice", "three times"]
    assert [counted(n, "week") for n in (1, 2)] == ["one week", "two weeks"]
    assert [as_weeks(n) for n in (0, 6, 7, 8, 28)] == [
        "no days",
        "six days",
        "one week",
        "eight days",
        "four weeks",
    ]
    assert [as_school_days(n) for n in (1, 2, 3, 6)] == [
        "half a school day", "one school day", "1.5 school days", "three school days",
    ]  # fmt: skip
