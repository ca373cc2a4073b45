"""Every letter to a family can be read at the age of eleven."""

from __future__ import annotations

import pytest

from letters.wording.build import wordings
from tests.letters.reading_age import reading_age, syllables
from tests.letters.wording_prose import prose

LETTERS = [wording for wording in wordings() if wording.language == "en" and wording.layout == "letter"]


@pytest.mark.parametrize("wording", LETTERS, ids=lambda wording: wording.name)
def test_a_letter_to_a_family_can_be_read_at_eleven(wording: object) -> None:
    assert reading_age(prose(wording)) <= 11.0  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("word", "number"),
    [("cat", 1), ("marked", 1), ("offered", 2), ("decided", 3), ("time", 1), ("little", 2), ("school’s", 1),
     ("attendance", 3), ("2025", 1), ("a@b.example", 1)],
)  # fmt: skip
def test_syllables_are_counted(word: str, number: int) -> None:
    assert syllables(word) == number


def test_the_age_of_a_text_is_the_grade_and_five_years() -> None:
    # 6 words a sentence, 1 syllable a word: 0.39 * 6 + 11.8 - 15.59 = -1.45
    assert reading_age("The cat sat on the mat. The dog ran on the road.") == pytest.approx(3.55, abs=0.06)


def test_longer_sentences_and_words_raise_it() -> None:
    assert reading_age("We ring you. We help.") < reading_age("We ring you and we help.")
    assert reading_age("We think of court.") < reading_age("The authority considers prosecution.")
