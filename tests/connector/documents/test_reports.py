"""Weekly and termly reports are made by the first run that finds the period's last session marked, and once."""

from dataclasses import replace
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from docx import Document

from connector.documents.reports import SchoolReports
from connector.store import Store
from connector.store.schema import FIRST
from rules.calendar import Period
from rules.school import Session
from tests.connector.memory_mis import MemoryMis, made_up_pupil, school_days, small_school
from tests.connector.runs import options, run
from tests.connector.school_of_marks import register_until

FRIDAY, MONDAY, THURSDAY = date(2025, 9, 12), date(2025, 9, 15), date(2025, 9, 11)
LAST_OF_TERM = date(2025, 12, 19)
WEEK = ["tutors", "absence", "quality", "patterns"]


def kinds(tmp_path: Path, as_of: date, after: date | None) -> list[str]:
    with Store.open(tmp_path / "hill.db", "hill") as store:
        opts = options(reports=frozenset({"weekly", "termly"}))
        made = SchoolReports(opts, store, register_until(as_of), as_of).documents(after)
        return [document.kind for document in made]


def test_the_weeks_last_school_day_brings_the_weekly_reports(tmp_path: Path) -> None:
    assert kinds(tmp_path, FRIDAY, THURSDAY) == WEEK


def test_a_second_run_of_that_day_makes_none(tmp_path: Path) -> None:
    assert kinds(tmp_path, FRIDAY, FRIDAY) == []


def test_a_day_in_the_middle_of_a_week_makes_none(tmp_path: Path) -> None:
    assert kinds(tmp_path, THURSDAY, date(2025, 9, 10)) == []


def test_a_week_that_ended_while_the_service_was_down_is_made_up_for(tmp_path: Path) -> None:
    assert kinds(tmp_path, MONDAY, THURSDAY) == WEEK


def test_the_first_run_of_all_looks_at_its_own_day_only(tmp_path: Path) -> None:
    assert kinds(tmp_path, MONDAY, None) == []
    assert kinds(tmp_path, FRIDAY, None) == WEEK


def test_the_terms_last_school_day_brings_the_governors_report(tmp_path: Path) -> None:
    assert kinds(tmp_path, LAST_OF_TERM, date(2025, 12, 18)) == [*WEEK, "governors"]


def test_reports_can_be_switched_off(tmp_path: Path) -> None:
    with Store.open(tmp_path / "hill.db", "hill") as store:
        reports = SchoolReports(options(), store, register_until(FRIDAY), FRIDAY)
        assert list(reports.documents(THURSDAY)) == []


# In a run: small_school has one class, 5A, and everybody is present.

BOTH = options(only=("initial-warning",), reports=["weekly", "termly"])
LAST = date(2025, 11, 14)


def reports(mis: MemoryMis) -> list[str]:
    """Return the names of the reports that the school has, sorted."""
    names = [d.file_name.removeprefix("Attendance – ") for _, d in mis.documents if d.pupil_id is None]
    return sorted(name for name in names if not name.startswith("digest"))


QUALITY = "Data quality – 2025-11-14.docx"
WEEKLY = [
    QUALITY,
    "Patterns of absence – 2025-11-14.docx",
    "Persistent and severe absence – 2025-11-14.docx",
    "Weekly report for tutors – 2025-11-14.docx",
]


def test_a_week_whose_last_day_is_not_marked_yet_has_its_reports_from_the_run_that_finds_it_marked(
    tmp_path: Path,
) -> None:
    mis, state = small_school(until=date(2025, 11, 13)), tmp_path / "hill.db"
    run(mis, state, LAST, BOTH)
    assert reports(mis) == [QUALITY]
    for pupil_id in mis.pupils:
        mis.day(pupil_id, LAST, "/")
    for _ in range(3):
        run(mis, state, LAST, BOTH)
        assert reports(mis) == WEEKLY
    run(mis, state, date(2025, 11, 17), BOTH)
    assert reports(mis) == WEEKLY


@pytest.mark.parametrize("code", [None, "i"])
def test_one_class_without_the_last_register_keeps_the_reports_waiting_into_the_next_week(
    tmp_path: Path, code: str | None
) -> None:
    mis, state = small_school(until=LAST), tmp_path / "hill.db"
    mis.pupils["9"] = made_up_pupil(9, registration_group="6B")
    for day in school_days(date(2025, 9, 3), LAST):
        mis.day("9", day, "/")
    if code is None:
        del mis.marks["9", Session(LAST, "PM")]
    else:
        mis.mark("9", LAST, "PM", code)
    run(mis, state, LAST, BOTH)
    run(mis, state, date(2025, 11, 17), BOTH)
    assert reports(mis) == [QUALITY]
    mis.mark("9", LAST, "PM", "/")
    run(mis, state, date(2025, 11, 18), BOTH)
    assert reports(mis) == WEEKLY


def test_a_report_names_what_is_missing(tmp_path: Path) -> None:
    mis, state = small_school(until=LAST), tmp_path / "hill.db"
    del mis.marks["1", Session(date(2025, 11, 12), "PM")]
    mis.mark("2", date(2025, 11, 13), "AM", "Present")
    run(mis, state, LAST, BOTH)
    named = (
        "1 session of the {} has no mark: 12 November 2025 PM; 1 session of the {} has a mark that is no "
        "attendance code (“Present”): 13 November 2025 AM. No figure includes them."
    )
    texts = {
        d.file_name: "\n".join(p.text for p in Document(BytesIO(d.content)).paragraphs)
        for _, d in mis.documents
    }
    for name, period in zip(WEEKLY[2:], ("school year", "week"), strict=True):
        assert named.format(period, period) in texts[f"Attendance – {name}"]


def test_the_governors_report_names_what_is_missing_without_numbers_of_pupils(tmp_path: Path) -> None:
    mis, state = small_school(), tmp_path / "hill.db"
    del mis.marks["1", Session(date(2025, 11, 12), "PM")]
    del mis.marks["2", Session(date(2025, 11, 12), "PM")]
    run(mis, state, LAST_OF_TERM, BOTH)
    (report,) = [d for _, d in mis.documents if "Governors" in d.file_name]
    text = "\n".join(p.text for p in Document(BytesIO(report.content)).paragraphs)
    assert "2 sessions of the period have no mark: 12 November 2025 PM. No figure includes them." in text


def test_a_term_that_the_calendar_does_not_hold_to_its_end_has_no_report_yet(tmp_path: Path) -> None:
    mis, state = small_school(), tmp_path / "hill.db"
    mis.periods = tuple(p for p in mis.periods if p.name != "Autumn 2" and p.start.year == 2025)
    run(mis, state, date(2025, 10, 24), BOTH)
    assert [name for name in reports(mis) if name.startswith("Governors")] == []


def test_a_term_that_ended_while_the_service_was_down_has_its_report(tmp_path: Path) -> None:
    mis, state = small_school(), tmp_path / "hill.db"
    run(mis, state, date(2025, 12, 18), BOTH)
    run(mis, state, date(2026, 1, 4), BOTH)
    assert "Governors' report, Autumn – 2025-12-19.docx" in reports(mis)


def test_a_state_from_before_reports_were_remembered_does_not_make_them_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mis, state = small_school(until=date(2025, 11, 20)), tmp_path / "hill.db"
    with monkeypatch.context() as before:
        before.setattr("connector.store.store.MIGRATIONS", (FIRST,))
        with Store.open(state, "hill") as store, store.transaction() as connection:
            connection.execute(
                "INSERT INTO runs (as_of, started_at, policy, policy_version, config_hash, outcome)"
                " VALUES ('2025-11-14', '2025-11-14T17:00:00+00:00', 'hcat', '1', '', 'done')"
            )
    run(mis, state, date(2025, 11, 20), BOTH)
    assert reports(mis) == []
    for pupil_id in mis.pupils:
        mis.day(pupil_id, date(2025, 11, 21), "/")
    run(mis, state, date(2025, 11, 21), BOTH)
    assert [name[-15:-5] for name in reports(mis)] == ["2025-11-21"] * 4


# -- the effect of letters


@pytest.mark.parametrize(("waits", "day"), [(False, date(2025, 9, 26)), (True, date(2025, 10, 3))])
def test_the_effect_of_a_letter_counts_from_the_day_on_which_it_was_written(
    tmp_path: Path, waits: bool, day: date
) -> None:
    """Due on 26 September; held for a week in the second case."""
    mis, state = small_school(until=date(2025, 10, 3)), tmp_path / "hill.db"
    for late in school_days(date(2025, 9, 24), date(2025, 9, 26)):
        mis.mark("1", late, "AM", "L")
    if waits:
        run(mis, state, date(2025, 9, 26), options(only=("late-letter",), review=["late-letter"]))
    run(mis, state, day, options(only=("late-letter",)))
    with Store.open(state, "hill") as store:
        (row,) = store.ledger.rows()
        assert (row.date, row.state) == (date(2025, 9, 26), "verified")
        made = SchoolReports(options(), store, register_until(day), day)
        term = Period("term", "Autumn", date(2025, 9, 3), date(2025, 12, 19))
        assert [letter.date for letter in made.sent(term)] == [day]
        assert [letter.date for letter in made.sent(replace(term, end=day - timedelta(days=1)))] == []


# -- what says how things stand now


def test_data_quality_does_not_wait_for_a_register_and_names_what_is_missing(tmp_path: Path) -> None:
    mis, state = small_school(until=LAST), tmp_path / "hill.db"
    for pupil_id in mis.pupils:
        del mis.marks[pupil_id, Session(LAST, "PM")]
    run(mis, state, LAST, BOTH)
    (quality,) = [d for _, d in mis.documents if d.file_name.endswith(QUALITY)]
    (counts, *_) = Document(BytesIO(quality.content)).tables
    rows = {row.cells[0].text: [cell.text for cell in row.cells[1:3]] for row in counts.rows}
    assert rows["Sessions without a mark"] == [str(len(mis.pupils))] * 2


def test_data_quality_waits_until_the_weeks_last_register_is_closed(tmp_path: Path) -> None:
    mis, state = small_school(until=LAST), tmp_path / "hill.db"
    run(mis, state, LAST, BOTH, hour=12)
    assert reports(mis) == []
    run(mis, state, LAST, BOTH, hour=17)
    assert reports(mis) == WEEKLY


def test_of_several_weeks_made_up_for_only_the_last_has_data_quality_and_patterns(tmp_path: Path) -> None:
    assert kinds(tmp_path, date(2025, 9, 19), date(2025, 9, 11)) == ["tutors", "absence", *WEEK]


# -- half terms and years


def test_a_half_term_a_term_and_a_year_each_have_a_report_of_their_own_once(tmp_path: Path) -> None:
    opts = options(only=("initial-warning",), reports=["half-termly", "termly", "yearly"])
    mis, state = small_school(until=date(2025, 10, 24)), tmp_path / "hill.db"
    for _ in range(2):
        run(mis, state, date(2025, 10, 24), opts)
        assert reports(mis) == ["Governors' report, Autumn 1 – 2025-10-24.docx"]
    for pupil_id in mis.pupils:
        for day in school_days(date(2025, 11, 3), LAST_OF_TERM):
            mis.day(pupil_id, day, "/")
    run(mis, state, LAST_OF_TERM, opts)
    assert reports(mis) == [
        "Governors' report, Autumn 1 – 2025-10-24.docx",
        "Governors' report, Autumn 2 – 2025-12-19.docx",
        "Governors' report, Autumn – 2025-12-19.docx",
    ]


def test_the_year_has_its_report_when_its_last_session_is_marked(tmp_path: Path) -> None:
    """A year that ends with the autumn term, as the calendar says."""
    opts = options(only=("initial-warning",), reports=["yearly"])
    mis, state = small_school(), tmp_path / "hill.db"
    mis.periods = (
        *(p for p in mis.periods if p.kind != "year" and p.start <= LAST_OF_TERM),
        Period("year", "2025/26", date(2025, 9, 1), LAST_OF_TERM),
    )
    del mis.marks["1", Session(LAST_OF_TERM, "PM")], mis.marks["2", Session(LAST_OF_TERM, "PM")]
    del mis.marks["3", Session(LAST_OF_TERM, "PM")]
    run(mis, state, LAST_OF_TERM, opts)
    assert reports(mis) == []
    for pupil_id in mis.pupils:
        mis.mark(pupil_id, LAST_OF_TERM, "PM", "/")
    run(mis, state, LAST_OF_TERM + timedelta(days=1), opts)
    assert reports(mis) == ["Governors' report, School year 2025 26 – 2025-12-19.docx"]


def test_the_schools_own_target_stands_in_the_reports(tmp_path: Path) -> None:
    with Store.open(tmp_path / "hill.db", "hill") as store:
        opts = options(reports=["termly"])
        config = opts.config.model_copy(update={"target": 96.1, "attendance_expectation": 94.5})
        made = SchoolReports(replace(opts, config=config), store, register_until(LAST_OF_TERM), LAST_OF_TERM)
        (report,) = made.documents(date(2025, 12, 18))
        texts = [
            cell.text for t in Document(BytesIO(report.make())).tables for row in t.rows for cell in row.cells
        ]
    assert "96.1%" in texts
    assert "94.5%" in texts
