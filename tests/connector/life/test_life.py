"""The life of an event: facts that change between any two steps, and after every run the plain model is asked.

By default a short walk. A long one by hand: ``LIFE_EXAMPLES=2000 LIFE_STEPS=30 pytest tests/connector/life``.
"""

from __future__ import annotations

import os
import tempfile
from dataclasses import replace
from datetime import date
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from connector.errors import RetryableError
from connector.ledger.holds import FOR_DECISION
from connector.store.ledger import LedgerRow
from rules.school import Exclusion, Flag
from tests.connector.life.living_school import (
    CONTACT_CHANGES,
    DAYS,
    FINAL,
    POLICIES,
    PUPILS,
    LivingSchool,
)
from tests.connector.life.looks import Looks, before
from tests.connector.life.plain_model import Model

EXAMPLES = int(os.environ.get("LIFE_EXAMPLES", "30"))
STEPS = int(os.environ.get("LIFE_STEPS", "16"))
LAST_PLACE = 70
NEXT_TERM = DAYS.index(date(2026, 1, 5))
MOST_RUNS = 30
"""After so many quiet runs every event has ended: two steps of a ladder of five school days, and room to spare."""

pupils = st.sampled_from(PUPILS)
FLAGS: tuple[Flag, ...] = ("looked_after", "social_worker")
EXCLUSIONS = (
    *(Exclusion(pupil_id=pupil_id, reason="bereavement") for pupil_id in PUPILS),
    Exclusion(pupil_id="1", rules=("late-letter",), reason="agreed with the family", until=DAYS[8]),
    *(Exclusion(flag=flag, reason="the social worker is asked first") for flag in FLAGS),
)


class Life(RuleBasedStateMachine):
    """Three families over two terms."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.school = LivingSchool(Path(self.folder.name) / "hill.db")
        self.model = Model(self.school)
        self.school.enter("1", 5, 3, "L")
        self.school.enter("2", 5, 3, "O")

    @initialize(first_run_days=st.sampled_from((400, 400, 2)))
    def a_school_begins(self, first_run_days: int) -> None:
        self.school.run_settings["first_run_school_days"] = first_run_days

    # facts change

    @rule(pupil_id=pupils, number=st.integers(0, 2), how=st.sampled_from(CONTACT_CHANGES))
    def a_contact_changes(self, pupil_id: str, number: int, how: str) -> None:
        self.school.change_contact(pupil_id, number, how)

    @rule(exclusion=st.sampled_from(EXCLUSIONS), in_mis=st.booleans())
    def an_exclusion_is_entered_or_taken_out(self, exclusion: Exclusion, in_mis: bool) -> None:
        self.school.toggle_exclusion(exclusion, in_mis=in_mis)

    @rule(pupil_id=pupils, flag=st.sampled_from(FLAGS))
    def a_flag_changes(self, pupil_id: str, flag: Flag) -> None:
        self.school.toggle_flag(pupil_id, flag)

    @rule(pupil_id=pupils, back=st.integers(0, 7), count=st.integers(1, 5), code=st.sampled_from("LLOON/I"))
    def marks_are_entered_or_corrected(self, pupil_id: str, back: int, count: int, code: str) -> None:
        self.school.enter(pupil_id, back, count, code)

    @rule(pupil_id=pupils, code=st.sampled_from(("", "/")))
    def todays_marks_are_missing_or_there(self, pupil_id: str, code: str) -> None:
        self.school.enter(pupil_id, 0, 1, code)

    @rule(pupil_id=pupils, how=st.sampled_from(("leaves today", "left", "stays", "vanishes")))
    def the_roll_changes(self, pupil_id: str, how: str) -> None:
        self.school.roll(pupil_id, how)

    @rule(
        review=st.sampled_from(([], ["all"], ["late-letter"])),
        settling=st.sampled_from((0, 0, 3)),
        since=st.sampled_from((None, None, DAYS[3], DAYS[12])),
        oldest=st.sampled_from((10, 3, 60)),
    )
    def the_configuration_changes(
        self, review: list[str], settling: int, since: date | None, oldest: int
    ) -> None:
        self.school.run_settings |= {
            "review": review,
            "settling_days": settling,
            "since": since,
            "oldest_letter_school_days": oldest,
        }

    @rule(policy=st.sampled_from(sorted(POLICIES)))
    def the_policy_changes(self, policy: str) -> None:
        self.school.policy = policy

    @rule(days=st.sampled_from((1, 1, 2, 5, "next term")))
    def time_passes(self, days: int | str) -> None:
        place = self.school.place
        later = max(place, NEXT_TERM) if isinstance(days, str) else place + days
        self.school.place = max(place, min(LAST_PLACE, later))

    # runs

    @rule(days=st.integers(0, 1))
    def a_good_run(self, days: int) -> None:
        self.school.place = max(self.school.place, min(LAST_PLACE, self.school.place + days))
        self.run_and_look(clean=True)

    @rule(answers=st.integers(0, 4), takes_the_last=st.booleans())
    def a_run_in_which_the_mis_goes_down(self, answers: int, takes_the_last: bool) -> None:
        self.school.mis.fail_after(answers, takes_the_last=takes_the_last)
        self.run_and_look(clean=False)
        self.school.mis.wake()

    @rule()
    def a_run_that_cannot_read(self) -> None:
        self.school.mis.faults["pull"] = [RetryableError("503") for _ in range(3)]
        self.run_and_look(clean=False, reads=False)
        self.school.mis.wake()

    @rule(pupil_id=pupils)
    def a_run_in_which_the_mis_refuses_a_pupil(self, pupil_id: str) -> None:
        self.school.mis.refused.add(pupil_id)
        self.school.ever_refused.add(pupil_id)
        self.run_and_look(clean=False)
        self.school.mis.wake()

    @rule(
        pupil_id=pupils,
        number=st.integers(0, 2),
        how=st.sampled_from(CONTACT_CHANGES),
        answers=st.integers(0, 4),
    )
    def a_contact_changes_while_letters_wait(
        self, pupil_id: str, number: int, how: str, answers: int
    ) -> None:
        self.a_run_in_which_the_mis_goes_down(answers, takes_the_last=False)
        self.school.change_contact(pupil_id, number, how)
        self.a_good_run(days=0)

    @rule(pupil_id=pupils, back=st.integers(0, 7), count=st.integers(1, 5), code=st.sampled_from("LLOON/I"))
    def marks_change_after_an_approval(self, pupil_id: str, back: int, count: int, code: str) -> None:
        self.school.run_settings["review"] = ["all"]
        self.a_good_run(days=0)
        for row in self.school.rows():
            if row.state == "held" and row.hold == "review":
                self.school.approve(row)
        self.school.enter(pupil_id, back, count, code)
        self.a_good_run(days=0)

    # people

    @rule(number=st.integers(0, 5))
    def a_person_approves(self, number: int) -> None:
        self.decide(self.school.approve, number, [row for row in self.school.rows() if row.state == "held"])

    @rule(number=st.integers(0, 5))
    def a_person_releases(self, number: int) -> None:
        rows = [row for row in self.school.rows() if row.state in ("held", "failed")]
        self.decide(self.school.release, number, rows)

    @rule(number=st.integers(0, 5), kept=st.booleans())
    def a_person_keeps_or_withdraws(self, number: int, kept: bool) -> None:
        rows = [row for row in self.school.rows() if row.hold in FOR_DECISION and row.state == "held"]
        self.decide(self.school.keep if kept else self.school.withdraw, number, rows)

    @rule(number=st.integers(0, 5))
    def a_person_voids(self, number: int) -> None:
        self.decide(self.school.void, number, self.school.rows())

    def decide(self, how: object, number: int, rows: list[LedgerRow]) -> None:
        if rows:
            how(rows[number % len(rows)])  # type: ignore[operator]

    # what must hold

    def run_and_look(self, *, clean: bool, reads: bool = True) -> None:
        then = before(self.school)
        self.model.before_run(reads=reads)
        summary = self.school.run()
        assert not clean or summary.outcome != "failed", summary.error
        looks = Looks(self.model, then, summary, clean=clean)
        self.model.take_in(looks.rows)
        looks.look()

    def teardown(self) -> None:
        try:
            self.every_event_has_a_way_on()
        finally:
            self.folder.cleanup()

    def every_event_has_a_way_on(self) -> None:
        """All faults are put right, and people decide whatever waits: then every event ends."""
        self.put_everything_right()
        for _ in range(MOST_RUNS):
            self.decide_everything()
            self.school.place += 1
            self.run_and_look(clean=True)
            left = [row for row in self.school.rows() if row.state not in FINAL]
            if not left:
                break
        assert left == [], [(row.rule, row.state, row.hold, row.reason) for row in left]

    def put_everything_right(self) -> None:
        school = self.school
        school.mis.exclusions.clear()
        school.exclusions.clear()
        school.run_settings = {"first_run_school_days": 400}
        for pupil_id in PUPILS:
            if pupil_id in school.ever_away:
                school.roll(pupil_id, "stays")
            school.change_pupil(pupil_id, lambda pupil: replace(pupil, looked_after=False))
            if not self.model.adults(pupil_id):
                one = school.adult(pupil_id, "n")
                school.change_pupil(pupil_id, lambda p, one=one: replace(p, contacts=(*p.contacts, one)))
            for back in range(school.place + 1):
                if school.mis.marks[pupil_id, (DAYS[back], "AM")].code == "":  # type: ignore[index]
                    school.enter(pupil_id, school.place - back, 1, "/")

    def decide_everything(self) -> None:
        for row in self.school.rows():
            if row.state == "failed":
                self.school.release(row)
            elif row.state == "held" and row.hold in FOR_DECISION:
                self.school.keep(row)
            elif row.state == "held" and row.hold == "review":
                self.school.approve(row)
            elif row.state == "held" and row.hold not in ("ladder", "settling", "registers"):
                self.school.release(row)


Life.TestCase.settings = settings(
    max_examples=EXAMPLES,
    stateful_step_count=STEPS,
    derandomize="LIFE_EXAMPLES" not in os.environ,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
TestLife = Life.TestCase


def test_an_approval_covers_just_the_evidence_that_was_approved() -> None:
    """A walk that a random one seldom takes: the approved letter's event moves to an earlier day."""
    life = Life()
    life.a_school_begins(400)
    life.marks_change_after_an_approval("1", 7, 4, "L")
    (late,) = [row for row in life.school.rows() if row.rule == "late-letter" and row.pupil_id == "1"]
    assert (late.state, late.hold) == ("held", "review")
    life.teardown()
