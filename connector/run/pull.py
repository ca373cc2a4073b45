"""One pull of a school's registers from its MIS into the store."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_exponential

from connector.adapters.base import Adapter, PullRequest
from connector.config.loaded_school import LoadedSchool
from connector.errors import RetryableError
from connector.store import Store
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


def pull(
    store: Store,
    adapter: Adapter,
    options: LoadedSchool,
    *,
    as_of: date,
    now: datetime,
    sleep: Callable[[float], None] = time.sleep,
) -> Pulled:
    """Read what changed since the bookmark, and the last school days always, because marks get corrected.

    A pull that breaks off is read again from the same bookmark, three times at most. Raises AdapterError when
    it still does not come to its end, HeldError when what it says is not to be believed.
    """
    sent_before = adapter.requests_sent
    retrying = Retrying(
        stop=stop_after_attempt(TRIES),
        wait=wait_exponential(multiplier=2, max=60),
        retry=retry_if_exception_type(RetryableError),
        sleep=sleep,
        reraise=True,
    )
    merge = retrying(_read_to_the_end, store, adapter, options, as_of, now)
    return Pulled(
        pupils=merge.pupils,
        contacts=merge.contacts,
        marks=merge.marks,
        requests=adapter.requests_sent - sent_before,
        warnings=tuple(merge.warnings),
    )


def _read_to_the_end(
    store: Store, adapter: Adapter, options: LoadedSchool, as_of: date, now: datetime
) -> PullMerge:
    request = PullRequest(
        bookmark=bookmark(store.connection),
        recent_from=recent_from(store, as_of, options.config.run.recent_school_days),
        until=as_of,
        history_from=options.config.run.history_from,
    )
    merge = store.begin_pull(at=now, most_cleared=options.config.run.hold_above_cleared_percent / 100)
    for page in adapter.pull(request):
        merge.apply(page)
    if not merge.complete:
        raise RetryableError("the MIS's answer ended before it was complete")
    return merge


def recent_from(store: Store, as_of: date, school_days: int) -> date:
    """The first of the last school days; without a calendar so many weekdays."""
    try:
        days = [day for day in Calendar(store.facts.calendar()).school_days if day <= as_of]
    except CalendarError:
        days = []
    if days:
        return days[max(0, len(days) - school_days)]
    return as_of - timedelta(days=7 * school_days // 5 + 2)
