"""What sets the mock SIMS has, with their fields and types; names come from the adapter's one mapping file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

from connector.adapters.sims.fields import names, set_path

REFERENCE: Mapping[str, str] = {"ExternalID": "Guid", "Type": "String", "Description": "String"}
_GROUP_TYPE = "GroupType"


@dataclass(frozen=True)
class EntitySet:
    """One set of rows."""

    area: str
    service: str
    name: str
    type_name: str
    """With its namespace."""
    fields: Mapping[str, str]
    """Field -> Edm type without "Edm.", or the name of one of COMPLEX."""
    expands: Mapping[str, str] = field(default_factory=dict)
    """Navigation property -> area of the rows behind it."""
    changes: bool = False
    """Has the bound function SIMS.Changes."""
    dated: str = ""
    """The field that a call's days are counted by; only marks have it."""


def complex_types() -> Mapping[str, Mapping[str, str]]:
    """Values made of fields: name -> fields and types."""
    qualifier, address = names("qualifier"), names("address")
    return {
        "Reference": REFERENCE,
        "Qualifier": {qualifier["minutes_late"]: "Int32", qualifier["comment"]: "String"},
        "Address": dict.fromkeys(address.values(), "String"),
    }


_TYPES: Mapping[str, Mapping[str, str]] = {
    "learners": {
        "year_group": "Reference",
        "registration_group": "Reference",
        "do_not_communicate": "Boolean",
    },
    "personals": {
        **dict.fromkeys(
            ("date_of_birth", "on_roll_from", "on_roll_to", "part_time_from", "part_time_to"), "Date"
        ),
        **dict.fromkeys(
            (
                "fsm",
                "pupil_premium",
                "eal",
                "looked_after",
                "social_worker",
                "child_protection",
                "young_carer",
            ),
            "Boolean",
        ),
    },
    "contacts": {
        "learner": "Reference",
        "priority": "Int32",
        "parental_responsibility": "Boolean",
        "court_order": "Boolean",
        "correspondence": "Boolean",
        "address": "Address",
    },
    "records": {
        "attendee": "Reference",
        "event": "Reference",
        "start": "DateTimeOffset",
        "code": "Reference",
        "qualifier": "Qualifier",
        "recorded_at": "DateTimeOffset",
    },
    "histories": {
        "attendee": "Reference",
        "event": "Reference",
        "start": "DateTimeOffset",
        "original": "Reference",
        "code": "Reference",
        "changed_at": "DateTimeOffset",
    },
    "sessions": {"start": "DateTimeOffset"},
    "codes": {"statutory": "Reference"},
    "statutory_codes": {},
    "schools": {"address": "Address"},
    "periods": {"start": "Date", "end": "Date"},
}
"""Types of fields by our names; those not named are text, external_id is a GUID."""

_MORE: Mapping[str, Mapping[str, str]] = {
    "learners": {
        "Forename": "String",
        "Surname": "String",
        "GenderCategory": "String",
        "AgeMonths": "Int32",
        "OnRollState": "String",
        "DateOfApplication": "Date",
        "Photograph": "Reference",
        "CurrentHouse": "Reference",
    },
    "sessions": {"End": "DateTimeOffset", "Description": "String"},
    "codes": {
        "LookupType": "String",
        "DisplayOrder": "Int32",
        "IsVisible": "Boolean",
        "ResourceProvider": "String",
    },
    "groups": {
        "ExternalID": "Guid",
        _GROUP_TYPE: "GroupTypeEnum",
        "ShortName": "String",
        "FullName": "String",
        "DisplayOrder": "Int32",
    },
}
"""Fields that the documents name and the adapter does not read."""

_ENTITY = {
    "learners": "SIMS.LearnerIdentifier",
    "personals": "SIMS.LearnerPersonal",
    "groups": "SIMS.LearnerGroup",
    "contacts": "SIMS.LearnerContact",
    "records": "ESS.Attendance.AttendanceRecord",
    "histories": "ESS.Attendance.StatutoryAttendanceRecordHistory",
    "sessions": "ESS.Attendance.StatutoryAttendanceSession",
    "codes": "ESS.Attendance.AttendanceCode",
    "statutory_codes": "ESS.Attendance.StatutoryAttendanceCode",
    "schools": "SIMS.School",
    "periods": "SIMS.CalendarPeriod",
}


@cache
def entity_sets() -> Mapping[str, EntitySet]:
    """Every set by area."""
    expands = {
        "learners": {names("learners")["records"]: "records"},
        "personals": {names("personals")["contacts"]: "contacts"},
        "groups": {set_path("learners")[1]: "learners"},
    }
    found = {}
    for area, type_name in _ENTITY.items():
        hops = expands.get(area, {})
        fields = {} if area == "groups" else _typed(area)
        fields = {name: kind for name, kind in fields.items() if name not in hops}
        service, name = set_path(area)
        found[area] = EntitySet(
            area,
            service,
            name,
            type_name,
            {**fields, **_MORE.get(area, {})},
            hops,
            changes=area in ("records", "histories"),
            dated=names(area)["start"] if area in ("records", "histories") else "",
        )
    return found


def _typed(area: str) -> dict[str, str]:
    types = _TYPES[area]
    return {
        theirs: "Guid" if ours == "external_id" else types.get(ours, "String")
        for ours, theirs in names(area).items()
    }


def find_set(service: str, name: str) -> EntitySet | None:
    """The set of that name in a service."""
    wanted = (service.lower(), name)
    return next((s for s in entity_sets().values() if (s.service.lower(), s.name) == wanted), None)
