"""Marks through Xporter: strings, minutes late of the last days, deletions, sessions closed to some."""

from __future__ import annotations

import json
from datetime import date, datetime, time, timedelta

import pytest

from connector.adapters.xporter.marks import weeks, without_closures
from connector.adapters.xporter.marks_string import MarksStringError, read_marks
from connector.adapters.xporter.rows import bare_id, session_of
from connector.errors import DataError
from connector.mock.school.corrections import LONDON
from connector.mock.server import MockServer
from connector.testing.pulled import Pulled
from connector.testing.schools import small_school
from rules.school import Mark, Pupil
from tests.connector.adapters.xporter.sample_server import opened, over_samples, sample

MONDAY = date(2025, 9, 8)
SUNDAY = date(2025, 9, 14)


def codes(text: str, end: date = SUNDAY) -> list[str]:
    return [mark.code for mark in read_marks("1", text, MONDAY, end)]


def test_a_marks_string_has_two_places_for_each_of_seven_days() -> None:
    marks = list(read_marks("1", "/\\O-L\\/\\/\\####", MONDAY, SUNDAY))
    assert [(mark.date.day, mark.half, mark.code) for mark in marks[:4]] == [
        (8, "AM", "/"),
        (8, "PM", "\\"),
        (9, "AM", "O"),
        (10, "AM", "L"),
    ]
    assert [mark.code for mark in marks[-4:]] == ["#"] * 4


def test_commas_may_part_codes_of_two_characters() -> None:
    assert codes("/,\\,C1,-,,Y1,/,\\,/,\\,#,#,#,#") == ["/", "\\", "C1", "Y1", "/", "\\", "/", "\\", *"####"]


@pytest.mark.parametrize("text", ["/\\" * 5, "/\\" * 7 + "/", "/\\" * 6 + "/", ""])
def test_a_marks_string_that_does_not_fit_its_dates_is_refused(text: str) -> None:
    with pytest.raises(MarksStringError, match="must hold 14 sessions"):
        codes(text)


def test_a_string_that_does_not_fit_stops_the_pull_and_says_what_to_do() -> None:
    students = sample("students_marks_string")
    students["Students"][0]["Marks"] = students["Students"][0]["Marks"][:-1]
    with over_samples(marks="string") as (adapter, samples):
        samples.changes["students"] = students
        with pytest.raises(DataError) as stopped:
            Pulled().pull(adapter, date(2025, 9, 12))
        (finding,) = [f for f in adapter.check() if f.severity == "error"]
    assert 'marks = "rows"' in stopped.value.findings[0].fix
    assert finding.message == stopped.value.findings[0].message


@pytest.mark.parametrize("commas", [True, False])
def test_strings_of_a_whole_school_are_its_marks(commas: bool) -> None:
    school = small_school()
    last = school.last_day
    with (
        MockServer("xporter", school, options={"comma_marks": commas}) as server,
        opened(server, marks="string") as adapter,
    ):
        marks = Pulled().pull(adapter, last).marks
    wanted = {(m.pupil_id, m.date, m.half): m.code for m in school.marks_known(last)}
    assert {key: mark.code for key, mark in marks.items()} == {
        key: code if commas else code[0] for key, code in wanted.items()
    }


def test_the_last_days_have_minutes_late_and_later_pulls_keep_them() -> None:
    school = small_school()
    last = school.last_day
    late = {(m.pupil_id, m.date, m.half): m.minutes_late for m in school.marks_known(last) if m.minutes_late}
    assert late
    with MockServer("xporter", school) as server, opened(server) as adapter:
        pulled = Pulled().pull(adapter, last, recent_from=school.first_day)
        assert late.items() <= {key: mark.minutes_late for key, mark in pulled.marks.items()}.items()
        pulled.bookmark = None
        pulled.pull(adapter, last, recent_from=last)
    here = {key for key in late if key in pulled.marks}
    assert {key: pulled.marks[key].minutes_late for key in here} == late


def test_minutes_late_are_not_asked_for_where_they_are_not_wanted() -> None:
    school = small_school()
    with MockServer("xporter", school) as server, opened(server, day_details=False) as adapter:
        marks = Pulled().pull(adapter, school.last_day, recent_from=school.first_day).marks
        paths = {seen.path.rpartition("/")[2] for seen in server.world.requests}
    assert "AttendanceForDate" not in paths
    assert {mark.minutes_late for mark in marks.values()} == {None}


def test_an_old_mark_that_was_taken_away_is_cleared_for_a_pupil_who_is_here() -> None:
    school = small_school()
    last, first = school.last_day, school.calendar.school_days[0]
    here = next(p.pupil_id for p in school.pupils_known(last) if p.on_roll_to is None and p.on_roll(first))
    with MockServer("xporter", school) as server, opened(server) as adapter:
        pulled = Pulled().pull(adapter, last)
        assert (here, first, "AM") in pulled.marks
        school.correct_mark(here, first, "AM", "", at=datetime.combine(last, time(18), LONDON))
        before = adapter.requests_sent
        pulled.pull(adapter, last, recent_from=last)
        assert (here, first, "AM") not in pulled.marks
        assert adapter.requests_sent - before < 20, "the year was not read again"


def test_ids_of_another_form_make_the_next_pull_a_full_one() -> None:
    with over_samples(day_details=False) as (adapter, samples):
        found = Pulled().pull(adapter, date(2025, 9, 12))
        changed = sample("attendance_for_date_range_changed")
        changed["Attendance_deleted"] = [{"Id": "4711"}]
        samples.asked.clear()
        plain = samples.body

        def body(endpoint: str, args: dict[str, str]) -> object:
            return changed if args.get("changedRows", "*") != "*" else plain(endpoint, args)

        samples.body = body  # type: ignore[method-assign,assignment]
        found.pull(adapter, date(2025, 9, 12))
        asked = [args.get("changedRows") for end, args in samples.asked if end == "AttendanceForDateRange"]
    assert asked == ["fedcba9876543210fedcba9876543210", "*"]


@pytest.mark.parametrize(
    ("until", "full"),
    [(date(2025, 9, 30), False), (date(2025, 10, 1), True)],
    ids=["month's end", "next month"],
)
def test_each_month_begins_with_a_full_read(until: date, full: bool) -> None:
    with over_samples(day_details=False, full_after_days=100) as (adapter, samples):
        found = Pulled().pull(adapter, date(2025, 9, 12))
        assert json.loads(found.bookmark or "")["span"] == ["2025-08-01", "2025-09-30"]
        samples.asked.clear()
        found.pull(adapter, until, recent_from=until)
        asked = [args.get("changedRows") for end, args in samples.asked if end == "AttendanceForDateRange"]
    assert asked[0] == ("*" if full else "fedcba9876543210fedcba9876543210")


def test_a_session_closed_to_one_year_group_only_is_kept() -> None:
    pupils = {str(n): Pupil(str(n)) for n in range(4)}

    def closed(*ids: str, day: date = MONDAY) -> list[Mark]:
        return [Mark(pupil_id, day, "AM", "#") for pupil_id in ids]

    assert without_closures(closed("0", "1", "2"), pupils) == []
    assert without_closures(closed("0", "1"), pupils) == closed("0", "1")
    other = [Mark("3", MONDAY, "AM", "/")]
    assert without_closures([*closed("0", "1", "2"), *other], pupils) == [*closed("0", "1", "2"), *other]
    assert without_closures(closed("0", day=SUNDAY), pupils) == []
    friday = MONDAY + timedelta(days=4)
    assert without_closures(closed("0", day=friday), pupils) == closed("0", day=friday)


def test_ids_with_and_without_the_prefix_that_says_of_whom_they_are() -> None:
    guid = "a925c7eb-86bc-40d7-91fd-f3fc00000000"
    for text, wanted in (("PL-5101", "5101"), ("PWT-2", "2"), ("5101", "5101"), (guid, guid), ("PL-", "PL-")):
        assert bare_id(text) == wanted
    assert session_of("PL-9919.2016-08-26.AM") == ("9919", date(2016, 8, 26), "AM")
    assert session_of("9919.2016-08-26.46845") is None
    assert session_of("4711") is None


def test_weeks_begin_on_mondays() -> None:
    assert weeks(date(2025, 9, 10), date(2025, 9, 15)) == [MONDAY, date(2025, 9, 15)]
    assert weeks(date(2025, 9, 10), SUNDAY) == [MONDAY]
