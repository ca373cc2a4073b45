"""The made-up school's people and calendar."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.mock.register_folder import write_register_folder
from connector.mock.school import MadeUpSchool, make_school
from connector.mock.school.pupils import upn_check_letter
from connector.mock.school.year import closures, school_year
from rules.calendar import Calendar
from rules.school import Pupil


@pytest.fixture(scope="module")
def school() -> MadeUpSchool:
    return make_school(seed=7)


def test_the_same_seed_is_the_same_school() -> None:
    one, two = make_school(pupils=60, weeks=6, seed=3), make_school(pupils=60, weeks=6, seed=3)

    assert one.pupils == two.pupils
    assert one.marks_known(one.last_day) == two.marks_known(two.last_day)
    assert one.changes_known(one.last_day) == two.changes_known(two.last_day)
    assert one.records == two.records


def test_another_seed_is_another_school() -> None:
    assert make_school(pupils=60, seed=3).pupils != make_school(pupils=60, seed=4).pupils


@settings(max_examples=40)
@given(st.integers(1990, 2090))
def test_every_school_year_has_a_valid_calendar_of_about_190_days(start_year: int) -> None:
    periods = school_year(start_year)
    calendar = Calendar(periods)
    shut = closures(calendar, start_year)

    assert 185 <= len(calendar.school_days) <= 192
    assert len(calendar.half_terms) == 6
    assert len(calendar.terms) == 3
    assert all(any(h.start in term and h.end in term for term in calendar.terms) for h in calendar.half_terms)
    assert all(calendar.is_school_day(period.start) for period in shut)
    assert len(Calendar(periods + shut).sessions) == len(calendar.sessions) - 3


def test_thirteen_weeks_from_september_end_on_the_fifth_of_december(school: MadeUpSchool) -> None:
    assert school.first_day == date(2025, 9, 3)
    assert school.last_day == date(2025, 12, 5)


def test_a_day_may_be_closed_in_the_afternoon_only(school: MadeUpSchool) -> None:
    halves = Counter(session.date for session in school.calendar.sessions)

    assert min(halves.values()) == 1


@pytest.mark.parametrize("pupils", [1, 30, 97, 420])
def test_every_upn_is_unique_and_its_check_letter_right(pupils: int) -> None:
    upns = [pupil.upn for pupil in make_school(pupils=pupils, weeks=2).pupils]

    assert len(set(upns)) == pupils
    assert all(len(upn) == 13 and upn[0] == upn_check_letter(upn[1:]) for upn in upns)


def test_the_check_letter_follows_the_published_rule() -> None:
    # digits 8 2 0 4 0 0 1 0 1 1 2 3 times weights 2 to 13: 165, and 165 = 7 * 23 + 4, the letter of 4 is E
    assert (
        upn_check_letter("820400101123")
        == "ABCDEFGHJKLMNPQRTUVWXYZ"[(8 * 2 + 2 * 3 + 4 * 5 + 1 * 8 + 1 * 10 + 1 * 11 + 2 * 12 + 3 * 13) % 23]
    )


def test_siblings_share_their_contacts(school: MadeUpSchool) -> None:
    families: dict[int, list[Pupil]] = {}
    for enrolled in school.enrolled:
        families.setdefault(enrolled.household.number, []).append(enrolled.pupil)

    assert sum(1 for children in families.values() if len(children) > 1) > 30
    assert all(child.contacts == children[0].contacts for children in families.values() for child in children)


@pytest.mark.parametrize("pupils", [30, 420])
def test_every_kind_of_family_is_there(pupils: int) -> None:
    contacts = [contact for pupil in make_school(pupils=pupils).pupils for contact in pupil.contacts]

    assert any(contact.court_order for contact in contacts)
    assert any(not contact.correspondence for contact in contacts)
    assert any(not contact.address.usable for contact in contacts)
    assert any(not contact.parental_responsibility for contact in contacts)
    assert any(contact.priority is None for contact in contacts)


def test_separated_parents_live_at_two_addresses(school: MadeUpSchool) -> None:
    separated = [e.pupil for e in school.enrolled if e.household.situation == "separated"]

    assert separated
    assert all(len({contact.address for contact in pupil.contacts}) == 2 for pupil in separated)


def test_names_are_as_awkward_as_in_life(school: MadeUpSchool) -> None:
    names = " ".join(f"{p.legal_forename}|{p.legal_surname}" for p in school.pupils)

    assert all(sign in names for sign in "&’'-<łé")
    assert any(len(pupil.legal_surname) > 60 for pupil in school.pupils)
    assert any(pupil.legal_surname == "" for pupil in school.pupils)
    assert any(contact.surname == "O’Brien & Sons" for p in school.pupils for contact in p.contacts)


def test_families_speak_several_languages_and_some_want_letters_in_theirs(school: MadeUpSchool) -> None:
    assert len({pupil.first_language for pupil in school.pupils}) >= 6
    assert len({contact.language for pupil in school.pupils for contact in pupil.contacts}) >= 4


def test_shares_of_flags_are_plausible(school: MadeUpSchool) -> None:
    count = len(school.pupils)
    shares = {
        name: sum(getattr(pupil, name) for pupil in school.pupils) / count
        for name in ("fsm", "pupil_premium", "eal", "looked_after", "social_worker", "young_carer")
    }

    assert 0.15 < shares["fsm"] < 0.4
    assert shares["pupil_premium"] >= shares["fsm"]
    assert 0.1 < shares["eal"] < 0.4
    assert 0 < shares["looked_after"] < 0.03
    assert 0 < shares["social_worker"] < 0.1
    assert 0 < shares["young_carer"] < 0.05
    assert sum(pupil.child_protection for pupil in school.pupils) >= 1
    assert {pupil.sen_status for pupil in school.pupils} == {"N", "K", "E"}


def test_groups_hold_about_thirty_of_one_year(school: MadeUpSchool) -> None:
    sizes = Counter(pupil.registration_group for pupil in school.pupils)

    assert len(sizes) == 14
    assert all(25 <= size <= 35 for size in sizes.values())
    assert school.registration_groups[0] == "RA"
    assert school.year_groups[0] == "Reception"


def test_a_tiny_school_has_mixed_classes() -> None:
    school = make_school(pupils=30)

    assert school.registration_groups == ("Class 1",)
    assert len(school.year_groups) == 7


def test_joiners_and_leavers_come_and_go_in_mid_term(school: MadeUpSchool) -> None:
    joiners = [p for p in school.pupils if p.on_roll_from and p.on_roll_from > school.first_day]
    leavers = [p for p in school.pupils if p.on_roll_to]

    assert joiners
    assert leavers
    before = {pupil.pupil_id: pupil for pupil in school.pupils_known(school.first_day)}
    after = {pupil.pupil_id: pupil for pupil in school.pupils_known(school.last_day)}
    late = max(joiners, key=lambda pupil: pupil.on_roll_from or date.min)
    gone = max(leavers, key=lambda pupil: pupil.on_roll_to or date.min)
    assert late.pupil_id not in before
    assert late.pupil_id in after
    assert before[gone.pupil_id].on_roll_to is None
    assert after[gone.pupil_id].on_roll_to == gone.on_roll_to


def test_reception_children_begin_below_compulsory_age(school: MadeUpSchool) -> None:
    reception = [pupil for pupil in school.pupils if pupil.year_group == "Reception"]

    assert all(
        p.date_of_birth and date(2020, 9, 1) <= p.date_of_birth <= date(2021, 8, 31) for p in reception
    )


def test_a_part_time_timetable_lies_within_the_stretch(school: MadeUpSchool) -> None:
    part_time = [p for p in school.pupils if p.part_time_from and p.part_time_to]

    assert part_time
    assert all(p.part_time_from and p.part_time_from >= school.first_day for p in part_time)


def test_a_welsh_school_has_welsh_names_and_only_welsh_codes() -> None:
    school = make_school(nation="wales", weeks=39)
    codes = {mark.code for mark in school.marks_known(school.last_day)}

    assert codes <= set("/\\LBJPVWDCEFHIMRSTGNOUXYZ#")
    assert "H" in codes
    assert any(pupil.first_language == "Welsh" for pupil in school.pupils)
    assert school.register(school.last_day).code_set_on(school.last_day).name == "wales-2010"


def test_a_walk_may_begin_in_the_middle_of_the_year() -> None:
    school = make_school(pupils=30, weeks=2, first_day=date(2026, 2, 25))

    assert school.first_day == date(2026, 2, 25)
    assert school.last_day == date(2026, 3, 6)
    assert school.marks_known(school.last_day)[0].date == date(2025, 9, 3)


@pytest.mark.parametrize(("pupils", "weeks"), [(0, 5), (5, 0)])
def test_a_school_without_pupils_or_weeks_is_refused(pupils: int, weeks: int) -> None:
    with pytest.raises(ValueError, match="at least one"):
        make_school(pupils=pupils, weeks=weeks)


def test_the_written_register_folder_gives_the_register_of_the_school(
    school: MadeUpSchool, tmp_path_factory: pytest.TempPathFactory
) -> None:
    from connector.adapters.folder.reads import read_folder

    day = school.last_day - timedelta(days=20)
    facts = read_folder(write_register_folder(tmp_path_factory.mktemp("register"), school, day))
    register, expected = facts.register(), school.register(day)

    assert facts.warnings == ()
    assert register.pupils == tuple(replace(p, admission_number="") for p in expected.pupils)
    assert (register.matrix == expected.matrix).all()
    assert register.calendar == expected.calendar
    assert register.amendments == expected.amendments
    assert register.minutes_late == expected.minutes_late
    assert register.comments == expected.comments
    assert register.attendance_plans == expected.attendance_plans
    assert register.leave_requests == expected.leave_requests
    assert register.notices == expected.notices


def test_the_calendar_reaches_into_the_year_after(school: MadeUpSchool) -> None:
    assert [year.name for year in school.calendar.years] == ["2025/26", "2026/27"]


def test_a_school_may_look_back_on_earlier_years() -> None:
    school = make_school(pupils=40, weeks=3, years_before=1)
    marks = school.marks_known(school.last_day)
    newcomers = {p.pupil_id for p in school.pupils if p.year_group == "Reception"}

    assert [year.name for year in school.calendar.years] == ["2024/25", "2025/26", "2026/27"]
    assert marks[0].date == date(2024, 9, 3)
    assert school.first_day == date(2025, 9, 3)
    assert all(mark.date >= school.first_day for mark in marks if mark.pupil_id in newcomers)
    assert school.register(school.last_day).warnings == ()
