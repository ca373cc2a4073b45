"""Findings and errors as lines for people, the same in commands and in the service's log."""

from __future__ import annotations

from connector.errors import ConfigError, ConnectorError, DataError, Finding


def finding_line(finding: Finding) -> str:
    """One finding as one line: where, what, and the mend."""
    mend = f" - {finding.mend}" if finding.mend else ""
    word = "" if finding.severity == "error" else f"{finding.severity}: "
    return f"{word}{finding.where}: {finding.message}{mend}".replace("\n", " ")


def error_line(error: ConnectorError) -> str:
    """An error of ours as one line, with every mend."""
    if isinstance(error, ConfigError | DataError):
        return "; ".join(finding_line(finding) for finding in error.findings)
    return str(error).replace("\n", " ")
