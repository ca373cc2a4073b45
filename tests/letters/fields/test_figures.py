"""What merge fields say of figures that are not complete."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from letters.facts import Facts
from letters.fields import registry
from rules.events import CountedMark
from rules.register import build_register
from rules.school import Amendment, Mark
from rules.statistics import Tally
from tests.letters.letter_school import CALENDAR, DAY, KEY, SCHOOL, SHORT, made_up_event, policy


@pytest.mark.parametrize(("code", "praised"), [("/", True), ("", False), ("i", False), ("I", False)])
def test_only_a_year_in_which_every_session_has_a_mark_is_praised_as_one_without_absence(
    code: str, praised: bool
) -> None:
    gap = (date(2025, 11, 12), "AM")
    marks = [
        Mark(SHORT.pupil_id, day, half, code if (day, half) == gap else "/")
        for day, half in CALENDAR.sessions
        if day <= DAY
    ]
    register = build_register(pupils=(SHORT,), calendar=CALENDAR, marks=marks)
    tally, pack = Tally(register), policy("hcat")
    figures = tally.pupil(SHORT.pupil_id, CALENDAR.years[0].start, DAY)
    event = made_up_event(pack, pack.rule("colour-letter"), SHORT)
    event.figures["attended"], event.figures["possible"] = figures.attended, figures.possible  # type: ignore[index]
    facts = Facts(event, register, tally, pack, SCHOOL, KEY, DAY)
    field = registry.find("if_nothing_missed")
    assert field is not None
    assert bool(field.fill(facts)) is praised


def test_a_rule_that_looks_for_several_codes_says_which_of_them_the_marks_were() -> None:
    at = datetime(2025, 11, 14, 10, tzinfo=UTC)
    day = date(2025, 11, 12)
    changed = [Amendment(SHORT.pupil_id, day, half, was, "O", at) for half, was in (("AM", "M"), ("PM", "N"))]  # type: ignore[arg-type]
    marks = [Mark(SHORT.pupil_id, day, half, "O") for half in ("AM", "PM")]  # type: ignore[arg-type]
    register = build_register(pupils=(SHORT,), calendar=CALENDAR, marks=marks, amendments=changed)
    pack = policy("hcat")
    event = replace(
        made_up_event(pack, pack.rule("condoned-absence"), SHORT),
        sessions=tuple(CountedMark(day, half, "O") for half in ("AM", "PM")),
    )
    facts = Facts(event, register, Tally(register), pack, SCHOOL, KEY, DAY)
    said = [registry.find(name).fill(facts) for name in ("mark_before", "mark_now")]  # type: ignore[union-attr]
    assert "(M)" in str(said[0])
    assert "(N)" not in str(said[0])
    assert "(I)" not in str(said[0])
    assert str(said[1]).endswith("(O)")
