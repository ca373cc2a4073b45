"""Rules where one event opens the next: reviews, stages and screenings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from tests.peer import kinds
from tests.peer.book import Book, Event
from tests.peer.kinds import absence_from, percentage_days, percentage_rule, run_rule, under
from tests.peer.reading import Folder, Period

REVIEW = timedelta(days=28)


def review_day(book: Book, day: date, year: Period) -> date | None:
    """Return the day moved to the next school day; None when that is after the year."""
    moved = book.calendar.next_school_day(day)
    if moved is None or moved > year.end:
        return None
    return moved


def after(day: date) -> date:
    return day + timedelta(days=1)


# --- hcat -------------------------------------------------------------------------------------------------


def hcat(book: Book, folder: Folder) -> list[Event]:
    calendar = book.calendar
    law = book.law()
    stage_4 = kinds.before_the_national_threshold(
        kinds.rolling(law, "stage-4", kinds.weeks_back(12), lambda entry: entry.coded("O", "U", "G"), 10)
    )
    return [
        *colour_letters(book),
        *percentage_rule(book, "initial-warning", under(95)),
        *stages(book, folder),
        *stage_4,
        *[law.event("second-notice", date.fromisoformat(event["date"]), []) for event in stage_4[1:]],
        *kinds.count_in_period(book, "three-days-missed", calendar.years, lambda entry: entry.absent, 6),
        *kinds.count_in_period(book, "late-letter", calendar.half_terms, lambda entry: entry.coded("L"), 3),
        *kinds.count_in_period(book, "late-meeting", calendar.half_terms, lambda entry: entry.coded("L"), 6),
        *kinds.count_in_period(
            book, "late-unauthorised", calendar.half_terms, lambda entry: entry.coded("U"), 5
        ),
        *kinds.before_the_national_threshold(
            kinds.rolling(law, "late-penalty", kinds.weeks_back(12), lambda entry: entry.coded("U"), 10)
        ),
        *run_rule(book, "unexplained-visit", lambda entry: entry.coded("N"), 2),
        *run_rule(book, "unexplained-visit", lambda entry: entry.coded("N"), 4),
        *run_rule(book, "missing-education", lambda entry: entry.coded("N"), 10),
        *kinds.perfect(book, "perfect-term", calendar.whole_terms()),
        *kinds.perfect(book, "perfect-year", calendar.whole_years()),
    ]


def colour_letters(book: Book) -> list[Event]:
    events = []
    for half_term in book.calendar.half_terms:
        last = kinds.last_day(book, half_term)
        if last is not None and book.ytd(last).possible > 0:
            events.append(book.event("colour-letter", last, []))
    return events


@dataclass
class Window:
    """A pending review: which stage it decides, its day, the first day of its window and the rate to beat."""

    stage: int
    day: date | None
    first: date
    to_beat: Fraction | None
    may_extend: bool


def stages(book: Book, folder: Folder) -> list[Event]:
    plans = sorted(day for pupil_id, day in folder.records.plans if pupil_id == book.pupil.pupil_id)
    events = []
    for year in book.calendar.years:
        falls = percentage_days(book, year, under(90))
        reached = 0
        window: Window | None = None
        for day in book.days_between(year.start, year.end):
            if day in falls:
                if reached == 3:
                    continue
                events.append(book.event(f"stage-{reached + 1}", day, book.absences_ytd(day)))
            elif window is not None and window.day == day:
                could_come = book.tally(window.first, day).possible > 0
                window, passed = held(book, window, day, year)
                if passed and window is None and could_come:  # ended, with its extension
                    events.append(book.event("improved", day, []))
                if passed:
                    continue
                events.append(book.event(f"stage-{reached + 1}", day, []))
            else:
                continue
            reached += 1
            window = opened(book, reached, day, year, plans)
    return events


def opened(book: Book, reached: int, day: date, year: Period, plans: list[date]) -> Window | None:
    """Return the review that a stage opens on its day."""
    rate = book.ytd(day).rate
    if reached == 1:
        return Window(2, review_day(book, day + REVIEW, year), after(day), rate, may_extend=True)
    if reached == 2:
        counting = [plan for plan in plans if day <= plan <= day + REVIEW]
        start = counting[0] if counting else day
        return Window(3, review_day(book, start + REVIEW, year), after(start), rate, may_extend=False)
    return None


def held(book: Book, window: Window, day: date, year: Period) -> tuple[Window | None, bool]:
    """Hold a review: the review that follows if any, and whether the pupil has passed this one."""
    tally = book.tally(window.first, day)
    if tally.rate is None or window.to_beat is None:
        return None, True
    if tally.rate <= window.to_beat:
        return None, False
    missed = tally.absent // 2
    if not window.may_extend or missed == 0:
        return None, True
    next_day = review_day(book, day + timedelta(days=7 * missed), year)
    return Window(window.stage, next_day, window.first, window.to_beat, may_extend=False), True


# --- thringstone ------------------------------------------------------------------------------------------


def thringstone(book: Book) -> list[Event]:
    calendar = book.calendar
    return [
        *percentage_rule(book, "concern", under(95)),
        *after_concern(book, book.law()),
        *percentage_rule(book, "persistent-absence", absence_from(10)),
        *percentage_rule(book, "severe-absence", absence_from(50)),
        *kinds.count_in_period(book, "late-letter", calendar.years, lambda entry: entry.coded("L"), 3),
        *kinds.count_in_period(book, "late-persistent", calendar.years, lambda entry: entry.coded("L"), 6),
        *holiday_warnings(book.law()),
        *kinds.code_overdue(book),
        *parents_reports(book),
        *kinds.perfect(book, "certificate-half-term", calendar.half_terms),
        *kinds.period_share(
            book,
            "certificate-term",
            calendar.whole_terms(),
            lambda tally: 100 * tally.attended >= 96 * tally.possible,
        ),
        *kinds.perfect(book, "celebration", calendar.whole_terms()),
    ]


def after_concern(book: Book, law: Book) -> list[Event]:
    """Further concern and referral; a new concern ends the whole chain of the one before."""
    events = []
    for year in book.calendar.years:
        concerns = percentage_days(book, year, under(95))
        concern: date | None = None
        further: date | None = None
        for day in book.days_between(year.start, year.end):
            if day in concerns:
                concern, further = day, None
            elif concern is not None and further is None:
                if day >= concern + REVIEW and lower(book.ytd(day).rate, book.ytd(concern).rate):
                    events.append(book.event("further-concern", day, []))
                    further = day
            elif further is not None:
                due = review_day(book, further + REVIEW, year)
                if day == due and not_better(law, further, day):
                    events.append(law.event("referral", day, []))
    return events


def lower(rate: Fraction | None, other: Fraction | None) -> bool:
    return rate is not None and other is not None and rate < other


def not_better(law: Book, opening: date, day: date) -> bool:
    """Test a review by law: of age, something possible since the opening day, and YTD no higher than it was then."""
    then, now = law.ytd(opening).rate, law.ytd(day).rate
    if not law.of_age(day) or law.tally(after(opening), day).possible == 0:
        return False
    return then is not None and now is not None and now <= then


def holiday_warnings(law: Book) -> list[Event]:
    events = []
    in_a_block = False
    spell = None
    for entry in law.entries:
        if entry.possible:
            if law.pupil.spell_of(entry.day) != spell:  # time off roll ends a block
                spell = law.pupil.spell_of(entry.day)
                in_a_block = False
            if entry.coded("G") and not in_a_block:
                events.append(law.event("holiday-warning", entry.day, [entry]))
            in_a_block = entry.coded("G")
    return events


def parents_reports(book: Book) -> list[Event]:
    events = []
    for term in book.calendar.whole_terms():
        last = kinds.last_day(book, term)
        if last is not None:
            events.append(book.event("parents-report", last, []))
    return events


# --- aspire and cadle -------------------------------------------------------------------------------------


def legal_intervention(book: Book, law: Book) -> list[Event]:
    """91 days after the year's first formal meeting or persistent absence: YTD no higher than then."""
    events = []
    for year in book.calendar.years:
        openings = percentage_days(book, year, under(85)) + percentage_days(book, year, absence_from(10))
        if not openings:
            continue
        opening = min(openings)
        day = review_day(book, opening + timedelta(days=91), year)
        if day is not None and day in law.by_day and not_better(law, opening, day):
            events.append(law.event("legal-intervention", day, []))
    return events


def screenings(book: Book) -> list[Event]:
    """One step at each half term's end; a step that fails ends the chain, and the next end may begin another."""
    events = []
    for year in book.calendar.years:
        step = 1
        before: Fraction | None = None
        at_screening_1: Fraction | None = None
        for half_term in book.calendar.half_terms:
            if not year.holds(half_term.start):
                continue
            days = book.calendar.days_of(half_term)
            if not days:
                continue
            if days[-1] not in book.by_day:
                step = 1
                before = book.tally(year.start, days[-1]).rate
                continue
            day = days[-1]
            tally = book.ytd(day)
            passed = kinds.with_floor(under(95), tally)
            rate = tally.rate
            if step == 1 and before is not None:
                passed = passed and lower(rate, before)
            if step == 2 and rate is not None and at_screening_1 is not None:
                passed = passed and rate < at_screening_1 + Fraction(1, 100)
            if passed:
                events.append(book.event(f"screening-{step}", day, book.absences_ytd(day)))
            if passed and step == 1:
                at_screening_1 = rate
            step = step % 3 + 1 if passed else 1
            before = rate
    return events
