"""A second year: no event is taken back for an untrue reason, nothing comes twice, every hold has its name."""

from __future__ import annotations

from collections import Counter
from datetime import date
from itertools import pairwise

import pytest

from connector.ledger.guards import school_days_between
from connector.run.summary import EXIT_HELD
from rules.calendar import Calendar
from tests.connector.end_to_end.second_year import (
    AUTUMN_START,
    CORRECTED,
    FIRST_RUN_DAYS,
    LEAVERS,
    LEFT,
    NEW_YEAR,
    OLD_YEAR,
    OTHER_DAY,
    RE_DATED,
    TRUE_ENTRY,
    Snapshot,
    Story,
    tell,
)

PARTS = (
    "summer",
    "correction",
    "new calendar",
    "leaving",
    "returning",
    "entry dates",
    "bad pull",
    "good again",
    "other policy",
    "policy back",
)


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    return tell(tmp_path_factory.mktemp("second_year") / "hill.sqlite")


def sent(snapshot: Snapshot) -> set[str]:
    return {key for key, row in snapshot.rows.items() if row.state in ("written", "verified")}


def written_in(story: Story, part: str) -> set[str]:
    """Return the keys that went out in a part of the story."""
    before = story.after[PARTS[PARTS.index(part) - 1]]
    return {
        key
        for key, row in story.after[part].rows.items()
        if row.written_on and not (key in before.rows and before.rows[key].written_on)
    }


def test_only_changed_marks_take_an_event_back(story: Story) -> None:
    gone = [row for row in story.after["policy back"].rows.values() if row.state == "withdrawn"]
    assert gone
    amended = {(a.pupil_id, a.date) for a in story.amendments()}
    for row in gone:
        start, end = row.event.span
        assert any(pupil == row.pupil_id and start <= day <= end for pupil, day in amended), row.rule
    assert {row.pupil_id for row in gone} == {CORRECTED}


def test_the_true_correction_has_one_note_that_says_so(story: Story) -> None:
    snapshot = story.after["correction"]
    gone = {key for key, row in snapshot.rows.items() if row.state == "withdrawn"}
    assert len(gone) >= 3
    assert {snapshot.notes[key] for key in gone} == {2}


@pytest.mark.parametrize("part", PARTS)
def test_nothing_comes_twice(story: Story, part: str) -> None:
    snapshot = story.after[part]
    assert [name for name, count in snapshot.documents.items() if count > 1] == []
    corrected = {key for key, row in snapshot.rows.items() if row.pupil_id == CORRECTED}
    assert [key for key, count in snapshot.notes.items() if count > 1 and key not in corrected] == []


@pytest.mark.parametrize(("before", "after"), list(pairwise(PARTS[1:])))
def test_what_was_sent_stays_sent_or_is_held_for_a_person(story: Story, before: str, after: str) -> None:
    now = story.after[after].rows
    assert {now[key].state for key in sent(story.after[before])} <= {"written", "verified", "held"}


@pytest.mark.parametrize("part", PARTS)
def test_every_hold_has_its_kind_and_its_reason(story: Story, part: str) -> None:
    held = [row for row in story.after[part].rows.values() if row.state == "held"]
    assert all(row.hold and row.reason for row in held)
    assert not [row.reason for row in held if "marks no longer" in row.reason]


def test_a_new_calendar_changes_nothing_of_the_year_before(story: Story) -> None:
    before, after = story.after["correction"], story.after["new calendar"]
    assert sent(before) <= sent(after)
    assert not [summary for summary in after.summaries if summary.withdrawals_held]
    assert {key: after.notes[key] for key in before.notes} == dict(before.notes)


@pytest.mark.parametrize("part", ["leaving", "returning"])
def test_events_of_pupils_who_leave_and_return_are_neither_taken_back_nor_sent_again(
    story: Story, part: str
) -> None:
    before = story.after["leaving"].rows
    own = {key for key, row in before.items() if row.pupil_id in LEAVERS and row.date <= LEFT}
    assert len(own) >= len(LEAVERS)
    now = story.after[part]
    assert {now.rows[key].state for key in own} <= {"verified", "held", "superseded"}
    assert {now.notes[key] for key in own} <= {0, 1}


def test_nothing_is_written_about_a_pupil_who_is_off_roll(story: Story) -> None:
    off_roll = written_in(story, "leaving")
    rows = story.after["leaving"].rows
    assert not [
        key for key in off_roll if rows[key].pupil_id in LEAVERS and (rows[key].written_on or LEFT) > LEFT
    ]


def test_a_corrected_entry_date_is_named_and_waits_for_a_person(story: Story) -> None:
    before, after = story.after["returning"], story.after["entry dates"]
    own = {
        key
        for key in sent(before)
        if before.rows[key].pupil_id in RE_DATED and AUTUMN_START <= before.rows[key].date < TRUE_ENTRY
    }
    assert len(own) >= len(RE_DATED)
    assert {after.summaries[0].exit_code, after.summaries[-1].exit_code} == {EXIT_HELD}
    named = "\n".join([*(after.rows[key].reason for key in own), *after.summaries[-1].lines()])
    assert "entry date changed from 2 September" in named
    assert "to 21 September" in named
    assert {after.notes[key] for key in own} == {1}


def test_a_pull_in_which_every_mark_is_present_takes_nothing_back(story: Story) -> None:
    before, bad, good = (story.after[part] for part in ("entry dates", "bad pull", "good again"))
    (summary,) = bad.summaries
    assert summary.exit_code == EXIT_HELD
    assert "mark" in " ".join(summary.lines())
    assert {bad.rows[key].state for key in sent(before)} <= {"written", "verified", "held"}
    assert sent(before) <= sent(good)
    for later in (bad, good):
        assert {key: later.notes[key] for key in before.notes} == dict(before.notes)
    assert not {key for key, row in good.rows.items() if row.date > LEFT and row.rule.startswith("perfect")}


def test_a_policy_new_to_the_school_sends_no_old_events(story: Story) -> None:
    snapshot = story.after["other policy"]
    calendar = Calendar(OLD_YEAR + NEW_YEAR)
    old = {
        key
        for key, row in snapshot.rows.items()
        if row.policy == "england-2024"
        and school_days_between(calendar, row.date, OTHER_DAY) > FIRST_RUN_DAYS
    }
    assert old
    assert not old & sent(snapshot)
    assert "new_policy" in {snapshot.rows[key].hold for key in old}
    assert snapshot.summaries[0].exit_code == EXIT_HELD


def test_what_waited_when_the_policy_changed_still_waits_when_it_is_back(story: Story) -> None:
    before, back = story.after["good again"].rows, story.after["policy back"].rows
    waiting = {key for key, row in before.items() if row.state == "held" and row.hold != "ladder"}
    assert not waiting & sent(story.after["policy back"])
    assert not {key for key in written_in(story, "policy back") if back[key].policy != "hcat"}


def test_no_two_steps_of_a_ladder_go_out_on_one_day(story: Story) -> None:
    steps: Counter[tuple[str | None, str | None, date]] = Counter()
    for row in story.after["policy back"].rows.values():
        if row.event.ladder and row.written_on:
            steps[row.pupil_id, row.event.ladder, row.written_on] += 1
    assert steps
    assert [step for step, count in steps.items() if count > 1] == []
