"""A run writes to nobody of whom nobody says that it may, nothing to or about the dead, and shares no secret address."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from connector.config.loaded_school import LoadedSchool
from connector.config.school import ContactsConfig
from connector.ledger.verdict import DIED
from rules.school import Contact
from tests.connector.memory_mis import MemoryMis, school_days
from tests.connector.run.test_looked_at_again import DAYS, EVENING, LATE, NEXT, change, letters, run, school
from tests.connector.runs import options, row_of


def set_up(**settings: str) -> LoadedSchool:
    """Return the school's options with `[school.contacts]` as given."""
    held = options(only=LATE)
    config = held.config.model_copy(update={"contacts": ContactsConfig.model_validate(settings)})
    return replace(held, config=config)


def evening(mis: MemoryMis, state: Path, opts: LoadedSchool | None = None) -> None:
    for day in school_days(DAYS[0], EVENING):
        run(mis, state, day, opts)


@pytest.mark.parametrize(
    ("fact", "setting"),
    [
        ("court_order", 'court_orders = "none on record"'),
        ("correspondence", 'correspondence = "none barred"'),
    ],
)
def test_what_nobody_says_of_an_adult_holds_until_somebody_says_it(
    tmp_path: Path, fact: str, setting: str
) -> None:
    mis, state = school(), tmp_path / "hill.db"
    change(mis, "father", **{fact: None})
    evening(mis, state)

    row = row_of(state, "late-letter")
    assert (row.state, row.hold) == ("held", "letter")
    assert setting in row.reason
    assert f"column {fact} of contacts.csv" in row.reason
    assert letters(mis) == []

    change(mis, "father", **{fact: fact == "correspondence"})
    run(mis, state, NEXT)

    assert row_of(state, "late-letter").state == "verified"
    assert len(letters(mis)) == 2


def test_the_settings_say_it_for_those_of_whom_nobody_else_does(tmp_path: Path) -> None:
    mis, state = school(), tmp_path / "hill.db"
    change(mis, "mother", court_order=None, correspondence=None)
    change(mis, "father", court_order=True, correspondence=None)
    evening(mis, state, set_up(court_orders="none on record", correspondence="none barred"))

    assert row_of(state, "late-letter").state == "verified"
    (letter,) = letters(mis)
    assert "1 Mill Lane" in letter, "and an order that is on record stands"


@pytest.mark.parametrize("only", [{"court_orders": "none on record"}, {"correspondence": "none barred"}])
def test_one_setting_does_not_answer_the_other_question(tmp_path: Path, only: dict[str, str]) -> None:
    mis, state = school(), tmp_path / "hill.db"
    change(mis, "father", court_order=None, correspondence=None)
    evening(mis, state, set_up(**only))

    assert row_of(state, "late-letter").state == "held"


def test_a_setting_that_is_taken_out_holds_again_what_is_not_written(tmp_path: Path) -> None:
    said = set_up(court_orders="none on record")
    none = Contact("c", court_order=None, correspondence=None)

    assert said.config.contacts.answers == {"court_order"}
    assert set_up().config.contacts.answers == frozenset()
    mis, state = school(), tmp_path / "hill.db"
    change(mis, "father", court_order=none.court_order)
    evening(mis, state)
    run(mis, state, NEXT, said)
    assert row_of(state, "late-letter").state == "verified"


def test_a_parent_who_has_died_gets_no_letter_and_stands_in_none(tmp_path: Path) -> None:
    mis, state = school(), tmp_path / "hill.db"
    change(mis, "father", deceased=True)
    evening(mis, state)

    (letter,) = letters(mis)
    assert "Hart" not in letter
    assert "2 Hill Street" not in letter


def test_nothing_is_written_about_a_pupil_who_has_died(tmp_path: Path) -> None:
    mis, state = school(), tmp_path / "hill.db"
    mis.pupils["1"] = replace(mis.pupils["1"], deceased=True)
    evening(mis, state)

    row = row_of(state, "late-letter")
    assert (row.state, row.reason) == ("excluded", DIED)
    assert letters(mis) == []
    assert [note for _, note in mis.notes if note.pupil_id == "1"] == []

    mis.pupils["1"] = replace(mis.pupils["1"], deceased=False)
    run(mis, state, NEXT)

    assert row_of(state, "late-letter").state == "verified", "it was entered by mistake"


def test_what_was_made_before_the_death_was_known_is_not_written(tmp_path: Path) -> None:
    from tests.connector.run.test_looked_at_again import evening_without_mis

    mis, state = school(), tmp_path / "hill.db"
    evening_without_mis(mis, state)
    mis.pupils["1"] = replace(mis.pupils["1"], deceased=True)
    run(mis, state, NEXT)

    assert row_of(state, "late-letter").state == "excluded"
    assert letters(mis) == []


def test_no_correcting_note_is_written_about_a_pupil_who_has_died(tmp_path: Path) -> None:
    mis, state = school(), tmp_path / "hill.db"
    evening(mis, state)
    notes = len(mis.notes)
    mis.mark("1", DAYS[0], "AM", "/")
    mis.pupils["1"] = replace(mis.pupils["1"], deceased=True)
    run(mis, state, NEXT)

    assert row_of(state, "late-letter").state == "withdrawn"
    assert len(mis.notes) == notes


@pytest.mark.parametrize("secret", [True, False])
def test_a_letter_with_a_secret_address_is_never_shared_with_guardians(tmp_path: Path, secret: bool) -> None:
    mis, state = school(), tmp_path / "hill.db"
    change(mis, "father", refuge=secret)
    evening(mis, state, options(only=LATE, letters={"share_with_guardians": True}))

    mine = [document.share for _, document in mis.documents if document.pupil_id == "1"]
    assert mine == [not secret] * 2
    assert {note.share for _, note in mis.notes if note.pupil_id == "1"} == {not secret}
