"""Ladders: never a skipped step, never two letters of one ladder on one day, some days between two."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from connector.errors import RetryableError, SkippableError
from connector.ledger.decisions import release, void
from connector.run.ladders import LadderChoice, choose_steps
from connector.store import Store
from connector.store.ledger import LedgerRow
from rules.rule.outcome import Outcome
from rules.school import Exclusion
from tests.connector.ledger.test_match import event
from tests.connector.ledger.test_match import row as ledger_row
from tests.connector.memory_mis import CALENDAR, MemoryMis, at, school_days, small_school
from tests.connector.runs import ledger, options, row_of, run, run_days

LADDER = ("late-letter", "late-meeting")
END = date(2025, 10, 17)
SIX = school_days(date(2025, 9, 8), date(2025, 9, 15))


def very_late_school() -> MemoryMis:
    """Six late marks in six days: the first letter on the third, the meeting on the sixth."""
    mis = small_school(1, until=END)
    for day in SIX:
        mis.mark("1", day, "AM", "L")
    return mis


def letter_days(mis: MemoryMis, state: Path, start: date, end: date, **changes: object) -> dict[str, date]:
    """On which day each rule's letter reached the MIS, with a run on every school day."""
    found: dict[str, date] = {}
    for day in school_days(start, end):
        run(mis, state, day, options(only=LADDER, **changes))
        for row in ledger(state):
            if row.state == "verified":
                found.setdefault(row.rule, day)
    return found


def test_after_a_gap_the_steps_go_out_one_after_the_other_with_school_days_between(tmp_path: Path) -> None:
    mis, state = very_late_school(), tmp_path / "hill.db"
    found = letter_days(mis, state, date(2025, 10, 1), END, ladder_gap_days=5)
    assert found == {"late-letter": date(2025, 10, 1), "late-meeting": date(2025, 10, 8)}


def test_the_second_step_names_the_letter_of_the_first_by_its_day(tmp_path: Path) -> None:
    mis, state = very_late_school(), tmp_path / "hill.db"
    letter_days(mis, state, date(2025, 10, 1), END, ladder_gap_days=5)
    first, second = (document.content.decode() for _, document in mis.documents[:2])
    assert "earlier letter" not in first
    assert "earlier letter: 2025-10-01" in second


def test_without_days_between_there_is_still_one_letter_a_day(tmp_path: Path) -> None:
    mis, state = very_late_school(), tmp_path / "hill.db"
    found = letter_days(mis, state, date(2025, 10, 1), END, ladder_gap_days=0)
    assert found == {"late-letter": date(2025, 10, 1), "late-meeting": date(2025, 10, 2)}


def test_two_runs_on_one_day_send_one_letter_of_a_ladder(tmp_path: Path) -> None:
    mis, state = very_late_school(), tmp_path / "hill.db"
    for _ in range(3):
        run(mis, state, date(2025, 10, 1), options(only=LADDER, ladder_gap_days=0))
    assert [row.state for row in ledger(state)] == ["verified", "held"]
    assert "today" in row_of(state, "late-meeting").reason


def test_a_step_waits_for_the_one_before_it_while_that_is_held(tmp_path: Path) -> None:
    mis, state = very_late_school(), tmp_path / "hill.db"
    opts = options(only=LADDER, review=frozenset({"late-letter"}), ladder_gap_days=0)
    run_days(mis, state, date(2025, 10, 1), date(2025, 10, 3), opts)
    assert [(row.rule, row.hold) for row in ledger(state)] == [
        ("late-letter", "review"),
        ("late-meeting", "ladder"),
    ]
    assert "waits for the step before it" in row_of(state, "late-meeting").reason


def test_a_step_waits_while_the_one_before_it_has_failed(tmp_path: Path) -> None:
    mis, state = very_late_school(), tmp_path / "hill.db"
    mis.refused = {"1"}
    run_days(mis, state, date(2025, 10, 1), date(2025, 10, 2), options(only=LADDER, ladder_gap_days=0))
    assert [row.state for row in ledger(state)] == ["failed", "held"]


@pytest.mark.parametrize("gap", [0, 5])
def test_highest_sends_the_highest_and_overtakes_the_rest(tmp_path: Path, gap: int) -> None:
    mis, state = very_late_school(), tmp_path / "hill.db"
    run(mis, state, date(2025, 10, 1), options(only=LADDER, catch_up="highest", ladder_gap_days=gap))
    low, high = row_of(state, "late-letter"), row_of(state, "late-meeting")
    assert (low.state, high.state) == ("superseded", "verified")
    assert "overtaken" in low.reason
    run(mis, state, date(2025, 10, 2), options(only=LADDER, catch_up="highest", ladder_gap_days=gap))
    assert row_of(state, "late-letter").state == "superseded"
    assert len(mis.documents) == 2, "the meeting has a letter and a plan"


def test_a_step_that_is_overtaken_keeps_no_other_hold_and_the_note_that_is_due(tmp_path: Path) -> None:
    mis, state = very_late_school(), tmp_path / "hill.db"
    highest = {"only": LADDER, "catch_up": "highest", "ladder_gap_days": 0}
    run(mis, state, SIX[5], options(**highest, review=frozenset({"all"})))
    with Store.open(state, "hill") as store, store.transaction() as connection:
        connection.execute("UPDATE events SET note_due = 'reinstated' WHERE rule = 'late-letter'")
    run(mis, state, SIX[5], options(**highest))
    low = row_of(state, "late-letter")
    assert (low.state, low.hold, low.hold_before) == ("superseded", "overtaken", "")
    with Store.open(state, "hill") as store:
        assert [item.kind for item in store.outbox.of_event(low.id)] == ["correction"]


def test_running_every_day_both_ways_write_each_letter_on_its_day(tmp_path: Path) -> None:
    for mode in ("sequence", "highest"):
        mis, state = very_late_school(), tmp_path / f"{mode}.db"
        found = letter_days(mis, state, SIX[0], SIX[-1], ladder_gap_days=3, catch_up=mode)
        assert found == {"late-letter": SIX[2], "late-meeting": SIX[5]}


def test_notes_and_other_ladders_do_not_wait(tmp_path: Path) -> None:
    mis, state = very_late_school(), tmp_path / "hill.db"
    for day in school_days(date(2025, 9, 22), date(2025, 10, 1)):
        mis.day("1", day, "O")
    run(mis, state, date(2025, 10, 1), options(only=(*LADDER, "three-days-missed")))
    assert row_of(state, "three-days-missed").state == "verified"
    assert row_of(state, "late-letter").state == "verified"


def test_on_the_day_of_a_letter_under_the_policy_before_no_other_ladder_begins(tmp_path: Path) -> None:
    mis, state = very_late_school(), tmp_path / "hill.db"
    old = options(only=LADDER)
    own = replace(old, policy=old.policy.model_copy(update={"id": "own"}))
    run(mis, state, SIX[2], old)
    run(mis, state, SIX[2], own)
    (row,) = [row for row in ledger(state) if row.policy == "own"]
    with Store.open(state, "hill") as store:
        release(store, row.key, by="office", now=at(SIX[2]), as_of=SIX[2])
    for day, state_of in ((SIX[2], "held"), (SIX[3], "verified")):
        run(mis, state, day, own)
        (row,) = [row for row in ledger(state) if row.policy == "own"]
        assert row.state == state_of
        assert ("under the policy before was made today" in row.reason) == (state_of == "held")


def test_two_ladders_of_one_policy_do_not_wait_for_each_other_on_a_day(tmp_path: Path) -> None:
    mis, state = very_late_school(), tmp_path / "hill.db"
    run(mis, state, SIX[2], options(only=LADDER))
    for day in SIX[:3]:
        mis.day("1", day, "I")
        mis.mark("1", day, "AM", "L")
    other = options()
    rules = tuple(
        rule.model_copy(update={"ladder": "missed", "rung": 1, "until": None})
        for rule in other.policy.rules
        if rule.id == "three-days-missed"
    )
    both = options(only=LADDER)
    both = replace(both, policy=both.policy.model_copy(update={"rules": (*both.policy.rules, *rules)}))
    run(mis, state, SIX[2], both)
    assert row_of(state, "late-letter").composed_on == SIX[2]


@pytest.mark.parametrize("mode", ["sequence", "highest"])
def test_a_letter_that_was_made_and_not_taken_does_not_wait_for_its_ladder_again(
    tmp_path: Path, mode: str
) -> None:
    mis, state = very_late_school(), tmp_path / "hill.db"
    opts = options(only=LADDER, catch_up=mode, ladder_gap_days=5)
    mis.faults["find_documents"] = [RetryableError("the MIS is down")] * 50
    run(mis, state, SIX[2], opts)
    assert row_of(state, "late-letter").state == "composed"
    mis.faults.clear()
    run(mis, state, SIX[3], opts)
    assert row_of(state, "late-letter").state == "verified"


@pytest.mark.parametrize(
    ("within", "days", "blocked"),
    [
        ("half_term", (date(2025, 11, 3), date(2025, 11, 7)), False),
        ("term", (date(2025, 11, 3), date(2025, 11, 7)), True),
        ("term", (date(2026, 1, 5), date(2026, 1, 9)), False),
        ("year", (date(2026, 1, 5), date(2026, 1, 9)), True),
    ],
)
def test_a_step_that_failed_blocks_the_next_one_in_the_period_that_its_rule_counts_in(
    tmp_path: Path, within: str, days: tuple[date, date], blocked: bool
) -> None:
    mis, state = small_school(1, until=date(2026, 1, 9)), tmp_path / "hill.db"
    for day in SIX[:3]:
        mis.mark("1", day, "AM", "L")
    opts = options(only=LADDER, ladder_gap_days=0)
    rules = tuple(
        rule.model_copy(update={"when": rule.when.model_copy(update={"within": within, "at_least": number})})
        for rule, number in zip(opts.policy.rules, (3, 6), strict=True)
    )
    opts = replace(opts, policy=opts.policy.model_copy(update={"rules": rules}))
    mis.faults["write_document"] = [SkippableError("refused", fix="look at it")]
    run(mis, state, SIX[2], opts)
    assert [row.state for row in ledger(state)] == ["failed"]
    for day in school_days(*days)[:3]:
        mis.mark("1", day, "AM", "L")
    run(mis, state, days[1], opts)
    assert {row.state for row in ledger(state) if row.date >= days[0]} == (
        {"held"} if blocked else {"verified"}
    )


def test_a_step_held_for_its_number_is_held_so_again_once_what_overtook_it_is_voided(tmp_path: Path) -> None:
    mis, state = very_late_school(), tmp_path / "hill.db"
    opts = options(
        only=LADDER, catch_up="highest", ladder_gap_days=0, hold_above_events_of_rule={"late-letter": 0}
    )
    run_days(mis, state, SIX[2], SIX[5], opts)
    low, high = row_of(state, "late-letter"), row_of(state, "late-meeting")
    assert (low.hold, low.hold_before, high.state) == ("overtaken", "too_many", "verified")
    written = len(mis.documents)
    with Store.open(state, "hill") as store:
        void(store, high.key, reason="agreed", now=at(SIX[5]), as_of=SIX[5])
    opts = options(only=LADDER, catch_up="highest", ladder_gap_days=0)
    run(mis, state, date(2025, 9, 16), opts)
    assert (row_of(state, "late-letter").state, row_of(state, "late-letter").hold) == ("held", "too_many")
    assert len(mis.documents) == written


@pytest.mark.parametrize(("mode", "gap"), [("sequence", 5), ("highest", 0)])
def test_steps_that_come_back_on_one_day_take_their_turns_like_others(
    tmp_path: Path, mode: str, gap: int
) -> None:
    """Late marks that an exclusion covered until now bring one letter today, not two."""
    mis, state = very_late_school(), tmp_path / "hill.db"
    covered = options(only=LADDER, exclusions=(Exclusion(pupil_id="1", reason="agreed"),))
    run(mis, state, date(2025, 9, 15), covered)
    assert [row.state for row in ledger(state)] == ["excluded", "excluded"]
    run(mis, state, date(2025, 9, 16), options(only=LADDER, catch_up=mode, ladder_gap_days=gap))
    first, second = ledger(state)
    if mode == "sequence":
        assert (first.state, second.state, second.hold) == ("verified", "held", "ladder")
    else:
        assert (first.state, first.hold, second.state) == ("superseded", "overtaken", "verified")


# -- the choice of steps, a row at a time


def waiting(number: int, rung: int, day: int, *, pupil: str = "1", ladder: str | None = "l") -> LedgerRow:
    """Return a step of a letter that is due, of a day of October."""
    held = replace(
        event("stage-4", date(2025, 10, day), f"2025-10-{day:02}", pupil=pupil),
        ladder=ladder,
        rung=rung,
        outcomes=(Outcome("letter", "l"),),
    )
    return ledger_row(number, held, "due")


def chosen(rows: Sequence[LedgerRow], mode: str = "sequence", **more: object) -> LadderChoice:
    return choose_steps(
        rows,
        [one.id for one in rows if one.state == "due"],
        calendar=CALENDAR,
        as_of=date(2025, 10, 17),
        mode=mode,  # type: ignore[arg-type]
        gap=5,
        **more,  # type: ignore[arg-type]
    )


@pytest.mark.parametrize("mode", ["sequence", "highest"])
@pytest.mark.parametrize("other", [{"pupil": "2"}, {"ladder": "m"}, {"ladder": None}])
def test_only_steps_of_one_pupil_and_ladder_wait_for_each_other(mode: str, other: dict[str, str]) -> None:
    choice = chosen([waiting(1, 1, 6), waiting(2, 2, 7, **other)], mode)  # type: ignore[arg-type]
    assert (choice.waits, choice.overtaken) == ({}, {})
    choice = chosen([waiting(1, 1, 6), replace(waiting(2, 2, 7), policy="own")], mode)
    assert (choice.waits, choice.overtaken) == ({}, {})


def test_letters_without_a_ladder_and_events_of_classes_do_not_wait() -> None:
    rows = [waiting(1, 1, 6, ladder=None), waiting(2, 1, 7, ladder=None)]
    assert chosen(rows).waits == {}
    classes = [replace(one, pupil_id=None, group="5A") for one in (waiting(1, 1, 6), waiting(2, 2, 7))]
    assert chosen(classes).waits == {}


def test_what_is_written_is_not_overtaken() -> None:
    sent = replace(waiting(1, 1, 6), state="verified", composed_on=date(2025, 10, 6))
    choice = chosen([sent, waiting(2, 2, 7)], "highest")
    assert (choice.waits, choice.overtaken) == ({}, {})


def test_what_waits_for_a_step_that_goes_itself_is_not_sent_to_a_person() -> None:
    choice = chosen([waiting(1, 1, 6), waiting(2, 2, 7)])
    assert choice.waits[2].endswith("of 2025-10-06")


@pytest.mark.parametrize(("begins", "blocked"), [(6, True), (7, False)])
def test_a_held_step_of_the_first_day_of_the_period_blocks_the_next(begins: int, blocked: bool) -> None:
    held = replace(waiting(1, 1, 6), state="held")
    choice = chosen([held, waiting(2, 2, 8)], begins=lambda _row: date(2025, 10, begins))
    assert (2 in choice.waits) is blocked
