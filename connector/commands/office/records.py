"""`records add|list|withdraw|import`: what people did, by pupil and day. Nothing in the book is ever deleted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from connector.adapters.folder.columns import SCHOOL_COLUMNS, columns_of
from connector.adapters.folder.findings import Findings
from connector.adapters.folder.reads import ALL_COLUMNS
from connector.adapters.folder.record_row import KINDS
from connector.commands.shared.opening import changing, existing_state, one_school, open_config
from connector.commands.shared.options import AsJson, ConfigPath, SchoolId
from connector.commands.shared.output import print_json, print_table, say, say_on_stderr
from connector.commands.shared.record_words import in_words, rest_in_words
from connector.config import SchoolConfig
from connector.errors import ConfigError, Finding, did_you_mean, finding_line
from connector.records.book import Book, row_of, system_user
from connector.records.taking import FileTaken, take_file
from connector.run.start import today
from connector.store import Store
from connector.store.facts.entered_records import Entry
from letters.words.english import count

records = typer.Typer(
    help="What people did, by pupil and day: plans, meetings, calls, notices. Nothing is ever deleted."
)

_OPTION_OF = {"pupil_id": "--pupil", "contact_id": "--contact", "kind": "KIND"}
"""The options that have another name than their column."""


def _day(name: str, text: str) -> Any:
    return typer.Option(name, formats=["%Y-%m-%d"], metavar="DATE", help=text, show_default=False)


def _text(name: str, metavar: str, text: str) -> Any:
    return typer.Option(name, metavar=metavar, help=text, show_default=False)


@records.command(
    "add",
    epilog="Example: attendance-connector records add meeting --pupil 1042 --date 2026-10-03 --decision held",
)
def add(
    kind: Annotated[str, typer.Argument(metavar="KIND", help=f"One of {', '.join(KINDS)}.")],
    pupil: Annotated[str, _text("--pupil", "ID", "The pupil, by the MIS's own id.")],
    day: Annotated[datetime | None, _day("--date", "The day. Default: today.")] = None,
    contact: Annotated[str, _text("--contact", "ID", "The adult whom it concerns.")] = "",
    decision: Annotated[str, _text("--decision", "WORD", "What came of it, in a word of its kind.")] = "",
    start: Annotated[datetime | None, _day("--from", "First day for which it holds.")] = None,
    end: Annotated[datetime | None, _day("--to", "Last day for which it holds.")] = None,
    weeks: Annotated[str, _text("--weeks", "NUMBER", "School weeks of a notice to improve.")] = "",
    allowed: Annotated[str, _text("--allowed", "NUMBER", "Sessions that do not break that notice.")] = "",
    review: Annotated[datetime | None, _day("--review", "The day on which it is looked at again.")] = None,
    by: Annotated[str, _text("--by", "NAME", "Who did or decided it.")] = "",
    note: Annotated[str, _text("--note", "TEXT", "A note; of leave and forms the reason.")] = "",
    plan_kind: Annotated[str, _text("--plan-kind", "WORD", "attendance, health or reintegration.")] = "",
    leave_kind: Annotated[str, _text("--leave-kind", "WORD", "holiday, performance, religious, …")] = "",
    decided: Annotated[datetime | None, _day("--decided", "The day on which leave was decided.")] = None,
    granted_from: Annotated[datetime | None, _day("--granted-from", "First day granted, if in part.")] = None,
    granted_to: Annotated[datetime | None, _day("--granted-to", "Last day granted, if in part.")] = None,
    licence: Annotated[bool, typer.Option("--licence", help="The school has seen the licence.")] = False,
    licence_from: Annotated[datetime | None, _day("--licence-from", "First day that it names.")] = None,
    licence_to: Annotated[datetime | None, _day("--licence-to", "Last day that it names.")] = None,
    licence_hours_day: Annotated[str, _text("--licence-hours-day", "HOURS", "Education a day.")] = "",
    licence_hours_week: Annotated[str, _text("--licence-hours-week", "HOURS", "Education a week.")] = "",
    school: SchoolId = None,
    as_json: AsJson = False,
    config: ConfigPath = None,
) -> None:
    """Enter one record. The same checks as for a row of records.csv; docs/records.md has the kinds and their words."""
    with _changing(config, school) as (store, chosen):
        book = Book(store, today=today(chosen))
        days = {
            "date": day or datetime.combine(today(chosen), datetime.min.time()),
            "from": start,
            "to": end,
            "review": review,
            "decided": decided,
            "granted_from": granted_from,
            "granted_to": granted_to,
            "licence_from": licence_from,
            "licence_to": licence_to,
        }
        cells = {
            "kind": kind,
            "pupil_id": pupil,
            "contact_id": contact,
            "decision": decision,
            **{column: moment.date().isoformat() if moment else "" for column, moment in days.items()},
            "weeks": weeks,
            "allowed": allowed,
            "by": by,
            "note": note,
            "plan_kind": plan_kind,
            "leave_kind": leave_kind,
            "licence": "1" if licence else "",
            "licence_hours_day": licence_hours_day,
            "licence_hours_week": licence_hours_week,
        }
        record, faults = book.read(row_of(cells))
        if record is None or faults:
            raise ConfigError([Finding(_option(column), message, fix) for column, message, fix in faults])
        (entered,) = book.enter([record], at=_now(), by=system_user(), again=True)
    if as_json:
        print_json({**_document(entered.entry), "new": entered.is_new})
    elif entered.is_new:
        say(f"record {entered.entry.id} entered: {in_words(entered.entry.cells)}")
    else:
        say(f"record {entered.entry.id} says the same already: nothing was entered")


@records.command("list", epilog="Example: attendance-connector records list --pupil 1042")
def list_records(
    pupil: Annotated[str | None, _text("--pupil", "ID", "Only this pupil, by the MIS's own id.")] = None,
    kind: Annotated[str | None, _text("--kind", "KIND", "Only this kind.")] = None,
    school: SchoolId = None,
    as_json: AsJson = False,
    config: ConfigPath = None,
) -> None:
    """List what was entered here, also what was withdrawn. What a records file or the MIS says is in `explain`."""
    if kind is not None and kind not in KINDS:
        raise ConfigError([Finding("--kind", "is no kind of record", did_you_mean(kind, KINDS))])
    settings = open_config(config)
    chosen = one_school(settings, school)
    with Store.open(existing_state(settings, chosen), chosen.id) as store:
        found = store.facts.entered.entries(pupil_id=pupil, kind=kind)
    if as_json:
        print_json([_document(entry) for entry in found])
    else:
        print_table(("Number", "Pupil", "Date", "Kind", "What", "Entered", "Withdrawn"), map(_shown, found))


@records.command(
    "withdraw",
    epilog='Example: attendance-connector records withdraw 17 --reason "entered for another pupil"',
)
def withdraw(
    number: Annotated[int, typer.Argument(metavar="NUMBER", help="The record's number in `records list`.")],
    reason: Annotated[str, _text("--reason", "TEXT", "Why it does not hold; kept with it.")],
    school: SchoolId = None,
    config: ConfigPath = None,
) -> None:
    """Withdraw a record that does not hold. It stays in the book, with who withdrew it and why."""
    with _changing(config, school) as (store, chosen):
        book = Book(store, today=today(chosen))
        entry = book.withdraw(number, at=_now(), by=system_user(), why=reason)
    say(f"record {entry.id} withdrawn: {in_words(entry.cells)}. The next run goes by it")


@records.command("import", epilog="Example: attendance-connector records import office.csv")
def import_records(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="A CSV file as a register folder's records.csv.")
    ],
    school: SchoolId = None,
    as_json: AsJson = False,
    config: ConfigPath = None,
) -> int:
    """Take in a file of records. Good rows are entered once; each faulty row is named, and the exit code is then 1."""
    with _changing(config, school) as (store, chosen):
        findings = Findings()
        columns = columns_of([(SCHOOL_COLUMNS, chosen.columns)], ALL_COLUMNS, findings)
        findings.stop_if_any()
        book = Book(store, today=today(chosen))
        taken = take_file(book, file, at=_now(), by=system_user(), columns=columns)
    if taken.faults and not taken.rows:
        raise ConfigError(list(taken.faults))
    if as_json:
        print_json(_import_document(taken))
    _say_import(file.name, taken, quiet=as_json)
    return 1 if taken.faulty else 0


@contextmanager
def _changing(config: Path | None, school: str | None) -> Iterator[tuple[Store, SchoolConfig]]:
    settings = open_config(config)
    chosen = one_school(settings, school)
    with changing(settings, chosen) as store:
        yield store, chosen


def _option(column: str) -> str:
    return _OPTION_OF.get(column, f"--{column.replace('_', '-')}")


def _document(entry: Entry) -> dict[str, Any]:
    withdrawn = entry.withdrawn_at and {
        "at": entry.withdrawn_at.isoformat(),
        "by": entry.withdrawn_by,
        "why": entry.withdrawn_why,
    }
    return {
        "number": entry.id,
        **entry.cells,
        "origin": entry.origin,
        "entered_at": entry.entered_at.isoformat(),
        "entered_by": entry.entered_by,
        "withdrawn": withdrawn,
    }


def _shown(entry: Entry) -> tuple[object, ...]:
    where = f" from {entry.origin}" if entry.origin else ""
    withdrawn = (
        f"{entry.withdrawn_at.date()} by {entry.withdrawn_by}: {entry.withdrawn_why}"
        if entry.withdrawn_at
        else ""
    )
    entered = f"{entry.entered_at.date()} by {entry.entered_by}{where}"
    cells = entry.cells
    return (
        *(entry.id, cells["pupil_id"], cells["date"], cells["kind"]),
        *(rest_in_words(cells), entered, withdrawn),
    )


def _import_document(taken: FileTaken) -> dict[str, Any]:
    return {
        "taken": taken.count("taken"),
        "known": taken.count("already known") + taken.count("withdrawn before"),
        "faulty": [
            {
                "row": row.row,
                "faults": [
                    {"column": column, "message": message, "fix": fix} for column, message, fix in row.faults
                ],
            }
            for row in taken.rows
            if row.faults
        ],
        "faults": [{"where": f.where, "message": f.message, "fix": f.fix} for f in taken.faults],
    }


def _say_import(name: str, taken: FileTaken, *, quiet: bool) -> None:
    for fault in taken.faults:
        say_on_stderr(finding_line(fault))
    for row in taken.rows:
        for column, message, fix in row.faults:
            say_on_stderr(finding_line(Finding(f"{name} row {row.row}, column {column}", message, fix)))
    for warning in taken.warnings:
        say_on_stderr(warning)
    if not quiet:
        known, before = taken.count("already known"), taken.count("withdrawn before")
        words = [
            f"{count(taken.count('taken'), 'record')} taken",
            *([f"{known} already known"] if known else []),
            *([f"{before} withdrawn before and not taken again"] if before else []),
            *([f"{count(taken.faulty, 'row')} could not be read"] if taken.faulty else []),
        ]
        say(f"{name}: {', '.join(words)}")


def _now() -> datetime:
    return datetime.now(UTC)
