"""Each kind of fault on either side of its edge; and what the MIS gives of nobody is no fault."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import pytest

from letters.reports.quality.data_quality import CONTACTS, DataQuality, data_quality
from letters.reports.quality.quality_list import quality_list
from rules.calendar import Calendar
from rules.checks.year_length import year_length_warning
from rules.register import Register, build_register
from rules.school import Address, Contact, LeaveRequest, Mark, Pupil, Spell
from tests.letters.docx_files import assert_sound
from tests.letters.letter_school import CALENDAR
from tests.letters.made_up import SCHOOL, calendar
from tests.letters.reports.reading import tables, words

DAY = date(2025, 12, 5)
"""A Friday."""
HOME = Address(("1 Elm Road",), "Hull", "", "HU1 1AA")
PARENTS = tuple(
    Contact(
        f"c{n}",
        surname="Okoro",
        priority=n,
        parental_responsibility=True,
        address=HOME,
        telephones=(f"0770090000{n}",),
    )
    for n in (1, 2)
)
GOOD = Pupil(
    "1", legal_forename="Ada", legal_surname="Okoro", date_of_birth=date(2016, 5, 1), year_group="4", registration_group="4A",
    on_roll_from=date(2025, 9, 3), contacts=PARENTS,
)  # fmt: skip


def register(*pupils: Pupil, marks: Sequence[Mark] = (), leave: Sequence[LeaveRequest] = ()) -> Register:
    """Return a register in which everybody is present but for some marks; a good pupil with every fact is always in it."""
    everyone = [replace(GOOD, pupil_id="good"), *pupils]
    present = [
        Mark(pupil.pupil_id, s.date, s.half, "/" if s.half == "AM" else "\\") for pupil in everyone for s in CALENDAR.sessions
        if s.date <= DAY
    ]  # fmt: skip
    good = Mark("good", date(2025, 9, 8), "AM", "L", 5, "bus")
    return build_register(
        pupils=everyone, calendar=CALENDAR, marks=[*present, good, *marks], leave_requests=leave
    )


def found(quality: DataQuality, name: str) -> list[tuple[str, str]]:
    (fault,) = [fault for fault in quality.faults if fault.name.startswith(name)]
    return [(pupil.pupil_id, detail) for pupil, detail in fault.pupils]


def test_a_school_without_a_fault_has_none() -> None:
    quality = data_quality(register(GOOD), DAY)
    assert [fault.name for fault in quality.faults if fault.pupils] == []
    assert quality.not_looked_at == ()


@pytest.mark.parametrize(
    ("name", "bad"),
    [
        (
            "No address",
            replace(GOOD, contacts=tuple(replace(c, address=Address(("No fixed abode",))) for c in PARENTS)),
        ),
        ("Fewer than 2 contacts", replace(GOOD, contacts=PARENTS[: CONTACTS - 1])),
        ("Fewer than 2 contacts", replace(GOOD, contacts=(PARENTS[0], replace(PARENTS[1], deceased=True)))),
        ("Fewer than 2 contacts", replace(GOOD, contacts=(PARENTS[0], replace(PARENTS[1], telephones=())))),
        (
            "Fewer than 2 contacts",
            replace(GOOD, contacts=(PARENTS[0], replace(PARENTS[1], court_order=True))),
        ),
        ("No date of birth", replace(GOOD, date_of_birth=None)),
        ("No class", replace(GOOD, registration_group=" ")),
    ],
)
def test_a_fact_that_a_pupil_lacks_is_named(name: str, bad: Pupil) -> None:
    quality = data_quality(register(bad), DAY)
    assert [pupil_id for pupil_id, _ in found(quality, name)] == ["1"]
    assert [fault.name for fault in quality.faults if fault.pupils] == [fault.name for fault in quality.faults if fault.name.startswith(name)]  # fmt: skip


def test_a_pupil_who_has_left_is_not_on_the_list() -> None:
    assert (
        found(
            data_quality(register(replace(GOOD, date_of_birth=None).left_by(DAY - timedelta(1))), DAY),
            "No date",
        )
        == []
    )


@pytest.mark.parametrize(
    ("pupil", "gone"),
    [
        (
            replace(GOOD, contacts=tuple(replace(c, telephones=()) for c in PARENTS)),
            "telephone numbers",
        ),
        (replace(GOOD, contacts=()), "addresses"),
        (replace(GOOD, date_of_birth=None), "dates of birth"),
    ],
)
def test_what_the_mis_gives_of_nobody_is_no_fault(pupil: Pupil, gone: str) -> None:
    whole = register(pupil)
    alone = replace(whole, pupils=tuple(replace(pupil, pupil_id=p.pupil_id) for p in whole.pupils))
    quality = data_quality(alone, DAY)
    assert gone in quality.not_looked_at
    assert not [fault for fault in quality.faults if fault.pupils]


@pytest.mark.parametrize(("day", "named"), [(date(2025, 11, 28), False), (date(2025, 11, 27), True)])
def test_n_is_named_when_more_than_five_school_days_have_passed(day: date, named: bool) -> None:
    """Friday 5 December: 28 November is five school days before, 27 November six."""
    quality = data_quality(register(GOOD, marks=[Mark("1", day, "AM", "N")]), DAY)
    assert bool(found(quality, "N older")) is named


def test_x_counts_at_compulsory_school_age_only() -> None:
    young = replace(GOOD, pupil_id="2", date_of_birth=date(2021, 8, 30))
    marks = [Mark(pupil_id, date(2025, 10, 6), "PM", "X") for pupil_id in ("1", "2")]
    assert found(data_quality(register(GOOD, young, marks=marks), DAY), "X at") == [
        ("1", "1 mark, last 6 Oct 2025 PM")
    ]


@pytest.mark.parametrize(
    ("mark", "name"),
    [
        (Mark("1", DAY, "AM", "L"), "L without minutes"),
        (Mark("1", DAY, "AM", "V"), "B, C, P, V, W or Y"),
        (Mark("1", DAY, "AM", "Y3"), "B, C, P, V, W or Y"),
        (Mark("1", DAY, "AM", "Present"), "Marks that are no attendance code"),
        (Mark("1", DAY, "AM", ""), "Sessions without a mark"),
        (Mark("1", DAY, "AM", "F"), "F without a day of return"),
    ],
)
def test_a_mark_that_lacks_something_is_named(mark: Mark, name: str) -> None:
    (row,) = found(data_quality(register(GOOD, marks=[mark]), DAY), name)
    assert row[0] == "1"
    assert "last 5 Dec 2025 AM" in row[1]


@pytest.mark.parametrize(
    ("mark", "name"),
    [
        (Mark("1", DAY, "AM", "L", 3), "L without minutes"),
        (Mark("1", DAY, "AM", "V", comment="Museum"), "B, C, P, V, W or Y"),
        (Mark("1", DAY, "AM", "F", comment="back on 12 January"), "F without a day of return"),
        (Mark("1", date(2025, 11, 7), "AM", "V"), "B, C, P, V, W or Y"),
    ],
)
def test_a_mark_with_its_note_or_of_long_ago_is_not(mark: Mark, name: str) -> None:
    assert found(data_quality(register(GOOD, marks=[mark]), DAY), name) == []


def test_f_within_a_leave_on_record_has_its_day_of_return() -> None:
    leave = LeaveRequest("1", DAY, DAY, "holiday", DAY)
    of = register(GOOD, marks=[Mark("1", DAY, "AM", "F")], leave=[leave])
    assert found(data_quality(of, DAY), "F without") == []


@pytest.mark.parametrize(("seen", "named"), [(False, True), (True, False)])
def test_a_pupil_who_was_never_seen_since_entry_is_named(seen: bool, named: bool) -> None:
    joined = date(2025, 12, 1)
    marks = [Mark("1", s.date, s.half, "N") for s in CALENDAR.sessions if joined <= s.date <= DAY]
    if seen:
        marks.append(Mark("1", DAY, "PM", "\\"))
    quality = data_quality(register(GOOD.with_spells(Spell(joined)), marks=marks), DAY)
    assert found(quality, "On roll, but never seen") == ([("1", "since 1 Dec 2025")] if named else [])


def test_the_list_has_counts_first_and_then_names_by_class() -> None:
    lacking = replace(GOOD, pupil_id="2", legal_surname="Zed", date_of_birth=None, registration_group="3B")
    data = quality_list(
        register(GOOD, lacking, marks=[Mark("1", DAY, "AM", "L")]), SCHOOL, as_of=DAY, printed_on=DAY
    )
    assert_sound(data)
    counts, names = tables(data)
    assert [
        "No date of birth",
        "1",
        "",
        "enter it: without it every day counts as of compulsory school age",
    ] in counts
    assert [row[0] for row in names[1:]] == ["3B", "Zed, Ada", "4A", "Okoro, Ada"]
    assert "Zed" not in words(data).split("By class")[0]


def test_a_school_year_of_190_days_brings_no_warning_and_another_does() -> None:
    whole = calendar()
    assert year_length_warning(whole, DAY) is None
    fewer = Calendar(tuple(p for p in whole.periods if p.start != date(2026, 6, 1) or p.kind != "inset"))
    warning = year_length_warning(fewer, DAY)
    assert warning is not None
    assert "191 school days with 382 sessions" in warning
    lost = Calendar((*whole.periods, replace(whole.periods[-1], kind="closure", start=DAY, end=DAY)))
    assert year_length_warning(lost, DAY) is None
    assert year_length_warning(CALENDAR, DAY) is None, "the year is not known to its end"
