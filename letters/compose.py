"""From an event to what is filed on the pupil: letters to each household, documents, certificates and the note.

The run decides whether something is written, not this module. The same event, register and templates give the same
bytes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from types import MappingProxyType

from letters import notes
from letters.addressees import Addressee, Addressees, NamedAddressee, addressees, liable
from letters.earlier.made_before import EarlierForm, LetterBefore
from letters.facts import Facts
from letters.fields import registry
from letters.leave_asked import request_of
from letters.reports.record.certificate import registration_certificate
from letters.school_details import SchoolDetails
from letters.severe_absence import SEVERE_LETTER, in_its_words
from letters.template.library import Templates, file_name
from rules.events import Event
from rules.policy import Policy
from rules.register import Register
from rules.rule.outcome import Outcome
from rules.school import Notice
from rules.statistics import Tally

__all__ = [
    "NOTHING_FILED",
    "Composed",
    "Document",
    "Filed",
    "NamedAddressee",
    "SchoolDetails",
    "Templates",
    "compose",
    "correcting_note",
]

_CERTIFICATE_TITLE = "Registration certificate"
CERTIFICATE = Outcome("document", "registration-certificate")
"""The one document without a template: the pupil's register of the year."""
_FROM_RECORDS = ("done_so_far", "done_lines", "done_lines_cy", "rang_or_visited", "if_rang_in_vain")
"""The fields that show what is on record besides what the event and the pupil carry."""
correcting_note = notes.correcting_note
Filed = Mapping[str, Sequence[frozenset[str]]]
"""Documents of an event that are filed: for each title the contacts that each of its documents went to."""
NOTHING_FILED: Filed = MappingProxyType({})


@dataclass(frozen=True)
class Document:
    """A finished Word document for the MIS."""

    outcome: Outcome
    title: str
    """What staff read; names no person."""
    file_name: str
    content: bytes
    template: str
    language: str
    contact_ids: tuple[str, ...] = ()
    """The adults it is addressed to; empty for a document for the office and for a pupil's certificate."""
    of: tuple[int, int] = (1, 1)
    """Its number, and how many documents the outcome has."""
    rests_on: str = ""
    """A digest of all that it says besides the day of writing: the same facts give the same digest."""
    household: str = ""
    """The same key for all letters to one address; empty when it goes to no home."""


@dataclass(frozen=True)
class Composed:
    """The documents and the note of an event. When ``held`` gives a reason, there are no documents."""

    documents: tuple[Document, ...]
    note_summary: str
    note_text: str
    held: str | None = None
    remarks: tuple[str, ...] = ()


def compose(
    event: Event,
    *,
    register: Register,
    tally: Tally,
    policy: Policy,
    school: SchoolDetails,
    templates: Templates,
    key: str,
    notices: Sequence[Notice] = (),
    on: date | None = None,
    first: Policy | None = None,
    filed: Filed = NOTHING_FILED,
    earlier_forms: Sequence[EarlierForm] = (),
    letters_before: Sequence[LetterBefore] = (),
) -> Composed:
    """Given an event, return its documents and its note.

    What is ``filed`` already is not among the documents: nobody gets a second copy. The note names it with the others.

    ``policy`` is the event's own, ``first`` the school's first one, whose bands and target the letters show.
    ``earlier_forms`` are the pupil's consideration forms before this event's own, ``letters_before`` the letters to the family before it. ``on`` is the letters' date, by default the event's day. ``held`` gives the reason when a letter is asked for and
    nobody can be written to; ``remarks`` are for the officer and name no person. Raise LetterError when a template
    cannot be filled, naming template and field.
    """
    facts = Facts(
        event,
        register,
        tally,
        policy,
        school,
        key,
        on or event.date,
        notices,
        first=first,
        earlier_forms=earlier_forms,
        letters_before=letters_before,
    )
    if event.pupil_id is None:
        return Composed((), *notes.note(facts, ()))
    to = _addressees(event, facts)
    if to.held is not None:
        return Composed((), *notes.note(facts, (), held=to.held), to.held, to.remarks)
    documents: list[Document] = []
    made: list[tuple[Outcome, str]] = []
    remarks = list(to.remarks)
    for asked in event.outcomes:
        if not asked.is_document:
            continue
        outcome = _in_own_words(asked, facts, filed, templates)
        if outcome in (done for done, _ in made):
            continue
        title = _CERTIFICATE_TITLE if outcome == CERTIFICATE else templates.title(outcome.name)
        earlier = filed.get(title, ())
        made += [(outcome, title)] * len(earlier)
        if outcome == CERTIFICATE:
            own = [] if earlier else [_certificate(facts)]
        else:
            envelopes = _envelopes(outcome, facts, to, earlier)
            own = list(_documents(outcome, facts, envelopes, templates, remarks, after=len(earlier)))
        documents += own
        made += [(outcome, title)] * len(own)
    remarks = list(dict.fromkeys(remarks))
    return Composed(tuple(documents), *notes.note(facts, made, remarks=remarks), None, tuple(remarks))


def _in_own_words(outcome: Outcome, facts: Facts, filed: Filed, templates: Templates) -> Outcome:
    """Return the outcome; the letter of severe absence for one that it stands for.

    What one home has decides for the other too, whatever the figures are now: nobody gets both.
    """
    if not in_its_words(outcome) or filed.get(templates.title(outcome.name)):
        return outcome
    own = facts.severe or filed.get(templates.title(SEVERE_LETTER))
    return Outcome(outcome.kind, SEVERE_LETTER) if own else outcome


def _addressees(event: Event, facts: Facts, informed: frozenset[str] = frozenset()) -> Addressees:
    """Return who is written to; nobody when no outcome goes home or is a form about each parent."""
    if not any(outcome.kind == "letter" for outcome in event.outcomes):
        return _liable(facts) if any(_is_about_a_parent(o, event) for o in event.outcomes) else Addressees(())
    return addressees(
        facts.pupil,
        per_parent=event.per_parent,
        looked_after_to=facts.school.looked_after_to,
        informed=informed,
        only=_concerned(facts),
        on=facts.written_on,
    )


def _liable(facts: Facts) -> Addressees:
    return liable(facts.pupil, _concerned(facts))


def _concerned(facts: Facts) -> frozenset[str]:
    """Return the ids of the contacts whom the event concerns; none for everybody."""
    return frozenset(filter(None, facts.words("contacts").split(",")))


def _is_about_a_parent(outcome: Outcome, event: Event) -> bool:
    """Whether an outcome is a form for the office and the authority, one for each parent."""
    return outcome.kind == "document" and event.per_parent and outcome != CERTIFICATE


def _envelopes(
    outcome: Outcome, facts: Facts, to: Addressees, earlier: Sequence[frozenset[str]]
) -> Sequence[Addressee | None]:
    """Return the envelopes of an outcome that are still to be filled; None stands for the office."""
    if _is_about_a_parent(outcome, facts.event):
        had = frozenset().union(*earlier)
        return [one for one in _liable(facts).letters if not had.issuperset(one.contact_ids)]
    if outcome.kind != "letter":
        return () if earlier else (None,)
    if not earlier:
        return to.letters
    return [
        one
        for one in _addressees(facts.event, facts, frozenset().union(*earlier)).letters
        if one.contact_ids or frozenset() not in earlier
    ]


def _documents(
    outcome: Outcome,
    facts: Facts,
    envelopes: Sequence[Addressee | None],
    templates: Templates,
    remarks: list[str],
    *,
    after: int,
) -> Iterator[Document]:
    """Make the documents of an outcome; ``after`` so many of the same title that are filed already."""
    title = templates.title(outcome.name)
    for number, envelope in enumerate(envelopes, after + 1):
        languages = _languages(envelope, facts)
        chosen = templates.find(outcome.name, languages)
        if chosen.language != languages[0]:
            remarks.append(
                f"{title}: there is no template in '{languages[0]}', so the one in '{chosen.language}' was used"
            )
        own = facts.to(envelope)
        values = registry.values(chosen.template, own, to_family=outcome.kind != "document")
        filled = chosen.template.fill(
            values, language=chosen.fill_language, title=chosen.title, on=facts.written_on
        )
        if filled.removed:
            remarks.append(
                f"{title}: characters that cannot be printed were left out ({', '.join(sorted(set(filled.removed)))})"
            )
        of = (number, after + len(envelopes))
        yield Document(
            outcome=outcome,
            title=title,
            file_name=file_name(title, facts.event.date.isoformat(), of),
            content=filled.data,
            template=chosen.path,
            language=chosen.language,
            contact_ids=envelope.contact_ids if envelope else (),
            of=of,
            rests_on=_digest(own, chosen.source, [values.get(name) for name in _FROM_RECORDS]),
            household=envelope.household if envelope and outcome.kind == "letter" else "",
        )


def _languages(envelope: Addressee | None, facts: Facts) -> tuple[str, ...]:
    """Return languages in order of preference. A Welsh policy's documents are bilingual and go to every family."""
    own = (envelope.language if envelope else "")[:2]
    if facts.policy.nation == "wales":
        return tuple(dict.fromkeys((own, "cy"))) if own not in ("", "en") else ("cy",)
    return (own or facts.school.language or "en",)


def _certificate(facts: Facts) -> Document:
    start = max(facts.year.start, facts.policy.start) if facts.policy.start else facts.year.start
    content = registration_certificate(
        facts.register,
        facts.tally,
        facts.policy,
        facts.pupil.pupil_id,
        facts.school,
        start=start,
        end=facts.event.date,
        printed_on=facts.written_on,
        home=any(outcome.kind == "letter" for outcome in facts.event.outcomes),
    )
    name = file_name(_CERTIFICATE_TITLE, facts.event.date.isoformat())
    return Document(
        CERTIFICATE, _CERTIFICATE_TITLE, name, content, "", "en", rests_on=hashlib.sha256(content).hexdigest()
    )


def _digest(facts: Facts, template: bytes, records: Sequence[object]) -> str:
    """Return a digest of everything that a document is made of besides the day of writing.

    ``records``: what the template shows of what was done so far.
    """
    pupil = replace(facts.pupil, contacts=())
    parts: tuple[object, ...] = (
        facts.event,
        pupil,
        facts.addressee,
        facts.school,
        facts.policy.title,
        facts.rule,
        facts.figures,
    )
    parts += (request_of(facts),) if facts.register.leave_requests else ()
    parts += (facts.earlier_forms,) if facts.earlier_forms else ()
    parts += (facts.part_of_year,) if facts.part_of_year else ()
    parts += (facts.earlier_letter,) if facts.earlier_letter else ()
    parts += (records,) if any(records) else ()
    return hashlib.sha256(repr(parts).encode() + template).hexdigest()
