"""The `[school.mail]` table: a short message after each run that has news."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from connector.adapters.base import SecretField
from rules.settings import FilePath, Table

ADDRESS = r"^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9.-]+$"
"""Of the signs that every mail server takes: none of them can end a header or begin a second address."""
MAIL_PASSWORD = SecretField("mail_password", "password of the user of [school.mail]")


class MailConfig(Table):
    """Send a message after each run that has news: counts and "please look", never a pupil's name. Without this table: none."""

    model_config = ConfigDict(populate_by_name=True)

    host: str = Field(min_length=1, examples=["smtp.office365.com"])
    """The mail server. It is asked over TLS only."""
    port: int = Field(default=587, ge=1, le=65535)
    """587 for STARTTLS, 465 for TLS from the start."""
    security: Literal["starttls", "tls"] = "starttls"
    """"starttls" begins in plain text and changes to TLS before anything is said; "tls" is TLS from the start. There is nothing without TLS."""
    sender: str = Field(alias="from", pattern=ADDRESS, examples=["attendance@hill.example"])
    """The address that the message comes from."""
    to: list[Annotated[str, Field(pattern=ADDRESS)]] = Field(min_length=1, examples=[["office@hill.example"]])
    """Who gets it."""
    user: str = Field(default="", examples=["attendance@hill.example"])
    """The user at the mail server; its password is a secret: `credentials set mail_password`. Empty: a server that asks for none."""
    ca_bundle: FilePath | None = Field(default=None, examples=[Path("school-filter.pem")])
    """PEM file of certificates to trust in place of the operating system's own."""

    @property
    def secrets(self) -> tuple[SecretField, ...]:
        """The secrets that it needs."""
        return (MAIL_PASSWORD,) if self.user else ()
