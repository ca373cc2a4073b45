"""The limits that keep the code walkable: sizes of files and folders, names of modules, who may import the mocks."""

from __future__ import annotations

import ast
from collections import defaultdict
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
CODE = sorted(path for room in ("connector", "letters", "rules") for path in (ROOT / room).rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))
MOST_LINES = 400
MOST_LINES_OF_A_TEST = 480
MOST_MODULES = 16

ONE_MEANING = {
    "adapter": "the adapter of the MIS that the folder is named after",
    "app": "an application: the mock's web application, or the command line",
    "charts": "charts in Word documents",
    "check": "what `check` does: the command, and the work",
    "client": "requests to a server over HTTP",
    "compose": "from events to documents: for one, and for all of a run",
    "credentials": "what proves who asks",
    "demo": "the demo: the command, and the work",
    "errors": "the errors that a room raises",
    "evaluate": "judging a register: the command, and the work",
    "events": "what an evaluation found",
    "evidence": "the evidence on one pupil: the command, filing it, and the document",
    "explain": "why a rule fired or did not: the command, and the work",
    "fields": "the MIS's own names of fields",
    "figures": "sessions and percentages of pupils",
    "findings": "what is wrong in the files that people write",
    "graphql": "Arbor's GraphQL, asked and answered",
    "group_report": "the report of a year group or class: the command, and the document",
    "marks": "attendance marks",
    "marks_string": "Xporter's string of marks, read and written",
    "people": "pupils and their contacts, as the MIS gives them",
    "policy": "a school's policy: itself, and its merge fields",
    "pupils": "pupils: the made-up ones, and how reports name them",
    "reads": "everything that an adapter reads, in order",
    "register_folder": "a register folder: opened by commands, and written by the made-up school",
    "rest": "Arbor's REST API, asked and answered",
    "rows": "what the MIS sends, row by row",
    "run": "a run: the command, and the work",
    "schema": "which tables and fields there are",
    "school": "the school itself: facts, settings, merge fields",
    "school_facts": "what an MIS says about the school",
    "service": "the service: its command, and its settings",
    "settings": "the keys of a table of settings",
    "simulate": "what a policy would have done: the command, and the work",
    "state": "everything that a mock holds",
    "status": "what `status` shows: the command, and the work",
    "tables": "tables in Word documents",
    "writes": "everything that an adapter writes",
}
"""Module names that occur more than once, with the one thing that each stands for everywhere."""


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize(
    ("paths", "most"), [(CODE, MOST_LINES), (TESTS, MOST_LINES_OF_A_TEST)], ids=["code", "tests"]
)
def test_no_file_is_too_long(paths: list[Path], most: int) -> None:
    lengths = {name_of(path): len(path.read_text(encoding="utf-8").splitlines()) for path in paths}
    assert {name: length for name, length in lengths.items() if length > most} == {}


def test_no_folder_of_code_holds_too_many_modules() -> None:
    modules: dict[str, int] = defaultdict(int)
    for path in CODE:
        modules[name_of(path.parent)] += path.stem != "__init__"
    assert {folder: count for folder, count in modules.items() if count > MOST_MODULES} == {}


def test_a_module_name_stands_for_one_thing() -> None:
    places = defaultdict(list)
    for path in CODE:
        if not path.stem.startswith("__"):
            places[path.stem].append(name_of(path))
    twice = {stem: found for stem, found in places.items() if len(found) > 1}
    assert {stem: found for stem, found in twice.items() if stem not in ONE_MEANING} == {}
    assert set(ONE_MEANING) <= set(twice), "a name that is no longer there twice"


def test_no_module_of_the_product_imports_a_mock_or_the_test_kit_when_it_is_loaded() -> None:
    """Only the commands `demo` and `mock` use mocks, and they import them when they are called."""
    early = []
    for path in CODE:
        if name_of(path).startswith(("connector/mock/", "connector/testing/")):
            continue
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            early += [
                (name_of(path), name)
                for name in names
                if name.startswith(("connector.mock", "connector.testing"))
            ]
    assert early == []
