"""The wording files and what reads them."""

from __future__ import annotations

from pathlib import Path

import pytest

from letters.wording.build import build
from letters.wording.source import Block, Piece, WordingError, pieces, read

HEAD = "title: A letter\nlayout: letter\n---\n"


def wording(tmp_path: Path, body: str, head: str = HEAD) -> Path:
    folder = tmp_path / "en"
    folder.mkdir(exist_ok=True)
    path = folder / "a-letter.md"
    path.write_text(head + body, encoding="utf-8")
    return path


def test_lines_become_blocks(tmp_path: Path) -> None:
    found = read(
        wording(
            tmp_path,
            "# Heading\n\none\ntwo\n\n- point\n> box\n«?if_target»\n[spells: sessions]\n«/if_target»\n| a | b |\n| --- | --- |\n| c | |\n",
        )
    )
    assert found.blocks == (
        Block("heading", "Heading"),
        Block("paragraph", "one two"),
        Block("point", "point"),
        Block("box", "box"),
        Block("start", name="if_target"),
        Block("part", "sessions", "spells"),
        Block("end", name="if_target"),
        Block("rows", rows=(("a", "b"), ("c", "")), header=True),
    )


def test_a_line_is_cut_into_text_and_fields() -> None:
    assert list(pieces("On «date|d MMMM» **«pupil_name»** «?if_target»x«/if_target»")) == [
        Piece("On "),
        Piece("date", field=True, picture="d MMMM"),
        Piece(" "),
        Piece("pupil_name", bold=True, field=True),
        Piece(" "),
        Piece("TableStart:if_target", field=True),
        Piece("x"),
        Piece("TableEnd:if_target", field=True),
    ]


@pytest.mark.parametrize("body", ["[unknown]\n", "### too deep\n", "[not a part\n"])
def test_a_line_that_is_not_understood_is_refused_by_name(tmp_path: Path, body: str) -> None:
    with pytest.raises(WordingError, match="a-letter"):
        build(read(wording(tmp_path, body)))


def test_a_wording_without_title_or_with_an_unknown_layout_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WordingError, match="title"):
        read(wording(tmp_path, "text", "layout: letter\n---\n"))
    with pytest.raises(WordingError, match="layout 'poster'"):
        build(read(wording(tmp_path, "text", "title: A\nlayout: poster\n---\n")))
