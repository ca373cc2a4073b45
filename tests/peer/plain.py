"""Evaluates a register folder under a policy, plainly: `python -m tests.peer.plain DIR POLICY [AS_OF]`."""

from __future__ import annotations

import json
import sys
from datetime import date
from pathlib import Path
from typing import Any

from tests.peer import kinds
from tests.peer.book import Book, Event, open_book
from tests.peer.chains import hcat, thringstone
from tests.peer.codes import FIRST_DAY_OF_2024_CODES, code_set
from tests.peer.figures import pupil_figures, school_figures
from tests.peer.policies import aspire, aycliffe_drive, cadle, england_2024
from tests.peer.reading import Folder, read_folder

POLICIES = ("aycliffe-drive", "hcat", "aspire", "thringstone", "cadle", "england-2024")


def evaluate_folder(directory: Path, policy: str, as_of: date | None = None) -> dict[str, Any]:
    """Return the whole answer of `evaluate --json` (clauses, figures and outcomes of events left empty).

    Raises ValueError for a policy that is not one of `POLICIES` and for a folder without any code.
    """
    if policy not in POLICIES:
        raise ValueError(f"no such policy: {policy}")
    folder = read_folder(directory)
    last = as_of if as_of is not None else folder.last_day_with_a_code()
    first = FIRST_DAY_OF_2024_CODES if policy == "england-2024" else None
    books = [open_book(folder, pupil, first, last) for pupil in folder.pupils]
    events: list[Event] = []
    for book in books:
        events += pupil_events(book, folder, policy)
    if policy in ("hcat", "cadle"):
        events += kinds.class_of_the_week(books, last)
    if policy == "hcat":
        events += kinds.class_on_target(books, last, 97)
    events.sort(key=lambda event: (event["date"], event.get("pupil_id", event.get("group")), event["rule"]))
    pupils = [pupil_figures(book, policy, last) for book in books]
    return {
        "policy": policy,
        "as_of": last.isoformat(),
        "code_set": code_set(folder.nation, last),
        "school": school_figures(pupils, policy),
        "pupils": pupils,
        "events": events,
    }


def pupil_events(book: Book, folder: Folder, policy: str) -> list[Event]:
    if policy == "aycliffe-drive":
        return aycliffe_drive(book)
    if policy == "hcat":
        return hcat(book, folder)
    if policy == "aspire":
        return aspire(book, folder)
    if policy == "thringstone":
        return thringstone(book)
    if policy == "cadle":
        return cadle(book)
    return england_2024(book)


def main(arguments: list[str]) -> None:
    as_of = date.fromisoformat(arguments[2]) if len(arguments) > 2 else None
    print(json.dumps(evaluate_folder(Path(arguments[0]), arguments[1], as_of), indent=1))


if __name__ == "__main__":
    main(sys.argv[1:])
