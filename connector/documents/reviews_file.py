"""The calendar of reviews in the folder of the digest: one file, which a calendar program can follow."""

from __future__ import annotations

from datetime import date, datetime

from connector.adapters.whole_files import put_file
from connector.config.school import SchoolConfig
from connector.errors import TO_DO
from letters.reports.review_dates import review_calendar
from rules.files.held import what_to_do, why
from rules.register import Register

FILE = "Attendance – Reviews.ics"


def file_reviews(config: SchoolConfig, register: Register, day: date, now: datetime) -> list[str]:
    """Put the calendar of reviews in its place, or take it away when none is due any more; return what went wrong."""
    folder = config.run.digest
    if folder is None:
        return []
    path = folder / FILE
    calendar = review_calendar(register, day, config.id, now)
    try:
        if calendar is not None:
            folder.mkdir(parents=True, exist_ok=True)
            put_file(path, calendar)
        else:
            path.unlink(missing_ok=True)
    except OSError as error:
        fix = what_to_do(error, "check the folder of run.digest, its drive and its permissions")
        return [f"{FILE} could not be filed: {why(error)}. {TO_DO}{fix}"]
    return []
