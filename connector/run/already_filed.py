"""Which of the documents and notes that the MIS holds under an event's key is which item of the outbox.

The key alone says that something was written. Names only tell the documents of one event apart: after the state was
lost they may hold another date, other titles or numbers, or what staff called them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from connector.adapters.base import Found
from connector.adapters.written_text import same_text
from connector.store.outbox import Item
from letters.notes import is_later_note

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_NUMBER = re.compile(r"\((\d+) of \d+\)")


def documents_of(item: Item, items: Sequence[Item], in_mis: Sequence[Found]) -> list[Found]:
    """Given a document, all documents of its event and those the MIS holds under the key, return which are this one.

    Each document of the MIS belongs to one item: the one that was verified as it, else the one of that name, of that
    title and number, of that title, and last any that has none yet.
    """
    left = list(in_mis)
    own: dict[int, list[Found]] = {one.id: [] for one in items}

    def share_out(belongs: Callable[[Item, Found], bool]) -> None:
        for one in items:
            match = next((found for found in left if not own[one.id] and belongs(one, found)), None)
            if match is not None:
                own[one.id].append(match)
                left.remove(match)

    share_out(lambda one, found: one.reference != "" and one.reference == found.reference)
    share_out(lambda one, found: same_text(one.file_name, found.title))
    share_out(lambda one, found: _title_and_number(one.file_name) == _title_and_number(found.title))
    share_out(lambda one, found: _title_and_number(one.file_name)[0] == _title_and_number(found.title)[0])
    share_out(lambda one, _: one.state != "verified")
    return own[item.id] + [found for found in left if same_text(found.title, item.file_name)]


def notes_of(item: Item, items: Sequence[Item], in_mis: Sequence[Found]) -> list[Found]:
    """Given a note, all notes of its event and those the MIS holds under the key, return which are this one.

    An event has one note, whatever it says; the notes on what became of it are told apart by what they say.
    """
    same = [found for found in in_mis if _is(item, found)]
    if same or item.kind != "note":
        return same
    others = [one for one in items if one.id != item.id]
    return [
        found
        for found in in_mis
        if not is_later_note(found.title or found.text) and not any(_is(one, found) for one in others)
    ]


def _is(item: Item, found: Found) -> bool:
    """Return True for the title that was written; where that was cut or changed, so that it lost its key, for the text."""
    if same_text(found.title, item.summary):
        return True
    return f"[{item.key}]" not in found.title and same_text(found.text, item.text)


def _title_and_number(file_name: str) -> tuple[str, int]:
    """Return a document's title without its date, and which of several of that title it is."""
    number = _NUMBER.search(file_name)
    words = re.findall(r"\w+", _NUMBER.sub(" ", _DATE.sub(" ", file_name.removesuffix(".docx"))).casefold())
    return " ".join(words), int(number[1]) if number else 1
