"""Every filled letter and form: counts agree, dates are in words, figures have their day, and no comma stands alone."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from rules.policy import shipped_policies
from tests.letters.half_missed import made, register_missing, texts
from tests.letters.letter_school import LONG, SCHOOL, policy

BARE = SCHOOL.model_copy(
    update={"email": "", "attendance_contact_email": "", "website": "", "number": "", "authority_name": "",
            "attendance_contact_name": ""}
)  # fmt: skip
"""A school that gives only what it must."""
PUPIL = replace(LONG, year_group="2", registration_group="Class 2")
EVERY = [
    (pack, rule.id)
    for pack in shipped_policies()
    for rule in policy(pack).rules
    if any(one.is_document for one in rule.outcomes)
]
DISAGREES = re.compile(
    r"\b1 (sessions|minutes|hours|days|school days|weeks|school weeks|times|points|notices|years)\b"
    r"|(?<![\d.])(?:[02-9]|[1-9]\d+) (session|minute|hour|school day|time)\b(?! of)"
)
ODD = re.compile(r" ,|,,|, \.|\(\)|: \.|\bclass Class\b|Class 2, Class 2|\s{3,}|\.\.|«|»| \. ")
SLASHES = re.compile(r"\b\d{1,2}/\d{1,2}/\d{2,4}\b|\b\d{4}-\d{2}-\d{2}\b")


def said(pack: str, rule: str, missed: int, **figures: str | int) -> list[str]:
    held = register_missing(missed, nation=policy(pack).nation, pupil=PUPIL, late=(1, 61))
    return texts(made(pack, rule, held, school=BARE, **figures), "letter", "document")


@pytest.mark.parametrize("missed", [1, 2, 3, 18, 70])
@pytest.mark.parametrize("pack", shipped_policies())
def test_counts_agree_and_nothing_is_left_over(pack: str, missed: int) -> None:
    wrong = [
        (rule, text[max(0, found.start() - 40) : found.end() + 20])
        for own, rule in EVERY
        if own == pack
        for text in said(pack, rule, missed)
        for found in (DISAGREES.search(text), ODD.search(text), SLASHES.search(text))
        if found
    ]
    assert wrong == []


@pytest.mark.parametrize("pack", shipped_policies())
def test_every_letter_with_a_figure_of_the_year_says_up_to_and_including_which_day_it_goes(pack: str) -> None:
    without = [
        rule
        for own, rule in EVERY
        if own == pack
        for text in said(pack, rule, 18)
        if re.search(r"108 of 126|85\.7%", text) and "up to and including" not in text
    ]
    assert without == []


@pytest.mark.parametrize("pack", shipped_policies())
def test_a_class_and_a_period_are_named_once(pack: str) -> None:
    for own, rule in EVERY:
        if own == pack:
            for text in said(pack, rule, 18):
                assert "Year 2, Class 2" in text or "Blwyddyn 2, Class 2" in text or "Year 2" not in text
                assert not re.search(r"(Autumn \d|2025/26)[^.]{0,12}\1", text), rule
