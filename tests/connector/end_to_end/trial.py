"""A made-up school on one mock MIS with runs over it, and what staff and ledger hold afterwards, the same for all."""

from __future__ import annotations

import csv
import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from connector.adapters import adapter_kinds
from connector.adapters.base import Adapter, Capabilities
from connector.adapters.supplied import SupplyConfig, supplement
from connector.config.loaded_school import LoadedSchool
from connector.config.school import SchoolConfig
from connector.http import HttpConfig
from connector.mock.faults import Faults
from connector.mock.register_folder import LACKING_FACTS, write_people, write_register_folder
from connector.mock.school import MadeUpSchool
from connector.mock.server import MockServer
from connector.run.request import RunRequest
from connector.run.run import run_school
from connector.run.summary import RunSummary
from connector.store import Store
from connector.store.ledger import LedgerRow
from rules.policy import Policy, load_policy

MISS = ("arbor", "sims", "xporter", "wonde")
SCHOOL_ID = "hollin"
HTTP = HttpConfig(connect_seconds=2.0, read_seconds=5.0, tries=3, longest_wait_seconds=0.01)
"""Impatient, so that a fifth of all calls failing takes no time."""
UNHURRIED: Mapping[str, Mapping[str, Any]] = {"sims": {"calls_per_second": None}}
"""Options of the mocks: no pace, which tests of the pace itself look at."""
_ZONE = ZoneInfo("Europe/London")


@dataclass(frozen=True)
class EndState:
    """What a school stands at: the ledger, and every note and document on a pupil with how often it is there."""

    events: Mapping[str, tuple[object, ...]]
    """Key -> rule, subject, date, state and evidence."""
    filed: Mapping[tuple[str, ...], int]
    """(kind, pupil, key, title, digest of the text or bytes) -> how often."""

    @property
    def twice(self) -> list[tuple[str, ...]]:
        """What is there more than once, compared without its content."""
        places: Counter[tuple[str, ...]] = Counter()
        for (*place, _digest), count in self.filed.items():
            places[tuple(place)] += count
        return sorted(place for place, count in places.items() if count > 1)


@dataclass
class Trial:
    """One school, one MIS, one state; runs are made at any hour of any day."""

    mis: str
    school: MadeUpSchool
    folder: Path
    policy: Policy = field(default_factory=lambda: load_policy("hcat"))
    options: Mapping[str, Any] = field(default_factory=dict)
    """Of the run."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """Of the adapter, over those that the mock gives."""
    hour: int = 17

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)

    @property
    def state(self) -> Path:
        return self.folder / f"{SCHOOL_ID}.db"

    @property
    def filed_in(self) -> Path:
        return self.folder / "filed"

    @contextmanager
    def open(self, *, today: date | None = None, faults: Faults | None = None) -> Iterator[Trial]:
        """Serve the mock for as long as the trial lasts."""
        with MockServer(
            self.mis, self.school, today=today, faults=faults, options=UNHURRIED.get(self.mis, {})
        ) as server:
            self.server = server
            yield self

    @contextmanager
    def adapter(self) -> Iterator[Adapter]:
        """Open the adapter on the mock; what the MIS lacks is supplied as the configuration would."""
        kind = adapter_kinds()[self.mis]
        settings = kind.settings.model_validate({**self.server.settings, **self.settings})
        adapter = kind.open(settings, self.server.secrets, HTTP)
        try:
            yield supplement(adapter, self._supply(kind.capabilities))
        finally:
            adapter.close()

    def _supply(self, can: Capabilities) -> SupplyConfig:
        """Return what no MIS gives (plans, leave, notices), and the calendar and the place for letters where it has none."""
        folder = self.folder / "supply"
        if not folder.is_dir():
            write_register_folder(folder, self.school, self.school.last_day)
        day = self.server.today or self.school.last_day
        people = write_people(self.folder / "people", self.school, day) if self.mis in LACKING_FACTS else {}
        return SupplyConfig(
            **people,
            calendar=None if can.calendar else folder / "calendar.csv",
            records=folder / "settings.toml",
            folder=None if can.notes and can.documents else self.filed_in,
            folders_by_upn=True,
        )

    def run(self, day: date, **changes: Any) -> RunSummary:
        """One run at the end of a day, in a process of its own as far as the adapter is concerned."""
        self.server.today = day
        self.hour = 17 if self.hour >= 23 else self.hour + 1
        with self.adapter() as adapter:
            request = RunRequest(
                self._options(**changes),
                adapter,
                as_of=day,
                now=datetime.combine(day, time(self.hour), _ZONE),
                sleep=lambda _seconds: None,
            )
            return run_school(self.state, request).summary

    def _options(self, **changes: Any) -> LoadedSchool:
        run = {
            "reports": [],
            "since": self.school.first_day,
            "hold_above_events": 1_000_000,
            "digest": self.folder / "digests",
            **self.options,
            **changes,
        }
        config = {
            "id": SCHOOL_ID,
            "name": "Hollin Bank Primary School",
            "nation": self.school.nation,
            "policy": self.policy.id,
            "mis": {"adapter": self.mis},
            "letters": {"telephone": "01632 960450"},
            "run": run,
        }
        return LoadedSchool(SchoolConfig.model_validate(config), self.policy)

    def rows(self) -> list[LedgerRow]:
        """Return the ledger."""
        with Store.open(self.state, SCHOOL_ID) as store:
            return store.ledger.rows()

    def addressees(self) -> list[tuple[str, ...]]:
        """(key, file name, contact ids ...) of every letter."""
        with Store.open(self.state, SCHOOL_ID) as store:
            items = [item for row in store.ledger.rows() for item in store.outbox.of_event(row.id)]
        return sorted((item.key, item.file_name, *item.contacts) for item in items if item.kind == "document")

    def end_state(self) -> EndState:
        """Return the ledger and what is on the pupils now."""
        events = {
            row.key: (row.rule, row.pupil_id or row.group, row.date, row.state, row.evidence)
            for row in self.rows()
        }
        written = self.server.world.written
        filed: Counter[tuple[str, ...]] = Counter(
            ("note", note.pupil_id, key_in(note.summary), note.summary, _digest(note.text.encode()))
            for note in written.notes()
        )
        filed.update(
            ("document", one.pupil_id, key_in(one.summary), one.file_name, one.digest)
            for one in written.documents()
            if one.pupil_id is not None
        )
        filed.update(self._in_folders())
        return EndState(events, dict(filed))

    def _in_folders(self) -> Iterator[tuple[str, ...]]:
        """Yield what the folder route has filed, as staff see it: the index and the files it lists."""
        by_folder = {pupil.upn or pupil.pupil_id: pupil.pupil_id for pupil in self.school.pupils}
        for index in sorted(self.filed_in.glob("pupils/*/index.csv")):
            with index.open(encoding="utf-8-sig", newline="") as file:
                rows = list(csv.DictReader(file))
            names = [path.name for path in index.parent.iterdir() if path.suffix in (".docx", ".txt")]
            assert sorted(names) == sorted(row["file_name"] for row in rows), "index and folder differ"
            for row in rows:
                content = (index.parent / row["file_name"]).read_bytes()
                if row["kind"] == "note":
                    content = content.decode("utf-8-sig").encode()
                title = row["title"] if row["kind"] == "note" else row["file_name"]
                pupil = by_folder[index.parent.name]
                yield (row["kind"], pupil, row["key"], title, _digest(content))


def key_in(summary: str) -> str:
    """Return the event's key at the end of a summary."""
    return summary.rstrip("]").rpartition("[")[2]


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def school_days(school: MadeUpSchool) -> list[date]:
    """Return the school days that have marks."""
    return [day for day in school.calendar.school_days if school.first_day <= day <= school.last_day]
