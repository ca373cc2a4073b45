"""Pupils and adults as Arbor really answers: numbers to call, the dead, secret addresses, spells, odd values."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
import requests

from connector.adapters.arbor.asked import OF_STUDENT
from connector.adapters.arbor.hidden import Hidden
from connector.adapters.arbor.marks import MarkReader
from connector.adapters.arbor.pupils.batch import Batch
from connector.adapters.arbor.pupils.contacts import contacts_of, has_died
from connector.adapters.arbor.rows import Row, flag_of, whole_of
from connector.adapters.arbor.settings import ArborSettings
from connector.adapters.arbor.wire import body_of, lowered, path_of
from connector.adapters.base import PullEnd
from connector.http import Answer
from connector.mock.school import MadeUpSchool
from connector.mock.server import MockServer
from connector.testing.pulled import Pulled
from connector.testing.schools import school_with, small_school
from rules.contact import Address, Contact
from rules.school import Pupil, Spell
from tests.connector.adapters.arbor_school import BOTH, arbor, put

DAY = date(2025, 9, 19)
SETTINGS = ArborSettings(url="https://x.example")
GUARDIAN, PERSON = ("Guardian", "9"), ("Person", "5")


def with_adult(**facts: Any) -> tuple[MadeUpSchool, Pupil]:
    """Return a school of one pupil with one adult, of whom these facts hold."""
    pupil = next(p for p in small_school().pupils if p.contacts)
    pupil = replace(pupil, contacts=(replace(pupil.contacts[0], **facts),))
    return school_with(pupils=[pupil]), pupil


def contact(person: Row | None = None, *, settings: ArborSettings = SETTINGS, **rows: Any) -> Contact:
    """Return the contact that these rows make."""
    relationship: Row = {
        "isLegalGuardian": True,
        "unsubscribedFromComms": False,
        "guardian": {"id": "9", "person": {"id": "5", "legalLastName": "Reed", **(person or {})}},
    } | rows.pop("relationship", {})
    batch = Batch(
        students=(),
        of_student={},
        of_person=rows.get("of_person", {}),
        addresses=rows.get("addresses", {}),
        emails=rows.get("emails", {}),
        telephones=rows.get("telephones", {}),
        orders=rows.get("orders", ()),
        hidden=Hidden(),
    )
    (made,) = contacts_of([relationship], {("Student", "1")}, batch, DAY, settings)
    return made


def number(row_id: str, digits: str, ranking: Any = None, extension: str | None = None) -> Row:
    return {"id": row_id, "number": digits, "telephoneNumberRanking": ranking, "extensionNumber": extension}


# telephone numbers -----------------------------------------------------------------------------------------


@BOTH
@pytest.mark.parametrize("owner", ["guardian", "person"])
def test_numbers_are_read_whether_they_are_the_guardian_s_or_the_person_s(reads: str, owner: str) -> None:
    telephones = ("07700 900461", "01632 960983")
    school, pupil = with_adult(telephones=telephones)
    options = {"numbers_of": owner}
    with arbor(school, options=options, reads=reads) as (_, adapter):
        pulled = Pulled().pull(adapter, school.last_day)
        assert pulled.pupils[pupil.pupil_id].contacts[0].telephones == telephones
    other = {"guardian": "person", "person": "guardian"}[owner]
    with arbor(school, options=options, reads=reads, telephone_owner=other) as (_, adapter):
        pulled = Pulled().pull(adapter, school.last_day)
        assert pulled.pupils[pupil.pupil_id].contacts[0].telephones == ()


def test_numbers_come_in_their_order_and_none_twice_however_it_is_written() -> None:
    telephones = {
        GUARDIAN: [
            number("1", "01632 960001", None),
            number("2", "07700 900461", "2"),
            number("3", "01632 960983", 1, "12"),
            number("4", "  ", 0),
        ],
        PERSON: [
            number("5", "+44 7700 900461", 3),
            number("6", "0044 (0)1632-960001", 4),
            number("7", "01632 960983", 5),
        ],
    }
    assert contact(telephones=telephones).telephones == (
        "01632 960983 ext. 12",
        "07700 900461",
        "0044 (0)1632-960001",
        "01632 960983",
    )


@BOTH
def test_a_number_that_was_changed_comes_with_the_next_pull(reads: str) -> None:
    school, pupil = with_adult(telephones=("01632 960983",))
    with arbor(school, reads=reads) as (server, adapter):
        pulled = Pulled().pull(adapter, school.last_day)
        rows = listing(server, "TelephoneNumber", "filters.number.equals=01632 960983")
        put(server, rows[0], {"telephoneNumber": {"number": "01632 960111"}})
        pulled.pull(adapter, school.last_day)
    assert pulled.pupils[pupil.pupil_id].contacts[0].telephones == ("01632 960111",)


def listing(server: MockServer, type_name: str, query: str = "") -> list[str]:
    """Return the addresses of a type's rows, as ``put`` takes them."""
    auth = (server.secrets["username"], server.secrets["password"])
    answer = requests.get(f"{server.url}{path_of(type_name)}?{query}", auth=auth, timeout=5).json()
    (rows,) = answer.values()
    return [row["href"].removeprefix("/rest-v2/") for row in rows]


# the dead --------------------------------------------------------------------------------------------------


@BOTH
def test_a_pupil_and_an_adult_who_have_died_are_marked(reads: str) -> None:
    school, pupil = with_adult(deceased=True)
    with arbor(school, reads=reads) as (server, adapter):
        pulled = Pulled().pull(adapter, school.last_day)
        assert pulled.pupils[pupil.pupil_id].contacts[0].deceased
        assert not pulled.pupils[pupil.pupil_id].deceased
        student = put(server, f"students/{pupil.pupil_id}", {}, "GET")["student"]
        person = student["person"]["href"].removeprefix("/rest-v2/")
        put(server, person, {"person": {"dateOfDeath": "2025-09-01"}})
        pulled.pull(adapter, school.last_day)
    assert pulled.pupils[pupil.pupil_id].deceased


@pytest.mark.parametrize(
    ("person", "died"),
    [
        ({"deceased": True, "dateOfDeath": None}, True),
        ({"deceased": "1"}, True),
        ({"deceased": False, "dateOfDeath": "2025-01-03"}, True),
        ({"deceased": None, "dateOfDeath": {"entityType": "date", "date": "2025-01-03 00:00:00"}}, True),
        ({"dateOfDeath": "not known"}, True),
        ({"deceased": "false", "dateOfDeath": ""}, False),
        ({"deceased": False, "dateOfDeath": []}, False),
        ({}, False),
    ],
)
def test_either_the_mark_or_a_date_says_that_somebody_has_died(person: Row, died: bool) -> None:
    assert has_died(person) is died


# secret addresses ------------------------------------------------------------------------------------------


@BOTH
def test_an_address_of_a_secret_type_is_one(reads: str) -> None:
    address = Address(("1 Hill Road",), "Town", postcode="ZZ1 1ZZ")
    school, pupil = with_adult(refuge=True, address=address)
    with arbor(school, reads=reads) as (_, adapter):
        adult = Pulled().pull(adapter, school.last_day).pupils[pupil.pupil_id].contacts[0]
        assert (adult.refuge, adult.address) == (True, address)
    with arbor(school, reads=reads, refuge_address_types=("HIDDEN",)) as (_, adapter):
        assert not Pulled().pull(adapter, school.last_day).pupils[pupil.pupil_id].contacts[0].refuge


@pytest.mark.parametrize(
    ("shared", "counts", "refuge"),
    [(False, True, True), (True, True, False), (None, True, False), (False, False, False)],
)
def test_details_that_are_not_to_be_shared_count_where_the_school_says_so(
    shared: bool | None, counts: bool, refuge: bool
) -> None:
    settings = ArborSettings(url="https://x.example", unshared_is_refuge=counts)
    guardian = {"id": "9", "shareContactDetails": shared, "person": {"id": "5"}}
    assert contact(settings=settings, relationship={"guardian": guardian}).refuge is refuge


@pytest.mark.parametrize(
    ("kind", "end", "refuge"),
    [
        ("REFUGE", None, True),
        ("safe house", None, True),
        ("REFUGE", "2025-09-18", False),
        ("HOME", None, False),
    ],
)
def test_the_type_of_an_address_in_force_says_that_it_is_secret(
    kind: str, end: str | None, refuge: bool
) -> None:
    row = {"id": "1", "postalAddressType": kind, "endDate": end, "postalAddress": {"id": "3"}}
    assert contact(addresses={PERSON: [row]}).refuge is refuge


# spells on roll --------------------------------------------------------------------------------------------


@BOTH
def test_each_enrolment_is_a_spell_and_those_that_overlap_are_joined_and_told(reads: str) -> None:
    base = small_school().pupils[0]
    spells = (
        Spell(date(2023, 9, 5), date(2024, 3, 1)),
        Spell(date(2024, 9, 3), date(2025, 2, 14)),
        Spell(date(2025, 9, 2)),
    )
    school = school_with(pupils=[base.with_spells(*spells)])
    with arbor(school, reads=reads) as (server, adapter):
        pulled = Pulled().pull(adapter, school.last_day)
        assert pulled.pupils[base.pupil_id].spells == spells
        assert pulled.pages[-1].warnings == ()  # type: ignore[union-attr]
        student = {"entityType": "Student", "href": f"/rest-v2/students/{base.pupil_id}"}
        row = {"student": student, "entryDate": "2024-12-01", "leavingDate": "2025-03-31"}
        put(server, "educational-institution-enrolments", {"educationalInstitutionEnrolment": row}, "POST")
        pulled.pull(adapter, school.last_day)
        end = pulled.pages[-1]
        told = [f.message for f in adapter.check() if f.severity == "warning"]
    assert pulled.pupils[base.pupil_id].spells == (
        spells[0],
        Spell(date(2024, 9, 3), date(2025, 3, 31)),
        spells[2],
    )
    assert isinstance(end, PullEnd)
    assert any("overlap" in warning for warning in end.warnings)
    assert any("overlap" in message for message in told), "check reads them as a pull does"


# values as they come ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "flag"),
    [((True, "true", 1, "1", "yes"), True), ((False, "false", 0, "0"), False), ((None, "", [], {}), None)],
)
def test_a_flag_may_be_text_or_a_number(values: tuple[Any, ...], flag: bool | None) -> None:
    assert {flag_of(value) for value in values} == {flag}


@pytest.mark.parametrize(
    ("value", "number_of_it"),
    [(3, 3), ("3", 3), ("3.0", 3), (" 4 ", 4), ("", None), (None, None), ("x", None)],
)
def test_a_number_may_be_text(value: Any, number_of_it: int | None) -> None:
    assert whole_of(value) == number_of_it


@pytest.mark.parametrize(
    ("priority", "primary", "told"), [("2", True, 2), ("", True, 1), ("first", False, None)]
)
def test_a_priority_that_is_no_number_stops_nothing(priority: str, primary: bool, told: int | None) -> None:
    row = {"emergencyContactPriority": priority, "isPrimaryGuardian": primary}
    assert contact(relationship=row).priority == told


@pytest.mark.parametrize(("unsubscribed", "may"), [(False, True), ("1", False), (None, None)])
def test_nobody_says_whether_an_adult_may_be_written_to_where_arbor_holds_nothing(
    unsubscribed: Any, may: bool | None
) -> None:
    assert contact(relationship={"unsubscribedFromComms": unsubscribed}).correspondence is may


def test_without_court_orders_read_nobody_says_who_is_restricted() -> None:
    settings = ArborSettings(url="https://x.example", court_order_parties="none")
    assert contact(settings=settings).court_order is None
    assert contact().court_order is False


def test_an_empty_e_mail_address_and_doubles_are_passed_over() -> None:
    rows = [
        {"id": "1", "emailAddress": " ", "emailAddressType": "HOME", "dataOrder": "0"},
        {"id": "2", "emailAddress": "work@example.org", "emailAddressType": "WORK", "dataOrder": None},
        {"id": "3", "emailAddress": " home@example.org", "emailAddressType": "HOME", "dataOrder": "2"},
        {"id": "4", "emailAddress": "home@example.org", "emailAddressType": "HOME", "dataOrder": "3"},
    ]
    assert contact(emails={GUARDIAN: rows}).email == "home@example.org"


@pytest.mark.parametrize("owner", [GUARDIAN, PERSON])
def test_a_language_may_hang_on_the_guardian_or_the_person(owner: tuple[str, str]) -> None:
    row = {"isFirstLanguage": "1", "language": {"code": "WELSH", "iso6391Alpha2": "cy"}}
    assert contact(of_person={"LanguageAbility": {owner: [row]}}).language == "cy"


@pytest.mark.parametrize(
    ("minutes", "read"), [("12", 12), (12, 12), ("12.0", 12), (0, None), ("0", None), (None, None)]
)
def test_minutes_late_may_be_text(minutes: Any, read: int | None) -> None:
    row = {
        "id": "1",
        "recordDate": {"date": "2025-09-19 00:00:00"},
        "student": {"id": 7},
        "attendanceMark": {"code": "LATE"},
        "attendanceRollCall": {"code": "AM"},
        "minutesLate": minutes,
        "sourceAttendanceRecord": [],
    }
    reader = MarkReader(None, SETTINGS, {"LATE": "L"})  # type: ignore[arg-type]
    (mark,) = reader.take([row], DAY)
    assert (mark.pupil_id, mark.minutes_late, mark.comment) == ("7", read, "")


def test_an_empty_list_in_place_of_an_object_is_an_empty_answer() -> None:
    assert body_of("a list", Answer(200, {}, b"[]")) == {}


def test_the_types_that_are_asked_are_spelled_as_in_answers() -> None:
    assert lowered("UkDfe_UpnAssignment") == "ukDfe_UpnAssignment"
    assert set(OF_STUDENT) == {want.type for want in OF_STUDENT.values()}
