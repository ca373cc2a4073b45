"""Letters, notes and lists over one register, as a run asks for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from connector.composing import CorrectionKind
from connector.lists import RunFacts, SchoolDocument
from connector.options import RunOptions
from connector.store.ledger import LedgerRow
from letters.compose import Composed, Templates, compose, correcting_note
from letters.notes import summary
from letters.words import day as day_in_words
from rules.events import Event
from rules.register import Register
from rules.statistics import Tally

_WITHDRAWN = "marks were corrected, and they no longer support it"


class SchoolWriter:
    """Writes for one school and one run. Templates are compiled once for all of its letters."""

    def __init__(self, register: Register, options: RunOptions, templates: Templates, as_of: date) -> None:
        self._register = register
        self._options = options
        self._templates = templates
        self._as_of = as_of
        self._tally = Tally(register, since=options.policy.start)

    def compose(self, event: Event, key: str) -> Composed:
        """Documents and note of an event, dated the day of the run. Raises LetterError."""
        return compose(
            event,
            register=self._register,
            tally=self._tally,
            policy=self._options.policy,
            school=self._options.school,
            options=self._options.letters,
            templates=self._templates,
            key=key,
            notices=self._register.notices,
            on=self._as_of,
        )

    def correction(
        self,
        event: Event,
        key: str,
        kind: CorrectionKind,
        *,
        documents: Sequence[str],
        reason: str,
        day: date,
    ) -> tuple[str, str]:
        """Summary and text of the note that says what has become of an event that was written."""
        if kind == "reinstated":
            text = (
                f"The note of {day_in_words(event.date)}, “{event.title}”, holds again: marks were corrected once "
                f"more, and on {day_in_words(day)} the register supported it as before. Please take no notice of "
                f"the correction in between. [{key}]"
            )
            return summary(f"Holds again: {event.title}", key), text
        because = (
            _WITHDRAWN if kind == "withdrawn" else f"the school has declared it void ({reason.rstrip('.')})"
        )
        return correcting_note(event, key, because, documents=documents, on=day)

    def school_documents(
        self, lists: Mapping[str, Sequence[LedgerRow]], facts: RunFacts, number: int
    ) -> Sequence[SchoolDocument]:
        """The digest and the lists of a run."""
        return ()
