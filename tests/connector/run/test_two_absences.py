"""Two absences with an attended session between them are two events; one absence that a correction moves is one."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from connector.config.loaded_school import LoadedSchool
from connector.run.summary import RunSummary
from connector.store.ledger import LedgerRow
from rules.policy import parse_policy
from tests.connector.memory_mis import MemoryMis, small_school
from tests.connector.runs import ledger, options, run

MON, TUE, WED, THU, FRI = (date(2025, 10, day) for day in (6, 7, 8, 9, 10))
NO_CONTACT = ("no-contact",)
LETTER = "No contact"


def unexplained(*days: date, until: date = FRI) -> MemoryMis:
    """Return a school of two whose pupil 1 is N all day on some days."""
    mis = small_school(2, until=until)
    for day in days:
        mis.day("1", day, "N")
    return mis


def night(mis: MemoryMis, state: Path, day: date, opts: LoadedSchool | None = None) -> RunSummary:
    return run(mis, state, day, opts or options("aycliffe-drive", NO_CONTACT))


def states(state: Path) -> list[tuple[date, str]]:
    return [(row.date, row.state) for row in ledger(state)]


def written_of(mis: MemoryMis, row: LedgerRow) -> list[str]:
    """Return the kinds of what the MIS holds under an event's key."""
    letters = ["letter" for _, document in mis.documents if document.key == row.key]
    notes = [
        "correction" if note.summary.startswith("withdrawn: ") else "note"
        for _, note in mis.notes
        if note.key == row.key
    ]
    return sorted(letters + notes)


def test_the_second_absence_has_a_letter_a_note_and_a_call_when_the_first_gets_its_reason(
    tmp_path: Path,
) -> None:
    mis, state = unexplained(MON, until=MON), tmp_path / "hill.db"
    night(mis, state, MON)
    for day in (TUE, WED):
        mis.day("1", day, "/")
        mis.day("2", day, "/")
        night(mis, state, day)
    mis.day("1", MON, "I")
    mis.day("1", THU, "N")
    mis.day("2", THU, "/")
    summary = night(mis, state, THU)
    assert states(state) == [(MON, "withdrawn"), (THU, "verified")]
    first, second = ledger(state)
    assert first.key != second.key
    assert written_of(mis, first) == ["correction", "letter", "note"]
    assert written_of(mis, second) == ["letter", "note"]
    assert summary.outcome == "done"
    again = night(mis, state, THU)
    assert (again.outcome, len(ledger(state)), mis.doubles) == ("done", 2, [])


def test_the_list_of_calls_names_the_second_absence(tmp_path: Path) -> None:
    mis, state = unexplained(MON), tmp_path / "hill.db"
    opts = options("aycliffe-drive", NO_CONTACT)
    night(mis, state, MON, opts)
    mis.day("1", MON, "I")
    mis.day("1", THU, "N")
    night(mis, state, THU, opts)
    second = ledger(state)[-1]
    (digest,) = [d for _, d in mis.documents if f"digest – {THU}" in d.file_name]
    assert f"calls {second.key}" in digest.content.decode().splitlines()


def test_the_day_on_which_the_reason_comes_makes_no_difference(tmp_path: Path) -> None:
    """Entered on the evening before or on the same day: the same letters and notes."""
    seen = []
    for number, reason_on in enumerate((WED, THU)):
        mis, state = unexplained(MON, THU), tmp_path / f"{number}.db"
        for day in (MON, TUE, WED, THU):
            if day == reason_on:
                mis.day("1", MON, "I")
            night(mis, state, day)
        seen.append((states(state), mis.titles("1")))
    assert seen[0] == seen[1]


def test_an_absence_whose_first_day_gets_its_reason_goes_on_as_the_same(tmp_path: Path) -> None:
    mis, state = unexplained(MON, TUE, WED), tmp_path / "hill.db"
    night(mis, state, TUE)
    before = mis.titles("1")
    mis.day("1", MON, "I")
    night(mis, state, WED)
    assert states(state) == [(TUE, "verified")]
    assert mis.titles("1") == before
    mis.day("1", TUE, "I")
    night(mis, state, WED)
    assert states(state) == [(WED, "verified")]
    assert mis.titles("1") == before


def test_an_absence_whose_first_days_turn_out_to_be_attended_is_the_same(tmp_path: Path) -> None:
    """Also where the correction of several days comes at once: there was one absence before, and one now."""
    mis, state = unexplained(MON, TUE, WED), tmp_path / "hill.db"
    night(mis, state, WED)
    before = mis.titles("1")
    mis.day("1", MON, "/")
    mis.day("1", TUE, "/")
    night(mis, state, WED)
    assert states(state) == [(WED, "verified")]
    assert mis.titles("1") == before


def test_an_absence_that_never_was_is_taken_back_although_the_rule_now_looks_at_another_day_of_it(
    tmp_path: Path,
) -> None:
    """Without the corrections the letter would be the one of the fourth day: the same absence, so marks take it back."""

    def on_day(number: int) -> LoadedSchool:
        school = options("hcat", ("unexplained-visit",))
        (rule,) = school.policy.rules
        rule = rule.model_copy(update={"when": rule.when.model_copy(update={"days": (number,)})})
        return replace(school, policy=school.policy.model_copy(update={"rules": (rule,)}))

    mis, state = unexplained(MON, TUE, WED, THU), tmp_path / "hill.db"
    night(mis, state, THU, on_day(3))
    assert states(state) == [(WED, "verified")]
    for day in (MON, TUE, WED, THU):
        mis.day("1", day, "/")
    night(mis, state, THU, on_day(4))
    (row,) = ledger(state)
    assert row.state == "withdrawn"
    assert "the marks no longer support it" in row.reason


def test_a_day_that_turns_out_to_be_attended_leaves_a_later_absence_an_event_of_its_own(
    tmp_path: Path,
) -> None:
    mis, state = unexplained(MON), tmp_path / "hill.db"
    night(mis, state, MON)
    mis.day("1", MON, "/")
    mis.day("1", THU, "N")
    night(mis, state, THU)
    assert states(state) == [(MON, "withdrawn"), (THU, "verified")]


def test_an_absence_that_is_found_to_begin_earlier_is_the_same(tmp_path: Path) -> None:
    mis, state = unexplained(TUE, WED), tmp_path / "hill.db"
    night(mis, state, WED)
    before = mis.titles("1")
    mis.mark("1", MON, "PM", "N")
    night(mis, state, WED)
    assert states(state) == [(MON, "verified")]
    assert mis.titles("1") == before


def test_an_absence_split_by_a_correction_is_two_and_the_second_part_gets_its_letter(tmp_path: Path) -> None:
    mis, state = unexplained(MON, TUE, WED, THU), tmp_path / "hill.db"
    night(mis, state, THU)
    assert states(state) == [(MON, "verified")]
    mis.day("1", TUE, "/")
    mis.day("1", WED, "/")
    night(mis, state, THU)
    assert states(state) == [(MON, "verified"), (THU, "verified")]
    first, second = ledger(state)
    assert (written_of(mis, first), written_of(mis, second)) == (["letter", "note"], ["letter", "note"])


def test_a_split_whose_first_part_gets_its_reason_too_leaves_the_second_part_a_letter(tmp_path: Path) -> None:
    mis, state = unexplained(MON, TUE, WED), tmp_path / "hill.db"
    night(mis, state, WED)
    mis.day("1", MON, "I")
    mis.day("1", TUE, "/")
    night(mis, state, WED)
    assert states(state) == [(MON, "withdrawn"), (WED, "verified")]
    assert written_of(mis, ledger(state)[1]) == ["letter", "note"]


def test_two_absences_joined_by_a_correction_take_nothing_back_that_is_true(tmp_path: Path) -> None:
    mis, state = unexplained(MON, WED), tmp_path / "hill.db"
    for day in (MON, TUE, WED):
        night(mis, state, day)
    before = mis.titles("1")
    mis.day("1", TUE, "N")
    for day in (WED, WED, THU):  # also in the runs after the one that saw the correction
        summary = night(mis, state, day)
        assert (summary.outcome, summary.exit_code) == ("done", 0)
    assert states(state) == [(MON, "verified"), (WED, "verified")]
    assert mis.titles("1") == before
    mis.day("1", TUE, "/")
    night(mis, state, THU)
    assert states(state) == [(MON, "verified"), (WED, "verified")]
    assert mis.titles("1") == before


def test_the_second_of_two_joined_absences_is_taken_back_when_its_own_mark_is_changed(tmp_path: Path) -> None:
    mis, state = unexplained(MON, WED), tmp_path / "hill.db"
    for day in (MON, TUE, WED):
        night(mis, state, day)
    mis.day("1", TUE, "N")
    night(mis, state, THU)
    mis.day("1", WED, "I")
    night(mis, state, THU)
    assert states(state) == [(MON, "verified"), (WED, "withdrawn")]


def test_a_joined_absence_of_which_nothing_is_written_gets_no_letter_of_its_own(tmp_path: Path) -> None:
    mis, state = unexplained(MON, WED), tmp_path / "hill.db"
    opts = options("aycliffe-drive", NO_CONTACT, review=["no-contact"])
    night(mis, state, WED, opts)
    assert [where for _, where in states(state)] == ["held", "held"]
    mis.day("1", TUE, "N")
    night(mis, state, WED, opts)
    assert states(state) == [(MON, "held"), (WED, "withdrawn")]
    assert mis.titles("1") == []


def test_a_lost_state_gives_the_second_absence_another_key_and_its_letter(tmp_path: Path) -> None:
    mis = unexplained(MON)
    night(mis, tmp_path / "lost.db", TUE)
    (first,) = ledger(tmp_path / "lost.db")
    mis.day("1", MON, "I")
    mis.day("1", THU, "N")
    night(mis, tmp_path / "hill.db", THU)
    (second,) = ledger(tmp_path / "hill.db")
    assert (second.date, second.state) == (THU, "verified")
    assert second.key != first.key
    assert written_of(mis, second) == ["letter", "note"]
    assert mis.doubles == []


PACK = """
id = "own"
title = "Own policy"
nation = "england"
code_set = "england-2024"
version = "1"
dated = 2025-09-01
keep_years = 3

[[bands]]
name = "all"
attendance = ">= 0"
label = "All"

[[rules]]
id = "own-rule"
title = "Rule"
clause = "1"
kind = "{kind}"
when = {when}
outcomes = ["note"]
"""


def own(when: str, kind: str) -> LoadedSchool:
    """Return a school with one rule of its own that only writes a note."""
    return replace(options(), policy=parse_policy(PACK.format(kind=kind, when=when), "own.toml"))


@pytest.mark.parametrize(
    ("kind", "when"),
    [
        ("day", '{ codes = ["N"], once_per = "run" }'),
        ("day", '{ codes = ["N"], once_per = "block" }'),
        ("day", '{ codes = ["N"] }'),
        ("day", '{ counted_as = "unauthorised", first_day = true }'),
        ("running", '{ codes = ["N"], days = [1] }'),
        ("count", '{ codes = ["N"], at_least = 2, within = "half_term" }'),
        ("count", '{ codes = ["N"], at_least = 2, within = "year" }'),
        ("count", '{ codes = ["N"], at_least = 2, within = "weeks", weeks = 4 }'),
        ("count-or-running", '{ count = { codes = ["N"], at_least = 2, within = "year" }, running = { codes = ["N"], days = [9] } }'),
    ],
)  # fmt: skip
def test_in_every_kind_of_rule_the_second_absence_is_an_event_of_its_own(
    tmp_path: Path, kind: str, when: str
) -> None:
    mis, state, opts = unexplained(MON), tmp_path / "hill.db", own(when, kind)
    night(mis, state, MON, opts)
    mis.day("1", MON, "I")
    mis.day("1", THU, "N")
    night(mis, state, THU, opts)
    assert states(state) == [(MON, "withdrawn"), (THU, "verified")]
    assert written_of(mis, ledger(state)[1]) == ["note"]


@pytest.mark.parametrize(
    ("kind", "when"),
    [
        ("day", '{ codes = ["N"], once_per = "run" }'),
        ("day", '{ codes = ["N"], once_per = "block" }'),
        ("day", '{ counted_as = "unauthorised", first_day = true }'),
        ("count", '{ codes = ["N"], at_least = 2, within = "half_term" }'),
        ("running", '{ codes = ["N"], days = [2] }'),
    ],
)
def test_in_every_kind_of_rule_an_absence_that_begins_a_day_later_is_the_same(
    tmp_path: Path, kind: str, when: str
) -> None:
    mis, state, opts = unexplained(MON, TUE, WED), tmp_path / "hill.db", own(when, kind)
    night(mis, state, WED, opts)
    before = mis.titles("1")
    mis.day("1", MON, "/")
    night(mis, state, WED, opts)
    assert [where for _, where in states(state)] == ["verified"]
    assert mis.titles("1") == before
