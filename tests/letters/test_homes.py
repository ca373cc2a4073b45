"""Two flats are two homes, two spellings of one address are one, and "No fixed abode" is none."""

from __future__ import annotations

from dataclasses import replace

import pytest

from letters.homes import household_key, may_be_one_home
from rules.school import Address

HOME = Address(("12a Quay Street",), "Hull", "", "HU1 2AB")


def at(*lines: str, postcode: str = "AA1 1AA", town: str = "") -> Address:
    return Address(lines, town, "", postcode)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (at("Flat 1", "11 High Street"), at("Flat 11", "1 High Street")),
        (at("Flat 1, 11 High Street"), at("Flat 11, 1 High Street")),
        (at("1/1 High Street"), at("11 High Street")),
        (at("Flat 1-2", "3 High Street"), at("Flat 12", "3 High Street")),
        (at("Flat A", "3 High Street"), at("Flat B", "3 High Street")),
        (at("3 High Street"), at("3a High Street")),
        (at("3 High Street"), at("3 High Street", postcode="AA1 1AB")),
        (at("Rose Cottage"), at("Ivy Cottage")),
    ],
)
def test_two_homes_are_two(one: Address, other: Address) -> None:
    assert household_key(one) != household_key(other)


@pytest.mark.parametrize(
    "other",
    [
        at("12A, QUAY  STREET.", postcode="hu12ab", town="hull"),
        at("12 a Quay St", postcode="HU1 2AB", town="Hull"),
        at("12a Quay Street", "Hull", postcode="HU1 2AB"),
        replace(HOME, county="Humberside", country="UK"),
    ],
)
def test_two_spellings_are_one_home(other: Address) -> None:
    assert household_key(other) == household_key(HOME)
    assert may_be_one_home(other, HOME)


@pytest.mark.parametrize(
    ("one", "other", "may"),
    [
        (at("Flat 3", "8 Mill Lane"), at("8 Mill Lane, Flat 3"), True),
        (at("Flat 3", "8 Mill Lane"), at("3/8 Mill Ln", town="Hull"), True),
        (at("Flat 3", "8 Mill Lane"), at("Flat 4", "8 Mill Lane"), False),
        (at("Flat A", "8 Mill Lane"), at("Flat B", "8 Mill Lane"), False),
        (at("8 Mill Lane"), at("8 Mill Lane", postcode=""), True),
        (at("8 Mill Lane"), at("8 Mill Lane", postcode="AA1 1AB"), False),
        (at("8 Mill Lane", postcode=""), at("8 Hill Lane", postcode=""), False),
        (at("Rose Cottage", "Mill Lane"), at("Rose Cottage"), True),
        (at("Rose Cottage", "Mill Lane"), at("Ivy Cottage", "Mill Lane"), False),
    ],
)
def test_what_may_be_one_home_is_judged_strictly(one: Address, other: Address, may: bool) -> None:
    assert may_be_one_home(one, other) is may
    assert may_be_one_home(other, one) is may


@pytest.mark.parametrize(
    ("address", "usable"),
    [
        (at("No fixed abode", town="Hull"), False),
        (at("NFA", town="Hull"), False),
        (at("c/o Hostel (no fixed address)", town="Hull"), False),
        (at("Unknown"), False),
        (at("Address not known"), False),
        (at("Address withheld"), False),
        (at("-", town="Hull"), False),
        (at("1 High Street", postcode="-"), False),
        (at("1 High Street", postcode="", town="Unknown"), False),
        (at("1 High Street", postcode="ZZ99 3VZ"), False),
        (at("1 High Street", "N/A"), False),
        (at("1 Unknown Street"), True),
        (at("Noneley Hall"), True),
        (at("The Abode", "1 Fixed Lane"), True),
        (at("1 High Street", postcode="ZE1 0AA"), True),
        (at("١٢ شارع", postcode="", town="Hull"), True),
    ],
)
def test_words_in_place_of_an_address_are_no_address(address: Address, usable: bool) -> None:
    assert address.usable is usable
