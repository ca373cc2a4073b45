"""The letters and forms of the statutory pack: a notice to improve has its eight parts, a form names the notice."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date

import pytest
from docx import Document

from letters.compose import compose
from rules.evaluate import evaluate
from rules.pupil_record import PupilRecord
from rules.school import NoticeToImprove, Pupil
from tests.letters.letter_school import (
    KEY,
    LONG,
    SCHOOL,
    YOUNG,
    letters_of,
    made_up_event,
    policy,
    register,
    tally,
    templates,
)
from tests.letters.test_compose import text_of

EIGHT_PARTS = [
    "Attendance so far",
    "Why attendance matters, and your duty",
    "Support given so far",
    "Support that is open to you",
    "What may follow",
    "The period",
    "What is enough improvement",
    "When a step may come sooner",
]


def text(rule: str, pupil: Pupil = LONG, **figures: str | int) -> str:
    """Return the text of the first document of a rule's made-up event, with some figures of its own."""
    pack = policy("england-2024")
    event = made_up_event(pack, pack.rule(rule), pupil)
    made = letters_of("england-2024", rule, pupil, figures={**event.figures, **figures})
    return text_of(made.documents[0].content)


def headings(content: bytes) -> list[str]:
    return [p.text for p in Document(io.BytesIO(content)).paragraphs if p.style.name == "Heading 2"]


def test_a_notice_to_improve_has_its_eight_parts_each_under_its_heading_and_goes_to_each_parent() -> None:
    made = letters_of("england-2024", "notice-to-improve").documents
    assert len(made) == 3, "each parent a letter of their own, two of one household too"
    for document in made:
        assert headings(document.content)[:8] == EIGHT_PARTS


def test_it_names_the_period_with_both_days_the_duty_and_what_is_allowed() -> None:
    said = text("notice-to-improve")
    assert "from Monday 10 November 2025 to Friday 19 December 2025, both days included" in said
    assert "for 6 school weeks" in said
    assert "(Education Act 1996, section 7)" in said
    assert "(section 444)" in said
    assert "no unauthorised absence in that time" in said
    assert "We will tell you before" in said
    assert "interpreter" in said
    assert "Reply slip" in said


@pytest.mark.parametrize(
    ("allowed", "words"), [(1, "is not more than 1 session."), (4, "is not more than 4 sessions.")]
)
def test_sessions_that_are_allowed_are_named(allowed: int, words: str) -> None:
    said = text("notice-to-improve", notice_allowed=allowed)
    assert words in said
    assert "no unauthorised absence in that time" not in said


def test_without_a_last_day_in_the_calendar_no_day_is_made_up() -> None:
    said = text("notice-to-improve", notice_to="", notice_from="")
    assert "This notice is for 6 school weeks. Weeks of school holiday do not count." in said
    assert "what we need to see." in said


def test_parents_of_a_child_under_age_read_nothing_of_the_law() -> None:
    said = text("notice-to-improve", YOUNG)
    for word in ("section", "penalty", "court", "£"):
        assert word not in said


def test_a_consideration_form_names_the_notice_that_was_broken() -> None:
    said = text("notice-broken", notice_allowed=2)
    assert "The notice to improve of 7 November 2025 has been broken." in said
    assert "6 school weeks: 10 November 2025 to 19 December 2025, both days included" in said
    assert "2 sessions" in said
    assert "the parent is told before" in said
    assert "The national threshold has been reached" not in said
    assert "sessions in  school weeks" not in said
    threshold = text("penalty-threshold")
    assert "The national threshold has been reached" in threshold
    assert "10 sessions in 10 school weeks" in threshold
    assert "notice to improve of" not in threshold


def test_a_thank_you_says_in_whole_numbers_what_became_better_and_has_no_scale_and_no_warning() -> None:
    said = text("notice-kept")
    assert "On 7 November 2025 we sent you a notice to improve. Its time ended on 19 December 2025" in said
    assert f"{LONG.forename}: well done, and thank you." in said
    for word in ("%", "section", "penalty", "below", "other pupils"):
        assert word not in said


def test_the_returns_name_the_day_by_which_they_are_due_and_leave_room_for_what_the_register_lacks() -> None:
    joined, left = text("new-pupil-return"), text("deletion-return")
    assert "This return is due by Wednesday 10 December 2025." in joined
    assert "Last school attended" in joined
    assert "This return is due when the name is deleted: by Wednesday 10 December 2025." in left
    assert "Ground (SI 2024/208, regulation 9)" in left
    assert "New home: where, with whom, from when" in left
    for said in (joined, left):
        assert LONG.legal_forename in said
        assert "Emergency telephone of each adult" in said


def test_a_summary_says_the_days_first_and_has_no_scale_and_no_law() -> None:
    said = text("summary")
    assert "school days missed so far" in said
    assert "It is for you to know, and blames nobody" in said
    for word in ("%", "section", "penalty", "Band"):
        assert word not in said


def test_a_notice_to_one_parent_makes_one_letter() -> None:
    pack = policy("england-2024")
    event = made_up_event(pack, pack.rule("notice-to-improve"), LONG)
    made = letters_of("england-2024", "notice-to-improve", figures={**event.figures, "contacts": "c2"})
    assert [document.contact_ids for document in made.documents] == [("c2",)]


def test_a_notice_of_a_register_fills_its_letter_and_nothing_is_left_open() -> None:
    pack = policy("england-2024")
    notice = NoticeToImprove(LONG.pupil_id, date(2025, 11, 7), 6)
    held = replace(register("england"), notices_to_improve=(notice,))
    (event,) = [event for event in evaluate(held, pack).events if event.rule == "notice-to-improve"]
    made = compose(
        event, register=held, tally=tally("england"), policy=pack, school=SCHOOL, templates=templates(), key=KEY
    )  # fmt: skip
    said = text_of(made.documents[0].content)
    assert "from Monday 10 November 2025 to Friday 19 December 2025, both days included" in said
    assert "«" not in said


@pytest.mark.parametrize(
    ("pack", "rule"),
    [("england-2024", "joint-inquiry"), ("aspire", "joint-inquiry"), ("aspire", "joint-inquiry-leave")],
)
def test_the_form_for_joint_enquiries_names_whom_to_ring_and_has_a_part_for_the_authority(
    pack: str, rule: str
) -> None:
    number = "01632 960001"
    adult = replace(LONG.contacts[0], telephones=(number,))
    safe = replace(LONG.contacts[1], telephones=("01632 960002",), refuge=True)
    pupil = replace(LONG, contacts=(adult, safe))
    held = replace(register(), pupils=(pupil, *register().pupils[1:]), pupil_records=(
        PupilRecord("1", "contact", date(2025, 12, 1), decision="no answer"),
        PupilRecord("1", "visit", date(2025, 12, 2), decision="nobody in"),
    ))  # fmt: skip
    own = policy(pack)
    made = compose(
        made_up_event(own, own.rule(rule), LONG), register=held, tally=tally(), policy=own, school=SCHOOL, templates=templates(),
        key=KEY, on=date(2025, 12, 6),
    )  # fmt: skip
    (form,) = made.documents
    said = text_of(form.content)
    assert "«" not in said
    assert number in said
    assert "01632 960002" not in said, "secret with the address"
    assert "1 December 2025: contact, no answer" in said
    assert "2 December 2025: home visit, nobody in" in said
    assert "Enquiries of the authority" in said
