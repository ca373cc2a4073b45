"""`evaluate` on folders made by hand: exactly the JSON that scripts rely on, and clear words for bad input."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

CALENDAR = """kind,name,start,end,half
year,2025/26,2025-09-01,2026-07-22,
term,Autumn,2025-09-01,2025-12-19,
half_term,Autumn 1,2025-09-01,2025-10-24,
half_term,Autumn 2,2025-11-03,2025-12-19,
inset,Training day,2025-09-01,2025-09-01,
"""


@pytest.fixture
def two_pupils(tmp_path: Path) -> Path:
    """Pupil 17 misses the first three days ill, then is late three times; pupil 2 is always there."""
    folder = tmp_path / "register"
    folder.mkdir()
    (folder / "calendar.csv").write_text(CALENDAR, encoding="utf-8")
    rows = ["pupil_id,date,session,code"]
    days = ["2025-09-02", "2025-09-03", "2025-09-04", "2025-09-05", "2025-09-08", "2025-09-09"]
    for number, day in enumerate(days):
        rows += [f"2,{day},AM,/", f"2,{day},PM,\\"]
        morning, afternoon = ("I", "I") if number < 3 else ("L", "\\")
        rows += [f"17,{day},AM,{morning}", f"17,{day},PM,{afternoon}"]
    (folder / "marks.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return folder


def test_the_json_is_exactly_as_promised(call, two_pupils: Path) -> None:
    ended = call("evaluate", "--register", two_pupils, "--policy", "hcat", "--json")
    assert ended.code == 0
    document = json.loads(ended.out)
    sessions = [[f"2025-09-0{day}", half, "I"] for day in (2, 3, 4) for half in ("AM", "PM")]
    assert list(document) == ["policy", "as_of", "code_set", "school", "pupils", "events"]
    assert document["policy"] == "hcat"
    assert document["as_of"] == "2025-09-09"
    assert document["code_set"] == "england-2024"
    assert document["school"] == {
        "possible": 24,
        "attended": 18,
        "authorised": 6,
        "unauthorised": 0,
        "late": 3,
        "missing": 0,
        "unrecognised": 0,
        "attendance_percent": "75.0",
        "persistent": 1,
        "severe": 1,
    }
    assert [pupil["pupil_id"] for pupil in document["pupils"]] == ["17", "2"]
    assert document["pupils"][0] == {
        "pupil_id": "17",
        "possible": 12,
        "attended": 6,
        "authorised": 6,
        "unauthorised": 0,
        "late": 3,
        "missing": 0,
        "unrecognised": 0,
        "attendance_percent": "50.0",
        "band": "Persistent absence",
        "colour": "red",
        "by_code": {"I": 6, "L": 3, "\\": 3},
    }
    by_rule = {event["rule"]: event for event in document["events"]}
    assert by_rule["three-days-missed"] == {
        "pupil_id": "17",
        "rule": "three-days-missed",
        "date": "2025-09-04",
        "clause": "Appendix, Letter 1",
        "figures": by_rule["three-days-missed"]["figures"],
        "sessions": sessions,
        "outcomes": ["letter:three-days-missed", "document:registration-certificate", "note"],
        "policy": "hcat",
        "window": ["2025-09-02", "2025-09-04"],
    }
    assert by_rule["late-letter"]["date"] == "2025-09-09"
    assert [mark[2] for mark in by_rule["late-letter"]["sessions"]] == ["L", "L", "L"]


def test_keys_stand_in_the_promised_order(call, two_pupils: Path) -> None:
    document = json.loads(call("evaluate", "--register", two_pupils, "--policy", "hcat", "--json").out)
    assert list(document["school"])[:7] == list(document["pupils"][0])[1:8]
    assert list(document["school"])[7:] == ["attendance_percent", "persistent", "severe"]
    keys = ["pupil_id", "rule", "date", "clause", "figures", "sessions", "outcomes", "policy", "window"]
    assert all(list(event) == keys for event in document["events"] if "pupil_id" in event)


def test_a_class_event_names_its_group_in_place_of_a_pupil(call, register_folder: Path) -> None:
    document = json.loads(call("evaluate", "--register", register_folder, "--policy", "hcat", "--json").out)
    of_classes = [event for event in document["events"] if event["rule"] == "class-of-the-week"]
    assert of_classes
    assert all("group" in event and "pupil_id" not in event for event in of_classes)


def test_without_a_possible_session_there_is_no_percentage_band_or_colour(call, two_pupils: Path) -> None:
    with (two_pupils / "marks.csv").open("a", encoding="utf-8") as file:
        file.write("3,2025-09-02,AM,X\n")
    document = json.loads(call("evaluate", "--register", two_pupils, "--policy", "hcat", "--json").out)
    third = next(pupil for pupil in document["pupils"] if pupil["pupil_id"] == "3")
    assert (third["attendance_percent"], third["band"], third["colour"]) == (None, None, None)


def test_the_day_can_be_named(call, two_pupils: Path) -> None:
    ended = call("evaluate", "--register", two_pupils, "--policy", "hcat", "--as-of", "2025-09-03", "--json")
    document = json.loads(ended.out)
    assert document["as_of"] == "2025-09-03"
    assert document["school"]["possible"] == 8


def test_a_table_is_printed_for_people(call, two_pupils: Path) -> None:
    ended = call("evaluate", "--register", two_pupils, "--policy", "hcat")
    assert ended.code == 0
    assert "75.0% of 24 possible sessions" in ended.out
    assert "three-days-missed" in ended.out


BAD_ROWS = {
    "17,2025-13-01,AM,/": "marks.csv row 26, column date",
    "17,2025-09-10,MD,/": "marks.csv row 26, column session",
    "17,2025-09-02,AM,I": "marks.csv row 26",
}


@pytest.mark.parametrize("row", BAD_ROWS)
def test_bad_input_is_one_clear_line_with_file_row_and_column(call, two_pupils: Path, row: str) -> None:
    with (two_pupils / "marks.csv").open("a", encoding="utf-8") as file:
        file.write(row + "\n")
    ended = call("evaluate", "--register", two_pupils, "--policy", "hcat", "--json")
    assert ended.code == 2
    assert ended.out == ""
    assert len(ended.faults) == 1
    assert BAD_ROWS[row] in ended.err


def test_bytes_that_are_not_utf_8_are_told_with_their_file(call, two_pupils: Path) -> None:
    with (two_pupils / "marks.csv").open("ab") as file:
        file.write(b"17,2025-09-10,AM,\xe9\n")
    ended = call("evaluate", "--register", two_pupils, "--policy", "hcat")
    assert ended.code == 2
    assert "marks.csv" in ended.err
    assert "UTF-8" in ended.err


def test_a_policy_that_is_none_is_told_with_those_there_are(call, two_pupils: Path) -> None:
    ended = call("evaluate", "--register", two_pupils, "--policy", "hcta")
    assert ended.code == 2
    assert "hcat" in ended.err
    assert "Traceback" not in ended.err


def test_marks_that_are_no_code_are_named_on_standard_error(call, two_pupils: Path) -> None:
    with (two_pupils / "marks.csv").open("a", encoding="utf-8") as file:
        file.write("2,2025-09-10,AM,Present\n2,2025-09-10,PM,Present\n")
    ended = call("evaluate", "--register", two_pupils, "--policy", "england-2024", "--json")
    assert ended.code == 0
    assert "unrecognised codes: `Present` (2 marks, first: pupil 2, 10 September 2025 AM)" in ended.err
    assert json.loads(ended.out)["school"]["unrecognised"] == 2


def test_a_term_before_its_year_row_and_a_term_without_half_terms_are_named(call, two_pupils: Path) -> None:
    calendar = two_pupils / "calendar.csv"
    calendar.write_text(CALENDAR + "term,Spring,2026-01-05,2026-03-27,\n", encoding="utf-8")
    ended = call("evaluate", "--register", two_pupils, "--policy", "hcat", "--json")
    assert ended.code == 0
    assert "term 'Spring' (2026-01-05 to 2026-03-27) holds no half term" in ended.err
    calendar.write_text(CALENDAR.replace("Autumn,2025-09-01", "Autumn,2025-08-27"), encoding="utf-8")
    ended = call("evaluate", "--register", two_pupils, "--policy", "hcat", "--json")
    assert ended.code == 2
    assert "year '2025/26' (2025-09-01 to 2026-07-22) does not cover term 'Autumn' (2025-08-27" in ended.err


def _now_folder(folder: Path, *, ahead: int) -> list[date]:
    """Three pupils marked up to today, in a half term that ends in two weeks, and leave entered for its last day."""
    today = datetime.now(UTC).astimezone().date()
    first, last = today - timedelta(days=30), today + timedelta(days=ahead)
    while last.weekday() > 4:
        last += timedelta(days=1)
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    days = [day for day in days if day.weekday() < 5]
    rows = ["pupil_id,date,session,code"]
    rows += [f"{p},{day},{half},/" for p in "123" for day in days if day <= today for half in ("AM", "PM")]
    rows += [f"{p},{last},{half},T" for p in "12" for half in ("AM", "PM")]
    folder.mkdir()
    (folder / "marks.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    spans = [f"{kind},Now,{first},{last}" for kind in ("term", "half_term")]
    (folder / "calendar.csv").write_text("\n".join(["kind,name,start,end", *spans]) + "\n", encoding="utf-8")
    return [day for day in days if day <= today]


def test_leave_entered_ahead_is_no_sign_that_the_days_before_it_have_been(call, tmp_path: Path) -> None:
    been = _now_folder(tmp_path / "register", ahead=14)
    ended = call("evaluate", "--register", tmp_path / "register", "--policy", "hcat", "--json")
    document = json.loads(ended.out)
    assert document["as_of"] == been[-1].isoformat()
    assert document["school"]["missing"] == 0
    ends = ("colour-letter", "perfect-term", "perfect-year")
    assert not [event for event in document["events"] if event["rule"] in ends]


def test_an_afternoon_that_has_not_been_is_not_missing(call, tmp_path: Path) -> None:
    folder = tmp_path / "register"
    been = _now_folder(folder, ahead=7)
    today = datetime.now(UTC).astimezone().date()
    rows = (folder / "marks.csv").read_text(encoding="utf-8").splitlines()
    kept = [row for row in rows if f"{today},PM" not in row]
    (folder / "marks.csv").write_text("\n".join(kept) + "\n", encoding="utf-8")
    ended = call("evaluate", "--register", folder, "--policy", "hcat", "--json", "--as-of", today)
    school = json.loads(ended.out)["school"]
    afternoons = 3 if been[-1] == today else 0
    assert (school["missing"], school["possible"]) == (0, 6 * len(been) - afternoons)


def test_a_day_to_come_that_is_named_is_judged_as_it_stands(call, tmp_path: Path) -> None:
    been = _now_folder(tmp_path / "register", ahead=14)
    later = max(been) + timedelta(days=7)
    ended = call(
        "evaluate", "--register", tmp_path / "register", "--policy", "hcat", "--json", "--as-of", later
    )
    document = json.loads(ended.out)
    assert document["as_of"] == later.isoformat()
    assert document["school"]["missing"] > 0
