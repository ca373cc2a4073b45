"""What a reader must get out of answers in the documented shape (tests/data/xporter)."""

from __future__ import annotations

from datetime import date

import pytest

from connector.adapters.base import MarkPage, PullEnd
from connector.testing.pulled import Pulled
from rules.school import Spell
from tests.connector.adapters.xporter.sample_server import over_samples, sample

UNTIL = date(2025, 9, 12)
LATE = date(2025, 9, 4)


def pulled(**settings: object) -> Pulled:
    with over_samples(**settings) as (adapter, _):
        return Pulled().pull(adapter, UNTIL, recent_from=date(2025, 9, 1))


def test_three_pupils_one_of_whom_has_left() -> None:
    pupils = pulled().pupils
    assert set(pupils) == {"5101", "5102", "5103"}
    one, two, three = (pupils[key] for key in ("5101", "5102", "5103"))
    assert (one.year_group, one.registration_group, one.fsm, one.sen_status) == ("Year 4", "4LK", True, "K")
    assert (two.year_group, two.registration_group, two.looked_after) == ("Year N2", "AM", True)
    assert (three.forename, three.on_roll_to, three.young_carer) == ("Zoë", date(2025, 9, 5), True)
    assert one.upn == "J999123421001"
    assert one.date_of_birth == date(2017, 1, 12)
    assert one.unknown == {"social_worker", "child_protection", "part_time_from", "part_time_to"}


def test_the_spells_of_a_pupil_who_came_back() -> None:
    pupils = pulled(enrolment_history=True).pupils
    assert pupils["5103"].spells == (
        Spell(date(2020, 9, 7), date(2023, 7, 21)),
        Spell(date(2024, 9, 4), date(2025, 9, 5)),
    )
    assert pulled().pupils["5103"].spells == (Spell(date(2020, 9, 7), date(2025, 9, 5)),)


def test_adults_have_their_rights_and_nobody_says_who_may_be_written_to() -> None:
    pupils = pulled().pupils
    first, second, third = pupils["5101"].contacts
    assert [c.contact_id for c in (first, second, third)] == ["5201", "5202", "5204"]
    assert [c.parental_responsibility for c in (first, second, third)] == [True, True, False]
    assert first.address != second.address
    assert first.address.lines == ("3 Made-up Lane",)
    assert (first.address.town, first.address.postcode) == ("Madeup Town", "ZZ99 9ZZ")
    assert not any(c.parental_responsibility for c in pupils["5102"].contacts)
    assert pupils["5102"].contacts[-1].priority is None
    for pupil in pupils.values():
        assert {(c.court_order, c.correspondence) for c in pupil.contacts} <= {(None, None)}


def test_numbers_to_call_in_their_order_without_doubles() -> None:
    contacts = {c.contact_id: c.telephones for c in pulled().pupils["5101"].contacts}
    assert contacts == {
        "5201": ("07700 900101", "01632 960101"),
        "5202": ("01632960102", "01632 960190"),
        "5204": (),
    }


def test_numbers_of_a_contacts_own_row_serve_where_there_are_no_others() -> None:
    with over_samples() as (adapter, samples):
        samples.changes["personcomms"] = sample("error")
        found = Pulled().pull(adapter, UNTIL)
    assert found.pupils["5101"].contacts[0].telephones == ("01632 960101", "07700 900101")


def test_marks_and_how_late_a_pupil_was() -> None:
    marks = pulled().marks
    assert marks["5101", LATE, "AM"].minutes_late == 5
    assert marks["5101", LATE, "AM"].comment == "made-up note: bus was late"
    assert [marks["5101", date(2025, 9, 8), half].code for half in ("AM", "PM")] == ["O", "O"]
    assert marks["5101", date(2025, 9, 11), "AM"].code == "/"
    assert ("5101", date(2025, 9, 11), "PM") not in marks
    assert ("5103", date(2025, 9, 5), "PM") in marks, "a leaver's marks come too"


def test_days_on_which_the_whole_school_was_closed_have_no_marks() -> None:
    days = {day for _, day, _ in pulled().marks}
    assert not {date(2025, 9, 1), date(2025, 9, 6)} & days


def test_the_string_of_marks_says_the_same_as_the_rows() -> None:
    by_rows, by_string = pulled(day_details=False), pulled(marks="string")

    def codes(found: Pulled) -> dict[object, str]:
        return {place: mark.code for place, mark in found.marks.items()}

    assert codes(by_rows) == codes(by_string)


@pytest.mark.parametrize("name", ["attendance_for_date_range", "attendance_for_date_range_attendmarks"])
def test_the_table_of_marks_may_have_either_name_or_another(name: str) -> None:
    rows = next(iter(sample(name).values()))
    for key in ("Attendance", "AttendMarks", "ATTENDMARKS", "SessionMarks"):
        with over_samples(day_details=False) as (adapter, samples):
            samples.changes["attendancefordaterange"] = {"meta": [], key: rows}
            marks = Pulled().pull(adapter, UNTIL).marks
        assert marks["5101", date(2025, 9, 8), "AM"].code == "O", key


def test_the_words_of_codes_are_read_in_any_case() -> None:
    codes = pulled().codes
    assert codes["M"].counts_as == "authorised"
    assert codes["O"].counts_as == codes["U"].counts_as == "unauthorised"
    assert codes["/"].counts_as == "present"
    assert (codes["#"].counts_as, codes["-"].counts_as) == ("not_possible", "missing")


def test_a_change_set_never_takes_the_marks_of_a_leaver_away() -> None:
    with over_samples(day_details=False) as (adapter, _):
        found = Pulled().pull(adapter, UNTIL)
        before = {place for place in found.marks if place[0] == "5103"}
        assert len(before) == 8
        found.pull(adapter, UNTIL, recent_from=UNTIL)
        cleared = [at for page in found.pages if isinstance(page, MarkPage) for at in page.cleared]
        first = next(page for page in found.pages if isinstance(page, MarkPage))
    assert cleared == []
    assert [(m.pupil_id, m.date, m.half, m.code) for m in first.marks] == [
        ("5101", date(2025, 9, 8), "AM", "I")
    ]
    assert {place for place in found.marks if place[0] == "5103"} == before


def test_whole_months_are_asked_for_once_and_whole_weeks_after_that() -> None:
    with over_samples(day_details=False) as (adapter, samples):
        found = Pulled().pull(adapter, date(2025, 9, 11))
        first = [args for endpoint, args in samples.asked if endpoint == "AttendanceForDateRange"]
        samples.asked.clear()
        found.pull(adapter, UNTIL, recent_from=date(2025, 9, 4))
        later = [args for endpoint, args in samples.asked if endpoint == "AttendanceForDateRange"]
    spans = [(args["DateFrom"], args["DateTo"]) for args in (*first, *later)]
    year = ("2025-08-01", "2025-09-30")
    assert spans == [year, year, ("2025-09-01", "2025-09-05"), ("2025-09-08", "2025-09-12")]
    assert {args["options"] for args in (*first, *later)} == {"includeLeavers,excludeNoMarks"}


def test_a_copy_that_is_old_is_told() -> None:
    with over_samples() as (adapter, _):
        end = Pulled().pull(adapter, date(2025, 9, 15)).pages[-1]
    assert isinstance(end, PullEnd)
    (warning,) = end.warnings
    assert "was made on 2025-09-12 at 02:25" in warning


def test_the_groups_of_a_leaver_come_from_the_ids_of_the_former_ones() -> None:
    students = sample("students_marks_string")
    students["Students"][2] |= {"LeavingYearGroup": "28", "LeavingRegGroup": "188"}
    with over_samples() as (adapter, samples):
        samples.changes["students"] = students
        pupil = Pulled().pull(adapter, UNTIL).pupils["5103"]
    assert (pupil.year_group, pupil.registration_group) == ("Year 4", "4LK")


def test_a_leaver_without_a_leaving_date_does_not_count_as_on_roll() -> None:
    students = sample("students_page_2")
    del students["Students"][0]["LeavingDate"]
    students["Students"] += sample("students_page_1")["Students"]
    with over_samples() as (adapter, samples):
        samples.changes["students"] = students
        found = Pulled().pull(adapter, UNTIL)
    assert set(found.pupils) == {"5101", "5102"}
    end = found.pages[-1]
    assert isinstance(end, PullEnd)
    assert any("1 pupil(s) who have left" in warning for warning in end.warnings)
