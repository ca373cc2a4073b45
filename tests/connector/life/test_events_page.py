"""The page `docs/events.md`, its drawing and the code name the same states, holds, kinds and causes."""

from __future__ import annotations

import re
from typing import get_args

from connector.commands.events import events
from connector.ledger.fact_differences import CauseKind
from connector.ledger.holds import COMES_BACK, HoldKind
from connector.store.ledger import State
from tests.connector.life.events_page import DOCS, DRAWING, PAGE, edges_drawn, edges_of_text, names, ways

STATES: tuple[str, ...] = get_args(State)
OPEN = ("due", "held", "approved", "composed")


def test_the_page_has_every_state() -> None:
    assert names("The states") == [*STATES[:6], "failed", "excluded", "superseded", "withdrawn", "voided"]
    assert sorted(names("The states")) == sorted(STATES)


def test_the_page_has_every_hold_and_so_has_the_page_on_guards() -> None:
    assert sorted(names("Holds")) == sorted(get_args(HoldKind))
    holds = (DOCS / "guards.md").read_text(encoding="utf-8").split("\n| `--accept`")[0]
    assert sorted(re.findall(r"^\| `(\w+)` \|", holds, re.MULTILINE)) == sorted(get_args(HoldKind))


def test_the_page_has_everything_that_puts_an_event_aside() -> None:
    assert sorted(names("Put aside")) == sorted([*COMES_BACK, "facts_changed"])


def test_the_page_has_every_cause() -> None:
    assert sorted(names("Causes")) == sorted(get_args(CauseKind))


def test_every_state_is_reached_and_only_a_voided_event_has_no_way_on() -> None:
    assert {way.end for way in ways()} == set(STATES)
    assert {way.start for way in ways()} == {"new", *STATES} - {"voided"}


def test_who_decides_is_the_run_or_a_command_that_there_is() -> None:
    commands = {f"events {command.name}" for command in events.registered_commands}
    assert {who for way in ways() for who in way.who} <= commands | {"run"}
    named = set(re.findall(r"`events ([a-z]+)", PAGE))
    assert {f"events {name}" for name in named} <= commands


def test_the_drawing_shows_what_the_text_shows_and_nothing_that_the_table_lacks() -> None:
    assert edges_drawn() == edges_of_text()
    assert all(f">{state}</text>" in DRAWING for state in STATES)
    known = {(way.start, way.end) for way in ways()}
    for start, end in edges_drawn():
        starts, ends = (OPEN if one == "open" else (one,) for one in (start, end))
        lacking = [(s, e) for s in starts for e in ends if (s, e) not in known]
        assert lacking == [] or (end == "open" and len(lacking) < len(OPEN)), (start, end, lacking)
