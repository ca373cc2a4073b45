"""The ledger: every event there has been, with the evidence that decided it and every state it went through.

Rows are added and moved forward, never deleted before their keeping time; each move leaves a line of history.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime
from typing import Literal

from connector.store.ledger_row import (
    CLOSED,
    PENDING,
    SENT,
    Day,
    HistoryLine,
    LedgerRow,
    NoteDue,
    RunStamp,
    State,
    event_of,
    event_text,
)
from rules.events import Event

__all__ = [
    "CLOSED",
    "PENDING",
    "SENT",
    "Day",
    "HistoryLine",
    "Ledger",
    "LedgerRow",
    "NoteDue",
    "RunStamp",
    "State",
    "event_of",
    "event_text",
]

_SELECT = (
    "SELECT id, key, policy, rule, pupil_id, grp, anchor, date, evidence, policy_version, config_hash,"
    " registers_read_at, added_in, state, reason, hold, state_at, state_on, approved, released, composed_on,"
    " written_on, note_due, held_days, rested_on, held_on, held_from, hold_before, because, kept_at, overtaken_by,"
    " released_from FROM events"
)
_IN_ORDER = " ORDER BY date, pupil_id, grp, rule, id"


class Ledger:
    """Reads and writes of one connection; writes belong inside a transaction of the store."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def add(self, key: str, event: Event, stamp: RunStamp, reason: str = "") -> int:
        """Enter a new event as due; return its row. The key must be free."""
        assert stamp.run_id is not None
        text = event_text(event)
        cursor = self._connection.execute(
            "INSERT INTO events (key, policy, rule, pupil_id, grp, anchor, date, evidence, policy_version,"
            " config_hash, registers_read_at, added_in, state, reason, state_at, state_on)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'due', ?, ?, ?)",
            (
                key,
                stamp.policy,
                event.rule,
                event.pupil_id,
                event.group,
                event.anchor,
                event.date.isoformat(),
                text,
                stamp.policy_version,
                stamp.config_hash,
                stamp.registers_read_at,
                stamp.run_id,
                reason,
                stamp.at.isoformat(),
                stamp.as_of.isoformat(),
            ),
        )
        assert cursor.lastrowid is not None
        self._line(cursor.lastrowid, stamp, "due", reason)
        self._evidence_line(cursor.lastrowid, stamp, text)
        return cursor.lastrowid

    def move(
        self,
        row: LedgerRow,
        state: State,
        reason: str,
        stamp: RunStamp,
        *,
        hold: str = "",
        note_due: NoteDue | None = None,
        held_from: State | Literal[""] = "",
        hold_before: str = "",
        because: str = "",
    ) -> None:
        """Move an event to a state and remember why.

        ``held_from``, ``hold_before`` and ``because`` say what it was before, while it is held for a changed fact.

        The same state with the same reason leaves no line of history, and what is held for the same cause as
        before leaves none when only the words differ ("2 of 5 school days").
        """
        self._connection.execute(
            "UPDATE events SET state = ?, reason = ?, hold = ?, state_at = ?, state_on = ?, note_due = ?,"
            " held_from = ?, hold_before = ?, because = ? WHERE id = ?",
            (
                state,
                reason,
                hold,
                stamp.at.isoformat(),
                stamp.as_of.isoformat(),
                note_due,
                held_from,
                hold_before,
                because,
                row.id,
            ),
        )
        if state == "withdrawn":  # it may come back some day; what was let go then is over
            self.take_back_consent(row.id)
        still_held = state == row.state == "held" and hold == row.hold and because == row.because
        if (state, reason) != (row.state, row.reason) and not still_held:
            self._line(row.id, stamp, state, reason)

    def put_evidence(self, row: LedgerRow, event: Event, stamp: RunStamp) -> None:
        """Keep changed evidence besides the earlier one; the row's key stays what it was.

        What a person approved or released was the earlier evidence: both are taken back here.
        """
        text = event_text(event)
        self._connection.execute(
            "UPDATE events SET evidence = ?, anchor = ?, date = ?, policy_version = ?, config_hash = ?,"
            " registers_read_at = ?, approved = 0, released = 0, released_from = '' WHERE id = ?",
            (
                text,
                event.anchor,
                event.date.isoformat(),
                stamp.policy_version,
                stamp.config_hash,
                stamp.registers_read_at,
                row.id,
            ),
        )
        self._evidence_line(row.id, stamp, text)

    def put_window(self, row: LedgerRow, event: Event) -> None:
        """Keep the event's present window: an earlier version kept none, or the calendar has other days."""
        text = event_text(replace(row.event, window=event.window))
        self._connection.execute("UPDATE events SET evidence = ? WHERE id = ?", (text, row.id))

    def put_overtaken_by(self, row_id: int, by: int) -> None:
        """Record which step of its ladder took the event's place."""
        self._connection.execute("UPDATE events SET overtaken_by = ? WHERE id = ?", (by, row_id))

    def put_rested_on(self, row_id: int, facts: str) -> None:
        """Keep the facts that the event follows from; that a person kept it in spite of others is over."""
        self._connection.execute(
            "UPDATE events SET rested_on = ?, held_on = '', kept_at = NULL WHERE id = ?", (facts, row_id)
        )

    def put_held_on(self, row_id: int, facts: str) -> None:
        """Keep the facts from which the event no longer follows."""
        self._connection.execute("UPDATE events SET held_on = ? WHERE id = ?", (facts, row_id))

    def keep_on(self, row: LedgerRow, last_amendment: int) -> None:
        """Record that a person keeps the event on the facts that it was held for."""
        self._connection.execute(
            "UPDATE events SET rested_on = held_on, kept_at = ? WHERE id = ?", (last_amendment, row.id)
        )

    def seen_under(self, row_id: int, policy_version: str) -> None:
        """Record that the event was met again, unchanged, under another version of the policy."""
        self._connection.execute(
            "UPDATE events SET policy_version = ? WHERE id = ?", (policy_version, row_id)
        )

    def note(self, row: LedgerRow, stamp: RunStamp, reason: str) -> None:
        """Add a line of history without a change of state."""
        self._line(row.id, stamp, row.state, reason)

    def set_composed(self, row_id: int, on: date) -> None:
        """Remember on which day its letter was made, for the days between two letters of a ladder."""
        self._connection.execute("UPDATE events SET composed_on = ? WHERE id = ?", (on.isoformat(), row_id))

    def set_written(self, row_id: int, on: date) -> None:
        """Remember that something of it is in the MIS."""
        self._connection.execute(
            "UPDATE events SET written_on = coalesce(written_on, ?) WHERE id = ?", (on.isoformat(), row_id)
        )

    def set_approved(self, row_id: int) -> None:
        """Record that a person has approved it."""
        self._connection.execute("UPDATE events SET approved = 1 WHERE id = ?", (row_id,))

    def set_released(self, row: LedgerRow) -> None:
        """Record that a person lets it past the guard that holds it."""
        kinds = " ".join(sorted({*row.released_from, row.hold} - {""}))
        self._connection.execute(
            "UPDATE events SET released = 1, released_from = ? WHERE id = ?", (kinds, row.id)
        )

    def take_back_consent(self, row_id: int) -> None:
        """Record that an event is neither approved nor released any more."""
        self._connection.execute(
            "UPDATE events SET approved = 0, released = 0, released_from = '' WHERE id = ?", (row_id,)
        )

    def remember_days(self, row: LedgerRow, days: Iterable[Day]) -> None:
        """Remember days whose marks an event waits for, besides those it has waited for before."""
        all_days = sorted({*row.held_days, *days})
        self._connection.execute(
            "UPDATE events SET held_days = ? WHERE id = ?",
            (" ".join(day.isoformat() for day in all_days), row.id),
        )

    def clear_note_due(self, row_id: int) -> None:
        """Record that the note has been made, or is not needed any more."""
        self._connection.execute("UPDATE events SET note_due = NULL WHERE id = ?", (row_id,))

    def rows(
        self,
        *,
        states: Iterable[State] | None = None,
        policy: str | None = None,
        pupil_id: str | None = None,
        note_due: bool = False,
        added_in: int | None = None,
        because: str | None = None,
    ) -> list[LedgerRow]:
        """Return the rows asked for, in order of date, then pupil or group, then rule."""
        where: list[str] = ["1"]
        values: list[object] = []
        if states is not None:
            wanted = tuple(states)
            where.append(f"state IN ({', '.join('?' * len(wanted))})")
            values.extend(wanted)
        for column, value in (
            ("policy", policy),
            ("pupil_id", pupil_id),
            ("added_in", added_in),
            ("because", because),
        ):
            if value is not None:
                where.append(f"{column} = ?")
                values.append(value)
        if note_due:
            where.append("note_due IS NOT NULL")
        query = f"{_SELECT} WHERE {' AND '.join(where)}{_IN_ORDER}"
        return [_row(row) for row in self._connection.execute(query, values)]

    def row(self, key: str) -> LedgerRow | None:
        """Return the row with that key; None when there is none."""
        row = self._connection.execute(f"{_SELECT} WHERE key = ?", (key,)).fetchone()
        return None if row is None else _row(row)

    def row_by_id(self, row_id: int) -> LedgerRow:
        """Return the row with that number, which must be there."""
        return _row(self._connection.execute(f"{_SELECT} WHERE id = ?", (row_id,)).fetchone())

    def has_key(self, key: str) -> bool:
        """Return True when some event holds that key."""
        return self._connection.execute("SELECT 1 FROM events WHERE key = ?", (key,)).fetchone() is not None

    def history(self, row_id: int) -> list[HistoryLine]:
        """Return every move of an event, the first one first."""
        rows = self._connection.execute(
            "SELECT at, state, reason, run_id FROM event_history WHERE event_id = ? ORDER BY id", (row_id,)
        )
        return [
            HistoryLine(datetime.fromisoformat(row["at"]), row["state"], row["reason"], row["run_id"])
            for row in rows
        ]

    def evidence(self, row_id: int) -> list[Event]:
        """Return every evidence an event has had, the first one first."""
        rows = self._connection.execute(
            "SELECT evidence FROM event_evidence WHERE event_id = ? ORDER BY id", (row_id,)
        )
        return [event_of(row["evidence"]) for row in rows]

    def counts(self) -> dict[str, int]:
        """Return how many events are in each state; states without any are left out."""
        rows = self._connection.execute(
            "SELECT state, count(*) AS number FROM events GROUP BY state ORDER BY state"
        )
        return {row["state"]: row["number"] for row in rows}

    def touched_in(self, run_id: int) -> list[LedgerRow]:
        """Return events that were added or moved in a run."""
        rows = self._connection.execute(
            _SELECT + " WHERE id IN (SELECT event_id FROM event_history WHERE run_id = ?)" + _IN_ORDER,  # noqa: S608 - our own text
            (run_id,),
        )
        return [_row(row) for row in rows]

    def _line(self, row_id: int, stamp: RunStamp, state: State, reason: str) -> None:
        self._connection.execute(
            "INSERT INTO event_history (event_id, run_id, at, state, reason) VALUES (?, ?, ?, ?, ?)",
            (row_id, stamp.run_id, stamp.at.isoformat(), state, reason),
        )

    def _evidence_line(self, row_id: int, stamp: RunStamp, text: str) -> None:
        self._connection.execute(
            "INSERT INTO event_evidence (event_id, run_id, at, evidence) VALUES (?, ?, ?, ?)",
            (row_id, stamp.run_id, stamp.at.isoformat(), text),
        )


def _row(row: sqlite3.Row) -> LedgerRow:
    composed, written = row["composed_on"], row["written_on"]
    return LedgerRow(
        id=row["id"],
        key=row["key"],
        policy=row["policy"],
        rule=row["rule"],
        pupil_id=row["pupil_id"],
        group=row["grp"],
        anchor=row["anchor"],
        date=date.fromisoformat(row["date"]),
        evidence=row["evidence"],
        policy_version=row["policy_version"],
        config_hash=row["config_hash"],
        registers_read_at=row["registers_read_at"],
        added_in=row["added_in"],
        state=row["state"],
        reason=row["reason"],
        hold=row["hold"],
        state_at=row["state_at"],
        state_on=date.fromisoformat(row["state_on"]),
        approved=bool(row["approved"]),
        released=bool(row["released"]),
        composed_on=date.fromisoformat(composed) if composed else None,
        written_on=date.fromisoformat(written) if written else None,
        note_due=row["note_due"],
        held_days=tuple(date.fromisoformat(day) for day in row["held_days"].split()),
        rested_on=row["rested_on"],
        held_on=row["held_on"],
        held_from=row["held_from"],
        hold_before=row["hold_before"],
        because=row["because"],
        kept_at=row["kept_at"],
        overtaken_by=row["overtaken_by"],
        released_from=tuple(row["released_from"].split()),
    )
