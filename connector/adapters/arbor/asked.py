"""Everything that is asked of Arbor for a pull, and what of it Arbor may hide (docs/mis-arbor.md).

This is the one list of fields. A field is required; or it is optional, marked ``name?fact`` with the fact that nobody
knows without it; or its whole type is optional, which ``gives`` says in the same words. Where one field of an optional
type is hidden, the type tells nothing. What follows for each fact is in connector/adapters/facts.py.

All types and fields are in Arbor's PHP client (arbor-education/sis-sdk-php) unless docs/mis-arbor.md says otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping

from connector.adapters.arbor.rows import Want
from connector.adapters.arbor.settings import ArborSettings

# the school ------------------------------------------------------------------------------------------------

SCHOOL = Want(
    "EducationalInstitution",
    "id educationalInstitutionName urn?urn censusSchoolPhase?phase { code label }",
)
YEARS = Want("AcademicYear", "id academicYearName startDate endDate")
TERMS = Want("Term", "id termName startDate endDate")
HOLIDAYS = Want("AcademicHoliday", "id academicHolidayType startDate endDate holidayLabel?holiday_names")
NO_SCHOOL = Want(
    "AcademicCalendarDate", "id startDate isPublicHoliday publicHolidayName", gives=("other_closed_days",)
).where("isGoodSchoolDay", "equals", False)


def codes_want(settings: ArborSettings) -> Want:
    """Return the complete list of attendance marks."""
    extra = "" if settings.letter_field == "code" else f" {settings.letter_field}"
    flags = "Present AuthorizedAbsent UnauthorizedAbsent ApprovedEducationalActivity PossibleAttendance"
    counts = " ".join(f"isStatistical{flag}?code_counts" for flag in flags.split())
    return Want("AttendanceMark", f"id code active?code_counts markDescription?code_meanings {counts}{extra}")


def mark_want(settings: ArborSettings) -> Want:
    """Return roll call records with what a mark needs."""
    note = " sourceAttendanceRecord?comment { recordNote }" if settings.mark_comments else ""
    time = " modifiedDatetime?recorded_at" if settings.reads == "graphql" else ""
    return Want(
        "AttendanceRollCallRecord",
        "id recordDate minutesLate?minutes_late student { id } attendanceMark { code } attendanceRollCall { code }"
        + note
        + time,
    )


# pupils ----------------------------------------------------------------------------------------------------

_NAMES = "id legalFirstName legalLastName preferredFirstName?preferred_name preferredLastName?preferred_name"
STUDENT = Want(
    "Student",
    "id studentNumber?admission_number ethnicity?ethnicity { code ethnicityName } "
    f"person {{ {_NAMES} dateOfBirth?date_of_birth gender?gender {{ code }} "
    "deceased?pupil_deceased dateOfDeath?pupil_deceased }",
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
            gives=("year_group",),
        ),
        Want(
            "RegistrationFormMembership",
            "id startDate endDate student { id } registrationForm { id registrationFormName }",
            gives=("registration_group",),
        ),
        Want(
            "SenStatusAssignment",
            "id startDate endDate student { id } senStatus { code exportCode countsAsSenStatus }",
            gives=("sen_status",),
        ),
        Want(
            "InCareStatusAssignment",
            "id startDate endDate student { id } inCareStatus { code countsAsInCareStatus }",
            gives=("looked_after",),
        ),
        Want("UkDfe_PupilPremiumRecipient", "id startDate endDate student { id }", gives=("pupil_premium",)),
        Want("UkDfe_EnglishProficiency", "id student { id }", gives=("eal",)),
        Want(
            "ChildProtectionStatusAssignment",
            "id startDate endDate student { id }",
            gives=("child_protection",),
        ),
        Want(
            "UkDfe_YoungCarerStatusAssignment", "id startDate endDate student { id }", gives=("young_carer",)
        ),
        Want(
            "StudentAttendancePattern",
            "id startDate endDate student { id } attendancePattern { code isPartTime }",
            gives=("part_time_from", "part_time_to"),
        ),
        Want(
            "StudentGuardianRelationship",
            "id student { id } guardianRelationshipType?relationship { code relationshipName } isLegalGuardian "
            "isPrimaryGuardian?priority emergencyContactPriority?priority unsubscribedFromComms?correspondence "
            f"guardian {{ id shareContactDetails?contact_details_shared person {{ {_NAMES} title?title {{ code title }} "
            "deceased?deceased dateOfDeath?deceased } }",
        ),
    )
}
"""What hangs on a student, by type."""
OF_PERSON: Mapping[str, Want] = {
    want.type: want
    for want in (
        Want(
            "EligibilityRecord",
            "id startDate endDate person { id entityType } eligibility { code eligibilityName }",
            gives=("fsm",),
        ),
        Want(
            "LanguageAbility",
            "id isFirstLanguage person { id entityType } language { code label iso6391Alpha2 }",
            gives=("eal", "first_language", "language"),
        ),
        Want(
            "CustomGroupMembership",
            "id startDate endDate person { id entityType } customGroup { id customGroupName }",
            gives=("social_worker",),
        ),
    )
}
"""What hangs on a person, by type. The client lets ``person`` be of any type: a Student or Guardian is taken as well."""
COURT_ORDER_PARTIES = Want(
    "CourtOrderParty",
    "id party { id entityType } courtOrder { id effectiveDate endDate }",
    gives=("court_order",),
)
COURT_ORDERS = Want("CourtOrder", "id effectiveDate endDate", gives=("court_order",))

# what hangs on pupils, adults and the school ---------------------------------------------------------------

ADDRESSES = Want(
    "PostalAddressOccupancy",
    "id effectiveDate endDate isCorrespondenceAddress postalAddressType?refuge occupant { id entityType } "
    "postalAddress { id address1 address2 address3 postalTown postalState postalCode "
    "country?country { code longName } }",
)
EMAILS = Want(
    "EmailAddress",
    "id emailAddressType emailAddress dataOrder emailAddressOwner { id entityType }",
    gives=("email",),
)
TELEPHONES = Want(
    "TelephoneNumber",
    "id number extensionNumber telephoneNumberRanking numberOwner { id entityType }",
    gives=("telephones",),
)
RECORD_NOTES = Want("PastoralNote", "id summary content noteDate student { id }", gives=("pupil_records",))
"""Asked only where a school has agreed wordings (``record_notes``); the content shows which notes are our own."""


ABSENT: Mapping[str, str] = {"salutation": "no type of Arbor's has one"}
"""Facts that Arbor does not have, and why they are in no answer."""


def not_asked(settings: ArborSettings) -> Mapping[str, str]:
    """Return the facts that no pull gives: those that Arbor does not have, and those that the settings leave out."""
    court = {"court_order": 'court_order_parties = "none" in [school.mis]'}
    return {**ABSENT, **(court if settings.court_order_parties == "none" else {})}


def asked(settings: ArborSettings) -> tuple[Want, ...]:
    """Return everything that a pull asks, without the filters that a pull adds."""
    court = (COURT_ORDERS, COURT_ORDER_PARTIES) if settings.court_order_parties == "adults" else ()
    notes = (RECORD_NOTES,) if settings.record_notes else ()
    days = (NO_SCHOOL,) if settings.school_days and settings.reads == "graphql" else ()
    return (
        SCHOOL,
        codes_want(settings),
        YEARS,
        TERMS,
        HOLIDAYS,
        *days,
        STUDENT,
        *OF_STUDENT.values(),
        *OF_PERSON.values(),
        *court,
        ADDRESSES,
        EMAILS,
        TELEPHONES,
        *notes,
        mark_want(settings),
    )
