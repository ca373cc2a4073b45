"""How families are greeted."""

from __future__ import annotations

import pytest

from letters.words.salutation import Name, envelope_name, envelope_names, names_too, salutation


@pytest.mark.parametrize(
    ("name", "greeting", "envelope"),
    [
        (Name("Mr", "Chidi", "Okafor"), "Mr Okafor", "Mr Chidi Okafor"),
        (Name("MRS.", "Ada", "Okafor-Lee"), "Mrs Okafor-Lee", "Mrs Ada Okafor-Lee"),
        (Name("Ms", "Aoife", "O’Brien"), "Ms O’Brien", "Ms Aoife O’Brien"),
        (Name("Mr", "Jan", "van der Berg"), "Mr van der Berg", "Mr Jan van der Berg"),
        (Name("Mrs", "María", "García Márquez"), "Mrs García Márquez", "Mrs María García Márquez"),
        (Name("Mx", "Sam", "Taylor"), "Mx Taylor", "Mx Sam Taylor"),
        (Name("Mrs", "A", "Okafor", "Mrs A Okafor"), "Mrs A Okafor", "Mrs A Okafor"),
        (Name("Dr", "Priya", "Nair"), "Dr Nair", "Dr Priya Nair"),
        (Name("", "Tom", "Novak"), "Tom Novak", "Tom Novak"),
        (Name("", "", "Suharto"), "Suharto", "Suharto"),
        (Name("Mr", "", "Suharto"), "Mr Suharto", "Mr Suharto"),
        (Name("", "Priya", ""), "Priya", "Priya"),
        (Name("Mr", "John", "Smith Jr"), "Mr Smith", "Mr John Smith Jr"),
        (Name("Mr", "John", "Smith OBE"), "Mr Smith", "Mr John Smith OBE"),
        (Name("Mr", "John", "Smith, Jnr."), "Mr Smith", "Mr John Smith, Jnr."),
        (Name("Mr", "Yo-Yo", "Ma"), "Mr Ma", "Mr Yo-Yo Ma"),
        (Name("Mr", "Jack", "de Ma"), "Mr de Ma", "Mr Jack de Ma"),
        (Name("Sir", "John", "Major"), "Sir John", "Sir John Major"),
        (Name("Mrs", "فاطمة", "الزهراء"), "Mrs الزهراء", "Mrs فاطمة الزهراء"),
        (Name("Mr", "", ""), "Parent or carer", "Parent or carer"),
        (Name(), "Parent or carer", "Parent or carer"),
        (Name("  Mr ", " Chidi ", "  Okafor\t"), "Mr Okafor", "Mr Chidi Okafor"),
    ],
)
def test_one_adult_is_greeted_properly(name: Name, greeting: str, envelope: str) -> None:
    assert salutation([name]) == greeting
    assert envelope_name(name) == envelope


@pytest.mark.parametrize(
    ("names", "greeting"),
    [
        ([Name("Mrs", "Ada", "Okafor"), Name("Mr", "Chidi", "Okafor")], "Mr and Mrs Okafor"),
        ([Name("Ms", "Mei", "Lee"), Name("Mr", "Tom", "Novak")], "Ms Lee and Mr Novak"),
        ([Name("Mrs", "Jo", "Reed"), Name("Mrs", "Ann", "Reed")], "Mrs and Mrs Reed"),
        ([Name("Dr", "Jo", "Reed"), Name("Mr", "Al", "Reed")], "Dr and Mr Reed"),
        ([Name("", "Ada", "Okafor"), Name("", "Chidi", "Okafor")], "Ada and Chidi Okafor"),
        ([Name("Ms", "Mei", "Lee"), Name("", "Tom", "Novak")], "Ms Lee and Tom Novak"),
        (
            [Name("Mr", "A", "One"), Name("Ms", "B", "Two"), Name("Mx", "C", "Three")],
            "Mr One, Ms Two and Mx Three",
        ),
        (
            [Name("Mr", "A", "Reed"), Name("Mrs", "B", "Reed"), Name("Ms", "C", "Lee")],
            "Mr and Mrs Reed and Ms Lee",
        ),
        ([Name("Mr", "John", "Reed"), Name("Mr", "John", "Reed")], "Mr Reed and Mr Reed"),
        ([Name(), Name("", "", "")], "Parent or carer"),
        (
            [Name("Mr", "A", "Reed"), Name("", "", ""), Name("Ms", "C", "Lee")],
            "Mr Reed, Parent or carer and Ms Lee",
        ),
        ([Name("Mr", name, name) for name in ("One", "Two", "Three", "Four")], "parents and carers"),
        ([Name("Sir", "John", "Reed"), Name("Lady", "Ann", "Reed")], "Sir John and Lady Reed"),
    ],
)
def test_adults_of_one_household_are_greeted_together(names: list[Name], greeting: str) -> None:
    assert salutation(names) == greeting


def test_the_greeting_held_in_the_mis_wins() -> None:
    assert salutation([Name("Mrs", "Ada", "Okafor", "Dear Auntie Ada,")]) == "Auntie Ada"
    couple = [Name("Mr", "Chidi", "Okafor", "Mr & Mrs Okafor"), Name("Mrs", "Ada", "Okafor")]
    assert salutation(couple) == "Mr & Mrs Okafor"
    apart = [Name("Ms", "Mei", "Lee", "Mei"), Name("Mr", "Tom", "Novak")]
    assert salutation(apart) == "Mei and Mr Novak"


def test_a_greeting_for_two_is_passed_over_when_one_is_written_to() -> None:
    assert salutation([Name("Mrs", "Ada", "Okafor", "Mr and Mrs Okafor")]) == "Mrs Okafor"
    assert salutation([Name("Mrs", "Ada", "Okafor", "Chidi & Ada")]) == "Mrs Okafor"


def test_a_greeting_that_names_an_adult_who_is_not_addressed_is_passed_over() -> None:
    own, other = Name("Ms", "Mei", "Lee", "Mrs Novak"), Name("Mr", "Tom", "Novak")
    assert salutation([own], [other]) == "Ms Lee"


def test_a_couple_of_one_household_is_named_once_each_on_the_envelope() -> None:
    names = [Name("Mr", "Chidi", "Okafor"), Name("Mrs", "Ada", "Okafor")]
    assert envelope_names(names) == "Mr Chidi Okafor and Mrs Ada Okafor"


def test_two_people_of_one_name_are_both_on_the_envelope() -> None:
    assert envelope_names([Name("Mr", "John", "Reed")] * 2) == "Mr John Reed and Mr John Reed"
    assert envelope_names([Name(), Name()]) == "Parent or carer"


@pytest.mark.parametrize(
    ("greeting", "named"),
    [
        ("Miss Fox (do not tell Mr Hyde)", True),
        ("Miss Fox [Edward]", True),
        ("Miss Fox", False),
        ("Miss Fox and family", False),
    ],
)
def test_a_greeting_that_names_another_adult_is_found(greeting: str, named: bool) -> None:
    assert names_too(greeting, Name("Miss", "Ann", "Fox"), Name("Mr", "Edward", "Hyde")) is named


def test_a_shared_surname_names_another_only_in_a_greeting_for_two() -> None:
    own, other = Name("Mrs", "Ada", "Fox"), Name("Mr", "Tod", "Fox")
    assert names_too("Mr and Mrs Fox", own, other)
    assert not names_too("Mrs Fox", own, other)
