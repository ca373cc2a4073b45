"""What a MIS lacks is supplied from files and folders, and the run sees one adapter that has it all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from connector.adapters.base import (
    AllPupilsSent,
    CalendarPage,
    Capabilities,
    DocumentToWrite,
    Found,
    MarkPage,
    NoteToWrite,
    Page,
    PullEnd,
    PullRequest,
    PupilPage,
    RecordPage,
)
from connector.adapters.supplied import SupplyConfig, supplement, supplemented
from connector.errors import DataError, Finding, SkippableError
from connector.mock.register_folder import write_register_folder
from connector.mock.school import MadeUpSchool, make_school
from rules.calendar import Period
from rules.school import Notice

KEY = "AC-7F3K2M9Q"
DAY = date(2025, 10, 1)
OWN_CALENDAR = (Period("half_term", "Own", date(2025, 9, 1), date(2025, 9, 5)),)


class BareMis:
    """A MIS that reports changes and takes documents on pupils only: no calendar worth having, no contacts, no notes."""

    def __init__(self, school: MadeUpSchool) -> None:
        self.capabilities = Capabilities(changes=True, documents=True)
        self.requests_sent = 4
        self.school = school
        self.bookmarks: list[str | None] = []
        self.closed = False
        self.documents: dict[str, DocumentToWrite] = {}

    def check(self) -> list[Finding]:
        return [Finding("MIS", "is slow today", severity="warning")]

    def pull(self, request: PullRequest) -> Iterator[Page]:
        self.bookmarks.append(request.bookmark)
        yield CalendarPage(OWN_CALENDAR)
        pupils = [replace(pupil, contacts=()) for pupil in self.school.pupils_known(request.until)]
        if request.bookmark is None:
            yield PupilPage(tuple(pupils))
            yield AllPupilsSent()
        else:
            yield PupilPage(tuple(pupils[:1]), removed=("77",))
        yield MarkPage(tuple(self.school.marks_known(request.until)))
        yield RecordPage(notices=(Notice("1001", "5001", DAY),))
        yield PullEnd("revision 12", ("the MIS warns",))

    def find_notes(self, pupil_id: str, key: str) -> list[Found]:
        raise AssertionError("this MIS has no notes")

    def write_note(self, note: NoteToWrite) -> str:
        raise AssertionError("this MIS has no notes")

    def find_documents(self, pupil_id: str | None, key: str) -> list[Found]:
        assert pupil_id is not None
        return [Found(r, d.file_name) for r, d in self.documents.items() if d.key == key]

    def write_document(self, document: DocumentToWrite) -> str:
        reference = f"mis-{len(self.documents) + 1}"
        self.documents[reference] = document
        return reference

    def read_document(self, reference: str) -> bytes:
        return self.documents[reference].content

    def close(self) -> None:
        self.closed = True


@pytest.fixture(scope="module")
def school() -> MadeUpSchool:
    return make_school(pupils=30, weeks=5, seed=4)


@pytest.fixture
def mis(school: MadeUpSchool) -> BareMis:
    return BareMis(school)


@pytest.fixture
def supply(tmp_path: Path, school: MadeUpSchool) -> SupplyConfig:
    folder = write_register_folder(tmp_path / "supplied", school, school.last_day)
    (folder / "settings.toml").write_text(
        f'[[attendance_plans]]\npupil_id = "1001"\ndate = {DAY}\n'
        f'[[notices]]\npupil_id = "1002"\ncontact_id = "5002"\nissued = {DAY}\n',
        "utf-8",
    )
    return SupplyConfig(
        calendar=folder / "calendar.csv",
        contacts=folder / "contacts.csv",
        records=folder / "settings.toml",
        folder=tmp_path / "letters",
    )


def request(bookmark: str | None = None) -> PullRequest:
    return PullRequest(bookmark, recent_from=DAY, until=date(2025, 10, 3))


def document(pupil_id: str | None, upn: str = "") -> DocumentToWrite:
    return DocumentToWrite(pupil_id, upn, KEY, "a.docx", f"A [{KEY}]", b"PK", DAY)


def test_with_nothing_supplied_the_adapter_stays_itself(mis: BareMis) -> None:
    assert supplement(mis, SupplyConfig()) is mis


def test_capabilities_are_those_of_both(mis: BareMis, supply: SupplyConfig) -> None:
    both = supplement(mis, supply).capabilities

    assert both == supplemented(mis.capabilities, supply)
    assert both.calendar
    assert both.contacts
    assert both.notes
    assert both.documents
    assert both.school_documents
    assert both.changes
    assert not supplemented(mis.capabilities, SupplyConfig(calendar=supply.calendar)).notes


def test_the_supplied_calendar_comes_first_and_alone(
    mis: BareMis, supply: SupplyConfig, school: MadeUpSchool
) -> None:
    pages = list(supplement(mis, supply).pull(request()))

    assert [page for page in pages if isinstance(page, CalendarPage)] == [
        CalendarPage(school.calendar.periods)
    ]
    assert isinstance(pages[0], CalendarPage)


def test_every_pupil_gets_the_supplied_contacts(
    mis: BareMis, supply: SupplyConfig, school: MadeUpSchool
) -> None:
    pages = list(supplement(mis, supply).pull(request()))
    contacts = {p.pupil_id: p.contacts for page in pages if isinstance(page, PupilPage) for p in page.pupils}

    assert contacts == {pupil.pupil_id: pupil.contacts for pupil in school.pupils_known(date(2025, 10, 3))}


def test_records_of_both_come_each_from_its_source(mis: BareMis, supply: SupplyConfig) -> None:
    own, supplied = (p for p in supplement(mis, supply).pull(request()) if isinstance(p, RecordPage))

    assert (own.supplied, supplied.supplied) == (False, True)
    assert [notice.pupil_id for notice in own.notices or ()] == ["1001"]
    assert [notice.pupil_id for notice in supplied.notices or ()] == ["1002"]
    assert [plan.pupil_id for plan in supplied.attendance_plans or ()] == ["1001"]
    assert supplied.exclusions == ()


def test_the_end_comes_last_with_the_warnings_of_both(mis: BareMis, supply: SupplyConfig) -> None:
    assert supply.contacts is not None
    with supply.contacts.open("a", encoding="utf-8") as file:
        file.write("9999,1" + "," * 18 + "\n")
    end = list(supplement(mis, supply).pull(request()))[-1]

    assert isinstance(end, PullEnd)
    assert end.warnings == (
        "the MIS warns",
        "contacts.csv: contacts of 1 pupil(s) whom the MIS does not have",
    )


def bookmark_after(mis: BareMis, supply: SupplyConfig, bookmark: str | None) -> str | None:
    end = list(supplement(mis, supply).pull(request(bookmark)))[-1]
    assert isinstance(end, PullEnd)
    return end.bookmark


def test_the_mis_is_asked_for_changes_from_its_own_bookmark(mis: BareMis, supply: SupplyConfig) -> None:
    first = bookmark_after(mis, supply, None)
    bookmark_after(mis, supply, first)

    assert mis.bookmarks == [None, "revision 12"]


def test_changed_contacts_make_every_pupil_be_read_again(mis: BareMis, supply: SupplyConfig) -> None:
    first = bookmark_after(mis, supply, None)
    assert supply.contacts is not None
    text = supply.contacts.read_text(encoding="utf-8")
    supply.contacts.write_text(text.replace("Mother", "Stepmother"), encoding="utf-8")
    bookmark_after(mis, supply, first)

    assert mis.bookmarks == [None, None]


def test_a_bookmark_from_before_the_supply_asks_for_everything(mis: BareMis, supply: SupplyConfig) -> None:
    bookmark_after(mis, supply, "revision 3")

    assert mis.bookmarks == [None]


def test_a_faulty_supplied_file_stops_before_the_mis_is_asked(mis: BareMis, supply: SupplyConfig) -> None:
    assert supply.calendar is not None
    assert supply.contacts is not None
    supply.calendar.write_text("kind,start,end\nhalf_term,2025-09-01,soon\n", encoding="utf-8")
    supply.contacts.unlink()
    wrapped = supplement(mis, supply)

    with pytest.raises(DataError) as caught:
        next(wrapped.pull(request()))
    assert [f.where for f in caught.value.findings] == ["calendar.csv row 2, column end", "contacts.csv"]
    assert mis.bookmarks == []
    assert [f.where for f in wrapped.check()] == ["MIS", "calendar.csv row 2, column end", "contacts.csv"]


def test_missing_records_are_an_error(mis: BareMis, supply: SupplyConfig, tmp_path: Path) -> None:
    wrapped = supplement(mis, supply.model_copy(update={"records": tmp_path / "nowhere.toml"}))

    assert [f.where for f in wrapped.check()] == ["MIS", "nowhere.toml"]


def test_notes_go_to_the_folder_and_documents_stay_with_the_mis(mis: BareMis, supply: SupplyConfig) -> None:
    wrapped = supplement(mis, supply)
    wrapped.write_note(NoteToWrite("1001", "", KEY, f"A [{KEY}]", "text", DAY))
    reference = wrapped.write_document(document("1001"))

    assert supply.folder is not None
    assert (supply.folder / "pupils" / "1001" / "index.csv").exists()
    assert wrapped.find_notes("1001", KEY)[0].text == "text"
    assert reference == "mis-1"
    assert wrapped.find_documents("1001", KEY)[0].reference == "mis-1"
    assert wrapped.read_document("mis-1") == b"PK"


def test_school_documents_go_to_the_folder_when_the_mis_takes_none(
    mis: BareMis, supply: SupplyConfig
) -> None:
    wrapped = supplement(mis, supply)
    reference = wrapped.write_document(document(None))

    assert wrapped.find_documents(None, KEY)[0].reference == reference
    assert wrapped.read_document(reference) == b"PK"
    assert mis.documents == {}


def test_folders_may_be_named_by_upn(mis: BareMis, supply: SupplyConfig, school: MadeUpSchool) -> None:
    wrapped = supplement(mis, supply.model_copy(update={"folders_by_upn": True}))
    list(wrapped.pull(request()))
    pupil = school.pupils[0]

    reference = wrapped.write_note(NoteToWrite(pupil.pupil_id, pupil.upn, KEY, "A", "text", DAY))
    assert reference.startswith(f"pupils/{pupil.upn}/")


def test_a_pupil_with_another_upn_than_the_mis_says_is_refused(
    mis: BareMis, supply: SupplyConfig, school: MadeUpSchool
) -> None:
    wrapped = supplement(mis, supply)
    list(wrapped.pull(request()))

    with pytest.raises(SkippableError):
        wrapped.write_note(
            NoteToWrite(school.pupils[0].pupil_id, school.pupils[1].upn, KEY, "A", "text", DAY)
        )


def test_the_wrapped_adapter_is_counted_and_closed(mis: BareMis, supply: SupplyConfig) -> None:
    wrapped = supplement(mis, supply)
    wrapped.close()

    assert wrapped.requests_sent == 4
    assert mis.closed


def test_the_columns_of_a_school_hold_for_the_supplied_files_too(
    mis: BareMis, supply: SupplyConfig, school: MadeUpSchool
) -> None:
    assert supply.contacts is not None
    text = supply.contacts.read_text(encoding="utf-8")
    supply.contacts.write_text(text.replace("pupil_id", "Adno", 1), encoding="utf-8")
    named = SupplyConfig.model_validate(supply.model_dump(), context={"columns": {"pupil_id": "Adno"}})
    pages = list(supplement(mis, named).pull(PullRequest(None, DAY, DAY)))

    pupils = [pupil for page in pages if isinstance(page, PupilPage) for pupil in page.pupils]
    assert {p.pupil_id: p.contacts for p in pupils} == {
        p.pupil_id: p.contacts for p in school.pupils_known(DAY)
    }


def test_columns_alone_supply_nothing(mis: BareMis) -> None:
    named = SupplyConfig.model_validate({}, context={"columns": {"pupil_id": "Adno"}})
    assert supplement(mis, named) is mis
