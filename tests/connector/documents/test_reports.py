"""Weekly and termly reports are made by the first run that reaches the period's last school day, and once."""

from datetime import date
from pathlib import Path

from connector.documents.reports import SchoolReports
from connector.store import Store
from tests.connector.runs import options
from tests.connector.school_of_marks import register_until

FRIDAY, MONDAY, THURSDAY = date(2025, 9, 12), date(2025, 9, 15), date(2025, 9, 11)
LAST_OF_TERM = date(2025, 12, 19)


def kinds(tmp_path: Path, as_of: date, after: date | None) -> list[str]:
    with Store.open(tmp_path / "hill.db", "hill") as store:
        opts = options(reports=frozenset({"weekly", "termly"}))
        made = SchoolReports(opts, store, register_until(as_of), as_of).documents(after)
        return [document.kind for document in made]


def test_the_weeks_last_school_day_brings_the_weekly_reports(tmp_path: Path) -> None:
    assert kinds(tmp_path, FRIDAY, THURSDAY) == ["tutors", "absence"]


def test_a_second_run_of_that_day_makes_none(tmp_path: Path) -> None:
    assert kinds(tmp_path, FRIDAY, FRIDAY) == []


def test_a_day_in_the_middle_of_a_week_makes_none(tmp_path: Path) -> None:
    assert kinds(tmp_path, THURSDAY, date(2025, 9, 10)) == []


def test_a_week_that_ended_while_the_service_was_down_is_made_up_for(tmp_path: Path) -> None:
    assert kinds(tmp_path, MONDAY, THURSDAY) == ["tutors", "absence"]


def test_the_first_run_of_all_looks_at_its_own_day_only(tmp_path: Path) -> None:
    assert kinds(tmp_path, MONDAY, None) == []
    assert kinds(tmp_path, FRIDAY, None) == ["tutors", "absence"]


def test_the_terms_last_school_day_brings_the_governors_report(tmp_path: Path) -> None:
    assert kinds(tmp_path, LAST_OF_TERM, date(2025, 12, 18)) == ["tutors", "absence", "governors"]


def test_reports_can_be_switched_off(tmp_path: Path) -> None:
    with Store.open(tmp_path / "hill.db", "hill") as store:
        reports = SchoolReports(options(), store, register_until(FRIDAY), FRIDAY)
        assert list(reports.documents(THURSDAY)) == []
