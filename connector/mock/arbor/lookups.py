"""Arbor's code lists as the mock fills them. Codes that no source names are our own (docs/mis-arbor.md)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from connector.mock.arbor.rows import Ref
from rules.codes import Class, code_sets
from rules.school import Nation

NewRow = tuple[str, str, dict[str, Any]]
"""Type, id, values."""

MARK_NAMES: Mapping[str, str] = {
    "/": "PRESENT",
    "\\": "PRESENT",
    "L": "LATE",
    "U": "LATE_AFTER_REGISTERS_CLOSED",
    "N": "NO_REASON_YET_PROVIDED",
    "I": "ILLNESS",
    "M": "MEDICAL_DENTAL_APPOINTMENT",
    "O": "UNAUTHORISED_ABSENCE",
    "G": "UNAUTHORISED_HOLIDAY",
    "B": "OFF_SITE_EDUCATIONAL_ACTIVITY",
    "C": "AUTHORISED_LEAVE",
    "D": "DUAL_REGISTERED",
    "E": "EXCLUDED",
    "P": "SPORTING_ACTIVITY",
    "V": "EDUCATIONAL_VISIT",
    "X": "NON_COMPULSORY_SCHOOL_AGE_ABSENCE",
    "Y": "UNABLE_TO_ATTEND",
    "Z": "NOT_ON_ROLL",
    "#": "PLANNED_SCHOOL_CLOSURE",
}
"""Register letter -> Arbor's code. PRESENT and LATE are known; the rest are of the same make."""

LANGUAGES: Mapping[str, str] = {
    "English": "en",
    "Welsh": "cy",
    "Polish": "pl",
    "Urdu": "ur",
    "Panjabi": "pa",
    "Arabic": "ar",
    "Portuguese": "pt",
    "Ukrainian": "uk",
    "Chinese": "zh",
    "Yoruba": "yo",
    "Romanian": "ro",
    "Bengali": "bn",
}
_BY_TAG = {tag: label for label, tag in LANGUAGES.items()}
FEMALE_RELATIONS = ("Mother", "Grandmother", "Stepmother", "Sister", "Aunt")
MALE_RELATIONS = ("Father", "Grandfather", "Stepfather", "Brother", "Uncle")


def code_for(text: str) -> str:
    """Return a code as Arbor makes it from a name: "Foster carer" -> FOSTER_CARER."""
    return re.sub(r"[^A-Z0-9]+", "_", text.upper()).strip("_") or "NONE"


def mark_ref(letter: str, *, two_present_marks: bool = False) -> Ref:
    """Return the attendance mark for a register letter."""
    if letter == "\\" and two_present_marks:
        return Ref("AttendanceMark", "PRESENT_PM")
    return Ref("AttendanceMark", MARK_NAMES.get(letter) or f"MARK_{code_for(letter)}")


def language_ref(label: str = "", tag: str = "") -> Ref:
    """Return a language by its name or its two-letter tag."""
    return Ref("Language", code_for(label or _BY_TAG.get(tag, tag)))


def attendance_mark(
    letter: str, meaning: str, counts_as: Class | None, order: int, active: bool
) -> dict[str, Any]:
    """Return the fields of an attendance mark; ``counts_as`` None is a letter that no code set holds."""
    present = counts_as is Class.PRESENT
    approved = counts_as is Class.APPROVED
    absent = counts_as in (Class.AUTHORISED, Class.UNAUTHORISED)
    possible = present or approved or absent
    return {
        "active": active,
        "dataOrder": order,
        "attendanceMark": letter,
        "markIndex": order,
        "markDescription": meaning,
        "markShortDescription": meaning[:40],
        "isLegalPresent": present,
        "isLegalApprovedEducationalActivity": approved,
        "isLegalNotRequired": counts_as is Class.NOT_POSSIBLE,
        "isLegalAbsent": absent,
        "isStatisticalPresent": present,
        "isStatisticalAuthorizedAbsent": counts_as is Class.AUTHORISED,
        "isStatisticalUnauthorizedAbsent": counts_as is Class.UNAUTHORISED,
        "isStatisticalApprovedEducationalActivity": approved,
        "isStatisticalPossibleAttendance": possible,
        "isDefaultPresent": letter == "/",
        "isDefaultLate": letter == "L",
        "isDefaultLateAfterRegisterClosed": letter == "U",
        "isDefaultAbsent": letter == "N",
        "isPhysicalPresent": letter in ("/", "\\", "L", "U"),
        "isPhysicalLate": letter in ("L", "U"),
        "isPhysicalAbsent": absent and letter != "U",
        "isPhysicalNotRequired": counts_as is Class.NOT_POSSIBLE,
        "isPresumedAbsent": letter == "N",
        "isExcluded": letter == "E",
        "showInRegister": active,
    }


def attendance_marks(nation: Nation, *, two_present_marks: bool = False) -> Iterator[NewRow]:
    """Every code of the nation's code sets, old ones inactive."""
    sets = code_sets(nation)
    letters = {code: held for code_set in sets for code, held in code_set.codes.items()}
    for order, (letter, held) in enumerate(letters.items(), start=1):
        if letter == "\\" and not two_present_marks:
            continue  # one present mark serves both halves of the day
        active = letter in sets[-1].codes and not sets[-1].codes[letter].legacy
        ref = mark_ref(letter, two_present_marks=two_present_marks)
        values = attendance_mark(letter, held.meaning, held.counts_as, order, active)
        yield "AttendanceMark", ref.id, {"code": ref.id, **values}


def code_lists() -> Iterator[NewRow]:
    """Yield the lists that are the same for every school."""
    yield from _coded(
        "Gender",
        {"MALE": {"shortName": "M", "longName": "Male"}, "FEMALE": {"shortName": "F", "longName": "Female"}},
    )
    yield from _coded(
        "Title",
        {
            code_for(title): {"title": title, "isMale": title in ("Mr", "Dr"), "isFemale": title != "Mr"}
            for title in ("Mr", "Mrs", "Miss", "Ms", "Mx", "Dr")
        },
    )
    yield from _coded("Religion", {"CHRISTIAN": {"label": "Christian"}, "NONE": {"label": "No religion"}})
    yield from _coded(
        "Country",
        {
            "GBR": {
                "shortName": "UK",
                "longName": "United Kingdom",
                "iso31661Alpha2": "GB",
                "iso31661Alpha3": "GBR",
                "appliesToPostalAddress": True,
            }
        },
    )
    yield from _coded(
        "Language",
        {code_for(label): {"label": label, "iso6391Alpha2": tag} for label, tag in LANGUAGES.items()},
    )
    yield from _coded(
        "SenStatus",
        {
            "NO_SEN": {"senStatusName": "No SEN", "countsAsSenStatus": False, "exportCode": "N"},
            "SEN_SUPPORT": {"senStatusName": "SEN support", "countsAsSenStatus": True, "exportCode": "K"},
            "EHCP": {
                "senStatusName": "Education, health and care plan",
                "countsAsSenStatus": True,
                "exportCode": "E",
            },
        },
    )
    yield from _coded(
        "InCareStatus", {"LOOKED_AFTER": {"inCareStatusName": "Looked after", "countsAsInCareStatus": True}}
    )
    yield from _coded("Eligibility", {"FREE_SCHOOL_MEALS": {"eligibilityName": "Free School Meals"}})
    yield from _coded(
        "ChildProtectionStatus",
        {"ON_PLAN": {"childProtectionStatusName": "Subject to a child protection plan"}},
    )
    yield from _coded(
        "Demographic",
        {
            code_for(label): {"label": label, "shortName": label}
            for label in ("EAL", "FSM", "In Care", "Pupil Premium")
        },
    )
    for code in ("EAL", "FSM", "IN_CARE", "PUPIL_PREMIUM"):
        yield "InverseDemographic", code, {"demographic": Ref("Demographic", code)}
    yield from _coded(
        "AttendancePattern",
        {
            "FULL_TIME": {"attendancePatternName": "Full time", "isPartTime": False},
            "PART_TIME": {"attendancePatternName": "Part time", "isPartTime": True},
        },
    )
    halves = {"AM": ("Morning", True), "PM": ("Afternoon", False)}
    for half, (name, morning) in halves.items():
        yield (
            "AttendanceRegisterType",
            half,
            {
                "code": half,
                "active": True,
                "attendanceRegisterTypeName": f"{name} registration",
                "isMorning": morning,
                "isAfternoon": not morning,
            },
        )
        yield (
            "AttendanceRollCall",
            half,
            {
                "code": half,
                "active": True,
                "name": name,
                "shortName": half,
                "attendanceRegisterType": Ref("AttendanceRegisterType", half),
            },
        )


def _coded(type_name: str, rows: Mapping[str, Mapping[str, Any]]) -> Iterator[NewRow]:
    for order, (code, values) in enumerate(rows.items(), start=1):
        yield type_name, code, {"code": code, "active": True, "dataOrder": order, **values}
