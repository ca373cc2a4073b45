"""Changes that the MIS reports and changes that pulls see: in any order and spelling one list, each change once."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.adapters.base import AmendmentPage, MarkPage, Page, PullEnd
from connector.store import Store
from connector.store.amendments import last_amendment, read_amendments
from connector.store.mark_history import CLOCKS_APART
from connector.store.schema import MIGRATIONS
from rules.school import Amendment, Mark, Session

DAY = date(2025, 9, 3)
PLACE = ("1", Session(DAY, "AM"))
START = datetime(2025, 9, 3, 9, tzinfo=UTC)
ZONES = (
    UTC,
    ZoneInfo("Europe/London"),
    timezone(timedelta(hours=5, minutes=30)),
    timezone(timedelta(hours=-3)),
)


@pytest.fixture
def store() -> Iterator[Store]:
    with Store.in_memory("hill") as opened:
        yield opened


def pull(store: Store, at: datetime, *pages: Page) -> None:
    merge = store.begin_pull(at=at)
    for page in (*pages, PullEnd(None)):
        merge.apply(page)


def marked(code: str) -> MarkPage:
    return MarkPage((Mark(*PLACE[:1], *PLACE[1], code),)) if code else MarkPage((), (PLACE,))


def change(original: str, amended: str, minutes: float) -> Amendment:
    at = START + timedelta(minutes=minutes)
    return Amendment("1", DAY, "AM", original, amended, at, "letter", "Ms Lowe", "office")


def shown(store: Store) -> list[tuple[str, str, str]]:
    return [(a.original, a.amended, a.amended_by) for a in read_amendments(store.connection)]


# -- any order


class Told(NamedTuple):
    """One answer of the MIS: how many of the changes so far it reports and how each time is spelled."""

    minute: int
    reported: tuple[int, ...]
    """Places in the list of changes, in the order of the answer; those that lie after the minute are left out."""
    zones: tuple[int, ...]
    lost: bool
    """The page with the mark is missing."""
    history_first: bool


STEPS = st.lists(st.tuples(st.integers(1, 30), st.sampled_from(["N", "O", "I", "/", ""])), max_size=6)
PULLS = st.lists(
    st.builds(
        Told,
        st.integers(1, 240),
        st.lists(st.integers(0, 5), max_size=8).map(tuple),
        st.lists(st.integers(0, len(ZONES) - 1), min_size=8, max_size=8).map(tuple),
        st.booleans(),
        st.booleans(),
    ),
    max_size=7,
)


def history(steps: list[tuple[int, str]]) -> list[Amendment]:
    """Return what really happened to a mark that was N at first: a step is so many minutes after the last one."""
    code, minute, found = "N", 0, []
    for later, following in steps:
        minute += later
        if following != code:
            found.append(change(code, following, minute - 0.5))
            code = following
    return found


def code_at(changes: list[Amendment], at: datetime) -> str:
    return next((c.amended for c in reversed(changes) if c.amended_at <= at), "N")


@settings(max_examples=400)
@given(STEPS, PULLS, st.permutations(range(6)))
def test_any_order_of_what_is_reported_and_what_is_seen_gives_the_same_list(
    steps: list[tuple[int, str]], pulls: list[Told], last_order: list[int]
) -> None:
    changes = history(steps)
    with Store.in_memory("hill") as store:
        pull(store, START, marked("N"))
        for told in sorted(pulls, key=lambda told: told.minute):
            at = START + timedelta(minutes=told.minute)
            spelled = [
                replace(changes[place], amended_at=changes[place].amended_at.astimezone(ZONES[zone]))
                for place, zone in zip(told.reported, told.zones, strict=False)
                if place < len(changes) and changes[place].amended_at <= at
            ]
            pages = [AmendmentPage(tuple(spelled)), marked("" if told.lost else code_at(changes, at))]
            pull(store, at, *(pages if told.history_first else reversed(pages)))
        end = START + timedelta(minutes=500)
        whole = tuple(changes[place] for place in last_order if place < len(changes))
        pull(store, end, marked(code_at(changes, end)), AmendmentPage(whole))
        assert list(read_amendments(store.connection)) == changes


@settings(max_examples=200)
@given(STEPS, PULLS)
def test_without_a_history_of_the_mis_every_change_that_pulls_saw_is_there_and_no_lost_page(
    steps: list[tuple[int, str]], pulls: list[Told]
) -> None:
    changes = history([step for step in steps if step[1]])  # the MIS itself never empties the mark
    with Store.in_memory("hill") as store:
        pull(store, START, marked("N"))
        codes = ["N"]
        for told in sorted(pulls, key=lambda told: told.minute):
            at = START + timedelta(minutes=told.minute)
            codes.append("" if told.lost else code_at(changes, at))
            pull(store, at, marked(codes[-1]))
        codes.append(code_at(changes, START + timedelta(minutes=500)))
        pull(store, START + timedelta(minutes=500), marked(codes[-1]))
        # what came back as it was is no change
        kept = [codes[0]]
        for code in codes[1:]:
            kept.append(code)
            while len(kept) > 1 and kept[-1] == kept[-2]:
                kept.pop()
            if len(kept) > 2 and kept[-2] == "" and kept[-1] == kept[-3]:
                del kept[-2:]
        assert [(a, b) for a, b, _ in shown(store)] == list(pairwise(kept))


# -- by time


def minutes(number: float) -> datetime:
    return START + timedelta(minutes=number)


def test_what_the_mis_reports_is_paired_with_the_pull_that_came_after_it(store: Store) -> None:
    for minute, code in ((0, "N"), (100, "O"), (200, "N"), (400, "O")):
        pull(store, minutes(minute), marked(code))
    pull(store, minutes(500), AmendmentPage((change("N", "O", 390),)))
    assert shown(store) == [("N", "O", ""), ("O", "N", ""), ("N", "O", "Ms Lowe")]


@pytest.mark.parametrize(("apart", "once"), [(timedelta(0), True), (timedelta(seconds=1), False)])
def test_clocks_that_differ_by_an_hour_still_pair_and_no_more(
    store: Store, apart: timedelta, once: bool
) -> None:
    pull(store, START, marked("N"))
    pull(store, minutes(300), marked("O"))
    ahead = replace(change("N", "O", 300), amended_at=minutes(300) + CLOCKS_APART + apart)
    pull(store, minutes(600), AmendmentPage((ahead,)))
    assert len(shown(store)) == (1 if once else 2)


def test_an_old_change_of_the_same_kind_does_not_hide_a_new_one(store: Store) -> None:
    pull(store, minutes(0), marked("N"), AmendmentPage((change("N", "O", -300), change("O", "N", -200))))
    pull(store, minutes(100), marked("O"))
    assert [by for _, _, by in shown(store)] == ["Ms Lowe", "Ms Lowe", ""]


def test_changes_within_one_second_follow_from_one_another(store: Store) -> None:
    pull(store, minutes(0), marked("O"))
    pull(store, minutes(9), marked("N"), AmendmentPage((change("I", "N", 5), change("O", "I", 5))))
    assert [(a, b) for a, b, _ in shown(store)] == [("O", "I"), ("I", "N")]


def test_one_moment_in_three_spellings_is_kept_once_in_utc_to_the_second(store: Store) -> None:
    at = datetime(2025, 9, 3, 10, 0, 0, 120000, tzinfo=ZONES[1])
    same = (at, at.astimezone(UTC), at.astimezone(ZONES[2]).replace(microsecond=0))
    pages = [AmendmentPage((replace(change("N", "O", 0), amended_at=one),)) for one in same]
    pull(store, minutes(9), marked("O"), *pages)
    rows = store.connection.execute("SELECT amended_at FROM amendments").fetchall()
    assert [row[0] for row in rows] == ["2025-09-03T09:00:00+00:00"]


def test_a_code_for_no_mark_that_becomes_no_mark_is_no_change(store: Store) -> None:
    pull(store, minutes(9), marked("O"), AmendmentPage((change("-", "", 1), change("O ", "O", 2))))
    assert shown(store) == []


def test_a_page_lost_for_a_night_leaves_nothing(store: Store) -> None:
    pull(store, minutes(0), marked("N"))
    pull(store, minutes(100), marked(""))
    assert [(a, b) for a, b, _ in shown(store)] == [("N", "")]
    pull(store, minutes(200), marked("N"))
    assert shown(store) == []
    pull(store, minutes(300), marked("I"))
    assert [(a, b) for a, b, _ in shown(store)] == [("N", "I")]


# -- states of earlier versions


def test_an_old_state_gets_one_spelling_and_each_change_once(tmp_path: Path) -> None:
    path = tmp_path / "hill.db"
    rows = [
        ("mis", "N", "O", "2025-09-03T10:00:00+01:00", "Ms First", "2025-09-04T18:00:00.250000+01:00"),
        ("mis", "N", "O", "2025-09-03T09:00:00.999900+00:00", "Ms Second", "2025-09-05T18:00:00+00:00"),
        ("seen", "N", "O", "2025-09-03T18:00:00+01:00", "", "2025-09-03T18:00:00+01:00"),
        ("seen", "O", " - ", "2025-09-10T17:00:00", "", "2025-09-10T17:00:00"),
        ("mis", "N ", "O", "2025-09-03T09:00:00+00:00", "Ms Third", "2025-09-11T18:00:00+00:00"),
        ("mis", "-", "", "2025-09-12T09:00:00+00:00", "Ms Third", "2025-09-12T18:00:00+00:00"),
    ]
    old = sqlite3.connect(path)
    for script in MIGRATIONS[:5]:
        old.executescript(script)
    old.execute("INSERT INTO pupils (pupil_id) VALUES ('1')")
    old.executemany(
        "INSERT INTO amendments (source, pupil_id, date, half, original, amended, amended_at, amended_by, seen_at)"
        " VALUES (?1, '1', '2025-09-03', 'AM', ?2, ?3, ?4, ?5, ?6)",
        rows,
    )
    old.execute("UPDATE amendments SET told_by = 1 WHERE id = 3")
    old.execute("PRAGMA user_version = 5")
    old.commit()
    old.close()
    with Store.open(path, None) as store:
        kept = store.connection.execute(
            "SELECT id, amended, amended_at, amended_by, seen_at FROM amendments ORDER BY id"
        )
        assert [tuple(row) for row in kept] == [
            (3, "O", "2025-09-03T17:00:00+00:00", "", "2025-09-03T17:00:00+00:00"),
            (4, "", "2025-09-10T17:00:00+00:00", "", "2025-09-10T17:00:00+00:00"),
            (5, "O", "2025-09-03T09:00:00+00:00", "Ms Third", "2025-09-11T18:00:00+00:00"),
        ]
        assert shown(store) == [("N", "O", "Ms Third"), ("O", "", "")]
        before = last_amendment(store.connection)
        pull(store, START + timedelta(days=20), marked("I"), marked("N"))
        with store.transaction() as connection:
            connection.execute("DELETE FROM amendments WHERE id >= 5")
        pull(store, START + timedelta(days=21), marked("O"))
        assert last_amendment(store.connection) > before, "a number of an amendment is never used again"
