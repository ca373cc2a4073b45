"""docs/writing-an-adapter.md takes a newcomer from an empty folder to a passing suite and a run: it is done as it says."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
import tomllib
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from connector.testing.slate import TOKEN
from tests.connector.http.servers import closed_port

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "writing-an-adapter.md"
TEXT = PAGE.read_text(encoding="utf-8")
_FILE = re.compile(r"^```\w+ file=(?P<name>\S+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
_COMMANDS = re.compile(r"^```sh run=(?P<name>\w+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
SECRET = "ATTENDANCE_CONNECTOR_HILL_PRIMARY_TOKEN"


def build(folder: Path) -> None:
    """Every file of the page, and what installing it leaves for others to find its entry point by."""
    found = {m["name"]: m["text"] for m in _FILE.finditer(TEXT)}
    assert len(found) == 5
    for name, text in found.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    project = tomllib.loads(found["pyproject.toml"])["project"]
    installed = folder / f"slate_adapter-{project['version']}.dist-info"
    installed.mkdir()
    head = f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n"
    (installed / "METADATA").write_text(head, encoding="utf-8")
    lines = []
    for group, entries in project["entry-points"].items():
        lines += [f"[{group}]", *(f"{name} = {target}" for name, target in entries.items())]
    (installed / "entry_points.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")


def commands(name: str) -> list[list[str]]:
    """Return the command lines of one block of the page, with this Python's programs in place of those on the path."""
    (text,) = (m["text"] for m in _COMMANDS.finditer(TEXT) if m["name"] == name)
    programs = {"python": [sys.executable], "attendance-connector": [sys.executable, "-m", "connector"]}
    programs["pytest"] = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    lines = (shlex.split(line) for line in text.splitlines())
    return [[*programs.get(words[0], [words[0]]), *words[1:]] for words in lines]


def environment(folder: Path) -> dict[str, str]:
    home = str(folder / "home")
    own = dict.fromkeys(("HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "LOCALAPPDATA", "APPDATA"), home)
    places = os.pathsep.join([str(folder), str(ROOT)])
    return {**os.environ, **own, "PYTHONPATH": places, SECRET: TOKEN}


def ran(command: list[str], folder: Path, where: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, cwd=where, env=environment(folder), capture_output=True, text=True, timeout=300, check=False
    )


@contextmanager
def slate(folder: Path, port: int) -> Iterator[dict[str, Any]]:
    """Serve Slate as the page says, and yield what it announces."""
    (command,) = commands("serve")
    command = [str(port) if word == "8090" else word for word in command]
    with subprocess.Popen(
        command, cwd=folder, env=environment(folder), stdout=subprocess.PIPE, text=True
    ) as server:
        try:
            assert server.stdout is not None
            yield json.loads(server.stdout.readline())
        finally:
            server.terminate()


@pytest.fixture
def port() -> int:
    return closed_port()


def test_slate_is_served_and_answers_as_the_page_asks(tmp_path: Path, port: int) -> None:
    answers = []
    with slate(tmp_path, port) as announced:
        assert announced["credentials"] == {"token": TOKEN}
        assert announced["school"]["last_day"] == "2025-10-24"
        assert announced["school"]["pupils"] == 6
        for _, _, header, url in commands("ask"):
            name, _, value = header.partition(": ")
            asked = urllib.request.Request(url.replace("8090", str(port)), headers={name: value})
            with urllib.request.urlopen(asked, timeout=10) as answer:
                answers.append(json.load(answer))
    school, codes, pupils, marks = answers
    assert school["name"]
    assert {"code", "meaning"} == set(codes[0])
    for table in (pupils, marks):
        assert len(table["rows"]) == 2
        assert table["more"] is True
    assert {path.name for path in (tmp_path / "supply").iterdir()} >= {"calendar.csv", "contacts.csv"}


def test_the_adapter_of_the_page_passes_the_contract(tmp_path: Path) -> None:
    build(tmp_path)
    pip, suite = commands("test")
    assert pip == ["pip", "install", "-e", "."]
    done = ran([*suite, "--rootdir", str(tmp_path), "tests"], tmp_path, tmp_path)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    passed = re.search(r"(\d+) passed", done.stdout)
    assert passed, done.stdout[-500:]
    assert int(passed[1]) > 50, "the suite is run whole"


def test_the_school_of_the_page_is_checked_and_run(tmp_path: Path, port: int) -> None:
    build(tmp_path)
    school = tmp_path / "school"
    config = school / "config.toml"
    config.write_text(config.read_text(encoding="utf-8").replace("8090", str(port)), encoding="utf-8")
    check, show, run = commands("school")
    with slate(tmp_path, port):
        shown = ran(show, tmp_path, school)
        assert shown.returncode == 0, shown.stderr
        assert "Nothing is wrong" in shown.stdout
        assert "/pupils: " in shown.stdout
        assert "    rows[].upn\n" in shown.stdout
        trial = ran([*run, "--json"], tmp_path, school)
        assert trial.returncode == 3, trial.stderr
        assert json.loads(trial.stdout)["pulled"]["pupils"] == 6
    gone = ran(check, tmp_path, school)
    assert gone.returncode == 2
    assert f"school[0].mis.url: Slate: 127.0.0.1 refuses connections on port {port}" in gone.stderr
    assert "What to do: correct `url` in [school.mis]" in gone.stderr


def test_a_copy_of_slate_takes_its_place_in_the_suite(tmp_path: Path) -> None:
    build(tmp_path)
    (copy,) = commands("copy")
    assert ran(copy, tmp_path, tmp_path).returncode == 0
    own = tmp_path / "tests" / "test_slate.py"
    text = own.read_text(encoding="utf-8")
    assert "from connector.testing.slate import serve" in text
    own.write_text(
        text.replace("from connector.testing.slate import serve", "from fake_mis import serve"), "utf-8"
    )
    _, suite = commands("test")
    some = ["-k", "field_by_field or whole or refused", "--rootdir", str(tmp_path), "tests"]
    done = ran([*suite, *some], tmp_path, tmp_path)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    assert re.search(r"[1-9] passed", done.stdout)


def test_every_file_that_the_page_shows_in_its_tree_is_on_the_page() -> None:
    names = {Path(m["name"]).name for m in _FILE.finditer(TEXT)}
    tree = TEXT.split("## 2. The folder")[1].split("```")[1]
    assert names == set(re.findall(r"[\w.]+\.(?:py|toml)", tree))
