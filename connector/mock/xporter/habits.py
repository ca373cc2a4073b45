"""How the mock Xporter behaves where sources differ or none says."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

SCOPES = (
    "Address",
    "Attendance",
    "Contact",
    "EndpointInfo",
    "School",
    "SEN",
    "Student",
    "StudentDemographic",
    "StudentEthnicity",
    "StudentExclusions",
    "StudentExtended",
    "StudentFamily",
    "StudentFreeText",
    "StudentFunding",
    "StudentReligion",
    "UPN",
    "WritebackAttendance",
)
"""What the school has granted: names as recorded in 2018."""


class XporterOptions(BaseModel):
    """Each with the source of its choices, by the marks of manual.toml."""

    model_config = ConfigDict(extra="forbid")

    names: Literal["recorded", "manual", "2021"] = "recorded"
    """Spellings: R18 (FSMEligible, DateofBirth), D18 (FsmEligible, DateOfBirth, StudentMis_Id) or C21 (FsmEligible, formerUPN, and PartTime, YearTaughtIn, KeyStage, OnReport)."""
    marks_table: Literal["Attendance", "AttendMarks"] = "Attendance"
    """Key of the tables of marks: the sources contradict each other."""
    scopes: tuple[str, ...] = SCOPES
    """What the school has granted. Fields of other scopes are left out (R18); endpoints of other scopes are refused (assumption)."""
    hidden: tuple[str, ...] = ()
    """Further fields that are left out, as "Students.UPN"."""
    leavers_keep_groups: bool = False
    """A leaver's row names year group and form as before, in place of none and the ids of the former ones (both assumptions)."""
    prefixed_members: bool = False
    """Ids in StudentMembers bear a prefix, as in the manual's examples (D18)."""
    hidden_pupils: tuple[str, ...] = ()
    """Pupils that the school hides from this app: named by GDPRIDs (R18) and left out of the data (assumption)."""
    comma_marks: bool = False
    """Marks strings part their codes by commas, so that two characters fit (assumption)."""
    default_page_size: int = Field(default=25, ge=1)
    """Rows of a page when only ``page`` is asked (the vendor's pages)."""
    largest_page: int = Field(default=10_001, ge=1)
    """Rows of a page at most (C21 asks for so many)."""
    cache_minutes: float = Field(default=0, ge=0)
    """How long marks of one date or range are answered from the cache: 30 at the real one (D18), 0 here since a made-up day passes in seconds."""
    stale_days: int = Field(default=0, ge=0)
    """The cached copies show the school as it was so many days ago, and ``meta`` says so."""
    token_minutes: int = Field(default=5 * 24 * 60, ge=1)
    """Five days, as recorded (R18)."""
