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


def test_several_policies_are_judged_together_and_each_event_names_its_own(call, two_pupils: Path) -> None:
    for day in ("2025-09-10", "2025-09-11", "2025-09-12", "2025-09-15", "2025-09-16"):
        with (two_pupils / "marks.csv").open("a", encoding="utf-8") as marks:
            marks.write(f"17,{day},AM,O\n17,{day},PM,O\n2,{day},AM,/\n2,{day},PM,/\n")
    arguments = ("evaluate", "--register", two_pupils, "--json", "--policy")
    first = json.loads(call(*arguments, "hcat").out)
    both = json.loads(call(*arguments, "hcat", "--policy", "england-2024").out)
    law = json.loads(call(*arguments, "england-2024").out)
    assert both["policy"] == "hcat"
    assert [both[name] for name in ("school", "pupils")] == [first[name] for name in ("school", "pupils")]
    assert [e for e in both["events"] if e["policy"] == "hcat"] == first["events"]
    assert [e for e in both["events"] if e["policy"] == "england-2024"] == law["events"]
    assert {e["rule"] for e in law["events"]} >= {"penalty-threshold"}
    order = [(e["date"], e.get("pupil_id") or e["group"], e["rule"]) for e in both["events"]]
    assert order == sorted(order)


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


def test_bytes_that_are_not_utf_8_are_reported_with_their_file(call, two_pupils: Path) -> None:
    with (two_pupils / "marks.csv").open("ab") as file:
        file.write(b"17,2025-09-10,AM,\xe9\n")
    ended = call("evaluate", "--register", two_pupils, "--policy", "hcat")
    assert ended.code == 2
    assert "marks.csv" in ended.err
    assert "UTF-8" in ended.err


def test_an_unknown_policy_is_reported_with_those_there_are(call, two_pupils: Path) -> None:
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


def judged(call, folder: Path, *more: str, policy: str = "hcat") -> tuple[dict[str, dict], list[str]]:
    """Return the pupils of an evaluation by id, and what was printed on standard error."""
    ended = call("evaluate", "--register", folder, "--policy", policy, "--json", *more)
    assert ended.code == 0, ended.err
    return {row["pupil_id"]: row for row in json.loads(ended.out)["pupils"]}, ended.err.splitlines()


def test_marks_of_a_leaver_who_is_not_listed_are_passed_over_with_one_count(call, two_pupils: Path) -> None:
    (two_pupils / "pupils.csv").write_text("pupil_id\n17\n", encoding="utf-8")
    pupils, warnings = judged(call, two_pupils)

    assert list(pupils) == ["17"]
    assert pupils["17"]["possible"] == 12
    assert warnings == ["warning: marks.csv: 12 marks of 1 pupil who is not in pupils.csv passed over"]


def test_pupils_without_a_calendar_day_are_listed_without_a_figure(call, two_pupils: Path) -> None:
    rows = "17,,\n2,,\n30,2026-09-01,\n31,2020-09-01,2024-07-19\n"
    (two_pupils / "pupils.csv").write_text("pupil_id,on_roll_from,on_roll_to\n" + rows, encoding="utf-8")
    pupils, warnings = judged(call, two_pupils, policy="aspire")

    assert list(pupils) == ["17", "2", "30", "31"]
    for pupil_id in ("30", "31"):
        found = pupils[pupil_id]
        assert (found["possible"], found["attendance_percent"], found["band"]) == (0, None, None)
    assert len(warnings) == 1
    assert "2 pupils are on roll on no school day of the calendar" in warnings[0]


def test_sessions_are_those_of_all_spells(call, two_pupils: Path) -> None:
    spells = "pupil_id,from,to\n17,2025-09-02,2025-09-03\n17,2025-09-08,\n"
    (two_pupils / "enrolments.csv").write_text(spells, encoding="utf-8")
    pupils, warnings = judged(call, two_pupils)

    assert (pupils["17"]["possible"], pupils["17"]["missing"], pupils["17"]["authorised"]) == (8, 0, 4)
    assert "4 mark(s) outside the pupil's time on roll passed over" in warnings[0]


def test_ten_days_running_do_not_run_across_a_gap_in_the_roll(call, two_pupils: Path) -> None:
    days = [date(2025, 9, 8) + timedelta(days=n) for n in (0, 1, 2, 3, 4)]
    days += [date(2025, 11, 10) + timedelta(days=n) for n in (0, 1, 2, 3, 4)]
    rows = [f"5,{day},{half},O" for day in days for half in ("AM", "PM")]
    marks = "\n".join(["pupil_id,date,session,code", *rows])
    (two_pupils / "marks.csv").write_text(marks, encoding="utf-8")
    spells = "pupil_id,from,to\n5,2025-09-08,2025-09-12\n5,2025-11-10,\n"

    def rules() -> set[str]:
        ended = call("evaluate", "--register", two_pupils, "--policy", "england-2024", "--json")
        return {event["rule"] for event in json.loads(ended.out)["events"]}

    (two_pupils / "enrolments.csv").write_text(spells, encoding="utf-8")
    assert "ten-day-return" not in rules()
    closed = "holiday,Closed,2025-09-13,2025-11-09,\n"
    with (two_pupils / "calendar.csv").open("a", encoding="utf-8") as file:
        file.write(closed)
    (two_pupils / "enrolments.csv").unlink()
    assert "ten-day-return" in rules()


def test_spells_that_overlap_are_named_by_file_and_row(call, two_pupils: Path) -> None:
    spells = "pupil_id,from,to\n17,2025-09-02,2025-10-10\n17,2025-10-06,\n"
    (two_pupils / "enrolments.csv").write_text(spells, encoding="utf-8")
    ended = call("evaluate", "--register", two_pupils, "--policy", "hcat", "--json")

    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith("enrolments.csv row 3, column from: ")


def test_an_export_with_other_headers_dates_and_a_row_a_day_gives_the_same(call, two_pupils: Path) -> None:
    before, _ = judged(call, two_pupils)
    rows: dict[tuple[str, str], list[str]] = {}
    for line in (two_pupils / "marks.csv").read_text(encoding="utf-8").splitlines()[1:]:
        pupil_id, day, _, code = line.split(",")
        rows.setdefault((pupil_id, "/".join(reversed(day.split("-")))), []).append(code)
    wide = [f"'{pupil_id};{day};{am};{pm}" for (pupil_id, day), (am, pm) in rows.items()]
    (two_pupils / "marks.csv").write_text("\n".join(["sep=;", "Adno;Day;Am mark;Pm mark", *wide]), "utf-8")
    (two_pupils / "settings.toml").write_text(
        '[columns]\npupil_id = "Adno"\ndate = "Day"\nam = "AM mark"\npm = "PM mark"\ndate_format = "%d/%m/%Y"\n'
    )
    after, warnings = judged(call, two_pupils)

    assert after == before
    assert warnings == []


def test_one_fault_in_every_row_is_one_line(call, two_pupils: Path) -> None:
    text = (two_pupils / "marks.csv").read_text(encoding="utf-8")
    (two_pupils / "marks.csv").write_text(text.replace("2025-09-0", "1/9/202"), encoding="utf-8")
    ended = call("evaluate", "--register", two_pupils, "--policy", "hcat")

    assert ended.code == 2
    assert len(ended.faults) == 1
    assert ended.err.startswith("marks.csv rows 2, 3, 4 and 21 more, column date: ")
    assert "date_format" in ended.err
