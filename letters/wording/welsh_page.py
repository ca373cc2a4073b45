"""Print every Welsh sentence of letters and forms next to its English, for a Welsh reader to check.

``python -m letters.wording.welsh_page > docs/welsh.md``; a test holds the page to the wording.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

from letters.wording.build import HERE, wordings
from letters.wording.phrases import PHRASES
from letters.wording.source import Wording, read
from letters.words.welsh import CODES

INTRODUCTION = """# Welsh wording, for a Welsh reader to check

Every sentence that letters and forms of this program have in Welsh, with the English of the same place. Merge fields
stand between « and »; a tick box is for the reader. Where something is wrong, change `letters/wording/cy/`, then run
`python -m letters.wording.build` and `python -m letters.wording.welsh_page > docs/welsh.md`.
"""


def texts(wording: Wording) -> Iterator[str]:
    """Give the texts of a wording in their order: headings, paragraphs, points, cells, lines to sign."""
    for block in wording.blocks:
        yield from (cell for row in block.rows for cell in row if cell.strip("_ "))
        if block.text and not block.text.startswith("counted_"):
            yield block.text


def page() -> str:
    """Return the whole page."""
    lines = [INTRODUCTION]
    for wording in wordings():
        if wording.language != "cy":
            continue
        own = list(texts(wording))
        english = list(texts(read(HERE / "en" / f"{wording.name}.md"))) if wording.then else []
        lines += [f"## {wording.name}: {wording.title}", ""]
        if wording.then and len(own) == len(english):
            lines += ["| Welsh | English | right |", "| --- | --- | --- |"]
            lines += [f"| {ours} | {theirs} | ☐ |" for ours, theirs in zip(own, english, strict=True)]
        else:
            lines += ["| Welsh | right |", "| --- | --- |", *(f"| {ours} | ☐ |" for ours in own)]
        lines.append("")
    lines += ["## What every letter and form has", "", "| Welsh | English | right |", "| --- | --- | --- |"]
    lines += [f"| {PHRASES['cy'][name]} | {PHRASES['en'][name]} | ☐ |" for name in PHRASES["en"]]
    lines += ["", "## Attendance codes", "", "| code | Welsh | right |", "| --- | --- | --- |"]
    lines += [f"| `{code}` | {meaning} | ☐ |" for code, meaning in CODES.items()]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(page())
