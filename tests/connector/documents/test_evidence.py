"""What a pupil's evidence holds."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from connector.documents.evidence import evidence_of
from connector.store import Store
from connector.store.amendments import read_amendments
from tests.connector.ledger.test_guards import DAY, LATE, late_school
from tests.connector.runs import options, run

OPTS = options(only=LATE)


def test_a_pupils_evidence_holds_letters_notes_evidence_and_amendments(tmp_path: Path) -> None:
    mis, state = late_school(1), tmp_path / "hill.db"
    run(mis, state, DAY, OPTS)
    mis.mark("1", date(2025, 9, 9), "AM", "/")
    run(mis, state, DAY, OPTS)
    with Store.open(state, "hill") as store:
        evidence = evidence_of(store, "1", OPTS.policies)
        amendments = read_amendments(store.connection, "1")
    (event,) = evidence.events
    assert event.state == "withdrawn"
    assert event.assumed == ""
    assert [letter.content for letter in event.letters] == [mis.documents[0][1].content]
    assert [note.text for note in event.notes] == [note.text for _, note in mis.notes]
    assert [note.text.split()[0] for note in event.notes][1:] == ["withdrawn"]
    assert len(event.event.sessions) == 3
    assert [(a.original, a.amended) for a in amendments] == [("L", "/")]


def test_the_evidence_names_a_figure_that_the_policy_does_not_give(tmp_path: Path) -> None:
    mis, state = late_school(1), tmp_path / "hill.db"
    school = options("thringstone", only=LATE)
    run(mis, state, DAY, school)
    with Store.open(state, "hill") as store:
        (event,) = evidence_of(store, "1", school.policies).events
    assert event.assumed.startswith("The policy speaks of pupils who are repeatedly late")
