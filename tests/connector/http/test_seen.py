"""The names of fields that are kept of a MIS's answers: names by address, and never a value."""

from __future__ import annotations

from typing import Any

import pytest

from connector.http import FieldsSeen


def names_in(body: Any) -> list[str]:
    seen = FieldsSeen()
    seen.note("/students", body)
    return seen.tables()["/students"]


def test_names_of_all_rows_come_once_with_those_of_objects_and_lists_within() -> None:
    rows = [
        {"id": 1, "person": {"upn": "A1", "names": [{"legal": "x"}]}, "tags": ["a", "b"]},
        {"id": 2, "person": None, "left": None, "@odata.etag": 'W/"1"'},
    ]
    assert names_in({"value": rows, "@odata.count": 2}) == [
        "value[].id",
        "value[].person.upn",
        "value[].person.names[].legal",
        "value[].tags",
        "value[].person",
        "value[].left",
        "value[].@odata.etag",
        "@odata.count",
    ]


@pytest.mark.parametrize(
    "key",
    [
        "17",
        "2025-09-03",
        "A999100100001",
        "smith@hill.example",
        "O'Brien",
        "Ann\nMarie",
        "",
        "x" * 65,
        "Séamus",
    ],
)
def test_an_object_whose_keys_are_data_shows_none_of_them(key: str) -> None:
    assert names_in({"marks": {key: {"code": "/"}, "fine": {"code": "L"}}}) == ["marks.*.code"]


@pytest.mark.parametrize(("fields", "shown"), [(150, 150), (151, 1)])
def test_an_object_with_too_many_keys_is_a_table_of_data(fields: int, shown: int) -> None:
    letters = "abcdefghijklmnopqrstuvwxyz"
    names = [f"{one}{two}" for one in letters for two in letters][:fields]
    assert len(names_in(dict.fromkeys(names, 1))) == shown


@pytest.mark.parametrize("body", [None, 7, "Jane Doe", [], {}, ["Jane Doe"]])
def test_an_answer_without_fields_shows_none(body: Any) -> None:
    assert "Jane" not in str(names_in(body))


def test_what_is_nested_without_end_comes_to_an_end() -> None:
    body: Any = 1
    for _ in range(50):
        body = {"a": body}
    assert len(names_in(body)) == 1


@pytest.mark.parametrize(
    ("path", "table"),
    [
        ("/v1.0/schools/A9990010010/students", "/v1.0/schools/*/students"),
        ("/rest-v2/students/17", "/rest-v2/students/*"),
        ("/rest-v2/attendance-marks/PRESENT", "/rest-v2/attendance-marks/*"),
        ("/api/v1/School/9991001/Students", "/api/v1/School/*/Students"),
        ("/x/6f1c2a34-5b6d-4e7f-8a90-1b2c3d4e5f60", "/x/*"),
        ("/marks/2025-09-03", "/marks/*"),
        ("/dex/Core/odata/V3/Learners", "/dex/Core/odata/V3/Learners"),
    ],
)
def test_ids_and_days_in_an_address_are_masked(path: str, table: str) -> None:
    seen = FieldsSeen()
    seen.note(path, {"id": 1})
    assert seen.tables() == {table: ["id"]}
