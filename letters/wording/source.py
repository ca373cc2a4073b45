r"""Read the wording of a letter from a text file.

The file begins with ``name: value`` lines (``title``, ``layout``, ``then``, ``size``) up to a line ``---``. Then, by lines:

- ``# `` and ``## `` headings, ``- `` points of a list, ``> `` a boxed paragraph; a blank line ends a paragraph
- ``| label | value |`` rows of a form; with ``| --- |`` under the first row it is a table with a header row
- ``[name]`` a part that the layout makes (``[figures]``, ``[bands]``, ``[sign-off]``), ``[name: text]`` with a text
- ``[include name]`` the lines of ``_name.md`` of the same language
- ``«?flag»`` and ``«/flag»`` on lines of their own: what is between them is kept only when the flag holds

Inside a line ``«field»`` is a merge field, ``«field|d MMMM»`` one with a date picture, ``«?flag»…«/flag»`` optional
text and ``**…**`` bold.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from letters.docx.look import BODY

Kind = Literal["heading", "subheading", "paragraph", "point", "box", "rows", "part", "start", "end"]

_PART = re.compile(r"\[(?P<name>[a-z-]+)(?::\s*(?P<text>.*))?\]")
_MARK = re.compile(r"«(?P<sign>[?/])(?P<name>\w+)»")
_INLINE = re.compile(r"«(?P<sign>[?/]?)(?P<name>[^»|]+)(?:\|(?P<picture>[^»]+))?»|(?P<bold>\*\*)")
_RULE = re.compile(r"\|(\s*:?-{3,}:?\s*\|)+")


class WordingError(ValueError):
    """A wording file that cannot be read; the text names file and line."""


@dataclass(frozen=True, slots=True)
class Block:
    """One block of a letter, below another. ``rows`` holds cells; ``header`` says that the first row is one."""

    kind: Kind
    text: str = ""
    name: str = ""
    rows: tuple[tuple[str, ...], ...] = ()
    header: bool = False


@dataclass(frozen=True, slots=True)
class Wording:
    """A letter's text, read."""

    name: str
    language: str
    title: str
    layout: str
    then: str
    """Path of the wording that follows in the same document, such as "en/screening-1"; empty for none."""
    blocks: tuple[Block, ...]
    size: float = BODY
    """Of the text, in points."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a line: plain text, or a merge field by its full name."""

    text: str
    bold: bool = False
    field: bool = False
    picture: str = ""


def read(path: Path) -> Wording:
    """Given a wording file, return what it says. Raise WordingError for a line that is not understood."""
    head, separator, body = path.read_text(encoding="utf-8").partition("\n---\n")
    facts = dict(line.split(": ", 1) for line in head.splitlines() if ": " in line)
    if not separator or not {"title", "layout"} <= facts.keys():
        raise WordingError(f"{path.name}: begin with title: and layout:, then a line ---")
    blocks = tuple(_blocks(list(_lines(path, body)), path))
    size = float(facts.get("size", BODY))
    return Wording(
        path.stem, path.parent.name, facts["title"], facts["layout"], facts.get("then", ""), blocks, size
    )


def pieces(line: str) -> Iterator[Piece]:
    """Give a line cut into text and fields."""
    bold, at = False, 0
    for match in _INLINE.finditer(line):
        if match.start() > at:
            yield Piece(line[at : match.start()], bold)
        at = match.end()
        if match["bold"]:
            bold = not bold
            continue
        prefix = {"?": "TableStart:", "/": "TableEnd:"}.get(match["sign"], "")
        yield Piece(f"{prefix}{match['name']}", bold, True, match["picture"] or "")
    if at < len(line):
        yield Piece(line[at:], bold)


def _lines(path: Path, body: str) -> Iterator[str]:
    for line in body.splitlines():
        if line.startswith("[include "):
            included = path.with_name(f"_{line[9:].rstrip(' ]')}.md")
            yield ""
            yield from _lines(included, included.read_text(encoding="utf-8"))
            yield ""
        else:
            yield line.rstrip()


def _blocks(lines: list[str], path: Path) -> Iterator[Block]:
    paragraph: list[str] = []
    rows: list[tuple[str, ...]] = []
    header = False
    for line in [*lines, ""]:
        if rows and not line.startswith("|"):
            yield Block("rows", rows=tuple(rows), header=header)
            rows, header = [], False
        other = _line(line, path)
        if paragraph and (other is not None or not line or line.startswith("|")):
            yield Block("paragraph", " ".join(paragraph))
            paragraph = []
        if other is not None:
            yield other
        elif _RULE.fullmatch(line):
            header = True
        elif line.startswith("|"):
            rows.append(tuple(cell.strip() for cell in line.strip("|").split("|")))
        elif line:
            paragraph.append(line)


def _line(line: str, path: Path) -> Block | None:
    """Return the block that a single line makes; None for text, a table row or a blank line."""
    starts: tuple[tuple[str, Kind], ...] = (
        ("# ", "heading"),
        ("## ", "subheading"),
        ("- ", "point"),
        ("> ", "box"),
    )
    for start, kind in starts:
        if line.startswith(start):
            return Block(kind, line[len(start) :])
    mark = _MARK.fullmatch(line)
    if mark:
        return Block("start" if mark["sign"] == "?" else "end", name=mark["name"])
    part = _PART.fullmatch(line)
    if part:
        return Block("part", part["text"] or "", part["name"])
    if line.startswith(("[", "#")):
        raise WordingError(f"{path.name}: this line is not understood: {line}")
    return None
