"""What a letter says of days, counts and earlier notices, on both sides of each limit."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

import pytest

from letters.addressees import Addressee
from letters.earlier.made_before import years_before
from letters.facts import Facts, target_text
from letters.fields import registry
from rules.calendar import Calendar, Period
from rules.events import CountedMark, Event
from rules.policy import Policy
from rules.register import build_register
from rules.school import Mark, Notice, Pupil, Spell
from rules.statistics import Tally
from tests.letters.letter_school import (
    CALENDAR,
    DAY,
    KEY,
    LONG,
    ORLA,
    SCHOOL,
    YOUNG,
    made_up_event,
    policy,
    register,
)


def facts(
    rule: str = "stage-1",
    pupil: Pupil = LONG,
    *,
    pack: Policy | None = None,
    written_on: date = DAY,
    notices: tuple[Notice, ...] = (),
    calendar: Calendar = CALENDAR,
    **changes: object,
) -> Facts:
    """Return the facts of one made-up event; ``changes`` are fields of the event."""
    own = pack or policy("hcat")
    held = register()
    people = tuple(pupil if p.pupil_id == pupil.pupil_id else p for p in held.pupils)
    if calendar is not CALENDAR or people != held.pupils:
        marks = [
            Mark(p.pupil_id, session.date, session.half, held.code_at(row, column), held.minutes_late.get((row, column)))
            for row, p in enumerate(held.pupils)
            for column, session in enumerate(held.sessions)
            if session.date <= DAY
        ]  # fmt: skip
        held = build_register(pupils=people, calendar=calendar, marks=marks)
    event = replace(made_up_event(own, own.rule(rule), pupil), **changes)  # type: ignore[arg-type]
    return Facts(event, held, Tally(held), own, SCHOOL, KEY, written_on, notices)


def bare(**changes: object) -> dict[str, object]:
    """Return an event that carries no figures of its own."""
    return {"figures": {}, "sessions": (), "window": None, **changes}


# -- the day by which a family answers


@pytest.mark.parametrize(
    ("written_on", "reply_by"),
    [
        (date(2025, 12, 5), date(2025, 12, 12)),  # a Friday: Monday is the first of five school days
        (date(2025, 12, 6), date(2025, 12, 12)),
        (date(2025, 10, 22), date(2025, 11, 5)),  # two days, a holiday, three days
        (date(2026, 2, 6), date(2026, 2, 13)),  # the calendar ends with the fifth day
        (date(2026, 2, 9), date(2026, 2, 16)),  # four days are left, so it is a week
    ],
)
def test_a_family_has_five_school_days_to_answer(written_on: date, reply_by: date) -> None:
    assert facts(written_on=written_on).reply_by == reply_by


# -- earlier penalty notices


@pytest.mark.parametrize(
    ("issued", "counts"),
    [
        (date(2022, 12, 4), False),
        (date(2022, 12, 5), True),
        (DAY, True),
        (DAY + timedelta(1), False),
    ],
)
def test_notices_of_three_years_count_the_first_and_the_last_day_with_them(
    issued: date, counts: bool
) -> None:
    notice = Notice("1", "c1", issued)
    assert facts(notices=(notice,)).earlier_notices == ((notice,) if counts else ())


@pytest.mark.parametrize(("day", "counts"), [(date(2024, 8, 18), True), (date(2024, 8, 19), False)])
def test_where_the_law_sets_no_limit_every_notice_on_record_counts(day: date, counts: bool) -> None:
    notice = Notice("1", "c1", date(2015, 3, 2))
    assert facts(notices=(notice,), date=day).earlier_notices == ((notice,) if counts else ())


@pytest.mark.parametrize(
    ("day", "first", "second"), [(date(2024, 8, 18), "£60", ""), (date(2024, 8, 19), "£80", "£160")]
)
def test_amounts_in_a_letter_are_those_of_the_events_day(day: date, first: str, second: str) -> None:
    known = {field.name: field.fill(facts(date=day)) for field in registry.FIELDS if "penalty_" in field.name}
    assert (known["penalty_first"], known["penalty_second"]) == (first, second)


def test_amounts_in_a_letter_are_those_of_the_schools_nation() -> None:
    own = facts()
    own.register = register("wales")
    assert own.penalty is not None
    assert (own.penalty.first, own.penalty.full_days, own.notice_years) == (60, 42, None)


def test_a_letter_counts_the_notices_of_its_own_addressee_and_pupil() -> None:
    first, second, other = Notice("1", "c1", DAY), Notice("1", "c3", DAY), Notice("2", "c1", DAY)
    own = facts(notices=(first, second, other))
    assert own.earlier_notices == (first, second)
    letter = own.to(Addressee("Dr O’Shaughnessy", ("Hull",), "Dr O’Shaughnessy", contact_ids=("c1",)))
    assert letter.earlier_notices == (first,)
    assert own.addressee is None


@pytest.mark.parametrize(
    ("day", "years", "before"),
    [
        (date(2025, 12, 5), 3, date(2022, 12, 5)),
        (date(2024, 2, 29), 3, date(2021, 2, 28)),
        (date(2024, 2, 29), 4, date(2020, 2, 29)),
    ],
)
def test_years_before_keep_the_day_and_a_leap_day_becomes_the_28th(
    day: date, years: int, before: date
) -> None:
    assert years_before(day, years) == before


# -- counts of the year to date


def test_figures_are_the_events_own_or_else_the_registers() -> None:
    own = facts(figures={"attended": 99, "possible": 120, "attendance_percent": "82.5"})
    assert (own.attended, own.possible, own.missed, own.percent) == (99, 120, 21, "82.5")
    assert not own.agrees
    counted = facts(**bare())
    assert (counted.attended, counted.possible) == (counted.figures.attended, counted.figures.possible)
    assert counted.agrees
    assert counted.missed == counted.figures.absent
    assert not facts(figures={"attended": counted.attended + 1, "possible": counted.possible}).agrees
    assert not facts(figures={"attended": counted.attended, "possible": counted.possible + 1}).agrees


@pytest.mark.parametrize(
    ("carried", "number"), [(7, 7), ("7", 7), ("", None), ("7.5", None), (None, None), (0, 0)]
)
def test_a_count_is_a_whole_number_also_where_it_is_kept_as_text(carried: object, number: int | None) -> None:
    figures = {} if carried is None else {"count": carried}
    assert facts(figures=figures).number("count") == number


@pytest.mark.parametrize(("possible", "enough"), [(29, False), (30, True)])
def test_a_percentage_needs_the_policys_fewest_possible_sessions(possible: int, enough: bool) -> None:
    pack = policy("hcat")
    assert pack.minimum_possible_sessions == 30
    assert facts(pack=pack, figures={"attended": 20, "possible": possible}).enough == enough


@pytest.mark.parametrize(
    ("shown", "absence"),
    [("82.5", "17.5"), ("100.0", "0.0"), ("0.0", "100.0"), ("99.9", "0.1"), ("90.1", "9.9")],
)
def test_attendance_and_absence_as_shown_make_a_hundred(shown: str, absence: str) -> None:
    assert facts(figures={"attendance_percent": shown}).absence_percent == absence


def test_without_a_possible_session_there_is_no_percentage() -> None:
    none = facts(**bare(figures={"attended": 0, "possible": 0}))
    assert (none.percent, none.absence_percent, none.band, none.colour) == ("", "", None, "")


@pytest.mark.parametrize(
    ("attended", "band", "colour"),
    [
        (90, "Persistent absence", "red"),
        (91, "At risk of persistent absence", "amber"),
        (97, "Good", "green"),
    ],
)
def test_a_band_and_a_colour_are_those_of_the_year_to_date(attended: int, band: str, colour: str) -> None:
    own = facts(figures={"attended": attended, "possible": 100})
    assert own.band is not None
    assert (own.band.name, own.colour) == (band, colour)


# -- the year to date


def test_the_year_to_date_runs_from_the_first_school_day_to_the_events_day() -> None:
    assert facts().span == (date(2025, 9, 3), DAY)


@pytest.mark.parametrize(
    ("start", "first"),
    [
        (date(2025, 9, 3), date(2025, 9, 3)),
        (date(2025, 9, 4), date(2025, 9, 4)),
        (date(2025, 10, 25), date(2025, 11, 3)),
        (date(2024, 9, 1), date(2025, 9, 3)),
    ],
)
def test_it_begins_with_the_pupil_or_the_policy_where_they_are_later(start: date, first: date) -> None:
    joined = facts(pupil=LONG.with_spells(Spell(start=start)))
    assert joined.span == (first, DAY)
    begun = facts(pack=policy("hcat").model_copy(update={"start": start}))
    assert begun.span == (first, DAY)


def test_what_the_law_counts_begins_with_compulsory_age_and_ends_with_it() -> None:
    five = replace(LONG, date_of_birth=date(2020, 10, 15))  # of compulsory age from 31 December 2025
    after = {"date": date(2026, 1, 9), **bare()}
    assert facts(pupil=five, legal=True, **after).span == (date(2026, 1, 5), date(2026, 1, 9))
    assert facts(pupil=five, legal=False, **after).span == (date(2025, 9, 3), date(2026, 1, 9))
    sixteen = replace(LONG, date_of_birth=date(2009, 3, 1))  # until Friday 27 June 2025
    assert facts(pupil=sixteen, legal=True).span[1] == date(2025, 6, 27)
    assert facts(pupil=sixteen, legal=False).span[1] == DAY


def test_a_start_at_a_weekend_before_the_events_day_becomes_that_day() -> None:
    joined = LONG.with_spells(Spell(start=date(2025, 11, 29)))
    assert facts(pupil=joined, **bare(date=date(2025, 12, 1))).span == (date(2025, 12, 1), date(2025, 12, 1))


def test_a_start_after_the_events_day_is_kept_as_it_is() -> None:
    late = facts(pupil=LONG.with_spells(Spell(start=date(2025, 12, 6))))
    assert late.span == (date(2025, 12, 6), DAY)


def test_only_a_pupil_of_compulsory_age_hears_of_the_law() -> None:
    assert facts().of_age
    assert not facts(pupil=replace(YOUNG, date_of_birth=date(2021, 8, 30))).of_age


# -- the days that were counted


def test_the_days_counted_are_the_events_window_its_period_its_marks_or_the_year() -> None:
    window = (date(2025, 11, 3), DAY)
    assert facts(**bare(window=window, figures={"threshold": 3})).counted == window
    period = {"period_start": "2025-11-04", "period_end": "2025-12-04"}
    assert facts(**bare(window=window, figures=period)).counted == (date(2025, 11, 4), date(2025, 12, 4))
    assert facts(**bare(figures={"period_start": "2025-11-04"})).counted == (date(2025, 9, 3), DAY)
    marks = tuple(CountedMark(date(2025, 11, day), "AM", "O") for day in (12, 11, 13))
    assert facts(**bare(sessions=marks)).counted == (date(2025, 11, 11), date(2025, 11, 13))
    assert facts(**bare(window=window)).counted == (date(2025, 9, 3), DAY)


# -- reviews


@pytest.mark.parametrize(
    ("day", "review"),
    [
        (date(2025, 11, 7), DAY),  # 28 days later
        (date(2025, 11, 8), date(2025, 12, 8)),  # a Saturday becomes Monday
        (date(2025, 11, 24), date(2026, 1, 5)),  # a day of the holidays becomes the first day after them
        (date(2026, 1, 16), date(2026, 2, 13)),  # the calendar's last day
        (date(2026, 1, 17), None),  # past the calendar's end
    ],
)
def test_a_review_is_so_many_days_later_on_a_school_day(day: date, review: date | None) -> None:
    assert facts(written_on=day).review_day == review


def test_a_review_in_the_next_academic_year_is_dropped() -> None:
    two_years = Calendar(
        (
            *CALENDAR.periods,
            Period("year", "2026/27", date(2026, 9, 1), date(2027, 8, 31)),
            Period("half_term", "Autumn 1, 2026", date(2026, 9, 2), date(2026, 10, 23)),
        )
    )
    assert facts(calendar=two_years, written_on=date(2026, 2, 13)).review_day is None
    assert facts(calendar=two_years, written_on=date(2026, 1, 16)).review_day == date(2026, 2, 13)


def test_a_rule_that_no_rule_reviews_has_no_review() -> None:
    assert facts("stage-4").review_day is None


# -- marks that a letter lists


def test_absences_are_listed_from_the_first_to_the_last_day() -> None:
    own = facts()
    assert {mark.code for mark in own.absences} == {"I", "M", "O", "G", "U", "N"}
    days = own.absent_between(date(2025, 9, 16), date(2025, 9, 17))
    assert [(mark.date.day, mark.half, mark.code) for mark in days] == [
        (16, "AM", "I"),
        (16, "PM", "I"),
        (17, "AM", "I"),
    ]
    assert len(own.absent_between(date(2025, 9, 15), date(2025, 9, 15))) == 2
    assert own.absent_between(date(2025, 9, 18), date(2025, 10, 5)) == ()


def test_a_letter_lists_what_decided_or_what_came_after_the_opening_or_the_year() -> None:
    assert facts("stage-4").counted_marks == facts("stage-4").event.sessions
    opened = facts(**bare(figures={"opened": "2025-11-12"})).counted_marks
    assert [(mark.date, mark.code) for mark in opened] == [(date(2025, 11, 24), "N")] * 2
    assert facts(**bare()).counted_marks == facts().absences


def test_minutes_late_are_those_of_the_very_session() -> None:
    own = facts()
    assert own.minutes_late(CountedMark(date(2025, 11, 6), "AM", "L")) == 12
    assert own.minutes_late(CountedMark(date(2025, 11, 6), "PM", "L")) is None
    assert own.minutes_late(CountedMark(date(2025, 11, 7), "AM", "L")) is None
    assert own.minutes_late(CountedMark(date(2025, 11, 8), "AM", "L")) is None


# -- periods


def test_the_period_of_a_rule_is_its_half_term_term_or_year() -> None:
    half_term = facts("colour-letter")
    assert half_term.period is not None
    assert half_term.period.name == "Autumn 2"
    figures = half_term.period_figures
    assert (figures.possible, figures.absent) == (50, 9)
    joined = facts("colour-letter", LONG.with_spells(Spell(start=date(2025, 12, 4))))
    assert joined.period_figures.possible == 4
    begun = facts("colour-letter", pack=policy("hcat").model_copy(update={"start": date(2025, 11, 10)}))
    assert begun.period_figures.possible == 40
    no_period = facts(**bare())
    assert no_period.period == CALENDAR.term_of(DAY)
    assert facts(**bare(date=date(2025, 12, 22))).period is None


def test_a_share_between_two_days_stays_inside_the_year_to_date() -> None:
    own = facts()
    whole, shown = own.share(date(2020, 1, 1), date(2030, 1, 1))
    assert whole == own.figures
    assert shown == own.policy.shown(whole.attended, whole.possible)
    one_day, hundred = own.share(date(2025, 11, 6), date(2025, 11, 6))
    assert (one_day.possible, hundred) == (2, "100.0")
    assert own.share(date(2025, 11, 8), date(2025, 11, 9))[1] == ""


# -- the policy's own words


@pytest.mark.parametrize(("target", "text"), [("97", "97"), ("96.5", "96.5"), (None, "")])
def test_a_target_is_shown_with_its_tenth_only_where_it_has_one(target: str | None, text: str) -> None:
    own = policy("hcat").model_copy(update={"target": None if target is None else Fraction(target)})
    assert target_text(own) == text


def test_a_rule_that_the_policy_no_longer_has_is_none() -> None:
    event = Event("gone", DAY, "", (), "1")
    held = register()
    assert Facts(event, held, Tally(held), policy("hcat"), SCHOOL, KEY, DAY).rule is None


def test_the_adults_of_a_form_are_those_with_parental_responsibility() -> None:
    uncle = replace(ORLA, contact_id="c9", parental_responsibility=False)
    assert facts(pupil=replace(LONG, contacts=(ORLA, uncle))).adults == (ORLA,)
