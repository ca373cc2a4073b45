"""An event as JSON: keys, their order and their types are a promise to scripts (docs/scripts.md)."""

from __future__ import annotations

from typing import Any

from rules.events import Event

_PARTS = ("attended", "possible")
"""Parts of the year-to-date share. Each pupil's row prints them; an event prints the percentage."""


def event_document(event: Event) -> dict[str, Any]:
    """Return an event; that of a class has `group` in place of `pupil_id`."""
    subject = {"group": event.group} if event.pupil_id is None else {"pupil_id": event.pupil_id}
    return {
        **subject,
        "rule": event.rule,
        "date": event.date.isoformat(),
        "clause": event.clause,
        "figures": {name: value for name, value in event.figures.items() if name not in _PARTS},
        "sessions": [[mark.date.isoformat(), mark.half, mark.code] for mark in event.sessions],
        "outcomes": [str(outcome) for outcome in event.outcomes],
        "policy": event.pack,
        "window": [day.isoformat() for day in event.span],
    }
