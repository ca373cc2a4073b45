"""`records`: entered, listed, withdrawn and taken in from a file, with what to do about each fault."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.connector.commands.test_renamed_school import LAST_DAY, write_register
from tests.connector.commands.test_sources_taken_out import configure


@pytest.fixture
def records(own_folder: Path, call):
    """Run a school once, and return the command `records` on it."""
    write_register(Path("register"), "Birch")
    configure()
    config = Path("config.toml")
    config.write_text(config.read_text().replace("[school.run]", f"[school.run]\ntrial_day = {LAST_DAY}"))
    assert call("run", "--config", "config.toml").code == 0
    return lambda *arguments: call("records", *arguments, "--config", "config.toml")


def test_a_record_is_added_listed_and_withdrawn(records) -> None:
    options = ("--pupil", "1", "--date", "2025-10-03", "--contact", "c1", "--decision", "answered")
    ended = records("add", "contact", *options)
    assert (ended.code, ended.err) == (0, "")
    assert ended.out == "record 1 entered: contact, pupil 1, 2025-10-03, contact c1, answered\n"
    assert records("add", "contact", *options).out.startswith("record 1 says the same already")

    added = json.loads(records("add", "plan", "--pupil", "2", "--review", "2025-11-07", "--json").out)
    assert (added["number"], added["date"], added["review"], added["new"]) == (
        2,
        LAST_DAY,
        "2025-11-07",
        True,
    )
    listed = json.loads(records("list", "--pupil", "1", "--json").out)
    assert [(one["number"], one["kind"], one["decision"]) for one in listed] == [(1, "contact", "answered")]
    assert listed[0]["entered_by"]
    assert listed[0]["withdrawn"] is None

    assert records("withdraw", "1", "--reason", "another pupil").code == 0
    assert "another pupil" in records("list", "--kind", "contact").out
    (gone,) = json.loads(records("list", "--kind", "contact", "--json").out)
    assert gone["withdrawn"]["why"] == "another pupil"


FAULTS = [
    (("contact", "--pupil", "1", "--decision", "answerd"), "--decision: is none of answered, no answer, message left\nWhat to do: did you mean answered?"),
    (("contacts", "--pupil", "1"), "KIND: is no kind of record\nWhat to do: did you mean contact?"),
    (("meeting", "--pupil", "9"), "--pupil: is no pupil of the school"),
    (("contact", "--pupil", "1", "--contact", "c2"), "--contact: is no contact of the pupil\nWhat to do: use one of the pupil's: c1"),
    (("notice-to-improve", "--pupil", "1", "--weeks", "7"), "--weeks: is not 3 to 6 school weeks"),
    (("plan", "--pupil", "1", "--review", "2025-10-01"), "--review: lies before date"),
    (("leave", "--pupil", "1", "--from", "2025-10-01", "--to", "2025-10-02", "--granted-from", "2025-10-01"), "--decision: grants nothing"),
    (("return-sent", "--pupil", "1"), "--note: does not say which return was sent"),
]  # fmt: skip


def test_what_cannot_be_entered_is_named_by_its_option(records) -> None:
    for arguments, message in FAULTS:
        ended = records("add", *arguments)
        assert (ended.code, ended.out) == (2, "")
        assert ended.err.startswith(message)
    assert json.loads(records("list", "--json").out) == []


def test_a_file_is_taken_in_once_and_its_faulty_rows_are_named(records) -> None:
    header = "pupil_id;kind;date;contact_id;decision;weeks"
    good = ["1;contact;2025-10-03;c1;no answer;", "2;notice-to-improve;2025-10-03;;;4"]
    Path("office.csv").write_text("\n".join([header, good[0], "9;visit;2025-10-03;;seen;", good[1], ""]))
    ended = records("import", "office.csv")
    assert (ended.code, ended.out) == (1, "office.csv: 2 records taken, 1 row could not be read\n")
    assert ended.err == (
        "office.csv row 3, column pupil_id: is no pupil of the school\n"
        "What to do: give the id by which the MIS knows the pupil\n"
    )
    again = records("import", "office.csv", "--json")
    assert (again.code, json.loads(again.out)["taken"], json.loads(again.out)["known"]) == (1, 0, 2)
    Path("office.csv").write_text("\n".join([header, *good, ""]))
    assert records("import", "office.csv").code == 0
    assert len(json.loads(records("list", "--json").out)) == 2


def test_a_file_that_is_none_is_refused(records) -> None:
    ended = records("import", "none.csv")
    assert (ended.code, ended.err.startswith("none.csv: is missing")) == (2, True)
    Path("other.csv").write_text("a,b\n1,2\n")
    ended = records("import", "other.csv")
    assert (ended.code, "column kind: the column is missing" in ended.err) == (2, True)
    assert records("list", "--kind", "metings").code == 2


def test_explain_shows_what_is_on_record(records, call) -> None:
    records(
        "add", "meeting", "--pupil", "1", "--date", "2025-10-06", "--decision", "held", "--note", "the bus"
    )
    records("add", "plan", "--pupil", "1", "--date", "2025-10-03")
    shown = call("explain", "1", "--config", "config.toml").out.splitlines()
    assert [line for line in shown if line.startswith("On record: ")] == [
        "On record: 2025-10-03 plan",
        "On record: 2025-10-06 meeting: held, the bus",
    ]
    document = json.loads(call("explain", "1", "--json", "--config", "config.toml").out)
    assert [record["kind"] for record in document["records"]] == ["plan", "meeting"]


def test_check_names_a_folder_for_records_that_is_not_there(own_folder: Path, call) -> None:
    write_register(Path("register"), "Birch")
    configure()
    config = Path("config.toml")
    config.write_text(config.read_text().replace("[school.run]", '[school.run]\nrecords_folder = "office"'))
    assert "school[0].run.records_folder: there is no such folder" in call("check", "--config", config).err


def test_before_the_first_run_there_is_no_book(own_folder: Path, call) -> None:
    write_register(Path("register"), "Birch")
    configure()
    ended = call("records", "add", "plan", "--pupil", "1", "--config", "config.toml")
    assert (ended.code, "has no state yet" in ended.err) == (2, True)
