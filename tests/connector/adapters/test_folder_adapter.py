"""The folder adapter keeps the contract of adapters."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from connector.adapters.base import (
    AllMarksSent,
    AllPupilsSent,
    AmendmentPage,
    CalendarPage,
    DocumentToWrite,
    MarkPage,
    NoteToWrite,
    Page,
    PullEnd,
    PullRequest,
    PupilPage,
    RecordPage,
)
from connector.adapters.folder import KIND
from connector.errors import DataError, RetryableError, SkippableError
from connector.http import HttpConfig
from connector.mock.register_folder import write_register_folder
from connector.mock.school import MadeUpSchool, make_school
from connector.testing.entered_ahead import days_of_pulls
from connector.testing.pulled import Pulled, mark_rows
from connector.testing.schools import small_school

KEY = "AC-7F3K2M9Q"


@pytest.fixture(scope="module")
def school() -> MadeUpSchool:
    return make_school(pupils=45, weeks=6, seed=9)


@pytest.fixture
def settings(tmp_path: Path, school: MadeUpSchool) -> dict[str, str]:
    register = write_register_folder(tmp_path / "register", school, school.last_day)
    return {"register_folder": str(register), "letters_folder": str(tmp_path / "letters")}


def pull(settings: dict[str, str], request: PullRequest) -> list[Page]:
    adapter = KIND.open(KIND.settings.model_validate(settings), {}, HttpConfig())
    return list(adapter.pull(request))


def everything(school: MadeUpSchool) -> PullRequest:
    return PullRequest(bookmark=None, recent_from=school.last_day, until=school.last_day)


def test_a_pull_brings_the_whole_folder_and_ends(settings: dict[str, str], school: MadeUpSchool) -> None:
    pages = pull(settings, everything(school))

    def of(kind: type) -> Iterator[Page]:
        return (page for page in pages if isinstance(page, kind))

    pupils = [pupil for page in of(PupilPage) for pupil in page.pupils]  # type: ignore[union-attr]
    marks = [mark for page in of(MarkPage) for mark in page.marks]  # type: ignore[union-attr]
    assert len(pupils) == len(school.pupils_known(school.last_day))
    assert marks == school.marks_known(school.last_day)
    assert [page.periods for page in of(CalendarPage)] == [school.calendar.periods]  # type: ignore[union-attr]
    assert len(list(of(AllPupilsSent))) == 1
    assert list(of(AllMarksSent)) == [AllMarksSent(school.first_day, school.last_day)]
    assert [list(p.amendments) for p in of(AmendmentPage)] == [school.amendments_known(school.last_day)]  # type: ignore[union-attr]
    assert len(list(of(RecordPage))) == 1
    assert pages[-1] == PullEnd(None)


def test_a_pull_keeps_to_the_days_asked_for(settings: dict[str, str], school: MadeUpSchool) -> None:
    first, last = date(2025, 9, 10), date(2025, 9, 20)
    pages = pull(settings, PullRequest(None, last, last, history_from=first))
    days = {mark.date for page in pages if isinstance(page, MarkPage) for mark in page.marks}

    assert (min(days), max(days)) == (first, date(2025, 9, 19))
    assert AllMarksSent(first, last) in pages


def test_a_mark_entered_ahead_comes_on_its_day(tmp_path: Path) -> None:
    school, pulled = small_school(), Pulled()
    settings = {"register_folder": str(tmp_path), "letters_folder": str(tmp_path / "letters")}
    adapter = KIND.open(KIND.settings.model_validate(settings), {}, HttpConfig())
    for day in days_of_pulls(school):
        write_register_folder(tmp_path, school, day)
        pulled.pull(adapter, day)
        assert mark_rows(pulled.marks.values(), frozenset()) == mark_rows(
            school.marks_known(day), frozenset()
        )


def test_an_export_without_marks_does_not_empty_the_register(
    settings: dict[str, str], school: MadeUpSchool
) -> None:
    Path(settings["register_folder"], "marks.csv").write_text("pupil_id,date,session,code\n", "utf-8")

    assert not any(isinstance(page, AllMarksSent) for page in pull(settings, everything(school)))


def test_nothing_is_yielded_from_a_faulty_folder(settings: dict[str, str], school: MadeUpSchool) -> None:
    with Path(settings["register_folder"], "marks.csv").open("a", encoding="utf-8") as file:
        file.write("1001,2025-13-01,AM,/,,,\n")
    adapter = KIND.open(KIND.settings.model_validate(settings), {}, HttpConfig())
    pages = adapter.pull(everything(school))

    with pytest.raises(DataError):
        next(pages)
    assert any("column date" in finding.where for finding in adapter.check())


def test_a_good_folder_has_no_finding(settings: dict[str, str]) -> None:
    assert KIND.open(KIND.settings.model_validate(settings), {}, HttpConfig()).check() == []


def test_a_code_that_no_code_set_has_is_found_by_check(settings: dict[str, str]) -> None:
    marks = Path(settings["register_folder"], "marks.csv")
    text = marks.read_text(encoding="utf-8").replace(",L,", ",q,", 1).replace(",L,", ",Somebody,", 1)
    marks.write_text(text, encoding="utf-8")
    findings = KIND.open(KIND.settings.model_validate(settings), {}, HttpConfig()).check()

    assert sorted(finding.message.partition(" is ")[0] for finding in findings) == ["'q'", "a longer text"]
    assert {finding.severity for finding in findings} == {"error"}


def test_a_file_that_changes_while_it_is_read_is_read_again_later(
    settings: dict[str, str], school: MadeUpSchool, monkeypatch: pytest.MonkeyPatch
) -> None:
    from connector.adapters.folder import adapter as module

    real = module.read_folder
    marks = Path(settings["register_folder"], "marks.csv")

    def read_while_an_export_runs(*arguments: object) -> object:
        facts = real(*arguments)  # type: ignore[arg-type]
        with marks.open("a", encoding="utf-8") as file:
            file.write("\n")
        return facts

    monkeypatch.setattr(module, "read_folder", read_while_an_export_runs)
    with pytest.raises(RetryableError, match="changed while it was read"):
        pull(settings, everything(school))


def test_a_note_and_a_letter_are_written_found_and_read_back(
    settings: dict[str, str], school: MadeUpSchool
) -> None:
    adapter = KIND.open(KIND.settings.model_validate(settings), {}, HttpConfig())
    pupil = school.pupils[0]
    reference = adapter.write_document(
        DocumentToWrite(
            pupil.pupil_id,
            pupil.upn,
            KEY,
            "Attendance – Letter – 2025-10-01.docx",
            "x",
            b"PK",
            date(2025, 10, 1),
        )
    )
    text = f"Letter made. [{KEY}]"
    adapter.write_note(NoteToWrite(pupil.pupil_id, pupil.upn, KEY, "x", text, date(2025, 10, 1)))

    assert adapter.read_document(reference) == b"PK"
    assert adapter.find_documents(pupil.pupil_id, KEY)[0].reference == reference
    assert adapter.find_notes(pupil.pupil_id, KEY)[0].text == text
    assert KIND.capabilities.documents
    assert KIND.secrets == ()
    adapter.close()


@pytest.mark.parametrize("name_by", ["upn", "admission_number"])
def test_a_pupils_folder_may_be_named_by_another_number(
    settings: dict[str, str], school: MadeUpSchool, name_by: str
) -> None:
    adapter = KIND.open(
        KIND.settings.model_validate({**settings, "name_folders_by": name_by}), {}, HttpConfig()
    )
    pupil = school.pupils[0]
    written = DocumentToWrite(pupil.pupil_id, pupil.upn, KEY, "a.docx", "x", b"PK", date(2025, 10, 1))

    expected = (
        pupil.upn if name_by == "upn" else pupil.pupil_id
    )  # the register folder has no admission number
    assert adapter.write_document(written) == f"pupils/{expected}/a.docx"


def test_a_pupil_whose_upn_is_another_one_is_refused(settings: dict[str, str], school: MadeUpSchool) -> None:
    adapter = KIND.open(KIND.settings.model_validate(settings), {}, HttpConfig())
    wrong = NoteToWrite(school.pupils[0].pupil_id, school.pupils[1].upn, KEY, "x", "y", date(2025, 10, 1))

    with pytest.raises(SkippableError, match="another UPN") as caught:
        adapter.write_note(wrong)
    assert school.pupils[1].upn not in str(caught.value)
    assert adapter.find_notes(school.pupils[0].pupil_id, KEY) == []


def test_a_pupil_who_is_not_in_the_folder_is_refused(settings: dict[str, str]) -> None:
    adapter = KIND.open(KIND.settings.model_validate(settings), {}, HttpConfig())

    with pytest.raises(SkippableError, match="not in the register folder"):
        adapter.write_note(NoteToWrite("9999", "", KEY, "x", "y", date(2025, 10, 1)))


def test_a_school_document_needs_no_pupil(settings: dict[str, str]) -> None:
    adapter = KIND.open(KIND.settings.model_validate(settings), {}, HttpConfig())
    written = DocumentToWrite(None, "", KEY, "Weekly sheet.docx", "x", b"PK", date(2025, 10, 1))

    assert adapter.write_document(written) == "school/Weekly sheet.docx"
    assert len(adapter.find_documents(None, KEY)) == 1
