"""Facts that were supplied go with their source, and a run and `check` say so; a file that is missing is a fault."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from connector.store import Store
from tests.connector.commands.test_renamed_school import LAST_DAY, write_register

_CONFIG = """
[service]
state = "state"
[[school]]
id = "hill"
name = "Hill School"
policy = "hcat"
[school.mis]
adapter = "folder"
register_folder = "register"
letters_folder = "letters"
[school.letters]
telephone = "01632 960000"
[school.run]
first_run_school_days = 250
[school.supply]
{supply}
"""
_RECORDS = """
[[exclusions]]
pupil_id = "1"
reason = "asked by the head"
[[exclusions]]
flag = "looked_after"
reason = "virtual school"
[[attendance_plans]]
pupil_id = "2"
date = 2025-10-01
"""
_GONE = "the records file is no longer named as supply.records: 1 attendance plan and 2 exclusions"


def configure(**supply: str) -> None:
    lines = "".join(f'{name} = "{file}"\n' for name, file in supply.items())
    Path("config.toml").write_text(_CONFIG.format(supply=lines))


@pytest.fixture(autouse=True)
def register(own_folder: Path) -> Path:
    write_register(Path("register"), "Birch")
    Path("records.toml").write_text(_RECORDS)
    return Path("register")


@pytest.fixture
def run(call):
    """Run the school once; return the exit code and its warnings."""

    def once(*more: str) -> tuple[int, list[str]]:
        ended = call("run", "--as-of", LAST_DAY, "--json", "--config", "config.toml", *more)
        return ended.code, json.loads(ended.out)["warnings"] if ended.out else [ended.err]

    return once


@pytest.fixture
def check(call):
    return lambda: call("check", "--config", "config.toml")


def excluded() -> list[str]:
    with Store.open(Path("state/hill.db"), "hill") as store:
        return [exclusion.reason for exclusion in store.facts.exclusions()]


def letters() -> int:
    return len(list(Path("letters/pupils/1").rglob("*.docx")))


def test_a_records_file_that_is_taken_out_takes_its_exclusions_along(run, check) -> None:
    configure(records="records.toml")
    assert run() == (0, [])
    assert (len(excluded()), letters()) == (2, 0)
    configure()
    assert f"{_GONE}; the next run lets go of that" in check().err
    assert len(excluded()) == 2, "check changes nothing"
    assert run("--dry-run") == (0, [_GONE])
    assert len(excluded()) == 2
    assert run() == (0, [_GONE])
    assert excluded() == []
    assert (run(), _GONE in check().err) == ((0, []), False)


def test_a_records_file_that_is_put_in_again_counts_again(run) -> None:
    for supply in ({}, {"records": "records.toml"}, {}, {"records": "records.toml"}):
        configure(**supply)
        assert run()[0] == 0
        assert len(excluded()) == 2 * len(supply)


def test_what_another_source_says_too_is_not_lost(run, register: Path) -> None:
    configure(records="records.toml")
    assert run() == (0, [])
    configure()
    shutil.copy("records.toml", register / "settings.toml")
    assert run() == (0, [])
    assert len(excluded()) == 2


def test_a_records_file_that_moved_says_the_same(run) -> None:
    configure(records="records.toml")
    assert run() == (0, [])
    Path("records.toml").rename("other.toml")
    configure(records="other.toml")
    assert run() == (0, [])
    assert len(excluded()) == 2


@pytest.mark.parametrize("name", ["records", "contacts", "calendar"])
def test_a_file_that_is_named_and_missing_is_a_fault_and_takes_nothing_away(
    run, check, register: Path, name: str
) -> None:
    for file in ("contacts.csv", "calendar.csv"):
        shutil.copy(register / file, file)
    supply = {"records": "records.toml", "contacts": "contacts.csv", "calendar": "calendar.csv"}
    configure(**supply)
    assert run() == (0, [])
    Path(supply[name]).unlink()
    assert f"school[0].supply.{name}: there is no file" in check().err
    assert run()[0] == 2
    assert len(excluded()) == 2


def test_contacts_and_a_calendar_that_are_taken_out_are_told_once(run, check, register: Path) -> None:
    for file in ("contacts.csv", "calendar.csv"):
        shutil.copy(register / file, file)
    configure(contacts="contacts.csv", calendar="calendar.csv")
    assert run() == (0, [])
    configure()
    assert check().err.count("names no file any more") == 2
    code, warnings = run()
    assert (code, [warning.split(" ")[0] for warning in warnings]) == (
        0,
        ["supply.calendar", "supply.contacts"],
    )
    assert (run(), check().err.count("any more")) == ((0, []), 0)


@pytest.mark.parametrize("file", ["settings.toml", "contacts.csv", "pupils.csv"])
def test_an_optional_file_of_a_register_folder_that_is_missing_holds_the_run(
    run, check, register: Path, file: str
) -> None:
    shutil.copy("records.toml", register / "settings.toml")
    configure()
    assert run() == (0, [])
    kept = (register / file).rename(file)
    checked = check()
    assert checked.code == 2
    assert f"register folder: {file}: was read before and is missing now" in checked.err
    assert (run()[0], len(excluded())) == (3, 2)
    shutil.copy(kept, register / file)
    assert (run(), len(excluded())) == ((0, []), 2)


def test_a_person_can_let_a_missing_file_go(run, register: Path) -> None:
    shutil.copy("records.toml", register / "settings.toml")
    configure()
    assert run() == (0, [])
    (register / "settings.toml").unlink()
    code, warnings = run("--accept", "missing_file")
    assert code == 0
    assert warnings[0].startswith("settings.toml is no longer in the register folder")
    assert (excluded(), run()) == ([], (0, []))
