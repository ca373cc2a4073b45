"""One pupil's whole case, from the first absence without a reason to a second penalty notice, as a school would see it.

A made-up school under hcat with the statutory framework: runs on the days on which something happens, records
entered as an officer does, decisions taken as a head does, and the evidence for a court at the end.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from docx.oxml.ns import qn
from lxml import etree

from connector.config.loaded_school import LoadedSchool
from connector.documents.evidence import evidence_of
from connector.ledger.decisions import approve
from connector.records.book import Book, row_of
from connector.run.morning.morning_run import run_morning
from connector.run.request import RunRequest
from connector.run.run import run_school
from connector.store import Store
from connector.store.belonging import PullSource
from connector.store.ledger import LedgerRow
from letters.reports.record.bundle import evidence_bundle
from rules.policy import load_policy
from rules.statistics import Tally
from tests.connector.memory_mis import MemoryMis, at, school_days, small_school
from tests.connector.runs import ledger, options
from tests.letters.docx_files import part, shown

PUPIL = "1"


def text(content: bytes) -> str:
    """Return every paragraph of a document, those of its tables too."""
    root = etree.fromstring(part(content).encode())
    return "\n".join(shown(paragraph) for paragraph in root.iter(qn("w:p")))


SCHOOL = replace(
    options("hcat", letters={"head_name": "Ms J. Amadi"}, oldest_letter_school_days=20),
    more=(load_policy("england-2024"),),
)
FIRST_N, SECOND_N = date(2025, 9, 15), date(2025, 9, 16)
THRESHOLD = date(2025, 9, 24)
TO_IMPROVE, BROKEN, DECIDED, NOTICE = (
    date(2025, 9, 29),
    date(2025, 10, 2),
    date(2025, 10, 3),
    date(2025, 10, 13),
)
PANEL, PLAN = date(2025, 11, 6), date(2025, 11, 10)
SECOND, SECOND_DECIDED, SECOND_NOTICE = date(2025, 10, 16), date(2025, 10, 17), date(2025, 10, 24)
THIRD = date(2025, 11, 14)
LAST = date(2025, 12, 8)


class Case:
    """The school day by day: what its MIS holds, what the office enters, and a run of the evening."""

    def __init__(self, folder: Path, opts: LoadedSchool = SCHOOL) -> None:
        self.state = folder / "hill.db"
        self.mis: MemoryMis = small_school(3, until=LAST)
        self._opts = opts
        self._away(FIRST_N, SECOND_N, code="N")
        self._away(*school_days(date(2025, 9, 22), THRESHOLD))
        self._away(*(d for d in school_days(BROKEN, date(2025, 11, 7)) if d.weekday() in (3, 4)))
        self._away(*(d for d in school_days(PLAN, LAST) if d.weekday() == 4))
        self._to_come = dict(self.mis.marks)

    def _away(self, *days: date, code: str = "O") -> None:
        for day in days:
            self.mis.day(PUPIL, day, code)

    def ruled(self, *days: date) -> None:
        """Let the school rule that absences without a reason are unauthorised."""
        for session, mark in self._to_come.items():
            if session[0] == PUPIL and mark.date in days:
                self._to_come[session] = replace(mark, code="O")

    def morning(self, day: date) -> None:
        """Make the list of calls of a day, with its marks of the morning alone."""
        own = {k: m for k, m in self._to_come.items() if m.date < day or (m.date == day and m.half == "AM")}
        self.mis.marks = own
        source = PullSource("folder", "memory")
        report = run_morning(self.state, RunRequest(self._opts, self.mis, day, at(day, 9), source=source))
        assert report.outcome == "done", report.error

    def evening(self, day: date) -> None:
        """Make the run of a day, with the marks of up to that day."""
        self.mis.marks = {key: mark for key, mark in self._to_come.items() if mark.date <= day}
        source = PullSource("folder", "memory")
        request = RunRequest(self._opts, self.mis, day, at(day), source=source, sleep=lambda _seconds: None)
        summary = run_school(self.state, request).summary
        assert summary.outcome != "failed", summary.error

    def record(self, kind: str, day: date, **cells: str) -> None:
        """Enter what somebody did."""
        with Store.open(self.state, "hill") as store:
            book = Book(store, today=day)
            row = row_of({"pupil_id": PUPIL, "kind": kind, "date": day.isoformat(), **cells})
            record, faults = book.read(row)
            assert record is not None
            assert faults == []
            book.enter([record], at=at(day, 12), by="officer")

    def released_by_the_head(self, rule: str, day: date) -> None:
        (row,) = [row for row in self.rows(rule) if row.state == "held"]
        with Store.open(self.state, "hill") as store:
            approve(store, row.key, by="Ms J. Amadi", now=at(day, 18), as_of=day)

    def rows(self, rule: str) -> list[LedgerRow]:
        return [row for row in ledger(self.state) if row.pupil_id == PUPIL and row.rule == rule]

    def document(self, name: str, day: date) -> str:
        """Return the text of the pupil's document of that name and day."""
        (content,) = [
            document.content
            for _, document in self.mis.documents
            if document.pupil_id == PUPIL and document.file_name == f"Attendance – {name} – {day}.docx"
        ]
        return text(content)


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    """Return the case at its end."""
    case = Case(tmp_path_factory.mktemp("case"))
    case.evening(date(2025, 9, 12))
    case.morning(FIRST_N)
    case.evening(FIRST_N)
    case.record("contact", FIRST_N, contact_id="c1", decision="no answer", by="Ms Office")
    case.evening(SECOND_N)
    case.record("visit", SECOND_N, decision="seen", by="Mr Visitor", note="Unwell, no call was made")
    case.ruled(FIRST_N, SECOND_N)
    for day in (date(2025, 9, 23), THRESHOLD, date(2025, 9, 26)):
        case.evening(day)
    case.record("decision", TO_IMPROVE, decision="notice-to-improve", by="Ms J. Amadi", note="Support first")
    case.record("notice-to-improve", TO_IMPROVE, weeks="4", contact_id="c1")
    case.evening(TO_IMPROVE)
    case.released_by_the_head("notice-to-improve", TO_IMPROVE)
    for day in (date(2025, 9, 30), BROKEN):
        case.evening(day)
    case.record("decision", DECIDED, decision="notice", by="Ms J. Amadi")
    case.record("notice", NOTICE, contact_id="c1", decision="issued")
    for day in (NOTICE, SECOND):
        case.evening(day)
    case.record("decision", SECOND_DECIDED, decision="notice", by="Ms J. Amadi")
    case.record("notice", SECOND_NOTICE, contact_id="c1", decision="issued")
    for day in (SECOND_NOTICE, date(2025, 11, 4)):
        case.evening(day)
    case.record("meeting", PANEL, decision="held", by="Mr Panel", note="The panel met")
    case.record("plan", PLAN, review="2025-12-08", by="Mr Panel", note="In school every day but by agreement")
    for day in (PLAN, THIRD, LAST):
        case.evening(day)
    return case


def test_the_first_morning_without_a_message_is_on_the_list_of_calls(case: Case) -> None:
    (calls,) = [
        d.content
        for _, d in case.mis.documents
        if d.file_name == f"Attendance – Morning calls – {FIRST_N}.docx"
    ]
    assert "Last1, First1" in text(calls)
    assert "Last2" not in text(calls)


def test_each_step_goes_out_once_and_nothing_waits(case: Case) -> None:
    own = [row for row in ledger(case.state) if row.pupil_id == PUPIL]
    steps = [(row.rule, row.date.isoformat()[5:]) for row in own]
    assert steps == [
        ("unexplained-visit", "09-16"),
        ("initial-warning", "09-23"),
        ("persistent-absence", "09-23"),
        ("stage-1", "09-23"),
        ("penalty-threshold", "09-24"),
        ("notice-to-improve", "09-29"),
        ("notice-broken", "10-02"),
        ("penalty-threshold", "10-16"),
        ("stage-2", "10-21"),
        ("authority-irregular", "10-24"),
        ("colour-letter", "10-24"),
        ("penalty-threshold", "11-14"),
        ("authority-irregular", "11-28"),
        ("improved", "12-08"),
    ]
    assert {row.state for row in own[1:]} == {"verified"}
    assert (own[0].state, own[0].reason) == ("withdrawn", "the marks no longer support it")
    assert case.mis.doubles == []


def test_a_form_names_the_decisions_and_notices_before_it(case: Case) -> None:
    forms = [
        case.document("Penalty notice, for consideration", day) for day in (THRESHOLD, BROKEN, SECOND, THIRD)
    ]
    decided = [
        "notice to improve given, 29 September 2025",
        "penalty notice, 3 October 2025",
        "penalty notice, 17 October 2025",
    ]
    assert [[one in form for one in decided] for form in forms] == [
        [False, False, False],
        [True, False, False],
        [True, True, False],
        [True, True, True],
    ]
    counts = [f"for this child in the last 3 years\n{number}\n" for number in (0, 0, 1, 2)]
    assert all(count in form for count, form in zip(counts, forms, strict=True))
    assert all("£160 to be paid within 28 days, with no lower amount" in form for form in forms)
    assert "4 school weeks: 30 September 2025 to 7 November 2025" in forms[1]


def test_letters_name_the_letters_before_them_by_their_day(case: Case) -> None:
    assert "23 September 2025" in case.document(
        "Attendance letter 2, school attendance panel", date(2025, 10, 21)
    )
    assert "from Tuesday 30 September to Friday 7 November 2025" in case.document(
        "Notice to improve", TO_IMPROVE
    )


def test_the_evidence_holds_every_letter_and_what_people_did(case: Case) -> None:
    with Store.open(case.state, "hill") as store:
        register = store.register(nation="england", welsh_d_attended=True)
        evidence = evidence_of(store, PUPIL, SCHOOL.policies)
    bundle = evidence_bundle(
        evidence,
        register,
        Tally(register, since=SCHOOL.policy.start),
        SCHOOL.policy,
        SCHOOL.details,
        start=register.calendar.year_of(LAST).start,
        end=LAST,
        printed_on=LAST,
    )
    said = text(bundle)
    for words in (
        "15 September 2025",
        "no answer",
        "Unwell, no call was made",
        "Support first",
        "The panel met",
        "In school every day but by agreement",
    ):
        assert words in said, words
    assert [letter.title for event in evidence.events for letter in event.letters].count(
        "Penalty notice, for consideration"
    ) == 4
