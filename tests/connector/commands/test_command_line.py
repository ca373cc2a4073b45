"""The command line as a whole: help, wrong usage, exit codes, no traceback."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from connector.commands.app import app
from connector.commands.shared.output import use_utf8

ROOT = typer.main.get_command(app)


def commands(command: object = ROOT, path: tuple[str, ...] = ()) -> list[tuple[tuple[str, ...], object]]:
    """Every command that can be run, with its path."""
    inner = getattr(command, "commands", None)
    if not inner:
        return [(path, command)]
    return [found for name, sub in inner.items() for found in commands(sub, (*path, name))]


@pytest.mark.parametrize("path", [path for path, _ in commands()], ids=" ".join)
def test_every_command_has_help_with_an_example(call, path: tuple[str, ...]) -> None:
    ended = call(*path, "--help")
    assert ended.code == 0
    assert f"Example: attendance-connector {' '.join(path)}" in " ".join(ended.out.split())
    own = set(re.findall(r"\b(?:[A-Z][a-z]+){2,}\b", ended.out)) - {"LibreOffice"}
    assert own == set(), "no name of the code stands in a help text"


@pytest.mark.parametrize(
    ("path", "command"), commands(), ids=lambda value: " ".join(value) if isinstance(value, tuple) else ""
)
def test_every_command_takes_a_configuration(path: tuple[str, ...], command: object) -> None:
    options = {option for parameter in command.params for option in parameter.opts}  # type: ignore[attr-defined]
    assert "--config" in options, path


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("nonsense",),
        ("evaluate",),
        ("evaluate", "--nonsense"),
        ("run", "--as-of", "yesterday"),
        ("mock", "bromcom"),
    ],
    ids=lambda arguments: " ".join(arguments) or "nothing",
)
def test_wrong_usage_is_one_line_and_exit_code_2(call, arguments: tuple[str, ...]) -> None:
    ended = call(*arguments)
    assert ended.code == 2
    assert ended.out == ""
    assert len(ended.faults) == 1


def test_a_missing_configuration_is_reported_with_what_to_do(call) -> None:
    ended = call("status")
    assert ended.code == 2
    assert ended.err == "config.toml: does not exist\nWhat to do: write it with 'attendance-connector init'\n"


def test_an_unexpected_fault_is_one_line_and_its_traceback_is_in_the_log(
    call, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def break_down(*_: object) -> None:
        raise ZeroDivisionError("the secret is swordfish for A123456789012")

    log = tmp_path / "logs" / "connector.log"
    monkeypatch.setattr("connector.__main__.default_log_path", lambda: log)
    monkeypatch.setattr("connector.commands.policy.policies.load_policy", break_down)
    from connector.logs import mask

    mask("swordfish")
    ended = call("policies", "show", "hcat")
    assert ended.code == 1
    assert ended.err == f"attendance-connector: unexpected fault (ZeroDivisionError), details are in {log}\n"
    kept = log.read_text(encoding="utf-8")
    assert "Traceback" in kept
    assert "swordfish" not in kept
    assert "A123456789012" not in kept


def test_the_installed_program_prints_utf_8_regardless_of_the_locale(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "connector", "policies", "show", "hcat"],
        capture_output=True,
        check=True,
        cwd=tmp_path,
        env={
            "PYTHONIOENCODING": "ascii",
            "PATH": "",
            "PYTHONPATH": str(Path(__file__).parents[3]),
            "SYSTEMROOT": "C:\\Windows",
        },
    )
    assert "£60" in done.stdout.decode("utf-8")
    use_utf8()
