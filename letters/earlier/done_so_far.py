"""What the school has done about a pupil's attendance in the school year, by day: letters, calls, visits, meetings, plans.

From the ledger's letters and the records on the pupil. Who reads it is told only what was done with them: a record that
names no adult is for everybody where all parents have one home; where they have two, letters say of it only that it was done,
and nothing of a call or visit. A referral, notes and the names of staff are never among it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from letters.facts import Facts
from letters.homes import household_key
from rules.pupil_record import PupilRecord, reached
from rules.school import PlanKind

Words = tuple[str, str, str, str]
"""To the family in English and Welsh (empty: not for a family), and for a form in English and Welsh."""
LETTER: Words = ("we wrote to you", "ysgrifenasom atoch", "letter to the family", "llythyr at y teulu")
PLAN: Words = ("we agreed an attendance plan with you", "cytunasom ar gynllun presenoldeb gyda chi",
    "attendance plan agreed", "cytunwyd ar gynllun presenoldeb")  # fmt: skip
_PLANS: Mapping[PlanKind, Words] = {
    "attendance": PLAN,
    "health": ("", "", "health plan agreed", "cytunwyd ar gynllun iechyd"),
    "reintegration": (
        "",
        "",
        "plan for the return to school agreed",
        "cytunwyd ar gynllun dychwelyd i’r ysgol",
    ),
}
"""A plan for health is in no letter about absence, which may reach another adult than those who agreed it."""
_NO_MEETING = ("a meeting was planned and did not take place", "trefnwyd cyfarfod na chynhaliwyd")
_OFFERED = ("we offered you an attendance contract", "cynigiasom gontract presenoldeb ichi")
_WORDS: Mapping[tuple[str, str], Words] = {
    ("meeting", "invited"): ("we invited you to a meeting", "gwahoddasom chi i gyfarfod", "invited to a meeting", "gwahoddwyd i gyfarfod"),
    ("meeting", "held"): ("we met and talked with you", "cawsom gyfarfod a sgwrs gyda chi", "meeting held", "cynhaliwyd cyfarfod"),
    ("meeting", "missed"): (*_NO_MEETING, "meeting, the family did not come", "cyfarfod, ni ddaeth y teulu"),
    ("meeting", "cancelled"): (*_NO_MEETING, "meeting cancelled", "cyfarfod wedi’i ganslo"),
    ("visit", "seen"): ("we came to see you at home", "daethom i’ch gweld gartref", "home visit, family seen", "ymweliad cartref, gwelwyd y teulu"),
    ("visit", "nobody in"): ("we came to your home and met nobody", "daethom i’ch cartref heb weld neb", "home visit, nobody in", "ymweliad cartref, neb gartref"),
    ("contact", "answered"): ("we spoke with you", "siaradasom â chi", "contact, answered", "cyswllt, atebwyd"),
    ("contact", "no answer"): ("we tried to reach you and nobody answered", "ceisiasom gysylltu â chi heb gael ateb", "contact, no answer", "cyswllt, dim ateb"),
    ("contact", "message left"): ("we left you a message", "gadawsom neges ichi", "contact, message left", "cyswllt, gadawyd neges"),
    ("contract", "invited"): (*_OFFERED, "attendance contract offered", "cynigiwyd contract presenoldeb"),
    ("contract", "signed"): ("we agreed an attendance contract with you", "cytunasom ar gontract presenoldeb gyda chi",
        "attendance contract signed", "llofnodwyd contract presenoldeb"),
    ("contract", "declined"): (*_OFFERED, "attendance contract declined", "gwrthodwyd contract presenoldeb"),
    ("contract", "not kept"): ("", "", "attendance contract not kept", "ni chadwyd at y contract presenoldeb"),
    ("part-time", "agreed"): ("we agreed a part-time timetable with you", "cytunasom ar amserlen ran-amser gyda chi",
        "part-time timetable agreed", "cytunwyd ar amserlen ran-amser"),
}  # fmt: skip
"""By kind and decision of a record; a contact may be a call, a text or a talk at the gate. What is not here, a referral among it, is in no letter and no list."""
TRIED = frozenset({("visit", "seen"), ("visit", "nobody in"), *(("contact", each) for each in ("answered", "no answer", "message left"))})  # fmt: skip
"""A person got in touch or visited, or tried to."""


@dataclass(frozen=True, slots=True)
class Done:
    """One thing that was done on a day."""

    day: date
    what: str
    what_cy: str
    on_form: str
    on_form_cy: str
    in_person: bool = False
    """Whether a person got in touch or came, with or without reaching anybody."""
    in_vain: bool = False
    """Whether it was a call or a message that reached nobody."""
    reached: bool = False
    """Whether somebody at home was spoken with."""


def done_so_far(facts: Facts) -> tuple[Done, ...]:
    """Return what was done in the event's school year up to the day on which the letter is made, in order.

    For an addressee, only what concerns them or everybody; without one, all of it.
    """
    start = facts.calendar.year_of(facts.event.date).start
    found = {done for done in _every(facts) if start <= done.day <= facts.written_on}
    return tuple(sorted(found, key=lambda done: (done.day, done.what)))


def _every(facts: Facts) -> Iterator[Done]:
    pupil_id = facts.event.pupil_id
    everybody = _is_everybody(facts)
    for letter in facts.letters_before:
        had_it = facts.addressee is None or letter.went_to(facts.addressee.contact_ids)
        yield Done(letter.day, *(LETTER if had_it else ("", "", *LETTER[2:])))
    for plan in facts.register.attendance_plans:
        if plan.pupil_id == pupil_id and plan.begins:
            words = _PLANS[plan.kind or "attendance"]
            yield Done(plan.date, *(words if everybody or not words[0] else _with_nobody(words)))
    for record in facts.register.pupil_records:
        found = _WORDS.get((record.kind, record.decision))
        if record.pupil_id == pupil_id and found and _concerns(record, facts):
            in_vain = record.kind == "contact" and not reached(record)
            own = found if record.contact_id or everybody else _unnamed(record, found)
            yield Done(record.day, *own, (record.kind, record.decision) in TRIED, in_vain, reached(record))


def _concerns(record: PupilRecord, facts: Facts) -> bool:
    to = facts.addressee
    return not record.contact_id or to is None or record.contact_id in to.contact_ids


def _unnamed(record: PupilRecord, words: Words) -> Words:
    """Return the words where nobody says with whom it was done: a call or visit is for forms alone then."""
    if (record.kind, record.decision) in TRIED or not words[0]:
        return ("", "", *words[2:])
    if record.kind == "meeting" and record.decision in ("missed", "cancelled"):
        return words
    if record.decision == "declined":
        return (*_WORDS["contract", "invited"][2:], *words[2:])
    return _with_nobody(words)


def _with_nobody(words: Words) -> Words:
    """Return the words of a form for a family too: they say what was done and not with whom."""
    return (*words[2:], *words[2:])


def _is_everybody(facts: Facts) -> bool:
    """Return whether what names no adult was done with the addressee: an adult at home, and no parent has another home."""
    to = facts.addressee
    if to is None:
        return True
    homes = {
        household_key(adult.address) for adult in facts.adults if adult.address.usable and not adult.barred
    }
    return bool(to.contact_ids) and len(homes) < 2
