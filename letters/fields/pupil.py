"""Merge fields about the pupil, and about the adults where an office form asks for them."""

from __future__ import annotations

from datetime import date

from letters.addressees import ADDRESS_KEPT, NO_ADDRESS, address_lines, written_to
from letters.facts import Facts
from letters.fields.field import Column, Field, Group
from letters.reports.pupils import contact_name, phone_order
from letters.template.segments import Value
from letters.words import english, welsh
from letters.words.salutation import full_name
from rules.school import Contact

_PUPIL = Group("The pupil")


def _sen(facts: Facts) -> str:
    return {"K": "SEN support", "E": "education, health and care plan", "N": ""}.get(
        facts.pupil.sen_status.strip().upper(), facts.pupil.sen_status.strip()
    )


_CIRCUMSTANCES = {
    "social_worker": "has a social worker",
    "child_protection": "child protection plan",
    "looked_after": "looked after",
    "young_carer": "young carer",
    "pupil_premium": "pupil premium",
    "fsm": "free school meals",
    "eal": "English as an additional language",
}


_CIRCUMSTANCES_CY = {
    "social_worker": "gweithiwr cymdeithasol",
    "child_protection": "cynllun amddiffyn plant",
    "looked_after": "plentyn sy’n derbyn gofal",
    "young_carer": "gofalwr ifanc",
    "pupil_premium": "grant datblygu disgyblion",
    "fsm": "prydau ysgol am ddim",
    "eal": "Saesneg fel iaith ychwanegol",
}


def _circumstances(facts: Facts) -> str:
    known = [words for name, words in _CIRCUMSTANCES.items() if name in facts.pupil.flags]
    sen = _sen(facts)
    return "; ".join([*known, *([sen] if sen else [])]) or "none recorded"


def _circumstances_cy(facts: Facts) -> str:
    known = [words for name, words in _CIRCUMSTANCES_CY.items() if name in facts.pupil.flags]
    needs = facts.pupil.sen_status.strip().upper() not in ("", "N")
    return "; ".join([*known, *(["anghenion dysgu ychwanegol"] if needs else [])]) or "dim wedi’i gofnodi"


def _address(adult: Contact) -> str:
    if adult.refuge:
        return ADDRESS_KEPT
    return ", ".join(address_lines(adult.address, 9)) or NO_ADDRESS


def _adults(facts: Facts) -> list[dict[str, Value]]:
    return [
        {
            "adult_name": full_name(adult.title, adult.forename, adult.surname),
            "adult_relationship": adult.relationship,
            "adult_address": _address(adult),
            "adult_email": adult.email,
            "adult_remark": written_to(adult),
        }
        for adult in facts.adults
    ]


def _numbers(adult: Contact) -> str:
    if adult.refuge:
        return ADDRESS_KEPT
    return ", ".join(adult.telephones) or "no number on record"


def _telephone_lines(facts: Facts) -> str:
    lines = [f"{contact_name(adult)}: {_numbers(adult)}" for adult in phone_order(facts.pupil)]
    return "\n".join(lines) or "nobody on record who may be rung"


def _year_and_class(facts: Facts) -> str:
    return english.year_and_class(facts.pupil.year_group, facts.pupil.registration_group)


def _year_and_class_cy(facts: Facts) -> str:
    return welsh.year_and_class(facts.pupil.year_group, facts.pupil.registration_group)


PUPIL_FIELDS = (
    _PUPIL.text(
        "pupil_name",
        "forename and surname as used in school",
        "Alex Sample",
        lambda f: f"{f.pupil.forename} {f.pupil.surname}".strip(),
        "chosen_name",
        "preferred_name",
    ),
    _PUPIL.text(
        "pupil_forename",
        "forename as used in school",
        "Alex",
        lambda f: f.pupil.forename,
        "chosen_forename",
        "preferred_forename",
        "forename",
    ),
    _PUPIL.text(
        "pupil_surname",
        "surname as used in school",
        "Sample",
        lambda f: f.pupil.surname,
        "chosen_surname",
        "preferred_surname",
        "surname",
    ),
    _PUPIL.text(
        "pupil_legal_name",
        "legal forename and surname",
        "Alexandra Sample",
        lambda f: (
            f"{f.pupil.legal_forename or f.pupil.forename} {f.pupil.legal_surname or f.pupil.surname}".strip()
        ),
        office_only=True,
    ),
    _PUPIL.text(
        "pupil_legal_forename",
        "legal forename",
        "Alexandra",
        lambda f: f.pupil.legal_forename or f.pupil.forename,
        "legal_forename",
        office_only=True,
    ),
    _PUPIL.text(
        "pupil_legal_surname",
        "legal surname",
        "Sample",
        lambda f: f.pupil.legal_surname or f.pupil.surname,
        "legal_surname",
        office_only=True,
    ),
    _PUPIL.date(
        "date_of_birth",
        "date of birth; empty when it is not known",
        date(2016, 2, 9),
        lambda f: f.pupil.date_of_birth,
        "dob",
    ),
    _PUPIL.text(
        "year_group",
        "year group in words",
        "Year 4",
        lambda f: english.year_group(f.pupil.year_group),
        "yeargroup",
        "national_curriculum_year",
    ),
    _PUPIL.text(
        "year_group_cy",
        "the same in Welsh",
        "Blwyddyn 4",
        lambda f: welsh.year_group(f.pupil.year_group),
    ),
    _PUPIL.text(
        "class_name",
        "registration group",
        "4B",
        lambda f: f.pupil.registration_group.strip(),
        "reg_group",
        "registration_group",
        "reg",
    ),
    _PUPIL.text(
        "year_and_class",
        "year group and class, as far as they are known",
        "Year 4, class 4B",
        _year_and_class,
        "year_reg",
    ),
    _PUPIL.text("year_and_class_cy", "the same in Welsh", "Blwyddyn 4, dosbarth 4B", _year_and_class_cy),
    _PUPIL.text("admission_number", "admission number", "001234", lambda f: f.pupil.admission_number, "adno"),
    _PUPIL.text("upn", "unique pupil number", "A123456789012", lambda f: f.pupil.upn, office_only=True),
    _PUPIL.text(
        "circumstances",
        "what the authority's forms ask about: social worker, SEN and so on",
        "SEN support",
        _circumstances,
        office_only=True,
    ),
    _PUPIL.text(
        "circumstances_cy",
        "the same in Welsh",
        "anghenion dysgu ychwanegol",
        _circumstances_cy,
        office_only=True,
    ),
    Field(
        "adults",
        "rows",
        _PUPIL.title,
        "every adult with parental responsibility",
        [
            {
                "adult_name": "Mrs C Sample",
                "adult_relationship": "Mother",
                "adult_address": "14 Example Street, Exampleton, EX1 2AB",
                "adult_email": "",
                "adult_remark": "",
            }
        ],
        _adults,
        columns=(
            Column("adult_name", "text", "title, forename and surname"),
            Column("adult_relationship", "text", "as in the MIS"),
            Column("adult_address", "text", "in one line"),
            Column("adult_email", "text", "may be empty"),
            Column("adult_remark", "text", "whether the adult must not be written to"),
        ),
        office_only=True,
    ),
    _PUPIL.text(
        "telephone_lines",
        "whom the school may ring, in order, a line each, with the numbers; one that is secret with the address is left out",
        "Mrs C Sample, mother: 01632 960001, 07700 900001",
        _telephone_lines,
        office_only=True,
    ),
    _PUPIL.yes_no(
        "if_compulsory_age",
        "kept when the pupil is of compulsory school age: any text about the law belongs here",
        lambda f: f.of_age,
    ),
    _PUPIL.yes_no(
        "if_under_age",
        "kept when the pupil is not of compulsory school age",
        lambda f: not f.of_age,
        False,
    ),
)
