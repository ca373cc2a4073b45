"""What the configuration can say about a school behind Wonde."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator

from connector.http import WebAddress
from rules.settings import Table


class WondeSettings(Table):
    """The ``[school.mis]`` table for ``adapter = "wonde"``."""

    school_id: str = Field(pattern="^[A-Za-z0-9]+$", examples=["A1930499544"])
    """The school's id at Wonde, such as A1930499544."""
    url: WebAddress = "https://api.wonde.com"
    """Address of Wonde in the school's region; a wrong region gives no data."""
    per_page: int = Field(default=200, ge=1)
    """Assumption: rows of a page that Wonde allows."""
    cursor: bool = True
    """Page by cursor, which holds still while rows change; page numbers do not."""
    registration_group_type: str = "REGISTRATION"
    """Assumption: type of the group that is a pupil's registration group, where Wonde gives no registration group by itself."""
    correspondence: Literal["read", "not kept"] = "read"
    """not kept: the school does not fill in who receives correspondence; contacts.csv or `[school.contacts] correspondence` says it."""
    overlap_hours: int = Field(default=48, ge=0)
    """Assumption: how late a change may reach Wonde; changes are asked for from so long before the last pull."""
    full_after_days: int = Field(default=28, ge=1)
    """Read every mark again after so many days, even if the change log says nothing."""
    calls_per_second: float = Field(default=10.0, ge=0)
    """Assumption: how many calls a second Wonde accepts; 0 means no limit."""

    @field_validator("url")
    @classmethod
    def _without_path(cls, value: str) -> str:
        return value.removesuffix("/v1.0").rstrip("/")
