"""What commands print: results on standard output, everything else on standard error."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from connector.errors import ConnectorError, Finding
from rules.files.held import patiently, what_to_do, why

_PIPED_WIDTH = 160


def out() -> Console:
    """Return a console on standard output; wide when piped, so that no line is folded."""
    return Console(width=None if sys.stdout.isatty() else _PIPED_WIDTH, highlight=False, soft_wrap=False)


def err() -> Console:
    """Return a console on standard error."""
    return Console(
        stderr=True, width=None if sys.stderr.isatty() else _PIPED_WIDTH, highlight=False, soft_wrap=True
    )


def say(text: str) -> None:
    """Print one line of a result, as it is."""
    sys.stdout.write(text + "\n")


def say_on_stderr(text: str) -> None:
    """Print one line about what happens on standard error."""
    sys.stderr.write(text + "\n")


def print_json(document: Any, *, indent: int | None = 2) -> None:
    """Print one JSON document, the only thing on standard output."""
    sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=indent) + "\n")
    sys.stdout.flush()


def print_table(
    columns: Sequence[str],
    rows: Iterable[Sequence[object]],
    *,
    title: str | None = None,
    right: Iterable[str] = (),
) -> None:
    """Print a table; ``right`` names the columns of numbers."""
    table = Table(title=title, title_justify="left", title_style="bold")
    aligned = set(right)
    for column in columns:
        table.add_column(column, justify="right" if column in aligned else "left", overflow="fold")
    for row in rows:
        table.add_row(*("" if cell is None else escape(str(cell)) for cell in row))
    out().print(table)


def finding_document(finding: Finding) -> dict[str, str]:
    """Return one finding for JSON."""
    return {
        "where": finding.where,
        "message": finding.message,
        "fix": finding.fix,
        "severity": finding.severity,
    }


def use_utf8() -> None:
    """Let both streams take any character, also when piped on Windows."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(encoding="utf-8", errors="backslashreplace")


def write_out(path: Path, content: bytes) -> None:
    """Write a file that a person asked for, waiting a little where it is open in Word or Excel. Raise ConnectorError."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        patiently(lambda: path.write_bytes(content))
    except OSError as error:
        raise ConnectorError(
            f"{path} cannot be written: {why(error)}",
            fix=what_to_do(error, "name another file, or check its folder"),
        ) from error
