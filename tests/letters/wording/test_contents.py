"""What filled letters say besides the year's figures: earlier letters, help so far, minutes lost, illness, the law in short."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import pytest

from letters.compose import compose
from letters.earlier.made_before import LetterBefore
from letters.words import english
from rules.events import CountedMark
from rules.policy import shipped_policies
from rules.pupil_record import PupilRecord
from rules.school import AttendancePlan
from rules.statistics import Tally
from tests.letters.half_missed import made, register_missing, texts
from tests.letters.letter_school import JO, SCHOOL, made_up_event, policy, templates
from tests.letters.test_part_of_year import DAY as JANUARY
from tests.letters.test_part_of_year import FIVE
from tests.letters.test_part_of_year import held as turns_five

BEFORE = (
    LetterBefore(date(2025, 10, 7), date(2025, 10, 3), "93.2", "thringstone", "attendance"),
    LetterBefore(date(2025, 11, 10), date(2025, 11, 6), "91.4", "thringstone", "attendance"),
)


def first(pack: str, rule: str, missed: int = 18, code: str = "O", **more: object) -> str:
    """Return the text of a rule's first document."""
    extra = {name: more.pop(name) for name in ("late", "records", "plans", "pupil") if name in more}
    held = register_missing(missed, code, nation=policy(pack).nation, **extra)  # type: ignore[arg-type]
    return texts(made(pack, rule, held, **more))[0]  # type: ignore[arg-type]


def of_pack(pack: str, ladder: str) -> tuple[LetterBefore, ...]:
    return tuple(replace(one, pack=pack, ladder=ladder) for one in BEFORE)


@pytest.mark.parametrize(
    ("pack", "rule"),
    [
        ("thringstone", "further-concern"),
        ("thringstone", "referral"),
        ("hcat", "stage-2"),
        ("hcat", "stage-3"),
    ],
)
def test_a_review_names_the_day_of_the_letter_whose_figures_it_compares_and_the_day_of_the_figures(
    pack: str, rule: str
) -> None:
    later = LetterBefore(date(2025, 11, 20), date(2025, 11, 19), "90.1", pack, "attendance")
    text = first(pack, rule, before=(*of_pack(pack, "attendance"), later))
    assert re.search(r"(On|wrote to you on) 10 November 2025", text)
    assert "including 6 November 2025" in text
    assert "20 November" not in text.split("sessions")[0], "a letter in between is not the one compared"
    assert "91.4%" in text
    without = first(pack, rule)
    assert "wrote to you" not in without.replace("was set", "")
    assert "including 6 November 2025" in without


def test_further_concern_says_the_change_since() -> None:
    assert "it is 85.7%, 5.7 points lower." in first("thringstone", "further-concern", before=BEFORE)


def test_the_second_screening_letter_gives_day_and_figure_of_the_first_in_both_languages() -> None:
    text = first("cadle", "screening-2", before=of_pack("cadle", "screening"))
    assert (
        "We wrote to you on 10 November 2025. Attendance up to and including 6 November 2025 was 91.4%."
        in text
    )
    assert "it is 85.7%, 5.7 points lower" in text
    assert "Ysgrifenasom atoch ar 10 Tachwedd 2025." in text
    assert "5.7 pwynt yn is" in text


RECORDS = (
    PupilRecord("1", "meeting", date(2025, 11, 12), decision="held", note="cried"),
    PupilRecord("1", "contact", date(2025, 11, 13), "c1", "answered"),
    PupilRecord("1", "referral", date(2025, 11, 14), decision="sent", note="social care"),
    PupilRecord("1", "meeting", date(2025, 1, 12), decision="held"),
    PupilRecord("2", "visit", date(2025, 11, 15), decision="seen"),
)


def test_a_penalty_warning_lists_what_was_done_by_day_to_whom_it_concerns() -> None:
    plans = [
        AttendancePlan("1", date(2025, 11, 18)),
        AttendancePlan("1", date(2025, 11, 17), kind="health"),
    ]
    held = register_missing(18, records=RECORDS, plans=plans)
    of = made("aycliffe-drive", "penalty-notice", held, before=of_pack("aycliffe-drive", "attendance"))
    by_adult = {
        document.contact_ids: text
        for document, text in zip(
            (one for one in of.documents if one.outcome.kind == "letter"), texts(of, "letter"), strict=True
        )
    }
    done = "7 October 2025: we wrote to you10 November 2025: we wrote to you12 November 2025: meeting held"
    for contacts, text in by_adult.items():
        assert done in text
        assert "18 November 2025: attendance plan agreed" in text
        assert ("13 November 2025: we spoke with you" in text) is (contacts == ("c1",))
        for hidden in ("14 November", "17 November", "12 January", "15 November", "cried", "social care"):
            assert hidden not in text
        assert "Mr Dominic Hale is the person to turn to" in text
    form = texts(of, "document")[0]
    assert "letter to the family" in form
    assert "meeting held" in form
    assert "17 November 2025: health plan agreed" in form
    assert "cried" not in form


def test_a_penalty_warning_has_amounts_limits_fines_and_how_to_be_heard() -> None:
    text = first("aycliffe-drive", "penalty-notice", missed=30)
    (letter,) = texts(made("aycliffe-drive", "penalty-notice", register_missing(30)), "letter")[:1]
    assert "penalty" in text
    for said in (
        "is not a penalty notice", "at 10 sessions of unauthorised absence in 10 school weeks", "two terms or two school years",
        "section 7", "£80 if paid within 21 days", "£160 if paid after that and within 28 days",
        "A second notice within 3 years is £160", "there is no third", "£1,000 (section 444(1))",
        "£2,500 or three months in prison (section 444(1A))", "no right of appeal", "went to the wrong person",
        "You may also write to Exampleton City Council by that day", "to each parent, for each child",
    ):  # fmt: skip
        assert said in letter, said
    assert "What we have done so far" in letter
    assert "___" not in letter


def test_late_letters_add_up_the_minutes_and_say_when_doors_open() -> None:
    school = SCHOOL.model_copy(update={"doors_open": "8.35 am", "register_closes": "9.15 am"})
    for pack, rule in (("hcat", "late-letter"), ("hcat", "late-meeting"), ("thringstone", "late-persistent"), ("aycliffe-drive", "lateness")):  # fmt: skip
        text = first(pack, rule, missed=4, late=(30, 25, 10, 1), school=school)
        assert "Together that is 1 hour 6 minutes." in text, rule
        assert "Our doors open at 8.35 am. The register closes at 9.15 am. A child who comes late" in text
        assert "counts as present. After that it counts as absence for the whole session." in text
    some = first("hcat", "late-letter", missed=4, late=(30, None, 1))
    assert "Together that is 31 minutes on the days for which we have the minutes." in some
    assert "doors open" not in some
    assert "Together that is" not in first("hcat", "late-letter", missed=4, late=(None, None, None))


def test_a_second_late_letter_says_how_often_since_the_first() -> None:
    earlier = (LetterBefore(date(2025, 12, 2), date(2025, 12, 1), "", "thringstone", "lateness"),)
    text = first("thringstone", "late-persistent", missed=4, late=(5, 5, 5, 5, 5, 5), before=earlier)
    assert (
        "We wrote to you on 2 December 2025 about late arrivals. Since then Bartholomew was late 3 times."
        in text
    )
    every = (replace(earlier[0], day=date(2025, 12, 5)),)
    assert "Since then" not in first("thringstone", "late-persistent", missed=4, late=(5, 5, 5), before=every)


def test_a_letter_about_closed_registers_has_the_threshold_and_the_law_in_short() -> None:
    text = first("hcat", "late-unauthorised", missed=5, code="U")
    for said in (
        "At 10 such sessions in 10 school weeks, also across two terms, a penalty notice must be thought about",
        "This letter is not one", "section 7", "£80 if paid within 21 days", "A second notice within 3 years is £160",
        "up to £1,000; where the parent knew and did not act, up to £2,500",
    ):  # fmt: skip
        assert said in text, said


CONCERN = [
    ("aycliffe-drive", "at-risk"), ("aycliffe-drive", "persistent-absence"), ("hcat", "initial-warning"), ("hcat", "stage-1"),
    ("hcat", "three-days-missed"), ("thringstone", "concern"), ("thringstone", "further-concern"), ("england-2024", "persistent-absence"),
    ("cadle", "screening-1"), ("cadle", "screening-2"),
]  # fmt: skip


@pytest.mark.parametrize(("pack", "rule"), CONCERN)
def test_where_most_is_illness_a_letter_of_concern_says_that_nobody_is_at_fault_and_asks_for_no_evidence(
    pack: str, rule: str
) -> None:
    ill = first(pack, rule, code="I")
    assert "That is nobody’s fault, and we ask for no medical evidence." in ill
    assert "let us see something that shows why" not in ill
    other = first(pack, rule, code="O")
    assert "nobody’s fault" not in other
    if pack == "cadle":
        assert "nid ydym yn gofyn am dystiolaeth feddygol" in ill


def test_half_illness_is_not_most_of_it() -> None:
    """Nine of eighteen sessions; then one more."""
    for ill, most in ((9, False), (10, True)):
        text = first("hcat", "initial-warning", code="I" * ill + "O" * (18 - ill))
        assert ("nobody’s fault" in text) is most


LAW = [
    (pack, rule.id)
    for pack in shipped_policies()
    for rule in policy(pack).rules
    if rule.law and any(one.is_document for one in rule.outcomes) and rule.kind not in ("notice-to-improve",)
]


@pytest.mark.parametrize(("pack", "rule"), LAW)
def test_a_letter_or_form_of_a_law_rule_says_from_when_its_figures_count(pack: str, rule: str) -> None:
    """Ted is of compulsory school age from 31 December, and the event is of 9 January."""
    held, own = turns_five(replace(FIVE, contacts=(JO,))), policy(pack)
    whole = Tally(held).pupil("5", date(2025, 9, 1), JANUARY)
    figures = {"attendance_percent": "80.0", "attended": 8, "possible": 10, "count": 2, "threshold": 2}
    made_up = made_up_event(own, own.rule(rule))
    event = replace(
        made_up, pupil_id="5", date=JANUARY, window=None, figures={**made_up.figures, **figures},
        sessions=tuple(CountedMark(date(2026, 1, 5), half, "O") for half in ("AM", "PM")),
    )  # fmt: skip
    of = compose(
        event, register=replace(held, nation=own.nation), tally=Tally(held), policy=own, school=SCHOOL,
        templates=templates(), key="AC-2F7K9QXM", on=JANUARY,
    )  # fmt: skip
    assert of.documents
    for text in texts(of):
        assert "since 31 December 2025, when Ted came of compulsory school age" in text, rule
        assert f"{whole.attended} of {whole.possible} possible sessions attended." in text
        if own.nation == "wales":
            assert "ers 31 Rhagfyr 2025, pan ddaeth Ted i oedran ysgol gorfodol" in text


def test_a_report_to_parents_says_that_it_judges_nobody_and_how_many_minutes_were_lost() -> None:
    text = first("thringstone", "parents-report", missed=4, late=(30, 40))
    assert (
        "Every family gets one. It is for you to know, and judges nobody; illness cannot be helped." in text
    )
    assert "marked late twice, 1 hour 10 minutes in all." in text


@pytest.mark.parametrize(
    ("decision", "said"), [("no answer", True), ("message left", True), ("answered", False)]
)
def test_a_letter_without_contact_says_that_we_tried_when_a_call_is_on_record(
    decision: str, said: bool
) -> None:
    call = PupilRecord("1", "contact", date(2025, 12, 5), "c1", decision)
    text = first("aycliffe-drive", "no-contact", records=[call])
    assert ("We tried to reach you that day and could not speak with you." in text) is said


MEETINGS = [
    ("hcat", "stage-2"), ("hcat", "stage-1"), ("hcat", "late-meeting"), ("thringstone", "further-concern"), ("cadle", "screening-3"),
    ("aspire", "persistent-absence"), ("aspire", "formal-meeting"),
]  # fmt: skip


@pytest.mark.parametrize(("pack", "rule"), MEETINGS)
def test_an_invitation_says_what_is_written_down_and_what_happens_if_nobody_comes(
    pack: str, rule: str
) -> None:
    text = first(pack, rule, late=(5, 5, 5) if "late" in rule else ())
    assert "We write down what we agree, and when we look at it again" in text
    assert "If nobody can come, we talk with" in text
    assert "a call or home visit instead, an interpreter, step-free access or someone at your side" in text


def test_a_ruled_absence_says_former_and_present_mark_in_words() -> None:
    text = first("aycliffe-drive", "ruled-unauthorised")
    assert "The mark was: Circumstances not yet established (N)." in text
    assert "It is now: Absent in other circumstances (O). The head decided this." in text


def test_a_notice_to_improve_lists_the_support_so_far_and_names_the_review_day_and_the_person() -> None:
    held = register_missing(18, records=RECORDS)
    for text in texts(made("england-2024", "notice-to-improve", held, before=BEFORE)):
        given = text[text.index("Support given so far") : text.index("Support that is open to you")]
        assert "10 November 2025: we wrote to you" in given
        assert "12 November 2025: meeting held" in given
        assert "on Friday 19 December 2025 we review how it went" in text
        assert "The person to turn to is Mr Dominic Hale: telephone 01632 960102" in text
        assert "The highest fine of a court is £1,000; where a parent knew and did not act, £2,500." in text


@pytest.mark.parametrize(
    ("minutes", "words"),
    [(0, "0 minutes"), (1, "1 minute"), (59, "59 minutes"), (60, "1 hour"), (61, "1 hour 1 minute"), (150, "2 hours 30 minutes")],
)  # fmt: skip
def test_minutes_are_said_in_hours(minutes: int, words: str) -> None:
    assert english.duration(minutes) == words


def test_a_letter_ends_with_the_schools_sentences_in_families_languages() -> None:
    school = SCHOOL.model_copy(update={"other_languages": ["Po polsku: proszę zadzwonić. ", "Ciao."]})
    assert "ring 01632 960102. Po polsku: proszę zadzwonić. Ciao.Yours sincerely," in first(
        "hcat", "initial-warning", school=school
    )
    assert "ring 01632 960102.Yours sincerely," in first("hcat", "initial-warning")
