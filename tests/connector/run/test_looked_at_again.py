"""What was made and is not written yet is judged again by the facts of the day on which it is written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from io import BytesIO
from pathlib import Path

import docx
import pytest

from connector.config.loaded_school import LoadedSchool
from connector.documents.pupil_letters import PupilLetters
from connector.errors import RetryableError, SkippableError
from connector.ledger.decisions import approve, release
from connector.run.request import RunRequest
from connector.run.run import run_school
from connector.run.summary import RunSummary
from connector.store import Store
from rules.school import Address, Contact, Exclusion, Session, Spell
from tests.connector.memory_mis import MemoryMis, at, next_day, small_school
from tests.connector.runs import ledger, options, row_of

LATE = ("late-letter",)
DAYS = (date(2025, 9, 8), date(2025, 9, 9), date(2025, 9, 10))
EVENING = DAYS[-1]
NEXT = date(2025, 9, 11)
DOWN = RetryableError("the MIS is down", fix="the next run asks again")
NEW_HOME = Address(("7 New Road",), "Anytown", "", "ZZ1 9ZZ")


def adult(contact_id: str, surname: str, line: str) -> Contact:
    return Contact(
        contact_id=contact_id,
        title="Ms",
        forename="A",
        surname=surname,
        priority=1,
        parental_responsibility=True,
        address=Address((line,), "Anytown", "", "ZZ1 1ZZ"),
    )


def school() -> MemoryMis:
    """Return a school with one pupil, late three times, of two parents at two addresses, and another the week before."""
    mis = small_school(2, until=NEXT)
    for day in (date(2025, 9, 3), date(2025, 9, 4), date(2025, 9, 5)):
        mis.mark("2", day, "AM", "L", 5)
    mis.pupils["1"] = replace(
        mis.pupils["1"],
        contacts=(adult("mother", "Fox", "1 Mill Lane"), adult("father", "Hart", "2 Hill Street")),
    )
    for day in DAYS:
        mis.mark("1", day, "AM", "L", 5)
    return mis


def run(mis: MemoryMis, state: Path, day: date, opts: LoadedSchool | None = None) -> RunSummary:
    """One run with the real letters."""
    request = RunRequest(
        opts or options(only=LATE),
        mis,
        as_of=day,
        now=at(day),
        sleep=lambda _seconds: None,
        letters=PupilLetters,
    )
    return run_school(state, request).summary


def evening_without_mis(mis: MemoryMis, state: Path, opts: LoadedSchool | None = None) -> None:
    """Make the letters while the MIS takes nothing."""
    run(mis, state, DAYS[1], opts)
    mis.faults["find_documents"] = [DOWN] * 50
    run(mis, state, EVENING, opts)
    assert row_of(state, "late-letter").state == "composed"
    assert not letters(mis)
    mis.faults.clear()


def change(mis: MemoryMis, contact_id: str, **facts: object) -> None:
    pupil = mis.pupils["1"]
    contacts = tuple(replace(c, **facts) if c.contact_id == contact_id else c for c in pupil.contacts)  # type: ignore[arg-type]
    mis.pupils["1"] = replace(pupil, contacts=contacts)


def letters(mis: MemoryMis) -> list[str]:
    """Return the text of each letter on the pupil in the MIS."""
    texts = []
    for _, document in mis.documents:
        if document.pupil_id == "1":
            word = docx.Document(BytesIO(document.content))
            cells = [cell.text for table in word.tables for row in table.rows for cell in row.cells]
            texts.append("\n".join([p.text for p in word.paragraphs] + cells))
    return texts


def bar(mis: MemoryMis) -> None:
    change(mis, "father", court_order=True)


def no_letters(mis: MemoryMis) -> None:
    change(mis, "father", correspondence=False)


def remove(mis: MemoryMis) -> None:
    mis.pupils["1"] = replace(mis.pupils["1"], contacts=mis.pupils["1"].contacts[:1])


@pytest.mark.parametrize("fact", [bar, no_letters, remove])
def test_an_adult_shut_out_overnight_gets_nothing(tmp_path: Path, fact: Callable[[MemoryMis], None]) -> None:
    mis, state = school(), tmp_path / "hill.db"
    evening_without_mis(mis, state)
    fact(mis)
    run(mis, state, NEXT)
    (letter,) = letters(mis)
    assert "1 Mill Lane" in letter
    assert "Hart" not in letter
    assert row_of(state, "late-letter").state == "verified"


def test_a_letter_goes_to_the_address_of_the_day_on_which_it_is_written(tmp_path: Path) -> None:
    mis, state = school(), tmp_path / "hill.db"
    evening_without_mis(mis, state)
    change(mis, "father", address=NEW_HOME)
    run(mis, state, NEXT)
    assert len(letters(mis)) == 2
    assert any("7 New Road" in letter for letter in letters(mis))
    assert not any("2 Hill Street" in letter for letter in letters(mis))
    assert all("11 September 2025" in letter for letter in letters(mis)), "dated on the day it is written"


def bereaved(mis: MemoryMis) -> LoadedSchool:
    mis.exclusions = [Exclusion(reason="Bereavement", pupil_id="1")]
    return options(only=LATE)


def looked_after(mis: MemoryMis) -> LoadedSchool:
    mis.pupils["1"] = replace(mis.pupils["1"], looked_after=True)
    return options(only=LATE)


def unmarked(mis: MemoryMis) -> LoadedSchool:
    mis.day("1", NEXT, "-")
    mis.day("2", NEXT, "-")
    return options(only=LATE)


def left(mis: MemoryMis) -> LoadedSchool:
    mis.pupils["1"] = mis.pupils["1"].with_spells(Spell(end=NEXT))
    return options(only=LATE)


def other_policy(_mis: MemoryMis) -> LoadedSchool:
    return options("thringstone", only=("concern",))


def to_be_reviewed(_mis: MemoryMis) -> LoadedSchool:
    return options(only=LATE, review=["late-letter"])


def switched_off(_mis: MemoryMis) -> LoadedSchool:
    return options(only=LATE, rules_off=["late-letter"])


@pytest.mark.parametrize(
    ("fact", "state_of", "hold"),
    [
        (bereaved, "excluded", ""),
        (looked_after, "held", "letter"),
        (unmarked, "held", "registers"),
        (left, "held", "leaver"),
        (other_policy, "superseded", "other_policy"),
        (to_be_reviewed, "held", "review"),
        (switched_off, "superseded", "switched_off"),
    ],
)
def test_what_was_made_waits_when_the_facts_of_the_next_day_say_so(
    tmp_path: Path, fact: Callable[[MemoryMis], LoadedSchool], state_of: str, hold: str
) -> None:
    mis, state = school(), tmp_path / "hill.db"
    evening_without_mis(mis, state)
    opts = fact(mis)
    run(mis, state, NEXT, opts)
    row = row_of(state, "late-letter")
    assert (row.state, row.hold) == (state_of, hold)
    assert not letters(mis)
    assert {note.pupil_id for _, note in mis.notes} == {"2"}
    with Store.open(state, "hill") as store:
        assert {item.state for item in store.outbox.of_event(row.id)} == {"cancelled"}


@pytest.mark.parametrize(("fact", "state_of"), [(bereaved, "excluded"), (unmarked, "held")])
def test_a_write_without_an_answer_is_looked_for_also_when_the_event_waits_now(
    tmp_path: Path, fact: Callable[[MemoryMis], LoadedSchool], state_of: str
) -> None:
    mis, state = school(), tmp_path / "hill.db"
    run(mis, state, DAYS[1])
    mis.lost_answers = 1
    mis.faults["find_documents"] = [None, *[DOWN] * 50]
    run(mis, state, EVENING)
    mis.faults.clear()
    run(mis, state, NEXT, fact(mis))
    row = row_of(state, "late-letter")
    assert (row.state, row.written_on, len(letters(mis))) == (state_of, NEXT, 1)
    with Store.open(state, "hill") as store:
        states = [item.state for item in store.outbox.of_event(row.id)]
    assert states == ["verified", "cancelled", "cancelled"]


@pytest.mark.parametrize(("fact", "state_of"), [(bereaved, "excluded"), (to_be_reviewed, "held")])
def test_a_note_that_a_letter_stands_again_is_written_also_when_the_rest_of_the_event_waits(
    tmp_path: Path, fact: Callable[[MemoryMis], LoadedSchool], state_of: str
) -> None:
    mis, state = school(), tmp_path / "hill.db"
    half_written(mis, state)
    late = mis.marks["1", Session(DAYS[0], "AM")]
    mis.mark("1", DAYS[0], "AM", "/")
    run(mis, state, NEXT)
    assert row_of(state, "late-letter").state == "withdrawn"
    mis.marks["1", Session(DAYS[0], "AM")] = late
    run(mis, state, NEXT, fact(mis))
    row = row_of(state, "late-letter")
    assert (row.state, row.note_due, len(letters(mis))) == (state_of, None, 1)
    with Store.open(state, "hill") as store:
        notes = [item for item in store.outbox.of_event(row.id) if item.kind == "correction"]
    assert [item.state for item in notes] == ["verified", "verified"], "taken back, and back again"


def half_written(mis: MemoryMis, state: Path) -> None:
    """Write the first letter and not the second."""
    run(mis, state, DAYS[1])
    mis.faults["find_documents"] = [None, None, *[DOWN] * 50]
    run(mis, state, EVENING)
    assert len(letters(mis)) == 1
    assert row_of(state, "late-letter").written_on == EVENING
    mis.faults.clear()


def test_what_is_half_written_is_completed_only_for_adults_who_may_still_get_it(tmp_path: Path) -> None:
    mis, state = school(), tmp_path / "hill.db"
    half_written(mis, state)
    bar(mis)
    run(mis, state, NEXT)
    assert [("Mill Lane" in letter, "Hart" in letter) for letter in letters(mis)] == [(True, False)]
    assert [note.pupil_id for _, note in mis.notes].count("1") == 1
    assert row_of(state, "late-letter").state == "verified"


def test_what_is_half_written_is_completed_at_the_new_address_and_nobody_gets_a_second_copy(
    tmp_path: Path,
) -> None:
    mis, state = school(), tmp_path / "hill.db"
    half_written(mis, state)
    change(mis, "father", address=NEW_HOME)
    change(mis, "mother", address=NEW_HOME)
    run(mis, state, NEXT)
    assert ["Mill Lane" in letter for letter in letters(mis)] == [True, False]
    assert "7 New Road" in letters(mis)[1]
    assert "Fox" not in letters(mis)[1], "the mother has had hers"
    assert row_of(state, "late-letter").state == "verified"


def test_what_is_half_written_waits_while_an_exclusion_holds_and_goes_on_after_it(tmp_path: Path) -> None:
    mis, state = school(), tmp_path / "hill.db"
    half_written(mis, state)
    bereaved(mis)
    run(mis, state, NEXT)
    assert len(letters(mis)) == 1
    assert row_of(state, "late-letter").state == "excluded"
    mis.exclusions = []
    run(mis, state, NEXT)
    assert len(letters(mis)) == 2
    assert row_of(state, "late-letter").state == "verified"


@pytest.mark.parametrize("taken", [True, False])
def test_a_write_without_an_answer_is_looked_for_before_anything_else_is_made(
    tmp_path: Path, taken: bool
) -> None:
    mis, state = school(), tmp_path / "hill.db"
    run(mis, state, DAYS[1])
    if taken:
        mis.lost_answers = 1
        mis.faults["find_documents"] = [None, *[DOWN] * 50]
    else:
        mis.faults["write_document"] = [DOWN] * 50
    run(mis, state, EVENING)
    assert len(letters(mis)) == int(taken)
    mis.faults.clear()
    change(mis, "mother", court_order=True)
    for day in (NEXT, next_day(NEXT)):
        mis.day("1", day, "/")
        mis.day("2", day, "/")
        run(mis, state, day)
    assert ["Mill Lane" in letter for letter in letters(mis)].count(True) == int(taken), (
        "never after the order"
    )
    assert ["Hill Street" in letter for letter in letters(mis)].count(True) == 1
    assert row_of(state, "late-letter").state == "verified"


def test_a_failed_event_that_is_released_is_looked_at_again(tmp_path: Path) -> None:
    mis, state = school(), tmp_path / "hill.db"
    mis.faults["write_document"] = [SkippableError("too long", fix="x")] * 3
    run(mis, state, EVENING)
    row = row_of(state, "late-letter")
    assert row.state == "failed"
    mis.faults.clear()
    with Store.open(state, "hill") as store:
        release(store, row.key, by="office", now=at(EVENING), as_of=EVENING)
    bar(mis)
    for day in (NEXT, next_day(NEXT)):
        mis.day("1", day, "/")
        mis.day("2", day, "/")
        run(mis, state, day)
    assert ["Hart" in letter for letter in letters(mis)] == [False]
    assert row_of(state, "late-letter").state == "verified"


def test_a_withdrawn_event_that_comes_back_is_looked_at_again(tmp_path: Path) -> None:
    mis, state = school(), tmp_path / "hill.db"
    evening_without_mis(mis, state)
    mis.mark("1", DAYS[0], "AM", "/")
    run(mis, state, EVENING)
    assert row_of(state, "late-letter").state == "withdrawn"
    mis.mark("1", DAYS[0], "AM", "L", 5)
    bar(mis)
    run(mis, state, NEXT)
    assert ["Hart" in letter for letter in letters(mis)] == [False]


# -- approval and release are of one evidence


def correct(mis: MemoryMis) -> None:
    """Another late mark in place of one of the three: the same event on other evidence."""
    mis.mark("1", DAYS[0], "AM", "/")
    mis.mark("1", date(2025, 9, 5), "AM", "L", 9)


def test_an_approval_ends_when_the_evidence_changes_while_the_letter_waits(tmp_path: Path) -> None:
    mis, state = school(), tmp_path / "hill.db"
    opts = options(only=LATE, review=["all"])
    run(mis, state, EVENING, opts)
    key = row_of(state, "late-letter").key
    with Store.open(state, "hill") as store:
        approve(store, key, by="head", now=at(EVENING), as_of=EVENING)
    evening_without_mis(mis, state, opts)
    correct(mis)
    run(mis, state, NEXT, opts)
    assert (row_of(state, "late-letter").state, row_of(state, "late-letter").hold) == ("held", "review")
    assert not letters(mis)


def test_an_approval_ends_when_the_event_is_withdrawn(tmp_path: Path) -> None:
    mis, state = school(), tmp_path / "hill.db"
    opts = options(only=LATE, review=["all"])
    run(mis, state, EVENING, opts)
    with Store.open(state, "hill") as store:
        approve(store, row_of(state, "late-letter").key, by="head", now=at(EVENING), as_of=EVENING)
    mis.mark("1", DAYS[0], "AM", "/")
    run(mis, state, EVENING, opts)
    assert row_of(state, "late-letter").state == "withdrawn"
    mis.mark("1", DAYS[0], "AM", "L", 5)
    run(mis, state, NEXT, opts)
    assert row_of(state, "late-letter").hold == "review"
    assert not letters(mis)


@pytest.mark.parametrize("then", [{"hold_above_events_of_rule": {"late-letter": 0}}, {}])
def test_a_release_ends_when_the_evidence_changes(tmp_path: Path, then: dict[str, object]) -> None:
    mis, state = school(), tmp_path / "hill.db"
    opts = options(only=LATE, hold_above_events_of_rule={"late-letter": 0})
    run(mis, state, EVENING, opts)
    assert row_of(state, "late-letter").hold == "too_many"
    with Store.open(state, "hill") as store:
        release(store, row_of(state, "late-letter").key, by="office", now=at(EVENING), as_of=EVENING)
    correct(mis)
    run(mis, state, NEXT, options(only=LATE, **then))
    assert row_of(state, "late-letter").hold == "too_many"
    assert not letters(mis)


def test_a_release_from_one_hold_lets_nothing_past_that_comes_up_later(tmp_path: Path) -> None:
    mis, state = school(), tmp_path / "hill.db"
    opts = options(only=LATE, hold_above_events_of_rule={"late-letter": 0})
    run(mis, state, EVENING, opts)
    with Store.open(state, "hill") as store:
        release(store, row_of(state, "late-letter").key, by="office", now=at(EVENING), as_of=EVENING)
    mis.pupils["1"] = mis.pupils["1"].with_spells(Spell(end=NEXT))
    run(mis, state, NEXT, opts)
    assert row_of(state, "late-letter").hold == "leaver"
    assert not letters(mis)


# -- every state has a way on


def test_what_the_list_of_the_school_names_is_stopped_with_its_event(tmp_path: Path) -> None:
    mis, state = school(), tmp_path / "hill.db"
    for day in DAYS:
        mis.day("1", day, "N")
    opts = options("aycliffe-drive", only=("no-contact",))
    run(mis, state, date(2025, 9, 5), opts)
    mis.faults["find_documents"] = [DOWN] * 50
    run(mis, state, EVENING, opts)
    assert not mis.documents
    mis.faults.clear()
    mis.exclusions = [Exclusion(reason="Bereavement", pupil_id="1")]
    run(mis, state, NEXT, opts)
    assert {row.state for row in ledger(state)} == {"excluded"}
    for _, document in mis.documents:
        assert document.pupil_id is None
        word = docx.Document(BytesIO(document.content))
        text = "\n".join(cell.text for table in word.tables for row in table.rows for cell in row.cells)
        assert "Bereavement" not in text
        assert mis.pupils["1"].legal_surname not in text
