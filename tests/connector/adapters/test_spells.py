"""A pupil's spells on roll as each MIS gives them: every one, or the last where it holds no more."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from connector.adapters.base import PupilPage
from connector.adapters.folder.reads import read_folder
from connector.adapters.sims import KIND as SIMS
from connector.adapters.spells import joined
from connector.adapters.wonde import KIND as WONDE
from connector.adapters.xporter import KIND as XPORTER
from connector.mock.register_folder import write_register_folder
from connector.mock.school import MadeUpSchool
from connector.testing.case import AdapterCase
from connector.testing.pulled import Pulled
from connector.testing.schools import returners_school, small_school
from rules.school import Pupil, Spell
from tests.connector.adapters.arbor_school import BOTH, agree, arbor, put

HISTORY = {"enrolment_history": True}


def day(month: int, number: int) -> date:
    return date(2025, month, number)


AUTUMN = Spell(day(9, 3), day(10, 10))


@pytest.mark.parametrize(
    ("held", "spells"),
    [
        ((Spell(day(11, 3)), AUTUMN), (AUTUMN, Spell(day(11, 3)))),
        ((AUTUMN, AUTUMN), (AUTUMN,)),
        ((AUTUMN, Spell(day(10, 10), day(11, 7))), (Spell(day(9, 3), day(11, 7)),)),
        ((AUTUMN, Spell(day(10, 11))), (AUTUMN, Spell(day(10, 11)))),
        ((Spell(day(9, 3)), Spell(day(10, 1), day(10, 10))), (Spell(day(9, 3)),)),
        ((Spell(None, day(9, 30)), Spell(None, day(10, 10))), (Spell(None, day(10, 10)),)),
        ((Spell(day(9, 8), day(9, 7)), Spell(day(11, 3))), (Spell(day(11, 3)),)),
        ((Spell(day(9, 8), day(9, 7)),), (Spell(day(9, 8), day(9, 7)),)),
        ((), ()),
    ],
)
def test_spells_that_overlap_are_one_and_those_without_a_day_are_none(
    held: tuple[Spell, ...], spells: tuple[Spell, ...]
) -> None:
    assert joined(held) == spells


def returners(school: MadeUpSchool) -> list[Pupil]:
    return [pupil for pupil in school.pupils if len(pupil.spells) > 1]


def test_a_made_up_school_without_returners_is_the_one_it_was() -> None:
    school = small_school()
    assert not returners(school)
    assert [p.pupil_id for p in returners_school().pupils] == [p.pupil_id for p in school.pupils]


def test_a_made_up_pupil_who_comes_back_has_marks_in_both_spells_and_none_between() -> None:
    school = returners_school()
    assert len(returners(school)) == 2
    for pupil in returners(school):
        first, second = pupil.spells
        marked = {m.date for m in school.marks_known(school.last_day) if m.pupil_id == pupil.pupil_id}
        assert first.end in marked
        assert second.start in marked
        assert all(pupil.on_roll(one) for one in marked)


def _enrol(start: date, end: date | None, pupil_id: str) -> dict[str, object]:
    student = {"entityType": "Student", "href": f"/rest-v2/students/{pupil_id}"}
    row = {"student": student, "entryDate": start.isoformat(), "leavingDate": end and end.isoformat()}
    return {"educationalInstitutionEnrolment": row}


@BOTH
def test_a_new_enrolment_of_a_known_pupil_in_arbor_brings_that_pupil_alone(reads: str) -> None:
    school = small_school()
    pupil = next(p for p in school.pupils if p.on_roll_to)
    back = school.calendar.next_school_day(school.last_day) or school.last_day
    with arbor(school, reads=reads) as (server, adapter):
        pulled = Pulled().pull(adapter, school.last_day)
        put(server, "educational-institution-enrolments", _enrol(back, None, pupil.pupil_id), "POST")
        pulled.pull(adapter, school.last_day)
        came = {p.pupil_id for page in pulled.pages if isinstance(page, PupilPage) for p in page.pupils}
    assert came == {pupil.pupil_id}
    assert pulled.pupils[pupil.pupil_id].spells == (*pupil.spells, Spell(back))
    assert pulled.pages[-1].warnings == ()  # type: ignore[union-attr]


@BOTH
def test_enrolments_of_one_pupil_in_arbor_that_overlap_stop_nobody(reads: str) -> None:
    school = small_school()
    last = school.last_day
    pupil = next(p for p in school.pupils if p.on_roll_to is None)
    other = next(p for p in school.pupils if p.on_roll_to)
    with arbor(school, reads=reads) as (server, adapter):
        for row in (_enrol(last, None, pupil.pupil_id), _enrol(last, day(9, 1), other.pupil_id)):
            put(server, "educational-institution-enrolments", row, "POST")
        pulled = Pulled().pull(adapter, last)
        agree(pulled, school, last)
    (warning,) = pulled.pages[-1].warnings  # type: ignore[union-attr]
    assert warning.startswith("2 pupil(s) have enrolments that overlap or end before they begin")


def spells_pulled(case: AdapterCase, school: MadeUpSchool) -> tuple[dict[str, tuple[Spell, ...]], bool]:
    with case.mis(school) as mis, case.adapter(mis) as adapter:
        pulled = Pulled().pull(adapter, school.last_day)
        return {key: pupil.spells for key, pupil in pulled.pupils.items()}, adapter.capabilities.spells


def test_xporter_gives_every_spell_with_the_enrolment_history() -> None:
    school = returners_school()
    case = AdapterCase(XPORTER, settings=HISTORY)
    assert spells_pulled(case, school) == (
        {pupil.pupil_id: pupil.spells for pupil in school.pupils_known(school.last_day)},
        True,
    )
    with case.mis(school) as mis, case.adapter(mis) as adapter:
        assert [finding for finding in adapter.check() if finding.severity == "error"] == []


@pytest.mark.parametrize(
    "case",
    [
        AdapterCase(SIMS, options={"calls_per_second": None}),
        AdapterCase(XPORTER),
        AdapterCase(WONDE),
    ],
    ids=["sims", "xporter", "wonde"],
)
def test_a_mis_with_one_entry_and_leaving_date_gives_the_last_spell(case: AdapterCase) -> None:
    school = returners_school()
    assert spells_pulled(case, school) == (
        {pupil.pupil_id: pupil.spells[-1:] for pupil in school.pupils_known(school.last_day)},
        False,
    )


def test_a_register_folder_of_the_made_up_school_has_every_spell(tmp_path: Path) -> None:
    school = returners_school()
    write_register_folder(tmp_path, school, school.last_day)
    read = read_folder(tmp_path)
    assert {p.pupil_id: p.spells for p in read.pupils} == {
        p.pupil_id: p.spells for p in school.pupils_known(school.last_day)
    }
