"""Days, lists and time on roll as people write them."""

from __future__ import annotations

from datetime import date

import pytest

from rules.rule.words import day_words, listed, roll_words
from rules.school import Spell


@pytest.mark.parametrize(
    ("words", "text"),
    [((2,), "2"), ((2, 4), "2 and 4"), ((2, 4, 6), "2, 4 and 6"), (("O", "U", "G"), "O, U and G")],
)
def test_a_list_is_written_as_in_a_sentence(words: tuple[object, ...], text: str) -> None:
    assert listed(words) == text
    assert listed(words, "or") == text.replace("and", "or")


def test_a_day_is_written_without_a_zero_before_it() -> None:
    assert [day_words(day) for day in (date(2025, 11, 3), date(2026, 1, 15))] == [
        "3 November 2025",
        "15 January 2026",
    ]


def test_time_on_roll_is_written_spell_by_spell() -> None:
    autumn = Spell(date(2025, 9, 2), date(2025, 10, 10))
    spring = Spell(date(2026, 1, 5))
    guest = Spell(None, date(2025, 12, 19), "guest")
    assert roll_words([autumn], "x") == "from 2 September 2025 to 10 October 2025"
    assert (
        roll_words([autumn, spring], "x")
        == "from 2 September 2025 to 10 October 2025, and from 5 January 2026"
    )
    assert (
        roll_words([guest], "from before the first register")
        == "from before the first register to 19 December 2025 (guest)"
    )
