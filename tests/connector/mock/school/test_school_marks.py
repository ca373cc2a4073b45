"""The made-up school's marks: their shares, their patterns, and how they become known."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from connector.mock.school import MadeUpSchool, make_school
from connector.mock.school.marks import published_shares
from rules.codes import Class
from rules.register import Register
from rules.school import Mark

LONDON = ZoneInfo("Europe/London")
LATER = timedelta(days=30)


@pytest.fixture(scope="module")
def year() -> MadeUpSchool:
    """Return a primary school's whole year."""
    return make_school(pupils=420, weeks=39, seed=5)


@pytest.fixture(scope="module")
def register(year: MadeUpSchool) -> Register:
    return year.register(year.last_day + LATER)


@pytest.fixture
def small() -> MadeUpSchool:
    return make_school(pupils=40, weeks=4, seed=2)


def shares_of(marks: list[Mark]) -> dict[str, float]:
    counts = Counter(mark.code for mark in marks)
    possible = sum(count for code, count in counts.items() if code not in ("D", "X"))
    return {code: count / possible for code, count in counts.items()}


@pytest.mark.parametrize(
    ("phase", "pupils", "weeks"), [("primary", 420, 39), ("secondary", 900, 13), ("primary", 105, 13)]
)
def test_the_shares_of_codes_follow_the_published_ones(phase: str, pupils: int, weeks: int) -> None:
    school = make_school(pupils=pupils, weeks=weeks, phase=phase, seed=5)  # type: ignore[arg-type]
    shares = shares_of(school.marks_known(school.last_day + LATER))

    for code, published in published_shares(school.phase).items():
        tolerance = max(0.05 * published, 0.0006) + (0.01 if code in "/\\" else 0)
        assert shares.get(code, 0) == pytest.approx(published, abs=tolerance), code


def test_attendance_over_a_year_is_the_published_percentage(register: Register) -> None:
    attended = int(((register.classes == Class.PRESENT) | (register.classes == Class.APPROVED)).sum())
    absent = int(((register.classes == Class.AUTHORISED) | (register.classes == Class.UNAUTHORISED)).sum())

    assert attended / (attended + absent) == pytest.approx(0.9472, abs=0.002)


def test_some_pupils_are_persistent_some_severe_and_some_never_away(register: Register) -> None:
    absent = ((register.classes == Class.AUTHORISED) | (register.classes == Class.UNAUTHORISED)).sum(axis=1)
    attended = ((register.classes == Class.PRESENT) | (register.classes == Class.APPROVED)).sum(axis=1)
    possible = absent + attended
    seen = possible > 0

    assert 0.09 < (10 * absent >= possible)[seen].mean() < 0.2
    assert 0 < (2 * absent >= possible)[seen].mean() < 0.02
    assert 0.01 < (absent == 0)[seen].mean() < 0.15


def longest_run(register: Register, code: str) -> int:
    longest = 0
    held = register.coded({code})
    for row in range(held.shape[0]):
        run = 0
        for here in held[row]:
            run = run + 1 if here else 0
            longest = max(longest, run)
    return longest


def test_some_are_ill_for_weeks_some_on_holiday_and_some_late_again_and_again(register: Register) -> None:
    assert longest_run(register, "I") >= 30
    assert longest_run(register, "G") >= 10
    assert register.coded({"L"}).sum(axis=1).max() >= 15
    assert register.coded({"O"}).sum(axis=1).max() >= 20


def test_siblings_go_on_holiday_together(year: MadeUpSchool) -> None:
    away: dict[tuple[int, date], set[str]] = {}
    household = {e.pupil.pupil_id: e.household.number for e in year.enrolled}
    for mark in year.marks_known(year.last_day + LATER):
        if mark.code == "G":
            away.setdefault((household[mark.pupil_id], mark.date), set()).add(mark.pupil_id)

    assert any(len(children) > 1 for children in away.values())


def test_only_late_marks_carry_minutes(year: MadeUpSchool) -> None:
    marks = year.marks_known(year.last_day)

    assert all(bool(mark.minutes_late) == (mark.code in ("L", "U")) for mark in marks)


def test_nothing_is_marked_off_the_roll_or_outside_the_calendar(register: Register) -> None:
    assert register.warnings == ()


def test_a_few_marks_are_missing_and_now_and_then_a_whole_register(register: Register) -> None:
    upto = [session.date <= date(2026, 7, 17) for session in register.sessions]
    missing = (register.classes == Class.MISSING)[:, upto]

    assert 0.0001 < missing.mean() < 0.003


def test_n_stands_until_the_office_knows_more(year: MadeUpSchool) -> None:
    day = date(2025, 11, 14)
    then = {(m.pupil_id, m.date, m.half): m.code for m in year.marks_known(day)}
    later = {(m.pupil_id, m.date, m.half): m.code for m in year.marks_known(day + LATER)}
    resolved = [key for key, code in then.items() if code == "N" and later[key] != "N"]

    assert len(resolved) >= 3
    amended = {(a.pupil_id, a.date, a.half): a for a in year.amendments_known(day + LATER)}
    for key in resolved:
        assert amended[key].original == "N"
        assert amended[key].amended_at.date() > day
        assert amended[key].amended_by
        assert amended[key].role
        assert amended[key].reason


def test_what_was_known_only_grows(year: MadeUpSchool) -> None:
    days = [date(2025, 9, 3), date(2025, 9, 4), date(2025, 9, 12)]
    known = [year.marks_known(day) for day in days]

    assert [max(mark.date for mark in marks) for marks in known] == days
    assert len(known[0]) < len(known[1]) < len(known[2])
    assert year.marks_known(date(2025, 9, 2)) == []


def test_corrections_are_in_order_of_time_and_after_their_session(year: MadeUpSchool) -> None:
    changes = year.changes_known(year.last_day + LATER)

    assert [c.changed_at for c in changes] == sorted(c.changed_at for c in changes)
    assert all(change.changed_at.date() >= change.mark.date for change in changes)
    assert all(change.changed_at.tzinfo for change in changes)


def test_a_mark_corrected_by_hand_is_known_from_then_on(small: MadeUpSchool) -> None:
    mark = next(m for m in small.marks_known(small.last_day) if m.code == "/")
    at = datetime(2025, 9, 24, 10, 0, tzinfo=LONDON)
    small.correct_mark(mark.pupil_id, mark.date, mark.half, "O", at=at, by="Mrs A Test", reason="Slip")

    def code(day: date) -> str:
        return next(
            m.code
            for m in small.marks_known(day)
            if (m.pupil_id, m.date, m.half) == (mark.pupil_id, mark.date, mark.half)
        )

    assert code(date(2025, 9, 23)) == "/"
    assert code(date(2025, 9, 24)) == "O"
    amendment = next(a for a in small.amendments_known(date(2025, 9, 24)) if a.amended_at == at)
    assert (amendment.original, amendment.amended, amendment.amended_by) == ("/", "O", "Mrs A Test")
    now = small.mark_now(mark.pupil_id, mark.date, mark.half)
    assert now is not None
    assert now.code == "O"


def test_a_mark_can_be_taken_away_and_made_again(small: MadeUpSchool) -> None:
    mark = small.marks_known(small.last_day)[0]
    key = (mark.pupil_id, mark.date, mark.half)
    small.correct_mark(*key, "")

    assert small.mark_now(*key) is None
    assert key not in [(m.pupil_id, m.date, m.half) for m in small.marks_known(small.last_day)]
    small.correct_mark(*key, "I", at=datetime(2025, 9, 25, 9, 0, tzinfo=LONDON))
    assert key in [(m.pupil_id, m.date, m.half) for m in small.marks_known(small.last_day)]


def test_correcting_what_the_school_has_not_is_refused(small: MadeUpSchool) -> None:
    with pytest.raises(LookupError):
        small.correct_mark("nobody", small.first_day, "AM", "I")
    with pytest.raises(LookupError):
        small.correct_mark(small.pupils[0].pupil_id, date(2025, 9, 6), "AM", "I")


def test_records_become_known_with_their_day(year: MadeUpSchool) -> None:
    assert year.leave_requests_known(year.last_day)
    assert year.attendance_plans_known(year.last_day)
    assert year.notices_known(year.last_day)
    assert all(r.requested <= date(2025, 12, 1) for r in year.leave_requests_known(date(2025, 12, 1)))
    assert all(p.date <= date(2025, 12, 1) for p in year.attendance_plans_known(date(2025, 12, 1)))


def test_a_large_secondary_school_can_be_made() -> None:
    school = make_school(pupils=1500, weeks=13, phase="secondary")
    marks = school.marks_known(school.last_day)

    assert len(marks) > 170_000
