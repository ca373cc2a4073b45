"""Pupils with their contacts and flags, from Arbor's rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from connector.adapters.arbor.rows import (
    SPANS,
    Row,
    Want,
    code_of,
    current,
    day_of,
    in_force,
    number_of,
    related_id,
    text_of,
)
from connector.adapters.arbor.settings import ArborSettings
from connector.adapters.arbor.wire import no_access
from connector.adapters.spells import joined
from rules.school import Address, Contact, Pupil, Spell

_PERSON = "id legalFirstName legalLastName preferredFirstName preferredLastName"
STUDENT = Want(
    "Student",
    f"id studentNumber ethnicity {{ code ethnicityName }} person {{ {_PERSON} dateOfBirth gender {{ code }} }}",
)
ENROLMENT = "EducationalInstitutionEnrolment"
"""One row for each spell on roll: a pupil who left and came back has several."""
UPN = "UkDfe_UpnAssignment"
OF_STUDENT: Mapping[str, Want] = {
    want.type: want
    for want in (
        Want(UPN, "id upn startDatetime endDatetime isTemporary student { id }"),
        Want(ENROLMENT, "id entryDate leavingDate student { id }"),
        Want(
            "AcademicLevelMembership",
            "id startDate endDate student { id } academicLevel { id academicLevelName }",
        ),
        Want(
            "RegistrationFormMembership",
            "id startDate endDate student { id } registrationForm { id registrationFormName }",
        ),
        Want(
            "SenStatusAssignment",
            "id startDate endDate student { id } senStatus { code exportCode countsAsSenStatus }",
        ),
        Want(
            "InCareStatusAssignment",
            "id startDate endDate student { id } inCareStatus { code countsAsInCareStatus }",
        ),
        Want("UkDfe_PupilPremiumRecipient", "id startDate endDate student { id }"),
        Want("UkDfe_EnglishProficiency", "id student { id }"),
        Want("ChildProtectionStatusAssignment", "id startDate endDate student { id }"),
        Want("UkDfe_YoungCarerStatusAssignment", "id startDate endDate student { id }"),
        Want(
            "StudentAttendancePattern",
            "id startDate endDate student { id } attendancePattern { code isPartTime }",
        ),
        Want(
            "StudentGuardianRelationship",
            "id student { id } guardianRelationshipType { code relationshipName } isLegalGuardian isPrimaryGuardian "
            "emergencyContactPriority unsubscribedFromComms "
            f"guardian {{ id person {{ {_PERSON} title {{ code title }} }} }}",
        ),
    )
}
"""What hangs on a student, by type."""
OF_PERSON: Mapping[str, Want] = {
    want.type: want
    for want in (
        Want("EligibilityRecord", "id startDate endDate person { id } eligibility { code eligibilityName }"),
        Want("LanguageAbility", "id isFirstLanguage person { id } language { code label iso6391Alpha2 }"),
        Want(
            "CustomGroupMembership", "id startDate endDate person { id } customGroup { id customGroupName }"
        ),
    )
}
"""What hangs on a person, by type."""
COURT_ORDER_PARTIES = Want(
    "CourtOrderParty", "id party { id entityType } courtOrder { id effectiveDate endDate }"
)

Owner = tuple[str, str]
"""Type and id of an object that an address, an email or a court order names."""


@dataclass(frozen=True)
class Batch:
    """The rows of some pupils, found by whom they are about."""

    students: Sequence[Row]
    of_student: Mapping[str, Mapping[str, Sequence[Row]]]
    """Type -> student's id -> rows."""
    of_person: Mapping[str, Mapping[str, Sequence[Row]]]
    addresses: Mapping[Owner, Sequence[Row]]
    emails: Mapping[Owner, Sequence[Row]]
    orders: Sequence[Row]
    """Court order parties."""


def grouped(rows: Iterable[Row], name: str) -> dict[str, list[Row]]:
    """Return rows by the id of a related object."""
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        found[related_id(row, name)].append(row)
    return dict(found)


def by_owner(rows: Iterable[Row], name: str) -> dict[Owner, list[Row]]:
    """Return rows by the type and id of an object that may be of several types."""
    found: dict[Owner, list[Row]] = defaultdict(list)
    for row in rows:
        found[owner_of(row, name)].append(row)
    return dict(found)


def owner_of(row: Row, name: str) -> Owner:
    """Return whom a row's property names."""
    held = row.get(name)
    return (text_of(held, "entityType"), related_id(row, name)) if isinstance(held, dict) else ("", "")


def pupil_of(student: Row, batch: Batch, day: date, settings: ArborSettings) -> Pupil | None:
    """Return one pupil as on the day; None for somebody who was never enrolled, such as an applicant."""
    student_id = str(student["id"])

    def rows(type_name: str) -> Sequence[Row]:
        return batch.of_student.get(type_name, {}).get(student_id, ())

    def held(type_name: str) -> list[Row]:
        return [row for row in rows(type_name) if in_force(row, day, type_name)]

    enrolments = rows(ENROLMENT)
    if not enrolments:
        return None
    person = student.get("person")
    if person is None:
        raise no_access("Student.person")
    person_id = str(person.get("id", ""))
    level = current(rows("AcademicLevelMembership"), day, "AcademicLevelMembership")
    form = current(rows("RegistrationFormMembership"), day, "RegistrationFormMembership")
    part_time = current(
        [r for r in rows("StudentAttendancePattern") if _flag(r, "attendancePattern", "isPartTime")],
        day,
        "StudentAttendancePattern",
    )
    ethnicity = student.get("ethnicity")
    language = _first_language(batch, person_id)
    return Pupil(
        pupil_id=student_id,
        upn=upns_of(rows(UPN), day)[-1],
        legal_forename=text_of(person, "legalFirstName"),
        legal_surname=text_of(person, "legalLastName"),
        preferred_forename=text_of(person, "preferredFirstName"),
        preferred_surname=text_of(person, "preferredLastName"),
        date_of_birth=day_of(person.get("dateOfBirth"), f"student {student_id} dateOfBirth"),
        gender=code_of(person.get("gender"))[:1],
        year_group=_name_in(level, "academicLevel", "academicLevelName"),
        registration_group=_name_in(form, "registrationForm", "registrationFormName"),
        spells=joined(_spell(row, student_id) for row in enrolments),
        fsm=_eligible(batch.of_person.get("EligibilityRecord", {}).get(person_id, ()), day, settings),
        pupil_premium=bool(held("UkDfe_PupilPremiumRecipient")),
        eal=bool(rows("UkDfe_EnglishProficiency"))
        or bool(language and language not in settings.home_languages),
        looked_after=any(
            _flag(row, "inCareStatus", "countsAsInCareStatus") for row in held("InCareStatusAssignment")
        ),
        social_worker=any(
            _name_in(row, "customGroup", "customGroupName") == settings.social_worker_group
            and in_force(row, day, "CustomGroupMembership")
            for row in batch.of_person.get("CustomGroupMembership", {}).get(person_id, ())
        ),
        child_protection=bool(held("ChildProtectionStatusAssignment")),
        young_carer=bool(held("UkDfe_YoungCarerStatusAssignment")),
        sen_status=_sen(held("SenStatusAssignment"), day),
        ethnicity=text_of(ethnicity, "ethnicityName") if isinstance(ethnicity, dict) else "",
        first_language=language,
        part_time_from=day_of(part_time.get("startDate"), "attendance pattern startDate")
        if part_time
        else None,
        part_time_to=day_of(part_time.get("endDate"), "attendance pattern endDate") if part_time else None,
        admission_number=text_of(student, "studentNumber"),
        contacts=_contacts(rows("StudentGuardianRelationship"), student_id, person_id, batch, day, settings),
    )


def upns_of(rows: Sequence[Row], day: date) -> list[str]:
    """Return the pupil's UPNs that have not ended before the day (all where each has), the one that holds last.

    That is one in force on the day, permanent before temporary, the last to begin. Without any row one empty UPN.
    """
    _, end = SPANS[UPN]
    left = [row for row in rows if (day_of(row.get(end), end) or day) >= day] or list(rows)
    left.sort(
        key=lambda row: (
            in_force(row, day, UPN),
            not row.get("isTemporary"),
            text_of(row, "startDatetime"),
            number_of(row),
        )
    )
    return [text_of(row, "upn").strip().upper() for row in left] or [""]


def _spell(row: Row, student_id: str) -> Spell:
    """Return one enrolment as a spell on roll. Raise DataError for what is not a date."""
    return Spell(
        day_of(row.get("entryDate"), f"student {student_id} entryDate"),
        day_of(row.get("leavingDate"), f"student {student_id} leavingDate"),
    )


def _name_in(row: Row | None, relation: str, name: str) -> str:
    related = row.get(relation) if row else None
    return text_of(related, name) if isinstance(related, dict) else ""


def _flag(row: Row, relation: str, name: str) -> bool:
    related = row.get(relation)
    return isinstance(related, dict) and bool(related.get(name))


def _eligible(rows: Iterable[Row], day: date, settings: ArborSettings) -> bool:
    meals = {word.casefold() for word in settings.fsm_eligibilities}
    return any(
        in_force(row, day, "EligibilityRecord")
        and (
            code_of(row.get("eligibility")).casefold() in meals
            or _name_in(row, "eligibility", "eligibilityName").casefold() in meals
        )
        for row in rows
    )


def _sen(held: Sequence[Row], day: date) -> str:
    status = (current(held, day, "SenStatusAssignment") or {}).get("senStatus")
    if not isinstance(status, dict):
        return ""
    exported = text_of(status, "exportCode").upper()
    if exported in ("N", "K", "E"):
        return exported
    return "K" if status.get("countsAsSenStatus") else "N"


def _first_language(batch: Batch, person_id: str) -> str:
    rows = batch.of_person.get("LanguageAbility", {}).get(person_id, ())
    return next((_name_in(row, "language", "label") for row in rows if row.get("isFirstLanguage")), "")


# contacts --------------------------------------------------------------------------------------------------


def _contacts(
    rows: Iterable[Row], student_id: str, person_id: str, batch: Batch, day: date, settings: ArborSettings
) -> tuple[Contact, ...]:
    """Return the adults round a pupil, first contact first."""
    child = {("Student", student_id), ("Person", person_id)}
    found = [_contact(row, child, batch, day, settings) for row in rows if related_id(row, "guardian")]
    found.sort(key=lambda contact: (contact.priority is None, contact.priority or 0))
    return tuple(found)


def _contact(row: Row, child: set[Owner], batch: Batch, day: date, settings: ArborSettings) -> Contact:
    guardian = row["guardian"]
    person = guardian.get("person")
    if person is None:
        raise no_access("Guardian.person")
    title = person.get("title")
    me = {("Guardian", str(guardian["id"])), ("Person", str(person.get("id", "")))}
    return Contact(
        contact_id=str(guardian["id"]),
        title=text_of(title, "title") if isinstance(title, dict) else "",
        forename=text_of(person, "preferredFirstName") or text_of(person, "legalFirstName"),
        surname=text_of(person, "preferredLastName") or text_of(person, "legalLastName"),
        relationship=_name_in(row, "guardianRelationshipType", "relationshipName"),
        priority=_priority(row),
        parental_responsibility=bool(row.get("isLegalGuardian")),
        court_order=_restricted(me, child, batch.orders, day),
        correspondence=not (settings.unsubscribed_means_no_letters and row.get("unsubscribedFromComms")),
        language=_letter_language(batch, str(person.get("id", ""))),
        address=_address(me, batch, day),
        email=_email(me, batch),
    )


def _priority(row: Row) -> int | None:
    value = row.get("emergencyContactPriority")
    if value is None:
        return 1 if row.get("isPrimaryGuardian") else None
    return int(value)


def _restricted(me: set[Owner], child: set[Owner], orders: Iterable[Row], day: date) -> bool:
    """Return True when an order in force names this adult and, where it names children at all, this child."""
    parties: dict[str, set[Owner]] = defaultdict(set)
    for row in orders:
        if in_force(row["courtOrder"] or {}, day, "CourtOrder"):
            parties[related_id(row, "courtOrder")].add(owner_of(row, "party"))
    for named in parties.values():
        children = {owner for owner in named if owner[0] == "Student"}
        if named & me and (not children or children & child):
            return True
    return False


def _address(me: set[Owner], batch: Batch, day: date) -> Address:
    """Return where letters go: the correspondence address in force, else any in force, else none."""
    rows = [
        row
        for owner in me
        for row in batch.addresses.get(owner, ())
        if in_force(row, day, "PostalAddressOccupancy") and isinstance(row.get("postalAddress"), dict)
    ]
    rows.sort(key=lambda row: (not row.get("isCorrespondenceAddress"), -number_of(row)))
    return address_of(rows[0]["postalAddress"]) if rows else Address()


def address_of(row: Row | None) -> Address:
    """Return a postal address; empty for none."""
    if row is None:
        return Address()
    country = row.get("country")
    lines = tuple(text for name in ("address1", "address2", "address3") if (text := text_of(row, name)))
    return Address(
        lines=lines,
        town=text_of(row, "postalTown"),
        county=text_of(row, "postalState"),
        postcode=text_of(row, "postalCode"),
        country=text_of(country, "longName") if isinstance(country, dict) else "",
    )


def _email(me: set[Owner], batch: Batch) -> str:
    rows = [row for owner in me for row in batch.emails.get(owner, ())]
    order: Callable[[Row], tuple[bool, int, int]] = lambda row: (  # noqa: E731
        text_of(row, "emailAddressType").upper() == "WORK",
        int(row.get("dataOrder") or 0),
        number_of(row),
    )
    return text_of(min(rows, key=order), "emailAddress") if rows else ""


def _letter_language(batch: Batch, person_id: str) -> str:
    """Return the two-letter tag of an adult's first language; empty for English, in which letters are anyway."""
    for row in batch.of_person.get("LanguageAbility", {}).get(person_id, ()):
        language = row.get("language")
        if row.get("isFirstLanguage") and isinstance(language, dict):
            tag = text_of(language, "iso6391Alpha2").lower()
            return "" if tag == "en" else tag
    return ""
