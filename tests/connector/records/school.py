"""A school with two pupils in a store, for what is entered about them."""

from __future__ import annotations

from datetime import UTC, date, datetime

from connector.adapters.base import AllPupilsSent, CalendarPage, PullEnd, PupilPage
from connector.records.book import Book
from connector.store import Store
from connector.store.belonging import PullSource
from rules.register import Register
from rules.school import Contact, Pupil
from tests.connector.memory_mis import PERIODS

TODAY = date(2025, 10, 1)
NOW = datetime(2025, 10, 1, 17, tzinfo=UTC)


def pull(
    store: Store, contacts: tuple[Contact, ...] = (Contact("c17", forename="Jo", surname="Birch"),)
) -> list[str]:
    """Read the two pupils from the MIS, the first with these contacts; return the pull's warnings."""
    merge = store.begin_pull(at=NOW, source=PullSource("arbor"))
    pupils = (Pupil("17", contacts=contacts), Pupil("18"))
    for page in (CalendarPage(PERIODS), PupilPage(pupils), AllPupilsSent(), PullEnd(None)):
        merge.apply(page)
    return merge.warnings


def school_store() -> Store:
    """Return a store with pupils 17, who has the contact c17, and 18."""
    store = Store.in_memory("hill")
    pull(store)
    return store


def book_of(store: Store, today: date = TODAY) -> Book:
    """Return the store's book on a day."""
    return Book(store, today=today)


def register_of(store: Store) -> Register:
    """Return the register that the store makes."""
    return store.register(nation="england")
