"""A pack whose figures are all changed by one says the new ones: no note, list or document names an old one.

Every rule of every shipped pack, whichever they are. Documents are filled with facts that hold no number but one that
no pack has, so that any other number in them is typed or is the rule's own.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from typing import Any

import pytest

from letters.facts import Facts
from letters.fields import registry
from letters.notes import note
from letters.pack_texts import typed_figures, unfilled
from letters.reports.digest import about
from letters.template.segments import Value
from rules.checks.pack_faults import text_faults
from rules.events import CountedMark
from rules.policy import Policy, lists_of, shipped_policies
from rules.rule import Rule
from rules.rule.words import number_word, ordinal_word
from tests.letters.letter_school import (
    DAY,
    KEY,
    SCHOOL,
    made_up_event,
    policy,
    register,
    tally,
    templates,
)
from tests.letters.reports.reading import text_of

COMPARED = re.compile(r"([<>]=?\s*)(\d+)")
MANY = 777
OTHER_DAY = date(2033, 8, 27)
OWN = {"threshold", "threshold_weeks", "rule_title", "band_range", "target_percent", "bands"}
"""Fields besides those of the condition that hold a figure of the pack."""
TENS = ("thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
WORDS = (
    {number_word(n): str(n) for n in range(2, 21)}
    | {ordinal_word(n): str(n) for n in range(3, 21)}
    | {word: str(10 * n) for n, word in enumerate(TENS, 3)}
)
NUMBER = re.compile(rf"(?<![\w£.,])(?:\d+(?!\w|[.,]\d)|(?:{'|'.join(WORDS)})(?!\w))", re.IGNORECASE)
NO_FIGURE = re.compile(
    r"a tenth of school or more|one session in ten"  # the law's own definition of persistent absence
    r"|\b(?:stage|letter|sections?) \d+|\b\d\. (?=[A-Z])"  # names, and points of an agenda
    r"|(?:\w+ )?\d{1,2}(?: to (?:\w+ )?\d{1,2})? (?:\w{3,12} )?20\d\d",  # days
    re.IGNORECASE,
)
SHIPPED = [(name, rule.id) for name in shipped_policies() for rule in policy(name).rules]


def changed(value: Any, key: str = "") -> Any:
    """Return a condition or a band with each number changed by one; the steps of a chain stay 1, 2, 3."""
    if isinstance(value, dict):
        return {name: changed(one, name) for name, one in value.items()}
    if isinstance(value, list):
        return [changed(one) for one in value]
    if isinstance(value, int) and not isinstance(value, bool) and key != "step":
        return value + 1
    if isinstance(value, str):
        return COMPARED.sub(
            lambda found: f"{found[1]}{int(found[2]) + (-1 if found[2] == '100' else 1)}", value
        )
    return value


@cache
def changed_pack(name: str) -> Policy:
    data = tomllib.loads(files("rules").joinpath("policies", f"{name}.toml").read_text(encoding="utf-8"))
    for band in (*data["bands"], *data.get("colours", ())):
        if band["attendance"] != ">= 100":
            moved = changed(band["attendance"])
            band["attendance"] = moved.replace("< 99", "< 100") if "< 100" in band["attendance"] else moved
    if "target" in data:
        data["target"] = str(int(data["target"]) + 1)
    for rule in data["rules"]:
        rule["when"] = changed(rule["when"])
        if "due_days" in rule:
            rule["due_days"] += 1
        rule["clause"] = "a heading of the text"
        rule.pop("assumed", None)
        rule.pop("other_readings", None)
    return Policy.model_validate(data)


def numbers(text: str) -> set[str]:
    return {WORDS.get(found[0].casefold(), found[0]) for found in NUMBER.finditer(NO_FIGURE.sub(" ", text))}


def figures_of(rule: Rule) -> set[str]:
    """Return the numbers of a rule's condition, and those in the words of the fields that its texts use."""
    said = rule.title_text + rule.note
    words = {
        name: words
        for name, words in rule.figures().items()
        if name != "codes" and (name != "over_days" or "«over_days»" in said)
    }
    raw = re.findall(r"(?<![\w.])\d+(?![\w.])", str(rule.when.model_dump(mode="json", exclude={"step"})))
    return {number for number in (*numbers("; ".join(words.values())), *raw) if int(number) > 1}


def old_figures(name: str, rule_id: str) -> tuple[Rule, set[str]]:
    was, now = policy(name).rule(rule_id), changed_pack(name).rule(rule_id)
    return now, figures_of(was) - figures_of(now)


def facts_of(pack: Policy, rule: Rule) -> Facts:
    event = made_up_event(pack, rule)
    own: dict[str, str | int] = {
        **event.figures,
        "attendance_percent": "77.7",
        "attended": MANY,
        "possible": 888,
    }
    own |= {name: MANY for name in ("count", "sessions_asked") if name in own}
    days = [DAY - timedelta(days=number) for number in range(33)]
    sessions = tuple(CountedMark(day, "AM", "O") for day in reversed(days)) if event.sessions else ()
    event = replace(event, figures=own, sessions=sessions)
    return Facts(event, register(pack.nation), tally(pack.nation), pack, SCHOOL, KEY, DAY)


def filled(facts: Facts, outcome: str, *, flags: bool) -> Iterator[str]:
    """Give the text of a document in every language, filled with no number of the facts."""
    for file in templates():
        if file.name != outcome:
            continue
        values: dict[str, Value] = {}
        for name, fill in registry.chosen(file.template, False):
            field = registry.find(name)
            assert field
            blank: dict[str, Value] = {
                "text": "▢", "number": MANY, "date": OTHER_DAY, "picture": None, "yes/no": flags,
            }  # fmt: skip
            if field.name in OWN or field.group == "The rule’s own figures":
                values[name] = fill(facts)
            elif field.kind == "rows":
                values[name] = [{column.name: blank[column.kind] for column in field.columns}]
            else:
                values[name] = blank[field.kind]
        made = file.template.fill(values, language=file.fill_language, title=file.title, on=OTHER_DAY)
        yield f"{file.title}. {text_of(made.data)}"


@pytest.mark.parametrize("name", shipped_policies())
def test_the_changed_copy_of_a_pack_differs_in_every_figure_and_is_sound(name: str) -> None:
    pack = changed_pack(name)
    assert [*text_faults(pack), *unfilled(pack), *typed_figures(pack)] == []
    for was, now in zip(policy(name).rules, pack.rules, strict=True):
        if re.search(
            r"(?<![\w-])\d", str(was.when.model_dump(mode="json", exclude={"step"}, exclude_defaults=True))
        ):
            assert was.when != now.when, was.id


@pytest.mark.parametrize(("name", "rule_id"), SHIPPED)
def test_no_note_title_or_list_names_a_figure_that_was_changed(name: str, rule_id: str) -> None:
    pack = changed_pack(name)
    rule, old = old_figures(name, rule_id)
    lists = lists_of([pack])
    texts = [rule.title]
    if not rule.when.of_a_class:
        facts = facts_of(pack, rule)
        made = [(one, templates().title(one.name)) for one in rule.outcomes if one.is_document]
        texts += [*note(facts, made), about(facts.event)]
    for outcome in rule.outcomes:
        if outcome.kind == "list":
            texts += [lists[outcome.name].title, lists[outcome.name].instruction]
    for text in texts:
        assert not numbers(text) & old, text


@pytest.mark.parametrize(("name", "rule_id"), SHIPPED)
def test_no_document_names_a_figure_that_was_changed(name: str, rule_id: str) -> None:
    pack = changed_pack(name)
    rule, old = old_figures(name, rule_id)
    for outcome in rule.outcomes:
        if not outcome.is_document or outcome.name == "registration-certificate":
            continue
        for flags in (True, False):
            for text in filled(facts_of(pack, rule), outcome.name, flags=flags):
                assert not numbers(text) & old, text


def test_the_search_finds_a_figure_in_digits_and_in_words() -> None:
    rule, old = old_figures("hcat", "stage-4")
    assert rule.title == "Stage 4, eleven sessions of unauthorised absence in thirteen weeks"
    assert old == {"10", "12", "5"} - figures_of(rule)
    assert numbers("Ten sessions in 12 weeks, Stage 4, up to 10 November 2025") == {"10", "12"}
    assert numbers("below ninety per cent, the tenth day") == {"90", "10"}
