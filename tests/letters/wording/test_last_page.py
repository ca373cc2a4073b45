"""A letter or form never goes on to a page with nothing but a signature or a reference: what belongs to it is kept with it."""

from __future__ import annotations

import io
from typing import Any

import pytest
from docx import Document
from docx.oxml.ns import qn

from letters.wording.build import HERE, build
from letters.wording.phrases import PHRASES
from letters.wording.source import read

LETTERS = sorted(
    path.relative_to(HERE).with_suffix("").as_posix()
    for path in HERE.glob("*/*.md")
    if not path.name.startswith("_") and "layout: certificate" not in path.read_text(encoding="utf-8")
)
OTHER_WAYS = [phrases["other_ways"] for phrases in PHRASES.values()]
COMPLETED = ["deletion-return", "missing-education-referral", "new-pupil-return", "penalty-consideration",
             "penalty-notice-request", "sickness-return", "ten-day-return"]  # fmt: skip


def is_letter(name: str) -> bool:
    return read(HERE / f"{name}.md").layout == "letter"


def parts_of(name: str) -> list[Any]:
    body = Document(io.BytesIO(build(read(HERE / f"{name}.md")))).element.body
    return [part for part in body if part.tag in (qn("w:p"), qn("w:tbl"))]


def text_of(part: Any) -> str:
    return "".join(text.text or "" for text in part.iter(qn("w:t")))


def is_heading(part: Any) -> bool:
    return part.tag == qn("w:p") and (part.style or "").startswith("Heading")


def kept(part: Any) -> bool:
    """Return whether every paragraph of a part is kept on one page with what follows; a heading is so by its style."""
    return is_heading(part) or all(
        p.find(f"{qn('w:pPr')}/{qn('w:keepNext')}") is not None for p in part.iter(qn("w:p"))
    )


@pytest.mark.parametrize("name", LETTERS)
def test_the_last_section_is_on_one_page(name: str) -> None:
    parts = parts_of(name)
    start = max(n for n, part in enumerate(parts) if is_heading(part))
    assert all(kept(part) for part in parts[start:-1])


@pytest.mark.parametrize("name", [name for name in LETTERS if is_letter(name)])
def test_a_signature_is_in_one_row_with_the_text_before_it(name: str) -> None:
    signed = [part for part in parts_of(name) if "«head_title" in text_of(part)]
    assert signed
    for table in signed:
        (row,) = table.iter(qn("w:tr"))
        assert row.find(f"{qn('w:trPr')}/{qn('w:cantSplit')}") is not None
        lines = [text_of(paragraph) for paragraph in row.iter(qn("w:p"))]
        ways = next(n for n, line in enumerate(lines) if line in OTHER_WAYS)
        assert ways >= 1
        assert len(" ".join(lines[:ways])) > 80, "at least a line or two of the letter's own text"


@pytest.mark.parametrize("name", LETTERS)
def test_the_paragraph_after_a_last_table_is_too_small_to_begin_a_page(name: str) -> None:
    last = parts_of(name)[-1]
    assert text_of(last) or last.find(f"{qn('w:pPr')}/{qn('w:spacing')}").get(qn("w:line")) == "20"


@pytest.mark.parametrize("name", COMPLETED)
def test_a_form_ends_with_what_the_school_completes_and_signs(name: str) -> None:
    parts = parts_of(f"en/{name}")
    start = max(n for n, part in enumerate(parts) if is_heading(part))
    assert "«reference»" not in " ".join(map(text_of, parts[start:]))
    assert "«reference»" in " ".join(map(text_of, parts[:start]))
