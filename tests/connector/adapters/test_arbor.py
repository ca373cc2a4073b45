"""What is the Arbor adapter's own: what Arbor leaves unsaid, permissions, the calendar, paging, settings."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
import requests
from pydantic import ValidationError

from connector.adapters.arbor import KIND
from connector.adapters.arbor.paging import read_pages
from connector.adapters.arbor.school import codes_of
from connector.adapters.arbor.settings import ArborSettings
from connector.errors import DataError, FatalError, RetryableError, SkippableError
from connector.mock.arbor.app import MOCK
from connector.mock.arbor.state import State
from connector.mock.school import make_school
from connector.mock.server import MockServer
from connector.testing.case import HTTP, AdapterCase
from connector.testing.pulled import Pulled
from connector.testing.schools import school_with, small_school
from connector.testing.writing import KEY, document_on, note_on
from rules.calendar import Period
from rules.school import Address
from tests.connector.adapters.arbor_school import BOTH, agree, arbor, put

# what no source settles ------------------------------------------------------------------------------------


@BOTH
@pytest.mark.parametrize(
    "options",
    [
        {"first_page": 0},
        {"largest_page": 50, "largest_graphql_page": 50},
        {"detail": "identity"},
        {"two_present_marks": True},
        {"error_shape": "status"},
        {"keep_user_tags": False},
        {"empty_related": "list"},
        {"number_ids": True},
        {"date_objects": True},
        {"numbers_of": "person"},
    ],
)
def test_the_school_is_the_same_however_arbor_turns_out(reads: str, options: dict[str, Any]) -> None:
    school = small_school()
    pupil = school.pupils[0]
    with arbor(school, options=options, reads=reads) as (_, adapter):
        agree(Pulled().pull(adapter, school.last_day), school, school.last_day)
        adapter.write_note(note_on(pupil))
        adapter.write_document(document_on(pupil))
        assert len(adapter.find_notes(pupil.pupil_id, KEY)) == 1
        assert len(adapter.find_documents(pupil.pupil_id, KEY)) == 1


def test_names_may_be_nested_in_graphql_too() -> None:
    school = small_school()
    with arbor(school, graphql_person="nested") as (_, adapter):
        agree(Pulled().pull(adapter, school.last_day), school, school.last_day)


def test_without_graphql_the_adapter_says_so() -> None:
    school = small_school()
    case = AdapterCase(KIND, settings={"reads": "graphql"})
    with MockServer("arbor", school, options={"graphql": False}) as server, case.adapter(server) as adapter:
        assert server.settings["reads"] == "rest"
        with pytest.raises(FatalError, match="404"):
            Pulled().pull(adapter, school.last_day)


def test_letters_can_be_switched_off() -> None:
    with arbor(small_school(), documents=False) as (_, adapter):
        assert not adapter.capabilities.documents
        assert adapter.capabilities.notes


def test_sharing_is_said_only_when_it_is_meant() -> None:
    school = small_school()
    pupil = school.pupils[0]
    with arbor(school) as (server, adapter):
        adapter.write_document(replace(document_on(pupil), share=True))
        assert server.world.written.documents(pupil.pupil_id)[0].shared


def test_a_document_about_no_pupil_has_no_place() -> None:
    school = small_school()
    with arbor(school) as (_, adapter):
        assert adapter.find_documents(None, KEY) == []
        with pytest.raises(SkippableError):
            adapter.write_document(replace(document_on(school.pupils[0]), pupil_id=None))


# permissions -----------------------------------------------------------------------------------------------


@BOTH
@pytest.mark.parametrize(
    "withheld",
    [
        "StudentGuardianRelationship.isLegalGuardian",
        "UkDfe_UpnAssignment",
        "PostalAddressOccupancy",
        "AttendanceRollCallRecord",
    ],
)
def test_a_missing_permission_is_fatal_and_never_passed_over(reads: str, withheld: str) -> None:
    school = make_school(pupils=40, weeks=1, seed=2)
    with arbor(school, options={"withheld": (withheld,)}, reads=reads) as (_, adapter):
        with pytest.raises(FatalError) as caught:
            Pulled().pull(adapter, school.last_day)
        assert withheld.split(".")[0] in str(caught.value)
        assert caught.value.fix


def test_check_names_every_missing_permission_at_once() -> None:
    withheld = ("EmailAddress", "TelephoneNumber", "SenStatusAssignment", "PastoralNote", "Document")
    with arbor(small_school(), options={"withheld": withheld}) as (_, adapter):
        said = "\n".join(f"{f.where}: {f.message}" for f in adapter.check())
    for name in withheld:
        assert name in said


def test_court_orders_are_not_asked_for_when_the_school_says_so() -> None:
    school = small_school()
    with arbor(
        school, options={"withheld": ("CourtOrder", "CourtOrderParty")}, court_order_parties="none"
    ) as (_, a):
        pulled = Pulled().pull(a, school.last_day)
        assert not [f for f in a.check() if "CourtOrder" in f.where]
    assert not any(c.court_order is not None for p in pulled.pupils.values() for c in p.contacts)


# the calendar ----------------------------------------------------------------------------------------------


def test_a_half_day_closure_closes_that_half_only() -> None:
    school = make_school(pupils=2, weeks=5, seed=1)
    closure = next(p for p in school.calendar.periods if p.kind == "closure" and p.half)
    for reads in ("graphql", "rest"):
        with arbor(school, reads=reads) as (_, adapter):
            calendar = Pulled().pull(adapter, school.last_day).calendar
        assert calendar is not None
        assert [s.half for s in calendar.sessions if s.date == closure.start] == ["AM"]


def test_terms_that_overlap_are_reported() -> None:
    school = small_school()
    with arbor(school) as (server, adapter):
        put(server, "terms/2", {"term": {"startDate": "2025-10-01"}})
        with pytest.raises(DataError, match="overlap"):
            Pulled().pull(adapter, school.last_day)
        assert any("overlap" in finding.message for finding in adapter.check())


def test_a_break_without_a_known_type_still_parts_half_terms() -> None:
    school = small_school()
    with arbor(school, half_term_types=()) as (_, adapter):
        calendar = Pulled().pull(adapter, school.last_day).calendar
    assert calendar is not None
    assert [(p.start, p.end) for p in calendar.half_terms] == [
        (p.start, p.end) for p in school.calendar.half_terms
    ]


def test_a_day_that_arbor_calls_no_school_day_is_closed() -> None:
    school = small_school()
    day = school.calendar.school_days[4]
    with arbor(school) as (server, adapter):
        auth = (server.secrets["username"], server.secrets["password"])
        params = {"filters.startDate.equals": day.isoformat()}
        found = requests.get(
            f"{server.url}/rest-v2/academic-calendar-dates", params=params, auth=auth, timeout=5
        )
        href = found.json()["academicCalendarDates"][0]["href"].removeprefix("/rest-v2/")
        put(server, href, {"academicCalendarDate": {"isGoodSchoolDay": False}})
        calendar = Pulled().pull(adapter, school.last_day).calendar
    assert calendar is not None
    assert day not in calendar.school_days


def test_several_institutions_need_the_urn() -> None:
    school = small_school()
    with arbor(school) as (server, adapter):
        other = {"educationalInstitution": {"educationalInstitutionName": "Other", "urn": "1"}}
        put(server, "educational-institutions", other, "POST")
        with pytest.raises(FatalError, match="2 institutions"):
            Pulled().pull(adapter, school.last_day)
        case = AdapterCase(KIND, settings={"urn": school.details.urn})
        with case.adapter(server) as chosen:
            pulled = Pulled().pull(chosen, school.last_day)
        assert pulled.school is not None
        assert pulled.school.name == school.details.name


# marks -----------------------------------------------------------------------------------------------------


def test_a_roll_call_that_is_neither_session_is_left_out_and_reported() -> None:
    school = small_school()
    with arbor(school, afternoon_roll_calls=("LATE_PM",)) as (_, adapter):
        pulled = Pulled().pull(adapter, school.last_day)
    assert {half for _, _, half in pulled.marks} == {"AM"}
    (warning,) = pulled.pages[-1].warnings  # type: ignore[union-attr]
    assert "PM" in warning


def test_attendance_marks_without_letters_are_fatal() -> None:
    with arbor(small_school(), letter_field="markShortDescription") as (_, adapter):
        pulled = Pulled().pull(adapter, small_school().last_day)
        assert "/" not in pulled.codes
    unlettered = [{"code": "LATE", "attendanceMark": None}]
    with pytest.raises(FatalError, match="no register letter"):
        codes_of(unlettered, ArborSettings(url="https://x.example"))


# paging ----------------------------------------------------------------------------------------------------


def test_rows_that_never_hold_still_are_given_up() -> None:
    fresh = iter(range(10_000))

    def page(place: int, size: int) -> list[int]:
        return [next(fresh) for _ in range(size)] if place < 2 else []

    with pytest.raises(RetryableError, match="changed at every reading"):
        read_pages(page, 5, key=str, what="rows")


def test_a_server_that_ignores_paging_is_read_once() -> None:
    rows = list(range(120))
    calls = []

    def page(place: int, size: int) -> list[int]:
        calls.append((place, size))
        return rows

    assert read_pages(page, 50, key=str, what="rows") == rows
    assert len(calls) <= 4


# settings --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("url", ["http://school.uk.arbor.sc", "https://u:p@school.uk.arbor.sc", "school"])
def test_an_unfit_address_is_refused(url: str) -> None:
    with pytest.raises(ValidationError):
        ArborSettings(url=url)


def test_the_address_may_be_given_with_the_rest_path() -> None:
    assert ArborSettings(url="https://school.uk.arbor.sc/rest-v2/").url == "https://school.uk.arbor.sc"


def test_everything_unknown_is_a_setting_that_says_it_is_assumed() -> None:
    assumed = [
        n for n, f in ArborSettings.model_fields.items() if str(f.description).startswith("Assumption")
    ]
    assert len(assumed) > 20


def test_the_application_id_goes_along_when_it_is_set() -> None:
    school = small_school()
    with MockServer("arbor", school) as server:
        settings = ArborSettings(**server.settings, application_id="school-1")
        adapter = KIND.open(settings, server.secrets, HTTP)
        assert [f for f in adapter.check() if f.severity == "error"] == []
        adapter.close()


def test_a_contact_at_no_address_has_none() -> None:
    school = small_school()
    pupil = school.pupils[0]
    bare = replace(pupil, contacts=tuple(replace(c, address=Address()) for c in pupil.contacts))
    plain = school_with(pupils=[bare])
    with arbor(plain) as (_, adapter):
        pulled = Pulled().pull(adapter, plain.last_day)
    assert all(not c.address.usable for c in pulled.pupils[bare.pupil_id].contacts)


def test_the_mock_keeps_the_same_numbers_from_day_to_day() -> None:
    school = small_school()
    with MockServer("arbor", school) as server:
        state = State(server.world, MOCK.options())
        before = {name: list(state.rows.ids(name)) for name in ("Person", "PostalAddress")}
        server.today = school.first_day
        state.sync()
        server.today = school.last_day
        state.sync()
        assert {name: list(state.rows.ids(name)) for name in before} == before


def test_a_year_of_terms_only_is_a_calendar() -> None:
    periods = (
        Period("year", "2025/26", date(2025, 9, 1), date(2026, 8, 31)),
        Period("term", "Autumn 2025", date(2025, 9, 1), date(2025, 10, 24)),
        Period("half_term", "Autumn 1 2025", date(2025, 9, 1), date(2025, 10, 24)),
    )
    school = school_with(periods=periods)
    with arbor(school) as (_, adapter):
        calendar = Pulled().pull(adapter, date(2025, 9, 30)).calendar
    assert calendar is not None
    assert calendar.half_terms == school.calendar.half_terms
