"""What reaches a log, and what never does."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from connector.logs import configure_logs, mask


@pytest.fixture
def log_file(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "logs" / "connector.log"
    configure_logs(level="debug", form="json", file=path)
    yield path
    configure_logs(level="warning")


def lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_a_line_is_one_json_object_with_its_fields(log_file: Path) -> None:
    structlog.get_logger("connector.test").info("run ended", school="hill", notes=3)
    line = lines(log_file)[0]
    assert (line["event"], line["school"], line["notes"], line["level"]) == ("run ended", "hill", 3, "info")


def test_secrets_upns_addresses_and_personal_fields_are_kept_out(log_file: Path) -> None:
    mask("swordfish")
    structlog.get_logger("connector.test").warning(
        "refused with swordfish",
        forename="Ana",
        upn="A123456789012",
        detail="pupil A123456789012 of HU1 1AA wrote to ana@example.org",
        nested={"surname": "Novak", "where": ["swordfish"]},
    )
    text = log_file.read_text(encoding="utf-8")
    for private in ("swordfish", "Ana", "A123456789012", "HU1 1AA", "ana@example.org", "Novak"):
        assert private not in text


def test_other_libraries_lines_pass_the_same_way(log_file: Path) -> None:
    mask("swordfish")
    logging.getLogger("somebody.else").error("the password is %s", "swordfish")
    assert lines(log_file)[0]["event"] == "the password is ***"


def test_a_traceback_goes_to_the_file_and_not_to_the_terminal(
    log_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    configure_logs(level="info", form="text", file=log_file)
    try:
        raise RuntimeError("broken")
    except RuntimeError:
        structlog.get_logger("connector.test").exception("unexpected fault")
    assert "Traceback" in log_file.read_text(encoding="utf-8")
    printed = capsys.readouterr().err
    assert "unexpected fault" in printed
    assert "Traceback" not in printed
