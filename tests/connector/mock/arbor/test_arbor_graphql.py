"""The mock Arbor's GraphQL side."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests
from graphql import build_client_schema, get_introspection_query

from connector.mock.school import make_school
from connector.mock.server import MockServer


class Asker:
    """Sends queries as an independent client would."""

    def __init__(self, server: MockServer) -> None:
        self.server = server
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.auth = (server.secrets["username"], server.secrets["password"])

    def ask(self, query: str, **variables: Any) -> Any:
        body = {"query": query, "variables": variables}
        answer = self.session.post(f"{self.server.url}/graphql/query", json=body, timeout=10)
        assert answer.status_code == 200
        return answer.json()

    def rows(self, query: str, **variables: Any) -> Any:
        answer = self.ask(query, **variables)
        assert "errors" not in answer, answer
        return answer["data"]


@pytest.fixture(scope="module")
def arbor() -> Iterator[Asker]:
    with MockServer("arbor", make_school(pupils=12, weeks=2, seed=3)) as server:
        asker = Asker(server)
        yield asker
        asker.session.close()


def test_a_pupils_person_stands_on_the_student(arbor: Asker) -> None:
    query = """{ Student(page_size: 3, page_num: 0) {
        id legalFirstName legalLastName preferredFirstName preferredLastName dateOfBirth
        mostRecentEntryDate leavingDate displayAcademicLevel { displayName }
        senStatusAssignments { startDate endDate senStatus { code displayName } } } }"""
    first, *_ = rows = arbor.rows(query)["Student"]
    assert len(rows) == 3
    pupil = arbor.server.world.school.pupils[0]
    assert (first["id"], first["legalLastName"]) == (pupil.pupil_id, pupil.legal_surname)
    assert first["displayAcademicLevel"] == {"displayName": pupil.year_group}
    assert first["senStatusAssignments"][0]["senStatus"]["code"] in ("NO_SEN", "SEN_SUPPORT", "EHCP")


def test_pages_are_counted_from_0_and_end_with_an_empty_one(arbor: Asker) -> None:
    pages = [
        [row["id"] for row in arbor.rows(f"{{ Student(page_size: 5, page_num: {n}) {{ id }} }}")["Student"]]
        for n in range(4)
    ]
    assert [len(page) for page in pages] == [5, 5, 2, 0]
    assert len({row for page in pages for row in page}) == 12


def test_marks_carry_what_independent_clients_read(arbor: Asker) -> None:
    query = """{ AttendanceRecord(page_size: 2, startDatetime_after: "2025-09-04 00:00:00",
        startDatetime_before: "2025-09-05 00:00:00") { id student { id }
        attendanceMark { code isStatisticalPresent isStatisticalPossibleAttendance isDefaultLate }
        startDatetime endDatetime minutesLate isRedundant modifiedDatetime } }"""
    for row in arbor.rows(query)["AttendanceRecord"]:
        assert row["startDatetime"].startswith("2025-09-04")
        assert row["attendanceMark"]["isStatisticalPossibleAttendance"] in (True, False)
        assert row["isRedundant"] is False


def test_filters_are_arguments_that_may_follow_a_related_object(arbor: Asker) -> None:
    late = arbor.rows(
        '{ AttendanceRollCallRecord(attendanceMark__code: "LATE") { attendanceMark { code } } }'
    )
    assert {row["attendanceMark"]["code"] for row in late["AttendanceRollCallRecord"]} <= {"LATE"}
    two = arbor.rows('{ UkDfe_UpnAssignment(student__id_in: ["1001", "1003"]) { student { id } } }')
    assert [row["student"]["id"] for row in two["UkDfe_UpnAssignment"]] == ["1001", "1003"]
    by_id = arbor.rows('{ Student(id_in: ["1003"]) { id } }')["Student"]
    assert by_id == [{"id": "1003"}]
    here = arbor.rows("{ EducationalInstitutionEnrolment(leavingDate: null) { leavingDate } }")
    assert {row["leavingDate"] for row in here["EducationalInstitutionEnrolment"]} == {None}
    surname = arbor.server.world.school.pupils[2].legal_surname
    named = arbor.rows("query($n: FilterValue) { Student(legalLastName: $n) { legalLastName } }", n=surname)
    assert {row["legalLastName"] for row in named["Student"]} == {surname}
    listed = arbor.rows("query($ids: [ID!]!) { Student(id_in: $ids) { id } }", ids=["1002"])["Student"]
    assert listed == [{"id": "1002"}]


def test_an_owner_of_any_type_names_its_type(arbor: Asker) -> None:
    query = """{ EmailAddress(emailAddressType: "HOME", page_size: 1) {
        emailAddress emailAddressOwner { id entityType ... on Guardian { legalLastName } } } }"""
    (row,) = arbor.rows(query)["EmailAddress"]
    assert row["emailAddressOwner"]["entityType"] == "Guardian"
    assert row["emailAddressOwner"]["legalLastName"]


def test_aliases_fragments_and_directives_work(arbor: Asker) -> None:
    query = """query Two($with: Boolean!) {
        a: Student(page_size: 1) { ...names }  b: Guardian(page_size: 1) { id title @include(if: $with) { title } }
      } fragment names on Student { __typename key: id legalLastName @skip(if: $with) }"""
    rows = arbor.rows(query, **{"with": True})
    assert set(rows["a"][0]) == {"__typename", "key"}
    assert set(rows["b"][0]) == {"id", "title"}


def test_introspection_gives_a_whole_schema(arbor: Asker) -> None:
    schema = build_client_schema(arbor.rows(get_introspection_query()))
    assert schema.query_type is not None
    assert {"Student", "AttendanceRollCallRecord", "UkDfe_UpnAssignment"} <= set(schema.query_type.fields)
    fields = arbor.rows('{ __type(name: "AttendanceRecord") { fields { name } } }')["__type"]["fields"]
    assert "modifiedDatetime" in {field["name"] for field in fields}


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("{ Unicorn { id } }", "Unicorn"),
        ("{ Student { shoeSize } }", "shoeSize"),
        ('{ Student(shoeSize: "9") { id } }', "shoeSize"),
        ("{ Student { id ", "Syntax Error"),
        ("mutation { x }", ""),
        ("{ Student }", "selection"),
    ],
)
def test_a_wrong_query_is_answered_with_what_is_wrong(arbor: Asker, query: str, message: str) -> None:
    answer = arbor.ask(query)
    assert message in answer["errors"][0]["message"]
    assert "data" not in answer


def test_a_query_that_was_sound_once_is_still_checked_when_its_fields_differ(arbor: Asker) -> None:
    arbor.rows('{ Student(id: "1001") { id } }')
    assert "errors" in arbor.ask('{ Student(id: "1001") { idd } }')


def test_a_missing_permission_is_reported_by_name() -> None:
    school = make_school(pupils=3, weeks=1, seed=3)
    with MockServer("arbor", school, options={"withheld": ("CourtOrder", "Person.dateOfBirth")}) as server:
        asker = Asker(server)
        for query, what in (
            ("{ CourtOrder { id } }", "CourtOrder"),
            ("{ CourtOrderParty { courtOrder { id } } }", "CourtOrder"),
            ("{ Student { dateOfBirth } }", "Person.dateOfBirth"),
        ):
            (error,) = asker.ask(query)["errors"]
            assert error["message"] == f"You do not have access to `{what}`."
            assert set(error["locations"][0]) == {"line", "column"}
        asker.session.close()


def test_credentials_are_asked_here_too(arbor: Asker) -> None:
    answer = requests.post(
        f"{arbor.server.url}/graphql/query", json={"query": "{ Student { id } }"}, timeout=5
    )
    assert answer.status_code == 401
