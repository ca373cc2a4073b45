"""Pupils and contacts of a register folder."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import cast

from connector.adapters.folder.columns import Columns
from connector.adapters.folder.csv_table import Row, Table, read_table
from connector.adapters.folder.findings import Findings, Listed
from rules.calendar import Calendar
from rules.school import FLAGS, KNOWABLE, Address, Contact, Pupil, Spell, SpellKind

PUPIL_COLUMNS = (
    "pupil_id",
    "upn",
    "admission_number",
    "legal_forename",
    "legal_surname",
    "preferred_forename",
    "preferred_surname",
    "date_of_birth",
    "gender",
    "year_group",
    "registration_group",
    "on_roll_from",
    "on_roll_to",
    *FLAGS,
    "sen_status",
    "ethnicity",
    "first_language",
    "part_time_from",
    "part_time_to",
    "deceased",
)
TELEPHONES = ("phone_1", "phone_2", "phone_3")
CONTACT_COLUMNS = (
    "pupil_id",
    "contact_id",
    "title",
    "forename",
    "surname",
    "salutation",
    "relationship",
    "priority",
    "parental_responsibility",
    "court_order",
    "correspondence",
    "language",
    *TELEPHONES,
    "address_1",
    "address_2",
    "address_3",
    "town",
    "county",
    "postcode",
    "country",
    "email",
    "deceased",
    "refuge",
)
CONTACT_NEEDED = CONTACT_COLUMNS[:2]
ENROLMENT_COLUMNS = ("pupil_id", "from", "to", "kind")
SPELL_KINDS = ("main", "subsidiary", "guest")
_LANGUAGE = re.compile(r"[a-z]{2,3}")


def pupils_of(table: Table) -> dict[str, tuple[int, Pupil]]:
    """Given the rows of pupils.csv, return each pupil with its row number by id.

    Faults go into the table's findings; what is returned then must not be used.
    """
    found: dict[str, tuple[int, Pupil]] = {}
    for row in table:
        pupil = _pupil(row)
        earlier = found.get(pupil.pupil_id)
        if earlier and pupil.pupil_id:
            message = f"the pupil stands in {table.unit} {earlier[0]} already"
            table.error(row.number, "pupil_id", message, "keep one", same="twice")
            continue
        found[pupil.pupil_id] = (row.number, pupil)
    return found


def contacts_of(table: Table, listed: Listed | None = None) -> dict[str, tuple[Contact, ...]]:
    """Given the rows of contacts.csv, return each pupil's contacts by pupil id.

    Rows about pupils who are not ``listed`` are passed over; None: any pupil may come.
    """
    contacts: dict[str, list[Contact]] = {}
    rows: dict[tuple[str, str], int] = {}
    not_listed: Counter[str] = Counter()
    for row in table:
        pupil_id = row.required("pupil_id")
        if listed is not None and pupil_id and pupil_id not in listed.ids:
            not_listed[pupil_id] += 1
            continue
        contact = _contact(row)
        earlier = rows.setdefault((pupil_id, contact.contact_id), row.number)
        if earlier != row.number and pupil_id and contact.contact_id:
            message = f"this contact of this pupil stands in {table.unit} {earlier} already"
            table.error(row.number, "contact_id", message, "keep one", same="twice")
            continue
        contacts.setdefault(pupil_id, []).append(contact)
    if listed is not None:
        listed.pass_over(table.findings, table.file, "contact", not_listed)
    return {pupil_id: tuple(adults) for pupil_id, adults in contacts.items()}


def with_enrolments(
    pupils: Mapping[str, Pupil], path: Path, findings: Findings, listed: Listed, columns: Columns
) -> dict[str, Pupil]:
    """Given enrolments.csv, which may be missing, return the pupils by id with the spells on roll that it gives.

    A pupil without a row keeps the one spell of pupils.csv.
    """
    table = read_table(
        path, findings, required=("pupil_id", "from"), known=ENROLMENT_COLUMNS, optional=True, columns=columns
    )
    spells: dict[str, list[tuple[int, Spell]]] = {}
    not_listed: Counter[str] = Counter()
    for row in table or ():
        pupil_id = row.required("pupil_id")
        if pupil_id and pupil_id not in listed.ids:
            not_listed[pupil_id] += 1
            continue
        spell = _spell(row)
        if spell:
            spells.setdefault(pupil_id, []).append((row.number, spell))
    listed.pass_over(findings, path.name, "spell", not_listed)
    for of_pupil in spells.values():
        of_pupil.sort(key=lambda entry: entry[1].start or date.min)
        for (first, earlier), (second, later) in pairwise(of_pupil):
            if table and (earlier.end is None or later.start is None or later.start <= earlier.end):
                column = "from" if second > first else "to"
                message = f"the spell {later.words if second > first else earlier.words} overlaps the one of row {min(first, second)}"
                fix = "correct the dates: a spell ends on the leaving date, the next one begins after it"
                table.error(max(first, second), column, message, fix, same="overlap")
    return {
        pupil_id: pupil.with_spells(*(spell for _, spell in spells[pupil_id]))
        if pupil_id in spells
        else pupil
        for pupil_id, pupil in pupils.items()
    }


def warn_of_no_school_day(
    pupils: Mapping[str, Pupil], calendar: Calendar, findings: Findings, file: str
) -> None:
    """Count the pupils on roll on no school day of the calendar: next year's starters and those who left before it."""
    first, last = calendar.school_days[0], calendar.school_days[-1]
    without = sum(
        1
        for pupil in pupils.values()
        if not any(
            calendar.last_school_day(max(spell.start or first, first), min(spell.end or last, last))
            for spell in pupil.spells
        )
    )
    if without:
        who = "1 pupil is" if without == 1 else f"{without:,} pupils are"
        message = f"{who} on roll on no school day of the calendar, {first} to {last}: no possible session"
        findings.warning(file, message)


def _spell(row: Row) -> Spell | None:
    before = row.table.findings.count
    start, end = row.day("from"), row.day("to")
    kind = row.text("kind").lower() or "main"
    if kind not in SPELL_KINDS:
        message = f"is none of {', '.join(SPELL_KINDS)}"
        row.table.error(row.number, "kind", message, "correct or empty the cell")
    if start and end and end < start:
        row.table.error(row.number, "to", "lies before from", "swap or correct the dates")
    return Spell(start, end, cast(SpellKind, kind)) if row.table.findings.count == before else None


def _pupil(row: Row) -> Pupil:
    pupil = Pupil(
        pupil_id=row.required("pupil_id"),
        upn=row.text("upn"),
        legal_forename=row.text("legal_forename"),
        legal_surname=row.text("legal_surname"),
        preferred_forename=row.text("preferred_forename"),
        preferred_surname=row.text("preferred_surname"),
        date_of_birth=row.day("date_of_birth", personal=True),
        gender=row.text("gender"),
        year_group=row.text("year_group"),
        registration_group=row.text("registration_group"),
        on_roll_from=row.day("on_roll_from"),
        on_roll_to=row.day("on_roll_to"),
        sen_status=row.one_of("sen_status", ("N", "K", "E")),
        ethnicity=row.text("ethnicity"),
        first_language=row.text("first_language"),
        part_time_from=row.day("part_time_from"),
        part_time_to=row.day("part_time_to"),
        admission_number=row.text("admission_number"),
        deceased=row.flag("deceased"),
        fsm=row.flag("fsm"),
        pupil_premium=row.flag("pupil_premium"),
        eal=row.flag("eal"),
        looked_after=row.flag("looked_after"),
        social_worker=row.flag("social_worker"),
        child_protection=row.flag("child_protection"),
        young_carer=row.flag("young_carer"),
        unknown=frozenset(name for name in KNOWABLE if name not in row.table),
    )
    for start, end in (("on_roll_from", "on_roll_to"), ("part_time_from", "part_time_to")):
        first, last = getattr(pupil, start), getattr(pupil, end)
        if first and last and last < first:
            row.table.error(row.number, end, f"is before {start}", "swap or correct the dates")
    return pupil


def _contact(row: Row) -> Contact:
    language = row.text("language").lower()
    if language and not _LANGUAGE.fullmatch(language):
        row.table.findings.warning(
            row.table.file,
            "is not a language tag and was taken as the school's own language",
            "write two letters, such as cy for Welsh",
            row=row.number,
            column="language",
        )
        language = ""
    lines = (row.text("address_1"), row.text("address_2"), row.text("address_3"))
    return Contact(
        contact_id=row.required("contact_id"),
        title=row.text("title"),
        forename=row.text("forename"),
        surname=row.text("surname"),
        salutation=row.text("salutation"),
        relationship=row.text("relationship"),
        priority=row.number_or_none("priority", least=0),
        parental_responsibility=row.flag("parental_responsibility"),
        court_order=row.flag_or_none("court_order"),
        correspondence=row.flag_or_none("correspondence"),
        language=language,
        address=Address(
            tuple(line for line in lines if line),
            row.text("town"),
            row.text("county"),
            row.text("postcode"),
            row.text("country"),
        ),
        email=row.text("email"),
        telephones=tuple(dict.fromkeys(number for column in TELEPHONES if (number := row.text(column)))),
        deceased=row.flag("deceased"),
        refuge=row.flag("refuge"),
    )
