"""Exclusions of a register folder's settings.toml and of the configuration: shown by `check`, kept to by `run`."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from connector.service.checks.check_exclusions import listed_in
from connector.store import Store
from tests.connector.commands.test_sources_taken_out import configure
from tests.connector.memory_mis import PERIODS, school_days

D = school_days(date(2025, 9, 3), date(2025, 10, 3))
_EXCLUSIONS = """
[[school.exclusions]]
year_groups = ["13"]
rules = ["late-letter"]
from = 2025-09-01
until = 2026-07-31
reason = "Sixth form"
"""
_SETTINGS = """
[[exclusions]]
pupil_id = "2"
codes = ["T"]
reason = "Travels for work"
"""


def settings(**supply: str) -> None:
    configure(**supply)
    with Path("config.toml").open("a") as file:
        file.write(_EXCLUSIONS)


@pytest.fixture(autouse=True)
def register(own_folder: Path) -> None:
    """Three pupils: 20 days in school, then three of study leave, of travel, and of illness."""
    folder = Path("register")
    folder.mkdir()
    rows = [f"{p.kind},{p.name},{p.start},{p.end}" for p in PERIODS if p.start >= date(2025, 9, 1)]
    (folder / "calendar.csv").write_text("\n".join(["kind,name,start,end", *rows, ""]))
    pupils = "".join(f"{n},First{n},Birch,2010-01-15,11A,11\n" for n in (1, 2, 3))
    head = "pupil_id,legal_forename,legal_surname,date_of_birth,registration_group,year_group\n"
    (folder / "pupils.csv").write_text(head + pupils)
    contacts = "".join(f"{n},c{n},Ms,Jo,Birch,1,1,0,1,1 Mill Lane,ZZ1 1ZZ\n" for n in (1, 2, 3))
    head = "pupil_id,contact_id,title,forename,surname,priority,parental_responsibility,court_order,correspondence,address_1,postcode\n"
    (folder / "contacts.csv").write_text(head + contacts)
    marks = [
        f"{pupil},{day},{half},{code if day >= D[20] else present}"
        for day in D
        for pupil, code in (("1", "S"), ("2", "T"), ("3", "I"))
        for half, present in (("AM", "/"), ("PM", "\\"))
    ]
    (folder / "marks.csv").write_text("\n".join(["pupil_id,date,session,code", *marks, ""]))
    (folder / "settings.toml").write_text(_SETTINGS)
    settings()


def stages() -> dict[str | None, tuple[str, str]]:
    with Store.open(Path("state/hill.db"), "hill") as store:
        return {row.pupil_id: (row.state, row.reason) for row in store.ledger.rows() if row.rule == "stage-1"}


def test_a_run_keeps_to_them(call) -> None:
    assert call("run", "--as-of", str(D[-1]), "--config", "config.toml").code == 0
    found = stages()
    assert found["1"][0] == "excluded"
    assert found["1"][1].startswith("would not be due without 6 sessions marked S")
    assert found["2"][0] == "excluded"
    assert found["2"][1].startswith("Travels for work: would not be due without 6 sessions marked T")
    assert found["3"][0] not in ("excluded", "superseded")
    letters = {path.parent.name for path in Path("letters/pupils").rglob("*.docx")}
    assert letters == {"3"}


def test_check_shows_them(call) -> None:
    shown = json.loads(call("check", "--json", "--config", "config.toml").out)["in_use"]
    assert "hill: given by the school, for letters home: codes S" in shown
    assert (
        "hill: exclusion: year groups Year 13; rules late-letter; from 2025-09-01; until 2026-07-31 (Sixth form)"
        in shown
    )
    assert "hill: exclusion: pupil 2; codes T (Travels for work)" in shown


def test_check_shows_those_of_a_supplied_file(call) -> None:
    Path("records.toml").write_text('[[exclusions]]\nflag = "over_age"\nreason = "Sixth form"\n')
    settings(records="records.toml")
    shown = json.loads(call("check", "--json", "--config", "config.toml").out)["in_use"]
    assert "hill: exclusion: flag over_age (Sixth form)" in shown


UNKNOWN = """
[[exclusions]]
pupil_id = "99"
reason = "Bereavement"

[[exclusions]]
year_groups = ["10", "y11"]
codes = ["J1"]
reason = "Interviews"

[[exclusions]]
year_groups = ["7"]
until = 2025-09-02
reason = "Over"
"""


def test_what_names_a_pupil_or_year_group_that_there_is_not_is_warned_of(call) -> None:
    """Of settings.toml, of a supplied file and of the configuration; the run goes on."""
    Path("records.toml").write_text(UNKNOWN)
    settings(records="records.toml")
    ended = call("run", "--as-of", str(D[-1]), "--config", "config.toml", "--json")
    assert ended.code == 0
    warnings = json.loads(ended.out)["warnings"]
    what_to_do = "correct it, or take it out; `attendance-connector check` lists every exclusion"
    assert [warning for warning in warnings if what_to_do in warning] == [
        f"an exclusion names the year group 13, and no pupil is in it: {what_to_do}",
        f"an exclusion names a pupil whom the MIS does not list: {what_to_do}",
        f"an exclusion names the year group 10, and no pupil is in it: {what_to_do}",
    ]
    checked = call("check", "--config", "config.toml").err
    assert "warning: hill: exclusion: pupil 99 (Bereavement): names a pupil" in " ".join(checked.split())
    assert "names the year group 10, and no pupil is in it" in checked
    assert "year group y11" not in checked
    assert "year group 7" not in checked


def test_for_a_mis_that_check_does_not_read_to_its_end_the_pupils_are_those_of_the_last_run(call) -> None:
    call("run", "--as-of", str(D[-1]), "--config", "config.toml")
    assert listed_in(Path("state/hill.db")) == {"1": "11", "2": "11", "3": "11"}
    assert listed_in(Path("state/none.db")) is None


def test_a_code_of_the_other_nation_and_a_year_group_of_given_absence_are_warned_of(call) -> None:
    Path("register/settings.toml").write_text('nation = "wales"\n' + _SETTINGS.replace('"T"', '"J1"'))
    settings()
    config = Path("config.toml").read_text().replace('id = "hill"\n', 'id = "hill"\nnation = "wales"\n')
    given = '[[school.run.given_absence]]\ncodes = ["S"]\nyear_groups = ["12"]\n'
    Path("config.toml").write_text(config.replace('policy = "hcat"', 'policy = "cadle"') + given)
    checked = call("check", "--config", "config.toml").err
    assert "names the code J1, which is no code of absence in Wales" in checked
    assert "warning: hill: given absence: codes S; year groups Year 12: names the year group 12" in " ".join(
        checked.split()
    )


def test_a_misspelt_code_stops_the_run(call) -> None:
    Path("register/settings.toml").write_text(_SETTINGS.replace('"T"', '"t"'))
    ended = call("run", "--as-of", str(D[-1]), "--config", "config.toml")
    assert ended.code != 0
    assert "settings.toml exclusions[1].codes: `t` is no code of absence" in ended.err


def test_a_misspelt_rule_stops_the_run(call) -> None:
    """Of a rule that no policy has it would cover nothing, and the letter would go."""
    Path("register/settings.toml").write_text(f'{_SETTINGS}rules = ["late-leter"]\n')
    ended = call("run", "--as-of", str(D[-1]), "--config", "config.toml")
    assert ended.code == 1
    assert "no rule 'late-leter'" in ended.err
    assert "did you mean late-letter?" in call("check", "--config", "config.toml").err
    assert not Path("letters/pupils").exists()


def test_a_misspelt_rule_of_a_supplied_file_stops_the_run_too(call) -> None:
    Path("records.toml").write_text(
        '[[exclusions]]\nflag = "over_age"\nrules = ["late-leter"]\nreason = "Sixth form"\n'
    )
    settings(records="records.toml")
    assert "no rule 'late-leter'" in call("run", "--as-of", str(D[-1]), "--config", "config.toml").err
