"""The register's history: what we saw change, and what the MIS reports about it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.adapters.base import AmendmentPage, MarkPage, PullEnd
from connector.store import Store
from connector.store.amendments import read_amendments
from rules.school import Amendment, Mark, Session

DAY = date(2025, 9, 3)
START = datetime(2025, 9, 3, 9, tzinfo=UTC)


@pytest.fixture
def store() -> Iterator[Store]:
    with Store.in_memory("hill") as opened:
        yield opened


def pull(store: Store, hour: int, *pages: object) -> None:
    merge = store.begin_pull(at=START + timedelta(hours=hour))
    for page in (*pages, PullEnd(None)):
        merge.apply(page)  # type: ignore[arg-type]


def marked(code: str, recorded: datetime | None = None) -> MarkPage:
    return MarkPage((Mark("1", DAY, "AM", code, None, "", recorded),))


def from_mis(original: str, amended: str, hour: int, by: str = "Ms Lowe") -> Amendment:
    return Amendment(
        "1", DAY, "AM", original, amended, START + timedelta(hours=hour), "late bus", by, "office"
    )


def shown(store: Store) -> list[tuple[str, str, str]]:
    return [(a.original, a.amended, a.amended_by) for a in read_amendments(store.connection)]


def test_a_first_entry_is_no_amendment(store: Store) -> None:
    pull(store, 0, marked(""))
    pull(store, 1, marked("N"))
    assert shown(store) == []


def test_a_changed_mark_keeps_its_original_and_when_it_was_seen(store: Store) -> None:
    pull(store, 0, marked("N"))
    pull(store, 1, marked("O"))
    (found,) = read_amendments(store.connection)
    assert (found.original, found.amended, found.amended_at) == ("N", "O", START + timedelta(hours=1))


def test_the_time_the_mis_gives_for_the_new_mark_is_taken(store: Store) -> None:
    pull(store, 0, marked("N"))
    recorded = START + timedelta(minutes=20)
    pull(store, 1, marked("O", recorded))
    assert read_amendments(store.connection)[0].amended_at == recorded


def test_a_mark_taken_away_and_set_again_is_reported_both_times(store: Store) -> None:
    pull(store, 0, marked("O"))
    pull(store, 1, MarkPage((), (("1", Session(DAY, "AM")),)))
    pull(store, 2, marked("I"))
    assert [(a, b) for a, b, _ in shown(store)] == [("O", ""), ("", "I")]


def test_blanks_round_a_code_and_a_dash_for_nothing_change_nothing(store: Store) -> None:
    pull(store, 0, marked("O "))
    pull(store, 1, marked("O"))
    pull(store, 2, marked("-"))
    pull(store, 3, marked(""))
    assert [(a, b) for a, b, _ in shown(store)] == [("O", "")]


def test_of_two_rows_in_one_pull_the_later_wins_and_no_change_is_made_up(store: Store) -> None:
    pull(store, 0, marked("N"))
    pull(store, 1, marked("O"), marked("N"))
    assert shown(store) == []
    pull(store, 2, marked("O"), marked("I"))
    assert [(a, b) for a, b, _ in shown(store)] == [("N", "I")]


@pytest.mark.parametrize("history_first", [True, False])
def test_a_change_that_the_mis_reports_too_is_shown_once_with_its_author(
    store: Store, history_first: bool
) -> None:
    pull(store, 0, marked("N"))
    pages = [AmendmentPage((from_mis("N", "O", 1),)), marked("O")]
    pull(store, 2, *(pages if history_first else reversed(pages)))
    assert shown(store) == [("N", "O", "Ms Lowe")]
    pull(store, 3, *pages)
    assert shown(store) == [("N", "O", "Ms Lowe")]


def test_several_steps_reported_by_the_mis_take_the_place_of_the_one_we_saw(store: Store) -> None:
    pull(store, 0, marked("N"))
    pull(store, 5, marked("I"))
    assert [(a, b) for a, b, _ in shown(store)] == [("N", "I")]
    pull(store, 6, AmendmentPage((from_mis("N", "O", 1), from_mis("O", "I", 2))))
    assert [(a, b) for a, b, _ in shown(store)] == [("N", "O"), ("O", "I")]


def test_a_change_that_the_mis_does_not_report_stays(store: Store) -> None:
    pull(store, 0, marked("N"), AmendmentPage((from_mis("/", "N", 0),)))
    pull(store, 1, marked("O"))
    assert [(a, b) for a, b, _ in shown(store)] == [("/", "N"), ("N", "O")]


def test_a_mark_that_goes_back_and_forth_is_reported_each_time(store: Store) -> None:
    for hour, code in enumerate("NONO"):
        pull(store, hour, marked(code))
    assert [(a, b) for a, b, _ in shown(store)] == [("N", "O"), ("O", "N"), ("N", "O")]
    pull(
        store,
        9,
        AmendmentPage(
            tuple(from_mis(a, b, h) for h, (a, b) in enumerate([("N", "O"), ("O", "N"), ("N", "O")]))
        ),
    )
    assert len(shown(store)) == 3
    assert {by for _, _, by in shown(store)} == {"Ms Lowe"}


@settings(max_examples=150)
@given(st.lists(st.sampled_from(["N", "O", "I", "/", None]), min_size=1, max_size=8))
def test_the_history_leads_from_the_first_entry_to_the_present_mark(codes: list[str | None]) -> None:
    with Store.in_memory("hill") as store:
        for hour, code in enumerate(codes):
            gone = MarkPage((), (("1", Session(DAY, "AM")),))
            pull(store, hour, gone if code is None else marked(code))
        history = read_amendments(store.connection)
        for earlier, later in pairwise(history):
            assert earlier.amended == later.original
        if history:
            assert history[-1].amended == (codes[-1] or "")
            assert all(a.original != a.amended for a in history)
