"""Letters and forms that follow from what people put on record, from the record to the filled document."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from letters.compose import Composed, compose
from rules.evaluate import evaluate
from rules.pupil_record import PupilRecord
from rules.school import Pupil
from tests.letters.letter_school import (
    DAY,
    KEY,
    LONG,
    SCHOOL,
    YOUNG,
    letters_of,
    policy,
    register,
    tally,
    templates,
)
from tests.letters.test_compose import text_of

MEETING = date(2025, 12, 12)


def from_record(pack: str, rule: str, kind: str, decision: str, **facts: object) -> Composed:
    """Return what a record of the long-named pupil brings, judged and composed as in a run."""
    record = PupilRecord("1", kind, DAY, decision=decision, **facts)  # type: ignore[arg-type]
    held = replace(register(), pupil_records=(record,))
    (event,) = [e for e in evaluate(held, policy(pack), DAY, in_run=True).events if e.rule == rule]
    return compose(
        event, register=held, tally=tally(), policy=policy(pack), school=SCHOOL, templates=templates(), key=KEY,
        on=DAY + timedelta(days=1),
    )  # fmt: skip


def texts(made: Composed, name: str) -> list[str]:
    """Return the texts of the documents of that name."""
    return [text_of(document.content) for document in made.documents if document.outcome.name == name]


def test_an_invitation_to_a_contract_says_that_it_is_voluntary_and_goes_to_each_household_with_one_form() -> (
    None
):
    made = from_record("aspire", "contract-invitation", "contract", "invited", start=MEETING)
    letters = texts(made, "contract-invitation")
    assert len(letters) == 2
    for said in letters:
        assert "not a punishment, and it is not binding in law" in said
        assert "on Friday 12 December 2025" in said
        assert "108 of 126 sessions" in said
        assert "up to and including 5 December 2025" in said
    (form,) = texts(made, "attendance-contract")
    assert "For Exampleton City Council" in form
    assert made.held is None


def test_it_goes_only_to_the_adult_whom_the_record_names() -> None:
    made = from_record("aspire", "contract-invitation", "contract", "invited", contact_id="c3")
    (letter,) = [one for one in made.documents if one.outcome.kind == "letter"]
    assert letter.contact_ids == ("c3",)


def test_without_a_day_of_the_meeting_none_is_made_up() -> None:
    said = texts(from_record("aspire", "contract-invitation", "contract", "invited"), "contract-invitation")[
        0
    ]
    assert "We would like to write it with you on" not in said
    assert "to choose a time" in said


@pytest.mark.parametrize(("start", "named"), [(DAY + timedelta(days=1), True), (DAY, False)])
def test_a_letter_that_is_made_late_names_no_meeting_that_is_over(start: date, named: bool) -> None:
    made = from_record("aycliffe-drive", "panel-invitation", "meeting", "invited", start=start, note="panel")
    for said in texts(made, "panel-invitation"):
        assert ("The panel meets on" in said) == named
        assert ("to choose a time" in said) != named


def test_a_panel_invitation_names_the_governor_and_brings_the_agenda() -> None:
    made = from_record(
        "aycliffe-drive", "panel-invitation", "meeting", "invited", start=MEETING, note="Panel"
    )
    assert all(
        "a school governor will be there" in said and "The panel meets on Friday 12 December 2025." in said
        for said in texts(made, "panel-invitation")
    )
    (agenda,) = texts(made, "panel-notes")
    assert "School governor" in agenda
    assert "on Friday 12 December 2025" in agenda


def test_a_meeting_that_was_missed_names_its_day_and_the_new_one() -> None:
    made = from_record("hcat", "meeting-missed", "meeting", "missed", review=MEETING)
    for said in texts(made, "meeting-missed"):
        assert "We had hoped to meet you on Friday 5 December 2025" in said
        assert "We have kept Friday 12 December 2025 free" in said
    contract = from_record("aspire", "contract-missed", "meeting", "missed", note="attendance contract")
    assert len(texts(contract, "contract-missed")) == 2


def test_a_missed_meeting_about_a_contract_brings_one_letter_and_not_two() -> None:
    record = PupilRecord("1", "meeting", DAY, decision="missed", note="Attendance contract, nobody came")
    held = replace(register(), pupil_records=(record,))
    found = {e.rule for e in evaluate(held, policy("aspire"), DAY, in_run=True).events if e.date == DAY}
    assert "contract-missed" in found
    assert "meeting-missed" not in found


@pytest.mark.parametrize("decision", ["agreed", "refused", "withdrawn"])
def test_each_answer_about_lunch_time_has_its_letter(decision: str) -> None:
    made = from_record(
        "aspire", f"lunch-leave-{decision}", "lunch-leave", decision, start=MEETING, end=date(2026, 2, 13)
    )
    said = texts(made, f"lunch-leave-{decision}")[0]
    words = {
        "agreed": "We have agreed to it.",
        "refused": "we cannot agree to it",
        "withdrawn": "We have taken this leave back on Friday 5 December 2025",
    }
    assert words[decision] in said
    assert ("12 December 2025" in said) == (decision == "agreed")


def test_medical_information_is_asked_before_anything_is_decided_and_only_from_a_talk_on_record() -> None:
    made = from_record(
        "thringstone", "medical-information", "contact", "answered", note="Asked about medical information"
    )
    said = texts(made, "medical-information")[0]
    assert "before we decide anything" in said
    assert "Please do not ask your doctor for a new letter" in said
    assert policy("thringstone").rule("medical-information").release == "head"


@pytest.mark.parametrize(("pupil", "law"), [(LONG, True), (YOUNG, False)], ids=["of age", "under age"])
def test_a_contract_that_was_not_kept_names_the_law_only_for_a_pupil_of_age(pupil: Pupil, law: bool) -> None:
    said = text_of(letters_of("aspire", "contract-not-kept", pupil).documents[0].content)
    assert ("section 444" in said) == law


def test_the_plan_for_coming_back_names_the_days_away() -> None:
    said = text_of(letters_of("aspire", "reintegration").documents[0].content)
    assert "after 15 school days away, from 10 November 2025 to 4 December 2025" in said


def test_a_part_time_return_names_its_day_and_when_it_is_due() -> None:
    said = text_of(letters_of("aycliffe-drive", "part-time-return").documents[0].content)
    assert "A part-time timetable begins for the pupil named here." in said
    assert "This return is due by Wednesday 10 December 2025." in said


def test_a_new_family_is_welcomed_in_welsh_and_english_in_wales() -> None:
    said = text_of(letters_of("cadle", "welcome").documents[0].content)
    assert "Croeso i’n hysgol" in said
    assert "Welcome to our school" in said
    assert "Welcome" in text_of(letters_of("aycliffe-drive", "welcome").documents[0].content)
