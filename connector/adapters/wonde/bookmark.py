"""Where the last complete pull from Wonde stopped, and the marks that were entered for days after it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from connector.adapters.base import PullRequest
from connector.adapters.wonde.settings import WondeSettings
from rules.school import Half, Mark


@dataclass(frozen=True, slots=True)
class Bookmark:
    """What the next pull goes on from."""

    until: date
    """The last pull's day."""
    read_on: date
    """The day of the last pull that read every mark."""
    ahead: tuple[Mark, ...] = ()
    """Leave, trips and exclusions of days after ``until``. Wonde cannot be asked for marks by their own date."""

    def since(self, settings: WondeSettings) -> datetime:
        """Return from when changes are asked for."""
        return datetime.combine(self.until, time()) - timedelta(hours=settings.overlap_hours)

    def text(self) -> str:
        """Return the bookmark as text."""
        ahead = [
            (mark.pupil_id, mark.date.isoformat(), mark.half, mark.code, mark.minutes_late, mark.comment)
            for mark in self.ahead
        ]
        return json.dumps(
            {"until": self.until.isoformat(), "read_on": self.read_on.isoformat(), "ahead": ahead}
        )


def read_bookmark(request: PullRequest, settings: WondeSettings) -> Bookmark | None:
    """Return the bookmark that was handed out; None where every mark must be read.

    That is so without one, with one that is not ours or is from a later day, and after ``full_after_days``.
    """
    try:
        held = json.loads(request.bookmark or "null")
        ahead = tuple(_mark(*row) for row in held["ahead"])
        found = Bookmark(date.fromisoformat(held["until"]), date.fromisoformat(held["read_on"]), ahead)
    except (ValueError, TypeError, KeyError):
        return None
    old = request.until - found.read_on >= timedelta(days=settings.full_after_days)
    return None if old or request.until < found.until else found


def _mark(pupil_id: str, day: str, half: Half, code: str, minutes: int | None, comment: str) -> Mark:
    return Mark(pupil_id, date.fromisoformat(day), half, code, minutes, comment)
