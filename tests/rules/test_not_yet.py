"""What has not been yet is not missing: a register cut off after a session."""

from __future__ import annotations

from datetime import date

import pytest

from rules.calendar import Calendar, Period
from rules.codes import Class
from rules.evaluate import evaluate
from rules.policy import load_policy
from rules.register import Register, build_register
from rules.school import Half, Mark, Pupil, Session
from rules.statistics import Tally

CALENDAR = Calendar(
    (
        Period("term", "Autumn", date(2025, 9, 1), date(2025, 10, 24)),
        Period("half_term", "Autumn 1", date(2025, 9, 1), date(2025, 10, 24)),
    )
)
TODAY = date(2025, 9, 4)


def register(*codes: str) -> Register:
    """One pupil, a code for each session from 1 September on; two characters a day."""
    marks = [
        Mark("1", session.date, session.half, code, minutes_late=5 if code == "L" else None)
        for session, code in zip(CALENDAR.sessions, "".join(codes), strict=False)
    ]
    return build_register(pupils=[Pupil("1")], calendar=CALENDAR, marks=marks)


@pytest.mark.parametrize(("half", "possible", "missing"), [("AM", 7, 0), ("PM", 7, 1)])
def test_a_session_whose_register_is_not_closed_is_in_no_figure(
    half: Half, possible: int, missing: int
) -> None:
    known = register("//", "//", "//", "/").until(Session(TODAY, half))
    figures = evaluate(known, load_policy("hcat"), TODAY).school
    assert (figures.possible, figures.missing) == (possible, missing)


def test_a_code_of_a_later_session_counts_nowhere() -> None:
    known = register("//", "//", "//", "/L", "LL").until(Session(TODAY, "AM"))
    figures = Tally(known).total(date(2025, 9, 1), date(2025, 10, 24))
    assert (figures.possible, figures.late, figures.minutes_late, figures.by_code) == (7, 0, 0, {"/": 7})
    assert not known.coded({"L"}).any()
    assert (known.classes[:, 7:] == Class.OFF_ROLL).all()
    assert known.last_day_with_a_code == TODAY


def test_rules_judge_a_day_when_its_last_register_is_closed() -> None:
    """The fourth N of the run is this morning's; the afternoon may yet be present."""
    marks = register("NN", "NN", "NN", "N")
    policy = load_policy("hcat")

    def visits(until: Session | None) -> list[date]:
        events = evaluate(marks.until(until), policy, TODAY).events
        return [event.date for event in events if event.rule == "unexplained-visit"]

    assert visits(Session(TODAY, "AM")) == [date(2025, 9, 2)]
    assert visits(Session(TODAY, "PM")) == [date(2025, 9, 2), TODAY]
    assert visits(None) == [date(2025, 9, 2), TODAY]


def test_no_period_ends_on_a_day_that_has_not_been() -> None:
    marks = register("//" * len(CALENDAR.school_days))
    last = CALENDAR.school_days[-1]
    policy = load_policy("hcat")
    early = evaluate(marks.until(Session(last, "AM")), policy, last)
    assert not [event for event in early.events if event.rule in ("colour-letter", "perfect-term")]
    late = evaluate(marks.until(Session(last, "PM")), policy, last)
    assert len([event for event in late.events if event.rule in ("colour-letter", "perfect-term")]) == 2


@pytest.mark.parametrize(
    ("codes", "closed"),
    [
        (("//", "//", "//", "//"), Session(TODAY, "PM")),
        (("//", "//", "//", "/"), Session(TODAY, "AM")),
        (("//", "//", "//"), Session(date(2025, 9, 3), "PM")),
        (("//", "//", "//", "", "//"), Session(date(2025, 9, 4), "PM")),
    ],
)
def test_a_register_known_today_reaches_to_the_last_session_with_a_code(
    codes: tuple[str, ...], closed: Session
) -> None:
    assert register(*codes).as_known_on(TODAY).closed_up_to == closed


def test_a_day_off_is_not_today_s_session() -> None:
    assert register("//", "//").as_known_on(date(2025, 9, 6)).closed_count == 10


def test_marks_tried_on_a_register_count_though_they_lie_ahead() -> None:
    known = register("//", "//", "//", "/").until(Session(TODAY, "AM"))
    tried = known.marked(0, {7: "O", 8: "O"})
    assert (tried.classes[0, 7:9] == Class.UNAUTHORISED).all()
