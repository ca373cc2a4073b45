"""The mock Arbor's REST side, asked as Arbor's own and independent clients ask."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
import requests

from connector.mock.school import make_school
from connector.mock.server import MockServer

SCHOOL = {"pupils": 12, "weeks": 2, "seed": 3}


class Caller:
    """Calls a mock as a client would."""

    def __init__(self, server: MockServer) -> None:
        self.server = server
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.auth = (server.secrets["username"], server.secrets["password"])

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> requests.Response:
        data = None if body is None else json.dumps(body).encode()
        return self.session.request(method, self.server.url + path, data=data, headers=headers, timeout=5)

    def get(self, path: str) -> Any:
        answer = self.call("GET", path)
        assert answer.status_code == 200, answer.text
        assert answer.headers["Content-Type"].startswith("application/json")
        return answer.json()


@pytest.fixture
def arbor() -> Iterator[Caller]:
    with MockServer("arbor", make_school(**SCHOOL)) as server:
        caller = Caller(server)
        yield caller
        caller.session.close()


def opened(**options: Any) -> MockServer:
    return MockServer("arbor", make_school(**SCHOOL), options=options)


def test_wrong_credentials_get_401_in_arbors_error_shape(arbor: Caller) -> None:
    answer = requests.get(f"{arbor.server.url}/rest-v2/students", auth=("no", "no"), timeout=5)
    assert answer.status_code == 401
    assert answer.json()["response"]["code"] == 401
    assert answer.json()["status"]["success"] is False


def test_json_comes_without_an_accept_header(arbor: Caller) -> None:
    answer = requests.get(
        f"{arbor.server.url}/rest-v2/students/1001",
        auth=arbor.session.auth,
        headers={"Accept": ""},
        timeout=5,
    )
    assert answer.json()["student"]["entityType"] == "Student"


@pytest.mark.parametrize("segment", ["students", "Students", "student", "Student"])
def test_every_spelling_of_a_type_is_accepted(arbor: Caller, segment: str) -> None:
    assert len(arbor.get(f"/rest-v2/{segment}")["students"]) == 12
    assert arbor.get(f"/rest-v2/{segment}/1001")["student"]["href"] == "/rest-v2/students/1001"


@pytest.mark.parametrize(
    "path",
    ["uk-dfe_upn-assignments", "UkDfe_UpnAssignments", "uk-dfe/upn-assignments", "Uk-Dfe_Upn-Assignments"],
)
def test_types_of_a_module_are_found_in_every_spelling(arbor: Caller, path: str) -> None:
    (first, *_) = arbor.get(f"/rest-v2/{path}?page-size=1")["ukDfe_UpnAssignments"]
    assert first["href"] == "/rest-v2/uk-dfe_upn-assignments/1"
    assert "ukDfe_UpnAssignment" in arbor.get(f"/rest-v2/{path}/1")


def test_a_list_gives_identities_only(arbor: Caller) -> None:
    for row in arbor.get("/rest-v2/guardians")["guardians"]:
        assert set(row) == {"entityType", "href", "displayName"}


def test_a_detail_has_every_documented_property_and_nested_objects(arbor: Caller) -> None:
    student = arbor.get("/rest-v2/students/1001")["student"]
    assert {"studentNumber", "religion", "nhsNumber", "revisionId", "userTags"} <= set(student)
    person = student["person"]
    assert person["entityType"] == "Person"
    assert person["href"].startswith("/rest-v2/persons/")
    assert isinstance(person["revisionId"], int)
    assert person["userTags"] == []
    assert len(person["dateOfBirth"]) == 10
    assert set(person["gender"]) == {"entityType", "href", "displayName"}


def test_code_lists_are_addressed_by_code(arbor: Caller) -> None:
    late = arbor.get("/rest-v2/attendance-marks/LATE")["attendanceMark"]
    assert (late["code"], late["attendanceMark"], late["isStatisticalPresent"]) == ("LATE", "L", True)
    assert arbor.get("/rest-v2/genders/FEMALE")["gender"]["longName"] == "Female"
    assert arbor.get("/rest-v2/Attendance-Marks/present")["attendanceMark"]["code"] == "PRESENT"


def test_a_missing_object_and_a_missing_resource_get_404_with_the_keys_that_clients_read(
    arbor: Caller,
) -> None:
    for path in ("/rest-v2/students/4711", "/rest-v2/unicorns", "/nowhere"):
        answer = arbor.call("GET", path)
        assert answer.status_code == 404
        response = answer.json()["response"]
        assert (response["success"], response["code"], response["reason"]) == (False, 404, "Not Found")
        assert set(response["errors"][0]) == {"exception", "message", "trace"}
        assert all(isinstance(text, str) for text in answer.json()["status"]["errors"])


# filters and pages -----------------------------------------------------------------------------------------


def ids(answer: dict[str, list[dict[str, str]]]) -> list[str]:
    (rows,) = answer.values()
    return [row["href"].rsplit("/", 1)[-1] for row in rows]


def test_a_related_object_is_filtered_by_its_address(arbor: Caller) -> None:
    person = arbor.get("/rest-v2/students/1003")["student"]["person"]["href"]
    query = f"filters.person.equals={quote(person, safe='')}&page-number=1&page-size=50&order-property=studentNumber"
    assert ids(arbor.get(f"/rest-v2/Students?{query}")) == ["1003"]


def test_filters_follow_related_objects(arbor: Caller) -> None:
    name = arbor.get("/rest-v2/students/1004")["student"]["person"]["displayName"].split()[-1]
    found = ids(arbor.get(f"/rest-v2/students?filters.person.legalLastName.equals={quote(name)}"))
    assert "1004" in found


def test_null_and_the_empty_text_are_two_things(arbor: Caller) -> None:
    path = "/rest-v2/educational-institution-enrolments"
    still_here = arbor.get(f"{path}?filters.leavingDate.equals=NULL")
    left = arbor.get(f"{path}?filters.leavingDate.after=2025-01-01")
    assert len(ids(still_here)) + len(ids(left)) == 12
    assert (
        ids(arbor.get("/rest-v2/Persons?filters.legalFirstName.equals=&filters.dateOfBirth.equals=NULL"))
        == []
    )


def test_dates_are_compared_with_and_without_a_time(arbor: Caller) -> None:
    path = "/rest-v2/attendance-roll-call-records"
    exact = ids(arbor.get(f"{path}?filters.recordDate.equals=2025-09-04"))
    assert ids(arbor.get(f"{path}?filters.recordDate.equals=2025-09-04 00:00:00")) == exact
    span = f"{path}?filters.recordDate.from=2025-09-04&filters.recordDate.to=2025-09-04"
    assert ids(arbor.get(span)) == exact
    open_span = f"{path}?filters.recordDate.after=2025-09-03&filters.recordDate.before=2025-09-05"
    assert ids(arbor.get(open_span)) == exact


def test_current_students_are_found_as_the_net_client_does(arbor: Caller) -> None:
    moment = quote("2025-09-10 10:00:00")
    query = f"filters.startDate.before={moment}&filters.endDate.after={moment}"
    rows = arbor.get(f"/rest-v2/academic-year-enrolments?{query}")["academicYearEnrolments"]
    assert len(rows) >= 9


def test_a_comma_value_spread_over_numbered_keys_is_taken_as_several(arbor: Caller) -> None:
    query = "filters.studentNumber.in[0]=003001&filters.studentNumber.in[1]=003004&"
    assert ids(arbor.get(f"/rest-v2/students?{query}")) == ["1001", "1004"]
    assert ids(arbor.get("/rest-v2/students?filters.studentNumber.in=003001,003004")) == ["1001", "1004"]


def test_search_finds_part_of_a_text(arbor: Caller) -> None:
    assert ids(arbor.get("/rest-v2/titles?filters.title.search=rs")) == ["MRS"]


def test_an_unknown_property_is_reported(arbor: Caller) -> None:
    answer = arbor.call("GET", "/rest-v2/students?filters.shoeSize.equals=9")
    assert answer.status_code == 400
    assert "shoeSize" in answer.json()["response"]["errors"][0]["message"]


@pytest.mark.parametrize("name", ["page-number", "page"])
def test_pages_are_short_at_the_end_and_then_empty(arbor: Caller, name: str) -> None:
    pages = [ids(arbor.get(f"/rest-v2/students?page-size=5&{name}={n}")) for n in (1, 2, 3, 4)]
    assert [len(page) for page in pages] == [5, 5, 2, 0]
    assert len({row for page in pages for row in page}) == 12


def test_without_a_page_size_a_list_is_whole(arbor: Caller) -> None:
    assert len(ids(arbor.get("/rest-v2/attendance-roll-call-records"))) > 100


def test_the_first_page_may_be_number_0() -> None:
    with opened(first_page=0) as server:
        caller = Caller(server)
        first = ids(caller.get("/rest-v2/students?page-size=4&page-number=0"))
        assert first != ids(caller.get("/rest-v2/students?page-size=4&page-number=1"))
        caller.session.close()


# change logs -----------------------------------------------------------------------------------------------


def test_the_change_log_goes_by_one_rising_revision(arbor: Caller) -> None:
    everything = arbor.get("/rest-v2/students/changelog?")["changes"]
    assert [change["changeType"] for change in everything] == ["create"] * 12
    assert everything[0]["changedObject"] == {"entityType": "Student", "href": "/rest-v2/students/1001"}
    last = max(change["toRevision"] for change in everything)
    assert arbor.get(f"/rest-v2/students/changelog?from-revision={last}") == {"changes": []}
    arbor.call("PUT", "/rest-v2/students/1002", {"request": {"student": {"nhsNumber": "1"}}})
    for name in ("from-revision", "fromRevision"):
        (change,) = arbor.get(f"/rest-v2/students/changelog?{name}={last}&")["changes"]
        assert (change["changeType"], change["changedObject"]["href"]) == ("update", "/rest-v2/students/1002")
        assert last <= change["fromRevision"] < change["toRevision"]
    assert arbor.get(f"/rest-v2/students/changelog?fromRevision={last}&toRevision={last}&") == {"changes": []}


def test_marks_that_come_change_and_go_are_in_the_change_log() -> None:
    school = make_school(**SCHOOL)
    days = [day for day in school.calendar.school_days if day <= school.last_day]
    with MockServer("arbor", school, today=days[-2]) as server:
        caller = Caller(server)
        path = "/rest-v2/attendance-roll-call-records/changelog"
        last = caller.get(path)["changes"][-1]["toRevision"]
        server.today = days[-1]
        came = caller.get(f"{path}?from-revision={last}")["changes"]
        assert {change["changeType"] for change in came} >= {"create"}
        last = came[-1]["toRevision"]
        pupil = school.marks_known(days[-1])[-1].pupil_id
        school.correct_mark(pupil, days[-1], "PM", "")
        (gone,) = caller.get(f"{path}?from-revision={last}")["changes"]
        assert gone["changeType"] == "delete"
        assert caller.call("GET", gone["changedObject"]["href"]).status_code == 404
        caller.session.close()


# writing ---------------------------------------------------------------------------------------------------


def note_body(**more: Any) -> dict[str, Any]:
    student = {"entityType": "Student", "href": "/rest-v2/students/1001"}
    note = {"entityType": "PastoralNote", "student": student, "summary": "S", "content": "C", **more}
    return {"request": {"pastoralNote": note}}


@pytest.mark.parametrize(
    "content_type", [None, "application/json", "text/json", "application/x-www-form-urlencoded"]
)
def test_a_body_is_parsed_regardless_of_its_content_type(arbor: Caller, content_type: str | None) -> None:
    headers = {"Content-Type": content_type} if content_type else {}
    answer = arbor.call("POST", "/rest-v2/pastoral-notes", note_body(), **headers)
    assert answer.status_code == 201
    assert answer.json()["pastoralNote"]["href"] == "/rest-v2/pastoral-notes/1"


def test_dates_are_taken_as_objects_and_as_text_and_printed_as_text(arbor: Caller) -> None:
    for date in ({"entityType": "date", "date": "2025-09-12 00:00:00"}, "2025-09-12 16:00:00", "2025-09-12"):
        note = arbor.call("POST", "/rest-v2/pastoral-notes", note_body(noteDate=date)).json()["pastoralNote"]
        assert note["noteDate"] == "2025-09-12"


def test_user_tags_are_found_again(arbor: Caller) -> None:
    arbor.call("POST", "/rest-v2/pastoral-notes", note_body(userTags={"sims-id": 1234}))
    arbor.call("POST", "/rest-v2/pastoral-notes", note_body(userTags={"sims-id": 1235}))
    assert ids(arbor.get("/rest-v2/PastoralNotes?filters.tags.sims-id=1234")) == ["1"]
    assert arbor.get("/rest-v2/pastoral-notes/1")["pastoralNote"]["userTags"] == {"sims-id": 1234}


def test_a_create_without_what_it_needs_gets_422_without_a_root_key(arbor: Caller) -> None:
    bodies = (
        {},
        {"request": {}},
        {"request": {"student": {}}},
        {"request": {"pastoralNote": {"content": "C"}}},
    )
    for body in bodies:
        answer = arbor.call("POST", "/rest-v2/pastoral-notes", body)
        assert answer.status_code == 422
        assert "pastoralNote" not in answer.json()
        assert answer.json()["response"]["code"] == 422


def test_a_body_that_is_no_json_gets_400(arbor: Caller) -> None:
    answer = arbor.session.post(f"{arbor.server.url}/rest-v2/pastoral-notes", data=b"{", timeout=5)
    assert answer.status_code == 400


def test_a_change_sends_back_the_object_and_a_delete_sends_nothing(arbor: Caller) -> None:
    arbor.call("POST", "/rest-v2/pastoral-notes", note_body())
    changed = arbor.call("PUT", "/rest-v2/pastoral-notes/1", {"request": {"pastoralNote": {"summary": "T"}}})
    assert changed.status_code == 200
    assert changed.json()["pastoralNote"]["summary"] == "T"
    assert changed.json()["pastoralNote"]["content"] == "C"
    gone = arbor.call("DELETE", "/rest-v2/pastoral-notes/1")
    assert (gone.status_code, gone.content) == (204, b"")
    assert arbor.call("GET", "/rest-v2/pastoral-notes/1").status_code == 404
    assert arbor.get("/mock/pupils/1001/notes") == []


def test_a_student_is_made_from_a_person_as_the_php_client_does(arbor: Caller) -> None:
    person = arbor.call(
        "POST",
        "/rest-v2/persons",
        {
            "request": {
                "person": {
                    "entityType": "Person",
                    "legalFirstName": "Simbad",
                    "dateOfBirth": {"entityType": "date", "date": "2015-01-01 00:00:00"},
                    "gender": {"entityType": "Gender", "href": "/rest-v2/genders/MALE", "shortName": "M"},
                }
            }
        },
    ).json()["person"]
    assert person["gender"]["href"] == "/rest-v2/genders/MALE"
    student = {"entityType": "Student", "person": {"entityType": "Person", "href": person["href"]}}
    made = arbor.call("POST", "/rest-v2/students", {"request": {"student": student}}).json()["student"]
    assert made["person"]["legalFirstName"] == "Simbad"
    assert arbor.get(made["href"])["student"]["displayName"] == "Simbad"


def test_many_are_made_at_once_and_each_has_its_own_result(arbor: Caller) -> None:
    body = {"request": [note_body()["request"], {"pastoralNote": {"content": "no student"}}]}
    answer = arbor.call("POST", "/rest-v2/pastoral-notes", body)
    assert answer.status_code == 200
    good, bad = answer.json()["results"]
    assert good["status"] == {"success": True}
    assert good["pastoralNote"]["summary"] == "S"
    assert bad["status"]["success"] is False
    assert bad["status"]["errors"]


def test_an_upload_answers_with_a_document_and_its_bytes_come_back(arbor: Caller) -> None:
    content = bytes(range(256))
    answer = arbor.session.post(
        f"{arbor.server.url}/rest-v2/documents/upload",
        files={"file": ("Attendance – Letter 1.docx", content)},
        timeout=5,
    )
    document = answer.json()["document"]
    assert document["file"]["fileName"] == "Attendance – Letter 1.docx"
    back = arbor.call("GET", document["file"]["url"])
    assert back.content == content
    assert arbor.get("/mock/documents")[0]["pupil_id"] is None
    pupil = {"entityType": "Student", "href": "/rest-v2/students/1001"}
    arbor.call("PUT", document["href"], {"request": {"document": {"student": pupil}}})
    (shown,) = arbor.get("/mock/pupils/1001/documents")
    assert arbor.call("GET", shown["content"]).content == content


# marks -----------------------------------------------------------------------------------------------------


def mark_body(code: str = "LATE", **more: Any) -> dict[str, Any]:
    mark = {
        "student": {"entityType": "Student", "href": "/rest-v2/students/1002"},
        "attendanceMark": {"entityType": "AttendanceMark", "href": f"/rest-v2/attendance-marks/{code}"},
        **more,
    }
    return {"request": {"marks": [mark]}}


@pytest.mark.parametrize(
    "place",
    [
        {"recordDate": "2025-09-12", "rollCall": "AM", "minutesLate": 12},
        {"recordDate": None, "rollCall": None, "rollCallDateTime": "2025-09-12 09:00:00", "minutesLate": 12},
    ],
)
def test_a_roll_call_mark_is_registered(arbor: Caller, place: dict[str, Any]) -> None:
    answer = arbor.call("POST", "/rest-v2/attendance-roll-call-registration", mark_body(**place))
    assert answer.json()["response"]["code"] == 200
    assert answer.json()["response"]["success"] is True
    query = "filters.student.equals=/rest-v2/students/1002&filters.recordDate.equals=2025-09-12"
    hrefs = arbor.get(f"/rest-v2/attendance-roll-call-records?{query}")["attendanceRollCallRecords"]
    records = [arbor.get(row["href"])["attendanceRollCallRecord"] for row in hrefs]
    (morning,) = [r for r in records if r["attendanceRollCall"]["code"] == "AM"]
    assert (morning["attendanceMark"]["code"], morning["minutesLate"]) == ("LATE", 12)


def test_a_lesson_mark_is_registered_with_its_note(arbor: Caller) -> None:
    body = mark_body(
        academicUnit=None,
        includeAcademicUnit=False,
        sessionStartTime="2025-09-12 13:00:00",
        minutesLate=16,
        note="bus",
    )
    assert arbor.call("POST", "/rest-v2/attendance-registration", body).json()["response"]["code"] == 200
    query = "filters.recordNote.equals=bus"
    (row,) = arbor.get(f"/rest-v2/attendance-records?{query}")["attendanceRecords"]
    record = arbor.get(row["href"])["attendanceRecord"]
    assert record["startDatetime"].startswith("2025-09-12 13:")


def test_present_in_the_afternoon_is_the_afternoon_mark(arbor: Caller) -> None:
    body = mark_body("PRESENT", recordDate="2025-09-12", rollCall="PM")
    arbor.call("POST", "/rest-v2/attendance-roll-call-registration", body)
    mark = arbor.server.world.school.mark_now("1002", arbor.server.today, "PM")
    assert mark is not None
    assert mark.code == "\\"


def test_a_mark_of_nobody_or_of_a_closed_day_is_refused_and_none_is_written(arbor: Caller) -> None:
    before = len(arbor.server.world.school.book.changes)
    for more in (
        {"recordDate": "2025-09-13", "rollCall": "AM"},
        {"recordDate": "2025-09-12", "rollCall": "NIGHT"},
    ):
        answer = arbor.call("POST", "/rest-v2/attendance-roll-call-registration", mark_body(**more))
        assert answer.status_code == 422
    nobody = mark_body(recordDate="2025-09-12", rollCall="AM")
    nobody["request"]["marks"][0]["student"]["href"] = "/rest-v2/students/4711"
    assert arbor.call("POST", "/rest-v2/attendance-roll-call-registration", nobody).status_code == 422
    assert len(arbor.server.world.school.book.changes) == before


# permissions and limits ------------------------------------------------------------------------------------


def test_a_missing_permission_is_a_silent_empty_object() -> None:
    with opened(withheld=("CourtOrder", "Person.dateOfBirth")) as server:
        caller = Caller(server)
        assert caller.get("/rest-v2/court-orders") == {}
        person = caller.get("/rest-v2/persons")["persons"][0]["href"]
        assert "dateOfBirth" not in caller.get(person)["person"]
        caller.session.close()


def test_too_many_calls_get_429() -> None:
    with opened(limit_per_minute=3) as server:
        caller = Caller(server)
        codes = [caller.call("GET", "/rest-v2/genders").status_code for _ in range(5)]
        assert codes == [200, 200, 200, 429, 429]
        caller.session.close()


def test_several_clients_at_once_are_served() -> None:
    with opened() as server:
        found: list[int] = []

        def ask() -> None:
            caller = Caller(server)
            found.extend(len(caller.get("/rest-v2/students")["students"]) for _ in range(5))
            caller.session.close()

        threads = [threading.Thread(target=ask) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert found == [12] * 30
