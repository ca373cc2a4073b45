"""The law's figures: dated, with a unit and a reference each; amounts by nation and day; packs that name none."""

from __future__ import annotations

from datetime import date
from importlib.resources import files
from pathlib import Path

import pytest
from pydantic import ValidationError

from rules.kinds.marks.count import Count
from rules.kinds.marks.overdue import Overdue
from rules.kinds.marks.running import Running
from rules.law import Figure, age, law_of, parse_law
from rules.policy import load_policy
from rules.school import Nation

ROOT = Path(__file__).resolve().parents[2]
NATIONS: tuple[Nation, ...] = ("england", "wales")
ONE = {"title": "t", "unit": "days", "values": [{"from": date(2024, 8, 19), "value": 21, "reference": "SI 2024/210"}]}  # fmt: skip


def faults(**changed: object) -> str:
    with pytest.raises(ValidationError) as caught:
        Figure.model_validate({**ONE, **changed})
    return str(caught.value)


def without(key: str) -> list[dict[str, object]]:
    return [{name: value for name, value in ONE["values"][0].items() if name != key}]  # type: ignore[attr-defined]


@pytest.mark.parametrize("nation", NATIONS)
def test_every_value_has_a_first_day_a_unit_and_a_reference_to_an_instrument(nation: Nation) -> None:
    figures = dict(law_of(nation).figures())
    assert len(figures) >= 7
    for name, figure in figures.items():
        assert figure.unit, name
        for value in figure.values:
            assert value.start >= date(1996, 11, 1), name
            assert any(word in value.reference for word in ("SI ", "Act ", "guidance")), name


def test_a_value_without_a_reference_a_unit_or_a_first_day_is_refused() -> None:
    assert Figure.model_validate(ONE).on(date(2024, 8, 19)) == 21
    assert "reference" in faults(values=without("reference"))
    assert "reference" in faults(values=[{**ONE["values"][0], "reference": ""}])  # type: ignore[index]
    assert "from" in faults(values=without("from"))
    assert "value" in faults(values=without("value"))
    assert "unit" in faults(unit="")
    assert "unit" in faults(unit="weeks of some kind")
    assert "values" in faults(values=[])


def test_two_values_of_one_day_and_an_end_before_the_beginning_are_refused() -> None:
    first, second = {"from": "2013-09-01", "value": 1, "reference": "SI 2013/757"}, {"from": "2024-08-19", "value": 2, "reference": "SI 2024/210"}  # fmt: skip
    assert "must end before" in faults(values=[first, second])
    assert "must end before" in faults(values=[{**first, "until": "2024-08-19"}, second])
    assert "before its first day" in faults(values=[{**first, "until": "2013-08-31"}])
    kept = Figure.model_validate({**ONE, "values": [{**first, "until": "2024-08-18"}, second]})
    assert [kept.on(date(2024, 8, 18)), kept.on(date(2024, 8, 19))] == [1, 2]


def test_a_file_with_a_figure_that_nobody_knows_is_refused() -> None:
    text = files("rules").joinpath("law", "wales.toml").read_text(encoding="utf-8")
    with pytest.raises(ValidationError, match="penalty_firts"):
        parse_law(text.replace("[penalty_first]", "[penalty_firts]", 1))


@pytest.mark.parametrize(
    ("nation", "day", "amounts"),
    [
        ("england", date(2012, 8, 31), None),
        ("england", date(2012, 9, 1), (60, 28, 120, 42, None, None, None)),
        ("england", date(2013, 8, 31), (60, 28, 120, 42, None, None, None)),
        ("england", date(2013, 9, 1), (60, 21, 120, 28, None, None, None)),
        ("england", date(2024, 8, 18), (60, 21, 120, 28, None, None, None)),
        ("england", date(2024, 8, 19), (80, 21, 160, 28, 160, 2, 3)),
        ("england", date(2026, 11, 25), (80, 21, 160, 28, 160, 2, 3)),
        ("wales", date(2013, 8, 31), None),
        ("wales", date(2013, 9, 1), (60, 28, 120, 42, None, None, None)),
        ("wales", date(2026, 11, 25), (60, 28, 120, 42, None, None, None)),
    ],
)
def test_penalty_notices_ask_for_what_the_law_of_the_day_says(
    nation: Nation, day: date, amounts: tuple[int | None, ...] | None
) -> None:
    penalty = law_of(nation).penalty_on(day)
    if amounts is None:
        assert penalty is None
    else:
        assert penalty is not None
        assert (
            penalty.first,
            penalty.first_days,
            penalty.full,
            penalty.full_days,
            penalty.second,
            penalty.limit,
            penalty.years,
        ) == amounts
        assert "SI 20" in penalty.reference


def test_the_stretches_of_one_amount_follow_each_other() -> None:
    stretches = [(start, until) for start, until, _ in law_of("england").penalty_periods()]
    assert stretches == [
        (date(2012, 9, 1), date(2013, 8, 31)),
        (date(2013, 9, 1), date(2024, 8, 18)),
        (date(2024, 8, 19), None),
    ]
    assert [penalty.first for *_, penalty in law_of("wales").penalty_periods()] == [60]


def test_ages_are_those_of_one_act_in_both_nations() -> None:
    england, wales = law_of("england"), law_of("wales")
    assert england.compulsory_age_first == wales.compulsory_age_first
    assert england.compulsory_age_last == wales.compulsory_age_last
    assert england.court_fine == wales.court_fine
    assert age.starts(date(1985, 4, 1)) == date(1990, 8, 31), "before the first day on record as on it"


def test_the_statutory_pack_counts_as_the_law_says() -> None:
    law, pack = law_of("england"), load_policy("england-2024")
    day = pack.start
    assert day == date(2024, 8, 19)
    when = {rule.id: rule.when for rule in pack.rules}
    threshold, returned, kept, overdue = (
        when[name] for name in ("penalty-threshold", "ten-day-return", "deletion-check", "code-overdue")
    )
    assert isinstance(threshold, Count)
    assert (law.threshold_sessions and law.threshold_sessions.on(day)) == threshold.at_least
    assert (law.threshold_school_weeks and law.threshold_school_weeks.on(day)) == threshold.weeks
    assert isinstance(returned, Running)
    assert returned.days == (law.attendance_return_days and law.attendance_return_days.on(day),)
    assert isinstance(kept, Running)
    assert kept.days == (law.deletion_days and law.deletion_days.on(day),)
    assert isinstance(overdue, Overdue)
    assert overdue.school_days == (law.reason_days and law.reason_days.on(day))
    assert pack.keep_years == (law.register_years and law.register_years.on(day))
    assert law.sickness_return_days is not None
    sickness = pack.rule("sickness-return").when.model_dump()
    days = law.sickness_return_days.on(day)
    assert sickness["running"]["days"] == (days,)
    assert sickness["count"]["at_least"] == 2 * (days or 0)


@pytest.mark.parametrize("room", ["rules/policies", "letters/wording"])
def test_no_pack_and_no_wording_names_an_amount_of_the_law(room: str) -> None:
    texts = [path for kind in ("*.toml", "*.md") for path in (ROOT / room).rglob(kind)]
    assert len(texts) >= 6
    for path in texts:
        assert "£" not in path.read_text(encoding="utf-8"), path
