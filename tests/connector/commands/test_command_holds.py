"""Commands over small register folders in which marks are wrong, registers stop, or the clock is."""

from __future__ import annotations

import csv
import json
import sqlite3
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

CALENDAR = [
    ("year", "2025/26", "2025-09-01", "2026-08-31"),
    ("term", "Autumn", "2025-09-02", "2025-12-19"),
    ("half_term", "Autumn 1", "2025-09-02", "2025-10-24"),
    ("half_term", "Autumn 2", "2025-11-03", "2025-12-19"),
]
FIRST, HALF_TERM_END = date(2025, 9, 2), date(2025, 10, 24)
CONTACT_COLUMNS = [
    "pupil_id",
    "contact_id",
    "title",
    "forename",
    "surname",
    "relationship",
    "priority",
    "parental_responsibility",
    "court_order",
    "correspondence",
    "address_1",
    "town",
    "postcode",
]


def write(path: Path, head: Iterable[str], rows: Iterable[Iterable[object]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(head)
        writer.writerows(rows)


def weekdays(start: date, end: date) -> list[date]:
    days = (start + timedelta(days=n) for n in range((end - start).days + 1))
    return [day for day in days if day.weekday() < 5]


def write_school(
    folder: Path,
    *,
    until: date,
    start: date = FIRST,
    codes: Mapping[tuple[str, date, str], str] = {},
    pupils: str = "123",
    calendar: Iterable[Iterable[object]] = CALENDAR,
    contacts_of: str = "",
    policy: str = "thringstone",
    zone: str = "Europe/London",
    run: str = "",
) -> None:
    """Return a configuration and a register folder, with everybody present but for some codes. An empty code is no row."""
    marks = [
        (pupil, day, half, codes.get((pupil, day, half), "/" if half == "AM" else "\\"))
        for pupil in pupils
        for day in weekdays(start, until)
        for half in ("AM", "PM")
    ]
    register = folder / "register"
    write(register / "calendar.csv", ("kind", "name", "start", "end"), calendar)
    write(register / "marks.csv", ("pupil_id", "date", "session", "code"), [m for m in marks if m[3]])
    columns = ("pupil_id", "legal_forename", "legal_surname", "date_of_birth", "registration_group")
    write(register / "pupils.csv", columns, [(p, "Ada", "Ash", "2016-01-15", "4A") for p in pupils])
    rows = [
        (p, f"c{p}", "Ms", "Jo", "Ash", "Mother", 1, 1, 0, 1, "1 Mill Lane", "Anytown", "ZZ1 1ZZ")
        for p in (*pupils, *contacts_of)
    ]
    write(register / "contacts.csv", CONTACT_COLUMNS, rows)
    (folder / "config.toml").write_text(
        f"""
[service]
state = "state"
time_zone = "{zone}"
[[school]]
id = "hill"
name = "Hill Primary School"
policy = "{policy}"
[school.mis]
adapter = "folder"
register_folder = "register"
letters_folder = "letters-out"
[school.letters]
telephone = "01632 960000"
head_name = "Ms A. Head"
[school.run]
first_run_school_days = 250
{run}
""",
        encoding="utf-8",
    )


def letters(folder: Path) -> list[str]:
    """Return the pupils who have a letter or certificate, with its title."""
    found = (folder / "letters-out").glob("pupils/*/*.docx")
    return sorted(f"{path.parent.name}: {path.name.split(' – ')[1]}" for path in found)


def spelt(code: str) -> dict[tuple[str, date, str], str]:
    """Ten days of pupil 1 under one code."""
    days = weekdays(date(2025, 9, 8), date(2025, 9, 19))
    return {("1", day, half): code for day in days for half in ("AM", "PM")}


@pytest.mark.parametrize("code", ["i", "Illness", "&#73;", "C9"])
def test_a_certificate_over_marks_that_are_no_codes_is_held_and_the_code_named(
    call, own_folder: Path, code: str
) -> None:
    write_school(own_folder, until=HALF_TERM_END, codes=spelt(code))
    ended = call("run", "--as-of", HALF_TERM_END, "--json")
    document = json.loads(ended.out)
    states = {event["pupil_id"]: event["state"] for event in document["events"]}
    assert (ended.code, states) == (3, {"1": "held", "2": "verified", "3": "verified"})
    assert letters(own_folder) == [f"{p}: Certificate for full attendance" for p in "23"]
    named = f"`{code}` (20 marks"
    assert any(named in warning for warning in document["warnings"])
    status = json.loads(call("status", "--json").out)["schools"][0]
    assert any(named in warning for warning in status["warnings"])
    assert named in call("status").out.replace("\n", " ")
    assert [event["hold"] for event in status["for_a_person"]] == ["unrecognised"]
    listed = json.loads(call("events", "list", "--state", "held", "--json").out)
    assert [code in event["reason"] for event in listed] == [True]


def test_check_says_what_looks_wrong_in_the_marks(call, own_folder: Path) -> None:
    write_school(own_folder, until=HALF_TERM_END, codes=spelt("i"))
    findings = json.loads(call("check", "--json").out)["findings"]
    (named,) = [finding for finding in findings if "unrecognised codes: `i` (20 marks" in finding["message"]]
    assert named["severity"] == "warning"
    assert named["fix"]


def test_a_run_beyond_marks_and_calendar_ends_with_3_and_says_so(call, own_folder: Path) -> None:
    write_school(own_folder, until=date(2025, 10, 10), run="most_days_after_marks = 60")
    assert call("run", "--as-of", "2025-10-10").code == 0
    before = letters(own_folder)
    ended = call("run", "--as-of", "2036-10-10")
    assert ended.code == 3
    assert "beyond the last mark of 10 October 2025" in ended.out
    assert "beyond the calendar, whose last school day is 19 December 2025" in ended.out
    assert letters(own_folder) == before
    assert call("status").code == 1
    assert call("run", "--as-of", "2025-12-09").code == 3, (
        "60 days after the last mark: judged, and registers missing"
    )
    assert "judged nothing" not in call("status").out
    assert "61 days beyond" in call("run", "--as-of", "2025-12-10").out


def test_contacts_of_pupils_who_are_not_listed_stop_no_run(call, own_folder: Path) -> None:
    late = {("1", date(2025, 10, day), "AM"): "L" for day in (6, 7, 8)}
    write_school(own_folder, until=date(2025, 10, 10), codes=late, contacts_of="78")
    ended = call("run", "--as-of", "2025-10-10")
    assert ended.code == 0, ended.err
    assert "2 contacts of 2 pupils who are not in pupils.csv passed over" in ended.out
    assert letters(own_folder) == ["1: Late arrivals"]


def place_where_it_is(hour: int) -> tuple[str, date]:
    """Return a time zone in which it is that hour now, and the day there."""
    for hours in range(-12, 15):
        zone = f"Etc/GMT{-hours:+d}" if hours else "Etc/GMT"
        now = datetime.now(ZoneInfo(zone))
        if now.hour == hour:
            return zone, now.date()
    raise AssertionError(f"it is {hour} nowhere")


@pytest.mark.parametrize(("closes", "code"), [("23:59", 0), ("12:00", 3)])
def test_this_afternoon_has_not_been_and_is_not_missing(
    call, own_folder: Path, closes: str, code: int
) -> None:
    """At noon the morning is marked. The afternoon is missing where its register is closed, and only there."""
    zone, today = place_where_it_is(12)
    year = [
        (kind, "Now", today - timedelta(days=50), today + timedelta(days=20))
        for kind in ("year", "term", "half_term")
    ]
    # a weekend day is opened, so that today is a school day whenever the test is run
    calendar = [*year, ("open", "Today", today, today)]
    past = weekdays(today - timedelta(days=50), today - timedelta(days=1))[-4:]
    codes = {("1", day, half): "N" for day in past for half in ("AM", "PM")}
    codes |= {(pupil, today, "PM"): "" for pupil in "123"}
    write_school(
        own_folder,
        start=today - timedelta(days=50),
        until=today,
        codes=codes,
        calendar=calendar,
        policy="hcat",
        zone=zone,
        run=f'am_closes = "09:30"\npm_closes = "{closes}"',
    )
    with (own_folder / "register" / "marks.csv").open("a", encoding="utf-8") as file:
        if today.weekday() > 4:
            file.writelines(f"{pupil},{today},AM,/\n" for pupil in "123")
    ended = call("run", "--as-of", today, "--json")
    document = json.loads(ended.out)
    assert ended.code == code, document["warnings"]
    assert bool(document["missing_registers"]) == bool(code)
    visits = list((own_folder / "letters-out" / "pupils" / "1").glob("*home visit*"))
    assert bool(visits) == (code == 0)


def test_a_clock_that_was_ahead_is_unhealthy_and_stops_no_run(call, own_folder: Path) -> None:
    write_school(own_folder, until=date(2025, 9, 19))
    assert call("run", "--as-of", "2025-09-19").code == 0
    assert call("status").code == 0, "a day of the past, but the run was made now"
    with sqlite3.connect(own_folder / "state" / "hill.db") as connection:
        began = datetime.now(UTC) + timedelta(days=210)
        connection.execute("UPDATE runs SET started_at = ?1, finished_at = ?1", (began.isoformat(),))
    ended = call("status", "--json")
    document = json.loads(ended.out)
    assert (ended.code, document["healthy"]) == (1, False)
    assert "still to come" in document["schools"][0]["unhealthy"][0]
    assert call("run", "--as-of", "2025-09-19").code == 0
    assert call("status").code == 0


def test_closing_times_in_the_wrong_order_are_a_fault_of_the_configuration(call, own_folder: Path) -> None:
    write_school(own_folder, until=date(2025, 9, 19), run='am_closes = "15:00"')
    ended = call("run", "--as-of", "2025-09-19")
    assert ended.code == 2
    assert "am_closes (15:00) must be earlier than pm_closes (14:30)" in ended.err
