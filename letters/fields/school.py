"""Merge fields about the school and the envelope."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from letters.facts import Facts
from letters.fields.field import Field
from letters.words import welsh

_SCHOOL, _LETTER = "The school", "The letter"
OFFICE = "the school office"


def _address_line(number: int) -> Field:
    return Field(
        f"address_line_{number}",
        "text",
        _LETTER,
        f"line {number} of the address under the name; empty, and then without a line, when there are fewer",
        {1: "Flat 2", 2: "14 Example Street", 3: "Exampleton", 4: "EX1 2AB"}.get(number, ""),
        lambda facts: (
            facts.addressee.lines[number - 1]
            if facts.addressee and len(facts.addressee.lines) >= number
            else ""
        ),
    )


def contact_name(facts: Facts) -> str:
    """Whom families ring."""
    return facts.school.attendance_contact_name or OFFICE


def contact_name_cy(facts: Facts) -> str:
    """The same in a Welsh sentence."""
    return facts.school.attendance_contact_name or "swyddfa’r ysgol"


def _line(*parts: str) -> str:
    return "  ·  ".join(part for part in parts if part)


def _text(
    name: str, group: str, meaning: str, example: str, fill: Callable[[Facts], str], *aliases: str
) -> Field:
    return Field(name, "text", group, meaning, example, fill, aliases)


SCHOOL_FIELDS = (
    _text("school_name", _SCHOOL, "the school's name", "Example Primary School", lambda f: f.school.name),
    _text(
        "school_address",
        _SCHOOL,
        "the school's address in one line",
        "1 School Lane, Exampleton, EX1 1AA",
        lambda f: ", ".join(line for line in f.school.address if line.strip()),
    ),
    _text(
        "school_telephone",
        _SCHOOL,
        "the school's telephone number",
        "01632 960001",
        lambda f: f.school.telephone,
        "school_phone",
    ),
    _text(
        "school_email",
        _SCHOOL,
        "the school's e-mail address",
        "office@example.sch.uk",
        lambda f: f.school.email,
    ),
    _text(
        "school_website",
        _SCHOOL,
        "the school's web address",
        "www.example.sch.uk",
        lambda f: f.school.website,
    ),
    _text(
        "school_contact",
        _SCHOOL,
        "telephone, e-mail and web address in one line, as far as they are known",
        "01632 960001  ·  office@example.sch.uk",
        lambda f: _line(f.school.telephone, f.school.email, f.school.website),
    ),
    _text(
        "school_number",
        _SCHOOL,
        "the school's official number, for forms",
        "810/2001",
        lambda f: f.school.number,
        "dfe_number",
    ),
    _text(
        "head_name",
        _SCHOOL,
        "the name of the head who signs",
        "Mrs E Example",
        lambda f: f.school.head_name,
        "headteacher",
        "head_teacher",
    ),
    _text("head_title", _SCHOOL, "the head's title", "Headteacher", lambda f: f.school.head_title),
    _text(
        "contact_name", _SCHOOL, "whom to ring about attendance, in a sentence", "Mr A Sample", contact_name
    ),
    _text("contact_name_cy", _SCHOOL, "the same in a Welsh sentence", "Mr A Sample", contact_name_cy),
    _text(
        "contact_telephone",
        _SCHOOL,
        "the number to ring about attendance",
        "01632 960002",
        lambda f: f.school.attendance_contact_telephone or f.school.telephone,
    ),
    _text(
        "contact_email",
        _SCHOOL,
        "the e-mail address to write to about attendance; may be empty",
        "attendance@example.sch.uk",
        lambda f: f.school.attendance_contact_email or f.school.email,
    ),
    Field(
        "if_contact_email",
        "yes/no",
        _SCHOOL,
        "kept when there is an e-mail address to write to",
        True,
        lambda f: bool(f.school.attendance_contact_email or f.school.email),
    ),
    _text(
        "authority_name",
        _SCHOOL,
        "the local authority, in a sentence",
        "Example City Council",
        lambda f: f.school.authority_name or "the local authority",
        "la_name",
    ),
    _text(
        "authority_name_cy",
        _SCHOOL,
        "the same in a Welsh sentence",
        "Cyngor Dinas Enghraifft",
        lambda f: f.school.authority_name or "yr awdurdod lleol",
    ),
    Field(
        "logo",
        "picture",
        _SCHOOL,
        "the school's logo; nothing when there is none",
        None,
        lambda f: f.school.logo_picture,
    ),
    Field(
        "signature",
        "picture",
        _SCHOOL,
        "the head's signature; nothing when there is none",
        None,
        lambda f: f.school.signature_picture,
    ),
)

LETTER_FIELDS = (
    Field(
        "date",
        "date",
        _LETTER,
        "the day the letter is made",
        date(2025, 11, 28),
        lambda f: f.written_on,
        ("letter_date", "today"),
    ),
    _text(
        "addressee",
        _LETTER,
        "whom the envelope is for",
        "Mr B Sample and Mrs C Sample",
        lambda f: f.addressee.name if f.addressee else "",
        "addressee_name",
        "parental_addressee",
    ),
    *(_address_line(number) for number in range(1, 7)),
    _text(
        "address_block",
        _LETTER,
        "name and address, a line each",
        "Mr B Sample and Mrs C Sample\n14 Example Street\nExampleton\nEX1 2AB",
        lambda f: "\n".join((f.addressee.name, *f.addressee.lines)) if f.addressee else "",
        "parental_address_block",
    ),
    _text(
        "address",
        _LETTER,
        "the address in one line",
        "14 Example Street, Exampleton, EX1 2AB",
        lambda f: ", ".join(f.addressee.lines) if f.addressee else "",
    ),
    _text(
        "salutation",
        _LETTER,
        "what follows Dear",
        "Mr and Mrs Sample",
        lambda f: f.addressee.salutation if f.addressee else "",
        "parental_salutation",
    ),
    _text(
        "salutation_cy",
        _LETTER,
        "what follows Annwyl",
        "Mr a Mrs Sample",
        lambda f: welsh.together(f.addressee.salutation) if f.addressee else "",
    ),
    _text(
        "reference",
        _LETTER,
        "the event's key, which is also in the note and the document's summary",
        "AC-7F3K2M9Q",
        lambda f: f.key,
        "key",
    ),
    Field(
        "reply_by",
        "date",
        _LETTER,
        "five school days after the letter's date",
        date(2025, 12, 5),
        lambda f: f.reply_by,
    ),
)
