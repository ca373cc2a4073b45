"""Families to whom a rule must not write: recorded as excluded, never lost without a trace."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.config.school import SchoolConfig
from connector.ledger.exclusions.named import covers, exclusion_for, flags_on, in_year_group
from rules.events import Event
from rules.rule.outcome import NOTE, Outcome
from rules.school import EXCLUSION_FLAGS, FLAGS, Exclusion
from tests.connector.ledger.test_guards import DAY, LATE, late_school
from tests.connector.memory_mis import made_up_pupil
from tests.connector.runs import ledger, options, row_of, run

EVENT = Event("late-letter", date(2025, 9, 10), "", (Outcome("letter", "late-letter"), NOTE), "1")


@pytest.mark.parametrize(
    ("exclusion", "covers"),
    [
        (Exclusion(reason="all of it", pupil_id="1"), True),
        (Exclusion(reason="another pupil", pupil_id="2"), False),
        (Exclusion(reason="this rule", rules=("late-letter",), pupil_id="1"), True),
        (Exclusion(reason="another rule", rules=("stage-1",), pupil_id="1"), False),
        (Exclusion(reason="its last day", pupil_id="1", until=date(2025, 9, 10)), True),
        (Exclusion(reason="past", pupil_id="1", until=date(2025, 9, 9)), False),
        (Exclusion(reason="its first day", pupil_id="1", start=date(2025, 9, 10)), True),
        (Exclusion(reason="not yet", pupil_id="1", start=date(2025, 9, 11)), False),
        (Exclusion(reason="year", year_groups=("4", "Year 5")), True),
        (Exclusion(reason="another year", year_groups=("4", "15")), False),
        (Exclusion(reason="both", flag="looked_after", year_groups=("5",)), True),
        (Exclusion(reason="the year only", flag="young_carer", year_groups=("5",)), False),
        (Exclusion(reason="the flag only", flag="looked_after", year_groups=("6",)), False),
        (Exclusion(reason="the pupil only", pupil_id="1", flag="young_carer"), False),
        (Exclusion(reason="only without codes", codes=("S",), pupil_id="1"), False),
        (Exclusion(reason="flag", flag="looked_after"), True),
        (Exclusion(reason="no such flag here", flag="young_carer"), False),
        (Exclusion.model_construct(reason="nobody named"), False),
    ],
)
def test_an_exclusion_covers_what_it_names(exclusion: Exclusion, covers: bool) -> None:
    found = exclusion_for(EVENT, made_up_pupil(1, looked_after=True), [exclusion])
    assert (found is exclusion) == covers


def test_exclusions_can_name_what_follows_from_dates_and_need() -> None:
    pupil = made_up_pupil(
        1,
        sen_status="K",
        part_time_from=date(2025, 9, 1),
        part_time_to=date(2025, 9, 30),
        date_of_birth=date(2021, 5, 1),
    )
    assert flags_on(pupil, date(2025, 9, 10)) == {"sen", "part_time", "under_age"}
    assert flags_on(pupil, date(2037, 7, 1)) == {"sen", "over_age"}
    assert flags_on(pupil, date(2025, 10, 10)) == {"sen", "under_age"}
    assert flags_on(made_up_pupil(1), date(2025, 9, 10)) == set()


@pytest.mark.parametrize("where", ["mis", "configuration"])
def test_an_excluded_event_is_recorded_with_its_reason(tmp_path: Path, where: str) -> None:
    mis, state = late_school(2), tmp_path / "hill.db"
    agreed = Exclusion(reason="Medical plan agreed", pupil_id="1", until=date(2026, 7, 31))
    if where == "mis":
        mis.exclusions = [agreed]
        opts = options(only=LATE)
    else:
        opts = options(only=LATE, exclusions=(agreed,))
    run(mis, state, DAY, opts)
    row = row_of(state, "late-letter", "1")
    assert (row.state, row.reason) == ("excluded", "Medical plan agreed, until 2026-07-31")
    assert {d.pupil_id for _, d in mis.documents} == {"2"}
    mis.exclusions = []
    run(mis, state, DAY, options(only=LATE))
    assert row_of(state, "late-letter", "1").state == "verified", (
        "the exclusion is gone: typed on the wrong pupil"
    )


def test_an_exclusion_that_comes_while_an_event_is_held_still_counts(tmp_path: Path) -> None:
    mis, state = late_school(1), tmp_path / "hill.db"
    run(mis, state, DAY, options(only=LATE, review=frozenset({"all"})))
    mis.exclusions = [Exclusion(reason="ill", pupil_id="1")]
    run(mis, state, DAY, options(only=LATE))
    assert [row.state for row in ledger(state)] == ["excluded"]


def test_an_excluded_event_whose_marks_were_corrected_is_withdrawn_quietly(tmp_path: Path) -> None:
    mis, state = late_school(1), tmp_path / "hill.db"
    mis.exclusions = [Exclusion(reason="ill", pupil_id="1")]
    run(mis, state, DAY, options(only=LATE))
    mis.mark("1", date(2025, 9, 9), "AM", "/")
    run(mis, state, DAY, options(only=LATE))
    assert [row.state for row in ledger(state)] == ["withdrawn"]
    assert not mis.notes
    mis.mark("1", date(2025, 9, 9), "AM", "L")
    run(mis, state, DAY, options(only=LATE))
    assert [row.state for row in ledger(state)] == ["excluded"]


def test_pupils_with_a_flag_are_excluded_by_it(tmp_path: Path) -> None:
    mis, state = late_school(2), tmp_path / "hill.db"
    mis.pupils["2"] = replace(mis.pupils["2"], looked_after=True)
    run(
        mis,
        state,
        DAY,
        options(only=LATE, exclusions=(Exclusion(reason="virtual school", flag="looked_after"),)),
    )
    assert [row_of(state, "late-letter", p).state for p in "12"] == ["verified", "excluded"]


def test_the_settings_take_every_flag_that_can_hold_and_no_other() -> None:
    every = made_up_pupil(
        1, sen_status="E", part_time_from=date(2020, 1, 1), **dict.fromkeys(FLAGS, True)
    )  # born in March 2016
    days = [date(2021, 3, 1), date(2026, 3, 1), date(2032, 9, 1)]
    assert {flag for day in days for flag in flags_on(every, day)} == set(EXCLUSION_FLAGS)
    for flag in EXCLUSION_FLAGS:
        assert Exclusion.model_validate({"reason": "agreed", "flag": flag}).flag == flag
    named = SchoolConfig.model_fields["exclusions"].annotation
    assert named == list[Exclusion]


@pytest.mark.parametrize(
    ("born", "flag", "reason"),
    [
        (date(2021, 5, 1), "under_age", "agreed, under compulsory school age"),
        (date(2008, 9, 1), "over_age", "agreed, over compulsory school age"),
    ],
)
def test_the_reason_says_over_or_under_compulsory_school_age(
    tmp_path: Path, born: date, flag: str, reason: str
) -> None:
    mis, state = late_school(2), tmp_path / "hill.db"
    mis.pupils["1"] = replace(mis.pupils["1"], date_of_birth=born)
    mis.exclusions = [Exclusion.model_validate({"reason": "agreed", "flag": flag})]
    run(mis, state, DAY, options(only=LATE))
    row = row_of(state, "late-letter", "1")
    assert (row.state, row.reason) == ("excluded", reason)
    assert row_of(state, "late-letter", "2").state == "verified"


@pytest.mark.parametrize(
    ("now", "named", "years_ago", "is_in"),
    [
        ("11", "11", 0, True),
        ("Year 11", "Y11", 0, True),
        ("11", "11", 1, False),
        ("12", "11", 1, True),
        ("12", "Year 10", 2, True),
        ("1", "R", 1, True),
        ("Reception", "0", 0, True),
        ("Reception", "R", 1, False),
        ("Nursery", "nursery", 1, True),
        ("Forest", "forest", 0, False),
        ("", "11", 0, False),
    ],
)
def test_a_year_group_is_known_however_it_is_written(
    now: str, named: str, years_ago: int, is_in: bool
) -> None:
    assert in_year_group(made_up_pupil(1, year_group=now), [named], years_ago) == is_in


_DAYS = st.one_of(st.none(), st.dates(EVENT.date - timedelta(2), EVENT.date + timedelta(2)))


@given(
    pupil_id=st.sampled_from([None, "1", "2"]),
    flag=st.sampled_from([None, "sen", "fsm", "over_age"]),
    year_groups=st.lists(st.sampled_from(["4", "5", "6"]), max_size=2, unique=True),
    rules=st.lists(st.sampled_from(["late-letter", "stage-1"]), max_size=2, unique=True),
    start=_DAYS,
    until=_DAYS,
)
def test_an_exclusion_covers_what_all_of_it_names_and_nothing_else(
    pupil_id: str | None,
    flag: str | None,
    year_groups: list[str],
    rules: list[str],
    start: date | None,
    until: date | None,
) -> None:
    """The pupil is number 1, of Year 5, with special needs."""
    exclusion = Exclusion.model_construct(
        reason="agreed",
        pupil_id=pupil_id,
        flag=flag,
        year_groups=tuple(year_groups),
        rules=tuple(rules),
        start=start,
        until=until,
    )
    named = pupil_id is not None or flag is not None or bool(year_groups)
    fits = [
        pupil_id in (None, "1"),
        flag in (None, "sen"),
        not year_groups or "5" in year_groups,
        not rules or "late-letter" in rules,
        start is None or start <= EVENT.date,
        until is None or EVENT.date <= until,
    ]
    assert covers(exclusion, EVENT, made_up_pupil(1, sen_status="K")) == (named and all(fits))
