"""The tutors' report: figures that are the tally's, each class on its own page."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date

from docx import Document

from letters.reports.tutor import pupil_weeks, tutor_reports
from rules.statistics import Tally
from tests.letters.made_up import SCHOOL
from tests.letters.reports.one_day import AYCLIFFE, DAY, REGISTER, TALLY
from tests.letters.reports.reading import table_under, words


def test_the_tutors_figures_are_those_of_the_tally() -> None:
    found = pupil_weeks(REGISTER, TALLY, "3A", DAY, DAY)
    assert {item.pupil.pupil_id for item in found} == {
        p.pupil_id for p in REGISTER.pupils if p.registration_group == "3A" and p.on_roll(DAY)
    }
    rows = table_under(
        tutor_reports(REGISTER, TALLY, AYCLIFFE, SCHOOL, groups=["3A"], week_of=DAY, as_of=DAY), "Everyone"
    )[1:]
    for item, row in zip(found, rows, strict=True):
        figures = TALLY.pupil(item.pupil.pupil_id, date(2025, 9, 1), DAY)
        assert row[12] == f"{AYCLIFFE.shown(figures.attended, figures.possible)}%"
        assert row[13:15] == [str(figures.absent), str(figures.late)]


def test_reports_for_all_tutors_begin_each_class_on_a_new_page() -> None:
    data = tutor_reports(REGISTER, TALLY, AYCLIFFE, SCHOOL, week_of=DAY, as_of=DAY)
    document = Document(io.BytesIO(data))
    titles = [p for p in document.paragraphs if p.style.name == "Title"]
    assert [p.text for p in titles] == [
        f"Class {y}{c}" for y in ("R", "1", "2", "3", "4", "5", "6") for c in "AB"
    ]
    assert [bool(p.paragraph_format.page_break_before) for p in titles] == [False] + [True] * 13


def test_pupils_without_a_class_and_leavers_of_the_term_are_said() -> None:
    first, second, third = REGISTER.pupils[0], REGISTER.pupils[1], REGISTER.pupils[2]
    changed = {
        first.pupil_id: replace(first, registration_group=""),
        second.pupil_id: second.left_by(date(2025, 10, 3)),
        third.pupil_id: replace(third.left_by(date(2025, 10, 3)), deceased=True),
    }
    held = replace(REGISTER, pupils=tuple(changed.get(p.pupil_id, p) for p in REGISTER.pupils))
    data = tutor_reports(held, Tally(held), AYCLIFFE, SCHOOL, week_of=DAY, as_of=DAY)
    document = Document(io.BytesIO(data))
    titles = [p.text for p in document.paragraphs if p.style.name == "Title"]
    assert titles[-1] == "Pupils without a class"
    assert "no tutor has them on a list" in words(data)
    assert f"Left this term: {second.surname}, {second.forename} (last day 3 Oct 2025)." in words(data)
    assert f"{third.surname}, {third.forename}" not in words(data)
    assert "Left this term" not in words(
        tutor_reports(REGISTER, TALLY, AYCLIFFE, SCHOOL, week_of=DAY, as_of=DAY)
    )
