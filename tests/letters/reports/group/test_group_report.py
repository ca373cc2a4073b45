"""The report of a class: its own pupils and figures only."""

from __future__ import annotations

from datetime import date

import pytest

from letters.reports.group.group_report import class_groups, group_report, year_groups
from rules.policy import load_policy
from rules.statistics import Tally, rounded_percent
from tests.letters.docx_files import assert_sound
from tests.letters.made_up import SCHOOL, register
from tests.letters.reports.reading import table_under, words

START, END = date(2025, 9, 1), date(2025, 11, 28)
REGISTER = register(number=84)
TALLY = Tally(REGISTER)
HCAT = load_policy("hcat")


def test_years_and_classes_are_named_as_schools_say_them() -> None:
    assert list(year_groups(REGISTER, START, END)) == ["Reception", *(f"Year {n}" for n in range(1, 7))]
    assert list(class_groups(REGISTER, START, END))[:3] == ["RA", "RB", "1A"]


def test_the_report_holds_the_pupils_and_figures_of_the_class_only() -> None:
    group = class_groups(REGISTER, START, END)["4B"]
    data = group_report(group, REGISTER, TALLY, HCAT, SCHOOL, start=START, end=END, printed_on=END)
    assert_sound(data)
    rows = table_under(data, "Pupils, the most absent first")[1:]
    assert {row[0].split(",")[0] for row in rows} == {pupil.surname for pupil in group.pupils}
    percent = [float(row[2].rstrip("%")) for row in rows]
    assert percent == sorted(percent)
    total = TALLY.total(START, END, [pupil.pupil_id for pupil in group.pupils])
    head = table_under(data, "Attendance of class 4B")
    assert head[0][0] == f"{rounded_percent(total.attended, total.possible)}%"
    codes = {row[0]: int(row[2].replace(",", "")) for row in table_under(data, "Codes")[1:]}
    assert codes == dict(total.by_code)
    bands = table_under(data, "Pupils by band")[1:]
    assert sum(int(row[2]) for row in bands) == len(group.pupils)


def test_days_without_a_mark_have_no_figures() -> None:
    group = class_groups(REGISTER, START, END)["4B"]
    data = group_report(
        group, REGISTER, TALLY, HCAT, SCHOOL, start=date(2025, 9, 1), end=date(2025, 9, 2), printed_on=END
    )
    assert "No session of these pupils is recorded" in words(data)


@pytest.mark.parametrize(("start", "said"), [(START, False), (date(2025, 11, 24), True)])
def test_patterns_of_the_year_say_so_where_the_report_is_on_other_days(start: date, said: bool) -> None:
    group = class_groups(REGISTER, START, END)["4B"]
    data = group_report(group, REGISTER, TALLY, HCAT, SCHOOL, start=start, end=END, printed_on=END)
    assert ("These are of the school year to 28 November 2025" in words(data)) is said
