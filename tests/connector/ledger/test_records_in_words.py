"""Records that an event rests on stand in words, so that one that changes can be named as the cause."""

from __future__ import annotations

from datetime import date

import pytest

from connector.ledger.rested_on import FactsNow
from connector.store import Store
from rules.calendar import Calendar
from rules.policy import load_policy
from rules.register import build_register
from rules.school import FormDecision, LeaveRequest, Licence, NoticeToImprove
from tests.connector.memory_mis import PERIODS, made_up_pupil

DAY = date(2025, 9, 10)


def leave(**own: object) -> LeaveRequest:
    return LeaveRequest("1", date(2025, 9, 29), date(2025, 9, 30), "holiday", DAY, **own)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("records", "words"),
    [
        ({"leave_requests": [leave()]}, "request for leave from 2025-09-29 to 2025-09-30 (holiday)"),
        (
            {"leave_requests": [leave(decision="refused", decided=DAY)]},
            "request for leave from 2025-09-29 to 2025-09-30 (holiday), refused on 2025-09-10",
        ),
        (
            {"leave_requests": [leave(decision="in part", decided=DAY, granted_to=date(2025, 9, 29))]},
            "request for leave from 2025-09-29 to 2025-09-30 (holiday), in part on 2025-09-10"
            " for 2025-09-29 to 2025-09-29",
        ),
        (
            {"leave_requests": [leave(licence=Licence(DAY, DAY))]},
            "request for leave from 2025-09-29 to 2025-09-30 (holiday), with a licence for 2025-09-10 to 2025-09-10",
        ),
        (
            {"notices_to_improve": [NoticeToImprove("1", DAY, 4, 1)]},
            "notice to improve of 2025-09-10 for 4 school weeks, sessions allowed: 1",
        ),
        (
            {"form_decisions": [FormDecision("1", DAY, "none", "moved away", "Head")]},
            "decision of 2025-09-10 on a consideration form: none",
        ),
    ],
)
def test_a_record_in_words(records: dict[str, list[object]], words: str) -> None:
    register = build_register(pupils=[made_up_pupil(1)], calendar=Calendar(PERIODS), marks=[], **records)  # type: ignore[arg-type]
    with Store.in_memory("hill") as store:
        (pupil,) = FactsNow(store, register, load_policy("hcat")).all.pupils
    assert pupil.records == (words,)
