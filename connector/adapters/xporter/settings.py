"""What the configuration can say about Xporter on Demand in front of a school's SIMS."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from connector.http import WebAddress
from rules.settings import Table


class XporterSettings(Table):
    """The ``[school.mis]`` table for ``adapter = "xporter"``."""

    estab: str = Field(pattern="^\\d{7}$", examples=["8102001"])
    """Local authority and school number together, seven digits."""
    relying_party: str = Field(min_length=1, examples=["attendance-connector"])
    """The name that Groupcall gave to this connection."""
    urn: str = Field(default="", pattern="^(\\d{6})?$", examples=["999101"])
    """The school's unique reference number (DfE), which Xporter does not give: documents and keys of events use it."""
    url: WebAddress = "https://xporter.groupcall.com"
    """Address of Xporter on Demand."""
    token_url: WebAddress = "https://login.groupcall.com/idaas/sts/STS/GetToken"  # noqa: S105 - an address
    """Address that gives tokens; some set-ups use https://xporter.groupcall.com/api/oauth/GetToken."""
    third_party_id: str = "XporterOnDemand"
    """What the token is for."""
    token_as_form: bool = False
    """Ask for the token in a form's encoding in place of JSON; both are in use."""
    page_size: int = Field(default=1000, ge=1)
    """Rows of a page; Groupcall advises 1000."""
    contacts: bool = True
    """Read contacts. Switch it off where the school does not grant them and supplies a whole contacts.csv."""
    enrolment_history: bool = False
    """Read StudentEnrolmentHistory, a row for each spell on roll; the school ticks it in its authorisation. Without it a pupil who left and came back has the last entry and leaving date only."""
    marks_page_size: int = Field(default=5000, ge=1)
    """Assumption: rows of a page of marks that Xporter allows."""
    marks: Literal["rows", "string"] = "rows"
    """rows: one row for each mark. string: one marks string for each pupil, in very few calls; codes of two characters fit only where commas part them."""
    day_details: bool = True
    """Read minutes late and comments of the last school days, one request for each day; the rows of longer stretches have none. Not with marks = "string"."""
    http_status_codes: bool = True
    """Assumption: ask for errors as HTTP statuses; without it they come with status 200. They are recognised either way."""
    full_after_days: int = Field(default=28, ge=1)
    """Read every mark again after so many days, even if the change set says nothing."""
    stale_after_hours: int = Field(default=48, ge=1)
    """Warn when Xporter's copy of the MIS is older than this."""
