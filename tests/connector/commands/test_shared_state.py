"""Two configurations that name one state folder: the second one's run and `check` refuse it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from connector.config.state_folder import FILE
from tests.connector.commands.test_renamed_school import LAST_DAY, write_register

_SCHOOL = """
[[school]]
id = "{id}"
name = "{id} School"
policy = "hcat"
[school.mis]
adapter = "folder"
register_folder = "{register}"
letters_folder = "letters-{id}"
[school.letters]
telephone = "01632 960000"
[school.run]
first_run_school_days = 250
"""


def configure(file: str, *schools: str, state: str = "state", register: str = "") -> None:
    tables = [
        _SCHOOL.format(id=school, register=str(Path(register or school).resolve())) for school in schools
    ]
    path = Path(file)
    path.parent.mkdir(exist_ok=True)
    path.write_text(f'[service]\nstate = "{state}"\n' + "".join(tables))


@pytest.fixture(autouse=True)
def two_registers(own_folder: Path) -> None:
    write_register(Path("hill"), "Birch")
    write_register(Path("dale"), "Cedar")


@pytest.fixture
def ac(call):
    """Call a command with one of the configurations."""
    return lambda file, *arguments: call(*arguments, "--config", file)


def run(ac, file: str) -> int:
    return ac(file, "run", "--as-of", LAST_DAY).code


def databases() -> list[str]:
    return sorted(path.name for path in Path("state").glob("*.db"))


@pytest.mark.parametrize("school", ["dale", "hill", "mill"])
def test_a_second_configuration_is_refused_and_check_says_so(ac, school: str) -> None:
    """With another school, with the same id for another school, and with the same school under another id."""
    configure("one.toml", "hill")
    configure("two.toml", school, register="hill" if school == "mill" else "dale")
    assert run(ac, "one.toml") == 0
    before = Path("state/hill.db").read_bytes()
    ended = ac("two.toml", "run", "--as-of", LAST_DAY)
    assert ended.code == 2
    one = Path("one.toml").resolve()
    assert f"is the state of another configuration, {one}" in ended.err
    assert "What to do: name another folder in one of the two" in ended.err
    assert databases() == ["hill.db"]
    assert Path("state/hill.db").read_bytes() == before
    checked = ac("two.toml", "check")
    assert checked.code == 2
    assert f"is the state of another configuration, {one}" in checked.err
    assert (run(ac, "one.toml"), ac("one.toml", "check").code) == (0, 0)


def test_one_configuration_with_several_schools_runs_as_before(ac) -> None:
    configure("one.toml", "hill", "dale")
    assert run(ac, "one.toml") == 0
    assert run(ac, "one.toml") == 0
    assert databases() == ["dale.db", "hill.db"]
    assert json.loads(Path("state", FILE).read_text()) == {"configuration": str(Path("one.toml").resolve())}


@pytest.mark.parametrize("how", ["moved", "names another folder", "is gone"])
def test_a_configuration_that_names_the_folder_no_more_leaves_it_to_the_next(ac, how: str) -> None:
    configure("one.toml", "hill")
    assert run(ac, "one.toml") == 0
    if how == "moved":
        Path("one.toml").rename("two.toml")
    elif how == "is gone":
        Path("one.toml").unlink()
        configure("two.toml", "hill")
    else:
        configure("one.toml", "dale", state="other")
        configure("two.toml", "hill")
    assert ac("two.toml", "check").code == 0
    assert run(ac, "two.toml") == 0
    assert json.loads(Path("state", FILE).read_text())["configuration"].endswith("two.toml")


def test_the_same_file_by_another_path_and_a_damaged_mark_stop_nothing(ac) -> None:
    configure("one.toml", "hill")
    assert run(ac, "one.toml") == 0
    Path("link.toml").symlink_to("one.toml")
    assert run(ac, "link.toml") == 0
    Path("state", FILE).write_text("[]")
    assert run(ac, "one.toml") == 0


def test_a_configuration_that_is_there_and_cannot_be_read_keeps_its_folder(ac) -> None:
    configure("one.toml", "hill")
    configure("two.toml", "dale")
    assert run(ac, "one.toml") == 0
    Path("one.toml").write_text("state = ")
    assert run(ac, "two.toml") == 2


def test_the_folder_is_found_relative_to_the_other_configuration(ac) -> None:
    configure("far/one.toml", "hill", state="../state")
    configure("two.toml", "hill")
    assert run(ac, "far/one.toml") == 0
    assert run(ac, "two.toml") == 2
