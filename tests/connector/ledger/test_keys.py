"""Keys are the same wherever and whenever they are made, and no two events share one."""

from __future__ import annotations

import re
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from connector.ledger.keys import (
    ALPHABET,
    cause_key,
    document_key,
    ending_in_key,
    event_key,
    free_key,
    without_key,
)
from rules.events import Event
from rules.rule.outcome import NOTE


def event(
    pupil_id: str | None = "17", rule: str = "stage-1", anchor: str = "2025-09-01:1", **more: object
) -> Event:
    return Event(rule, date(2025, 11, 12), "clause", (NOTE,), pupil_id, anchor=anchor, **more)  # type: ignore[arg-type]


def test_a_key_reads_as_the_interface_says() -> None:
    assert re.fullmatch(rf"AC-[{ALPHABET}]{{8}}", event_key("hill", event()))
    assert len(set(ALPHABET)) == 32
    assert not set("ILOU") & set(ALPHABET)


def test_keys_stay_what_they_are_from_release_to_release() -> None:
    # a change here would make every letter in every MIS unknown
    assert event_key("hill", event()) == "AC-WMZF188D"
    assert event_key("hill", event(None, group="5A")) == "AC-B221RT21"
    assert document_key("hill", "digest", "2025-11-12:1") == "AC-EZNJV105"
    assert cause_key("roll", "dates on roll") == "BC-C0MCK8"


def test_only_school_subject_rule_and_anchor_make_the_key() -> None:
    key = event_key("hill", event())
    assert key == event_key("hill", event(figures={"attendance_percent": "89.1"}, title="Stage one"))
    others = [
        event_key("dale", event()),
        event_key("hill", event("18")),
        event_key("hill", event(rule="stage-2")),
        event_key("hill", event(anchor="2025-09-01:2")),
        event_key("hill", event(None, group="17")),
    ]
    assert len({key, *others}) == 6


@given(st.tuples(st.text(), st.text()), st.tuples(st.text(), st.text()))
def test_parts_do_not_run_into_each_other(one: tuple[str, str], other: tuple[str, str]) -> None:
    first, second = event_key("s", event(one[0], one[1])), event_key("s", event(other[0], other[1]))
    assert (first == second) == (one == other)


def test_a_taken_key_is_counted_up_the_same_way_every_time() -> None:
    taken = {event_key("hill", event()), event_key("hill", event(), 1)}
    assert free_key("hill", event(), taken.__contains__) == event_key("hill", event(), 2)
    assert free_key("hill", event(), set().__contains__) == event_key("hill", event())
    assert free_key("hill", event(), {event_key("hill", event())}.__contains__) == event_key(
        "hill", event(), 1
    )


def test_a_key_is_put_at_the_end_of_a_text_once() -> None:
    ended = ending_in_key("Late three times. ", "AC-1")
    assert ended == "Late three times. [AC-1]"
    assert ending_in_key(ended, "AC-1") == ended
    assert ending_in_key(ended + "\n", "AC-1") == ended + "\n"
    assert ending_in_key(ended, "AC-2") == "Late three times. [AC-1] [AC-2]"
    assert without_key(ended + " ", "AC-1") == "Late three times."
