"""The size of a letter's text: 11 points or more, 12 where its wording says so, and everything in it goes with it."""

from __future__ import annotations

import io
from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from docx import Document

from letters.wording.build import build, wordings
from letters.wording.phrases import PHRASES
from letters.wording.source import Wording

made_of = cache(build)
LETTERS = [wording for wording in wordings() if not wording.layout.startswith("certificate")]


def sizes(data: bytes) -> dict[str, float]:
    styles: Any = Document(io.BytesIO(data)).styles
    return {style.name: style.font.size.pt for style in styles if style.type == 1 and style.font.size}


@pytest.mark.parametrize("wording", LETTERS, ids=lambda wording: f"{wording.language}/{wording.name}")
def test_text_is_11_points_or_more_tables_10_and_footers_9(wording: Wording) -> None:
    made = sizes(made_of(wording))
    assert made["Normal"] == made["List Bullet"] == wording.size >= 11
    assert min(made["Table Text"], made["Table Heading"], made["Small"]) >= 10
    assert made["Footer"] >= 9


def test_headings_tables_and_asides_go_with_the_text() -> None:
    wording = next(one for one in LETTERS if one.name == "late-letter")
    usual, larger = (sizes(build(replace(wording, size=size))) for size in (11, 12))
    grown = {"Normal", "List Bullet", "Heading 1", "Heading 2", "Table Text", "Table Heading", "Small", "Aside", "Figure", "Footer"}  # fmt: skip
    assert {name for name in usual if larger[name] > usual[name]} == grown


def test_letters_that_leave_room_have_text_of_12_points() -> None:
    named = {wording.name for wording in LETTERS if wording.size == 12}
    assert {"late-letter", "leave-granted", "improved", "no-contact", "penalty-warning"} <= named


@pytest.mark.parametrize("name", ["new-pupil-return", "screening-1"])
def test_a_footer_leaves_room_before_the_page_number_and_gives_it_in_each_language(name: str) -> None:
    for wording in [one for one in LETTERS if one.name == name]:
        footer = Document(io.BytesIO(made_of(wording))).sections[0].footer.paragraphs[0]
        left, page = footer.text.split("\t")
        assert left.endswith("   ")
        assert " " not in page, "it is not broken into two lines"
        words = PHRASES["cy"]["page"], PHRASES["en"]["page"]
        assert all(word in page for word in words) == bool(wording.then)
