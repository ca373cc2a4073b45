"""SIMS reports as CommandReporter writes them: the XML of a SuperStarReport, read in place of a CSV file.

What is known of the format (public integrator pages and consumers): no namespace; blanks in a caption are
``_x0020_``; an empty value is mostly a missing element; a report with a sub-list repeats a Record once per
combination; ``Year`` holds two blanks; admission numbers are padded with zeros; errors come on stdout as XML that
starts with CommandReporterError, with any exit code.
"""

from __future__ import annotations

import re
import subprocess
import tempfile
from pathlib import Path

from lxml import etree

from connector.adapters.folder.csv_table import Table
from connector.adapters.folder.findings import Findings
from connector.adapters.folder.marks import MARK_COLUMNS, MARK_NEEDED
from connector.adapters.folder.people import CONTACT_COLUMNS, CONTACT_NEEDED, PUPIL_COLUMNS
from connector.adapters.folder.settings import ReportKind, ReportSettings
from connector.errors import FatalError, RetryableError
from rules.school import FLAGS

USUAL_CAPTIONS: dict[ReportKind, dict[str, str]] = {
    "pupils": {
        "pupil_id": "primary_id",
        "upn": "UPN",
        "admission_number": "Adno",
        "legal_forename": "Legal Forename",
        "legal_surname": "Legal Surname",
        "preferred_forename": "Forename",
        "preferred_surname": "Surname",
        "date_of_birth": "DOB",
        "gender": "Gender",
        "year_group": "Year",
        "registration_group": "Reg",
        "on_roll_from": "Start date",
        "on_roll_to": "Leaving date",
    },
    "contacts": {
        "pupil_id": "primary_id",
        "contact_id": "Contact ID",
        "title": "Title",
        "forename": "Contact Forename",
        "surname": "Contact Surname",
        "relationship": "Relationship",
        "priority": "Priority",
        "parental_responsibility": "Parental Responsibility",
        "court_order": "Court Order",
        "correspondence": "Correspondence",
        "address_1": "Address 1",
        "address_2": "Address 2",
        "address_3": "Address 3",
        "town": "Town",
        "county": "County",
        "postcode": "Postcode",
        "country": "Country",
        "email": "Email",
    },
    "marks": {
        "pupil_id": "primary_id",
        "date": "Date",
        "session": "Session",
        "code": "Mark",
        "minutes_late": "Minutes late",
        "comment": "Comments",
    },
}
"""Captions are chosen by the author of the report; these are the usual ones, and a setting changes any."""

_COLUMNS: dict[ReportKind, tuple[str, ...]] = {
    "pupils": PUPIL_COLUMNS,
    "contacts": CONTACT_COLUMNS,
    "marks": MARK_COLUMNS,
}
_NEEDED: dict[ReportKind, tuple[str, ...]] = {
    "pupils": ("pupil_id",),
    "contacts": CONTACT_NEEDED,
    "marks": MARK_NEEDED,
}
_DAYS = ("date_of_birth", "on_roll_from", "on_roll_to", "part_time_from", "part_time_to", "date")
_YES_NO = (*FLAGS, "parental_responsibility", "court_order", "correspondence", "deceased", "refuge")
_ONE_ZERO = {"t": "1", "true": "1", "yes": "1", "y": "1", "f": "0", "false": "0", "no": "0", "n": "0"}
_NAMED_CHARACTER = re.compile(r"_x([0-9A-Fa-f]{4})_")
_BRITISH_DAY = re.compile(r"(\d{2})/(\d{2})/(\d{4})(?: 00:00(?::00)?)?", re.ASCII)
_ISO_MIDNIGHT = re.compile(
    r"(\d{4}-\d{2}-\d{2})[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2})?", re.ASCII
)
_ERROR = b"<CommandReporterError"
# what is declared iso-8859-1 is often Windows-1252 in truth: 0x92 then is an apostrophe, not a control character
_WINDOWS = {byte: bytes([byte]).decode("cp1252", "ignore") for byte in range(0x80, 0xA0)}


def read_report(folder: Path, report: ReportSettings, findings: Findings) -> Table | None:
    """Given a report's settings, return its rows under the columns of the register folder.

    Runs the report's command first, if it has one. Returns None when the file is of no use, with the reasons in
    ``findings``. Raises RetryableError or FatalError when the command fails.
    """
    path = folder / report.file
    if report.command:
        _write_anew(path, report)
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        findings.error(report.file, "is missing", "run the report into the register folder")
        return None
    except OSError as error:
        findings.error(report.file, f"cannot be read: {error.strerror}", "check its permissions")
        return None
    if not raw.strip():
        findings.error(report.file, "is empty: the report failed", "run it by hand and look")
        return None
    if _ERROR in raw[:2000]:
        findings.error(
            report.file, f"holds an error of CommandReporter: {_error_text(raw)}", "correct the report"
        )
        return None
    return _table(report, raw, findings)


def _table(report: ReportSettings, raw: bytes, findings: Findings) -> Table | None:
    # no entity is resolved, no DTD loaded, no network used: the file comes from outside
    parser = etree.XMLParser(resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False)
    try:
        root = etree.fromstring(raw, parser)
    except etree.XMLSyntaxError as error:
        findings.error(report.file, f"is not XML (line {error.lineno})", "run the report again")
        return None
    if root.getroottree().docinfo.internalDTD is not None:
        findings.error(report.file, "declares a document type, which no report does", "run the report again")
        return None
    if root.tag != "SuperStarReport":
        findings.error(report.file, "is no SuperStarReport", "give the XML output of CommandReporter")
        return None
    captions = {**USUAL_CAPTIONS[report.kind], **report.captions}
    for column in report.captions:
        if column not in _COLUMNS[report.kind]:
            fix = f"known: {', '.join(_COLUMNS[report.kind])}"
            findings.error(report.file, f"the setting captions names '{column}', which is no column", fix)
            return None
    records = [_record(element) for element in root.iterfind("Record")]
    seen = {caption for record in records for caption in record}
    for column in _NEEDED[report.kind]:
        if records and captions.get(column) not in seen:
            findings.error(
                report.file,
                f"no record has '{captions.get(column)}', which holds {column}",
                "name its caption in the settings; ID fields need the group Third Party Reporter in SIMS",
            )
            return None
    for column, caption in report.captions.items():
        if records and caption not in seen:
            findings.warning(
                report.file, f"no record has '{caption}', which should hold {column}", "check the caption"
            )
    columns = [column for column in _COLUMNS[report.kind] if captions.get(column) in seen]
    rows = [
        (number, [_value(column, record.get(captions[column], "")) for column in columns])
        for number, record in enumerate(records, start=1)
    ]
    places = {column: place for place, column in enumerate(columns)}
    table = Table(report.file, findings, places, len(columns), [], unit="record")
    table.rows = _folded(table, rows, _NEEDED[report.kind])
    return table


def _folded(
    table: Table, rows: list[tuple[int, list[str]]], needed: tuple[str, ...]
) -> list[tuple[int, list[str]]]:
    """Fold records that a sub-list has repeated; repeated ones that differ are an error."""
    key_columns = [table.places[column] for column in needed if column in table.places and column != "code"]
    first: dict[tuple[str, ...], tuple[int, list[str]]] = {}
    for number, cells in rows:
        key = tuple(cells[place] for place in key_columns)
        earlier, before = first.setdefault(key, (number, cells))
        for column, place in table.places.items():
            if before[place] != cells[place]:
                message = f"differs from record {earlier}, which is about the same"
                table.error(number, column, message, "let the report give one value of it")
    return list(first.values())


def _record(element: etree._Element) -> dict[str, str]:
    found = {}
    for child in element:
        if isinstance(child.tag, str):
            caption = _NAMED_CHARACTER.sub(lambda match: chr(int(match.group(1), 16)), child.tag)
            text = "".join(map(str, child.itertext())).translate(_WINDOWS)
            found[caption] = " ".join(text.split())
    return found


def _value(column: str, text: str) -> str:
    """Return a report's value as the register folder writes it; what is not understood stays for the reader to refuse."""
    if column in _DAYS:
        british = _BRITISH_DAY.fullmatch(text)
        if british:
            return f"{british.group(3)}-{british.group(2)}-{british.group(1)}"
        iso = _ISO_MIDNIGHT.fullmatch(text)
        return iso.group(1) if iso else text
    if column in _YES_NO:
        return _ONE_ZERO.get(text.lower(), text)
    if column == "session":
        return text.upper()
    return text


def _write_anew(path: Path, report: ReportSettings) -> None:
    """Run the report's command into a new file and put that in place of the old one only when it is whole."""
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".report-") as room:
        output = Path(room) / path.name
        arguments = [argument.replace("{output}", str(output)) for argument in report.command]
        stdout = _run(arguments, report)
        if _ERROR in stdout:
            raise FatalError(
                f"the report '{report.kind}' failed: {_error_text(stdout[stdout.index(_ERROR) :])}",
                fix="run the command by hand as the service's user",
            )
        if not any("{output}" in argument for argument in report.command):
            output.write_bytes(stdout)
        if not output.is_file() or not output.stat().st_size:
            raise FatalError(
                f"the command of the report '{report.kind}' wrote nothing",
                fix="run the command by hand as the service's user, and check that {output} is among its arguments",
            )
        output.replace(path)


def _run(arguments: list[str], report: ReportSettings) -> bytes:
    """Run the command without a shell and return its stdout; its exit code says nothing and is not looked at."""
    try:
        done = subprocess.run(  # noqa: S603 - the administrator's own command from the configuration
            arguments,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=report.time_limit_seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        # from None: the original's text holds the whole command line
        raise RetryableError(
            f"the report '{report.kind}' took longer than {report.time_limit_seconds:g} seconds",
            fix="try again when SIMS is less busy, or raise time_limit_seconds",
        ) from None
    except OSError as error:
        raise FatalError(
            f"the command of the report '{report.kind}' cannot be started: {error.strerror}",
            fix="check the path of the program",
        ) from None
    return done.stdout


def _error_text(raw: bytes) -> str:
    """Return what CommandReporter says, cut short and without anything that looks like an argument."""
    text = re.sub(r"<[^>]*>", " ", raw.decode("utf-8", "replace"))
    text = re.sub(r"(?i)/?password\s*[:=]\s*\S+", "password", text)
    return " ".join(text.split())[:200] or "no text"
