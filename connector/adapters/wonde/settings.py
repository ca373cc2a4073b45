"""What the configuration can say about a school behind Wonde."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, field_validator

from connector.errors import ConfigError
from connector.http import check_address


class WondeSettings(BaseModel):
    """The ``[school.mis]`` table for ``adapter = "wonde"``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    school_id: Annotated[
        str,
        Field(
            pattern=r"^[A-Za-z0-9]+$",
            description="The school's id at Wonde, such as A1930499544",
            examples=["A1930499544"],
        ),
    ]
    url: Annotated[
        str, Field(description="Address of Wonde in the school's region; a wrong region gives no data")
    ] = "https://api.wonde.com"
    per_page: Annotated[int, Field(ge=1, description="Assumption: rows of a page that Wonde allows")] = 200
    cursor: Annotated[
        bool, Field(description="Page by cursor, which holds still while rows change; page numbers do not")
    ] = True
    registration_group_type: Annotated[
        str, Field(description="Assumption: type of the group that is a pupil's registration group")
    ] = "REGISTRATION"
    overlap_hours: Annotated[
        int,
        Field(
            ge=0,
            description="Assumption: how late a change may reach Wonde; changes are asked for from so long before the last pull",
        ),
    ] = 48
    full_after_days: Annotated[
        int, Field(ge=1, description="Read every mark again after so many days, whatever the change log says")
    ] = 28
    calls_per_second: Annotated[
        float, Field(ge=0, description="Assumption: what Wonde bears; 0 is no limit of ours")
    ] = 10.0

    @field_validator("url")
    @classmethod
    def _address(cls, value: str) -> str:
        try:
            return check_address(value).removesuffix("/v1.0").rstrip("/")
        except ConfigError as error:
            raise ValueError(str(error.findings[0].message)) from None
