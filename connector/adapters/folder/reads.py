"""Reads a register folder (docs/register-folder.md, "A register folder"): all of it, or nothing and every reason why."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import cast

from connector.adapters.folder.days import read_calendar
from connector.adapters.folder.people import (
    CONTACT_COLUMNS,
    CONTACT_NEEDED,
    PUPIL_COLUMNS,
    contacts_of,
    pupils_of,
    with_contacts,
)
from connector.adapters.folder.settings_file import SettingsFile, read_settings_file
from connector.adapters.folder.table import Findings, Table, iso_day, iso_moment, read_table, shown
from connector.errors import DataError, Finding
from rules.calendar import Calendar
from rules.register import Register, RegisterError, build_register
from rules.school import Amendment, Half, Mark, Nation, Pupil

MARK_COLUMNS = ("pupil_id", "date", "session", "code", "minutes_late", "comment", "recorded_at")
MARK_NEEDED = MARK_COLUMNS[:4]
AMENDMENT_COLUMNS = (
    "pupil_id",
    "date",
    "session",
    "original",
    "amended",
    "reason",
    "amended_at",
    "amended_by",
    "role",
)


@dataclass(frozen=True)
class FolderFacts:
    """All facts of one register folder, checked."""

    calendar: Calendar
    pupils: tuple[Pupil, ...]
    marks: tuple[Mark, ...]
    amendments: tuple[Amendment, ...]
    settings: SettingsFile
    warnings: tuple[Finding, ...] = ()
    """What was passed over; no personal data in it."""

    @property
    def nation(self) -> Nation:
        """The nation whose codes and rules hold."""
        return self.settings.nation

    def register(self) -> Register:
        """Return the register of these facts. Raises DataError when the marks do not make one."""
        try:
            return build_register(
                pupils=self.pupils,
                calendar=self.calendar,
                marks=self.marks,
                nation=self.nation,
                amendments=self.amendments,
                attendance_plans=self.settings.attendance_plans,
                leave_requests=self.settings.leave_requests,
                exclusions=self.settings.exclusions,
                notices=self.settings.notices,
                welsh_d_attended=self.settings.welsh_d_attended,
            )
        except RegisterError as error:
            raise DataError([Finding("marks.csv, column code", str(error))]) from error


TableSource = Callable[[Findings], Table | None]
"""Reads the rows of one file from elsewhere; None when that failed, with the reasons in the findings."""


def read_folder(directory: str | Path, instead: Mapping[str, TableSource] | None = None) -> FolderFacts:
    """Given a register folder, return its facts. Raises DataError with every finding when anything is wrong.

    Needs marks.csv and calendar.csv; without pupils.csv the pupils are those of the marks. ``instead`` gives
    "pupils", "contacts" or "marks" from another source than their CSV file.
    """
    folder = Path(directory)
    if not folder.is_dir():
        raise DataError([Finding(folder.name or str(directory), "is not a folder", "give a register folder")])
    findings = Findings()
    tables = {
        name: (instead or {}).get(name, source)(findings)
        for name, source in (
            ("pupils", partial(_table, folder / "pupils.csv", ("pupil_id",), PUPIL_COLUMNS)),
            ("contacts", partial(_table, folder / "contacts.csv", CONTACT_NEEDED, CONTACT_COLUMNS)),
            ("marks", partial(_table, folder / "marks.csv", MARK_NEEDED, MARK_COLUMNS)),
        )
    }
    return facts_of(folder, tables["pupils"], tables["contacts"], tables["marks"], findings)


def _table(path: Path, required: Sequence[str], known: Sequence[str], findings: Findings) -> Table | None:
    optional = path.name != "marks.csv"
    return read_table(path, findings, required=required, known=known, optional=optional)


def facts_of(
    folder: Path, pupils: Table | None, contacts: Table | None, marks: Table | None, findings: Findings
) -> FolderFacts:
    """Given the rows of pupils, contacts and marks, from wherever, and a folder with the rest, return the facts.

    Raises DataError with every finding, those already in ``findings`` among them.
    """
    calendar = read_calendar(folder / "calendar.csv", findings)
    settings = read_settings_file(folder / "settings.toml", findings)
    listed = pupils_of(pupils) if pupils else None
    linked = contacts_of(contacts) if contacts else {}
    recorded = marks_of(marks, set(listed) if listed is not None else None) if marks else ()
    if pupils and listed is not None and calendar:
        _check_rolls(pupils, listed, calendar)
    if listed is None:
        ids = sorted({mark.pupil_id for mark in recorded})
        by_id = {pupil_id: Pupil(pupil_id) for pupil_id in ids}
    else:
        by_id = {pupil_id: pupil for pupil_id, (_, pupil) in listed.items()}
    if not by_id:
        findings.stop_if_any()  # without pupils everybody else's pupil would seem to be missing
    amendments = read_amendments(folder / "amendments.csv", findings, set(by_id))
    complete = with_contacts(by_id, linked, contacts) if contacts else tuple(by_id.values())
    settings.check_pupils(set(by_id), findings)
    findings.stop_if_any()
    if calendar is None:
        raise DataError([Finding("calendar.csv", "could not be read")])
    return FolderFacts(calendar, complete, recorded, amendments, settings, tuple(findings.warnings))


def marks_of(table: Table, known: set[str] | None) -> tuple[Mark, ...]:
    """Given the rows of marks.csv, return the marks in their order. ``known`` are the pupils listed; None: anyone."""
    at_id, at_date, at_session, at_code = (table.places[column] for column in MARK_COLUMNS[:4])
    # one blank cell past the end stands in for a column that the file does not have
    at_minutes, at_comment, at_recorded = (
        table.places.get(column, table.width) for column in MARK_COLUMNS[4:]
    )
    rows_by_key: dict[tuple[str, date, str], int] = {}
    unlisted: dict[str, list[int]] = {}
    found: list[Mark] = []
    for number, cells in table.rows:
        pupil_id, half = cells[at_id].strip(), cells[at_session].strip()
        day = iso_day(cells[at_date].strip())
        if day is None or half not in ("AM", "PM") or not pupil_id:
            _name_faults(table, number, pupil_id, cells[at_date].strip(), half)
            continue
        if known is not None and pupil_id not in known:
            unlisted.setdefault(pupil_id, []).append(number)
            continue
        earlier = rows_by_key.setdefault((pupil_id, day, half), number)
        if earlier != number:
            message = f"{table.unit} {earlier} already has a mark of this pupil for {day} {half}"
            table.error(number, "session", message, "keep one of the two")
            continue
        cells.append("")
        found.append(
            Mark(
                pupil_id,
                day,
                cast(Half, half),
                cells[at_code].strip(),
                _minutes(table, number, cells[at_minutes].strip()) if cells[at_minutes] else None,
                cells[at_comment].strip(),
                _moment(table, number, cells[at_recorded].strip()) if cells[at_recorded] else None,
            )
        )
    for rows in unlisted.values():
        others = f" (nor in {len(rows) - 1} more rows)" if len(rows) > 1 else ""
        message = f"no such pupil among the pupils{others}"
        table.error(rows[0], "pupil_id", message, "add the pupil, or correct the id")
    return tuple(found)


def read_amendments(path: Path, findings: Findings, known: set[str]) -> tuple[Amendment, ...]:
    """Given amendments.csv, which may be missing, return its amendments in order of time."""
    table = read_table(
        path,
        findings,
        required=("pupil_id", "date", "session", "original", "amended", "amended_at"),
        known=AMENDMENT_COLUMNS,
        optional=True,
    )
    found: list[Amendment] = []
    for row in table or ():
        pupil_id, half = row.required("pupil_id"), row.required("session")
        day, amended_at = row.day("date", required=True), row.moment("amended_at", required=True)
        if half and half not in ("AM", "PM"):
            row.table.error(row.number, "session", "is neither AM nor PM", "write AM or PM")
        if pupil_id and pupil_id not in known:
            row.table.error(row.number, "pupil_id", "no such pupil in the folder", "correct the id")
        if day is None or amended_at is None:
            continue
        found.append(
            Amendment(
                pupil_id,
                day,
                cast(Half, half),
                row.text("original"),
                row.text("amended"),
                amended_at,
                row.text("reason"),
                row.text("amended_by"),
                row.text("role"),
            )
        )
    return tuple(sorted(found, key=lambda amendment: amendment.amended_at))


def _minutes(table: Table, number: int, value: str) -> int | None:
    if not value:
        return None
    if value.isascii() and value.isdigit():
        return int(value)
    table.error(
        number, "minutes_late", f"{shown(value)}is not a number of minutes", "correct or empty the cell"
    )
    return None


def _moment(table: Table, number: int, value: str) -> datetime | None:
    found = iso_moment(value) if value else None
    if value and found is None:
        message = f"{shown(value)}is not a date and time"
        table.error(number, "recorded_at", message, "write it as YYYY-MM-DDTHH:MM")
    return found


def _name_faults(table: Table, number: int, pupil_id: str, day: str, half: str) -> None:
    if not pupil_id:
        table.error(number, "pupil_id", "is empty", "fill it in or delete the row")
    if iso_day(day) is None:
        table.error(number, "date", f"{shown(day)}is not a date", "write it as YYYY-MM-DD")
    if half not in ("AM", "PM"):
        table.error(number, "session", "is neither AM nor PM", "write AM or PM")


def _check_rolls(table: Table, listed: Mapping[str, tuple[int, Pupil]], calendar: Calendar) -> None:
    """Note an error for a pupil on roll only before or after all school days of the calendar."""
    first, last = calendar.school_days[0], calendar.school_days[-1]
    for row, pupil in listed.values():
        if pupil.on_roll_to and pupil.on_roll_to < first:
            column, message = "on_roll_to", f"left before the calendar's first school day, {first}"
        elif pupil.on_roll_from and pupil.on_roll_from > last:
            column, message = "on_roll_from", f"joins after the calendar's last school day, {last}"
        else:
            continue
        fix = "add that year to calendar.csv, or delete the pupil"
        table.error(row, column, f"the pupil has no calendar: {message}", fix)
