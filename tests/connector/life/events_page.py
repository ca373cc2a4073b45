"""What `docs/events.md` and its drawing say, read back."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

DOCS = Path(__file__).resolve().parents[3] / "docs"
PAGE = (DOCS / "events.md").read_text(encoding="utf-8")
DRAWING = (DOCS / "events.svg").read_text(encoding="utf-8")


@dataclass(frozen=True)
class Way:
    """One line of the page's table of ways."""

    start: str
    end: str
    who: tuple[str, ...]


def table(heading: str) -> list[list[str]]:
    """Return the rows of the table under a heading, without its head."""
    section = PAGE.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def names(heading: str) -> list[str]:
    """Return the first cells of a table, without their signs of code."""
    return [row[0].strip("`") for row in table(heading)]


def ways() -> list[Way]:
    """Return every way from a state to another."""
    rows = table("What leads from each to which")
    return [Way(row[0], row[1], tuple(row[3].replace("`", "").split(", "))) for row in rows]


def edges_of_text() -> set[tuple[str, str]]:
    """Return the arrows of the drawing as text; "new" is where an event begins, "open" is every state not in the MIS."""
    found = re.findall(r"^    (\S+) --> (\w+):", PAGE, re.MULTILINE)
    return {(start.replace("[*]", "new"), end) for start, end in found}


def edges_drawn() -> set[tuple[str, str]]:
    """Return the arrows of the drawing."""
    return {(start, end) for start, end in re.findall(r'<path id="(\w+)-(\w+)"', DRAWING)}
