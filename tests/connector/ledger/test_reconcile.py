"""What becomes of an event whose marks change before, while and after its letter is written."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from connector.config.loaded_school import LoadedSchool
from connector.errors import RetryableError
from connector.ledger.decisions import EventError, approve, list_events, release, void
from connector.ledger.keys import ending_in_key, without_key
from connector.ledger.reconcile import Reconciled, same_evidence
from connector.run.ladders import choose_steps
from connector.store import Store
from connector.store.ledger import LedgerRow
from rules.rule.outcome import Outcome
from tests.connector.ledger.test_guards import DAY, DAYS, LATE, late_school
from tests.connector.ledger.test_match import AYCLIFFE, CADLE, HCAT, TEN, days, event, pairs, row
from tests.connector.memory_mis import CALENDAR, MemoryMis, at
from tests.connector.runs import ledger, options, row_of, run

OPTS = options(only=LATE)


def down() -> list[BaseException]:
    return [RetryableError("503") for _ in range(3)]


def held_up(state: Path, method: str) -> MemoryMis:
    """Return a school of one pupil whose letter was made in a run in which the MIS refused one call three times."""
    mis = late_school(1)
    mis.faults[method] = down()
    run(mis, state, DAY, OPTS)
    assert row_of(state, "late-letter").state == "composed"
    return mis


def correct(mis: MemoryMis, code: str) -> None:
    mis.mark("1", DAYS[0], "AM", code)


def move_a_day_on(mis: MemoryMis) -> None:
    """Correct the first late mark and enter another, so that the third is a day later."""
    correct(mis, "/")
    mis.mark("1", DAY, "AM", "L")


def test_a_letter_that_was_not_written_is_made_again_from_changed_marks(tmp_path: Path) -> None:
    state = tmp_path / "hill.db"
    mis = held_up(state, "find_documents")
    move_a_day_on(mis)
    run(mis, state, DAY, OPTS)
    assert row_of(state, "late-letter").state == "verified"
    ((_, document),) = mis.documents
    assert str(DAYS[0]) not in document.content.decode()
    assert str(DAY) in document.content.decode()
    assert len(mis.notes) == 1
    with Store.open(state, "hill") as store:
        reasons = [line.reason for line in store.ledger.history(row_of(state, "late-letter").id)]
    assert f"moved from {DAYS[2]} to {DAY} by a correction: the same event" in reasons


def test_it_is_made_again_also_when_only_other_marks_decide_on_the_same_day(tmp_path: Path) -> None:
    state = tmp_path / "hill.db"
    mis = held_up(state, "find_documents")
    correct(mis, "/")
    mis.mark("1", date(2025, 9, 5), "AM", "L")
    run(mis, state, DAY, OPTS)
    ((_, document),) = mis.documents
    assert "2025-09-05" in document.content.decode()
    assert str(DAYS[0]) not in document.content.decode()


def test_a_letter_that_may_be_in_the_mis_is_not_made_again(tmp_path: Path) -> None:
    state = tmp_path / "hill.db"
    mis = held_up(state, "find_notes")  # the letter was written, its note not
    assert len(mis.documents) == 1
    move_a_day_on(mis)
    run(mis, state, DAY, OPTS)
    assert row_of(state, "late-letter").state == "verified"
    assert (len(mis.documents), len(mis.notes)) == (1, 1)
    assert mis.doubles == []


def test_an_event_that_returns_before_anything_was_written_is_written_once(tmp_path: Path) -> None:
    state = tmp_path / "hill.db"
    mis = held_up(state, "find_documents")
    correct(mis, "/")
    run(mis, state, DAY, OPTS)
    assert row_of(state, "late-letter").state == "withdrawn"
    assert (mis.documents, mis.notes) == ([], [])
    correct(mis, "L")
    run(mis, state, DAY, OPTS)
    assert row_of(state, "late-letter").state == "verified"
    assert (len(mis.documents), len(mis.notes)) == (1, 1)


def test_an_event_that_returns_half_written_is_finished_and_not_begun_again(tmp_path: Path) -> None:
    state = tmp_path / "hill.db"
    mis = held_up(state, "find_notes")
    correct(mis, "/")
    run(mis, state, DAY, OPTS)
    assert row_of(state, "late-letter").state == "withdrawn"
    assert [note.text.split()[0] for _, note in mis.notes] == ["withdrawn"]
    correct(mis, "L")
    run(mis, state, DAY, OPTS)
    assert row_of(state, "late-letter").state == "verified"
    assert len(mis.documents) == 1
    assert sorted(note.text.split()[0] for _, note in mis.notes if note.text[0] in "rw") == [
        "reinstated",
        "withdrawn",
    ]
    assert len(mis.notes) == 3, "the letter's own note is written now"


def test_an_event_that_returns_before_its_correcting_note_was_written_needs_no_note(tmp_path: Path) -> None:
    mis, state = late_school(1), tmp_path / "hill.db"
    run(mis, state, DAY, OPTS)
    correct(mis, "/")
    mis.faults["find_notes"] = down()
    run(mis, state, DAY, OPTS)
    assert (row_of(state, "late-letter").state, len(mis.notes)) == ("withdrawn", 1)
    correct(mis, "L")
    run(mis, state, DAY, OPTS)
    run(mis, state, DAY, OPTS)
    assert row_of(state, "late-letter").state == "verified"
    assert (len(mis.documents), len(mis.notes)) == (1, 1)


def test_a_withdrawal_of_what_was_never_written_gets_no_note(tmp_path: Path) -> None:
    mis, state = late_school(1), tmp_path / "hill.db"
    run(mis, state, DAY, options(only=LATE, review=frozenset({"all"})))
    correct(mis, "/")
    run(mis, state, DAY, OPTS)
    assert row_of(state, "late-letter").state == "withdrawn"
    assert row_of(state, "late-letter").note_due is None
    assert not mis.notes


def test_voiding_what_was_withdrawn_says_so_once(tmp_path: Path) -> None:
    mis, state = late_school(1), tmp_path / "hill.db"
    run(mis, state, DAY, OPTS)
    correct(mis, "/")
    run(mis, state, DAY, OPTS)
    with Store.open(state, "hill") as store:
        key = list_events(store)[0].key
        void(store, key, reason="by the head", now=at(DAY), as_of=DAY)
        with pytest.raises(EventError, match="voided already"):
            void(store, key, reason="again", now=at(DAY), as_of=DAY)
    run(mis, state, DAY, OPTS)
    assert [note.text.split()[0] for _, note in mis.notes[1:]] == ["withdrawn"]


def test_approving_does_not_release_what_came_with_too_many_others(tmp_path: Path) -> None:
    mis, state = late_school(2), tmp_path / "hill.db"
    strict = options(only=LATE, review=frozenset({"all"}), hold_above_events=1)
    run(mis, state, DAY, strict)
    with Store.open(state, "hill") as store:
        approved = approve(store, list_events(store)[0].key, by="x", now=at(DAY), as_of=DAY)
    assert (approved.state, approved.hold) == ("approved", "too_many")
    loose = options(only=LATE, review=frozenset({"all"}))
    other = tmp_path / "other.db"
    run(late_school(1), other, DAY, loose)
    with Store.open(other, "hill") as store:
        approved = approve(store, list_events(store)[0].key, by="x", now=at(DAY), as_of=DAY)
    assert (approved.state, approved.hold) == ("approved", "")


def test_what_was_approved_and_came_with_too_many_others_stays_held_when_its_evidence_changes(
    tmp_path: Path,
) -> None:
    mis, state = late_school(2), tmp_path / "hill.db"
    strict = options(only=LATE, review=frozenset({"all"}), hold_above_events=1)
    run(mis, state, DAY, strict)
    with Store.open(state, "hill") as store:
        approve(store, list_events(store)[0].key, by="x", now=at(DAY), as_of=DAY)
    correct(mis, "/")
    mis.mark("1", date(2025, 9, 5), "AM", "L")
    run(mis, state, DAY, strict)
    assert [(row.state, row.hold, row.approved) for row in ledger(state)] == [("held", "too_many", False)] * 2


def with_rule(opts: LoadedSchool, **changes: object) -> LoadedSchool:
    """Return the school with its only rule changed, in the next version of its policy."""
    rules = tuple(rule.model_copy(update=changes) for rule in opts.policy.rules)
    return replace(opts, policy=opts.policy.model_copy(update={"rules": rules, "version": "2"}))


OTHER_LETTER = (Outcome("letter", "late-meeting"), Outcome("note", ""))


@pytest.mark.parametrize(
    ("changes", "state_of", "hold"),
    [
        ({"title": "Other words", "clause": "Other clause"}, "verified", ""),
        ({"outcomes": OTHER_LETTER}, "held", "review"),
    ],
)
def test_an_approval_stands_under_other_words_and_ends_with_another_letter(
    tmp_path: Path, changes: dict[str, object], state_of: str, hold: str
) -> None:
    mis, state = late_school(1), tmp_path / "hill.db"
    opts = options(only=LATE, review=frozenset({"all"}))
    run(mis, state, DAY, opts)
    with Store.open(state, "hill") as store:
        approve(store, list_events(store)[0].key, by="x", now=at(DAY), as_of=DAY)
    run(mis, state, DAY, with_rule(opts, **changes))
    row = row_of(state, "late-letter")
    assert (row.state, row.hold, len(mis.documents)) == (state_of, hold, int(not hold))


def test_another_letter_of_the_policy_takes_the_place_of_one_that_was_not_written(tmp_path: Path) -> None:
    state = tmp_path / "hill.db"
    mis = held_up(state, "find_documents")
    run(mis, state, DAY, with_rule(OPTS, outcomes=OTHER_LETTER))
    assert ["late-meeting" in name for name in mis.titles("1") if name.endswith(".docx")] == [True]


def test_another_letter_of_the_policy_changes_nothing_of_what_is_written(tmp_path: Path) -> None:
    mis, state = late_school(1), tmp_path / "hill.db"
    run(mis, state, DAY, OPTS)
    before, titles = row_of(state, "late-letter"), mis.titles("1")
    run(mis, state, DAY, with_rule(OPTS, outcomes=OTHER_LETTER))
    after = row_of(state, "late-letter")
    assert (after.evidence, after.policy_version, after.state) == (before.evidence, "2", "verified")
    assert mis.titles("1") == titles


def test_what_the_evaluation_by_each_policy_did_is_added_up() -> None:
    first = Reconciled([1], [2], [3], [4], [5], [6], {7}, 8)
    first.add(Reconciled([11], [12], [13], [14], [15], [16], {17}, 18))
    assert first == Reconciled([1, 11], [2, 12], [3, 13], [4, 14], [5, 15], [6, 16], {7, 17}, 26)


def test_what_was_released_can_be_approved_before_the_next_run(tmp_path: Path) -> None:
    mis, state = late_school(1), tmp_path / "hill.db"
    opts = options(only=LATE, review=frozenset({"all"}), first_run_school_days=0)
    run(mis, state, DAY, opts)
    with Store.open(state, "hill") as store:
        key = list_events(store)[0].key
        assert release(store, key, by="x", now=at(DAY), as_of=DAY).state == "due"
        assert approve(store, key, by="x", now=at(DAY), as_of=DAY).state == "approved"
    run(mis, state, DAY, opts)
    assert row_of(state, "late-letter").state == "verified"


def test_events_are_listed_from_the_first_to_the_last_day_asked_for(tmp_path: Path) -> None:
    mis, state = late_school(1), tmp_path / "hill.db"
    run(mis, state, DAY, OPTS)
    dated = ledger(state)[0].date
    with Store.open(state, "hill") as store:
        assert len(list_events(store, start=dated, end=dated)) == 1
        assert list_events(store, start=dated + timedelta(1)) == []
        assert list_events(store, end=dated - timedelta(1)) == []
        assert len(list_events(store, states=("verified",))) == 1
        assert list_events(store, states=("held",)) == []


# -- the same occurrence or another


@pytest.mark.parametrize(("later", "same"), [(0, True), (1, False)])
def test_a_withdrawn_event_returns_for_a_day_up_to_that_of_its_withdrawal(later: int, same: bool) -> None:
    withdrawn_on = date(2025, 10, 9)
    held = event("late-letter", date(2025, 10, 6), "2025-09-03", TEN[:3], "L")
    now = event("late-letter", withdrawn_on + timedelta(later), "2025-09-03", TEN[1:4], "L")
    assert bool(pairs([row(1, held, "withdrawn", withdrawn_on)], [now])) == same


@pytest.mark.parametrize(
    ("size", "shared", "same"), [(4, 2, True), (4, 1, False), (3, 2, True), (3, 1, False)]
)
def test_two_counts_are_the_same_with_half_of_the_smaller_ones_sessions(
    size: int, shared: int, same: bool
) -> None:
    held = event("stage-4", date(2025, 10, 6), "2025-10-01", TEN[:size])
    marks = [*TEN[size - shared : size], *days(date(2025, 10, 8), 5 - shared)]
    now = event("stage-4", date(2025, 10, 14), TEN[size - shared][:10], marks)
    assert bool(pairs([row(1, held)], [now])) == same


@pytest.mark.parametrize(("first", "same"), [(date(2025, 10, 14), True), (date(2025, 10, 15), False)])
def test_looks_back_that_touch_in_one_day_are_the_same(first: date, same: bool) -> None:
    held = replace(
        event("stage-2", date(2025, 10, 14), "2025-09-15:a"), window=(date(2025, 9, 16), date(2025, 10, 14))
    )
    now = replace(event("stage-2", date(2025, 11, 14), "2025-10-14:b"), window=(first, date(2025, 11, 14)))
    assert bool(pairs([row(1, held)], [now])) == same
    assert bool(pairs([row(1, now)], [held])) == same


def test_a_withdrawn_row_of_the_very_day_goes_before_one_that_stands_and_is_some_days_away() -> None:
    day = date(2025, 10, 9)
    withdrawn = row(1, event("stage-4", day, "2025-10-01", TEN[:4]), "withdrawn", day)
    stands = row(2, event("stage-4", date(2025, 10, 7), "2025-10-02", TEN[:4]))
    now = event("stage-4", day, "2025-10-03", TEN[1:5])
    assert pairs([withdrawn, stands], [now]) == [(1, day)]


def test_counts_of_one_day_over_other_sessions_are_two_events() -> None:
    held = event("stage-4", date(2025, 10, 14), "2025-10-01", TEN[:4])
    now = event("stage-4", date(2025, 10, 14), "2025-10-07", TEN[4:8])
    assert pairs([row(1, held)], [now]) == []
    none = replace(now, sessions=())
    assert pairs([row(1, held)], [none]) == []


def test_the_row_of_the_very_day_goes_before_one_a_day_away_with_the_same_anchor() -> None:
    one = event("late-letter", date(2025, 10, 7), "2025-09-03", TEN[:3], "L")
    two = event("late-letter", date(2025, 10, 8), "2025-09-04", TEN[2:5], "L")
    now = replace(one, date=date(2025, 10, 8), sessions=two.sessions[:1] + one.sessions[1:])
    assert pairs([row(1, one), row(2, two)], [now]) == [(2, now.date)]


def test_of_two_rows_as_near_the_one_with_the_same_anchor_is_the_same_event() -> None:
    one = event("stage-4", date(2025, 10, 7), "2025-10-01", TEN[:4])
    two = event("stage-4", date(2025, 10, 9), "2025-10-02", TEN[1:5])
    now = event("stage-4", date(2025, 10, 8), "2025-10-02", TEN[1:4])
    assert pairs([row(1, one), row(2, two)], [now]) == [(2, now.date)]


@pytest.mark.parametrize(
    ("held_on", "now_on", "same"),
    [
        (date(2025, 12, 19), date(2025, 12, 18), True),
        (date(2025, 12, 19), date(2026, 1, 5), False),
        (date(2026, 1, 5), date(2026, 2, 13), True),
    ],
)
def test_a_terms_end_belongs_to_the_term_that_began_last(held_on: date, now_on: date, same: bool) -> None:
    term = next(rule.id for rule in CADLE.rules if rule.when.tested_at_end_of == "term")
    held, now = event(term, held_on, str(held_on)), event(term, now_on, str(now_on))
    assert bool(pairs([row(1, held)], [now], CADLE)) == same


@pytest.mark.parametrize("now_on", [date(2026, 7, 20), date(2026, 8, 31)])
def test_a_years_end_is_matched_by_the_year(now_on: date) -> None:
    year = next(rule.id for rule in HCAT.rules if rule.when.tested_at_end_of == "year")
    held, now = event(year, date(2026, 7, 21), "2025-09-01"), event(year, now_on, str(now_on))
    assert pairs([row(1, held)], [now]) == [(1, now_on)]
    before = event(year, date(2025, 7, 22), "2024-09-01")
    assert pairs([row(1, before)], [now]) == []


def test_a_date_before_every_period_is_matched_too() -> None:
    term = next(rule.id for rule in CADLE.rules if rule.when.tested_at_end_of == "term")
    held, now = event(term, date(2024, 1, 5), "2024-01-05"), event(term, date(2024, 1, 8), "2024-01-08")
    assert bool(pairs([row(1, held)], [now], CADLE))


def test_a_rule_that_the_policy_no_longer_has_is_matched_by_its_marks() -> None:
    held = event("gone", date(2025, 10, 6), "2025-10-01", TEN[:4])
    now = event("gone", date(2025, 10, 7), "2025-10-02", TEN[1:5])
    assert pairs([row(1, held)], [now], AYCLIFFE) == [(1, now.date)]


@pytest.mark.parametrize("field", ["clause", "title", "ladder", "pack_version"])
def test_a_packs_words_and_places_are_no_evidence(field: str) -> None:
    held = replace(event("late-letter", date(2025, 10, 6), "2025-09-03", TEN[:3], "L"), ladder="lateness")
    assert same_evidence(held, replace(held, **{field: "other"}))  # type: ignore[arg-type]
    assert same_evidence(held, replace(held, rung=4, outcomes=(Outcome("letter", "other"),)))


def test_figures_and_days_are_evidence() -> None:
    held = event("late-letter", date(2025, 10, 6), "2025-09-03", TEN[:3], "L")
    assert not same_evidence(held, replace(held, figures={"count": 4}))
    assert not same_evidence(held, replace(held, date=date(2025, 10, 7)))


def test_a_key_is_put_at_the_end_and_taken_off_again() -> None:
    assert ending_in_key("  Letter ", "AC-1") == "  Letter [AC-1]"
    assert without_key(" [AC-1] Letter [AC-1] ", "AC-1") == " [AC-1] Letter"


# -- the highest step of a ladder


def steps(*rungs: tuple[int, int]) -> list[LedgerRow]:
    """Return waiting steps of one ladder, each (rung, day of October)."""
    return [
        replace(
            row(
                number,
                replace(
                    event("stage-4", date(2025, 10, day), f"2025-10-{day:02}"),
                    ladder="l",
                    rung=rung,
                    outcomes=(Outcome("letter", "l"),),
                ),
            ),
            state="due",
        )
        for number, (rung, day) in enumerate(rungs, 1)
    ]


@pytest.mark.parametrize(
    ("rungs", "overtaken", "waits"),
    [
        (((1, 6), (2, 7)), {1}, set()),
        (((1, 7), (2, 7)), {1}, set()),  # the same day
        (((2, 6), (2, 7)), {1}, set()),  # the same step twice: the later one
        (((1, 8), (2, 7)), set(), {1}),  # a lower step of a later day comes after
        (((3, 6), (1, 1), (2, 2)), {2, 3}, set()),
    ],
)
def test_the_highest_step_overtakes_lower_ones_up_to_its_day(
    rungs: tuple[tuple[int, int], ...], overtaken: set[int], waits: set[int]
) -> None:
    rows = steps(*rungs)
    choice = choose_steps(
        rows,
        [one.id for one in rows],
        calendar=CALENDAR,
        as_of=date(2025, 10, 10),
        mode="highest",
        gap=5,
    )
    assert set(choice.overtaken) == overtaken
    assert set(choice.waits) == waits
    assert all(choice.waits.values())


def test_a_higher_step_that_cannot_go_today_is_not_overtaken_and_does_not_wait() -> None:
    rows = steps((1, 6), (2, 7))
    choice = choose_steps(rows, [1], calendar=CALENDAR, as_of=DAY, mode="highest", gap=0)
    assert (choice.overtaken, choice.waits) == ({}, {})


@pytest.mark.parametrize(("gap", "waiting"), [(2, False), (3, True)])
def test_the_highest_step_waits_for_the_gap_too(gap: int, waiting: bool) -> None:
    sent, due = steps((1, 6), (2, 7))
    sent = replace(sent, state="verified", composed_on=date(2025, 10, 6))
    choice = choose_steps(
        [sent, due], [2], calendar=CALENDAR, as_of=date(2025, 10, 8), mode="highest", gap=gap
    )
    assert (2 in choice.waits) == waiting
    assert all(choice.waits.values())


def test_the_gap_runs_from_the_last_letter_and_not_from_an_earlier_one() -> None:
    first, second, due = steps((1, 1), (2, 7), (3, 8))
    sent = [
        replace(first, state="verified", composed_on=date(2025, 10, 1)),
        replace(second, state="verified", composed_on=date(2025, 10, 7)),
    ]
    for mode in ("sequence", "highest"):
        choice = choose_steps(
            [*sent, due],
            [3],
            calendar=CALENDAR,
            as_of=date(2025, 10, 8),
            mode=mode,  # type: ignore[arg-type]
            gap=2,
        )
        assert set(choice.waits) == {3}
