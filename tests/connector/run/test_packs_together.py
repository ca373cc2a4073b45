"""A school that follows several policies: its own and the law's."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

from connector.config.loaded_school import LoadedSchool
from connector.run.request import RunRequest
from connector.run.run import run_school
from connector.store import Store
from connector.store.ledger import LedgerRow
from rules.policy import load_policy
from tests.connector.memory_mis import MemoryMis, at, school_days, small_school
from tests.connector.runs import ledger, options, run

FIRST = school_days(date(2025, 9, 15), date(2025, 9, 26))
LATER = school_days(date(2025, 10, 6), date(2025, 10, 17))


def alone(policy: str = "aycliffe-drive", **more: object) -> LoadedSchool:
    return options(policy, **more)


def both(policy: str = "aycliffe-drive", **more: object) -> LoadedSchool:
    return replace(options(policy, **more), more=(load_policy("england-2024"),))


def absent_school(tmp_path: Path) -> tuple[MemoryMis, Path]:
    """Pupil 1 is away without leave for ten days in September, pupil 2 for ten in October."""
    mis = small_school(3, until=date(2025, 11, 21))
    for pupil_id, days in (("1", FIRST), ("2", LATER)):
        for day in days:
            mis.day(pupil_id, day, "O")
    return mis, tmp_path / "hill.db"


def of(state: Path, policy: str) -> list[LedgerRow]:
    return [row for row in ledger(state) if row.policy == policy]


def test_every_rule_of_both_acts_and_a_rule_that_both_have_is_the_first_ones(tmp_path: Path) -> None:
    mis, state = absent_school(tmp_path)
    assert run(mis, state, date(2025, 10, 1), both()).outcome == "done"
    rows = [row for row in ledger(state) if row.pupil_id == "1"]
    owners = dict({(row.rule, row.policy) for row in rows})
    assert owners["persistent-absence"] == "aycliffe-drive"
    assert owners["ten-day-absence"] == "aycliffe-drive"
    assert owners["penalty-threshold"] == "england-2024"
    assert owners["ten-day-return"] == "england-2024"
    assert len(owners) == len({(row.rule, row.policy) for row in rows}), "no rule acts under both"
    assert all(row.event.pack == row.policy for row in rows)
    assert {row.policy_version for row in rows} == {"1"}


def test_keys_and_events_of_the_first_pack_are_those_that_it_has_alone(tmp_path: Path) -> None:
    mis, state = absent_school(tmp_path)
    run(mis, state, date(2025, 10, 1), alone())
    own = {(row.key, row.rule, row.date, row.anchor, row.evidence) for row in ledger(state)}
    other_mis, together = absent_school(tmp_path)[0], tmp_path / "together.db"
    run(other_mis, together, date(2025, 10, 1), both())
    joined = of(together, "aycliffe-drive")
    assert {(row.key, row.rule, row.date, row.anchor, row.evidence) for row in joined} == own


def test_a_second_pack_at_a_school_that_runs_holds_its_past_weeks_and_leaves_the_first_ones_alone(
    tmp_path: Path,
) -> None:
    mis, state = absent_school(tmp_path)
    run(mis, state, date(2025, 10, 1), alone())
    before = {row.key: (row.state, row.date) for row in ledger(state)}
    notes, documents = len(mis.notes), len(mis.documents)
    summary = run(mis, state, date(2025, 10, 2), both())
    assert summary.outcome == "held"
    assert summary.withdrawn == 0
    assert {row.key: (row.state, row.date) for row in of(state, "aycliffe-drive")} == before
    past = of(state, "england-2024")
    assert {row.rule for row in past} >= {"penalty-threshold", "ten-day-return"}
    assert {(row.state, row.hold) for row in past} == {("held", "new_policy")}
    assert "1 October 2025" in past[0].reason
    assert (len(mis.notes), len(mis.documents)) == (notes, documents)

    run(mis, state, date(2025, 10, 20), both())
    later = [row for row in of(state, "england-2024") if row.pupil_id == "2"]
    assert {row.rule for row in later} >= {"penalty-threshold", "ten-day-return"}
    assert {row.state for row in later} == {"verified"}
    assert {row.state for row in of(state, "england-2024") if row.pupil_id == "1"} == {"held"}


def test_what_a_corrected_mark_brings_under_the_second_pack_is_not_of_a_new_policy(tmp_path: Path) -> None:
    mis, state = absent_school(tmp_path)
    run(mis, state, date(2025, 10, 1), both())
    for day in FIRST[:5]:
        mis.day("3", day, "O")
    run(mis, state, date(2025, 10, 2), both())
    rows = [row for row in of(state, "england-2024") if row.pupil_id == "3"]
    assert "penalty-threshold" in {row.rule for row in rows}
    assert {row.state for row in rows} == {"verified"}


def test_the_second_pack_taken_out_again_withdraws_nothing_and_its_waiting_events_are_put_aside(
    tmp_path: Path,
) -> None:
    mis, state = absent_school(tmp_path)
    run(mis, state, date(2025, 10, 1), both(review=["penalty-threshold"]))
    standing = {row.key: row.state for row in ledger(state) if row.state == "verified"}
    notes = len(mis.notes)
    assert run(mis, state, date(2025, 10, 2), alone()).withdrawn == 0
    now = {row.key: row for row in ledger(state)}
    assert {key: now[key].state for key in standing} == standing
    aside, *_ = [row for row in now.values() if row.rule == "penalty-threshold"]
    assert (aside.state, aside.hold) == ("superseded", "other_policy")
    assert "follows the policy aycliffe-drive now" in aside.reason
    assert len(mis.notes) == notes
    run(mis, state, date(2025, 10, 3), both(review=["penalty-threshold"]))
    back = [row.state for row in ledger(state) if row.rule == "penalty-threshold"]
    assert set(back) == {"held"}


def test_the_order_of_the_packs_changes_whose_rule_stands_and_withdraws_nothing(tmp_path: Path) -> None:
    mis, state = absent_school(tmp_path)
    law = options("england-2024")
    run(mis, state, date(2025, 10, 1), law)
    written = {row.key for row in ledger(state) if row.state == "verified"}
    assert any(row.rule == "persistent-absence" for row in ledger(state))
    summary = run(mis, state, date(2025, 10, 2), both())
    assert summary.withdrawn == 0
    assert {row.key for row in ledger(state) if row.state == "verified"} == written
    own = [row for row in of(state, "aycliffe-drive") if row.rule == "persistent-absence"]
    assert {row.hold for row in own} == {"new_policy"}, "no second letter about the same by itself"


def test_a_quiet_run_under_both_changes_nothing(tmp_path: Path) -> None:
    mis, state = absent_school(tmp_path)
    run(mis, state, date(2025, 10, 1), both())
    before = [(row.key, row.state, row.state_at) for row in ledger(state)]
    summary = run(mis, state, date(2025, 10, 1), both())
    assert (summary.notes, summary.documents) == (0, 0)
    assert [(row.key, row.state, row.state_at) for row in ledger(state)] == before


def test_a_corrected_mark_takes_events_of_both_packs_back(tmp_path: Path) -> None:
    mis, state = absent_school(tmp_path)
    opts = both(only=("ten-day-absence",))
    run(mis, state, date(2025, 10, 1), opts)
    mis.day("1", FIRST[4], "/")
    run(mis, state, date(2025, 10, 2), opts)
    gone = {(row.policy, row.rule): row.state for row in ledger(state)}
    assert gone["aycliffe-drive", "ten-day-absence"] == "withdrawn"
    assert gone["england-2024", "ten-day-return"] == "withdrawn"
    with Store.open(state, "hill") as store:
        assert store.runs.last()[0].policy == "aycliffe-drive", "a run is under the first one's name"


def test_letters_name_their_own_policy_and_show_the_first_ones_bands(tmp_path: Path) -> None:
    mis, state = absent_school(tmp_path)
    opts = both("hcat")
    report = run_school(state, RunRequest(opts, mis, as_of=date(2025, 10, 1), now=at(date(2025, 10, 1))))
    assert report.summary.outcome == "done", report.summary.error
    assert report.document()["policy"] == "hcat"
    assert {event["policy"] for event in report.document()["events"]} == {"hcat", "england-2024"}
    notes = {row.rule: row for row in ledger(state) if row.pupil_id == "1"}
    titles = {
        rule: next(note.text for _, note in mis.notes if notes[rule].key in note.text)
        for rule in ("initial-warning", "penalty-threshold")
    }
    assert "Trust attendance policy, Hull" in titles["initial-warning"]
    assert "Statutory attendance framework" in titles["penalty-threshold"]
