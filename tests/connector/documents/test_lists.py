"""The lists of a run: titles and instructions of the school's own packs, in its digest and its other lists."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

from connector.config.loaded_school import LoadedSchool
from connector.run.request import RunRequest
from connector.run.run import run_school
from rules.policy import Policy, load_policy
from tests.connector.memory_mis import MemoryMis, at, school_days, small_school
from tests.connector.runs import options
from tests.letters.reports.reading import tables, words

FRIDAY = date(2025, 9, 19)


def unexplained_school() -> MemoryMis:
    mis = small_school(3, until=FRIDAY)
    for day in school_days(date(2025, 9, 8), date(2025, 9, 12)):
        mis.day("1", day, "N")
    return mis


def retitled(pack: Policy, name: str, title: str) -> Policy:
    lists = (one.model_copy(update={"title": title}) if one.name == name else one for one in pack.lists)
    return pack.model_copy(update={"lists": tuple(lists)})


def filed(mis: MemoryMis, state: Path, school: LoadedSchool) -> dict[str, bytes]:
    """Run once with the product's own letters and lists, and return the school's documents by their file names."""
    run_school(state, RunRequest(school, mis, as_of=FRIDAY, now=at(FRIDAY)))
    return {made.file_name: made.content for _, made in mis.documents if made.pupil_id is None}


def test_of_two_packs_with_one_list_the_first_ones_words_stand_over_every_line(tmp_path: Path) -> None:
    own, law = load_policy("thringstone"), load_policy("england-2024")
    school = options("thringstone")
    for number, (first, second, title) in enumerate(
        (
            (retitled(own, "code-overdue", "Ours"), law, "Ours"),
            (own, retitled(law, "code-overdue", "Theirs"), "Reason still missing (N) after five school days"),
        )
    ):
        both = replace(school, policy=first, more=(second,))
        documents = filed(unexplained_school(), tmp_path / f"{number}.db", both)
        shown = words(documents["Attendance – Digest – 2025-09-19.docx"])
        assert title in shown
        assert "Theirs" not in shown
        assert "Find the reason today, or change the code to O." in shown


def test_the_weekly_sheet_is_filed_under_the_title_that_the_pack_gives_it(tmp_path: Path) -> None:
    school = options("hcat", only=("class-of-the-week",))
    own = replace(school, policy=retitled(school.policy, "celebration", "Stars of the week"))
    documents = filed(small_school(3, until=FRIDAY), tmp_path / "a.db", own)
    assert "Attendance – Stars of the week – 2025-09-19.docx" in documents


def test_a_list_with_a_document_of_its_own_is_filed_once_and_is_not_in_the_digest(tmp_path: Path) -> None:
    mis = small_school(3, until=FRIDAY)
    for pupil, last in (("1", 18), ("2", 17)):
        for day in school_days(date(2025, 9, 15), date(2025, 9, last)):
            mis.day(pupil, day, "I")
    school = options("aspire", only=("back-today",))
    documents = filed(mis, tmp_path / "a.db", school)
    assert len([name for name in documents if "Back in school" in name]) == 1, "one list for both days"
    (rows,) = tables(documents["Attendance – Back in school – 2025-09-19.docx"])
    assert sorted(row[2:4] for row in rows[1:]) == [
        ["18 Sep 2025", "Monday 15 to Wednesday 17 September 2025"],
        ["19 Sep 2025", "Monday 15 to Thursday 18 September 2025"],
    ]
    assert "Back in school" not in words(documents["Attendance – Digest – 2025-09-19.docx"])
    run_school(tmp_path / "a.db", RunRequest(school, mis, as_of=FRIDAY, now=at(FRIDAY)))
    assert len([made for _, made in mis.documents if "Back in school" in made.file_name]) == 1


def test_the_case_list_names_the_letters_that_were_sent(tmp_path: Path) -> None:
    last = date(2025, 9, 30)
    mis = small_school(3, until=last)
    for day in school_days(date(2025, 9, 15), date(2025, 9, 19)):
        mis.day("1", day, "I")
    school = options("aycliffe-drive", only=("case-list", "persistent-absence"))
    for day in school_days(date(2025, 9, 22), last):
        run_school(tmp_path / "a.db", RunRequest(school, mis, as_of=day, now=at(day)))
    (shown,) = [made for _, made in mis.documents if "Case list" in made.file_name]
    assert "letter “Persistent absence" in tables(shown.content)[0][1][7]
