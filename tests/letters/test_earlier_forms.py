"""A consideration form, and a request for a notice, name the forms before it and the sessions that they used."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date

import pytest
from docx import Document

from letters.compose import Composed, compose
from letters.earlier.made_before import EarlierForm
from rules.events import CountedMark
from rules.school import FormDecision
from tests.letters.docx_files import shown
from tests.letters.letter_school import (
    KEY,
    SCHOOL,
    SHORT,
    made_up_event,
    policy,
    register,
    tally,
    templates,
)

USED = (
    CountedMark(date(2025, 9, 8), "AM", "O"),
    CountedMark(date(2025, 9, 8), "PM", "O"),
    CountedMark(date(2025, 9, 9), "AM", "O"),
    CountedMark(date(2025, 9, 9), "PM", "O"),
    CountedMark(date(2025, 9, 11), "PM", "O"),
)
UNDECIDED = EarlierForm("AC-2F7K9QXM", date(2025, 9, 12), USED)
RULES = [("england-2024", "penalty-threshold"), ("hcat", "stage-4"), ("cadle", "penalty-notice")]


def made(pack: str, rule: str, *earlier: EarlierForm) -> Composed:
    own = policy(pack)
    return compose(
        made_up_event(own, own.rule(rule), SHORT),
        register=register(own.nation),
        tally=tally(own.nation),
        policy=own,
        school=SCHOOL,
        templates=templates(),
        key=KEY,
        earlier_forms=earlier,
    )


def form_of(pack: str, rule: str, *earlier: EarlierForm) -> str:
    content = next(
        one.content for one in made(pack, rule, *earlier).documents if one.outcome.kind == "document"
    )
    return shown(Document(io.BytesIO(content)).element.body)


@pytest.mark.parametrize(("pack", "rule"), RULES)
def test_a_form_names_the_sessions_of_an_earlier_one_and_that_it_is_not_decided(pack: str, rule: str) -> None:
    text = form_of(pack, rule, UNDECIDED)
    assert "Earlier forms for this pupil" in text
    assert "12 September 2025" in text
    assert "AC-2F7K9QXM" in text
    assert "5 sessions: Monday 8 to Tuesday 9 September 2025; Thursday 11 September 2025, afternoon" in text
    assert "not decided yet" in text


def test_the_welsh_form_says_it_in_welsh() -> None:
    text = form_of("cadle", "penalty-notice", UNDECIDED)
    assert "Ffurflenni cynharach ar gyfer y disgybl hwn" in text
    assert "heb ei benderfynu eto" in text


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        ("notice", "penalty notice, 18 September 2025"),
        ("notice-to-improve", "notice to improve given, 18 September 2025"),
        ("none", "no notice, 18 September 2025"),
    ],
)
def test_a_form_says_what_was_decided_on_an_earlier_one(outcome: str, words: str) -> None:
    decision = FormDecision("1", date(2025, 9, 18), outcome)  # type: ignore[arg-type]
    text = form_of("england-2024", "penalty-threshold", replace(UNDECIDED, decision=decision))
    assert words in text
    assert "not decided yet" not in text


@pytest.mark.parametrize(("pack", "rule"), RULES)
def test_a_first_form_has_no_such_part(pack: str, rule: str) -> None:
    text = form_of(pack, rule)
    assert "Earlier forms" not in text
    assert "cynharach" not in text


@pytest.mark.parametrize(("pack", "rule"), RULES)
def test_the_dates_of_a_form_are_those_of_the_sessions_that_it_lists(pack: str, rule: str) -> None:
    """And not those of the weeks or term in which they were counted."""
    own = policy(pack)
    days = [mark.date for mark in made_up_event(own, own.rule(rule), SHORT).sessions]
    words = {"england-2024": "from {} to {}", "hcat": "from {} to {}", "cadle": "o {} i {}"}[pack]
    months = (
        ("Medi", "Hydref", "Tachwedd", "Rhagfyr")
        if pack == "cadle"
        else ("September", "October", "November", "December")
    )
    first, last = (f"{day.day} {months[day.month - 9]} {day.year}" for day in (min(days), max(days)))
    assert words.format(first, last) in form_of(pack, rule)


def test_a_decision_recorded_later_is_another_form() -> None:
    """So that one that is made and not written yet is made again."""
    rule = ("england-2024", "penalty-threshold")
    decided = replace(UNDECIDED, decision=FormDecision("1", date(2025, 9, 18), "none"))
    digests = [made(*rule, *earlier).documents[0].rests_on for earlier in ((), (UNDECIDED,), (decided,))]
    assert len(set(digests)) == 3
