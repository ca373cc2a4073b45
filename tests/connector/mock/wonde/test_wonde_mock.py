"""The mock Wonde as its public clients meet it: credentials, addresses, pages, includes, deletions, write-back."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from connector.mock.school import MadeUpSchool, make_school
from connector.mock.server import MockServer
from connector.mock.wonde.app import TOKEN
from connector.mock.wonde.fields import ASSUMED, BLOCKS
from connector.mock.wonde.state import SCHOOL_ID

BEARER = {"Authorization": f"Bearer {TOKEN}"}
LISTS = {
    "students": "student",
    "students-leaver": "student",
    "contacts": "contact",
    "groups": "group",
    "attendance-codes": "attendance_code",
    "attendance/session": "session",
    "deletions": "deletion",
}
ALL_OF_A_STUDENT = "education_details,extended_details,contact_details,year,registration,groups,contacts,contacts.contact_details"
OBJECTS = {"contacts": "contact", "groups": "group", "students": "student"}
DATES = (
    "date_of_birth",
    "restored_at",
    "created_at",
    "updated_at",
    "admission_date",
    "leaving_date",
    "deleted_at",
)


@pytest.fixture(scope="module")
def school() -> MadeUpSchool:
    return make_school(pupils=30, weeks=4, seed=3)


@pytest.fixture
def server(school: MadeUpSchool) -> Iterator[MockServer]:
    with MockServer("wonde", school) as mock:
        yield mock


def ask(server: MockServer, path: str, **params: str) -> dict[str, Any]:
    url = path if "://" in path else f"{server.url}/v1.0/schools/{SCHOOL_ID}/{path}"
    answer = requests.get(url, params=params, headers=BEARER, timeout=5)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def rows_of(server: MockServer, path: str, **params: str) -> list[dict[str, Any]]:
    body = ask(server, path, **{"per_page": "200", **params})
    found: list[dict[str, Any]] = list(body["data"])
    while body["meta"]["pagination"]["next"]:
        body = ask(server, body["meta"]["pagination"]["next"])
        found += body["data"]
    return found


@pytest.mark.parametrize(
    "credentials",
    [
        f"Bearer {TOKEN}",
        f"bearer {TOKEN}",
        "Basic " + base64.b64encode(f"{TOKEN}:".encode()).decode(),
        f"Basic {TOKEN}",
    ],
    ids=["ruby", "dotnet", "php", "ruby when it posts"],
)
def test_every_way_in_which_the_clients_send_the_token_is_accepted(
    server: MockServer, credentials: str
) -> None:
    for path in ("schools/", "schools", f"schools/{SCHOOL_ID}/students/", f"schools/{SCHOOL_ID}/students"):
        answer = requests.get(f"{server.url}/v1.0/{path}", headers={"Authorization": credentials}, timeout=5)
        assert (answer.status_code, answer.url.endswith(path)) == (200, True)


def test_a_wrong_token_is_refused_with_a_json_object(server: MockServer) -> None:
    answer = requests.get(f"{server.url}/v1.0/schools", headers={"Authorization": "Bearer wrong"}, timeout=5)
    assert answer.status_code == 401
    assert isinstance(answer.json(), dict)


def blocks_of(value: Any, what: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each object of an answer with the name under which the list of fields has it."""
    if isinstance(value, list):
        for part in value:
            yield from blocks_of(part, what)
    elif isinstance(value, dict) and set(value) == {"data"}:
        yield from blocks_of(value["data"], what)
    elif isinstance(value, dict):
        yield what, value
        for name, part in value.items():
            kind = (
                "date"
                if name in (*DATES, "audit_approved_at") or (what, name) == ("session", "date")
                else name
            )
            kind = "place" if what == "addresses" else OBJECTS.get(kind, kind)
            yield from blocks_of(part, kind)


def test_every_field_that_is_sent_has_a_source_and_every_listed_field_is_sent(school: MadeUpSchool) -> None:
    pupil = school.pupils[0]
    options = {"deleted_students": [pupil.pupil_id], "still_listed": True}
    sent: dict[str, set[str]] = {}
    with MockServer("wonde", school, options=options) as server:
        answers = [("school", ask(server, f"{server.url}/v1.0/schools/{SCHOOL_ID}"))]
        for path, what in LISTS.items():
            includes = {"student": ALL_OF_A_STUDENT, "contact": "students,contact_details"}.get(what, "")
            answers.append((what, {"data": rows_of(server, path, include=includes)}))
        for what, answer in answers:
            for name, block in blocks_of(answer["data"], what):
                sent.setdefault(name, set()).update(block)
    assert sent == {name: set(fields) for name, fields in BLOCKS.items()}


def test_what_no_public_source_knows_is_not_sent() -> None:
    names = {name for fields in BLOCKS.values() for name in fields}
    assert not names & {
        "social_worker",
        "child_protection_plan",
        "young_carer",
        "part_time_start_date",
        "part_time_end_date",
        "correspondence_language",
    }
    assumed = {name for name, fields in BLOCKS.items() if ASSUMED in fields.values()}
    assert assumed == {"registration", "contact", "session", "deletion"}


def test_pages_are_followed_by_absolute_addresses_and_end_with_null(server: MockServer) -> None:
    body = ask(server, "students", per_page="10", include="contacts,contacts.contact_details", page="1")
    pagination = body["meta"]["pagination"]
    assert (pagination["per_page"], pagination["current_page"], pagination["previous"]) == ("10", 1, None)
    assert "registration" in body["meta"]["includes"]
    assert pagination["next"].startswith(f"{server.url}/v1.0/")
    assert pagination["more"] is True
    while pagination["next"]:
        pagination = ask(server, pagination["next"])["meta"]["pagination"]
    assert pagination["more"] is False


def test_a_cursor_has_neither_page_nor_size(server: MockServer) -> None:
    body = ask(server, "students", cursor="true", per_page="7")
    assert body["meta"]["pagination"]["per_page"] is None
    assert body["meta"]["pagination"]["current_page"] is None
    assert body["meta"]["pagination"]["next"]
    ids = [row["id"] for row in rows_of(server, "students", cursor="true", per_page="7")]
    assert len(ids) == len(set(ids)) == len(rows_of(server, "students"))


def test_the_relationship_has_ten_keys_and_is_not_wrapped(server: MockServer) -> None:
    rows = rows_of(server, "students", include="contacts")
    pairs = [contact["relationship"] for row in rows for contact in row["contacts"]["data"]]
    assert {len(pair) for pair in pairs} == {10}
    assert any(pair["priority"] is None for pair in pairs)


def test_a_pupil_stands_among_his_own_contacts(server: MockServer) -> None:
    rows = rows_of(server, "students", include="contacts")
    himself = [
        contact
        for row in rows
        for contact in row["contacts"]["data"]
        if (contact["mis_id"], contact["upi"]) == (row["mis_id"], row["upi"])
    ]
    assert himself
    assert all(contact["relationship"]["parental_responsibility"] for contact in himself)


@pytest.mark.parametrize(
    ("how", "shape"),
    [("flat", str), ("object", {"id"}), ("wrapped", {"data"}), ("include", type(None))],
)
def test_marks_name_their_student_in_each_of_the_shapes(school: MadeUpSchool, how: str, shape: Any) -> None:
    with MockServer("wonde", school, options={"references": how}) as server:
        row = ask(server, "attendance/session")["data"][0]
        included = ask(server, "attendance/session", include="student")["data"][0]
    student = row.get("student")
    assert set(student) == shape if isinstance(shape, set) else isinstance(student, shape)
    assert set(included["student"]) == {"data"}


def test_hidden_and_empty_fields_are_named_with_their_object(school: MadeUpSchool) -> None:
    options = {"hidden": ["education_details.upn", "phones"], "empty": ["relationship.priority", "year"]}
    with MockServer("wonde", school, options=options) as server:
        rows = rows_of(server, "students", include=ALL_OF_A_STUDENT)
    assert all("upn" not in row["education_details"]["data"] for row in rows)
    assert {row["year"] for row in rows} == {None}
    contacts = [contact for row in rows for contact in row["contacts"]["data"]]
    assert {contact["relationship"]["priority"] for contact in contacts} == {None}
    assert not any("phones" in contact["contact_details"]["data"] for contact in contacts)


def test_numbers_nothing_as_a_list_and_a_closed_area(school: MadeUpSchool) -> None:
    options = {"numbers": True, "closed": ["deletions"], "nothing": "list"}
    with MockServer("wonde", school, options=options) as server:
        row = rows_of(server, "students")[0]
        mark = ask(server, "attendance/session")["data"][0]
        refused = requests.get(f"{server.url}/v1.0/schools/{SCHOOL_ID}/deletions", headers=BEARER, timeout=5)
    assert isinstance(row["id"], int)
    assert isinstance(row["mis_id"], int)
    assert isinstance(mark["student"], int)
    assert refused.status_code == 403


def test_what_is_deleted_is_named_by_type_and_date_and_no_longer_listed(school: MadeUpSchool) -> None:
    pupils = [p for p in school.pupils_known(school.last_day) if p.on_roll(school.last_day)]
    gone, back = pupils[0], pupils[1]
    adult = pupils[2].contacts[0].contact_id
    options = {
        "deleted_students": [gone.pupil_id, back.pupil_id],
        "deleted_contacts": [adult],
        "restored": [back.pupil_id],
    }
    with MockServer("wonde", school, options=options) as server:
        named = rows_of(server, "deletions", type="student")
        assert [row["mis_id"] for row in named] == [gone.pupil_id, back.pupil_id]
        assert {row["mis_id"] for row in rows_of(server, "deletions")} == {
            *options["deleted_students"],
            adult,
        }
        assert not rows_of(server, "deletions", type="student", updated_after="2100-01-01 00:00:00")
        listed = {row["mis_id"]: row for row in rows_of(server, "students")}
        contacts = {row["mis_id"] for row in rows_of(server, "contacts")}
    assert gone.pupil_id not in listed
    assert listed[back.pupil_id]["restored_at"]
    assert adult not in contacts


def post(server: MockServer, *rows: dict[str, Any]) -> requests.Response:
    url = f"{server.url}/v1.0/schools/{SCHOOL_ID}/attendance/session/"
    return requests.post(url, json={"attendance": rows}, headers=BEARER, timeout=5)


@pytest.fixture
def mark(server: MockServer) -> dict[str, Any]:
    row = rows_of(server, "attendance/session")[-1]
    codes = {code["code"]: code["id"] for code in rows_of(server, "attendance-codes")}
    return {
        "date": row["date"]["date"][:10],
        "session": row["session"],
        "student_id": row["student"],
        "attendance_code_id": codes["L"],
        "comment": "bus",
        "minutes_late": "5",
    }


def test_a_mark_written_back_is_applied_after_a_while(server: MockServer, mark: dict[str, Any]) -> None:
    answer = post(server, mark)
    assert answer.status_code == 200
    writeback = answer.json()["writeback_id"]
    statuses = [ask(server, f"{server.url}/v1.0/writebacks/{writeback}")["data"]["status"] for _ in range(2)]
    assert statuses == ["queued", "complete"]
    read = [
        row
        for row in rows_of(server, "attendance/session")
        if (row["student"], row["session"], row["date"]["date"][:10])
        == (mark["student_id"], mark["session"], mark["date"])
    ]
    assert [(row["attendance_code"], row["minutes_late"]) for row in read] == [
        (mark["attendance_code_id"], 5)
    ]


def test_the_ruby_client_posts_with_its_bare_token(server: MockServer, mark: dict[str, Any]) -> None:
    answer = requests.post(
        f"{server.url}/v1.0/schools/{SCHOOL_ID}/attendance/session/",
        json={"attendance": [mark]},
        headers={"Authorization": f"Basic {TOKEN}"},
        timeout=5,
    )
    assert (answer.status_code, set(answer.json())) == (200, {"writeback_id"})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("attendance_code_id", "A1"),
        ("student_id", "A1"),
        ("session", "EVE"),
        ("date", "yesterday"),
        ("minutes_late", "some"),
        ("date", ""),
        ("attendance_code_id", None),
    ],
)
def test_anything_unknown_in_a_write_back_refuses_the_whole_of_it(
    server: MockServer, mark: dict[str, Any], name: str, value: Any
) -> None:
    answer = post(server, mark, {**mark, name: value})
    assert answer.status_code == 422
    assert list(answer.json()["errors"]) == [f"attendance.1.{name}"]
    assert "writeback_id" not in answer.json()


def test_schools_are_searched_by_postcode_and_number(server: MockServer) -> None:
    url = f"{server.url}/v1.0/schools/all/"
    postcode = server.world.school.details.address.postcode
    assert len(ask(server, url)["data"]) == 1
    assert len(ask(server, url, postcode=postcode[:3], establishment_number="1001")["data"]) == 1
    assert not ask(server, url, establishment_number="6006")["data"]


def test_counts_are_wrapped_twice(server: MockServer) -> None:
    body = ask(server, "counts", include="students,contacts")
    assert body["data"]["students"]["data"]["count"] == len(rows_of(server, "students"))
