"""Marks that the office enters before their day (leave, trips, exclusions), and the pulls that must bring each on its day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time

from connector.mock.school import MadeUpSchool
from connector.mock.school.corrections import LONDON
from rules.calendar import HALVES


def days_of_pulls(school: MadeUpSchool) -> Iterator[date]:
    """Given the small school, enter marks ahead in it and yield the day of each pull, in order.

    What is entered before the first pull and between the first two comes due on the day of a pull, and on days that no
    pull was made on; one entry is corrected and one taken away before its day.
    """
    days = school.calendar.school_days
    one, two = (pupil.pupil_id for pupil in school.pupils_known(days[0])[:2])

    def enter(pupil_id: str, day: date, code: str, entered: date) -> None:
        at = datetime.combine(entered, time(11, 0), LONDON)
        for half in HALVES:
            school.correct_mark(pupil_id, day, half, code, at=at, comment="Entered ahead")

    enter(one, days[5], "C", days[0])  # leave, on the day of a pull
    enter(one, days[6], "C", days[0])  # on days between two pulls that lie more than a week apart
    enter(one, days[10], "V", days[0])
    yield days[1]
    enter(two, days[5], "E", days[2])  # an exclusion
    enter(two, days[6], "E", days[2])
    enter(two, days[10], "E", days[2])
    yield days[2]
    yield days[3]
    enter(one, days[10], "M", days[4])  # corrected before its day
    enter(two, days[10], "", days[4])  # taken away before its day
    yield days[5]
    yield days[12]
