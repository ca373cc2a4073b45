"""Merge fields about notices to improve and returns, filled from events as the rules give them."""

from __future__ import annotations

from datetime import date

import pytest

from letters.facts import Facts
from letters.fields import registry
from letters.template.segments import Value
from rules.evaluate import evaluate
from rules.policy import load_policy
from rules.register import Register
from rules.school import NoticeToImprove
from rules.statistics import Tally
from tests.letters.letter_school import KEY, SCHOOL
from tests.rules.test_notices_to_improve import ISSUED, LAST, register

LAW = load_policy("england-2024")
NOTICE = NoticeToImprove("p", ISSUED, weeks=3, allowed=2)


def filled(rule: str, held: Register, *names: str) -> list[Value]:
    (event,) = [event for event in evaluate(held, LAW).events if event.rule == rule]
    facts = Facts(event, held, Tally(held, since=LAW.start), LAW, SCHOOL, KEY, event.date)
    fields = [registry.find(name) for name in names]
    return [field.fill(facts) for field in fields if field is not None]


def test_the_period_of_a_notice_and_what_it_allows() -> None:
    names = (
        "notice_date",
        "notice_from",
        "notice_to",
        "notice_weeks",
        "notice_allowed",
        "notice_allowed_text",
    )
    assert filled("notice-to-improve", register({}, NOTICE), *names) == [
        ISSUED, date(2025, 11, 10), LAST, "3 school weeks", 2, "2 sessions",
    ]  # fmt: skip


@pytest.mark.parametrize(("allowed", "words"), [(0, "no session"), (1, "1 session"), (2, "2 sessions")])
def test_sessions_allowed_in_words(allowed: int, words: str) -> None:
    held = register({}, NoticeToImprove("p", ISSUED, 3, allowed))
    names = ("notice_allowed_text", "if_notice_allows_none", "if_notice_allows_some")
    assert filled("notice-to-improve", held, *names) == [words, allowed == 0, allowed > 0]


def test_what_led_to_a_notice_is_listed_unauthorised_sessions_only() -> None:
    held = register({date(2025, 9, 8): "O", date(2025, 9, 9): "I"}, NOTICE)
    rows, first, last = filled("notice-to-improve", held, "counted_spells", "counted_from", "counted_to")
    assert [row["session_code"] for row in rows] == ["O"]  # type: ignore[union-attr,index]
    assert (first, last) == (date(2025, 9, 1), ISSUED)


@pytest.mark.parametrize(
    ("before", "since", "better"),
    [
        # 90 sessions before it and 30 in its period: six and two missed are the same share, eight and two are less
        ((date(2025, 9, 8), date(2025, 9, 9)), (), True),
        ((date(2025, 9, 8), date(2025, 9, 9), date(2025, 9, 10)), (date(2025, 11, 10),), False),
        ((date(2025, 9, 8), date(2025, 9, 9), date(2025, 9, 10), date(2025, 9, 11)), (date(2025, 11, 10),), True),
        ((), (), False),
    ],
)  # fmt: skip
def test_a_thank_you_says_what_became_better_only_where_a_smaller_share_was_missed(
    before: tuple[date, ...], since: tuple[date, ...], better: bool
) -> None:
    held = register(dict.fromkeys((*before, *since), "I"), NOTICE)
    then, now, less = filled("notice-kept", held, "before_missed_text", "since_missed_text", "if_missed_less")
    assert (then, less) == (f"{2 * len(before)} sessions", better)
    assert now == (f"{2 * len(since)} sessions" if since else "no session")


def test_over_the_summer_the_year_before_is_the_one_of_the_notice() -> None:
    held = register(
        {date(2026, 6, 8): "I", date(2026, 9, 2): "I"},
        NoticeToImprove("p", date(2026, 7, 10), 3),
        until=date(2026, 9, 4),
    )
    assert filled("notice-kept", held, "before_missed_text", "since_missed_text") == [
        "2 sessions",
        "2 sessions",
    ]


def test_sessions_since_a_broken_notice_and_its_form() -> None:
    held = register({date(2025, 11, 10): "O", date(2025, 11, 12): "N"}, NOTICE)
    names = (
        "count_text",
        "notice_sessions_text",
        "counted_from",
        "counted_to",
        "if_notice_to_improve",
        "if_no_notice_to_improve",
    )
    assert filled("notice-broken", held, *names) == [
        "4 sessions", "4 sessions", date(2025, 11, 10), date(2025, 11, 12), True, False,
    ]  # fmt: skip
