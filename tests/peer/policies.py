"""The four packs without ladders: aycliffe-drive, aspire, cadle (without its screenings) and england-2024."""

from __future__ import annotations

from datetime import date, timedelta

from tests.peer import kinds, statutory
from tests.peer.book import Book, Entry, Event, Test
from tests.peer.chains import legal_intervention, screenings
from tests.peer.kinds import (
    absence_from,
    absence_over,
    before_the_national_threshold,
    count_in_period,
    percentage_rule,
    run_rule,
    under,
)
from tests.peer.reading import Folder, monday

LEAVE = ("C", "H", "T", "F", "C1")


def coded(*letters: str) -> Test:
    return lambda entry: entry.coded(*letters)


def unauthorised(entry: Entry) -> bool:
    return entry.unauthorised


def absent(entry: Entry) -> bool:
    return entry.absent


# --- aycliffe-drive ---------------------------------------------------------------------------------------


def aycliffe_drive(book: Book) -> list[Event]:
    calendar = book.calendar
    law = book.law()
    return [
        *no_contact(book),
        *percentage_rule(book, "at-risk", under(92)),
        *percentage_rule(book, "persistent-absence", under(90)),
        *run_rule(law, "ten-day-absence", unauthorised, 10),
        *before_the_national_threshold(
            kinds.rolling(law, "penalty-notice", lambda day: previous_term_start(law, day), unauthorised, 15)
        ),
        *count_in_period(book, "lateness", calendar.half_terms, coded("L"), 3),
        *count_in_period(book, "religious-allowance", calendar.years, coded("R"), 5),
        *part_time_return(book),
        *kinds.perfect(book, "certificate-100", calendar.whole_terms()),
    ]


def no_contact(book: Book) -> list[Event]:
    events = []
    in_a_run = False
    spell = None
    for day in book.days:
        if book.pupil.spell_of(day) != spell:  # time off roll ends a run
            spell = book.pupil.spell_of(day)
            in_a_run = False
        if not any(entry.possible for entry in book.on(day)):
            continue
        unexplained = [entry for entry in book.on(day) if entry.coded("N")]
        if unexplained and not in_a_run:
            events.append(book.event("no-contact", day, unexplained))
        in_a_run = len(unexplained) > 0
    return events


def previous_term_start(book: Book, day: date) -> date:
    """Return the first day of the term before the day's own, or of its own where there is none before."""
    before = None
    for term in book.calendar.terms:
        if term.holds(day):
            return before.start if before else term.start
        before = term
    raise ValueError(f"no term holds {day}")


def part_time_return(book: Book) -> list[Event]:
    """On each of the two dates; the date itself must be in the calendar's time and on roll, and so the event's."""
    calendar = book.calendar
    periods = calendar.years + calendar.terms + calendar.half_terms
    start = min(period.start for period in periods)
    days = []
    for date_given in book.pupil.part_time:
        day = calendar.next_school_day(date_given)
        if date_given >= start and book.pupil.on_roll(date_given) and day in book.by_day and day not in days:
            days.append(day)
    return [book.event("part-time-return", day, []) for day in days if day is not None]


# --- aspire -----------------------------------------------------------------------------------------------


def aspire(book: Book) -> list[Event]:
    calendar = book.calendar
    law = book.law()
    return [
        *percentage_rule(book, "persistent-absence", absence_from(10)),
        *percentage_rule(book, "severe-absence", absence_over(50)),
        *run_rule(book, "explanation-run", absent, 4),
        *count_in_period(book, "explanation-term", calendar.terms, absent, 21),
        *percentage_rule(book, "formal-meeting", under(85)),
        *authority_termly(book),
        *whereabouts_leave(law),
        *run_rule(law, "whereabouts-20", unauthorised, 20),
        *illness_once_a_year(book, "health-15", count=31, length=16),
        *truancy(book, law),
        *legal_intervention(book, law),
    ]


def authority_termly(book: Book) -> list[Event]:
    events = []
    for term in book.calendar.whole_terms():
        last = kinds.last_day(book, term)
        if last is None:
            continue
        counted = [entry for entry in book.between(term.start, last) if entry.unauthorised]
        if len(counted) >= 20:
            events.append(book.event("authority-termly", last, counted))
        elif kinds.with_floor(absence_from(10), book.ytd(last)):
            events.append(book.event("authority-termly", last, book.absences_ytd(last)))
    return events


def whereabouts_leave(law: Book) -> list[Event]:
    events = []
    for run in kinds.running(law, unauthorised):
        if run.number != 10:
            continue
        before = [entry for entry in law.entries if entry.possible and entry.day < run.first]
        if before and before[-1].coded(*LEAVE):
            events.append(law.event("whereabouts-leave", run.day, run.sessions))
    return events


def illness_once_a_year(book: Book, rule: str, count: int, length: int) -> list[Event]:
    """Return the `count`-th I session of the year or the `length`-th day running of I, whichever comes first."""
    runs = {run.day: run for run in kinds.running(book, coded("I")) if run.number == length}
    events = []
    for year in book.calendar.years:
        for day in book.days_between(year.start, year.end):
            ill = [entry for entry in book.between(year.start, day) if entry.coded("I")]
            if len(ill) >= count:
                events.append(book.event(rule, day, ill))
                break
            if day in runs:
                events.append(book.event(rule, day, runs[day].sessions))
                break
    return events


def truancy(book: Book, law: Book) -> list[Event]:
    """Find the first day of a year on which an N of five school days before is still N; by law the second."""
    events = []
    overdue = [(date.fromisoformat(event["date"]), book) for event in kinds.code_overdue(book)]
    of_age = [
        (date.fromisoformat(event["date"]), law)
        for event in kinds.code_overdue(law)
        if law.of_age(date.fromisoformat(event["date"]))
    ]
    for year in book.calendar.years:
        for rule, number, found in (("truancy-first", 1, overdue), ("truancy-again", 2, of_age)):
            days = sorted(day for day, _ in found if year.holds(day))
            if len(days) >= number:
                day = days[number - 1]
                before = five_school_days_before(book, day)
                unexplained = [entry for entry in found[0][1].on(before) if entry.coded("N")]
                events.append(book.event(rule, day, unexplained))
    return events


def five_school_days_before(book: Book, day: date) -> date:
    return [other for other in book.calendar.days if other < day][-5]


# --- cadle ------------------------------------------------------------------------------------------------


def cadle(book: Book) -> list[Event]:
    calendar = book.calendar
    return [
        *screenings(book),
        *welfare_list(book),
        *run_rule(book, "no-explanation", coded("N"), 3),
        *at_risk_first_morning(book),
        *n_to_o(book),
        *count_in_period(book, "long-holiday", calendar.years, coded("H"), 21),
        *welsh_penalty_notice(book.law()),
        *kinds.perfect(book, "certificate-100", calendar.whole_terms()),
    ]


def welfare_list(book: Book) -> list[Event]:
    return [
        book.event("welfare-list", day, book.absences_ytd(day))
        for day in kinds.last_days_of_weeks(book)
        if kinds.with_floor(under(90), book.ytd(day))
    ]


def at_risk_first_morning(book: Book) -> list[Event]:
    events: list[Event] = []
    if not book.pupil.child_protection:
        return events
    for day in book.days:
        morning = [entry for entry in book.on(day) if entry.half == "AM" and entry.absent]
        earlier = [other for other in book.calendar.days if other < day]
        day_before = book.by_day.get(earlier[-1], []) if earlier else []
        if morning and not any(entry.absent for entry in day_before):
            events.append(book.event("at-risk-first-morning", day, morning))
    return events


def n_to_o(book: Book) -> list[Event]:
    due: dict[date, list[Entry]] = {}
    for entry in book.entries:
        if entry.coded("N"):
            day = book.calendar.next_school_day(entry.day + timedelta(days=14))
            if day is not None and day in book.by_day:
                due[day] = [*due.get(day, []), entry]
    return [book.event("n-to-o", day, entries) for day, entries in due.items()]


def welsh_penalty_notice(law: Book) -> list[Event]:
    events = []
    for term in law.calendar.terms:
        for day in law.days_between(term.start, term.end):
            counted = [entry for entry in law.between(term.start, day) if entry.unauthorised]
            if len(counted) >= 10 and law.of_age(day) and kinds.with_floor(under(90), law.ytd(day)):
                events.append(law.event("penalty-notice", day, counted))
                break
    return events


# --- england-2024 -----------------------------------------------------------------------------------------


def england_2024(book: Book, folder: Folder) -> list[Event]:
    law = book.law()
    no_good_reason = coded("G", "N", "O", "U")
    return [
        *kinds.rolling(law, "penalty-threshold", lambda day: ten_school_weeks(law, day), no_good_reason, 10),
        *percentage_rule(book, "persistent-absence", absence_from(10)),
        *percentage_rule(book, "severe-absence", absence_from(50)),
        *run_rule(law, "ten-day-return", no_good_reason, 10),
        *illness_once_a_year(book, "sickness-return", count=30, length=15),
        *kinds.code_overdue(book),
        *run_rule(law, "deletion-check", coded("G", "N", "O"), 20),
        *social_worker_told(book),
        *statutory.new_pupil_return(book),
        *statutory.deletion_return(book),
        *run_rule(book, "exclusion-day-6", coded("E"), 6),
        *statutory.notices_to_improve(book, folder),
        *statutory.summary(book),
    ]


def ten_school_weeks(book: Book, day: date) -> date:
    """Return the Monday of the ninth school week before the day's own."""
    mondays = sorted({monday(school_day) for school_day in book.calendar.days if school_day <= day})
    return mondays[-10:][0]


def social_worker_told(book: Book) -> list[Event]:
    events = []
    for day in book.days:
        unexplained = [entry for entry in book.on(day) if entry.coded("N")]
        if book.pupil.social_worker and unexplained:
            events.append(book.event("social-worker-told", day, unexplained))
    return events
