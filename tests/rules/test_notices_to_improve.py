"""What the events about notices to improve carry, and when one asks for a person's look."""

from __future__ import annotations

from datetime import date

import pytest

from rules.calendar import Calendar
from rules.cases import STANDARD_CALENDAR
from rules.describe import describe_rule
from rules.evaluate import evaluate
from rules.events import Event
from rules.explain import explain
from rules.policy import PolicyError, load_policy
from rules.register import Register, build_register
from rules.school import Mark, NoticeToImprove, Pupil
from tests.rules.test_kinds import pack_of

CALENDAR = Calendar(STANDARD_CALENDAR)
LAW = load_policy("england-2024")
ISSUED = date(2025, 11, 7)
LAST = date(2025, 11, 28)
CODES = 'codes = ["G", "N", "O", "U"]'


def register(
    codes: dict[date, str], *notices: NoticeToImprove, until: date = LAST, **facts: object
) -> Register:
    """One pupil of school age, present but for days with a code of their own (both sessions)."""
    pupil = Pupil("p", **{"date_of_birth": date(2016, 3, 1), **facts})  # type: ignore[arg-type]
    marks = [Mark("p", s.date, s.half, codes.get(s.date, "/")) for s in CALENDAR.sessions if s.date <= until]
    return build_register(pupils=[pupil], calendar=CALENDAR, marks=marks, notices_to_improve=notices)


def the_event(rule: str, held: Register) -> Event:
    (event,) = [event for event in evaluate(held, LAW).events if event.rule == rule]
    return event


def doubt_of(rule: str, held: Register) -> str:
    return LAW.rule(rule).when.doubt(the_event(rule, held).figures)


NOTICE = NoticeToImprove("p", ISSUED, weeks=3, allowed=2)


def test_on_its_day_it_carries_its_period_and_what_led_to_it() -> None:
    event = the_event("notice-to-improve", register({date(2025, 9, 8): "O", date(2025, 9, 9): "I"}, NOTICE))
    assert event.date == ISSUED
    assert event.sessions == ()
    assert event.window == (ISSUED, ISSUED)
    assert event.per_parent
    assert event.figures == {
        "notice_date": "2025-11-07", "notice_weeks": 3, "notice_allowed": 2,
        "notice_from": "2025-11-10", "notice_to": "2025-11-28",
        "count": 2, "count_from": "2025-09-01", "holiday": 0, "of_age": 1,
        "attendance_percent": "95.5", "attended": 86, "possible": 90,
    }  # fmt: skip


def test_what_led_to_it_may_lie_in_the_year_before_within_the_weeks_of_the_national_threshold() -> None:
    may, july = date(2026, 5, 11), date(2026, 7, 20)
    held = register(
        {may: "O", july: "O"}, NoticeToImprove("p", date(2026, 9, 11), 3), until=date(2026, 9, 11)
    )
    event = the_event("notice-to-improve", held)
    # ten school weeks: the two of September and the eight before them, from 1 June on
    assert (event.figures["count"], event.figures["count_from"]) == (2, "2026-06-01")


def test_broken_it_carries_the_sessions_since_and_says_how_many_were_allowed() -> None:
    event = the_event("notice-broken", register({date(2025, 11, 10): "O", date(2025, 11, 12): "N"}, NOTICE))
    assert event.date == date(2025, 11, 12)
    assert [(mark.date.day, mark.half, mark.code) for mark in event.sessions] == [
        (10, "AM", "O"), (10, "PM", "O"), (12, "AM", "N"), (12, "PM", "N"),
    ]  # fmt: skip
    assert event.window == (date(2025, 11, 10), date(2025, 11, 12))
    assert event.legal
    figures = event.figures
    assert (figures["count"], figures["notice_allowed"], figures["opened"]) == (4, 2, "2025-11-07")


def test_kept_it_carries_the_sessions_since_as_a_number() -> None:
    event = the_event("notice-kept", register({date(2025, 11, 10): "O"}, NOTICE))
    assert (event.date, event.sessions, event.figures["count"]) == (LAST, (), 2)
    assert event.window == (date(2025, 11, 10), LAST)
    assert event.figures["possible_since"] == 30


def test_where_the_calendar_ends_first_no_last_day_is_given() -> None:
    held = register({}, NoticeToImprove("p", date(2026, 12, 4), 6), until=date(2026, 12, 18))
    figures = the_event("notice-to-improve", held).figures
    assert figures["notice_from"] == "2026-12-07"
    assert "notice_to" not in figures


@pytest.mark.parametrize(
    ("given", "contacts"),
    [(("", "c1"), None), (("c2", "c1"), "c1,c2"), (("c1",), "c1")],
)
def test_a_notice_to_two_parents_on_one_day_is_one_event(
    given: tuple[str, ...], contacts: str | None
) -> None:
    notices = [NoticeToImprove("p", ISSUED, 3, 2, contact_id) for contact_id in given]
    event = the_event("notice-to-improve", register({}, *notices))
    assert event.figures.get("contacts") == contacts


def test_two_notices_of_one_day_with_other_terms_are_two_events_with_anchors_of_their_own() -> None:
    held = register({}, NoticeToImprove("p", ISSUED, 3, 2), NoticeToImprove("p", ISSUED, 6, 0))
    anchors = [event.anchor for event in evaluate(held, LAW).events if event.rule == "notice-to-improve"]
    assert anchors == ["2025-11-07:3:2", "2025-11-07:6:0"]


def test_a_notice_of_another_pupil_or_of_nobody_known_is_not_this_ones() -> None:
    held = register({}, NoticeToImprove("q", ISSUED, 3))
    assert evaluate(held, LAW).events == ()


@pytest.mark.parametrize(
    ("codes", "born", "look"),
    [
        ({date(2025, 9, 8): "G", date(2025, 9, 9): "G"}, date(2016, 3, 1), "every unauthorised session is holiday"),
        ({date(2025, 9, 8): "G", date(2025, 9, 9): "O"}, date(2016, 3, 1), None),
        ({date(2025, 9, 8): "I"}, date(2016, 3, 1), "no unauthorised session"),
        ({date(2025, 9, 8): "O"}, date(2021, 3, 1), "not of compulsory school age"),
        ({date(2025, 9, 8): "O"}, date(2020, 8, 31), None),
    ],
)  # fmt: skip
def test_a_notice_that_no_penalty_notice_could_follow_asks_for_a_look(
    codes: dict[date, str], born: date, look: str | None
) -> None:
    doubt = doubt_of("notice-to-improve", register(codes, NOTICE, date_of_birth=born))
    assert (look in doubt) if look else not doubt


@pytest.mark.parametrize(
    ("codes", "look"),
    [
        (dict.fromkeys([d for d in CALENDAR.school_days if ISSUED < d <= LAST], "Y4"), "no session of the notice's period was possible"),
        (dict.fromkeys([d for d in CALENDAR.school_days if ISSUED < d < LAST], "Y4"), None),
    ],
)  # fmt: skip
def test_a_family_is_not_thanked_unseen_where_nothing_was_possible(
    codes: dict[date, str], look: str | None
) -> None:
    doubt = doubt_of("notice-kept", register(codes, NOTICE))
    assert (look in doubt) if look else not doubt


def test_an_explanation_says_where_each_notice_stands() -> None:
    held = register({date(2025, 11, 10): "O"}, NOTICE, until=date(2025, 11, 14))
    rows = {row.rule: row for row in explain(held, LAW, "p", date(2025, 11, 14))}
    assert rows["notice-broken"].now.startswith(
        "Notice to improve of 7 November 2025, up to 28 November 2025: 2 such sessions since, 2 allowed."
    )
    assert "17 November 2025 if the next session carries" in rows["notice-broken"].coming
    assert "28 November 2025 even if every session" in rows["notice-kept"].coming
    none = {row.rule: row for row in explain(register({}), LAW, "p", LAST)}
    assert none["notice-broken"].now.startswith("No notice to improve is on record.")
    assert none["notice-broken"].coming == "It fires only where a notice to improve is on record."


def test_a_policy_in_sentences_says_that_its_letters_wait_for_the_head() -> None:
    for rule in LAW.rules:
        waits = any("wait for the head" in line for line in describe_rule(rule))
        assert waits is (rule.id in ("notice-to-improve", "contract-not-kept"))


def test_the_rule_for_a_kept_notice_names_the_one_for_a_broken_notice() -> None:
    for when in (f'{{ on = "kept", {CODES} }}', f'{{ on = "broken", {CODES}, unless = "own" }}'):
        with pytest.raises(PolicyError, match="goes with on = "):
            pack_of(("own", "notice-to-improve", when))
    with pytest.raises(PolicyError, match="which this pack does not have"):
        pack_of(("own", "notice-to-improve", f'{{ on = "kept", {CODES}, unless = "other" }}'))
    with pytest.raises(PolicyError, match="'Q9' is not an attendance code"):
        pack_of(("own", "notice-to-improve", '{ on = "broken", codes = ["Q9"] }'))
