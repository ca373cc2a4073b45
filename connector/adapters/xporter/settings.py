"""What the configuration can say about Xporter on Demand in front of a school's SIMS."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from connector.adapters.xporter.marks_string import MarksLayout
from connector.errors import ConfigError
from connector.http import check_address


class XporterSettings(BaseModel):
    """The ``[school.mis]`` table for ``adapter = "xporter"``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    estab: Annotated[
        str,
        Field(
            pattern=r"^\d{7}$",
            description="Local authority and school number together, seven digits",
            examples=["8102001"],
        ),
    ]
    relying_party: Annotated[
        str,
        Field(
            min_length=1,
            description="The name that Groupcall gave to this connection",
            examples=["attendance-connector"],
        ),
    ]
    url: Annotated[str, Field(description="Address of Xporter on Demand")] = "https://xporter.groupcall.com"
    token_url: Annotated[
        str,
        Field(
            description="Address that gives tokens; older set-ups use https://login.groupcall.com/idaas/sts/STS/GetToken"
        ),
    ] = "https://xporter.groupcall.com/api/oauth/GetToken"  # noqa: S105 - an address
    third_party_id: Annotated[str, Field(description="What the token is for")] = "XporterOnDemand"
    token_as_form: Annotated[
        bool, Field(description="Ask for the token in a form's encoding in place of JSON; both are in use")
    ] = False
    page_size: Annotated[int, Field(ge=1, description="Rows of a page; Groupcall advises 1000")] = 1000
    marks_page_size: Annotated[
        int, Field(ge=1, description="Assumption: rows of a page of marks that Xporter allows")
    ] = 5000
    marks: Annotated[
        Literal["rows", "string"],
        Field(
            description="rows: one row for each mark, with minutes late and comments. string: one marks string for "
            "each pupil, in very few calls, without minutes late"
        ),
    ] = "rows"
    marks_layout: Annotated[
        MarksLayout, Field(description="Assumption: how the school's marks strings are laid out")
    ] = MarksLayout()
    http_status_codes: Annotated[
        bool, Field(description="Ask for errors as HTTP statuses; without it they come with status 200")
    ] = True
    full_after_days: Annotated[
        int, Field(ge=1, description="Read every mark again after so many days, whatever the change log says")
    ] = 28
    stale_after_hours: Annotated[
        int, Field(ge=1, description="Warn when Xporter's copy of the MIS is older than this")
    ] = 48

    @field_validator("url", "token_url")
    @classmethod
    def _address(cls, value: str) -> str:
        try:
            return check_address(value).rstrip("/")
        except ConfigError as error:
            raise ValueError(str(error.findings[0].message)) from None
