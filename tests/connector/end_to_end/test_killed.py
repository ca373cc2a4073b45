"""The program killed without warning in mid-pull and mid-delivery: the next run loses nothing and repeats nothing."""

from __future__ import annotations

import subprocess
import sys
import time
from collections import Counter, deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from connector.config import load_config
from connector.config.example import config_text
from connector.mock.register_folder import write_register_folder
from connector.mock.school import MadeUpSchool, make_school
from connector.mock.server import MockServer
from connector.mock.world import Seen
from connector.run.start import run_once
from connector.run.summary import RunSummary
from connector.store import Store

Filed = Counter[tuple[str | None, ...]]


def school() -> MadeUpSchool:
    return make_school(pupils=10, weeks=4, seed=7)


class Killing(deque[Seen]):
    """The mock's log of requests; at a given one, after its effect and before its answer, the program is killed."""

    def __init__(self) -> None:
        super().__init__()
        self.at: int | None = None
        self.program: subprocess.Popen[str] | None = None

    def append(self, seen: Seen, /) -> None:
        super().append(seen)
        if self.program is not None and len(self) == self.at:
            self.program.kill()
            self.program.wait(30)


class Site:
    """One school's server with the program on it, and the mock MIS that it talks to."""

    def __init__(self, folder: Path, server: MockServer) -> None:
        self.folder, self.server = folder, server
        self.requests = server.world.requests = Killing()
        made_up = server.world.school
        values = {
            "school": {
                "id": "hill",
                "name": "Hill Primary School",
                "letters": {"telephone": "01632 960001"},
                "run": {"trial_day": server.today, "since": made_up.first_day, "hold_above_events": 1000},
                "supply": self._supply() if server.kind.name != "arbor" else {},
            },
            "mis": {"adapter": server.kind.name, **server.settings},
        }
        (folder / "config.toml").write_text(config_text(values), encoding="utf-8")

    def _supply(self) -> dict[str, str]:
        """Return what Xporter does not give, and the folder for what it does not take."""
        school = write_register_folder(self.folder / "supply", self.server.world.school, self.server.today)
        files = {name: str(school / f"{name}.csv") for name in ("calendar", "contacts", "pupils")}
        return {"folder": str(self.folder / "letters"), **files}

    def run(self) -> RunSummary:
        """One run that nobody kills."""
        self.requests.clear()
        self.requests.program = None
        config = load_config(self.folder / "config.toml")
        (one,) = config.schools
        return run_once(one, config.database(one)).summary

    def run_and_kill(self, *, request: int | None = None, files: int | None = None) -> None:
        """Start a run in a process of its own and kill it at its nth request, or once so many letters are there."""
        self.requests.clear()
        self.requests.at = request
        self.requests.program = program = subprocess.Popen(
            [sys.executable, "-m", "connector", "run", "--config", str(self.folder / "config.toml")],
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        end = time.monotonic() + 60
        while files is not None and len(list((self.folder / "letters").rglob("*.docx"))) < files:
            assert time.monotonic() < end, "no letters came"
            assert program.poll() is None, "it ended before it could be killed"
            time.sleep(0.002)
        if files is not None:
            program.kill()
        output, _ = program.communicate(timeout=60)
        assert program.returncode != 0, output

    def filed(self) -> Filed:
        """Everything on the pupils: in the MIS or in their folders."""
        written = self.server.world.written
        found: Filed = Counter(("note", n.pupil_id, n.summary, n.text) for n in written.notes())
        # a file that was uploaded and not yet tied to its pupil is on nobody
        tied = [one for one in written.documents() if one.pupil_id is not None]
        found.update(("document", d.pupil_id, d.file_name, d.summary, d.digest) for d in tied)
        letters = self.folder / "letters" / "pupils"
        for path in letters.rglob("Attendance*.docx"):
            found["document", path.parent.name, path.name, path.read_bytes().hex()] += 1
        for path in letters.rglob("Note*.txt"):
            found["note", path.parent.name, path.name, path.read_text(encoding="utf-8-sig")] += 1
        return found

    def events(self) -> dict[str, tuple[str, str]]:
        """Key -> state and evidence."""
        (state,) = self.folder.rglob("hill.db")
        with Store.open(state, "hill") as store:
            return {row.key: (row.state, row.evidence) for row in store.ledger.rows()}


@contextmanager
def site(mis: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    folder.mkdir()
    with MockServer(mis, school()) as server:
        for name, value in server.secrets.items():
            monkeypatch.setenv(f"ATTENDANCE_CONNECTOR_HILL_{name.upper()}", value)
        yield Site(folder, server)


def test_killed_at_its_requests_it_goes_on_where_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with site("arbor", tmp_path / "undisturbed", monkeypatch) as calm:
        assert calm.run().outcome == "done"
        writes = [n for n, seen in enumerate(calm.requests, 1) if seen.method == "PUT"]
        assert len(writes) > 5
    with site("arbor", tmp_path / "killed", monkeypatch) as killed:
        killed.run_and_kill(request=3)  # in mid-pull
        killed.run_and_kill(request=writes[0])  # its first letter is on the pupil, and it never learns of it
        killed.run_and_kill(request=writes[2])  # further on
        assert killed.run().outcome == "done"
        assert killed.filed() == calm.filed()
        assert killed.events() == calm.events()
        assert killed.run().outcome == "done"
        assert killed.filed() == calm.filed()


def test_killed_while_it_fills_the_folders_it_goes_on_where_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with site("xporter", tmp_path / "undisturbed", monkeypatch) as calm:
        assert calm.run().outcome == "done"
    with site("xporter", tmp_path / "killed", monkeypatch) as killed:
        killed.run_and_kill(files=2)
        assert killed.run().outcome == "done"
        assert killed.filed() == calm.filed()
        assert killed.events() == calm.events()
