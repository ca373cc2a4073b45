"""The governors' report: figures that are the tally's, small groups put away, national figures dated, effect without claims."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cache

import pytest
from docx import Document
from docx.oxml.ns import qn

from letters.reports.governors.benchmarks import all_benchmarks, benchmarks
from letters.reports.governors.figures import TermFigures, same_last_year
from letters.reports.governors.letter_effect import SentLetter, effects, windows
from letters.reports.governors.report import governors_report
from letters.reports.suppression import (
    FEW,
    few,
    few_with_share,
    gathered,
    hidden,
    neighbours_merged,
    share_shown,
)
from rules.policy import load_policy
from rules.register import Register
from rules.statistics import Tally, is_persistent, shown_percent
from tests.letters.docx_files import assert_sound
from tests.letters.made_up import SCHOOL, register
from tests.letters.reports.test_daily import table_under, words

POLICY = load_policy("hcat")
END = date(2026, 3, 27)
PRINTED = date(2026, 3, 30)


@cache
def whole() -> Register:
    return register(years=(2024, 2025), until=END)


@cache
def tally() -> Tally:
    return Tally(whole())


def letters() -> list[SentLetter]:
    days = [d for d in whole().calendar.school_days if date(2025, 10, 6) <= d <= date(2025, 11, 28)]
    return [
        SentLetter("stage-1", "Stage 1", pupil.pupil_id, days[n % len(days)])
        for n, pupil in enumerate(whole().pupils[100:160])
    ] + [SentLetter("late-letter", "Late", "1003", days[0])]


@cache
def report() -> bytes:
    spring = next(t for t in whole().calendar.terms if END in t)
    return governors_report(
        whole(), tally(), POLICY, SCHOOL, period=spring, printed_on=PRINTED, letters=letters()
    )


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


def test_figures_of_periods_are_those_of_the_tally() -> None:
    rows = {row[0]: row[1:] for row in table_under(report(), "Attendance over time")}
    spring = next(t for t in whole().calendar.terms if END in t)
    figures = tally().total(spring.start, spring.end)
    assert rows["Spring term, 2025/26"][0] == f"{POLICY.shown(figures.attended, figures.possible)}%"
    by_pupil = tally().by_pupil(spring.start, spring.end).values()
    assert rows["Spring term, 2025/26"][3].split(" ")[0] == str(sum(map(is_persistent, by_pupil)))
    last = tally().total(date(2024, 9, 2), date(2025, 8, 31))
    assert rows["School year 2024/25"][0] == f"{POLICY.shown(last.attended, last.possible)}%"


def test_figures_of_groups_are_those_of_the_tally() -> None:
    rows = table_under(report(), "Groups of pupils")
    start = rows.index(["Free school meals"])
    found = tally().by_group("fsm", date(2025, 9, 1), END)
    for row, name in zip(rows[start + 1 : start + 3], ("yes", "no"), strict=True):
        assert row[2] == f"{POLICY.shown(found[name].attended, found[name].possible)}%"
    year = tally().total(date(2025, 9, 1), END)
    assert Decimal(rows[start + 1][3]) == Decimal(rows[start + 1][2][:-1]) - Decimal(
        POLICY.shown(year.attended, year.possible) or ""
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
    rows = [row[0].strip() for row in table_under(data, "Groups of pupils")]
    assert "Young carers" not in rows
    assert "Young carers (a group has fewer than 5 pupils)" in words(data)
    assert "Roma" not in rows
    merged = next(name for name in rows if "Roma" in name)
    assert "," in merged, "the small group is put together with another one"


def test_small_groups_are_gathered_until_five_are_hidden() -> None:
    assert gathered({"a": 9, "b": 3, "c": 30}) == [("c",), ("a", "b")]
    assert gathered({"a": 2, "b": 3, "c": 30}) == [("c",), ("a", "b")]
    assert gathered({"yes": 3, "no": 400}) == []
    assert gathered({"yes": 0, "no": 400}) == [("no",)]
    assert gathered({"a": 40, "b": 41}) == [("a",), ("b",)]
    assert gathered({}) == []
    classes = {"1A": 30, "1B": 2, "2A": 30, "2B": 31}
    assert ("1A", "1B") in gathered(classes, lambda name: name[0]), "within the year group"


def test_counts_that_would_give_a_small_one_away_are_hidden_too() -> None:
    assert hidden([10, 3, 8]) == {1, 2}
    assert hidden([10, 0, 8]) == set()
    assert hidden([1, 1, 8, 20]) == {0, 1, 2}
    assert [few(n) for n in (0, 1, 4, 5, 1200)] == ["none", FEW, FEW, "5", "1,200"]
    assert few_with_share(1200, 2400) == "1,200 (50.0%)"
    assert few_with_share(4, 2400) == FEW
    assert share_shown(1200, 2400) == "50.0%"
    assert share_shown(0, 2400) == "none"


def test_a_band_of_few_pupils_is_joined_to_its_neighbour() -> None:
    assert [
        (n, c) for n, c, _ in neighbours_merged([("a", 50, 0), ("b", 20, 0), ("c", 3, 0), ("d", 0, 0)])
    ] == [
        ("a", 50),
        ("b or c", 23),
        ("d", 0),
    ]
    assert [(n, c) for n, c, _ in neighbours_merged([("a", 2, 0), ("b", 20, 0)])] == [("a or b", 22)]


def test_national_figures_have_a_source_and_none_is_from_the_future() -> None:
    assert all(row.source and row.until for row in all_benchmarks())
    assert [b.year for b in benchmarks("england", "primary", PRINTED)] == ["2024/25", "2023/24"]
    assert benchmarks("england", "primary", date(2026, 9, 1))[0].year == "2025/26"
    assert benchmarks("england", "primary", date(2023, 1, 1)) == ()
    assert benchmarks("wales", "primary", date(2026, 1, 1))[0].persistent == Decimal("27.0")
    rows = table_under(report(), "Compared with national figures")
    assert rows[2][:2] == ["England, primary schools, 2024/25", "94.75%"]
    assert "18 July 2025" in words(report())


@pytest.mark.parametrize(
    ("phase", "attendance", "persistent"),
    [("primary", "94.72", "13.77"), ("secondary", "91.51", "23.77"), ("special", "86.83", "36.06"), ("all", "93.12", "18.78")],
)  # fmt: skip
def test_the_newest_national_figures_are_those_published(
    phase: str, attendance: str, persistent: str
) -> None:
    row = benchmarks("england", phase, date(2026, 9, 1))[0]  # type: ignore[arg-type]
    assert (row.attendance, row.persistent) == (Decimal(attendance), Decimal(persistent))
    assert row.authorised is not None
    assert row.unauthorised is not None
    assert abs(row.attendance + row.authorised + row.unauthorised - 100) < Decimal("0.02")


def test_six_school_weeks_lie_on_either_side_of_a_letters_week() -> None:
    before, after = windows(whole(), date(2025, 10, 15), END) or ((None, None), (None, None))
    assert before == (date(2025, 9, 1), date(2025, 10, 12))
    assert after == (date(2025, 10, 20), date(2025, 12, 7)), "the half-term holiday is no school week"
    assert windows(whole(), date(2025, 9, 24), END) is None, "too early in the year"
    assert windows(whole(), date(2026, 3, 2), END) is None, "six weeks have not passed"


def test_the_effect_is_the_sum_over_letters_with_both_windows() -> None:
    stage, late = effects(whole(), tally(), letters(), END)
    attended = possible = 0
    for letter in letters()[:-1]:
        found = windows(whole(), letter.date, END)
        if found:
            figures = tally().pupil(letter.pupil_id, *found[0])
            attended, possible = attended + figures.attended, possible + figures.possible
    assert (stage.before.attended, stage.before.possible) == (attended, possible)
    assert stage.letters == 60
    assert stage.counted == stage.higher + stage.same + stage.lower > 20
    assert late.letters == 1
    rows = table_under(report(), "Before and after letters")
    assert [row[0] for row in rows[1:]] == ["Stage 1"]
    assert rows[1][3] == f"{shown_percent(attended, possible)}%"
    assert "Not shown, because fewer than 5 pupils can be counted yet: Late." in words(report())
    assert "no proof that letters work" in words(report())


def test_a_term_is_set_beside_the_same_term_a_year_before() -> None:
    spring = next(t for t in whole().calendar.terms if END in t)
    before = same_last_year(whole(), spring)
    assert before is not None
    assert before.name == "Spring term"
    assert before.start == spring.start - timedelta(weeks=52)
    assert same_last_year(whole(), before) is None
    assert "in the same period a year before" in words(report())


def test_a_report_of_an_empty_term_says_so() -> None:
    summer = whole().calendar.terms[-1]
    data = governors_report(
        whole(), tally(), POLICY, SCHOOL, period=summer, printed_on=summer.start + timedelta(days=3)
    )
    assert "No session is recorded in this period." in words(data)
