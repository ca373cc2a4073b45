"""Facts that letters rest on keep what they were, and the calendar keeps its days."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from connector.adapters.base import CalendarPage, MarkPage, MisSchool, Page, PullEnd, PupilPage, SchoolPage
from connector.documents.changed_facts import changed_facts
from connector.errors import HeldError
from connector.store import Store
from connector.store.belonging import PullSource
from connector.store.coding import to_text
from connector.store.schema import MIGRATIONS
from rules.calendar import Period
from rules.school import FlagDays, Mark, Spell
from tests.connector.memory_mis import PERIODS, made_up_pupil

NOW = datetime(2025, 12, 1, 18, tzinfo=UTC)
ARBOR = PullSource("arbor")
DAY = date(2025, 10, 14)
INSET = Period("inset", "INSET", DAY, DAY)
MARK = Mark("1", DAY, "AM", "/")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "hill.db", "hill") as opened:
        yield opened


def take(store: Store, *pages: Page, days: int = 0, source: PullSource = ARBOR) -> list[str]:
    """One whole pull so many days later; return its warnings."""
    merge = store.begin_pull(at=NOW + timedelta(days=days), source=source)
    for page in (*pages, PullEnd(None)):
        merge.apply(page)
    return merge.warnings


def test_a_pupils_facts_keep_what_they_were_and_since_when(store: Store) -> None:
    pupil = made_up_pupil(1, on_roll_from=date(2025, 9, 2))
    take(store, PupilPage((pupil, made_up_pupil(2))))
    take(store, PupilPage((pupil,)), days=1)
    corrected = replace(pupil, date_of_birth=date(2020, 9, 2)).with_spells(Spell(date(2025, 10, 13)))
    take(store, PupilPage((corrected,)), days=2)
    seen = NOW + timedelta(days=2)
    assert store.fact_history.changes_since(NOW, "1") == [
        ("date_of_birth", "2016-03-01", "2020-09-02", seen),
        ("entry_date", "2025-09-02", "2025-10-13", seen),
    ]
    assert store.fact_history.changes_since(seen, "1") == []
    assert store.fact_history.changes_since(None, "2") == []
    rows = store.connection.execute(
        "SELECT value, first_seen, last_seen FROM facts WHERE pupil_id = '1' AND fact = 'date_of_birth'"
    )
    first, later = (NOW.isoformat(), (NOW + timedelta(days=1)).isoformat())
    assert [tuple(row) for row in rows] == [
        ("2016-03-01", first, later),
        ("2020-09-02", seen.isoformat(), seen.isoformat()),
    ]


def test_a_fact_that_is_taken_away_and_one_that_comes_first_are_told_apart(store: Store) -> None:
    take(store, PupilPage((made_up_pupil(1, date_of_birth=None),)))
    take(store, PupilPage((made_up_pupil(1),)), days=1)
    assert store.fact_history.changes_since(None, "1") == [], "a fact that comes first is no change"
    take(store, PupilPage((made_up_pupil(1, date_of_birth=None),)), days=2)
    assert [tuple(c)[:3] for c in store.fact_history.changes_since(None, "1")] == [
        ("date_of_birth", "2016-03-01", "")
    ]


def test_changed_facts_are_told_in_words_without_former_names(store: Store) -> None:
    pupil = made_up_pupil(1)
    take(store, PupilPage((pupil,)))
    spells = (Spell(date(2025, 9, 2), date(2025, 10, 3)), Spell(date(2025, 11, 10), kind="guest"))
    other = replace(pupil, legal_surname="Other").with_spells(*spells)
    take(store, PupilPage((other,)), days=1)
    told = [(fact.name, fact.before, fact.after) for fact in changed_facts(store, "1")]
    assert told == [("Legal name", "not repeated here", "not repeated here")]
    take(store, PupilPage((pupil,)), days=2)
    told = [(fact.name, fact.before, fact.after) for fact in changed_facts(store, "1")]
    spells_then = "2 September 2025 to 3 October 2025; 10 November 2025 to today (guest)"
    assert ("Spells on roll", spells_then, "one spell") in told
    assert ("Entry date", "2 September 2025", "none") in told


def test_a_day_with_marks_that_vanishes_from_the_calendar_is_told_once(store: Store) -> None:
    assert take(store, CalendarPage(PERIODS), PupilPage((made_up_pupil(1),)), MarkPage((MARK,))) == []
    after = take(store, CalendarPage((*PERIODS, INSET)), days=1)
    assert after == ["14 October 2025 is no longer a school day in the MIS"]
    assert take(store, CalendarPage((*PERIODS, INSET)), days=2) == []
    assert take(store, CalendarPage(PERIODS), days=3) == ["14 October 2025 is a school day now in the MIS"]
    half = replace(INSET, half="PM")
    assert take(store, CalendarPage((*PERIODS, half)), days=4) == [], "no mark of that afternoon was known"
    told = [(fact.name, fact.before, fact.after) for fact in changed_facts(store, "1")]
    assert told == [
        ("14 October 2025", "a school day", "no school day"),
        ("14 October 2025", "no school day", "a school day"),
    ]


def test_a_vanished_day_is_told_by_the_pull_that_ends_also_after_one_that_broke_off(store: Store) -> None:
    take(store, CalendarPage(PERIODS), PupilPage((made_up_pupil(1),)), MarkPage((MARK,)))
    store.begin_pull(at=NOW).apply(CalendarPage((*PERIODS, INSET)))
    assert take(store, CalendarPage((*PERIODS, INSET)), days=1) == [
        "14 October 2025 is no longer a school day in the MIS"
    ]


def test_days_that_vanish_without_a_mark_are_not_told(store: Store) -> None:
    take(store, CalendarPage(PERIODS), PupilPage((made_up_pupil(1),)))
    assert take(store, CalendarPage((*PERIODS, INSET)), days=1) == []
    assert changed_facts(store, "1") == ()


def test_a_calendar_that_cannot_be_used_or_is_empty_leaves_the_known_one(store: Store) -> None:
    take(store, CalendarPage(PERIODS))
    with pytest.raises(HeldError, match="must not overlap"):
        take(store, CalendarPage((*PERIODS, replace(PERIODS[-1], name="Again"))), days=1)
    assert take(store, CalendarPage(()), days=2) == [
        "the MIS gave no half term: the calendar that was known is used"
    ]
    assert store.facts.calendar() == PERIODS


def test_keys_of_a_new_state_are_made_with_the_mis_own_number_of_the_school(tmp_path: Path) -> None:
    with Store.open(tmp_path / "a.db", "hill") as store:
        take(store, SchoolPage(MisSchool("7", "Hill", urn="105203")))
        assert store.identity == "105203"
        take(store, SchoolPage(MisSchool("7", "Hill", urn="149999")))
        assert store.identity == "105203", "once it is in keys it stays"
    with Store.open(tmp_path / "b.db", "hill") as store:
        take(store, PupilPage((made_up_pupil(1),)), source=PullSource("folder", "/srv/register"))
        assert store.identity == "hill"


def test_a_state_of_the_first_version_keeps_its_keys_and_knows_what_its_facts_were(tmp_path: Path) -> None:
    path, pupil = tmp_path / "hill.db", made_up_pupil(1)
    with sqlite3.connect(path) as old:
        old.executescript(MIGRATIONS[0])
        old.execute("PRAGMA user_version = 1")
        read = NOW.isoformat()
        old.execute("INSERT INTO meta VALUES ('school_id', 'hill'), ('registers_read_at', ?)", (read,))
        old.execute("INSERT INTO pupils (pupil_id, facts) VALUES ('1', ?)", (to_text(pupil),))
    old.close()
    with Store.open(path, "hill") as store:
        school = SchoolPage(MisSchool("7", "Hill", urn="105203"))
        take(store, school, PupilPage((replace(pupil, date_of_birth=date(2010, 1, 1)),)), days=1)
        assert store.identity == "hill"
        (change,) = store.fact_history.changes_since(NOW, "1")
        assert change[:3] == ("date_of_birth", "2016-03-01", "2010-01-01")


def test_the_pull_of_another_school_is_held_before_anything_of_it_is_kept(store: Store) -> None:
    pupils = tuple(made_up_pupil(n) for n in range(1, 5))
    take(store, SchoolPage(MisSchool("7", "Hill")), CalendarPage(PERIODS), PupilPage(pupils))
    strangers = tuple(replace(pupil, upn=f"B{n:012d}") for n, pupil in enumerate(pupils))
    dale = SchoolPage(MisSchool("8", "Dale"))
    with pytest.raises(HeldError, match="another school than arbor:8: 4 of 4 pupils"):
        take(store, dale, CalendarPage((*PERIODS, INSET)), PupilPage(strangers), days=1)
    assert (store.facts.school(), store.facts.calendar()) == (MisSchool("7", "Hill"), PERIODS)
    assert store.facts.pupils() == pupils


def test_a_school_with_a_new_number_is_known_by_its_pupils(store: Store) -> None:
    pupils = tuple(made_up_pupil(n) for n in range(1, 5))
    take(store, SchoolPage(MisSchool("7", "Hill", urn="1")), PupilPage(pupils))
    academy = SchoolPage(MisSchool("7", "Hill Academy", urn="2"))
    take(store, academy, PupilPage((*pupils[1:], made_up_pupil(9))), days=1)
    assert store.facts.school() == academy.school
    with pytest.raises(HeldError, match="another school"):
        take(store, SchoolPage(MisSchool("7", "Hill", urn="1")), days=2)


# -- flags by day


def flagged(**flags: bool) -> PupilPage:
    return PupilPage((made_up_pupil(1, **flags),))


def on(day: int) -> date:
    return (NOW + timedelta(days=day)).date()


def test_flags_that_never_changed_have_no_days_of_their_own(store: Store) -> None:
    take(store, flagged(fsm=True))
    take(store, flagged(fsm=True), days=1)
    assert store.fact_history.flag_days() == {}


def test_a_day_has_the_flags_that_were_first_seen_on_it_or_after_it(store: Store) -> None:
    for day, fsm in ((0, False), (1, True), (4, False)):
        take(store, flagged(fsm=fsm, eal=True), days=day)
    (days,) = store.fact_history.flag_days().values()
    assert days == (
        FlagDays(frozenset({"eal"}), None, on(0)),
        FlagDays(frozenset({"eal", "fsm"}), on(1), on(1)),
        FlagDays(frozenset({"eal"}), on(2), None),
    )


def test_pupils_who_are_not_sent_because_nothing_changed_keep_their_flags_until_the_pull_before(
    store: Store,
) -> None:
    take(store, flagged(fsm=True))
    take(store, days=3)
    take(store, flagged(), days=4)
    (days,) = store.fact_history.flag_days().values()
    assert days == (FlagDays(frozenset({"fsm"}), None, on(3)), FlagDays(frozenset(), on(4), None))


def test_a_day_on_which_a_flag_was_seen_to_end_still_has_it(store: Store) -> None:
    for hour, fsm in ((-10, True), (0, False)):
        merge = store.begin_pull(at=NOW + timedelta(hours=hour), source=ARBOR)
        for page in (flagged(fsm=fsm), PullEnd(None)):
            merge.apply(page)
    (days,) = store.fact_history.flag_days().values()
    assert days == (FlagDays(frozenset({"fsm"}), None, on(0)), FlagDays(frozenset(), on(0), None))


def test_the_day_of_a_pull_after_midnight_is_the_schools(store: Store) -> None:
    summer = datetime(2025, 6, 10, 23, 30, tzinfo=UTC)  # 00:30 on 11 June at the school
    for at, fsm in ((summer, True), (summer + timedelta(days=1), False)):
        merge = store.begin_pull(at=at, source=ARBOR)
        for page in (flagged(fsm=fsm), PullEnd(None)):
            merge.apply(page)
    (days,) = store.fact_history.flag_days().values()
    assert [(one.start, one.end) for one in days] == [(None, date(2025, 6, 11)), (date(2025, 6, 12), None)]


def test_a_state_without_a_history_of_flags_takes_those_it_held(store: Store) -> None:
    take(store, flagged(social_worker=True))
    with store.transaction() as connection:
        connection.execute("DELETE FROM facts WHERE fact = 'flags'")
    take(store, flagged(), days=1)
    (days,) = store.fact_history.flag_days().values()
    assert days == (FlagDays(frozenset({"social_worker"}), None, on(0)), FlagDays(frozenset(), on(1), None))
    assert changed_facts(store, "1") == (), "a parent may be given the document that tells changed facts"
