"""What can be wrong between us and a school's Arbor, found before a run is made."""

from __future__ import annotations

from collections.abc import Iterator

from connector.adapters.arbor import school as facts
from connector.adapters.arbor.changes import COURT_TYPES, MARK_TYPE, PUPIL_TYPES, read_log
from connector.adapters.arbor.marks import mark_want
from connector.adapters.arbor.people import COURT_ORDER_PARTIES, OF_PERSON, OF_STUDENT, STUDENT
from connector.adapters.arbor.rest import RestSource
from connector.adapters.arbor.rows import Source, Want
from connector.adapters.arbor.settings import ArborSettings
from connector.adapters.arbor.wire import body_of, lowered, path_of, plural
from connector.adapters.arbor.writes import NOTE
from connector.errors import AdapterError, DataError, Finding
from connector.http import Client

NOWHERE = "0"
"""An id that no row has: asking for it shows the permission and brings nothing."""


def check(client: Client, source: Source, rest: RestSource, settings: ArborSettings) -> list[Finding]:
    """Return every finding; empty when all is well. Nothing is written."""
    try:
        answer = client.get(path_of("AttendanceMark"), {"page-size": "1", "page-number": "1"})
        body_of("listing attendance marks", answer)
    except AdapterError as error:
        return [_finding("connection", error)]
    findings = _read_findings(source, settings)
    findings += _calendar(source, settings)
    for name in (*PUPIL_TYPES, *(COURT_TYPES if settings.court_order_parties == "adults" else ()), MARK_TYPE):
        try:
            read_log(client, name, 2**31)
        except AdapterError as error:
            findings.append(_finding(f"change log of {name}", error))
    findings += _writes(client, rest, settings)
    return findings


def _read_findings(source: Source, settings: ArborSettings) -> list[Finding]:
    """Ask for everything in one call; where that fails, ask one by one to find all that fails."""
    wants = list(_reads(settings))
    try:
        source.fetch([want for _, want in wants])
    except AdapterError:
        findings = []
        for where, want in wants:
            try:
                source.fetch([want])
            except AdapterError as error:
                findings.append(_finding(f"reading {where}", error))
        return findings
    return []


def _reads(settings: ArborSettings) -> Iterator[tuple[str, Want]]:
    """Yield each type that a pull reads, asked so that little or nothing comes."""
    none = [NOWHERE]
    yield "the school", facts.SCHOOL
    yield "attendance codes", facts.codes_want(settings)
    yield "pupils (Student, Person)", STUDENT.where("id", "in", none)
    for name, want in OF_STUDENT.items():
        yield name, want.where("student__id", "in", none)
    for name, want in OF_PERSON.items():
        yield name, want.where("person__id", "in", none)
    if settings.court_order_parties == "adults":
        yield "court orders", COURT_ORDER_PARTIES.where("courtOrder__id", "in", none)
        yield "when court orders begin and end", Want("CourtOrder", "id").where("id", "in", none)
    yield "addresses", facts.ADDRESSES.where("postalAddress__id", "in", none)
    yield "emails", facts.EMAILS.where("id", "in", none)
    yield "telephones", facts.TELEPHONES.where("id", "in", none)
    yield "marks", mark_want(settings).where("id", "in", none)
    yield "pastoral notes", NOTE.where("id", "in", none)


def _calendar(source: Source, settings: ArborSettings) -> list[Finding]:
    wants = [facts.YEARS, facts.TERMS, facts.HOLIDAYS]
    try:
        years, terms, holidays = source.fetch(wants)
        facts.periods_of(years, terms, holidays, [], settings)
    except AdapterError as error:
        return [_finding("reading the calendar", error)]
    except DataError as error:
        return error.findings
    return []


def _writes(client: Client, rest: RestSource, settings: ArborSettings) -> list[Finding]:
    """Return where notes and documents go: that the lists can be read. That they can be written shows the first write."""
    names = ["PastoralNote", *([settings.document_type] if settings.documents else [])]
    findings = []
    for name in names:
        try:
            answer = client.get(path_of(name), {"page-size": "1", **rest.first_page()}, accept=(404,))
            if answer.status == 404 or lowered(plural(name)) not in body_of(f"listing {name}", answer):
                findings.append(
                    Finding(
                        f"Arbor: writing {name}",
                        "this application cannot see them, so a write could not be read back",
                        "ask Arbor for this permission, or set documents = false and let letters go to a folder",
                    )
                )
        except AdapterError as error:
            findings.append(_finding(f"writing {name}", error))
    return findings


def _finding(where: str, error: AdapterError) -> Finding:
    return Finding(f"Arbor: {where}", error.message, error.fix)
