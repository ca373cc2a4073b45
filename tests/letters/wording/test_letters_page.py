"""docs/letters.md says what each letter contains, and says it truly."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.letters.wording.letters_page import REQUIRED, family_letters, page, pages, where

PAGE = Path(__file__).parents[3] / "docs" / "letters.md"
RENEW = "run: python -m tests.letters.wording.letters_page > docs/letters.md"


@pytest.mark.parametrize(
    ("name", "what", "pattern"),
    [(name, what, pattern) for name, parts in REQUIRED.items() for what, pattern in parts],
    ids=lambda value: value.replace(" ", "-")[:30],
)
def test_a_letter_has_what_it_must_contain(name: str, what: str, pattern: str) -> None:
    assert where(name, pattern), f"{name} lacks: {what}"


def test_every_letter_to_a_family_is_in_the_list() -> None:
    assert set(REQUIRED) == {wording.name for wording in family_letters()}


def test_the_page_is_what_the_wording_makes() -> None:
    written = PAGE.read_text(encoding="utf-8")
    stated = {
        row[0]: int(row[-1])
        for row in re.findall(r"^\| ([\w-]+) \|.*\| [\d.]+ \| (\d+) \|$", written, re.MULTILINE)
    }
    assert written == page(stated), RENEW


def test_the_page_states_the_pages_that_libreoffice_makes() -> None:
    counted = pages()
    if counted is None:
        pytest.skip("LibreOffice is not installed")
    assert page(counted) == PAGE.read_text(encoding="utf-8"), RENEW
