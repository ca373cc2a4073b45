"""Consideration forms of a pupil: which wait for the head's decision, and what they keep from making a second one.

A pack says of a rule with ``waits_for_decision`` that its form is decided by a person. While one waits, a later event
makes no second form and is listed with it. What was decided is on record: a decision on the form, a penalty notice, a
notice to improve. A decision settles the pupil's forms, and events listed with them, of up to its own day.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from types import MappingProxyType

from connector.ledger.holds import FORM_WAITS
from connector.ledger.notices.by_parent import whole_notice
from connector.store.ledger import CLOSED, SENT, LedgerRow
from letters.earlier.made_before import EarlierForm, LetterBefore
from letters.severe_absence import SEVERE_LETTER
from rules.policy import Policy
from rules.register import Register
from rules.school import FormDecision


@dataclass(frozen=True, slots=True)
class WaitingForm:
    """A form that waits for its decision, and the later events that made none."""

    form: LedgerRow
    later: tuple[LedgerRow, ...]


@dataclass(frozen=True)
class Forms:
    """What the ledger's events made, to find the consideration forms and requests of a pupil."""

    register: Register
    rules: Collection[str]
    """The ids of the rules whose forms wait for a decision."""
    made: Mapping[str, Sequence[LedgerRow]]
    """By pupil the events whose documents were made and stand, in order of date."""
    filed: Mapping[int, Sequence[tuple[str, frozenset[str]]]] = field(default_factory=dict)
    """By number of the event its documents in the MIS, each as the template's name and the adults it went to."""

    def with_made(self, row: LedgerRow) -> Forms:
        """Return the same with the documents of one more event made."""
        if row.pupil_id is None or not row.has_letter:
            return self
        others = [one for one in self.made.get(row.pupil_id, ()) if one.id != row.id]
        own = tuple(sorted([*others, row], key=_order))
        return replace(self, made={**self.made, row.pupil_id: own})

    def covering(self, row: LedgerRow) -> LedgerRow | None:
        """Return the form that an event is listed with, so that it makes none of its own; None when it may.

        What was made already stays, and a person may release an event to make its form all the same. A parent who was
        added to a notice to improve has a form of their own.
        """
        if row.rule not in self.rules or row.composed_on is not None or FORM_WAITS in row.released_from:
            return None
        return next(
            (
                form
                for form in self._forms(row.pupil_id)
                if form.id != row.id
                and not self._decided(form, before=row.date)
                and not _of_another_parent(form, row)
            ),
            None,
        )

    def earlier(self, row: LedgerRow) -> tuple[EarlierForm, ...]:
        """Return the pupil's forms of the same name before this one, as a form names them; none for a letter or note."""
        names = _documents(row)
        return tuple(
            EarlierForm(form.key, form.date, form.event.sessions, self._decision(form))
            for form in self.made.get(row.pupil_id or "", ())
            if names and _order(form) < _order(row) and names & _documents(form)
        )

    def letters_before(self, row: LedgerRow) -> tuple[LetterBefore, ...]:
        """Return the letters to the pupil's family that are in the MIS and came before this event's own, in order of their events.

        What is made and still to be written has not gone to anybody.
        """
        return tuple(
            LetterBefore(
                one.composed_on,
                one.date,
                str(one.event.figures.get("attendance_percent", "")),
                one.event.pack,
                one.event.ladder,
                self._went_to(one),
            )
            for one in self.made.get(row.pupil_id or "", ())
            if one.composed_on is not None
            and one.stands_as in SENT
            and _order(one) < _order(row)
            and any(outcome.kind == "letter" for outcome in one.event.outcomes)
        )

    def _went_to(self, row: LedgerRow) -> frozenset[str] | None:
        """Return the adults to whom the letters of an event went; None where its documents are not known."""
        names = {SEVERE_LETTER, *(outcome.name for outcome in row.event.outcomes if outcome.kind == "letter")}
        own = [contacts for template, contacts in self.filed.get(row.id, ()) if template in names]
        return frozenset().union(*own) if own else None

    def waiting(self, rows: Iterable[LedgerRow], as_of: date) -> list[WaitingForm]:
        """Return the undecided forms of pupils on roll on a day, the oldest first. ``rows`` are the ledger's."""
        aside = [row for row in rows if row.state == "superseded" and row.hold == FORM_WAITS]
        waiting: list[WaitingForm] = []
        for pupil_id in self.made:
            pupil = self.register.find(pupil_id)
            undecided = [form for form in self._forms(pupil_id) if self._decision(form) is None]
            if not undecided or pupil is None or not pupil.listed_on(as_of):
                continue
            own = [row for row in aside if row.pupil_id == pupil_id]
            later = tuple(row for row in own if self.covering(row) == undecided[0])
            waiting += [WaitingForm(form, later if form is undecided[0] else ()) for form in undecided]
        return sorted(waiting, key=lambda one: _order(one.form))

    def _forms(self, pupil_id: str | None) -> list[LedgerRow]:
        """Return the pupil's forms that wait for a decision or have one, in order."""
        return [row for row in self.made.get(pupil_id or "", ()) if row.rule in self.rules]

    def _decision(self, form: LedgerRow) -> FormDecision | None:
        """Return the first decision on or after the day of a form."""
        decisions = self._decisions.get(form.pupil_id or "", ())
        return next((one for one in decisions if one.decided >= form.date), None)

    def _decided(self, form: LedgerRow, *, before: date) -> bool:
        decision = self._decision(form)
        return decision is not None and decision.decided < before

    @cached_property
    def _decisions(self) -> dict[str, list[FormDecision]]:
        """By pupil what is on record as a decision, in order of day."""
        register = self.register
        every = [
            *register.form_decisions,
            *(FormDecision(one.pupil_id, one.issued, "notice") for one in register.notices),
            *(
                FormDecision(one.pupil_id, one.issued, "notice-to-improve")
                for one in register.notices_to_improve
            ),
        ]
        by_pupil: dict[str, list[FormDecision]] = {}
        for one in sorted(every, key=lambda one: one.decided):
            by_pupil.setdefault(one.pupil_id, []).append(one)
        return by_pupil


def forms_of(
    rows: Iterable[LedgerRow],
    policies: Sequence[Policy],
    register: Register,
    filed: Mapping[int, Sequence[tuple[str, frozenset[str]]]] = MappingProxyType({}),
) -> Forms:
    """Return the forms among the ledger's rows, by the rules of the policies that the school follows.

    ``filed``: by number of the event its documents in the MIS, to say to whom its letters went.
    """
    rules = frozenset(rule.id for policy in policies for rule in policy.rules if rule.waits_for_decision)
    made: dict[str, list[LedgerRow]] = {}
    for row in sorted(rows, key=_order):
        if row.pupil_id is not None and row.composed_on is not None and row.stands_as not in CLOSED:
            made.setdefault(row.pupil_id, []).append(row)
    return Forms(register, rules, made, filed)


def reason(form: LedgerRow) -> str:
    """Return why an event makes no form of its own."""
    return f"listed with the form {form.key} of {form.date}: no second form before that one is decided"


def _of_another_parent(form: LedgerRow, row: LedgerRow) -> bool:
    """Return True for forms of one notice to improve to different parents."""
    return (
        form.rule == row.rule
        and form.anchor != row.anchor
        and whole_notice(form.anchor) == whole_notice(row.anchor)
    )


def _order(row: LedgerRow) -> tuple[date, int]:
    return row.date, row.id


def _documents(row: LedgerRow) -> set[str]:
    """Return the names of the forms that an event makes."""
    return {outcome.name for outcome in row.event.outcomes if outcome.kind == "document"}
