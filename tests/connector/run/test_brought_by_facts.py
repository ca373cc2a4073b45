"""New events that follow only since a fact other than a mark changed wait for a person, up to the day last judged."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from connector.config.loaded_school import LoadedSchool
from connector.ledger.rested_on import last_judged, policy_text
from connector.store import Store
from rules.calendar import Period
from rules.school import Amendment, LeaveRequest, Notice
from tests.connector.memory_mis import at, school_days, small_school
from tests.connector.run.test_causes import DAY, DAYS, late_school, own_policy, written
from tests.connector.runs import ledger, options, row_of, run


@pytest.mark.parametrize(
    ("judged_on", "state_then", "hold"),
    [(DAYS[2], "held", "facts_changed"), (date(2025, 9, 12), "verified", "")],
)
def test_a_figure_lowered_holds_what_is_dated_up_to_the_day_last_judged(
    tmp_path: Path, judged_on: date, state_then: str, hold: str
) -> None:
    mis, state = late_school(until=DAYS[2]), tmp_path / "hill.db"
    run(mis, state, judged_on, own_policy(4))
    assert ledger(state) == []
    run(mis, state, DAYS[2], own_policy(3))
    row = row_of(state, "late")
    assert (row.date, row.state, row.hold) == (DAYS[2], state_then, hold)


def test_another_meaning_of_a_code_lets_no_letter_of_past_weeks_out_by_itself(tmp_path: Path) -> None:
    day = date(2025, 10, 24)
    mis, state = small_school(2, until=day), tmp_path / "hill.db"
    for dual in school_days(date(2025, 9, 8), date(2025, 10, 3)):
        mis.day("1", dual, "D")
    mis.day("1", date(2025, 10, 6), "O")
    opts = options("cadle")
    wales = opts.config.model_copy(update={"nation": "wales", "welsh_d_attended": True})
    run(mis, state, day, replace(opts, config=wales))
    before, known = written(mis), {row.key for row in ledger(state)}
    run(mis, state, day, replace(opts, config=wales.model_copy(update={"welsh_d_attended": False})))
    new = [row for row in ledger(state) if row.key not in known]
    assert new
    assert {(row.state, row.hold) for row in new} == {("held", "facts_changed")}
    assert all(row.reason.startswith("D (dual registered)") for row in new)
    assert written(mis) == before


def test_a_training_day_taken_out_lets_no_letter_of_past_weeks_out_by_itself(tmp_path: Path) -> None:
    mis, state = late_school(), tmp_path / "hill.db"
    mis.periods = (*mis.periods, Period("inset", "Training", DAYS[0], DAYS[0]))
    run(mis, state, DAY, own_policy(3))
    assert ledger(state) == []
    mis.periods = tuple(period for period in mis.periods if period.kind != "inset")
    run(mis, state, DAY, own_policy(3))
    row = row_of(state, "late")
    assert (row.state, row.hold, row.date) == ("held", "facts_changed", DAYS[2])
    assert "now a school day" in row.reason
    assert written(mis) == 0


def test_a_policy_kept_with_amounts_is_read_as_it_was(tmp_path: Path) -> None:
    """A policy of before amounts left the packs holds them; the new figure still lets no letter out by itself."""
    mis, state = late_school(), tmp_path / "hill.db"
    run(mis, state, DAY, own_policy(4))
    with Store.open(state, "hill") as store, store.transaction() as connection:
        ((mark, body),) = connection.execute(
            "SELECT hash, body FROM remembered WHERE body LIKE '%\"rules\"%'"
        ).fetchall()
        kept = json.dumps({**json.loads(body), "penalties": [{"amount": 80}]})
        connection.execute("UPDATE remembered SET body = ? WHERE hash = ?", (kept, mark))
    run(mis, state, DAY, own_policy(3))
    row = row_of(state, "late")
    assert (row.state, row.hold, written(mis)) == ("held", "facts_changed", 0)


def test_a_policy_kept_with_the_first_day_of_a_rule_is_read_as_it_was(tmp_path: Path) -> None:
    mis, state = late_school(), tmp_path / "hill.db"

    def policy(figure: int) -> LoadedSchool:
        opts = own_policy(figure)
        rules = tuple(rule.model_copy(update={"start": date(2025, 9, 1)}) for rule in opts.policy.rules)
        return replace(opts, policy=opts.policy.model_copy(update={"rules": rules}))

    run(mis, state, DAY, policy(4))
    with Store.open(state, "hill") as store:
        last = last_judged(store, "own")
        assert last is not None
        (rule,) = json.loads(policy_text(store, last.facts.policy))["rules"]
    assert rule["from"] == "2025-09-01", "by the names of a policy file, which later versions read too"
    run(mis, state, DAY, policy(3))
    row = row_of(state, "late")
    assert (row.state, row.hold, written(mis)) == ("held", "facts_changed", 0)


def other_figure(opts: LoadedSchool) -> LoadedSchool:
    """Return the school with another figure in the rule about late marks, which brings nothing."""
    rules = tuple(
        rule.model_copy(update={"when": rule.when.model_copy(update={"at_least": 9})})
        if rule.id == "late-letter"
        else rule
        for rule in opts.policy.rules
    )
    return replace(opts, policy=opts.policy.model_copy(update={"rules": rules}))


@pytest.mark.parametrize("decided", [DAYS[2], DAY])
def test_an_answer_to_leave_that_is_entered_later_goes_also_on_the_evening_of_a_changed_policy(
    tmp_path: Path, decided: date
) -> None:
    """``decided``: a day with marks, or the run's own, of which there are none yet."""
    mis, state = late_school(until=DAYS[2]), tmp_path / "hill.db"
    opts = options(only=("leave-refused", "leave-request", "late-letter"), hold_above_missing_percent=100)
    run(mis, state, DAY, opts)
    asked = LeaveRequest("1", date(2025, 11, 10), date(2025, 11, 11), "holiday", DAYS[0])
    mis.leave.append(replace(asked, decision="refused", decided=decided))
    run(mis, state, DAY, other_figure(opts))
    row = row_of(state, "leave-refused")
    assert (row.date, row.state, row.hold) == (decided, "verified", "")


def test_a_letter_about_a_mark_that_was_changed_goes_also_on_the_evening_of_a_changed_policy(
    tmp_path: Path,
) -> None:
    mis, state = small_school(1, until=DAY), tmp_path / "hill.db"
    opts = options("aycliffe-drive", only=("ruled-unauthorised",))
    late = tuple(rule for rule in options(only=("late-letter",)).policy.rules)
    opts = replace(opts, policy=opts.policy.model_copy(update={"rules": (*opts.policy.rules, *late)}))
    mis.mark("1", DAYS[0], "AM", "N")
    run(mis, state, DAY, opts)
    mis.mark("1", DAYS[0], "AM", "O")
    mis.amendments = [Amendment("1", DAYS[0], "AM", "N", "O", at(DAYS[2]), "", "Ms Lowe")]
    run(mis, state, DAY, other_figure(opts))
    row = row_of(state, "ruled-unauthorised")
    assert (row.date, row.state, row.hold) == (DAYS[2], "verified", "")


def test_what_a_longer_reach_of_a_notice_brings_waits_for_a_person(tmp_path: Path) -> None:
    mis, state = small_school(1, until=DAY), tmp_path / "hill.db"
    for day in (
        *school_days(date(2025, 9, 4), date(2025, 9, 12)),
        *school_days(date(2025, 9, 16), date(2025, 9, 26)),
    ):
        mis.day("1", day, "O")
    mis.notices = [Notice("1", "c1", date(2023, 9, 12))]
    opts = options(only=("stage-4", "second-notice"))

    def reach(years: int) -> LoadedSchool:
        rules = tuple(
            rule.model_copy(update={"when": rule.when.model_copy(update={"notice_within_years": years})})
            if rule.id == "second-notice"
            else rule
            for rule in opts.policy.rules
        )
        return replace(opts, policy=opts.policy.model_copy(update={"rules": rules}))

    run(mis, state, DAY, reach(1))
    assert [row for row in ledger(state) if row.rule == "second-notice"] == []
    run(mis, state, DAY, reach(3))
    assert {(row.state, row.hold) for row in ledger(state) if row.rule == "second-notice"} == {
        ("held", "facts_changed")
    }
