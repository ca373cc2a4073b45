"""What the configuration can say about a school's SIMS web API.

The public documents of this API stop short in many places. What no source settles is a setting here whose
description begins with "Assumption", or a name in fields.toml; docs/mis-sims.md says what to ask the vendor.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator

from connector.http import WebAddress
from rules.settings import Table

_GUID = r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"


class SimsSettings(Table):
    """The ``[school.mis]`` table for ``adapter = "sims"``."""

    organisation: str = Field(pattern=_GUID, examples=["0d1e2f3a-4b5c-4d6e-8f70-112233445566"])
    """The school's organisation id in SIMS ID, a GUID."""
    client_id: str = Field(min_length=1)
    """Client id issued for this school, such as sas-simsprimary-<guid>."""
    url: WebAddress = "https://seli00apm01.azure-api.net"
    """Address of the SIMS web API, without a path."""
    token_url: WebAddress = "https://sts.sims.co.uk/connect/token"  # noqa: S105 - an address
    """Address that gives tokens."""
    scope: str = "partner partner-read"
    """What the token is for; words separated by spaces."""
    acr_values: str = "orgselected:{organisation}"
    """Assumption: how the token names the school; {organisation} stands for its id."""
    base: Literal["ssli01", "dex"] = "ssli01"
    """ssli01: /ssli01/<Service>/V3/<Set>; dex: /dex/<Service>/odata/V3/<Set>."""

    page_size: int = Field(default=1000, ge=1, le=1000)
    """Rows of a page; SIMS gives 1000 at most."""
    learners_page_size: int = Field(default=250, ge=1, le=1000)
    """Pupils of a page that brings their contacts or marks with it."""
    paging: Literal["skip", "next"] = "skip"
    """skip: pages are asked for with $top and $skip; next: SIMS's own @odata.nextLink is followed."""
    marks_by: Literal["learner", "record"] = "learner"
    """Assumption: a pupil's marks can be expanded, which saves calls (learner); record reads pages of marks, at most 1000 a call, and needs no assumption."""
    days_per_call: int = Field(default=90, ge=1, le=90)
    """Days of marks asked for in one call; SIMS gives 90 at most."""
    calls_per_second: float = Field(default=4.5, ge=0)
    """Calls a second; SIMS refuses the sixth within a second. 0: no limit."""
    back_off_scale: float = Field(default=1.0, ge=0)
    """Factor for the advised waits of 2, 4, 8 ... seconds after 'too many requests'."""
    full_after_days: int = Field(default=28, ge=1, le=80)
    """Read every mark again after so many days, even if nothing changed."""

    pupil_id_field: str = "PersonID"
    """Assumption: the field of LearnerPersonals that holds the id staff know the pupil by; where there is none, set ExternalID."""
    local_codes: Literal["statutory", "own"] = "statutory"
    """statutory: a school's own code that no code set has is read as the statutory code behind it."""
    calendar: bool = True
    """Assumption: SIMS gives a calendar; false: supply calendar.csv under [school.supply]."""
    contacts: bool = True
    """Assumption: SIMS gives contacts; false: supply contacts.csv under [school.supply]."""
    amendments: bool = True
    """Assumption: the history of statutory records says who changed which mark when."""

    @field_validator("acr_values")
    @classmethod
    def _names_the_school(cls, value: str) -> str:
        if "{organisation}" not in value:
            raise ValueError("write {organisation} where the school's id goes")
        return value
