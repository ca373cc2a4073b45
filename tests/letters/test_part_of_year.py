"""Figures of a rule that is law say from when they count, beside the school year's, wherever they are shown."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import cache

import pytest

from letters import notes
from letters.docx.paper import Paper
from letters.facts import Facts
from letters.fields.registry import find
from letters.reports.digest import about
from letters.reports.record.chronology import EvidenceEvent, add_chronology
from rules.events import Event
from rules.explain import explain
from rules.register import Register, build_register
from rules.rule.outcome import NOTE
from rules.school import Mark, Pupil
from rules.statistics import Tally
from tests.letters.letter_school import CALENDAR, KEY, SCHOOL, policy
from tests.letters.reports.reading import words

DAY = date(2026, 1, 9)
FIVE = Pupil(
    "5",
    preferred_forename="Ted",
    legal_forename="Edward",
    legal_surname="Li",
    date_of_birth=date(2020, 10, 15),
)
"""Of compulsory school age from Wednesday 31 December 2025: five days of January count."""
LAW = policy("england-2024")


@cache
def held(pupil: Pupil = FIVE) -> Register:
    """Absent on the first ten sessions of the year and on 5 January, present otherwise."""
    days = [s for s in CALENDAR.sessions if s.date <= DAY]
    away = {*days[:10], *(s for s in days if s.date == date(2026, 1, 5))}
    marks = [Mark(pupil.pupil_id, s.date, s.half, "O" if s in away else "/") for s in days]
    return build_register(pupils=[pupil], calendar=CALENDAR, marks=marks)


def event(*, legal: bool = True, day: date = DAY) -> Event:
    return Event(
        rule="penalty-threshold",
        date=day,
        clause="clause",
        outcomes=(NOTE,),
        pupil_id="5",
        figures={"attendance_percent": "80.0", "attended": 8, "possible": 10},
        title="Threshold",
        legal=legal,
        pack="england-2024",
    )


def facts(pupil: Pupil = FIVE, *, legal: bool = True) -> Facts:
    return Facts(event(legal=legal), held(pupil), Tally(held(pupil)), LAW, SCHOOL, KEY, DAY)


def field(name: str, of: Facts) -> object:
    found = find(name)
    assert found is not None
    return found.fill(of)


WHOLE = "In the whole school year so far attendance is"
SINCE = "since 31 December 2025, when Ted came of compulsory school age"


def test_a_letter_can_say_from_when_such_figures_count() -> None:
    whole = Tally(held()).pupil("5", date(2025, 9, 1), DAY)
    assert field("if_part_of_year", facts()) is True
    assert field("part_of_year", facts()) == (
        f"These figures count {SINCE}. {WHOLE} {LAW.shown(whole.attended, whole.possible)}%: "
        f"{whole.attended} of {whole.possible} possible sessions attended."
    )
    welsh = str(field("part_of_year_cy", facts()))
    assert "ers 31 Rhagfyr 2025, pan ddaeth Ted i oedran ysgol gorfodol" in welsh
    assert f"{whole.attended} o {whole.possible} o sesiynau posibl" in welsh


@pytest.mark.parametrize(
    ("pupil", "legal"),
    [
        (FIVE, False),
        (replace(FIVE, date_of_birth=None), True),
        (replace(FIVE, date_of_birth=date(2020, 8, 31)), True),
        (replace(FIVE, date_of_birth=date(2016, 1, 1)), True),
    ],
)
def test_where_the_whole_year_counts_there_is_nothing_to_say(pupil: Pupil, legal: bool) -> None:
    assert field("if_part_of_year", facts(pupil, legal=legal)) is False
    assert field("part_of_year", facts(pupil, legal=legal)) == ""
    assert "compulsory school age" not in notes.note(facts(pupil, legal=legal), ())[1]


def test_the_note_says_it() -> None:
    text = notes.note(facts(), ())[1]
    assert "Counted in the school year up to and including 9 January 2026: 80.0% attendance" in text
    assert "when the pupil came of compulsory school age. In the whole school year so far" in text


def test_the_note_of_a_pupil_who_has_left_that_age_says_until_when() -> None:
    sixteen = replace(FIVE, date_of_birth=date(2009, 3, 1))
    text = notes.note(facts(sixteen), ())[1]
    assert "up to 27 June 2025, the last day of compulsory school age" in text


def test_the_digest_says_it() -> None:
    counted = "80.0% this year, counted since 31 Dec 2025, when of compulsory school age (8 of 10 sessions)"
    assert about(event(), register=held()) == f"Threshold: {counted}"
    assert "compulsory" not in about(event(legal=False), register=held())
    assert "compulsory" not in about(event(), register=held(replace(FIVE, date_of_birth=date(2016, 1, 1))))
    old = about(event(), register=held(replace(FIVE, date_of_birth=date(2009, 3, 1))))
    assert "80.0% this year, on days of compulsory school age (" in old


def test_the_evidence_says_it() -> None:
    paper = Paper("Evidence", school="School", printed_on=DAY)
    add_chronology(paper, [EvidenceEvent(KEY, event(), "written")], held(), Tally(held()), LAW)
    assert "when the pupil came of compulsory school age. In the whole school year so far" in words(
        paper.save()
    )


@pytest.mark.parametrize(
    ("born", "said"),
    [
        (
            date(2020, 10, 15),
            "The rule counts since 31 December 2025, when the pupil came of compulsory school age; in the whole",
        ),
        (
            date(2021, 2, 1),
            "The rule counts from 31 March 2026 on, when the pupil comes of compulsory school age; in the whole",
        ),
        (
            date(2009, 3, 1),
            "The rule counts up to 27 June 2025, the last day of compulsory school age; in the whole",
        ),
        (date(2016, 3, 1), ""),
    ],
)
def test_an_explanation_says_it(born: date, said: str) -> None:
    register = held(replace(FIVE, date_of_birth=born))
    (row,) = [row for row in explain(register, LAW, "5", DAY) if row.rule == "penalty-threshold"]
    whole = Tally(register).pupil("5", date(2025, 9, 1), DAY)
    assert said in row.now
    assert (f"({whole.attended} of {whole.possible} sessions)" in row.now) is (said != "")
