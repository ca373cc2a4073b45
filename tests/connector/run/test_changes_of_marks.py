"""Changes of marks over whole runs: a lost page, a history that comes late, and what a certificate shows."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from connector.store import Store
from letters.reports.record.certificate import registration_certificate
from rules.policy import load_policy
from rules.register import Register
from rules.school import Amendment
from rules.statistics import Tally
from tests.connector.memory_mis import MemoryMis, at, small_school
from tests.connector.runs import ledger, options, row_of, run
from tests.letters.made_up import SCHOOL
from tests.letters.reports.reading import tables

DAY = date(2025, 9, 9)
RULED = options("aycliffe-drive", only=("ruled-unauthorised",))


def absent_school() -> MemoryMis:
    mis = small_school(1, until=date(2025, 9, 30))
    mis.mark("1", DAY, "AM", "N")
    return mis


def register_of(state: Path) -> Register:
    with Store.open(state, "hill") as store:
        return store.register(nation="england")


def steps(state: Path) -> list[tuple[str, str]]:
    return [(a.original, a.amended) for a in register_of(state).amendments]


def shown_now(state: Path) -> list[list[str]]:
    """Return original, changed to and now of each change on the pupil's certificate."""
    register = register_of(state)
    days = {"start": date(2025, 9, 3), "end": date(2025, 9, 30), "printed_on": date(2025, 9, 30)}
    made = registration_certificate(register, Tally(register), load_policy("hcat"), "1", SCHOOL, **days)
    return [row[1:4] for table in tables(made) if table[0][1] == "Original" for row in table[1:]]


def test_a_page_that_is_lost_for_a_night_leaves_nothing_in_the_record(tmp_path: Path) -> None:
    mis, state = absent_school(), tmp_path / "hill.db"
    run(mis, state, date(2025, 9, 10), RULED)
    page = {place: mark for place, mark in mis.marks.items() if place[1].date == DAY}
    for place in page:
        del mis.marks[place]
    run(mis, state, date(2025, 9, 11), RULED)
    mis.marks |= page
    run(mis, state, date(2025, 9, 12), RULED)
    assert steps(state) == []
    assert shown_now(state) == []


def test_now_on_a_certificate_is_the_registers_mark(tmp_path: Path) -> None:
    mis, state = absent_school(), tmp_path / "hill.db"
    for day, code in ((10, "N"), (11, "I"), (12, "N")):
        mis.mark("1", DAY, "AM", code)
        run(mis, state, date(2025, 9, day), RULED)
    assert shown_now(state) == [["N", "I", "N"], ["I", "N", "N"]]


def test_a_history_that_comes_late_in_other_spellings_changes_neither_record_nor_letters(
    tmp_path: Path,
) -> None:
    mis, state = absent_school(), tmp_path / "hill.db"
    run(mis, state, date(2025, 9, 10), RULED)
    for day, code in ((11, "O"), (12, "N"), (15, "O")):
        mis.mark("1", DAY, "AM", code)
        run(mis, state, date(2025, 9, day), RULED)
    before = (mis.titles("1"), [row.state for row in ledger(state)])
    last = Amendment("1", DAY, "AM", "N", "O", at(date(2025, 9, 15), 10), "", "Ms Lowe")
    for zone in (UTC, ZoneInfo("Europe/London"), ZoneInfo("Asia/Kolkata")):
        mis.amendments = [replace(last, amended_at=last.amended_at.astimezone(zone))]
        run(mis, state, date(2025, 9, 16), RULED, hour=18)
    assert steps(state) == [("N", "O"), ("O", "N"), ("N", "O")]
    assert [a.amended_by for a in register_of(state).amendments] == ["", "", "Ms Lowe"]
    assert (mis.titles("1"), [row.state for row in ledger(state)]) == before


def test_a_change_made_after_midnight_counts_on_the_schools_day(tmp_path: Path) -> None:
    mis, state = absent_school(), tmp_path / "hill.db"
    mis.mark("1", DAY, "AM", "O")
    late = datetime(2025, 9, 10, 23, 30, tzinfo=UTC)  # 00:30 on 11 September
    mis.amendments = [Amendment("1", DAY, "AM", "N", "O", late)]
    run(mis, state, date(2025, 9, 12), RULED)
    assert row_of(state, "ruled-unauthorised").date == date(2025, 9, 11)
