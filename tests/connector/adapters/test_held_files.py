"""Files of staff that Excel, Word or a scanner holds open: waited for, then named with what to do."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from connector.adapters.base import PullEnd, PullRequest
from connector.adapters.filing import INDEX, JOURNAL, Filing
from connector.adapters.folder import KIND
from connector.adapters.supplied import SupplyConfig, supplement
from connector.errors import DataError, RetryableError
from connector.http import HttpConfig
from connector.mock.register_folder import write_register_folder
from connector.testing.schools import tiny_school
from letters.errors import TemplateError
from letters.template.library import Templates
from rules.policy import PolicyError, load_policy
from tests.connector.adapters.test_folder_filing import KEY, OTHER, document, note
from tests.connector.held import Held, held

__all__ = ["held"]
CLOSE = "close it in Excel, Word"
DAY = date(2025, 9, 30)


@pytest.fixture
def register(tmp_path: Path) -> Path:
    school = tiny_school()
    return write_register_folder(tmp_path / "register", school, school.last_day)


def pull(register: Path, supply: SupplyConfig | None = None) -> None:
    settings = KIND.settings.model_validate(
        {"register_folder": register, "letters_folder": register.parent / "out"}
    )
    adapter = supplement(KIND.open(settings, {}, HttpConfig()), supply or SupplyConfig())
    pages = list(adapter.pull(PullRequest(None, DAY, DAY)))
    assert isinstance(pages[-1], PullEnd)


@pytest.mark.parametrize("name", ["pupils.csv", "contacts.csv", "calendar.csv", "marks.csv", "settings.toml"])
def test_a_file_of_the_register_folder_is_waited_for_then_named(
    register: Path, held: Held, name: str
) -> None:
    (register / "settings.toml").touch()
    held.hold(name, times=2)
    pull(register)
    assert held.refused == 2
    held.hold(name)
    with pytest.raises(DataError) as refused:
        pull(register)
    (fault,) = refused.value.findings
    assert fault.where == name
    assert "cannot be read: it is open in another program" in fault.message
    assert CLOSE in fault.fix


@pytest.mark.parametrize("kind", ["calendar", "contacts"])
def test_a_supplied_file_is_waited_for_then_named(
    register: Path, tmp_path: Path, held: Held, kind: str
) -> None:
    own = tmp_path / f"our-{kind}.csv"
    own.write_bytes((register / f"{kind}.csv").read_bytes())
    supply = SupplyConfig.model_validate({kind: own})
    held.hold(own.name, times=2)
    pull(register, supply)
    held.hold(own.name)
    with pytest.raises(DataError) as refused:
        pull(register, supply)
    assert [(f.where, CLOSE in f.fix) for f in refused.value.findings] == [(own.name, True)]


@pytest.mark.parametrize("name", [JOURNAL, "Attendance – Letter 1 – 2025-11-12.docx"])
def test_a_file_of_the_letters_folder_is_waited_for_then_named(tmp_path: Path, held: Held, name: str) -> None:
    filing = Filing(tmp_path / "out")
    letter = document(name="Attendance – Letter 1 – 2025-11-12.docx")
    held.hold(name, times=2)
    reference = filing.write_document(letter)
    held.hold(name, times=2)
    assert filing.find_documents("17", KEY)
    assert filing.read_document(reference) == letter.content
    held.hold(name)
    with pytest.raises(RetryableError) as refused:
        filing.write_document(letter)
    assert f"{name} in the folder for notes and letters cannot be read: it is open" in refused.value.message
    assert CLOSE in refused.value.fix


def test_a_letter_that_cannot_be_put_in_place_leaves_nothing_half_done(tmp_path: Path, held: Held) -> None:
    filing = Filing(tmp_path / "out")
    letter = document()
    held.hold(letter.file_name)
    with pytest.raises(RetryableError, match="cannot be written: it is open"):
        filing.write_document(letter)
    folder = tmp_path / "out" / "pupils" / "17"
    assert [path.name for path in folder.iterdir()] == [JOURNAL]
    held.let_go()
    filing.write_document(letter)
    assert len(filing.find_documents("17", KEY)) == 1


def test_an_index_that_stays_open_is_logged_with_what_to_do_and_stops_nothing(
    tmp_path: Path, held: Held
) -> None:
    filing = Filing(tmp_path / "out")
    filing.write_note(note())
    held.hold(INDEX, times=2)
    with capture_logs() as quiet:
        filing.write_document(document())
    assert quiet == [], "it was let go in time"
    held.hold(INDEX)
    with capture_logs() as logged:
        reference = filing.write_document(document(key=OTHER))
    assert filing.read_document(reference)
    (line,) = logged
    assert line["event"].startswith("index.csv could not be renewed: it is open in another program")
    assert CLOSE in line["what_to_do"]


def test_a_template_is_waited_for_then_named(tmp_path: Path, held: Held) -> None:
    folder = tmp_path / "templates" / "en"
    folder.mkdir(parents=True)
    (folder / "own.docx").write_bytes(next(iter(Templates.load())).source)
    held.hold("own.docx", times=2)
    assert any(file.name == "own" for file in Templates.load(tmp_path / "templates"))
    held.hold("own.docx")
    with pytest.raises(TemplateError) as refused:
        list(Templates.load(tmp_path / "templates"))
    assert "en/own.docx" in str(refused.value)
    assert "it is open in another program" in str(refused.value)
    assert CLOSE in str(refused.value)


def test_a_policy_of_the_schools_own_is_waited_for_then_named(tmp_path: Path, held: Held) -> None:
    pack = tmp_path / "own.toml"
    pack.write_text((Path(__file__).parents[3] / "rules/policies/hcat.toml").read_text("utf-8"), "utf-8")
    held.hold("own.toml", times=2)
    assert load_policy(pack)
    held.hold("own.toml")
    with pytest.raises(PolicyError) as refused:
        load_policy(pack)
    assert CLOSE in refused.value.findings[0][1]
