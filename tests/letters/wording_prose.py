"""The running text of a wording with examples in its merge fields, for tests of how it reads."""

from __future__ import annotations

from letters.fields.registry import example_text, find
from letters.wording.source import Wording, pieces


def prose(wording: Wording) -> str:
    """Return paragraphs, points and boxes, one a line; tables, headings and the address are left out."""
    lines = []
    for block in wording.blocks:
        if block.kind in ("paragraph", "point", "box"):
            lines.append("".join(_shown(piece.text, piece.field) for piece in pieces(block.text)).strip())
    return "\n".join(line for line in lines if line)


def _shown(text: str, is_field: bool) -> str:
    if not is_field:
        return text
    field = find(text)
    return example_text(field) if field else ""
