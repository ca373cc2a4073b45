"""Texts are cleaned once, before any adapter gets them, and compare equal however a MIS changes what nobody sees."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from connector.adapters.base import DocumentToWrite, NoteToWrite
from connector.adapters.filing import INDEX, JOURNAL, Filing
from connector.adapters.written_text import clean_line, clean_text, same_text

KEY = "AC-7F3K2M9Q"
UNSEEN = [
    "\u2028",
    "\u2029",
    "\x0b",
    "\x0c",
    "\r",
    "\r\n",
    "\n",
    "\x85",
    "\x1c",
    "\t",
    "\x00",
    "\x07",
    "\u200b",
    "\ud800",
]


def note(title: str) -> NoteToWrite:
    return NoteToWrite("1", "", KEY, f"{title} [{KEY}]", f"{title} was made. [{KEY}]", date(2025, 9, 19))


@pytest.mark.parametrize("mark", UNSEEN)
def test_a_title_is_one_line_that_every_mis_can_hold(mark: str) -> None:
    cleaned = clean_line(f" Attendance{mark}letter 1 ")
    assert cleaned in ("Attendance letter 1", "Attendanceletter 1")
    assert cleaned.isprintable()
    assert clean_line(cleaned) == cleaned
    assert note(f"Attendance{mark}letter 1").summary == f"{cleaned} [{KEY}]"


@pytest.mark.parametrize("mark", UNSEEN)
def test_a_text_keeps_its_lines_and_nothing_else_that_cannot_be_seen(mark: str) -> None:
    cleaned = clean_text(f"One{mark}two\n\nthree")
    assert cleaned in ("One\ntwo\n\nthree", "One two\n\nthree", "Onetwo\n\nthree")
    assert clean_text(cleaned) == cleaned


def test_what_can_be_seen_stays_as_it_is() -> None:
    text = "Attendance is 89.4% <of> 104 sessions & “falling”.\nZoë, 王, 👩‍🚀, ŵ. Two  blanks."
    assert clean_text(text) == text


@pytest.mark.parametrize(
    "read_back",
    [
        "One two\r\nthree é",
        "One two three é",
        "One twothree é",
        "  One\u2028two\nthree é \n",
        "One\u00a0two\nthree e\u0301",
        "One two\x00\nthr\u00adee é",
    ],
)
def test_what_a_mis_changes_of_what_nobody_sees_is_the_same_text(read_back: str) -> None:
    assert same_text("One two\nthree é", read_back)


@pytest.mark.parametrize("read_back", ["One two\nthree", "One two\nthree e", "One, two\nthree é", ""])
def test_what_a_mis_changes_of_what_is_seen_is_another_text(read_back: str) -> None:
    assert not same_text("One two\nthree é", read_back)


@pytest.mark.parametrize("mark", UNSEEN)
def test_a_note_and_a_document_in_a_folder_are_filed_once_whatever_is_in_their_title(
    mark: str, tmp_path: Path
) -> None:
    one = note(f"Letter{mark}1")
    document = DocumentToWrite("1", "", KEY, f"Letter{mark}1.docx", one.summary, b"PK", one.date)
    for _ in range(3):
        filing = Filing(tmp_path)
        if not filing.find_notes("1", KEY):
            filing.write_note(one)
        if not filing.find_documents("1", KEY):
            filing.write_document(document)
    assert [found.title for found in filing.find_notes("1", KEY)] == [one.summary]
    assert [found.title for found in filing.find_documents("1", KEY)] == [document.file_name]
    names = sorted(path.name for path in (tmp_path / "pupils" / "1").iterdir())
    assert len(names) == 4, names
    assert {JOURNAL, INDEX} <= set(names)


def test_a_folder_that_an_earlier_version_filed_in_with_such_a_title_is_read_whole(tmp_path: Path) -> None:
    one = note("Letter 1")
    Filing(tmp_path).write_note(one)
    journal = tmp_path / "pupils" / "1" / JOURNAL
    journal.write_text(journal.read_text("utf-8").replace("Letter 1 [", "Letter\u20281 ["), "utf-8")
    (found,) = Filing(tmp_path).find_notes("1", KEY)
    assert found.title == f"Letter\u20281 [{KEY}]"


def test_a_changed_copy_of_a_note_is_cleaned_too() -> None:
    assert replace(note("Letter"), text="One\u2028two").text == "One\ntwo"
