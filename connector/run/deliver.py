"""From the outbox to the MIS: document, read back, note, read back, close. Exactly once.

Before every write the MIS is asked for the key, so that what is there after a crash or a lost answer is found and
not written again; after every write it is read back, so that a write that changed nothing is noticed. The state
is committed between any two steps.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import structlog
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt

from connector.adapters.base import DocumentToWrite, Found, NoteToWrite
from connector.adapters.written_text import same_text
from connector.errors import AdapterError, RetryableError, SkippableError, StoppedError
from connector.run.already_filed import documents_of, notes_of
from connector.run.queue import MOST_IN_VAIN, InARow, in_turn, with_way_on
from connector.run.request import RunRequest
from connector.store import Store
from connector.store.ledger import LedgerRow, RunStamp
from connector.store.outbox import OPEN, Item
from rules.register import Register

LONGEST_WAIT = 60.0

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
    problems: list[str] = field(default_factory=list)
    error: Exception | None = None
    """What broke delivery off: the MIS refuses altogether, or a stop was asked for. What was not written waits."""


def deliver(
    store: Store,
    request: RunRequest,
    register: Register,
    stamp: RunStamp,
    make: Callable[[list[int]], None],
) -> Delivered:
    """Write everything that is open to the MIS, an event at a time; return what was done, also when it broke off.

    ``make`` makes the letters of events by row number: of those whose letter of an earlier day was begun, is not in
    the MIS after all, and says what is no longer so.
    """
    delivery = _Delivery(store, request, register, stamp, make)
    try:
        delivery.deliver()
    except Exception as error:  # noqa: BLE001 - the caller raises it once what was done is summed up
        delivery.done.error = error
    return delivery.done


class OtherContentError(RetryableError):
    """What was written reads back as something else.

    An answer spoilt on its way looks the same, so it is read again, and only what is still wrong in the next run
    waits for a person.
    """


class _Delivery:
    """One run's delivery."""

    def __init__(
        self,
        store: Store,
        request: RunRequest,
        register: Register,
        stamp: RunStamp,
        make: Callable[[list[int]], None],
    ) -> None:
        self._store = store
        self._make = make
        self._request = request
        self._adapter = request.adapter
        self._register = register
        self._stamp = stamp
        self._begun: set[int] = set()
        """Items whose write has begun in this run: these are finished also when a stop is asked for."""
        self._taken: set[int] = set()
        """Items whose write the MIS has answered well in this run."""
        self._to_make: list[int] = []
        """Events of which a document was looked for in vain: another is made in its place."""
        self._in_a_row = InARow()
        self.done = Delivered()

    def deliver(self) -> None:
        """Write everything that is open. Raise FatalError where the MIS refuses altogether, StoppedError on a stop."""
        for turn in in_turn(self._store.outbox.open_items()):
            if self._in_a_row.is_down or self._request.stop.is_set():
                self.done.left += len(turn.item_ids)
            else:
                self._deliver_together(turn.event_id, turn.item_ids)
        self._make_in_place()
        self._close_events()
        if self.done.left:
            self._request.give_way()

    def _make_in_place(self) -> None:
        """Make and write what takes the place of documents that were looked for in vain."""
        while self._to_make and not (self._in_a_row.is_down or self._request.stop.is_set()):
            event_id = self._to_make[0]
            self._make([event_id])
            self._to_make.remove(event_id)
            made = [item.id for item in self._store.outbox.of_event(event_id) if item.state in OPEN]
            self._deliver_together(event_id, made)
        self.done.left += len(self._to_make)

    def _deliver_together(self, event_id: int | None, item_ids: Sequence[int]) -> None:
        """Write the items of one event, or one document of the school, as far as the MIS takes them."""
        row = None if event_id is None else self._store.ledger.row_by_id(event_id)
        if row is not None and row.state == "failed":
            return
        goes = row is None or row.state in ("composed", "written")
        asked = False
        for number, item_id in enumerate(item_ids):
            item = self._store.outbox.item(item_id)
            if item.state not in OPEN or not (goes or item.kind == "correction" or item.only_if_found):
                continue  # what was stopped is not written; what had been begun is looked for
            asked = True
            try:
                self._with_retries(item)
            except StoppedError:
                self.done.left += len(item_ids) - number
                return
            except RetryableError as error:
                if isinstance(error, OtherContentError) and item.error == str(error):
                    self._park(item, row, error)
                else:
                    waits = self._not_taken(item, row, error)
                    self.done.left += (len(item_ids) - number) if waits else 0
                    return
            except SkippableError as error:
                if item.stands_alone:
                    self._not_taken(item, row, error)
                else:
                    self._park(item, row, error)
            if not item.stands_alone and self._store.outbox.item(item.id).state == "failed":
                break  # the note names the document, so it waits for it
            if item.kind == "document" and self._store.outbox.item(item.id).state == "cancelled":
                if row is not None and goes:
                    self._to_make.append(row.id)
                break  # what takes its place is made first, and the note after it
        else:
            if row is not None:
                self._close(row)
        if asked:
            self._in_a_row.end()

    def _with_retries(self, item: Item) -> None:
        retrying = Retrying(
            stop=stop_after_attempt(self._in_a_row.tries),
            wait=_wait,
            retry=retry_if_exception_type(RetryableError),
            sleep=self._request.wait,
            reraise=True,
        )
        retrying(self._attempt, item.id)

    def _attempt(self, item_id: int) -> None:
        """Try once from the start: look, write where nothing is there, read back."""
        if item_id not in self._begun:
            self._request.give_way()
        item = self._store.outbox.item(item_id)
        in_mis = self._in_mis(item)
        if not in_mis and item.id in self._taken:
            # the MIS has said that it holds it; it may show it late. To write again now could make two of it
            raise RetryableError(NOT_SHOWN)
        if not in_mis:
            if item.only_if_found and (item.kind != "correction" or not self._anything_of(item)):
                with self._store.transaction():
                    self._store.outbox.move(item.id, "cancelled", self._stamp.at)
                return
            self._write(item)
            self._taken.add(item.id)
            in_mis = self._in_mis(item)
            if not in_mis:
                raise RetryableError(NOT_SHOWN)
        reference = self._as_written(self._store.outbox.item(item.id), in_mis)
        with self._store.transaction():
            self._store.outbox.put_verified(
                item.id, self._stamp.at, reference=reference, run_id=self._stamp.run_id
            )
            self._note_written(item)
        if item.kind == "document":
            self.done.documents += 1
        else:
            self.done.notes += 1

    def _write(self, item: Item) -> None:
        self._begun.add(item.id)
        with self._store.transaction():
            # from here on it may be in the MIS
            self._store.outbox.move(item.id, "attempted", self._stamp.at)
        if item.kind == "document":
            reference = self._adapter.write_document(self._document(item))
        else:
            reference = self._adapter.write_note(self._note(item))
        with self._store.transaction():
            self._store.outbox.move(item.id, "written", self._stamp.at, reference=reference)
            self._note_written(item)

    def _note_written(self, item: Item) -> None:
        """Record that a part of the event is in the MIS; the event itself is written once its note is there."""
        if item.event_id is None or item.kind == "correction":
            return
        self._store.ledger.set_written(item.event_id, self._stamp.as_of)
        row = self._store.ledger.row_by_id(item.event_id)
        if item.kind == "note" and row.state == "composed":
            self._store.ledger.move(row, "written", "", self._stamp)

    def _in_mis(self, item: Item) -> list[Found]:
        """Return what the MIS holds of this very item, found by its key alone."""
        items = [item]
        if item.event_id is not None:
            of_event = self._store.outbox.of_event(item.event_id)
            items = [one for one in of_event if one.state not in ("cancelled", "replaced")]
        if item.kind == "document":
            in_mis = self._adapter.find_documents(item.pupil_id, item.key)
            # each document of the event has its own there, also those that an earlier run wrote
            return documents_of(item, [one for one in items if one.kind == "document"], in_mis)
        assert item.pupil_id is not None
        in_mis = self._adapter.find_notes(item.pupil_id, item.key)
        return notes_of(item, [one for one in items if one.kind != "document"], in_mis)

    def _anything_of(self, item: Item) -> bool:
        """Return True when the MIS holds anything of the event that a correction is about."""
        assert item.pupil_id is not None
        return bool(
            self._adapter.find_documents(item.pupil_id, item.key)
            if self._adapter.capabilities.documents
            else ()
        ) or bool(self._adapter.find_notes(item.pupil_id, item.key))

    def _as_written(self, item: Item, in_mis: Sequence[Found]) -> str:
        """Return the reference of the one that reads back as it was written. Raise OtherContentError when none does."""
        content = self._store.outbox.content(item) if item.kind == "document" else b""
        for one in in_mis:
            if item.kind == "document" and self._adapter.read_document(one.reference) == content:
                return one.reference
            if item.kind != "document" and same_text(one.text, item.text):
                return one.reference
        if item.tries == 0:
            # it was there before this item was ever written: from before the state was lost, or from an attempt
            # whose answer never came. The family has that one; it does not get another
            log.warning("already in the MIS, with other content than now", key=item.key)
            return in_mis[0].reference
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
            share=self._shares(item),
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
            share=self._shares(item) and item.kind == "note",
        )

    def _shares(self, item: Item) -> bool:
        """Return whether guardians may see it in the MIS: never where one of them must not learn another's address."""
        pupil = self._register.find(item.pupil_id)
        secret = pupil is not None and any(contact.refuge for contact in pupil.contacts)
        return self._request.options.config.letters.share_with_guardians and not secret

    def _upn(self, item: Item) -> str:
        pupil = self._register.find(item.pupil_id)
        return "" if pupil is None else pupil.upn

    def _not_taken(self, item: Item, row: LedgerRow | None, error: AdapterError) -> bool:
        """Keep what the MIS did not take for the next run.

        Return False for what it has not taken for so long that it is given up.
        """
        outbox, today = self._store.outbox, self._stamp.as_of
        refused, looked_up = isinstance(error, SkippableError), item.id in self._begun
        if not refused:
            self._in_a_row.add(looked_up=looked_up)
        answers = looked_up or self.done.documents + self.done.notes > 0
        with self._store.transaction():
            if refused:
                outbox.put_refused(item.id, self._stamp.at)
            counts = refused or (answers and item.tried_on != today)
            outbox.put_in_vain(item.id, str(error), run_id=self._stamp.run_id, on=today, counts=counts)
        if outbox.item(item.id).in_vain >= MOST_IN_VAIN:
            self._park(item, row, error)
            return False
        self.done.failed += refused
        self.done.problems.append(f"{item.key}: {error}")
        log.warning("delivery waits for the next run", key=item.key, reason=str(error))
        return True

    def _park(self, item: Item, row: LedgerRow | None, error: AdapterError) -> None:
        """Fail this one until a person has looked; the others go on."""
        reason = with_way_on(error, item.key)
        with self._store.transaction():
            if isinstance(error, SkippableError):
                self._store.outbox.put_refused(item.id, self._stamp.at)
            self._store.outbox.move(item.id, "failed", self._stamp.at, error=reason)
            if row is not None and item.kind != "correction":
                now = self._store.ledger.row_by_id(row.id)
                self._store.ledger.move(now, "failed", reason, self._stamp)
        self.done.failed += 1
        self.done.problems.append(f"{item.key}: {reason}")
        log.warning("delivery parked", key=item.key, reason=reason)

    def _close_events(self) -> None:
        """Close events whose last open part was a document of the school, or that were brought back without one."""
        for row in self._store.ledger.rows(states=("composed", "written")):
            self._close(row)

    def _close(self, row: LedgerRow) -> None:
        """Move an event to verified once everything of it has been read back."""
        row = self._store.ledger.row_by_id(row.id)
        if row.state not in ("composed", "written") or row.id in self._to_make:
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
    """Return as long as the MIS asks for, else 1, 2, 4 ... seconds; never more than a minute."""
    error = state.outcome.exception() if state.outcome else None
    asked = getattr(error, "retry_after", None)
    return float(min(LONGEST_WAIT, asked if asked is not None else 2.0 ** (state.attempt_number - 1)))
