"""A mock proves an adapter only if it states by itself what the MIS sends: it imports nothing of the adapter."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import connector.mock

FOLDER = Path(connector.mock.__file__).parent
MODULES = [path for path in FOLDER.rglob("*.py") if path != FOLDER / "demo.py"]
"""The demo is no mock: it runs the whole product, adapters included."""


def imported(path: Path) -> set[str]:
    """Return the modules that a file imports."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            names.add(node.module or "")
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
    return names


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(FOLDER).as_posix())
def test_no_mock_imports_anything_of_an_adapter(path: Path) -> None:
    assert not {name for name in imported(path) if name.startswith("connector.adapters")}


def test_the_demo_reaches_adapters_by_their_contract_only() -> None:
    kinds = {"arbor", "folder", "sims", "wonde", "xporter"}
    parts = [
        name.split(".") for name in imported(FOLDER / "demo.py") if name.startswith("connector.adapters.")
    ]
    assert parts
    assert not kinds & {part[2] for part in parts}


def test_no_mock_reads_a_file_of_an_adapter() -> None:
    for path in MODULES:
        assert "adapters" not in path.read_text(encoding="utf-8"), path
