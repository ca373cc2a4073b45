"""The kinds of condition that several packs share, each worked out day by day."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from tests.peer.book import Book, Entry, Event, Tally, Test, make_event
from tests.peer.reading import Period, monday

FLOOR = 30
CALM_DAYS = 20


def before_the_national_threshold(events: list[Event]) -> list[Event]:
    """Local thresholds for penalty notices ended on 18 August 2024."""
    return [event for event in events if event["date"] <= "2024-08-18"]


def under(percent: int) -> Callable[[Tally], bool]:
    """Attendance under so many per cent."""
    return lambda tally: 100 * tally.attended < percent * tally.possible


def absence_from(percent: int) -> Callable[[Tally], bool]:
    """Absence of so many per cent or more."""
    return lambda tally: 100 * tally.absent >= percent * tally.possible


def absence_over(percent: int) -> Callable[[Tally], bool]:
    """Absence of more than so many per cent."""
    return lambda tally: 100 * tally.absent > percent * tally.possible


def with_floor(condition: Callable[[Tally], bool], tally: Tally) -> bool:
    """Compare YTD with a fixed threshold, which needs 30 possible sessions."""
    return tally.possible >= FLOOR and condition(tally)


def percentage_days(book: Book, year: Period, condition: Callable[[Tally], bool]) -> list[date]:
    """Return the days of one year on which a daily percentage rule fires: it re-arms after 20 calm school days."""
    fired = []
    armed = True
    calm = 0
    for day in book.calendar.days_of(year):
        if day not in book.by_day:  # off roll: the calm days no longer run on
            calm = 0
            continue
        holds = with_floor(condition, book.ytd(day))
        if armed:
            if holds:
                fired.append(day)
                armed = False
                calm = 0
        elif holds:
            calm = 0
        else:
            calm += 1
            if calm == CALM_DAYS:
                armed = True
    return fired


def percentage_rule(book: Book, rule: str, condition: Callable[[Tally], bool]) -> list[Event]:
    events = []
    for year in book.calendar.years:
        for day in percentage_days(book, year, condition):
            events.append(book.event(rule, day, book.absences_ytd(day)))
    return events


def count_in_period(book: Book, rule: str, periods: list[Period], test: Test, needed: int) -> list[Event]:
    """Fire in each period on the day the count reaches `needed`."""
    events = []
    for period in periods:
        for day in book.days_between(period.start, period.end):
            counted = [entry for entry in book.between(period.start, day) if test(entry)]
            if len(counted) >= needed:
                events.append(book.event(rule, day, counted))
                break
    return events


def rolling(book: Book, rule: str, first_day: Callable[[date], date], test: Test, needed: int) -> list[Event]:
    """Fire when the unspent sessions from `first_day(day)` to the day reach `needed`, and spend them all.

    Spent with them: those that follow in the same absence while the day still lies in their own window.
    """
    events = []
    spent: set[Entry] = set()
    for day in book.days:
        counted = []
        for entry in book.between(first_day(day), day):
            if test(entry) and entry not in spent:
                counted.append(entry)
        if len(counted) >= needed:
            events.append(book.event(rule, day, counted))
            spent.update(counted)
            for entry in rest_of_absence(book, counted[-1]):
                if test(entry) and first_day(entry.day) <= day:
                    spent.add(entry)
    return events


def rest_of_absence(book: Book, last: Entry) -> list[Entry]:
    """Return the sessions after one of absence, up to the next attended one."""
    rest = []
    for entry in book.entries[book.entries.index(last) + 1 :]:
        if entry.attended:
            break
        rest.append(entry)
    return rest


def weeks_back(weeks: int) -> Callable[[date], date]:
    """Return the first of the 7 x weeks days that end on a day."""
    return lambda day: day - timedelta(days=7 * weeks - 1)


@dataclass(frozen=True)
class RunDay:
    """A day that belongs to a run: which day of the run it is, the run's first day and sessions so far."""

    day: date
    number: int
    first: date
    sessions: list[Entry]


def running(book: Book, test: Test) -> list[RunDay]:
    """Every day that belongs to a run of days whose every possible session passes the test."""
    found = []
    days: list[date] = []
    sessions: list[Entry] = []
    spell = None
    for day in book.days:
        possible = [entry for entry in book.on(day) if entry.possible]
        if not possible:
            continue
        if book.pupil.spell_of(day) != spell:  # time off roll ends a run
            spell = book.pupil.spell_of(day)
            days = []
            sessions = []
        if all(test(entry) for entry in possible):
            days = [*days, day]
            sessions = sessions + possible
            found.append(RunDay(day, len(days), days[0], sessions))
        else:
            days = []
            sessions = []
    return found


def run_rule(book: Book, rule: str, test: Test, length: int) -> list[Event]:
    """Fire on the day a run reaches its length."""
    return [book.event(rule, run.day, run.sessions) for run in running(book, test) if run.number == length]


def perfect(book: Book, rule: str, periods: list[Period]) -> list[Event]:
    """Give a certificate for 100% in a period."""
    return period_share(book, rule, periods, lambda tally: tally.attended == tally.possible)


def period_share(
    book: Book, rule: str, periods: list[Period], condition: Callable[[Tally], bool]
) -> list[Event]:
    """On each period's last school day: the pupil on roll, a possible session in it, and the condition."""
    events = []
    for period in periods:
        last = last_day(book, period)
        if last is not None:
            tally = book.tally(period.start, period.end)
            if tally.possible > 0 and condition(tally):
                events.append(book.event(rule, last, []))
    return events


def last_day(book: Book, period: Period) -> date | None:
    """Return the period's last school day, if it has come and the pupil was on roll."""
    days = book.calendar.days_of(period)
    if days and days[-1] in book.by_day:
        return days[-1]
    return None


def code_overdue(book: Book) -> list[Event]:
    """Find each N that is still N at the end of the 5th school day after its own."""
    events = []
    school_days = book.calendar.days
    for day in book.days:
        unexplained = [entry for entry in book.on(day) if entry.coded("N")]
        if not unexplained:
            continue
        later = [other for other in school_days if other > day]
        if len(later) >= 5 and later[4] in book.by_day:
            events.append(book.event("code-overdue", later[4], unexplained))
    return events


def last_days_of_weeks(book: Book) -> list[date]:
    """Return the last school day of each school week that has come, with the pupil on roll."""
    return [week[-1] for week in book.calendar.weeks() if week[-1] in book.by_day]


def class_weeks(books: list[Book], as_of: date) -> list[tuple[date, dict[str, Tally]]]:
    """For each finished school week its last school day and each class's figures."""
    answer = []
    for week in books[0].calendar.weeks() if books else []:
        if week[-1] > as_of:
            continue
        groups: dict[str, Tally] = {}
        for book in books:
            if book.pupil.group == "":
                continue
            own = book.tally(monday(week[0]), week[-1])
            before = groups.get(book.pupil.group, Tally(0, 0))
            groups[book.pupil.group] = Tally(before.possible + own.possible, before.attended + own.attended)
        answer.append((week[-1], {name: tally for name, tally in groups.items() if tally.possible}))
    return answer


def class_of_the_week(books: list[Book], as_of: date) -> list[Event]:
    events = []
    for day, groups in class_weeks(books, as_of):
        rates = {name: tally.rate for name, tally in groups.items() if tally.rate is not None}
        for name, rate in rates.items():
            if rate == max(rates.values()):
                events.append(make_event("group", name, "class-of-the-week", day, []))
    return events


def class_on_target(books: list[Book], as_of: date, percent: int) -> list[Event]:
    events = []
    for day, groups in class_weeks(books, as_of):
        for name, tally in groups.items():
            if 100 * tally.attended >= percent * tally.possible:
                events.append(make_event("group", name, "class-on-target", day, []))
    return events
