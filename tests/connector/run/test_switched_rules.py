"""Rules that are off unless switched on, rules that a school switches off, and rules that it lets end."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from connector.config.loaded_school import LoadedSchool
from connector.store.ledger import LedgerRow
from rules.policy import load_policy, switched
from rules.school import Spell
from tests.connector.memory_mis import MemoryMis, school_days, small_school
from tests.connector.runs import ledger, options, row_of, run

RULE = "three-days-missed"
ABSENT = school_days(date(2025, 9, 8), date(2025, 9, 10))
AGAIN = school_days(date(2025, 10, 6), date(2025, 10, 8))


def absent_pupils(tmp_path: Path) -> tuple[MemoryMis, Path]:
    """Pupil 1 misses three days in September, pupil 2 three in October."""
    mis = small_school(3, until=date(2025, 11, 21))
    for pupil_id, days in (("1", ABSENT), ("2", AGAIN)):
        for day in days:
            mis.day(pupil_id, day, "I")
    return mis, tmp_path / "hill.db"


def off(**more: object) -> LoadedSchool:
    return options(only=(RULE, "late-letter"), rules_off=[RULE], **more)


def on() -> LoadedSchool:
    return options(only=(RULE, "late-letter"))


def of_rule(state: Path) -> list[LedgerRow]:
    return [row for row in ledger(state) if row.rule == RULE]


def test_a_run_does_not_act_on_a_rule_that_is_off_in_its_pack(tmp_path: Path) -> None:
    mis, state = absent_pupils(tmp_path)
    assert load_policy("hcat").is_off(RULE)
    assert run(mis, state, date(2025, 9, 12), options()).outcome == "done"
    assert of_rule(state) == []
    assert not any(RULE in document.file_name for _, document in mis.documents)


def test_switched_on_it_holds_the_weeks_before_and_goes_on_from_there(tmp_path: Path) -> None:
    mis, state = absent_pupils(tmp_path)
    run(mis, state, date(2025, 9, 12), off())
    assert of_rule(state) == []
    summary = run(mis, state, date(2025, 9, 15), on())
    (row,) = of_rule(state)
    assert (row.state, row.hold) == ("held", "facts_changed")
    assert "three-days-missed was off and is on" in row.reason
    assert summary.outcome == "held"
    run(mis, state, date(2025, 10, 10), on())
    assert [row.state for row in of_rule(state)] == ["held", "verified"]


def test_switched_off_it_leaves_what_was_written_as_it_is(tmp_path: Path) -> None:
    mis, state = absent_pupils(tmp_path)
    run(mis, state, date(2025, 9, 12), on())
    assert row_of(state, RULE).state == "verified"
    written = len(mis.notes)
    for day in (date(2025, 9, 15), date(2025, 10, 10)):
        assert run(mis, state, day, off()).outcome == "done"
    assert row_of(state, RULE).state == "verified"
    assert len(mis.notes) == written


def test_switched_off_while_it_waits_it_is_put_aside_and_held_once_it_is_on_again(tmp_path: Path) -> None:
    mis, state = absent_pupils(tmp_path)
    waiting = options(only=(RULE, "late-letter"), review=[RULE])
    run(mis, state, date(2025, 9, 12), waiting)
    assert row_of(state, RULE).state == "held"
    run(mis, state, date(2025, 9, 15), off())
    row = row_of(state, RULE)
    assert (row.state, row.reason) == ("superseded", f"the rule {RULE} is switched off")
    run(mis, state, date(2025, 9, 16), on())
    row = row_of(state, RULE)
    assert (row.state, row.hold) == ("held", "new_policy")
    assert "switched off until now" in row.reason
    run(mis, state, date(2025, 9, 17), on())
    assert (row_of(state, RULE).state, row_of(state, RULE).hold) == ("held", "new_policy")


def test_what_a_changed_fact_brought_is_put_aside_with_its_rule(tmp_path: Path) -> None:
    """It was held until a person decides, and the rule is off again before anybody has."""
    mis, state = absent_pupils(tmp_path)
    run(mis, state, date(2025, 9, 12), off())
    run(mis, state, date(2025, 9, 15), on())
    assert row_of(state, RULE).hold == "facts_changed"
    assert run(mis, state, date(2025, 9, 16), off()).outcome == "done"
    row = row_of(state, RULE)
    assert (row.state, row.hold, row.reason) == (
        "superseded", "switched_off", f"the rule {RULE} is switched off",
    )  # fmt: skip
    run(mis, state, date(2025, 9, 17), on())
    assert (row_of(state, RULE).state, row_of(state, RULE).hold) == ("held", "new_policy")


def test_what_a_changed_fact_brought_is_put_aside_with_its_policy_and_asks_again(tmp_path: Path) -> None:
    mis, state = absent_pupils(tmp_path)
    run(mis, state, date(2025, 9, 12), off())
    run(mis, state, date(2025, 9, 15), on())
    assert run(mis, state, date(2025, 9, 16), options("aspire", only=("formal-meeting",))).outcome == "done"
    row = row_of(state, RULE)
    assert (row.state, row.reason) == ("superseded", "the school follows the policy aspire now")
    for day in (date(2025, 9, 17), date(2025, 9, 18)):
        assert run(mis, state, day, on()).outcome == "held"
        assert (row_of(state, RULE).state, row_of(state, RULE).hold) == ("held", "facts_changed")
    assert not mis.documents


@pytest.mark.parametrize("written", [False, True])
def test_what_follows_no_more_is_asked_about_with_its_rule_off_only_where_it_was_written(
    tmp_path: Path, written: bool
) -> None:
    mis, state = absent_pupils(tmp_path)
    first = on() if written else options(only=(RULE, "late-letter"), review=[RULE])
    run(mis, state, date(2025, 9, 12), first)
    mis.pupils["1"] = mis.pupils["1"].with_spells(Spell(date(2025, 9, 9)))
    run(mis, state, date(2025, 9, 15), on())
    assert row_of(state, RULE).hold == "no_longer_follows"
    run(mis, state, date(2025, 9, 16), off())
    row = row_of(state, RULE)
    assert row.state == ("held" if written else "superseded")
    mis.pupils["1"] = mis.pupils["1"].with_spells(Spell())
    run(mis, state, date(2025, 9, 17), on())
    row = row_of(state, RULE)
    assert (row.state, row.hold) == (("verified", "") if written else ("held", "new_policy"))


def test_what_was_withdrawn_before_a_changed_fact_brought_it_back_is_so_again_with_its_rule_off(
    tmp_path: Path,
) -> None:
    mis, state = absent_pupils(tmp_path)
    run(mis, state, date(2025, 9, 12), on())
    mis.day("1", ABSENT[0], "/")
    run(mis, state, date(2025, 9, 15), on())
    assert row_of(state, RULE).state == "withdrawn"
    run(mis, state, date(2025, 9, 16), off())
    mis.day("1", ABSENT[0], "I")
    run(mis, state, date(2025, 9, 17), off())
    run(mis, state, date(2025, 9, 18), on())
    row = row_of(state, RULE)
    assert (row.hold, row.held_from) == ("facts_changed", "withdrawn")
    for day, opts, state_then in (
        (date(2025, 9, 19), off(), "withdrawn"),
        (date(2025, 9, 22), on(), "held"),
    ):
        run(mis, state, day, opts)
        assert row_of(state, RULE).state == state_then


def test_a_rule_ends_on_the_day_that_the_configuration_names(tmp_path: Path) -> None:
    mis, state = absent_pupils(tmp_path)
    ends = {"rules_until": {RULE: AGAIN[-2]}}
    run(mis, state, date(2025, 10, 10), options(only=(RULE,), **ends))
    assert [row.pupil_id for row in of_rule(state)] == ["1"]
    assert switched(load_policy("hcat"), until={"stage-4": date(2030, 1, 1)}).rule("stage-4").until == date(
        2024, 8, 18
    ), "never later than its pack says"
