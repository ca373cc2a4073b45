"""The contract, second part: reading."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, time

import pytest

from connector.adapters.base import MarkPage, PullEnd, PupilPage, RecordPage
from connector.mock.school.corrections import LONDON
from connector.testing.case import AdapterCase, FakeMis
from connector.testing.entered_ahead import days_of_pulls
from connector.testing.pulled import Pulled, mark_rows, pupil_differences
from connector.testing.schools import (
    clock_change_school,
    coded_school,
    hostile_school,
    returners_school,
    small_school,
)
from rules.codes import Class, code_set_on

_CLASSES = {
    "present": Class.PRESENT,
    "approved": Class.APPROVED,
    "authorised": Class.AUTHORISED,
    "unauthorised": Class.UNAUTHORISED,
    "not_possible": Class.NOT_POSSIBLE,
    "missing": Class.MISSING,
}


class Reading:
    """A pulled school is the made-up school, field by field, in full and by changes."""

    case: AdapterCase

    def agree(self, pulled: Pulled, mis: FakeMis, today: date) -> None:
        """Fail with every difference between what was pulled and what the school knew on the day."""
        school, lacks = mis.world.school, self.case.lacks
        assert not pupil_differences(school.pupils_known(today), pulled.pupils.values(), lacks)
        wanted = mark_rows(school.marks_known(today), lacks)
        assert mark_rows(pulled.marks.values(), lacks) == wanted

    def test_check_finds_nothing_wrong(self) -> None:
        with self.case.mis(small_school()) as mis, self.case.adapter(mis) as adapter:
            assert [f for f in adapter.check() if f.severity == "error"] == []

    def test_the_pulled_school_is_the_made_up_school_field_by_field(self) -> None:
        school = small_school()
        with self.case.mis(school) as mis, self.case.adapter(mis) as adapter:
            pulled = Pulled().pull(adapter, school.last_day)
            self.agree(pulled, mis, school.last_day)
            assert pulled.school is not None
            assert pulled.school.name == school.details.name
            assert pulled.school.urn in ("", school.details.urn)
            pages = [page for page in pulled.pages if isinstance(page, RecordPage)]
            assert adapter.capabilities.records or not any(page.pupil_records for page in pages)

    def test_the_calendar_has_the_same_sessions_terms_and_half_terms(self) -> None:
        if not self.case.kind.capabilities.calendar:
            pytest.skip("this MIS has no calendar")
        school = small_school()
        with self.case.mis(school) as mis, self.case.adapter(mis) as adapter:
            calendar = Pulled().pull(adapter, school.last_day).calendar
        assert calendar is not None
        year = school.calendar.years[0]
        wanted = [session for session in school.calendar.sessions if session.date in year]
        assert [session for session in calendar.sessions if session.date in year] == wanted
        for mine, theirs in (
            (school.calendar.terms, calendar.terms),
            (school.calendar.half_terms, calendar.half_terms),
        ):
            spans = [(period.start, period.end) for period in mine if period.start in year]
            assert [(period.start, period.end) for period in theirs if period.start in year] == spans

    @pytest.mark.parametrize("size", [1, 2, 1000])
    def test_pages_of_any_size_give_the_same_school(self, size: int) -> None:
        school = small_school()
        with (
            self.case.mis(school) as mis,
            self.case.adapter(mis, settings=self.case.page_size(size)) as adapter,
        ):
            self.agree(Pulled().pull(adapter, school.last_day), mis, school.last_day)

    def test_every_row_comes_once_and_whole(self) -> None:
        school = small_school()
        with self.case.mis(school) as mis, self.case.adapter(mis) as adapter:
            pages = Pulled().pull(adapter, school.last_day).pages
        pupils = Counter(p.pupil_id for page in pages if isinstance(page, PupilPage) for p in page.pupils)
        marks = Counter(
            (m.pupil_id, m.date, m.half) for page in pages if isinstance(page, MarkPage) for m in page.marks
        )
        assert set(pupils.values()) == {1}
        assert set(marks.values()) == {1}
        assert all(pupils), "every pupil has an id"

    def test_no_mark_after_the_asked_day_comes(self) -> None:
        school = small_school()
        middle = school.calendar.school_days[7]
        with self.case.mis(school) as mis, self.case.adapter(mis) as adapter:
            marks = Pulled().pull(adapter, middle).marks
        assert max(day for _, day, _ in marks) == middle

    def test_day_after_day_comes_to_the_same_as_all_at_once(self) -> None:
        school = small_school()
        days = [day for day in school.calendar.school_days if day <= school.last_day]
        pulled = Pulled()
        with self.case.mis(school) as mis, self.case.adapter(mis) as adapter:
            for place in (3, 4, 5, 9, len(days) - 1):
                mis.today = days[place]
                pulled.pull(adapter, days[place], recent_from=days[max(0, place - 4)])
                self.agree(pulled, mis, days[place])

    def test_a_pull_without_changes_changes_nothing(self) -> None:
        school = small_school()
        with self.case.mis(school) as mis, self.case.adapter(mis) as adapter:
            pulled = Pulled().pull(adapter, school.last_day)
            for _ in range(2):
                pulled.pull(adapter, school.last_day)
                self.agree(pulled, mis, school.last_day)

    def test_a_bookmark_goes_on_in_a_fresh_process(self) -> None:
        school = small_school()
        days = [day for day in school.calendar.school_days if day <= school.last_day]
        pulled = Pulled()
        with self.case.mis(school, today=days[5]) as mis:
            with self.case.adapter(mis) as adapter:
                pulled.pull(adapter, days[5])
            mis.today = days[6]
            with self.case.adapter(mis) as adapter:
                pulled.pull(adapter, days[6])
            self.agree(pulled, mis, days[6])

    def test_a_bookmark_of_another_make_brings_everything(self) -> None:
        school = small_school()
        with self.case.mis(school) as mis, self.case.adapter(mis) as adapter:
            pulled = Pulled()
            pulled.bookmark = '{"made": "elsewhere"}'
            self.agree(pulled.pull(adapter, school.last_day), mis, school.last_day)

    def test_a_changed_mark_comes_with_the_next_pull(self) -> None:
        school = small_school()
        last, pupil = school.last_day, school.pupils_known(school.last_day)[0].pupil_id
        with self.case.mis(school) as mis, self.case.adapter(mis) as adapter:
            pulled = Pulled().pull(adapter, last)
            school.correct_mark(pupil, last, "AM", "L", minutes_late=17, at=_evening(last))
            pulled.pull(adapter, last)
            self.agree(pulled, mis, last)
            assert pulled.marks[pupil, last, "AM"].code == "L"

    def test_a_mark_that_was_taken_away_is_gone_after_the_next_pull(self) -> None:
        school = small_school()
        last, pupil = school.last_day, school.pupils_known(school.last_day)[0].pupil_id
        with self.case.mis(school) as mis, self.case.adapter(mis) as adapter:
            pulled = Pulled().pull(adapter, last)
            school.correct_mark(pupil, last, "PM", "", at=_evening(last))
            pulled.pull(adapter, last)
            self.agree(pulled, mis, last)

    def test_an_old_mark_that_was_corrected_comes_too(self) -> None:
        if not self.case.kind.capabilities.changes:
            pytest.skip("this MIS gives no changes")
        school = small_school()
        last, first = school.last_day, school.calendar.school_days[0]
        pupil = next(m.pupil_id for m in school.marks_known(last) if m.date == first)
        with self.case.mis(school) as mis, self.case.adapter(mis) as adapter:
            pulled = Pulled().pull(adapter, last)
            school.correct_mark(pupil, first, "AM", "M", at=_evening(last))
            pulled.pull(adapter, last, recent_from=last)
            self.agree(pulled, mis, last)

    def test_a_mark_entered_ahead_comes_on_its_day(self) -> None:
        """Leave, a trip, an exclusion: also where the MIS is asked for changes only, and days pass without a pull."""
        school = small_school()
        pulled = Pulled()
        with self.case.mis(school, today=school.first_day) as mis, self.case.adapter(mis) as adapter:
            for day in days_of_pulls(school):
                mis.today = day
                pulled.pull(adapter, day)
                self.agree(pulled, mis, day)

    def test_after_a_clock_that_was_ahead_nothing_is_missed(self) -> None:
        school = small_school()
        days, pulled = school.calendar.school_days, Pulled()
        with self.case.mis(school, today=days[3]) as mis, self.case.adapter(mis) as adapter:
            pulled.pull(adapter, school.last_day)
            mis.today = days[6]
            pulled.pull(adapter, days[6])
            self.agree(pulled, mis, days[6])

    def test_a_closure_entered_for_everyone_comes_for_everyone(self) -> None:
        school = small_school()
        last = school.last_day
        with self.case.mis(school) as mis, self.case.adapter(mis) as adapter:
            pulled = Pulled().pull(adapter, last)
            for pupil in school.pupils_known(last):
                school.correct_mark(pupil.pupil_id, last, "PM", "Y1", at=_evening(last))
            pulled.pull(adapter, last)
            self.agree(pulled, mis, last)

    def test_joiners_and_leavers_have_their_dates(self) -> None:
        school = small_school()
        wanted = {p.pupil_id: (p.on_roll_from, p.on_roll_to) for p in school.pupils_known(school.last_day)}
        assert any(start and start >= school.first_day for start, _ in wanted.values())
        assert any(end for _, end in wanted.values())
        with self.case.mis(school) as mis, self.case.adapter(mis) as adapter:
            pulled = Pulled().pull(adapter, school.last_day)
        got = {key: (pupil.on_roll_from, pupil.on_roll_to) for key, pupil in pulled.pupils.items()}
        if "pupil.on_roll_from" not in self.case.lacks:
            assert got == wanted

    def test_pupils_who_left_and_came_back_have_every_spell(self) -> None:
        school = returners_school()
        wanted = {p.pupil_id: p.spells for p in school.pupils_known(school.last_day)}
        with self.case.mis(school) as mis, self.case.adapter(mis) as adapter:
            if not adapter.capabilities.spells:
                pytest.skip("this MIS has one entry and one leaving date")
            pulled = Pulled().pull(adapter, school.last_day)
            self.agree(pulled, mis, school.last_day)
        assert {key: pupil.spells for key, pupil in pulled.pupils.items()} == wanted
        assert sum(len(spells) == 2 for spells in wanted.values()) == 2

    def test_a_return_brings_the_pupil_again_with_the_next_pull(self) -> None:
        school = returners_school()
        days = [day for day in school.calendar.school_days if day <= school.last_day]
        pulled = Pulled()
        with self.case.mis(school) as mis, self.case.adapter(mis) as adapter:
            if not adapter.capabilities.spells:
                pytest.skip("this MIS has one entry and one leaving date")
            for place in range(0, len(days), 4):
                mis.today = days[place]
                pulled.pull(adapter, days[place], recent_from=days[max(0, place - 4)])
                self.agree(pulled, mis, days[place])

    def test_dual_registered_no_reason_yet_and_unmarked_are_kept_apart(self) -> None:
        school, placed = coded_school(["/", "\\", "D", "N", "", "I"])
        pupil = school.pupils[0].pupil_id
        with self.case.mis(school) as mis, self.case.adapter(mis) as adapter:
            pulled = Pulled().pull(adapter, school.last_day)
        for code, session in placed.items():
            found = pulled.marks.get((pupil, session.date, session.half))
            assert (found.code if found and found.code != "-" else "") == code

    def test_every_code_met_is_in_the_list_and_means_what_our_table_says(self) -> None:
        in_force = code_set_on("england", date(2025, 9, 1))
        codes = [code for code, held in in_force.codes.items() if not held.parent]
        # the two present marks belong in their own halves of the day
        codes = ["/", "\\", *(code for code in codes if code not in ("/", "\\"))]
        school, _ = coded_school(codes)
        with self.case.mis(school) as mis, self.case.adapter(mis) as adapter:
            pulled = Pulled().pull(adapter, school.last_day)
        met = {mark.code for mark in pulled.marks.values()}
        assert met == set(codes)
        assert met <= set(pulled.codes)
        for code in met:
            counts_as = pulled.codes[code].counts_as
            assert counts_as == "" or _CLASSES[counts_as] == in_force.counts_as(code), code

    def test_sessions_round_both_clock_changes_keep_date_and_half(self) -> None:
        school = clock_change_school()
        with self.case.mis(school) as mis, self.case.adapter(mis) as adapter:
            self.agree(Pulled().pull(adapter, school.last_day), mis, school.last_day)

    def test_hostile_names_come_as_they_are(self) -> None:
        school = hostile_school()
        with self.case.mis(school) as mis, self.case.adapter(mis) as adapter:
            self.agree(Pulled().pull(adapter, school.last_day), mis, school.last_day)

    def test_reading_writes_nothing(self) -> None:
        school = small_school()
        with self.case.mis(school) as mis, self.case.adapter(mis) as adapter:
            adapter.check()
            pulled = Pulled().pull(adapter, school.last_day)
            assert isinstance(pulled.pages[-1], PullEnd)
            assert not mis.world.written.notes()
            assert not mis.world.written.documents()
            self.agree(pulled, mis, school.last_day)


def _evening(day: date) -> datetime:
    return datetime.combine(day, time(18, 30), LONDON)
