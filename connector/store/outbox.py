"""What will be written to the MIS, byte for byte, and what became of it."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import PurePosixPath
from typing import Literal

from letters.words.english import count

Kind = Literal["document", "note", "correction"]
Day = date
"""The type, where a field is itself called date."""
ItemState = Literal["waiting", "attempted", "written", "verified", "failed", "cancelled", "replaced"]
OPEN: tuple[ItemState, ...] = ("waiting", "attempted", "written")


@dataclass(frozen=True, slots=True)
class Item:
    """One note or document. ``attempted``: a write was begun and we do not know yet what came of it."""

    id: int
    event_id: int | None
    run_id: int
    kind: Kind
    pupil_id: str | None
    key: str
    file_name: str
    summary: str
    text: str
    sha256: str | None
    date: date
    template: str
    contacts: tuple[str, ...]
    only_if_found: bool
    state: ItemState
    tries: int
    reference: str
    error: str
    state_at: datetime
    tried_in: int | None
    """The last run that could not write it; None when none has tried in vain."""
    tried_on: Day | None
    """The day of that run."""
    in_vain: int
    """How often it could not be written: refusals, and days on which the MIS did not take it."""
    rests_on: str = ""
    """A digest of all that a document rests on besides the day; empty in items of versions that kept none."""
    verified_in: int | None = None
    """The run that read it back from the MIS."""

    @property
    def maybe_there(self) -> bool:
        """True when it is in the MIS, or a write was begun and not given up: its addressees may have it."""
        return self.state == "verified" or (self.tries > 0 and self.state in OPEN)

    @property
    def stands_alone(self) -> bool:
        """True of a correcting note and of a document of the school: no event fails with it, so it is tried again."""
        return self.event_id is None or self.kind == "correction"


@dataclass(frozen=True, slots=True)
class Written:
    """How many notes and documents were read back from the MIS."""

    notes: int = 0
    documents: int = 0

    @property
    def words(self) -> str:
        """The same in words."""
        return f"{count(self.notes, 'note')} and {count(self.documents, 'document')}"


_SELECT = (
    "SELECT id, event_id, run_id, kind, pupil_id, key, file_name, summary, text, sha256, date, template, contacts,"
    " only_if_found, state, tries, reference, error, state_at, tried_in, tried_on, in_vain, rests_on,"
    " verified_in FROM outbox"
)
_OPEN = "('waiting', 'attempted', 'written')"
_TO_BE_TRIED = "state = 'waiting', error = '', in_vain = 0, state_at = ?"


class Outbox:
    """Reads and writes of one connection; writes belong inside a transaction of the store."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def add_document(
        self,
        *,
        event_id: int | None,
        run_id: int,
        pupil_id: str | None,
        key: str,
        file_name: str,
        summary: str,
        content: bytes,
        day: date,
        at: datetime,
        template: str = "",
        contacts: Sequence[str] = (),
        rests_on: str = "",
    ) -> int:
        """Put a document in; its bytes are kept once, however often they occur. Return its number."""
        digest = hashlib.sha256(content).hexdigest()
        self._connection.execute(
            "INSERT INTO contents (sha256, bytes) VALUES (?, ?) ON CONFLICT DO NOTHING", (digest, content)
        )
        return self._add(
            (event_id, run_id, "document", pupil_id, key, file_name, summary, "", digest),
            (day.isoformat(), template, json.dumps(list(contacts)), 0, at.isoformat(), rests_on),
        )

    def add_note(
        self,
        *,
        event_id: int,
        run_id: int,
        pupil_id: str,
        key: str,
        summary: str,
        text: str,
        day: date,
        at: datetime,
        kind: Literal["note", "correction"] = "note",
        only_if_found: bool = False,
    ) -> int:
        """Put a note in. Return its number."""
        return self._add(
            (event_id, run_id, kind, pupil_id, key, "", summary, text, None),
            (day.isoformat(), "", "[]", int(only_if_found), at.isoformat(), ""),
        )

    def _add(self, first: tuple[object, ...], last: tuple[object, ...]) -> int:
        cursor = self._connection.execute(
            "INSERT INTO outbox (event_id, run_id, kind, pupil_id, key, file_name, summary, text, sha256, date,"
            " template, contacts, only_if_found, state_at, rests_on)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            first + last,
        )
        assert cursor.lastrowid is not None
        return cursor.lastrowid

    def content(self, item: Item) -> bytes:
        """Return the bytes of a document."""
        row = self._connection.execute(
            "SELECT bytes FROM contents WHERE sha256 = ?", (item.sha256,)
        ).fetchone()
        return bytes(row["bytes"])

    def move(
        self, item_id: int, state: ItemState, at: datetime, *, reference: str | None = None, error: str = ""
    ) -> None:
        """Move an item to a state; an attempt counts a try."""
        self._connection.execute(
            "UPDATE outbox SET state = ?, state_at = ?, reference = coalesce(?, reference), error = ?,"
            " tries = tries + ? WHERE id = ?",
            (state, at.isoformat(), reference, error, int(state == "attempted"), item_id),
        )

    def put_verified(self, item_id: int, at: datetime, *, reference: str, run_id: int | None) -> None:
        """Record that a run read an item back from the MIS."""
        self.move(item_id, "verified", at, reference=reference)
        self._connection.execute("UPDATE outbox SET verified_in = ? WHERE id = ?", (run_id, item_id))

    def put_refused(self, item_id: int, at: datetime) -> None:
        """Record that the MIS refused the write that was begun: it left nothing there, so it counts as no try."""
        self._connection.execute(
            "UPDATE outbox SET state = 'waiting', state_at = ?, tries = tries - 1"
            " WHERE id = ? AND state = 'attempted'",
            (at.isoformat(), item_id),
        )

    def put_in_vain(self, item_id: int, error: str, *, run_id: int | None, on: date, counts: bool) -> None:
        """Remember why a run could not write an item, and whether that counts towards giving it up."""
        self._connection.execute(
            "UPDATE outbox SET error = ?, tried_in = ?, tried_on = ?, in_vain = in_vain + ? WHERE id = ?",
            (error, run_id, on.isoformat(), int(counts), item_id),
        )

    def of_event(self, event_id: int) -> list[Item]:
        """Return everything ever put in for an event, in the order in which it is written."""
        return self._items("event_id = ?", (event_id,))

    def filed(self) -> dict[int, list[tuple[str, frozenset[str]]]]:
        """Return by number of the event its documents in the MIS, each as the template's name and the adults it went to."""
        found: dict[int, list[tuple[str, frozenset[str]]]] = {}
        for row in self._connection.execute(
            "SELECT event_id, template, contacts FROM outbox WHERE kind = 'document' AND event_id IS NOT NULL"
            " AND state IN ('written', 'verified')"
        ):
            name = PurePosixPath(row["template"]).name.removesuffix(".docx")
            found.setdefault(row["event_id"], []).append((name, frozenset(json.loads(row["contacts"]))))
        return found

    def open_items(self) -> list[Item]:
        """Return everything that is still to be written or verified, in the order in which it is written."""
        return self._items("state IN ('waiting', 'attempted', 'written')", ())

    def not_taken(self) -> list[Item]:
        """Return the correcting notes and documents of the school that the MIS has not taken, given up or not."""
        return self._items(
            "(event_id IS NULL OR kind = 'correction')"
            " AND (state = 'failed' OR (tried_in IS NOT NULL AND state IN ('waiting', 'attempted', 'written')))",
            (),
        )

    def written(self, run_id: int | None = None) -> Written:
        """Count what a run read back from the MIS; without a number, what all runs did: what stands there."""
        rows = self._connection.execute(
            "SELECT kind = 'document' AS document, count(*) AS number FROM outbox WHERE state = 'verified'"
            " AND (?1 IS NULL OR verified_in = ?1) GROUP BY 1",
            (run_id,),
        )
        counts = {row["document"]: row["number"] for row in rows}
        return Written(notes=counts.get(0, 0), documents=counts.get(1, 0))

    def verified_documents(self) -> list[Item]:
        """Return the documents on pupils that were read back from the MIS."""
        return self._items("kind = 'document' AND pupil_id IS NOT NULL AND state = 'verified'", ())

    def documents_listing(self, event_id: int) -> list[Item]:
        """Return the documents of the school that hold a line about an event."""
        return self._items("id IN (SELECT outbox_id FROM list_lines WHERE event_id = ?)", (event_id,))

    def all_listed(self, event_id: int) -> bool:
        """Return True when an event is in a document of every list that it belongs to."""
        row = self._connection.execute(
            "SELECT 1 FROM list_lines WHERE event_id = ? AND outbox_id IS NULL AND filed = 0", (event_id,)
        ).fetchone()
        return row is None

    def take_lines(self, lines: Sequence[tuple[str, int]], outbox_id: int | None) -> None:
        """Record that lines (list, event) are in a document; None: in one that the school keeps elsewhere."""
        self._connection.executemany(
            "UPDATE list_lines SET outbox_id = ?, filed = ? WHERE event_id = ? AND list = ?",
            [(outbox_id, int(outbox_id is None), event_id, name) for name, event_id in lines],
        )

    def item(self, item_id: int) -> Item:
        """Return the item with that number, which must be there."""
        return self._items("id = ?", (item_id,))[0]

    def maybe_sent(self, event_id: int) -> bool:
        """Return True when a write for the event was begun: something of it may be in the MIS."""
        row = self._connection.execute(
            "SELECT 1 FROM outbox WHERE event_id = ? AND kind <> 'correction' AND tries > 0", (event_id,)
        ).fetchone()
        return row is not None

    def cancel_open(self, event_id: int, at: datetime, *, corrections: bool) -> None:
        """Take back what has not been written yet; corrections too when asked."""
        self._connection.execute(
            "UPDATE outbox SET state = 'cancelled', state_at = ? WHERE event_id = ?"
            " AND state IN ('waiting', 'attempted', 'written', 'failed') AND (kind <> 'correction') = ?",
            (at.isoformat(), event_id, int(not corrections)),
        )

    def stop(self, event_id: int, at: datetime) -> None:
        """Write nothing more of an event: what was not begun is cancelled, what was begun is only looked for."""
        self._connection.execute(
            "UPDATE outbox SET state = 'cancelled', state_at = ? WHERE event_id = ? AND kind <> 'correction'"
            " AND state = 'waiting' AND tries = 0",
            (at.isoformat(), event_id),
        )
        self._connection.execute(
            f"UPDATE outbox SET only_if_found = 1 WHERE event_id = ? AND kind <> 'correction' AND state IN {_OPEN}",  # noqa: S608 - our own text
            (event_id,),
        )

    def look_only(self, item_id: int, *, only: bool) -> None:
        """Let an item that was begun only be looked for, or let it be written again where it is not there."""
        self._connection.execute("UPDATE outbox SET only_if_found = ? WHERE id = ?", (int(only), item_id))

    def replace(self, item_ids: Iterable[int], at: datetime) -> None:
        """Let what was made before and never reached the MIS give way for good to what is made now."""
        self._connection.executemany(
            "UPDATE outbox SET state = 'replaced', state_at = ? WHERE id = ?",
            [(at.isoformat(), item_id) for item_id in item_ids],
        )

    def take_over(self, event_id: int, item_ids: Sequence[int]) -> None:
        """Let what waits for an event keep the place in the queue, and the tries in vain, of what it replaces."""
        for item in (self.item(item_id) for item_id in item_ids):
            self._connection.execute(
                "UPDATE outbox SET tried_in = ?, tried_on = ?, in_vain = ?, error = ? WHERE event_id = ?"
                " AND kind = ? AND state = 'waiting' AND tries = 0 AND in_vain <= ?",
                (
                    item.tried_in,
                    item.tried_on.isoformat() if item.tried_on else None,
                    item.in_vain,
                    item.error,
                    event_id,
                    item.kind,
                    item.in_vain,
                ),
            )

    def free_lines(self, at: datetime) -> None:
        """Take back lists of the school that were never begun and name an event that has been stopped since.

        Their other lines go into today's documents.
        """
        self._connection.execute(
            "UPDATE outbox SET state = 'replaced', state_at = ? WHERE event_id IS NULL AND state = 'waiting'"
            " AND tries = 0 AND id IN (SELECT outbox_id FROM list_lines JOIN events ON events.id = event_id"
            " WHERE events.state NOT IN ('composed', 'written', 'verified'))",
            (at.isoformat(),),
        )
        self._connection.execute(
            "UPDATE list_lines SET outbox_id = NULL"
            " WHERE outbox_id IN (SELECT id FROM outbox WHERE state = 'replaced' AND event_id IS NULL)"
        )

    def revive(self, event_id: int, at: datetime) -> None:
        """Put back what was cancelled or failed, to be looked for and written again."""
        self._connection.execute(
            f"UPDATE outbox SET {_TO_BE_TRIED} WHERE event_id = ?"  # noqa: S608 - our own text
            " AND state IN ('cancelled', 'failed') AND kind <> 'correction'",
            (at.isoformat(), event_id),
        )

    def revive_not_taken(self, key: str, at: datetime) -> list[Item]:
        """Put back the correcting notes, or the document of the school, of a key that were not taken; return them."""
        items = [item for item in self.not_taken() if item.key == key]
        self._connection.executemany(
            f"UPDATE outbox SET {_TO_BE_TRIED} WHERE id = ? AND state = 'failed'",  # noqa: S608 - our own text
            [(at.isoformat(), item.id) for item in items],
        )
        self._connection.executemany(
            "UPDATE outbox SET in_vain = 0 WHERE id = ?", [(item.id,) for item in items]
        )
        return [self.item(item.id) for item in items]

    def _items(self, where: str, values: tuple[object, ...]) -> list[Item]:
        # documents before the note that names them, in the order in which they were made; the school's own last
        query = f"{_SELECT} WHERE {where} ORDER BY event_id IS NULL, event_id, kind <> 'document', id"
        return [
            Item(
                id=row["id"],
                event_id=row["event_id"],
                run_id=row["run_id"],
                kind=row["kind"],
                pupil_id=row["pupil_id"],
                key=row["key"],
                file_name=row["file_name"],
                summary=row["summary"],
                text=row["text"],
                sha256=row["sha256"],
                date=date.fromisoformat(row["date"]),
                template=row["template"],
                contacts=tuple(json.loads(row["contacts"])),
                only_if_found=bool(row["only_if_found"]),
                state=row["state"],
                tries=row["tries"],
                reference=row["reference"],
                error=row["error"],
                state_at=datetime.fromisoformat(row["state_at"]),
                tried_in=row["tried_in"],
                tried_on=date.fromisoformat(row["tried_on"]) if row["tried_on"] else None,
                in_vain=row["in_vain"],
                rests_on=row["rests_on"],
                verified_in=row["verified_in"],
            )
            for row in self._connection.execute(query, values)
        ]


def add_lines(connection: sqlite3.Connection, event_id: int, lists: Sequence[str]) -> None:
    """Record that an event belongs in these lists; the next document of each list takes it in."""
    connection.executemany(
        "INSERT INTO list_lines (event_id, list) VALUES (?, ?) ON CONFLICT DO NOTHING",
        [(event_id, name) for name in lists],
    )


def waiting_lines(connection: sqlite3.Connection) -> list[tuple[str, int]]:
    """Return the (list, event) pairs that no document has taken in yet."""
    rows = connection.execute(
        "SELECT list, event_id FROM list_lines JOIN events ON events.id = event_id"
        " WHERE outbox_id IS NULL AND filed = 0 AND state NOT IN ('withdrawn', 'superseded', 'voided', 'excluded')"
        " AND hold <> 'no_longer_follows'"
        " ORDER BY list, date, event_id"
    )
    return [(row["list"], row["event_id"]) for row in rows]
