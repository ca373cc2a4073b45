"""The simulation report: counts that are the simulation's, capacity shown, pupils named only when asked for."""

from __future__ import annotations

import io
from datetime import date
from functools import cache

from docx import Document
from docx.oxml.ns import qn

from letters.reports.simulation import rule_counts, simulation_report
from letters.words.english import short_date, year_group
from rules.calendar import week_start
from rules.describe import titled
from rules.policy import load_policy
from rules.register import Register, build_register
from rules.school import Mark
from rules.simulate import Simulation, letters_of, simulate
from tests.letters.docx_files import assert_sound
from tests.letters.made_up import register
from tests.letters.reports.reading import table_under, words
from tests.letters.reports.test_worked_out import small_sets_that_come_out

END = date(2025, 12, 19)
CAPACITY = 40


def whole() -> Register:
    return register(until=END)


@cache
def found() -> Simulation:
    packs = [load_policy("aycliffe-drive"), load_policy("thringstone")]
    return simulate(whole(), packs, date(2025, 9, 1), END)


@cache
def report(*, named: bool = False) -> bytes:
    return simulation_report(found(), whole(), printed_on=END, capacity=CAPACITY, named=named)


def test_the_report_is_sound_and_the_same_twice() -> None:
    assert_sound(report())
    first = report()
    report.cache_clear()
    assert report() == first
    assert len(list(Document(io.BytesIO(first)).element.iter(qn("wp:docPr")))) == 3


def test_letters_by_week_are_the_simulations() -> None:
    rows = table_under(report(named=True), "Letters by week")[1:]
    for place, pack in enumerate(found().packs, 1):
        assert sum(int(row[place]) for row in rows) == sum(c.total() for c in pack.letters_by_week().values())
    over = {week for pack in found().packs for week in pack.weeks_over(CAPACITY)}
    assert sum(row[-1] == "over capacity" for row in rows) == len(over)


def test_without_names_no_week_of_few_pupils_is_shown_nor_left_over_from_the_sum() -> None:
    shown = {row[0]: row for row in table_under(report(), "Letters by week")[1:]}
    for place, pack in enumerate(found().packs, 1):
        pupils: dict[str, set[str]] = {}
        for event in pack.events:
            if letters_of(event) and event.pupil_id:
                pupils.setdefault(short_date(week_start(event.date)), set()).add(event.pupil_id)
        left_out = {week for week in pupils if shown[week][place] == "c"}
        assert left_out >= {week for week, ids in pupils.items() if len(ids) < 5}
        assert not left_out or (len(left_out) > 1 and sum(len(pupils[week]) for week in left_out) >= 5)
    assert any(row[n] == "c" for row in shown.values() for n in (1, 2))


def test_every_rule_is_listed_also_one_that_never_fired() -> None:
    pack = found().packs[0]
    rows = table_under(report(named=True), f"By rule: {pack.policy.title}")[1:]
    assert [row[0] for row in rows] == [titled(rule) for rule in pack.policy.rules]
    assert "At risk of persistent absence (off unless switched on)" in {row[0] for row in rows}
    assert any(row[0].endswith("(until 18 August 2024)") for row in rows)
    clauses = {rule.id: row[1] for rule, row in zip(pack.policy.rules, rows, strict=True)}
    assert clauses["lateness"] == "Dealing with Lateness; set by the school, not stated in the policy"
    assert clauses["persistent-absence"] == "Pupils at risk of Persistent Absence"
    assert [int(row[2].replace(",", "")) for row in rows] == list(pack.by_rule().values())
    assert sum(rule.events for rule in rule_counts(pack)) == len(pack.events)


def test_pupils_for_whom_two_policies_differ_are_named_only_when_asked_for() -> None:
    first, second = found().differing()
    title = "Pupils for whom aycliffe-drive and thringstone differ"
    rows = table_under(report(named=True), title)[1:]
    assert len(rows) == len(first) + len(second) > 0
    text = "".join(t.text or "" for t in Document(io.BytesIO(report())).element.iter(qn("w:t")))
    assert not [p for p in whole().pupils if p.surname in text]
    assert title in words(report())


def test_one_policy_alone_has_no_comparison() -> None:
    alone = simulate(whole(), [load_policy("england-2024")], date(2025, 9, 1), END)
    data = simulation_report(alone, whole(), printed_on=END)
    assert "differ" not in words(data)
    assert "What the policy would have done" in words(data)


def test_days_without_school_make_a_short_report() -> None:
    none = simulate(whole(), [load_policy("england-2024")], date(2025, 10, 27), date(2025, 10, 31))
    data = simulation_report(none, whole(), printed_on=END, capacity=1)
    assert_sound(data)
    assert "There is no school week between these dates." in words(data)


def test_no_small_group_can_be_worked_out_from_rules_year_groups_and_differences() -> None:
    """A school of 19, so that most numbers are small; every number of pupils that the report gives is tried."""
    few = [pupil.pupil_id for n, pupil in enumerate(whole().pupils) if n % 23 == 0]
    small = _of(few)
    packs = [load_policy("aycliffe-drive"), load_policy("thringstone")]
    made = simulate(small, packs, date(2025, 9, 1), END)
    data = simulation_report(made, small, printed_on=END)
    sets = [frozenset(few)]
    for number, pack in enumerate(made.packs):
        rules = table_under(data, f"By rule: {pack.policy.title}")[1:]
        for rule, row in zip(rule_counts(pack), rules, strict=True):
            ids = frozenset(e.pupil_id for e in pack.events if e.rule == rule.rule and e.pupil_id)
            assert row[4] in ("c", str(len(ids)))
            sets += [ids] if row[4] != "c" else []
        for row in table_under(data, "By year group")[1:]:
            year = frozenset(p.pupil_id for p in small.pupils if row[0] == year_group(p.year_group))
            sets += [year] if row[1].isdigit() else []
            sets += [year & pack.pupils()] if row[3 + 2 * number] != "c" else []
    assert not small_sets_that_come_out(few, sets)
    named = simulation_report(made, small, printed_on=END, named=True)
    assert "c" not in {cell for row in table_under(named, "By year group") for cell in row}


def _of(ids: list[str]) -> Register:
    held = whole()
    marks = [
        Mark(pupil_id, session.date, session.half, held.code_at(held.row_of[pupil_id], column))
        for pupil_id in ids
        for column, session in enumerate(held.sessions)
    ]
    pupils = [held.pupil(pupil_id) for pupil_id in ids]
    return build_register(pupils=pupils, calendar=held.calendar, marks=[m for m in marks if m.code])
