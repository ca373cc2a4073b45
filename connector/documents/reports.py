"""Documents of the school that a run makes by itself at the end of a week and of a term.

A report is made by the first run that reaches its period's last school day, and once: later runs of that day and
after make no second one. A period that ended between two runs (the service was down) is made up for.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from connector.documents.school_documents import SchoolDocument
from connector.run.options import RunOptions
from connector.store import Store
from letters.reports.absence import absence_report
from letters.reports.effect import SentLetter
from letters.reports.governors import governors_report
from letters.reports.tutor import tutor_reports
from letters.template.library import file_name
from rules.calendar import Period, week_start
from rules.register import Register
from rules.statistics import Tally


class SchoolReports:
    """What is due on the school at the end of one run."""

    def __init__(self, options: RunOptions, store: Store, register: Register, as_of: date) -> None:
        self._options = options
        self._store = store
        self._register = register
        self._tally = Tally(register, since=options.policy.start)
        self._as_of = as_of

    def documents(self, after: date | None) -> Iterator[SchoolDocument]:
        """The reports of periods that ended after the last run's day.

        ``after`` is the day of the last run that went through; None on the first run of all, which makes only
        those of a period that ends on its own day.
        """
        since = after or self._as_of - timedelta(days=1)
        if "weekly" in self._options.reports:
            yield from self._weekly(since)
        if "termly" in self._options.reports:
            yield from self._termly(since)

    def _weekly(self, since: date) -> Iterator[SchoolDocument]:
        """Reports for tutors and the lists of persistent and severe absence, for the last week that ended."""
        calendar = self._register.calendar
        monday = week_start(self._as_of)
        for start in (monday, monday - timedelta(days=7)):
            last = calendar.last_school_day(start, start + timedelta(days=6))
            if last is None or not since < last <= self._as_of:
                continue
            policy, school = self._options.policy, self._options.school
            tutors = tutor_reports(self._register, self._tally, policy, school, week_of=last, as_of=last)
            yield self._document("tutors", "Weekly report for tutors", last, tutors)
            absence = absence_report(
                self._register, self._tally, policy, school, as_of=last, printed_on=self._as_of
            )
            yield self._document("absence", "Persistent and severe absence", last, absence)
            return

    def _termly(self, since: date) -> Iterator[SchoolDocument]:
        """The governors' report for each term that ended."""
        for term in self._register.calendar.terms:
            last = self._register.calendar.last_school_day(term.start, term.end)
            if last is not None and since < last <= self._as_of:
                content = governors_report(
                    self._register,
                    self._tally,
                    self._options.policy,
                    self._options.school,
                    period=term,
                    printed_on=self._as_of,
                    phase=self._options.phase,
                    letters=self._sent(term),
                )
                yield self._document("governors", f"Governors' report, {term.name}", last, content)

    def _sent(self, term: Period) -> list[SentLetter]:
        """Letters that have reached the MIS, up to the term's end."""
        rows = self._store.ledger.rows(states=("written", "verified"), policy=self._options.policy.id)
        return [
            SentLetter(row.rule, row.event.title, row.event.pupil_id, row.date)
            for row in rows
            if row.event.pupil_id is not None
            and row.date <= term.end
            and any(outcome.kind == "letter" for outcome in row.event.outcomes)
        ]

    def _document(self, kind: str, title: str, day: date, content: bytes) -> SchoolDocument:
        return SchoolDocument(kind, title, file_name(title, day.isoformat()), content, ())
