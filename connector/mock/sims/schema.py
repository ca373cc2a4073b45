"""What sets the mock SIMS has, with their fields and types: the mock's own statement, which knows nothing of the adapter.

Documented names stand on the vendor's pages for integrators (sims-partners.com, 2018 to 2022), each set with its
``page``. Many of those pages are public in part only. Assumed names, and a set whose own name is assumed, are in no
public document; docs/mis-sims.md says how to settle each.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property


@dataclass(frozen=True)
class EntitySet:
    """One set of rows."""

    area: str
    """The mock's own name for it."""
    service: str
    name: str
    type_name: str
    """With its namespace."""
    documented: Mapping[str, str]
    """Field -> Edm type without "Edm.", or the name of a complex type; the key comes first."""
    page: str = ""
    """The page that the documented fields stand on; empty where only the key is known, from the conventions."""
    assumed: Mapping[str, str] = field(default_factory=dict)
    expands: Mapping[str, str] = field(default_factory=dict)
    """Navigation property -> area of the rows behind it."""
    changes: bool = False
    """Has the bound function SIMS.Changes."""
    dated: str = ""
    """The field that a call's days are counted by; only marks and their histories have it."""

    @cached_property
    def fields(self) -> Mapping[str, str]:
        """Every field with its type."""
        return {**self.documented, **self.assumed}


def _fields(**names: str) -> dict[str, str]:
    """Given type=names, names separated by blanks, return name -> type."""
    return {name: kind for kind, text in names.items() for name in text.split()}


COMPLEX_TYPES: Mapping[str, Mapping[str, str]] = {
    "Reference": _fields(Guid="ExternalID", String="Type Description"),
    "Qualifier": _fields(Int32="MinutesLate", String="Comment"),
    "Address": _fields(String="AddressLine1 AddressLine2 AddressLine3 Town County PostCode Country"),
}
"""Values made of fields. The names of an address are assumed."""

_SETS = (
    EntitySet(
        "learners",
        "Learner",
        "LearnerIdentifiers",
        "SIMS.LearnerIdentifier",
        documented=_fields(
            Guid="ExternalID",
            String="Forename Surname GenderCategory OnRollState",
            Int32="AgeMonths",
            Boolean="DoNotCommunicate",
            Date="DateOfApplication",
            Reference="Photograph CurrentYearGroup CurrentPrimaryClass CurrentHouse",
        ),
        page="DeX/OData/Learner/LearnerIdentifiers",
        expands={"AttendanceRecords": "records"},  # assumed
    ),
    EntitySet(
        "personals",
        "Learner",
        "LearnerPersonals",
        "SIMS.LearnerPersonal",
        documented=_fields(Guid="ExternalID", String="PreferredForename PreferredSurname GenderCategory"),
        page="DeX/OData/Learner/LearnerPersonals (in part)",
        assumed=_fields(
            String="PersonID UniquePupilNumber AdmissionNumber LegalForename LegalSurname"
            " SENStatus Ethnicity FirstLanguage",
            Date="DateOfBirth DateOfAdmission DateOfLeaving PartTimeStartDate PartTimeEndDate",
            Boolean="EligibleForFreeMeals PupilPremium EnglishAdditionalLanguage InCare HasSocialWorker"
            " ChildProtectionPlan YoungCarer",
        ),
        expands={"LearnerContacts": "contacts"},  # assumed
    ),
    EntitySet(
        "groups",
        "Learner",
        "LearnerGroups",
        "SIMS.LearnerGroup",
        documented=_fields(
            Guid="ExternalID",
            GroupTypeEnum="GroupType",
            String="ShortName FullName",
            Int32="DisplayOrder",
        ),
        page="DeX/OData/Learner/LearnerGroups",
        expands={"LearnerIdentifiers": "learners"},
    ),
    EntitySet(
        "contacts",
        "Learner",
        "LearnerContacts",  # assumed
        "SIMS.LearnerContact",
        documented=_fields(Guid="ExternalID"),
        assumed=_fields(
            Reference="Learner",
            String="PersonID Title Forename Surname Salutation Relationship PreferredLanguage Email",
            Int32="Priority",
            Boolean="HasParentalResponsibility HasCourtOrder ReceivesCorrespondence",
            Address="Address",
        ),
    ),
    EntitySet(
        "records",
        "Attendance",
        "AttendanceRecords",
        "ESS.Attendance.AttendanceRecord",
        documented=_fields(
            Guid="ExternalID",
            Reference="Attendee Event AttendanceCode",
            DateTimeOffset="AttendableEventStart",
            Qualifier="Qualifier",
        ),
        page="SIMS8/APIs/V3/Attendance-Record-Information-Domain (in part), NewsItems/SIMS8/CovidCodeRelease",
        assumed=_fields(DateTimeOffset="LastModified"),
        changes=True,
        dated="AttendableEventStart",
    ),
    EntitySet(
        "histories",
        "Attendance",
        "StatutoryAttendanceRecordHistorys",
        "ESS.Attendance.StatutoryAttendanceRecordHistory",
        documented=_fields(Guid="ExternalID"),
        assumed=_fields(
            Reference="Attendee Event PreviousAttendanceCode AttendanceCode",
            DateTimeOffset="AttendableEventStart ChangedOn",
            String="ChangedBy ChangedByRole Reason",
        ),
        changes=True,
        dated="AttendableEventStart",
    ),
    EntitySet(
        "sessions",
        "Attendance",
        "StatutoryAttendanceSessions",
        "ESS.Attendance.StatutoryAttendanceSession",
        documented=_fields(Guid="ExternalID"),
        assumed=_fields(DateTimeOffset="Start End", String="SessionName Description"),
    ),
    EntitySet(
        "codes",
        "Attendance",
        "AttendanceCodes",  # assumed; the fields are documented
        "ESS.Attendance.AttendanceCode",
        documented=_fields(
            Guid="ExternalID",
            String="LookupType Code Description ResourceProvider",
            Int32="DisplayOrder",
            Boolean="IsVisible",
            Reference="StatutoryAttendanceCode",
        ),
        page="NewsItems/SIMS8/CovidCodeRelease",
    ),
    EntitySet(
        "statutory_codes",
        "Attendance",
        "StatutoryAttendanceCodes",  # assumed
        "ESS.Attendance.StatutoryAttendanceCode",
        documented=_fields(Guid="ExternalID"),
        assumed=_fields(String="Code Description StatisticalMapping"),
    ),
    EntitySet(
        "schools",
        "School",
        "Schools",  # assumed
        "SIMS.School",
        documented=_fields(Guid="ExternalID"),
        assumed=_fields(String="Name URN Phase Telephone Email", Address="Address"),
    ),
    EntitySet(
        "periods",
        "School",
        "CalendarPeriods",  # assumed
        "SIMS.CalendarPeriod",
        documented=_fields(Guid="ExternalID"),
        assumed=_fields(String="PeriodType Description SessionName", Date="StartDate EndDate"),
    ),
)
ENTITY_SETS: Mapping[str, EntitySet] = {one.area: one for one in _SETS}
"""Every set by area."""


def sets_without(absent: Collection[str]) -> Mapping[str, EntitySet]:
    """Return every set by area, but for those and their fields that this SIMS does not have.

    ``absent``: names such as "CalendarPeriods" and "LearnerPersonals.DateOfBirth".
    """
    kept = {area: one for area, one in ENTITY_SETS.items() if one.name not in absent}

    def left(names: Mapping[str, str], of: EntitySet) -> dict[str, str]:
        return {name: kind for name, kind in names.items() if f"{of.name}.{name}" not in absent}

    return {
        area: replace(
            one,
            documented=left(one.documented, one),
            assumed=left(one.assumed, one),
            expands={name: to for name, to in left(one.expands, one).items() if to in kept},
        )
        for area, one in kept.items()
    }


def find_set(sets: Mapping[str, EntitySet], service: str, name: str) -> EntitySet | None:
    """Return the set of that name in a service."""
    wanted = (service.lower(), name)
    return next((one for one in sets.values() if (one.service.lower(), one.name) == wanted), None)
