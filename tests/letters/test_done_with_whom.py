"""What was done so far is said to those with whom it was done: another home, an office and a form read something else."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from letters.addressees import Addressee
from letters.earlier.made_before import LetterBefore
from letters.facts import Facts
from rules.pupil_record import PupilRecord
from rules.school import Address, AttendancePlan, Contact, Pupil
from rules.statistics import Tally
from tests.letters.half_missed import made, register_missing, texts
from tests.letters.letter_school import DAY, KEY, LONG, SCHOOL, VIRTUAL_SCHOOL, made_up_event, policy

WROTE, FIGURES = date(2025, 11, 10), date(2025, 11, 6)
SPOKE = PupilRecord("1", "contact", date(2025, 10, 20), decision="answered")
PLAN = AttendancePlan("1", date(2025, 11, 3))
ONE_HOME = replace(LONG, contacts=LONG.contacts[:2])


def letters(
    pupil: Pupil = LONG,
    *,
    spoke: PupilRecord = SPOKE,
    wrote_to: frozenset[str] | None = None,
    rule: tuple[str, str] = ("aycliffe-drive", "penalty-notice"),
    plan: AttendancePlan = PLAN,
) -> list[str]:
    held = register_missing(15, pupil=pupil, records=[spoke], plans=[plan])
    before = [LetterBefore(WROTE, FIGURES, "92.0", "hcat", "attendance", wrote_to)]
    school = SCHOOL.model_copy(update={"looked_after_to": VIRTUAL_SCHOOL})
    return texts(made(*rule, held, before=before, school=school), "letter")


def test_a_record_that_names_no_adult_is_for_everybody_only_in_one_home() -> None:
    """Each of the three parents of two homes has a letter of their own."""
    for text in letters(ONE_HOME):
        assert "20 October 2025: we spoke with you" in text
        assert "3 November 2025: we agreed an attendance plan with you" in text
    both = letters()
    assert len(both) == 3
    for text in both:
        assert "20 October" not in text
        assert "we agreed" not in text
        assert "3 November 2025: attendance plan agreed" in text


@pytest.mark.parametrize(
    ("kind", "decision", "said"),
    [
        ("meeting", "held", "meeting held"),
        ("meeting", "missed", "a meeting was planned and did not take place"),
        ("contract", "declined", "attendance contract offered"),
        ("contract", "not kept", ""),
        ("visit", "seen", ""),
    ],
)
def test_of_two_homes_nobody_reads_with_whom_it_was_done_or_that_somebody_declined(
    kind: str, decision: str, said: str
) -> None:
    for text in letters(spoke=PupilRecord("1", kind, date(2025, 10, 20), decision=decision)):  # type: ignore[arg-type]
        assert (f"20 October 2025: {said}" in text) if said else ("20 October" not in text)


def test_a_record_that_names_an_adult_is_for_that_one() -> None:
    mother, stepfather, father = letters(spoke=replace(SPOKE, contact_id="c3"))
    assert "we spoke with you" in father
    assert "we spoke with you" not in mother + stepfather


def test_a_letter_is_named_to_those_who_had_it() -> None:
    mother, stepfather, father = letters(wrote_to=frozenset({"c1", "c2"}))
    assert "10 November 2025: we wrote to you" in mother
    assert "10 November 2025: we wrote to you" in stepfather
    assert "we wrote to you" not in father


@pytest.mark.parametrize(("wrote_to", "named"), [(frozenset({"c3"}), [False, True]), (None, [True, True])])
def test_a_later_letter_names_the_earlier_one_to_the_home_that_had_it(
    wrote_to: frozenset[str] | None, named: list[bool]
) -> None:
    found = letters(wrote_to=wrote_to, rule=("hcat", "stage-2"))
    assert ["10 November 2025 we wrote to you" in text for text in found] == named


def test_an_office_to_which_letters_go_was_not_spoken_with() -> None:
    child = replace(LONG, looked_after=True)
    (text,) = letters(child, rule=("hcat", "stage-3"), wrote_to=frozenset({"c1"}))
    assert VIRTUAL_SCHOOL.name in text
    assert "we spoke with you" not in text
    assert "we wrote to you" not in text
    assert "We wrote to you" not in text


def test_a_form_for_the_authority_has_all_of_it() -> None:
    held = register_missing(15, records=[SPOKE], plans=[PLAN])
    before = [LetterBefore(WROTE, FIGURES, "92.0", "hcat", "attendance", frozenset({"c1"}))]
    forms = texts(made("aycliffe-drive", "penalty-notice", held, before=before), "document")
    assert len(forms) == 3
    for text in forms:
        assert "10 November 2025: letter to the family" in text
        assert "20 October 2025: contact, answered" in text
        assert "3 November 2025: attendance plan agreed" in text


def test_a_letter_about_a_missing_pupil_says_of_no_call_in_vain_where_somebody_was_spoken_with() -> None:
    day = date(2025, 12, 5)
    vain, spoken = (PupilRecord("1", "contact", day, decision=word) for word in ("no answer", "answered"))
    for records, says in (([vain], True), ([vain, spoken], False)):
        held = register_missing(10, "N", pupil=ONE_HOME, records=records)
        (text,) = texts(made("aycliffe-drive", "no-contact", held))
        assert ("could not speak with you" in text) is says


@pytest.mark.parametrize(
    ("plan", "said"),
    [
        (PLAN, "we agreed an attendance plan with you"),
        (replace(PLAN, kind="attendance"), "we agreed an attendance plan with you"),
        (replace(PLAN, kind="health"), ""),
        (replace(PLAN, kind="reintegration"), ""),
        (replace(PLAN, decision="not kept"), ""),
        (replace(PLAN, pupil_id="2"), ""),
        (replace(PLAN, date=date(2025, 12, 20)), ""),
    ],
)
def test_a_plan_is_one_of_attendance_where_it_is_and_only_where_it_was_agreed_by_then(
    plan: AttendancePlan, said: str
) -> None:
    for text in letters(ONE_HOME, plan=plan):
        assert (f"3 November 2025: {said}" in text) if said else ("3 November" not in text)
    if not said:
        assert all("3 November" not in text for text in letters(plan=plan)), "two homes"


def test_a_record_of_another_pupil_is_in_no_letter() -> None:
    meeting = PupilRecord("2", "meeting", date(2025, 10, 20), decision="held")
    for text in letters(ONE_HOME, spoke=meeting):
        assert "20 October" not in text


@pytest.mark.parametrize(
    "father", [replace(LONG.contacts[2], court_order=True), replace(LONG.contacts[2], address=Address(()))]
)
def test_a_parent_to_whom_nothing_can_be_sent_makes_no_second_home(father: Contact) -> None:
    for text in letters(replace(LONG, contacts=(*LONG.contacts[:2], father))):
        assert "20 October 2025: we spoke with you" in text


def test_an_office_was_not_spoken_with_of_a_child_of_one_home_either() -> None:
    (text,) = letters(replace(ONE_HOME, looked_after=True), rule=("hcat", "stage-3"))
    assert "we spoke with you" not in text


@pytest.mark.parametrize(("day", "says"), [(5, True), (8, False)])
def test_that_we_tried_that_day_is_said_of_that_day(day: int, says: bool) -> None:
    call = PupilRecord("1", "contact", date(2025, 12, day), decision="no answer")
    held = register_missing(10, "N", pupil=ONE_HOME, records=[call])
    (text,) = texts(made("aycliffe-drive", "no-contact", held, on=date(2025, 12, 8)))
    assert ("could not speak with you" in text) is says


def test_what_one_envelope_names_is_not_kept_for_the_next() -> None:
    pack, held = policy("hcat"), register_missing(15)
    event = replace(made_up_event(pack, pack.rule("late-meeting")), figures={})
    before = LetterBefore(WROTE, FIGURES, "", "hcat", event.ladder, frozenset({"c1"}))
    other = replace(before, pack="other", contact_ids=None)
    facts = Facts(event, held, Tally(held), pack, SCHOOL, KEY, DAY, letters_before=(before, other))
    assert facts.earlier_letter == before, "a letter of another pack is not one of this ladder"
    mother, father = (facts.to(Addressee("", (), "", contact_ids=(one,))) for one in ("c1", "c3"))
    assert (mother.earlier_letter, father.earlier_letter) == (before, None)
