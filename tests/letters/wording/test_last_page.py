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


@pytest.mark.parametrize("name", ["en/na1", "en/sickness-return"])
def test_a_last_section_of_few_lines_is_held_with_what_stands_before_it(name: str) -> None:
    parts = parts_of(name)
    start = max(n for n, part in enumerate(parts) if is_heading(part))
    assert all(kept(part) for part in parts[start - 2 : start])


def cannot_split(row: Any) -> bool:
    return row.find(f"{qn('w:trPr')}/{qn('w:cantSplit')}") is not None


@pytest.mark.parametrize("name", [name for name in LETTERS if is_letter(name)])
def test_a_signature_is_kept_with_the_text_before_it_and_the_title_after_it(name: str) -> None:
    parts = parts_of(name)
    titles = [n for n, part in enumerate(parts) if "«head_title" in text_of(part)]
    assert titles
    for number in titles:
        assert parts[number].tag == qn("w:p"), (
            "the title follows the table, so that no empty paragraph has to"
        )
        table = parts[number - 1]
        text, signature = table.iter(qn("w:tr"))
        assert cannot_split(text)
        assert cannot_split(signature)
        assert kept(table)
        *own, ways = [text_of(paragraph) for paragraph in text.iter(qn("w:p"))]
        assert ways in OTHER_WAYS
        assert len(" ".join(own)) > 80, "at least a line or two of the letter's own text"
        assert "«head_name»" in text_of(signature)


@pytest.mark.parametrize("name", LETTERS)
def test_a_last_table_of_one_row_can_be_kept_with_what_word_wants_after_it(name: str) -> None:
    """LibreOffice keeps a table of one row with the next paragraph only where a page may break in the row."""
    *_, table, last = parts_of(name)
    rows = list(table.iter(qn("w:tr")))
    if not text_of(last):
        assert kept(table)
        assert len(rows) > 1 or not cannot_split(rows[0])


@pytest.mark.parametrize("name", LETTERS)
def test_lines_to_sign_are_on_the_page_of_what_is_signed(name: str) -> None:
    parts = parts_of(name)
    lines = [n for n, part in enumerate(parts) if "w:bottom" in part.xml and "808890" in part.xml]
    for number in lines:
        gap, table = parts[number - 1], parts[number - 2]
        last_row = (list(table.iter(qn("w:tr"))) or [table])[-1]
        assert kept(last_row)
        assert kept(gap)


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


def test_a_slip_after_a_signature_is_set_apart_from_it() -> None:
    title = next(part for part in parts_of("en/explanation") if "«head_title" in text_of(part))
    assert title.find(f"{qn('w:pPr')}/{qn('w:spacing')}").get(qn("w:after")) == "160"


@pytest.mark.parametrize("name", LETTERS)
def test_no_small_paragraph_stands_between_a_table_and_the_text_after_it(name: str) -> None:
    """LibreOffice leaves a heading further on alone at the foot of a page where one does."""
    parts = parts_of(name)
    for table, gap, after in zip(parts, parts[1:], parts[2:], strict=False):
        if table.tag == qn("w:tbl") and gap.tag == qn("w:p") and not text_of(gap):
            assert after.tag == qn("w:tbl") or after.style == "Gap" or starts_page(gap)


def starts_page(part: Any) -> bool:
    return part.find(f".//{qn('w:pageBreakBefore')}") is not None
