"""What people did is on record: a rule fires on its day, once; a pupil is back after a long absence; a month ends."""

from __future__ import annotations

from datetime import date

import pytest

from rules.evaluate import evaluate
from rules.events import Event
from rules.policy import Policy, PolicyError, load_policy, together
from rules.pupil_record import PupilRecord
from rules.register import Register
from tests.rules.test_kinds import CALENDAR, days, pack_of, register_of

UNTIL = date(2025, 12, 5)
INVITED = PupilRecord("p", "contract", date(2025, 9, 15), "c1", "invited", date(2025, 9, 25))
CONTRACT = pack_of(("asked", "recorded", '{ record = "contract", decision = ["invited"] }'))


def events(
    pack: Policy, *records: PupilRecord, codes: dict[date, str] | None = None, in_run: bool = True
) -> list[Event]:
    register: Register = register_of(codes or {}, UNTIL, pupil_records=records)
    return list(evaluate(register, pack, UNTIL, in_run=in_run).events)


def test_a_record_fires_on_its_day_with_its_dates_and_its_adult_and_only_in_a_run() -> None:
    (event,) = events(CONTRACT, INVITED)
    assert event.date == date(2025, 9, 15)
    assert event.anchor == "contract:2025-09-15:invited:c1"
    assert event.window == (date(2025, 9, 15), date(2025, 9, 15))
    figures = {k: v for k, v in event.figures.items() if k.startswith(("record", "contacts"))}
    assert figures == {
        "record_day": "2025-09-15",
        "record_start": "2025-09-25",
        "record_decision": "invited",
        "contacts": "c1",
    }
    assert events(CONTRACT, INVITED, in_run=False) == []


def test_two_records_of_one_day_decision_and_adult_are_one_and_another_adult_is_another() -> None:
    again = PupilRecord("p", "contract", INVITED.day, "c1", "invited", date(2025, 9, 26), note="typed twice")
    father = PupilRecord("p", "contract", INVITED.day, "c2", "invited")
    found = events(CONTRACT, INVITED, again, father)
    assert [event.anchor for event in found] == [
        "contract:2025-09-15:invited:c1",
        "contract:2025-09-15:invited:c2",
    ]
    assert found[0].figures["record_start"] == "2025-09-26", "the later one in the list"


@pytest.mark.parametrize(
    "other",
    [
        PupilRecord("p", "contract", date(2025, 9, 15), "", "signed"),
        PupilRecord("p", "meeting", date(2025, 9, 15), "", "invited"),
        PupilRecord("x", "contract", date(2025, 9, 15), "", "invited"),
        PupilRecord("p", "contract", date(2025, 12, 8), "", "invited"),
    ],
    ids=["another decision", "another kind", "another pupil", "a day to come"],
)
def test_any_other_record_is_not_meant(other: PupilRecord) -> None:
    assert events(CONTRACT, other) == []


def test_a_record_of_a_saturday_is_mondays_and_an_empty_list_of_decisions_takes_any() -> None:
    pack = pack_of(("told", "recorded", '{ record = "return-sent" }'))
    (event,) = events(pack, PupilRecord("p", "return-sent", date(2025, 9, 13), note="ten-day form"))
    assert event.date == date(2025, 9, 15)


def test_words_of_the_note_choose_the_record_in_capitals_or_not() -> None:
    pack = pack_of(
        ("panel", "recorded", '{ record = "meeting", decision = ["invited"], note_has = "panel" }')
    )
    panel = PupilRecord("p", "meeting", date(2025, 9, 15), "", "invited", note="Panel, governors asked")
    clinic = PupilRecord("p", "meeting", date(2025, 9, 16), "", "invited", note="clinic")
    assert [event.date for event in events(pack, panel, clinic)] == [date(2025, 9, 15)]


def test_a_review_comes_on_its_day_and_a_review_that_is_moved_comes_again() -> None:
    pack = pack_of(("look", "recorded", '{ record = "part-time", decision = ["agreed"], on = "review" }'))
    first = PupilRecord("p", "part-time", date(2025, 9, 15), "", "agreed", review=date(2025, 10, 11))
    moved = PupilRecord("p", "part-time", date(2025, 9, 15), "", "agreed", review=date(2025, 10, 16))
    without = PupilRecord("p", "part-time", date(2025, 9, 15), "", "agreed")
    assert [event.date for event in events(pack, first)] == [date(2025, 10, 13)], "moved from a Saturday"
    assert {event.anchor for event in events(pack, first)}.isdisjoint(e.anchor for e in events(pack, moved))
    assert events(pack, without) == []


def test_a_decision_that_cannot_come_of_the_record_is_named() -> None:
    with pytest.raises(
        PolicyError, match="'held' does not come of a contract: use invited, signed, declined"
    ):
        pack_of(("own", "recorded", '{ record = "contract", decision = ["held"] }'))


# --- back after a long absence ----------------------------------------------------------------------------

BACK = pack_of(("back", "back-after", '{ counted_as = "absent", school_days = 5 }'))


@pytest.mark.parametrize(
    ("last", "expected"),
    [(date(2025, 9, 11), []), (date(2025, 9, 12), ["2025-09-15"]), (date(2025, 9, 16), ["2025-09-17"])],
    ids=["four days", "five days", "seven days"],
)
def test_a_pupil_is_back_on_the_first_day_attended_after_enough_days_away(
    last: date, expected: list[str]
) -> None:
    away = dict.fromkeys(days(date(2025, 9, 8), last), "I")
    found = events(BACK, codes=away)
    assert [event.date.isoformat() for event in found] == expected
    for event in found:
        assert event.figures["count"] == len(away)
        assert (event.figures["away_from"], event.figures["away_to"]) == ("2025-09-08", last.isoformat())
        assert len(event.sessions) == 2 * len(away)
        assert event.window == (date(2025, 9, 8), event.date)


def test_days_that_are_not_possible_neither_break_nor_end_it() -> None:
    away = dict.fromkeys(days(date(2025, 9, 8), date(2025, 9, 12)), "I")
    closed = {date(2025, 9, 10): "Y1", date(2025, 9, 15): "Y1"}
    (event,) = events(BACK, codes={**away, date(2025, 9, 16): "I", **closed})
    assert (event.date, event.figures["count"]) == (date(2025, 9, 17), 5)


# --- a month ----------------------------------------------------------------------------------------------

MONTHLY = pack_of(("often", "period-end", '{ period = "month", unauthorised_to_date = 4 }'))


def test_at_each_months_end_those_with_enough_unauthorised_sessions_in_the_year_are_named() -> None:
    codes = {date(2025, 9, 15): "O", date(2025, 10, 6): "O"}
    assert [e.date for e in events(MONTHLY, codes=codes)] == [
        CALENDAR.last_school_day(date(2025, 10, 1), date(2025, 10, 31)),
        CALENDAR.last_school_day(date(2025, 11, 1), date(2025, 11, 30)),
    ]
    assert events(MONTHLY, codes={date(2025, 9, 15): "O"}) == [], "two sessions are not four"


# --- rules that only a run has ----------------------------------------------------------------------------


def test_a_rule_that_only_a_run_has_is_silent_when_a_register_is_evaluated_alone() -> None:
    (rule,) = BACK.rules
    only = BACK.model_copy(update={"rules": (rule.model_copy(update={"in_a_run_only": True}),)})
    away = dict.fromkeys(days(date(2025, 9, 8), date(2025, 9, 12)), "I")
    assert len(events(only, codes=away)) == 1
    assert events(only, codes=away, in_run=False) == []


@pytest.mark.parametrize("name", ["aycliffe-drive", "hcat", "aspire", "thringstone", "cadle", "england-2024"])
def test_each_rule_from_records_in_a_shipped_pack_has_a_letter_a_form_or_a_list(name: str) -> None:
    for rule in load_policy(name).rules:
        if rule.kind == "recorded":
            assert any(outcome.name for outcome in rule.outcomes), rule.id


def test_joint_enquiries_have_a_form_in_a_run_and_two_policies_make_one() -> None:
    away = CALENDAR.school_days[10:31]
    register = register_of(dict.fromkeys(away, "O"), UNTIL)
    both = together([load_policy("aspire"), load_policy("england-2024")])

    def found(*, in_run: bool) -> list[tuple[str, date]]:
        return [
            (event.rule, event.date)
            for pack in both
            for event in evaluate(register, pack, UNTIL, in_run=in_run).events
            if any(outcome.name == "joint-inquiry" for outcome in event.outcomes)
        ]

    assert found(in_run=True) == [("joint-inquiry", away[19])]
    assert found(in_run=False) == []
