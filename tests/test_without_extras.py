"""A school's server has neither the extra `demo` nor `test`: the service and its commands work without them."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from connector.mock.register_folder import write_register_folder
from connector.mock.school import make_school

ROOT = Path(__file__).parents[1]
LIBRARIES = ("flask", "werkzeug", "graphql", "trustme", "pytest", "hypothesis")
NOT_ON_A_SERVER = (*LIBRARIES, "connector.mock", "connector.testing")
BLOCK = "import sys; sys.modules.update(dict.fromkeys({names!r}))\n"
"""Python refuses to import a module whose entry in ``sys.modules`` is None."""


def python(code: str, blocked: tuple[str, ...]) -> subprocess.CompletedProcess[str]:
    """Run code in a new interpreter that cannot import the blocked modules."""
    text = BLOCK.format(names=blocked) + code
    return subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, cwd=ROOT, check=False)


def command(*arguments: object, blocked: tuple[str, ...]) -> subprocess.CompletedProcess[str]:
    """Run a command line in a new interpreter that cannot import the blocked modules."""
    words = [str(argument) for argument in arguments]
    return python(f"from connector.__main__ import main; main({words!r})", blocked)


@pytest.mark.parametrize("module", ["connector.service.loop", "connector.commands.app"])
def test_the_service_and_the_commands_import_neither_the_mocks_nor_a_test_library(module: str) -> None:
    ended = python(f"import {module}", NOT_ON_A_SERVER)
    assert ended.returncode == 0, ended.stderr


def test_a_register_folder_is_evaluated_without_the_extras(tmp_path: Path) -> None:
    school = make_school(pupils=10, weeks=4, seed=3)
    folder = write_register_folder(tmp_path / "register", school, school.last_day)
    ended = command(
        "evaluate", "--register", folder, "--policy", "hcat", "--json",
        blocked=NOT_ON_A_SERVER,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    assert '"events"' in ended.stdout


@pytest.mark.parametrize("arguments", [("demo",), ("mock", "arbor")])
def test_without_the_extra_the_demo_and_the_mocks_say_what_to_install(arguments: tuple[str, ...]) -> None:
    ended = command(*arguments, blocked=LIBRARIES)
    assert ended.returncode == 2
    problem, to_do = ended.stderr.splitlines()
    assert "flask" in problem
    assert to_do == "What to do: pip install 'attendance-connector[demo]'"
    assert ended.stdout == ""


def test_the_libraries_of_the_mocks_are_in_the_extra_and_nowhere_else() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    names = {line.partition(">")[0] for line in project["dependencies"]}
    extra = {line.partition(">")[0] for line in project["optional-dependencies"]["demo"]}
    assert extra == {"flask", "graphql-core", "trustme"}
    assert not extra & names
