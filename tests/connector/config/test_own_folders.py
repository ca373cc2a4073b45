"""Two schools of a configuration never share a folder, however its path is written."""

from __future__ import annotations

from pathlib import Path

import pytest

from connector.config import read_config

_SCHOOL = """
[[school]]
id = "{id}"
name = "{id} School"
policy = "hcat"
[school.mis]
adapter = "folder"
register_folder = "{register}"
letters_folder = "{letters}"
[school.letters]
telephone = "01632 960001"
[school.run]
{run}
[school.supply]
{supply}
"""


def table(school: str, register: str = "", letters: str = "", run: str = "", supply: str = "") -> str:
    return _SCHOOL.format(
        id=school,
        register=register or f"register-{school}",
        letters=letters or f"letters-{school}",
        run=run,
        supply=supply,
    )


def faults(folder: Path, *tables: str, state: str = "state") -> list[str]:
    path = folder / "config.toml"
    path.write_text(f'[service]\nstate = "{state}"\n' + "".join(tables), encoding="utf-8")
    return [
        f"{found.where.removeprefix(f'{path}: ')} {found.message}" for found in read_config(path).findings
    ]


def test_schools_with_folders_of_their_own_have_no_fault(tmp_path: Path) -> None:
    supply, run = 'folder = "out/{}"', 'digest = "digests/{}"'
    tables = [table(name, run=run.format(name), supply=supply.format(name)) for name in ("hill", "dale")]
    assert faults(tmp_path, *tables) == []


def test_the_folders_of_one_school_may_be_one(tmp_path: Path) -> None:
    one = table("hill", letters="out", run='digest = "out/digest"', supply='folder = "out"')
    assert faults(tmp_path, one) == []


def test_a_register_folder_below_another_is_only_read(tmp_path: Path) -> None:
    assert faults(tmp_path, table("hill", register="in"), table("dale", register="in/dale")) == []


@pytest.mark.parametrize(
    ("first", "second", "fault"),
    [
        (
            {"letters": "out"},
            {"letters": "out"},
            "mis.letters_folder is the same folder as school[0].mis.letters_folder",
        ),
        (
            {"register": "in"},
            {"register": "in"},
            "mis.register_folder is the same folder as school[0].mis.register_folder",
        ),
        (
            {"supply": 'folder = "out"'},
            {"supply": 'folder = "out"'},
            "supply.folder is the same folder as school[0].supply.folder",
        ),
        (
            {"run": 'digest = "out"'},
            {"run": 'digest = "out"'},
            "run.digest is the same folder as school[0].run.digest",
        ),
        (
            {"run": 'digest = "out"'},
            {"letters": "out"},
            "mis.letters_folder is the same folder as school[0].run.digest",
        ),
        (
            {"letters": "out"},
            {"letters": "out/dale"},
            "mis.letters_folder lies inside school[0].mis.letters_folder",
        ),
        (
            {"letters": "out/hill"},
            {"letters": "out"},
            "mis.letters_folder holds school[0].mis.letters_folder",
        ),
        (
            {"register": "in"},
            {"letters": "in/letters"},
            "mis.letters_folder lies inside school[0].mis.register_folder",
        ),
        (
            {"letters": "out"},
            {"letters": "./x/../out"},
            "mis.letters_folder is the same folder as school[0].mis.letters_folder",
        ),
    ],
)
def test_a_folder_of_two_schools_is_a_fault(
    tmp_path: Path, first: dict[str, str], second: dict[str, str], fault: str
) -> None:
    assert faults(tmp_path, table("hill", **first), table("dale", **second)) == [
        f"school[1].{fault}: two schools never share a folder"
    ]


def test_a_folder_through_a_link_is_the_same(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "other").symlink_to(tmp_path / "out", target_is_directory=True)
    (fault,) = faults(tmp_path, table("hill", letters="out"), table("dale", letters="other/new"))
    assert "lies inside school[0].mis.letters_folder" in fault


@pytest.mark.parametrize(
    ("letters", "how"), [("state", "is the same folder as"), ("state/out", "lies inside")]
)
def test_letters_never_go_into_the_state(tmp_path: Path, letters: str, how: str) -> None:
    assert faults(tmp_path, table("hill", letters=letters)) == [
        f"school[0].mis.letters_folder {how} the folder of the state, service.state"
    ]


def test_the_state_is_never_kept_where_letters_go(tmp_path: Path) -> None:
    (fault,) = faults(tmp_path, table("hill", letters="out"), state="out/state")
    assert "mis.letters_folder holds the folder of the state" in fault


def test_a_register_folder_may_hold_the_state_and_not_be_it(tmp_path: Path) -> None:
    assert faults(tmp_path, table("hill", register=".")) == []
    (fault,) = faults(tmp_path, table("hill", register="state"))
    assert "mis.register_folder is the same folder as the folder of the state" in fault
