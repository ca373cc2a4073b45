"""Random registers: a letter is excluded exactly when plain counting without the given sessions does not make it due."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from rules.school import Exclusion
from tests.connector.memory_mis import FIRST_DAY, MemoryMis, school_days, small_school
from tests.connector.runs import ledger, options, run

D = school_days(FIRST_DAY, date(2025, 12, 19))
LETTERS = ("persistent-absence", "formal-meeting", "explanation-term")
OTHERS = ("severe-absence", "health-15")
ABSENT = ("S", "T", "C", "I", "O")


@st.composite
def stretches(draw: st.DrawFn) -> list[str]:
    """Draw a code for every day of the term, in stretches, so that falls and recoveries happen."""
    found: list[str] = ["/"] * draw(st.integers(8, 20))
    while len(found) < len(D):
        code = draw(st.sampled_from((*ABSENT, "/", "/", "/")))
        found += [code] * draw(st.integers(1, 40 if code == "/" else 6))
    return found[: len(D)]


def school(days_of: list[list[str]]) -> MemoryMis:
    mis = small_school(len(days_of))
    for pupil_id, days in zip(mis.pupils, days_of, strict=True):
        for day, code in zip(D, days, strict=True):
            mis.day(pupil_id, day, code)
    mis.pupils["1"] = replace(mis.pupils["1"], year_group="11")
    return mis


def due_by(rule: str, codes: list[str], left_out: set[str], first: int, last: int) -> bool:
    """Whether the rule holds at the end of one of these days of the term, counting two sessions for each day's code."""
    for day in range(first, last + 1):
        counted = [code for code in codes[: day + 1] if code not in left_out]
        missed, possible = 2 * sum(code in ABSENT for code in counted), 2 * len(counted)
        if rule == "explanation-term" and missed >= 21:
            return True
        if rule == "persistent-absence" and possible >= 30 and 10 * missed >= possible:
            return True
        if rule == "formal-meeting" and possible >= 30 and 100 * (possible - missed) < 85 * possible:
            return True
    return False


def left_out_of(row_rule: str, pupil_id: str, day: date, given_codes: set[str], one: Exclusion) -> set[str]:
    """Return the codes that count as not possible for one event."""
    fits = [
        one.pupil_id in (None, pupil_id),
        not one.year_groups or pupil_id == "1",
        not one.rules or row_rule in one.rules,
        one.start is None or one.start <= day,
        one.until is None or day <= one.until,
    ]
    return given_codes | (set(one.codes) if all(fits) else set())


@settings(
    max_examples=25,
    suppress_health_check=[HealthCheck.too_slow],
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # a run is too slow to look for the smallest
)
@given(
    days_of=st.lists(stretches(), min_size=2, max_size=2),
    given_codes=st.sets(st.sampled_from(["S", "C"]), max_size=2),
    codes=st.lists(st.sampled_from(["T", "C", "I"]), min_size=1, max_size=2, unique=True),
    pupil_id=st.sampled_from([None, "1", "2"]),
    year_groups=st.sampled_from([(), ("11",)]),
    rules=st.sampled_from([(), ("formal-meeting", "severe-absence")]),
    start=st.sampled_from([None, D[30]]),
    until=st.sampled_from([None, D[45]]),
    as_of=st.integers(25, len(D) - 1),
)
def test_a_letter_is_excluded_exactly_when_it_is_not_due_without_the_given_sessions(
    days_of: list[list[str]],
    given_codes: set[str],
    codes: list[str],
    pupil_id: str | None,
    year_groups: tuple[str, ...],
    rules: tuple[str, ...],
    start: date | None,
    until: date | None,
    as_of: int,
) -> None:
    one = Exclusion(
        reason="agreed",
        codes=tuple(codes),
        pupil_id=pupil_id,
        year_groups=year_groups,
        rules=rules,
        start=start,
        until=until,
    )
    opts = options(
        "aspire",
        only=(*LETTERS, *OTHERS),
        exclusions=[one],
        given_absence=[{"codes": sorted(given_codes)}] if given_codes else [],
        oldest_letter_school_days=400,
        ladder_gap_days=0,
    )
    mis = school(days_of)
    with TemporaryDirectory() as folder:
        run(mis, Path(folder) / "hill.db", D[as_of], opts)
        rows = ledger(Path(folder) / "hill.db")
    for row in rows:
        assert row.pupil_id is not None
        place = D.index(row.date)
        later = [
            D.index(other.date) for other in rows if other.subject == row.subject and other.date > row.date
        ]
        left_out = left_out_of(row.rule, row.pupil_id, row.date, given_codes, one)
        last = min([as_of, *(day - 1 for day in later)])
        due = row.rule in OTHERS or due_by(row.rule, days_of[int(row.pupil_id) - 1], left_out, place, last)
        assert (row.state != "excluded") == due, (row.rule, row.date, left_out)
        if not due:
            assert row.reason.startswith(("would not be due without", "agreed: would not be due without"))
    sent = {(document.pupil_id, document.key) for _, document in mis.documents if document.pupil_id}
    assert sent.isdisjoint({(row.pupil_id, row.key) for row in rows if row.state == "excluded"})
    assert {key for _, key in sent} <= {row.key for row in rows if row.rule in LETTERS}
