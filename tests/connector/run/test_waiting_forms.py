"""While a consideration form waits for its decision, a later event of the pupil makes no second one."""

from __future__ import annotations

import io
from datetime import date, timedelta
from pathlib import Path

import pytest
from docx import Document

from connector.ledger.decisions import approve, release, void
from connector.ledger.notices.consideration_forms import forms_of
from connector.run.request import RunRequest
from connector.run.run import run_school
from connector.run.summary import FORM_SCHOOL_DAYS
from connector.store import Store
from connector.store.belonging import PullSource
from connector.store.ledger import LedgerRow
from rules.policy import load_policy
from rules.register import Register, build_register
from rules.school import Exclusion, FormDecision, Notice, NoticeToImprove
from tests.connector.memory_mis import (
    CALENDAR,
    MemoryMis,
    at,
    made_up_pupil,
    next_day,
    school_days,
    small_school,
)
from tests.connector.runs import ledger, options, run
from tests.letters.docx_files import shown

RULE = ("penalty-threshold",)
OPTIONS = options("england-2024", RULE)
FIRST, SECOND, THIRD = date(2025, 9, 12), date(2025, 9, 26), date(2025, 10, 10)
"""The Fridays of three weeks away, each with a week attended after it: the days on which the rule fires."""
FORM = "Attendance – penalty-consideration – {}.docx"


def three_weeks_away() -> MemoryMis:
    mis = small_school(2, until=date(2025, 11, 28))
    for friday in (FIRST, SECOND, THIRD):
        for day in school_days(friday - timedelta(4), friday):
            mis.day("1", day, "O")
    return mis


def forms(mis: MemoryMis) -> list[date]:
    """Return the days of the forms that the MIS holds."""
    names = [document.file_name for _, document in mis.documents if document.pupil_id == "1"]
    return [day for day in (FIRST, SECOND, THIRD) if FORM.format(day) in names]


def states(state: Path) -> list[tuple[date, str, str]]:
    return [(row.date, row.state, row.hold) for row in ledger(state)]


def test_a_later_event_makes_no_form_and_no_note_and_names_the_form_that_waits(tmp_path: Path) -> None:
    mis, state = three_weeks_away(), tmp_path / "hill.db"
    for day in (FIRST, SECOND, THIRD, next_day(THIRD)):
        summary = run(mis, state, day, OPTIONS)
        assert (summary.outcome, summary.exit_code) == ("done", 0)
    assert states(state) == [
        (FIRST, "verified", ""),
        (SECOND, "superseded", "form_waits"),
        (THIRD, "superseded", "form_waits"),
    ]
    first, second, _ = ledger(state)
    assert second.reason == (
        f"listed with the form {first.key} of 2025-09-12: no second form before that one is decided"
    )
    assert (forms(mis), len(mis.notes), mis.doubles) == ([FIRST], 1, [])


def test_what_is_excluded_is_so_for_its_own_reason_while_a_form_waits(tmp_path: Path) -> None:
    mis, state = three_weeks_away(), tmp_path / "hill.db"
    run(mis, state, FIRST, OPTIONS)
    mis.exclusions = [Exclusion(reason="agreed", pupil_id="1")]
    run(mis, state, SECOND, OPTIONS)
    assert states(state) == [(FIRST, "verified", ""), (SECOND, "excluded", "")]
    assert ledger(state)[1].reason == "agreed"


def test_several_at_once_make_one_form_that_of_the_first(tmp_path: Path) -> None:
    mis, state = three_weeks_away(), tmp_path / "hill.db"
    run(mis, state, THIRD, OPTIONS)
    assert [row[1] for row in states(state)] == ["verified", "superseded", "superseded"]
    assert forms(mis) == [FIRST]


@pytest.mark.parametrize(
    ("decided", "made"),
    [
        (FIRST - timedelta(1), [FIRST]),  # of an earlier matter
        (FIRST, [FIRST, SECOND]),  # and the form of the second event waits then
        (SECOND - timedelta(1), [FIRST, SECOND]),
        (SECOND, [FIRST, THIRD]),  # the decision covers what was listed up to its day
        (THIRD - timedelta(1), [FIRST, THIRD]),
        (THIRD, [FIRST]),
    ],
)
def test_a_decision_settles_the_form_and_what_was_listed_with_it_up_to_its_day(
    tmp_path: Path, decided: date, made: list[date]
) -> None:
    mis, state = three_weeks_away(), tmp_path / "hill.db"
    run(mis, state, THIRD, OPTIONS)
    mis.notices.append(Notice("1", "c1", decided))
    summary = run(mis, state, next_day(THIRD), OPTIONS)
    assert (summary.outcome, forms(mis)) == ("done", made)
    again = run(mis, state, next_day(THIRD), OPTIONS)
    assert (again.outcome, forms(mis), mis.doubles) == ("done", made, [])


def test_the_decision_makes_no_difference_by_when_it_is_read(tmp_path: Path) -> None:
    seen = []
    for number, read_on in enumerate((FIRST, SECOND, THIRD)):
        mis, state = three_weeks_away(), tmp_path / f"{number}.db"
        for day in school_days(FIRST, next_day(THIRD)):
            if day == read_on:
                mis.notices.append(Notice("1", "c1", FIRST))
            run(mis, state, day, OPTIONS)
        seen.append((forms(mis), [row[1] for row in states(state)]))
    assert seen == [([FIRST, SECOND], ["verified", "verified", "superseded"])] * 3


def test_another_pupil_has_a_form_of_the_own(tmp_path: Path) -> None:
    mis, state = three_weeks_away(), tmp_path / "hill.db"
    for day in school_days(SECOND - timedelta(4), SECOND):
        mis.day("2", day, "G")
    run(mis, state, SECOND, OPTIONS)
    assert {(row.pupil_id, row.date, row.state) for row in ledger(state)} == {
        ("1", FIRST, "verified"),
        ("1", SECOND, "superseded"),
        ("2", SECOND, "verified"),
    }


def test_what_was_listed_makes_its_form_when_the_one_that_waits_is_taken_back(tmp_path: Path) -> None:
    mis, state = three_weeks_away(), tmp_path / "hill.db"
    run(mis, state, THIRD, OPTIONS)
    with Store.open(state, "hill") as store:
        first = store.ledger.rows()[0]
        void(store, first.key, reason="wrong register", now=at(THIRD), as_of=THIRD)
    run(mis, state, next_day(THIRD), OPTIONS)
    assert [row[1] for row in states(state)] == ["voided", "verified", "superseded"]
    assert ledger(state)[1].key in ledger(state)[2].reason


def test_a_mark_that_is_corrected_takes_the_form_back_and_lets_the_next_event_make_its_own(
    tmp_path: Path,
) -> None:
    mis, state = three_weeks_away(), tmp_path / "hill.db"
    run(mis, state, SECOND, OPTIONS)
    for day in school_days(FIRST - timedelta(4), FIRST):
        mis.day("1", day, "I")
    run(mis, state, next_day(SECOND), OPTIONS)
    assert [row[1] for row in states(state)] == ["withdrawn", "verified"]


def test_a_person_can_have_the_second_form_all_the_same(tmp_path: Path) -> None:
    mis, state = three_weeks_away(), tmp_path / "hill.db"
    run(mis, state, SECOND, OPTIONS)
    with Store.open(state, "hill") as store:
        release(store, store.ledger.rows()[1].key, by="x", now=at(SECOND), as_of=SECOND)
    run(mis, state, next_day(SECOND), OPTIONS)
    assert forms(mis) == [FIRST, SECOND]
    run(mis, state, THIRD, OPTIONS)
    assert [row[1] for row in states(state)] == ["verified", "verified", "superseded"]


def test_an_event_that_would_wait_for_approval_is_listed_at_once(tmp_path: Path) -> None:
    mis, state = three_weeks_away(), tmp_path / "hill.db"
    opts = options("england-2024", RULE, review=["all"])
    run(mis, state, FIRST, opts)
    with Store.open(state, "hill") as store:
        approve(store, store.ledger.rows()[0].key, by="x", now=at(FIRST), as_of=FIRST)
    run(mis, state, next_day(FIRST), opts)
    run(mis, state, SECOND, opts)
    assert [row[1] for row in states(state)] == ["verified", "superseded"]
    mis.notices.append(Notice("1", "c1", FIRST))
    run(mis, state, SECOND, opts)
    assert states(state)[1] == (SECOND, "held", "review")


def test_a_form_that_is_made_and_not_written_yet_waits_too_and_is_made_again_in_its_own_place(
    tmp_path: Path,
) -> None:
    mis, state = three_weeks_away(), tmp_path / "hill.db"
    opts = options("england-2024", RULE, oldest_letter_school_days=100)
    mis.refused.add("1")
    run(mis, state, FIRST, opts)
    run(mis, state, SECOND, opts)
    assert [row[1] for row in states(state)][1:] == ["superseded"]
    mis.refused.clear()
    with Store.open(state, "hill") as store:
        release(store, store.ledger.rows()[0].key, by="x", now=at(SECOND), as_of=SECOND)
    run(mis, state, next_day(SECOND), opts)
    assert [row[1] for row in states(state)] == ["verified", "superseded"]
    assert forms(mis) == [FIRST]


def test_a_form_of_later_sessions_names_the_one_before_it_and_what_was_decided(tmp_path: Path) -> None:
    mis, state = three_weeks_away(), tmp_path / "hill.db"
    run(mis, state, FIRST, OPTIONS)
    mis.notices.append(Notice("1", "c1", FIRST))
    run(mis, state, SECOND, OPTIONS)
    second = next(d for _, d in mis.documents if d.file_name == FORM.format(SECOND))
    assert b"; before: 2025-09-12 notice" in second.content


@pytest.mark.parametrize(("passed", "reminded"), [(FORM_SCHOOL_DAYS, False), (FORM_SCHOOL_DAYS + 1, True)])
def test_a_form_that_waits_long_is_named_in_the_warnings(tmp_path: Path, passed: int, reminded: bool) -> None:
    mis, state = three_weeks_away(), tmp_path / "hill.db"
    run(mis, state, FIRST, OPTIONS)
    day = [day for day in CALENDAR.school_days if day > FIRST][passed - 1]
    summary = run(mis, state, day, OPTIONS)
    (form, *_) = ledger(state)
    named = [line for line in summary.warnings if f"the oldest {form.key} of 2025-09-12" in line]
    assert bool(named) is reminded
    mis.notices.append(Notice("1", "c1", FIRST))
    assert not [line for line in run(mis, state, day, OPTIONS).warnings if "consideration form" in line]


def test_the_digest_has_the_form_and_the_later_event_and_the_form_after_a_decision_names_the_first(
    tmp_path: Path,
) -> None:
    """With the letters and lists of a school, opened as staff open them."""
    mis, state = three_weeks_away(), tmp_path / "hill.db"

    def night(day: date) -> None:
        request = RunRequest(
            OPTIONS, mis, as_of=day, now=at(day), source=PullSource("folder", "memory"), sleep=lambda _: None
        )
        assert run_school(state, request).summary.outcome == "done"

    def text_of(named: str, day: date) -> str:
        (found,) = [d for _, d in mis.documents if named in d.file_name and str(day) in d.file_name]
        return shown(Document(io.BytesIO(found.content)).element.body)

    night(FIRST)
    night(SECOND)
    first, second = ledger(state)
    digest = text_of("Digest", SECOND)
    assert "Forms waiting for a decision" in digest
    assert f"[{first.key}]" in digest
    assert f"10 sessions counted (O), 22 Sep 2025 to 26 Sep 2025 [{second.key}]" in digest
    mis.notices.append(Notice("1", "c1", SECOND))
    night(THIRD)
    form = text_of("consideration", THIRD)
    assert "10 sessions: Monday 8 to Friday 12 September 2025" in form
    assert "penalty notice, 26 September 2025" in form


# -- what counts as a decision


def register(**records: object) -> Register:
    return build_register(
        pupils=[made_up_pupil(1)],
        calendar=CALENDAR,
        marks=[],
        **records,  # type: ignore[arg-type]
    )


def rows(tmp_path: Path) -> list[LedgerRow]:
    mis, state = three_weeks_away(), tmp_path / "hill.db"
    run(mis, state, SECOND, OPTIONS)
    return ledger(state)


@pytest.mark.parametrize("day", [FIRST - timedelta(1), FIRST, SECOND - timedelta(1), SECOND])
def test_a_decision_on_the_form_a_notice_and_a_notice_to_improve_decide_alike(
    tmp_path: Path, day: date
) -> None:
    first, second = rows(tmp_path)
    for records in (
        {"form_decisions": [FormDecision("1", day, "none", "support first")]},
        {"notices": [Notice("1", "c1", day)]},
        {"notices_to_improve": [NoticeToImprove("1", day, 4)]},
    ):
        found = forms_of([first, second], [load_policy("england-2024")], register(**records))
        waits = bool(found.waiting([first, second], SECOND))
        assert waits is (day < FIRST)
        covered = found.covering(second)
        assert (covered is None) is (FIRST <= day < SECOND)


def test_another_pupils_decision_decides_nothing(tmp_path: Path) -> None:
    first, second = rows(tmp_path)
    others = register(form_decisions=[FormDecision("2", FIRST, "none")])
    found = forms_of([first, second], [load_policy("england-2024")], others)
    assert [(one.form, one.later) for one in found.waiting([first, second], SECOND)] == [(first, (second,))]


def test_a_form_of_a_pupil_who_has_left_waits_for_nobody(tmp_path: Path) -> None:
    first, second = rows(tmp_path)
    gone = build_register(pupils=[made_up_pupil(1, on_roll_to=SECOND)], calendar=CALENDAR, marks=[])
    found = forms_of([first, second], [load_policy("england-2024")], gone)
    assert found.waiting([first, second], SECOND)
    assert not found.waiting([first, second], SECOND + timedelta(1))
