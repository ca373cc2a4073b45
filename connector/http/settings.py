"""The `[school.http]` table of the configuration, which every client takes as it is."""

from __future__ import annotations

from pydantic import Field, PrivateAttr

from connector.http.seen import FieldsSeen
from rules.settings import FilePath, Table


class HttpConfig(Table):
    """HTTP to the MIS. Leave it out unless the school's network needs it."""

    ca_bundle: FilePath | None = Field(default=None, examples=["school-filter.pem"])
    """PEM file of certificates to trust in place of the operating system's own, where a filter re-signs TLS."""
    proxy: str | None = Field(
        default=None, pattern=r"^https?://", examples=["http://proxy.hill.example:8080"]
    )
    """Proxy on the way to the MIS. Without it the environment's HTTPS_PROXY and NO_PROXY hold."""
    connect_seconds: float = Field(default=10.0, gt=0)
    """Longest wait for a connection."""
    read_seconds: float = Field(default=60.0, gt=0)
    """Longest wait for an answer."""
    tries: int = Field(default=5, ge=1, le=20)
    """How often one request is tried before it counts as failed."""
    longest_wait_seconds: float = Field(default=120.0, ge=0)
    """Longest pause between two tries, even if the MIS asks for more."""
    _quick: bool = PrivateAttr(default=False)
    _seen: FieldsSeen | None = PrivateAttr(default=None)

    @property
    def is_quick(self) -> bool:
        """Return True where somebody waits for the answer: what fails is then tried twice; a busy MIS is still waited for."""
        return self._quick

    @property
    def seen(self) -> FieldsSeen | None:
        """Where clients note the names of the fields that answers have; None outside `check --show`."""
        return self._seen

    def for_check(self, seen: FieldsSeen | None = None) -> HttpConfig:
        """Return the same settings for the clients of `check`: quick, and noting the names of fields in ``seen``."""
        copy = self.model_copy()
        copy._quick, copy._seen = True, seen
        return copy
