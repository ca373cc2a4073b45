"""One document that cannot be made never stops the others."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import TypeVar

import structlog

from connector.errors import StoreError
from connector.logs import where_raised
from letters.errors import LetterError

log = structlog.get_logger(__name__)
_T = TypeVar("_T")


def make_or_say_why(what: str, make: Callable[[], _T], **about: str) -> tuple[_T | None, str]:
    """Given how to make a document or note, return it and "", or None and the reason without personal data.

    ``about`` goes into the log. The text of an error that nobody foresaw may hold a name, so only its kind and where
    it was raised are kept. What is wrong with the store or with the machine is raised.
    """
    try:
        return make(), ""
    except (sqlite3.Error, StoreError, MemoryError):
        raise
    except LetterError as error:
        return None, f"{what} could not be made: {error}"
    except Exception as error:  # noqa: BLE001 - a fault of one letter must not stop the others
        kind = type(error).__name__
        log.error("a document could not be made", error=kind, exception=where_raised(error), **about)
        return None, f"{what} could not be made ({kind}): see the log"
