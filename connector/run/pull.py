"""One pull of a school's registers from its MIS into the store, and of the office's own lists of records."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_exponential

from connector.adapters.base import AllPupilsSent, Page, PullRequest
from connector.adapters.folder.columns import SCHOOL_COLUMNS, columns_of
from connector.adapters.folder.findings import Findings
from connector.adapters.folder.reads import ALL_COLUMNS
from connector.errors import RetryableError
from connector.ledger.holds import FOR_MARKS
from connector.records.book import Book, system_user
from connector.records.watched_folder import FolderTaken, take_folder
from connector.run.request import RunRequest
from connector.store import Store
from connector.store.belonging import PullSource
from connector.store.pull_merge import PullMerge, bookmark
from rules.calendar import Calendar, CalendarError

TRIES = 3


@dataclass(frozen=True, slots=True)
class Pulled:
    """What a pull brought."""

    pupils: int = 0
    contacts: int = 0
    marks: int = 0
    requests: int = 0
    warnings: tuple[str, ...] = ()


def pull(store: Store, request: RunRequest, *, morning: bool = False) -> Pulled:
    """Read what changed since the bookmark, and the last school days always, because marks get corrected.

    ``morning``: only what a list of calls needs, within a minute: what changed, and today's marks; of a MIS that tells no
    changes, the last school days.

    A pull that breaks off is read again from the same bookmark, three times at most. Raise AdapterError when
    it still does not end, HeldError when it would take away too much, StoppedError when a stop is asked for.
    """
    sent_before = request.adapter.requests_sent
    retrying = Retrying(
        stop=stop_after_attempt(TRIES),
        wait=wait_exponential(multiplier=2, max=60),
        retry=retry_if_exception_type(RetryableError),
        sleep=request.wait,
        reraise=True,
    )
    merge = retrying(_read_to_the_end, store, request, morning=morning)
    return Pulled(
        pupils=merge.pupils,
        contacts=merge.contacts,
        marks=merge.marks,
        requests=request.adapter.requests_sent - sent_before,
        warnings=(*request.remarks, *merge.warnings),
    )


def _wanted(store: Store, request: RunRequest, *, morning: bool) -> PullRequest:
    run, as_of = request.options.config.run, request.as_of
    return PullRequest(
        bookmark=None if request.full else bookmark(store.connection),
        recent_from=as_of if morning else recent_from(store, as_of, run.recent_school_days),
        until=as_of,
        history_from=_last_school_days(store, as_of, run.recent_school_days) if morning else run.history_from,
    )


def _read_to_the_end(store: Store, request: RunRequest, *, morning: bool) -> PullMerge:
    options = request.options
    merge = store.begin_pull(
        at=request.now,
        most_cleared=options.config.run.hold_above_cleared_percent / 100,
        source=request.source if request.source.adapter else PullSource(options.config.mis.adapter),
        accepted=request.accepted,
    )
    for page in request.adapter.pull(_wanted(store, request, morning=morning)):
        request.give_way()
        merge.apply(_with_leavers(store, page, request.as_of) if morning else page)
    if not merge.complete:
        raise RetryableError("the MIS's answer ended before it was complete")
    return merge


def _with_leavers(store: Store, page: Page, as_of: date) -> Page:
    """Let nobody who had left before count as gone: a short look at the MIS need not bring the leavers of years."""
    if not isinstance(page, AllPupilsSent):
        return page
    left = [pupil.pupil_id for pupil in store.facts.pupils() if not pupil.on_roll(as_of)]
    return AllPupilsSent((*page.left_out, *left))


def recent_from(store: Store, as_of: date, school_days: int) -> date:
    """Return the first of the last school days (without a calendar so many weekdays), or of the days that held events wait for."""
    recent = _last_school_days(store, as_of, school_days)
    held = [row for row in store.ledger.rows(states=("held",)) if row.hold in FOR_MARKS]
    waited_for = [day for row in held for day in row.held_days]
    return min([recent, *waited_for])


def _last_school_days(store: Store, as_of: date, school_days: int) -> date:
    """Return the first of so many last school days, or weekdays where there is no calendar."""
    try:
        days = [day for day in Calendar(store.facts.calendar()).school_days if day <= as_of]
    except CalendarError:
        days = []
    if not days:
        return as_of - timedelta(days=7 * school_days // 5 + 2)
    return days[max(0, len(days) - school_days)]


def take_records_folder(store: Store, request: RunRequest, *, answer: bool = True) -> FolderTaken:
    """Enter what the office's own lists say; without ``answer``, and in a dry run, nothing is written next to them."""
    config = request.options.config
    if config.run.records_folder is None:
        return FolderTaken()
    columns = columns_of([(SCHOOL_COLUMNS, config.columns)], ALL_COLUMNS, Findings())
    today = config.run.trial_day or request.now.astimezone(config.zone).date()
    return take_folder(
        config.run.records_folder,
        Book(store, today=today),
        store.facts.entered,
        at=request.now,
        by=system_user(),
        columns=columns,
        answer=answer and not request.dry_run,
    )
