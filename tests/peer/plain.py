"""Evaluates a register folder under a policy, plainly: `python -m tests.peer.plain DIR POLICY[,POLICY] [AS_OF]`."""

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
from tests.peer.leave import leave_events
from tests.peer.policies import aspire, aycliffe_drive, cadle, england_2024
from tests.peer.reading import Folder, read_folder

POLICIES = ("aycliffe-drive", "hcat", "aspire", "thringstone", "cadle", "england-2024")

RULES = {
    "aycliffe-drive": "no-contact at-risk persistent-absence ten-day-absence penalty-notice lateness"
    " religious-allowance part-time-return certificate-100",
    "hcat": "colour-letter initial-warning stage-1 stage-2 stage-3 improved stage-4 second-notice three-days-missed"
    " late-letter late-meeting late-unauthorised late-penalty unexplained-visit missing-education"
    " perfect-term perfect-year class-of-the-week class-on-target",
    "aspire": "persistent-absence severe-absence explanation-run explanation-term formal-meeting"
    " authority-termly whereabouts-leave whereabouts-20 health-15 truancy-first truancy-again"
    " legal-intervention leave-request",
    "thringstone": "concern further-concern referral persistent-absence severe-absence late-letter"
    " late-persistent holiday-warning code-overdue parents-report certificate-half-term certificate-term"
    " celebration",
    "cadle": "screening-1 screening-2 screening-3 welfare-list no-explanation at-risk-first-morning n-to-o"
    " long-holiday penalty-notice certificate-100 class-of-the-week",
    "england-2024": "penalty-threshold persistent-absence severe-absence ten-day-return sickness-return"
    " code-overdue deletion-check social-worker-told new-pupil-return deletion-return exclusion-day-6"
    " notice-to-improve notice-broken notice-kept summary",
}
"""The rules of each pack that fire when a register is evaluated alone."""
ANSWERS = "leave-request leave-granted leave-refused leave-in-part"
IN_A_RUN = {
    "hcat": ANSWERS,
    "aspire": ANSWERS,
    "thringstone": ANSWERS,
    "aycliffe-drive": ANSWERS,
    "cadle": "leave-request",
}
"""The rules about what the school itself does; aspire's `leave-request` fires without a run too."""


def evaluate_folder(
    directory: Path, policy: str, as_of: date | None = None, *, in_run: bool = False
) -> dict[str, Any]:
    """Return the whole answer of `evaluate --json` (clauses, figures and outcomes of events left empty).

    With `in_run` also the events about what the school itself does, which only a run has.

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
        events += leave_events(book, folder, policy, in_run=in_run)
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


def evaluate_together(directory: Path, policies: list[str], as_of: date | None = None) -> dict[str, Any]:
    """Return the answer for several policies: the first one's, with the events of all whose rule no earlier one has."""
    answers = [evaluate_folder(directory, policy, as_of) for policy in policies]
    events: list[Event] = []
    taken: set[str] = set()
    for policy, answer in zip(policies, answers, strict=True):
        events += [{**event, "policy": policy} for event in answer["events"] if event["rule"] not in taken]
        taken.update(RULES[policy].split())
    events.sort(key=lambda event: (event["date"], event.get("pupil_id", event.get("group")), event["rule"]))
    return {**answers[0], "events": events}


def pupil_events(book: Book, folder: Folder, policy: str) -> list[Event]:
    if policy == "aycliffe-drive":
        return aycliffe_drive(book)
    if policy == "hcat":
        return hcat(book, folder)
    if policy == "aspire":
        return aspire(book)
    if policy == "thringstone":
        return thringstone(book)
    if policy == "cadle":
        return cadle(book)
    return england_2024(book, folder)


def main(arguments: list[str]) -> None:
    as_of = date.fromisoformat(arguments[2]) if len(arguments) > 2 else None
    print(json.dumps(evaluate_together(Path(arguments[0]), arguments[1].split(","), as_of), indent=1))


if __name__ == "__main__":
    main(sys.argv[1:])
