"""Every amount of money in every document and note is that of the law on the event's day."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from datetime import date

import pytest
from docx import Document

from letters.compose import Composed, compose
from rules.calendar import Calendar, Period
from rules.policy import load_policy, shipped_policies
from rules.register import build_register
from rules.statistics import Tally
from tests.letters.docx_files import shown
from tests.letters.letter_school import (
    KEY,
    LONG,
    SCHOOL,
    SHORT,
    YOUNG,
    letters_of,
    made_up_event,
    policy,
    rules_with_documents,
    templates,
)

AMOUNT = re.compile(r"£\s?[\d,.]*\d")
FINES = {"£1,000", "£2,500"}
"""The highest fines of a court (section 444 of the Education Act 1996), which are no penalty notice."""
ENGLISH = [name for name in shipped_policies() if load_policy(name).nation == "england"]
DEADLINE = re.compile(r"\b(21|28|42) (?:calendar )?d(?:ays|iwrnod)")


def texts(made: Composed) -> list[str]:
    documents = [
        shown(Document(io.BytesIO(document.content)).element.body)
        for document in made.documents
        if document.content
    ]
    return [*documents, made.note_text]


@pytest.mark.parametrize("pack", ENGLISH)
def test_every_amount_of_an_english_pack_after_19_august_2024_is_80_or_160(pack: str) -> None:
    named = set()
    for name, rule in rules_with_documents():
        if name != pack:
            continue
        for pupil in (LONG, SHORT, YOUNG):
            for text in texts(letters_of(pack, rule, pupil)):
                amounts = set(AMOUNT.findall(text))
                assert amounts <= {"£80", "£160"} | FINES, (rule, amounts)
                assert "42" not in DEADLINE.findall(text), rule
                named |= amounts
    assert not named or {"£80", "£160"} <= named
    assert named or pack == "aspire", "a pack that names no amount proves nothing"


def test_every_amount_of_the_welsh_pack_is_60_or_120_in_28_or_42_days() -> None:
    named, deadlines = set(), set()
    for name, rule in rules_with_documents():
        if name == "cadle":
            for pupil in (LONG, SHORT, YOUNG):
                for text in texts(letters_of("cadle", rule, pupil)):
                    amounts = set(AMOUNT.findall(text))
                    assert amounts <= {"£60", "£120"} | FINES, (rule, amounts)
                    named |= amounts
                    deadlines |= set(DEADLINE.findall(text)) if amounts else set()
    assert {"£60", "£120"} <= named
    assert deadlines == {"28", "42"}


EDGE = Calendar(
    (
        Period("year", "2023/24", date(2023, 9, 1), date(2024, 8, 31)),
        Period("term", "Summer", date(2024, 4, 15), date(2024, 8, 30)),
        Period("half_term", "Summer 2", date(2024, 6, 3), date(2024, 8, 30)),
        Period("year", "2024/25", date(2024, 9, 1), date(2025, 8, 31)),
        Period("half_term", "Autumn 1", date(2024, 9, 2), date(2024, 10, 25)),
    )
)


@pytest.mark.parametrize(
    ("day", "amounts"),
    [(date(2024, 8, 18), {"£60", "£120"}), (date(2024, 8, 19), {"£80", "£160"})],
)
@pytest.mark.parametrize(
    ("pack", "rule"),
    [("hcat", "stage-4"), ("aycliffe-drive", "penalty-notice"), ("thringstone", "holiday-warning")],
)
def test_a_document_shows_the_amounts_of_its_events_day(
    pack: str, rule: str, day: date, amounts: set[str]
) -> None:
    """Whatever day it is printed on."""
    register = build_register(pupils=[LONG], calendar=EDGE, marks=[])
    event = replace(made_up_event(policy(pack), policy(pack).rule(rule)), date=day, window=None, sessions=())
    made = compose(
        event,
        register=register,
        tally=Tally(register),
        policy=policy(pack),
        school=SCHOOL,
        templates=templates(),
        key=KEY,
        on=date(2024, 9, 30),
    )
    assert made.documents
    for document in made.documents:
        found = set(AMOUNT.findall(shown(Document(io.BytesIO(document.content)).element.body)))
        assert found - FINES == amounts, document.title
