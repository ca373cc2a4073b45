"""The service's sign of life: a small file for monitoring, and a call to a monitoring address."""

from __future__ import annotations

import json
import os
from datetime import datetime
from pathlib import Path
from typing import Any

import requests
import structlog

log = structlog.get_logger(__name__)
_CALL_SECONDS = 10


def write_health(path: Path, document: dict[str, Any]) -> None:
    """Replace the health file in one step, so that a reader never sees half of it. A full disk is only logged."""
    new = path.with_name(path.name + ".new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        new.write_text(json.dumps(document, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
        new.replace(path)
    except OSError as error:
        log.warning("the health file could not be written", file=str(path), reason=error.strerror)


def read_health(path: Path) -> dict[str, Any] | None:
    """Return what the health file holds; None when there is none or it is damaged."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return document if isinstance(document, dict) else None


def health_document(
    schools: dict[str, dict[str, Any]], now: datetime, *, stopping: bool = False
) -> dict[str, Any]:
    """Return the health file's content. ``schools``: by id, how the last run ended and when the next is planned."""
    healthy = all(school["healthy"] for school in schools.values()) and not any(
        school.get("last_morning", {}).get("outcome") in ("failed", "held") for school in schools.values()
    )
    return {
        "healthy": healthy,
        "state": "stopped" if stopping else "running",
        "written_at": now.isoformat(timespec="seconds"),
        "process": os.getpid(),
        "schools": schools,
    }


def call_monitor(url: str, good: bool) -> None:
    """Call the monitoring address with how a run ended. An address that cannot be reached never stops the service."""
    address = url if good else url.rstrip("/") + "/fail"
    try:
        requests.get(address, timeout=_CALL_SECONDS)
    except requests.RequestException as error:
        log.warning("the health address could not be called", reason=type(error).__name__)
