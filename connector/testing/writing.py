"""The contract, third part: writing notes and documents, each once and found again."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import date

import pytest

from connector.adapters.base import Adapter, DocumentToWrite, Found, NoteToWrite
from connector.adapters.written_text import same_text
from connector.errors import AdapterError, RetryableError, SkippableError
from connector.testing.case import AdapterCase, FakeMis
from connector.testing.schools import small_school
from rules.school import Pupil

KEY = "AC-7F3K2M9Q"
OTHER_KEY = "AC-0000000Z"
DAY = date(2025, 9, 19)
TEXT = f"Attendance is 89.4% <of> 104 sessions & “falling”.\nLetter 1 was made. Zoë, 王.\n\n[{KEY}]"
CONTENT = bytes(range(256)) * 40 + b"PK"


def note_on(pupil: Pupil, key: str = KEY) -> NoteToWrite:
    """Return a note for a pupil."""
    return NoteToWrite(
        pupil.pupil_id, pupil.upn, key, f"Attendance letter 1 [{key}]", TEXT.replace(KEY, key), DAY
    )


def document_on(pupil: Pupil, key: str = KEY, part: str = "") -> DocumentToWrite:
    """Return a document for a pupil."""
    return DocumentToWrite(
        pupil_id=pupil.pupil_id,
        upn=pupil.upn,
        key=key,
        file_name=f"Attendance – Letter 1 & more – 2025-09-19{part}.docx",
        summary=f"Attendance letter 1{part} [{key}]",
        content=CONTENT + part.encode(),
        date=DAY,
    )


class Writing:
    """What was written is found by its key, reads back as it was, and is on the right pupil only."""

    case: AdapterCase

    def needs(self, capability: str) -> None:
        """Skip where the MIS cannot do it."""
        if not getattr(self.case.kind.capabilities, capability):
            pytest.skip(f"this MIS takes no {capability}")

    def test_a_note_reads_back_as_written(self) -> None:
        self.needs("notes")
        school = small_school()
        pupil = school.pupils[1]
        with self.case.mis(school) as mis, self.case.adapter(mis) as adapter:
            assert adapter.find_notes(pupil.pupil_id, KEY) == []
            reference = adapter.write_note(note_on(pupil))
            (found,) = adapter.find_notes(pupil.pupil_id, KEY)
            assert found.reference == reference
            assert found.title == note_on(pupil).summary
            assert found.text.replace("\r\n", "\n") == TEXT
            (written,) = mis.world.written.notes()
            assert (written.pupil_id, written.shared, written.date) == (pupil.pupil_id, False, DAY)

    def test_a_title_from_a_web_page_goes_in_clean_and_is_found_again(self) -> None:
        self.needs("notes")
        school = small_school()
        pupil = school.pupils[1]
        pasted = "Letter\u2028one,\x0bpage\x00\r\n2\u200b"
        note = replace(note_on(pupil), summary=f"{pasted} [{KEY}]", text=f"{pasted}\u2029[{KEY}]")
        with self.case.mis(school) as mis, self.case.adapter(mis) as adapter:
            adapter.write_note(note)
            (found,) = adapter.find_notes(pupil.pupil_id, KEY)
            assert found.title == f"Letter one, page 2 [{KEY}]"
            assert same_text(found.text, note.text)
            assert {letter for letter in found.text if not letter.isprintable()} <= {"\r", "\n"}
            if self.case.kind.capabilities.documents:
                name, summary = f"{pasted}.docx", f"{pasted} [{KEY}]"
                document = replace(document_on(pupil), file_name=name, summary=summary)
                adapter.write_document(document)
                (filed,) = adapter.find_documents(pupil.pupil_id, KEY)
                assert filed.title == "Letter one, page 2.docx"

    def test_a_document_reads_back_byte_for_byte(self) -> None:
        self.needs("documents")
        school = small_school()
        pupil = school.pupils[1]
        with self.case.mis(school) as mis, self.case.adapter(mis) as adapter:
            assert adapter.find_documents(pupil.pupil_id, KEY) == []
            adapter.write_document(document_on(pupil))
            (found,) = adapter.find_documents(pupil.pupil_id, KEY)
            assert found.title == document_on(pupil).file_name
            assert adapter.read_document(found.reference) == CONTENT
            (written,) = mis.world.written.documents(pupil.pupil_id)
            assert written.content == CONTENT
            assert written.summary.endswith(f"[{KEY}]")
            assert not written.shared

    def test_what_was_written_is_found_in_a_fresh_process(self) -> None:
        self.needs("notes")
        school = small_school()
        pupil = school.pupils[0]
        with self.case.mis(school) as mis:
            with self.case.adapter(mis) as adapter:
                adapter.write_note(note_on(pupil))
                self._document_too(adapter, pupil)
            with self.case.adapter(mis) as adapter:
                assert len(adapter.find_notes(pupil.pupil_id, KEY)) == 1
                if self.case.kind.capabilities.documents:
                    assert len(adapter.find_documents(pupil.pupil_id, KEY)) == 1

    def _document_too(self, adapter: Adapter, pupil: Pupil) -> None:
        if self.case.kind.capabilities.documents:
            adapter.write_document(document_on(pupil))

    def test_a_key_finds_neither_another_event_nor_another_pupil(self) -> None:
        self.needs("notes")
        school = small_school()
        one, other = school.pupils[:2]
        with self.case.mis(school) as mis, self.case.adapter(mis) as adapter:
            for pupil, key in ((one, KEY), (one, OTHER_KEY), (other, KEY)):
                adapter.write_note(note_on(pupil, key))
                if self.case.kind.capabilities.documents:
                    adapter.write_document(document_on(pupil, key))
            assert len(adapter.find_notes(one.pupil_id, KEY)) == 1
            assert adapter.find_notes(other.pupil_id, OTHER_KEY) == []
            assert adapter.find_notes(one.pupil_id, "AC-7F3K2M9") == [], "part of a key is no key"
            if self.case.kind.capabilities.documents:
                assert len(adapter.find_documents(one.pupil_id, KEY)) == 1
                assert adapter.find_documents(other.pupil_id, OTHER_KEY) == []

    def test_several_documents_of_one_event_are_all_found(self) -> None:
        self.needs("documents")
        school = small_school()
        pupil = school.pupils[2]
        parts = (" (1 of 2)", " (2 of 2)")
        with self.case.mis(school) as mis, self.case.adapter(mis) as adapter:
            for part in parts:
                adapter.write_document(document_on(pupil, part=part))
            found = adapter.find_documents(pupil.pupil_id, KEY)
            assert sorted(f.title for f in found) == [
                document_on(pupil, part=part).file_name for part in parts
            ]
            contents = {adapter.read_document(f.reference) for f in found}
            assert contents == {CONTENT + part.encode() for part in parts}

    def test_a_pupil_with_another_second_identifier_is_refused(self) -> None:
        self.needs("notes")
        school = small_school()
        one, other = school.pupils[:2]
        with self.case.mis(school) as mis, self.case.adapter(mis) as adapter:
            with pytest.raises(SkippableError) as refused:
                adapter.write_note(replace(note_on(one), upn=other.upn))
            assert one.upn not in str(refused.value)
            assert other.upn not in str(refused.value)
            if self.case.kind.capabilities.documents:
                with pytest.raises(SkippableError):
                    adapter.write_document(replace(document_on(one), upn=other.upn))
            assert not mis.world.written.notes()
            assert not mis.world.written.documents()

    def test_a_pupil_that_the_mis_has_not_is_refused(self) -> None:
        self.needs("notes")
        school = small_school()
        with self.case.mis(school) as mis, self.case.adapter(mis) as adapter:
            with pytest.raises(SkippableError):
                adapter.write_note(replace(note_on(school.pupils[0]), pupil_id="999999"))
            assert adapter.find_notes("999999", KEY) == []
            assert not mis.world.written.notes()

    def test_a_lost_answer_is_reported_and_the_write_is_found(self) -> None:
        self.needs("notes")
        school = small_school()
        pupil = school.pupils[0]
        with self.case.mis(school) as mis, self.case.adapter(mis) as adapter:
            adapter.find_notes(pupil.pupil_id, KEY)
            self._lose_the_answer(adapter, mis, pupil)
            assert len(mis.world.written.notes()) == 1, "a write is never sent twice automatically"
            assert len(adapter.find_notes(pupil.pupil_id, KEY)) == 1

    def _lose_the_answer(self, adapter: Adapter, mis: FakeMis, pupil: Pupil) -> None:
        """Cut the connection once the write took effect, whichever request it is that has the effect."""
        world = mis.world
        keep = world.written.keep_note

        def keep_and_cut(note: object) -> None:
            keep(note)  # type: ignore[arg-type]
            world.faults.set("drop-after", times=1)

        world.written.keep_note = keep_and_cut  # type: ignore[method-assign]
        try:
            with pytest.raises(RetryableError):
                adapter.write_note(note_on(pupil))
        finally:
            world.written.keep_note = keep  # type: ignore[method-assign]
            world.faults.clear()

    def test_a_write_that_changed_nothing_is_not_found(self) -> None:
        self.needs("notes")
        school = small_school()
        pupil = school.pupils[0]
        with self.case.mis(school) as mis, self.case.adapter(mis) as adapter:
            mis.world.faults.set("no-effect")
            try:
                adapter.write_note(note_on(pupil))
            except AdapterError:
                return  # noticed even sooner
            assert adapter.find_notes(pupil.pupil_id, KEY) == []

    def test_a_write_that_is_seen_late_is_found_in_the_end(self) -> None:
        self.needs("notes")
        school = small_school()
        pupil = school.pupils[0]
        with self.case.mis(school) as mis, self.case.adapter(mis) as adapter:
            mis.world.faults.set("stale")
            adapter.write_note(note_on(pupil))
            found: list[Found] = []
            until = time.monotonic() + 10
            while not found and time.monotonic() < until:
                found = adapter.find_notes(pupil.pupil_id, KEY)
                time.sleep(0.05)
            assert len(found) == 1
