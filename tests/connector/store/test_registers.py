"""Registers survive the store exactly, and come out as fast as a school needs them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connector.adapters.base import (
    AllMarksSent,
    AllPupilsSent,
    CalendarPage,
    MarkPage,
    PullEnd,
    PupilPage,
    RecordPage,
)
from connector.errors import HeldError, StoreError
from connector.store import Store
from connector.store.mark_bytes import session_at, slot_of, storage_year
from connector.store.pull_merge import bookmark
from connector.store.registers import marks_off_calendar, read_marks
from rules.calendar import HALVES, Calendar, Period
from rules.pupil_record import PupilRecord
from rules.register import build_register
from rules.school import (
    Address,
    AttendancePlan,
    Contact,
    Exclusion,
    FormDecision,
    LeaveRequest,
    Licence,
    Mark,
    Notice,
    NoticeToImprove,
    Pupil,
    Session,
)
from tests.connector.memory_mis import PERIODS, made_up_pupil

NOW = datetime(2025, 12, 1, 18, tzinfo=UTC)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
DAYS = st.dates(date(2024, 7, 20), date(2026, 8, 20))
CODES = st.sampled_from(["/", "\\", "L", "I", "N", "O", "", "-", " L", "l", "X01", "?", "é"])


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "hill.db", "hill") as opened:
        yield opened


def take(store: Store, *pages: object, at: datetime = NOW) -> None:
    """One whole pull."""
    merge = store.begin_pull(at=at)
    for page in (*pages, PullEnd("b1")):
        merge.apply(page)  # type: ignore[arg-type]


@st.composite
def marks(draw: st.DrawFn) -> list[Mark]:
    return draw(
        st.lists(
            st.builds(
                Mark,
                st.sampled_from(["1", "2", "9"]),
                DAYS,
                st.sampled_from(HALVES),
                CODES,
                st.none() | st.integers(0, 300),
                TEXT,
            ),
            max_size=60,
        )
    )


contacts = st.builds(
    Contact,
    TEXT,
    TEXT,
    TEXT,
    TEXT,
    TEXT,
    TEXT,
    st.none() | st.integers(1, 9),
    st.booleans(),
    st.booleans(),
    st.booleans(),
    TEXT,
    st.builds(Address, st.lists(TEXT, max_size=3).map(tuple), TEXT, TEXT, TEXT, TEXT),
    TEXT,
)


@st.composite
def pupils(draw: st.DrawFn, pupil_id: str) -> Pupil:
    dates = st.none() | DAYS
    return Pupil(
        pupil_id=pupil_id,
        upn=draw(TEXT),
        legal_forename=draw(TEXT),
        preferred_surname=draw(TEXT),
        date_of_birth=draw(dates),
        registration_group=draw(TEXT),
        on_roll_from=draw(dates),
        on_roll_to=draw(dates),
        looked_after=draw(st.booleans()),
        part_time_from=draw(dates),
        contacts=tuple(draw(st.lists(contacts, max_size=2))),
    )


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(marks(), pupils("1"), pupils("2"), st.integers(1, 20))
def test_the_register_is_what_the_facts_make(found: list[Mark], one: Pupil, two: Pupil, size: int) -> None:
    with Store.in_memory("hill") as store:
        pages = [MarkPage(tuple(found[i : i + size])) for i in range(0, len(found), size)]
        take(store, CalendarPage(PERIODS), PupilPage((one, two)), *pages)
        register = store.register(nation="england")
        last = list({(m.pupil_id, m.date, m.half): m for m in found}.values())
        expected = build_register(pupils=[one, two], calendar=Calendar(PERIODS), marks=last)
        assert register.pupils == expected.pupils
        for row in range(2):
            for column in range(len(register.sessions)):
                assert register.code_at(row, column) == expected.code_at(row, column).replace("-", "")
        assert register.minutes_late == expected.minutes_late
        assert register.comments == expected.comments
        assert register.warnings == expected.warnings or any(m.code in ("", "-") for m in last)


@settings(max_examples=60)
@given(marks())
def test_every_mark_comes_back_as_it_was_sent(found: list[Mark]) -> None:
    with Store.in_memory("hill") as store:
        take(store, MarkPage(tuple(found)))
        last = {(m.pupil_id, m.date, m.half): m for m in found}
        assert sorted(read_marks(store.connection), key=str) == sorted(last.values(), key=str)


@settings(max_examples=200)
@given(st.dates(date(1999, 1, 1), date(2100, 1, 1)), st.sampled_from(HALVES))
def test_a_session_has_one_place_in_its_year(day: date, half: str) -> None:
    slot = slot_of(day, half)  # type: ignore[arg-type]
    assert 0 <= slot < 732
    assert session_at(storage_year(day), slot) == (day, half)


def test_records_replace_what_was_held_and_a_smaller_calendar_takes_no_day_away(store: Store) -> None:
    plans = (AttendancePlan("1", date(2025, 10, 1)),)
    leave = (
        LeaveRequest(
            "1",
            date(2025, 10, 1),
            date(2025, 10, 9),
            "performance",
            date(2025, 9, 9),
            decision="in part",
            decided=date(2025, 9, 11),
            granted_to=date(2025, 10, 3),
            reason="the last two days are assessments",
            licence=Licence(date(2025, 10, 1), None, 3.5),
        ),
    )
    exclusions = (
        Exclusion(reason="ill", rules=("stage-1",), pupil_id="1", until=date(2025, 12, 1)),
        Exclusion(reason="care", flag="looked_after"),
        Exclusion(
            reason="travels",
            flag="over_age",
            year_groups=("11",),
            codes=("T", "S"),
            start=date(2025, 10, 1),
            until=date(2025, 12, 1),
        ),
    )
    notices = (Notice("1", "c1", date(2025, 9, 30)),)
    to_improve = (NoticeToImprove("1", date(2025, 9, 30), 4, 1, "c1"),)
    decisions = (FormDecision("1", date(2025, 9, 30), "none", "moved", "Head"),)
    did = (PupilRecord("1", "visit", date(2025, 9, 30), "", "seen", None, None, date(2025, 10, 7), "EWO"),)
    take(
        store,
        CalendarPage(PERIODS),
        PupilPage((made_up_pupil(1),)),
        RecordPage(plans, leave, exclusions, notices, to_improve, decisions, did),
        RecordPage(attendance_plans=()),
    )
    register = store.register(nation="england", welsh_d_attended=False)
    assert register.attendance_plans == ()
    assert (register.leave_requests, register.exclusions, register.notices) == (leave, exclusions, notices)
    assert (register.notices_to_improve, register.form_decisions) == (to_improve, decisions)
    assert register.pupil_records == did
    assert register.welsh_d_attended is False
    fewer = (Period("half_term", "Autumn 1", date(2025, 9, 3), date(2025, 10, 24)),)
    take(store, CalendarPage(fewer))
    assert store.register(nation="england").calendar.sessions == register.calendar.sessions


def test_marks_may_come_before_their_pupil(store: Store) -> None:
    mark = Mark("1", date(2025, 9, 3), "AM", "/")
    take(store, CalendarPage(PERIODS), MarkPage((mark,)))
    assert store.register(nation="england").warnings == (
        "1 mark(s) of a pupil who is not listed passed over",
    )
    take(store, PupilPage((made_up_pupil(1),)))
    assert store.register(nation="england").matrix.any()


def test_a_420_pupil_school_of_three_years_loads_whole(store: Store) -> None:
    years = [
        Period("half_term", f"{year}", date(year, 9, 3), date(year + 1, 7, 20)) for year in (2022, 2023, 2024)
    ]
    calendar = Calendar(tuple(years))
    people = [replace(made_up_pupil(n), pupil_id=f"{n:04d}") for n in range(420)]
    found = [
        Mark(p.pupil_id, s.date, s.half, "L" if hash(s) % 40 == 0 else "/", 5 if hash(s) % 40 == 0 else None)
        for p in people
        for s in calendar.sessions[::7]
    ]
    take(store, CalendarPage(calendar.periods), PupilPage(tuple(people)), MarkPage(tuple(found)))
    register = store.register(nation="england")
    assert register.matrix.shape == (420, len(calendar.sessions))


def test_the_bookmark_moves_only_at_the_end_of_a_pull(store: Store) -> None:
    take(store, PupilPage((made_up_pupil(1),)))
    assert bookmark(store.connection) == "b1"
    merge = store.begin_pull(at=NOW)
    merge.apply(PupilPage((made_up_pupil(2),)))
    assert not merge.complete
    assert bookmark(store.connection) == "b1"
    merge.apply(PullEnd(None))
    assert bookmark(store.connection) is None


def test_what_was_not_sent_is_gone_but_pupils_are_kept(store: Store) -> None:
    day = date(2025, 9, 3)
    people = (made_up_pupil(1), made_up_pupil(2))
    both = (Mark("1", day, "AM", "/"), Mark("2", day, "AM", "/"), Mark("1", day, "PM", "O"))
    take(store, CalendarPage(PERIODS), PupilPage(people), MarkPage(both))
    take(
        store,
        PupilPage(people[:1]),
        AllPupilsSent(),
        MarkPage(both[:1]),
        AllMarksSent(day, day),
    )
    register = store.register(nation="england")
    assert [pupil.pupil_id for pupil in register.pupils] == ["1", "2"]
    assert register.pupil("2").on_roll_to == NOW.date()
    assert [m.code for m in read_marks(store.connection, "1")] == ["/"]
    assert [m.code for m in read_marks(store.connection, "2")] == ["/"], "a gone pupil's marks are kept"
    assert [(a.original, a.amended) for a in register.amendments] == [("O", "")]
    take(store, PupilPage(people))
    assert store.register(nation="england").pupil("2").on_roll_to is None


def test_marks_outside_the_stretch_that_was_sent_are_left_alone(store: Store) -> None:
    before, day = date(2025, 9, 3), date(2025, 9, 4)
    take(
        store, MarkPage((Mark("1", before, "PM", "/"), Mark("1", day, "AM", "/"), Mark("1", day, "PM", "/")))
    )
    take(store, AllMarksSent(day, day))
    assert [(m.date, m.half) for m in read_marks(store.connection)] == [(before, "PM")]


def test_a_leaver_whose_marks_are_no_longer_sent_keeps_them(store: Store) -> None:
    day = date(2025, 9, 3)
    left = made_up_pupil(1, on_roll_to=date(2025, 10, 1))
    take(store, PupilPage((left,)), MarkPage((Mark("1", day, "AM", "/"),)))
    take(store, PupilPage((left,)), AllPupilsSent(), AllMarksSent(day, day))
    assert len(list(read_marks(store.connection))) == 1


def test_a_pull_that_takes_half_the_register_away_is_not_believed(store: Store) -> None:
    days = [date(2025, 9, 3) + timedelta(days=n) for n in range(30)]
    take(store, PupilPage((made_up_pupil(1), made_up_pupil(2))))
    take(store, MarkPage(tuple(Mark(p, d, h, "/") for p in "12" for d in days for h in HALVES)))
    merge = store.begin_pull(at=NOW)
    merge.apply(AllMarksSent(days[0], days[-1]))
    with pytest.raises(HeldError, match="120 of 120 marks"):
        merge.apply(PullEnd("b2"))
    assert len(list(read_marks(store.connection))) == 120
    assert bookmark(store.connection) == "b1"


def test_a_pull_without_most_of_the_pupils_is_not_believed(store: Store) -> None:
    take(store, PupilPage(tuple(made_up_pupil(n) for n in range(20))))
    merge = store.begin_pull(at=NOW)
    merge.apply(AllPupilsSent())
    with pytest.raises(HeldError, match="pupils"):
        merge.apply(PullEnd("b2"))


@pytest.mark.parametrize(("known", "removed", "held"), [(5, 5, False), (12, 6, False), (12, 7, True)])
def test_pupils_whom_the_mis_names_as_removed_count_as_many_too(
    store: Store, known: int, removed: int, held: bool
) -> None:
    take(store, PupilPage(tuple(made_up_pupil(n) for n in range(1, known + 1))))
    merge = store.begin_pull(at=NOW)
    merge.apply(PupilPage((), tuple(str(n) for n in range(1, removed + 1))))
    if held:
        with pytest.raises(HeldError, match="7 of the 12 pupils") as refusal:
            merge.apply(PullEnd("b2"))
        assert "run --accept fewer_pupils" in refusal.value.fix
    else:
        merge.apply(PullEnd("b2"))
    assert len(store.facts.not_listed()) == (0 if held else removed)


def test_a_pupil_who_was_left_out_for_a_slip_is_not_gone(store: Store) -> None:
    take(store, PupilPage(tuple(made_up_pupil(n) for n in range(1, 4))))
    take(store, PupilPage((made_up_pupil(1),)), AllPupilsSent(left_out=("2",)))
    assert store.facts.not_listed() == {"3": NOW.date()}


def test_a_page_that_cannot_be_taken_leaves_nothing_of_itself(store: Store) -> None:
    codes = tuple(Mark("1", date(2025, 9, 3) + timedelta(days=n), "AM", f"c{n}") for n in range(300))
    merge = store.begin_pull(at=NOW)
    with pytest.raises(StoreError, match="255"):
        merge.apply(MarkPage(codes))
    assert list(read_marks(store.connection)) == []
    take(store, MarkPage(codes[:10]))
    assert len(list(read_marks(store.connection))) == 10


def test_marks_on_days_without_school_are_counted(store: Store) -> None:
    saturday, monday = date(2025, 9, 6), date(2025, 9, 8)
    take(
        store,
        CalendarPage(PERIODS),
        MarkPage(tuple(Mark("1", d, "AM", "/") for d in (saturday, monday, date(2025, 7, 1)))),
    )
    assert marks_off_calendar(store.connection, Calendar(PERIODS), monday, 28) == (1, 2)


def test_a_time_keeps_its_zone() -> None:
    from connector.store.coding import from_text, to_text

    mark = Mark("1", date(2025, 9, 3), "AM", "/", None, "", NOW.astimezone(timezone(timedelta(hours=1))))
    back = from_text(Mark, to_text(mark))
    assert back == mark
    assert back.recorded_at is not None
    assert back.recorded_at.utcoffset() == timedelta(hours=1)


def test_sessions_are_named_tuples_when_they_come_back(store: Store) -> None:
    take(store, CalendarPage(PERIODS), PupilPage((made_up_pupil(1),)))
    assert isinstance(store.register(nation="england").sessions[0], Session)
