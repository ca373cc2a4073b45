"""A MIS's row is read by our names: what must be there, what may be, and what nobody says."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from connector.adapters.field_names import read_fields
from connector.adapters.row_reader import MissingFields, RowReader
from connector.errors import DataError, FatalError

FIELDS = read_fields(
    {
        "pupil_id": {"name": "Id", "scope": "StudentLite"},
        "born": "DateOfBirth",
        "fsm": {"name": ["FSMEligible", "FreeMeals"], "need": "optional", "scope": "StudentExtended"},
        "minutes_late": {"name": "Mins", "need": "optional"},
        "place": {"name": "Place", "need": "optional"},
        "phone_home": {"name": "HomePhone", "need": "optional"},
        "phone_mobile": {"name": "MobilePhone", "need": "optional"},
        "court_order": {"need": "absent", "why": "in no list of fields"},
    },
    "fields.toml: Students",
)


def reader(row: Any, *, collect: bool = False) -> RowReader:
    missing = MissingFields("Slate", "ask the school to grant it", collect=collect)
    return RowReader("Slate", "Students", row, FIELDS, missing)


def test_a_required_field_that_is_not_there_stops_a_pull_and_says_what_to_do() -> None:
    with pytest.raises(FatalError) as caught:
        reader({}).text("pupil_id")

    assert caught.value.message == "Slate: Students holds no field Id"
    assert caught.value.fix == (
        "ask the school to grant it (scope StudentLite), or correct the name in fields.toml"
    )


def test_a_check_names_every_required_field_in_one_go() -> None:
    get = reader({}, collect=True)

    assert (get.text("pupil_id"), get.day("born")) == ("", None)
    assert [finding.message for finding in get.missing.findings()] == [
        "holds no field Id",
        "holds no field DateOfBirth",
    ]
    assert {finding.severity for finding in get.missing.findings()} == {"error"}


@pytest.mark.parametrize("key", ["FSMEligible", "FsmEligible", "FSMELIGIBLE", "FreeMeals", "freemeals"])
def test_any_spelling_in_any_case_serves(key: str) -> None:
    assert reader({key: 1}).flag("fsm") is True


YES = (1, "1", "True", "T", "yes", True, 1.0)
NO = (0, "0", "F", " no ", False, 0.0)
NOBODY_SAYS = (None, "", " ", [], "perhaps", {"a": 1})


@pytest.mark.parametrize(
    ("values", "flag"), [(YES, True), (NO, False), (NOBODY_SAYS, None)], ids=["yes", "no", "not known"]
)
def test_a_flag_is_yes_no_or_not_known(values: tuple[object, ...], flag: bool | None) -> None:
    assert [reader({"FSMEligible": value}).flag("fsm") for value in values] == [flag] * len(values)


def test_what_is_not_there_and_what_cannot_be_read_is_not_known() -> None:
    empty, odd, said = reader({}), reader({"FSMEligible": "perhaps"}), reader({"FSMEligible": None})
    for get in (empty, odd, said):
        get.flag("fsm")

    assert empty.not_known(("fsm", "court_order", "eal")) == {"fsm", "court_order", "eal"}
    assert odd.not_known(("fsm",)) == {"fsm"}
    assert said.not_known(("fsm",)) == frozenset(), "the MIS has the field, and left it empty"


def test_an_absent_field_is_never_looked_for() -> None:
    get = reader({"court_order": 1, "CourtOrder": 1})

    assert get.flag("court_order") is None


def test_a_fact_that_nobody_gives_is_one_warning_with_what_follows() -> None:
    get = reader({"Id": 1}, collect=True)
    get.flag("fsm"), get.flag("court_order"), get.text("phone_home"), get.text("phone_mobile")

    found = {finding.fact: finding for finding in get.missing.findings()}

    assert list(found) == ["fsm", "court_order", "telephones"]
    assert {finding.severity for finding in found.values()} == {"warning"}
    assert "no field FSMEligible or FreeMeals, which the scope StudentExtended gives" in found["fsm"].message
    assert "in no list of fields" in found["court_order"].message
    assert "no letter goes to an adult" in found["court_order"].message
    assert 'court_orders = "none on record"' in found["court_order"].fix
    assert "column court_order of contacts.csv" in found["court_order"].fix


def test_one_telephone_number_is_enough_for_the_fact() -> None:
    get = reader({"HomePhone": "1"}, collect=True)
    get.text("phone_home"), get.text("phone_mobile")

    assert get.missing.findings() == []


def test_a_field_that_some_rows_have_is_not_missing() -> None:
    missing = MissingFields("Slate", "ask", collect=True)
    for row in ({}, {"FSMEligible": 1}, {}):
        RowReader("Slate", "Students", row, FIELDS, missing).flag("fsm")

    assert missing.optional == ()


def test_an_odd_required_value_stops_a_pull_and_is_named_by_a_check() -> None:
    with pytest.raises(DataError, match=r"Slate Students\.DateOfBirth: is no date"):
        reader({"DateOfBirth": "soon"}).day("born")
    get = reader({"DateOfBirth": "soon"}, collect=True)
    assert get.day("born") is None
    assert [(f.message, f.severity) for f in get.missing.findings()] == [("is no date", "error")]


def test_an_odd_optional_value_is_not_known_and_the_pull_says_so() -> None:
    get = reader({"Mins": "ten"})

    assert get.number("minutes_late") is None
    assert get.missing.warnings == ("Slate Students.Mins is no whole number and was taken as not known",)
    assert "ten" not in str(get.missing.warnings), "no value of a row is repeated"


@pytest.mark.parametrize(
    ("value", "number"), [(12, 12), ("12", 12), ("12.0", 12), (12.0, 12), (-3, -3), (None, None), ("", None)]
)
def test_numbers_come_as_numbers_or_text(value: object, number: int | None) -> None:
    assert reader({"Mins": value}).number("minutes_late") == number


@pytest.mark.parametrize(("value", "text"), [(17, "17"), (17.0, "17"), (" 17 ", "17"), (None, ""), ([], "")])
def test_ids_come_as_numbers_or_text(value: object, text: str) -> None:
    assert reader({"Id": value}).text("pupil_id") == text


@pytest.mark.parametrize(
    "value",
    [
        "2015-03-04",
        "2015-03-04T00:00:00",
        "2015-03-04T00:00:00.0000000Z",
        {"date": "2015-03-04 00:00:00.000000"},
    ],
)
def test_days_come_in_every_form_that_is_documented(value: object) -> None:
    assert reader({"DateOfBirth": value}).day("born") == date(2015, 3, 4)


@pytest.mark.parametrize("value", [None, "", [], {}, {"date": None}])
def test_an_empty_day_is_none(value: object) -> None:
    assert reader({"DateOfBirth": value}).day("born") is None


@pytest.mark.parametrize(("value", "row"), [({"a": 1}, {"a": 1}), (None, None), ([], None), ("text", None)])
def test_an_empty_list_stands_for_an_empty_object(value: object, row: object) -> None:
    assert reader({"Place": value}).row("place") == row


def test_a_row_that_is_an_empty_list_has_no_fields() -> None:
    assert reader([]).text("place") == ""
