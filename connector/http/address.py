"""Web addresses: which ones may be used, and which of them are this machine, or the same host."""

from __future__ import annotations

import ipaddress
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel

from connector.errors import ConfigError

Origin = tuple[str, str, int]


def origin(url: str) -> Origin:
    """Return scheme, host and port of an absolute address."""
    parts = urlsplit(url)
    scheme = parts.scheme.lower()
    return scheme, (parts.hostname or "").lower(), parts.port or (443 if scheme == "https" else 80)


def is_loopback(host: str) -> bool:
    """Return True for this machine itself."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def is_secure(url: str) -> bool:
    """Return True when nobody between can read along: https, or plain http that does not leave this machine."""
    scheme, host, _ = origin(url)
    return scheme == "https" or (scheme == "http" and is_loopback(host))


def check_address(url: str) -> str:
    """Return the base address without a closing slash. Raise ConfigError when it must not be used."""
    try:
        parts = urlsplit(url.strip())
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise ConfigError("the address of the MIS cannot be read", fix="write it as https://host") from error
    if parts.username is not None or parts.password is not None:
        raise ConfigError(
            "the address of the MIS holds a user name or password",
            fix="take it out of the address and set it with `credentials set`",
        )
    if parts.scheme not in ("http", "https") or not host:
        raise ConfigError("the address of the MIS is not a web address", fix="write it as https://host")
    if not is_secure(url.strip()):
        raise ConfigError(
            f"plain http to {host} would send pupils' data in the clear",
            fix="use https; plain http is for a mock on this machine only",
        )
    return url.strip().rstrip("/")


def _checked(url: str) -> str:
    try:
        return check_address(url)
    except ConfigError as error:
        raise ValueError(error.findings[0].message) from None


_CHECKED = AfterValidator(_checked)
WebAddress = Annotated[str, _CHECKED]
"""The type of a setting that holds a base address; comes without a closing slash."""


def web_addresses(settings: BaseModel) -> dict[str, str]:
    """Return the addresses in a table of settings by the name of the setting: its fields of the type WebAddress."""
    fields = type(settings).model_fields
    return {name: getattr(settings, name) for name, field in fields.items() if _CHECKED in field.metadata}
