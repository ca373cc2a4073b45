"""Pupils and their flags, from Arbor's rows; their contacts are made in contacts.py."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date

from connector.adapters.arbor.asked import ENROLMENT, UPN
from connector.adapters.arbor.pupils.batch import Batch
from connector.adapters.arbor.pupils.contacts import contacts_of, has_died
from connector.adapters.arbor.rows import (
    SPANS,
    Owner,
    Row,
    code_of,
    current,
    day_of,
    flag_of,
    in_force,
    name_in,
    number_of,
    text_of,
)
from connector.adapters.arbor.settings import ArborSettings
from connector.adapters.arbor.wire import no_access
from connector.adapters.spells import joined
from rules.school import KNOWABLE, Pupil, Spell


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
    child = {("Student", student_id), ("Person", person_id)}
    language = _first_language(child, batch)
    eal = bool(rows("UkDfe_EnglishProficiency")) or bool(language and language not in settings.home_languages)
    hidden = {fact for fact in batch.hidden.facts if fact in KNOWABLE}
    return Pupil(
        pupil_id=student_id,
        upn=upns_of(rows(UPN), day)[-1],
        legal_forename=text_of(person, "legalFirstName"),
        legal_surname=text_of(person, "legalLastName"),
        preferred_forename=text_of(person, "preferredFirstName"),
        preferred_surname=text_of(person, "preferredLastName"),
        date_of_birth=day_of(person.get("dateOfBirth"), f"student {student_id} dateOfBirth"),
        gender=code_of(person.get("gender"))[:1],
        year_group=name_in(level, "academicLevel", "academicLevelName"),
        registration_group=name_in(form, "registrationForm", "registrationFormName"),
        spells=joined(_spell(row, student_id) for row in enrolments),
        fsm=_eligible(batch.about("EligibilityRecord", child), day, settings),
        pupil_premium=bool(held("UkDfe_PupilPremiumRecipient")),
        eal=eal,
        looked_after=any(
            _flag(row, "inCareStatus", "countsAsInCareStatus") for row in held("InCareStatusAssignment")
        ),
        social_worker=any(
            name_in(row, "customGroup", "customGroupName") == settings.social_worker_group
            and in_force(row, day, "CustomGroupMembership")
            for row in batch.about("CustomGroupMembership", child)
        ),
        child_protection=bool(held("ChildProtectionStatusAssignment")),
        young_carer=bool(held("UkDfe_YoungCarerStatusAssignment")),
        sen_status=_sen(held("SenStatusAssignment"), day),
        ethnicity=name_in(student, "ethnicity", "ethnicityName"),
        first_language=language,
        part_time_from=day_of(part_time.get("startDate"), "attendance pattern startDate")
        if part_time
        else None,
        part_time_to=day_of(part_time.get("endDate"), "attendance pattern endDate") if part_time else None,
        admission_number=text_of(student, "studentNumber"),
        contacts=contacts_of(rows("StudentGuardianRelationship"), child, batch, day, settings),
        deceased=has_died(person),
        unknown=frozenset(hidden - {"eal"} if eal else hidden),
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
            not flag_of(row.get("isTemporary")),
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


def _flag(row: Row, relation: str, name: str) -> bool:
    related = row.get(relation)
    return isinstance(related, dict) and bool(flag_of(related.get(name)))


def _eligible(rows: Iterable[Row], day: date, settings: ArborSettings) -> bool:
    meals = {word.casefold() for word in settings.fsm_eligibilities}
    return any(
        in_force(row, day, "EligibilityRecord")
        and (
            code_of(row.get("eligibility")).casefold() in meals
            or name_in(row, "eligibility", "eligibilityName").casefold() in meals
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
    return "K" if flag_of(status.get("countsAsSenStatus")) else "N"


def _first_language(child: Collection[Owner], batch: Batch) -> str:
    rows = batch.about("LanguageAbility", child)
    return next(
        (name_in(row, "language", "label") for row in rows if flag_of(row.get("isFirstLanguage"))), ""
    )
