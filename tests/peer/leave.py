"""Requests for leave: what each policy's text says against one, and the answer that a family gets in a run."""

from __future__ import annotations

from datetime import date, timedelta

from tests.peer.book import Book, Event
from tests.peer.reading import Folder
from tests.peer.records import Request

ANSWERS = {"granted": "leave-granted", "refused": "leave-refused", "in part": "leave-in-part"}


def leave_events(book: Book, folder: Folder, policy: str, *, in_run: bool) -> list[Event]:
    """Return the events about a pupil's requests for leave.

    The policy page has only aspire's own rule; the others, and every answer, come in a run.
    """
    events = []
    for request in folder.records.requests:
        if request.pupil_id != book.pupil.pupil_id or policy == "england-2024":
            continue
        asked = book.calendar.next_school_day(request.asked)
        if asked is not None and asked in book.by_day and (in_run or policy == "aspire"):
            events.append(leave_event(book, folder, policy, "leave-request", asked, request, asked))
        decided = book.calendar.next_school_day(request.decided) if request.decided else None
        if in_run and policy != "cadle" and decided is not None and decided in book.by_day:
            judged = decided if asked is None else min(asked, decided)
            events.append(
                leave_event(book, folder, policy, ANSWERS[request.decision], decided, request, judged)
            )
    return events


def leave_event(
    book: Book, folder: Folder, policy: str, rule: str, day: date, request: Request, judged: date
) -> Event:
    event = book.event(rule, day, [])
    event["figures"] = {"reasons": ",".join(reasons(book, folder, policy, request, judged))}
    return event


def reasons(book: Book, folder: Folder, policy: str, request: Request, day: date) -> list[str]:
    """Return what the policy's text says against a request, by the register of a school day."""
    found = []
    notice = (request.start - request.asked).days
    if notice <= 0:
        found.append("afterwards")
    two_weeks = policy == "thringstone" or (policy == "aspire" and request.kind != "performance")
    if two_weeks and 0 < notice < 14:
        found.append("notice")
    so_far = [entry for entry in book.between(book.year_of(day).start, day) if entry.possible]
    if policy == "aspire":
        if any(entry.unauthorised for entry in so_far):
            found.append("unauthorised")
        authorised = len([entry for entry in so_far if entry.absent and not entry.unauthorised])
        if authorised * 100 > len(so_far) * 10:
            found.append("authorised")
    if policy in ("hcat", "thringstone") and request.kind == "holiday":
        found.append("kind")
    if policy == "aycliffe-drive" and request.kind == "religious" and religious(book, request, day) > 4:
        found.append("religious")
    if request.kind == "performance" and policy in ("aspire", "aycliffe-drive") and not request.licence:
        found.append("licence")
    if request.kind == "performance" and policy == "aspire":
        if request.hours_day is not None and request.hours_day < 3:
            found.append("hours-day")
        if request.hours_day is not None and request.hours_day > 5:
            found.append("hours-long-day")
        if request.hours_week is not None and request.hours_week < 6:
            found.append("hours-week")
        first, last = request.licence_days
        dated = first is not None and last is not None and first <= request.start and request.end <= last
        attended = len([entry for entry in so_far if entry.attended])
        would = len(so_far) + sessions_asked(book, request, day)
        if not dated and attended * 100 < would * 96:
            found.append("performance")
    for period in folder.calendar.assessments if policy == "aspire" else ():
        if period.start - timedelta(days=7) <= request.end and request.start <= period.end:
            found.append("assessment")
            break
    return found


def sessions_asked(book: Book, request: Request, day: date) -> int:
    return len([on for on, _ in book.calendar.sessions if on > day and request.start <= on <= request.end])


def religious(book: Book, request: Request, day: date) -> int:
    """Return the sessions coded R so far and asked for, of the year in which the leave begins."""
    begins = book.calendar.next_school_day(request.start) or request.start
    years = [year for year in book.calendar.years if year.start <= begins]
    year = years[-1] if years else book.calendar.years[0]
    taken = [e for e in book.entries if e.day <= day and year.holds(e.day) and e.code.strip() == "R"]
    asked = [
        on
        for on, _ in book.calendar.sessions
        if on > day and year.holds(on) and request.start <= on <= request.end
    ]
    return len(taken) + len(asked)
