"""Letters to the family of a pupil who misses half or more wait for a talk, and go one a week."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from connector.config.loaded_school import LoadedSchool
from connector.ledger.decisions import approve, void
from connector.ledger.guards import guards_of
from connector.ledger.talk_first import TALK_FIRST, needs_a_talk
from connector.ledger.verdict import verdict
from connector.store import Store
from connector.store.ledger_row import LedgerRow, event_text
from rules.policy import load_policy
from rules.pupil_record import PupilRecord
from tests.connector.ledger.test_given_absence import STAGE, D, school
from tests.connector.memory_mis import MemoryMis, at, school_days, small_school
from tests.connector.runs import ledger, options, row_of, run, run_days

UNTIL, AFTER = date(2025, 10, 24), date(2025, 11, 3)
DAYS = school_days(date(2025, 9, 3), UNTIL)
RULES = ("initial-warning", "late-letter")


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "hill.db"


def away(missed: int, late: int = 0, *, until: date = AFTER) -> MemoryMis:
    """Pupil 1 missed the first so many sessions and was late on the last mornings."""
    mis = small_school(until=until)
    sessions = [(day, half) for day in DAYS for half in ("AM", "PM")]
    for day, half in sessions[:missed]:
        mis.mark("1", day, half, "O")
    for day in DAYS[-late:] if late else ():
        mis.mark("1", day, "AM", "L")
    return mis


def test_such_a_letter_waits_for_a_talk_and_goes_once_it_is_approved(state: Path) -> None:
    mis, opts = away(2 * len(DAYS) - 20), options(only=("initial-warning",))
    run(mis, state, UNTIL, opts)
    row = row_of(state, "initial-warning")
    assert (row.state, row.hold) == ("held", "review")
    assert "ring or visit the family first" in row.reason
    assert mis.documents == []
    with Store.open(state, "hill") as store:
        approve(store, row.key, by="Ms Lowe", now=at(UNTIL, 18), as_of=UNTIL)
    run(mis, state, UNTIL, opts, hour=19)
    assert row_of(state, "initial-warning").state == "verified"


@pytest.mark.parametrize(
    ("pack", "rule", "missed", "waits"),
    [
        ("hcat", "initial-warning", 16, True),
        ("hcat", "initial-warning", 15, False),
        ("thringstone", "concern", 15, True),
        ("thringstone", "concern", 14, False),
    ],
)
def test_at_half_it_waits_where_the_policy_counts_half_as_severe_and_with_less_it_goes_by_itself(
    state: Path, pack: str, rule: str, missed: int, waits: bool
) -> None:
    """Judged on the day on which the letter's condition first holds, after 30 sessions."""
    run(away(missed), state, UNTIL, options(pack, only=(rule,)))
    assert (row_of(state, rule).state == "held") is waits


def test_of_two_letters_of_one_week_the_second_waits_for_the_next_week(state: Path) -> None:
    mis, opts = away(len(DAYS), late=3), options(only=RULES, oldest_letter_school_days=100)
    for day in DAYS:
        mis.mark("1", day, "PM", "O")
    run(mis, state, UNTIL, opts)
    rows = ledger(state)
    assert {row.hold for row in rows} == {"review"}
    with Store.open(state, "hill") as store:
        for row in rows:
            approve(store, row.key, by="Ms Lowe", now=at(UNTIL, 18), as_of=UNTIL)
    run(mis, state, UNTIL, opts, hour=19)
    states = {row.rule: (row.state, row.hold) for row in ledger(state)}
    assert sorted(states.values()) == [("held", "ladder"), ("verified", "")]
    (waiting,) = [row for row in ledger(state) if row.state == "held"]
    assert "one letter a week" in waiting.reason
    run(mis, state, UNTIL, opts, hour=20)
    assert len(mis.documents) == 1, "the same week"
    run(mis, state, AFTER, opts)
    assert {row.state for row in ledger(state)} == {"verified"}
    assert len(mis.documents) == 2


def test_a_letter_about_a_missing_pupil_goes_on_the_day(state: Path) -> None:
    mis = away(2 * len(DAYS) - 20)
    mis.mark("1", UNTIL, "AM", "N")
    run(mis, state, UNTIL, options("aycliffe-drive", only=("no-contact",)))
    assert row_of(state, "no-contact").state == "verified"


@pytest.mark.parametrize(
    ("record", "waits"),
    [
        (PupilRecord("1", "contact", UNTIL, decision="answered"), True),
        (PupilRecord("1", "visit", UNTIL, decision="seen"), True),
        (PupilRecord("1", "contact", UNTIL, decision="no answer"), False),
        (PupilRecord("1", "contact", DAYS[-2], decision="answered"), False),
        (PupilRecord("2", "contact", UNTIL, decision="answered"), False),
    ],
)
def test_a_letter_that_says_nobody_rang_waits_where_somebody_was_reached(
    state: Path, record: PupilRecord, waits: bool
) -> None:
    mis, opts = away(0), options("aycliffe-drive", only=("no-contact",))
    mis.mark("1", UNTIL, "AM", "N")
    run(mis, state, UNTIL, opts)
    with Store.open(state, "hill") as store:
        register = replace(store.register(nation="england"), pupil_records=(record,))
        guards = replace(guards_of(store, register, opts, UNTIL), new_policies={})
        (row,) = [row for row in store.ledger.rows() if row.rule == "no-contact"]
        today = verdict(row, guards)
    assert today.goes is not waits
    assert ("somebody was reached at home on 24 October 2025" in today.reason) is waits


def approve_all(state: Path, *rules: str) -> None:
    with Store.open(state, "hill") as store:
        for row in store.ledger.rows():
            if row.rule in rules and row.state == "held":
                approve(store, row.key, by="Ms Lowe", now=at(UNTIL, 18), as_of=UNTIL)


def test_what_cannot_go_itself_keeps_no_other_letter_waiting(state: Path) -> None:
    """The second letter about lateness waits for the first, which nobody approved; it takes no other letter's week."""
    mis = away(2 * 5)
    for number, day in enumerate(DAYS):
        mis.mark("1", day, "PM", "U" if day in DAYS[-5:] else "O")
        if 18 <= number < 24:
            mis.mark("1", day, "AM", "L")
    opts = options(only=("late-letter", "late-meeting", "late-unauthorised"), oldest_letter_school_days=100)
    run(mis, state, UNTIL, opts)
    assert [(row.rule, row.hold) for row in ledger(state)] == [
        ("late-letter", "review"), ("late-meeting", "review"), ("late-unauthorised", "review")
    ]  # fmt: skip
    approve_all(state, "late-meeting", "late-unauthorised")
    run(mis, state, UNTIL, opts, hour=19)
    assert "waits for the step before it" in row_of(state, "late-meeting").reason
    assert row_of(state, "late-unauthorised").state == "verified"


def test_a_letter_of_a_later_day_is_judged_by_the_figures_that_it_gives(state: Path) -> None:
    """With study leave, which the school gave, the letter is due on a later day; by then half is missed."""
    mis = school({"S": D[20:38], "I": D[38:44]})
    opts = options(only=STAGE, oldest_letter_school_days=100)
    run_days(mis, state, D[22], D[40], opts)
    row = row_of(state, "stage-1")
    assert row.event.figures["attendance_percent"] == "86.9"
    assert (row.state, row.hold) == ("held", "review")
    assert "ring or visit the family first" in row.reason
    assert mis.documents == []


def test_a_letter_that_is_too_old_says_still_that_somebody_rings_first(state: Path) -> None:
    later = date(2025, 11, 28)
    mis, opts = away(2 * len(DAYS) - 20, until=later), options(only=("initial-warning",))
    run(mis, state, UNTIL, opts)
    run(mis, state, later, opts)
    run(mis, state, later, opts, hour=18)
    row = row_of(state, "initial-warning")
    assert (row.state, row.hold) == ("held", "too_old")
    assert row.reason.startswith("too old to send")
    assert row.reason.count("ring or visit the family first, then approve it") == 1


def is_severe_without_figures(state: Path, row: LedgerRow, opts: LoadedSchool) -> bool:
    """Return what comes of the registers alone, of an event whose evidence gives no figures of the year."""
    bare = replace(row, evidence=event_text(replace(row.event, figures={})))
    with Store.open(state, "hill") as store:
        guards = guards_of(store, store.register(nation="england"), opts, row.date)
        return needs_a_talk(bare, guards, opts.policy)


def test_a_letter_that_was_taken_back_takes_no_week(state: Path) -> None:
    mis, opts = away(len(DAYS), late=3), options(only=RULES, oldest_letter_school_days=100)
    for day in DAYS:
        mis.mark("1", day, "PM", "O")
    run(mis, state, UNTIL, opts)
    approve_all(state, "initial-warning")
    run(mis, state, UNTIL, opts, hour=19)
    with Store.open(state, "hill") as store:
        key = next(row.key for row in store.ledger.rows() if row.rule == "initial-warning")
        void(store, key, reason="sent in error", now=at(UNTIL, 20), as_of=UNTIL)
    approve_all(state, "late-letter")
    run(mis, state, UNTIL, opts, hour=21)
    assert row_of(state, "late-letter").state == "verified"


def test_an_approved_letter_that_is_too_old_goes(state: Path) -> None:
    later = date(2025, 11, 28)
    mis, opts = away(2 * len(DAYS) - 20, until=later), options(only=("initial-warning",))
    run(mis, state, UNTIL, opts)
    approve_all(state, "initial-warning")
    run(mis, state, later, opts)
    assert row_of(state, "initial-warning").state == "verified"


def test_sessions_before_compulsory_school_age_make_no_law_letter_severe(state: Path) -> None:
    """All of the autumn was missed, and four sessions since that age: a rule that is law counts these alone."""
    pack = load_policy("thringstone")
    mis = small_school(until=date(2026, 3, 27))
    days = school_days(date(2026, 1, 5), date(2026, 3, 27))
    for day in school_days(DAYS[0], date(2025, 12, 19)):
        mis.day("1", day, "O")
    for day in days[-2:]:
        mis.day("1", day, "G")
    mis.pupils["1"] = replace(mis.pupils["1"], date_of_birth=date(2020, 12, 30))
    run(mis, state, days[-1], options("thringstone", only=("holiday-warning",)))
    row = row_of(state, "holiday-warning")
    assert pack.rule("holiday-warning").law
    assert (row.state, row.hold) == ("verified", "")
    assert not is_severe_without_figures(state, row, options("thringstone"))


def test_a_letter_of_a_new_policy_says_once_that_somebody_rings_first(state: Path) -> None:
    mis, opts = away(2 * len(DAYS) - 20), options(only=("initial-warning",))
    run(mis, state, UNTIL, opts)
    with Store.open(state, "hill") as store:
        guards = guards_of(store, store.register(nation="england"), opts, UNTIL)
        row = replace(row_of(state, "initial-warning"), hold="new_policy", reason="new: look at it")
        for _ in range(2):
            row = replace(row, reason=verdict(row, guards).reason)
    assert row.reason == f"new: look at it; {TALK_FIRST}"


def test_sessions_of_the_year_before_make_no_letter_severe(state: Path) -> None:
    """Of last summer nearly all was missed, of this year little."""
    mis = small_school(until=UNTIL)
    mis.pupils["1"] = replace(mis.pupils["1"], on_roll_from=date(2025, 4, 22))
    for day in [*school_days(date(2025, 4, 22), date(2025, 7, 22)), *DAYS[:5]]:
        mis.day("1", day, "O")
    for day in DAYS[-3:]:
        mis.mark("1", day, "AM", "L")
    run(mis, state, UNTIL, options(only=("late-letter",)))
    (row,) = ledger(state)
    assert row.state == "verified"
    assert not is_severe_without_figures(state, row, options())
