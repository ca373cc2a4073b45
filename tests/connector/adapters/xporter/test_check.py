"""`check` reads as a pull reads, and names everything that is not there in one go."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from connector.adapters.base import Adapter
from connector.adapters.xporter import fields
from connector.adapters.xporter.printed_manual import printed_fields
from connector.errors import AdapterError, Finding
from connector.mock.server import MockServer
from connector.mock.xporter.habits import SCOPES
from connector.testing.pulled import Pulled
from connector.testing.schools import small_school
from tests.connector.adapters.xporter.sample_server import FOLDER, opened, over_samples, sample

SERVED_AS = {
    "AttendCodes": "AttendCodes",
    "FormerGroups": "Students",
    "MarksString": "Students",
    "AttendanceForDateRange": "AttendMarks",
    "AttendanceForDate": "AttendMarks",
}
"""Our table -> the table of the mock's manual, where they are not called the same."""
WITHHELD = [(table, one) for table in fields.TABLES for one in fields.fields(table).values() if one.names]
ONLY_SOMETIMES = {"FormerGroups", "Group", "MarksString", "StudentEnrolmentHistory"}
"""Read for leavers alone, or by a setting: `check` says nothing of them otherwise."""

OF_SEVERAL = {"phone_home", "phone_work", "phone_mobile"}
"""Fields of one fact, which is given as long as one of them is there."""


def findings_of(mock: dict[str, Any], **settings: Any) -> list[Finding]:
    with MockServer("xporter", small_school(), options=mock) as server, opened(server, **settings) as adapter:
        return adapter.check()


def what_stops(adapter: Adapter, until: date) -> str:
    """Return the error that stops a pull; empty when it ends."""
    try:
        Pulled().pull(adapter, until)
    except AdapterError as error:
        return str(error)
    return ""


def errors(findings: list[Finding]) -> list[Finding]:
    return [finding for finding in findings if finding.severity == "error"]


def about(findings: list[Finding], *words: str) -> list[Finding]:
    """Return the findings that hold every one of the words, in what they say or advise."""
    return [f for f in findings if all(word in f"{f.where} {f.message} {f.fix}" for word in words)]


def test_of_the_documented_rows_check_names_what_is_absent_and_what_to_supply() -> None:
    with over_samples() as (adapter, _):
        findings = adapter.check()
    assert errors(findings) == []
    facts = {finding.fact for finding in findings if finding.fact}
    assert facts == {
        *("court_order", "correspondence", "salutation", "language", "deceased", "refuge"),
        *("social_worker", "child_protection", "part_time", "pupil_deceased"),
    }
    (orders,) = [finding for finding in findings if finding.fact == "court_order"]
    assert "contacts.csv" in orders.fix
    assert "no letter goes" in orders.message


@pytest.mark.parametrize(
    ("table", "one"), WITHHELD, ids=[f"{table}.{one.names[0]}" for table, one in WITHHELD]
)
def test_each_field_withheld_is_named_or_the_pull_ends(table: str, one: Any) -> None:
    """Never "nothing is wrong" and then a pull that stops."""
    school = small_school()
    hidden = tuple(
        f"{SERVED_AS.get(table, table)}.{name}" for name in (*one.names, "FsmEligible", "DateOfBirth")
    )
    if one.ours not in ("fsm", "date_of_birth"):
        hidden = hidden[: len(one.names)]
    settings: dict[str, Any] = {
        "enrolment_history": table == "StudentEnrolmentHistory",
        "marks": "string" if table == "MarksString" else "rows",
    }
    with (
        MockServer("xporter", school, options={"hidden": hidden}) as server,
        opened(server, **settings) as adapter,
    ):
        named = about(adapter.check(), one.names[0])
        stopped = what_stops(adapter, school.last_day)
    if stopped:
        assert one.names[0] in stopped
        assert errors(named), "check finds the error that stops the pull"
        assert any(one.scope in finding.fix for finding in errors(named))
    else:
        assert one.need == "optional" or table in ONLY_SOMETIMES
        assert named or table in ONLY_SOMETIMES or one.ours in OF_SEVERAL
        assert not errors(named)


def test_everything_withheld_is_named_in_one_go() -> None:
    hidden = (
        "Students.Surname",
        "StudentContact.ParResp",
        "AttendCodes.MeaningDescription",
        "AttendMarks.Session",
    )
    findings = errors(findings_of({"hidden": hidden}))
    for name in hidden:
        assert about(findings, name.partition(".")[2]), name
    assert len(findings) == len(hidden) + 1, "the session is missed on the range and on the single day"


@pytest.mark.parametrize("scope", [scope for scope in SCOPES if scope != "WritebackAttendance"])
def test_a_scope_that_is_not_granted_is_named_with_what_it_would_give(scope: str) -> None:
    findings = findings_of({"scopes": tuple(one for one in SCOPES if one != scope)})
    if scope in (
        "StudentEthnicity",
        "StudentReligion",
        "StudentExclusions",
        "StudentFreeText",
        "EndpointInfo",
    ):
        assert errors(findings) == [], "nothing that is read hangs on it alone"
    else:
        assert about(findings, scope)
    if scope in ("Student", "Attendance", "Contact"):
        assert errors(findings)


def test_contacts_that_are_not_granted_need_not_be_read() -> None:
    mock = {"scopes": tuple(one for one in SCOPES if one not in ("Contact", "Address"))}
    assert errors(findings_of(mock))
    assert errors(findings_of(mock, contacts=False)) == []
    school = small_school()
    with MockServer("xporter", school, options=mock) as server, opened(server, contacts=False) as adapter:
        assert not adapter.capabilities.contacts
        pulled = Pulled().pull(adapter, school.last_day)
    assert {pupil.contacts for pupil in pulled.pupils.values()} == {()}


def test_people_whom_the_school_hides_are_told() -> None:
    pupil = small_school().pupils[0].pupil_id
    (finding,) = about(findings_of({"hidden_pupils": (pupil,)}), "GDPRIDs")
    assert "hides 1 pupil(s) and 0 contact(s)" in finding.message
    assert not about(findings_of({}), "GDPRIDs")


@pytest.mark.parametrize("ids", [["PL-5101", "PL-5102"], "PL-5101,PL-5102"])
def test_hidden_ids_may_come_as_a_list_or_as_one_text(ids: object) -> None:
    hidden = sample("gdpr_ids")
    hidden["GDPR"][0]["StudentIds"] = ids
    with over_samples() as (adapter, samples):
        samples.changes["gdprids"] = hidden
        (finding,) = about(adapter.check(), "GDPRIDs")
    assert "hides 2 pupil(s)" in finding.message


def test_marks_are_looked_at_on_the_last_day_that_has_any() -> None:
    with over_samples() as (adapter, samples):
        adapter.check()
        days = [args["date"] for endpoint, args in samples.asked if endpoint == "AttendanceForDate"]
    assert days == ["2025-09-11"]


def test_no_marks_at_all_is_told_and_no_error() -> None:
    with over_samples() as (adapter, samples):
        samples.changes["attendancefordaterange"] = {"Attendance": [], "meta": []}
        findings = adapter.check()
    assert errors(findings) == []
    assert about(findings, "there are no marks")


def test_a_wrong_password_ends_the_check() -> None:
    with (
        MockServer("xporter", small_school()) as server,
        opened(server, relying_party="someone-else") as adapter,
    ):
        (finding,) = adapter.check()
    assert finding.where == "Xporter sign-in"


def test_the_manual_that_a_school_prints_is_compared_with_our_fields() -> None:
    with over_samples() as (adapter, samples):
        manual = sample("queries")
        manual["Endpoints"][0]["Documentation"] += "CourtOrder|1|made-up wording|Attendance\n"
        samples.changes["queries"] = manual
        findings = about(adapter.check(), "Xporter manual")
    said = {finding.message for finding in findings}
    assert said == {"no longer names Description, which are read", "names fields that are new: CourtOrder"}
    assert {finding.severity for finding in findings} == {"warning"}


def test_our_fields_and_the_mocks_manual_agree() -> None:
    for names in ("recorded", "manual", "2021"):
        assert not about(findings_of({"names": names}), "Xporter manual"), names


def test_tables_of_fields_are_found_in_the_manuals_markdown() -> None:
    rows = [
        {
            "Path": "/api/v1/School/{estab}/Students/{id}",
            "Documentation": "Filter|Meaning\n---|---\nyear|x\n\nField | Example|Notes|Consent Scope\n---|--|--|--|--|\n"
            "Id|1|a note|Student\nMarks|/\\|a note\n[Return to top](#Header)\n\nMore|text\n",
        },
        {
            "Path": "/api/v1/Attendance/{estab}/",
            "Documentation": "Field|Example|Notes|Consent Scope\n--|--|--|--\nA|1|b|c",
        },
        "not a row",
    ]
    assert printed_fields(rows) == {"students": ["Id", "Marks"]}


def test_every_sample_is_an_answer_of_json() -> None:
    for path in Path(FOLDER).glob("*.json"):
        assert json.loads(path.read_text(encoding="utf-8")), path


def test_check_does_not_depend_on_the_day_of_this_computer() -> None:
    """The copy says when it was made; that day is looked at."""
    with over_samples() as (adapter, samples):
        adapter.check()
        asked = [args["DateFrom"] for endpoint, args in samples.asked if endpoint == "AttendanceForDateRange"]
    assert asked == [date(2025, 9, 8).isoformat()]


def test_what_xporter_says_of_itself_is_not_needed() -> None:
    refused = sample("error") | {"ExceptionMessage": "Made-up text: the scope is not granted"}
    with over_samples() as (adapter, samples):
        samples.changes |= dict.fromkeys(("tokendetails", "queries", "gdprids"), refused)
        findings = adapter.check()
    assert errors(findings) == []
    for name in ("TokenDetails", "Queries", "GDPRIDs"):
        (finding,) = [one for one in findings if one.where == f"Xporter {name}"]
        assert finding.severity == "warning"


def test_a_code_that_counts_otherwise_than_here_is_for_the_check_of_codes_and_no_odd_field() -> None:
    codes = sample("attendance_codes")
    codes["AttendCodes"][2]["MeaningDescription"] = "A word of another year"
    with over_samples() as (adapter, samples):
        samples.changes["attendancecodes"] = codes
        assert errors(adapter.check()) == []
        pulled = Pulled().pull(adapter, date(2025, 9, 12))
    assert pulled.codes["L"].counts_as == ""
