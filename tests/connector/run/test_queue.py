"""When delivery breaks off, and what is said of what was given up."""

from __future__ import annotations

import pytest

from connector.errors import ConnectorError, RetryableError, SkippableError
from connector.run.queue import MOST_IN_A_ROW, MOST_WRITES_IN_A_ROW, TRIES, InARow, with_way_on


@pytest.mark.parametrize(
    ("looked_up", "down"),
    [
        ([False] * (MOST_IN_A_ROW - 1), False),
        ([False] * MOST_IN_A_ROW, True),
        ([True, *[False] * (MOST_IN_A_ROW - 1)], False),  # the look-up was answered in between
        ([True, *[False] * MOST_IN_A_ROW], True),
        ([True] * (MOST_WRITES_IN_A_ROW - 1), False),
        ([True] * MOST_WRITES_IN_A_ROW, True),
    ],
)
def test_a_mis_is_down_after_so_many_in_a_row(looked_up: list[bool], down: bool) -> None:
    row = InARow()
    for one in looked_up:
        row.add(looked_up=one)
    assert row.is_down is down
    assert row.tries == (TRIES if len(looked_up) < MOST_IN_A_ROW else 1)
    row.end()
    assert (row.is_down, row.tries) == (False, TRIES)


RELEASE = "`events release AC-1` has it tried again"


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (SkippableError("refused", fix="shorten the note"), f"refused\nWhat to do: shorten the note; then {RELEASE}"),
        (SkippableError("refused"), f"look at the pupil or the document in the MIS; then {RELEASE}"),
        (RetryableError("busy", fix="the next run asks again"), f"busy\nWhat to do: look at the pupil or the document in the MIS; then {RELEASE}"),
        (SkippableError("damaged", fix="delete it there, then release the event"), f"then release the event: {RELEASE}"),
    ],
)  # fmt: skip
def test_what_was_given_up_is_said_with_the_way_on(error: ConnectorError, words: str) -> None:
    said = with_way_on(error, "AC-1")
    assert said.startswith(error.message)
    assert said.endswith(words)
