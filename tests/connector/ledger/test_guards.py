"""Guards hold and say why; they never drop."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from connector.errors import RetryableError
from connector.run.request import RunRequest
from connector.run.run import run_school
from connector.store import Store
from rules.calendar import Period
from rules.school import Spell
from tests.connector.memory_mis import FIRST_DAY, MemoryMis, at, next_day, school_days, small_school
from tests.connector.runs import ledger, options, row_of, run, run_days

LATE = ("late-letter",)
DAYS = (date(2025, 9, 8), date(2025, 9, 9), date(2025, 9, 10))
DAY = date(2025, 9, 11)


def late_school(pupils: int = 3, until: date = DAY) -> MemoryMis:
    mis = small_school(pupils, until=until)
    for pupil_id in mis.pupils:
        for day in DAYS:
            mis.mark(pupil_id, day, "AM", "L")
    return mis


def test_missing_registers_hold_the_events_of_the_run_until_they_are_taken(tmp_path: Path) -> None:
    mis, state = late_school(), tmp_path / "hill.db"
    for pupil_id in mis.pupils:
        for half in ("AM", "PM"):
            mis.mark(pupil_id, DAY, half, "-")  # type: ignore[arg-type]
    summary = run(mis, state, DAY, options(only=LATE))
    assert (summary.outcome, summary.exit_code) == ("held", 3)
    assert list(summary.missing_registers) == ["5A, 11 September 2025 AM", "5A, 11 September 2025 PM"]
    assert row_of(state, "late-letter").hold == "registers"
    assert not mis.documents
    for pupil_id in mis.pupils:
        mis.day(pupil_id, DAY, "/")
    summary = run(mis, state, DAY, options(only=LATE))
    assert summary.exit_code == 0
    assert len(mis.documents) == 3


def test_the_digest_lists_missing_registers_once_a_day(tmp_path: Path) -> None:
    mis, state = late_school(1), tmp_path / "hill.db"
    mis.day("1", DAY, "-")
    opts = options(only=("stage-4",))
    for hour in (17, 18):
        run_school(state, RunRequest(opts, mis, as_of=DAY, now=at(DAY, hour)))
    assert mis.titles(None) == ["Attendance – Digest – 2025-09-11.docx"]


def test_while_registers_are_in_doubt_nothing_is_withdrawn(tmp_path: Path) -> None:
    mis, state = late_school(2), tmp_path / "hill.db"
    run(mis, state, DAYS[2], options(only=LATE))
    for pupil_id in mis.pupils:
        mis.mark(pupil_id, DAYS[1], "AM", "/")
        mis.day(pupil_id, DAY, "-")
    run(mis, state, DAY, options(only=LATE))
    assert {row.state for row in ledger(state)} == {"verified"}
    for pupil_id in mis.pupils:
        mis.day(pupil_id, DAY, "/")
    run(mis, state, DAY, options(only=LATE))
    assert {row.state for row in ledger(state)} == {"withdrawn"}


def test_a_calendar_that_does_not_fit_holds_the_run(tmp_path: Path) -> None:
    mis, state = late_school(), tmp_path / "hill.db"
    mis.periods = (*mis.periods, Period("holiday", "Wrong week", date(2025, 9, 3), date(2025, 9, 5)))
    summary = run(mis, state, DAY, options(only=LATE))
    assert summary.hold_reasons == {"calendar": 3}
    assert "correct the calendar" in row_of(state, "late-letter").reason


def test_without_a_calendar_the_run_is_held_in_words(tmp_path: Path) -> None:
    mis = late_school()
    mis.periods = ()
    summary = run(mis, tmp_path / "hill.db", DAY)
    assert (summary.outcome, summary.exit_code) == ("held", 3)
    assert "half_term" in summary.error


def test_too_many_events_at_once_wait_for_a_person_and_stay_waiting(tmp_path: Path) -> None:
    mis, state = late_school(6), tmp_path / "hill.db"
    opts = options(only=LATE, hold_above_events=5)
    summary = run(mis, state, DAY, opts)
    assert summary.hold_reasons == {"too_many": 6}
    assert summary.exit_code == 3
    mis.mark("6", DAYS[0], "AM", "/")
    again = run(mis, state, DAY, opts)
    assert again.hold_reasons == {"too_many": 5}, "five are within the limit, and still a person has to look"
    from connector.ledger.decisions import release

    with Store.open(state, "hill") as store:
        release(store, row_of(state, "late-letter").key, by="office", now=at(DAY), as_of=DAY)
    run(mis, state, DAY, opts)
    assert row_of(state, "late-letter").state == "verified"
    assert len(mis.documents) == 1


def test_a_limit_can_be_set_for_one_rule(tmp_path: Path) -> None:
    mis, state = late_school(3), tmp_path / "hill.db"
    run(mis, state, DAY, options(only=LATE, hold_above_events_of_rule={"late-letter": 2}))
    assert {row.hold for row in ledger(state)} == {"too_many"}


def test_the_letters_of_a_half_terms_end_are_not_too_many(tmp_path: Path) -> None:
    end = date(2025, 10, 24)
    mis = small_school(6, until=end)
    summary = run(mis, tmp_path / "hill.db", end, options(only=("colour-letter",), hold_above_events=2))
    assert summary.documents == 6


def test_too_many_withdrawals_at_once_are_not_believed(tmp_path: Path) -> None:
    mis, state = late_school(6), tmp_path / "hill.db"
    opts = options(only=LATE, hold_above_withdrawals=5, hold_above_withdrawals_percent=100.0)
    run(mis, state, DAY, options(only=LATE))
    for pupil_id in mis.pupils:
        mis.mark(pupil_id, DAYS[1], "AM", "/")
    summary = run(mis, state, DAY, opts)
    assert (summary.withdrawals_held, summary.exit_code) == (6, 3)
    assert {(row.state, row.held_from) for row in ledger(state)} == {("held", "verified")}
    assert len({row.because for row in ledger(state)}) == 1
    for pupil_id in mis.pupils:
        mis.mark(pupil_id, DAYS[1], "AM", "L")
    assert run(mis, state, DAY, opts).exit_code == 0
    assert {row.state for row in ledger(state)} == {"verified"}
    assert len(mis.notes) == 6, "nothing was taken back and nothing came again"


def test_events_before_since_are_kept_and_never_written(tmp_path: Path) -> None:
    mis, state = late_school(until=date(2025, 9, 19)), tmp_path / "hill.db"
    for day in (date(2025, 9, 16), date(2025, 9, 17), date(2025, 9, 18)):
        mis.mark("2", day, "AM", "L")
    opts = options(only=("late-letter", "late-meeting"), since=date(2025, 9, 15))
    run(mis, state, date(2025, 9, 19), opts)
    row = row_of(state, "late-letter", "1")
    assert row.state == "superseded"
    assert "before start" in row.reason
    assert row_of(state, "late-meeting", "2").state == "verified"
    assert {d.pupil_id for _, d in mis.documents} == {"2"}


def test_an_event_that_a_correction_moves_past_since_is_written_after_all(tmp_path: Path) -> None:
    mis, state = late_school(1, until=date(2025, 9, 19)), tmp_path / "hill.db"
    mis.mark("1", date(2025, 9, 16), "AM", "L")
    opts = options(only=LATE, since=date(2025, 9, 15))
    run(mis, state, date(2025, 9, 17), opts)
    mis.mark("1", DAYS[0], "AM", "/")
    run(mis, state, date(2025, 9, 18), opts)
    assert row_of(state, "late-letter").state == "verified"


def test_a_first_run_in_mid_year_holds_what_is_old(tmp_path: Path) -> None:
    end = date(2025, 10, 10)
    mis, state = late_school(2, until=end), tmp_path / "hill.db"
    for day in school_days(date(2025, 10, 6), date(2025, 10, 8)):
        mis.mark("2", day, "AM", "L")
    for day in DAYS:
        mis.mark("2", day, "AM", "/")
    opts = options(only=LATE, first_run_school_days=10)
    summary = run(mis, state, end, opts)
    assert summary.hold_reasons == {"first_run": 1}
    assert summary.exit_code == 3
    assert row_of(state, "late-letter", "2").state == "verified"
    run(mis, state, end, opts)
    assert row_of(state, "late-letter", "1").hold == "first_run"
    run(mis, state, end, options(only=LATE, first_run_school_days=10, since=date(2025, 10, 1)))
    assert row_of(state, "late-letter", "1").state == "superseded"


def test_marks_must_settle_before_a_letter_rests_on_them(tmp_path: Path) -> None:
    mis, state = late_school(1, until=date(2025, 9, 16)), tmp_path / "hill.db"
    opts = options(only=LATE, settling_days=2)
    states = []
    for day in school_days(DAYS[2], date(2025, 9, 15)):
        run(mis, state, day, opts)
        states.append(row_of(state, "late-letter").state)
    assert states == ["held", "held", "verified", "verified"]


def test_an_unmarked_or_unexplained_session_in_the_window_holds_it(tmp_path: Path) -> None:
    mis, state = late_school(1), tmp_path / "hill.db"
    mis.mark("1", date(2025, 9, 5), "PM", "N")
    mis.mark("1", date(2025, 9, 8), "PM", "")
    opts = options(only=LATE, settling_by_rule={"late-letter": 1})
    run(mis, state, DAY, opts)
    assert "2 sessions" in row_of(state, "late-letter").reason
    mis.mark("1", date(2025, 9, 5), "PM", "I")
    mis.mark("1", date(2025, 9, 8), "PM", "\\")
    run(mis, state, DAY, opts)
    assert row_of(state, "late-letter").state == "verified"


def test_a_rule_that_looks_for_n_is_not_held_by_n(tmp_path: Path) -> None:
    mis, state = small_school(1, until=DAY), tmp_path / "hill.db"
    for day in DAYS[:2]:
        mis.day("1", day, "N")
    run(mis, state, DAY, options(only=("unexplained-visit",), settling_days=1))
    assert row_of(state, "unexplained-visit").state == "verified"


def test_a_leaver_is_held_and_written_when_the_date_was_a_mistake(tmp_path: Path) -> None:
    mis, state = late_school(1), tmp_path / "hill.db"
    mis.pupils["1"] = mis.pupils["1"].left_by(DAYS[2])
    run(mis, state, DAY, options(only=LATE))
    assert (row_of(state, "late-letter").state, row_of(state, "late-letter").hold) == ("held", "leaver")
    assert row_of(state, "late-letter").reason == "the pupil has left the school"
    mis.pupils["1"] = mis.pupils["1"].with_spells(Spell())
    run(mis, state, DAY, options(only=LATE))
    assert row_of(state, "late-letter").state == "verified"


@pytest.mark.parametrize("rule", ["late-letter", "all"])
def test_letters_for_review_wait_for_approval(tmp_path: Path, rule: str) -> None:
    mis, state = late_school(1), tmp_path / "hill.db"
    opts = options(only=LATE, review=frozenset({rule}))
    summary = run(mis, state, DAY, opts)
    assert summary.hold_reasons == {"review": 1}
    assert summary.exit_code == 0, "waiting for approval is the ordinary course of things"


def test_too_many_at_once_are_held_for_that_also_where_each_waits_for_approval(tmp_path: Path) -> None:
    mis, state = late_school(3), tmp_path / "hill.db"
    run(mis, state, DAY, options(only=LATE, hold_above_events=2, review=frozenset({"all"})))
    assert [row.hold for row in ledger(state)] == ["too_many"] * 3


def test_days_of_runs_over_a_term_write_what_one_run_at_its_end_writes(tmp_path: Path) -> None:
    end = date(2025, 10, 3)
    daily, once = small_school(2, until=end), small_school(2, until=end)
    for mis in (daily, once):
        for day in school_days(date(2025, 9, 22), end):
            mis.day("1", day, "O")
    opts = options(only=("stage-4", "three-days-missed"), ladder_gap_days=0)
    run_days(daily, tmp_path / "daily.db", FIRST_DAY, end, opts)
    run(once, tmp_path / "once.db", end, opts)
    assert daily.titles("1") == once.titles("1")
    assert daily.doubles == once.doubles == []
    assert next_day(end) > end


@pytest.mark.parametrize(
    ("rule", "later", "held"),
    [
        ("late-letter", 15, False),
        ("late-letter", 16, True),
        ("three-days-missed", 10, False),
        ("three-days-missed", 11, True),
    ],
)
def test_a_step_of_a_ladder_may_be_late_by_the_days_between_two_letters_as_well(
    tmp_path: Path, rule: str, later: int, held: bool
) -> None:
    day = school_days(DAY, date(2025, 10, 24))[later - 1]
    mis, state = small_school(1, until=day), tmp_path / "hill.db"
    opts = options(only=(rule,), first_run_school_days=5, oldest_letter_school_days=10, ladder_gap_days=5)
    run(mis, state, DAYS[2], opts)
    for late in DAYS:  # entered weeks later
        mis.mark("1", late, "AM", "I" if rule == "three-days-missed" else "L")
        mis.mark("1", late, "PM", "I" if rule == "three-days-missed" else "\\")
    run(mis, state, day, opts)
    row = row_of(state, rule)
    assert (row.date, row.hold) == (DAYS[2], "too_old" if held else "")


@pytest.mark.parametrize(
    "limit",
    [{"hold_above_events": 1}, {"hold_above_events_of_rule": {"late-letter": 1, "three-days-missed": 1}}],
)
def test_what_came_with_too_many_others_stays_held_when_too_many_come_again(
    tmp_path: Path, limit: dict[str, object]
) -> None:
    mis, state = late_school(4, until=date(2025, 9, 17)), tmp_path / "hill.db"
    for pupil_id in ("3", "4"):
        for day in DAYS:
            mis.day(pupil_id, day, "/")
        for day in school_days(date(2025, 9, 15), date(2025, 9, 17)):
            mis.day(pupil_id, day, "I")
    opts = options(only=("late-letter", "three-days-missed"), **limit)
    for day, held in ((DAYS[2], 2), (date(2025, 9, 17), 4)):
        run(mis, state, day, opts)
        assert [row.hold for row in ledger(state)] == ["too_many"] * held
    assert not mis.documents


def test_what_the_first_run_held_stays_held_when_the_setting_is_widened(tmp_path: Path) -> None:
    mis, state = late_school(1), tmp_path / "hill.db"
    for limit in (0, 400):
        run(mis, state, DAY, options(only=LATE, first_run_school_days=limit))
        assert (row_of(state, "late-letter").state, row_of(state, "late-letter").hold) == (
            "held",
            "first_run",
        )


@pytest.mark.parametrize("hold", ["", "letter", "ladder"])
def test_what_was_counted_when_it_came_is_not_counted_among_the_new_ones(tmp_path: Path, hold: str) -> None:
    """``hold``: for which two events wait, "" for two whose letters are made and were not taken."""
    mis, state = late_school(3, until=date(2025, 9, 17)), tmp_path / "hill.db"
    for day in DAYS:  # the third pupil's come later
        mis.mark("3", day, "AM", "/")
    for day in school_days(date(2025, 9, 15), date(2025, 9, 17)):
        mis.mark("3", day, "AM", "L")
    rules = ("late-letter", "late-meeting")
    if hold == "ladder":
        run(mis, state, DAYS[2], options(only=rules))
        for day in school_days(DAY, date(2025, 9, 15)):
            mis.mark("1", day, "AM", "L")
            mis.mark("2", day, "AM", "L")
    elif hold == "letter":
        for pupil_id in "12":
            mis.pupils[pupil_id] = replace(mis.pupils[pupil_id], contacts=())
    else:
        mis.faults["find_documents"] = [RetryableError("the MIS is down")] * 50
    opts = options(only=rules, hold_above_events=2)
    run(mis, state, date(2025, 9, 15), opts)
    waiting = [row for row in ledger(state) if row.state != "verified"]
    assert [(row.pupil_id, row.hold) for row in waiting] == [("1", hold), ("2", hold)]
    mis.faults.clear()
    run(mis, state, date(2025, 9, 17), opts)
    assert row_of(state, "late-letter", "3").state == "verified"
    assert "too_many" not in {row.hold for row in ledger(state)}


def test_a_day_on_which_nobody_is_on_roll_lacks_no_mark(tmp_path: Path) -> None:
    mis, state = late_school(1), tmp_path / "hill.db"
    after = next_day(DAY)
    mis.pupils["1"] = mis.pupils["1"].with_spells(Spell(None, DAY))
    summary = run(mis, state, after, options(only=LATE, hold_above_missing_percent=0))
    assert (summary.exit_code, summary.hold_reasons.get("registers", 0)) == (0, 0)


def test_an_event_waits_also_for_the_first_day_of_last_year(tmp_path: Path) -> None:
    mis, state = small_school(1, until=FIRST_DAY), tmp_path / "hill.db"
    days = (date(2025, 9, 1), date(2025, 9, 2), date(2026, 9, 3))
    mis.periods = (
        Period("year", "2025/26", days[0], date(2026, 8, 31)),
        Period("term", "Autumn", days[0], days[1]),
        Period("half_term", "Autumn 1", days[0], days[1]),
        Period("year", "2026/27", date(2026, 9, 1), date(2027, 8, 31)),
        Period("term", "Autumn 2026", days[2], date(2026, 12, 18)),
        Period("half_term", "Autumn 1 2026", days[2], date(2026, 10, 23)),
    )
    mis.marks.clear()
    for day in days:
        mis.mark("1", day, "AM", "L")
        mis.mark("1", day, "PM", "-")
    rules = tuple(
        rule.model_copy(update={"when": rule.when.model_copy(update={"at_least": 1})})
        for rule in options(only=LATE).policy.rules
    )
    opts = options(only=LATE)
    run(mis, state, days[2], replace(opts, policy=opts.policy.model_copy(update={"rules": rules})))
    assert {row.held_days for row in ledger(state) if row.hold == "registers"} == {days}
