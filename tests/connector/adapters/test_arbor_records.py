"""Records that the Arbor adapter reads from pastoral notes of an agreed wording."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from connector.adapters.arbor.record_notes import records_of
from connector.adapters.arbor.settings import ArborSettings
from connector.adapters.base import PullEnd, RecordPage
from connector.testing.pulled import Pulled
from connector.testing.schools import small_school
from connector.testing.writing import note_on
from rules.pupil_record import PupilRecord
from tests.connector.adapters.arbor_school import BOTH, arbor, put

AGREED = {"Attendance meeting held": "meeting held", "Attendance meeting": "meeting invited"}
DAY = date(2026, 3, 3)


def records(pulled: Pulled) -> list[tuple[PupilRecord, ...] | None]:
    return [page.pupil_records for page in pulled.pages if isinstance(page, RecordPage)]


def note(pupil_id: str, summary: str, day: date) -> dict[str, Any]:
    student = {"entityType": "Student", "href": f"/rest-v2/students/{pupil_id}"}
    return {
        "pastoralNote": {
            "entityType": "PastoralNote",
            "student": student,
            "summary": summary,
            "content": "Both parents came.",
            "noteDate": day.isoformat(),
        }
    }


@BOTH
def test_a_note_of_the_agreed_wording_is_a_record_until_it_is_gone(reads: str) -> None:
    school = small_school()
    first, second = school.pupils[:2]
    day = school.last_day
    with arbor(school, reads=reads, record_notes=AGREED) as (server, adapter):
        assert adapter.capabilities.records
        body = note(second.pupil_id, " attendance  Meeting HELD: plan agreed", day)
        held = put(server, "pastoral-notes", body, "POST")["pastoralNote"]["href"]
        put(server, "pastoral-notes", note(first.pupil_id, "Rang about the attendance meeting", day), "POST")
        own = note(first.pupil_id, "Attendance meeting held [AC-7F3K2M9Q]", day)
        put(server, "pastoral-notes", own, "POST")
        adapter.write_note(note_on(first))
        pulled = Pulled().pull(adapter, day)
        record = PupilRecord(second.pupil_id, "meeting", day, decision="held", note="plan agreed")
        assert records(pulled) == [(record,)]
        put(server, held.removeprefix("/rest-v2/"), {}, "DELETE")
        assert records(pulled.pull(adapter, day)) == [()]


def test_a_short_look_in_the_morning_keeps_the_records_of_earlier_days() -> None:
    school = small_school()
    pupil, day = school.pupils[0], school.last_day
    with arbor(school, record_notes=AGREED) as (server, adapter):
        earlier = school.calendar.school_days[0]
        body = note(pupil.pupil_id, "Attendance meeting held", earlier)
        put(server, "pastoral-notes", body, "POST")
        pulled = Pulled().pull(adapter, day, history_from=day)
        assert records(pulled) == [(PupilRecord(pupil.pupil_id, "meeting", earlier, decision="held"),)]


def test_without_a_wording_notes_are_not_asked_for_and_earlier_records_go() -> None:
    school = small_school()
    with arbor(school, options={"withheld": ("PastoralNote",)}) as (_, adapter):
        assert not adapter.capabilities.records
        pulled = Pulled().pull(adapter, school.last_day)
        assert records(pulled) == [()]
        assert not [f for f in adapter.check() if f.fact == "pupil_records" or "reading Pastoral" in f.where]


def test_where_arbor_hides_notes_check_and_the_pull_say_so_and_nothing_is_replaced() -> None:
    school = small_school()
    with arbor(school, options={"withheld": ("PastoralNote",)}, record_notes=AGREED) as (_, adapter):
        pulled = Pulled().pull(adapter, school.last_day)
        assert records(pulled) == []
        end = pulled.pages[-1]
        assert isinstance(end, PullEnd)
        assert any("pastoral notes" in warning for warning in end.warnings)
        assert [f.severity for f in adapter.check() if f.fact == "pupil_records"] == ["warning"]


def row(summary: str, day: Any = "2026-03-03") -> dict[str, Any]:
    return {"id": "1", "summary": summary, "content": "", "noteDate": day, "student": {"id": "12"}}


@pytest.mark.parametrize(
    ("summary", "said"),
    [
        ("Attendance meeting", ("invited", "")),
        ("Attendance meeting held", ("held", "")),
        ("AttendanceMeeting – panel", ("invited", "panel")),
        ("Attendance meetings", None),
        ("About the attendance meeting", None),
    ],
)
def test_the_longest_wording_holds_and_none_ends_within_a_word(
    summary: str, said: tuple[str, str] | None
) -> None:
    found, _ = records_of([row(summary), row(summary)], AGREED, DAY)
    assert [(r.decision, r.note) for r in found] == ([said] if said else [])


def test_a_note_of_a_later_day_waits_and_one_without_a_day_is_counted() -> None:
    later, never, unread = (
        row("Attendance meeting", day) for day in (f"{date(2026, 3, 4)} 08:00:00", None, "soon")
    )
    found, warnings = records_of([later, never, unread], AGREED, DAY)
    assert found == ()
    assert [warning.split()[0] for warning in warnings] == ["2"]
    assert len(records_of([later], AGREED, date(2026, 3, 4))[0]) == 1


@pytest.mark.parametrize(
    ("wordings", "said"),
    [
        ({"Met": "meeting hold"}, "did you mean held"),
        ({"Met": "meetin held"}, "did you mean meeting"),
        ({"Met": "meeting"}, "no outcome"),
        ({"Sent": "return-sent today"}, "stands alone"),
        ({" ": "meeting held"}, "empty"),
        ({"We met": "meeting held", "we  MET": "meeting missed"}, "same wording"),
    ],
)
def test_a_wrong_word_is_refused_with_the_nearest(wordings: dict[str, str], said: str) -> None:
    with pytest.raises(ValidationError, match=said) as caught:
        ArborSettings(url="https://arbor.example", record_notes=wordings)
    assert "record_notes" in str(caught.value)
