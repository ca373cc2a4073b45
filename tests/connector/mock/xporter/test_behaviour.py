"""How the mock answers: token, errors in the body, scopes, pages, change sets, cache, write-back."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from typing import Any

import pytest
import requests

from connector.mock.school.corrections import LONDON
from connector.mock.xporter.endpoint_rows import ESTAB
from connector.testing.schools import small_school
from tests.connector.mock.xporter.answers import Caller, answer, school, served

ERROR = {"Message": None, "ExceptionType": None, "InnerException": None}
YEAR = {"DateFrom": "2025-09-01", "DateTo": "2026-08-31"}


def ids(rows: list[dict[str, Any]]) -> list[str]:
    return [row["Id"] for row in rows]


def test_a_token_has_the_documented_keys_and_is_good_for_five_days() -> None:
    with served() as (_, caller):
        body = caller.sign_in()
    assert set(body) == set(answer("token"))
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z", body["expires"])
    until = datetime.fromisoformat(body["expires"])
    assert 4.9 < (until - datetime.now(UTC)).total_seconds() / 86400 <= 5


def test_a_form_and_another_case_of_the_keys_are_taken() -> None:
    with served() as (server, caller):
        asked = {
            "ESTAB": ESTAB,
            "relyingparty": "attendance-connector",
            "password": server.secrets["password"],
            "thirdPartyId": "XporterOnDemand",
        }
        url = f"{caller.url}/api/oauth/GetToken"
        assert requests.post(url, data=asked, timeout=10).json()["token"]


def test_a_wrong_secret_keeps_the_shape_of_a_token() -> None:
    with served() as (_, caller):
        body = caller.sign_in(password="wrong")
    assert set(body) == set(answer("token_failed"))
    assert (body["token"], body["expires"]) == (None, "0001-01-01T00:00:00")
    assert body["ExceptionMessage"]


@pytest.mark.parametrize(
    ("path", "sample"),
    [
        ("TokenDetails", "token_details"),
        ("Scopes", "scopes"),
        ("Usage", "usage"),
        ("Queries", "queries"),
        ("GDPRIDs", "gdpr_ids"),
    ],
)
def test_information_has_the_documented_keys(path: str, sample: str) -> None:
    wanted = answer(sample)
    with served() as (_, caller):
        got = caller.get(path).json()
    assert set(got) == set(wanted)
    for name, value in wanted.items():
        if value and isinstance(value, list) and isinstance(value[0], Mapping):
            assert set(got[name][0]) == set(value[0]), name


def test_an_error_comes_in_the_body_with_status_200_or_with_its_own_when_asked() -> None:
    with served() as (_, caller):
        plain = caller.get(f"School/{ESTAB}/AttendanceForDateRange")
        real = caller.get(f"School/{ESTAB}/AttendanceForDateRange", {"httpStatusCodes": "true"})
        caller.token = "spoilt"
        refused = caller.get("TokenDetails")
    assert (plain.status_code, real.status_code, refused.status_code) == (200, 400, 200)
    assert set(plain.json()) == set(answer("error"))
    assert {name: plain.json()[name] for name in ERROR} == ERROR
    assert plain.json()["ExceptionMessage"]
    assert refused.json()["ExceptionMessage"]


def test_fields_of_a_scope_that_is_not_granted_are_left_out_and_its_endpoints_refused() -> None:
    with served(scopes=("Student", "StudentExtended")) as (_, caller):
        row = caller.school("Students")["Students"][0]
        assert "LegalSurname" in row
        assert not {"UPN", "FSMEligible", "InLeaCare", "AddressBlock"} & set(row)
        assert caller.school("StudentContacts")["ExceptionMessage"]
    with served(hidden=("Students.UPN",)) as (_, caller):
        row = caller.school("Students")["Students"][0]
        assert "UPN" not in row
        assert "FormerUPN" in row


def test_leavers_and_those_to_come_are_there_when_asked() -> None:
    made_up = school()
    last = made_up.last_day
    known = {pupil.pupil_id: pupil for pupil in made_up.pupils_known(last)}
    left = {key for key, pupil in known.items() if pupil.on_roll_to and pupil.on_roll_to < last}
    assert left
    with served() as (_, caller):
        on_roll = set(ids(caller.school("Students")["Students"]))
        more = set(ids(caller.school("Students", options="includeLeavers,includePreAdmissions")["Students"]))
        status = caller.school("Students", studentStatus="Leaver")["Students"]
        marks = caller.school("AttendanceForDateRange", **YEAR)["Attendance"]
        with_leavers = caller.school("AttendanceForDateRange", options="includeLeavers", **YEAR)["Attendance"]
    assert not left & on_roll
    assert more == set(known)
    assert set(ids(status)) == left
    assert {row["RegGroup"] for row in status} == {None}
    assert not left & {row["StudentId"] for row in marks}
    assert left <= {row["StudentId"] for row in with_leavers}


def test_no_marks_and_closed_sessions_are_left_out_when_asked() -> None:
    span = {"DateFrom": "2025-09-01", "DateTo": "2025-10-31"}
    with served() as (_, caller):

        def marks(options: str) -> set[str]:
            return {
                row["Mark"]
                for row in caller.school("AttendanceForDateRange", options=options, **span)["Attendance"]
            }

        assert {"-", "#", "/", "\\"} <= marks("")
        assert "-" not in marks("excludeNoMarks")
        assert "#" not in marks("excludeClosed")
        assert not {"-", "#"} & marks("excludeNoMarks,excludeClosed")


def test_a_marks_string_has_two_places_for_each_of_the_seven_days() -> None:
    with served() as (_, caller):
        rows = caller.school("Students", options="includeAttMarkString")["Students"]
    for row in rows:
        days = date.fromisoformat(row["AttMarksEndDate"]) - date.fromisoformat(row["AttMarksStartDate"])
        assert len(row["Marks"]) == 2 * (days.days + 1)


def test_pages_say_where_they_are_and_meta_comes_with_the_first() -> None:
    with served() as (_, caller):
        whole = caller.school("Students")
        first, last = (caller.school("Students", page=n, pageSize=30) for n in (1, 2))
    assert "__pagination__" not in whole
    assert ids(first["Students"]) + ids(last["Students"]) == ids(whole["Students"])
    (counts,) = last["__pagination__"]
    assert counts == {
        "PageSize": 30,
        "PageNumber": 2,
        "PageCount": 2,
        "RowCount": len(whole["Students"]),
        "NextPage": "?page=3&pageSize=30",
    }
    assert first["meta"]
    assert last["meta"] == []


def test_the_state_of_the_database_is_a_table() -> None:
    with served() as (_, caller):
        answer = caller.school("Students", onlyGetDbStatus="true")
    assert [type(table) for table in answer.values()] == [list]


def test_a_change_set_has_what_changed_and_the_ids_that_are_gone() -> None:
    made_up = small_school()
    last, day = made_up.last_day, made_up.first_day
    pupil = made_up.pupils_known(last)[0].pupil_id
    params = {**YEAR, "options": "excludeNoMarks,excludeClosed"}
    with served(made_up) as (_, caller):
        before = caller.school("AttendanceForDateRange", changedRows="*", **params)
        at = datetime.combine(last, time(18), LONDON)
        made_up.correct_mark(pupil, day, "AM", "M", at=at)
        made_up.correct_mark(pupil, day, "PM", "", at=at)
        marker = before["__changedRows__"][0]["NextChangedRows"]
        after = caller.school("AttendanceForDateRange", changedRows=marker, **params)
        unknown = caller.school("AttendanceForDateRange", changedRows="0" * 32, **params)
    assert before["meta"] == after["meta"] == []
    assert re.fullmatch("[0-9a-f]{32}", marker)
    assert [(row["Id"], row["Mark"]) for row in after["Attendance"]] == [(f"{pupil}.{day}.AM", "M")]
    assert after["Attendance_deleted"] == [{"Id": f"{pupil}.{day}.PM"}]
    assert set(after["__changedRows__"][0]) == set(
        answer("attendance_for_date_range_changed")["__changedRows__"][0]
    )
    assert unknown["ExceptionMessage"]


def test_marks_of_one_range_come_from_the_cache_for_half_an_hour() -> None:
    made_up = small_school()
    last = made_up.last_day
    pupil = made_up.pupils_known(last)[0].pupil_id
    with served(made_up, cache_minutes=30) as (_, caller):

        def mark(start: date) -> str:
            body = caller.school("AttendanceForDateRange", DateFrom=start, DateTo=last, id=pupil)
            return next(row["Mark"] for row in body["Attendance"] if row["Id"] == f"{pupil}.{last}.AM")

        before = mark(last)
        made_up.correct_mark(pupil, last, "AM", "M", at=datetime.combine(last, time(18), LONDON))
        assert mark(last) == before != "M"
        assert mark(made_up.first_day) == "M", "another range is another answer"


def test_one_day_has_minutes_late_and_lessons_and_no_leavers() -> None:
    made_up = school()
    late = next(m for m in made_up.marks_known(made_up.last_day) if m.minutes_late)
    with served() as (_, caller):
        rows = caller.school("AttendanceForDate", date=late.date)["Attendance"]
        sessions = caller.school("AttendanceForDate", date=late.date, attendanceType="S")["Attendance"]
    assert {row["Type"] for row in rows} == {"S", "L"}
    assert {row["Type"] for row in sessions} == {"S"}
    row = next(r for r in sessions if r["Id"] == f"{late.pupil_id}.{late.date}.{late.half}")
    assert row["MinsLate"] == late.minutes_late


def write(caller: Caller, *marks: Mapping[str, Any], later: bool = False, **more: Any) -> dict[str, Any]:
    return caller.post(f"Attendance{'Async' * later}/{ESTAB}/", {"Marks": list(marks), **more})


def test_marks_are_written_back_all_or_none() -> None:
    made_up = small_school()
    last = made_up.last_day
    pupil = made_up.pupils_known(last)[0].pupil_id
    good = {
        "StudentId": pupil,
        "MarkType": "S",
        "Date": last.isoformat(),
        "Session": "AM",
        "Mark": "L",
        "Mins": 5,
    }
    with served(made_up) as (_, caller):
        assert write(caller, good, {**good, "StudentId": "9"})["ExceptionMessage"]
        for wrong in ({"Session": "EV"}, {"Mark": "?"}, {"Notes": "n" * 501}, {"MarkType": "L"}):
            assert write(caller, {**good, **wrong})["ExceptionMessage"], wrong
        other_day = {**good, "Date": made_up.first_day.isoformat()}
        assert write(caller, good, other_day)["ExceptionMessage"]
        assert write(caller, good, later=True)["ExceptionMessage"], "a callback is needed"
        assert not made_up.book.changes or made_up.book.changes[-1].mark.minutes_late != 5
        assert not write(caller, {**good, "Notes": "n" * 500})["ExceptionMessage"]
        now = made_up.mark_now(pupil, last, "AM")
        assert now is not None
        assert (now.code, now.minutes_late) == ("L", 5)
        later = write(
            caller, good, later=True, Callback={"Method": "POST", "Url": "https://app.example/back"}
        )
    assert set(later) == set(answer("writeback_async_answer"))
    with served(made_up, scopes=("Student", "Attendance")) as (_, caller):
        assert write(caller, good)["ExceptionMessage"]


def test_hidden_people_are_named_and_left_out() -> None:
    pupil = school().pupils[0].pupil_id
    with served(hidden_pupils=(pupil,)) as (_, caller):
        assert caller.get("GDPRIDs").json()["GDPR"][0]["StudentIds"] == [pupil]
        assert pupil not in ids(caller.school("Students")["Students"])


def test_ids_may_bear_prefixes_in_the_members_of_groups() -> None:
    with served(prefixed_members=True) as (_, caller):
        rows = caller.school("Groups", options="includeStudentMembers")["StudentMembers"]
    assert all(re.fullmatch(r"PL-\d+", row["StudentId"]) for row in rows)
    assert all(re.fullmatch(r"G[YR]-\d+", row["GroupId"]) for row in rows)
