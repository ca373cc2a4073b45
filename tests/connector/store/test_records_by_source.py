"""Records know which source gave them: one that is gone takes its own along, and no others."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

from connector.adapters.base import CalendarPage, Page, PullEnd, RecordPage
from connector.store import Store
from connector.store.belonging import PullSource
from connector.store.coding import to_text
from connector.store.schema import MIGRATIONS
from rules.school import Exclusion, FormDecision, LeaveRequest, Notice, NoticeToImprove
from tests.connector.memory_mis import PERIODS

NOW = datetime(2025, 10, 1, 17, tzinfo=UTC)
ONE, OTHER = Exclusion(reason="ill", pupil_id="1"), Exclusion(reason="care", flag="looked_after")
NOTICE = Notice("1", "c1", date(2025, 9, 30))
BOTH = PullSource("arbor", supplied=("records",))


def take(store: Store, source: PullSource, *pages: Page) -> list[str]:
    """One whole pull; return its warnings."""
    merge = store.begin_pull(at=NOW, source=source)
    for page in (*pages, PullEnd(None)):
        merge.apply(page)
    return merge.warnings


def test_the_mis_keeps_its_records_when_the_file_goes() -> None:
    with Store.in_memory("hill") as store:
        file = RecordPage(exclusions=(ONE,), supplied=True)
        assert take(store, BOTH, RecordPage(exclusions=(OTHER,), notices=(NOTICE,)), file) == []
        assert set(store.facts.exclusions()) == {ONE, OTHER}
        (words,) = take(store, PullSource("arbor"))
        assert words == "the records file is no longer named as supply.records: 1 exclusion"
        assert (store.facts.exclusions(), store.facts.notices()) == ((OTHER,), (NOTICE,))


def test_a_pull_that_broke_off_takes_nothing_away() -> None:
    with Store.in_memory("hill") as store:
        take(store, BOTH, RecordPage(exclusions=(ONE,), supplied=True))
        store.begin_pull(at=NOW, source=PullSource("arbor")).apply(RecordPage(exclusions=()))
        assert store.facts.exclusions() == (ONE,)


def test_a_mis_that_was_replaced_takes_its_records_along() -> None:
    with Store.in_memory("hill") as store:
        take(store, PullSource("folder"), RecordPage(exclusions=(ONE, OTHER), notices=(NOTICE,)))
        assert take(store, PullSource("arbor")) == ["folder is no longer the MIS: 2 exclusions and 1 notice"]
        assert (store.facts.exclusions(), store.facts.notices()) == ((), ())


def test_records_of_an_earlier_version_stay_until_a_pull_and_go_when_no_source_has_them(
    tmp_path: Path,
) -> None:
    path = tmp_path / "hill.db"
    old = sqlite3.connect(path)
    steps = next(n for n, script in enumerate(MIGRATIONS) if "CREATE TABLE records" in script)
    for script in MIGRATIONS[:steps]:
        old.executescript(script)
    body = to_text((ONE, OTHER))
    old.execute("INSERT INTO school_facts (kind, body) VALUES ('exclusions', ?)", (body,))
    old.execute(f"PRAGMA user_version = {steps}")
    old.commit()
    old.close()
    with Store.open(path, "hill") as store:
        assert store.facts.exclusions() == (ONE, OTHER)
        (words,) = take(store, BOTH, RecordPage(exclusions=(ONE,), supplied=True))
        assert words == "records of an earlier version are in no source that is named now: 1 exclusion"
        assert store.facts.exclusions() == (ONE,)


def test_a_store_from_before_the_later_kinds_keeps_what_it_has_and_takes_them(tmp_path: Path) -> None:
    path = tmp_path / "hill.db"
    old = sqlite3.connect(path)
    steps = next(n for n, script in enumerate(MIGRATIONS) if "notices_to_improve" in script)
    for script in MIGRATIONS[:steps]:
        old.executescript(script)
    old.execute("INSERT INTO records VALUES ('arbor', 'notices', ?)", (to_text((NOTICE,)),))
    leave = (
        '[{"pupil_id":"1","start":"2025-10-01","end":"2025-10-09","kind":"holiday","requested":"2025-09-09"}]'
    )
    old.execute("INSERT INTO records VALUES ('arbor', 'leave_requests', ?)", (leave,))
    old.execute(f"PRAGMA user_version = {steps}")
    old.commit()
    old.close()
    to_improve = NoticeToImprove("1", date(2025, 10, 1), 3)
    with Store.open(path, "hill") as store:
        assert store.facts.notices() == (NOTICE,)
        assert store.facts.leave_requests() == (
            LeaveRequest("1", date(2025, 10, 1), date(2025, 10, 9), "holiday", date(2025, 9, 9)),
        )
        decision = FormDecision("1", date(2025, 10, 2), "notice")
        page = RecordPage(notices_to_improve=(to_improve,), form_decisions=(decision,), supplied=True)
        assert take(store, BOTH, page) == []
        assert (store.facts.notices_to_improve(), store.facts.form_decisions()) == (
            (to_improve,),
            (decision,),
        )
        (words,) = take(store, PullSource("arbor"))
        assert words == (
            "the records file is no longer named as supply.records: 1 decision on a form and 1 notice to improve"
        )


def test_a_record_that_two_sources_hold_stands_once(tmp_path: Path) -> None:
    asked = LeaveRequest("1", date(2025, 10, 1), date(2025, 10, 9), "holiday", date(2025, 9, 9))
    refused = replace(asked, decision="refused", decided=date(2025, 9, 10))
    with Store.in_memory("hill") as store:
        mis = RecordPage(notices=(NOTICE,), leave_requests=(refused,))
        file = RecordPage(notices=(NOTICE,), leave_requests=(asked,), supplied=True)
        take(store, BOTH, CalendarPage(PERIODS), mis, file)
        register = store.register(nation="england")
        assert (register.notices, register.leave_requests) == ((NOTICE,), (refused,))


def test_exclusions_kept_by_a_version_without_codes_and_year_groups_are_read() -> None:
    kept = '[{"pupil_id":"1","flag":null,"rules":["stage-1"],"reason":"ill","until":"2025-12-01"}]'
    with Store.in_memory("hill") as store:
        with store.transaction() as connection:
            connection.execute("INSERT INTO records VALUES ('arbor', 'exclusions', ?)", (kept,))
        assert store.facts.exclusions() == (
            Exclusion(reason="ill", rules=("stage-1",), pupil_id="1", until=date(2025, 12, 1)),
        )


def test_a_record_kept_with_fewer_fields_is_the_same_as_the_source_says_it_now(tmp_path: Path) -> None:
    leave = LeaveRequest("1", date(2025, 10, 1), date(2025, 10, 9), "holiday", date(2025, 9, 9))
    with Store.in_memory("hill") as store:
        fields = ("pupil_id", "start", "end", "kind", "requested")
        kept = [{name: str(getattr(leave, name)) for name in fields}]
        with store.transaction() as connection:
            connection.execute("INSERT INTO records VALUES ('', 'leave_requests', ?)", (json.dumps(kept),))
        assert take(store, PullSource("folder"), RecordPage(leave_requests=(leave,))) == []
        assert store.facts.leave_requests() == (leave,)
