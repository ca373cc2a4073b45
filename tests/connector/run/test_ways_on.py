"""Each state that an event waits in has a way on, and nothing long past stands in the way of what is new."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from connector.errors import RetryableError, SkippableError
from connector.ledger.decisions import EventError, approve, release, void
from connector.store import Store
from rules.school import Exclusion, Spell
from tests.connector.memory_mis import MemoryMis, at, school_days, small_school
from tests.connector.runs import ledger, options, row_of, run, run_days

STEPS = ("late-letter", "late-meeting")
MONDAY = date(2025, 9, 8)
FRIDAY = date(2025, 9, 19)


def late_on(mis: MemoryMis, *days: date) -> None:
    for day in days:
        mis.mark("1", day, "AM", "L", 5)


def decide_on(state: Path, key: str, day: date) -> None:
    with Store.open(state, "hill") as store:
        release(store, key, by="office", now=at(day), as_of=day)


def test_a_first_run_before_the_days_marks_is_still_the_first(tmp_path: Path) -> None:
    mis, state = small_school(1, until=FRIDAY), tmp_path / "hill.db"
    late_on(mis, date(2025, 9, 3), date(2025, 9, 4), date(2025, 9, 5))
    mis.day("1", FRIDAY, "-")
    opts = options(only=("late-letter",), first_run_school_days=5)
    summary = run(mis, state, FRIDAY, opts)
    assert summary.exit_code == 3, "held: the registers of the day are missing"
    mis.day("1", FRIDAY, "/")
    run(mis, state, FRIDAY, opts)
    assert (row_of(state, "late-letter").state, row_of(state, "late-letter").hold) == ("held", "first_run")
    assert not mis.documents


def test_a_run_without_a_mark_is_not_the_first(tmp_path: Path) -> None:
    mis, state = small_school(1, until=FRIDAY), tmp_path / "hill.db"
    late_on(mis, date(2025, 9, 3), date(2025, 9, 4), date(2025, 9, 5))
    marks, mis.marks = mis.marks, {}
    opts = options(only=("late-letter",), first_run_school_days=5)
    run(mis, state, date(2025, 9, 5), opts)
    mis.marks = marks
    run(mis, state, FRIDAY, opts)
    assert row_of(state, "late-letter").hold == "first_run"
    assert not mis.documents


def test_old_marks_corrected_after_the_first_run_bring_no_letter_of_before_it(tmp_path: Path) -> None:
    mis, state = small_school(1, until=FRIDAY), tmp_path / "hill.db"
    opts = options(only=("late-letter",), first_run_school_days=5)
    run(mis, state, date(2025, 9, 18), opts)
    late_on(mis, date(2025, 9, 3), date(2025, 9, 4), date(2025, 9, 5))
    run(mis, state, FRIDAY, opts)
    assert row_of(state, "late-letter").hold == "first_run"


def overtaken(tmp_path: Path) -> tuple[MemoryMis, Path, object]:
    """Have both steps of the ladder due at once, so that the higher one takes the lower one's place."""
    mis, state = small_school(1, until=FRIDAY), tmp_path / "hill.db"
    late_on(mis, *school_days(MONDAY, date(2025, 9, 15)))
    opts = options(only=STEPS, catch_up="highest", ladder_gap_days=0)
    run(mis, state, date(2025, 9, 15), opts)
    assert (row_of(state, "late-letter").state, row_of(state, "late-letter").hold) == (
        "superseded",
        "overtaken",
    )
    assert row_of(state, "late-meeting").state == "verified"
    return mis, state, opts


def test_a_step_that_was_overtaken_comes_back_when_the_later_one_is_taken_back(tmp_path: Path) -> None:
    mis, state, opts = overtaken(tmp_path)
    mis.mark("1", date(2025, 9, 15), "AM", "/")
    for day in (date(2025, 9, 16), date(2025, 9, 17)):
        run(mis, state, day, opts)  # type: ignore[arg-type]
    assert row_of(state, "late-meeting").state == "withdrawn"
    assert row_of(state, "late-letter").state == "verified"


def test_a_step_that_was_overtaken_comes_back_when_the_later_one_is_voided(tmp_path: Path) -> None:
    mis, state, opts = overtaken(tmp_path)
    day = date(2025, 9, 16)
    with Store.open(state, "hill") as store:
        void(store, row_of(state, "late-meeting").key, reason="agreed", now=at(day), as_of=day)
    run(mis, state, day, opts)  # type: ignore[arg-type]
    assert row_of(state, "late-letter").state == "verified"


def test_a_person_can_let_an_overtaken_step_go(tmp_path: Path) -> None:
    mis, state, opts = overtaken(tmp_path)
    decide_on(state, row_of(state, "late-letter").key, date(2025, 9, 16))
    for day in (date(2025, 9, 16), date(2025, 9, 17)):
        run(mis, state, day, opts)  # type: ignore[arg-type]
    assert row_of(state, "late-letter").state == "verified"


def test_what_lies_before_the_start_can_be_released(tmp_path: Path) -> None:
    mis, state = small_school(1, until=FRIDAY), tmp_path / "hill.db"
    late_on(mis, date(2025, 9, 8), date(2025, 9, 9), date(2025, 9, 10))
    opts = options(only=("late-letter",), since=date(2025, 9, 15))
    run(mis, state, date(2025, 9, 15), opts)
    assert row_of(state, "late-letter").hold == "before_start"
    decide_on(state, row_of(state, "late-letter").key, date(2025, 9, 15))
    run(mis, state, date(2025, 9, 15), opts)
    assert row_of(state, "late-letter").state == "verified"


def test_what_is_written_cannot_be_released(tmp_path: Path) -> None:
    _mis, state, _opts = overtaken(tmp_path)
    with pytest.raises(EventError, match="only what is held"):
        decide_on(state, row_of(state, "late-meeting").key, FRIDAY)


def test_a_failed_step_of_last_year_blocks_nothing_this_year(tmp_path: Path) -> None:
    mis, state = small_school(1, until=date(2025, 10, 3)), tmp_path / "hill.db"
    opts = options("thringstone", only=("late-letter", "late-persistent"), ladder_gap_days=0)
    last_year = school_days(date(2025, 7, 1), date(2025, 7, 18))
    for day in last_year:
        for pupil_id in mis.pupils:
            mis.day(pupil_id, day, "/")
    late_on(mis, *last_year[-3:])
    mis.faults["write_document"] = [SkippableError("refused", fix="look at it")]
    run_days(mis, state, last_year[-1], last_year[-1], opts)
    assert [row.state for row in ledger(state)] == ["failed"]
    mis.faults.clear()
    late_on(mis, *school_days(date(2025, 9, 3), date(2025, 9, 10)))
    run_days(mis, state, date(2025, 9, 3), date(2025, 9, 19), opts)
    of_this_year = {row.state for row in ledger(state) if row.date >= date(2025, 9, 1)}
    assert of_this_year == {"verified"}


def test_a_failed_step_of_this_year_blocks_the_next_and_that_is_said_once_with_the_way_on(
    tmp_path: Path,
) -> None:
    mis, state = small_school(1, until=FRIDAY), tmp_path / "hill.db"
    late_on(mis, *school_days(MONDAY, date(2025, 9, 15)))
    opts = options(only=STEPS, catch_up="sequence", ladder_gap_days=0)
    mis.faults["write_document"] = [SkippableError("refused", fix="look at it")]
    run(mis, state, date(2025, 9, 10), opts)
    assert row_of(state, "late-letter").state == "failed"
    said = []
    for day in (date(2025, 9, 15), date(2025, 9, 16)):
        summary = run(mis, state, day, opts)
        said.append(
            [warning for warning in summary.warnings if "events show" in warning and "ladder" in warning]
        )
    assert [len(warnings) for warnings in said] == [1, 0]
    assert row_of(state, "late-letter").key in said[0][0]
    waiting = row_of(state, "late-meeting")
    assert (waiting.state, waiting.hold) == ("held", "ladder")
    assert "which has failed" in waiting.reason
    decide_on(state, row_of(state, "late-letter").key, date(2025, 9, 16))
    for day in (date(2025, 9, 17), date(2025, 9, 18)):
        run(mis, state, day, opts)
    assert {row.state for row in ledger(state)} == {"verified"}


def test_what_goes_to_the_authority_goes_on_the_leaving_date_and_what_names_parents_does_not(
    tmp_path: Path,
) -> None:
    mis, state = small_school(1, until=FRIDAY), tmp_path / "hill.db"
    days = school_days(MONDAY, FRIDAY)
    for day in days:
        mis.day("1", day, "O")
    mis.pupils["1"] = mis.pupils["1"].with_spells(Spell(end=FRIDAY))
    opts = options("england-2024", only=("ten-day-return", "penalty-threshold"))
    run(mis, state, FRIDAY, opts)
    assert {row.rule: row.state for row in ledger(state)} == {
        "ten-day-return": "verified",
        "penalty-threshold": "held",
    }


def test_an_exclusion_by_mistake_for_a_day_costs_an_event_nothing(tmp_path: Path) -> None:
    mis, state = small_school(1, until=FRIDAY), tmp_path / "hill.db"
    late_on(mis, MONDAY, date(2025, 9, 9), date(2025, 9, 10))
    mis.exclusions = [Exclusion(reason="typed on the wrong pupil", pupil_id="1")]
    opts = options(only=("late-letter",), review=["all"])
    run(mis, state, date(2025, 9, 10), opts)
    assert row_of(state, "late-letter").state == "excluded"
    mis.exclusions = []
    day = date(2025, 9, 11)
    run(mis, state, day, opts)
    assert row_of(state, "late-letter").hold == "review"
    with Store.open(state, "hill") as store:
        approve(store, row_of(state, "late-letter").key, by="head", now=at(day), as_of=day)
    run(mis, state, day, opts)
    assert row_of(state, "late-letter").state == "verified"


@pytest.mark.parametrize("last_year", [False, True])
@pytest.mark.parametrize("days_late", [7, 12])
@pytest.mark.parametrize(
    ("policy", "first", "second"),
    [("thringstone", "concern", "further-concern"), ("hcat", "stage-1", "stage-2")],
)
def test_the_next_step_waits_for_the_day_that_a_late_letter_names(
    tmp_path: Path, policy: str, first: str, second: str, days_late: int, last_year: bool
) -> None:
    mis, state = small_school(1, until=date(2025, 11, 28)), tmp_path / "hill.db"
    for day in school_days(date(2025, 9, 22), date(2025, 9, 24)):
        mis.day("1", day, "I")
    opts = options(policy, only=(first, second), review=[first], ladder_gap_days=0)
    if last_year:
        july = school_days(date(2025, 6, 2), date(2025, 7, 18))
        for day in july:
            mis.day("1", day, "/" if day < july[-5] else "I")
        run(mis, state, july[-1], replace(opts, config=options(policy, only=(first, second)).config))
        assert [row.composed_on for row in ledger(state)] == [july[-1]]
    approved = date.max
    for day in school_days(date(2025, 9, 8), date(2025, 11, 28)):
        if day >= date(2025, 10, 20):
            mis.day("1", day, "I")
        run(mis, state, day, opts)
        (concern,) = [row for row in ledger(state) if row.rule == first and row.date >= MONDAY] or [None]
        if (
            concern is not None
            and concern.state == "held"
            and day - concern.date >= timedelta(days=days_late)
        ):
            approved = day
            with Store.open(state, "hill") as store:
                approve(store, concern.key, by="head", now=at(day), as_of=day)
    (opened,) = [row for row in ledger(state) if row.rule == first and row.date >= MONDAY]
    late = opened.composed_on - opened.date  # type: ignore[operator]
    assert late >= timedelta(days=days_late)
    assert approved < date.max
    further = row_of(state, second)
    assert further.state == "verified"
    promised = further.date + late
    assert further.composed_on == school_days(promised, date(2025, 11, 28))[0]


def test_another_familys_late_letter_keeps_no_next_step_waiting(tmp_path: Path) -> None:
    """Two pupils fall on the same days; the first letter of one is approved at once, that of the other 12 days later."""
    mis, state = small_school(2, until=date(2025, 11, 28)), tmp_path / "hill.db"
    opts = options(only=("stage-1", "stage-2"), review=["stage-1"], ladder_gap_days=0)
    for day in (
        *school_days(date(2025, 9, 22), date(2025, 9, 24)),
        *school_days(date(2025, 10, 20), date(2025, 11, 28)),
    ):
        for pupil_id in mis.pupils:
            mis.day(pupil_id, day, "I")
    for day in school_days(date(2025, 9, 22), date(2025, 11, 28)):
        run(mis, state, day, opts)
        for row in ledger(state):
            wait = timedelta(days=12 if row.pupil_id == "2" else 0)
            if (row.rule, row.state) == ("stage-1", "held") and day - row.date >= wait:
                with Store.open(state, "hill") as store:
                    approve(store, row.key, by="head", now=at(day), as_of=day)
                run(mis, state, day, opts)
        if [row.rule for row in ledger(state) if row.composed_on].count("stage-2") == 2:
            break
    one, other = (row_of(state, "stage-2", pupil_id) for pupil_id in ("1", "2"))
    assert one.composed_on == one.date
    assert other.composed_on is not None
    assert other.composed_on >= one.date + timedelta(days=12)


def test_a_step_after_a_review_waits_for_a_letter_that_is_made_and_not_written_and_goes_once_made_itself(
    tmp_path: Path,
) -> None:
    """The MIS takes nothing from the day on which the first letter is made, 12 days late, nor when the second is."""
    mis, state = small_school(1, until=date(2025, 12, 19)), tmp_path / "hill.db"
    opts = options(
        only=("stage-1", "stage-2"), review=["stage-1"], ladder_gap_days=0, oldest_letter_school_days=90
    )
    days = school_days(date(2025, 9, 22), date(2025, 12, 19))
    for day in (*days[:3], *school_days(date(2025, 10, 20), date(2025, 12, 19))):
        mis.day("1", day, "I")
    run(mis, state, days[2], opts)
    first = row_of(state, "stage-1")
    made = next(day for day in days if day >= first.date + timedelta(days=12))
    with Store.open(state, "hill") as store:
        approve(store, first.key, by="head", now=at(made), as_of=made)
    down = [RetryableError("the MIS is down")] * 99
    mis.faults["find_documents"] = list(down)
    second_on = date(2025, 10, 21)
    for day in (made, second_on):
        run(mis, state, day, opts)
    first, second = row_of(state, "stage-1"), row_of(state, "stage-2")
    assert (first.state, second.state, second.hold) == ("composed", "held", "ladder")
    assert "gives until then" in second.reason
    mis.faults.clear()
    run(mis, state, second_on, opts)
    goes = second.date + (second_on - first.date)
    mis.faults["find_documents"] = list(down)
    run(mis, state, next(day for day in days if day >= goes), opts)
    assert [row.state for row in ledger(state)] == ["verified", "composed"]
    mis.faults.clear()
    with Store.open(state, "hill") as store, store.transaction() as connection:
        connection.execute(
            "UPDATE events SET composed_on = ? WHERE rule = 'stage-1'", (days[-2].isoformat(),)
        )
    run(mis, state, days[-1], opts)
    assert row_of(state, "stage-2").state == "verified", "it was made, and waits no more"


def test_what_was_written_under_an_earlier_version_of_the_policy_is_still_corrected(tmp_path: Path) -> None:
    mis, state = small_school(1, until=FRIDAY), tmp_path / "hill.db"
    late_on(mis, MONDAY, date(2025, 9, 9), date(2025, 9, 10))
    old = options(only=("late-letter",))
    run(mis, state, date(2025, 9, 10), old)
    assert row_of(state, "late-letter").state == "verified"
    new = replace(old, policy=old.policy.model_copy(update={"version": "next"}))
    run(mis, state, date(2025, 9, 11), new)
    assert row_of(state, "late-letter").state == "verified"
    mis.mark("1", MONDAY, "AM", "/")
    run(mis, state, date(2025, 9, 12), new)
    assert row_of(state, "late-letter").state == "withdrawn"
    assert len(mis.notes) == 2, "the note and its correction"


def test_a_release_for_a_fact_lets_no_letter_go_that_has_become_too_old_since(tmp_path: Path) -> None:
    mis, state = small_school(1, until=date(2025, 10, 3)), tmp_path / "hill.db"
    late_on(mis, MONDAY, date(2025, 9, 9), date(2025, 9, 10))
    opts = options(only=("late-letter",), oldest_letter_school_days=10, ladder_gap_days=0)
    mis.pupils["1"] = mis.pupils["1"].with_spells(Spell(end=date(2025, 9, 10)))
    run(mis, state, MONDAY, opts)
    run(mis, state, date(2025, 9, 10), opts)
    assert row_of(state, "late-letter").hold == "leaver"
    mis.exclusions = [Exclusion(reason="Bereavement", pupil_id="1")]
    decide_on(state, row_of(state, "late-letter").key, date(2025, 9, 11))
    run(mis, state, date(2025, 9, 11), opts)
    mis.exclusions = []
    mis.pupils["1"] = mis.pupils["1"].with_spells(Spell())
    run(mis, state, date(2025, 10, 3), opts)
    assert row_of(state, "late-letter").hold == "too_old"
    decide_on(state, row_of(state, "late-letter").key, date(2025, 10, 3))
    run(mis, state, date(2025, 10, 3), opts)
    assert row_of(state, "late-letter").state == "verified"


@pytest.mark.parametrize(
    ("hold", "more"),
    [
        ("first_run", {"first_run_school_days": 0}),
        ("too_many", {"hold_above_events_of_rule": {"late-letter": 0}}),
        ("review", {"review": ["all"]}),
    ],
)
def test_what_a_person_let_go_for_its_age_or_number_or_approved_goes_also_when_it_is_late(
    tmp_path: Path, hold: str, more: dict[str, object]
) -> None:
    mis, state = small_school(1, until=date(2025, 10, 3)), tmp_path / "hill.db"
    late_on(mis, MONDAY, date(2025, 9, 9), date(2025, 9, 10))
    opts = options(only=("late-letter",), oldest_letter_school_days=10, ladder_gap_days=0, **more)
    day = date(2025, 9, 11)
    run(mis, state, day, opts)
    key = row_of(state, "late-letter").key
    assert row_of(state, "late-letter").hold == hold
    with Store.open(state, "hill") as store:
        (approve if hold == "review" else release)(store, key, by="office", now=at(day), as_of=day)
    mis.exclusions = [Exclusion(reason="Bereavement", pupil_id="1")]
    run(mis, state, day, opts)
    assert row_of(state, "late-letter").state == "excluded"
    mis.exclusions = []
    run(mis, state, date(2025, 10, 3), opts)
    assert row_of(state, "late-letter").state == "verified"
