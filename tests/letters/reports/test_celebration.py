"""The celebration sheet: the best class by exact share, classes on target, no pupil."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from importlib.resources import files

from letters.reports.celebration import celebration_sheet, class_weeks
from rules.evaluate import evaluate
from rules.policy import parse_policy
from tests.letters.made_up import SCHOOL, pupils
from tests.letters.reports.one_day import DAY, HCAT, REGISTER, TALLY
from tests.letters.reports.reading import table_under, tables, words


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
