"""Who is written to, and above all who is not."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from letters.addressees import (
    WINDOW_LINES,
    Addressees,
    NamedAddressee,
    address_lines,
    addressees,
    household_key,
)
from rules.school import Address, Contact, Pupil

HOME = Address(("12 Quay Street",), "Hull", "", "HU1 2AB")
AWAY = Address(("Flat 3", "8 Mill Lane"), "Beverley", "East Riding", "HU17 9XY")
ADA = Contact("1", "Mrs", "Ada", "Okafor", priority=1, parental_responsibility=True, address=HOME)
CHIDI = Contact("2", "Mr", "Chidi", "Okafor", priority=2, parental_responsibility=True, address=HOME)
TOM = Contact("3", "Mr", "Tom", "Novak", priority=3, parental_responsibility=True, address=AWAY)


def send(
    *contacts: Contact, per_parent: bool = False, looked_after_to: NamedAddressee | None = None, **facts: bool
) -> Addressees:
    return addressees(
        Pupil("p", contacts=contacts, **facts), per_parent=per_parent, looked_after_to=looked_after_to
    )


def test_one_household_gets_one_letter() -> None:
    (letter,) = send(CHIDI, ADA).letters
    assert letter.name == "Mrs Ada Okafor and Mr Chidi Okafor"
    assert letter.salutation == "Mr and Mrs Okafor"
    assert letter.lines == ("12 Quay Street", "Hull", "HU1 2AB")
    assert letter.contact_ids == ("1", "2")


def test_a_differently_typed_address_is_the_same_household() -> None:
    other = Address(("12, QUAY  STREET.",), "hull", "Humberside", "hu12ab")
    assert household_key(other) == household_key(HOME)
    assert len(send(ADA, replace(CHIDI, address=other)).letters) == 1


def test_parents_who_live_apart_get_a_letter_each_with_nothing_of_the_other() -> None:
    first, second = send(ADA, TOM).letters
    assert (first.salutation, second.salutation) == ("Mrs Okafor", "Mr Novak")
    assert not set(first.lines) & set(second.lines)


def test_a_per_parent_rule_writes_to_each_adult_of_one_household() -> None:
    letters = send(ADA, CHIDI, per_parent=True).letters
    assert [letter.salutation for letter in letters] == ["Mrs Okafor", "Mr Okafor"]
    assert [letter.contact_ids for letter in letters] == [("1",), ("2",)]


def test_of_a_notice_to_one_parent_nobody_else_is_told() -> None:
    pupil = Pupil("p", contacts=(ADA, CHIDI, TOM))
    for one in (ADA, TOM):
        (letter,) = addressees(pupil, per_parent=True, only=frozenset({one.contact_id})).letters
        assert letter.contact_ids == (one.contact_id,)
    (household,) = addressees(pupil, per_parent=False, only=frozenset({"1", "2"})).letters
    assert household.contact_ids == ("1", "2")


def test_a_notice_to_a_parent_who_is_not_on_record_is_held() -> None:
    pupil = Pupil("p", contacts=(ADA, replace(TOM, parental_responsibility=False)))
    for contact_id in ("3", "99"):
        found = addressees(pupil, per_parent=True, only=frozenset({contact_id}))
        assert found.letters == ()
        assert "the parent whom it concerns is not recorded" in (found.held or "")
    barred = Pupil("p", contacts=(ADA, replace(TOM, court_order=True)))
    assert "court order" in (addressees(barred, per_parent=True, only=frozenset({"3"})).held or "")


def test_a_court_order_or_a_no_correspondence_flag_always_wins() -> None:
    away = replace(CHIDI, address=AWAY)
    for barred in (replace(away, court_order=True), replace(away, correspondence=False)):
        (letter,) = send(ADA, barred).letters
        assert letter.salutation == "Mrs Okafor"
        held = send(barred).held
        assert held is not None
        assert "court order" in held
        assert "Okafor" not in held


def test_the_bar_holds_for_every_row_of_the_same_adult() -> None:
    free, barred = TOM, replace(TOM, court_order=True, priority=9)
    assert send(ADA, free, barred).letters == send(ADA).letters
    under_another_id = replace(barred, contact_id="77")
    assert send(ADA, free, under_another_id).letters == send(ADA).letters


def test_an_adult_listed_twice_is_one() -> None:
    assert send(ADA, replace(ADA, priority=4)).letters == send(ADA).letters
    assert len(send(ADA, replace(ADA, contact_id="9", priority=4), per_parent=True).letters) == 1


def test_an_adult_without_parental_responsibility_gets_nothing() -> None:
    assert send(ADA, replace(TOM, parental_responsibility=False)).letters == send(ADA).letters
    held = send(replace(TOM, parental_responsibility=False)).held
    assert held is not None
    assert "parental responsibility" in held


def test_no_usable_address_holds_the_letter() -> None:
    lost = replace(ADA, address=Address(("", " "), "Hull", "", "HU1 2AB"))
    assert send(lost).letters == ()
    assert "usable address" in (send(lost).held or "")
    assert send().held is not None


def test_one_missing_address_lets_the_other_letters_go_with_a_remark() -> None:
    found = send(ADA, replace(TOM, address=Address()))
    assert len(found.letters) == 1
    assert found.remarks == (
        "one adult with parental responsibility has no usable address and gets no letter: complete it in the MIS",
    )


def test_letters_about_a_looked_after_child_go_only_where_the_configuration_says() -> None:
    assert "looked after" in (send(ADA, looked_after=True).held or "")
    school = NamedAddressee(
        name="The Virtual School",
        address=["Guildhall"],
        town="Hull",
        postcode="HU1 2AA",
        salutation="colleague",
    )
    (letter,) = send(ADA, looked_after=True, looked_after_to=school).letters
    assert (letter.name, letter.salutation, letter.contact_ids) == ("The Virtual School", "colleague", ())
    assert send(ADA, looked_after=True, per_parent=True, looked_after_to=school).letters == ()


def test_the_first_contacts_language_is_used_with_a_remark_on_a_difference() -> None:
    found = send(replace(ADA, language="CY"), replace(CHIDI, language="en"))
    assert found.letters[0].language == "cy"
    assert "different letter languages" in found.remarks[0]


def test_a_stale_joint_greeting_never_names_the_parent_who_moved_out() -> None:
    first, second = send(replace(ADA, salutation="Mr and Mrs Okafor"), replace(CHIDI, address=AWAY)).letters
    assert first.salutation == "Mrs Okafor"
    assert second.salutation == "Mr Okafor"


def test_an_address_always_fits_a_window_and_has_no_empty_line() -> None:
    long = Address(
        ("The Old Granary", "Flat 12", "1 Quay Street"),
        "Kingston upon Hull",
        "East Riding",
        "hu1 2ab",
        "Ireland",
    )
    lines = address_lines(long)
    assert len(lines) <= WINDOW_LINES - 1
    assert all(line.strip() for line in lines)
    assert "HU1 2AB" in " ".join(lines)
    assert address_lines(Address(("1 High Street", "", "Hull"), "Hull")) == ("1 High Street", "Hull")
    foreign = replace(long, lines=("The Old Granary", "Flat 12", "1 Quay Street", "Newland"))
    assert len(address_lines(foreign)) == WINDOW_LINES - 1
    assert address_lines(long) == (
        "The Old Granary", "Flat 12", "1 Quay Street", "Kingston upon Hull", "East Riding", "HU1 2AB", "Ireland",
    )  # fmt: skip
    assert address_lines(AWAY) == ("Flat 3", "8 Mill Lane", "Beverley", "East Riding", "HU17 9XY")


words = st.sampled_from(
    ["", "Ada", "Chidi", "O’Brien", "van der Berg", "Okafor-Lee", "Smith OBE", "Novak", "الزهراء"]
)
streets = st.sampled_from(["", "1 Alpha Road", "2 Beta Street", "3 Gamma Lane"])
addresses = st.builds(
    lambda street, postcode: Address((street,), "", "", postcode),
    streets,
    st.sampled_from(["", "AA1 1AA", "BB2 2BB"]),
)
contacts = st.builds(
    Contact,
    contact_id=st.sampled_from("abcdef"),
    title=st.sampled_from(["", "Mr", "Mrs", "Mx", "Mr & Mrs"]),
    forename=words,
    surname=words,
    salutation=st.sampled_from(["", "Mr and Mrs Okafor-Lee", "Auntie", "Mrs Novak", "Chidi & Ada"]),
    priority=st.one_of(st.none(), st.integers(1, 5)),
    parental_responsibility=st.booleans(),
    court_order=st.sampled_from([False, False, True, None]),
    correspondence=st.sampled_from([True, True, False, None]),
    deceased=st.sampled_from([False, False, True]),
    refuge=st.sampled_from([False, False, True]),
    language=st.sampled_from(["", "cy", "en"]),
    address=addresses,
)


@settings(max_examples=300)
@given(st.lists(contacts, max_size=6), st.booleans())
def test_nobody_barred_is_written_to_and_no_address_leaks(adults: list[Contact], per_parent: bool) -> None:
    found = addressees(Pupil("p", contacts=tuple(adults)), per_parent=per_parent)
    assert bool(found.letters) != (found.held is not None)
    barred = {
        adult.contact_id
        for adult in adults
        if adult.court_order is not False or adult.correspondence is not True or adult.deceased
    }
    written = [contact_id for letter in found.letters for contact_id in letter.contact_ids]
    assert not barred & set(written)
    assert len(written) == len(set(written))
    if not per_parent:
        assert len({letter.household for letter in found.letters}) == len(found.letters)
    for letter in found.letters:
        assert letter.salutation.strip()
        assert letter.name.strip()
        own = [adult for adult in adults if adult.contact_id in letter.contact_ids]
        homes = {street for adult in own for street in adult.address.lines}
        strangers = {street for adult in adults for street in adult.address.lines} - homes - {""}
        assert not strangers & set(letter.lines)
        named = " ".join((letter.name, letter.salutation)).split()
        allowed = " ".join(f"{adult.title} {adult.forename} {adult.surname}" for adult in own).split()
        others = {word for adult in adults for word in f"{adult.forename} {adult.surname}".split()} - set(
            allowed
        )
        assert not others & set(named)


# -- unknown, dead, secret


def test_an_adult_of_whom_nobody_says_whether_an_order_restricts_them_holds_the_letter() -> None:
    for said, goes in ((None, False), (False, True)):
        found = send(ADA, replace(TOM, court_order=said))
        assert bool(found.letters) is goes
        assert bool(found.held) is not goes
    held = send(ADA, replace(TOM, court_order=None)).held or ""
    assert "column court_order of contacts.csv" in held
    assert 'court_orders = "none on record" under [school.contacts]' in held
    assert "Novak" not in held


def test_an_adult_of_whom_nobody_says_whether_they_may_be_written_to_holds_the_letter() -> None:
    held = send(ADA, replace(TOM, correspondence=None)).held or ""
    assert "column correspondence of contacts.csv" in held
    assert 'correspondence = "none barred" under [school.contacts]' in held


def test_what_is_not_known_of_an_adult_who_gets_no_letter_anyway_holds_nothing() -> None:
    unknown = replace(TOM, court_order=None, correspondence=None)
    for nobody in (
        replace(unknown, correspondence=False),
        replace(unknown, court_order=True),
        replace(unknown, parental_responsibility=False),
        replace(unknown, address=Address()),
        replace(unknown, deceased=True),
    ):
        assert send(ADA, nobody).letters == send(ADA).letters
    pupil = Pupil("p", contacts=(ADA, unknown))
    assert addressees(pupil, per_parent=False, informed=frozenset({"3"})).letters == send(ADA).letters


def test_unknown_and_barred_in_two_rows_of_one_adult_is_barred() -> None:
    rows = (replace(TOM, court_order=None), replace(TOM, court_order=True, priority=9))
    assert send(ADA, *rows).letters == send(ADA).letters
    assert send(ADA, rows[0], replace(TOM, priority=9)).held, "unknown in one row is unknown"


def test_the_dead_are_neither_written_to_nor_named() -> None:
    widow = replace(ADA, salutation="Mr and Mrs Okafor")
    for per_parent in (False, True):
        (letter,) = send(widow, replace(CHIDI, deceased=True), per_parent=per_parent).letters
        assert (letter.name, letter.salutation) == ("Mrs Ada Okafor", "Mrs Okafor")
        assert letter.contact_ids == ("1",)


def test_when_everybody_has_died_a_person_decides() -> None:
    held = send(replace(ADA, deceased=True), replace(CHIDI, deceased=True)).held or ""
    assert "has died: someone has to decide who is informed" in held
    only = addressees(
        Pupil("p", contacts=(ADA, replace(TOM, deceased=True))), per_parent=True, only=frozenset({"3"})
    )
    assert "has died" in (only.held or "")


def test_an_adult_who_died_in_one_row_of_two_has_died() -> None:
    assert send(ADA, CHIDI, replace(CHIDI, deceased=True, priority=7)).letters == send(ADA).letters


def test_an_adult_with_a_secret_address_gets_a_letter_alone() -> None:
    refuge = replace(TOM, refuge=True)
    letters = send(ADA, CHIDI, refuge).letters
    assert [letter.contact_ids for letter in letters] == [("1", "2"), ("3",)]
    assert "Mill Lane" not in " ".join(letters[0].lines)
    both = [replace(adult, refuge=True) for adult in (ADA, CHIDI)]
    assert [letter.contact_ids for letter in send(*both).letters] == [("1",), ("2",)]
    assert len({letter.household for letter in send(*both).letters}) == 2


def test_a_secret_address_that_another_adult_has_too_holds_the_letter() -> None:
    found = send(ADA, replace(CHIDI, refuge=True))
    assert found.letters == ()
    assert "must be kept secret" in (found.held or "")
    assert "Quay" not in (found.held or "")
    stranger = replace(ADA, address=AWAY)
    assert send(stranger, replace(CHIDI, refuge=True)).letters, "each has an address of their own"
