"""The mock SIMS's filters and query options, on plain rows."""

from datetime import UTC, datetime
from typing import Any

import pytest

from connector.mock.sims.filter import QueryError, bounds, compiled, parse_filter
from connector.mock.sims.query import chosen, parse_query, split
from connector.mock.sims.schema import ENTITY_SETS

LEARNERS, RECORDS = ENTITY_SETS["learners"], ENTITY_SETS["records"]
GUID = "2f9c1e34-0b6d-4e7f-8a90-1b2c3d4e5f60"
ROWS: list[dict[str, Any]] = [
    {
        "ExternalID": GUID,
        "Surname": "O'Brien",
        "OnRollState": "Current",
        "AgeMonths": 120,
        "CurrentHouse": None,
    },
    {
        "ExternalID": GUID.replace("2f", "3f"),
        "Surname": "Ng",
        "OnRollState": "Former",
        "AgeMonths": 96,
        "CurrentHouse": {"ExternalID": GUID, "Type": "House", "Description": "Red"},
    },
    {"ExternalID": GUID.replace("2f", "4f"), "Surname": "Ali", "OnRollState": "Current", "AgeMonths": None},
]


def surnames(text: str) -> list[str]:
    test = compiled(parse_filter(text, LEARNERS))
    return [str(row["Surname"]) for row in ROWS if test(row)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("OnRollState eq 'Current'", ["O'Brien", "Ali"]),
        ("OnRollState ne 'Current'", ["Ng"]),
        ("Surname eq 'O''Brien'", ["O'Brien"]),
        (f"ExternalID eq {GUID}", ["O'Brien"]),
        (f"ExternalID eq {GUID.upper()}", ["O'Brien"]),
        (f"ExternalID eq '{GUID}'", ["O'Brien"]),
        (f"ExternalID eq guid'{GUID}'", ["O'Brien"]),
        ("CurrentHouse/ExternalID ne null", ["Ng"]),
        ("CurrentHouse eq null", ["O'Brien", "Ali"]),
        (f"CurrentHouse/ExternalID eq {GUID}", ["Ng"]),
        ("AgeMonths gt 96", ["O'Brien"]),
        ("AgeMonths ge 96 and AgeMonths lt 120", ["Ng"]),
        ("96 lt AgeMonths", ["O'Brien"]),
        ("AgeMonths eq null", ["Ali"]),
        ("not (OnRollState eq 'Current') or Surname eq 'Ali'", ["Ng", "Ali"]),
        ("OnRollState eq 'Former' or OnRollState eq 'Current' and AgeMonths gt 100", ["O'Brien", "Ng"]),
        ("(OnRollState eq 'Former' or OnRollState eq 'Current') and AgeMonths gt 100", ["O'Brien"]),
        ("Surname in ('Ng','Ali')", ["Ng", "Ali"]),
        ("contains(Surname,'Brien')", ["O'Brien"]),
        ("startswith(tolower(Surname),'a')", ["Ali"]),
        ("not endswith(Surname, 'g')", ["O'Brien", "Ali"]),
    ],
)
def test_filters_choose_the_rows_they_say(text: str, expected: list[str]) -> None:
    assert surnames(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Surname eq",
        "Surname = 'Ng'",
        "(Surname eq 'Ng'",
        "Surname eq 'Ng' and",
        "Shoe eq 12",
        "CurrentHouse/Colour eq 'Red'",
        "AgeMonths eq 'ten'",
        "contains(Surname)",
        "Surname eq 'Ng' Surname eq 'Ali'",
        "Surname eq ;",
    ],
)
def test_filters_that_make_no_sense_are_refused(text: str) -> None:
    with pytest.raises(QueryError):
        parse_filter(text, LEARNERS)


def test_a_bare_date_against_a_date_and_time_is_refused() -> None:
    with pytest.raises(QueryError, match=r"Edm\.DateTimeOffset' and 'Edm\.Date'"):
        parse_filter("AttendableEventStart ge 2025-10-27", RECORDS)


@pytest.mark.parametrize(
    "literal",
    ["2025-10-27T13:00:00Z", "2025-10-27T13:00Z", "2025-10-27T14:00:00+01:00", "2025-10-27T13:00:00.000Z"],
)
def test_moments_are_compared_in_utc(literal: str) -> None:
    test = compiled(parse_filter(f"AttendableEventStart eq {literal}", RECORDS))
    assert test({"AttendableEventStart": "2025-10-27T13:00:00Z"})
    assert not test({"AttendableEventStart": "2025-10-27T14:00:00Z"})


def test_bounds_of_a_filter_are_its_tightest_days() -> None:
    start, end = datetime(2025, 9, 3, tzinfo=UTC), datetime(2025, 10, 1, tzinfo=UTC)
    name = "AttendableEventStart"
    node = parse_filter(
        f"{name} ge 2025-09-01T00:00:00Z and ({name} ge 2025-09-03T00:00:00Z and {name} lt 2025-10-01T00:00:00Z)",
        RECORDS,
    )
    assert bounds(node, name) == (start, end)
    assert bounds(parse_filter(f"not ({name} lt 2025-09-03T00:00:00Z)", RECORDS), name) == (None, None)


def test_rows_are_ordered_with_empty_values_first() -> None:
    query = parse_query({"$orderby": "AgeMonths desc,Surname"}, LEARNERS, ENTITY_SETS)
    assert [row["Surname"] for row in chosen(ROWS, query)] == ["O'Brien", "Ng", "Ali"]
    query = parse_query({"$orderby": "AgeMonths"}, LEARNERS, ENTITY_SETS)
    assert [row["Surname"] for row in chosen(ROWS, query)] == ["Ali", "Ng", "O'Brien"]


def test_expand_takes_options_of_its_own() -> None:
    text = "AttendanceRecords($filter=AttendableEventStart ge 2025-09-03T00:00:00Z;$select=ExternalID,Event;$top=3)"
    query = parse_query({"$expand": text, "$select": "ExternalID"}, LEARNERS, ENTITY_SETS)
    inner = query.expand["AttendanceRecords"]
    assert (query.select, inner.select, inner.top) == (("ExternalID",), ("ExternalID", "Event"), 3)
    assert inner.filter is not None


@pytest.mark.parametrize(
    "options",
    [{"$top": "many"}, {"$select": "Shoe"}, {"$expand": "Shoe"}, {"$orderby": "Shoe"}, {"$apply": "x"}],
)
def test_options_that_cannot_be_answered_are_refused(options: dict[str, str]) -> None:
    with pytest.raises(QueryError):
        parse_query(options, LEARNERS, ENTITY_SETS)


def test_marks_inside_brackets_and_quotes_part_nothing() -> None:
    assert split("a,b(c,d;e),'f,g'", ",") == ["a", "b(c,d;e)", "'f,g'"]
