"""Each field of fields.toml withheld in turn: check names it, or it is optional and a pull ends. Never neither."""

from __future__ import annotations

from typing import Any

import pytest

from connector.adapters.field_names import Field, field_file
from connector.adapters.wonde import KIND
from connector.adapters.wonde.fields import fields
from connector.errors import ConnectorError, Finding
from connector.mock.school import MadeUpSchool, make_school
from connector.mock.server import MockServer
from connector.testing.pulled import Pulled
from tests.connector.adapters.check_then_pull import HTTP, check_then_pull, errors_in

OBJECTS = {"school_address": "address", "attendance_session": "session"}
"""Where the mock has another name for a block."""
NOT_MISSED = {
    "student.upi", "contact.upi", "emails.email_primary", "emails.email_home", "group.name", "group.type",
    "includes.groups", "includes.registration", "phones.phone_mobile", "phones.phone_home", "phones.phone_work",
    "phones.phone", "education_details.on_roll_from", "education_details.on_roll_to",
}  # fmt: skip
"""Something else says the same, or they are read only where something else is empty: check has no need of them."""
EVERY = [
    pytest.param(table, field, id=f"{table}.{field.ours}")
    for table in field_file("connector.adapters.wonde")
    for field in fields(table).values()
    if field.names
]


@pytest.fixture(scope="module")
def school() -> MadeUpSchool:
    return make_school(pupils=12, weeks=2, seed=8)


def in_the_mock(table: str, field: Field) -> list[str]:
    """Return what the mock is to hide."""
    if table == "includes":
        parts = field.names[0].split(".")
        return [f"contact.{parts[1]}" if len(parts) > 1 else f"student.{parts[0]}"]
    return [f"{OBJECTS.get(table, table)}.{name}" for name in field.names]


def tried(school: MadeUpSchool, options: dict[str, Any]) -> tuple[list[Finding], Pulled | ConnectorError]:
    return check_then_pull(KIND, school, options)


@pytest.mark.parametrize(("table", "field"), EVERY)
def test_a_field_that_is_withheld(school: MadeUpSchool, table: str, field: Field) -> None:
    findings, end = tried(school, {"hidden": in_the_mock(table, field)})
    errors = errors_in(findings)
    if field.need == "required":
        assert isinstance(end, ConnectorError)
        assert field.called in str(end)
        assert any(field.called in finding.message for finding in errors)
        assert all(finding.fix for finding in errors)
        return
    assert errors == []
    assert isinstance(end, Pulled), end
    assert len(end.marks) > 100
    if f"{table}.{field.ours}" in NOT_MISSED:
        return
    if table == "includes":
        block = field.names[0].rpartition(".")[2]
        assert any(block in finding.where or "place" in finding.where for finding in findings)
    else:
        assert any(field.called in finding.message for finding in findings)


@pytest.mark.parametrize(("table", "field"), EVERY)
def test_a_field_that_is_there_and_always_empty(school: MadeUpSchool, table: str, field: Field) -> None:
    findings, end = tried(school, {"empty": in_the_mock(table, field)})
    errors = errors_in(findings)
    assert bool(errors) == isinstance(end, ConnectorError), (errors, end)


def test_check_names_all_that_is_withheld_in_one_go(school: MadeUpSchool) -> None:
    hidden = [
        "student.mis_id",
        "attendance_code.code",
        "session.session",
        "extended_details",
        "phones.mobile",
    ]
    findings, end = tried(school, {"hidden": hidden})
    assert isinstance(end, ConnectorError)
    errors = {f"{finding.where} {finding.message}" for finding in findings if finding.severity == "error"}
    assert {
        "Wonde: student holds no field mis_id",
        "Wonde: attendance_code holds no field code",
        "Wonde: attendance_session holds no field session",
    } <= errors
    warned = " ".join(finding.message for finding in findings if finding.severity == "warning")
    assert "free_school_meals" in warned
    assert "in_lea_care" in warned


def test_what_wonde_does_not_have_is_told_with_what_follows_and_what_to_supply(school: MadeUpSchool) -> None:
    findings, _ = tried(school, {})
    told = {finding.fact: finding for finding in findings}
    absent = {
        "social_worker",
        "child_protection",
        "young_carer",
        "part_time",
        "language",
        "deceased",
        "refuge",
    }
    assert {*absent, "pupil_deceased"} <= set(told)
    assert {finding.severity for finding in findings} == {"warning"}
    assert all(told[fact].fix for fact in absent)


@pytest.mark.parametrize(
    "resource",
    [
        "attendance-codes", "students", "students-leaver", "students-pre-admission", "attendance/session",
        "deletions", "counts",
    ],
)  # fmt: skip
def test_a_list_that_the_school_has_not_approved(school: MadeUpSchool, resource: str) -> None:
    findings, end = tried(school, {"closed": [resource]})
    errors = errors_in(findings)
    assert bool(errors) == isinstance(end, ConnectorError)
    optional = resource in ("students-pre-admission", "deletions", "counts")
    assert bool(errors) != optional
    assert any(resource in finding.where for finding in findings) or resource == "counts"


def test_a_school_with_no_marks_yet_is_told_that_they_could_not_be_tried() -> None:
    empty = make_school(pupils=4, weeks=1, seed=8)
    with MockServer("wonde", empty, today=empty.first_day.replace(month=1)) as server:
        adapter = KIND.open(KIND.settings.model_validate(server.settings), server.secrets, HTTP)
        said = [(f.where, f.severity) for f in adapter.check()]
        adapter.close()
    assert ("Wonde attendance/session", "warning") in said
