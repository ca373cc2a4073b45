"""The absence lists use the statutory tests."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from letters.reports.absence import absence_lists, absence_report, absences_of_week
from rules.register import build_register
from rules.school import Mark, Pupil
from rules.statistics import Tally, is_persistent, is_severe
from tests.letters.made_up import SCHOOL
from tests.letters.reports.one_day import AYCLIFFE, DAY, REGISTER, TALLY
from tests.letters.reports.reading import table_under


def test_the_absence_lists_use_the_statutory_tests() -> None:
    lists = absence_lists(REGISTER, TALLY, AYCLIFFE, DAY)
    year = {p: f for p, f in TALLY.by_pupil(date(2025, 9, 1), DAY).items() if REGISTER.pupil(p).on_roll(DAY)}
    assert {i.pupil.pupil_id for i in lists.severe} == {p for p, f in year.items() if is_severe(f)}
    assert {i.pupil.pupil_id for i in (*lists.severe, *lists.persistent)} == {
        p for p, f in year.items() if is_persistent(f)
    }
    for item in lists.near:
        more = replace(item.year, authorised=item.year.authorised + 4, possible=item.year.possible + 4)
        assert is_persistent(more)
        assert not is_persistent(item.year)


def test_the_safeguarding_leads_page_has_every_absence_of_the_week_of_flagged_pupils_and_nobody_else() -> (
    None
):
    monday = date(2025, 11, 24)
    everyone = [
        Pupil("1", legal_forename="A", legal_surname="Aaron", registration_group="1A", social_worker=True),
        Pupil("2", legal_forename="B", legal_surname="Bold", registration_group="1A"),
        Pupil("3", legal_forename="C", legal_surname="Cox", registration_group="1A", looked_after=True),
    ]
    marks = [
        Mark("1", date(2025, 11, 21), "AM", "I"),  # the week before
        Mark("1", monday, "AM", "N"),
        Mark("1", DAY, "PM", "I"),
        Mark("2", monday, "AM", "N"),
        Mark("3", monday, "AM", "L"),
    ]
    made = build_register(pupils=everyone, calendar=REGISTER.calendar, marks=marks)

    ((pupil, sessions),) = absences_of_week(made, DAY)
    assert (pupil.pupil_id, sessions) == ("1", "24 Nov 2025 AM N; 27 Nov 2025 PM I")
    data = absence_report(made, Tally(made), AYCLIFFE, SCHOOL, as_of=DAY, printed_on=DAY)
    rows = table_under(data, "For the safeguarding lead: absences of the week")
    assert [row[0] for row in rows[1:]] == ["Aaron, A"]
    later = absences_of_week(made, date(2025, 11, 30))
    assert [one.pupil_id for one, _ in later] == ["1"], "on Sunday the week is still the one before"
    assert absences_of_week(made, date(2025, 12, 1)) == []
