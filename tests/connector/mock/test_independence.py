"""A mock proves an adapter only if it states by itself what the MIS sends: it imports nothing of the adapter."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import connector.mock

FOLDER = Path(connector.mock.__file__).parent
ROOT = FOLDER.parents[1]
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
        text = path.read_text(encoding="utf-8")
        assert "adapters" not in text, path
        assert "fields.toml" not in text, path


def own_file(module: str) -> Path | None:
    """Return the file of a module of this project."""
    path = ROOT.joinpath(*module.split("."))
    files = (path.with_suffix(".py"), path / "__init__.py")
    return next((file for file in files if file.is_file()), None)


def test_nothing_that_a_mock_imports_leads_to_an_adapter() -> None:
    waiting, seen = list(MODULES), set()
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        seen.add(path)
        names = imported(path)
        assert not {name for name in names if name.startswith("connector.adapters")}, path
        waiting += [file for file in map(own_file, names) if file is not None]
    assert ROOT / "connector" / "errors.py" in seen, "the walk follows imports out of the mocks' folder"
