"""One small tree of errors, sorted by what can be done about each.

The run decides by type alone: retry what is Retryable, park what is Skippable, stop at the rest. No message
holds a name, UPN, address or mark; a pupil is named by the MIS's own id only.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal, get_args

TO_DO = "What to do: "
_LISTED = 40


class ConnectorError(Exception):
    """Any error of this program's own. ``fix`` says what to do, on a line of its own."""

    def __init__(self, message: str, *, fix: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.fix = fix

    def __str__(self) -> str:
        return f"{self.message}\n{TO_DO}{self.fix}" if self.fix else self.message


class ConfigError(ConnectorError):
    """The configuration is wrong; exit code 2. Holds every finding, not only the first."""

    def __init__(self, findings: list[Finding] | str, *, fix: str = "") -> None:
        self.findings = [Finding("config", findings, fix)] if isinstance(findings, str) else findings
        super().__init__("; ".join(f"{f.where}: {f.message}" for f in self.findings), fix=fix)


class AdapterError(ConnectorError):
    """The MIS could not be read or written."""


class RetryableError(AdapterError):
    """May succeed if tried again: time-out, cut connection, 429, 5xx, an answer cut short."""

    def __init__(self, message: str, *, fix: str = "", retry_after: float | None = None) -> None:
        super().__init__(message, fix=fix)
        self.retry_after = retry_after
        """Seconds the MIS asked us to wait; None when it did not say."""


class FatalError(AdapterError):
    """Will not succeed by trying again: wrong password, missing permission, an answer of another shape."""


class SkippableError(AdapterError):
    """Only this pupil or this write is affected; the rest may go on."""


class DataError(ConnectorError):
    """Facts that cannot be used: a register folder or a MIS answer. Holds every finding."""

    def __init__(self, findings: list[Finding]) -> None:
        self.findings = findings
        super().__init__("; ".join(f"{f.where}: {f.message}" for f in findings))


class StoreError(ConnectorError):
    """The school's own database cannot be used: newer than the program, locked, or damaged."""


class StoppedError(ConnectorError):
    """A stop was asked for before everything was done."""

    def __init__(self) -> None:
        super().__init__("a stop was asked for; the rest is done in the next run")


RunGuard = Literal[
    "registers",
    "calendar",
    "unrecognised",
    "fewer_pupils",
    "fewer_marks",
    "other_school",
    "missing_file",
    "folder",
    "after_marks",
]
"""What `run --accept` lets a run pass for once (docs/guards.md): the first three hold events, the others a whole run."""
RUN_GUARDS: tuple[RunGuard, ...] = get_args(RunGuard)


def accepting(guard: RunGuard) -> str:
    """Return the command by which a person lets one run past a guard."""
    return f"`attendance-connector run --accept {guard}`"


class HeldError(ConnectorError):
    """A guard holds the run until somebody has looked; exit code 3. ``guard``: by which name one run can pass it."""

    def __init__(self, message: str, *, fix: str, guard: RunGuard | None = None) -> None:
        way_on = f"; if it is right as it is, let one run pass with {accepting(guard)}" if guard else ""
        super().__init__(message, fix=f"{fix}{way_on}")
        self.guard = guard


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault or remark, where it is, and what to do."""

    where: str
    """What to open: "config.toml: school[0].policy", "marks.csv row 12, column date"."""
    message: str
    fix: str = ""
    severity: str = "error"
    """"error" stops; "warning" is reported and passed over."""
    fact: str = ""
    """The fact that the MIS does not give, by its name in connector/adapters/facts_not_given.py; a file that supplies it answers the finding."""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return what to do about an unknown word: the known one that is close, otherwise the known words, 40 at most."""
    words = sorted(known)
    close = get_close_matches(word, words, n=1, cutoff=0.6)
    if close:
        return f"did you mean {close[0]}?"
    more = f", and {len(words) - _LISTED} more" if len(words) > _LISTED else ""
    return f"use one of {', '.join(words[:_LISTED])}{more}"


def finding_line(finding: Finding) -> str:
    """Return a finding for people: where and what on one line, what to do on the next."""
    word = "" if finding.severity == "error" else f"{finding.severity}: "
    fix = f"\n{TO_DO}{finding.fix}" if finding.fix else ""
    return f"{word}{finding.where}: {finding.message}{fix}"


def error_line(error: ConnectorError) -> str:
    """Return an error as one line for a log, with what to do about it."""
    lines = (
        [finding_line(finding) for finding in error.findings]
        if isinstance(error, ConfigError | DataError)
        else [str(error)]
    )
    return "; ".join(" ".join(line.split()) for line in lines)
