"""Which letters the reports count: no few pupils come out of one report, nor of the difference of two."""

from __future__ import annotations

from datetime import date

import pytest

from letters.reports.governors.letter_effect import SentLetter, effects, windows
from letters.reports.governors.letters_shown import Counted, letters_shown
from letters.reports.suppression import MINIMUM
from tests.letters.made_up import calendar
from tests.letters.reports.governors.two_years import END, tally, whole

HALF_TERM, TERM = date(2026, 2, 13), date(2026, 3, 27)
EARLY, LATE = date(2025, 10, 15), date(2026, 1, 14)


def spans(day: date):
    found = windows(whole(), day, END)
    assert found
    return found


def counted(first: int, number: int, day: date) -> list[Counted]:
    return [(str(pupil), spans(day)) for pupil in range(first, first + number)]


@pytest.mark.parametrize(("more", "shown"), [(0, 0), (MINIMUM - 1, 0), (MINIMUM, MINIMUM)])
def test_letters_join_the_reports_with_five_pupils_or_more(more: int, shown: int) -> None:
    letters = {"stage-1": [*counted(1000, 6, EARLY), *counted(1100, more, LATE)]}
    assert len(letters_shown(letters, {HALF_TERM}, whole().calendar)["stage-1"]) == 6
    assert len(letters_shown(letters, {HALF_TERM, TERM}, whole().calendar)["stage-1"]) == 6 + shown
    assert len(letters_shown(letters, {TERM}, whole().calendar)["stage-1"]) == 6 + more, "the only report"


def test_few_letters_wait_for_more() -> None:
    letters = {"stage-1": [*counted(1000, 3, EARLY), *counted(1100, 2, LATE)]}
    assert letters_shown(letters, {HALF_TERM}, whole().calendar)["stage-1"] == set()
    assert len(letters_shown(letters, {HALF_TERM, TERM}, whole().calendar)["stage-1"]) == 5


def test_five_letters_of_one_pupil_are_one_pupil() -> None:
    days = [day for day in calendar().school_days if day >= EARLY][:30:5]
    letters = {"late": [("1000", spans(day)) for day in days]}
    assert letters_shown(letters, {TERM}, whole().calendar)["late"] == set()


@pytest.mark.parametrize(("more", "shown"), [(1, 0), (MINIMUM - 1, 0), (MINIMUM, 10), (0, 5)])
def test_two_rules_of_the_same_pupils_do_not_give_a_few_away(more: int, shown: int) -> None:
    letters = {"contract": counted(1000, 5, EARLY), "meeting": counted(1000, 5 + more, EARLY)}
    found = letters_shown(letters, {TERM}, whole().calendar)
    assert (len(found["contract"]), len(found["meeting"])) == (5, shown)


def test_a_report_made_on_the_last_school_day_counts_the_week_that_ends_with_it() -> None:
    letters = counted(1000, 5, EARLY)
    last = spans(EARLY)[1][1]
    friday = whole().calendar.last_school_day(date(2025, 9, 1), last)
    assert friday is not None
    assert friday < last
    assert len(letters_shown({"stage-1": letters}, {friday}, whole().calendar)["stage-1"]) == 5


def test_the_difference_of_two_reports_tells_of_no_single_pupil() -> None:
    letters = [
        *(SentLetter("plan", "Plan", str(n), EARLY) for n in range(1100, 1106)),
        SentLetter("plan", "Plan", "1110", LATE),
    ]
    (first,) = effects(whole(), tally(), letters, HALF_TERM)
    (second,) = effects(whole(), tally(), letters, TERM, [HALF_TERM])
    assert first.counted == 6
    assert (second.before, second.after) == (first.before, first.after)
