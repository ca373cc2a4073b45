"""What letter 1, the thank-you letter and the truancy warning say, and what they leave out."""

from __future__ import annotations

import io
import re
from datetime import date

from docx import Document

from letters.compose import compose
from letters.earlier.made_before import LetterBefore
from tests.letters.docx_files import shown
from tests.letters.letter_school import (
    KEY,
    SCHOOL,
    YOUNG,
    letters_of,
    made_up_event,
    policy,
    register,
    tally,
    templates,
)

LAW = re.compile(r"penalt|prosecut|\bcourt\b|section 444|\bfine\b|legal duty", re.IGNORECASE)


def text_of(rule: str, pack: str = "hcat", **changes: object) -> str:
    return shown(Document(io.BytesIO(letters_of(pack, rule, **changes).documents[0].content)).element.body)  # type: ignore[arg-type]


def test_a_thank_you_letter_counts_days_before_and_since_and_speaks_to_the_pupil() -> None:
    text = text_of("improved")
    found = re.search(r"to 6 November 2025, \S+ missed ([\d.]+) of ([\d.]+) school days", text)
    since = re.search(r"up to and including 5 December 2025, it was ([\d.]+) of ([\d.]+) school days", text)
    assert found is not None
    assert since is not None
    assert float(found[1]) + float(since[1]) == 9  # all that was missed this year
    assert float(found[2]) + float(since[2]) == 63
    assert ", well done!" in text
    assert "Thank you for what you have done" in text


def test_a_thank_you_letter_has_no_warning_no_percentage_and_no_scale_and_fills_half_a_page() -> None:
    text = text_of("improved")
    assert not LAW.search(text)
    assert "%" not in text
    assert "Persistent" not in text
    assert len(text) < 1_500


def test_a_thank_you_letter_says_so_where_nothing_was_missed_since() -> None:
    text = text_of("improved", figures={"opened": "2025-12-02", "percent_then": "85.7"})
    assert re.search(r"has not missed any of \d+ school days", text)
    assert "it was" not in text


def test_letter_1_asks_for_evidence_names_the_certificate_and_invites_to_a_support_plan_meeting() -> None:
    letter, *_, certificate = letters_of("hcat", "stage-1").documents
    text = shown(Document(io.BytesIO(letter.content)).element.body)
    assert "as the registration certificate that comes with this letter shows" in text
    assert "From now on, please let us see something that shows why" in text
    assert "write it down together in a support plan" in text
    assert "to choose a time" in text
    assert certificate.outcome.name == "registration-certificate"


def test_a_truancy_warning_is_about_absence_that_nobody_explained() -> None:
    text = text_of("truancy-first", "aspire")
    assert "nobody had told us why" in text
    assert "not about any absence that you have explained to us" in text
    assert "What happens next" in text
    assert "penalty notice" in text
    assert "Mrs Eleanor Whitcombe" in text, "the head signs"


def test_below_compulsory_school_age_a_truancy_warning_has_no_word_of_the_law() -> None:
    text = text_of("truancy-first", "aspire", pupil=YOUNG)
    assert "we will ask to meet you" in text
    assert not LAW.search(text)


def test_a_second_letter_names_the_first_by_its_day_and_says_so_without_one_when_there_is_none() -> None:
    pack = policy("hcat")
    event = made_up_event(pack, pack.rule("late-meeting"))

    def letter(earlier: date | None) -> str:
        before = () if earlier is None else (LetterBefore(earlier, earlier, "", pack.id, event.ladder),)
        made = compose(
            event, register=register("england"), tally=tally("england"), policy=pack, school=SCHOOL,
            templates=templates(), key=KEY, letters_before=before,
        )  # fmt: skip
        return shown(Document(io.BytesIO(made.documents[0].content)).element.body)

    assert "We wrote to you on 7 November 2025 about late arrivals." in letter(date(2025, 11, 7))
    assert "We wrote to you" not in letter(None)


def test_letter_2_after_a_new_fall_says_nothing_of_an_earlier_year_and_names_a_letter_only_where_one_went() -> (
    None
):
    """The steps of this ladder start afresh each year, so the fall before was in this one."""
    text = text_of("stage-2", figures={"opened": "", "percent_then": ""})
    assert "Attendance was low earlier in this school year. It became better for a while" in text
    assert "before this school year" not in text
