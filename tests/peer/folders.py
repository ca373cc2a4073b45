"""Random register folders, valid and awkward, from a seed: `python -m tests.peer.folders DIR SEED [SIZE]`."""

from __future__ import annotations

import csv
import sys
from datetime import date, timedelta
from pathlib import Path
from random import Random

from tests.peer.made_calendar import make_calendar
from tests.peer.made_edges import put_on_edges
from tests.peer.made_marks import KINDS, Story
from tests.peer.made_records import COLUMNS as RECORD_COLUMNS
from tests.peer.made_records import make_records
from tests.peer.plain import evaluate_folder
from tests.peer.reading import Calendar, read_calendar
from tests.peer.rows import optional_date

Row = dict[str, str]

PUPIL_COLUMNS = [
    *[
        "pupil_id",
        "upn",
        "legal_forename",
        "legal_surname",
        "date_of_birth",
        "year_group",
        "registration_group",
    ],
    *["on_roll_from", "on_roll_to", "fsm", "social_worker", "child_protection", "looked_after"],
    *["part_time_from", "part_time_to"],
]
FLAGS = ["fsm", "social_worker", "child_protection", "looked_after"]
NAMES = ["1", "2", "9", "10", "11", "100", "A7", "a7", "B-2", "31", "4", "3"]


def write_folder(directory: Path, seed: int, *, nation: str | None = None, size: str = "small") -> None:
    """Write a whole register folder; the same seed, nation and size write the same files.

    `nation` is "england" or "wales" (drawn when not given), `size` is "small" (3 to 6 pupils, 1 or 2 years)
    or "medium" (6 to 12 pupils, 2 or 3 years).
    """
    random = Random(f"{seed} {nation} {size}")
    directory.mkdir(parents=True, exist_ok=True)
    if nation is None:
        nation = random.choice(["england", "england", "england", "wales"])
    more = Random(f"spells {seed} {nation} {size}")
    rows = leave_out(more, make_calendar(random, nation, size))
    write_rows(directory / "calendar.csv", rows)
    calendar = read_calendar(directory)
    count = random.randint(3, 6) if size == "small" else random.randint(6, 12)
    pupils = [make_pupil(random, name, calendar) for name in random.sample(NAMES, count)]
    if random.random() < 0.95:
        write_rows(directory / "pupils.csv", pupils, PUPIL_COLUMNS, bom=random.random() < 0.2)
        write_enrolments(more, directory, calendar, pupils)
    else:
        (directory / "pupils.csv").unlink(missing_ok=True)
        pupils = [{"pupil_id": pupil["pupil_id"]} for pupil in pupils]
    write_rows(directory / "marks.csv", make_marks(random, calendar, pupils, nation))
    contacts = [{"pupil_id": pupil["pupil_id"], "contact_id": "c" + pupil["pupil_id"]} for pupil in pupils]
    write_rows(directory / "contacts.csv", contacts)
    settings = make_settings(random, calendar, pupils, nation)
    (directory / "settings.toml").write_text(settings, encoding="utf-8")
    records = make_records(Random(f"records {seed} {nation} {size}"), calendar, pupils)
    if records:
        write_rows(directory / "records.csv", records, RECORD_COLUMNS)
    plans = make_plans(random, directory)
    (directory / "settings.toml").write_text(settings + plans, encoding="utf-8")


def leave_out(random: Random, rows: list[Row]) -> list[Row]:
    """Return the rows of a calendar, now and then without year rows, without its last one or without last half terms."""
    draw = random.random()
    if draw < 0.2:
        last = max(row["start"] for row in rows if row["kind"] == "year")
        rows = [row for row in rows if row["kind"] != "year" or (draw < 0.1 and row["start"] != last)]
    if random.random() < 0.25:
        half_terms = sorted(row["start"] for row in rows if row["kind"] == "half_term")
        dropped = half_terms[-random.randint(1, 4) :]
        rows = [row for row in rows if row["kind"] != "half_term" or row["start"] not in dropped]
    return rows


def write_enrolments(random: Random, directory: Path, calendar: Calendar, pupils: list[Row]) -> None:
    """Write enrolments.csv: some pupils leave and come back, once or twice, after a day, a weekend or many weeks."""
    rows: list[Row] = []
    for pupil in pupils:
        start, end = pupil["on_roll_from"], pupil["on_roll_to"]
        if random.random() < 0.4:
            first = optional_date(start) or calendar.days[0]
            last = optional_date(end) or calendar.days[-1]
            for _ in range(random.choice([1, 1, 2])):
                left = any_day(random, first, last)
                back = left + timedelta(days=random.choice([1, 2, 3, 3, 4, 8, 15, 30, 80]))
                if back > last:
                    break
                rows.append({"pupil_id": pupil["pupil_id"], "from": start, "to": text(left), "kind": ""})
                start, first = text(back), back
        rows.append({"pupil_id": pupil["pupil_id"], "from": start, "to": end, "kind": ""})
    if len(rows) > len(pupils):
        random.shuffle(rows)
        write_rows(directory / "enrolments.csv", rows)


def days_to_ask(directory: Path, seed: int) -> list[date]:
    """Return some days to evaluate a folder on: school days, weekends, days in holidays, before its last mark."""
    random = Random(f"days {seed}")
    calendar = read_calendar(directory)
    first, last = calendar.days[0], calendar.days[-1]
    length = (last - first).days
    return [first + timedelta(days=random.randint(length // 5, length)) for _ in range(2)]


def write_rows(path: Path, rows: list[Row], columns: list[str] | None = None, *, bom: bool = False) -> None:
    with path.open("w", encoding="utf-8-sig" if bom else "utf-8", newline="") as lines:
        writer = csv.DictWriter(lines, columns or list(rows[0]), restval="")
        writer.writeheader()
        writer.writerows(rows)


# --- pupils -----------------------------------------------------------------------------------------------


def any_day(random: Random, first: date, last: date) -> date:
    return first + timedelta(days=random.randint(0, max(0, (last - first).days)))


def make_pupil(random: Random, name: str, calendar: Calendar) -> Row:
    first, last = calendar.days[0], calendar.days[-1]
    roll_from = random.choice([None, None, None, first, any_day(random, first, last)])
    begin = roll_from or first
    roll_to = None
    if random.random() < 0.25:
        roll_to = any_day(random, begin + (last - begin) // 3, last)
    pupil = {
        "pupil_id": name,
        "upn": "",
        "legal_forename": f"Forename{name}",
        "legal_surname": f"Surname{name}",
        "date_of_birth": text(born(random, calendar)),
        "year_group": random.choice(["R", "1", "6", "11", ""]),
        "registration_group": random.choice(["3A", "3A", "3B", "Oak", ""]),
        "on_roll_from": text(roll_from),
        "on_roll_to": text(roll_to),
    }
    for flag in FLAGS:
        pupil[flag] = random.choice(["0", "1", ""])
    if random.random() < 0.4:
        part_time(random, pupil, begin, roll_to or last)
    return pupil


def text(day: date | None) -> str:
    return day.isoformat() if day else ""


def part_time(random: Random, pupil: Row, begin: date, end: date) -> None:
    """Give a pupil a part-time timetable, often from or to a day that is no school day; now and then outside the roll."""
    start = any_day(random, begin, end)
    if random.random() < 0.25:
        start = begin - timedelta(days=random.choice([1, 1, 2, 3, 400]))
    if random.random() < 0.2:
        start += timedelta(days=5 - start.weekday())
    until = start + timedelta(days=random.choice([7, 28, 42, 43, 90, 700]))
    pupil["part_time_from"] = start.isoformat()
    pupil["part_time_to"] = random.choice([until.isoformat(), until.isoformat(), ""])
    if random.random() < 0.1:
        pupil["part_time_from"] = ""


def born(random: Random, calendar: Calendar) -> date | None:
    """No date of birth, an ordinary one, or one that reaches or leaves compulsory school age in the register."""
    first, last = calendar.days[0], calendar.days[-1]
    draw = random.random()
    if draw < 0.15:
        return None
    if draw < 0.35:
        return any_day(random, years_before(first, 5), years_before(last, 5))
    if draw < 0.5:
        return any_day(random, years_before(first, 16), years_before(last, 16))
    if draw < 0.55:
        edge = random.choice([(12, 31), (3, 31), (8, 31), (9, 1), (1, 1), (4, 1), (2, 29)])
        return date(2020 if edge == (2, 29) else first.year - random.choice([4, 5, 16]), *edge)
    return any_day(random, date(2009, 9, 1), date(2016, 8, 31))


def years_before(day: date, years: int) -> date:
    return day.replace(year=day.year - years, day=min(day.day, 28))


# --- marks ------------------------------------------------------------------------------------------------


def make_marks(random: Random, calendar: Calendar, pupils: list[Row], nation: str) -> list[Row]:
    """Make marks up to a day of the last year, in the order of a register or in none."""
    last_year = [day for day in calendar.days if calendar.years[-1].holds(day)]
    last = last_year[-1]
    now = random.choice([last, last, random.choice(last_year[len(last_year) // 5 :]), ends(random, calendar)])
    rows: list[Row] = []
    for pupil in pupils:
        rows += pupil_marks(random, calendar, pupil, nation, now)
    if random.random() < 0.3:
        random.shuffle(rows)
    return rows


def ends(random: Random, calendar: Calendar) -> date:
    """Return the last school day of a half term of the last year."""
    half_terms = [period for period in calendar.half_terms if calendar.years[-1].holds(period.start)]
    return calendar.days_of(random.choice(half_terms[1:]))[-1]


def pupil_marks(random: Random, calendar: Calendar, pupil: Row, nation: str, now: date) -> list[Row]:
    begin = date.fromisoformat(pupil.get("on_roll_from") or calendar.days[0].isoformat())
    end = min(now, date.fromisoformat(pupil.get("on_roll_to") or now.isoformat()))
    days = [day for day in calendar.days if begin <= day <= end]
    marks = Story(random, calendar, days, nation).whole(random.choice(KINDS))
    put_on_edges(random, marks, calendar, optional_date(pupil.get("date_of_birth", "")))
    noise = random.choice([0, 0, 0, 0.01, 0.03])
    rows = []
    for (day, half), code in marks.items():
        if random.random() < noise:
            code = random.choice(["", "-", "?", "#", "L", "N", "Y", "I01"])
        if code == "" and random.random() < 0.5:
            continue
        if random.random() < 0.02:
            code = f" {code} "
        rows.append(mark(pupil, day, half, code))
    for _ in range(random.choice([0, 0, 1, 4])):
        day = any_day(random, calendar.days[0], now)
        half = random.choice(["AM", "PM"])
        if (day, half) not in calendar.sessions or not begin <= day <= end:
            stray = mark(pupil, day, half, random.choice(["O", "I", "/", "N"]))
            if stray["date"] not in [row["date"] for row in rows]:
                rows.append(stray)
    return rows


def mark(pupil: Row, day: date, half: str, code: str) -> Row:
    return {
        "pupil_id": pupil["pupil_id"],
        "date": day.isoformat(),
        "session": half,
        "code": code,
        "minutes_late": "",
    }


# --- settings ---------------------------------------------------------------------------------------------


def make_settings(random: Random, calendar: Calendar, pupils: list[Row], nation: str) -> str:
    lines = [f'nation = "{nation}"'] if nation == "wales" or random.random() < 0.7 else []
    first, last = calendar.days[0], calendar.days[-1]
    for pupil in pupils:
        taken: set[date | None] = set()
        for _ in range(random.choice([0, 0, 1, 2])):
            requested = any_day(random, first, last)
            if calendar.next_school_day(requested) in taken:
                continue
            taken.add(calendar.next_school_day(requested))
            leave = requested + timedelta(days=random.randint(1, 60))
            lines += ["[[leave_requests]]", f'pupil_id = "{pupil["pupil_id"]}"', f"from = {leave}"]
            lines += [f"to = {leave + timedelta(days=4)}", f"requested = {requested}"]
            lines += [f'kind = "{random.choice(["holiday", "performance", "other"])}"']
        if random.random() < 0.3:
            lines += [
                "[[notices]]",
                f'pupil_id = "{pupil["pupil_id"]}"',
                f'contact_id = "c{pupil["pupil_id"]}"',
            ]
            lines += [f"issued = {any_day(random, first, last)}"]
    return "\n".join(lines) + "\n"


def make_plans(random: Random, directory: Path) -> str:
    """Attendance plans at the edges of the time in which they count, after the stage 2 events of the folder."""
    lines = []
    events = evaluate_folder(directory, "hcat")["events"]
    for event in events:
        if event["rule"] != "stage-2" or random.random() > 0.7:
            continue
        opened = date.fromisoformat(event["date"])
        plan = opened + timedelta(days=random.choice([-1, 0, 1, 5, 10, 14, 27, 28, 29]))
        for other in events:
            same = other["rule"] == "stage-3" and other["pupil_id"] == event["pupil_id"]
            wanted = date.fromisoformat(other["date"]) - timedelta(days=28)
            if same and opened < wanted <= opened + timedelta(days=28):
                plan = wanted  # so that the review comes on the day of a fall
        lines += ["[[attendance_plans]]", f'pupil_id = "{event["pupil_id"]}"', f"date = {plan}"]
    return "\n".join(lines) + "\n" if lines else ""


if __name__ == "__main__":
    write_folder(Path(sys.argv[1]), int(sys.argv[2]), size=sys.argv[3] if len(sys.argv) > 3 else "small")
