"""A school whose id in the configuration was renamed is still the same school: nothing is written twice."""

from __future__ import annotations

import json
import sqlite3
from datetime import date
from pathlib import Path

import pytest

from connector.store import Store
from connector.store.ledger import LedgerRow
from tests.connector.memory_mis import school_days

LAST_DAY = "2025-10-10"
CALENDAR = """kind,name,start,end
year,2025/26,2025-09-01,2026-08-31
term,Autumn,2025-09-03,2025-12-19
half_term,Autumn 1,2025-09-03,2025-10-24
half_term,Autumn 2,2025-11-03,2025-12-19
"""
LATE = ("2025-09-29", "2025-10-01", "2025-10-08")


def write_register(folder: Path, surname: str) -> None:
    """Two pupils of a family, of whom the first is late three times in a half term."""
    folder.mkdir()
    (folder / "calendar.csv").write_text(CALENDAR)
    pupils = "".join(f"{n},First{n},{surname},20{n + 10}-01-15,4A\n" for n in (1, 2))
    header = "pupil_id,legal_forename,legal_surname,date_of_birth,registration_group\n"
    (folder / "pupils.csv").write_text(
        header + pupils.replace("2011", "2016" if surname == "Birch" else "2015")
    )
    contacts = "".join(f"{n},c{n},Ms,Jo,{surname},1,1,0,1,1 Mill Lane,ZZ1 1ZZ\n" for n in (1, 2))
    header = "pupil_id,contact_id,title,forename,surname,priority,parental_responsibility,court_order,correspondence,address_1,postcode\n"
    (folder / "contacts.csv").write_text(header + contacts)
    marks = [
        f"{pupil},{day},{half},{'L' if (pupil, half) == ('1', 'AM') and str(day) in LATE else code}"
        for day in school_days(date(2025, 9, 3), date.fromisoformat(LAST_DAY))
        for pupil in "12"
        for half, code in (("AM", "/"), ("PM", "\\"))
    ]
    (folder / "marks.csv").write_text("\n".join(["pupil_id,date,session,code", *marks, ""]))


def configure(**schools: str) -> None:
    """Write the configuration: school ids and the names of their registers."""
    tables = "".join(
        f"""
[[school]]
id = "{name.replace("_", "-")}"
name = "{register} School"
policy = "hcat"
[school.mis]
adapter = "folder"
register_folder = "{register}"
letters_folder = "letters-{register}"
[school.letters]
telephone = "01632 960000"
[school.run]
first_run_school_days = 250
"""
        for name, register in schools.items()
    )
    Path("config.toml").write_text(f'[service]\nstate = "state"\n{tables}')


@pytest.fixture(autouse=True)
def two_registers(own_folder: Path) -> None:
    write_register(Path("hill"), "Birch")
    write_register(Path("dale"), "Cedar")


@pytest.fixture
def ac(call):
    """Call a command with the configuration."""
    return lambda *arguments: call(*arguments, "--config", "config.toml")


def filed() -> dict[str, bytes]:
    return {
        str(p): p.read_bytes()
        for n in ("hill", "dale")
        for p in Path(f"letters-{n}").rglob("*")
        if p.is_file()
    }


def rows(school_id: str) -> list[LedgerRow]:
    with Store.open(Path(f"state/{school_id}.db"), school_id) as store:
        return store.ledger.rows()


def states() -> list[str]:
    return sorted(path.name for path in Path("state").glob("*.db"))


def test_a_renamed_school_gets_no_letter_and_no_note_a_second_time(ac) -> None:
    configure(hill="hill")
    assert ac("run", "--as-of", LAST_DAY).code == 0
    letters, keys = filed(), [row.key for row in rows("hill")]
    assert any("pupils/1/" in name and name.endswith(".docx") for name in letters)
    configure(hill2="hill")
    checked = ac("check")
    assert checked.code == 0
    assert "hill2 is the school that had the id hill: its state hill.db becomes hill2.db" in checked.err
    shown = ac("status")
    assert "had the id hill" in shown.out
    assert "verified" in shown.out, "the events of the state are counted"
    tried = ac("run", "--as-of", LAST_DAY, "--dry-run")
    assert "0 notes and 0 documents would be written" in tried.out
    assert states() == ["hill.db"], "neither check, status nor a dry run renames anything"
    again = json.loads(ac("run", "--as-of", LAST_DAY, "--json").out)
    assert (again["school"], again["written"]) == ("hill2", {"notes": 0, "documents": 0})
    assert (
        "hill2 is the school that had the id hill: its state hill.db is now hill2.db" in again["warnings"][0]
    )
    assert (filed(), [row.key for row in rows("hill2")]) == (letters, keys)
    assert states() == ["hill2.db"]
    assert json.loads(ac("run", "--as-of", LAST_DAY, "--json").out)["warnings"] == []
    assert ac("check").err.count("had the id") == 0


def test_a_renamed_school_keeps_the_identity_in_its_keys(ac) -> None:
    configure(hill="hill")
    ac("run", "--as-of", LAST_DAY)
    configure(hill2="hill")
    ac("run", "--as-of", LAST_DAY)
    with Store.open(Path("state/hill2.db"), "hill2") as store:
        assert (store.school_id, store.identity) == ("hill2", "hill")


@pytest.mark.parametrize("command", [("events", "list"), ("explain", "1"), ("purge", "--dry-run")])
def test_other_commands_find_the_state_of_a_renamed_school(ac, command: tuple[str, ...]) -> None:
    configure(hill="hill")
    ac("run", "--as-of", LAST_DAY)
    configure(hill2="hill")
    ended = ac(*command)
    assert ended.code == 0, ended.err
    assert "its state hill.db is now hill2.db" in ended.err
    assert states() == ["hill2.db"]


def test_two_schools_that_swap_their_ids_keep_their_own_states(ac) -> None:
    configure(hill="hill", dale="dale")
    assert ac("run", "--as-of", LAST_DAY).code == 0
    letters = filed()
    keys = {name: [row.key for row in rows(name)] for name in ("hill", "dale")}
    configure(hill="dale", dale="hill")
    assert ac("check").err.count("had the id") == 2
    ended = ac("run", "--as-of", LAST_DAY, "--json")
    assert ended.code == 0, ended.out
    assert [one["written"] for one in json.loads(ended.out)] == [{"notes": 0, "documents": 0}] * 2
    assert filed() == letters
    assert {name: [row.key for row in rows(name)] for name in ("hill", "dale")} == {
        "hill": keys["dale"],
        "dale": keys["hill"],
    }
    assert states() == ["dale.db", "hill.db"]


def test_a_backup_put_back_under_the_new_name_is_used(ac) -> None:
    configure(hill="hill")
    ac("run", "--as-of", LAST_DAY)
    letters = filed()
    assert ac("backup", "--out", "copies").code == 0
    (copy,) = Path("copies").rglob("hill.db")
    configure(hill2="hill")
    ac("run", "--as-of", LAST_DAY)
    Path("state/hill2.db").write_bytes(copy.read_bytes())
    ended = ac("run", "--as-of", LAST_DAY)
    assert "0 notes and 0 documents written" in ended.out
    assert filed() == letters
    Path("state/hill2.db").unlink()
    copy.rename("state/hill.db")
    assert "0 notes and 0 documents written" in ac("run", "--as-of", LAST_DAY).out
    assert (filed(), states()) == (letters, ["hill2.db"])


def test_a_new_school_does_not_take_the_state_of_one_that_left(ac) -> None:
    configure(hill="hill")
    ac("run", "--as-of", LAST_DAY)
    configure(dale="dale")
    assert "dale has no state yet, and hill.db in" in ac("check").err
    assert "hill.db is of no school of the configuration" in ac("status").out
    assert ac("run", "--as-of", LAST_DAY).code == 0
    assert states() == ["dale.db", "hill.db"]
    assert {row.key for row in rows("dale")}.isdisjoint(row.key for row in rows("hill"))


def test_an_id_that_gets_another_schools_register_is_held(ac) -> None:
    configure(hill="hill")
    ac("run", "--as-of", LAST_DAY)
    letters = filed()
    configure(hill="dale")
    ended = ac("run", "--as-of", LAST_DAY)
    assert ended.code == 3
    assert "this state is of another school" in ended.out
    assert filed() == letters


def test_a_register_folder_that_moved_is_the_same_school(ac) -> None:
    configure(hill="hill")
    ac("run", "--as-of", LAST_DAY)
    letters = filed()
    Path("hill").rename("elsewhere")
    configure(hill="elsewhere")
    Path("letters-hill").rename("letters-elsewhere")
    ended = ac("run", "--as-of", LAST_DAY)
    assert "0 notes and 0 documents written" in ended.out, ended.out
    assert len(list(Path("letters-elsewhere").rglob("*.docx"))) == sum(n.endswith(".docx") for n in letters)


def test_a_second_school_on_one_register_is_refused_and_does_not_take_the_firsts_state(ac) -> None:
    configure(hill="hill")
    ac("run", "--as-of", LAST_DAY)
    configure(hill="hill", trial="hill")
    checked, ended = ac("check"), ac("run", "--as-of", LAST_DAY)
    assert "had the id" not in checked.err
    assert (checked.code, ended.code) == (2, 2)
    for err in (checked.err, ended.err):
        assert "school[1].mis.register_folder: is the same folder as school[0].mis.register_folder" in err
    assert states() == ["hill.db"]


def test_a_state_that_does_not_say_whose_it_is_stops_the_first_run_of_another_id(ac) -> None:
    configure(hill="hill")
    ac("run", "--as-of", LAST_DAY)
    with sqlite3.connect("state/hill.db") as old:
        old.execute("DELETE FROM meta WHERE name = 'mis'")
    old.close()
    configure(hill2="hill")
    ended = ac("run", "--as-of", LAST_DAY)
    assert ended.code != 0
    assert "hill2 has no state, and hill.db in" in ended.err
    configure(hill="hill")
    assert ac("run", "--as-of", LAST_DAY).code == 0
    configure(hill2="hill")
    assert "0 notes and 0 documents written" in ac("run", "--as-of", LAST_DAY).out
