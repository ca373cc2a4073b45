"""Lists of a run's events: the officer's digest, the weekly sheet, the termly list for the authority."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import partial

from connector.config.loaded_school import LoadedSchool
from connector.documents.school_documents import RunFacts, SchoolDocument
from connector.ledger.holds import held_causes
from connector.store.ledger import LedgerRow
from letters.reports.authority import termly_list
from letters.reports.celebration import celebration_sheet
from letters.reports.digest import OWN_DOCUMENTS, Digest, Line, digest_report
from letters.reports.pupil_lists import AS_IT_STANDS, OWN_LISTS, ListFacts, pupil_list
from letters.reports.waiting_forms import WaitingForm
from letters.template.library import file_name
from rules.calendar import Period, week_start
from rules.policy import PackList, lists_of
from rules.register import Register
from rules.statistics import Tally

Rows = Sequence[LedgerRow]


class SchoolLists:
    """Documents of the school over one register, dated on the day of the run."""

    def __init__(self, options: LoadedSchool, register: Register, day: date) -> None:
        self._options = options
        self._register = register
        self._tally = Tally(register, since=options.policy.start)
        self._day = day
        self._named = lists_of(options.policies)

    def school_documents(
        self, lists: Mapping[str, Rows], facts: RunFacts, number: int
    ) -> Sequence[SchoolDocument]:
        """Return the digest, and the lists that are documents of their own; nothing when there is nothing to say.

        ``number`` is 1 for the day's first run; later ones need other file names.
        """
        in_digest = {name: rows for name, rows in lists.items() if name not in OWN_DOCUMENTS}
        return [
            *self._celebrations(lists.get("celebration", ()), number),
            *self._termly(lists.get("authority-termly", ()), number),
            *(made for name in OWN_LISTS for made in self._own(name, lists.get(name, ()), facts, number)),
            *([self._digest(in_digest, facts, number)] if in_digest or facts.news else []),
        ]

    def _digest(self, lists: Mapping[str, Rows], facts: RunFacts, number: int) -> SchoolDocument:
        digest = Digest(
            day=facts.as_of,
            lists={name: _lines(rows) for name, rows in lists.items()},
            named=self._named,
            written=_lines(facts.written),
            held=_lines(facts.held),
            failed=_lines(facts.failed),
            withdrawn=_lines(facts.withdrawn),
            missing_registers=facts.missing_registers,
            causes=[cause.words for cause in held_causes(facts.held)],
            warnings=facts.warnings,
            forms=[
                WaitingForm(one.form.event, one.form.key, tuple((row.event, row.key) for row in one.later))
                for one in facts.forms
            ],
        )
        policy, school = self._options.policy, self._options.details
        more = self._options.policies[1:]
        make = partial(digest_report, digest, self._register, self._tally, policy, school, more=more)
        lines = [(name, row.id) for name, rows in lists.items() for row in rows]
        return _document("digest", "Digest", facts.as_of, make, lines, number)

    def _celebrations(self, rows: Rows, number: int) -> Iterator[SchoolDocument]:
        for week in sorted({week_start(row.date) for row in rows}):
            own = [row for row in rows if week_start(row.date) == week]
            make = partial(
                celebration_sheet,
                self._register,
                self._tally,
                self._options.policy,
                self._options.details,
                week_of=own[-1].date,
                printed_on=self._day,
            )
            lines = [("celebration", row.id) for row in own]
            title = self._title("celebration", "Classes this week")
            yield _document("celebration", title, own[-1].date, make, lines, number)

    def _termly(self, rows: Rows, number: int) -> Iterator[SchoolDocument]:
        for term in dict.fromkeys(self._term_of(row.date) for row in rows):
            own = [row for row in rows if self._term_of(row.date) == term]
            make = partial(
                termly_list,
                [row.event for row in own],
                self._register,
                self._tally,
                self._options.policy,
                self._options.details,
                term=term,
                printed_on=self._day,
                more=self._options.policies[1:],
            )
            lines = [("authority-termly", row.id) for row in own]
            title = self._title("authority-termly", "Termly list for the authority")
            yield _document("authority-termly", title, own[-1].date, make, lines, number)

    def _own(self, name: str, rows: Rows, facts: RunFacts, number: int) -> Iterator[SchoolDocument]:
        """Return one list for each day of its events, or one for all where it says how things stand."""
        words = self._named.get(name) or PackList(name=name, title=name, instruction="Look at the list.")
        days = sorted({row.date for row in rows})
        for day in days[-1:] if name in AS_IT_STANDS else days:
            own = [row for row in rows if row.date == day or name in AS_IT_STANDS]
            held = ListFacts(
                [row.event for row in own],
                self._register,
                self._tally,
                self._options.policies,
                self._options.details,
                day,
                self._day,
                _letters(facts.letters),
            )
            make = partial(pupil_list, name, words, held)
            yield _document(name, words.title, day, make, [(name, row.id) for row in own], number)

    def _title(self, name: str, otherwise: str) -> str:
        """Return a list's title as the policies give it; ``otherwise`` where none of them has the list any more."""
        return self._named[name].title if name in self._named else otherwise

    def _term_of(self, day: date) -> Period:
        calendar = self._register.calendar
        return calendar.term_of(day) or calendar.year_of(day)


def _document(
    kind: str,
    title: str,
    day: date,
    make: Callable[[], bytes],
    lines: Iterable[tuple[str, int]],
    number: int,
) -> SchoolDocument:
    title = title if number == 1 else f"{title} {number}"
    return SchoolDocument(kind, title, file_name(title, day.isoformat()), make, tuple(lines))


def _letters(rows: Rows) -> dict[str, list[tuple[str, date]]]:
    """Return the letters about each pupil, by the rule's title, with the day on which each was written."""
    sent: dict[str, list[tuple[str, date]]] = {}
    for row in rows:
        if row.pupil_id and any(outcome.kind == "letter" for outcome in row.event.outcomes):
            day = row.written_on or row.composed_on or row.date
            sent.setdefault(row.pupil_id, []).append((row.event.title, day))
    return sent


def _lines(rows: Rows) -> list[Line]:
    return [
        Line(row.event, row.key, f"{row.reason} ({row.because})" if row.because else row.reason)
        for row in rows
    ]
