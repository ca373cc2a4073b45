"""Which letters of the ledger a later letter names: those to the family that were made and stand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

from connector.ledger.notices.consideration_forms import forms_of
from connector.store import Store
from letters.earlier.made_before import LetterBefore
from rules.register import build_register
from tests.connector.memory_mis import CALENDAR, MemoryMis, next_day, school_days, small_school
from tests.connector.runs import ledger, options, run

UNTIL = date(2025, 10, 24)
DAYS = school_days(date(2025, 9, 3), UNTIL)
NOBODY = build_register(pupils=[], calendar=CALENDAR, marks=[])


def before(state: Path, rule: str) -> tuple[LetterBefore, ...]:
    opts = options(only=("stage-4", "late-letter", "late-meeting"))
    with Store.open(state, "hill") as store:
        rows = store.ledger.rows()
    (row,) = [row for row in rows if row.rule == rule and row.pupil_id == "1"]
    return forms_of(rows, opts.policies, NOBODY).letters_before(row)


def marked(code: str, *days: date) -> MemoryMis:
    mis = small_school(until=UNTIL)
    for day in days:
        mis.mark("1", day, "AM", code)
    return mis


def test_a_letter_is_named_with_its_own_day_and_that_of_its_figures(tmp_path: Path) -> None:
    state, mis = tmp_path / "hill.db", marked("L", *DAYS[:3], *DAYS[20:23])
    opts = options(only=("late-letter", "late-meeting"))
    run(mis, state, DAYS[4], opts)
    run(mis, state, DAYS[23], opts)
    assert before(state, "late-letter") == ()
    assert [(one.day, one.figures_to, one.ladder) for one in before(state, "late-meeting")] == [
        (DAYS[4], DAYS[2], "lateness")
    ]


def test_a_form_for_the_authority_is_no_letter_to_the_family(tmp_path: Path) -> None:
    state, mis = tmp_path / "hill.db", marked("O", *DAYS[:10])
    for day in DAYS[11:14]:
        mis.mark("1", day, "AM", "L")
    run(mis, state, next_day(DAYS[14]), options(only=("stage-4", "late-letter")))
    with Store.open(state, "hill") as store:
        assert {row.rule for row in store.ledger.rows() if row.composed_on} == {"stage-4", "late-letter"}
    assert before(state, "late-letter") == ()


def test_a_letter_that_is_made_and_not_in_the_mis_has_gone_to_nobody(tmp_path: Path) -> None:
    state, mis = tmp_path / "hill.db", marked("L", *DAYS[:3], *DAYS[20:23])
    opts = options(only=("late-letter", "late-meeting"))
    run(mis, state, DAYS[4], opts)
    run(mis, state, DAYS[23], opts)
    rows = ledger(state)
    (meeting,) = [row for row in rows if row.rule == "late-meeting"]
    for stands in ("composed", "held", "failed"):
        other = [replace(row, state=stands) if row.rule == "late-letter" else row for row in rows]
        assert forms_of(other, opts.policies, NOBODY).letters_before(meeting) == ()


def test_it_is_known_to_whom_a_letter_went(tmp_path: Path) -> None:
    state, mis = tmp_path / "hill.db", marked("L", *DAYS[:3], *DAYS[20:23])
    opts = options(only=("late-letter", "late-meeting"))
    run(mis, state, DAYS[4], opts)
    run(mis, state, DAYS[23], opts)
    rows = ledger(state)
    (meeting,) = [row for row in rows if row.rule == "late-meeting"]
    with Store.open(state, "hill") as store:
        (letter,) = forms_of(rows, opts.policies, NOBODY, store.outbox.filed()).letters_before(meeting)
    assert letter.contact_ids == {contact.contact_id for contact in mis.pupils["1"].contacts}


def test_a_form_about_a_parent_is_no_letter_to_that_parent(tmp_path: Path) -> None:
    """Under the policy before, a request named both parents and the letter went to one."""
    state, mis = tmp_path / "hill.db", marked("L", *DAYS[:3], *DAYS[20:23])
    opts = options(only=("late-letter", "late-meeting"))
    run(mis, state, DAYS[4], opts)
    run(mis, state, DAYS[23], opts)
    rows = ledger(state)
    (meeting,) = [row for row in rows if row.rule == "late-meeting"]
    (first,) = [row for row in rows if row.rule == "late-letter"]
    for name, went in (("late-letter", "1"), ("severe-absence", "1"), ("penalty-notice-request", "")):
        filed = {first.id: [(name, frozenset({"1"})), ("action-plan", frozenset({"2"}))]}
        (letter,) = forms_of(rows, opts.policies, NOBODY, filed).letters_before(meeting)
        assert letter.contact_ids == (frozenset(went) if went else None)
