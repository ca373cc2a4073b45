"""Merge fields about the school and the envelope."""

from __future__ import annotations

from datetime import date

from letters.facts import Facts
from letters.fields.field import Field, Group
from letters.words import welsh

_SCHOOL, _LETTER = Group("The school"), Group("The letter")
OFFICE = "the school office"


def _address_line(number: int) -> Field:
    return _LETTER.text(
        f"address_line_{number}",
        f"line {number} of the address under the name; the line is left out when there are fewer",
        {1: "Flat 2", 2: "14 Example Street", 3: "Exampleton", 4: "EX1 2AB"}.get(number, ""),
        lambda facts: (
            facts.addressee.lines[number - 1]
            if facts.addressee and len(facts.addressee.lines) >= number
            else ""
        ),
    )


def attendance_contact(facts: Facts) -> str:
    """Return who families phone."""
    return facts.school.attendance_contact_name or OFFICE


def attendance_contact_cy(facts: Facts) -> str:
    """Return the same for a Welsh sentence."""
    return facts.school.attendance_contact_name or "swyddfa’r ysgol"


def _line(*parts: str) -> str:
    return "  ·  ".join(part for part in parts if part)


SCHOOL_FIELDS = (
    _SCHOOL.text("school_name", "the school's name", "Example Primary School", lambda f: f.school.name),
    _SCHOOL.text(
        "school_address",
        "the school's address in one line",
        "1 School Lane, Exampleton, EX1 1AA",
        lambda f: ", ".join(line for line in f.school.address if line.strip()),
    ),
    _SCHOOL.text(
        "school_telephone",
        "the school's telephone number",
        "01632 960001",
        lambda f: f.school.telephone,
        "school_phone",
    ),
    _SCHOOL.text(
        "school_email",
        "the school's e-mail address",
        "office@example.sch.uk",
        lambda f: f.school.email,
    ),
    _SCHOOL.text(
        "school_website",
        "the school's web address",
        "www.example.sch.uk",
        lambda f: f.school.website,
    ),
    _SCHOOL.yes_no("if_school_website", "kept when there is one", lambda f: f.school.website),
    _SCHOOL.text(
        "school_contact",
        "telephone, e-mail and web address in one line, as far as they are known",
        "01632 960001  ·  office@example.sch.uk",
        lambda f: _line(f.school.telephone, f.school.email, f.school.website),
    ),
    _SCHOOL.text(
        "school_number",
        "the school's official number, for forms",
        "810/2001",
        lambda f: f.school.number,
        "dfe_number",
    ),
    _SCHOOL.yes_no("if_school_number", "kept when the school's number is known", lambda f: f.school.number),
    _SCHOOL.text(
        "head_name",
        "the name of the head who signs",
        "Mrs E Example",
        lambda f: f.school.head_name,
        "headteacher",
        "head_teacher",
    ),
    _SCHOOL.text("head_title", "the head's title", "Headteacher", lambda f: f.school.head_title),
    _SCHOOL.text("head_title_cy", "the same in Welsh", "Pennaeth", lambda f: f.school.head_title_cy),
    _SCHOOL.text(
        "contact_name", "who to phone about attendance, in a sentence", "Mr A Sample", attendance_contact
    ),
    _SCHOOL.text("contact_name_cy", "the same in a Welsh sentence", "Mr A Sample", attendance_contact_cy),
    _SCHOOL.text(
        "contact_telephone",
        "the number to phone about attendance",
        "01632 960002",
        lambda f: f.school.attendance_contact_telephone or f.school.telephone,
    ),
    _SCHOOL.text(
        "contact_email",
        "the e-mail address to write to about attendance; may be empty",
        "attendance@example.sch.uk",
        lambda f: f.school.attendance_contact_email or f.school.email,
    ),
    _SCHOOL.yes_no(
        "if_contact_email",
        "kept when there is an e-mail address to write to",
        lambda f: f.school.attendance_contact_email or f.school.email,
    ),
    _SCHOOL.text(
        "named_person",
        "one person to turn to by name: who to phone about attendance, or else the head",
        "Mr A Sample",
        lambda f: f.school.attendance_contact_name or f.school.head_name or OFFICE,
    ),
    _SCHOOL.text(
        "named_person_cy",
        "the same in a Welsh sentence",
        "Mr A Sample",
        lambda f: f.school.attendance_contact_name or f.school.head_name or attendance_contact_cy(f),
    ),
    _SCHOOL.text(
        "other_languages",
        "the settings' sentences in families' languages, each with a space before it; may be empty",
        "",
        lambda f: "".join(f" {sentence.strip()}" for sentence in f.school.other_languages),
    ),
    _SCHOOL.text(
        "doors_open", "when the doors open in the morning", "8.35 am", lambda f: f.school.doors_open
    ),
    _SCHOOL.yes_no("if_doors_open", "kept when the settings say it", lambda f: f.school.doors_open),
    _SCHOOL.text(
        "register_closes", "when the morning register closes", "9.15 am", lambda f: f.school.register_closes
    ),
    _SCHOOL.yes_no("if_register_closes", "kept when the settings say it", lambda f: f.school.register_closes),
    _SCHOOL.text(
        "authority_name",
        "the local authority, in a sentence",
        "Example City Council",
        lambda f: f.school.authority_name or "the local authority",
        "la_name",
    ),
    _SCHOOL.text(
        "authority_name_cy",
        "the same in a Welsh sentence",
        "Cyngor Dinas Enghraifft",
        lambda f: f.school.authority_name or "yr awdurdod lleol",
    ),
    Field(
        "logo",
        "picture",
        _SCHOOL.title,
        "the school's logo; nothing when there is none",
        None,
        lambda f: f.school.logo_picture,
    ),
    Field(
        "signature",
        "picture",
        _SCHOOL.title,
        "the head's signature; nothing when there is none",
        None,
        lambda f: f.school.signature_picture,
    ),
    _SCHOOL.yes_no(
        "if_no_signature",
        "kept when there is no picture of a signature, so that there is room to sign",
        lambda f: f.school.signature_picture is None,
    ),
)

LETTER_FIELDS = (
    _LETTER.date(
        "date",
        "the day the letter is made",
        date(2025, 11, 28),
        lambda f: f.written_on,
        "letter_date",
        "today",
    ),
    _LETTER.text(
        "addressee",
        "who the envelope is for",
        "Mr B Sample and Mrs C Sample",
        lambda f: f.addressee.name if f.addressee else "",
        "addressee_name",
        "parental_addressee",
    ),
    _LETTER.text(
        "addressee_cy",
        "the same in Welsh",
        "Mr B Sample a Mrs C Sample",
        lambda f: welsh.together(f.addressee.name) if f.addressee else "",
    ),
    *(_address_line(number) for number in range(1, 8)),
    _LETTER.text(
        "address_block",
        "name and address, one part a line",
        "Mr B Sample and Mrs C Sample\n14 Example Street\nExampleton\nEX1 2AB",
        lambda f: "\n".join((f.addressee.name, *f.addressee.lines)) if f.addressee else "",
        "parental_address_block",
    ),
    _LETTER.text(
        "address",
        "the address in one line",
        "14 Example Street, Exampleton, EX1 2AB",
        lambda f: ", ".join(f.addressee.lines) if f.addressee else "",
    ),
    _LETTER.text(
        "salutation",
        "what follows Dear",
        "Mr and Mrs Sample",
        lambda f: f.addressee.salutation if f.addressee else "",
        "parental_salutation",
    ),
    _LETTER.text(
        "salutation_cy",
        "what follows Annwyl",
        "Mr a Mrs Sample",
        lambda f: welsh.together(f.addressee.salutation) if f.addressee else "",
    ),
    _LETTER.text(
        "reference",
        "the event's key, which is also in the note and in the document's summary",
        "AC-7F3K2M9Q",
        lambda f: f.key,
        "key",
    ),
    _LETTER.date(
        "earlier_letter",
        "the day of the pupil's last letter of an earlier step of the same kind; empty when there was none",
        date(2025, 10, 17),
        lambda f: f.earlier_letter.day if f.earlier_letter else None,
    ),
    _LETTER.yes_no("if_earlier_letter", "kept when there was such a letter", lambda f: f.earlier_letter),
    _LETTER.yes_no(
        "if_no_earlier_letter", "kept when there was none", lambda f: f.earlier_letter is None, False
    ),
    _LETTER.date(
        "reply_by",
        "the day by which the family is asked to answer: so many school days after the letter's date as the policy gives",
        date(2025, 12, 5),
        lambda f: f.reply_by,
    ),
)
