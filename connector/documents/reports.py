"""Documents of the school that a run makes at the end of a week and of a term.

A report is made by the first run that reaches its period's last school day, and once: later runs of that day and
after make no second one. A period that ended between two runs (the service was down) is made up for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from functools import partial

from connector.config.loaded_school import LoadedSchool
from connector.documents.school_documents import SchoolDocument
from connector.store import Store
from letters.reports.absence import absence_report
from letters.reports.governors.letter_effect import SentLetter
from letters.reports.governors.report import governors_report
from letters.reports.tutor import tutor_reports
from letters.template.library import file_name
from rules.calendar import Period, week_start
from rules.register import Register
from rules.statistics import Tally


class SchoolReports:
    """The reports that are due on the school at the end of one run."""

    def __init__(self, options: LoadedSchool, store: Store, register: Register, as_of: date) -> None:
        self._options = options
        self._store = store
        self._register = register
        self._tally = Tally(register, since=options.policy.start)
        self._as_of = as_of

    def documents(self, after: date | None) -> Iterator[SchoolDocument]:
        """Return the reports of periods that ended after the last run's day.

        ``after`` is the day of the last run that was completed; None for the school's first run, which makes only
        those of a period that ends on its own day.
        """
        since = after or self._as_of - timedelta(days=1)
        if "weekly" in self._options.config.run.reports:
            yield from self._weekly(since)
        if "termly" in self._options.config.run.reports:
            yield from self._termly(since)

    def _weekly(self, since: date) -> Iterator[SchoolDocument]:
        """Return tutors' reports and the list of persistent and severe absence, for the last week that ended."""
        calendar = self._register.calendar
        monday = week_start(self._as_of)
        facts = (self._register, self._tally, self._options.policy, self._options.details)
        for start in (monday, monday - timedelta(days=7)):
            last = calendar.last_school_day(start, start + timedelta(days=6))
            if last is None or not since < last <= self._as_of:
                continue
            tutors = partial(tutor_reports, *facts, week_of=last, as_of=last)
            yield _document("tutors", "Weekly report for tutors", last, tutors)
            absence = partial(absence_report, *facts, as_of=last, printed_on=self._as_of)
            yield _document("absence", "Persistent and severe absence", last, absence)
            return

    def _termly(self, since: date) -> Iterator[SchoolDocument]:
        """Return the governors' report for each term that ended."""
        for term in self._register.calendar.terms:
            last = self._register.calendar.last_school_day(term.start, term.end)
            if last is not None and since < last <= self._as_of:
                make = partial(self._governors, term)
                yield _document("governors", f"Governors' report, {term.name}", last, make)

    def _governors(self, term: Period) -> bytes:
        return governors_report(
            self._register,
            self._tally,
            self._options.policy,
            self._options.details,
            period=term,
            printed_on=self._as_of,
            phase=self._options.config.phase,
            letters=self._sent(term),
        )

    def _sent(self, term: Period) -> list[SentLetter]:
        """Return letters that have reached the MIS, up to the term's end."""
        rows = self._store.ledger.rows(states=("written", "verified"), policy=self._options.policy.id)
        return [
            SentLetter(row.rule, row.event.title, row.event.pupil_id, row.date)
            for row in rows
            if row.event.pupil_id is not None
            and row.date <= term.end
            and any(outcome.kind == "letter" for outcome in row.event.outcomes)
        ]


def _document(kind: str, title: str, day: date, make: Callable[[], bytes]) -> SchoolDocument:
    return SchoolDocument(kind, title, file_name(title, day.isoformat()), make, ())
