"""The celebration sheet: the best class by exact share, classes on target, no pupil."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from importlib.resources import files

from letters.reports.celebration import celebration_sheet, class_weeks, most_punctual
from rules.calendar import Calendar, Period
from rules.evaluate import evaluate
from rules.policy import parse_policy
from rules.register import build_register
from rules.school import Mark, Pupil
from rules.statistics import Tally
from tests.letters.made_up import SCHOOL, pupils
from tests.letters.reports.one_day import DAY, HCAT, REGISTER, TALLY
from tests.letters.reports.reading import table_under, tables, text_of, words


def test_the_best_class_is_best_by_exact_share_and_all_ties_win() -> None:
    classes = class_weeks(REGISTER, TALLY, HCAT, DAY)
    shares = [Fraction(c.figures.attended, c.figures.possible) for c in classes]
    assert shares == sorted(shares, reverse=True)
    assert [c.best for c in classes] == [share == max(shares) for share in shares]
    assert [c.on_target for c in classes] == [share >= Fraction(97, 100) for share in shares]


def test_the_celebration_sheet_names_classes_and_no_pupil() -> None:
    data = celebration_sheet(REGISTER, TALLY, HCAT, SCHOOL, week_of=DAY, printed_on=DAY)
    shown = words(data) + str(tables(data))
    assert not [p for p in pupils() if p.surname in shown]
    rows = table_under(data, "All classes")
    for row in rows[1:]:
        figures = TALLY.by_group("registration_group", date(2025, 11, 24), DAY)[row[1]]
        assert row[2] == f"{HCAT.shown(figures.attended, figures.possible)}%"


def test_the_celebration_sheet_agrees_with_the_events_of_the_policy() -> None:
    friday = date(2025, 11, 21)
    events = [e for e in evaluate(REGISTER, HCAT, DAY).events if e.date == friday and e.group]
    classes = class_weeks(REGISTER, TALLY, HCAT, friday)
    assert {c.name for c in classes if c.best} == {e.group for e in events if e.rule == "class-of-the-week"}
    assert {c.name for c in classes if c.on_target} == {
        e.group for e in events if e.rule == "class-on-target"
    }


def test_the_target_on_the_sheet_is_that_of_the_rule_for_classes() -> None:
    text = files("rules").joinpath("policies", "hcat.toml").read_text(encoding="utf-8")
    stricter = parse_policy(
        text.replace(
            'kind = "class-week"\nwhen = { attendance = ">= 97" }',
            'kind = "class-week"\nwhen = { attendance = ">= 98" }',
        ),
        "hcat.toml",
    )
    assert stricter.target == 97
    friday = date(2025, 11, 21)
    shown = words(celebration_sheet(REGISTER, TALLY, stricter, SCHOOL, week_of=friday, printed_on=DAY))
    assert "target of 98%" in shown
    assert "97%" not in shown
    groups = {
        e.group
        for e in evaluate(REGISTER, stricter, DAY).events
        if (e.rule, e.date) == ("class-on-target", friday)
    }
    assert {c.name for c in class_weeks(REGISTER, TALLY, stricter, friday) if c.on_target} == groups


def week(*sizes: int) -> tuple[list[str], str]:
    """Return the classes in the sheet's table and the sheet's words, for classes of these sizes; the first has no absence."""
    monday = date(2025, 11, 24)
    calendar = Calendar(
        (
            Period("year", "2025/26", date(2025, 9, 1), date(2026, 8, 31)),
            Period("term", "Autumn", monday, DAY),
            Period("half_term", "Autumn 2", monday, DAY),
        )
    )
    members = [
        Pupil(f"{n}-{i}", registration_group=f"C{n}") for n, size in enumerate(sizes) for i in range(size)
    ]
    marks = [
        Mark(p.pupil_id, s.date, s.half, "/" if p.registration_group == "C0" or s.half == "AM" else "I")
        for p in members
        for s in calendar.sessions
    ]
    held = build_register(pupils=members, calendar=calendar, marks=marks)
    data = celebration_sheet(held, Tally(held), HCAT, SCHOOL, week_of=DAY, printed_on=DAY)
    names = [row[1] for row in table_under(data, "All classes")[1:]] if tables(data) else []
    return names, text_of(data)


def test_a_class_of_fewer_than_five_is_not_on_the_wall() -> None:
    names, text = week(4, 5, 6)
    assert names == ["C1", "C2"]
    assert "C0" not in text, "not as class of the week, nor among those on target"
    assert "100.0%" not in text
    assert "Classes of fewer than 5 pupils are not shown." in text
    names, text = week(5, 5)
    assert names == ["C0", "C1"]
    assert "not shown" not in text
    names, text = week(4)
    assert names == []
    assert "Classes of fewer than 5 pupils are not shown." in text


def punctual(*late: dict[str, int], size: int = 5) -> tuple[list[str], str]:
    """Return the most punctual classes and the sheet's words, for classes with so many late marks by code and pupils of that many."""
    monday = date(2025, 11, 24)
    calendar = Calendar((Period("year", "2025/26", date(2025, 9, 1), date(2026, 8, 31)),
        Period("term", "Autumn", monday, DAY), Period("half_term", "Autumn 2", monday, DAY)))  # fmt: skip
    members = [Pupil(f"{n}-{i}", registration_group=f"C{n}") for n in range(len(late)) for i in range(size)]
    marks = []
    for n, codes in enumerate(late):
        coming = iter([code for code, number in codes.items() for _ in range(number)])
        marks += [
            Mark(p.pupil_id, s.date, s.half, next(coming, "/"))
            for p in members
            if p.registration_group == f"C{n}"
            for s in calendar.sessions
        ]
    held = build_register(pupils=members, calendar=calendar, marks=marks)
    data = celebration_sheet(held, Tally(held), HCAT, SCHOOL, week_of=DAY, printed_on=DAY)
    found = most_punctual(class_weeks(held, Tally(held), HCAT, DAY, least=5))
    return [one.name for one in found], text_of(data)


def test_the_most_punctual_classes_have_the_smallest_share_of_late_arrivals_and_all_ties_win() -> None:
    assert punctual({"L": 2}, {"L": 1}, {"L": 1})[0] == ["C1", "C2"]
    assert punctual({"L": 1}, {"U": 2})[0] == ["C0"], "an arrival after the register closed is late too"
    names, text = punctual({"L": 2}, {"I": 9}, {"L": 1, "I": 3})
    assert names == ["C1"]
    assert "Most punctual this week, with nobody late: C1." in text
    half_away, text = punctual({"L": 2, "I": 20}, {"L": 3})
    assert half_away == ["C1"], "3 of 40 arrivals, not 2 of 20"
    assert "Most punctual this week: C1." in text


def test_a_class_at_which_nobody_arrived_and_a_small_one_are_not_the_most_punctual() -> None:
    assert punctual({"I": 40}, {"L": 1})[0] == ["C1"]
    names, text = punctual({}, size=4)
    assert names == []
    assert "punctual" not in text
