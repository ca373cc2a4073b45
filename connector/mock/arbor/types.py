"""Arbor's types as its API knows them: names, paths, fields (docs/mis-arbor.md).

One line a type: name, a colon, its fields. ``field>Type`` is a related object, ``field>*`` one of any type,
``field=kind`` a scalar that is no text. A ``!`` after the name: addressed by code instead of a number.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

ROOT = "/rest-v2"
ANY = "*"

_LOOKUP = "code active=bool dataOrder=int"
_PERIOD = "startDate=date endDate=date"

_TABLE = f"""
EducationalInstitution: educationalInstitutionName shortName openingDate=date closingDate=date arborIdentifier website previousEducationalInstitution>EducationalInstitution localAuthority>LocalAuthority establishmentNumber censusSchoolPhase>UkDfe_CensusSchoolPhase schoolType schoolGender governanceType intakeType urn ukprn hasChildMotherProvision=bool hasChildcarePlaces=bool specialSchoolAccommodation specialSchoolMaxDayPupils=int specialSchoolMaxBoarders=int specialSchoolMinMaleAge=int specialSchoolMaxMaleAge=int specialSchoolMinFemaleAge=int specialSchoolMaxFemaleAge=int specialSchoolSenProvisions censusSchoolOpeningDate=date weeklyHoursOpen=float
LocalAuthority!: {_LOOKUP} country>Country name shortName authorityCode authorityCodePre2011
UkDfe_CensusSchoolPhase!: {_LOOKUP} label
AcademicYear: academicYearName code {_PERIOD} timetableCycleLength=int
Term: academicYear>AcademicYear termName shortTermName code {_PERIOD}
AcademicHoliday: academicHolidayType {_PERIOD} holidayLabel
AcademicCalendarDate: {_PERIOD} calendarYear=int calendarMonth=int calendarWeek=int calendarDay=int calendarDayOfWeek=int isPublicHoliday=bool publicHolidayName academicYear>AcademicYear term>Term dayOfCycle=int dayOfTerm=int dayOfAcademicYear=int academicHoliday>AcademicHoliday isGoodSchoolDay=bool {_LOOKUP}
AcademicWorkingDay: {_LOOKUP} effectiveDate=date endDate=date dayOfCalendarWeek=int
Student: person>Person religion>Religion ethnicity>Ethnicity bloodGroup pregnancyLength=int birthDelivery handedness studentNumber legacySystemId minimumDataRetentionDate=date suspendCalendarEntryMappings=bool isActiveOutgoingSync=bool isActiveIncomingSync=bool uniqueLearnerNumber homeLocalAuthority>LocalAuthority youthSupportServicesAgreement hoursAtSetting=float fundedHours=float ethnicitySource nhsNumber ucasPersonalIdentifier extendedHours=float thirtyHourCode expandedHours=float tLevelPlannedEepHours=int
Person: gender>Gender genderIdentity genderIdentityPreferredTerm title>Title maritalStatus legalFirstName legalMiddleNames legalLastName preferredFirstName preferredLastName dateOfBirth=date countryOfBirth>Country deceased=bool dateOfDeath=date
Gender!: {_LOOKUP} shortName longName
Title!: {_LOOKUP} title isMale=bool isFemale=bool
Religion!: {_LOOKUP} label d00009 d00195
Ethnicity!: {_LOOKUP} ethnicityName ethnicityCategory appliesToStudents=bool appliesToStaff=bool notes exportCode dfesMainCode d00005 onsCode d00250
Country!: {_LOOKUP} shortName longName iso31661Alpha2 iso31661Alpha3 iso31661Numeric note appliesToPostalAddress=bool
Language!: {_LOOKUP} label iso6391Alpha2 iso6392Alpha3 iso6392Alpha3Terminology parentCode d00011Alpha3 d00011Alpha4
UkDfe_UpnAssignment: student>Student issuedYear issuedLocalAuthority>LocalAuthority issuedEstablishmentNumber issuedSerialNumber upn startDatetime=datetime endDatetime=datetime isTemporary=bool
EducationalInstitutionEnrolment: student>Student entryDate=date leavingDate=date unenrolmentReason
AcademicYearEnrolment: academicYear>AcademicYear student>Student {_PERIOD} unenrolmentReason enrolmentNotes plannedLearningHours=int plannedEepHours=int tLevelPlannedLearningHours=int
AcademicLevel: academicLevelName shortName curriculumGrade academicYear>AcademicYear promotedToAcademicLevel>AcademicLevel promotedDatetime=datetime copiedToAcademicLevel>AcademicLevel displayOrder=int targetEnrolment=int
AcademicLevelMembership: academicLevel>AcademicLevel student>Student {_PERIOD}
RegistrationForm: code registrationFormName shortName room academicYear>AcademicYear promotedToRegistrationForm>RegistrationForm promotedDatetime=datetime copiedToRegistrationForm>RegistrationForm displayOrder=int targetEnrolment=int
RegistrationFormMembership: registrationForm>RegistrationForm student>Student {_PERIOD}
RegistrationFormTutor: registrationForm>RegistrationForm staff>Staff {_PERIOD}
Staff: person>Person ethnicity>Ethnicity religion>Religion bloodGroup staffNumber continuousServiceStartDate=date timetableAbbreviation legacySystemId externalPersonId disabilityStatus includeInCover=bool
SenStatus!: {_LOOKUP} senStatusName description countsAsSenStatus=bool exportCode d00229
SenStatusAssignment: senStatus>SenStatus student>Student {_PERIOD}
InCareStatus!: {_LOOKUP} inCareStatusName countsAsInCareStatus=bool
InCareStatusAssignment: inCareStatus>InCareStatus student>Student {_PERIOD} responsibleLocalAuthority>LocalAuthority
Eligibility!: {_LOOKUP} eligibilityName
EligibilityRecord: eligibility>Eligibility person>Person {_PERIOD} lastVerifiedDate=date nextCheckDate=date
UkDfe_PupilPremiumRecipient: student>Student curriculumGrade fte=float fteCashAmount=float {_PERIOD} lastFsm=date
LanguageAbility: person>Person language>Language isFirstLanguage=bool isNativeLanguage=bool speaksLanguage=bool understandsLanguage=bool isSpokenAtHome=bool languageProficiency notes
UkDfe_EnglishProficiency: student>Student proficiency proficiencyDate=date
Demographic!: label shortName type hasInverse=bool inverseLabel description calculationClass effectiveDate=date endDate=date {_LOOKUP} calculationParams
InverseDemographic: demographic>Demographic
ChildProtectionStatus!: {_LOOKUP} childProtectionStatusName
ChildProtectionStatusAssignment: childProtectionStatus>ChildProtectionStatus student>Student {_PERIOD} notes responsibleLocalAuthority>LocalAuthority
UkDfe_YoungCarerStatusAssignment: student>Student identifiedBy {_PERIOD}
CustomGroup: customGroupName description academicYear>AcademicYear containsStudents=bool containsGuardians=bool containsStaff=bool isDynamic=bool identifier {_PERIOD}
CustomGroupMembership: customGroup>CustomGroup person>Person {_PERIOD} groupInstitution
AttendancePattern!: {_LOOKUP} attendancePatternName isPartTime=bool isMorningOnly=bool isAfternoonOnly=bool
StudentAttendancePattern: academicYear>AcademicYear student>Student attendancePattern>AttendancePattern {_PERIOD}
Guardian: person>Person employer religion>Religion ethnicity>Ethnicity jobPosition bloodGroup shareContactDetails=bool preferredContactMethod legacySystemId isKeyWorker=bool isActiveOutgoingSync=bool isActiveIncomingSync=bool
StudentGuardianRelationship: student>Student guardian>Guardian guardianRelationshipType>GuardianRelationshipType isLegalGuardian=bool isPrimaryGuardian=bool isAuthorizedToCollect=bool emergencyContactPriority=int unsubscribedFromComms=bool guardianUserAuthorized=bool accessNotes
GuardianRelationshipType!: {_LOOKUP} relationshipName shortName isMale=bool isFemale=bool isSibling=bool exportCode d00033 d00034 ctfExportCode
CourtOrder: summary content effectiveDate=date endDate=date
CourtOrderParty: courtOrder>CourtOrder party>*
PostalAddress: address1 address2 address3 postalTown postalState postalCode uniquePropertyReferenceNumber country>Country lat=float lng=float geocodeType
PostalAddressOccupancy: postalAddress>PostalAddress occupant>* effectiveDate=date endDate=date postalAddressType isCorrespondenceAddress=bool
EmailAddress: emailAddressOwner>* emailAddressType emailAddress dataOrder=int role free=bool disposable=bool
TelephoneNumber: numberOwner>* telephoneNumberType number extensionNumber notes telephoneNumberRanking=int
AttendanceMark!: {_LOOKUP} attendanceMark markIndex=int markDescription markShortDescription isLegalPresent=bool isLegalApprovedEducationalActivity=bool isLegalNotRequired=bool isLegalAbsent=bool isStatisticalPresent=bool isStatisticalAuthorizedAbsent=bool isStatisticalUnauthorizedAbsent=bool isStatisticalApprovedEducationalActivity=bool isStatisticalPossibleAttendance=bool isDefaultPresent=bool isDefaultLate=bool isDefaultLateAfterRegisterClosed=bool isDefaultAbsent=bool isPhysicalPresent=bool isPhysicalLate=bool isPhysicalAbsent=bool isPhysicalNotRequired=bool isPresumedAbsent=bool isExcluded=bool showInRegister=bool
AttendanceRegisterType!: {_LOOKUP} attendanceRegisterTypeName isMorning=bool isAfternoon=bool eventObjectTypeId
AttendanceRollCall!: name shortName autoFillClass attendanceRegisterType>AttendanceRegisterType {_LOOKUP}
AttendanceRollCallTime: attendanceRollCall>AttendanceRollCall effectiveDate=date endDate=date registerOpensTime registerClosesTime rollCallPeriodEndTime
AttendanceRollCallRecord: attendanceRollCall>AttendanceRollCall recordDate=date student>Student attendanceMark>AttendanceMark minutesLate=int sourceAttendanceRecord>AttendanceRecord validationError source
AttendanceRecord: attendanceMark>AttendanceMark attendanceRegister student>Student minutesLate=int recordNote startDatetime=datetime endDatetime=datetime event eventGroup attendanceFollowUp studentAbsenceNote>StudentAbsenceNote sourceAttendanceRecord>AttendanceRecord source isRedundant=bool
StudentAbsenceNote: student>Student absenceStartDatetime=datetime absenceEndDatetime=datetime notes approvedDate=date approvedByStaff>Staff attendanceMark>AttendanceMark fixedPeriodExclusion studentRepeatingAbsenceNote
Note: note referenceObject>* isSharedWithGuardians=bool
PastoralNote: student>Student summary content noteDate=date
AcademicNote: student>Student academicUnit summary content noteCreatedDatetime=datetime
SafeguardingNote: student>Student dateLogged=date summary content
Content: contentName description
File: content>Content url fileSize=int mimeType fileIdentifier fileMetadata fileName compressed=bool
UrlAttachment: content>Content url
Document: student>Student file>File fileName summary documentDate=date isSharedWithGuardians=bool
"""
# Document is the one type here that no source describes: an assumption, see docs/mis-arbor.md.


@dataclass(frozen=True, slots=True)
class Field:
    """One property of a type."""

    name: str
    kind: str = "text"
    """text, int, float, bool, date, datetime; empty for a related object."""
    target: str = ""
    """The related type, or ANY; empty for a scalar."""


@dataclass(frozen=True, eq=False)
class Kind:
    """One type of Arbor's."""

    name: str
    by_code: bool
    fields: Mapping[str, Field]

    @cached_property
    def plural(self) -> str:
        return plural(self.name)

    @cached_property
    def root(self) -> str:
        """The key of one object in an answer: only the first letter is lowered."""
        return self.name[0].lower() + self.name[1:]

    @cached_property
    def list_root(self) -> str:
        """The key of a list in an answer."""
        return self.plural[0].lower() + self.plural[1:]

    @cached_property
    def path(self) -> str:
        """The part of the address that names the type: dashes between words, an underscore after a module."""
        return dashed(self.plural)

    def href(self, row_id: str) -> str:
        """Return the address of one object."""
        return f"{ROOT}/{self.path}/{row_id}"


def plural(name: str) -> str:
    """Arbor's plain rule: Staff -> Staffs, SenStatus -> SenStatuses, Eligibility -> Eligibilities."""
    if name.endswith(("ch", "s")):
        return f"{name}es"
    if name.endswith("y") and not name.endswith("ay"):
        return f"{name[:-1]}ies"
    return f"{name}s"


def dashed(name: str) -> str:
    """StudentGuardianRelationships -> student-guardian-relationships, UkDfe_UpnX -> uk-dfe_upn-x."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", name).lower()


def _read(line: str) -> Kind:
    name, _, fields = line.partition(":")
    found = {}
    for word in fields.split():
        if ">" in word:
            field, target = word.split(">")
            found[field] = Field(field, "", target)
        else:
            field, _, kind = word.partition("=")
            found[field] = Field(field, kind or "text")
    return Kind(name.rstrip("!"), name.endswith("!"), found)


KINDS: Mapping[str, Kind] = {
    kind.name: kind for kind in (_read(line) for line in _TABLE.strip().splitlines())
}
"""Every type that the mock knows, by name."""


def _squeezed(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.lower())


_BY_PATH = {_squeezed(spelling): kind for kind in KINDS.values() for spelling in (kind.name, kind.plural)}


def kind_at(segment: str) -> Kind | None:
    """Return the type that a part of an address means: any case, dashes or not, one or many (`Students`, `student`)."""
    return _BY_PATH.get(_squeezed(segment))
