"""Counts, days, periods, codes and bands in words, English and Welsh."""

from __future__ import annotations

from datetime import date

import pytest

from letters.words import english, welsh
from rules.calendar import Period
from rules.codes import code_sets
from rules.policy import load_policy
from rules.thresholds import Interval

MONDAY, FRIDAY = date(2025, 11, 3), date(2025, 11, 7)


@pytest.mark.parametrize(
    ("start", "end", "in_english", "in_welsh"),
    [
        (MONDAY, MONDAY, "Monday 3 November 2025", "dydd Llun 3 Tachwedd 2025"),
        (MONDAY, FRIDAY, "Monday 3 to Friday 7 November 2025", "dydd Llun 3 i ddydd Gwener 7 Tachwedd 2025"),
        (date(2025, 12, 19), date(2026, 1, 5), "Friday 19 December 2025 to Monday 5 January 2026", "dydd Gwener 19 Rhagfyr 2025 i ddydd Llun 5 Ionawr 2026"),
        (date(2025, 9, 30), date(2025, 10, 1), "Tuesday 30 September to Wednesday 1 October 2025", "dydd Mawrth 30 Medi i ddydd Mercher 1 Hydref 2025"),
    ],
)  # fmt: skip
def test_a_span_of_days_names_month_and_year_once(
    start: date, end: date, in_english: str, in_welsh: str
) -> None:
    assert english.span(start, end) == in_english
    assert welsh.span(start, end) == in_welsh


def test_counts_agree_with_their_nouns() -> None:
    assert [english.count(n, "session") for n in (0, 1, 2)] == ["0 sessions", "1 session", "2 sessions"]
    assert [english.times(n) for n in (1, 2, 3)] == ["once", "twice", "3 times"]
    assert [english.school_days(n) for n in (1, 2, 3, 12)] == [
        "half a school day", "1 school day", "1.5 school days", "6 school days",
    ]  # fmt: skip
    assert [welsh.days(n) for n in (1, 2, 3, 7, 10, 28)] == [
        "1 diwrnod", "2 ddiwrnod", "3 diwrnod", "7 niwrnod", "10 niwrnod", "28 diwrnod",
    ]  # fmt: skip
    assert [welsh.times(n) for n in (1, 2, 3)] == ["unwaith", "dwywaith", "3 gwaith"]
    assert welsh.school_days(1) == "hanner diwrnod ysgol"


def test_year_groups_are_said_as_a_school_says_them() -> None:
    for text, in_english, in_welsh in (
        ("4", "Year 4", "Blwyddyn 4"),
        ("Yr 04", "Year 4", "Blwyddyn 4"),
        ("Year 11", "Year 11", "Blwyddyn 11"),
        ("R", "Reception", "Derbyn"),
        ("0", "Reception", "Derbyn"),
        ("N2", "Nursery", "Meithrin"),
        ("Kingfishers", "Kingfishers", "Kingfishers"),
        ("", "", ""),
    ):
        assert english.year_group(text) == in_english
        assert welsh.year_group(text) == in_welsh


def test_periods_are_named_in_a_sentence() -> None:
    def period(kind: str, name: str) -> Period:
        return Period(kind, name, MONDAY, FRIDAY)  # type: ignore[arg-type]

    assert english.period(period("term", "Autumn")) == "the Autumn term"
    assert english.period(period("term", "Autumn term")) == "the Autumn term"
    assert english.period(period("half_term", "Autumn 2")) == "the half term Autumn 2"
    assert english.period(period("year", "Academic Year 2025/26")) == "the school year 2025/26"
    assert welsh.period(period("term", "Spring term")) == "tymor y gwanwyn"
    assert welsh.period(period("half_term", "Autumn 2")) == "ail hanner tymor yr hydref"
    assert welsh.period(period("half_term", "Summer 1")) == "hanner tymor cyntaf yr haf"


def test_every_code_and_band_of_the_welsh_pack_has_its_welsh_words() -> None:
    for code in code_sets("wales")[-1].codes:
        assert welsh.CODES[code]
    for band in load_policy("cadle").bands:
        assert welsh.band(band.name) != band.name
        assert welsh.band_range(band.attendance)
    assert welsh.band_range(Interval.parse(">= 95")) == "95% ac uwch"
    assert welsh.band_range(Interval.parse(">= 90, < 95")) == "90 i 94.9%"
    assert welsh.band_range(Interval.parse("> 90, < 95")) == "90.1 i 94.9%"
    assert welsh.band_range(Interval.parse("< 50")) == "o dan 50%"
    assert welsh.band_range(Interval.parse(">= 97, < 100")) == "97 i 99.9%"
    assert welsh.band_range(Interval.parse(">= 0, <= 0")) == "0%"
    assert welsh.band_range(Interval.parse("> 0, < 50")) == "0.1 i 49.9%"
    assert welsh.band_range(Interval.parse("> 90, < 90.1")) == "90.1%"


def test_a_welsh_greeting_joins_names_as_welsh_does() -> None:
    assert welsh.together("Mr and Mrs Okafor") == "Mr a Mrs Okafor"
    assert welsh.together("Ms Lee & Ada Okafor") == "Ms Lee ac Ada Okafor"
    assert welsh.together("parents and carers") == "rieni a gofalwyr"
    assert welsh.together("Parent or carer") == "Riant neu ofalwr"
    assert welsh.together("Alexandra Anderson") == "Alexandra Anderson"


@pytest.mark.parametrize(
    ("year", "group", "in_english", "in_welsh"),
    [
        ("4", "4B", "Year 4, class 4B", "Blwyddyn 4, dosbarth 4B"),
        ("3", " Class 1 ", "Year 3, Class 1", "Blwyddyn 3, Class 1"),
        ("2", "Year 2", "Year 2", "Blwyddyn 2, Year 2"),
        ("6", "Year 6 Oak", "Year 6 Oak", "Blwyddyn 6, Year 6 Oak"),
        ("2", "Blwyddyn 2", "Year 2, Blwyddyn 2", "Blwyddyn 2"),
        ("6", "Year 66", "Year 6, Year 66", "Blwyddyn 6, Year 66"),
        ("R", "", "Reception", "Derbyn"),
        ("", "Classroom", "class Classroom", "dosbarth Classroom"),
    ],
)
def test_a_class_that_names_itself_is_said_once(
    year: str, group: str, in_english: str, in_welsh: str
) -> None:
    assert english.year_and_class(year, group) == in_english
    assert welsh.year_and_class(year, group) == in_welsh
