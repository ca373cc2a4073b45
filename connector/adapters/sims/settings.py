"""What the configuration can say about a school's SIMS web API.

The public documents of this API stop short in many places. Whatever no source settles is a setting here whose
description begins with "Assumption", or a name in fields.toml; docs/mis-sims.md says what to ask the vendor.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from connector.errors import ConfigError
from connector.http import check_address

_GUID = r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"


class SimsSettings(BaseModel):
    """The ``[school.mis]`` table for ``adapter = "sims"``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    organisation: Annotated[
        str,
        Field(
            pattern=_GUID,
            description="The school's organisation id in SIMS ID, a GUID",
            examples=["0d1e2f3a-4b5c-4d6e-8f70-112233445566"],
        ),
    ]
    client_id: Annotated[
        str,
        Field(min_length=1, description="Client id issued for this school, such as sas-simsprimary-<guid>"),
    ]
    url: Annotated[str, Field(description="Address of the SIMS web API, without a path")] = (
        "https://seli00apm01.azure-api.net"
    )
    token_url: Annotated[str, Field(description="Address that gives tokens")] = (
        "https://sts.sims.co.uk/connect/token"  # noqa: S105 - an address
    )
    scope: Annotated[str, Field(description="What the token is for; words parted by a space")] = (
        "partner partner-read"
    )
    acr_values: Annotated[
        str,
        Field(description="Assumption: how the token names the school; {organisation} stands for its id"),
    ] = "orgselected:{organisation}"
    base: Annotated[
        Literal["ssli01", "dex"],
        Field(description="ssli01: /ssli01/<Service>/V3/<Set>; dex: /dex/<Service>/odata/V3/<Set>"),
    ] = "ssli01"

    page_size: Annotated[int, Field(ge=1, le=1000, description="Rows of a page; SIMS gives 1000 at most")] = (
        1000
    )
    learners_page_size: Annotated[
        int, Field(ge=1, le=1000, description="Pupils of a page that brings their contacts or marks with it")
    ] = 250
    paging: Annotated[
        Literal["skip", "next"],
        Field(
            description="skip: pages are asked for with $top and $skip; next: SIMS's own @odata.nextLink is followed"
        ),
    ] = "skip"
    marks_by: Annotated[
        Literal["learner", "record"],
        Field(
            description="Assumption: a pupil's marks can be expanded, which saves calls (learner); record reads pages "
            "of marks, at most 1000 a call, and needs no assumption"
        ),
    ] = "learner"
    days_per_call: Annotated[
        int, Field(ge=1, le=90, description="Days of marks asked for in one call; SIMS gives 90 at most")
    ] = 90
    calls_per_second: Annotated[
        float, Field(ge=0, description="Calls a second; SIMS refuses the sixth within a second. 0: no limit")
    ] = 4.5
    back_off_scale: Annotated[
        float,
        Field(ge=0, description="Times the advised waits of 2, 4, 8 ... seconds after 'too many requests'"),
    ] = 1.0
    full_after_days: Annotated[
        int, Field(ge=1, le=80, description="Read every mark again after so many days, whatever changed")
    ] = 28

    pupil_id_field: Annotated[
        str,
        Field(
            description="Assumption: the field of LearnerPersonals that holds the id staff know the pupil by; where "
            "there is none, set ExternalID"
        ),
    ] = "PersonID"
    local_codes: Annotated[
        Literal["statutory", "own"],
        Field(
            description="statutory: a school's own code that no code set has is read as the statutory code behind it"
        ),
    ] = "statutory"
    calendar: Annotated[
        bool,
        Field(
            description="Assumption: SIMS gives a calendar; false: supply calendar.csv under [school.supply]"
        ),
    ] = True
    contacts: Annotated[
        bool,
        Field(
            description="Assumption: SIMS gives contacts; false: supply contacts.csv under [school.supply]"
        ),
    ] = True
    amendments: Annotated[
        bool,
        Field(description="Assumption: the history of statutory records tells who changed which mark when"),
    ] = True

    @field_validator("url", "token_url")
    @classmethod
    def _address(cls, value: str) -> str:
        try:
            return check_address(value).rstrip("/")
        except ConfigError as error:
            raise ValueError(str(error.findings[0].message)) from None

    @field_validator("acr_values")
    @classmethod
    def _names_the_school(cls, value: str) -> str:
        if "{organisation}" not in value:
            raise ValueError("write {organisation} where the school's id goes")
        return value
