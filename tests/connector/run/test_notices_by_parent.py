"""A notice to improve by parent: who is added to the record later gets a letter, a form and a thank-you of their own."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from connector.ledger.decisions import approve
from connector.ledger.keys import event_key
from connector.run.request import RunRequest
from connector.run.run import run_school
from connector.store import Store
from connector.store.belonging import PullSource
from connector.store.ledger import LedgerRow
from rules.school import NoticeToImprove
from tests.connector.memory_mis import MemoryMis, at, parent, small_school
from tests.connector.runs import ledger, options

ISSUED, NEXT, SECOND, THIRD = date(2025, 11, 7), date(2025, 11, 10), date(2025, 11, 11), date(2025, 11, 12)
LAST, AFTER = date(2025, 11, 28), date(2025, 12, 1)
ANCHOR = "2025-11-07:3:0"
OPTS = options(
    "england-2024",
    only=("notice-to-improve", "notice-broken", "notice-kept"),
    oldest_letter_school_days=30,
)
ONE, TWO, THREE = (NoticeToImprove("1", ISSUED, 3, contact_id=contact) for contact in ("a", "b", "c"))
EVERY = NoticeToImprove("1", ISSUED, 3)


class School:
    """A school whose pupil 1 has three parents at three addresses and was away for a week of September."""

    def __init__(self, tmp_path: Path, *notices: NoticeToImprove, absent: tuple[date, ...] = ()) -> None:
        self.state = tmp_path / "hill.db"
        self.mis: MemoryMis = small_school(2, until=AFTER)
        adults = tuple(replace(parent(number), contact_id=one) for number, one in enumerate("abc", 1))
        self.mis.pupils["1"] = replace(self.mis.pupils["1"], contacts=adults)
        for day in (*(date(2025, 9, number) for number in range(8, 13)), *absent):
            self.mis.day("1", day, "O")
        self.mis.notices_to_improve = list(notices)

    def night(self, day: date) -> None:
        source = PullSource("folder", "memory")
        request = RunRequest(
            OPTS, self.mis, as_of=day, now=at(day), source=source, sleep=lambda _seconds: None
        )
        assert run_school(self.state, request).summary.outcome in ("done", "held")

    def row(self, rule: str, contact: str = "") -> LedgerRow:
        anchor = f"{ANCHOR} to {contact}" if contact else ANCHOR
        (found,) = [row for row in ledger(self.state) if (row.rule, row.anchor) == (rule, anchor)]
        return found

    def rows(self, rule: str) -> dict[str, str]:
        """Return the parents of each event of a rule, by its anchor without the notice's."""
        found = [row for row in ledger(self.state) if row.rule == rule]
        return {
            row.anchor.removeprefix(ANCHOR): str(row.event.figures.get("contacts", "every")) for row in found
        }

    def approve(self, contact: str = "", day: date = NEXT) -> None:
        with Store.open(self.state, "hill") as store:
            key = self.row("notice-to-improve", contact).key
            approve(store, key, by="the head", now=at(day), as_of=day)

    def written_to(self, row: LedgerRow) -> list[str]:
        """Return the contacts to whom the documents of an event were written, in order."""
        with Store.open(self.state, "hill") as store:
            return sorted(
                contact
                for item in store.outbox.of_event(row.id)
                if item.state == "verified"
                for contact in item.contacts
            )


def test_a_parent_added_later_gets_a_letter_and_the_first_none_again(tmp_path: Path) -> None:
    school = School(tmp_path, TWO)
    school.night(ISSUED)
    key = school.row("notice-to-improve").key
    school.approve()
    school.night(NEXT)
    school.mis.notices_to_improve = [ONE, TWO]
    school.night(SECOND)
    second = school.row("notice-to-improve", "a")
    assert (second.state, second.hold) == ("held", "review")
    school.approve("a")
    for day in (THIRD, date(2025, 11, 13)):
        school.night(day)
    first, second = school.row("notice-to-improve"), school.row("notice-to-improve", "a")
    assert (first.key, first.state, school.written_to(first)) == (key, "verified", ["b"])
    assert (second.state, school.written_to(second)) == ("verified", ["a"])
    with Store.open(school.state, "hill") as store:
        assert key == event_key(store.identity, replace(first.event, anchor=ANCHOR))
    assert school.rows("notice-to-improve") == {"": "b", " to a": "a"}


def test_parents_who_are_on_record_together_share_one_event(tmp_path: Path) -> None:
    school = School(tmp_path, ONE, TWO)
    school.night(ISSUED)
    school.approve()
    school.night(NEXT)
    assert school.written_to(school.row("notice-to-improve")) == ["a", "b"]
    school.mis.notices_to_improve = [ONE, TWO, THREE]
    school.night(SECOND)
    assert school.rows("notice-to-improve") == {"": "a,b", " to c": "c"}


def test_the_form_of_each_parent_waits_for_their_own_letter_and_no_form_for_another(tmp_path: Path) -> None:
    school = School(tmp_path, ONE, absent=(THIRD,))
    school.night(ISSUED)
    school.approve()
    school.night(NEXT)
    school.mis.notices_to_improve = [ONE, TWO]
    school.night(SECOND)
    school.night(THIRD)
    first, second = school.row("notice-broken"), school.row("notice-broken", "b")
    assert (first.state, school.written_to(first)) == ("verified", ["a"])
    assert (second.state, second.hold) == ("held", "ladder")
    assert f"events show {school.row('notice-to-improve', 'b').key}" in second.reason
    school.approve("b")
    for day in (date(2025, 11, 13), date(2025, 11, 14)):
        school.night(day)
    second = school.row("notice-broken", "b")
    assert (second.state, school.written_to(second)) == ("verified", ["b"])


def test_who_is_added_after_the_form_was_made_has_one_of_their_own(tmp_path: Path) -> None:
    school = School(tmp_path, ONE, absent=(NEXT,))
    school.night(ISSUED)
    school.approve()
    school.night(NEXT)
    school.night(SECOND)
    assert school.written_to(school.row("notice-broken")) == ["a"]
    school.mis.notices_to_improve = [TWO, ONE]
    school.night(THIRD)
    assert school.row("notice-broken", "b").hold == "ladder"
    assert school.written_to(school.row("notice-broken")) == ["a"]


def test_each_parent_is_thanked_once_their_own_letter_has_gone_out(tmp_path: Path) -> None:
    school = School(tmp_path, ONE)
    school.night(ISSUED)
    school.approve()
    school.night(NEXT)
    school.mis.notices_to_improve = [ONE, TWO]
    for day in (LAST, AFTER):
        school.night(day)
    thanked = school.row("notice-kept")
    assert (thanked.state, school.written_to(thanked)) == ("verified", ["a"])
    assert school.row("notice-kept", "b").hold == "ladder"


def test_a_record_without_a_contact_added_later_is_for_all_the_others_together(tmp_path: Path) -> None:
    school = School(tmp_path, ONE)
    school.night(ISSUED)
    school.mis.notices_to_improve = [ONE, EVERY]
    for day in (NEXT, SECOND):
        school.night(day)
    assert school.rows("notice-to-improve") == {"": "a", " to every other parent": "b,c"}


def test_a_parent_taken_off_the_record_before_the_letter_went_gets_none(tmp_path: Path) -> None:
    school = School(tmp_path, ONE, TWO)
    school.night(ISSUED)
    school.approve()
    school.mis.notices_to_improve = [ONE]
    school.night(NEXT)
    assert school.row("notice-to-improve").hold == "review", "another letter than the one approved"
    school.approve()
    school.night(SECOND)
    assert school.written_to(school.row("notice-to-improve")) == ["a"]


@pytest.mark.parametrize(("first", "then"), [([ONE, TWO], [ONE]), ([EVERY], [ONE])])
def test_who_had_the_letter_gets_no_second_one_when_the_record_names_them_again(
    tmp_path: Path, first: list[NoticeToImprove], then: list[NoticeToImprove]
) -> None:
    school = School(tmp_path, *first)
    school.night(ISSUED)
    school.approve()
    school.night(NEXT)
    for day, notices in ((SECOND, then), (THIRD, [ONE, TWO])):
        school.mis.notices_to_improve = notices
        school.night(day)
    assert len(school.rows("notice-to-improve")) == 1
    assert school.row("notice-to-improve").state == "verified"


def test_a_parent_added_later_is_written_to_also_where_the_pupil_has_study_leave(tmp_path: Path) -> None:
    school = School(tmp_path, ONE)
    school.mis.day("1", date(2025, 9, 15), "S")
    school.night(ISSUED)
    school.approve()
    school.night(NEXT)
    school.mis.notices_to_improve = [ONE, TWO]
    school.night(SECOND)
    assert school.row("notice-to-improve", "b").state == "held"
