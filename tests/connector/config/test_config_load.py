"""Reading `config.toml`: every fault at once, each with the path to its key and what to do."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from connector.adapters.folder.settings import FolderSettings
from connector.config import load_config, read_config
from connector.config.loaded_school import config_hash, load_school
from connector.errors import ConfigError

GOOD = """
[service]
time_zone = "Europe/London"

[[school]]
id = "hill"
name = "Hill Primary School"
policy = "hcat"
[school.mis]
adapter = "folder"
register_folder = "register"
letters_folder = "letters"
[school.letters]
telephone = "01632 960001"
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "config.toml"
    path.write_text(text, encoding="utf-8")
    return path


def faults(folder: Path, text: str) -> dict[str, str]:
    """Return findings by place, the file's own name taken off."""
    path = write(folder, text)
    with pytest.raises(ConfigError) as caught:
        load_config(path)
    return {
        finding.where.removeprefix(f"{path}: "): f"{finding.message} | {finding.fix}"
        for finding in caught.value.findings
    }


def test_a_good_file_is_read_with_defaults_and_paths_counted_from_it(tmp_path: Path) -> None:
    config = load_config(write(tmp_path, GOOD))
    school = config.school("hill")
    assert config.service.state == tmp_path / "state"
    assert config.database(school) == tmp_path / "state" / "hill.db"
    assert isinstance(school.mis.settings, FolderSettings)
    assert school.mis.settings.register_folder == tmp_path / "register"
    assert school.zone.key == "Europe/London"


def test_policies_are_named_in_order_one_alone_also_without_brackets(tmp_path: Path) -> None:
    assert load_config(write(tmp_path, GOOD)).schools[0].policy == ("hcat",)
    two = GOOD.replace('"hcat"', '["hcat", "england-2024"]')
    school = load_school(load_config(write(tmp_path, two)).schools[0])
    assert [policy.id for policy in school.policies] == ["hcat", "england-2024"]
    assert school.policy.id == "hcat"


def test_policies_that_cannot_stand_together_are_named(tmp_path: Path) -> None:
    twice = faults(tmp_path, GOOD.replace('"hcat"', '["hcat", "hcat"]'))
    assert "name each policy once" in twice["school[0].policy: hcat"]
    unknown = faults(tmp_path, GOOD.replace('"hcat"', '["hcat", "england-2042"]'))
    assert any("england-2024" in text for text in unknown.values())
    assert "school[0].policy" in faults(tmp_path, GOOD.replace('"hcat"', "[]"))


def test_a_rule_of_any_of_the_policies_can_be_named_in_the_settings(tmp_path: Path) -> None:
    two = GOOD.replace('"hcat"', '["hcat", "england-2024"]')
    good = '[school.run]\nreview = ["penalty-threshold", "stage-1"]\nrules_on = ["three-days-missed"]\n'
    school = load_school(load_config(write(tmp_path, two + good)).schools[0])
    assert school.policy.acts_on("three-days-missed")
    found = faults(tmp_path, two + '[school.run]\nrules_off = ["stage-9"]\n')
    assert "hcat and england-2024 have no rule" in found["school[0].run.rules_off"]
    found = faults(tmp_path, two + '[school.run]\nrules_on = ["stage-1"]\nrules_off = ["stage-1"]\n')
    assert any("in rules_on and in rules_off" in text for text in found.values())


def test_every_fault_is_reported_at_once(tmp_path: Path) -> None:
    found = faults(
        tmp_path,
        GOOD.replace('time_zone = "Europe/London"', 'time_zone = "Europe/Londn"\nlog_level = "loud"')
        .replace('id = "hill"', 'id = "Hill School"')
        .replace('register_folder = "register"', 'regster_folder = "register"')
        .replace('telephone = "01632 960001"', 'telephon = "01632 960001"')
        + '[school.run]\nsince = "soon"\n',
    )
    assert set(found) == {
        "service.time_zone",
        "service.log_level",
        "school[0].id",
        "school[0].mis.regster_folder",
        "school[0].mis.register_folder",
        "school[0].letters.telephon",
        "school[0].letters.telephone",
        "school[0].run.since",
    }
    assert "did you mean register_folder?" in found["school[0].mis.regster_folder"]
    assert "did you mean telephone?" in found["school[0].letters.telephon"]
    assert "must be 'debug', 'info', 'warning' or 'error', not 'loud'" in found["service.log_level"]
    assert "date such as 2026-09-01" in found["school[0].run.since"]


def test_the_columns_of_a_school_reach_the_folder_adapter(tmp_path: Path) -> None:
    columns = '[school.columns]\npupil_id = "Adno"\ndate_format = "%d/%m/%Y"\n'
    school = load_config(write(tmp_path, GOOD + columns)).school("hill")

    assert isinstance(school.mis.settings, FolderSettings)
    assert school.mis.settings.columns == {"pupil_id": "Adno", "date_format": "%d/%m/%Y"} == school.columns


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ('pupl_id = "Adno"', "pupl_id is no column of a register folder; did you mean 'pupil_id'?"),
        ('date_format = "dd/mm/yyyy"', "'dd/mm/yyyy' does not write a whole date"),
    ],
)
def test_columns_that_cannot_be_meant_are_reported_with_their_key(
    tmp_path: Path, line: str, says: str
) -> None:
    found = faults(tmp_path, f"{GOOD}[school.columns]\n{line}\n")

    assert list(found) == ["school[0].columns"]
    assert says in found["school[0].columns"]


def test_an_unknown_adapter_is_reported_with_the_one_that_was_meant(tmp_path: Path) -> None:
    found = faults(tmp_path, GOOD.replace('adapter = "folder"', 'adapter = "foldr"'))
    assert "did you mean folder?" in found["school[0].mis.adapter"]


def test_logical_faults_are_found_together_with_malformed_keys(tmp_path: Path) -> None:
    found = faults(
        tmp_path,
        GOOD.replace('policy = "hcat"', 'policy = "hcta"').replace(
            '"01632 960001"', '"01632"\nlogo = "no.png"'
        )
        + "[school.run]\nsettling_days = 99\n",
    )
    assert "school[0].run.settling_days" in found
    assert "there is no file" in found["school[0].letters.logo"]
    assert any("hcat" in text for place, text in found.items() if place.startswith("school[0].policy"))


def test_rules_that_the_policy_does_not_have_are_faults(tmp_path: Path) -> None:
    found = faults(
        tmp_path,
        GOOD
        + '[school.run]\nreview = ["stage-44"]\nsettling_by_rule = { stage-0 = 3 }\n'
        + '[[school.exclusions]]\nflag = "looked_after"\nrules = ["colour-leter"]\nreason = "agreed"\n',
    )
    assert "did you mean stage-4?" in found["school[0].run.review"]
    assert "school[0].run.settling_by_rule" in found
    assert "did you mean colour-letter?" in found["school[0].exclusions[0].rules"]


@pytest.mark.parametrize(
    ("keys", "where", "fault"),
    [
        ("", "", "give at least one of pupil_id, flag, year_groups and codes"),
        ('rules = ["stage-1"]', "", "give at least one of pupil_id, flag, year_groups and codes"),
        ("year_groups = []", "", "give at least one of pupil_id, flag, year_groups and codes"),
        ('flag = "tall"', ".flag", "'under_age' or 'over_age'"),
        ("year_groups = [11]", ".year_groups[0]", "must be text in quotes"),
        ('year_groups = "11"', ".year_groups", "must be a list in square brackets"),
        ('pupil_id = ""', ".pupil_id", "at least 1 character"),
        ('codes = ["T", "t"]', ".codes", "'t' is no code of absence in England"),
        ('codes = ["/"]', ".codes", "'/' is no code of absence in England"),
        ('codes = ["S"]\nfrom = 2026-05-02\nuntil = 2026-05-01', "", "until lies before from"),
    ],
)
def test_faults_of_an_exclusion_are_named(tmp_path: Path, keys: str, where: str, fault: str) -> None:
    found = faults(tmp_path, GOOD + f'[[school.exclusions]]\nreason = "agreed"\n{keys}\n')
    assert fault in found[f"school[0].exclusions[0]{where}"]


def test_an_exclusion_takes_every_combination(tmp_path: Path) -> None:
    keys = 'pupil_id = "17"\nflag = "over_age"\nyear_groups = ["13"]\ncodes = ["S"]\nfrom = 2026-05-01\nuntil = 2026-05-01\n'
    text = GOOD + f'[[school.exclusions]]\nreason = "agreed"\n{keys}'
    (found,) = load_config(write(tmp_path, text)).schools[0].exclusions
    assert (found.flag, found.year_groups, found.codes) == ("over_age", ("13",), ("S",))
    assert (found.start, found.until) == (date(2026, 5, 1), date(2026, 5, 1))


def test_given_absence_is_study_leave_until_a_school_says_otherwise(tmp_path: Path) -> None:
    def given(more: str) -> list[tuple[str, ...]]:
        run = load_config(write(tmp_path, GOOD + more)).schools[0].run
        return [one.codes for one in run.given_absence]

    assert given("") == [("S",)]
    assert given("[school.run]\ngiven_absence = []\n") == []
    own = '[[school.run.given_absence]]\ncodes = ["S", "E"]\nyear_groups = ["11"]\nfrom = 2026-05-01\nto = 2026-06-26\n'
    assert given(own) == [("S", "E")]


@pytest.mark.parametrize(
    ("keys", "where", "fault"),
    [
        ("codes = []", ".codes", "must not be empty"),
        ('year_groups = ["11"]', ".codes", "is missing"),
        ('codes = ["X"]', ".codes", "'X' is no code of absence in England"),
        ('codes = ["S"]\nfrom = 2026-05-02\nto = 2026-05-01', "", "to lies before from"),
        ('codes = ["S"]\nuntil = 2026-05-01', ".until", "is not a known key"),
    ],
)
def test_faults_of_given_absence_are_named(tmp_path: Path, keys: str, where: str, fault: str) -> None:
    found = faults(tmp_path, GOOD + f"[[school.run.given_absence]]\n{keys}\n")
    assert fault in found[f"school[0].run.given_absence[0]{where}"]


def test_schools_do_not_share_an_id(tmp_path: Path) -> None:
    again = GOOD[GOOD.index("[[school]]") :]
    found = faults(tmp_path, GOOD + again)
    assert set(found) == {"school[0].id", "school[1].id"}


def test_a_policy_of_the_schools_own_is_found_next_to_the_file_and_its_faults_are_reported(
    tmp_path: Path,
) -> None:
    (tmp_path / "own.toml").write_text('id = "own"\n', encoding="utf-8")
    found = faults(tmp_path, GOOD.replace('policy = "hcat"', 'policy = "own.toml"'))
    assert any(place.startswith("school[0].policy: own.toml: title") for place in found)


@pytest.mark.parametrize(
    ("content", "says"),
    [(b"[service\n", "is not TOML"), (b"name = '\xe9'\n", "is not UTF-8"), (b"", "school")],
)
def test_a_file_that_cannot_be_read_as_a_whole_is_one_clear_finding(
    tmp_path: Path, content: bytes, says: str
) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        load_config(path)
    assert len(caught.value.findings) == 1
    assert says in str(caught.value)


def test_a_file_saved_by_windows_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(GOOD, encoding="utf-8-sig")
    assert load_config(path).schools[0].id == "hill"


def test_what_is_right_can_be_looked_at_although_something_is_wrong(tmp_path: Path) -> None:
    path = write(tmp_path, GOOD + "[school.run]\nsettling_days = 99\nreview = ['stage-4']\n")
    reading = read_config(path)
    assert reading.config is not None
    assert reading.config.schools[0].run.review == ["stage-4"]
    assert len(reading.findings) == 1


def test_a_schools_table_is_what_its_runs_use(tmp_path: Path) -> None:
    (tmp_path / "logo.png").write_bytes(b"picture")
    text = GOOD.replace('"01632 960001"', '"01632"\nlogo = "logo.png"') + (
        '[school.letters.looked_after_to]\nname = "Virtual School"\naddress = ["Guildhall"]\ntown = "Hull"\n'
        "[school.run]\nsince = 2025-09-01\nsettling_days = 2\n"
        '[[school.exclusions]]\npupil_id = "17"\nrules = ["stage-1"]\nreason = "agreed"\nuntil = 2026-07-31\n'
    )
    school = load_school(load_config(write(tmp_path, text)).schools[0])
    assert school.details.logo_bytes == b"picture"
    assert school.config.run.since == date(2025, 9, 1)
    assert school.config.run.settling_days == 2
    assert school.details.looked_after_to is not None
    assert school.config.exclusions[0].pupil_id == "17"
    assert school.policy.id == "hcat"


def test_other_settings_leave_another_mark(tmp_path: Path) -> None:
    first = config_hash(load_config(write(tmp_path, GOOD)).schools[0])
    second = config_hash(load_config(write(tmp_path, GOOD + "[school.run]\nsettling_days = 1\n")).schools[0])
    assert first != second
    assert first == config_hash(load_config(write(tmp_path, GOOD)).schools[0])
