"""What a run says of itself: as JSON for scripts, in lines for staff, and by its exit code."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from connector.documents.school_documents import Filed
from connector.errors import Finding, RetryableError
from connector.ledger.event_json import event_document
from connector.ledger.holds import HeldCause
from connector.ledger.notices.consideration_forms import WaitingForm
from connector.ledger.reconcile import Reconciled
from connector.run.deliver import Delivered
from connector.run.pull import Pulled
from connector.run.summary import FORM_SCHOOL_DAYS, RunReport, RunSummary, finish, ledger_document
from connector.store import Store
from connector.store.ledger import LedgerRow, RunStamp
from connector.store.outbox import Item, Written
from rules.calendar import Calendar
from rules.events import Event
from rules.register import build_register
from rules.rule.outcome import NOTE
from rules.school import Exclusion
from tests.connector.ledger.test_guards import DAY, LATE, late_school
from tests.connector.ledger.test_match import event, row
from tests.connector.memory_mis import PERIODS, at, made_up_pupil, school_days
from tests.connector.runs import options, run

CALENDAR = Calendar(PERIODS)
FRIDAY = date(2025, 9, 12)
LATE_MARKS = event("late-letter", FRIDAY, "2025-09-03", ["2025-09-11 AM", "2025-09-12 AM"], code="L")
NOT_TAKEN = Item(
    id=1,
    event_id=None,
    run_id=4,
    kind="correction",
    pupil_id="1",
    key="AC-9",
    file_name="",
    summary="",
    text="",
    sha256=None,
    date=FRIDAY,
    template="",
    contacts=(),
    only_if_found=False,
    state="failed",
    tries=5,
    reference="",
    error="the pupil is locked.",
    state_at=datetime(2025, 9, 12, 17),  # noqa: DTZ001 - not looked at here
    tried_in=4,
    tried_on=FRIDAY,
    in_vain=5,
)


def summary(**facts: object) -> RunSummary:
    return RunSummary("hill", FRIDAY, "hcat", run_id=4, **facts)  # type: ignore[arg-type]


def in_state(number: int, state: str, *, reason: str = "", hold: str = "") -> LedgerRow:
    return replace(row(number, LATE_MARKS, state), reason=reason, hold=hold)


# -- one event


def test_an_event_of_a_pupil_and_one_of_a_class_have_the_same_parts_but_for_the_subject() -> None:
    document = event_document(replace(LATE_MARKS, figures={"count": 2, "attended": 10, "possible": 20}))
    assert document == {
        "pupil_id": "1",
        "rule": "late-letter",
        "date": "2025-09-12",
        "clause": "",
        "figures": {"count": 2},
        "sessions": [["2025-09-11", "AM", "L"], ["2025-09-12", "AM", "L"]],
        "outcomes": ["note"],
        "policy": LATE_MARKS.pack,
        "window": ["2025-09-03", "2025-09-12"],
    }
    of_class = event_document(Event("class-of-the-week", FRIDAY, "Rewards", (NOTE,), None, "4A"))
    assert list(of_class)[:4] == ["group", "rule", "date", "clause"]
    assert of_class["group"] == "4A"


def test_an_event_of_the_ledger_adds_its_key_state_and_reasons() -> None:
    held = replace(in_state(3, "held", reason="the calendar changed"), because="BC-1")
    assert ledger_document(held) == {
        **event_document(LATE_MARKS),
        "key": "AC-3",
        "state": "held",
        "reason": "the calendar changed",
        "because": "BC-1",
    }


# -- JSON


def test_the_document_of_a_run_has_every_part_under_its_name() -> None:
    held = in_state(1, "held", reason="looked at", hold="review")
    whole = summary(
        pulled=Pulled(pupils=3, contacts=4, marks=50, requests=6),
        accepted=["folder"],
        outcome="held",
        error="why",
        events=[held],
        notes=7,
        documents=8,
        held=1,
        failed=2,
        left=9,
        not_taken=[NOT_TAKEN],
        hold_reasons={"review": 1},
        causes=[HeldCause("BC-1", "the calendar changed", 1)],
        missing_registers=["4A on 12 September 2025"],
        warnings=["a warning"],
    )
    assert whole.document() == {
        "school": "hill",
        "run": 4,
        "as_of": "2025-09-12",
        "policy": "hcat",
        "dry_run": False,
        "outcome": "held",
        "accepted": ["folder"],
        "error": "why",
        "pulled": {"pupils": 3, "contacts": 4, "marks": 50, "requests": 6},
        "events": [ledger_document(held)],
        "written": {"notes": 7, "documents": 8},
        "held": 1,
        "failed": 2,
        "left": 9,
        "not_taken": [
            {"key": "AC-9", "kind": "correction", "given_up": True, "reason": "the pupil is locked."}
        ],
        "hold_reasons": {"review": 1},
        "because": [{"id": "BC-1", "reason": "the calendar changed", "events": 1}],
        "missing_registers": ["4A on 12 September 2025"],
        "warnings": ["a warning"],
    }
    assert summary(dry_run=True).document()["run"] is None


def test_a_report_adds_the_days_of_the_year_up_to_the_run_and_nulls_where_nothing_was_judged() -> None:
    register = build_register(calendar=CALENDAR, pupils=[made_up_pupil(1)], marks=[])
    document = RunReport(summary(), register).document()
    first = school_days(date(2025, 9, 1), FRIDAY)[0]
    assert list(document)[:5] == ["school", "policy", "as_of", "first_day", "last_day"]
    assert (document["first_day"], document["last_day"]) == (first.isoformat(), "2025-09-12")
    assert document["out"] is None
    early = RunReport(summary(dry_run=True), None).document()
    assert (early["first_day"], early["last_day"]) == (None, None)


# -- lines for staff


def test_a_quiet_run_is_four_lines() -> None:
    assert summary(pulled=Pulled(3, 4, 50, 6)).lines() == [
        "hill, run 4, 2025-09-12, policy hcat: done",
        "pulled 3 pupils, 4 contacts and 50 marks in 6 requests",
        "0 events of this run",
        "0 notes and 0 documents written",
    ]


def test_a_dry_run_says_what_would_be_written_and_has_no_number() -> None:
    lines = summary(dry_run=True, followed=["hcat", "england-2024"], notes=1, documents=2).lines()
    assert lines[0] == "hill, 2025-09-12, policy hcat with england-2024: done (dry run)"
    assert lines[3] == "1 notes and 2 documents would be written"


def test_everything_that_a_person_must_know_is_a_line() -> None:
    events = [in_state(1, "held", hold="review"), in_state(2, "verified"), in_state(3, "verified")]
    lines = summary(
        outcome="held",
        accepted=["folder", "calendar"],
        events=events,
        held=3,
        hold_reasons={"no_longer_follows": 2, "review": 1},
        causes=[HeldCause("BC-1", "the calendar changed", 2)],
        failed=1,
        not_taken=[NOT_TAKEN],
        left=5,
        withdrawals_held=6,
        missing_registers=["4A", "4B"],
        warnings=["one", "two"],
        error="and why",
    ).lines()
    assert lines[2] == "3 events of this run: 1 held, 2 verified"
    assert lines[4:6] == ["let past for this run: folder, calendar", "3 held (2 no longer follows, 1 review)"]
    to_do = [line for line in lines if line.startswith("What to do: ")]
    assert [line.split(":")[1] for line in to_do] == [" review", " no longer follows"]
    rest = lines[6 + len(to_do) :]
    assert rest[0].startswith("BC-1: 2 held because the calendar changed.")
    assert rest[1].startswith("1 failed: see `events list --state failed`")
    assert rest[2].startswith(
        "1 correcting note could not be written to the MIS (AC-9): the pupil is locked;"
    )
    assert rest[3:] == [
        "5 notes and documents wait for the next run",
        "6 written events would be withdrawn at once: they are held, look at the registers",
        "registers missing: 4A, 4B",
        "one",
        "two",
        "and why",
    ]


def test_what_failed_is_the_error_or_else_the_warnings_of_a_run_that_failed_at_something() -> None:
    assert summary(warnings=["looks odd"]).failures() == []
    assert summary(warnings=["looks odd"], failed_now=1).failures() == ["looks odd"]
    assert summary(warnings=["looks odd"], failed_now=1, error="broken off").failures() == ["broken off"]
    earlier = summary(failed=2, not_taken=[NOT_TAKEN]).failures()
    assert [line.split(" ")[:2] for line in earlier] == [["2", "failed:"], ["1", "correcting"]]


# -- the exit code


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({}, 0),
        ({"outcome": "failed"}, 1),
        ({"failed_now": 1}, 1),
        ({"failed": 1}, 1),
        ({"not_taken": [NOT_TAKEN]}, 1),
        ({"outcome": "held"}, 3),
        ({"withdrawals_held": 1}, 3),
        ({"hold_reasons": {"no_longer_follows": 1}}, 3),
        ({"hold_reasons": {"review": 1}}, 0),
        ({"outcome": "held", "failed": 1}, 1),
    ],
)
def test_the_exit_code_says_whether_a_person_must_look_or_something_failed(
    facts: dict[str, object], code: int
) -> None:
    assert summary(**facts).exit_code == code


# -- what each step adds


def test_no_step_loses_the_warnings_and_failures_of_another() -> None:
    whole = summary(warnings=["first"])
    whole.add_cut({2: Written(1, 2)})
    whole.add_unused_templates(
        [
            Finding("late.docx", "no letter", severity="error"),
            Finding("old.txt", "no template", severity="warning"),
        ]
    )
    whole.add_problems(["a note could not be made"])
    whole.add_problems(["nor another", "nor a third"])
    whole.add_filed(Filed(("list.docx",), (), 3))
    whole.add_reconciled(Reconciled(withdrawn=[in_state(1, "withdrawn")], withdrawals_held=2))
    whole.add_delivered(Delivered(documents=1, notes=2, failed=4, problems=["the pupil is locked"]))
    assert whole.warnings == [
        "first",
        "run 2 was cut off after 1 note and 2 documents: this run goes on from there",
        "late.docx: no letter",
        "a note could not be made",
        "nor another",
        "nor a third",
        "3 lines of lists have nowhere to go: name a folder for them with run.digest",
        "the pupil is locked",
    ]
    assert (whole.failed_now, whole.withdrawn, whole.withdrawals_held) == (7, 1, 2)
    assert (whole.notes, whole.documents, whole.files) == (2, 1, ("list.docx",))
    assert (whole.outcome, whole.error) == ("done", "")


def test_a_document_of_the_school_that_could_not_be_made_fails_the_run() -> None:
    whole = summary(warnings=["first"])
    whole.add_filed(Filed((), ("the weekly list: no room",), 0))
    assert whole.warnings == ["first", "the weekly list: no room"]
    assert (whole.outcome, whole.error) == (
        "failed",
        "not every document of the school could be made; they are tried again in the next run",
    )


def test_what_is_left_fails_the_run_and_what_broke_delivery_off_is_raised_last() -> None:
    whole, error = summary(), RetryableError("the MIS does not answer.")
    with pytest.raises(RetryableError):
        whole.add_delivered(Delivered(notes=1, left=2, error=error))
    assert (whole.notes, whole.left, whole.outcome) == (1, 2, "failed")
    assert whole.error == "the MIS did not answer for every write; what is missing is written in the next run"


def test_a_letter_that_only_a_person_moves_on_is_a_warning_once() -> None:
    waits = "waits for the step before it: `events show AC-1`"
    whole = summary()
    whole.add_blocked(
        [
            in_state(1, "held", reason=waits, hold="ladder"),
            in_state(2, "held", reason=waits, hold="ladder"),
            in_state(3, "held", reason="waits two days", hold="ladder"),
            in_state(4, "held", reason=f"{waits}, too", hold="review"),
        ]
    )
    assert whole.warnings == [f"a letter of a ladder {waits}"]


@pytest.mark.parametrize(("passed", "warned"), [(FORM_SCHOOL_DAYS, False), (FORM_SCHOOL_DAYS + 1, True)])
def test_a_form_that_waits_longer_than_its_days_is_a_warning_with_its_key(passed: int, warned: bool) -> None:
    days = school_days(date(2025, 9, 3), date(2025, 10, 10))
    form = row(1, event("penalty-threshold", days[0], "2025-09-03"))
    whole = RunSummary("hill", days[passed], "england-2024", warnings=["first"])
    whole.add_forms([WaitingForm(form, ())], CALENDAR)
    later = [
        "1 consideration form of more than 10 school days ago without a decision on record, the oldest AC-1 of"
        f" {days[0]}: later events of the pupil make no form. Put the decision on record (`records add`): a notice"
        " issued, a notice to improve, or none and why"
    ]
    assert whole.warnings == ["first", *(later if warned else [])]


def test_a_run_warns_of_a_run_that_was_cut_off_and_of_each_exclusion_that_covers_nobody_today(
    tmp_path: Path,
) -> None:
    state = tmp_path / "hill.db"
    with Store.open(state, "hill") as store, store.transaction():
        store.runs.start(as_of=DAY, at=at(DAY, 6), policy="hcat", policy_version="1", config_hash="")
    over, lasting = (
        Exclusion(reason="agreed", pupil_id=name, until=until)
        for name, until in (("98", DAY - timedelta(1)), ("99", DAY))
    )
    warnings = run(late_school(2), state, DAY, options(only=LATE, exclusions=[over, lasting])).warnings
    assert [warning.split(":")[0] for warning in warnings] == [
        "run 1 was cut off after 0 notes and 0 documents",
        "an exclusion names a pupil whom the MIS does not list",
    ]


# -- what the store keeps of it


def test_the_end_of_a_run_counts_what_is_held_and_failed_and_keeps_it(tmp_path: Path) -> None:
    state = tmp_path / "hill.db"
    run(late_school(6), state, DAY, options(only=LATE, review=frozenset({"all"})))
    with Store.open(state, "hill") as store:
        (last,) = store.runs.last(1)
        stamp = RunStamp(last.id, at(DAY), DAY, "hcat", "1")
        first, second, third, *_ = store.ledger.rows()
        with store.transaction():
            store.ledger.move(first, "failed", "refused", stamp)
            store.ledger.move(second, "held", "why", stamp, hold="no_longer_follows", because="BC-1")
            store.ledger.move(third, "held", "another", stamp, hold="age")
        whole = RunSummary("hill", DAY, "hcat", run_id=last.id)
        finish(store, whole, at(DAY, 18))
        assert (whole.held, whole.failed, whole.outcome) == (5, 1, "held")
        assert list(whole.hold_reasons.items()) == [("age", 1), ("no_longer_follows", 1), ("review", 3)]
        assert whole.causes == (HeldCause("BC-1", "why", 1),)
        assert len(whole.events) == 6
        (kept,) = store.runs.last(1)
        assert (kept.outcome, kept.finished_at) == ("held", at(DAY, 18))
        assert kept.summary == {**whole.document(), "events": 6}
