"""The school year, and periods that the calendar holds to their end."""

from __future__ import annotations

from datetime import date

import pytest

from rules.calendar import Calendar, CalendarError, Period, school_year
from rules.evaluate import evaluate
from rules.events import Evaluation
from rules.policy import load_policy
from rules.register import build_register
from rules.school import Mark, Pupil

Row = tuple[str, str, str, str]


def calendar(*rows: Row) -> Calendar:
    """Return a calendar of (kind, name, start, end)."""
    periods = [
        Period(kind, name, date.fromisoformat(start), date.fromisoformat(end))  # type: ignore[arg-type]
        for kind, name, start, end in rows
    ]
    return Calendar(tuple(periods))


def judged(pack: str, held: Calendar, codes: str = "/" * 1000) -> Evaluation:
    """Judge one pupil whose first sessions have these codes."""
    marks = [
        Mark("1", session.date, session.half, code)
        for session, code in zip(held.sessions, codes, strict=False)
    ]
    return evaluate(build_register(pupils=[Pupil("1")], calendar=held, marks=marks), load_policy(pack))


def dates(evaluation: Evaluation, rule: str) -> list[str]:
    return [event.date.isoformat() for event in evaluation.events if event.rule == rule]


YEAR: Row = ("year", "2025/26", "2025-09-01", "2026-08-31")
AUTUMN: Row = ("term", "Autumn", "2025-09-02", "2025-12-19")
AUTUMN_1: Row = ("half_term", "Autumn 1", "2025-09-02", "2025-10-24")
AUTUMN_2: Row = ("half_term", "Autumn 2", "2025-11-03", "2025-12-19")

# --- the school year --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("day", "year"), [("2025-07-31", 2024), ("2025-08-01", 2025), ("2026-01-05", 2025)])
def test_a_school_year_begins_after_31_july(day: str, year: int) -> None:
    assert school_year(date.fromisoformat(day)) == year


def test_a_term_that_begins_in_august_belongs_to_the_new_year_without_year_rows() -> None:
    held = calendar(
        ("half_term", "Summer 2", "2025-06-02", "2025-07-18"),
        ("term", "Autumn", "2025-08-26", "2025-12-19"),
        ("half_term", "Autumn 1", "2025-08-26", "2025-10-10"),
        ("half_term", "Autumn 2", "2025-10-20", "2025-12-19"),
    )
    assert [str(year) for year in held.years] == [
        "year '2024/25' (2024-09-01 to 2025-08-25)",
        "year '2025/26' (2025-08-26 to 2026-08-31)",
    ]
    assert held.year_of(date(2025, 8, 26)).name == "2025/26"
    assert held.year_of(date(2025, 7, 18)).name == "2024/25"


def test_absence_in_the_last_days_of_august_counts_in_the_new_year() -> None:
    held = calendar(
        ("term", "Autumn", "2025-08-26", "2025-12-19"), ("half_term", "A", "2025-08-26", "2025-10-10")
    )
    evaluation = judged("thringstone", held, "//IIIIII" + "/" * 50)
    assert (evaluation.school.possible, evaluation.school.attended) == (58, 52)
    assert dates(evaluation, "concern") == ["2025-09-15"]
    assert dates(evaluation, "persistent-absence") == ["2025-09-15"]


@pytest.mark.parametrize(
    ("start", "begins"),
    [("2025-08-27", "2025-08-27"), ("2025-09-01", "2025-09-01"), ("2025-09-04", "2025-09-01")],
)
def test_without_a_row_the_year_begins_on_1_september_or_with_the_term_in_august(
    start: str, begins: str
) -> None:
    held = calendar(("half_term", "Autumn 1", start, "2025-10-24"))
    assert [year.start.isoformat() for year in held.years] == [begins]


def test_a_half_term_inside_a_term_begins_no_year_of_its_own() -> None:
    held = calendar(
        ("term", "Long", "2025-07-28", "2025-10-24"), ("half_term", "A", "2025-08-04", "2025-10-24")
    )
    assert [year.name for year in held.years] == ["2024/25"]


def test_years_with_and_without_rows_stand_side_by_side() -> None:
    held = calendar(
        ("half_term", "Last summer", "2025-06-02", "2025-07-18"),
        YEAR,
        AUTUMN,
        AUTUMN_1,
        AUTUMN_2,
        ("half_term", "Next autumn", "2026-09-02", "2026-10-23"),
    )
    assert [str(year) for year in held.years] == [
        "year '2024/25' (2024-09-01 to 2025-08-31)",
        "year '2025/26' (2025-09-01 to 2026-08-31)",
        "year '2026/27' (2026-09-01 to 2027-08-31)",
    ]


@pytest.mark.parametrize("begins", ["2025-08-30", "2025-08-31", "2025-09-01"])
def test_a_term_typed_from_the_last_weekend_of_the_years_row_begins_the_next_year(begins: str) -> None:
    held = calendar(
        ("year", "2024/25", "2024-09-01", "2025-08-31"),
        ("half_term", "Summer 2", "2025-06-02", "2025-07-18"),
        ("term", "Autumn", begins, "2025-12-19"),
        ("half_term", "Autumn 1", begins, "2025-10-24"),
        AUTUMN_2,
    )
    assert [str(year) for year in held.years] == [
        "year '2024/25' (2024-09-01 to 2025-08-31)",
        "year '2025/26' (2025-09-01 to 2026-08-31)",
    ]
    evaluation = judged("hcat", held, "I" * 70 + "/" * 100)
    assert evaluation.pupils[0].figures.possible == 100
    assert evaluation.attendance_percent == "100.0"


@pytest.mark.parametrize("begins", ["2025-08-30", "2025-08-31", "2025-09-01"])
def test_a_term_typed_from_the_weekend_before_its_years_row_makes_no_second_year(begins: str) -> None:
    held = calendar(
        YEAR, ("term", "Autumn", begins, "2025-12-19"), ("half_term", "Autumn 1", begins, "2025-10-24")
    )
    assert [str(year) for year in held.years] == ["year '2025/26' (2025-09-01 to 2026-08-31)"]


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        (
            ("term", "Autumn", "2025-08-27", "2025-12-19"),
            r"year '2025/26' .* does not cover term 'Autumn' \(2025-08-27",
        ),
        (
            ("half_term", "Autumn 1", "2025-08-29", "2025-10-24"),
            r"does not cover half_term 'Autumn 1' \(2025-08-29",
        ),
        (("half_term", "Early", "2025-08-18", "2025-08-22"), "does not cover half_term 'Early'"),
        (("half_term", "Late", "2026-08-27", "2026-09-02"), "does not cover half_term 'Late'"),
    ],
)
def test_a_year_row_that_does_not_cover_its_terms_is_refused(row: Row, fault: str) -> None:
    with pytest.raises(CalendarError, match=fault):
        calendar(YEAR, row)


def test_a_weekend_over_the_edge_is_no_fault() -> None:
    held = calendar(
        ("year", "2025/26", "2025-09-01", "2026-07-17"),
        ("term", "Autumn", "2025-08-30", "2025-12-19"),
        ("half_term", "Autumn 2", "2025-11-03", "2025-12-21"),
    )
    assert held.is_whole(held.terms[0])


@pytest.mark.parametrize("dates_of", [("2025-11-03", "2025-12-22"), ("2025-09-01", "2025-10-24")])
def test_a_half_term_that_crosses_the_edge_of_a_term_is_refused(dates_of: tuple[str, str]) -> None:
    with pytest.raises(CalendarError, match=r"half_term 'Odd' .* crosses the start or end of term 'Autumn'"):
        calendar(YEAR, AUTUMN, ("half_term", "Odd", *dates_of))


def test_a_term_without_half_terms_is_named() -> None:
    held = calendar(YEAR, AUTUMN, AUTUMN_1, AUTUMN_2, ("term", "Spring", "2026-01-05", "2026-03-27"))
    assert held.warnings == (
        "term 'Spring' (2026-01-05 to 2026-03-27) holds no half term, so it has no school day: add its half_term rows",
    )
    assert build_register(pupils=[], calendar=held, marks=[]).warnings == held.warnings


# --- whole periods ----------------------------------------------------------------------------------------


def test_a_calendar_that_stops_at_christmas_holds_the_term_but_not_the_year() -> None:
    held = calendar(YEAR, AUTUMN, AUTUMN_1, AUTUMN_2)
    evaluation = judged("hcat", held)
    assert dates(evaluation, "perfect-term") == ["2025-12-19"]
    assert dates(evaluation, "perfect-year") == []
    assert held.unfinished == (
        "year '2025/26' (2025-09-01 to 2026-08-31) has no school day after 2025-12-19, so rules about its end cannot fire",
    )


def test_six_terms_are_no_year_before_the_summer() -> None:
    spans = [("2025-09-02", "2025-10-24"), ("2025-11-03", "2025-12-19"), ("2026-01-05", "2026-02-13")]
    rows = [(kind, f"Term {n}", *span) for n, span in enumerate(spans) for kind in ("term", "half_term")]
    evaluation = judged("hcat", calendar(YEAR, *rows))
    assert dates(evaluation, "perfect-term") == ["2025-10-24", "2025-12-19", "2026-02-13"]
    assert dates(evaluation, "perfect-year") == []


@pytest.mark.parametrize(("end", "whole"), [("2026-06-14", False), ("2026-06-15", True)])
def test_a_year_is_whole_from_15_june(end: str, whole: bool) -> None:
    for rows in ([YEAR], []):
        held = calendar(*rows, ("half_term", "Summer 2", "2026-06-01", end))
        assert held.is_whole(held.years[0]) is whole
        assert bool(dates(judged("hcat", held), "perfect-year")) is whole


@pytest.mark.parametrize(("end", "whole"), [("2026-05-29", True), ("2026-05-28", False)])
def test_a_year_is_whole_on_the_last_weekday_of_its_row(end: str, whole: bool) -> None:
    held = calendar(("year", "Short", "2025-09-01", "2026-05-31"), ("half_term", "Summer", "2026-04-13", end))
    assert held.is_whole(held.years[0]) is whole


def test_a_term_ends_only_when_its_half_terms_reach_its_end() -> None:
    half = calendar(YEAR, AUTUMN, AUTUMN_1)
    assert dates(judged("hcat", half), "perfect-term") == []
    assert dates(judged("hcat", half), "colour-letter") == ["2025-10-24"]
    assert half.unfinished[0].startswith(
        "term 'Autumn' (2025-09-02 to 2025-12-19) has no school day after 2025-10-24"
    )


def test_days_that_are_closed_anyway_keep_no_term_open() -> None:
    short: Row = ("half_term", "Autumn 2", "2025-11-03", "2025-12-17")
    assert dates(judged("hcat", calendar(YEAR, AUTUMN, AUTUMN_1, short)), "perfect-term") == []
    closed = calendar(YEAR, AUTUMN, AUTUMN_1, short, ("inset", "Training", "2025-12-18", "2025-12-19"))
    assert dates(judged("hcat", closed), "perfect-term") == ["2025-12-17"]
    mornings = Period("closure", "Boiler", date(2025, 12, 18), date(2025, 12, 19), "AM")
    assert not Calendar((*calendar(YEAR, AUTUMN, AUTUMN_1, short).periods, mornings)).is_whole(
        closed.terms[0]
    )


@pytest.mark.parametrize("covered_by", ["holiday", "inset", "closure"])
def test_each_kind_of_closed_day_closes_the_rest_of_a_term_and_of_no_year(covered_by: str) -> None:
    rest: Row = (covered_by, "closed", "2025-12-15", "2026-08-31")
    half: Row = ("half_term", "Autumn 2", "2025-11-03", "2025-12-12")
    held = calendar(YEAR, AUTUMN, AUTUMN_1, half, rest)
    assert held.is_whole(held.terms[0])
    assert not held.is_whole(held.years[0])
    assert not calendar(YEAR, AUTUMN, AUTUMN_1, half).is_whole(held.terms[0])


def test_a_term_without_a_half_term_is_not_whole() -> None:
    held = calendar(AUTUMN, AUTUMN_1, AUTUMN_2, ("term", "Spring", "2026-01-05", "2026-03-27"))
    assert [held.is_whole(term) for term in held.terms] == [True, False]


# --- rows that do not fit ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (YEAR, ("year", "2026/27", "2026-08-31", "2027-07-31")),
        (AUTUMN, ("term", "Spring", "2025-12-19", "2026-03-27")),
        (AUTUMN_1, ("half_term", "Autumn 2", "2025-10-24", "2025-12-19")),
    ],
)
def test_rows_of_one_kind_may_not_share_a_day(first: Row, second: Row) -> None:
    kind, name, start, _ = second
    with pytest.raises(CalendarError, match=f"{kind} '{name}' starts on {start}, inside {kind} '{first[1]}'"):
        calendar(first, second)


@pytest.mark.parametrize(
    "rows",
    [
        (YEAR, ("year", "2026/27", "2026-09-01", "2027-07-31"), AUTUMN_1),
        (AUTUMN, ("term", "Spring", "2025-12-20", "2026-03-27"), AUTUMN_1),
        (AUTUMN_1, ("half_term", "Autumn 2", "2025-10-25", "2025-12-19")),
    ],
)
def test_rows_of_one_kind_may_follow_day_after_day(rows: tuple[Row, ...]) -> None:
    assert len(calendar(*rows).periods) == len(rows)


def test_a_row_that_ends_before_it_starts_is_named() -> None:
    with pytest.raises(
        CalendarError, match=r"holiday 'Half term' ends on 2025-10-27, before it starts on 2025-10-31"
    ):
        calendar(AUTUMN_1, ("holiday", "Half term", "2025-10-31", "2025-10-27"))
    one_day = calendar(AUTUMN_1, ("holiday", "Feast", "2025-10-10", "2025-10-10"))
    assert date(2025, 10, 10) not in one_day.school_days


def test_a_calendar_without_half_terms_has_no_school_day_and_is_refused() -> None:
    with pytest.raises(
        CalendarError, match=r"no half_term row: school days are the weekdays inside half terms"
    ):
        calendar(YEAR, AUTUMN)


def test_a_half_term_of_one_day_must_lie_in_its_year_too() -> None:
    with pytest.raises(CalendarError, match="does not cover"):
        calendar(
            ("year", "2025/26", "2025-09-02", "2026-08-31"),
            AUTUMN_2,
            ("half_term", "Early", "2025-09-01", "2025-09-01"),
        )


def test_a_half_term_that_shares_one_day_with_a_term_crosses_its_edge() -> None:
    with pytest.raises(
        CalendarError, match=r"half_term 'Early' .* crosses the start or end of term 'Autumn'"
    ):
        calendar(AUTUMN, ("half_term", "Early", "2025-09-01", "2025-09-02"))


def test_a_day_before_the_first_year_belongs_to_it_and_one_between_two_to_the_earlier() -> None:
    held = calendar(
        ("year", "2025/26", "2025-09-01", "2026-07-31"),
        ("year", "2026/27", "2026-09-01", "2027-07-31"),
        AUTUMN_1,
    )
    days = ("2025-08-31", "2025-09-01", "2026-08-15", "2026-09-01")
    assert [held.year_of(date.fromisoformat(day)).name for day in days] == ["2025/26"] * 3 + ["2026/27"]
