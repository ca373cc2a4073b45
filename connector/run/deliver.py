"""From the outbox to the MIS: document, read back, note, read back, close. Exactly once.

Before every write the MIS is asked for the key, so that what a crash or a lost answer left behind is found and
not written again; after every write it is read back, so that a write that changed nothing is noticed. The state
is committed between any two steps.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import groupby

import structlog
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt

from connector.adapters.base import Adapter, DocumentToWrite, Found, NoteToWrite
from connector.errors import RetryableError, SkippableError
from connector.run.options import RunOptions
from connector.store import Store
from connector.store.ledger import LedgerRow, RunStamp
from connector.store.outbox import OPEN, Item
from rules.register import Register

TRIES = 3
LONGEST_WAIT = 60.0
MOST_IN_A_ROW = 3
"""So many events that could not be delivered one after the other: the MIS is unwell, the rest waits too."""

NOT_SHOWN = "the MIS took the write and does not show it; if it is still not there in the next run, it is written again"

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Delivered:
    """What one delivery did."""

    documents: int = 0
    notes: int = 0
    failed: int = 0
    left: int = 0
    """Items that wait for the next run."""
    leavers: int = 0
    problems: list[str] = field(default_factory=list)


class OtherContentError(RetryableError):
    """What was written reads back as something else. An answer spoilt on its way looks the same, so it is read
    again, and only what is still wrong in the next run waits for a person."""


class Delivery:
    """One run's delivery. Raises FatalError where the MIS refuses altogether; what was not written waits."""

    def __init__(
        self,
        store: Store,
        adapter: Adapter,
        register: Register,
        options: RunOptions,
        stamp: RunStamp,
        *,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._store = store
        self._adapter = adapter
        self._register = register
        self._options = options
        self._stamp = stamp
        self._sleep = sleep
        self._taken: set[int] = set()
        """Items whose write the MIS has answered well in this run."""
        self.done = Delivered()

    def deliver(self) -> Delivered:
        """Write everything that is open, an event at a time."""
        in_a_row = 0
        work = [
            (event_id, [item.id for item in items])
            for event_id, items in groupby(self._store.outbox.open_items(), lambda item: item.event_id)
        ]
        for event_id, item_ids in work:
            if in_a_row >= MOST_IN_A_ROW:
                self.done.left += len(item_ids)
                continue
            in_a_row = 0 if self._deliver_together(event_id, item_ids) else in_a_row + 1
        self._close_events()
        return self.done

    def _deliver_together(self, event_id: int | None, item_ids: Sequence[int]) -> bool:
        """The items of one event, or the documents of the school; False when the MIS did not answer."""
        row = None if event_id is None else self._store.ledger.row_by_id(event_id)
        if row is not None and (row.state == "failed" or self._has_left(row)):
            return True
        for place, item_id in enumerate(item_ids):
            item = self._store.outbox.item(item_id)
            if item.state not in OPEN:
                continue
            try:
                self._with_retries(item)
            except RetryableError as error:
                if isinstance(error, OtherContentError) and item.error == str(error):
                    self._park(item, row, str(error))
                    if event_id is not None:
                        return True
                    continue
                self._remember(item, str(error))
                self.done.left += len(item_ids) - place
                return False
            except SkippableError as error:
                self._park(item, row, str(error))
                if event_id is not None:
                    return True
        if row is not None:
            self._close(row)
        return True

    def _has_left(self, row: LedgerRow) -> bool:
        """Leavers are checked again at the last moment; what was not begun goes back to held."""
        if row.state != "composed" or row.released or row.pupil_id is None:
            return False
        pupil = self._register.find(row.pupil_id)
        if pupil is not None and pupil.on_roll(self._stamp.as_of):
            return False
        if self._store.outbox.maybe_sent(row.id):
            return False
        with self._store.transaction():
            self._store.outbox.cancel_open(row.id, self._stamp.at, corrections=False)
            self._store.ledger.move(row, "held", "the pupil has left the school", self._stamp, hold="leaver")
        self.done.leavers += 1
        return True

    def _with_retries(self, item: Item) -> None:
        retrying = Retrying(
            stop=stop_after_attempt(TRIES),
            wait=_wait,
            retry=retry_if_exception_type(RetryableError),
            sleep=self._sleep,
            reraise=True,
        )
        retrying(self._attempt, item.id)

    def _attempt(self, item_id: int) -> None:
        """One try from the start: look, write where nothing is found, read back."""
        item = self._store.outbox.item(item_id)
        found = self._found(item)
        if not found and item.id in self._taken:
            # the MIS has said that it holds it; it may show it late. To write again now could make two of it
            raise RetryableError(NOT_SHOWN)
        if not found:
            if item.only_if_found and not self._anything_of(item):
                with self._store.transaction():
                    self._store.outbox.move(item.id, "cancelled", self._stamp.at)
                return
            self._write(item)
            self._taken.add(item.id)
            found = self._found(item)
            if not found:
                raise RetryableError(NOT_SHOWN)
        reference = self._as_written(self._store.outbox.item(item.id), found)
        with self._store.transaction():
            self._store.outbox.move(item.id, "verified", self._stamp.at, reference=reference)
            self._note_written(item)
        if item.kind == "document":
            self.done.documents += 1
        else:
            self.done.notes += 1

    def _write(self, item: Item) -> None:
        with self._store.transaction():
            # from here on we must reckon with its being in the MIS
            self._store.outbox.move(item.id, "attempted", self._stamp.at)
        if item.kind == "document":
            reference = self._adapter.write_document(self._document(item))
        else:
            reference = self._adapter.write_note(self._note(item))
        with self._store.transaction():
            self._store.outbox.move(item.id, "written", self._stamp.at, reference=reference)
            self._note_written(item)

    def _note_written(self, item: Item) -> None:
        """The event is written once its note is in the MIS; any part of it there means it cannot just vanish."""
        if item.event_id is None or item.kind == "correction":
            return
        self._store.ledger.set_written(item.event_id, self._stamp.as_of)
        row = self._store.ledger.row_by_id(item.event_id)
        if item.kind == "note" and row.state == "composed":
            self._store.ledger.move(row, "written", "", self._stamp)

    def _found(self, item: Item) -> list[Found]:
        """What the MIS holds of this very item."""
        if item.kind == "document":
            documents = self._adapter.find_documents(item.pupil_id, item.key)
            return [found for found in documents if found.title == item.file_name]
        assert item.pupil_id is not None
        notes = self._adapter.find_notes(item.pupil_id, item.key)
        return [
            found
            for found in notes
            if (
                found.title.strip() == item.summary.strip()
                if found.title.strip()
                else _same(found.text, item.text)
            )
        ]

    def _anything_of(self, item: Item) -> bool:
        """True when the MIS holds anything of the event that a correction is about."""
        assert item.pupil_id is not None
        return bool(
            self._adapter.find_documents(item.pupil_id, item.key)
            if self._adapter.capabilities.documents
            else ()
        ) or bool(self._adapter.find_notes(item.pupil_id, item.key))

    def _as_written(self, item: Item, found: Sequence[Found]) -> str:
        """The reference of the one that reads back as we wrote it. Raises OtherContentError when none does."""
        content = self._store.outbox.content(item) if item.kind == "document" else b""
        for one in found:
            if item.kind == "document" and self._adapter.read_document(one.reference) == content:
                return one.reference
            if item.kind != "document" and _same(one.text, item.text):
                return one.reference
        if item.tries == 0:
            # it was there before this item was ever written: from before our own state was lost, or from an
            # attempt whose answer never came. The family has that one; it does not get another
            log.warning("already in the MIS, with other content than now", key=item.key)
            return found[0].reference
        raise OtherContentError(
            f"the MIS holds a {item.kind} of this name and key with other content than was written",
            fix="look at it in the MIS; delete it there if it is damaged, then release the event",
        )

    def _document(self, item: Item) -> DocumentToWrite:
        return DocumentToWrite(
            pupil_id=item.pupil_id,
            upn=self._upn(item),
            key=item.key,
            file_name=item.file_name,
            summary=item.summary,
            content=self._store.outbox.content(item),
            date=item.date,
            share=self._options.share,
        )

    def _note(self, item: Item) -> NoteToWrite:
        assert item.pupil_id is not None
        return NoteToWrite(
            pupil_id=item.pupil_id,
            upn=self._upn(item),
            key=item.key,
            summary=item.summary,
            text=item.text,
            date=item.date,
            share=self._options.share and item.kind == "note",
        )

    def _upn(self, item: Item) -> str:
        pupil = self._register.find(item.pupil_id)
        return "" if pupil is None else pupil.upn

    def _remember(self, item: Item, reason: str) -> None:
        with self._store.transaction():
            self._store.outbox.put_error(item.id, reason)
        self.done.problems.append(f"{item.key}: {reason}")
        log.warning("delivery waits for the next run", key=item.key, reason=reason)

    def _park(self, item: Item, row: LedgerRow | None, reason: str) -> None:
        """This one does not go on until a person has looked; the others do."""
        with self._store.transaction():
            self._store.outbox.move(item.id, "failed", self._stamp.at, error=reason)
            if row is not None and item.kind != "correction":
                now = self._store.ledger.row_by_id(row.id)
                self._store.ledger.move(now, "failed", reason, self._stamp)
        self.done.failed += 1
        self.done.problems.append(f"{item.key}: {reason}")
        log.warning("delivery parked", key=item.key, reason=reason)

    def _close_events(self) -> None:
        """Events whose last open part was a document of the school, or that were brought back without one."""
        for row in self._store.ledger.rows(states=("composed", "written")):
            self._close(row)

    def _close(self, row: LedgerRow) -> None:
        """Verified once everything of it has been read back."""
        row = self._store.ledger.row_by_id(row.id)
        if row.state not in ("composed", "written"):
            return
        items = [i for i in self._store.outbox.of_event(row.id) if i.kind != "correction"]
        items += self._store.outbox.documents_listing(row.id)
        if any(item.state in (*OPEN, "failed") for item in items):
            return
        if not self._store.outbox.all_listed(row.id):
            return
        with self._store.transaction():
            self._store.ledger.move(
                row, "verified", row.reason if row.state == "written" else "", self._stamp
            )


def _wait(state: RetryCallState) -> float:
    """As long as the MIS asks for, else 1, 2, 4 ... seconds; never longer than a minute."""
    error = state.outcome.exception() if state.outcome else None
    asked = getattr(error, "retry_after", None)
    return float(min(LONGEST_WAIT, asked if asked is not None else 2.0 ** (state.attempt_number - 1)))


def _same(first: str, second: str) -> bool:
    """Texts are the same when only line ends and blanks at their ends differ."""
    return [line.rstrip() for line in first.strip().splitlines()] == [
        line.rstrip() for line in second.strip().splitlines()
    ]
