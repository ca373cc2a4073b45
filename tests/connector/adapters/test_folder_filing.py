"""Notes and letters as files: found again by key, whole after a crash, with names that Windows takes."""

from __future__ import annotations

import csv
import os
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.adapters import filing as filing_module
from connector.adapters.base import DocumentToWrite, NoteToWrite
from connector.adapters.file_names import LONGEST, safe_file_name, safe_folder_name, with_suffix
from connector.adapters.filing import Filing
from connector.errors import FatalError, RetryableError, SkippableError

KEY, OTHER = "AC-7F3K2M9Q", "AC-00000001"
NAME = "Attendance – First letter – 2025-11-12.docx"


def document(
    content: bytes = b"PK letter", *, key: str = KEY, name: str = NAME, pupil: str | None = "17"
) -> DocumentToWrite:
    return DocumentToWrite(pupil, "", key, name, f"First letter [{key}]", content, date(2025, 11, 12))


def note(text: str = f"Attendance fell below 90%.\n[{KEY}]", *, key: str = KEY) -> NoteToWrite:
    return NoteToWrite("17", "", key, f"First letter [{key}]", text, date(2025, 11, 12))


def index_rows(folder: Path) -> list[dict[str, str]]:
    with (folder / "index.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "letters-out"


def test_a_letter_lies_in_the_pupils_folder_and_is_read_back(root: Path) -> None:
    reference = Filing(root).write_document(document())

    assert reference == f"pupils/17/{NAME}"
    assert (root / reference).read_bytes() == b"PK letter"
    assert Filing(root).read_document(reference) == b"PK letter"


def test_the_index_shows_staff_what_is_there(root: Path) -> None:
    filing = Filing(root)
    filing.write_document(document())
    filing.write_note(note())

    assert index_rows(root / "pupils" / "17") == [
        {
            "date": "2025-11-12",
            "kind": "document",
            "key": KEY,
            "title": f"First letter [{KEY}]",
            "file_name": NAME,
            "reference": f"pupils/17/{NAME}",
        },
        {
            "date": "2025-11-12",
            "kind": "note",
            "key": KEY,
            "title": f"First letter [{KEY}]",
            "file_name": "Note – First letter – 2025-11-12.txt",
            "reference": "pupils/17/Note – First letter – 2025-11-12.txt",
        },
    ]


def test_a_fresh_process_finds_by_key(root: Path) -> None:
    written = Filing(root)
    reference, note_reference = written.write_document(document()), written.write_note(note())

    again = Filing(root)
    assert [(f.reference, f.title) for f in again.find_documents("17", KEY)] == [(reference, NAME)]
    assert [(f.reference, f.text) for f in again.find_notes("17", KEY)] == [(note_reference, note().text)]
    assert again.find_documents("17", OTHER) == []
    assert again.find_documents("18", KEY) == []
    assert again.find_notes("18", KEY) == []


def test_looking_for_something_makes_no_folder(root: Path) -> None:
    Filing(root).find_documents("17", KEY)

    assert not root.exists()


def test_the_same_write_twice_makes_one_file(root: Path) -> None:
    filing = Filing(root)

    assert filing.write_document(document()) == filing.write_document(document())
    assert filing.write_note(note()) == filing.write_note(note())
    assert len(index_rows(root / "pupils" / "17")) == 2


def test_a_second_letter_of_the_same_name_does_not_replace_the_first(root: Path) -> None:
    filing = Filing(root)
    first = filing.write_document(document())
    second = filing.write_document(document(b"PK other", key=OTHER))

    assert second == first.replace(".docx", " (2).docx")
    assert filing.read_document(first) == b"PK letter"
    assert filing.read_document(second) == b"PK other"
    (found,) = Filing(root).find_documents("17", OTHER)
    assert found.title == NAME, "it is found by the name that was asked for"


def test_a_correcting_note_under_the_same_key_is_filed_next_to_the_first(root: Path) -> None:
    filing = Filing(root)
    filing.write_note(note())
    filing.write_note(note(f"The mark was corrected: no longer supported.\n[{KEY}]"))

    assert len(filing.find_notes("17", KEY)) == 2


def test_letters_to_two_parents_with_the_same_content_stay_two(root: Path) -> None:
    filing = Filing(root)
    names = [NAME.replace(".docx", f" ({n} of 2).docx") for n in (1, 2)]

    assert len({filing.write_document(document(name=name)) for name in names}) == 2


def test_school_documents_lie_in_a_folder_of_their_own(root: Path) -> None:
    filing = Filing(root)
    filing.write_document(document(pupil="school"))
    reference = filing.write_document(document(b"PK panel", pupil=None))

    assert reference.startswith("school/")
    assert [f.reference for f in filing.find_documents(None, KEY)] == [reference]


def test_a_crash_before_the_file_was_in_place_leaves_nothing_filed(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(path: Path, content: bytes) -> None:
        path.with_name(".~half").write_bytes(content[:3])
        raise KeyboardInterrupt

    filing = Filing(root)
    with monkeypatch.context() as patch:
        patch.setattr(filing_module, "_put", crash)
        with pytest.raises(KeyboardInterrupt):
            filing.write_document(document())

    again = Filing(root)
    assert again.find_documents("17", KEY) == []
    assert again.write_document(document()) == f"pupils/17/{NAME}"
    assert len(again.find_documents("17", KEY)) == 1
    assert len(index_rows(root / "pupils" / "17")) == 1
    assert not list(root.rglob(".~*"))


def test_a_crash_before_the_index_was_written_is_made_good_by_the_next_write(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    filing = Filing(root)

    def crash(self: Filing, folder: Path) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Filing, "_write_index", crash)
        with pytest.raises(KeyboardInterrupt):
            filing.write_document(document())

    again = Filing(root)
    assert len(again.find_documents("17", KEY)) == 1
    again.write_note(note())
    assert len(index_rows(root / "pupils" / "17")) == 2


def test_a_journal_line_cut_off_by_a_crash_harms_no_other(root: Path) -> None:
    Filing(root).write_document(document())
    with (root / "pupils" / "17" / ".filed.jsonl").open("ab") as journal:
        journal.write(b'{"pupil_id": "17", "da\xc3')

    filing = Filing(root)
    filing.write_note(note())
    assert len(filing.find_documents("17", KEY)) == 1
    assert len(filing.find_notes("17", KEY)) == 1


def test_staff_may_edit_or_delete_the_index_and_edit_a_letter(root: Path) -> None:
    filing = Filing(root)
    reference = filing.write_document(document())
    (root / "pupils" / "17" / "index.csv").write_text("Datum;Art\n", "cp1252")
    (root / reference).write_bytes(b"PK letter with a date by hand")

    assert [f.reference for f in Filing(root).find_documents("17", KEY)] == [reference]
    Filing(root).write_note(note())
    assert len(index_rows(root / "pupils" / "17")) == 2
    assert (root / reference).read_bytes() == b"PK letter with a date by hand"


def test_an_index_held_open_by_a_spreadsheet_stops_nothing(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    filing = Filing(root)
    filing.write_document(document())
    real = Path.replace

    def refuse(self: Path, target: Path) -> Path:
        if Path(target).name == "index.csv":
            raise PermissionError(13, "in use by another program")
        return real(self, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", refuse)
        filing.write_note(note())
    assert len(index_rows(root / "pupils" / "17")) == 1
    filing.write_document(document(key=OTHER))
    assert len(index_rows(root / "pupils" / "17")) == 3


def test_a_letter_moved_away_is_not_found_and_cannot_be_read(root: Path) -> None:
    filing = Filing(root)
    reference = filing.write_document(document())
    (root / reference).unlink()

    assert filing.find_documents("17", KEY) == []
    with pytest.raises(SkippableError):
        filing.read_document(reference)


@pytest.mark.parametrize("reference", ["../secret.txt", "pupils/../../secret.txt", "/etc/passwd"])
def test_a_reference_cannot_lead_out_of_the_folder(root: Path, reference: str) -> None:
    (root.parent / "secret.txt").write_text("x", "utf-8")

    with pytest.raises(FatalError):
        Filing(root).read_document(reference)


def test_a_drive_that_is_not_there_is_not_made_up(tmp_path: Path) -> None:
    filing = Filing(tmp_path / "not-mounted" / "letters-out")

    assert [finding.message for finding in filing.check()]
    with pytest.raises(RetryableError):
        filing.write_document(document())
    assert not (tmp_path / "not-mounted").exists()


def test_a_file_in_the_way_is_an_error_that_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "letters-out").write_text("a file", "utf-8")
    filing = Filing(tmp_path / "letters-out")

    assert filing.check()
    with pytest.raises(RetryableError) as caught:
        filing.write_document(document())
    assert caught.value.fix


def test_a_good_place_has_no_finding_and_keeps_no_trace(root: Path) -> None:
    assert Filing(root).check() == []
    assert list(root.iterdir()) == []


def test_a_pupil_keeps_the_folder_when_the_number_changes(root: Path) -> None:
    first = Filing(root, {"17": "A999200012345"}.__getitem__)
    first.write_document(document())
    later = Filing(root, {"17": "B999200012346"}.__getitem__)

    assert len(later.find_documents("17", KEY)) == 1
    assert later.write_note(note()).startswith("pupils/A999200012345/")


def test_two_pupils_never_share_a_folder(root: Path) -> None:
    filing = Filing(root, lambda _: "SAME")
    references = [filing.write_document(document(pupil=pupil)) for pupil in ("17", "18")]

    assert len({reference.rsplit("/", 1)[0] for reference in references}) == 2
    assert len(Filing(root, lambda _: "SAME").find_documents("18", KEY)) == 1


# --- names ------------------------------------------------------------------------------------------------


def test_the_name_of_a_letter_comes_through_unchanged() -> None:
    assert safe_file_name(NAME) == NAME


@pytest.mark.parametrize(
    ("wished", "safe"),
    [
        ('a<b>c:d"e/f\\g|h?i*j.docx', "a-b-c-d-e-f-g-h-i-j.docx"),
        ("con.docx", "_con.docx"),
        ("LPT1.2025.docx", "_LPT1.2025.docx"),
        ("ends in dots...", "ends in dots"),
        (" blanks .txt", "blanks .txt"),
        ("tab\there\x00.txt", "tab-here-.txt"),
        ("...", "_"),
    ],
)
def test_what_windows_forbids_is_replaced(wished: str, safe: str) -> None:
    assert safe_file_name(wished) == safe


def test_two_long_names_stay_two_and_keep_their_ending() -> None:
    one, two = (safe_file_name("long " * 60 + f"{n}.docx") for n in (1, 2))

    assert one != two
    assert one.endswith(".docx")
    assert len(one) <= LONGEST


@given(st.text(max_size=300))
def test_any_name_becomes_a_safe_one(wished: str) -> None:
    wished = wished.encode("utf-8", "replace").decode()
    for name in (safe_file_name(wished), with_suffix(safe_file_name(wished), " (2)")):
        assert 0 < len(name) <= LONGEST
        assert len(name.encode()) <= 255
        assert not set('<>:"/\\|?*') & set(name)
        assert not any(ord(sign) < 32 for sign in name)
        assert name == name.rstrip(". ")


@given(st.lists(st.text(min_size=1, max_size=80), unique=True, min_size=2, max_size=6))
def test_no_two_identifiers_share_a_folder_even_on_windows(identifiers: list[str]) -> None:
    names = [safe_folder_name(i.encode("utf-8", "replace").decode()) for i in set(identifiers)]

    assert len({name.casefold() for name in names}) == len(
        {i.encode("utf-8", "replace") for i in identifiers}
    )


@pytest.mark.parametrize("identifier", ["17", "A999200012345", "003001", "AB-12_3"])
def test_a_plain_number_is_the_folders_name(identifier: str) -> None:
    assert safe_folder_name(identifier) == identifier


def test_filing_works_from_any_working_folder(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root.parent)
    filing = Filing(Path("letters-out"))
    reference = filing.write_document(document())
    assert filing.read_document(reference) == b"PK letter"
    assert os.listdir(root) == ["pupils"]  # noqa: PTH208 - the names alone are wanted


def test_a_letter_and_a_note_that_staff_renamed_are_found_by_their_key(root: Path) -> None:
    filing = Filing(root)
    letter, text = root / filing.write_document(document()), root / filing.write_note(note())
    letter.rename(letter.with_name("sent to mum.docx"))
    text.rename(text.with_name("sent to mum.txt"))
    (found,) = Filing(root).find_documents("17", KEY)
    assert (found.reference, found.title) == ("pupils/17/sent to mum.docx", NAME)
    assert Filing(root).read_document(found.reference) == b"PK letter"
    assert [one.reference for one in Filing(root).find_notes("17", KEY)] == ["pupils/17/sent to mum.txt"]
    assert Filing(root).find_documents("17", OTHER) == []


def test_a_file_of_other_content_is_not_taken_for_a_letter_that_is_gone(root: Path) -> None:
    filing = Filing(root)
    letter = root / filing.write_document(document())
    letter.unlink()
    letter.with_name("other.docx").write_bytes(b"PK another letter")
    assert Filing(root).find_documents("17", KEY) == []
