"""What `status` reads from a school's own database."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

from connector.config import ScheduleConfig
from connector.errors import FatalError
from connector.ledger.decisions import void
from connector.run.request import RunRequest
from connector.run.run import run_school
from connector.service.last_runs import last_runs
from connector.service.status import ledger_status, school_status
from connector.store import Store
from letters.errors import LetterError
from tests.connector.ledger.test_guards import DAY, LATE, late_school
from tests.connector.memory_mis import at
from tests.connector.plain_letters import PlainLetters
from tests.connector.runs import options, run

LATE_ONLY = options(only=LATE)
REVIEW = options(only=LATE, review=frozenset({"all"}))


def test_the_status_names_runs_holds_and_what_is_wrong(tmp_path: Path) -> None:
    mis, state = late_school(2), tmp_path / "hill.db"
    with Store.open(state, "hill") as store:
        assert ledger_status(store).problems(at(DAY)) == ["there has been no run yet"]
    run(mis, state, DAY, REVIEW)
    with Store.open(state, "hill") as store:
        found = ledger_status(store)
        assert found.states == {"held": 2}
        assert found.holds == {"review": 2}
        assert len(found.for_a_person) == 2
        assert found.oldest_pending == date(2025, 9, 10)
        assert found.problems(at(DAY)) == []
        assert "2025" in found.problems(at(DAY) + timedelta(days=2))[0]
    mis.faults["pull"] = [FatalError("the password is refused.")]
    run(mis, state, DAY, REVIEW)
    with Store.open(state, "hill") as store:
        assert ledger_status(store).problems(at(DAY)) == ["the last run failed: the password is refused."]


def test_a_clock_that_was_ahead_is_said_and_stops_no_later_run(tmp_path: Path) -> None:
    mis, state = late_school(2), tmp_path / "hill.db"
    run(mis, state, DAY, LATE_ONLY, hour=16)
    run(mis, state, DAY, LATE_ONLY, hour=19)
    with Store.open(state, "hill") as store:
        found = ledger_status(store)
        assert found.problems(at(DAY, 19)) == []
        assert found.problems(at(DAY, 18)) == [
            "the last run began on 11 September 2025 at 19:00, which is still to come: the clock of this server was ahead"
        ]
        good = found.last_good(at(DAY, 18))
        assert good is not None
        assert good.started_at == at(DAY, 16)
    assert last_runs(state, "hill", at(DAY, 18)).good == at(DAY, 16)
    assert last_runs(state, "hill", at(DAY, 19)).good == at(DAY, 19)
    school = LATE_ONLY.config
    planned = ScheduleConfig(daily=["06:30"], weekly="")
    assert not school_status(school, state, planned, at(DAY, 18)).healthy


def test_a_run_that_judged_nothing_is_unhealthy_with_the_reason(tmp_path: Path) -> None:
    mis, state = late_school(2), tmp_path / "hill.db"
    run(mis, state, date(2036, 10, 10), LATE_ONLY)
    with Store.open(state, "hill") as store:
        (problem, *_) = ledger_status(store).problems(at(date(2036, 10, 10)))
    assert problem.startswith("the last run judged nothing: 10 October 2036 lies")


def test_the_status_says_what_the_last_run_warned_of(tmp_path: Path) -> None:
    mis, state = late_school(2), tmp_path / "hill.db"
    mis.mark("1", date(2025, 9, 5), "AM", "i")
    run(mis, state, DAY, LATE_ONLY)
    planned = ScheduleConfig(daily=["06:30"], weekly="")
    document = school_status(LATE_ONLY.config, state, planned, at(DAY)).document()
    assert document["warnings"] == [
        "unrecognised codes: `i` (1 mark, first: pupil 1, 5 September 2025 AM); these marks are in no figure"
    ]
    assert document["held"] == {"unrecognised": 1}
    assert [event["hold"] for event in document["for_a_person"]] == ["unrecognised"]


def test_a_correcting_note_that_cannot_be_made_is_said_until_it_is(tmp_path: Path) -> None:
    mis, state = late_school(1), tmp_path / "hill.db"
    run(mis, state, DAY, LATE_ONLY)

    class NoCorrections(PlainLetters):
        def correction(self, *_: object, **__: object) -> tuple[str, str]:
            raise LetterError("a field is not known", template="note")

    def problems() -> list[str]:
        with Store.open(state, "hill") as store:
            return ledger_status(store).problems(at(DAY, 20))

    with Store.open(state, "hill") as store:
        (row,) = store.ledger.rows()
        void(store, row.key, reason="wrong child", now=at(DAY, 18), as_of=DAY)
    assert problems() == [], "the next run makes it"
    request = RunRequest(LATE_ONLY, mis, DAY, at(DAY, 19), letters=NoCorrections, lists=PlainLetters)
    assert run_school(state, request).summary.exit_code == 1
    assert problems() == ["1 correcting note could not be made; see what the last run warned of"]
    run(mis, state, DAY, LATE_ONLY, hour=20)
    assert problems() == []
