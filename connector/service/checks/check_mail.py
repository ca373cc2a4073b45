"""What `check` says of the mail server: its secret, and whether it lets us in."""

from __future__ import annotations

from collections.abc import Iterator

from connector.config.school import SchoolConfig
from connector.config.secrets import read_secrets
from connector.errors import ConfigError, ConnectorError, Finding
from connector.run.mail.smtp import try_server


def mail_findings(school: SchoolConfig, where: str) -> Iterator[Finding]:
    """Yield what keeps messages from going out. Nothing is sent; a run goes on without them, so a server is a warning."""
    if school.mail is None:
        return
    try:
        passwords = read_secrets(school.id, school.mail.secrets)
        try_server(school.mail, passwords.get("mail_password", ""))
    except ConfigError as error:
        yield from error.findings
    except ConnectorError as error:
        yield Finding(f"{where}.mail", error.message, error.fix, "warning")
