"""The simulation report: counts that are the simulation's, capacity shown, pupils named only when asked for."""

from __future__ import annotations

import io
from datetime import date
from functools import cache

from docx import Document
from docx.oxml.ns import qn

from letters.reports.simulation import rule_counts, simulation_report
from rules.describe import titled
from rules.policy import load_policy
from rules.register import Register
from rules.simulate import Simulation, simulate
from tests.letters.docx_files import assert_sound
from tests.letters.made_up import register
from tests.letters.reports.reading import table_under, words

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
    rows = table_under(report(), "Letters by week")[1:]
    for place, pack in enumerate(found().packs, 1):
        assert sum(int(row[place]) for row in rows) == sum(c.total() for c in pack.letters_by_week().values())
    over = {week for pack in found().packs for week in pack.weeks_over(CAPACITY)}
    assert sum(row[-1] == "over capacity" for row in rows) == len(over)


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
