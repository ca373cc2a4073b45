"""What the MIS holds under an event's key counts as written, whatever it is called there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connector.adapters.base import DocumentToWrite, Found
from connector.errors import SkippableError
from connector.ledger.decisions import release
from connector.run.request import RunRequest
from connector.run.run import run_school
from connector.store import Store
from connector.store.ledger import NoteDue
from letters.compose import NOTHING_FILED, Composed, Filed
from letters.earlier.made_before import EarlierForm, LetterBefore
from rules.events import Event
from tests.connector import runs
from tests.connector.memory_mis import MemoryMis, at, small_school
from tests.connector.plain_letters import PlainLetters
from tests.connector.runs import ledger, options

DAY = date(2025, 9, 11)
LATE = (date(2025, 9, 8), date(2025, 9, 9), date(2025, 9, 10))


class PastedTitles(PlainLetters):
    """Every title was pasted from a web page."""

    def compose(
        self,
        event: Event,
        key: str,
        filed: Filed = NOTHING_FILED,
        earlier: Sequence[EarlierForm] = (),
        letters_before: Sequence[LetterBefore] = (),
    ) -> Composed:
        made = super().compose(event, key, {})
        documents = tuple(
            replace(one, title="Letter\u2028one", file_name=one.file_name.replace(" – ", "\u2029", 1))
            for one in made.documents
            if not filed
        )
        return replace(
            made,
            documents=documents,
            note_summary=f"Late\u2028\x0bthree\x00 times [{key}]",
            note_text=f"Late\u2029three times\x07. [{key}]",
        )

    def correction(
        self, event: Event, key: str, kind: NoteDue, *, documents: Sequence[str], reason: str
    ) -> tuple[str, str]:
        return f"Correction: late\u2028three times [{key}]", f"Correction\u2028of\x0c{documents} [{key}]"


class ChangingMis(MemoryMis):
    """Shows titles cut short and on one line, and texts without line ends."""

    longest_title = 100

    def find_notes(self, pupil_id: str, key: str) -> list[Found]:
        return [
            replace(
                one,
                title=" ".join(one.title.split())[: self.longest_title],
                text="".join(one.text.splitlines()),
            )
            for one in super().find_notes(pupil_id, key)
        ]


class TwoHouseholds(PlainLetters):
    """Each letter goes to two households."""

    def compose(
        self,
        event: Event,
        key: str,
        filed: Filed = NOTHING_FILED,
        earlier: Sequence[EarlierForm] = (),
        letters_before: Sequence[LetterBefore] = (),
    ) -> Composed:
        made = super().compose(event, key)
        documents = tuple(
            replace(
                one,
                file_name=one.file_name.replace(".docx", f" ({number} of 2).docx"),
                content=one.content + bytes([number]),
                contact_ids=(f"{number}",),
            )
            for one in made.documents
            for number in (1, 2)
            if frozenset({f"{number}"}) not in filed.get(one.title, ())
        )
        return replace(made, documents=documents)


def late_school() -> MemoryMis:
    """One pupil, late three times."""
    mis = small_school(1, until=DAY)
    for day in LATE:
        mis.mark("1", day, "AM", "L", 5)
    return mis


def run(mis: MemoryMis, state: Path, letters: type[PlainLetters] = TwoHouseholds) -> None:
    request = RunRequest(
        options(only=("late-letter",)),
        mis,
        as_of=DAY,
        now=at(DAY),
        sleep=lambda _: None,
        letters=letters,
        lists=letters,
    )
    run_school(state, request)


def rename(mis: MemoryMis, names: list[str]) -> None:
    """Call the documents in the MIS so, in its order."""
    renamed = zip(mis.documents, names, strict=True)
    mis.documents = [(own, replace(document, file_name=name)) for (own, document), name in renamed]


def pupils_documents(mis: MemoryMis) -> list[DocumentToWrite]:
    return [document for _, document in mis.documents if document.pupil_id is not None]


name = st.sampled_from(["Attendance – late-letter – {day} (1 of 2).docx", "Attendance – late-letter – {day} (2 of 2).docx",
                        "Attendance – late-letter – {day}.docx", "letter to mum.docx", "{day}.docx", ""])  # fmt: skip
day = st.sampled_from(["2025-09-10", "2025-09-09", "2024-01-31", "September"])


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    names=st.lists(st.builds(lambda name, day: name.format(day=day), name, day), min_size=2, max_size=2),
    turned=st.booleans(),
    summary=st.sampled_from(["", "Late three times", "renamed"]),
)
def test_after_a_lost_state_no_document_and_no_note_is_written_again_whatever_they_are_called(
    tmp_path_factory, names: list[str], turned: bool, summary: str
) -> None:
    folder = tmp_path_factory.mktemp("states")
    mis = late_school()
    run(mis, folder / "first.db")
    rename(mis, names)
    if turned:
        mis.documents.reverse()
    mis.notes = [(own, replace(note, summary=summary, text="edited by staff")) for own, note in mis.notes]
    before = list(mis.documents), list(mis.notes)
    run(mis, folder / "second.db")
    assert (mis.documents, mis.notes) == before
    assert [row.state for row in ledger(folder / "second.db")] == ["verified"]


def test_the_second_households_letter_is_not_taken_for_written_because_the_first_is_there(
    tmp_path: Path,
) -> None:
    for there in ("Attendance – late-letter – 2025-09-09 (1 of 2).docx", "letter to mum.docx"):
        mis = late_school()
        run(mis, tmp_path / f"first {there}.db")
        del mis.documents[1]
        rename(mis, [there])
        run(mis, tmp_path / f"second {there}.db")
        assert [d.file_name for d in pupils_documents(mis)] == [
            there,
            "Attendance – late-letter – 2025-09-10 (2 of 2).docx",
        ]


def test_the_first_households_letter_is_written_where_only_the_second_is_there(tmp_path: Path) -> None:
    mis = late_school()
    run(mis, tmp_path / "first.db")
    mis.documents = [("document-9", mis.documents[1][1])]
    rename(mis, ["Attendance – late-letter – 2025-09-09 (2 of 2).docx"])
    run(mis, tmp_path / "second.db")
    assert [d.file_name for d in pupils_documents(mis)] == [
        "Attendance – late-letter – 2025-09-09 (2 of 2).docx",
        "Attendance – late-letter – 2025-09-10 (1 of 2).docx",
    ]


def test_a_note_on_what_became_of_an_event_is_not_taken_for_the_events_own_note(tmp_path: Path) -> None:
    mis = late_school()
    run(mis, tmp_path / "first.db")
    ((own, note),) = mis.notes
    mis.notes = [(f"{own}-later", replace(note, summary=f"Correction: late [{note.key}]", text="Correction"))]
    run(mis, tmp_path / "second.db")
    assert len(mis.notes) == 2


def test_an_event_made_again_does_not_file_again_what_an_earlier_run_had_filed(tmp_path: Path) -> None:
    mis, state = late_school(), tmp_path / "hill.db"
    mis.faults["write_note"] = [SkippableError("no such category")]
    run(mis, state)
    assert [row.state for row in ledger(state)] == ["failed"]
    assert len(pupils_documents(mis)) == 2
    with Store.open(state, "hill") as store:
        release(store, store.ledger.rows()[0].key, by="office", now=at(DAY), as_of=DAY)
    run(mis, state)
    assert len(pupils_documents(mis)) == 2
    assert [row.state for row in ledger(state)] == ["verified"]


def test_after_a_lost_state_a_corrected_first_absence_moves_the_event_and_brings_no_second_document(
    tmp_path: Path,
) -> None:
    mis = small_school(1, until=date(2025, 10, 10))
    days = [date(2025, 9, day) for day in (22, 23, 24, 25, 26, 29)]
    for absent in days:
        mis.day("1", absent, "I")
    rules = options(only=("initial-warning", "three-days-missed"))
    runs.run(mis, tmp_path / "first.db", date(2025, 10, 10), rules)
    before = Counter((d.key, d.file_name.split(" – ")[1]) for d in pupils_documents(mis))
    assert len(before) >= 2
    mis.day("1", days[0], "/")
    runs.run(mis, tmp_path / "second.db", date(2025, 10, 10), rules)
    assert {row.date for row in ledger(tmp_path / "second.db")} != {
        row.date for row in ledger(tmp_path / "first.db")
    }
    assert Counter((d.key, d.file_name.split(" – ")[1]) for d in pupils_documents(mis)) == before
    assert max(Counter(note.key for _, note in mis.notes).values()) == 1


@pytest.mark.parametrize("longest_title", [100, 15])
def test_what_a_mis_makes_of_a_pasted_title_does_not_have_it_filed_again_each_night(
    tmp_path: Path, longest_title: int
) -> None:
    held, state = late_school(), tmp_path / "hill.db"
    mis = ChangingMis(held.periods, held.pupils, held.marks)
    mis.longest_title = longest_title
    run(mis, state, PastedTitles)
    for day in LATE:
        mis.mark("1", day, "AM", "/")
    for _ in range(4):
        run(mis, state, PastedTitles)
    assert [note.summary.partition(" [")[0] for _, note in mis.notes] == [
        "Late three times",
        "Correction: late three times",
    ]
    assert [document.file_name for document in pupils_documents(mis)] == [
        "Attendance late-letter – 2025-09-10.docx"
    ]
    with Store.open(state, "hill") as store:
        assert [item.state for item in store.outbox.open_items() + store.outbox.not_taken()] == []
