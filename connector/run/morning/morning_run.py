"""One morning of one school: today's marks are read, the list of calls is filed, and nothing else changes.

The marks go into a copy of the state that is forgotten: the evening's run finds bookmark, marks and events as it left
them, so an N of the morning that has a reason by the evening is no change of a mark. No letter is written, nothing is
held, and this afternoon has not been yet.
"""

from __future__ import annotations

import sqlite3
from datetime import date
from pathlib import Path

from connector.errors import ConfigError, ConnectorError, DataError, HeldError, finding_line
from connector.ledger.keys import document_key
from connector.run.judged_day import held_register
from connector.run.lock import school_lock
from connector.run.morning.list_filing import ListFile, file_list, is_taken, place_of, settle_begun
from connector.run.morning.morning_report import MorningReport
from connector.run.pull import pull, take_records_folder
from connector.run.request import RunRequest
from connector.run.run import LOCK_SECONDS, opened_state, take_folders, unwritable
from connector.store import Store
from letters.reports.morning.alerts import morning_alerts
from letters.reports.morning.calls import Morning, has_morning, morning_of, of_the_morning
from letters.reports.morning.calls_list import ListFacts, calls_list
from letters.reports.morning.texting import texting_table
from letters.template.library import file_name
from letters.words import english
from rules.policy import lists_of
from rules.register import Register

TITLE, TEXTING = "Morning calls", "Morning calls for texting"


def run_morning(state: Path, request: RunRequest) -> MorningReport:
    """Make one school's list of calls; return what happened, also when the MIS failed.

    ``state`` is the school's SQLite file, locked meanwhile. A second list of a day holds only what is new. Raise
    StoreError when the file cannot be used or a run has it, ConfigError when a list has nowhere to go or its day is still
    to come.
    """
    _check_day(request)
    folder = place_of(request)
    try:
        with (
            school_lock(state, wait_seconds=LOCK_SECONDS),
            opened_state(state, request) as store,
        ):
            return _recorded(store, request, folder)
    except sqlite3.Error as error:
        raise unwritable(state, error) from error


def _check_day(request: RunRequest) -> None:
    """Raise ConfigError for a day to come: every register would be open, and that morning's own list lack them all."""
    config = request.options.config
    if request.as_of > (config.run.trial_day or request.now.astimezone(config.zone).date()):
        raise ConfigError(
            f"{english.day(request.as_of)} is still to come: there are no morning marks",
            fix="leave out --as-of, or check the clock of this server",
        )


def _recorded(store: Store, request: RunRequest, folder: Path | None) -> MorningReport:
    report = MorningReport(request.options.config.id, request.as_of, request.dry_run)
    with store.transaction():
        run_id = store.mornings.start(request.as_of, request.now)
    try:
        _steps(store, request, report, folder)
    except ConnectorError as error:
        report.outcome = "held" if isinstance(error, HeldError) else "failed"
        findings = error.findings if isinstance(error, DataError) else ()
        report.error = "\n".join(map(finding_line, findings)) or str(error)
    except sqlite3.Error:
        raise
    except Exception as error:
        report.outcome, report.error = "failed", type(error).__name__
        _finish(store, run_id, report)
        raise
    _finish(store, run_id, report)
    return report


def _finish(store: Store, run_id: int, report: MorningReport) -> None:
    with store.transaction():
        store.mornings.finish(run_id, report.outcome, report.counts())


def _steps(store: Store, request: RunRequest, report: MorningReport, folder: Path | None) -> None:
    request.progress("pull")
    with store.copy_in_memory() as copy:
        report.pulled = pull(copy, request, morning=True)
        taken = take_records_folder(copy, request, answer=False)  # the evening's run enters them, and answers
        register = held_register(copy, request.options.config)
        identity = copy.identity
    report.warnings += (*report.pulled.warnings, *taken.warnings)
    report.is_school_morning = has_morning(register, request.as_of)
    if not report.is_school_morning:
        return
    request.progress("calls")
    if not request.dry_run:
        take_folders(store, request)
        settle_begun(store, request, folder)
    found = _found(request, register)
    listed = store.mornings.listed(request.as_of)
    report.morning = found.less(listed)
    if not report.morning:
        return
    number = store.mornings.next_number(request.as_of)
    while is_taken(folder, _name_of(TITLE, number, request.as_of, "docx")):
        number += 1
    files = _files(request, report.morning, number, identity, only_new=bool(listed))
    report.files = [file.file_name for file in files]
    if request.dry_run:
        return
    request.progress("file")
    with store.transaction():
        pairs = [(file.key, file.file_name) for file in files]
        store.mornings.begin(request.as_of, number, pairs, report.morning.lines)
    report.warnings += file_list(request, folder, files)
    with store.transaction():
        store.mornings.put_filed(request.as_of, number)
    report.number = number


def _found(request: RunRequest, register: Register) -> Morning:
    options, day = request.options, request.as_of
    this_morning = of_the_morning(register, day)
    alerts = morning_alerts(this_morning, options.policies, options.details, day)
    return morning_of(this_morning, day, alerts, least_possible=options.policy.minimum_possible_sessions)


def _files(
    request: RunRequest, morning: Morning, number: int, identity: str, *, only_new: bool
) -> list[ListFile]:
    """Return the list and, where there is anybody to text, the table for the texting tool."""
    options = request.options
    read_at = request.now.astimezone(options.config.zone).time()
    facts = ListFacts(read_at, number, only_new, lists_of(options.policies))
    made = [
        (TITLE, "docx", calls_list(morning, options.details, facts)),
        (TEXTING, "csv", texting_table(morning)),
    ]
    files = []
    for title, ending, content in made:
        name = _name_of(title, number, morning.day, ending)
        if content is not None:
            key = document_key(identity, "morning", name)
            files.append(ListFile(key, _numbered(title, number), name, content))
    return files


def _numbered(title: str, number: int) -> str:
    return title if number == 1 else f"{title} {number}"


def _name_of(title: str, number: int, day: date, ending: str) -> str:
    return f"{file_name(_numbered(title, number), day.isoformat()).removesuffix('docx')}{ending}"
