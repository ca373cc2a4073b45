"""What merge fields say of figures that are not complete."""

from __future__ import annotations

from datetime import date

import pytest

from letters.facts import Facts
from letters.fields import registry
from rules.register import build_register
from rules.school import Mark
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
