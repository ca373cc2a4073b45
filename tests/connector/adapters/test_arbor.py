"""What is the Arbor adapter's own: tracing changes, few calls, what Arbor leaves unsaid, refusals."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
import requests
from pydantic import ValidationError

from connector.adapters.arbor import KIND
from connector.adapters.arbor.paging import read_pages
from connector.adapters.arbor.school import codes_of
from connector.adapters.arbor.settings import ArborSettings
from connector.adapters.base import Adapter, PupilPage
from connector.errors import DataError, FatalError, RetryableError, SkippableError
from connector.mock.arbor.app import MOCK
from connector.mock.arbor.state import State
from connector.mock.school import MadeUpSchool, make_school
from connector.mock.server import MockServer
from connector.testing.case import HTTP, AdapterCase
from connector.testing.pulled import Pulled, mark_rows, pupil_differences
from connector.testing.schools import school_with, small_school
from connector.testing.writing import KEY, document_on, note_on
from rules.calendar import Period
from rules.school import Address

LACKS = frozenset({"contact.salutation"})
BOTH = pytest.mark.parametrize("reads", ["graphql", "rest"])


@contextmanager
def arbor(
    school: MadeUpSchool, *, today: date | None = None, options: dict[str, Any] | None = None, **settings: Any
) -> Iterator[tuple[MockServer, Adapter]]:
    """A mock Arbor and an adapter on it."""
    case = AdapterCase(KIND, settings=settings)
    with MockServer("arbor", school, today=today, options=options) as server, case.adapter(server) as adapter:
        yield server, adapter


def put(server: MockServer, path: str, body: dict[str, Any], method: str = "PUT") -> dict[str, Any]:
    """Change something in Arbor as staff would."""
    auth = (server.secrets["username"], server.secrets["password"])
    answer = requests.request(
        method, f"{server.url}/rest-v2/{path}", json={"request": body}, auth=auth, timeout=5
    )
    assert answer.status_code in (200, 201, 204), answer.text
    return dict(answer.json()) if answer.content else {}


def agree(pulled: Pulled, school: MadeUpSchool, day: date) -> None:
    assert not pupil_differences(school.pupils_known(day), pulled.pupils.values(), LACKS)
    assert mark_rows(pulled.marks.values(), LACKS) == mark_rows(school.marks_known(day), LACKS)


# changes ---------------------------------------------------------------------------------------------------


def _surname(server: MockServer, pupil_id: str) -> None:
    person = _row(server, "students", pupil_id)["student"]["person"]["href"].rsplit("/", 1)[-1]
    put(server, f"persons/{person}", {"person": {"preferredLastName": "Renamed"}})


def _row(server: MockServer, path: str, row_id: str) -> dict[str, Any]:
    auth = (server.secrets["username"], server.secrets["password"])
    return dict(requests.get(f"{server.url}/rest-v2/{path}/{row_id}", auth=auth, timeout=5).json())


def _adult(server: MockServer, pupil_id: str) -> str:
    pupil = next(p for p in server.world.school.pupils if p.pupil_id == pupil_id)
    return pupil.contacts[0].contact_id


def _guardian_name(server: MockServer, pupil_id: str) -> None:
    person = _row(server, "guardians", _adult(server, pupil_id))["guardian"]["person"]["href"].rsplit("/", 1)[
        -1
    ]
    put(server, f"persons/{person}", {"person": {"legalLastName": "Changed"}})


def _address(server: MockServer, pupil_id: str) -> None:
    auth = (server.secrets["username"], server.secrets["password"])
    params = {"filters.occupant.equals": f"/rest-v2/guardians/{_adult(server, pupil_id)}"}
    found = requests.get(
        f"{server.url}/rest-v2/postal-address-occupancies", params=params, auth=auth, timeout=5
    )
    href = found.json()["postalAddressOccupancies"][0]["href"]
    address = _row(server, "postal-address-occupancies", href.rsplit("/", 1)[-1])["postalAddressOccupancy"]
    number = address["postalAddress"]["href"].rsplit("/", 1)[-1]
    put(server, f"postal-addresses/{number}", {"postalAddress": {"postalTown": "Elsewhere"}})


def _court_order(server: MockServer, pupil_id: str) -> None:
    made = put(
        server, "court-orders", {"courtOrder": {"summary": "Order", "effectiveDate": "2025-09-01"}}, "POST"
    )
    order = {"entityType": "CourtOrder", "href": made["courtOrder"]["href"]}
    party = {"entityType": "Guardian", "href": f"/rest-v2/guardians/{_adult(server, pupil_id)}"}
    put(server, "court-order-parties", {"courtOrderParty": {"courtOrder": order, "party": party}}, "POST")


@BOTH
@pytest.mark.parametrize("change", [_surname, _guardian_name, _address, _court_order])
def test_a_change_to_anything_round_a_pupil_brings_that_pupil_again(
    reads: str, change: Callable[[MockServer, str], None]
) -> None:
    school = small_school()
    pupil = next(p.pupil_id for p in school.pupils if p.contacts and p.contacts[0].address.usable)
    with arbor(school, reads=reads) as (server, adapter):
        pulled = Pulled().pull(adapter, school.last_day)
        before = pulled.pupils[pupil]
        change(server, pupil)
        pulled.pull(adapter, school.last_day)
        came = {p.pupil_id for page in pulled.pages if isinstance(page, PupilPage) for p in page.pupils}
        assert pupil in came
        assert pulled.pupils[pupil] != before
        adults = {c.contact_id for p in school.pupils if p.pupil_id == pupil for c in p.contacts}
        family = {p.pupil_id for p in school.pupils if adults & {c.contact_id for c in p.contacts}}
        assert came <= family, "nobody else was asked for"


@BOTH
def test_a_row_that_was_deleted_brings_every_pupil_again(reads: str) -> None:
    school = small_school()
    with arbor(school, reads=reads) as (server, adapter):
        pulled = Pulled().pull(adapter, school.last_day)
        put(server, "student-guardian-relationships/1", {}, "DELETE")
        pulled.pull(adapter, school.last_day)
    first = school.pupils[0]
    assert len(pulled.pupils[first.pupil_id].contacts) == len(first.contacts) - 1


def test_a_student_that_was_deleted_is_told_as_removed() -> None:
    school = small_school()
    gone = school.pupils[4].pupil_id
    with arbor(school) as (server, adapter):
        pulled = Pulled().pull(adapter, school.last_day)
        put(server, f"students/{gone}", {}, "DELETE")
        pulled.pull(adapter, school.last_day)
    assert gone not in pulled.pupils


@BOTH
def test_what_begins_or_ends_by_date_alone_comes_on_its_day(reads: str) -> None:
    school = small_school()
    days = [day for day in school.calendar.school_days if day <= school.last_day]
    pupil = school.pupils[2].pupil_id
    with arbor(school, today=days[3], reads=reads) as (server, adapter):
        row = {
            "student": {"entityType": "Student", "href": f"/rest-v2/students/{pupil}"},
            "startDate": days[5].isoformat(),
            "endDate": days[7].isoformat(),
        }
        put(
            server, "uk-dfe_young-carer-status-assignments", {"ukDfe_YoungCarerStatusAssignment": row}, "POST"
        )
        pulled = Pulled()
        held = {}
        for place in (3, 4, 5, 6, 7, 8, 9):
            server.today = days[place]
            pulled.pull(adapter, days[place])
            held[place] = pulled.pupils[pupil].young_carer
    assert held == {3: False, 4: False, 5: True, 6: True, 7: True, 8: False, 9: False}


@BOTH
def test_one_pupil_with_a_date_that_is_none_does_not_stop_the_rest(reads: str) -> None:
    school = small_school()
    pupil = school.pupils[3].pupil_id
    with arbor(school, reads=reads) as (server, adapter):
        pulled = Pulled().pull(adapter, school.last_day)
        person = _row(server, "students", pupil)["student"]["person"]["href"].rsplit("/", 1)[-1]
        put(server, f"persons/{person}", {"person": {"dateOfBirth": "0000-00-00"}})
        for bookmark in (pulled.bookmark, None):  # by changes, and with everything read anew
            pulled.bookmark = bookmark
            pulled.pull(adapter, school.last_day)
            agree(pulled, school, school.last_day)
            assert f"pupil {pupil} was left out" in pulled.pages[-1].warnings[0]  # type: ignore[union-attr]
        put(server, f"persons/{person}", {"person": {"dateOfBirth": "2019-02-03"}})
        pulled.pull(adapter, school.last_day)
        assert pulled.pupils[pupil].date_of_birth == date(2019, 2, 3)
        assert pulled.pages[-1].warnings == ()  # type: ignore[union-attr]


def test_a_pull_of_everything_comes_round_now_and_then() -> None:
    school = small_school()
    with arbor(school, full_after_days=5) as (_, adapter):
        pulled = Pulled().pull(adapter, school.last_day)
        pulled.pull(adapter, school.last_day + timedelta(days=4))
        assert not [page for page in pulled.pages if isinstance(page, PupilPage)]
        pulled.pull(adapter, school.last_day + timedelta(days=5))
        assert [page for page in pulled.pages if isinstance(page, PupilPage)]


# few calls -------------------------------------------------------------------------------------------------


def test_a_nightly_pull_of_a_large_school_takes_few_calls() -> None:
    school = make_school(pupils=1500, weeks=3, seed=4)
    days = [day for day in school.calendar.school_days if day <= school.last_day]
    with arbor(school, today=days[-2]) as (server, adapter):
        pulled = Pulled().pull(adapter, days[-2])
        sent = adapter.requests_sent
        server.today = days[-1]
        server.world.requests.clear()
        pulled.pull(adapter, days[-1], recent_from=days[-12])
        nightly = adapter.requests_sent - sent
        agree(pulled, school, days[-1])
        paths = Counter(seen.path.rsplit("/", 1)[-1] for seen in server.world.requests)
    pages_of_marks = 12  # a week of 1,500 pupils, half a day to a page
    assert nightly <= 40 + pages_of_marks
    assert paths["changelog"] <= 25
    assert sent < 80


def test_one_type_at_a_time_gives_the_same_where_arbor_takes_no_more() -> None:
    school = small_school()
    with arbor(school, graphql_together=False) as (_, adapter):
        agree(Pulled().pull(adapter, school.last_day), school, school.last_day)


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


def test_an_upload_that_makes_no_document_is_told() -> None:
    school = small_school()
    with (
        arbor(school, options={"link_documents": False}) as (_, adapter),
        pytest.raises(SkippableError, match="422"),
    ):
        adapter.write_document(document_on(school.pupils[0]))


def test_a_document_may_be_made_from_the_uploaded_file() -> None:
    school = small_school()
    pupil = school.pupils[0]
    with arbor(school, options={"link_documents": False}, document_link="create") as (_, adapter):
        adapter.write_document(document_on(pupil))
        (found,) = adapter.find_documents(pupil.pupil_id, KEY)
        assert adapter.read_document(found.reference) == document_on(pupil).content


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
        "CourtOrder",
        "StudentGuardianRelationship.isLegalGuardian",
        "PostalAddressOccupancy",
        "AttendanceRollCallRecord",
    ],
)
def test_a_missing_permission_is_fatal_and_never_passed_over(reads: str, withheld: str) -> None:
    school = make_school(pupils=40, weeks=1, seed=2)
    with arbor(school, options={"withheld": (withheld,)}, reads=reads) as (_, adapter):
        with pytest.raises(FatalError) as told:
            Pulled().pull(adapter, school.last_day)
        assert withheld.split(".")[0] in str(told.value)
        assert told.value.fix


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
        assert not [f for f in a.check() if "ourt" in f.where]
    assert not any(c.court_order for p in pulled.pupils.values() for c in p.contacts)


# the calendar ----------------------------------------------------------------------------------------------


def test_a_half_day_closure_closes_that_half_only() -> None:
    school = make_school(pupils=2, weeks=5, seed=1)
    closure = next(p for p in school.calendar.periods if p.kind == "closure" and p.half)
    for reads in ("graphql", "rest"):
        with arbor(school, reads=reads) as (_, adapter):
            calendar = Pulled().pull(adapter, school.last_day).calendar
        assert calendar is not None
        assert [s.half for s in calendar.sessions if s.date == closure.start] == ["AM"]


def test_terms_that_overlap_are_told() -> None:
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


def test_a_roll_call_that_is_neither_session_is_left_out_and_told() -> None:
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
