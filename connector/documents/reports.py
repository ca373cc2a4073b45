"""Documents of the school that a run makes at the end of a week, a half term, a term and a school year.

A report is made by the first run that finds the last session of its period marked in every group, and once: the
store remembers it. A period that ended between two runs (the service was down, or the registers came late) is made up
for. The report names what is still missing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from functools import partial

from connector.config.loaded_school import LoadedSchool
from connector.documents.school_documents import SchoolDocument
from connector.store import Store
from letters.reports.absence import absence_report
from letters.reports.governors.aims import Aims, exact, with_own_target
from letters.reports.governors.letter_effect import SentLetter, steps_taken
from letters.reports.governors.report import governors_report, period_name
from letters.reports.patterns.patterns_report import patterns_report
from letters.reports.quality.quality_list import quality_list
from letters.reports.tutor import tutor_reports
from letters.template.library import file_name
from rules.calendar import Period, week_start
from rules.checks.gaps import find_gaps
from rules.register import Register
from rules.statistics import Tally

WEEKS_MADE_UP_FOR = 4
"""Weekly reports of weeks that ended longer ago are not made any more: nobody would act on them."""

_GOVERNORS = {"half-termly": "half_term", "termly": "term", "yearly": "year"}
"""The periods that governors have a report on, the shortest first, by their word in run.reports."""


class SchoolReports:
    """The reports that are due on the school at the end of one run."""

    def __init__(self, options: LoadedSchool, store: Store, register: Register, as_of: date) -> None:
        self._options = options
        self._store = store
        self._register = register
        self._policy = with_own_target(options.policy, options.config.target)
        self._tally = Tally(register, since=options.policy.start)
        self._as_of = as_of

    def documents(self, since: date | None) -> Iterator[SchoolDocument]:
        """Return the reports that are due and were not made yet, of periods that ended after ``since``.

        None: only of a period that ends on the run's own day.
        """
        since = since or self._as_of - timedelta(days=1)
        if "weekly" in self._options.config.run.reports:
            weeks = list(self._weeks(since))
            for start, last in weeks:
                if self._is_marked(last):
                    yield from self._weekly(start, last)
            if weeks:
                yield from self._of_the_last_week(*weeks[-1])
        for every, kind in _GOVERNORS.items():
            if every in self._options.config.run.reports:
                yield from self._at_the_end(kind, since)

    def _weeks(self, since: date) -> Iterator[tuple[date, date]]:
        """Return the Monday and last school day of the weeks that ended, the last few only."""
        calendar = self._register.calendar
        earliest = max(since, self._as_of - WEEKS_MADE_UP_FOR * timedelta(days=7))
        for start in calendar.school_weeks_between(week_start(earliest), self._as_of):
            last = calendar.last_school_day(start, start + timedelta(days=6))
            if last is not None and earliest < last <= self._as_of:
                yield start, last

    def _weekly(self, start: date, last: date) -> Iterator[SchoolDocument]:
        """Return tutors' reports and the list of persistent and severe absence of one week."""
        facts = (self._register, self._tally, self._policy, self._options.details)
        tutors = partial(tutor_reports, *facts, week_of=last, as_of=last)
        yield from self._once("tutors", "Weekly report for tutors", start, last, tutors)
        absence = partial(absence_report, *facts, as_of=last, printed_on=self._as_of)
        yield from self._once("absence", "Persistent and severe absence", start, last, absence)

    def _of_the_last_week(self, start: date, last: date) -> Iterator[SchoolDocument]:
        """Return what says how things stand now, for the week that ended last: earlier weeks are not made up for.

        Data quality does not wait for the registers: it names those that are missing.
        """
        school, dates = self._options.details, {"as_of": self._as_of, "printed_on": self._as_of}
        if self._is_over(last):
            quality = partial(quality_list, self._register, school, **dates)
            yield from self._once("quality", "Data quality", start, last, quality)
        if self._is_marked(last):
            facts = (self._register, self._tally, self._policy, school)
            patterns = partial(patterns_report, *facts, as_of=last, printed_on=self._as_of)
            yield from self._once("patterns", "Patterns of absence", start, last, patterns)

    def _is_over(self, day: date) -> bool:
        """Return True when the registers of the day's last session are closed."""
        last = max(session for session in self._register.sessions if session.date == day)
        closed = self._register.closed_up_to
        return closed is None or last <= closed

    def _at_the_end(self, kind: str, since: date) -> Iterator[SchoolDocument]:
        """Return the governors' report for each period of a kind that ended and that the calendar holds to its end."""
        calendar = self._register.calendar
        name = "governors" if kind == "term" else f"governors-{kind}"
        for period in self._periods(kind):
            last = calendar.last_school_day(period.start, period.end)
            if last is None or not since < last <= self._as_of or not calendar.is_whole(period):
                continue
            if self._is_marked(last):
                make = partial(self._governors, period)
                yield from self._once(
                    name, f"Governors' report, {period_name(period)}", period.start, last, make
                )

    def _periods(self, kind: str) -> Sequence[Period]:
        calendar = self._register.calendar
        return {"half_term": calendar.half_terms, "term": calendar.terms, "year": calendar.years}[kind]

    def _parts(self) -> Sequence[Period]:
        """Return the shortest periods that have governors' reports of their own."""
        kinds = [kind for every, kind in _GOVERNORS.items() if every in self._options.config.run.reports]
        return self._periods(kinds[0]) if kinds else ()

    def _once(
        self, kind: str, title: str, period: date, last: date, make: Callable[[], bytes]
    ) -> Iterator[SchoolDocument]:
        """Return the report of a period, known by its first day, unless it was made before."""
        if not self._store.reports.made(kind, period):
            yield SchoolDocument(kind, title, file_name(title, last.isoformat()), make, (), period)

    def _is_marked(self, day: date) -> bool:
        """Return True when every group's register of the day's last session was taken."""
        last = max(session for session in self._register.sessions if session.date == day)
        groups: dict[str, list[str]] = {}
        for pupil in self._register.pupils:
            groups.setdefault(pupil.registration_group, []).append(pupil.pupil_id)
        return not any(last in find_gaps(self._register, day, day, ids).not_taken for ids in groups.values())

    def _governors(self, period: Period) -> bytes:
        config = self._options.config
        return governors_report(
            self._register,
            self._tally,
            self._policy,
            self._options.details,
            period=period,
            printed_on=self._as_of,
            phase=config.phase,
            number=config.letters.number,
            aims=Aims(self._policy.target, exact(config.attendance_expectation)),
            parts=self._parts(),
            letters=[*self.sent(period), *steps_taken(self._register, period.end)],
        )

    def sent(self, period: Period) -> list[SentLetter]:
        """Return letters that have reached the MIS, up to the period's end, each on the day on which it was written."""
        rows = self._store.ledger.rows(states=("written", "verified"))
        written = ((row, row.written_on or row.composed_on or row.date) for row in rows)
        return [
            SentLetter(row.rule, row.event.title, row.event.pupil_id, day)
            for row, day in written
            if row.event.pupil_id is not None
            and self._options.policy_named(row.policy) is not None
            and day <= period.end
            and any(outcome.kind == "letter" for outcome in row.event.outcomes)
        ]
