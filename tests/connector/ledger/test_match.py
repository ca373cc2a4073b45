"""Which event of today is which event of the ledger: a family must not get a second copy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.ledger.match import NEAR_DAYS, match
from connector.store.ledger import LedgerRow, event_text
from rules.events import CountedMark, Event
from rules.policy import Policy, load_policy
from rules.register import Register, build_register
from rules.rule.outcome import NOTE
from rules.school import Mark
from tests.connector.memory_mis import CALENDAR, made_up_pupil

HCAT = load_policy("hcat")
AYCLIFFE = load_policy("aycliffe-drive")
CADLE = load_policy("cadle")


def event(
    rule: str, day: date, anchor: str, marks: Sequence[str] = (), code: str = "O", pupil: str = "1"
) -> Event:
    """Return an event; ``marks`` are "2025-10-01 AM"."""
    counted = tuple(CountedMark(date.fromisoformat(m[:10]), m[11:], code) for m in marks)  # type: ignore[arg-type]
    window = (date.fromisoformat(anchor[:10]), day)
    return Event(rule, day, "", (NOTE,), pupil, sessions=counted, anchor=anchor, window=window)


def row(number: int, held: Event, state: str = "verified", state_on: date = date(2026, 3, 1)) -> LedgerRow:
    return LedgerRow(
        id=number,
        key=f"AC-{number}",
        policy="hcat",
        rule=held.rule,
        pupil_id=held.pupil_id,
        group=held.group,
        anchor=held.anchor,
        date=held.date,
        evidence=event_text(held),
        policy_version="1",
        config_hash="",
        registers_read_at="",
        added_in=1,
        state=state,  # type: ignore[arg-type]
        reason="",
        hold="",
        state_at="",
        state_on=state_on,
        approved=False,
        released=False,
        composed_on=None,
        written_on=None,
        note_due=None,
    )


UNMARKED = build_register(pupils=[made_up_pupil(1)], calendar=CALENDAR, marks=())
"""Nobody is known to have been in school on any day."""


def pairs(
    rows: Sequence[LedgerRow], events: Sequence[Event], policy: Policy = HCAT, register: Register = UNMARKED
) -> list[tuple[int, date]]:
    found = match(rows, events, policy=policy, register=register)
    assert len(found.pairs) + len(found.gone) == len(rows)
    assert len(found.pairs) + len(found.new) == len(events)
    return sorted((row.id, event.date) for row, event in found.pairs)


def days(start: date, count: int) -> list[str]:
    """Morning sessions of so many school days."""
    return [f"{day} AM" for day in [d for d in CALENDAR.school_days if d >= start][:count]]


TEN = days(date(2025, 10, 1), 10)


def test_the_same_anchor_and_day_is_the_same_event() -> None:
    held = event("stage-4", date(2025, 10, 14), "2025-10-01", TEN)
    assert pairs([row(1, held)], [held]) == [(1, held.date)]


def test_a_rolling_count_whose_first_session_was_corrected_is_the_same_event_a_day_later() -> None:
    held = event("stage-4", date(2025, 10, 14), "2025-10-01", TEN)
    now = event("stage-4", date(2025, 10, 15), "2025-10-02", days(date(2025, 10, 2), 10))
    assert pairs([row(1, held)], [now]) == [(1, now.date)]


def test_a_rolling_count_over_other_sessions_is_another_event() -> None:
    held = event("stage-4", date(2025, 10, 14), "2025-10-01", TEN)
    now = event("stage-4", date(2025, 11, 28), "2025-11-17", days(date(2025, 11, 17), 10))
    assert pairs([row(1, held)], [now]) == []


def test_a_rolling_count_that_shares_one_old_session_only_is_another_event() -> None:
    held = event("stage-4", date(2025, 10, 14), "2025-10-01", TEN)
    marks = [TEN[-1], *days(date(2025, 11, 3), 9)]
    assert pairs([row(1, held)], [event("stage-4", date(2025, 11, 13), "2025-10-14", marks)]) == []


def test_two_firings_each_keep_their_own_when_both_move() -> None:
    first = event("stage-4", date(2025, 10, 14), "2025-10-01", TEN)
    second = event("stage-4", date(2025, 11, 14), "2025-11-03", days(date(2025, 11, 3), 10))
    one = event("stage-4", date(2025, 11, 3), "2025-10-02", [*TEN[1:], "2025-11-03 AM"])
    two = event("stage-4", date(2025, 11, 17), "2025-11-04", days(date(2025, 11, 4), 10))
    assert pairs([row(1, first), row(2, second)], [one, two]) == [(1, one.date), (2, two.date)]


def test_a_run_whose_first_day_was_corrected_keeps_the_first_step_as_the_first() -> None:
    monday = date(2025, 10, 6)
    second = event("unexplained-visit", monday + timedelta(1), f"{monday}:2", days(monday, 2), "N")
    fourth = event("unexplained-visit", monday + timedelta(3), f"{monday}:4", days(monday, 4), "N")
    tuesday = monday + timedelta(1)
    now = [
        event("unexplained-visit", tuesday + timedelta(1), f"{tuesday}:2", days(tuesday, 2), "N"),
        event("unexplained-visit", tuesday + timedelta(3), f"{tuesday}:4", days(tuesday, 4), "N"),
    ]
    assert pairs([row(1, second), row(2, fourth)], now) == [(1, now[0].date), (2, now[1].date)]
    assert pairs([row(1, second), row(2, fourth)], now[:1]) == [(1, now[0].date)]


def test_two_runs_are_two_events() -> None:
    held = event("unexplained-visit", date(2025, 10, 7), "2025-10-06:2", days(date(2025, 10, 6), 2), "N")
    now = event("unexplained-visit", date(2025, 10, 14), "2025-10-13:2", days(date(2025, 10, 13), 2), "N")
    assert pairs([row(1, held)], [now]) == []


def test_a_fall_below_a_percentage_that_a_correction_moves_is_the_same_event() -> None:
    held = event("initial-warning", date(2025, 10, 14), "2025-09-01:1", TEN[:4])
    now = event("initial-warning", date(2025, 10, 20), "2025-09-01:1", TEN[1:5])
    assert pairs([row(1, held)], [now]) == [(1, now.date)]


def test_when_the_first_fall_of_the_year_is_corrected_away_the_second_keeps_its_own_letter() -> None:
    first = event("initial-warning", date(2025, 10, 14), "2025-09-01:1", TEN[:4])
    second = event(
        "initial-warning", date(2026, 2, 3), "2025-09-01:2", [*TEN[:4], *days(date(2026, 1, 5), 9)]
    )
    now = event("initial-warning", date(2026, 2, 3), "2025-09-01:1", [*TEN[1:4], *days(date(2026, 1, 5), 9)])
    assert pairs([row(1, first), row(2, second)], [now]) == [(2, now.date)]


def test_a_review_follows_its_opening_event_when_that_moves() -> None:
    held = event("stage-2", date(2025, 11, 10), "2025-10-10:stage-1")
    now = event("stage-2", date(2025, 11, 13), "2025-10-13:stage-1")
    assert pairs([row(1, held)], [now]) == [(1, now.date)]


def test_reviews_of_two_openings_are_two_events() -> None:
    held = event("stage-2", date(2025, 11, 10), "2025-10-10:stage-1")
    now = event("stage-2", date(2026, 3, 3), "2026-02-03:stage-1")
    assert pairs([row(1, held)], [now]) == []


def test_the_end_of_a_half_term_whose_dates_were_corrected_is_the_same() -> None:
    held = event("colour-letter", date(2025, 10, 24), "2025-09-03")
    now = event("colour-letter", date(2025, 10, 23), "2025-09-02")
    after = event("colour-letter", date(2025, 12, 19), "2025-11-03")
    assert pairs([row(1, held)], [now, after]) == [(1, now.date)]


def test_each_week_is_an_event_of_its_own() -> None:
    held = event("class-of-the-week", date(2025, 10, 10), "2025-10-06", pupil="5A")
    now = event("class-of-the-week", date(2025, 10, 17), "2025-10-13", pupil="5A")
    assert pairs([row(1, held)], [now]) == []


def test_an_event_of_a_class_is_found_by_its_class() -> None:
    held = replace(event("class-of-the-week", date(2025, 10, 10), "2025-10-06"), pupil_id=None, group="5A")
    assert pairs([row(1, held)], [held]) == [(1, held.date)]
    assert pairs([row(1, held)], [replace(held, group="5B")]) == []


@pytest.mark.parametrize(
    ("rule", "held_on", "now_on", "same"),
    [
        ("welfare-list", date(2025, 10, 10), date(2025, 10, 17), False),
        ("welfare-list", date(2025, 10, 10), date(2025, 10, 9), True),  # the Friday became an INSET day
        ("screening-1", date(2025, 10, 24), date(2025, 12, 19), False),
        ("screening-1", date(2025, 10, 24), date(2025, 10, 23), True),
        ("certificate-100", date(2025, 12, 19), date(2026, 3, 27), False),
    ],
)
def test_ends_of_two_periods_are_two_events_though_both_look_at_the_year_to_date(
    rule: str, held_on: date, now_on: date, same: bool
) -> None:
    start = date(2025, 9, 3)
    held = replace(event(rule, held_on, str(held_on)), window=(start, held_on))
    now = replace(event(rule, now_on, str(now_on)), window=(start, now_on))
    assert bool(pairs([row(1, held)], [now], CADLE)) == same


@pytest.mark.parametrize(("gap", "same"), [(1, True), (5, True), (6, False)])
def test_a_run_known_by_its_first_day_is_the_same_some_school_days_on(gap: int, same: bool) -> None:
    start = date(2025, 10, 6)
    later = [day for day in CALENDAR.school_days if day > start][gap - 1]
    held = event("no-contact", start, str(start), [f"{start} AM"], "N")
    now = event("no-contact", later, str(later), [f"{later} AM"], "N")
    assert bool(pairs([row(1, held)], [now], AYCLIFFE)) == same


def test_marks_that_each_have_an_event_of_their_own_stay_apart_on_one_day() -> None:
    day = date(2025, 10, 6)
    held = event("ruled-unauthorised", day, "2025-10-02:AM", ["2025-10-02 AM"])
    now = event("ruled-unauthorised", day, "2025-10-02:PM", ["2025-10-02 PM"])
    assert pairs([row(1, held)], [now], AYCLIFFE) == []


def test_a_withdrawn_event_returns_when_its_mark_is_corrected_back() -> None:
    held = event("late-letter", date(2025, 10, 6), "2025-09-03", TEN[:3], "L")
    gone = row(1, held, "withdrawn", date(2025, 10, 10))
    assert pairs([gone], [held]) == [(1, held.date)]
    earlier = event("late-letter", date(2025, 10, 9), "2025-09-03", TEN[1:4], "L")
    assert pairs([gone], [earlier]) == [(1, earlier.date)]


def test_what_happens_after_a_withdrawal_is_a_new_event() -> None:
    held = event("late-letter", date(2025, 10, 6), "2025-09-03", TEN[:3], "L")
    later = event("late-letter", date(2025, 10, 13), "2025-09-03", TEN[1:4], "L")
    assert pairs([row(1, held, "withdrawn", date(2025, 10, 10))], [later]) == []


def test_a_standing_event_goes_before_a_withdrawn_one_of_the_same_day() -> None:
    held = event("late-letter", date(2025, 10, 6), "2025-09-03", TEN[:3], "L")
    rows = [row(1, held, "withdrawn"), row(2, held)]
    assert pairs(rows, [held]) == [(2, held.date)]


def test_other_pupils_and_rules_never_meet() -> None:
    held = event("late-letter", date(2025, 10, 6), "2025-09-03", TEN[:3], "L")
    others = [
        event("late-letter", held.date, held.anchor, TEN[:3], "L", pupil="2"),
        event("late-meeting", held.date, held.anchor, TEN[:3], "L"),
    ]
    assert pairs([row(1, held)], others) == []


def test_no_event_goes_without_its_row_because_another_took_it() -> None:
    first = event("stage-4", date(2025, 10, 8), "2025-10-06", days(date(2025, 10, 6), 2))
    second = event("stage-4", date(2025, 10, 13), "2025-10-10", days(date(2025, 10, 10), 2))
    # both rows could be the later event, only the first row the earlier one
    near = event("stage-4", date(2025, 10, 10), "2025-10-07", ["2025-10-07 AM", "2025-10-10 AM"])
    far = event("stage-4", date(2025, 10, 6), "2025-10-03", ["2025-10-03 AM", "2025-10-06 AM"])
    assert pairs([row(1, first), row(2, second)], [near, far]) == [(1, far.date), (2, near.date)]


def test_a_row_gives_way_to_an_event_that_has_no_other() -> None:
    first = event("stage-4", date(2025, 10, 9), "2025-10-06", days(date(2025, 10, 6), 2))
    second = event("stage-4", date(2025, 10, 13), "2025-10-10", days(date(2025, 10, 10), 2))
    # the later event is nearer to the first row, and the earlier one has no other row
    near = event("stage-4", date(2025, 10, 10), "2025-10-07", ["2025-10-07 AM", "2025-10-10 AM"])
    far = event("stage-4", date(2025, 10, 6), "2025-10-03", ["2025-10-03 AM", "2025-10-06 AM"])
    assert pairs([row(1, first)], [near]) == [(1, near.date)]
    assert pairs([row(2, second)], [far]) == []
    assert pairs([row(1, first), row(2, second)], [near, far]) == [(1, far.date), (2, near.date)]


def late(day: date) -> Event:
    return event("late-letter", day, "2025-09-03", TEN[:3], "L")


def test_of_two_events_for_one_row_the_nearer_one_has_it() -> None:
    held, near, far = late(date(2025, 10, 7)), late(date(2025, 10, 8)), late(date(2025, 10, 10))
    assert pairs([row(1, held)], [near, far]) == [(1, near.date)]
    held, far, near = late(date(2025, 10, 10)), late(date(2025, 10, 7)), late(date(2025, 10, 9))
    assert pairs([row(1, held)], [near, far]) == [(1, near.date)]


def test_the_nearest_pair_goes_first_and_the_others_take_what_is_left() -> None:
    rows = [row(1, late(date(2025, 10, 7))), row(2, late(date(2025, 10, 6)))]
    now = [late(date(2025, 10, 8)), late(date(2025, 10, 13))]
    assert pairs(rows, now) == [(1, date(2025, 10, 8)), (2, date(2025, 10, 13))]


def test_each_rule_and_pupil_keeps_its_own() -> None:
    one, two = late(date(2025, 10, 7)), replace(late(date(2025, 10, 7)), rule="late-meeting")
    assert pairs([row(1, one), row(2, two)], [one, two]) == [(1, one.date), (2, two.date)]


sessions = st.lists(st.sampled_from(TEN + days(date(2025, 11, 3), 10)), min_size=1, max_size=8, unique=True)


@st.composite
def firings(draw: st.DrawFn) -> list[Event]:
    """Return firings of one rolling rule, spending their sessions."""
    marks = sorted(draw(sessions))
    size = draw(st.integers(1, 4))
    chunks = [marks[i : i + size] for i in range(0, len(marks) - size + 1, size)]
    return [event("stage-4", date.fromisoformat(c[-1][:10]), c[0][:10], c) for c in chunks]


@settings(max_examples=300)
@given(firings(), firings(), st.randoms())
def test_matching_uses_everything_once_and_does_not_depend_on_order(
    held: list[Event], now: list[Event], random: object
) -> None:
    rows = [row(number, one) for number, one in enumerate(held)]
    first = pairs(rows, now)
    shuffled_rows, shuffled_now = list(rows), list(now)
    random.shuffle(shuffled_rows)  # type: ignore[attr-defined]
    random.shuffle(shuffled_now)  # type: ignore[attr-defined]
    assert pairs(shuffled_rows, shuffled_now) == first
    for number, day in first:
        old = {mark[:2] for mark in held[number].sessions}
        assert any(old & {m[:2] for m in e.sessions} for e in now if e.date == day)


@settings(max_examples=200)
@given(firings())
def test_nothing_moves_when_nothing_changed(held: list[Event]) -> None:
    assert len(pairs([row(n, one) for n, one in enumerate(held)], held)) == len(held)


DAYS = [day for day in CALENDAR.school_days if day >= date(2025, 10, 6)][:10]
codes = st.lists(st.sampled_from("//IN"), min_size=10, max_size=10)


def of_days(marks: Sequence[str]) -> Register:
    """Return the register of one pupil with one code a day."""
    return build_register(
        pupils=[made_up_pupil(1)],
        calendar=CALENDAR,
        marks=[
            Mark("1", day, half, code)
            for day, code in zip(DAYS, marks, strict=False)
            for half in ("AM", "PM")
        ],
    )


def first_days(marks: Sequence[str]) -> list[int]:
    """Return the first day of each run of days without a reason."""
    return [n for n, code in enumerate(marks) if code == "N" and (n == 0 or marks[n - 1] != "N")]


def no_contact(number: int) -> Event:
    day = DAYS[number]
    return event("no-contact", day, str(day), [f"{day} AM", f"{day} PM"], "N")


@settings(max_examples=300)
@given(codes, codes, st.integers(1, 10))
def test_an_event_moves_along_one_absence_and_never_to_another(
    was: list[str], now: list[str], known: int
) -> None:
    """``was`` until the last run, of the first days only; ``now`` with corrections and the days since."""
    before = [*was[:known], *now[known:]]
    held, found = first_days(was[:known]), first_days(now)
    rows = [row(number, no_contact(n)) for number, n in enumerate(held)]
    matching = match(
        rows, [no_contact(n) for n in found], policy=AYCLIFFE, register=of_days(now), before=of_days(before)
    )

    def one_absence(old: int, new: int) -> bool:
        low, high = sorted((old, new))
        apart = "/" in now[low + 1 : high]
        shortened = apart and "/" not in before[low + 1 : high] and now[old] == "/"
        return shortened or not apart

    paired = {DAYS.index(one.date): DAYS.index(other.date) for one, other in matching.pairs}
    assert all(one_absence(old, new) for old, new in paired.items())
    assert all(paired.get(n) == n for n in set(held) & set(found))
    new = [DAYS.index(other.date) for other in matching.new]
    gone = [DAYS.index(one.date) for one in matching.gone]
    assert not [(o, n) for o in gone for n in new if one_absence(o, n) and abs(o - n) <= NEAR_DAYS]


@pytest.mark.parametrize(("rule", "policy"), [("no-contact", AYCLIFFE), ("late-letter", HCAT)])
def test_the_pupil_was_in_school_between_two_absences(rule: str, policy: Policy) -> None:
    """The rule on a run goes by the days between; one that counts in a half term by whether it lost every mark."""
    held, now = (event(rule, DAYS[n], "2025-09-03", [f"{DAYS[n]} AM"], "N") for n in (0, 3))
    in_school = of_days("I//N")
    assert pairs([row(1, held)], [now], policy, in_school) == []
    away = of_days("IIIN")
    assert pairs([row(1, held)], [now], policy, away) == [(1, now.date)]
