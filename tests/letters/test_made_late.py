"""A letter made long after its event: every day that it gives as one to come lies after the day on which it is made."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from datetime import date
from functools import cache

import pytest
from docx import Document
from docx.oxml.ns import qn

from letters.compose import Composed, compose
from letters.facts import Facts
from letters.fields import registry
from letters.template.formats import MONTHS
from rules.calendar import Calendar, Period
from rules.register import Register, build_register
from rules.school import Mark
from rules.statistics import Tally
from tests.letters.docx_files import shown
from tests.letters.letter_school import (
    CALENDAR,
    DAY,
    KEY,
    LONG,
    SCHOOL,
    made_up_event,
    policy,
    register,
    rules_with_documents,
    templates,
)

WHOLE_YEAR = Calendar(
    (
        *CALENDAR.periods,
        Period("half_term", "Spring 2", date(2026, 2, 23), date(2026, 3, 27)),
        Period("half_term", "Summer 1", date(2026, 4, 13), date(2026, 5, 22)),
        Period("half_term", "Summer 2", date(2026, 6, 1), date(2026, 7, 21)),
    )
)
LATE = [day for day in WHOLE_YEAR.school_days if day > DAY][59]
"""60 school days after the events."""
ALL_RULES = rules_with_documents()
TO_COME = {"review_date", "reply_by"}
"""The fields that give a day to come. Every other date is one that has been."""
_MONTHS = {name: number for names in MONTHS.values() for number, name in enumerate(names, 1)}
_DATE = re.compile(rf"(\d{{1,2}}) ({'|'.join(_MONTHS)})\b")
_OF_TIME_PAST = re.compile(r"\bwas due\b|up to and including|hyd at a chan gynnwys")
_AHEAD = re.compile(r"\bwill\b|\bby \w+day\b|\bdue\b|\berbyn\b")


@cache
def held(nation: str) -> Register:
    known = register(nation)
    marks = [
        Mark(pupil.pupil_id, session.date, session.half, known.code_at(row, column))
        for row, pupil in enumerate(known.pupils)
        for column, session in enumerate(known.sessions)
        if session.date <= DAY
    ]
    return build_register(pupils=known.pupils, calendar=WHOLE_YEAR, marks=marks, nation=nation)  # type: ignore[arg-type]


@cache
def tally_of(nation: str) -> Tally:
    return Tally(held(nation))


def facts_of(pack_id: str, rule_id: str, on: date) -> Facts:
    pack = policy(pack_id)
    event = made_up_event(pack, pack.rule(rule_id))
    return Facts(event, held(pack.nation), tally_of(pack.nation), pack, SCHOOL, KEY, on)


def made(pack_id: str, rule_id: str, on: date) -> Composed:
    facts = facts_of(pack_id, rule_id, on)
    return compose(
        facts.event, register=facts.register, tally=facts.tally, policy=facts.policy, school=SCHOOL,
        templates=templates(), key=KEY, on=on,
    )  # fmt: skip


def text_of(data: bytes) -> str:
    """Return the text of a document, a line for each paragraph."""
    return "\n".join(shown(part) for part in Document(io.BytesIO(data)).element.body.iter(qn("w:p")))


def ahead(text: str) -> list[date]:
    """Return the days that sentences of a text give as ones to come."""
    found = []
    for sentence in re.split(r"(?<=[.?!])\s|\n", text):
        if _AHEAD.search(sentence) and not _OF_TIME_PAST.search(sentence):
            for day, month in _DATE.findall(sentence):
                number = _MONTHS[month]
                found.append(date(2025 if number > 8 else 2026, number, int(day)))
    return found


@pytest.mark.parametrize(("pack", "rule"), ALL_RULES)
@pytest.mark.parametrize("on", [DAY, LATE])
def test_a_field_gives_a_day_to_come_after_the_letters_own_date_and_on_a_school_day(
    pack: str, rule: str, on: date
) -> None:
    facts = facts_of(pack, rule, on)
    for field in registry.FIELDS:
        if field.kind != "date":
            continue
        value = field.fill(facts)
        assert isinstance(value, date) or value == "", field.name
        if isinstance(value, date) and field.name in TO_COME:
            assert value > on, field.name
            assert value in WHOLE_YEAR.school_days, field.name
        elif isinstance(value, date) and on == LATE and field.name != "period_end":
            # (a made-up event may lie before the end of its period, a real one never does)
            assert value <= on, field.name


@pytest.mark.parametrize(("pack", "rule"), ALL_RULES)
def test_no_sentence_of_a_late_document_promises_a_day_that_has_been(pack: str, rule: str) -> None:
    composed = made(pack, rule, LATE)
    for document in composed.documents:
        text = text_of(document.content)
        assert not [day for day in ahead(text) if day <= LATE], document.title
        assert not re.search(r"the next half term|yr hanner tymor nesaf|end of the term", text), (
            document.title
        )


def test_letters_that_promise_a_day_are_among_those_tried() -> None:
    days = set()
    for pack, rule in ALL_RULES:
        for document in made(pack, rule, LATE).documents:
            days |= set(ahead(text_of(document.content)))
    reply_by = [day for day in WHOLE_YEAR.school_days if day > LATE][4]
    review = WHOLE_YEAR.next_school_day(facts_of("hcat", "stage-1", LATE).review_day or date.max)
    assert {reply_by, review} <= days


def test_a_review_day_is_counted_from_the_day_of_the_letter_to_the_last_of_the_year() -> None:
    assert facts_of("hcat", "stage-1", date(2026, 3, 13)).review_day == date(
        2026, 4, 13
    )  # 10 April has no school
    assert facts_of("hcat", "stage-1", date(2026, 6, 23)).review_day == date(2026, 7, 21)
    late = facts_of("hcat", "stage-1", date(2026, 6, 24))
    assert late.review_day is None
    (kept,) = [field for field in registry.FIELDS if field.name == "if_review_date"]
    assert kept.fill(late) is False


@pytest.mark.parametrize(
    ("on", "said"),
    [
        (date(2025, 12, 10), "is due within five days, by 10 December 2025"),
        (date(2025, 12, 11), "is overdue: it was due within five days, by 10 December 2025"),
    ],
)
def test_the_return_on_a_part_time_timetable_is_overdue_from_the_day_after(on: date, said: str) -> None:
    assert said in made("aycliffe-drive", "part-time-return", on).note_text


@pytest.mark.parametrize(
    ("on", "said"), [(DAY, "is due today"), (date(2025, 12, 6), "was due on 5 December 2025")]
)
def test_a_home_visit_is_due_on_the_day_of_the_absence(on: date, said: str) -> None:
    assert f"a home visit {said}." in made("hcat", "unexplained-visit", on).note_text


def test_the_figures_of_a_late_letter_name_the_day_up_to_which_they_go() -> None:
    (first, *_) = made("hcat", "stage-1", LATE).documents
    text = text_of(first.content)
    assert "up to and including 5 December 2025" in text
    assert (
        replace(facts_of("hcat", "stage-1", LATE), written_on=DAY).figures
        == facts_of("hcat", "stage-1", LATE).figures
    )
    assert LONG.forename in text
