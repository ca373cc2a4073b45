"""What a letter says that is due later without absence given by the school: what is counted on that day."""

from __future__ import annotations

import io
from datetime import date
from pathlib import Path

from docx import Document

from connector.config.loaded_school import LoadedSchool
from connector.run.request import RunRequest
from connector.run.run import run_school
from connector.store.belonging import PullSource
from tests.connector.ledger.test_given_absence import FALL, STAGE, D, school
from tests.connector.memory_mis import MemoryMis, at
from tests.connector.runs import options, row_of, run_days
from tests.letters.docx_files import shown


def written(mis: MemoryMis, state: Path, day: date, opts: LoadedSchool) -> tuple[str, str]:
    """Run once with the letters of a school; return the text of the letter and of the note, as staff read them."""
    source = PullSource("folder", "memory")
    request = RunRequest(opts, mis, as_of=day, now=at(day), source=source, sleep=lambda _seconds: None)
    assert run_school(state, request).summary.outcome == "done"
    (note,) = mis.notes
    return shown(Document(io.BytesIO(mis.documents[0][1].content)).element.body), note[1].text


def test_a_percentage_is_that_of_the_later_day_with_study_leave_as_the_law_counts_it(tmp_path: Path) -> None:
    """40 of 46 sessions on the event's day; 40 of 56 on the day when illness alone is enough, ten of them study leave."""
    mis, opts, state = school({"S": D[20:25], "I": D[25:28]}), options(only=STAGE), tmp_path / "hill.db"
    run_days(mis, state, FALL, D[26], opts)
    letter, note = written(mis, state, D[27], opts)
    for text in (letter, note):
        assert "71.4%" in text
        assert "up to and including 10 October 2025" in text
        assert "86.9" not in text
    assert "The sessions missed up to and including 10 October 2025" in letter
    for row in ("1 to Tuesday 7 October 202510 sessionsS", "8 to Friday 10 October 20256 sessionsI"):
        assert row in letter, "every session missed, study leave too"
    assert row_of(state, "stage-1").event.figures["attendance_percent"] == "86.9", (
        "the event stays what it was"
    )


def test_a_count_lists_the_pupils_own_sessions_up_to_the_later_day(tmp_path: Path) -> None:
    """21 sessions of the term on day 35, ten of them study leave; 22 of illness on day 40."""
    mis, state = school({"S": D[20:25], "I": D[30:41]}), tmp_path / "hill.db"
    opts = options("aspire", only=("explanation-term",))
    run_days(mis, state, D[30], D[39], opts)
    letter, note = written(mis, state, D[40], opts)
    assert "Wednesday 15 October to Wednesday 5 November 202522 sessionsI" in letter
    assert "Study leave" not in letter
    assert "50 of 82 sessions (60.9%)" in letter
    assert note.startswith("22 sessions of absence from 15 October 2025 to 5 November 2025")


def test_a_run_is_the_one_of_the_pupils_own_days(tmp_path: Path) -> None:
    mis, state = school({"S": D[20:22], "I": D[22:26]}), tmp_path / "hill.db"
    opts = options("aspire", only=("explanation-run",))
    run_days(mis, state, D[22], D[24], opts)
    letter, note = written(mis, state, D[25], opts)
    assert "Friday 3 to Wednesday 8 October 20258 sessionsI" in letter
    assert "Study leave" not in letter
    assert note.startswith("Absent on 4 school days running, up to and including 8 October 2025")


def test_one_that_is_due_on_its_own_day_says_what_was_so_then(tmp_path: Path) -> None:
    mis, state = school({"I": D[17:20], "S": D[20:25]}), tmp_path / "hill.db"
    letter, _ = written(mis, state, D[21], options(only=STAGE))
    day = row_of(state, "stage-1").date
    assert day == D[18]
    assert "up to and including 29 September 2025" in letter
