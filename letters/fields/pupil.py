"""Merge fields about the pupil, and about the adults where a form of the office asks for them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from letters.addressees import address_lines
from letters.facts import Facts
from letters.fields.field import Column, Field
from letters.template.segments import Value
from letters.words import english, welsh

_PUPIL = "The pupil"


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
    known = [words for name, words in _CIRCUMSTANCES.items() if getattr(facts.pupil, name)]
    sen = _sen(facts)
    return "; ".join([*known, *([sen] if sen else [])]) or "none recorded"


def _circumstances_cy(facts: Facts) -> str:
    known = [words for name, words in _CIRCUMSTANCES_CY.items() if getattr(facts.pupil, name)]
    needs = facts.pupil.sen_status.strip().upper() not in ("", "N")
    return "; ".join([*known, *(["anghenion dysgu ychwanegol"] if needs else [])]) or "dim wedi’i gofnodi"


def _adults(facts: Facts) -> list[dict[str, Value]]:
    return [
        {
            "adult_name": " ".join(part for part in (adult.title, adult.forename, adult.surname) if part),
            "adult_relationship": adult.relationship,
            "adult_address": ", ".join(address_lines(adult.address, 9)) or "no address recorded",
            "adult_email": adult.email,
            "adult_remark": "not to be written to: court order"
            if adult.court_order
            else ""
            if adult.correspondence
            else "not to be written to",
        }
        for adult in facts.adults
    ]


def _year_and_class(facts: Facts) -> str:
    year, group = english.year_group(facts.pupil.year_group), facts.pupil.registration_group.strip()
    return ", ".join(part for part in (year, f"class {group}" if group else "") if part)


def _year_and_class_cy(facts: Facts) -> str:
    year, group = welsh.year_group(facts.pupil.year_group), facts.pupil.registration_group.strip()
    return ", ".join(part for part in (year, f"dosbarth {group}" if group else "") if part)


def _text(name: str, meaning: str, example: str, fill: Callable[[Facts], str], *aliases: str) -> Field:
    return Field(name, "text", _PUPIL, meaning, example, fill, aliases)


PUPIL_FIELDS = (
    _text(
        "pupil_name",
        "forename and surname as used in school",
        "Alex Sample",
        lambda f: f"{f.pupil.forename} {f.pupil.surname}".strip(),
        "chosen_name",
        "preferred_name",
    ),
    _text(
        "pupil_forename",
        "forename as used in school",
        "Alex",
        lambda f: f.pupil.forename,
        "chosen_forename",
        "preferred_forename",
        "forename",
    ),
    _text(
        "pupil_surname",
        "surname as used in school",
        "Sample",
        lambda f: f.pupil.surname,
        "chosen_surname",
        "preferred_surname",
        "surname",
    ),
    _text(
        "pupil_legal_name",
        "legal forename and surname",
        "Alexandra Sample",
        lambda f: (
            f"{f.pupil.legal_forename or f.pupil.forename} {f.pupil.legal_surname or f.pupil.surname}".strip()
        ),
    ),
    _text(
        "pupil_legal_forename",
        "legal forename",
        "Alexandra",
        lambda f: f.pupil.legal_forename or f.pupil.forename,
        "legal_forename",
    ),
    _text(
        "pupil_legal_surname",
        "legal surname",
        "Sample",
        lambda f: f.pupil.legal_surname or f.pupil.surname,
        "legal_surname",
    ),
    Field(
        "date_of_birth",
        "date",
        _PUPIL,
        "date of birth; empty when it is not known",
        date(2016, 2, 9),
        lambda f: f.pupil.date_of_birth or "",
        ("dob",),
    ),
    _text(
        "year_group",
        "year group as it is said",
        "Year 4",
        lambda f: english.year_group(f.pupil.year_group),
        "yeargroup",
        "national_curriculum_year",
    ),
    _text(
        "year_group_cy",
        "the same in Welsh",
        "Blwyddyn 4",
        lambda f: welsh.year_group(f.pupil.year_group),
    ),
    _text(
        "class_name",
        "registration group",
        "4B",
        lambda f: f.pupil.registration_group.strip(),
        "reg_group",
        "registration_group",
        "reg",
    ),
    _text(
        "year_and_class",
        "year group and class, as far as they are known",
        "Year 4, class 4B",
        _year_and_class,
        "year_reg",
    ),
    _text("year_and_class_cy", "the same in Welsh", "Blwyddyn 4, dosbarth 4B", _year_and_class_cy),
    _text("admission_number", "admission number", "001234", lambda f: f.pupil.admission_number, "adno"),
    Field(
        "upn", "text", _PUPIL, "unique pupil number", "A123456789012", lambda f: f.pupil.upn, office_only=True
    ),
    Field(
        "circumstances",
        "text",
        _PUPIL,
        "what the authority asks about on its forms: social worker, SEN and the like",
        "SEN support",
        _circumstances,
        office_only=True,
    ),
    Field(
        "circumstances_cy",
        "text",
        _PUPIL,
        "the same in Welsh",
        "anghenion dysgu ychwanegol",
        _circumstances_cy,
        office_only=True,
    ),
    Field(
        "adults",
        "rows",
        _PUPIL,
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
            Column("adult_relationship", "text", "as the MIS says it"),
            Column("adult_address", "text", "in one line"),
            Column("adult_email", "text", "may be empty"),
            Column("adult_remark", "text", "says when the adult must not be written to"),
        ),
        office_only=True,
    ),
    Field(
        "if_compulsory_age",
        "yes/no",
        _PUPIL,
        "kept when the pupil is of compulsory school age: the place for any word about the law",
        True,
        lambda f: f.of_age,
    ),
    Field(
        "if_under_age",
        "yes/no",
        _PUPIL,
        "kept when the pupil is not of compulsory school age",
        False,
        lambda f: not f.of_age,
    ),
)
