"""Setting up: `init`, `credentials`, `check`, `policies`, `letters`."""

from __future__ import annotations

import io
import json
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from docx import Document

from connector.mock.school import make_school
from connector.mock.server import MockServer
from tests.rules.own_policy import EXAMPLE


@pytest.fixture
def arbor() -> Iterator[MockServer]:
    with MockServer("arbor", make_school(pupils=12, weeks=4, seed=9)) as server:
        yield server


@pytest.fixture
def at_arbor(call, arbor: MockServer, own_folder: Path) -> Path:
    """Return a configuration against the mock Arbor, secrets not yet set."""
    ended = call(
        "init", "--mis", "arbor", "--school-id", "hill", "--name", "Hill Primary School",
        "--telephone", "01632 960001", "--policy", "hcat",
        "--set", f"url={arbor.url}", "--set", "calls_per_second=0",
    )  # fmt: skip
    assert ended.code == 0, ended.err
    return own_folder / "config.toml"


def set_secrets(call, arbor: MockServer, monkeypatch: pytest.MonkeyPatch, **changed: str) -> None:
    for name, value in {**arbor.secrets, **changed}.items():
        monkeypatch.setattr("sys.stdin", _Typed(f"{value}\n"))
        ended = call("credentials", "set", name, "--stdin")
        assert ended.code == 0, ended.err
        assert value not in ended.out + ended.err


class _Typed:
    """Standard input with one line."""

    def __init__(self, text: str) -> None:
        self._text = text

    def readline(self) -> str:
        return self._text

    def isatty(self) -> bool:
        return False


def test_init_names_the_law_of_england_with_an_english_schools_policy(call, own_folder: Path) -> None:
    def written(*given: str) -> list[str]:
        assert call("init", "--mis", "folder", "--force", *given).code == 0
        policies = tomllib.loads((own_folder / "config.toml").read_text(encoding="utf-8"))["school"][0][
            "policy"
        ]
        assert isinstance(policies, list)
        return policies

    assert written() == ["hcat", "england-2024"]
    assert written("--policy", "aspire") == ["aspire", "england-2024"]
    assert written("--policy", "england-2024") == ["england-2024"]
    assert written("--policy", "cadle", "--nation", "wales") == ["cadle"]
    assert written("--policy", "hcat", "--policy", "england-2024") == ["hcat", "england-2024"]


def test_check_says_where_an_english_school_lacks_the_law(call, hill: Path) -> None:
    def warned() -> bool:
        findings = json.loads(call("check", "--json").out)["findings"]
        return any(f["where"].endswith("policy") and "england-2024" in f["message"] for f in findings)

    assert not warned()
    text = hill.read_text(encoding="utf-8")
    hill.write_text(text.replace('["hcat", "england-2024"]', '"hcat"'), encoding="utf-8")
    assert warned()
    hill.write_text(text.replace('["hcat", "england-2024"]', '"england-2024"'), encoding="utf-8")
    assert not warned()


def test_init_writes_what_was_given_and_says_what_is_still_an_example(call, own_folder: Path) -> None:
    ended = call("init", "--mis", "folder", "--name", "Hill", "--set", "name_folders_by=upn")
    assert ended.code == 0
    data = tomllib.loads((own_folder / "config.toml").read_text(encoding="utf-8"))
    assert data["school"][0]["name"] == "Hill"
    assert data["school"][0]["mis"]["name_folders_by"] == "upn"
    for key in ("id", "policy", "telephone", "register_folder", "letters_folder"):
        assert f"{key} still holds the example" in ended.err


def test_init_does_not_overwrite_a_configuration_unasked(call, hill: Path) -> None:
    before = hill.read_text(encoding="utf-8")
    ended = call("init", "--mis", "folder")
    assert ended.code == 2
    assert "--force" in ended.err
    assert hill.read_text(encoding="utf-8") == before
    assert call("init", "--mis", "folder", "--force").code == 0


def test_init_refuses_a_setting_that_the_mis_does_not_have(call, own_folder: Path) -> None:
    ended = call("init", "--mis", "folder", "--set", "regster_folder=x")
    assert ended.code == 2
    assert "did you mean register_folder?" in ended.err
    assert not (own_folder / "config.toml").exists()


def test_credentials_are_set_listed_and_deleted(call, at_arbor: Path, arbor, monkeypatch) -> None:
    before = json.loads(call("credentials", "list", "--json").out)
    assert [(row["name"], row["set"]) for row in before] == [("username", False), ("password", False)]
    set_secrets(call, arbor, monkeypatch)
    after = json.loads(call("credentials", "list", "--json").out)
    assert [(row["set"], row["source"]) for row in after] == [(True, "keyring (memory)")] * 2
    assert call("credentials", "delete", "password").code == 0
    assert [row["set"] for row in json.loads(call("credentials", "list", "--json").out)] == [True, False]


def test_the_password_of_the_mail_server_is_a_secret_of_the_school(call, hill: Path, monkeypatch) -> None:
    table = '\n[school.mail]\nhost = "localhost"\nfrom = "a@hill.example"\nto = ["b@hill.example"]\n'
    plain = hill.read_text(encoding="utf-8")
    hill.write_text(plain + table, encoding="utf-8")
    assert json.loads(call("credentials", "list", "--json").out) == []
    hill.write_text(plain + table + 'user = "a@hill.example"\n', encoding="utf-8")
    monkeypatch.setattr("sys.stdin", io.StringIO("correct horse\n"))
    assert call("credentials", "set", "mail_password").code == 0
    (row,) = json.loads(call("credentials", "list", "--json").out)
    assert (row["name"], row["set"], row["source"]) == ("mail_password", True, "keyring (memory)")


def test_a_secret_that_the_mis_does_not_have_is_refused(call, at_arbor: Path) -> None:
    ended = call("credentials", "set", "pasword", "--stdin")
    assert ended.code == 2
    assert "did you mean password?" in ended.err


def test_check_finds_nothing_wrong_with_a_good_set_up(call, at_arbor: Path, arbor, monkeypatch) -> None:
    set_secrets(call, arbor, monkeypatch)
    ended = call("check")
    assert ended.code == 0, ended.err
    assert "Nothing is wrong" in ended.out
    assert "secret 'password' from keyring (memory)" in ended.out


def test_check_warns_while_nobody_is_named_to_sign(
    call, at_arbor: Path, arbor, monkeypatch, own_folder: Path
) -> None:
    set_secrets(call, arbor, monkeypatch)
    assert "nobody is named as the one who signs" in call("check").err
    config = own_folder / "config.toml"
    text = config.read_text(encoding="utf-8")
    named = text.replace(
        'telephone = "01632 960001"', 'telephone = "01632 960001"\nhead_name = "Mrs J. Amadi"'
    )
    assert named != text
    config.write_text(named, encoding="utf-8")
    assert "nobody is named" not in call("check").err


def test_check_reports_everything_at_once_with_what_to_do(
    call, at_arbor: Path, arbor, monkeypatch, own_folder: Path
) -> None:
    """A missing permission, an unknown code, a broken template, a band list with a hole, a misspelt key."""
    set_secrets(call, arbor, monkeypatch)
    arbor.options.withheld = ("CourtOrder",)
    school = arbor.world.school
    school.correct_mark(school.pupils[0].pupil_id, school.first_day, "AM", "Q9")
    call("letters", "export", own_folder / "templates")
    (own_folder / "templates" / "en" / "letter-1.docx").write_bytes(b"no Word document")
    policy = (Path(__file__).parents[3] / "rules/policies/hcat.toml").read_text(encoding="utf-8")
    (own_folder / "own.toml").write_text(policy.replace('">= 92, < 95"', '">= 93, < 95"'), encoding="utf-8")
    text = at_arbor.read_text(encoding="utf-8")
    text = text.replace('policy = ["hcat", "england-2024"]', 'policy = "own.toml"').replace(
        '#templates = "templates"', 'templates = "templates"'
    )
    at_arbor.write_text(text.replace("[school.run]", "[school.run]\nsetling_days = 1"), encoding="utf-8")
    ended = call("check", "--json")
    assert ended.code == 2
    findings = json.loads(ended.out)["findings"]
    reported = {f"{f['where']}: {f['message']}" for f in findings}
    for part in ("CourtOrder", "Q9", "letter-1.docx", "bands", "setling_days"):
        assert any(part in line for line in reported), (part, reported)
    assert all(finding["fix"] for finding in findings)


def test_check_reports_a_wrong_password_with_what_is_wrong_elsewhere(
    call, at_arbor: Path, arbor, monkeypatch
) -> None:
    set_secrets(call, arbor, monkeypatch, password="wrong")
    text = at_arbor.read_text(encoding="utf-8")
    at_arbor.write_text(text.replace('#logo = "logo.png"', 'logo = "logo.png"'), encoding="utf-8")
    ended = call("check")
    assert ended.code == 2
    assert "401" in ended.err
    assert "there is no file" in ended.err
    assert "2 problems" in ended.out


def test_check_names_each_missing_secret(call, at_arbor: Path) -> None:
    ended = call("check")
    assert ended.code == 2
    assert "secret 'username': is not set" in ended.err
    assert "secret 'password': is not set" in ended.err


def test_check_of_a_faulty_register_folder_names_each_fault(call, hill: Path, register_folder: Path) -> None:
    with (register_folder / "marks.csv").open("a", encoding="utf-8") as file:
        file.write("1,never,AM,/,,,\n")
    ended = call("check")
    assert ended.code == 2
    assert "column date" in ended.err


def test_a_policy_file_is_checked_and_every_fault_named(call, tmp_path: Path) -> None:
    text = (Path(__file__).parents[3] / "rules/policies/hcat.toml").read_text(encoding="utf-8")
    good, bad = tmp_path / "good.toml", tmp_path / "bad.toml"
    good.write_text(text, encoding="utf-8")
    bad.write_text(text.replace('">= 92, < 95"', '">= 93, < 95"').replace('"L"', '"LL"'), encoding="utf-8")
    assert call("policies", "check", good).code == 0
    ended = call("policies", "check", bad)
    assert ended.code == 2
    assert "bands" in ended.err
    assert "'LL'" in ended.err
    assert json.loads(call("policies", "check", bad, "--json").out)["ok"] is False


def test_a_policy_file_may_not_name_a_letter_that_there_is_none_of(call, tmp_path: Path) -> None:
    text = (Path(__file__).parents[3] / "rules/policies/hcat.toml").read_text(encoding="utf-8")
    own, folder = tmp_path / "own.toml", tmp_path / "templates"
    changed = text.replace('"letter:late-letter"', '"letter:late-leter"').replace(
        '"certificate:certificate-100"', '"certificate:gold-star"'
    )
    assert (changed.count("late-leter"), changed.count("gold-star")) == (1, 2)
    own.write_text(changed, encoding="utf-8")
    ended = call("policies", "check", own)
    assert ended.code == 2
    assert "outcomes" in ended.err
    assert "(late-letter)" in ended.err
    assert "no template is named late-leter (letter:late-leter): did you mean late-letter?" in ended.err
    assert "no template is named gold-star" in ended.err
    (folder / "en").mkdir(parents=True)
    shipped = Path(__file__).parents[3] / "letters/templates/en/late-letter.docx"
    for name in ("late-leter", "gold-star"):
        (folder / "en" / f"{name}.docx").write_bytes(shipped.read_bytes())
    assert call("policies", "check", own, "--templates", folder).code == 0


def test_a_letter_of_the_schools_own_is_known_by_its_configuration(call, hill: Path, tmp_path: Path) -> None:
    text = (Path(__file__).parents[3] / "rules/policies/hcat.toml").read_text(encoding="utf-8")
    own, folder = tmp_path / "own.toml", tmp_path / "templates"
    own.write_text(text.replace('"letter:late-letter"', '"letter:our-late-letter"'), encoding="utf-8")
    assert call("policies", "check", own).code == 2
    (folder / "en").mkdir(parents=True)
    shipped = Path(__file__).parents[3] / "letters/templates/en/late-letter.docx"
    (folder / "en" / "our-late-letter.docx").write_bytes(shipped.read_bytes())
    config = hill.read_text(encoding="utf-8")
    assert "[school.letters]\n" in config
    hill.write_text(
        config.replace("[school.letters]\n", f"[school.letters]\ntemplates = {str(folder)!r}\n"),
        encoding="utf-8",
    )
    assert call("policies", "check", own).code == 0


def test_a_policy_file_may_not_type_a_figure_that_a_field_gives_nor_name_a_field_that_is_none(
    call, tmp_path: Path
) -> None:
    text = (Path(__file__).parents[3] / "rules/policies/hcat.toml").read_text(encoding="utf-8")
    typed = tmp_path / "typed.toml"
    changed = text.replace("Stage 1, attendance «limit»", "Stage 1, below 90%").replace(
        "No contact (N) on «count_days_text»", "No contact (N) on «count_dayz»"
    )
    typed.write_text(changed, encoding="utf-8")
    ended = call("policies", "check", typed)
    assert ended.code == 2
    line = next(n for n, row in enumerate(changed.splitlines(), 1) if "Stage 1, below" in row)
    assert f"rules[3].title (stage-1), line {line}: '90' is a figure of the rule’s own condition" in ended.err
    assert "write «limit» or «limit_percent» in its place" in ended.err
    assert "(missing-education), line" in ended.err
    assert "«count_dayz» is no field: did you mean «count_days" in ended.err


def test_check_and_run_refuse_a_policy_whose_note_cannot_be_filled(call, hill: Path) -> None:
    text = (Path(__file__).parents[3] / "rules/policies/hcat.toml").read_text(encoding="utf-8")
    own = hill.parent / "own.toml"
    own.write_text(text.replace("Late (L) «count_times»", "Late (L) «cuont_times»"), encoding="utf-8")
    config = hill.read_text(encoding="utf-8")
    assert 'policy = ["hcat"' in config
    hill.write_text(config.replace('policy = ["hcat"', 'policy = ["own.toml"'), encoding="utf-8")
    for command in (("check",), ("run", "--as-of", "2025-10-24")):
        ended = call(*command)
        assert ended.code == 2, command
        assert "«cuont_times» is no field: did you mean «count_times»?" in ended.err


def test_the_example_of_the_page_on_own_policies_is_checked_shown_and_simulated(
    call, register_folder: Path, tmp_path: Path
) -> None:
    own = tmp_path / "own.toml"
    own.write_text(EXAMPLE, encoding="utf-8")
    assert call("policies", "check", own).code == 0
    shown = call("policies", "show", own).out
    assert "A person reads the letter first for a pupil with the flag child_protection." in " ".join(
        shown.split()
    )
    assert call("simulate", "--register", register_folder, "--policy", own).code == 0


@pytest.mark.parametrize("name", ["aspire", "aycliffe-drive", "cadle", "england-2024", "hcat", "thringstone"])
def test_a_policy_is_shown_as_sentences_with_every_clause(call, name: str) -> None:
    shown = call("policies", "show", name).out
    rules = json.loads(call("policies", "show", name, "--json").out)["rules"]
    for rule in rules:
        assert f"{rule['id']}: {rule['title']}" in shown
        assert f"Clause: {rule['clause']}" in shown
        assert f"Note: {rule['note']}" in shown or not rule["note"]
    for one in json.loads(call("policies", "show", name, "--json").out)["lists"]:
        assert f"List {one['name']}: {one['title']}. {one['instruction']}" in shown
    assert "the condition in the file holds" not in shown
    assert len(json.loads(call("policies", "list", "--json").out)) == 6


def test_a_policy_is_shown_with_what_its_text_does_not_give(call) -> None:
    document = json.loads(call("policies", "show", "cadle", "--json").out)
    assert document["assumed"]["target"] == "The policy gives no target; it was chosen."
    rules = {rule["id"]: rule for rule in document["rules"]}
    assert rules["screening-1"]["assumed"].startswith("The policy writes where attendance is falling")
    assert rules["n-to-o"]["assumed"] == ""
    assert rules["screening-3"]["other_readings"]
    shown = call("policies", "show", "cadle").out
    assert f"Set by the school, not stated in the policy: {rules['screening-1']['assumed']}" in shown
    hcat = json.loads(call("policies", "show", "hcat", "--json").out)
    assert any("Outstanding begins at 98" in reading for reading in hcat["other_readings"])


def test_checking_a_policy_or_its_letters_says_for_information_which_figures_are_the_schools(
    call, own_folder: Path
) -> None:
    own = Path(__file__).parents[3] / "rules/policies/cadle.toml"
    ended = call("policies", "check", own)
    assert ended.code == 0
    (line,) = (line for line in ended.out.splitlines() if line.startswith("Rules with a figure"))
    assert line.startswith(
        "Rules with a figure that is set by the school, not stated in the policy: screening-1, "
    )
    assert "n-to-o" not in line
    assert set(json.loads(call("policies", "check", own, "--json").out)["assumed"]) >= {
        "target",
        "screening-1",
    }

    ended = call("letters", "check")
    assert (ended.code, ended.err) == (0, "")
    assert (
        "hcat: letters by a figure that is set by the school, not stated in the policy: stage-2," in ended.out
    )
    assert "stage-2" in json.loads(call("letters", "check", "--json").out)["assumed"]["hcat"]


def test_a_letter_of_the_schools_own_that_does_not_name_the_figure_as_its_own_is_told_and_nothing_is_wrong(
    call, own_folder: Path
) -> None:
    call("letters", "export", "templates")
    _replace_in(own_folder / "templates" / "en" / "letter-2.docx", "if_assumed", "if_target")
    ended = call("letters", "check", "--templates", "templates")
    assert ended.code == 0
    (line,) = (line for line in ended.err.splitlines() if line.startswith("warning: "))
    assert line.endswith(
        "letter-2.docx: does not say that a figure of hcat stage-2 is set by the school, not stated in the policy"
    )
    document = json.loads(call("letters", "check", "--templates", "templates", "--json").out)
    assert (document["ok"], len(document["findings"])) == (True, 1)


def test_templates_are_exported_checked_and_previewed(call, own_folder: Path) -> None:
    assert call("letters", "export", "templates").code == 0
    exported = list((own_folder / "templates").rglob("*.docx"))
    assert len(exported) > 5
    refused = call("letters", "export", "templates")
    assert refused.code == 2
    assert "--force" in refused.err
    ended = call("letters", "preview", "--templates", "templates", "--out", "preview")
    assert ended.code == 0, ended.err
    previewed = {path.stem for path in (own_folder / "preview").rglob("*.docx")}
    assert {"letter-1", "letter-1-second-household", "letter-1-long"} <= previewed
    for path in (own_folder / "preview").rglob("*.docx"):
        text = "\n".join(paragraph.text for paragraph in Document(str(path)).paragraphs)
        assert "«" not in text


def test_a_misspelt_field_is_reported_with_its_paragraph(call, own_folder: Path) -> None:
    call("letters", "export", "templates")
    path = own_folder / "templates" / "en" / "letter-1.docx"
    _replace_in(path, "MERGEFIELD date", "MERGEFIELD dat")
    ended = call("letters", "check", "--templates", "templates")
    assert ended.code == 2
    line = next(line for line in ended.err.splitlines() if "letter-1.docx" in line)
    assert "paragraph" in line
    assert "the field dat is not known" in line


def _replace_in(path: Path, old: str, new: str) -> None:
    import zipfile

    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in parts.items():
            archive.writestr(
                name, data.replace(old.encode(), new.encode()) if name.endswith(".xml") else data
            )


def test_fields_are_listed_with_their_meaning(call) -> None:
    fields = json.loads(call("letters", "fields", "--json").out)
    assert all(field["meaning"] for field in fields)
    assert "addressee" in call("letters", "fields").out


def test_check_names_a_calendar_that_stops_before_the_year_does(
    call, hill: Path, register_folder: Path
) -> None:
    rows = (register_folder / "calendar.csv").read_text(encoding="utf-8").splitlines()
    kept = [row for row in rows if row.startswith(("kind", "year,2025/26")) or ",Autumn" in row]
    (register_folder / "calendar.csv").write_text("\n".join(kept) + "\n", encoding="utf-8")
    ended = call("check")
    assert "year '2025/26'" in ended.err
    assert "has no school day after 2025-12-19, so rules about its end cannot fire" in ended.err
