"""An adapter's fields.toml says of each field what it is called, whether it is needed, and how sure that is."""

from __future__ import annotations

import pytest

from connector.adapters.field_names import Field, field_file, fields_of, read_fields
from connector.errors import ConfigError

PACKAGES = ("connector.adapters.xporter", "connector.adapters.wonde", "connector.adapters.sims")


def faults(entry: object) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        read_fields({"upn": entry}, "slate/fields.toml: Students")
    assert {finding.where for finding in caught.value.findings} == {"slate/fields.toml: Students.upn"}
    return [finding.message for finding in caught.value.findings]


def test_a_name_alone_is_a_required_field_from_a_document() -> None:
    assert read_fields({"upn": "UPN"}, "f")["upn"] == Field("upn", ("UPN",), "required", "documented")


def test_a_table_says_more() -> None:
    entry = {"name": ["A", "B"], "need": "optional", "sure": "assumed", "scope": "UPN", "why": "seen once"}

    field = read_fields({"upn": entry}, "f")["upn"]

    assert field == Field("upn", ("A", "B"), "optional", "assumed", "UPN", "seen once")
    assert field.called == "A or B"


def test_an_absent_field_has_no_name() -> None:
    assert read_fields({"upn": {"need": "absent", "why": "w"}}, "f")["upn"] == Field(
        "upn", (), "absent", why="w"
    )


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        (3, "is neither a name nor a table"),
        ({"name": "UPN", "need": "wanted"}, "need is none of required, optional, absent"),
        ({"name": "UPN", "sure": "no"}, "sure is none of documented, assumed"),
        ({"name": "UPN", "nedd": "optional"}, "unknown key 'nedd'"),
        ({"name": ["UPN", 4]}, "name is neither a text nor a list of texts"),
        ({"name": ""}, "name is neither a text nor a list of texts"),
        ({"need": "optional"}, "has no name"),
        ({"name": [], "need": "required"}, "has no name"),
        ({"name": "UPN", "need": "absent"}, "is absent and has a name"),
        ({"name": "UPN", "scope": 1}, "scope is not a text"),
    ],
)
def test_a_wrong_entry_is_named(entry: object, message: str) -> None:
    assert faults(entry) == [message]


def test_every_wrong_entry_is_named_at_once() -> None:
    with pytest.raises(ConfigError) as caught:
        read_fields({"upn": {}, "fsm": 1, "eal": "EAL"}, "f")

    assert [finding.where for finding in caught.value.findings] == ["f.upn", "f.fsm"]


@pytest.mark.parametrize("package", PACKAGES)
def test_every_shipped_table_can_be_read(package: str) -> None:
    tables = [name for name in field_file(package) if name != "words"]

    assert tables
    assert all(fields_of(package, table) for table in tables)
    absent = [
        field for table in tables for field in fields_of(package, table).values() if field.need == "absent"
    ]
    assert all(field.why for field in absent), "a field that a MIS does not have says how that is known"
