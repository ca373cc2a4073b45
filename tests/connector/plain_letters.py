"""Letters in a few bytes: quick to make, and each says what it was made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from connector.config.loaded_school import LoadedSchool
from connector.documents.school_documents import RunFacts, SchoolDocument
from connector.store.ledger import LedgerRow, NoteDue
from letters.compose import NOTHING_FILED, Composed, Document, Filed
from letters.earlier.made_before import EarlierForm, LetterBefore
from letters.errors import LetterError
from rules.events import Event
from rules.register import Register
from rules.rule.outcome import NOTE


class PlainLetters:
    """One text per outcome."""

    def __init__(self, _options: LoadedSchool, register: Register, day: date) -> None:
        self._register = register
        self._day = day
        self.broken: set[str] = set()

    def compose(
        self,
        event: Event,
        key: str,
        filed: Filed = NOTHING_FILED,
        earlier_forms: Sequence[EarlierForm] = (),
        letters_before: Sequence[LetterBefore] = (),
    ) -> Composed:
        if event.rule in self.broken:
            raise LetterError("a field is not known", template=event.rule)
        if event.pupil_id is None:
            return Composed((), event.title, f"{event.title}, {event.group} [{key}]")
        pupil = self._register.pupil(event.pupil_id)
        if not pupil.contacts:
            return Composed((), event.title, "", "no adult who may be written to")
        marks = " ".join(f"{m.date}{m.half}{m.code}" for m in event.sessions)
        marks += "".join(
            f"; before: {form.day} {form.decision.outcome if form.decision else 'not decided'}"
            for form in earlier_forms
        )
        own = [one.day for one in letters_before if event.ladder and one.ladder == event.ladder]
        marks += f"; earlier letter: {max(own)}" if own else ""
        documents = tuple(
            Document(
                outcome=outcome,
                title=outcome.name,
                file_name=f"Attendance – {outcome.name} – {event.date}.docx",
                content=f"{outcome} {event.date} {marks} {self._day}".encode(),
                template=f"en/{outcome.name}.docx",
                language="en",
                contact_ids=tuple(c.contact_id for c in pupil.contacts),
                rests_on=f"{outcome} {event.date} {marks}",
            )
            for outcome in event.outcomes
            if outcome.is_document and outcome.name not in filed
        )
        if NOTE not in event.outcomes:
            return Composed(documents, "", "")
        names = ", ".join(outcome.name for outcome in event.outcomes if outcome.is_document)
        return Composed(documents, f"{event.title} [{key}]", f"{event.title} {event.date}: {names} [{key}]")

    def correction(
        self,
        event: Event,
        key: str,
        kind: NoteDue,
        *,
        documents: Sequence[str],
        reason: str,
    ) -> tuple[str, str]:
        return (
            f"{kind}: {event.title} [{key}]",
            f"{kind} {event.title} {event.date} on {self._day}: {reason} [{key}]",
        )

    def school_documents(
        self, lists: Mapping[str, Sequence[LedgerRow]], facts: RunFacts, number: int
    ) -> Sequence[SchoolDocument]:
        if not lists:
            return ()
        text = "\n".join(f"{name} {row.key}" for name, rows in lists.items() for row in rows)
        again = "" if number == 1 else f" ({number})"
        name = f"Attendance – digest – {facts.as_of}{again}.docx"
        lines = tuple((listed, row.id) for listed, rows in lists.items() for row in rows)
        return (SchoolDocument("digest", "Digest", name, text.encode, lines),)
