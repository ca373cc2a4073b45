"""On the edge of every limit of a run: the last value that lets a letter go, and the first that holds it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from connector.config.loaded_school import LoadedSchool
from connector.ledger.exclusions.named import flags_on
from connector.ledger.guards import school_days_between
from connector.store import Store
from rules.calendar import Period
from rules.school import Exclusion, Spell
from tests.connector.memory_mis import (
    CALENDAR,
    FIRST_DAY,
    MemoryMis,
    made_up_pupil,
    next_day,
    school_days,
    small_school,
)
from tests.connector.runs import ledger, options, row_of, run, run_days

LATE = ("late-letter",)
WEDNESDAY = date(2025, 9, 10)
"""The day of the third late mark."""
LATE_DAYS = (date(2025, 9, 8), date(2025, 9, 9), WEDNESDAY)
HALF_TERM_END = date(2025, 10, 24)


def late_school(pupils: int = 1, until: date = WEDNESDAY) -> MemoryMis:
    """Everybody is late on three mornings, the third a Wednesday; marks are there up to a day."""
    mis = small_school(pupils, until=until)
    for pupil_id in mis.pupils:
        for day in LATE_DAYS:
            mis.mark(pupil_id, day, "AM", "L")
    return mis


def states(state: Path) -> list[str]:
    return [row.state for row in ledger(state)]


def school_day(start: date, later: int) -> date:
    """Return the school day so many school days after another."""
    return [day for day in CALENDAR.school_days if day > start][later - 1]


# -- the first run, and the start of letters


@pytest.mark.parametrize(
    ("later", "limit", "held"), [(10, 10, False), (11, 10, True), (0, 0, False), (1, 0, True)]
)
def test_a_first_run_holds_what_is_more_than_the_set_school_days_old(
    tmp_path: Path, later: int, limit: int, held: bool
) -> None:
    day = school_day(WEDNESDAY, later) if later else WEDNESDAY
    mis, state = late_school(until=day), tmp_path / "hill.db"
    run(mis, state, day, options(only=LATE, first_run_school_days=limit))
    assert row_of(state, "late-letter").hold == ("first_run" if held else "")
    assert states(state) == ["held" if held else "verified"]


@pytest.mark.parametrize(("later", "held"), [(10, False), (11, True)])
def test_what_is_found_later_is_too_old_to_send_after_ten_school_days(
    tmp_path: Path, later: int, held: bool
) -> None:
    late = school_day(WEDNESDAY, later)
    mis, state = small_school(1, until=late), tmp_path / "hill.db"
    opts = options(only=LATE, first_run_school_days=5, ladder_gap_days=0)
    run(mis, state, WEDNESDAY, opts)
    for day in LATE_DAYS:
        mis.mark("1", day, "AM", "L")  # corrected weeks later
    run(mis, state, late, opts)
    assert row_of(state, "late-letter").hold == ("too_old" if held else "")
    assert states(state) == ["held" if held else "verified"]


def test_its_age_counts_from_the_first_day_judged_and_not_from_a_later_run(tmp_path: Path) -> None:
    late = school_day(WEDNESDAY, 11)
    mis, state = small_school(1, until=late), tmp_path / "hill.db"
    opts = options(only=LATE, first_run_school_days=5, ladder_gap_days=0)
    for day in (WEDNESDAY, school_day(WEDNESDAY, 9)):
        run(mis, state, day, opts)
    for day in LATE_DAYS:
        mis.mark("1", day, "AM", "L")
    run(mis, state, late, opts)
    assert row_of(state, "late-letter").hold == "too_old"


@pytest.mark.parametrize(("since", "written"), [(WEDNESDAY, True), (WEDNESDAY + timedelta(1), False)])
def test_an_event_on_the_day_from_which_letters_are_written_is_written(
    tmp_path: Path, since: date, written: bool
) -> None:
    mis, state = late_school(), tmp_path / "hill.db"
    run(mis, state, WEDNESDAY, options(only=LATE, since=since))
    assert states(state) == ["verified" if written else "superseded"]


def test_an_earlier_since_brings_back_what_is_dated_on_that_day_or_later(tmp_path: Path) -> None:
    mis, state = late_school(), tmp_path / "hill.db"
    for since, expected in (
        (WEDNESDAY + timedelta(2), "superseded"),
        (WEDNESDAY + timedelta(1), "superseded"),
        (WEDNESDAY, "verified"),
    ):
        run(mis, state, WEDNESDAY, options(only=LATE, since=since))
        assert states(state) == [expected]


# -- how far back events count

THREE_YEARS = (
    Period("year", "2023/24", date(2023, 9, 4), date(2024, 8, 31)),
    Period("half_term", "Autumn 1, 2023", date(2023, 9, 4), date(2023, 10, 20)),
    Period("half_term", "Summer 2, 2024", date(2024, 6, 3), date(2024, 7, 19)),
    Period("year", "2024/25", date(2024, 9, 2), date(2025, 8, 31)),
    Period("half_term", "Autumn 1, 2024", date(2024, 9, 2), date(2024, 10, 18)),
    Period("half_term", "Summer 2, 2025", date(2025, 6, 2), date(2025, 7, 18)),
    Period("year", "2025/26", date(2025, 9, 1), date(2026, 8, 31)),
    Period("half_term", "Autumn 1, 2025", date(2025, 9, 1), date(2025, 10, 24)),
)
FIRST_OF_2023 = date(2023, 9, 4)
LAST_OF_2023 = date(2024, 7, 19)
FIRST_OF_2024 = date(2024, 9, 2)


def long_school() -> MemoryMis:
    """One pupil over three academic years, late on the first day of two and the last of one."""
    mis = MemoryMis(THREE_YEARS, {"1": made_up_pupil(1)})
    for day in (FIRST_OF_2023, LAST_OF_2023, FIRST_OF_2024):
        mis.mark("1", day, "AM", "L")
        mis.mark("1", day, "PM", "\\")
    for day in (date(2025, 7, 18), date(2025, 9, 1)):
        mis.day("1", day, "/")
    return mis


def one_late_mark() -> LoadedSchool:
    """Return a rule on no ladder that fires on the first late mark of each half term."""
    opts = options(only=LATE)
    (rule,) = opts.policy.rules
    first = rule.model_copy(
        update={"when": rule.when.model_copy(update={"at_least": 1}), "ladder": None, "rung": 0}
    )
    return replace(opts, policy=opts.policy.model_copy(update={"rules": (first,)}))


def by_day(state: Path) -> dict[date, str]:
    return {row.date: row.state for row in ledger(state)}


def test_letters_reach_back_to_the_first_day_of_the_year_before_and_no_further(tmp_path: Path) -> None:
    mis, state = long_school(), tmp_path / "hill.db"
    run(mis, state, date(2025, 9, 1), one_late_mark())
    assert by_day(state) == {
        FIRST_OF_2023: "superseded",
        LAST_OF_2023: "superseded",
        FIRST_OF_2024: "verified",
    }
    assert len(mis.documents) == 1


def test_a_correction_takes_a_letter_back_to_the_first_day_of_the_year_before_and_no_further(
    tmp_path: Path,
) -> None:
    mis, state = long_school(), tmp_path / "hill.db"
    run(mis, state, date(2025, 7, 18), one_late_mark())  # a day of 2024/25, so 2023/24 is in reach
    assert by_day(state) == dict.fromkeys((FIRST_OF_2023, LAST_OF_2023, FIRST_OF_2024), "verified")
    for day in (FIRST_OF_2023, LAST_OF_2023, FIRST_OF_2024):
        mis.mark("1", day, "AM", "/")
    run(mis, state, date(2025, 9, 1), one_late_mark())
    assert by_day(state) == {
        FIRST_OF_2023: "verified",
        LAST_OF_2023: "verified",
        FIRST_OF_2024: "withdrawn",
    }


# -- marks that have to settle


@pytest.mark.parametrize(
    ("days", "later", "held"), [(1, 0, True), (1, 1, False), (3, 2, True), (3, 3, False)]
)
def test_a_letter_goes_out_once_its_last_mark_is_so_many_school_days_old(
    tmp_path: Path, days: int, later: int, held: bool
) -> None:
    day = school_day(WEDNESDAY, later) if later else WEDNESDAY
    mis, state = late_school(until=day), tmp_path / "hill.db"
    run(mis, state, day, options(only=LATE, settling_days=days))
    assert row_of(state, "late-letter").hold == ("settling" if held else "")


@pytest.mark.parametrize(("code", "settling", "held"), [("N", 0, False), ("N", 1, True), ("-", 1, True)])
@pytest.mark.parametrize("day", [FIRST_DAY, WEDNESDAY])
def test_a_gap_on_the_first_or_the_last_day_of_the_count_holds_it_where_marks_settle(
    tmp_path: Path, day: date, code: str, settling: int, held: bool
) -> None:
    after = next_day(WEDNESDAY)
    mis, state = late_school(until=after), tmp_path / "hill.db"
    mis.mark("1", day, "PM", code)
    run(mis, state, after, options(only=LATE, settling_days=settling))
    assert row_of(state, "late-letter").hold == ("settling" if held else "")


def test_a_gap_on_the_day_after_the_count_holds_nothing(tmp_path: Path) -> None:
    after = next_day(WEDNESDAY)
    mis, state = late_school(until=after), tmp_path / "hill.db"
    mis.day("1", after, "N")
    run(mis, state, after, options(only=LATE, settling_days=1))
    assert states(state) == ["verified"]


def test_another_pupils_gap_holds_nothing(tmp_path: Path) -> None:
    after = next_day(WEDNESDAY)
    mis, state = late_school(2, until=after), tmp_path / "hill.db"
    mis.mark("2", WEDNESDAY, "PM", "N")
    run(mis, state, after, options(only=LATE, settling_days=1))
    assert [row_of(state, "late-letter", pupil).state for pupil in "12"] == ["verified", "held"]


def test_marks_settle_by_their_own_day_and_an_event_without_marks_by_its_day(tmp_path: Path) -> None:
    due = date(2025, 9, 15)  # the fifth school day after the mark
    mis, state = small_school(1, until=due), tmp_path / "overdue.db"
    mis.mark("1", date(2025, 9, 8), "AM", "N")
    run(mis, state, due, options("thringstone", only=("code-overdue",), settling_days=3))
    assert states(state) == ["verified"]
    mis, state = small_school(1, until=HALF_TERM_END), tmp_path / "end.db"
    opts = options(only=("colour-letter",), settling_days=1)
    for day, expected in (
        (HALF_TERM_END, "held"),
        (date(2025, 11, 2), "held"),
        (date(2025, 11, 3), "verified"),
    ):
        if CALENDAR.is_school_day(day):
            mis.day("1", day, "/")
        run(mis, state, day, opts)
        assert states(state) == [expected]


# -- pupils who leave


@pytest.mark.parametrize(("later", "state_of"), [(-1, "verified"), (0, "held"), (1, "held")])
def test_a_letter_goes_out_on_the_day_before_the_leaving_date_and_not_on_that_day(
    tmp_path: Path, later: int, state_of: str
) -> None:
    day = max(WEDNESDAY, WEDNESDAY + timedelta(later))
    mis, state = late_school(until=day), tmp_path / "hill.db"
    mis.pupils["1"] = mis.pupils["1"].with_spells(Spell(end=day - timedelta(later)))
    run(mis, state, day, options(only=LATE))
    assert states(state) == [state_of]
    with Store.open(state, "hill") as store:
        history = [line.state for line in store.ledger.history(row_of(state, "late-letter").id)]
    assert ("composed" in history) == (state_of == "verified"), "no letter is even made"


def test_a_letter_goes_out_on_the_first_day_on_roll(tmp_path: Path) -> None:
    mis, state = late_school(), tmp_path / "hill.db"
    mis.pupils["1"] = mis.pupils["1"].with_spells(Spell(start=WEDNESDAY))
    run(mis, state, WEDNESDAY, one_late_mark())
    assert states(state) == ["verified"]


# -- too many at once


@pytest.mark.parametrize(("pupils", "held"), [(5, False), (6, True)])
@pytest.mark.parametrize(
    "limit", [{"hold_above_events": 5}, {"hold_above_events_of_rule": {"late-letter": 5}}]
)
def test_more_new_events_than_the_limit_are_held(
    tmp_path: Path, pupils: int, held: bool, limit: dict[str, object]
) -> None:
    mis, state = late_school(pupils), tmp_path / "hill.db"
    run(mis, state, WEDNESDAY, options(only=LATE, **limit))
    assert {(row.state, row.hold) for row in ledger(state)} == {
        ("held", "too_many") if held else ("verified", "")
    }


@pytest.mark.parametrize(("limit", "held"), [(2, False), (1, True)])
def test_events_of_a_weeks_end_count_among_the_new_ones(tmp_path: Path, limit: int, held: bool) -> None:
    friday = date(2025, 9, 12)
    mis, state = small_school(2, until=friday), tmp_path / "hill.db"
    mis.pupils["2"] = made_up_pupil(2, registration_group="5B")
    run(mis, state, date(2025, 9, 8), options(only=("class-on-target",)))
    before = {row.id for row in ledger(state)}
    run(mis, state, friday, options(only=("class-on-target",), hold_above_events=limit))
    fresh = [row for row in ledger(state) if row.id not in before]
    assert [row.hold for row in fresh] == (["too_many"] * 2 if held else ["", ""])


@pytest.mark.parametrize(("pupils", "held"), [(5, False), (6, True)])
def test_more_withdrawals_at_once_than_the_limit_are_not_made(
    tmp_path: Path, pupils: int, held: bool
) -> None:
    mis, state = late_school(pupils), tmp_path / "hill.db"
    run(mis, state, WEDNESDAY, options(only=LATE))
    for pupil_id in mis.pupils:
        mis.mark(pupil_id, WEDNESDAY, "AM", "/")
    limits = {"hold_above_withdrawals": 5, "hold_above_withdrawals_percent": 100}
    summary = run(mis, state, WEDNESDAY, options(only=LATE, **limits))
    assert set(states(state)) == {"held" if held else "withdrawn"}
    assert summary.withdrawals_held == (6 if held else 0)


@pytest.mark.parametrize("limit", [{"first_run_school_days": 0}, {"hold_above_events": 1}])
def test_what_a_person_must_look_at_stays_held_when_registers_were_missing_meanwhile(
    tmp_path: Path, limit: dict[str, object]
) -> None:
    after = next_day(WEDNESDAY)
    mis, state = late_school(2, until=after), tmp_path / "hill.db"
    opts = options(only=LATE, **limit)
    run(mis, state, after, opts)
    kept = {row.hold for row in ledger(state)}
    assert kept in ({"first_run"}, {"too_many"})
    for mark in ("-", "/"):
        for pupil_id in mis.pupils:
            mis.day(pupil_id, after, mark)
        run(mis, state, after, opts)
        assert {row.hold for row in ledger(state)} == kept
    assert not mis.documents


# -- ladders


@pytest.mark.parametrize("gap", [1, 2, 5])
def test_the_next_step_goes_out_when_the_gap_is_full(tmp_path: Path, gap: int) -> None:
    mis, state = small_school(1, until=date(2025, 9, 30)), tmp_path / "hill.db"
    for day in school_days(date(2025, 9, 8), date(2025, 9, 15)):
        mis.mark("1", day, "AM", "L")
    start = date(2025, 9, 16)
    opts = options(only=("late-letter", "late-meeting"), ladder_gap_days=gap)
    run(mis, state, start, opts)
    for later in range(1, gap + 1):
        assert row_of(state, "late-meeting").hold == "ladder"
        run(mis, state, school_day(start, later), opts)
    assert row_of(state, "late-meeting").state == "verified"


def test_an_overtaken_step_does_not_return_where_letters_begin_on_a_day(tmp_path: Path) -> None:
    mis, state = small_school(1, until=date(2025, 9, 30)), tmp_path / "hill.db"
    for day in school_days(date(2025, 9, 8), date(2025, 9, 15)):
        mis.mark("1", day, "AM", "L")
    opts = options(
        only=("late-letter", "late-meeting"), catch_up="highest", ladder_gap_days=0, since=FIRST_DAY
    )
    for day in school_days(date(2025, 9, 16), date(2025, 9, 18)):
        run(mis, state, day, opts)
        assert row_of(state, "late-letter").state == "superseded"
    assert row_of(state, "late-meeting").state == "verified"


def test_without_a_setting_the_gap_is_the_policys(tmp_path: Path) -> None:
    opts = options()
    assert opts.ladder_gap == opts.policy.days_between_letters == 5
    assert options(ladder_gap_days=0).ladder_gap == 0


@pytest.mark.parametrize(
    ("earlier", "later", "days"),
    [
        (WEDNESDAY, WEDNESDAY, 0),
        (WEDNESDAY, date(2025, 9, 11), 1),
        (date(2025, 9, 12), date(2025, 9, 15), 1),
        (date(2025, 9, 12), date(2025, 9, 14), 0),
        (date(2025, 9, 13), date(2025, 9, 15), 1),
        (HALF_TERM_END, date(2025, 11, 3), 1),
        (date(2025, 9, 11), WEDNESDAY, 0),
    ],
)
def test_school_days_are_counted_after_the_first_day_up_to_the_second(
    earlier: date, later: date, days: int
) -> None:
    assert school_days_between(CALENDAR, earlier, later) == days


# -- exclusions


@pytest.mark.parametrize(
    ("first", "last", "flagged"),
    [
        (WEDNESDAY, WEDNESDAY, True),
        (WEDNESDAY + timedelta(1), None, False),
        (WEDNESDAY, None, True),
        (WEDNESDAY - timedelta(1), None, True),
        (date(2025, 9, 1), WEDNESDAY - timedelta(1), False),
        (None, WEDNESDAY, False),
    ],
)
def test_a_part_time_pupil_is_one_from_the_first_to_the_last_day(
    first: date | None, last: date | None, flagged: bool
) -> None:
    pupil = made_up_pupil(1, part_time_from=first, part_time_to=last)
    assert ("part_time" in flags_on(pupil, WEDNESDAY)) == flagged


@pytest.mark.parametrize(("status", "flagged"), [("K", True), ("E", True), ("N", False), ("", False)])
def test_support_and_a_plan_are_special_needs(status: str, flagged: bool) -> None:
    assert ("sen" in flags_on(made_up_pupil(1, sen_status=status), WEDNESDAY)) == flagged


@pytest.mark.parametrize(
    ("born", "day", "flagged"),
    [
        (date(2020, 8, 31), date(2025, 8, 31), False),
        (date(2020, 9, 1), date(2025, 12, 30), True),
        (date(2020, 9, 1), date(2025, 12, 31), False),
    ],
)
def test_a_pupil_is_under_age_up_to_the_day_before_compulsory_age(
    born: date, day: date, flagged: bool
) -> None:
    assert ("under_age" in flags_on(made_up_pupil(1, date_of_birth=born), day)) == flagged


@pytest.mark.parametrize(
    ("day", "flags"),
    [
        (date(2014, 12, 30), {"under_age"}),
        (date(2014, 12, 31), set()),
        (date(2026, 6, 26), set()),
        (date(2026, 6, 27), {"over_age"}),
    ],
)
def test_a_pupil_is_over_age_from_the_day_after_the_last_friday_in_june(day: date, flags: set[str]) -> None:
    assert flags_on(made_up_pupil(1, date_of_birth=date(2009, 9, 1)), day) == flags


@pytest.mark.parametrize(("until", "state_of"), [(WEDNESDAY, "excluded"), (date(2025, 9, 9), "verified")])
def test_an_exclusion_holds_on_its_last_day_and_not_after(tmp_path: Path, until: date, state_of: str) -> None:
    mis, state = late_school(), tmp_path / "hill.db"
    mis.exclusions = [Exclusion(reason="agreed", pupil_id="1", until=until)]
    run_days(mis, state, WEDNESDAY, WEDNESDAY, options(only=LATE))
    assert states(state) == [state_of]
