"""Reads a register folder (docs/register-folder.md, "A register folder"): all of it, or nothing and every reason why."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from connector.adapters.folder.columns import SCHOOL_COLUMNS, SOURCE, columns_of
from connector.adapters.folder.csv_table import Table, read_table
from connector.adapters.folder.days import CALENDAR_COLUMNS, read_calendar
from connector.adapters.folder.findings import Findings, Listed
from connector.adapters.folder.marks import (
    AMENDMENT_COLUMNS,
    MARK_COLUMNS,
    WIDE_COLUMNS,
    marks_of,
    read_amendments,
    read_marks,
)
from connector.adapters.folder.people import (
    CONTACT_COLUMNS,
    CONTACT_NEEDED,
    ENROLMENT_COLUMNS,
    PUPIL_COLUMNS,
    contacts_of,
    pupils_of,
    warn_of_no_school_day,
    with_enrolments,
)
from connector.adapters.folder.record_row import RECORD_COLUMNS
from connector.adapters.folder.records_file import FILE as RECORDS
from connector.adapters.folder.records_file import read_records
from connector.adapters.folder.settings_file import FILE, SettingsFile, read_settings, settings_file_of
from connector.errors import DataError, Finding
from rules.calendar import Calendar
from rules.register import Register, RegisterError, build_register
from rules.school import KNOWABLE, Amendment, Mark, Nation, Pupil

ALL_COLUMNS = frozenset(
    (
        *(*PUPIL_COLUMNS, *CONTACT_COLUMNS, *ENROLMENT_COLUMNS, *CALENDAR_COLUMNS),
        *(*MARK_COLUMNS, *WIDE_COLUMNS, *AMENDMENT_COLUMNS, *RECORD_COLUMNS),
    )
)
"""Every column of every file, as ``[columns]`` may name it."""

OPTIONAL_FILES = ("pupils.csv", "contacts.csv", "enrolments.csv", "amendments.csv", RECORDS, FILE)
"""The files of a register folder that a school need not have."""


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
        """Return the register of these facts. Raise DataError when the marks do not make one."""
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
                notices_to_improve=self.settings.notices_to_improve,
                form_decisions=self.settings.form_decisions,
                pupil_records=self.settings.pupil_records,
                welsh_d_attended=self.settings.welsh_d_attended,
            )
        except RegisterError as error:
            raise DataError([Finding("marks.csv, column code", str(error))]) from error


TableSource = Callable[[Findings], Table | None]
"""Reads the rows of one file from elsewhere; None when that failed, with the reasons in the findings."""


def read_folder(
    directory: str | Path,
    instead: Mapping[str, TableSource] | None = None,
    columns: Mapping[str, str] | None = None,
) -> FolderFacts:
    """Given a register folder, return its facts. Raise DataError with every finding when anything is wrong.

    Needs marks.csv and calendar.csv; without pupils.csv the pupils are those of the marks. ``instead`` gives
    "pupils", "contacts" or "marks" from another source than their CSV file. ``columns`` names headers and the form of
    dates; where it is silent, the table ``[columns]`` of settings.toml does.
    """
    folder = Path(directory)
    if not folder.is_dir():
        raise DataError([Finding(folder.name or str(directory), "is not a folder", "give a register folder")])
    findings, instead = Findings(), instead or {}
    settings = read_settings(folder / FILE, findings)
    given = [(SOURCE, settings.get("columns", {})), (SCHOOL_COLUMNS, columns or {})]
    names = columns_of(given, ALL_COLUMNS, findings)

    def read(file: str, required: tuple[str, ...], known: tuple[str, ...]) -> Table | None:
        path = folder / f"{file}.csv"
        return read_table(path, findings, required=required, known=known, optional=True, columns=names)

    def source(file: str, otherwise: Callable[[], Table | None]) -> Table | None:
        return instead[file](findings) if file in instead else otherwise()

    pupils = source("pupils", lambda: read("pupils", ("pupil_id",), PUPIL_COLUMNS))
    contacts = source("contacts", lambda: read("contacts", CONTACT_NEEDED, CONTACT_COLUMNS))
    marks = source("marks", lambda: read_marks(folder / "marks.csv", findings, names))
    calendar = read_calendar(folder / "calendar.csv", findings, names)
    stated = settings_file_of(FILE, settings, findings)
    by_id = {pupil_id: pupil for pupil_id, (_, pupil) in pupils_of(pupils).items()} if pupils else {}
    listed = Listed(by_id.keys(), pupils.file) if pupils else None
    recorded = marks_of(marks, listed) if marks else ()
    if listed is None:
        by_id = {
            pupil_id: Pupil(pupil_id, unknown=frozenset(KNOWABLE))
            for pupil_id in sorted({mark.pupil_id for mark in recorded})
        }
        listed = Listed(by_id.keys(), marks.file if marks else "marks.csv")
        listed.warn_of_twins(findings)
    by_id = with_enrolments(by_id, folder / "enrolments.csv", findings, listed, names)
    if calendar:
        warn_of_no_school_day(by_id, calendar, findings, listed.file)
    amendments = read_amendments(folder / "amendments.csv", findings, listed, names)
    linked = contacts_of(contacts, listed) if contacts else {}
    complete = tuple(
        replace(p, contacts=linked[p.pupil_id]) if p.pupil_id in linked else p for p in by_id.values()
    )
    stated.count_others(listed, findings)
    stated = stated.with_records(read_records(folder / RECORDS, findings, listed, names))
    names.check(findings)
    findings.stop_if_any()
    if calendar is None:
        raise DataError([Finding("calendar.csv", "could not be read")])
    return FolderFacts(calendar, complete, recorded, amendments, stated, tuple(findings.warnings))
