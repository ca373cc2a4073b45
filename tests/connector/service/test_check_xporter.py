"""`check` of a school behind Xporter names what must be supplied before a run can be made."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from connector.config.example import config_text
from connector.mock.register_folder import write_register_folder
from connector.mock.server import MockServer
from connector.service.check import Checked, check_all
from connector.testing.schools import small_school


def checked(folder: Path, monkeypatch: pytest.MonkeyPatch, supply: dict[str, Any]) -> Checked:
    with MockServer("xporter", small_school()) as server:
        monkeypatch.setenv("ATTENDANCE_CONNECTOR_HILL_PASSWORD", server.secrets["password"])
        values = {
            "school": {
                "id": "hill",
                "name": "Hill Primary School",
                "letters": {"telephone": "01632 960001"},
                "run": {"trial_day": server.today},
                "supply": {"folder": str(folder / "letters"), **supply},
            },
            "mis": {"adapter": "xporter", **server.settings},
        }
        (folder / "config.toml").write_text(config_text(values), encoding="utf-8")
        return check_all(folder / "config.toml")


def test_a_calendar_and_the_facts_that_xporter_has_not_are_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = checked(tmp_path, monkeypatch, {})
    assert not result.ok
    said = "\n".join(
        f"{one.where} {one.message} {one.fix}" for one in result.findings if one.severity == "error"
    )
    assert "supply" in said
    assert [one.where for one in result.findings if "no calendar" in one.message] == [
        "school[0].supply.calendar"
    ]
    assert any("court orders" in one.message for one in result.findings)


def test_with_the_files_supplied_nothing_is_wrong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write_register_folder(tmp_path / "supply", small_school(), small_school().last_day)
    files = {name: str(folder / f"{name}.csv") for name in ("calendar", "contacts", "pupils")}
    result = checked(tmp_path, monkeypatch, files)
    assert [one for one in result.findings if one.severity == "error"] == []
    assert not any("court orders" in one.message for one in result.findings)
