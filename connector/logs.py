"""Logs as fields: for people or as JSON lines, to standard error and, if wanted, to a file.

Everything that is logged passes through here, other libraries' lines included: secrets are masked, and fields and
patterns that could hold a pupil's or an adult's details are taken out.
"""

from __future__ import annotations

import logging
import re
import sys
import traceback
from collections.abc import Sequence
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

_secrets: set[str] = set()
_PERSONAL = frozenset(
    [
        "forename",
        "surname",
        "legal_forename",
        "legal_surname",
        "preferred_forename",
        "preferred_surname",
        "salutation",
        "addressee",
        "upn",
        "date_of_birth",
        "address",
        "postcode",
        "telephone",
        "email",
        "ethnicity",
        "first_language",
        "pupil_name",
        "contact_name",
        "mark",
        "marks",
        "code",
        "codes",
        "comment",
        "text",
        "content",
        "reason_text",
    ]
)
_PATTERNS = (
    (re.compile(r"\b[A-HJ-NP-RT-Z]\d{11}[0-9A-HJ-NP-RT-Z]\b"), "[upn]"),
    (re.compile(r"\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+\b"), "[e-mail]"),
    (re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}\b"), "[postcode]"),
)
_SHORTEST_SECRET = 4


def mask(value: str) -> None:
    """From now on show this value as *** in every log line."""
    if len(value) >= _SHORTEST_SECRET:
        _secrets.add(value)


def masked(text: str) -> str:
    """Return the text without secrets, UPNs, e-mail addresses and postcodes."""
    for secret in sorted(_secrets, key=len, reverse=True):
        text = text.replace(secret, "***")
    for pattern, shown in _PATTERNS:
        text = pattern.sub(shown, text)
    return text


def where_raised(error: BaseException) -> str:
    """Return an error's traceback without the error's own text, which may hold personal data."""
    lines = traceback.format_tb(error.__traceback__)
    return "".join(["Traceback (most recent call last):\n", *lines, type(error).__qualname__])


def configure_logs(
    *, level: str = "info", form: str = "text", file: Path | None = None, quiet_terminal: bool = False
) -> None:
    """Set logging up for the whole program. ``quiet_terminal``: only warnings and errors reach standard error."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
        _without_personal_data,
    ]
    number = logging.getLevelNamesMapping()[level.upper()]
    terminal = logging.StreamHandler(sys.stderr)
    terminal.setLevel(max(number, logging.WARNING) if quiet_terminal else number)
    handlers: list[logging.Handler] = [terminal]
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
        kept = RotatingFileHandler(file, maxBytes=5_000_000, backupCount=9, encoding="utf-8", delay=True)
        kept.setLevel(number)
        handlers.append(kept)
    for handler in handlers:
        handler.setFormatter(_formatter(form, shared, tracebacks=handler is not terminal))
    root = logging.getLogger()
    for old in root.handlers[:]:
        root.removeHandler(old)
        old.close()
    for handler in handlers:
        root.addHandler(handler)
    root.setLevel(number)
    for noisy in ("urllib3", "werkzeug", "matplotlib", "fontTools", "PIL", "keyring", "schedule", "filelock"):
        logging.getLogger(noisy).setLevel(max(number, logging.WARNING))
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


def _formatter(form: str, shared: Sequence[Processor], *, tracebacks: bool) -> logging.Formatter:
    last: list[Processor] = [structlog.stdlib.ProcessorFormatter.remove_processors_meta]
    if not tracebacks:
        last.append(_without_traceback)
    if form == "json":
        last.append(structlog.processors.JSONRenderer(ensure_ascii=False))
    else:
        last.append(structlog.dev.ConsoleRenderer(colors=False, pad_event_to=0))
    return structlog.stdlib.ProcessorFormatter(foreign_pre_chain=list(shared), processors=last)


def _without_traceback(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Drop the traceback, which no user should see; the log file has it."""
    event.pop("exception", None)
    return event


def _without_personal_data(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    for key, value in list(event.items()):
        if key in _PERSONAL:
            del event[key]
        elif not key.startswith("_"):
            event[key] = _clean(value)
    return event


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return masked(value)
    if isinstance(value, dict):
        return {key: _clean(inner) for key, inner in value.items() if key not in _PERSONAL}
    if isinstance(value, list | tuple):
        return [_clean(inner) for inner in value]
    if isinstance(value, Path | BaseException):
        return masked(str(value))
    return value
