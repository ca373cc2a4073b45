"""Letters that a barred adult could see, names that are no names, adults who are no parents, pupils who are adults."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from letters.addressees import ADDRESS_KEPT, Addressees, addressees, liable
from rules.school import Address, Contact, Pupil
from tests.letters.test_addressees import ADA, AWAY, CHIDI, TOM, send

FOX = Contact("5", "Miss", "Ann", "Fox", priority=1, parental_responsibility=True, address=AWAY)
HYDE = Contact("6", "Mr", "Edward", "Hyde", court_order=True, address=Address(("1 Elm Row",), "Hull"))


def held(found: Addressees) -> str:
    assert not found.letters
    return found.held or ""


@pytest.mark.parametrize("per_parent", [False, True])
@pytest.mark.parametrize("responsible", [False, True])
def test_a_barred_adult_at_the_same_address_holds_the_letter(per_parent: bool, responsible: bool) -> None:
    barred = replace(CHIDI, parental_responsibility=responsible, court_order=True)
    why = held(send(ADA, barred, per_parent=per_parent))
    assert "barred from letters" in why
    assert "the same address" in why
    assert "Okafor" not in why
    assert send(ADA, replace(barred, address=AWAY), per_parent=per_parent).letters
    assert send(ADA, replace(barred, deceased=True), per_parent=per_parent).letters
    assert send(TOM, barred, per_parent=per_parent).letters, "only where one lives who would get it"


@pytest.mark.parametrize("per_parent", [False, True])
def test_a_parent_who_gets_no_post_because_the_other_does_holds_nothing(per_parent: bool) -> None:
    ada = replace(ADA, salutation="Mr and Mrs Okafor")
    (letter,) = send(ada, replace(CHIDI, correspondence=False), per_parent=per_parent).letters
    assert (letter.name, letter.salutation) == ("Mrs Ada Okafor", "Mrs Okafor")


def test_two_flats_are_two_envelopes_and_a_barred_neighbour_holds_nothing() -> None:
    one, other = (
        Address((f"Flat {flat}", f"{house} High Street"), "Hull", "", "HU1 2AB")
        for flat, house in ((1, 11), (11, 1))
    )
    letters = send(replace(ADA, address=one), replace(TOM, address=other)).letters
    assert [letter.name for letter in letters] == ["Mrs Ada Okafor", "Mr Tom Novak"]
    third = Address(("Flat 2", "11 High Street"), "Hull", "", "HU1 2AB")
    assert send(replace(ADA, address=one), replace(TOM, address=third, court_order=True)).letters


def test_a_barred_adult_named_in_the_greeting_holds_the_letter() -> None:
    why = held(send(replace(FOX, salutation="Miss Fox and Mr Hyde"), HYDE))
    assert "names an adult who is barred" in why
    assert "Hyde" not in why
    assert held(send(replace(FOX, salutation="Miss Fox (do not tell Mr Hyde)"), HYDE))
    assert held(send(replace(FOX, salutation="Miss Fox (do not tell Mr Hyde)"))), (
        "also where he is on no record"
    )
    assert send(replace(FOX, salutation="Miss Fox"), HYDE).letters
    assert send(replace(FOX, salutation="Miss Fox and Mr Hyde"), replace(HYDE, court_order=False)).letters


@pytest.mark.parametrize(
    "facts",
    [
        {"title": "Deceased"},
        {"surname": "Okafor (deceased)"},
        {"surname": "Okafor DEC'D"},
        {"forename": "DO NOT CONTACT"},
        {"forename": "Do", "surname": "not contact"},
        {"surname": "Unknown"},
        {"surname": "DON’T WRITE"},
        {"surname": "Okafor - see notes"},
        {"surname": "*Okafor"},
        {"surname": "?"},
        {"salutation": "Mrs Okafor - no letters"},
        {"salutation": "Mrs Okafor (Mum)"},
        {"relationship": "Mother (deceased)"},
        {"relationship": "Mother - do not contact"},
    ],
)
def test_words_in_a_name_field_that_are_no_name_hold_the_letter(facts: dict[str, str]) -> None:
    why = held(send(replace(ADA, **facts), TOM))  # type: ignore[arg-type]
    assert "no part of a name" in why
    assert "Okafor" not in why


@pytest.mark.parametrize(
    "facts",
    [
        {"surname": "Do"},
        {"surname": "Court"},
        {"surname": "Late"},
        {"surname": "Nott", "forename": "Donna"},
        {"surname": "O'Deadman-Smith Jr"},
        {"forename": "Elizabeth (Liz)"},
        {"salutation": "Auntie Ada"},
    ],
)
def test_real_names_hold_nothing(facts: dict[str, str]) -> None:
    assert send(replace(ADA, **facts)).letters  # type: ignore[arg-type]


def test_words_in_the_name_of_an_adult_who_gets_no_letter_hold_nothing() -> None:
    assert send(ADA, replace(TOM, surname="DO NOT CONTACT", correspondence=False)).letters
    assert send(ADA, replace(TOM, forename="Deceased", parental_responsibility=False)).letters


@pytest.mark.parametrize(
    "relationship", ["Social worker", "Social Worker (CIN)", "SW - social-worker", "Solicitor"]
)
def test_a_social_worker_is_no_parent(relationship: str) -> None:
    worker = replace(TOM, relationship=relationship)
    found = send(ADA, worker)
    assert [letter.contact_ids for letter in found.letters] == [("1",)]
    assert "social worker or other professional" in found.remarks[0]
    assert "no adult with parental responsibility" in held(send(worker))
    assert liable(Pupil("p", contacts=(ADA, worker))).letters == liable(Pupil("p", contacts=(ADA,))).letters


@pytest.mark.parametrize(
    "relationship", ["Father", "Foster carer", "Grandmother", "Step father", "Guardian", ""]
)
def test_other_adults_with_parental_responsibility_are_parents(relationship: str) -> None:
    assert replace(TOM, relationship=relationship).is_parent


def test_father_and_son_of_one_name_are_two() -> None:
    father = Contact(
        "1", "Mr", "John", "Reed", relationship="Father", parental_responsibility=True, address=AWAY
    )
    brother = replace(father, contact_id="2", relationship="Brother")
    (letter,) = send(father, brother).letters
    assert letter.contact_ids == ("1", "2")
    assert letter.name == "Mr John Reed and Mr John Reed"
    assert len(send(father, brother, per_parent=True).letters) == 2
    assert held(send(father, replace(brother, court_order=True))), "one of the two is barred in the same home"
    for same in ("Father", "", "Other contact"):
        again = replace(brother, relationship=same)
        assert [one.contact_ids for one in send(father, again).letters] == [("1",)], same


def test_a_pupil_of_eighteen_is_asked_about() -> None:
    pupil = Pupil("p", contacts=(ADA,), date_of_birth=date(2008, 2, 29))
    assert addressees(pupil, per_parent=False, on=date(2026, 2, 28)).letters
    why = held(addressees(pupil, per_parent=False, on=date(2026, 3, 1)))
    assert "the pupil is 18: someone has to decide" in why
    assert addressees(replace(pupil, date_of_birth=None), per_parent=False, on=date(2030, 1, 1)).letters


def test_forms_name_every_living_parent_and_say_who_may_not_be_written_to() -> None:
    adults = (
        ADA,
        replace(CHIDI, court_order=True),
        replace(TOM, correspondence=False, refuge=True),
        replace(FOX, address=Address(), court_order=None),
        replace(FOX, contact_id="8", forename="Dead", deceased=True),
        replace(FOX, contact_id="9", relationship="Aunt", forename="Bea", parental_responsibility=False),
    )
    forms = liable(Pupil("p", contacts=adults)).letters
    assert [form.name for form in forms] == [
        "Mrs Ada Okafor",
        "Miss Ann Fox (not known whether to write to)",
        "Mr Chidi Okafor (do not write to: court order)",
        "Mr Tom Novak (do not write to)",
    ]
    assert [form.lines[0] for form in forms] == [
        "12 Quay Street",
        "no address recorded",
        "12 Quay Street",
        ADDRESS_KEPT,
    ]
    one = liable(Pupil("p", contacts=adults), frozenset({"2"})).letters
    assert [form.contact_ids for form in one] == [("2",)]
    assert "add one in the MIS" in held(liable(Pupil("p", contacts=adults), frozenset({"77"})))
    assert "looked after" in held(liable(Pupil("p", contacts=adults, looked_after=True)))
    assert "no part of a name" in held(liable(Pupil("p", contacts=(replace(ADA, surname="Unknown"),))))
