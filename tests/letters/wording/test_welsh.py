"""The Welsh half of a letter is wholly Welsh, and docs/welsh.md lists its sentences for a Welsh reader."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from docx import Document
from docx.oxml.ns import qn

from letters.wording.welsh_page import page
from letters.words import welsh
from tests.letters.letter_school import LONG, SCHOOL, letters_of, rules_with_documents

PAGE = Path(__file__).parents[3] / "docs" / "welsh.md"
ENGLISH = re.compile(
    r"\b(the|and|with|school|sessions?|morning|afternoon|days?|missed|Headteacher|Year|class|minutes?|September|December)\b"
)
WELSH_RULES = [rule for pack, rule in rules_with_documents() if pack == "cadle"]


def welsh_text(content: bytes) -> str:
    """Return the text of the runs that say they are Welsh."""
    body = Document(io.BytesIO(content)).element.body
    runs = [run for run in body.iter(qn("w:r")) if run.find(f"{qn('w:rPr')}/{qn('w:lang')}[@{qn('w:val')}='cy-GB']") is not None]  # fmt: skip
    return "\n".join("".join(text.text or "" for text in run.iter(qn("w:t"))) for run in runs)


@pytest.mark.parametrize("rule", WELSH_RULES)
def test_the_welsh_half_has_no_english_words(rule: str) -> None:
    for document in letters_of("cadle", rule, LONG).documents:
        if not document.template or document.outcome.kind == "certificate":
            continue
        text = welsh_text(document.content)
        own = (SCHOOL.name, "Policy", "Attendance", "School Road")
        lines = [line for line in text.splitlines() if not any(name in line for name in own)]
        assert lines
        assert [line for line in lines if ENGLISH.search(line)] == []


def test_the_welsh_half_of_a_letter_is_signed_in_welsh() -> None:
    (document, *_) = letters_of("cadle", "screening-1", LONG).documents
    assert "Pennaeth" in welsh_text(document.content)


def test_the_page_for_a_welsh_reader_is_what_the_wording_makes() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), (
        "run: python -m letters.wording.welsh_page > docs/welsh.md"
    )


def test_minutes_change_their_first_letter_after_one_and_two() -> None:
    assert [welsh.minutes(n) for n in (1, 2, 3, 12)] == ["1 funud", "2 funud", "3 munud", "12 munud"]
