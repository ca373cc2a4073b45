"""Which of the documents and notes under one key is which, one call at a time."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from connector.adapters.base import Found
from connector.run.already_filed import documents_of, notes_of
from connector.store.outbox import Item, ItemState, Kind
from tests.connector.ledger.test_guards import DAY
from tests.connector.memory_mis import at

KEY = "AC-1"


def item(
    number: int, name: str, state: ItemState = "waiting", reference: str = "", kind: Kind = "document"
) -> Item:
    """Return a document of a file name, or a note of a summary."""
    return Item(
        id=number, event_id=1, run_id=1, kind=kind, pupil_id="1", key=KEY, file_name=name, summary=name, text=f"Text of {name}",
        sha256=None, date=DAY, template="", contacts=(), only_if_found=False, state=state, tries=1, reference=reference,
        error="", state_at=at(DAY), tried_in=None, tried_on=None, in_vain=0,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("items", "in_mis", "expected"),
    [
        # by its reference, whatever it is called now
        ([item(1, "A.docx"), item(2, "B.docx", "verified", "r2")], ["C.docx", "D.docx"], [["r1"], ["r2"]]),
        # by its name, before another of the same title
        ([item(1, "Late – 2025-09-10.docx"), item(2, "Late – 2025-09-11.docx")], ["Late – 2025-09-11.docx", "Late – 2025-09-10.docx"], [["r2"], ["r1"]]),
        # by its title and number, whatever its date
        ([item(1, "Late (1 of 2).docx"), item(2, "Late (2 of 2).docx")], ["Late (2 of 2) – 2025-09-01.docx", "Late (1 of 2) – 2025-09-01.docx"], [["r2"], ["r1"]]),
        # one without a number is the first
        ([item(1, "Late.docx")], ["Late (2 of 2).docx", "Late (1 of 2).docx"], [["r2"]]),
        # by its title, whatever its number
        ([item(1, "Late.docx")], ["Other.docx", "Late (2 of 3).docx"], [["r2"]]),
        # the title is the same without the end of a file name
        ([item(1, "Late.docx")], ["Other", "LATE"], [["r2"]]),
        # last any that has none yet, but not in place of one that was read back and is gone
        ([item(1, "A.docx", "verified", "gone"), item(2, "B.docx")], ["C.docx"], [[], ["r1"]]),
        # a second one of its very name is the same one, twice
        ([item(1, "A.docx"), item(2, "B.docx")], ["A.docx", "A.docx", "B.docx"], [["r1", "r2"], ["r3"]]),
    ],
)  # fmt: skip
def test_each_document_of_the_mis_belongs_to_one_of_the_event(
    items: Sequence[Item], in_mis: Sequence[str], expected: list[list[str]]
) -> None:
    found = [Found(f"r{number}", title) for number, title in enumerate(in_mis, 1)]
    assert [[one.reference for one in documents_of(item, items, found)] for item in items] == expected


NOTE = item(1, f"Late [{KEY}]", kind="note")
CORRECTION = item(2, f"Correction: Late [{KEY}]", kind="correction")


@pytest.mark.parametrize(
    ("wanted", "in_mis", "expected"),
    [
        (NOTE, [f"Late [{KEY}]", "Phoned home"], ["r1"]),
        (NOTE, ["Phoned home", f"Correction: Late [{KEY}]"], ["r1"]),  # its only note, whatever it says
        (NOTE, [f"Correction: Late [{KEY}]"], []),
        (CORRECTION, [f"Late [{KEY}]", f"Correction: Late [{KEY}]"], ["r2"]),
        (CORRECTION, ["Phoned home"], []),
    ],
)
def test_a_note_is_told_from_those_that_correct_it(
    wanted: Item, in_mis: Sequence[str], expected: list[str]
) -> None:
    found = [Found(f"r{number}", title, "Other words") for number, title in enumerate(in_mis, 1)]
    assert [one.reference for one in notes_of(wanted, [NOTE, CORRECTION], found)] == expected
