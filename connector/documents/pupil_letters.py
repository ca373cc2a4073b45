"""Letters and notes on pupils: a run's events handed to the letters package."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from connector.config.loaded_school import LoadedSchool
from connector.ledger.causes import MARKS, MARKS_AGAIN
from connector.store.ledger import NoteDue
from letters.compose import NOTHING_FILED, Composed, Filed, Templates, compose, correcting_note
from letters.earlier.made_before import EarlierForm, LetterBefore
from rules.events import Event
from rules.register import Register
from rules.school import Session
from rules.statistics import Tally

MOST_MARKS_NAMED = 6


class PupilLetters:
    """Letters and notes over one register, dated on the day of the run."""

    def __init__(self, options: LoadedSchool, register: Register, day: date) -> None:
        self._options = options
        self._register = register
        self._tallies = {policy.id: Tally(register, since=policy.start) for policy in options.policies}
        self._templates = Templates.load(options.config.letters.templates)
        self._day = day

    def compose(
        self,
        event: Event,
        key: str,
        filed: Filed = NOTHING_FILED,
        earlier_forms: Sequence[EarlierForm] = (),
        letters_before: Sequence[LetterBefore] = (),
    ) -> Composed:
        """Return documents and note of an event; or, in ``held``, why there can be none.

        ``filed``: the documents of it that the MIS may hold already; they are not made again. ``earlier_forms``: the
        pupil's consideration forms before this event's own. ``letters_before``: the letters to the family before it.
        """
        policy = self._options.policy_named(event.pack) or self._options.policy
        return compose(
            event,
            register=self._register,
            tally=self._tallies[policy.id],
            policy=policy,
            first=self._options.policy,
            school=self._options.details,
            templates=self._templates,
            key=key,
            notices=self._register.notices,
            on=self._day,
            filed=filed,
            earlier_forms=earlier_forms,
            letters_before=letters_before,
        )

    def correction(
        self,
        event: Event,
        key: str,
        kind: NoteDue,
        *,
        documents: Sequence[str],
        reason: str,
    ) -> tuple[str, str]:
        """Return summary and text of the note that says what has become of an event that was written.

        ``documents`` are the titles of what was filed; ``reason`` is the ledger's.
        """
        if kind == "withdrawn":
            why = reason
            if reason == MARKS.text:
                why = self._what_changed(event) or "marks that its figures rest on were corrected"
            return correcting_note(event, key, why, documents=documents, on=self._day)
        if kind == "voided":
            return correcting_note(
                event, key, f"{reason} (taken back by the school)", documents=documents, on=self._day
            )
        return (
            f"Holds again: {event.title} [{key}]",
            f"The register supports the note of {event.date} on “{event.title}” again, because "
            f"{'a mark was corrected once more' if reason == MARKS_AGAIN else reason}. "
            f"It stands as it was filed; nothing new is sent. [{key}]",
        )

    def _what_changed(self, event: Event) -> str:
        """Return a phrase with the counted sessions whose mark the MIS has changed."""
        if event.pupil_id is None or event.pupil_id not in self._register.row_of:
            return ""
        row = self._register.row_of[event.pupil_id]
        column_of = {session: column for column, session in enumerate(self._register.sessions)}
        amended = {(a.date, a.half) for a in self._register.amendments if a.pupil_id == event.pupil_id}
        changed = []
        for mark in event.sessions:
            column = column_of.get(Session(mark.date, mark.half))
            if column is None or (mark.date, mark.half) not in amended:
                continue
            now = self._register.code_at(row, column)
            if now != mark.code:
                changed.append(
                    f"{mark.date} {mark.half} was {mark.code} and is now {now or 'without a mark'}"
                )
        more = len(changed) - MOST_MARKS_NAMED
        return ", ".join(changed[:MOST_MARKS_NAMED]) + (f" and {more} more" if more > 0 else "")
