"""The pages of one pull, taken into the store: each page is committed with its merge, the bookmark comes last.

Reads are at least once: a pull that broke off is simply read again, and nothing is taken twice.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection
from contextlib import AbstractContextManager
from datetime import date, datetime
from typing import Protocol

import numpy as np

from connector.adapters.base import (
    AllMarksSent,
    AllPupilsSent,
    AmendmentPage,
    CalendarPage,
    CodesPage,
    FilesPage,
    MarkPage,
    Page,
    PullEnd,
    PupilPage,
    RecordPage,
    SchoolPage,
)
from connector.errors import HeldError, RunGuard
from connector.store import amendments
from connector.store.belonging import PullSource, check_same_school, known_mis
from connector.store.facts.fact_history import FactChange, FactHistory, days_told
from connector.store.facts.school_facts import Facts
from connector.store.facts.sources import check_files, let_go_of_sources, sources_of, take_records
from connector.store.mark_bytes import (
    SLOTS,
    CodeTable,
    is_missing,
    session_at,
    slot_of,
    storage_year,
)
from connector.store.meta import IDENTITY, LABEL, MIS, keep_value, read_value
from rules.calendar import CalendarError, Period
from rules.school import Mark, Session

FEW_MARKS = 40
"""So many marks may always vanish at once (a pupil's week or two)."""
MOST_GONE = 0.5
"""A pull that leaves out more than this share of the pupils is held."""

YearOfPupil = tuple[str, int]


class OpenStore(Protocol):
    """What a merge needs of the store."""

    facts: Facts
    fact_history: FactHistory

    @property
    def connection(self) -> sqlite3.Connection:
        """The store's connection."""

    def transaction(self) -> AbstractContextManager[sqlite3.Connection]:
        """Commit all of a step or nothing."""


class PullMerge:
    """One pull under way. Make a new one for each attempt.

    ``most_cleared``: when the MIS says that it sent every mark of a stretch of days, and more than this share of
    those held there would vanish, the pull is held with HeldError. ``source``: so is a pull of another school than
    the one whose state this is. ``accepted``: the guards that a person lets this pull past.
    """

    def __init__(
        self,
        store: OpenStore,
        *,
        at: datetime,
        most_cleared: float,
        source: PullSource,
        accepted: Collection[RunGuard] = (),
    ) -> None:
        self._store = store
        self._source = source
        self._mis = source.mis(None)
        self._waiting: list[Page] | None = None
        """Pages that came from another school by name, until its pupils show that it is the same."""
        self._begun = False
        self._all_seen = False
        """Every pupil held has flags in the history; a state of an earlier version has none before its next pull."""
        self._connection = store.connection
        self._at = at
        self._most_cleared = most_cleared
        self._accepted = accepted
        self._codes: CodeTable | None = None
        self._loaded: dict[YearOfPupil, bytearray] | None = None
        self._sent: dict[YearOfPupil, bytearray] = {}
        self._before: dict[tuple[str, Session], tuple[int, int | None]] = {}
        """Sessions changed in this pull: the index before it, and the row of the amendment made for it."""
        self._emptied: set[tuple[str, Session]] | None = None
        self._sent_pupils: set[str] = set()
        self._removed: set[str] = set()
        """Pupils of whom the MIS says that it has them no longer."""
        self._all_pupils: AllPupilsSent | None = None
        self._all_marks: list[AllMarksSent] = []
        self._sources = sources_of(source)
        self.pupils = self.contacts = self.marks = 0
        """How many were sent, for the summary."""
        self.warnings: list[str] = []
        self.complete = False

    def apply(self, page: Page) -> None:
        """Take in one page and commit it. Raise HeldError or StoreError; then nothing of the page is kept."""
        self._meet(page)
        if self._waiting is not None and not isinstance(page, PupilPage | PullEnd):
            self._waiting.append(page)
            return
        with self._store.transaction():
            if self._waiting is not None:
                sent = page.pupils if isinstance(page, PupilPage) else ()
                if "other_school" not in self._accepted:
                    check_same_school(self._store.facts.pupils(), sent, self._mis or "")
                for earlier in self._waiting:
                    self._take(earlier)
                self._waiting = None
            self._take(page)

    def _meet(self, page: Page) -> None:
        """Let pages wait when the MIS's school is not the one that filled the state before."""
        if isinstance(page, SchoolPage):
            self._mis = self._source.mis(page.school)
        elif self._begun or self._mis is None:
            return
        self._begun = True
        known = known_mis(self._connection, self._source)
        if known not in (None, self._mis) and self._waiting is None and self._store.facts.present_ids():
            self._waiting = []

    def _take(self, page: Page) -> None:
        match page:
            case SchoolPage(school):
                self._store.facts.put_school(school)
            case CodesPage(codes):
                self._store.facts.put_codes(codes)
            case CalendarPage(periods):
                self._calendar_page(periods)
            case PupilPage():
                self._pupil_page(page)
            case MarkPage():
                self._mark_page(page)
            case AmendmentPage(changes):
                self._store.facts.make_room_for({change.pupil_id for change in changes})
                amendments.add_from_mis(self._connection, changes, seen_at=self._at)
            case RecordPage():
                self._sources.add(take_records(self._store.facts.records, page, self._source))
            case FilesPage(files):
                self.warnings += check_files(
                    self._connection, files, accepted="missing_file" in self._accepted
                )
            case AllPupilsSent():
                self._all_pupils = page
            case AllMarksSent():
                self._all_marks.append(page)
            case PullEnd():
                self._end(page)

    def _calendar_page(self, answer: tuple[Period, ...]) -> None:
        """Merge the answer into the calendar. Raise HeldError when it cannot be used."""
        facts, history = self._store.facts, self._store.fact_history
        known = facts.calendar()
        try:
            after = facts.add_calendar(answer)
        except CalendarError as error:
            if known and "calendar" in self._accepted:
                self.warnings.append(
                    f"the MIS's calendar was passed over, and the known one is used: {error}"
                )
                return
            raise HeldError(
                f"the calendar cannot be used: {error}.",
                fix="correct it in the MIS or in the calendar file; what was known of it stays",
                guard="calendar" if known else None,
            ) from error
        if known and not any(period.kind == "half_term" for period in answer):
            self.warnings.append("the MIS gave no half term: the calendar that was known is used")
        known_at = registers_read_at(self._connection) or self._at
        marked = self._marked() if after.gone or after.added else set()
        history.see_calendar(known, answer, after, marked, at=self._at, known_at=known_at)

    def _marked(self) -> set[Session]:
        """Return the sessions for which anybody has a mark."""
        years: dict[int, bytearray] = {}
        for (_, year), codes in self._years.items():
            held = years.setdefault(year, bytearray(SLOTS))
            held[:] = (np.frombuffer(held, np.uint8) | np.frombuffer(codes, np.uint8)).tobytes()
        return {session_at(year, int(slot)) for year, held in years.items() for slot in np.flatnonzero(held)}

    def _pupil_page(self, page: PupilPage) -> None:
        history = self._store.fact_history
        known_at = registers_read_at(self._connection) or self._at
        if not self._all_seen:
            history.see_pupils(self._store.facts.pupils_without_history(), known_at)
            self._all_seen = True
        history.see_pupils(page.pupils, self._at, known_at=known_at)
        self._store.facts.put_pupils(page.pupils)
        sent = {pupil.pupil_id for pupil in page.pupils}
        self._removed = (self._removed - sent) | set(page.removed)
        self._sent_pupils |= sent
        self.pupils += len(page.pupils)
        self.contacts += sum(len(pupil.contacts) for pupil in page.pupils)

    def _mark_page(self, page: MarkPage) -> None:
        rows: dict[tuple[str, Session], Mark | None] = dict.fromkeys(page.cleared)
        rows.update({(mark.pupil_id, Session(mark.date, mark.half)): mark for mark in page.marks})
        self._store.facts.make_room_for({pupil_id for pupil_id, _ in rows})
        changed: set[YearOfPupil] = set()
        silent: set[tuple[str, Session]] = set()
        for (pupil_id, session), mark in rows.items():
            year = (pupil_id, storage_year(session.date))
            slot = slot_of(*session)
            self._sent.setdefault(year, bytearray(SLOTS))[slot] = mark is not None
            if self._put(year, slot, session, mark):
                changed.add(year)
            elif not page.details:
                silent.add((pupil_id, session))
        self._details({place: mark for place, mark in rows.items() if place not in silent})
        self._write(changed)
        self.marks += len(page.marks)

    def _put(self, year: YearOfPupil, slot: int, session: Session, mark: Mark | None) -> bool:
        """Set one session's byte; record an amendment where an entry changed. True when the byte changed."""
        if self._codes is None:
            self._codes = CodeTable(self._connection)
        held = self._years.setdefault(year, bytearray(SLOTS))
        new = 0 if mark is None else self._codes.index(mark.code)
        if held[slot] == new:
            return False
        of_pupil = (year[0], session)
        before, row = self._before.get(of_pupil, (held[slot], None))
        if row is not None:
            amendments.forget_seen(self._connection, row)
        held[slot] = new
        self._before[of_pupil] = (before, self._amend(of_pupil, before, new, mark))
        return True

    def _amend(self, of_pupil: tuple[str, Session], before: int, new: int, mark: Mark | None) -> int | None:
        assert self._codes is not None
        original, amended = self._codes.code(before).strip(), self._codes.code(new).strip()
        if original == amended or (is_missing(original) and is_missing(amended)):
            return None
        if is_missing(original) and of_pupil not in self._once_emptied():
            return None  # a first entry changes nothing
        recorded = mark.recorded_at if mark else None
        return amendments.add_seen(
            self._connection,
            *of_pupil,
            (original, amended),
            amended_at=recorded or self._at,
            seen_at=self._at,
        )

    def _once_emptied(self) -> set[tuple[str, Session]]:
        if self._emptied is None:
            self._emptied = amendments.sessions_left_empty(self._connection)
        return self._emptied

    @property
    def _years(self) -> dict[YearOfPupil, bytearray]:
        """Every stored year of marks, read once: about a megabyte for a school of 420 over three years."""
        if self._loaded is None:
            rows = self._connection.execute("SELECT pupil_id, year, codes FROM marks")
            self._loaded = {(pupil_id, year): bytearray(blob) for pupil_id, year, blob in rows}
        return self._loaded

    def _write(self, years: set[YearOfPupil]) -> None:
        self._connection.executemany(
            "INSERT INTO marks (pupil_id, year, codes) VALUES (?1, ?2, ?3) ON CONFLICT (pupil_id, year) DO UPDATE SET codes = ?3",
            [(*year, bytes(self._years[year])) for year in sorted(years)],
        )

    def _details(self, rows: dict[tuple[str, Session], Mark | None]) -> None:
        """Minutes late and comments only where there are any; a row without takes an earlier one's away."""
        self._connection.executemany(
            "DELETE FROM mark_details WHERE pupil_id = ? AND date = ? AND half = ?",
            [(pupil_id, session.date.isoformat(), session.half) for pupil_id, session in rows],
        )
        self._connection.executemany(
            "INSERT INTO mark_details (pupil_id, date, half, minutes_late, comment) VALUES (?, ?, ?, ?, ?)",
            [
                (mark.pupil_id, mark.date.isoformat(), mark.half, mark.minutes_late, mark.comment)
                for mark in rows.values()
                if mark is not None and (mark.minutes_late is not None or mark.comment)
            ],
        )

    def _end(self, page: PullEnd) -> None:
        """Clear what was not sent, and only now move the bookmark."""
        self._let_go_of_pupils()
        for stretch in self._all_marks:
            self._let_go_of_marks(stretch.start, stretch.end)
        keep_value(self._connection, "bookmark", page.bookmark)
        keep_value(self._connection, "registers_read_at", self._at.isoformat())
        self._keep_whose()
        self.warnings += let_go_of_sources(self._connection, self._source, self._sources)
        self.warnings.extend([*days_told(self._news()), *page.warnings])
        self.complete = True

    def _keep_whose(self) -> None:
        """Keep which school of the MIS this is, and what its keys are made with from the first pull on."""
        if self._mis is not None:
            keep_value(self._connection, MIS, self._mis)
        if read_value(self._connection, IDENTITY) is None:
            school = self._store.facts.school()
            # the DfE number alone, so that the same school has the same keys by way of any MIS
            named = None if self._source.place else (school.urn if school and school.urn else self._mis)
            keep_value(self._connection, IDENTITY, named or read_value(self._connection, LABEL))

    def _news(self) -> list[FactChange]:
        """Return the school's facts that changed since the last complete pull, also in one that broke off."""
        history = self._store.fact_history
        reported = int(read_value(self._connection, "facts_told") or 0)
        keep_value(self._connection, "facts_told", str(history.last_row()))
        return history.changes_after(reported)

    def _let_go_of_pupils(self) -> None:
        """Keep since when the MIS no longer has pupils. Raise HeldError when they are many at once."""
        held = self._store.facts.present_ids()
        gone = held & self._removed
        if self._all_pupils is not None:
            gone |= held - self._sent_pupils - set(self._all_pupils.left_out)
        many = len(gone) > 5 and len(gone) > MOST_GONE * len(held)
        if many and "fewer_pupils" not in self._accepted:
            raise HeldError(
                f"{len(gone)} of the {len(held)} pupils known are no longer in the MIS's answer, which has {len(held - gone)} of them.",
                fix="check in the MIS that the pupils are there and the connector's user may read them",
                guard="fewer_pupils",
            )
        self._store.facts.mark_gone(gone, self._at.date())

    def _let_go_of_marks(self, start: date, end: date) -> None:
        """Clear what was not sent; but keep the marks of pupils whom the MIS itself no longer gives."""
        silent = self._silent_pupils()
        held = 0
        gone: list[tuple[YearOfPupil, int, Session]] = []
        for year, codes in self._years.items():
            if year[0] in silent or not storage_year(start) <= year[1] <= storage_year(end):
                continue
            first = slot_of(start, "AM") if storage_year(start) == year[1] else 0
            last = slot_of(end, "PM") if storage_year(end) == year[1] else SLOTS - 1
            stored = np.frombuffer(codes, dtype=np.uint8)[first : last + 1] > 0
            sent = np.frombuffer(self._sent.get(year, bytes(SLOTS)), dtype=np.uint8)[first : last + 1] > 0
            held += int(np.count_nonzero(stored))
            for offset in np.flatnonzero(stored & ~sent):
                slot = first + int(offset)
                gone.append((year, slot, session_at(year[1], slot)))
        many = len(gone) > FEW_MARKS and len(gone) > self._most_cleared * held
        if many and "fewer_marks" not in self._accepted:
            raise HeldError(
                f"{len(gone)} of {held} marks between {start} and {end} are no longer in the MIS's answer.",
                fix="check in the MIS that the registers are there; nothing was changed here",
                guard="fewer_marks",
            )
        for year, slot, session in gone:
            self._put(year, slot, session, None)
        self._details({(year[0], session): None for year, _, session in gone})
        self._write({year for year, _, _ in gone})

    def _silent_pupils(self) -> set[str]:
        """Return pupils who are gone, or have left and were sent no mark at all: many MISs stop giving theirs."""
        sent = {pupil_id for (pupil_id, _), slots in self._sent.items() if any(slots)}
        today = self._at.date()
        left = {
            pupil.pupil_id
            for pupil in self._store.facts.pupils()
            if pupil.on_roll_to is not None and pupil.on_roll_to < today
        }
        return self._store.facts.not_listed().keys() | (left - sent)


def bookmark(connection: sqlite3.Connection) -> str | None:
    """Return the bookmark of the last complete pull; None before the first, or where the MIS gives none."""
    return read_value(connection, "bookmark")


def forget_bookmark(connection: sqlite3.Connection) -> None:
    """Let the next pull read everything again."""
    keep_value(connection, "bookmark", None)


def registers_read_at(connection: sqlite3.Connection) -> datetime | None:
    """Return when the last complete pull was taken in; None before the first."""
    kept = read_value(connection, "registers_read_at")
    return None if kept is None else datetime.fromisoformat(kept)
