"""Which file of the state folder is a school's, also after the school's id in the configuration was renamed.

A state knows the MIS's school that fills it (:mod:`connector.store.belonging`). A file under another name whose school
is the same is used on under the new one, so that nothing is written twice.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from connector.adapters import adapter_kinds
from connector.adapters.base import Adapter, MisSchool, PullRequest, SchoolPage
from connector.adapters.folder_marks import FolderMark
from connector.config import Config, SchoolConfig
from connector.errors import StoreError
from connector.run.lock import school_lock
from connector.store.belonging import PullSource
from connector.store.meta import FOLDER_MARK, LABEL, MIS, keep_value, read_value

_LOCK_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class StateFile:
    """A school's file, as it says itself whose it is."""

    path: Path
    label: str
    """The school's id in the configuration when it was last used."""
    mis: str | None
    """The MIS's school that filled it; None when a version filled it that did not keep this."""
    own: str
    """The MIS's number of the school alone, which every version kept; empty for a register folder."""
    read_at: str
    folder_mark: str = ""
    """By which the school's folders for letters and documents are known; empty before they were marked."""

    def holds(self, mis: str) -> bool:
        """Return whether this is the state of a school of the MIS, such as "arbor:105203"."""
        return self.mis == mis or (self.mis is None and bool(self.own) and mis.endswith(f":{self.own}"))


def source_of(school: SchoolConfig) -> PullSource:
    """Return where a school's pulls come from."""
    kind = adapter_kinds()[school.mis.adapter]
    place = kind.place(school.mis.settings) if kind.place else ""
    return PullSource(kind.name, place, school.supply.files)


def unused_states(config: Config) -> list[StateFile]:
    """Return the files of the state folder that no school of the configuration has by name."""
    names = {school.id for school in config.schools}
    return [state for state in _states(config) if state.path.stem not in names]


def renamed_state(config: Config, school: SchoolConfig, mis: str | None = None) -> StateFile | None:
    """Return the file that holds the school's state under another name or label; None when nothing was renamed.

    ``mis``: the MIS's school where the configuration alone does not say it. A file that another school of the
    configuration has by name counts only when that school's settings are those of another register folder.
    """
    wanted = mis or source_of(school).mis(None)
    if wanted is None:
        return None
    own = _read(config.database(school))
    if own is not None and (own.mis is None or own.holds(wanted)):
        return own if own.label != school.id and own.holds(wanted) else None
    taken = {s.id for s in config.schools if source_of(s).mis(None) in (None, wanted)} | {school.id}
    others = [state for state in _states(config) if state.holds(wanted) and state.path.stem not in taken]
    return max(others, key=lambda state: state.read_at, default=None)


def state_of(config: Config, school: SchoolConfig, mis: str | None) -> StateFile | None:
    """Return the school's state, whatever name it has; None before the first run. ``mis``: as the MIS says."""
    return renamed_state(config, school, mis) or _read(config.database(school))


def folder_mark(config: Config, school: SchoolConfig, mis: str | None) -> FolderMark:
    """Return the school as the marks in its folders name it, whatever name its state has; ``mis``: as the MIS says."""
    state = state_of(config, school, mis)
    return FolderMark(state.folder_mark if state else "", mis or (state and state.mis) or "", school.id)


def asked_mis(config: Config, school: SchoolConfig, adapter: Adapter, day: date) -> str | None:
    """Return the MIS's school, asking the MIS for it only where an unused state may be this school's.

    Raise StoreError when the school has no state and an unused one does not say whose it is.
    """
    source = source_of(school)
    if config.database(school).exists():
        return source.mis(None)
    unused = unused_states(config)
    nameless = [state.path.name for state in unused if state.mis is None and not state.own]
    if nameless:
        raise StoreError(
            f"{school.id} has no state, and {' and '.join(nameless)} in {config.service.state} may be of the same school.",
            fix=f"if the school's id was renamed, give it its old id again ({', '.join(Path(n).stem for n in nameless)}) for one run;"
            " otherwise move that file out of the folder",
        )
    if source.place or not unused:
        return source.mis(None)
    return source.mis(_school(adapter, day))


def adopt(config: Config, school: SchoolConfig, state: StateFile) -> str:
    """Use a state on under the school's present id; return a sentence that says so. Raise StoreError.

    A file that has this name already, and is of another school, is set aside under a name of no school, where that
    school finds it.
    """
    target = config.database(school)
    try:
        with ExitStack() as locks:
            for path in sorted({target, state.path}):
                locks.enter_context(school_lock(path, wait_seconds=_LOCK_SECONDS))
            _relabel(state.path, school.id)
            if state.path != target:
                if target.exists():
                    _relabel(target, None)
                    target.rename(_free_name(config, target))
                state.path.rename(target)
    except (OSError, sqlite3.Error) as error:
        raise StoreError(
            f"{state.path.name} cannot be renamed to {target.name}: {error}.",
            fix="close the programs that have it open, then run again",
        ) from error
    return f"{_former(school, state)} is now {school.id}.db, so nothing is written twice"


def settled(config: Config, school: SchoolConfig) -> str | None:
    """Rename the state of a school whose configuration alone says that its id was renamed; return a sentence then."""
    state = renamed_state(config, school)
    return None if state is None else adopt(config, school, state)


def renamed_words(school: SchoolConfig, state: StateFile) -> str:
    """Return in words what the next run does with the state of a renamed school."""
    return f"{_former(school, state)} becomes {school.id}.db in the next run, so nothing is written twice"


def _former(school: SchoolConfig, state: StateFile) -> str:
    return f"{school.id} is the school that had the id {state.label}: its state {state.path.name}"


def _states(config: Config) -> Iterator[StateFile]:
    for path in sorted(config.service.state.glob("*.db")):
        state = _read(path)
        if state is not None:
            yield state


def _read(path: Path) -> StateFile | None:
    """Return what a file says of itself; None for one that is no state, or cannot be read."""
    if not path.exists():
        return None
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as connection:
            connection.row_factory = sqlite3.Row
            label, mis = read_value(connection, LABEL), read_value(connection, MIS)
            read_at = read_value(connection, "registers_read_at") or ""
            folder_mark = read_value(connection, FOLDER_MARK) or ""
            row = connection.execute("SELECT body FROM school_facts WHERE kind = 'school'").fetchone()
    except sqlite3.Error:
        return None
    facts = json.loads(row["body"]) if row else {}
    own = str(facts.get("urn") or facts.get("mis_id") or "")
    return None if label is None else StateFile(path, label, mis, own, read_at, folder_mark)


def _relabel(path: Path, label: str | None) -> None:
    """Write whose the file is, and leave one file without a write-ahead log next to it, ready to be moved."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        if label is not None:
            connection.execute("BEGIN IMMEDIATE")
            keep_value(connection, LABEL, label)
            connection.execute("COMMIT")
        connection.execute("PRAGMA journal_mode = DELETE")


def _free_name(config: Config, path: Path) -> Path:
    names = {school.id for school in config.schools}
    number = 1
    while (name := f"{path.stem}-set-aside-{number}") in names or path.with_name(f"{name}.db").exists():
        number += 1
    return path.with_name(f"{name}.db")


def _school(adapter: Adapter, day: date) -> MisSchool | None:
    """Return the school as the MIS names it, from a pull that ends as soon as it has come."""
    pages = adapter.pull(PullRequest(bookmark=None, recent_from=day, until=day, history_from=day))
    return next((page.school for page in pages if isinstance(page, SchoolPage)), None)
