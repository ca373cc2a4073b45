"""Whether two events rest on one absence or on two, a mark at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from connector.ledger.same_absence import Absences
from rules.events import CountedMark, Event
from rules.policy import Policy
from rules.register import Register, build_register
from rules.rule.outcome import NOTE
from rules.school import Mark, Session
from tests.connector.ledger.test_match import CADLE, DAYS, HCAT
from tests.connector.memory_mis import CALENDAR, made_up_pupil
from tests.connector.run.test_two_absences import own

SESSIONS = own('{ codes = ["N"], once_per = "block" }', "day").policy
"""A rule that fires once in a run of sessions."""
WHOLE_DAYS = own('{ codes = ["N"], once_per = "run" }', "day").policy
"""A rule that fires once in a run of days."""
COUNT = own('{ codes = ["N"], at_least = 2, within = "year" }', "count").policy

ROLLING = own('{ codes = ["N"], at_least = 2, within = "weeks", weeks = 2 }', "count").policy


def register(*days: str) -> Register:
    """Return the register of one pupil, each day as one code, or two for its morning and afternoon."""
    return build_register(
        pupils=[made_up_pupil(1)],
        calendar=CALENDAR,
        marks=[
            Mark("1", day, half, code)
            for day, codes in zip(DAYS, days, strict=False)
            for half, code in zip(("AM", "PM"), codes * (3 - len(codes)), strict=True)
        ],
    )


def event(*counted: str, day: int | None = None) -> Event:
    """Return an event of such sessions as "0 AM", of the day of the last one."""
    marks = tuple(CountedMark(DAYS[int(one[0])], one[2:], "N") for one in counted)  # type: ignore[arg-type]
    return Event(
        "own-rule", DAYS[int(counted[-1][0]) if day is None else day], "", (NOTE,), "1", sessions=marks
    )


def parted(
    policy: Policy, was: Event, now: Event, after: Sequence[str], before: Sequence[str] | None = None
) -> bool:
    absences = Absences(register(*after), policy, None if before is None else register(*before))
    return absences.separate(was, now)


@pytest.mark.parametrize(
    ("was", "now", "marks", "two"),
    [
        (event("0 AM"), event("2 AM"), "I/N", True),
        (event("0 AM"), event("2 AM"), "IIN", False),  # not in school between them
        (event("0 AM", "1 AM"), event("3 AM"), "/N/N", False),  # one of its marks stands
        (event("0 AM", "3 AM"), event("0 AM", "4 AM"), "O/I/N", False),  # both count one session
        (event(day=0), event("2 AM"), "I/N", False),  # nothing was counted
        (event("0 AM"), event(day=2), "I/N", False),
    ],
)
def test_what_counts_in_a_period_is_another_once_every_mark_of_it_was_changed(
    was: Event, now: Event, marks: str, two: bool
) -> None:
    assert parted(COUNT, was, now, marks) is two


@pytest.mark.parametrize(
    ("was", "now", "marks", "two"),
    [
        (event("0 AM"), event("2 AM"), ["N", "/", "N"], True),
        (event("0 AM"), event("2 AM"), ["N", "I", "N"], False),
        # from the first mark that stands, and where none does from the last that was counted
        (event("0 AM", "1 AM"), event("2 AM"), ["N", "/", "N"], True),
        (event("0 AM", "1 AM", "2 AM", day=0), event("4 AM"), ["I", "I", "/I", "I", "N"], False),
        # up to the first session that is counted now, whatever the day of the event
        (event("0 AM"), event("2 AM", day=4), ["N", "I", "N", "/", "N"], False),
        # where nothing was counted, from the morning of its day
        (event(day=0), event("2 AM"), ["N/", "I", "N"], True),
        (event(day=0), event("2 AM"), ["/N", "I", "N"], False),
        (event("0 AM"), event(day=2), ["N", "I/", "N"], True),
        (event("0 AM"), event(day=2), ["N", "I", "/N"], False),
    ],
)
def test_a_run_of_sessions_ends_with_a_session_in_school(
    was: Event, now: Event, marks: Sequence[str], two: bool
) -> None:
    assert parted(SESSIONS, was, now, marks) is two


@pytest.mark.parametrize(
    ("was", "now", "marks", "two"),
    [
        (event("0 AM"), event("1 PM"), ["N/", "/N"], False),
        (event("0 AM"), event("2 PM"), ["N/", "I", "/N"], False),
        (event("0 AM"), event("2 PM"), ["N", "I/", "N"], True),
    ],
)
def test_a_run_of_days_does_not_end_within_its_own_days(
    was: Event, now: Event, marks: Sequence[str], two: bool
) -> None:
    assert parted(WHOLE_DAYS, was, now, marks) is two


@pytest.mark.parametrize(
    ("was", "now", "after", "before", "two"),
    [
        (event("0 AM"), event("2 AM"), ["/", "/", "N"], ["N", "N", "N"], False),  # it is shorter
        (event("0 AM"), event("2 AM"), ["I", "/", "N"], ["N", "N", "N"], True),  # it is split
        (event("0 AM"), event("2 AM"), ["/", "/", "N"], ["N", "/", "N"], True),  # it was two before
        (event("0 AM", "1 AM"), event("3 AM"), ["I", "/", "/", "N"], ["N", "N", "N", "N"], True),
        (event("1 AM"), event("3 AM"), ["I", "/", "/", "N"], ["I", "N", "N", "N"], False),  # of another day
        (
            event("1 AM"),
            event("3 AM"),
            ["I", "/I", "/", "N"],
            ["I", "N", "N", "N"],
            False,
        ),  # of its afternoon
    ],
)
def test_a_correction_shortens_an_absence_or_splits_it(
    was: Event, now: Event, after: Sequence[str], before: Sequence[str], two: bool
) -> None:
    assert parted(SESSIONS, was, now, after, before) is two


def test_the_ends_of_periods_are_never_told_apart_by_marks() -> None:
    rule = next(rule.id for rule in CADLE.rules if rule.when.tested_at_end_of == "term")
    was, now = replace(event("0 AM"), rule=rule), replace(event("2 AM"), rule=rule)
    assert not parted(CADLE, was, now, "I/N")


WHOLE = register("N", "N", "N", "/", "N")


@pytest.mark.parametrize(
    ("policy", "was", "other", "joined"),
    [
        (SESSIONS, event("1 AM"), event("0 AM"), True),
        (SESSIONS, event("4 AM"), event("0 AM"), False),  # the pupil was in school between them
        (SESSIONS, event("1 AM"), event("2 AM"), False),
        (SESSIONS, event("1 AM"), event("1 AM"), False),
        (SESSIONS, event("1 AM"), replace(event("0 AM"), rule="other"), False),
        (SESSIONS, event("1 AM"), replace(event("0 AM"), pupil_id="2"), False),
        (SESSIONS, event("3 AM"), event("2 AM"), False),  # its mark was changed
        (SESSIONS, event(day=1), event("0 AM"), False),
        (SESSIONS, replace(event("1 AM"), rule="gone"), replace(event("0 AM"), rule="gone"), False),
        (SESSIONS, replace(event("1 AM"), pupil_id="9"), replace(event("0 AM"), pupil_id="9"), False),
        (COUNT, event("1 AM"), event("0 AM"), False),
        # a rolling count: from the last session that the earlier one counted
        (ROLLING, event("1 AM"), event("0 AM"), True),
        (ROLLING, event("4 AM"), event("2 AM"), False),  # the pupil was in school between them
        (ROLLING, event("4 PM"), event("0 AM", "2 AM", "4 AM", day=3), True),
        (ROLLING, event("1 AM"), event(day=0), False),  # nothing was counted
    ],
)
def test_an_absence_is_joined_to_one_of_the_same_rule_and_pupil_that_began_earlier(
    policy: Policy, was: Event, other: Event, joined: bool
) -> None:
    assert Absences(WHOLE, policy).joined(was, [other]) is joined


def test_a_rolling_counts_absence_ends_with_one_session_in_school_on_its_own_days() -> None:
    for days, joined in ((["N", "N"], True), (["N/", "N"], False), (["N", "/N"], False)):
        absences = Absences(register(*days), ROLLING)
        assert absences.joined(event("1 PM"), [event("0 AM")]) is joined


@pytest.mark.parametrize(
    ("policy", "pupil", "session", "lost"),
    [
        (SESSIONS, "1", Session(DAYS[0], "AM"), True),
        (SESSIONS, "1", Session(DAYS[0], "PM"), False),
        (SESSIONS, "2", Session(DAYS[0], "AM"), False),
        (COUNT, "1", Session(DAYS[0], "AM"), False),
    ],
)
def test_a_run_loses_a_mark_that_it_counted(policy: Policy, pupil: str, session: Session, lost: bool) -> None:
    assert Absences(WHOLE, policy).lost_a_mark(event("0 AM"), {(pupil, session)}) is lost


def test_a_rule_that_comes_with_another_one_happens_by_that_ones_condition() -> None:
    absences = Absences(WHOLE, HCAT)
    assert absences.condition("second-notice") is HCAT.rule("stage-4").when
    assert absences.condition("stage-4") is HCAT.rule("stage-4").when
    assert absences.condition("gone") is None
