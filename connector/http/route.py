"""The way from here to a MIS, as errors name it: which host and port, through which proxy, and which settings say so."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from connector.http.address import origin

PROXY_SETTING = "`proxy` in [school.http]"
PROXY_OF_THE_SYSTEM = "HTTPS_PROXY in the environment of the service's user"


@dataclass(frozen=True, slots=True)
class Route:
    """One address, and how it is reached."""

    url: str
    setting: str = "url"
    """The setting of [school.mis] that holds the address; empty where the MIS named it itself."""
    proxy: str | None = None
    """Address of the proxy in between."""
    proxy_setting: str = PROXY_SETTING
    """Where the proxy is set."""
    ca_bundle: Path | None = None

    @property
    def scheme(self) -> str:
        """Return http or https."""
        return origin(self.url)[0]

    @property
    def host(self) -> str:
        """Return the MIS's host."""
        return origin(self.url)[1]

    @property
    def port(self) -> int:
        """Return the MIS's port."""
        return origin(self.url)[2]

    @property
    def correct(self) -> str:
        """Return what to do where the address may be wrong."""
        if not self.setting:
            return "check the school's network: the MIS itself named this address"
        return f"correct `{self.setting}` in [school.mis]"

    @property
    def proxy_host(self) -> str:
        """Return the proxy's host; never the user name and password that its address may hold."""
        return urlsplit(self.proxy or "").hostname or ""

    @property
    def proxy_port(self) -> int:
        """Return the proxy's port; without one in its address that of its scheme."""
        parts = urlsplit(self.proxy or "")
        return parts.port or (443 if parts.scheme == "https" else 80)
