"""What the letters make of a run's events: the seam between the run and the letters package."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from connector.config.loaded_school import LoadedSchool
from connector.store.ledger import NoteDue
from letters.compose import Composed, Templates, compose, correcting_note
from rules.events import Event
from rules.register import Register
from rules.school import Session
from rules.statistics import Tally

MOST_MARKS_NAMED = 6


class SchoolLetters:
    """Letters and notes over one register, dated on the day of the run. Raises TemplateError when made."""

    def __init__(self, options: LoadedSchool, register: Register, day: date) -> None:
        self._options = options
        self._register = register
        self._tally = Tally(register, since=options.policy.start)
        self._templates = Templates.load(options.config.letters.templates)
        self._day = day

    def compose(self, event: Event, key: str) -> Composed:
        """Documents and note of an event."""
        return compose(
            event,
            register=self._register,
            tally=self._tally,
            policy=self._options.policy,
            school=self._options.details,
            templates=self._templates,
            key=key,
            notices=self._register.notices,
            on=self._day,
        )

    def correction(
        self,
        event: Event,
        key: str,
        kind: NoteDue,
        *,
        documents: Sequence[str],
        reason: str,
        day: date,
    ) -> tuple[str, str]:
        """The note that says what has become of an event that was written."""
        if kind == "withdrawn":
            why = self._what_changed(event) or "marks or school days before it were corrected"
            return correcting_note(event, key, why, documents=documents, on=day)
        if kind == "voided":
            return correcting_note(
                event, key, f"{reason} (taken back by the school)", documents=documents, on=day
            )
        return (
            f"Holds again: {event.title} [{key}]",
            f"The register supports the note of {event.date} on “{event.title}” again, because a mark was "
            f"corrected once more. It stands as it was filed; nothing new is sent. [{key}]",
        )

    def _what_changed(self, event: Event) -> str:
        """The counted sessions whose mark is another now, in words."""
        if event.pupil_id is None or event.pupil_id not in self._register.row_of:
            return ""
        row = self._register.row_of[event.pupil_id]
        column_of = {session: column for column, session in enumerate(self._register.sessions)}
        changed = []
        for mark in event.sessions:
            column = column_of.get(Session(mark.date, mark.half))
            now = "" if column is None else self._register.code_at(row, column)
            if now != mark.code:
                changed.append(
                    f"{mark.date} {mark.half} was {mark.code} and is now {now or 'without a mark'}"
                )
        more = len(changed) - MOST_MARKS_NAMED
        return ", ".join(changed[:MOST_MARKS_NAMED]) + (f" and {more} more" if more > 0 else "")
