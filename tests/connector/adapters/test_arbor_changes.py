"""How the Arbor adapter traces changes, and in how few calls."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
import requests

from connector.adapters.base import PupilPage
from connector.mock.school import make_school
from connector.mock.server import MockServer
from connector.testing.pulled import Pulled
from connector.testing.schools import small_school
from tests.connector.adapters.arbor_school import BOTH, agree, arbor, put

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


def test_a_student_that_was_deleted_is_reported_as_removed() -> None:
    school = small_school()
    gone = school.pupils[4].pupil_id
    with arbor(school) as (server, adapter):
        pulled = Pulled().pull(adapter, school.last_day)
        put(server, f"students/{gone}", {}, "DELETE")
        pulled.pull(adapter, school.last_day)
    assert gone not in pulled.pupils


@BOTH
def test_one_pupil_with_a_date_that_is_none_does_not_stop_the_rest(reads: str) -> None:
    school = small_school()
    pupil = school.pupils[3].pupil_id
    with arbor(school, reads=reads) as (server, adapter):
        pulled = Pulled().pull(adapter, school.last_day)
        person = _row(server, "students", pupil)["student"]["person"]["href"].rsplit("/", 1)[-1]
        put(server, f"persons/{person}", {"person": {"dateOfBirth": "0000-00-00"}})
        for bookmark in (pulled.bookmark, None):  # by changes, and with everything read again
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
