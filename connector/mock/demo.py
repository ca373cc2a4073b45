"""The demo: a made-up school on a mock MIS on loopback, and one run at the end of every school day."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from connector.adapters import adapter_kinds
from connector.adapters.base import Adapter, DocumentToWrite, NoteToWrite
from connector.adapters.filing import JOURNAL, Filing
from connector.adapters.folder_marks import FILE as MARK
from connector.adapters.supplied import SupplyConfig, supplement
from connector.config.loaded_school import LoadedSchool
from connector.config.school import SchoolConfig
from connector.errors import ConfigError, ConnectorError
from connector.http import HttpConfig
from connector.ledger.keys import PREFIX
from connector.mock.register_folder import LACKING_FACTS, write_calendar, write_people
from connector.mock.school import MadeUpSchool, make_school
from connector.mock.server import MockServer
from connector.mock.written import Written
from connector.run.request import RunRequest
from connector.run.run import run_school
from connector.run.summary import RunReport, ledger_document
from connector.store import Store
from connector.store.ledger import LedgerRow
from rules.policy import Policy
from rules.register import Register

SCHOOL_ID = "demo"
RESULT = "demo.json"
_ZONE = ZoneInfo("Europe/London")
_END_OF_DAY = time(17, 30)
_OPTIONS = {"sims": {"calls_per_second": None}}
"""A demo need not wait for the five calls a second that the real SIMS allows."""
_KEY = re.compile(rf"{PREFIX}[0-9A-Z]{{8}}")


@dataclass(frozen=True, slots=True)
class DemoOptions:
    """Which MIS, policies and made-up school a demo runs with, and the folder for its documents."""

    mis: str
    policies: tuple[Policy, ...]
    pupils: int
    weeks: int
    seed: int
    out: Path


@dataclass(frozen=True)
class DemoResult:
    """What a demo did: the register it read, the events it found and what it wrote."""

    options: DemoOptions
    school: MadeUpSchool
    register: Register
    requests: int
    rows: list[LedgerRow]
    notes: int
    documents: int
    held: int
    failed: int
    days: int

    def document(self) -> dict[str, Any]:
        """Return the JSON document of `demo --json`."""
        register = self.register
        contacts = {contact.contact_id for pupil in register.pupils for contact in pupil.contacts}
        return {
            "mis": self.options.mis,
            "policy": self.options.policies[0].id,
            "seed": self.options.seed,
            "first_day": self.school.first_day.isoformat(),
            "last_day": self.school.last_day.isoformat(),
            "pulled": {
                "pupils": len(register.pupils),
                "contacts": len(contacts),
                "marks": int((register.matrix > 0).sum()),
                "requests": self.requests,
            },
            "events": [ledger_document(row) for row in self.rows],
            "written": {"notes": self.notes, "documents": self.documents},
            "held": self.held,
            "failed": self.failed,
            "out": str(self.options.out),
        }


def days_of(school: MadeUpSchool) -> list[date]:
    """Return the school days that the demo walks through."""
    return [day for day in school.calendar.school_days if school.first_day <= day <= school.last_day]


def run_demo(
    demo: DemoOptions, progress: Callable[[date, int, int], None] = lambda _day, _done, _all: None
) -> DemoResult:
    """Walk a made-up school through its days and lay out what staff would find; return what happened.

    Raises ConfigError when the folder holds something else, ConnectorError when a run fails.
    """
    prepare(demo.out)
    school = make_school(pupils=demo.pupils, weeks=demo.weeks, seed=demo.seed, nation=demo.policies[0].nation)
    loaded = _loaded(demo, school)
    days = days_of(school)
    with tempfile.TemporaryDirectory(prefix="attendance-demo-") as folder:
        state = Path(folder) / f"{SCHOOL_ID}.db"
        with (
            MockServer(demo.mis, school, today=days[0], options=_OPTIONS.get(demo.mis)) as server,
            _adapter(demo, server, Path(folder)) as adapter,
        ):
            for number, day in enumerate(days):
                progress(day, number, len(days))
                server.today = day
                now = datetime.combine(day, _END_OF_DAY, _ZONE)
                report = run_school(state, RunRequest(loaded, adapter, as_of=day, now=now))
                _raise_if_failed(report)
            requests = adapter.requests_sent
            _lay_out(demo.out, school, server.world.written)
        progress(days[-1], len(days), len(days))
        result = _sum_up(demo, school, report, state, requests, len(days))
    text = json.dumps(result.document(), ensure_ascii=False, indent=2) + "\n"
    (demo.out / RESULT).write_text(text, encoding="utf-8")
    return result


def prepare(out: Path) -> None:
    """Make the folder and empty it of an earlier demo. Raises ConfigError when it holds anything else."""
    if out.exists() and not out.is_dir():
        raise ConfigError(f"{out} is a file", fix="name a folder with --out")
    if out.is_dir() and any(out.iterdir()):
        if not (out / RESULT).is_file():
            raise ConfigError(
                f"{out} is not empty and was not made by a demo", fix="name another folder with --out"
            )
        for part in ("pupils", "school"):
            shutil.rmtree(out / part, ignore_errors=True)
    out.mkdir(parents=True, exist_ok=True)
    (out / RESULT).write_text("{}\n", encoding="utf-8")


@contextmanager
def _adapter(demo: DemoOptions, server: MockServer, folder: Path) -> Iterator[Adapter]:
    """Open the adapter on the mock; what its MIS lacks is supplied as a school would supply it."""
    kind = adapter_kinds()[demo.mis]
    settings = kind.settings.model_validate(server.settings)
    adapter = kind.open(settings, server.secrets, HttpConfig())
    can = kind.capabilities
    files_here = not (can.notes and can.documents)
    made_up = server.world.school
    people = write_people(folder, made_up, made_up.last_day) if demo.mis in LACKING_FACTS else {}
    supply = SupplyConfig(
        **people,
        calendar=None if can.calendar else write_calendar(folder / "calendar.csv", made_up),
        folder=demo.out if files_here else None,
        folders_by_upn=files_here,
    )
    try:
        yield supplement(adapter, supply)
    finally:
        adapter.close()


def _loaded(demo: DemoOptions, school: MadeUpSchool) -> LoadedSchool:
    details = school.details
    address = details.address
    lines = (*address.lines, address.town, address.postcode)
    config = {
        "id": SCHOOL_ID,
        "name": details.name,
        "nation": school.nation,
        "policy": [policy.id for policy in demo.policies],
        "mis": {"adapter": demo.mis},
        "letters": {
            "telephone": details.telephone,
            "address": [line for line in lines if line],
            "email": details.email,
            "website": details.website,
            "head_name": details.head_name,
            "head_title": details.head_title,
            "attendance_contact_name": details.attendance_contact,
            "authority_name": details.authority,
        },
        "run": {
            "since": school.first_day,
            # the floor of 30 sessions brings many events on its first day, as it does in any school
            "hold_above_events": 1_000_000,
            "digest": demo.out / "school",
        },
    }
    return LoadedSchool(SchoolConfig.model_validate(config), demo.policies[0], more=demo.policies[1:])


def _raise_if_failed(report: RunReport) -> None:
    if report.summary.outcome == "failed":
        raise ConnectorError(f"the run of {report.summary.as_of} failed: {report.summary.error}")


def _sum_up(
    demo: DemoOptions, school: MadeUpSchool, report: RunReport, state: Path, requests: int, days: int
) -> DemoResult:
    if report.register is None:
        raise ConnectorError(f"the last run did not reach the rules: {report.summary.error}")
    with Store.open(state, SCHOOL_ID) as store:
        rows = store.ledger.rows()
        items = [item for row in rows for item in store.outbox.of_event(row.id)]
    written = [item for item in items if item.state == "verified"]
    return DemoResult(
        options=demo,
        school=school,
        register=report.register,
        requests=requests,
        rows=rows,
        notes=sum(item.kind != "document" for item in written),
        documents=sum(item.kind == "document" for item in written),
        held=sum(row.state == "held" for row in rows),
        failed=sum(row.state == "failed" for row in rows),
        days=days,
    )


def _lay_out(out: Path, school: MadeUpSchool, written: Written) -> None:
    """Write what the mock MIS holds into the folder, pupil by pupil, then one index of everything."""
    numbers = {pupil.pupil_id: pupil.admission_number or pupil.upn for pupil in school.pupils}
    filing = Filing(out, lambda pupil_id: numbers.get(pupil_id, ""))
    for document in written.documents():
        filing.write_document(
            DocumentToWrite(
                pupil_id=document.pupil_id,
                upn="",
                key=_key(document.summary),
                file_name=document.file_name,
                summary=document.summary,
                content=document.content,
                date=document.date or school.last_day,
            )
        )
    for note in written.notes():
        filing.write_note(
            NoteToWrite(
                pupil_id=note.pupil_id,
                upn="",
                key=_key(note.summary + note.text),
                summary=note.summary,
                text=note.text,
                date=note.date or school.last_day,
            )
        )
    _index(out)


def _index(out: Path) -> None:
    """Write one index of all folders; the service's own files in the single folders are no longer needed."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(("folder", "date", "kind", "key", "title", "file_name"))
    for folder in (*sorted((out / "pupils").glob("*/")), out / "school"):
        name = folder.relative_to(out).as_posix()
        index = folder / "index.csv"
        if index.is_file():
            with index.open(encoding="utf-8-sig", newline="") as file:
                for row in csv.DictReader(file):
                    writer.writerow((name, *(row[c] for c in ("date", "kind", "key", "title", "file_name"))))
        else:
            for path in sorted(folder.glob("*.docx")):
                writer.writerow((name, path.stem[-10:], "document", "", path.stem, path.name))
        for own in (JOURNAL, MARK):
            (folder / own).unlink(missing_ok=True)
    (out / "index.csv").write_text(text.getvalue(), encoding="utf-8-sig", newline="")


def _key(text: str) -> str:
    key = _KEY.search(text)
    return key.group() if key else ""
