"""Rules of england-2024 that no other pack has: joining and leaving, notices to improve, the half-termly summary."""

from __future__ import annotations

from datetime import date, timedelta

from tests.peer import kinds
from tests.peer.book import Book, Event
from tests.peer.reading import Folder, monday


def times_on_roll(book: Book) -> list[tuple[list[date], date | None]]:
    """Return for each time on roll its school days and its last day (none for one that goes on)."""
    pupil = book.pupil
    found = []
    numbers = sorted({n for day in book.calendar.days if (n := pupil.spell_of(day)) is not None})
    for number in numbers:
        days = [day for day in book.calendar.days if pupil.spell_of(day) == number]
        ends = [end for start, end in pupil.spells if any(holds(start, end, day) for day in days)]
        end = None if None in ends else max(day for day in ends if day is not None)
        found.append((days, joined_on(pupil.spells, end)))
    return found


def holds(start: date | None, end: date | None, day: date) -> bool:
    return (start is None or start <= day) and (end is None or day <= end)


def joined_on(spells: list[tuple[date | None, date | None]], end: date | None) -> date | None:
    """Return the last day of a time on roll: a spell that begins the day after, also without a school day, goes on with it."""
    for start, later in spells:
        if end is not None and start == end + timedelta(days=1):
            return joined_on(spells, later)
    return end


def new_pupil_return(book: Book) -> list[Event]:
    events = []
    for days, _ in times_on_roll(book):
        year = book.calendar.days_of(book.year_of(days[0]))
        if days[0] != year[0] and days[0] in book.by_day:
            events.append(book.event("new-pupil-return", days[0], []))
    return events


def deletion_return(book: Book) -> list[Event]:
    """Find who leaves before the year's last school day, which is known only where the calendar holds the year to its end."""
    whole = book.calendar.whole_years()
    events = []
    for days, end in times_on_roll(book):
        last = days[-1]
        if end is None or last not in book.by_day:
            continue
        year = book.year_of(last)
        before_the_end = last != book.calendar.days_of(year)[-1]
        weekdays_since = [
            n for n in range(1, (end - last).days + 1) if (last + timedelta(days=n)).weekday() < 5
        ]
        if before_the_end or (year not in whole and not weekdays_since):
            events.append(book.event("deletion-return", last, []))
    return events


def notices_to_improve(book: Book, folder: Folder) -> list[Event]:
    law = book.law()
    events = []
    own = [notice for notice in folder.records.notices_to_improve if notice.pupil_id == book.pupil.pupil_id]
    for notice in own:
        issued = notice.issued
        day = book.calendar.next_school_day(issued)
        if day in book.by_day and day is not None:
            events.append(book.event("notice-to-improve", day, []))
        last = last_day_of_notice(book, issued, notice.weeks)
        broken = broken_on(law, issued, last, notice.allowed)
        if broken is not None:
            sessions = law.between(issued + timedelta(days=1), broken)
            counted = [entry for entry in sessions if entry.coded("G", "N", "O", "U")]
            events.append(law.event("notice-broken", broken, counted))
        elif last is not None and last in book.by_day:
            events.append(book.event("notice-kept", last, []))
    return events


def last_day_of_notice(book: Book, issued: date, weeks: int) -> date | None:
    """Return the last school day of the N-th school week after the notice's own; none where the calendar ends before it."""
    later = [week for week in book.calendar.weeks() if monday(week[0]) > monday(issued)]
    return later[weeks - 1][-1] if len(later) >= weeks else None


def broken_on(law: Book, issued: date, last: date | None, allowed: int) -> date | None:
    missed = 0
    for day in law.days:
        if day > issued and (last is None or day <= last):
            missed += len([entry for entry in law.on(day) if entry.coded("G", "N", "O", "U")])
            if missed > allowed:
                return day
    return None


def summary(book: Book) -> list[Event]:
    events = []
    for half_term in book.calendar.half_terms:
        last = kinds.last_day(book, half_term)
        if last is not None and kinds.with_floor(kinds.under(95), book.ytd(last)):
            events.append(book.event("summary", last, []))
    return events
