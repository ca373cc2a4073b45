"""Only a changed mark takes an event back; anything else that makes it vanish holds it with the true cause."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from connector.config.loaded_school import LoadedSchool
from connector.ledger.decisions import EventError, approve, keep, list_events, release, withdraw
from connector.ledger.keys import cause_key
from connector.store import Store
from connector.store.ledger import LedgerRow
from rules.calendar import Period
from rules.policy import parse_policy
from rules.school import Spell
from tests.connector.memory_mis import FIRST_DAY, MemoryMis, at, school_days, small_school
from tests.connector.runs import ledger, options, row_of, run

LATE = ("late-letter",)
DAYS = (date(2025, 9, 8), date(2025, 9, 9), date(2025, 9, 15))
DAY = date(2025, 10, 10)


def late_school(pupils: int = 2, until: date = DAY) -> MemoryMis:
    """Return a school whose pupil 1 was late on three days of September."""
    mis = small_school(pupils, until=until)
    for day in DAYS:
        mis.mark("1", day, "AM", "L")
    return mis


def absent_school(until: date = DAY) -> MemoryMis:
    """Return a school whose pupil 1 was absent without leave for the first five days of October and two more."""
    mis = small_school(2, until=until)
    for day in school_days(date(2025, 9, 29), date(2025, 10, 7)):
        mis.day("1", day, "O")
    return mis


def decide_all(state: Path, because: str, how: str, reason: str = "looked into") -> None:
    with Store.open(state, "hill") as store:
        for row in list_events(store, because=because, states=("held",)):
            if how == "keep":
                keep(store, row.key, reason=reason, by="office", now=at(DAY), as_of=DAY)
            else:
                withdraw(store, row.key, reason=reason, now=at(DAY), as_of=DAY)


def of_pupil_1(state: Path) -> list[LedgerRow]:
    return [row for row in ledger(state) if row.pupil_id == "1"]


def written(mis: MemoryMis) -> int:
    """Return how many notes and letters stand on pupil 1."""
    return len(mis.titles("1"))


# -- each fact that may change


def test_training_days_put_over_counted_days_hold_the_letter(tmp_path: Path) -> None:
    mis, state = late_school(), tmp_path / "hill.db"
    run(mis, state, DAY, options(only=LATE))
    before = written(mis)
    mis.periods = (*mis.periods, Period("inset", "Training", DAYS[0], DAYS[1]))
    for number in range(2):
        summary = run(mis, state, DAY, options(only=LATE))
        row = row_of(state, "late-letter")
        assert (summary.exit_code, row.state, row.held_from) == (3, "held", "verified"), number
        assert row.reason == (
            "the calendar changed: 8 September 2025 and 9 September 2025 are no longer school days"
        )
        assert summary.document()["because"] == [{"id": row.because, "reason": row.reason, "events": 1}]
    assert written(mis) == before


def test_a_calendar_put_right_lets_everything_stand_again_without_a_note(tmp_path: Path) -> None:
    mis, state = late_school(), tmp_path / "hill.db"
    run(mis, state, DAY, options(only=LATE))
    before, periods = written(mis), mis.periods
    mis.periods = (*periods, Period("inset", "Training", DAYS[0], DAYS[1]))
    run(mis, state, DAY, options(only=LATE))
    mis.periods = periods
    assert run(mis, state, DAY, options(only=LATE)).exit_code == 0
    assert row_of(state, "late-letter").state == "verified"
    assert written(mis) == before


def test_the_calendar_of_a_new_year_takes_back_nothing_of_the_old_one(tmp_path: Path) -> None:
    mis, state = late_school(), tmp_path / "hill.db"
    run(mis, state, DAY, options(only=LATE))
    before = written(mis)
    mis.periods = (
        Period("year", "2026/27", date(2026, 9, 1), date(2027, 8, 31)),
        Period("term", "Autumn", date(2026, 9, 2), date(2026, 12, 18)),
        Period("half_term", "Autumn 1", date(2026, 9, 2), date(2026, 10, 23)),
        Period("half_term", "Autumn 2", date(2026, 11, 2), date(2026, 12, 18)),
    )
    run(mis, state, date(2026, 9, 2), options(only=LATE))
    assert row_of(state, "late-letter").state in ("held", "verified")
    assert written(mis) == before


def test_another_entry_date_holds_the_letters_before_it_and_brings_no_others(tmp_path: Path) -> None:
    mis, state = absent_school(), tmp_path / "hill.db"
    mis.pupils["1"] = mis.pupils["1"].with_spells(Spell(date(2023, 9, 1)))
    run(mis, state, DAY, options())
    before = written(mis)
    assert before > 1
    mis.pupils["1"] = mis.pupils["1"].with_spells(Spell(date(2025, 10, 6)))
    summary = run(mis, state, DAY, options())
    assert summary.exit_code == 3
    assert not {row.state for row in of_pupil_1(state)} & {"withdrawn", "superseded", "due"}
    held = [row for row in of_pupil_1(state) if row.held_from == "verified"]
    assert held
    assert {row.reason for row in held} == {"entry date changed from 1 September 2023 to 6 October 2025"}
    assert written(mis) == before
    mis.pupils["1"] = mis.pupils["1"].with_spells(Spell(date(2023, 9, 1)))
    run(mis, state, DAY, options())
    assert {row.state for row in of_pupil_1(state) if row.written_on} == {"verified"}
    assert written(mis) == before


def test_the_mis_no_longer_giving_marks_before_the_entry_date_is_no_correction(tmp_path: Path) -> None:
    mis, state = late_school(), tmp_path / "hill.db"
    run(mis, state, DAY, options(only=LATE))
    before = written(mis)
    entry = date(2025, 10, 6)
    mis.pupils["1"] = mis.pupils["1"].with_spells(Spell(entry))
    mis.marks = {
        place: mark for place, mark in mis.marks.items() if mark.pupil_id != "1" or mark.date >= entry
    }
    run(mis, state, DAY, options(only=LATE, hold_above_cleared_percent=100.0))
    row = row_of(state, "late-letter")
    assert (row.state, row.reason) == ("held", "entry date changed from none to 6 October 2025")
    assert written(mis) == before


def test_a_pupil_who_left_and_came_back_keeps_the_letters_of_the_first_time(tmp_path: Path) -> None:
    mis, state = late_school(), tmp_path / "hill.db"
    run(mis, state, DAY, options(only=LATE))
    mis.pupils["1"] = mis.pupils["1"].with_spells(Spell(None, date(2025, 9, 19)), Spell(date(2025, 10, 6)))
    assert run(mis, state, DAY, options(only=LATE)).exit_code == 0
    assert row_of(state, "late-letter").state == "verified"


def test_a_date_of_birth_typed_wrongly_holds_what_the_law_says_of_older_children(tmp_path: Path) -> None:
    mis, state = absent_school(), tmp_path / "hill.db"
    run(mis, state, DAY, options("england-2024"))
    before = written(mis)
    mis.pupils["1"] = replace(mis.pupils["1"], date_of_birth=date(2024, 3, 1))
    summary = run(mis, state, DAY, options("england-2024"))
    row = row_of(state, "penalty-threshold")
    assert (summary.exit_code, row.state) == (3, "held")
    assert row.reason == "date of birth changed from 1 March 2016 to 1 March 2024"
    assert written(mis) == before


def test_a_date_of_birth_put_right_lets_no_letter_of_past_weeks_out_by_itself(tmp_path: Path) -> None:
    mis, state = absent_school(), tmp_path / "hill.db"
    mis.pupils["1"] = replace(mis.pupils["1"], date_of_birth=date(2024, 3, 1))
    run(mis, state, DAY, options("england-2024"))
    before = written(mis)
    mis.pupils["1"] = replace(mis.pupils["1"], date_of_birth=date(2016, 3, 1))
    for number in range(2):
        summary = run(mis, state, DAY, options("england-2024"))
        row = row_of(state, "penalty-threshold")
        assert (summary.exit_code, row.state, row.hold) == (3, "held", "facts_changed"), number
        assert row.reason == "date of birth changed from 1 March 2024 to 1 March 2016"
    assert written(mis) == before
    decide_all(state, row.because, "keep")
    run(mis, state, DAY, options("england-2024"))
    assert row_of(state, "penalty-threshold").state == "verified"
    assert written(mis) > before


def test_an_event_that_only_a_slip_brought_goes_without_a_word_when_the_slip_is_put_right(
    tmp_path: Path,
) -> None:
    mis, state = absent_school(), tmp_path / "hill.db"
    opts = options("england-2024", only=("penalty-threshold",))
    young = replace(mis.pupils["1"], date_of_birth=date(2024, 3, 1))
    mis.pupils["1"] = young
    run(mis, state, DAY, opts)
    mis.pupils["1"] = replace(young, date_of_birth=date(2016, 3, 1))
    assert run(mis, state, DAY, opts).exit_code == 3
    mis.pupils["1"] = young
    assert run(mis, state, DAY, opts).exit_code == 0
    assert row_of(state, "penalty-threshold").state == "superseded"
    assert written(mis) == 0
    mis.pupils["1"] = replace(young, date_of_birth=date(2016, 3, 1))
    assert run(mis, state, DAY, opts).exit_code == 3
    assert row_of(state, "penalty-threshold").hold == "facts_changed"
    mis.pupils["1"] = young
    run(mis, state, DAY, opts)
    mis.pupils["1"] = replace(young, date_of_birth=date(2016, 3, 1))
    mis.day("1", date(2025, 10, 8), "O")  # and a mark is changed in the same night
    assert run(mis, state, DAY, opts).exit_code == 3
    row = row_of(state, "penalty-threshold")
    assert (row.state, row.hold, row.reason) == ("held", "facts_changed", "the marks support it again")
    assert (row.because, written(mis)) == (cause_key("marks", row.reason), 0)


def test_another_meaning_of_a_code_holds_with_the_code_named(tmp_path: Path) -> None:
    mis, state = small_school(2, until=date(2025, 10, 24)), tmp_path / "hill.db"
    for day in school_days(date(2025, 9, 8), date(2025, 10, 3)):
        mis.day("1", day, "D")
    mis.day("1", date(2025, 10, 6), "O")
    opts = options("cadle")
    wales = opts.config.model_copy(update={"nation": "wales", "welsh_d_attended": False})
    run(mis, state, date(2025, 10, 24), replace(opts, config=wales))
    before = written(mis)
    assert row_of(state, "screening-1").state == "verified"
    attended = wales.model_copy(update={"welsh_d_attended": True})
    summary = run(mis, state, date(2025, 10, 24), replace(opts, config=attended))
    row = row_of(state, "screening-1")
    assert (summary.exit_code, row.state) == (3, "held")
    assert row.reason.startswith("D (dual registered) counts as attended now")
    assert written(mis) == before


def test_what_was_said_of_a_class_stands_when_its_pupils_change(tmp_path: Path) -> None:
    mis, state = small_school(4, until=DAY), tmp_path / "hill.db"
    for pupil_id in ("3", "4"):
        mis.pupils[pupil_id] = replace(mis.pupils[pupil_id], registration_group="5B")
    for day in school_days(date(2025, 9, 8), date(2025, 9, 19)):
        mis.day("2", day, "I")
    opts = options(only=("class-of-the-week",))
    run(mis, state, DAY, opts)
    before = {row.key: row.state for row in ledger(state)}
    mis.pupils["2"] = replace(mis.pupils["2"], registration_group="5B")
    assert run(mis, state, DAY, opts).exit_code == 0
    after = {row.key: row.state for row in ledger(state)}
    assert {key: after[key] for key in before} == before
    assert set(after) - set(before)
    assert {after[key] for key in set(after) - set(before)} == {"superseded"}


# -- the policy

OWN = """
id = "own"
title = "Own policy"
nation = "england"
code_set = "england-2024"
version = "{version}"
dated = {dated}
keep_years = 3

[[bands]]
name = "all"
attendance = ">= 0"
label = "All"

[[rules]]
id = "late"
title = "Late again"
clause = "3"
outcomes = ["letter:late-letter", "note"]
kind = "{kind}"
when = {{ codes = ["L"], at_least = {figure}, within = "half_term" }}
"""


def own_policy(figure: int, version: str = "1", dated: str = "2025-09-01") -> LoadedSchool:
    kind = next(rule.kind for rule in options(only=LATE).policy.rules)
    text = OWN.format(figure=figure, version=version, dated=dated, kind=kind)
    return replace(options(), policy=parse_policy(text, "own.toml"))


def test_a_figure_raised_in_the_policy_holds_the_letters_sent_under_the_old_one(tmp_path: Path) -> None:
    mis, state = late_school(), tmp_path / "hill.db"
    run(mis, state, DAY, own_policy(3))
    before = written(mis)
    summary = run(mis, state, DAY, own_policy(5, "2", "2025-10-01"))
    row = row_of(state, "late")
    assert (summary.exit_code, row.state, row.held_from) == (3, "held", "verified")
    assert row.reason == (
        "the policy own changed (version 1 of 1 September 2025 is now version 2 of 1 October 2025):"
        " at_least of late was 3 and is 5"
    )
    assert written(mis) == before


def test_a_figure_lowered_lets_no_letter_about_past_weeks_out_by_itself(tmp_path: Path) -> None:
    mis, state = late_school(), tmp_path / "hill.db"
    run(mis, state, DAY, own_policy(4))
    summary = run(mis, state, DAY, own_policy(3))
    row = row_of(state, "late")
    assert (summary.exit_code, row.state, row.hold) == (3, "held", "facts_changed")
    assert row.reason == "the policy own changed: at_least of late was 4 and is 3"
    assert written(mis) == 0


def test_words_changed_in_the_policy_hold_nothing(tmp_path: Path) -> None:
    mis, state = late_school(), tmp_path / "hill.db"
    opts = own_policy(3)
    run(mis, state, DAY, opts)
    other = opts.policy.model_copy(update={"title": "Our policy", "version": "1a"})
    assert run(mis, state, DAY, replace(opts, policy=other)).exit_code == 0
    assert row_of(state, "late").state == "verified"


def test_a_policy_new_to_the_school_sends_nothing_about_weeks_under_the_old_one(tmp_path: Path) -> None:
    mis, state = absent_school(), tmp_path / "hill.db"
    run(mis, state, DAY, options("hcat"))
    before = written(mis)
    summary = run(mis, state, DAY, options("aspire"))
    assert summary.exit_code == 3
    assert {row.state for row in of_pupil_1(state) if row.policy == "hcat"} <= {"verified", "superseded"}
    waiting = {row.hold for row in of_pupil_1(state) if row.policy == "aspire"}
    assert waiting == {"new_policy"}
    assert written(mis) == before


def test_a_policy_swapped_and_back_loses_no_hold(tmp_path: Path) -> None:
    mis, state = late_school(), tmp_path / "hill.db"
    hcat = options(only=LATE, first_run_school_days=10)
    run(mis, state, DAY, hcat)
    assert row_of(state, "late-letter").hold == "first_run"
    for opts in (options("aspire", first_run_school_days=10), hcat, hcat):
        run(mis, state, DAY, opts)
        assert written(mis) == 0
    row = row_of(state, "late-letter")
    assert (row.state, row.hold) == ("held", "first_run")


def test_many_events_held_stay_held_after_a_bad_pull_and_a_good_one(tmp_path: Path) -> None:
    mis, state = late_school(), tmp_path / "hill.db"
    opts = options(only=LATE, hold_above_events_of_rule={"late-letter": 0})
    run(mis, state, DAY, opts)
    assert row_of(state, "late-letter").hold == "too_many"
    mis.mark("1", DAYS[0], "AM", "/")
    run(mis, state, DAY, options(only=LATE))
    assert row_of(state, "late-letter").state == "withdrawn"
    mis.mark("1", DAYS[0], "AM", "L")
    run(mis, state, DAY, options(only=LATE))
    assert (row_of(state, "late-letter").state, row_of(state, "late-letter").hold) == ("held", "too_many")


# -- marks


def test_a_changed_mark_takes_the_letter_back_with_the_mark_named(tmp_path: Path) -> None:
    mis, state = late_school(), tmp_path / "hill.db"
    run(mis, state, DAY, options(only=LATE))
    mis.mark("1", DAYS[0], "AM", "/")
    mis.pupils["1"] = replace(mis.pupils["1"], date_of_birth=date(2016, 3, 2))
    assert run(mis, state, DAY, options(only=LATE)).exit_code == 0
    assert row_of(state, "late-letter").state == "withdrawn"
    assert "the marks no longer support it" in row_of(state, "late-letter").reason


def test_a_missing_mark_entered_late_holds_what_was_written_and_drops_what_was_not(tmp_path: Path) -> None:
    for settle, state_then in ((0, "held"), (19, "withdrawn")):
        mis, state = small_school(1, until=DAY), tmp_path / f"{settle}.db"
        unmarked = school_days(FIRST_DAY, DAY)[6:16]
        for day in unmarked:
            mis.day("1", day, "")
        mis.day("1", DAY, "I")
        opts = options(only=("initial-warning",), settling_days=settle)
        run(mis, state, DAY, opts)
        (row,) = ledger(state)
        for day in unmarked:
            mis.day("1", day, "/")
        run(mis, state, DAY, opts)
        (row,) = ledger(state)
        assert row.state == state_then, row.reason
        if state_then == "held":
            assert row.reason.startswith("marks that were missing have been entered: ")


def test_twelve_letters_are_not_taken_back_because_every_mark_became_present(tmp_path: Path) -> None:
    mis, state = small_school(12, until=DAY), tmp_path / "hill.db"
    days = school_days(date(2025, 10, 1), date(2025, 10, 3))
    for pupil_id in mis.pupils:
        for day in days:
            mis.day(pupil_id, day, "O")
    opts = options("aspire")
    run(mis, state, DAY, opts)
    notes = len(mis.notes)
    good = dict(mis.marks)
    for pupil_id in mis.pupils:
        for day in days:
            mis.day(pupil_id, day, "/")
    for number in range(2):
        summary = run(mis, state, DAY, opts)
        assert summary.exit_code == 3, number
        assert len(summary.causes) == 1, "one message, one command"
    assert {row.state for row in ledger(state) if row.pupil_id} == {"held"}
    mis.marks = good
    assert run(mis, state, DAY, opts).exit_code == 0
    assert {row.state for row in ledger(state) if row.pupil_id} == {"verified"}
    assert len(mis.notes) == notes


def test_letters_that_a_bad_pull_brings_wait_for_a_person(tmp_path: Path) -> None:
    mis, state = small_school(12, until=DAY), tmp_path / "hill.db"
    opts = options("aspire")
    run(mis, state, DAY, opts)
    notes = len(mis.notes)
    for pupil_id in mis.pupils:
        for day in school_days(date(2025, 10, 1), date(2025, 10, 3)):
            mis.day(pupil_id, day, "O")
    assert run(mis, state, DAY, opts).exit_code == 3
    assert run(mis, state, DAY, opts).exit_code == 3
    assert len(mis.notes) == notes


# -- what a person decides


def held_by_calendar(tmp_path: Path) -> tuple[MemoryMis, Path, LedgerRow]:
    mis, state = late_school(), tmp_path / "hill.db"
    run(mis, state, DAY, options(only=LATE))
    mis.periods = (*mis.periods, Period("inset", "Training", DAYS[0], DAYS[1]))
    run(mis, state, DAY, options(only=LATE))
    return mis, state, row_of(state, "late-letter")


def test_what_a_person_keeps_stands_and_is_not_asked_about_again(tmp_path: Path) -> None:
    mis, state, row = held_by_calendar(tmp_path)
    before = written(mis)
    decide_all(state, row.because, "keep")
    for _ in range(2):
        assert run(mis, state, DAY, options(only=LATE)).exit_code == 0
    assert row_of(state, "late-letter").state == "verified"
    assert written(mis) == before
    mis.pupils["1"] = mis.pupils["1"].with_spells(Spell(date(2025, 10, 6)))
    assert run(mis, state, DAY, options(only=LATE)).exit_code == 3, "another fact is another question"
    assert "entry date changed" in row_of(state, "late-letter").reason


def test_what_a_person_withdraws_gets_a_note_with_the_persons_reason(tmp_path: Path) -> None:
    mis, state, row = held_by_calendar(tmp_path)
    before = written(mis)
    decide_all(state, row.because, "withdraw", "the school was closed on those days")
    for _ in range(2):
        assert run(mis, state, DAY, options(only=LATE)).exit_code == 0
    assert row_of(state, "late-letter").state == "withdrawn"
    assert written(mis) == before + 1
    assert "the school was closed on those days" in mis.notes[-1][1].text


def test_only_these_two_commands_decide_about_what_no_longer_follows(tmp_path: Path) -> None:
    _, state, row = held_by_calendar(tmp_path)
    with Store.open(state, "hill") as store:
        for decision in (approve, release):
            with pytest.raises(EventError, match="events keep"):
                decision(store, row.key, by="office", now=at(DAY), as_of=DAY)
    assert row_of(state, "late-letter").held_from == "verified"


def test_a_held_letter_still_counts_as_made_on_its_ladder(tmp_path: Path) -> None:
    mis, state = absent_school(), tmp_path / "hill.db"
    opts = options(only=("initial-warning", "stage-1"), ladder_gap_days=0)
    run(mis, state, DAY, opts)
    first = [row for row in of_pupil_1(state) if row.composed_on]
    assert len(first) == 1
    mis.pupils["1"] = mis.pupils["1"].with_spells(Spell(date(2025, 10, 6)))
    run(mis, state, DAY, opts)
    assert len({row.id for row in of_pupil_1(state) if row.composed_on}) == 1


def test_an_event_from_before_facts_were_kept_is_held_with_what_is_known(tmp_path: Path) -> None:
    mis, state = late_school(), tmp_path / "hill.db"
    run(mis, state, DAY, options(only=LATE))
    before = written(mis)
    with Store.open(state, "hill") as store, store.transaction() as connection:
        connection.execute("UPDATE events SET rested_on = ''")
        connection.execute("DELETE FROM meta WHERE name LIKE 'judged%'")
    mis.pupils["1"] = mis.pupils["1"].with_spells(Spell(date(2025, 10, 6)))
    assert run(mis, state, DAY, options(only=LATE)).exit_code == 3
    assert row_of(state, "late-letter").reason == (
        "it no longer follows from the facts in the MIS; no mark that it counted was changed"
    )
    assert written(mis) == before
