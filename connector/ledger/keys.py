"""Event keys: short codes that are written into the MIS and can be read out over a telephone."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from rules.events import Event

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O or U, which are easily misread."""
LENGTH = 8
PREFIX = "AC-"


def event_key(school: str, event: Event, again: int = 0) -> str:
    """Return the key of an event: the same facts give the same key, in any process and after any loss of state.

    Made of the school's identity (:attr:`connector.store.Store.identity`), whom the event is about, the rule, and the anchor that says which occurrence it is.
    ``again`` is counted up where the key is taken (:func:`free_key`).
    """
    about = "pupil" if event.pupil_id is not None else "group"
    return _key("event", school, about, event.subject, event.rule, event.anchor, str(again))


def document_key(school: str, kind: str, file_name: str) -> str:
    """Return the key of a document of the school, such as the digest of a day, whose file name holds the day."""
    return _key("document", school, kind, file_name)


def cause_key(kind: str, text: str) -> str:
    """Return the short id of a cause; all that is held for the same reason shares it."""
    return "BC-" + _key("cause", kind, text).removeprefix(PREFIX)[:6]


def free_key(school: str, event: Event, taken: Callable[[str], bool]) -> str:
    """Return the first key of an event that no other row of the ledger holds.

    A key is taken in two cases: another event happens to have the same 40 bits, or an earlier occurrence with
    this anchor was withdrawn and its row stays. Counting up gives the same answer for the same ledger.
    """
    again = 0
    while taken(key := event_key(school, event, again)):
        again += 1
    return key


def ending_in_key(text: str, key: str) -> str:
    """Return the text with the key in brackets at its end, once; that is what is looked for in the MIS."""
    return text if text.rstrip().endswith(f"[{key}]") else f"{text.rstrip()} [{key}]"


def without_key(text: str, key: str) -> str:
    """Return the text as it was before :func:`ending_in_key`."""
    return text.rstrip().removesuffix(f"[{key}]").rstrip()


def _key(*parts: str) -> str:
    # lengths keep ("ab", "c") and ("a", "bc") apart
    text = "".join(f"{len(part)}:{part}" for part in parts)
    number = int.from_bytes(hashlib.sha256(text.encode()).digest()[:5], "big")
    symbols = [ALPHABET[number >> shift & 31] for shift in range(5 * (LENGTH - 1), -1, -5)]
    return PREFIX + "".join(symbols)
