"""Figures by pupil, group and weekday, and what a stretch of days still lacks."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from rules.calendar import Calendar, Period
from rules.checks.gaps import Gaps, find_gaps
from rules.evaluate import evaluate
from rules.events import Figures
from rules.policy import load_policy
from rules.register import Register, build_register
from rules.school import Mark, Pupil, Session, Spell
from rules.statistics import Tally, group_name
from rules.thresholds import Interval, Threshold

CALENDAR = Calendar((Period("half_term", "Autumn 1", date(2025, 9, 1), date(2025, 10, 24)),))
MONDAY, TUESDAY, WEDNESDAY = date(2025, 9, 1), date(2025, 9, 2), date(2025, 9, 3)
AMY = Pupil("a", registration_group="5A", year_group="5", fsm=True)
BEN = Pupil("b", registration_group="5B", year_group="5", sen_status="K")
CAI = Pupil("c", registration_group="5A").with_spells(Spell(start=TUESDAY))


def register(codes: dict[str, str], *, pupils: tuple[Pupil, ...] = (AMY, BEN, CAI)) -> Register:
    """Return these pupils' marks, two characters a day from Monday on; a late mark is 5 minutes late."""
    marks = [
        Mark(
            pupil_id,
            session.date,
            session.half,
            code,
            minutes_late=5 if code == "L" else None,
            comment=pupil_id,
        )
        for pupil_id, text in codes.items()
        for session, code in zip(CALENDAR.sessions, text, strict=False)
        if code != " "
    ]
    return build_register(pupils=pupils, calendar=CALENDAR, marks=marks)


THREE_DAYS = register({"a": "//LO//", "b": "//I///", "c": "  //O/"})


def shares(figures: dict[str, Figures] | dict[int, Figures]) -> dict[object, tuple[int, int]]:
    return {name: (one.attended, one.possible) for name, one in figures.items()}


def test_groups_are_counted_over_their_own_pupils_and_sorted_by_name() -> None:
    tally = Tally(THREE_DAYS)
    by_class = tally.by_group("registration_group", MONDAY, WEDNESDAY)
    assert list(by_class) == ["5A", "5B"]
    assert shares(by_class) == {"5A": (8, 10), "5B": (5, 6)}
    assert shares(tally.by_group("registration_group", TUESDAY, TUESDAY)) == {"5A": (3, 4), "5B": (1, 2)}
    assert shares(tally.by_group("fsm", MONDAY, WEDNESDAY)) == {"no": (8, 10), "yes": (5, 6)}
    assert list(tally.by_group("sen_status", MONDAY, WEDNESDAY)) == ["", "K"]
    assert (by_class["5A"].late, by_class["5A"].minutes_late) == (1, 5)


def test_what_no_figure_is_grouped_by_is_refused_by_name() -> None:
    assert [group_name(AMY, name) for name in ("year_group", "fsm", "eal", "sen_status")] == [
        "5",
        "yes",
        "no",
        "",
    ]
    with pytest.raises(
        ValueError, match=r"unknown grouping 'surname': use one of registration_group, year_group"
    ):
        group_name(AMY, "surname")


def test_weekdays_are_counted_from_monday_to_friday() -> None:
    tally = Tally(THREE_DAYS)
    whole = tally.by_weekday(MONDAY, WEDNESDAY)
    assert shares(whole) == {0: (4, 4), 1: (4, 6), 2: (5, 6), 3: (0, 0), 4: (0, 0)}
    assert shares(tally.by_weekday(MONDAY, TUESDAY, ["b"])) == {
        0: (2, 2),
        1: (1, 2),
        2: (0, 0),
        3: (0, 0),
        4: (0, 0),
    }
    two_weeks = register({"b": "//////////OO"}, pupils=(BEN,))
    assert shares(Tally(two_weeks).by_weekday(MONDAY, date(2025, 9, 8)))[0] == (2, 4)


def test_figures_of_one_pupil_of_some_and_of_all() -> None:
    tally = Tally(THREE_DAYS)
    assert (tally.pupil("c", MONDAY, WEDNESDAY).attended, tally.pupil("c", MONDAY, WEDNESDAY).possible) == (
        3,
        4,
    )
    assert shares(tally.by_pupil(MONDAY, WEDNESDAY)) == {"a": (5, 6), "b": (5, 6), "c": (3, 4)}
    assert tally.total(MONDAY, WEDNESDAY, ["a", "c"]).possible == 10
    assert tally.total(MONDAY, WEDNESDAY).by_code == {"/": 12, "I": 1, "L": 1, "O": 2}
    assert Tally(THREE_DAYS, since=WEDNESDAY).total(MONDAY, WEDNESDAY).possible == 6


def test_a_register_of_one_pupil_says_what_the_whole_one_says_of_the_pupil() -> None:
    whole = build_register(
        pupils=[AMY, BEN, CAI],
        calendar=CALENDAR,
        marks=[
            Mark(pupil_id, session.date, session.half, code, minutes, f"on {pupil_id}")
            for session in CALENDAR.sessions[2:4]
            for pupil_id, code, minutes in (("a", "L", 7), ("b", "L", 9), ("c", "O", None))
        ],
    )
    one = whole.only("b")
    assert one.pupils == (BEN,)
    assert one.matrix.shape == (1, len(CALENDAR.sessions))
    assert one.minutes_late == {(0, 2): 9, (0, 3): 9}
    assert one.comments == {(0, 2): "on b", (0, 3): "on b"}
    assert [one.code_at(0, session) for session in range(1, 4)] == ["", "L", "L"]
    judged = [event for event in evaluate(whole, load_policy("hcat")).events if event.pupil_id == "b"]
    assert list(evaluate(one, load_policy("hcat")).events) == [
        event for event in judged if event.group is None
    ]
    with pytest.raises(KeyError):
        whole.only("d")


def test_a_pupil_is_found_by_the_id_and_only_by_it() -> None:
    assert THREE_DAYS.find("b") is THREE_DAYS.pupils[1]
    assert (THREE_DAYS.find("d"), THREE_DAYS.find(None), THREE_DAYS.find("")) == (None, None, None)


# -- what a stretch of days still lacks

LACKING = register({"a": "// /?/", "b": "// /// ", "c": "   /9/"})
"""No register on Tuesday morning; on Wednesday two marks that are no code."""


def sessions(*texts: str) -> list[Session]:
    return [Session(date(2025, 9, int(text[0])), "AM" if text[1:] == "AM" else "PM") for text in texts]


def test_gaps_are_sessions_on_roll_without_a_mark_or_with_one_that_is_no_code() -> None:
    gaps = find_gaps(LACKING, MONDAY, WEDNESDAY)
    assert gaps.unmarked == dict(zip(sessions("2AM"), [3], strict=True))
    assert gaps.unrecognised == dict(zip(sessions("3AM"), [2], strict=True))
    assert gaps.codes == ("9", "?")
    assert gaps.not_taken == tuple(sessions("2AM"))
    assert gaps


@pytest.mark.parametrize(
    ("start", "end", "unmarked", "codes"),
    [
        (MONDAY, MONDAY, 0, ()),
        (MONDAY, TUESDAY, 3, ()),
        (TUESDAY, TUESDAY, 3, ()),
        (WEDNESDAY, WEDNESDAY, 0, ("9", "?")),
    ],
)
def test_gaps_are_looked_for_from_the_first_to_the_last_day(
    start: date, end: date, unmarked: int, codes: tuple[str, ...]
) -> None:
    gaps = find_gaps(LACKING, start, end)
    assert (sum(gaps.unmarked.values()), gaps.codes) == (unmarked, codes)
    assert bool(gaps) == bool(unmarked or codes)


def test_gaps_of_some_pupils_are_theirs_alone() -> None:
    gaps = find_gaps(LACKING, MONDAY, WEDNESDAY, ["b"])
    assert (list(gaps.unmarked.values()), gaps.codes) == ([1], ())
    assert find_gaps(LACKING, WEDNESDAY, WEDNESDAY, ["b"]) == Gaps({}, {})
    assert find_gaps(LACKING, WEDNESDAY, WEDNESDAY, ["a", "c"]).not_taken == tuple(sessions("3AM"))
    assert find_gaps(LACKING, MONDAY, WEDNESDAY, []) == Gaps({}, {})


def test_sessions_of_a_register_that_is_not_closed_lack_a_mark() -> None:
    """Tuesday's afternoon is marked already, but its register is still open."""
    gaps = find_gaps(LACKING.until(Session(TUESDAY, "AM")), TUESDAY, TUESDAY)
    assert gaps.unmarked == dict(zip(sessions("2AM", "2PM"), [3, 3], strict=True))
    assert gaps.not_taken == tuple(sessions("2AM", "2PM"))


# -- comparisons over many pupils at once, and stretches of percentages


@pytest.mark.parametrize("text", ["< 50", "<= 50", "> 50", ">= 50"])
def test_a_comparison_of_arrays_is_that_of_each_pair(text: str) -> None:
    part, whole = np.array([0, 0, 1, 1, 2]), np.array([0, 1, 1, 2, 3])
    threshold = Threshold(text)
    one_by_one = [threshold.holds(int(p), int(w)) for p, w in zip(part, whole, strict=True)]
    assert threshold.holds_for(part, whole).tolist() == one_by_one
    assert one_by_one[0] is False, "nothing is no percentage"
    assert threshold.holds(0, 1) == (text[0] == "<")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (">= 95, < 90", "holds no percentage"),
        ("> 90, <= 90", "holds no percentage"),
        (">= 90, < 90", "holds no percentage"),
        (">= 90, > 95", "names the same end twice"),
        ("< 90, <= 95", "names the same end twice"),
        ("about 90", "is not a comparison"),
        ("< 101", "compares with more than 100 per cent"),
    ],
)
def test_a_stretch_that_holds_nothing_is_refused(text: str, fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        Interval.parse(text)
    assert Interval.parse(">= 90, <= 90").holds(9, 10)
