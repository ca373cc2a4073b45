"""One school day of the made-up school, with its register, tally, policies and events."""

from __future__ import annotations

from datetime import date

from letters.reports.digest import Digest, Line
from rules.evaluate import evaluate
from rules.events import Event
from rules.policy import load_policy
from rules.rule.outcome import Outcome
from rules.statistics import Tally
from tests.letters.made_up import register

DAY = date(2025, 11, 27)
REGISTER = register(until=DAY)
TALLY = Tally(REGISTER)
HCAT = load_policy("hcat")
AYCLIFFE = load_policy("aycliffe-drive")
EVENTS = evaluate(REGISTER, AYCLIFFE, DAY).events


def line(event: Event, number: int, reason: str = "") -> Line:
    return Line(event, f"AC-{number:08d}", reason)


def digest() -> Digest:
    todays = [line(event, number) for number, event in enumerate(EVENTS) if event.date == DAY]
    earlier = [
        line(e, n, "no address that a letter could reach") for n, e in enumerate(EVENTS) if e.date != DAY
    ]
    lists = {
        name: [found for found in todays if Outcome("list", name) in found.event.outcomes]
        for name in ("calls", "lateness")
    }
    return Digest(
        DAY,
        lists=lists,
        written=todays,
        held=earlier[:2],
        withdrawn=earlier[2:3],
        missing_registers=["3B, Thursday 27 November 2025 PM"],
    )
