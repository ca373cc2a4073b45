"""The effect of letters: six school weeks on either side, summed, with no claim."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from math import sqrt
from statistics import pvariance, variance

import pytest

from letters.docx.paper import Paper
from letters.reports.governors.compared import add_effects
from letters.reports.governors.letter_effect import SentLetter, effects, steps_taken, windows
from letters.reports.governors.similar_pupils import LEAST, similar_pupils, t_quantile
from rules.pupil_record import PupilRecord
from rules.register import build_register
from rules.school import AttendancePlan, Mark, Pupil
from rules.statistics import Tally, rounded_percent
from tests.letters.made_up import calendar
from tests.letters.reports.governors.two_years import END, letters, report, tally, whole
from tests.letters.reports.reading import table_under, words


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
    rows = table_under(report(), "Before and after letters and other steps")
    assert [row[0] for row in rows[1:]] == ["Stage 1"]
    assert rows[1][3] == f"{rounded_percent(attended, possible)}%"
    assert (
        "Not shown, because fewer than 5 pupils can be counted yet, or could be worked out: Late."
        in words(report())
    )
    assert "no proof that letters work" in words(report())


# -- similar pupils

SENT = date(2025, 10, 15)
SPANS = ((date(2025, 9, 1), date(2025, 10, 12)), (date(2025, 10, 20), date(2025, 12, 7)))
BEFORE = [day for day in calendar().school_days if SPANS[0][0] <= day <= SPANS[0][1]]
AFTER = [day for day in calendar().school_days if SPANS[1][0] <= day <= SPANS[1][1]]


def tally_of(missed: list[tuple[int, int]]) -> Tally:
    """Return the tally of pupils who missed so many days before and after the letter's week."""
    pupils = [Pupil(str(n)) for n in range(len(missed))]
    absent = {
        (str(n), day)
        for n, (before, after) in enumerate(missed)
        for day in [*BEFORE[:before], *AFTER[:after]]
    }
    marks = [
        Mark(p.pupil_id, s.date, s.half, "I" if (p.pupil_id, s.date) in absent else "/")
        for p in pupils
        for s in calendar().sessions
        if s.date <= SPANS[1][1]
    ]
    return Tally(build_register(pupils=pupils, calendar=calendar(), marks=marks))


def with_letters(tally: Tally, number: int):
    letters = [(str(n), SPANS) for n in range(number)]
    return similar_pupils(tally, letters, {pupil_id: [SENT] for pupil_id, _ in letters})


def test_a_letter_that_changes_nothing_against_similar_pupils_shows_no_difference() -> None:
    """Both groups get better alike: regression to the mean."""
    found = with_letters(tally_of([(6, n % 3) for n in range(12)] + [(6, n % 3) for n in range(12)]), 12)
    assert found.difference == pytest.approx(0)
    assert found.change == pytest.approx(found.change_of_similar)
    assert found.change is not None
    assert found.change > 10
    assert not found.is_shown


def test_a_letter_after_which_pupils_are_better_than_similar_ones_shows_it() -> None:
    found = with_letters(tally_of([(6, n % 2) for n in range(12)] + [(6, 6)] * 12), 12)
    assert found.difference is not None
    assert found.difference == pytest.approx(100 * 5.5 / len(AFTER))
    assert found.is_shown


def test_similar_pupils_who_are_everybodys_make_the_range_wider() -> None:
    """By hand: 40 pupils, all compared with the same 10, each of whom counts 40 times with a tenth."""
    after = [n % 2 for n in range(40)], [n % 5 for n in range(10)]
    found = with_letters(tally_of([(6, days) for of in after for days in of]), 40)
    own, similar = ([100 * days / len(AFTER) for days in of] for of in after)
    again = 10 * ((40 / 10) ** 2 - 40 / 10**2) * pvariance(similar) / 40
    assert found.margin == pytest.approx(t_quantile(9) * sqrt((variance(own) + again) / 40))
    assert found.margin > 2 * t_quantile(39) * sqrt(variance(own) / 40)


@pytest.mark.parametrize(
    ("number", "similar", "said"),
    [(LEAST, LEAST, True), (LEAST - 1, LEAST, False), (LEAST, LEAST - 1, False)],
)
def test_too_few_pupils_say_nothing(number: int, similar: int, said: bool) -> None:
    found = with_letters(tally_of([(6, n % 2) for n in range(number)] + [(6, 6)] * similar), number)
    assert (found.pupils, found.similar, found.margin is not None) == (number, similar, said)


@pytest.mark.parametrize(("days", "similar"), [(5, 10), (7, 10), (4, 0), (8, 0)])
def test_similar_pupils_missed_as_much_before_two_sessions_more_or_fewer(days: int, similar: int) -> None:
    assert with_letters(tally_of([(6, 0)] * 10 + [(days, 0)] * 10), 10).similar == similar


def test_who_had_such_a_letter_in_those_weeks_is_nobodys_similar_pupil() -> None:
    tally = tally_of([(6, 0)] * 20)
    letters = [(str(n), SPANS) for n in range(10)]
    days = {str(n): [SENT] for n in range(10)} | {"10": [date(2025, 11, 12)], "11": [date(2026, 3, 2)]}
    assert similar_pupils(tally, letters, days).similar == 9


@pytest.mark.parametrize(
    ("freedom", "value"), [(9, 2.262), (10, 2.228), (20, 2.086), (30, 2.042), (120, 1.980)]
)
def test_the_quantiles_are_those_of_the_tables(freedom: int, value: float) -> None:
    assert t_quantile(freedom) == pytest.approx(value, abs=0.002)


def test_plans_meetings_visits_and_contracts_that_came_about_are_steps() -> None:
    day = date(2025, 10, 1)
    kinds = [("meeting", "held"), ("meeting", "missed"), ("visit", "seen"), ("visit", "nobody in"), ("contract", "signed"), ("contact", "answered")]  # fmt: skip
    records = tuple(PupilRecord("1000", kind, day, decision=decision) for kind, decision in kinds)  # type: ignore[arg-type]
    of = replace(
        whole(),
        pupil_records=records,
        attendance_plans=(
            AttendancePlan("1001", date(2025, 9, 30)),
            AttendancePlan("1001", day, decision="kept"),
            AttendancePlan("1001", day, kind="health"),
            AttendancePlan("1001", END),
        ),
    )
    assert [(step.rule, step.title) for step in steps_taken(of, date(2025, 12, 19))] == [
        ("plan", "Attendance plan agreed"),
        ("meeting", "Meeting held"),
        ("visit", "Home visit, family seen"),
        ("contract", "Attendance contract signed"),
    ]


def test_the_report_says_the_range_and_when_there_are_too_few() -> None:
    rows = {row[0]: row for row in table_under(report(), "Compared with similar pupils")}
    assert rows["Stage 1"][4].count("points") == 1
    assert " to " in rows["Stage 1"][4]
    assert "often better afterwards without any letter" in words(report())
    few = effects(
        whole(), tally(), [SentLetter("x", "X", str(1100 + n), SENT) for n in range(LEAST - 1)], END
    )
    assert few[0].similar.margin is None


@pytest.mark.parametrize(("alone", "shown"), [(0, True), (1, False), (4, False), (5, True)])
def test_the_change_of_the_few_without_similar_pupils_does_not_come_out(alone: int, shown: bool) -> None:
    missed = [(6, 1)] * 12 + [(15, 1)] * alone + [(6, n % 3) for n in range(12)]
    of = tally_of(missed)
    sent = [SentLetter("x", "Letter X", str(n), SENT) for n in range(12 + alone)]
    (effect,) = effects(of.register, of, sent, SPANS[1][1])
    assert (effect.pupils, effect.similar.pupils) == (12 + alone, 12)
    paper = Paper("Report", school="School", printed_on=END)
    add_effects(paper, [effect])
    (row,) = table_under(paper.save(), "Compared with similar pupils")[1:]
    assert (row[2].endswith("points"), row[3].endswith("points")) == (shown, shown)
    assert " to " in row[4]
