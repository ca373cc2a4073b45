"""Each field and set of fields.toml withheld in turn: check names it, or it is optional and a pull ends. Never neither."""

from __future__ import annotations

from typing import Any

import pytest

from connector.adapters.base import PullEnd
from connector.adapters.field_names import Field, field_file
from connector.adapters.sims import KIND
from connector.adapters.sims.fields import fields, set_path
from connector.errors import ConnectorError, Finding
from connector.mock.school import MadeUpSchool, make_school
from connector.testing.pulled import Pulled
from tests.connector.adapters.check_then_pull import check_then_pull, errors_in

INSIDE = {"address": "Address", "qualifier": "Qualifier"}
NOT_MISSED = {
    # a reference that is absent cannot be told from one that is fine; the state counts only where there are no dates
    "contacts.learner", "learners.on_roll_state",
    # the other of the two says the same
    "personals.part_time_from", "personals.part_time_to", "contacts.external_id",
    "personals.on_roll_from", "personals.on_roll_to",
}  # fmt: skip
TABLES = [table for table in field_file("connector.adapters.sims") if table not in ("sets", "words")]
EVERY = [
    pytest.param(table, field, id=f"{table}.{field.ours}")
    for table in TABLES
    for field in fields(table).values()
    if field.names
]

NAMED_IN_QUERIES = [param for param in EVERY if param.values[0] not in INSIDE]
"""Nothing inside a field is named in a query."""


@pytest.fixture(scope="module")
def school() -> MadeUpSchool:
    return make_school(pupils=8, weeks=2, seed=8)


def in_the_mock(table: str, field: Field) -> str:
    return f"{INSIDE.get(table) or set_path(table)[1]}.{field.names[0]}"


def tried(
    school: MadeUpSchool, options: dict[str, Any], **settings: Any
) -> tuple[list[Finding], Pulled | ConnectorError]:
    return check_then_pull(KIND, school, {"calls_per_second": None, **options}, **settings)


@pytest.mark.parametrize(("table", "field"), EVERY)
def test_a_field_that_is_left_out_for_lack_of_rights(school: MadeUpSchool, table: str, field: Field) -> None:
    findings, end = tried(school, {"withheld": [in_the_mock(table, field)]})
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
    if f"{table}.{field.ours}" not in NOT_MISSED:
        assert any(field.called in finding.message for finding in findings)


@pytest.mark.parametrize(
    "field",
    [param.values[1] for param in EVERY if param.values[0] == "records"],
    ids=lambda field: field.ours,
)
def test_a_field_of_a_mark_where_marks_are_read_page_by_page(school: MadeUpSchool, field: Field) -> None:
    findings, end = tried(school, {"withheld": [in_the_mock("records", field)]}, marks_by="record")
    assert bool(errors_in(findings)) == isinstance(end, ConnectorError) == (field.need == "required")


@pytest.mark.parametrize(("table", "field"), NAMED_IN_QUERIES)
def test_a_field_that_this_sims_does_not_have_at_all(school: MadeUpSchool, table: str, field: Field) -> None:
    """Such a field is in no query either: a query that names it is refused."""
    findings, end = tried(school, {"absent": [in_the_mock(table, field)]})
    assert bool(errors_in(findings)) == isinstance(end, ConnectorError), end
    assert isinstance(end, ConnectorError) == (field.need == "required")


@pytest.mark.parametrize("part", ["Description", "Type"])
def test_a_part_of_a_reference_that_is_left_out(school: MadeUpSchool, part: str) -> None:
    findings, end = tried(school, {"withheld": [f"Reference.{part}"]})
    assert errors_in(findings) == []
    assert isinstance(end, Pulled), end
    assert len(end.marks) > 100
    told = any("has no Description" in finding.message for finding in findings)
    assert told == (part == "Description")


@pytest.mark.parametrize("area", sorted(fields("sets")))
def test_a_set_that_is_not_there(school: MadeUpSchool, area: str) -> None:
    field = fields("sets")[area]
    name = set_path(area)[1]
    findings, end = tried(school, {"absent": [name]})
    errors = errors_in(findings)
    assert bool(errors) == isinstance(end, ConnectorError), end
    assert bool(errors) == (field.need == "required")
    assert any(name in f"{finding.where} {finding.message}" for finding in findings)


@pytest.mark.parametrize(
    ("setting", "absent"),
    [
        ("calendar", "CalendarPeriods"),
        ("contacts", "LearnerContacts"),
        ("amendments", "StatutoryAttendanceRecordHistorys"),
    ],
)
def test_a_set_that_is_switched_off_is_not_missed(school: MadeUpSchool, setting: str, absent: str) -> None:
    findings, end = tried(school, {"absent": [absent]}, **{setting: False})
    assert errors_in(findings) == []
    assert isinstance(end, Pulled)


def test_check_names_all_that_is_missing_in_one_go(school: MadeUpSchool) -> None:
    withheld = [
        "LearnerPersonals.PreferredSurname", "LearnerPersonals.DateOfBirth", "Schools.URN",
        "CalendarPeriods.StartDate", "AttendanceRecords.Attendee", "LearnerContacts.HasCourtOrder",
    ]  # fmt: skip
    findings, end = tried(school, {"withheld": withheld})
    assert isinstance(end, ConnectorError)
    errors = " ".join(finding.message for finding in errors_in(findings))
    warnings = " ".join(f.message for f in findings if f.severity == "warning")
    assert all(name in errors for name in ("PreferredSurname", "StartDate", "Attendee"))
    assert all(name in warnings for name in ("DateOfBirth", "URN", "HasCourtOrder"))


def test_what_no_page_of_the_vendor_knows_is_told_with_what_to_supply(school: MadeUpSchool) -> None:
    findings, _ = tried(school, {})
    told = {finding.fact: finding for finding in findings}
    assert {"telephones", "deceased", "refuge", "pupil_deceased"} <= set(told)
    assert {finding.severity for finding in findings} == {"warning"}
    assert all(finding.fix for finding in findings)


def test_who_is_not_on_roll_and_has_no_dates_is_left_out_and_told() -> None:
    school = make_school(pupils=30, weeks=4, seed=3)
    withheld = ["LearnerPersonals.DateOfAdmission", "LearnerPersonals.DateOfLeaving"]
    _, end = tried(school, {"withheld": withheld})
    assert isinstance(end, Pulled)
    last = end.pages[-1]
    assert isinstance(last, PullEnd)
    off = {p.pupil_id for p in school.pupils_known(school.last_day) if not p.on_roll(school.last_day)}
    assert off
    assert not off & set(end.pupils)
    assert any("no dates on roll" in warning for warning in last.warnings)


def test_a_contact_link_left_on_an_applicant_record_is_not_written_to(school: MadeUpSchool) -> None:
    findings, end = tried(school, {"stale_links": 1})
    assert errors_in(findings) == []
    assert isinstance(end, Pulled)
    _, usual = tried(school, {})
    assert isinstance(usual, Pulled)
    assert end.pupils == usual.pupils
    last = end.pages[-1]
    assert isinstance(last, PullEnd)
    assert any("hang on another record of a pupil" in warning for warning in last.warnings)


def test_flags_that_are_not_there_bar_a_contact_until_somebody_says(school: MadeUpSchool) -> None:
    withheld = ["LearnerContacts.HasCourtOrder", "LearnerContacts.ReceivesCorrespondence"]
    _, end = tried(school, {"withheld": withheld})
    assert isinstance(end, Pulled)
    contacts = [contact for pupil in end.pupils.values() for contact in pupil.contacts]
    assert {(contact.court_order, contact.correspondence) for contact in contacts} == {(None, None)}
