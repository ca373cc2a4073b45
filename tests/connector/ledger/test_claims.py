"""What is said of a whole period goes out once every session of it has a mark that is a code."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from importlib.resources import files
from pathlib import Path

import pytest

from connector.ledger.decisions import release
from connector.store import Store
from rules.calendar import Calendar, Period
from rules.school import Session, Spell
from tests.connector.memory_mis import MemoryMis, at, made_up_pupil, school_days, small_school
from tests.connector.runs import ledger, options, row_of, run

LAST_DAY = date(2025, 12, 19)
AFTER = date(2025, 12, 29)
GAP = date(2025, 11, 18)
PERFECT = options(only=("perfect-term",))


def states(state: Path) -> dict[str | None, str]:
    return {row.pupil_id: row.state for row in ledger(state)}


def unmark(mis: MemoryMis, pupil_id: str, start: date, end: date) -> None:
    """Take away a pupil's marks between two days, both counted."""
    for pupil, session in list(mis.marks):
        if pupil == pupil_id and start <= session.date <= end:
            del mis.marks[pupil, session]


def test_a_certificate_waits_for_one_session_of_the_term_and_goes_out_when_it_is_marked(
    tmp_path: Path,
) -> None:
    mis, state = small_school(), tmp_path / "hill.db"
    del mis.marks["1", Session(GAP, "AM")]
    summary = run(mis, state, LAST_DAY, PERFECT)
    row = row_of(state, "perfect-term")
    assert states(state) == {"1": "held", "2": "verified", "3": "verified"}
    assert (row.hold, row.reason) == (
        "unmarked",
        "1 session of the term has no mark: 18 November 2025 AM",
    )
    assert summary.exit_code == 0, "one pupil's mark holds one pupil's letters, not the run"
    mis.mark("1", GAP, "AM", "/")
    run(mis, state, AFTER, PERFECT)
    assert set(states(state).values()) == {"verified"}


def test_a_mark_that_is_no_code_is_no_mark(tmp_path: Path) -> None:
    mis, state = small_school(), tmp_path / "hill.db"
    for day in school_days(date(2025, 9, 8), date(2025, 9, 12)):
        mis.day("1", day, "i")
    run(mis, state, LAST_DAY, PERFECT)
    assert states(state) == {"1": "held", "2": "verified", "3": "verified"}
    row = row_of(state, "perfect-term")
    assert (row.hold, row.reason) == (
        "unrecognised",
        "unrecognised codes in its window, from 8 September 2025 on: `i` (10 marks)",
    )


def test_days_on_roll_without_a_mark_at_the_start_count_as_well(tmp_path: Path) -> None:
    mis, state = small_school(), tmp_path / "hill.db"
    unmark(mis, "1", date(2025, 9, 3), date(2025, 9, 4))
    run(mis, state, LAST_DAY, PERFECT)
    assert row_of(state, "perfect-term").state == "held"


def test_days_before_the_pupil_joined_are_not_asked_for(tmp_path: Path) -> None:
    mis, state = small_school(), tmp_path / "hill.db"
    mis.pupils["1"] = mis.pupils["1"].with_spells(Spell(date(2025, 9, 10)))
    unmark(mis, "1", date(2025, 9, 3), date(2025, 9, 9))
    run(mis, state, LAST_DAY, PERFECT)
    assert row_of(state, "perfect-term").state == "verified"


def test_registers_that_end_in_the_middle_of_the_term_hold_every_certificate_and_the_run(
    tmp_path: Path,
) -> None:
    mis, state = small_school(until=date(2025, 11, 21)), tmp_path / "hill.db"
    for day in (AFTER, date(2026, 1, 2)):
        summary = run(mis, state, day, PERFECT)
        assert set(states(state).values()) == {"held"}
        assert summary.exit_code == 3
        assert not [document for _, document in mis.documents if document.pupil_id]


def test_two_weeks_without_registers_hold_the_run_though_the_last_day_is_marked(tmp_path: Path) -> None:
    mis, state = small_school(), tmp_path / "hill.db"
    for pupil_id in mis.pupils:
        unmark(mis, pupil_id, date(2025, 11, 10), date(2025, 11, 21))
    summary = run(mis, state, LAST_DAY, PERFECT)
    assert {row.hold for row in ledger(state)} == {"not_taken"}
    assert summary.exit_code == 3


@pytest.mark.parametrize(
    ("policy", "rule", "day", "goes"),
    [
        ("thringstone", "celebration", LAST_DAY, False),
        ("thringstone", "certificate-term", LAST_DAY, False),
        ("thringstone", "certificate-half-term", LAST_DAY, False),
        ("thringstone", "parents-report", LAST_DAY, False),
        ("hcat", "colour-letter", LAST_DAY, False),
        ("hcat", "colour-letter", date(2025, 10, 24), True),  # the gap lies in the next half term
        ("aycliffe-drive", "certificate-100", LAST_DAY, False),
        ("cadle", "certificate-100", LAST_DAY, False),
    ],
)
def test_every_letter_about_a_period_that_has_a_gap_waits(
    tmp_path: Path, policy: str, rule: str, day: date, goes: bool
) -> None:
    mis, state = small_school(), tmp_path / "hill.db"
    del mis.marks["1", Session(GAP, "PM")]
    run(mis, state, day, options(policy, only=(rule,)))
    (row,) = [row for row in ledger(state) if row.pupil_id == "1" and row.date == day]
    assert (row.state == "verified") is goes
    assert "18 November 2025 PM" in row.reason or goes


@pytest.mark.parametrize(
    ("kind", "when"),
    [
        ("period-end", 'period = "week", attendance = ">= 100"'),
        ("percentage", 'attendance = ">= 100"'),
    ],
)
def test_a_certificate_of_a_schools_own_policy_waits_as_well(tmp_path: Path, kind: str, when: str) -> None:
    mis, state = small_school(2, until=date(2025, 9, 26)), tmp_path / "hill.db"
    pack = tmp_path / "own.toml"
    pack.write_text(
        files("rules").joinpath("policies", "hcat.toml").read_text(encoding="utf-8").split("[[rules]]")[0]
        + f'[[rules]]\nid = "own"\ntitle = "Own"\nclause = "Own"\nkind = "{kind}"\nwhen = {{ {when} }}\n'
        + 'outcomes = ["certificate:certificate-100", "note"]\n',
        encoding="utf-8",
    )
    del mis.marks["1", Session(date(2025, 9, 23), "AM")]
    run(mis, state, date(2025, 9, 26), options(str(pack)))
    last = {row.pupil_id: row.state for row in ledger(state)}
    assert last == {"1": "held", "2": "verified"}


def test_a_line_for_the_authority_about_a_term_with_a_gap_does_not_wait(tmp_path: Path) -> None:
    mis, state = small_school(), tmp_path / "hill.db"
    for day in school_days(date(2025, 9, 8), date(2025, 10, 10)):
        mis.day("1", day, "O")
    del mis.marks["1", Session(GAP, "AM")]
    run(mis, state, LAST_DAY, options("aspire", only=("authority-termly",)))
    assert row_of(state, "authority-termly").state == "verified"


def test_a_person_can_let_it_go_all_the_same(tmp_path: Path) -> None:
    mis, state = small_school(), tmp_path / "hill.db"
    del mis.marks["1", Session(GAP, "AM")]
    run(mis, state, LAST_DAY, PERFECT)
    with Store.open(state, "hill") as store:
        key = row_of(state, "perfect-term").key
        release(store, key, by="office", now=at(LAST_DAY), as_of=LAST_DAY)
    run(mis, state, AFTER, PERFECT)
    assert row_of(state, "perfect-term").state == "verified"


def test_a_release_from_another_hold_does_not_let_a_claim_without_its_data_go(tmp_path: Path) -> None:
    mis, state = small_school(until=date(2026, 2, 3)), tmp_path / "hill.db"
    del mis.marks["1", Session(GAP, "AM")]
    day = date(2026, 1, 30)
    old = options(only=("perfect-term",), first_run_school_days=10)
    run(mis, state, day, old)
    assert {row.hold for row in ledger(state)} == {"first_run"}
    with Store.open(state, "hill") as store:
        for row in store.ledger.rows():
            release(store, row.key, by="office", now=at(day), as_of=day)
    for later in (day, date(2026, 2, 2)):
        run(mis, state, later, old)
        assert states(state) == {"1": "held", "2": "verified", "3": "verified"}
    mis.mark("1", GAP, "AM", "/")
    run(mis, state, date(2026, 2, 3), old)
    assert states(state)["1"] == "held", "its evidence is another than the one that was released"
    with Store.open(state, "hill") as store:
        release(store, ledger(state)[0].key, by="office", now=at(day), as_of=day)
    run(mis, state, date(2026, 2, 3), old)
    assert states(state)["1"] == "verified"


def test_a_calendar_that_holds_the_autumn_only_claims_the_term_and_not_the_year(tmp_path: Path) -> None:
    mis, state = small_school(1), tmp_path / "hill.db"
    mis.periods = tuple(period for period in mis.periods if period.start < date(2026, 1, 1))
    run(mis, state, LAST_DAY, options(only=("perfect-term", "perfect-year")))
    assert [(row.rule, row.state) for row in ledger(state)] == [("perfect-term", "verified")]


@pytest.mark.parametrize(("classmate_marked", "hold"), [(False, "not_taken"), (True, "unmarked")])
def test_a_register_that_was_not_taken_is_that_of_the_pupils_own_class(
    tmp_path: Path, classmate_marked: bool, hold: str
) -> None:
    mis, state = small_school(4), tmp_path / "hill.db"
    for pupil_id in ("1", "2"):
        mis.pupils[pupil_id] = made_up_pupil(int(pupil_id), registration_group="4B")
    del mis.marks["1", Session(GAP, "AM")]
    if not classmate_marked:
        del mis.marks["2", Session(GAP, "AM")]
    summary = run(mis, state, LAST_DAY, PERFECT)
    assert row_of(state, "perfect-term").hold == hold
    assert summary.exit_code == (0 if classmate_marked else 3)


@pytest.mark.parametrize(("start", "goes"), [(GAP, False), (date(2025, 11, 19), True), (None, False)])
def test_what_lies_before_the_first_day_of_the_policy_is_not_asked_for(
    tmp_path: Path, start: date | None, goes: bool
) -> None:
    mis, state = small_school(1), tmp_path / "hill.db"
    del mis.marks["1", Session(GAP, "PM")]
    opts = replace(PERFECT, policy=PERFECT.policy.model_copy(update={"start": start}))
    run(mis, state, LAST_DAY, opts)
    assert row_of(state, "perfect-term").state == ("verified" if goes else "held")


@pytest.mark.parametrize("gap", [date(2025, 9, 3), date(2026, 7, 17), None])
def test_a_certificate_of_the_year_asks_for_every_session_of_the_year(
    tmp_path: Path, gap: date | None
) -> None:
    mis, state = small_school(1), tmp_path / "hill.db"
    mis.periods = (
        *mis.periods,
        Period("term", "Summer", date(2026, 4, 13), date(2026, 7, 17)),
        Period("half_term", "Summer 1", date(2026, 4, 13), date(2026, 5, 22)),
        Period("half_term", "Summer 2", date(2026, 6, 1), date(2026, 7, 17)),
    )
    days = [day for day in Calendar(mis.periods).school_days if day > LAST_DAY]
    for day in days:
        mis.day("1", day, "/")
    if gap is not None:
        del mis.marks["1", Session(gap, "PM")]
    opts = options(only=("perfect-year",), hold_above_missing_percent=50)
    run(mis, state, days[-1], opts)
    assert row_of(state, "perfect-year").state == ("held" if gap else "verified")
