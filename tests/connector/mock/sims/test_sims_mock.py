"""The mock SIMS as a client meets it that knows the documents only: paths, headers, bodies, paging."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import requests

from connector.mock.school import MadeUpSchool, make_school
from connector.mock.server import MockServer
from connector.mock.sims.app import CLIENT_ID, CLIENT_SECRET, SUBSCRIPTION_KEY
from connector.mock.sims.schema import COMPLEX_TYPES, ENTITY_SETS
from connector.mock.sims.school_rows import ORGANISATION

FORM = {
    "grant_type": "client_credentials",
    "client_id": CLIENT_ID,
    "client_secret": CLIENT_SECRET,
    "scope": "partner partner-read",
    "acr_values": f"orgselected:{ORGANISATION}",
}


class Caller:
    """A plain client of the documented API."""

    def __init__(self, server: MockServer) -> None:
        self.server = server
        self.session = requests.Session()
        answer = self.session.post(f"{server.url}/connect/token", data=FORM, timeout=5)
        assert answer.status_code == 200
        self.token = answer.json()
        self.session.headers["Authorization"] = f"Bearer {self.token['access_token']}"
        self.session.headers["Ocp-Apim-Subscription-Key"] = SUBSCRIPTION_KEY

    def ask(self, path: str, **more: Any) -> requests.Response:
        url = path if "://" in path else f"{self.server.url}/{path}"
        return self.session.get(url, timeout=5, **more)

    def value(self, path: str, **more: Any) -> list[dict[str, Any]]:
        answer = self.ask(path, **more)
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["value"]
        return found


@pytest.fixture(scope="module")
def school() -> MadeUpSchool:
    return make_school(pupils=30, weeks=4, seed=3)


@pytest.fixture
def server(school: MadeUpSchool) -> Iterator[MockServer]:
    with MockServer("sims", school, options={"calls_per_second": None}) as mock:
        yield mock


@pytest.fixture
def caller(server: MockServer) -> Caller:
    return Caller(server)


LEARNERS = "ssli01/Learner/V3/LearnerIdentifiers"
RECORDS = "ssli01/Attendance/V3/AttendanceRecords"


def test_the_token_service_answers_as_documented(caller: Caller) -> None:
    assert caller.token["token_type"] == "Bearer"
    assert caller.token["expires_in"] == 3600


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("grant_type", "password", "unsupported_grant_type"),
        ("client_secret", "wrong", "invalid_client"),
        ("scope", "everything", "invalid_scope"),
        ("acr_values", "orgselected:someone-else", "invalid_request"),
    ],
)
def test_a_wrong_token_request_is_refused(server: MockServer, field: str, value: str, reason: str) -> None:
    answer = requests.post(f"{server.url}/connect/token", data={**FORM, field: value}, timeout=5)
    assert (answer.status_code, answer.json()) == (400, {"error": reason})


def test_data_needs_a_token_and_a_subscription_key(caller: Caller, server: MockServer) -> None:
    bearer = {"Authorization": str(caller.session.headers["Authorization"])}
    for headers in ({}, bearer, {"Ocp-Apim-Subscription-Key": SUBSCRIPTION_KEY}):
        answer = requests.get(f"{server.url}/{LEARNERS}", headers=headers, timeout=5)
        assert answer.status_code == 401
        assert answer.json()["statusCode"] == 401


@pytest.mark.parametrize("path", [LEARNERS, "dex/Learner/odata/V3/LearnerIdentifiers"])
def test_both_bases_give_the_envelope(caller: Caller, school: MadeUpSchool, path: str) -> None:
    answer = caller.ask(path)
    found = answer.json()
    assert answer.headers["OData-Version"] == "4.0"
    assert found["@odata.context"].endswith("/$metadata#LearnerIdentifiers")
    assert len(found["value"]) == len(school.pupils_known(school.last_day))
    assert {"ExternalID", "Forename", "OnRollState", "CurrentPrimaryClass"} <= found["value"][0].keys()
    assert found["value"][0]["CurrentPrimaryClass"]["Type"] == "PastoralGroup.Definition.PrimaryClass"


def test_query_options_combine(caller: Caller) -> None:
    everyone = caller.value(
        LEARNERS, params={"$filter": "OnRollState eq 'Current'", "$orderby": "Surname desc"}
    )
    assert [row["Surname"] for row in everyone] == sorted((row["Surname"] for row in everyone), reverse=True)
    some = caller.ask(
        LEARNERS,
        params={
            "$filter": "OnRollState eq 'Current'",
            "$orderby": "Surname desc",
            "$top": "5",
            "$skip": "3",
            "$select": "ExternalID,Surname",
            "$count": "true",
        },
    ).json()
    assert some["@odata.count"] == len(everyone)
    assert [row["ExternalID"] for row in some["value"]] == [row["ExternalID"] for row in everyone[3:8]]
    assert some["value"][0].keys() == {"ExternalID", "Surname"}
    assert "@odata.nextLink" not in some
    assert caller.ask(f"{LEARNERS}/$count").text == str(len(caller.value(LEARNERS)))


def test_groups_lead_to_their_learners(caller: Caller) -> None:
    groups = "dex/Learner/odata/V3/LearnerGroups"
    group = caller.value(groups, params={"$filter": "GroupType eq 'PrimaryClass'"})[0]
    key = f"(ExternalID={group['ExternalID']},GroupType=SIMS.GroupTypeEnum'PrimaryClass')"
    found = caller.value(f"{groups}{key}/LearnerIdentifiers")
    assert found
    assert {row["CurrentPrimaryClass"]["Description"] for row in found} == {group["FullName"]}


def test_long_lists_go_on_by_next_links_of_at_most_a_thousand(caller: Caller, school: MadeUpSchool) -> None:
    window = "AttendableEventStart ge 2025-09-01T00:00:00Z and AttendableEventStart lt 2025-11-01T00:00:00Z"
    answer = caller.ask(RECORDS, params={"$filter": window, "$orderby": "ExternalID"}).json()
    assert len(answer["value"]) == 1000
    ids = [row["ExternalID"] for row in answer["value"]]
    while "@odata.nextLink" in answer:
        answer = caller.ask(answer["@odata.nextLink"]).json()
        ids += [row["ExternalID"] for row in answer["value"]]
    assert len(ids) == len(set(ids)) == len(school.marks_known(school.last_day))


def test_a_preferred_page_size_is_kept(caller: Caller) -> None:
    answer = caller.ask(LEARNERS, headers={"Prefer": "odata.maxpagesize=7"})
    assert answer.headers["Preference-Applied"] == "odata.maxpagesize=7"
    assert len(answer.json()["value"]) == 7
    assert "@odata.nextLink" in answer.json()


def test_a_record_can_be_fetched_by_its_key(caller: Caller) -> None:
    row = caller.value(RECORDS, params={"$top": "1"})[0]
    found = caller.ask(f"{RECORDS}({row['ExternalID']})").json()
    assert found.pop("@odata.context").endswith("#AttendanceRecords/$entity")
    assert found == row
    assert caller.ask(f"{RECORDS}(00000000-0000-0000-0000-000000000000)").status_code == 404


def test_more_than_ninety_days_of_marks_are_refused(caller: Caller) -> None:
    window = "AttendableEventStart ge 2025-09-01T00:00:00Z and AttendableEventStart lt {}T00:00:00Z"
    assert caller.ask(RECORDS, params={"$filter": window.format("2025-11-30")}).status_code == 200
    refused = caller.ask(RECORDS, params={"$filter": window.format("2025-12-01")})
    assert refused.status_code == 400
    assert "90 days" in refused.json()["error"]["message"]


def test_a_bare_date_in_a_filter_is_an_error(caller: Caller) -> None:
    refused = caller.ask(RECORDS, params={"$filter": "AttendableEventStart eq 2025-09-10"})
    assert refused.status_code == 400


def test_changes_since_a_moment_are_reported(caller: Caller, school: MadeUpSchool) -> None:
    since = school.last_day - timedelta(days=1)
    found = caller.value(f"{RECORDS}/SIMS.Changes(startDate={since}T00:00:00Z)")
    wanted = [
        m for m in school.marks_known(school.last_day) if m.recorded_at and m.recorded_at.date() >= since
    ]
    assert len(found) == min(1000, len(wanted))
    alias = caller.value(f"{RECORDS}/SIMS.Changes(startDate=@day)", params={"@day": f"{since}T00:00:00Z"})
    assert alias == found
    assert caller.ask(f"{RECORDS}/SIMS.Changes(startDate=yesterday)").status_code == 400
    assert caller.ask(f"{LEARNERS}/SIMS.Changes(startDate={since}T00:00:00Z)").status_code == 404


def test_the_history_names_who_changed_a_mark_and_when(caller: Caller, school: MadeUpSchool) -> None:
    found = caller.value("ssli01/Attendance/V3/StatutoryAttendanceRecordHistorys")
    assert len(found) == len(school.amendments_known(school.last_day))
    assert all(row["ChangedBy"] and row["ChangedOn"].endswith("Z") for row in found)


def test_codes_point_to_the_statutory_ones_and_may_have_three_characters(caller: Caller) -> None:
    codes = {row["Code"]: row for row in caller.value("ssli01/Attendance/V3/AttendanceCodes")}
    statutory = {
        row["ExternalID"]: row["Code"]
        for row in caller.value("ssli01/Attendance/V3/StatutoryAttendanceCodes")
    }
    assert {"/", "\\", "C1", "J1", "Y7", "X01"} <= codes.keys()
    assert statutory[codes["X01"]["StatutoryAttendanceCode"]["ExternalID"]] == "X"
    assert statutory[codes["Y7"]["StatutoryAttendanceCode"]["ExternalID"]] == "Y7"


def test_the_sixth_call_in_a_second_gets_the_documented_429(school: MadeUpSchool) -> None:
    with MockServer("sims", school) as server:
        caller = Caller(server)
        path = "ssli01/School/V3/Schools"
        answers = [caller.ask(path) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [200] * 5 + [429]
    assert answers[-1].json() == {
        "statusCode": 429,
        "message": "Rate limit is exceeded. Try again in 1 seconds.",
    }
    assert answers[-1].headers["Retry-After"] == "1"


@pytest.mark.parametrize("service", ["Learner", "Attendance", "School"])
def test_each_service_gives_its_metadata(caller: Caller, service: str) -> None:
    document = ElementTree.fromstring(caller.ask(f"ssli01/{service}/V3/$metadata").text)
    edm = "{http://docs.oasis-open.org/odata/ns/edm}"
    named = {one.get("Name") for one in document.iter(f"{edm}EntitySet")}
    assert named == {row["name"] for row in caller.value(f"ssli01/{service}/V3")}
    types = {one.get("Name") for one in document.iter(f"{edm}EntityType")}
    assert {
        str(one.get("EntityType")).rpartition(".")[2] for one in document.iter(f"{edm}EntitySet")
    } <= types


def test_every_field_that_is_sent_is_listed_and_every_listed_field_is_sent(caller: Caller) -> None:
    for one in ENTITY_SETS.values():
        rows = caller.value(f"ssli01/{one.service}/V3/{one.name}")
        sent = {name for row in rows for name in row if not name.startswith("@odata.type")}
        assert sent == set(one.fields), one.name
        for name, kind in one.fields.items():
            inside = [row[name] for row in rows if kind in COMPLEX_TYPES and row[name]]
            assert {key for value in inside for key in value} <= set(COMPLEX_TYPES.get(kind, {}))


def test_documented_fields_name_the_page_that_they_stand_on() -> None:
    for one in ENTITY_SETS.values():
        more_than_the_key = len(one.documented) > 1
        assert bool(one.page) == more_than_the_key, one.name


def test_a_field_that_is_absent_is_not_in_the_metadata_and_no_query_may_name_it(school: MadeUpSchool) -> None:
    options = {"calls_per_second": None, "absent": ["LearnerPersonals.DateOfBirth", "LearnerContacts"]}
    path = "ssli01/Learner/V3/LearnerPersonals"
    with MockServer("sims", school, options=options) as server:
        caller = Caller(server)
        assert "DateOfBirth" not in caller.value(path)[0]
        document = caller.ask("ssli01/Learner/V3/$metadata").text
        assert not {"DateOfBirth", "LearnerContact"} & set(re.findall(r'Name="(\w+)"', document))
        for query in (
            {"$select": "DateOfBirth"},
            {"$expand": "LearnerContacts"},
            {"$orderby": "DateOfBirth"},
        ):
            refused = caller.ask(path, params=query)
            assert refused.status_code == 400
            assert "Could not find a property named" in refused.json()["error"]["message"]
        assert caller.ask("ssli01/Learner/V3/LearnerContacts").status_code == 404


def test_a_field_inside_a_field_can_be_withheld(school: MadeUpSchool) -> None:
    options = {"calls_per_second": None, "withheld": ["Qualifier.Comment", "Address.Town"]}
    with MockServer("sims", school, options=options) as server:
        caller = Caller(server)
        assert set(caller.value(RECORDS, params={"$top": "1"})[0]["Qualifier"]) == {"MinutesLate"}
        assert "Town" not in caller.value("ssli01/School/V3/Schools")[0]["Address"]


def test_a_contact_who_was_unlinked_can_still_come_through_the_applicant_record(school: MadeUpSchool) -> None:
    options = {"calls_per_second": None, "stale_links": 1}
    path = "ssli01/Learner/V3/LearnerPersonals"
    with MockServer("sims", school, options=options) as server:
        rows = Caller(server).value(path, params={"$expand": "LearnerContacts"})
    for row in rows:
        types = [contact["Learner"]["Type"] for contact in row["LearnerContacts"]]
        assert types.count("Learner.Applicant") == 1
        assert len(types) > 1
    learners = {
        (row["ExternalID"], contact["Learner"]["ExternalID"])
        for row in rows
        for contact in row["LearnerContacts"]
    }
    assert any(mine != theirs for mine, theirs in learners)


def posted(caller: Caller, pupil_id: str, code: str, **qualifier: Any) -> requests.Response:
    """Post a mark for the last morning as a client does: every id looked up first."""
    people = caller.value(
        "ssli01/Learner/V3/LearnerPersonals", params={"$filter": f"PersonID eq '{pupil_id}'"}
    )
    last = caller.server.world.school.last_day
    sessions = caller.value(
        "ssli01/Attendance/V3/StatutoryAttendanceSessions",
        params={
            "$filter": f"SessionName eq 'AM' and Start ge {last}T00:00:00Z",
            "$orderby": "Start",
            "$top": "1",
        },
    )
    codes = caller.value("ssli01/Attendance/V3/AttendanceCodes", params={"$filter": f"Code eq '{code}'"})
    body = {
        "Attendee": {"ExternalID": people[0]["ExternalID"], "Type": "Learner.Identifier"},
        "Event": {"ExternalID": sessions[0]["ExternalID"], "Type": "Attendance.StatutoryAttendanceSession"},
        "AttendanceCode": {"ExternalID": codes[0]["ExternalID"], "Type": "Attendance.Lookup.AttendanceCode"},
        "Qualifier": qualifier,
    }
    return caller.session.post(f"{caller.server.url}/{RECORDS}", json=body, timeout=5)


def test_a_posted_mark_is_in_the_register(caller: Caller) -> None:
    school = caller.server.world.school
    pupil = school.marks_known(school.last_day)[-1].pupil_id
    answer = posted(caller, pupil, "L", MinutesLate=12, Comment="bus")
    assert answer.status_code == 201
    mark = school.mark_now(pupil, school.last_day, "AM")
    assert mark is not None
    assert (mark.code, mark.minutes_late, mark.comment) == ("L", 12, "bus")
    read = caller.ask(answer.headers["Location"]).json()
    assert read["Qualifier"] == {"MinutesLate": 12, "Comment": "bus"}


def test_a_post_can_be_answered_well_and_change_nothing(caller: Caller) -> None:
    school = caller.server.world.school
    pupil = school.marks_known(school.last_day)[-2].pupil_id
    before = school.mark_now(pupil, school.last_day, "AM")
    caller.server.world.faults.set("no-effect")
    assert posted(caller, pupil, "G").status_code == 201
    assert school.mark_now(pupil, school.last_day, "AM") == before


def test_a_post_of_unknown_ids_is_refused(caller: Caller) -> None:
    nobody = {"ExternalID": "00000000-0000-0000-0000-000000000000", "Type": "Learner.Identifier"}
    answer = caller.session.post(
        f"{caller.server.url}/{RECORDS}",
        json={"Attendee": nobody, "Event": nobody, "AttendanceCode": nobody},
        timeout=5,
    )
    assert answer.status_code == 400
    assert caller.session.post(f"{caller.server.url}/{LEARNERS}", json={}, timeout=5).status_code == 405
