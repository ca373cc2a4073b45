"""docs/provisions.md: each row says what carries it, and every rule, file, setting and command that it links to is there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.main import get_command

from connector.commands.app import app
from rules.policy import load_policy, shipped_policies

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "provisions.md").read_text(encoding="utf-8")
TO_COME = "(*)"
"""Stands at the end of a row that rests on what is being built."""
LINK = re.compile(r"\[([^\]]+)\]\(([^)]+)\)")
PACK = re.compile(r"\.\./rules/policies/([\w-]+)\.toml")
SECTIONS = ("Aycliffe Drive", "HCAT", "Aspire", "Thringstone", "Cadle", "Across policies")
LEAST_ROWS = (37, 45, 42, 29, 22, 25)


def rows(section: str) -> list[tuple[str, str]]:
    """Return what is asked and what carries it, of one section."""
    text = PAGE.split(f"\n## {section}\n", 1)[1].split("\n## ", 1)[0]
    cells = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| ")]
    return [(one[0], one[1]) for one in cells[2:]]


def links() -> Iterator[tuple[str, str, str]]:
    """Yield what is asked, a link's text and its target, of every row that stands without the others' work."""
    for section in SECTIONS:
        for asked, carried in rows(section):
            if not carried.endswith(TO_COME):
                yield from ((asked, text, target) for text, target in LINK.findall(carried))


def test_every_link_leads_to_a_file_and_a_rule_to_its_pack() -> None:
    ids = {name: {rule.id for rule in load_policy(name).rules} for name in shipped_policies()}
    commands = set(get_command(app).commands)  # type: ignore[attr-defined]
    settings = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    for asked, text, target in links():
        assert (ROOT / "docs" / target).resolve().is_file(), (asked, target)
        pack = PACK.fullmatch(target)
        if pack and text.startswith("`"):
            assert text.strip("`") in ids[pack[1]], (asked, text)
        if target == "scripts.md":
            assert text.strip("`") in commands, (asked, text)
        if target == "settings.md" and text.startswith("`"):
            assert f"| {text} |" in settings, (asked, text)


def test_rules_of_rows_that_wait_for_something_else_are_in_their_packs_too() -> None:
    ids = {name: {rule.id for rule in load_policy(name).rules} for name in shipped_policies()}
    for text, target in LINK.findall(PAGE):
        pack = PACK.fullmatch(target)
        if pack and text.startswith("`"):
            assert text.strip("`") in ids[pack[1]], text


@pytest.mark.parametrize(("section", "least"), [*zip(SECTIONS, LEAST_ROWS, strict=True)])
def test_every_provision_has_a_row_that_says_what_carries_it(section: str, least: int) -> None:
    found = rows(section)
    assert len(found) >= least
    for asked, carried in found:
        assert "not built" not in carried.lower(), (asked, "say why such software cannot do it")
        assert LINK.search(carried) or re.search(
            "cannot be|no rule:|no name is ever taken", carried, re.IGNORECASE
        ), asked
