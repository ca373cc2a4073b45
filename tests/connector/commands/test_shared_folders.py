"""Two configurations on one server that name one folder: the second school's run and `check` refuse it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from connector.adapters.folder_marks import FILE
from tests.connector.commands.test_renamed_school import LAST_DAY, write_register

_CONFIG = """
[service]
state = "state-{name}"
[[school]]
id = "{id}"
name = "{name} School"
policy = "hcat"
[school.mis]
adapter = "folder"
register_folder = "{register}"
letters_folder = "{letters}"
[school.letters]
telephone = "01632 960000"
[school.run]
first_run_school_days = 250
{run}
"""


def configure(name: str, letters: str, *, school_id: str = "", register: str = "", run: str = "") -> None:
    text = _CONFIG.format(
        name=name, id=school_id or name, register=register or name, letters=letters, run=run
    )
    Path(f"{name}.toml").write_text(text)


@pytest.fixture(autouse=True)
def two_registers(own_folder: Path) -> None:
    write_register(Path("hill"), "Birch")
    write_register(Path("dale"), "Cedar")


@pytest.fixture
def ac(call):
    """Call a command with one of the two configurations."""
    return lambda name, *arguments: call(*arguments, "--config", f"{name}.toml")


def run(ac, name: str, *more: str):
    return ac(name, "run", "--as-of", LAST_DAY, *more)


def files(folder: str) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in Path(folder).rglob("*") if path.is_file()}


@pytest.mark.parametrize("school_id", ["", "hill"])
def test_a_folder_of_another_configurations_school_is_refused(ac, school_id: str) -> None:
    configure("hill", "letters")
    configure("dale", "letters", school_id=school_id)
    assert run(ac, "hill").code == 0
    before = files("letters")
    checked = ac("dale", "check")
    assert checked.code == 2
    assert "school[0].mis.letters_folder: " in checked.err
    assert "is of another school: hill" in checked.err
    for more in ((), ("--dry-run",)):
        ended = run(ac, "dale", *more)
        assert ended.code == 3
        assert "is of another school: hill" in ended.out
        assert "--accept folder" in ended.out
    assert files("letters") == before
    assert (ac("hill", "check").code, run(ac, "hill").code) == (0, 0)


@pytest.mark.parametrize(("first", "second"), [("letters", "letters/dale"), ("letters/hill", "letters")])
def test_a_folder_inside_another_schools_is_refused(ac, first: str, second: str) -> None:
    Path("letters").mkdir()
    configure("hill", first)
    configure("dale", second)
    assert run(ac, "hill").code == 0
    before = files("letters")
    assert (ac("dale", "check").code, run(ac, "dale").code) == (2, 3)
    assert files("letters") == before


def test_the_digest_has_its_school_too(ac) -> None:
    configure("hill", "letters-hill", run='digest = "out/digest"')
    configure("dale", "letters-dale", run='digest = "out/digest"')
    assert run(ac, "hill").code == 0
    assert "school[0].run.digest: " in ac("dale", "check").err
    assert run(ac, "dale").code == 3


def test_a_dry_run_and_a_check_mark_nothing(ac) -> None:
    configure("hill", "letters")
    assert run(ac, "hill", "--dry-run").code == 0
    assert ac("hill", "check").code == 0
    assert FILE not in [path.name for path in Path().rglob(FILE)]


def test_a_school_goes_on_after_its_id_or_its_register_folder_changed(ac) -> None:
    configure("hill", "letters")
    assert run(ac, "hill").code == 0
    configure("hill", "letters", school_id="hill2")
    assert (ac("hill", "check").code, run(ac, "hill").code) == (0, 0)
    Path("hill").rename("moved")
    configure("hill", "letters", school_id="hill2", register="moved")
    assert (ac("hill", "check").code, run(ac, "hill").code) == (0, 0)
    shutil.rmtree("state-hill")
    assert (ac("hill", "check").code, run(ac, "hill").code) == (0, 0), "the mark names the moved folder now"


def test_a_school_whose_state_was_lost_is_known_by_its_mis(ac) -> None:
    configure("hill", "letters")
    assert run(ac, "hill").code == 0
    shutil.rmtree("state-hill")
    assert ac("hill", "check").code == 0
    ended = run(ac, "hill", "--json")
    assert ended.code == 0, ended.out


def test_a_person_can_give_a_folder_to_another_school(ac) -> None:
    configure("hill", "letters")
    configure("dale", "letters")
    run(ac, "hill")
    assert run(ac, "dale", "--accept", "folder").code == 0
    assert run(ac, "dale").code == 0
    assert run(ac, "hill").code == 3


def test_a_damaged_mark_is_of_no_known_school(ac) -> None:
    configure("hill", "letters")
    run(ac, "hill")
    Path("letters", FILE).write_text("{")
    assert "is damaged" in ac("hill", "check").err
    ended = run(ac, "hill")
    assert (ended.code, "is damaged" in ended.out) == (3, True)
    assert run(ac, "hill", "--accept", "folder").code == 0
    assert json.loads(Path("letters", FILE).read_text())["school"] == "hill"


def test_a_drive_that_is_not_there_is_not_replaced_by_a_folder(ac) -> None:
    configure("hill", "drive/letters")
    assert run(ac, "hill").code == 1
    assert not Path("drive").exists()
