"""The made-up school's pupils in Arbor's terms, with their contacts and circumstances."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from connector.mock.arbor.lookups import (
    FEMALE_RELATIONS,
    MALE_RELATIONS,
    NewRow,
    code_for,
    language_ref,
)
from connector.mock.arbor.row_maker import RowMaker, iso
from connector.mock.arbor.rows import Ref, Rows
from connector.mock.arbor.school_facts import SOCIAL_WORKER_GROUP
from connector.mock.school import MadeUpSchool
from rules.school import Contact, LeaveRequest, Pupil

_SEN = {"N": "NO_SEN", "K": "SEN_SUPPORT", "E": "EHCP"}
_GENDERS = {"F": "FEMALE", "M": "MALE"}


class PupilFacts(RowMaker):
    """The rows that are about a pupil."""

    def __init__(self, school: MadeUpSchool, rows: Rows, *, numbers_of: str) -> None:
        """``numbers_of``: whose telephone numbers are, "guardian" or "person"."""
        super().__init__(school, rows)
        self._numbers_of = numbers_of

    def absence_notes(self, requests: Iterable[LeaveRequest]) -> Iterator[NewRow]:
        """Leave that was asked for beforehand, as the office enters it."""
        for request in requests:
            yield self._new_row(
                "StudentAbsenceNote",
                f"{request.pupil_id} {request.start}",
                student=Ref("Student", request.pupil_id),
                absenceStartDatetime=f"{iso(request.start)} 08:55:00",
                absenceEndDatetime=f"{iso(request.end)} 15:30:00",
                notes=f"Leave requested on {iso(request.requested)}: {request.kind}",
            )

    def pupil(self, pupil: Pupil) -> Iterator[NewRow]:
        """Yield one pupil with all that belongs to it; adults of siblings come once for each sibling, the same each time."""
        student = Ref("Student", pupil.pupil_id)
        person = self._ref("Person", f"pupil {pupil.pupil_id}")
        gender = _GENDERS.get(pupil.gender)
        yield (
            "Person",
            person.id,
            {
                "legalFirstName": pupil.legal_forename,
                "legalLastName": pupil.legal_surname,
                "preferredFirstName": pupil.preferred_forename or None,
                "preferredLastName": pupil.preferred_surname or None,
                "dateOfBirth": iso(pupil.date_of_birth),
                "gender": Ref("Gender", gender) if gender else None,
                "deceased": pupil.deceased,
            },
        )
        ethnicity = Ref("Ethnicity", code_for(pupil.ethnicity)) if pupil.ethnicity else None
        if ethnicity:
            yield "Ethnicity", ethnicity.id, {"code": ethnicity.id, "ethnicityName": pupil.ethnicity}
        yield (
            "Student",
            student.id,
            {
                "person": person,
                "ethnicity": ethnicity,
                "studentNumber": pupil.admission_number or None,
                "isActiveOutgoingSync": True,
                "isActiveIncomingSync": True,
            },
        )
        yield from self._enrolment(pupil, student)
        yield from self._circumstances(pupil, student, person)
        for contact in pupil.contacts:
            yield from self._contact(contact, pupil, student)

    def _enrolment(self, pupil: Pupil, student: Ref) -> Iterator[NewRow]:
        key = pupil.pupil_id
        start = max(pupil.on_roll_from or self._year.start, self._year.start)
        span = {"startDate": iso(start), "endDate": iso(pupil.on_roll_to or self._year.end)}
        if pupil.upn:
            yield self._new_row(
                "UkDfe_UpnAssignment",
                key,
                student=student,
                upn=pupil.upn,
                issuedEstablishmentNumber=pupil.upn[4:8],
                issuedYear=pupil.upn[8:10],
                issuedSerialNumber=pupil.upn[10:],
                isTemporary=False,
                endDatetime=None,
            )
        for number, spell in enumerate(pupil.spells):
            yield self._new_row(
                "EducationalInstitutionEnrolment",
                f"{key} {number}" if number else key,
                student=student,
                entryDate=iso(spell.start),
                leavingDate=iso(spell.end),
            )
        year = self._ref("AcademicYear", self._year.name)
        yield self._new_row("AcademicYearEnrolment", key, academicYear=year, student=student, **span)
        if pupil.year_group:
            level = self._ref("AcademicLevel", pupil.year_group)
            yield self._new_row("AcademicLevelMembership", key, academicLevel=level, student=student, **span)
        if pupil.registration_group:
            form = self._ref("RegistrationForm", pupil.registration_group)
            yield self._new_row(
                "RegistrationFormMembership", key, registrationForm=form, student=student, **span
            )

    def _circumstances(self, pupil: Pupil, student: Ref, person: Ref) -> Iterator[NewRow]:
        key = pupil.pupil_id
        since = {"startDate": iso(self._year.start), "endDate": None}
        if pupil.sen_status:
            status = Ref("SenStatus", _SEN[pupil.sen_status])
            yield self._new_row("SenStatusAssignment", key, senStatus=status, student=student, **since)
        if pupil.looked_after:
            care = Ref("InCareStatus", "LOOKED_AFTER")
            yield self._new_row("InCareStatusAssignment", key, inCareStatus=care, student=student, **since)
        if pupil.fsm:
            meals = Ref("Eligibility", "FREE_SCHOOL_MEALS")
            yield self._new_row("EligibilityRecord", key, eligibility=meals, person=person, **since)
        if pupil.pupil_premium:
            yield self._new_row("UkDfe_PupilPremiumRecipient", key, student=student, fte=1.0, **since)
        if pupil.first_language:
            language = language_ref(pupil.first_language)
            yield "Language", language.id, {"code": language.id, "label": pupil.first_language}
            yield self._new_row(
                "LanguageAbility",
                f"pupil {key}",
                person=person,
                language=language,
                isFirstLanguage=True,
                isSpokenAtHome=True,
            )
        if pupil.eal:
            yield self._new_row(
                "UkDfe_EnglishProficiency",
                key,
                student=student,
                proficiency="COMPETENT",
                proficiencyDate=iso(self._year.start),
            )
        if pupil.child_protection:
            plan = Ref("ChildProtectionStatus", "ON_PLAN")
            yield self._new_row(
                "ChildProtectionStatusAssignment", key, childProtectionStatus=plan, student=student, **since
            )
        if pupil.young_carer:
            yield self._new_row("UkDfe_YoungCarerStatusAssignment", key, student=student, **since)
        if pupil.social_worker:
            group = self._ref("CustomGroup", SOCIAL_WORKER_GROUP)
            yield self._new_row("CustomGroupMembership", key, customGroup=group, person=person, **since)
        if pupil.part_time_from or pupil.part_time_to:
            yield self._new_row(
                "StudentAttendancePattern",
                key,
                academicYear=self._ref("AcademicYear", self._year.name),
                student=student,
                attendancePattern=Ref("AttendancePattern", "PART_TIME"),
                startDate=iso(pupil.part_time_from),
                endDate=iso(pupil.part_time_to),
            )

    def _contact(self, contact: Contact, pupil: Pupil, student: Ref) -> Iterator[NewRow]:
        key = contact.contact_id
        guardian = Ref("Guardian", key)
        person = self._ref("Person", f"guardian {key}")
        if contact.title:
            title = code_for(contact.title)
            yield "Title", title, {"code": title, "active": True, "title": contact.title}
        yield (
            "Person",
            person.id,
            {
                "title": Ref("Title", code_for(contact.title)) if contact.title else None,
                "legalFirstName": contact.forename,
                "legalLastName": contact.surname,
                "deceased": contact.deceased,
            },
        )
        yield "Guardian", key, {"person": person, "shareContactDetails": not contact.refuge}
        kind = (
            Ref("GuardianRelationshipType", code_for(contact.relationship)) if contact.relationship else None
        )
        if kind:
            yield (
                "GuardianRelationshipType",
                kind.id,
                {
                    "code": kind.id,
                    "active": True,
                    "relationshipName": contact.relationship,
                    "isMale": contact.relationship in MALE_RELATIONS,
                    "isFemale": contact.relationship in FEMALE_RELATIONS,
                },
            )
        yield self._new_row(
            "StudentGuardianRelationship",
            f"{pupil.pupil_id} {key}",
            student=student,
            guardian=guardian,
            guardianRelationshipType=kind,
            isLegalGuardian=contact.parental_responsibility,
            isPrimaryGuardian=contact.priority == 1,
            isAuthorizedToCollect=contact.parental_responsibility and not contact.court_order,
            emergencyContactPriority=None if contact.priority is None else str(contact.priority),
            unsubscribedFromComms=not contact.correspondence,
            guardianUserAuthorized=False,
        )
        if contact.court_order:
            yield from self._court_order(pupil, student, guardian)
        kind_of_address = "REFUGE" if contact.refuge else "HOME"
        yield from self._address("Guardian", key, key, contact.address, kind_of_address)
        if contact.email:
            yield self._new_row(
                "EmailAddress",
                key,
                emailAddressOwner=guardian,
                emailAddressType="HOME",
                emailAddress=contact.email,
            )
        owner = guardian if self._numbers_of == "guardian" else person
        for number, telephone in enumerate(contact.telephones, start=1):
            yield self._new_row(
                "TelephoneNumber",
                f"{key} {number}",
                numberOwner=owner,
                telephoneNumberType="MOBILE" if telephone.startswith("07") else "HOME",
                number=telephone,
                telephoneNumberRanking=number,
            )
        if contact.language:
            language = language_ref(tag=contact.language)
            yield self._new_row(
                "LanguageAbility",
                f"guardian {key}",
                person=person,
                language=language,
                isFirstLanguage=True,
                isSpokenAtHome=True,
            )

    def _court_order(self, pupil: Pupil, student: Ref, guardian: Ref) -> Iterator[NewRow]:
        key = f"{pupil.pupil_id} {guardian.id}"
        order = self._ref("CourtOrder", key)
        yield self._new_row(
            "CourtOrder", key, summary="Prohibited steps order", effectiveDate=iso(self._year.start)
        )
        yield self._new_row("CourtOrderParty", f"{key} pupil", courtOrder=order, party=student)
        yield self._new_row("CourtOrderParty", f"{key} adult", courtOrder=order, party=guardian)
