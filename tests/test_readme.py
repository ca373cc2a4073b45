"""The README says what is so: its two commands, its walk-through, its links and the commands it names."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

from connector.__main__ import exit_code_of
from connector.commands.app import app

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def block(title: str) -> list[str]:
    """Return the commands of the code block under a marked heading of the walk-through."""
    found = re.search(rf"<!-- walk-through: {title} -->\n```\n(.*?)\n```", README, flags=re.DOTALL)
    assert found, title
    return found[1].splitlines()


def test_both_commands_are_one_line_each_for_copy_and_paste() -> None:
    blocks = re.findall(r"```sh\n(.*?)\n```", README, flags=re.DOTALL)
    assert len(blocks) == 2
    assert all("\n" not in command for command in blocks)
    assert blocks[0].endswith("attendance-connector demo")
    assert "pytest" in blocks[1]


@pytest.mark.skipif(shutil.which("awk") is None, reason="the checks before landing run on Linux")
def test_the_checks_take_these_very_commands_from_the_readme() -> None:
    text = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    program = re.search(r"awk -v wanted=\"\$1\" '(.*)' README.md", text)
    assert program
    for number, expected in enumerate(re.findall(r"```sh\n(.*?)\n```", README, flags=re.DOTALL), start=1):
        command = ["awk", "-v", f"wanted={number}", program[1], str(ROOT / "README.md")]
        assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == f"{expected}\n"


def test_the_opening_says_what_the_product_does_in_five_sentences() -> None:
    opening = README.split("**See all of it**")[0].split("\n\n", 1)[1]
    assert len(re.findall(r"[.:](?=\s|$)", re.sub(r":\s", " ", opening))) == 5


def test_every_link_leads_to_a_file_of_the_project() -> None:
    pages = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
    for page in pages:
        for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_every_command_that_is_named_exists() -> None:
    root = typer.main.get_command(app)
    texts = [README, *(page.read_text(encoding="utf-8") for page in (ROOT / "docs").glob("*.md"))]
    for text in texts:
        for named in re.findall(r"`attendance-connector ([a-z][^`]*)`", text):
            command = root
            for word in shlex.split(named):
                inner = getattr(command, "commands", None)
                if not inner:
                    break
                assert word in inner, named
                command = inner[word]


@pytest.fixture
def first_terminal() -> Iterator[tuple[str, dict[str, object]]]:
    """Serve the walk-through's mock on a free port; yield its port and what it announced."""
    (line,) = block("first terminal")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    arguments = shlex.split(line.replace("8765", str(port)))[1:]
    with subprocess.Popen(
        [sys.executable, "-m", "connector", *arguments], stdout=subprocess.PIPE, cwd=ROOT
    ) as mock:
        assert mock.stdout is not None
        yield str(port), json.loads(mock.stdout.readline())
        mock.terminate()


def test_the_walk_through_works_word_for_word(
    first_terminal: tuple[str, dict[str, object]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    port, announced = first_terminal
    for line in block("without a keyring"):
        name, value = line.removeprefix("export ").split("=")
        monkeypatch.setenv(name, value)
        assert value in announced["credentials"].values()
    assert announced["school"]["name"] == "Hollin Bank Primary School"
    monkeypatch.chdir(tmp_path)
    codes = []
    for line in block("second terminal"):
        if "credentials set" not in line:
            codes.append(exit_code_of(shlex.split(line.replace("8765", port))[1:]))
    printed = capsys.readouterr()
    assert codes == [0, 0, 3, 3, 0], printed.err
    assert "Nothing is wrong" in printed.out
    assert "documents would be written" in printed.out
    assert exit_code_of(["events", "release", "--run", "1"]) == 0
