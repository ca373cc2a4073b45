"""`check`: everything that can be wrong, in one go."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Annotated

import typer

from connector.commands.shared.options import AsJson, ConfigPath, SchoolId
from connector.commands.shared.output import err, finding_document, print_json, say, say_on_stderr
from connector.config.places import default_config_path
from connector.errors import finding_line
from connector.logs import configure_logs
from connector.service.check import Checked, check_all

Show = Annotated[
    bool,
    typer.Option(
        "--show",
        help="Also print the names of the fields that the MIS answers with, never a value: to send to whoever maintains the adapter.",
        show_default=False,
    ),
]


def check(
    school: SchoolId = None, show: Show = False, as_json: AsJson = False, config: ConfigPath = None
) -> None:
    """Look at configuration, credentials, connection, permissions, codes, calendar, policy and templates, and report every fault."""
    configure_logs(level="error")
    with _progress() as step:
        checked = check_all(config or default_config_path(), school, step, show=show)
    if as_json:
        findings = [finding_document(finding) for finding in checked.findings]
        fields = {"fields": checked.seen.tables()} if checked.seen else {}
        print_json({"ok": checked.ok, "findings": findings, "in_use": checked.in_use, **fields})
    else:
        _show(checked)
    if not checked.ok:
        raise typer.Exit(2)


def _show(checked: Checked) -> None:
    for line in checked.in_use:
        say(line)
    for finding in checked.findings:
        say_on_stderr(finding_line(finding))
    if checked.seen:
        _show_fields(checked.seen.tables())
    faults = sum(finding.severity == "error" for finding in checked.findings)
    say("Nothing is wrong" if not faults else f"{faults} problem{'s' if faults > 1 else ''}")


def _show_fields(tables: Mapping[str, Sequence[str]]) -> None:
    if not tables:
        say("No MIS answered, so there are no fields to show")
    for table, names in tables.items():
        say(f"{table}: {len(names)} fields")
        for name in names:
            say(f"    {name}")


@contextmanager
def _progress() -> Iterator[Callable[[str], None]]:
    if not sys.stderr.isatty():
        yield lambda _what: None
        return
    with err().status("reading the configuration") as status:
        yield status.update
