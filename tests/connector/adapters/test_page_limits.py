"""A list in pages ends, or is given up: no adapter asks for ever."""

from __future__ import annotations

from itertools import count

import pytest

from connector.adapters import page_limits
from connector.adapters.arbor.paging import read_pages
from connector.adapters.page_limits import MOST_WITHOUT_NEWS, PageLimits
from connector.errors import RetryableError

PATH = "https://mis.example/v1.0/students?cursor=secret"


def test_a_link_that_was_followed_before_is_given_up() -> None:
    limits = PageLimits("Wonde", PATH)
    limits.take(["1"], "two")
    limits.take(["2"], "three")
    with pytest.raises(RetryableError, match=r"^Wonde: /v1\.0/students does not come to an end") as given_up:
        limits.take(["3"], "two")
    assert "secret" not in str(given_up.value)
    assert given_up.value.fix


def test_a_page_that_links_to_itself_is_given_up_at_once() -> None:
    limits = PageLimits("Wonde", PATH)
    limits.take([], "two")
    with pytest.raises(RetryableError, match="read before"):
        limits.take([], "two")


@pytest.mark.parametrize("rows", [[], ["1"]])
def test_pages_that_bring_nothing_new_are_given_up_after_some(rows: list[str]) -> None:
    limits = PageLimits("Wonde", PATH)
    limits.take(["1"], "first")
    for number in range(MOST_WITHOUT_NEWS):
        limits.take(rows, f"page {number}")
    with pytest.raises(RetryableError, match="nothing new"):
        limits.take(rows, "one more")


def test_a_row_that_is_new_now_and_then_is_enough() -> None:
    limits = PageLimits("Wonde", PATH)
    for number in range(5 * MOST_WITHOUT_NEWS):
        limits.take([str(number // MOST_WITHOUT_NEWS)], f"page {number}")


def test_more_pages_than_a_school_has_are_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_limits, "MOST_PAGES", 20)
    limits = PageLimits("SIMS", "dex/Attendance/odata/V3/AttendanceRecords")
    for number in range(20):
        limits.take([str(number)])
    with pytest.raises(RetryableError, match="/dex/Attendance/odata/V3/AttendanceRecords does not"):
        limits.take(["20"])


def test_a_list_in_arbor_whose_pages_are_always_new_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_limits, "MOST_PAGES", 20)
    made_up = count()
    with pytest.raises(RetryableError, match="/rest-v2/students"):
        read_pages(
            lambda _, size: [str(next(made_up)) for _ in range(size)],
            50,
            key=str,
            what="/rest-v2/students",
        )


def test_a_list_in_arbor_that_brings_the_same_page_for_every_number_ends() -> None:
    assert read_pages(lambda _place, _size: ["1", "2"], 2, key=str, what="/rest-v2/students") == ["1", "2"]
