"""The made-up school told in Arbor's terms: the rows that its API would hold at the end of a day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from connector.mock.arbor.lookups import (
    FEMALE_RELATIONS,
    MALE_RELATIONS,
    Rowlet,
    code_for,
    language_ref,
)
from connector.mock.arbor.rows import Ref, Rows
from connector.mock.school import MadeUpSchool
from rules.calendar import Calendar, Period
from rules.school import Address, Contact, Pupil

SOCIAL_WORKER_GROUP = "Social worker"
_SEN = {"N": "NO_SEN", "K": "SEN_SUPPORT", "E": "EHCP"}
_GENDERS = {"F": "FEMALE", "M": "MALE"}


def iso(day: date | None) -> str | None:
    """A date as the API prints it."""
    return day.isoformat() if day else None


class Facts:
    """Tells one school; ids come from ``rows`` and stay the same."""

    def __init__(self, school: MadeUpSchool, rows: Rows) -> None:
        self._school = school
        self._rows = rows
        self._year = school.calendar.year_of(school.first_day)

    def _ref(self, type_name: str, natural: str) -> Ref:
        return Ref(type_name, self._rows.id_for(type_name, natural))

    def _rowlet(self, type_name: str, natural: str, **values: Any) -> Rowlet:
        return type_name, self._rows.id_for(type_name, natural), values

    # the school itself -------------------------------------------------------------------------------------

    def school(self) -> Iterator[Rowlet]:
        """The school, its groups and the people who keep its registers."""
        details, school = self._school.details, self._school
        authority = Ref("LocalAuthority", code_for(details.authority))
        phase = code_for(details.phase)
        yield "LocalAuthority", authority.id, {"code": authority.id, "name": details.authority}
        yield "UkDfe_CensusSchoolPhase", phase, {"code": phase, "label": details.phase.title()}
        yield self._rowlet(
            "EducationalInstitution",
            details.urn,
            educationalInstitutionName=details.name,
            shortName=details.name,
            urn=details.urn,
            website=details.website,
            localAuthority=authority,
            censusSchoolPhase=Ref("UkDfe_CensusSchoolPhase", phase),
        )
        yield from self._lives("EducationalInstitution", details.urn, "school", details.address)
        here = self._ref("EducationalInstitution", details.urn)
        yield self._rowlet(
            "EmailAddress",
            "school",
            emailAddressOwner=here,
            emailAddressType="WORK",
            emailAddress=details.email,
        )
        yield self._rowlet(
            "TelephoneNumber",
            "school",
            numberOwner=here,
            telephoneNumberType="WORK",
            number=details.telephone,
            telephoneNumberRanking=1,
        )
        for name, role in school.staff:
            yield from self._staff(name, role)
        year = self._ref("AcademicYear", self._year.name)
        for order, group in enumerate(school.year_groups):
            yield self._rowlet(
                "AcademicLevel",
                group,
                academicLevelName=group,
                shortName=group,
                academicYear=year,
                displayOrder=order,
            )
        for order, group in enumerate(school.registration_groups):
            yield self._rowlet(
                "RegistrationForm",
                group,
                code=group,
                registrationFormName=group,
                shortName=group,
                academicYear=year,
                displayOrder=order,
            )
        yield self._rowlet(
            "CustomGroup", SOCIAL_WORKER_GROUP, customGroupName=SOCIAL_WORKER_GROUP, containsStudents=True
        )

    def _staff(self, name: str, role: str) -> Iterator[Rowlet]:
        first, _, last = name.rpartition(" ")
        yield self._rowlet("Person", f"staff {name}", legalFirstName=first, legalLastName=last)
        yield self._rowlet("Staff", name, person=self._ref("Person", f"staff {name}"), legacySystemId=role)

    # the calendar ------------------------------------------------------------------------------------------

    def calendar(self) -> Iterator[Rowlet]:
        """Years, terms, holidays with half-term breaks among them, and every day with whether it is a school day."""
        calendar = self._school.calendar
        for year in calendar.years:
            yield self._rowlet(
                "AcademicYear",
                year.name,
                academicYearName=year.name,
                code=year.name,
                startDate=iso(year.start),
                endDate=iso(year.end),
                timetableCycleLength=1,
            )
        for term in calendar.terms:
            yield self._rowlet(
                "Term",
                term.name,
                academicYear=self._ref("AcademicYear", calendar.year_of(term.start).name),
                termName=term.name,
                shortTermName=term.name[:3],
                code=code_for(term.name),
                startDate=iso(term.start),
                endDate=iso(term.end),
            )
        for period in calendar.periods:
            if period.kind in ("holiday", "inset", "closure"):
                yield self._holiday(calendar, period)
        for year in calendar.years:
            for n in range((year.end - year.start).days + 1):
                yield self._day(calendar, year, year.start + timedelta(days=n))
        for weekday in range(1, 6):
            yield self._rowlet(
                "AcademicWorkingDay", str(weekday), code=str(weekday), dayOfCalendarWeek=weekday
            )

    def _holiday(self, calendar: Calendar, period: Period) -> Rowlet:
        start, end = str(iso(period.start)), str(iso(period.end))
        if period.half:  # a part of a day is told by times (assumption)
            start += " 00:00:00" if period.half == "AM" else " 12:00:00"
            end += " 11:59:59" if period.half == "AM" else " 23:59:59"
        return self._rowlet(
            "AcademicHoliday",
            f"{period.kind} {period.start}",
            academicHolidayType=_holiday_type(calendar, period),
            startDate=start,
            endDate=end,
            holidayLabel=period.name,
        )

    def _day(self, calendar: Calendar, year: Period, day: date) -> Rowlet:
        term = calendar.term_of(day)
        names = [p.name for p in calendar.periods if p.kind == "holiday" and p.start == p.end == day]
        return self._rowlet(
            "AcademicCalendarDate",
            day.isoformat(),
            startDate=iso(day),
            endDate=iso(day),
            calendarYear=day.year,
            calendarMonth=day.month,
            calendarWeek=day.isocalendar().week,
            calendarDay=day.day,
            calendarDayOfWeek=day.isoweekday(),
            isPublicHoliday=bool(names),
            publicHolidayName=names[0] if names else None,
            academicYear=self._ref("AcademicYear", year.name),
            term=self._ref("Term", term.name) if term else None,
            isGoodSchoolDay=calendar.is_school_day(day),
            code=day.strftime("%Y%m%d"),
            active=True,
        )

    # people ------------------------------------------------------------------------------------------------

    def pupil(self, pupil: Pupil) -> Iterator[Rowlet]:
        """One pupil with everything round it; the adults of siblings are told once for each, alike."""
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
                "deceased": False,
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

    def _enrolment(self, pupil: Pupil, student: Ref) -> Iterator[Rowlet]:
        key = pupil.pupil_id
        start = max(pupil.on_roll_from or self._year.start, self._year.start)
        span = {"startDate": iso(start), "endDate": iso(pupil.on_roll_to or self._year.end)}
        if pupil.upn:
            yield self._rowlet(
                "UkDfe_UpnAssignment",
                key,
                student=student,
                upn=pupil.upn,
                isTemporary=False,
                endDatetime=None,
            )
        yield self._rowlet(
            "EducationalInstitutionEnrolment",
            key,
            student=student,
            entryDate=iso(pupil.on_roll_from),
            leavingDate=iso(pupil.on_roll_to),
        )
        year = self._ref("AcademicYear", self._year.name)
        yield self._rowlet("AcademicYearEnrolment", key, academicYear=year, student=student, **span)
        if pupil.year_group:
            level = self._ref("AcademicLevel", pupil.year_group)
            yield self._rowlet("AcademicLevelMembership", key, academicLevel=level, student=student, **span)
        if pupil.registration_group:
            form = self._ref("RegistrationForm", pupil.registration_group)
            yield self._rowlet(
                "RegistrationFormMembership", key, registrationForm=form, student=student, **span
            )

    def _circumstances(self, pupil: Pupil, student: Ref, person: Ref) -> Iterator[Rowlet]:
        key = pupil.pupil_id
        since = {"startDate": iso(self._year.start), "endDate": None}
        if pupil.sen_status:
            status = Ref("SenStatus", _SEN[pupil.sen_status])
            yield self._rowlet("SenStatusAssignment", key, senStatus=status, student=student, **since)
        if pupil.looked_after:
            care = Ref("InCareStatus", "LOOKED_AFTER")
            yield self._rowlet("InCareStatusAssignment", key, inCareStatus=care, student=student, **since)
        if pupil.fsm:
            meals = Ref("Eligibility", "FREE_SCHOOL_MEALS")
            yield self._rowlet("EligibilityRecord", key, eligibility=meals, person=person, **since)
        if pupil.pupil_premium:
            yield self._rowlet("UkDfe_PupilPremiumRecipient", key, student=student, fte=1.0, **since)
        if pupil.first_language:
            language = language_ref(pupil.first_language)
            yield "Language", language.id, {"code": language.id, "label": pupil.first_language}
            yield self._rowlet(
                "LanguageAbility",
                f"pupil {key}",
                person=person,
                language=language,
                isFirstLanguage=True,
                isSpokenAtHome=True,
            )
        if pupil.eal:
            yield self._rowlet(
                "UkDfe_EnglishProficiency",
                key,
                student=student,
                proficiency="COMPETENT",
                proficiencyDate=iso(self._year.start),
            )
        if pupil.child_protection:
            plan = Ref("ChildProtectionStatus", "ON_PLAN")
            yield self._rowlet(
                "ChildProtectionStatusAssignment", key, childProtectionStatus=plan, student=student, **since
            )
        if pupil.young_carer:
            yield self._rowlet("UkDfe_YoungCarerStatusAssignment", key, student=student, **since)
        if pupil.social_worker:
            group = self._ref("CustomGroup", SOCIAL_WORKER_GROUP)
            yield self._rowlet("CustomGroupMembership", key, customGroup=group, person=person, **since)
        if pupil.part_time_from or pupil.part_time_to:
            yield self._rowlet(
                "StudentAttendancePattern",
                key,
                academicYear=self._ref("AcademicYear", self._year.name),
                student=student,
                attendancePattern=Ref("AttendancePattern", "PART_TIME"),
                startDate=iso(pupil.part_time_from),
                endDate=iso(pupil.part_time_to),
            )

    def _contact(self, contact: Contact, pupil: Pupil, student: Ref) -> Iterator[Rowlet]:
        key = contact.contact_id
        guardian = Ref("Guardian", key)
        person = self._ref("Person", f"guardian {key}")
        yield (
            "Person",
            person.id,
            {
                "title": Ref("Title", code_for(contact.title)) if contact.title else None,
                "legalFirstName": contact.forename,
                "legalLastName": contact.surname,
                "deceased": False,
            },
        )
        yield "Guardian", key, {"person": person, "shareContactDetails": True}
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
        yield self._rowlet(
            "StudentGuardianRelationship",
            f"{pupil.pupil_id} {key}",
            student=student,
            guardian=guardian,
            guardianRelationshipType=kind,
            isLegalGuardian=contact.parental_responsibility,
            isPrimaryGuardian=contact.priority == 1,
            isAuthorizedToCollect=contact.parental_responsibility and not contact.court_order,
            emergencyContactPriority=contact.priority,
            unsubscribedFromComms=not contact.correspondence,
            guardianUserAuthorized=False,
        )
        if contact.court_order:
            yield from self._court_order(pupil, student, guardian)
        yield from self._lives("Guardian", key, key, contact.address)
        if contact.email:
            yield self._rowlet(
                "EmailAddress",
                key,
                emailAddressOwner=guardian,
                emailAddressType="HOME",
                emailAddress=contact.email,
            )
        if contact.language:
            language = language_ref(tag=contact.language)
            yield self._rowlet(
                "LanguageAbility",
                f"guardian {key}",
                person=person,
                language=language,
                isFirstLanguage=True,
                isSpokenAtHome=True,
            )

    def _court_order(self, pupil: Pupil, student: Ref, guardian: Ref) -> Iterator[Rowlet]:
        key = f"{pupil.pupil_id} {guardian.id}"
        order = self._ref("CourtOrder", key)
        yield self._rowlet(
            "CourtOrder", key, summary="Prohibited steps order", effectiveDate=iso(self._year.start)
        )
        yield self._rowlet("CourtOrderParty", f"{key} pupil", courtOrder=order, party=student)
        yield self._rowlet("CourtOrderParty", f"{key} adult", courtOrder=order, party=guardian)

    def _lives(self, type_name: str, natural: str, key: str, address: Address) -> Iterator[Rowlet]:
        if address == Address():
            return
        lines = (*address.lines, "", "", "")
        country = Ref("Country", "GBR") if address.country == "United Kingdom" else None
        if address.country and country is None:
            country = Ref("Country", code_for(address.country))
            yield "Country", country.id, {"code": country.id, "longName": address.country}
        yield self._rowlet(
            "PostalAddress",
            key,
            address1=lines[0] or None,
            address2=lines[1] or None,
            address3=lines[2] or None,
            postalTown=address.town or None,
            postalState=address.county or None,
            postalCode=address.postcode or None,
            country=country,
        )
        occupant = Ref(type_name, natural) if type_name == "Guardian" else self._ref(type_name, natural)
        yield self._rowlet(
            "PostalAddressOccupancy",
            key,
            postalAddress=self._ref("PostalAddress", key),
            occupant=occupant,
            effectiveDate=iso(self._year.start),
            postalAddressType="HOME" if type_name == "Guardian" else "WORK",
            isCorrespondenceAddress=True,
        )


def _holiday_type(calendar: Calendar, period: Period) -> str:
    if period.kind == "inset":
        return "INSET_DAY"
    if period.kind == "closure":
        return "SCHOOL_CLOSURE"
    if period.start == period.end:
        return "PUBLIC_HOLIDAY"
    return "HALF_TERM" if calendar.term_of(period.start) else "TERM_HOLIDAY"
