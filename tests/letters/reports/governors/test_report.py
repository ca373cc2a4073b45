"""The governors' report: figures that are the tally's, no pupil and no small group."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from docx import Document
from docx.oxml.ns import qn

from letters.reports.governors.figures import TermFigures, same_last_year
from letters.reports.governors.report import governors_report
from rules.calendar import Calendar, Period
from rules.register import build_register
from rules.school import Mark, Pupil
from rules.statistics import Tally, is_persistent, rounded_percent
from tests.letters.docx_files import assert_sound
from tests.letters.made_up import SCHOOL
from tests.letters.reports.governors.two_years import END, POLICY, PRINTED, report, tally, whole
from tests.letters.reports.reading import table_under, words


def test_the_report_is_sound_and_the_same_twice() -> None:
    assert_sound(report())
    first = report()
    report.cache_clear()
    assert report() == first
    drawings = list(Document(io.BytesIO(first)).element.iter(qn("wp:docPr")))
    assert len(drawings) == 4
    assert all(len(drawing.get("descr")) > 30 for drawing in drawings)


def test_it_names_no_pupil() -> None:
    text = words(report()) + "".join(
        t.text or "" for t in Document(io.BytesIO(report())).element.iter(qn("w:t"))
    )
    assert not [p for p in whole().pupils if p.surname in text or p.upn in text]


def test_a_term_is_compared_with_the_same_term_a_year_before() -> None:
    spring = next(t for t in whole().calendar.terms if END in t)
    before = same_last_year(whole(), spring)
    assert before is not None
    assert before.name == "Spring term"
    assert before.start == spring.start - timedelta(weeks=52)
    assert same_last_year(whole(), before) is None
    assert "in the same period a year before" in words(report())


@pytest.mark.parametrize("begins", [date(2025, 8, 30), date(2025, 8, 31), date(2025, 9, 1)])
def test_a_term_typed_from_the_weekend_before_it_is_of_its_own_year(begins: date) -> None:
    """The year row before it runs to that weekend, as calendars of offices do."""
    autumn = Period("term", "Autumn", begins, date(2025, 10, 24))
    before = Period("term", "Autumn", date(2024, 9, 2), date(2024, 10, 25))
    rows = [Period("year", "2024/25", date(2024, 9, 1), date(2025, 8, 31)), before, autumn]
    rows += [replace(term, kind="half_term") for term in (before, autumn)]
    calendar = Calendar(tuple(rows))
    days = [session for session in calendar.sessions if session.date <= date(2025, 10, 3)]
    pupils = [Pupil(str(number)) for number in range(6)]
    register = build_register(
        pupils=pupils, calendar=calendar, marks=[Mark(p.pupil_id, s.date, s.half, "/") for p in pupils for s in days]
    )  # fmt: skip
    assert calendar.year_with(autumn).name == "2025/26"
    assert same_last_year(register, autumn) == before
    data = governors_report(
        register, Tally(register), POLICY, SCHOOL, period=autumn, printed_on=date(2025, 10, 3)
    )
    names = [row[0] for row in table_under(data, "Attendance over time")]
    assert names[1:] == [
        "School year 2024/25", "School year 2025/26", "Autumn, 2024/25", "Autumn, 2025/26", "Autumn, 2025/26",
    ]  # fmt: skip


def test_a_report_of_an_empty_term_says_so() -> None:
    summer = whole().calendar.terms[-1]
    data = governors_report(
        whole(), tally(), POLICY, SCHOOL, period=summer, printed_on=summer.start + timedelta(days=3)
    )
    assert "No session is recorded in this period." in words(data)


def test_figures_of_periods_are_those_of_the_tally() -> None:
    rows = {row[0]: row[1:] for row in table_under(report(), "Attendance over time")}
    spring = next(t for t in whole().calendar.terms if END in t)
    figures = tally().total(spring.start, spring.end)
    assert rows["Spring term, 2025/26"][0] == f"{rounded_percent(figures.attended, figures.possible)}%"
    by_pupil = tally().by_pupil(spring.start, spring.end).values()
    assert rows["Spring term, 2025/26"][3].split(" ")[0] == str(sum(map(is_persistent, by_pupil)))
    last = tally().total(date(2024, 9, 2), date(2025, 8, 31))
    assert rows["School year 2024/25"][0] == f"{rounded_percent(last.attended, last.possible)}%"


def test_figures_of_groups_are_those_of_the_tally() -> None:
    rows = table_under(report(), "Groups of pupils")
    start = rows.index(["Free school meals"])
    found = tally().by_group("fsm", date(2025, 9, 1), END)
    for row, name in zip(rows[start + 1 : start + 3], ("yes", "no"), strict=True):
        assert row[2] == f"{rounded_percent(found[name].attended, found[name].possible)}%"
    year = tally().total(date(2025, 9, 1), END)
    assert Decimal(rows[start + 1][3]) == Decimal(rows[start + 1][2][:-1]) - Decimal(
        rounded_percent(year.attended, year.possible) or ""
    )


def test_reasons_add_up_to_all_absence() -> None:
    rows = table_under(report(), "Reasons for absence")[1:]
    spring = next(t for t in whole().calendar.terms if END in t)
    figures = tally().total(spring.start, spring.end)
    assert sum(int(row[2].replace(",", "")) for row in rows) == figures.absent


def test_bands_add_up_to_all_pupils() -> None:
    found = TermFigures(whole(), tally(), POLICY, date(2025, 9, 1), END)
    assert sum(number for _, _, number in found.bands()) == len(found.by_pupil)


def test_a_group_of_fewer_than_five_is_not_shown_nor_found_by_subtraction() -> None:
    small = replace(
        whole(),
        pupils=tuple(
            replace(p, young_carer=n < 4, ethnicity="Roma" if n < 3 else p.ethnicity)
            for n, p in enumerate(whole().pupils)
        ),
    )
    spring = next(t for t in small.calendar.terms if END in t)
    data = governors_report(small, Tally(small), POLICY, SCHOOL, period=spring, printed_on=PRINTED)
    table = table_under(data, "Groups of pupils")
    assert "c" in [row[-1] for row in table], "what is not shown has a sign"
    assert [row for row in table[1:] if len(row) > 1 and "" in row] == []
    assert "The sign c stands for a figure that is not shown" in words(data)
    rows = [row[0].strip() for row in table]
    assert "Young carers" not in rows
    assert "Young carers (a group has fewer than 5 pupils)" in words(data)
    assert "Roma" not in rows
    merged = next(name for name in rows if "Roma" in name)
    assert "," in merged, "the small group is put together with another one"
