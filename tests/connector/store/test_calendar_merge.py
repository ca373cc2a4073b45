"""Calendars as they come, year by year or in part: what was once known stays known."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.store.facts.calendar_merge import merged
from rules.calendar import Calendar, CalendarError, Period, PeriodKind
from rules.school import Half


def row(kind: PeriodKind, name: str, start: str, end: str, half: Half | None = None) -> Period:
    return Period(kind, name, date.fromisoformat(start), date.fromisoformat(end), half)


THIS_YEAR = (
    row("year", "2025/26", "2025-09-01", "2026-08-31"),
    row("term", "Autumn", "2025-09-02", "2025-12-19"),
    row("half_term", "Autumn 1", "2025-09-02", "2025-10-24"),
    row("half_term", "Autumn 2", "2025-11-03", "2025-12-19"),
    row("term", "Spring", "2026-01-05", "2026-03-27"),
    row("half_term", "Spring 1", "2026-01-05", "2026-02-13"),
    row("half_term", "Spring 2", "2026-02-23", "2026-03-27"),
    row("inset", "INSET", "2025-09-02", "2025-09-02"),
    row("holiday", "Christmas to August", "2025-12-20", "2026-01-04"),
)
NEXT_YEAR = (
    row("year", "2026/27", "2026-09-01", "2027-08-31"),
    row("term", "Autumn", "2026-09-01", "2026-12-18"),
    row("half_term", "Autumn 1", "2026-09-01", "2026-10-23"),
    row("half_term", "Autumn 2", "2026-11-02", "2026-12-18"),
)


def test_next_years_calendar_leaves_this_years_days() -> None:
    both = merged(THIS_YEAR, NEXT_YEAR)
    assert both.periods == (*THIS_YEAR, *NEXT_YEAR)
    assert (both.gone, both.added) == ((), ())


def test_the_first_calendar_is_taken_as_it_comes() -> None:
    assert merged((), THIS_YEAR).periods == THIS_YEAR
    with pytest.raises(CalendarError, match="no half_term row"):
        merged((), THIS_YEAR[:2])


def test_inside_its_span_an_answer_holds() -> None:
    moved = (
        row("half_term", "Autumn 1", "2025-09-03", "2025-10-24"),
        row("half_term", "Autumn 2", "2025-11-03", "2025-12-19"),
        row("inset", "INSET", "2025-10-14", "2025-10-14"),
        row("closure", "Boiler", "2025-11-12", "2025-11-12", "PM"),
    )
    after = merged(THIS_YEAR, moved)
    assert [str(session.date) + session.half for session in after.gone] == [
        "2025-10-14AM",
        "2025-10-14PM",
        "2025-11-12PM",
    ]
    held = Calendar(after.periods)
    assert held.terms == Calendar(THIS_YEAR).terms
    assert [h.name for h in held.half_terms] == ["Autumn 1", "Autumn 2", "Spring 1", "Spring 2"]


def test_an_answer_without_a_half_term_changes_nothing() -> None:
    assert merged(THIS_YEAR, ()).periods == THIS_YEAR
    assert merged(THIS_YEAR, NEXT_YEAR[:2]).periods == THIS_YEAR


def test_an_answer_that_contradicts_itself_is_refused() -> None:
    crossing = row("half_term", "Autumn 2", "2026-10-20", "2026-12-18")
    with pytest.raises(CalendarError, match="must not overlap"):
        merged(THIS_YEAR, (*NEXT_YEAR[:3], crossing))


def test_a_term_and_a_year_that_come_cut_still_hold_the_half_term_that_is_known() -> None:
    rest = (
        row("year", "2025/26", "2026-01-05", "2026-08-31"),
        row("term", "Autumn", "2025-11-03", "2025-12-19"),
        row("half_term", "Autumn 2", "2025-11-03", "2025-12-19"),
    )
    with pytest.raises(CalendarError, match="does not cover"):
        merged(THIS_YEAR, rest)
    after = merged(THIS_YEAR, (row("year", "2025/26", "2025-11-03", "2026-08-31"), *rest[1:]))
    held = Calendar(after.periods)
    assert (held.terms[0].start, held.terms[0].end) == (date(2025, 9, 2), date(2025, 12, 19))
    assert held.years[0].start == date(2025, 9, 2)
    assert after.gone == ()


def test_a_year_that_begins_in_august_ends_the_one_before() -> None:
    early = (
        row("year", "2026/27", "2026-08-26", "2027-08-25"),
        row("half_term", "Autumn 1", "2026-08-26", "2026-10-23"),
    )
    years = Calendar(merged(THIS_YEAR, early).periods).years
    assert [(year.name, str(year.end)) for year in years] == [
        ("2025/26", "2026-08-25"),
        ("2026/27", "2027-08-25"),
    ]


def test_a_row_that_closes_days_is_kept_outside_the_answers_span_only() -> None:
    weekly = Period("weekly", "Friday", date(2025, 9, 1), date(2026, 7, 21), "PM", 4)
    known = (*THIS_YEAR, weekly)
    answer = (row("half_term", "Autumn 2", "2025-11-03", "2025-12-19"),)
    fridays = [p for p in merged(known, answer).periods if p.kind == "weekly"]
    assert [(str(p.start), str(p.end)) for p in fridays] == [
        ("2025-09-01", "2025-11-02"),
        ("2025-12-20", "2026-07-21"),
    ]


TERMS = (("Autumn", 0, 108), ("Spring", 125, 206), ("Summer", 223, 322))
HALF_TERMS = ((0, 52), (62, 108), (125, 164), (174, 206), (223, 262), (272, 322))
CLOSING: tuple[PeriodKind, ...] = ("holiday", "inset", "closure", "weekly", "open", "assessment")


@st.composite
def answers(draw: st.DrawFn) -> tuple[Period, ...]:
    """One valid calendar: a year or two of a school, whole or in part, with shifted dates."""
    periods: list[Period] = []
    for year in draw(st.sampled_from([(2024,), (2025,), (2026,), (2025, 2026), (2024, 2026)])):
        first = date(year, 8, draw(st.integers(26, 31)))

        def day(n: int, first: date = first) -> date:
            return first + timedelta(days=n)

        if draw(st.booleans()):
            start, end = draw(st.sampled_from([(-5, 355), (0, 360), (2, 364), (120, 364)]))
            periods.append(Period("year", str(year), day(start), day(end)))
        terms = draw(st.lists(st.sampled_from(TERMS), unique=True))
        half_terms = draw(st.lists(st.sampled_from(HALF_TERMS), unique=True, min_size=1))
        cut = draw(st.sampled_from([0, 0, 1, 30]))
        periods += [Period("term", name, day(start + cut), day(end)) for name, start, end in terms]
        periods += [
            Period("half_term", str(n), day(start + draw(st.sampled_from([cut, 0, 2]))), day(end))
            for n, (start, end) in enumerate(half_terms)
        ]
        for kind in draw(st.lists(st.sampled_from(CLOSING), max_size=3)):
            start = draw(st.integers(-10, 340))
            length = draw(st.integers(0, 20))
            weekday = 4 if kind == "weekly" else None
            half = draw(st.sampled_from([None, "AM", "PM"]))
            periods.append(Period(kind, kind, day(start), day(start + length), half, weekday))
    try:
        return Calendar(tuple(periods)).periods
    except CalendarError:
        whole = (TERMS[0], HALF_TERMS[0], HALF_TERMS[1])
        return (
            Period("term", "Autumn", first + timedelta(days=whole[0][1]), first + timedelta(days=108)),
            *(
                Period("half_term", str(start), first + timedelta(days=start), first + timedelta(days=end))
                for start, end in whole[1:]
            ),
        )


@given(st.lists(answers(), min_size=2, max_size=6))
def test_any_sequence_of_answers_gives_a_valid_calendar_that_keeps_its_days(
    history: list[tuple[Period, ...]],
) -> None:
    known = history[0]
    for answer in history[1:]:
        after = merged(known, answer)
        before, new, held = Calendar(known), Calendar(answer), Calendar(after.periods)
        start, end = new.half_terms[0].start, new.half_terms[-1].end
        replaced = [h for h in before.half_terms if h.start <= end and start <= h.end]
        first = min([start, *(h.start for h in replaced)])
        last = max([end, *(h.end for h in replaced)])
        inside = [s for s in held.sessions if start <= s.date <= end]
        assert inside == [s for s in new.sessions if start <= s.date <= end]
        changed = set(before.sessions) ^ set(held.sessions)
        told = {session for p in new.periods for session in p.sessions if p.kind in CLOSING}
        crossing = {s for t in new.terms for h in before.half_terms if t.meets(h) for s in h.sessions}
        assert not [s for s in changed - told - crossing if not first <= s.date <= last]
        assert set(after.gone) == set(before.sessions) - set(held.sessions)
        assert set(merged(after.periods, answer).periods) == set(after.periods)
        known = after.periods
