"""What is particular to the SIMS adapter: token, waits, windows, pages that move, codes, history, few calls."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any
from urllib.parse import unquote_plus

import pytest

from connector.adapters.base import AmendmentPage, PullRequest
from connector.adapters.sims import KIND
from connector.adapters.sims.adapter import SimsAdapter
from connector.adapters.sims.client import SimsClient
from connector.adapters.sims.fields import names
from connector.adapters.sims.marks import MarkReader, stretches
from connector.errors import DataError, FatalError, RetryableError
from connector.http import HttpConfig
from connector.mock.school import MadeUpSchool, make_school
from connector.mock.school.corrections import LONDON
from connector.mock.server import MockServer
from connector.mock.sims import school_rows
from connector.testing.pulled import Pulled, mark_rows
from rules.evaluate import evaluate
from rules.policy import load_policy
from rules.register import build_register

HTTP = HttpConfig(connect_seconds=2.0, read_seconds=10.0, tries=4, longest_wait_seconds=0.05)
UNHURRIED = {"calls_per_second": None}
NOTHING: frozenset[str] = frozenset()


@pytest.fixture
def school() -> MadeUpSchool:
    return make_school(pupils=14, weeks=4, seed=8)


@contextmanager
def opened(server: MockServer, **settings: Any) -> Iterator[SimsAdapter]:
    checked = KIND.settings.model_validate({**server.settings, **settings})
    adapter = SimsAdapter(checked, server.secrets, HTTP)  # type: ignore[arg-type]
    try:
        yield adapter
    finally:
        adapter.close()


def paths(server: MockServer, ending: str) -> list[str]:
    return [unquote_plus(seen.query) for seen in server.world.requests if ending in seen.path]


def same(pulled: Pulled, school: MadeUpSchool, day: date) -> bool:
    return mark_rows(pulled.marks.values(), NOTHING) == mark_rows(school.marks_known(day), NOTHING)


def test_events_are_those_of_the_made_up_register() -> None:
    school = make_school(pupils=60, weeks=8, seed=2)
    last = school.last_day
    with MockServer("sims", school, options=UNHURRIED) as server, opened(server) as adapter:
        pulled = Pulled().pull(adapter, last)
    assert pulled.calendar is not None
    register = build_register(
        pupils=list(pulled.pupils.values()),
        calendar=pulled.calendar,
        marks=list(pulled.marks.values()),
        nation="england",
        amendments=amendments_of(pulled),
    )
    policy = load_policy("england-2024")
    bare = build_register(
        pupils=school.pupils_known(last),
        calendar=school.calendar,
        marks=school.marks_known(last),
        nation="england",
        amendments=school.amendments_known(last),
    )
    found = evaluate(register, policy, last, amendments=True)
    assert found.events
    assert found.events == evaluate(bare, policy, last, amendments=True).events


def amendments_of(pulled: Pulled) -> list[Any]:
    return [change for page in pulled.pages if isinstance(page, AmendmentPage) for change in page.amendments]


def test_the_history_says_who_changed_a_mark_when_and_why(school: MadeUpSchool) -> None:
    with MockServer("sims", school, options=UNHURRIED) as server, opened(server) as adapter:
        pulled = Pulled().pull(adapter, school.last_day)
    key = lambda change: (change.pupil_id, change.date, change.half, change.amended_at)  # noqa: E731
    wanted = sorted(school.amendments_known(school.last_day), key=key)
    assert sorted(amendments_of(pulled), key=key) == wanted
    assert wanted


def test_only_new_history_comes_with_a_later_pull(school: MadeUpSchool) -> None:
    days = [day for day in school.calendar.school_days if day <= school.last_day]
    with MockServer("sims", school, today=days[9], options=UNHURRIED) as server, opened(server) as adapter:
        pulled = Pulled().pull(adapter, days[9])
        server.today = days[10]
        pulled.pull(adapter, days[10])
    before = datetime.combine(days[9] - timedelta(days=2), datetime.min.time(), LONDON)
    assert all(change.amended_at > before for change in amendments_of(pulled))


def test_a_mark_changed_before_its_day_has_its_history_on_that_day(school: MadeUpSchool) -> None:
    days = [day for day in school.calendar.school_days if day <= school.last_day]
    pupil = school.pupils_known(days[0])[0].pupil_id
    for code, day in (("C", days[1]), ("E", days[3])):
        at = datetime.combine(day, datetime.min.time(), LONDON) + timedelta(hours=11)
        school.correct_mark(pupil, days[12], "AM", code, at=at)
    pulled = Pulled()
    with MockServer("sims", school, today=days[2], options=UNHURRIED) as server, opened(server) as adapter:
        for day in (days[2], days[3], days[11], days[12]):
            server.today = day
            pulled.pull(adapter, day)
            found = [change for change in amendments_of(pulled) if change.date == days[12]]
            changes = [(change.original, change.amended) for change in found if change.pupil_id == pupil]
            assert changes == ([("C", "E")] if day == days[12] else [])


def test_marks_are_asked_for_in_stretches_of_at_most_ninety_days() -> None:
    found = list(stretches(date(2025, 9, 1), date(2026, 7, 20), 90))
    assert all((last - first).days < 90 for first, last in found)
    assert found[0][0] == date(2025, 9, 1)
    assert found[-1][1] == date(2026, 7, 20)
    assert all(later[0] - earlier[1] == timedelta(days=1) for earlier, later in pairwise(found))


@pytest.mark.parametrize("by", ["learner", "record"])
def test_a_whole_year_is_read_in_several_windows(by: str) -> None:
    school = make_school(pupils=4, weeks=39, seed=8)
    with (
        MockServer("sims", school, options=UNHURRIED) as server,
        opened(server, marks_by=by) as adapter,
    ):
        pulled = Pulled().pull(adapter, school.last_day)
        assert same(pulled, school, school.last_day)


def test_too_many_calls_are_waited_out_with_doubled_waits(school: MadeUpSchool) -> None:
    waits: list[float] = []
    with MockServer("sims", school, options=UNHURRIED) as server:
        settings = KIND.settings.model_validate(server.settings)
        patient = HttpConfig(tries=5, longest_wait_seconds=7200.0)
        client = SimsClient(settings, server.secrets, patient, sleep=waits.append)  # type: ignore[arg-type]
        server.world.faults.set("busy-silent", times=3, path="Schools")
        assert client.rows("schools")
        assert waits == [2.0, 4.0, 8.0]
        waits.clear()
        server.world.faults.set("busy-silent", path="Schools")
        with pytest.raises(RetryableError, match="too many calls"):
            client.rows("schools")
        client.close()
    assert waits == [2.0, 4.0, 8.0, 16.0]


def test_a_longer_wait_that_sims_asks_for_is_kept(school: MadeUpSchool) -> None:
    waits: list[float] = []
    with MockServer("sims", school, options=UNHURRIED) as server:
        settings = KIND.settings.model_validate({**server.settings, "back_off_scale": 0.5})
        client = SimsClient(settings, server.secrets, HttpConfig(), sleep=waits.append)  # type: ignore[arg-type]
        server.world.faults.busy_seconds = 30
        server.world.faults.set("busy", times=1, path="Schools")
        assert client.rows("schools")
        client.close()
    assert waits == [15.0]


def test_the_adapter_keeps_under_five_calls_a_second_on_its_own(school: MadeUpSchool) -> None:
    with MockServer("sims", school) as server, opened(server) as adapter:
        adapter.check()
        assert len(server.world.requests) > 6
        assert {seen.status for seen in server.world.requests} == {200}


def test_a_token_that_expires_in_mid_run_is_renewed(school: MadeUpSchool) -> None:
    with MockServer("sims", school, options=UNHURRIED) as server, opened(server) as adapter:
        server.world.faults.set("expired", times=1, path="AttendanceCodes")
        assert same(Pulled().pull(adapter, school.last_day), school, school.last_day)
        assert len(paths(server, "/connect/token")) == 2


def test_a_token_that_is_refused_again_at_once_is_fatal(school: MadeUpSchool) -> None:
    with MockServer("sims", school, options=UNHURRIED) as server, opened(server) as adapter:
        server.world.faults.set("expired", path="AttendanceCodes")
        with pytest.raises(FatalError, match="token"):
            Pulled().pull(adapter, school.last_day)


def test_a_wrong_subscription_key_is_named(school: MadeUpSchool) -> None:
    with MockServer("sims", school, options=UNHURRIED) as server:
        settings = KIND.settings.model_validate(server.settings)
        secrets = {**server.secrets, "subscription_key": "wrong"}
        adapter = KIND.open(settings, secrets, HTTP)
        with pytest.raises(FatalError, match="subscription key"):
            list(adapter.pull(PullRequest(None, school.last_day, school.last_day)))
        adapter.close()


@pytest.mark.parametrize("fault", ["duplicate-rows", "shifted-rows"])
@pytest.mark.parametrize("by", ["learner", "record"])
def test_a_page_that_moved_is_asked_for_again(school: MadeUpSchool, fault: str, by: str) -> None:
    with (
        MockServer("sims", school, options=UNHURRIED) as server,
        opened(server, marks_by=by, page_size=5) as adapter,
    ):
        server.world.faults.set(fault, 0.2)
        assert same(Pulled().pull(adapter, school.last_day), school, school.last_day)


def test_pages_that_never_fit_together_end_the_pull(school: MadeUpSchool) -> None:
    with (
        MockServer("sims", school, options=UNHURRIED) as server,
        opened(server, page_size=5) as adapter,
    ):
        server.world.faults.set("shifted-rows")
        with pytest.raises(RetryableError, match="changed while its pages were read"):
            Pulled().pull(adapter, school.last_day)


@pytest.mark.parametrize("paging", ["skip", "next"])
def test_a_server_with_shorter_pages_than_asked_loses_nothing(school: MadeUpSchool, paging: str) -> None:
    with (
        MockServer("sims", school, options={**UNHURRIED, "largest_page": 7}) as server,
        opened(server, paging=paging, marks_by="record") as adapter,
    ):
        assert same(Pulled().pull(adapter, school.last_day), school, school.last_day)


def test_a_server_that_cuts_pages_without_a_link_is_noticed(school: MadeUpSchool) -> None:
    options = {**UNHURRIED, "largest_page": 7, "next_link": False}
    with (
        MockServer("sims", school, options=options) as server,
        opened(server, paging="next") as adapter,
        pytest.raises(RetryableError),
    ):
        Pulled().pull(adapter, school.last_day)


def test_a_missing_person_id_is_reported_with_the_way_out(school: MadeUpSchool) -> None:
    options = {**UNHURRIED, "withheld": ("LearnerPersonals.PersonID",)}
    with MockServer("sims", school, options=options) as server:
        with opened(server) as adapter, pytest.raises(FatalError, match="pupil_id_field"):
            Pulled().pull(adapter, school.last_day)
        with opened(server, pupil_id_field="ExternalID") as adapter:
            pulled = Pulled().pull(adapter, school.last_day)
    assert len(pulled.marks) == len(school.marks_known(school.last_day))
    assert all(len(pupil_id) == 36 for pupil_id in pulled.pupils)


def test_expanded_rows_that_are_cut_short_are_never_taken_for_all(school: MadeUpSchool) -> None:
    options = {**UNHURRIED, "largest_expand": 2}
    with (
        MockServer("sims", school, options=options) as server,
        opened(server, contacts=False) as adapter,
        pytest.raises(FatalError, match="does not bring all of AttendanceRecords"),
    ):
        Pulled().pull(adapter, school.last_day)
    with (
        MockServer("sims", school, options=options) as server,
        opened(server, contacts=False, marks_by="record") as adapter,
    ):
        assert same(Pulled().pull(adapter, school.last_day), school, school.last_day)


def test_a_code_of_the_schools_own_is_read_as_the_statutory_one_behind_it(school: MadeUpSchool) -> None:
    last, pupil = school.last_day, school.marks_known(school.last_day)[-1].pupil_id
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(school_rows, "SUB_CODES", {"7Q": ("I", "Ill, telephoned")})
        school.correct_mark(pupil, last, "AM", "7Q")
        with MockServer("sims", school, options=UNHURRIED) as server:
            with opened(server) as adapter:
                pulled = Pulled().pull(adapter, last)
                assert pulled.marks[pupil, last, "AM"].code == "I"
                assert "7Q" not in pulled.codes
            with opened(server, local_codes="own") as adapter:
                pulled = Pulled().pull(adapter, last)
                assert pulled.marks[pupil, last, "AM"].code == "7Q"
                assert pulled.codes["7Q"].counts_as == "authorised"


def test_three_character_codes_travel_as_they_are(school: MadeUpSchool) -> None:
    last, pupil = school.last_day, school.marks_known(school.last_day)[-1].pupil_id
    school.correct_mark(pupil, last, "AM", "X01")
    with MockServer("sims", school, options=UNHURRIED) as server, opened(server) as adapter:
        pulled = Pulled().pull(adapter, last)
    assert pulled.marks[pupil, last, "AM"].code == "X01"
    assert pulled.codes["X01"].counts_as == "not_possible"


def test_calendar_contacts_and_history_can_be_switched_off(school: MadeUpSchool) -> None:
    off = {"calendar": False, "contacts": False, "amendments": False}
    with MockServer("sims", school, options=UNHURRIED) as server, opened(server, **off) as adapter:
        assert not adapter.capabilities.calendar
        assert not adapter.capabilities.contacts
        assert not adapter.capabilities.amendments
        pulled = Pulled().pull(adapter, school.last_day)
        assert not [f for f in adapter.check() if f.severity == "error"]
        asked = {seen.path.rpartition("/")[2].partition("(")[0] for seen in server.world.requests}
    assert pulled.calendar is None
    assert same(pulled, school, school.last_day)
    assert not any(pupil.contacts for pupil in pulled.pupils.values())
    assert not asked & {"CalendarPeriods", "StatutoryAttendanceRecordHistorys"}


def test_everything_is_read_again_after_some_weeks(school: MadeUpSchool) -> None:
    days = [day for day in school.calendar.school_days if day <= school.last_day]
    with (
        MockServer("sims", school, today=days[3], options=UNHURRIED) as server,
        opened(server, full_after_days=10) as adapter,
    ):
        pulled = Pulled().pull(adapter, days[3])
        gone = next(mark for mark in school.marks_known(days[3]) if mark.date == days[0])
        school.correct_mark(
            gone.pupil_id, gone.date, gone.half, "", at=datetime.combine(days[5], datetime.min.time(), LONDON)
        )
        server.today = days[6]
        pulled.pull(adapter, days[6], recent_from=days[4])
        assert (gone.pupil_id, gone.date, gone.half) in pulled.marks
        server.today = days[14]
        pulled.pull(adapter, days[14], recent_from=days[12])
        assert same(pulled, school, days[14])


def test_an_earlier_start_of_the_history_brings_everything(school: MadeUpSchool) -> None:
    days = [day for day in school.calendar.school_days if day <= school.last_day]
    with MockServer("sims", school, options=UNHURRIED) as server, opened(server) as adapter:
        pulled = Pulled().pull(adapter, school.last_day, history_from=days[8])
        assert min(day for _, day, _ in pulled.marks) == days[8]
        pulled.pull(adapter, school.last_day, history_from=days[0])
        assert same(pulled, school, school.last_day)


def test_a_nightly_pull_of_a_large_school_asks_for_little() -> None:
    school = make_school(pupils=1500, weeks=5, seed=1)
    days = [day for day in school.calendar.school_days if day <= school.last_day]
    with MockServer("sims", school, today=days[-2], options=UNHURRIED) as server, opened(server) as adapter:
        pulled = Pulled().pull(adapter, days[-2], recent_from=days[0])
        server.today, before = days[-1], adapter.requests_sent
        pulled.pull(adapter, days[-1], recent_from=days[-20])
        changed = len(paths(server, "AttendanceRecords/SIMS.Changes"))
        assert adapter.requests_sent - before - changed < 40
        assert same(pulled, school, days[-1])


def test_no_filter_holds_a_bare_date(school: MadeUpSchool) -> None:
    with (
        MockServer("sims", school, options=UNHURRIED) as server,
        opened(server, marks_by="record") as adapter,
    ):
        Pulled().pull(adapter, school.last_day)
        asked = paths(server, "AttendanceRecords") + paths(server, "StatutoryAttendanceRecordHistorys")
    assert any(f"{names('records')['start']} ge " in query for query in asked)
    assert all("T00:00:00Z" in query for query in asked if "filter" in query)


def test_a_mark_of_a_session_that_is_not_listed_is_a_named_error(school: MadeUpSchool) -> None:
    with MockServer("sims", school, options=UNHURRIED) as server, opened(server) as adapter:
        client = adapter._client
        marks = MarkReader(client, adapter._settings, school.last_day, {}, {}, {})
        with pytest.raises(DataError, match="session that is not in"):
            list(marks.between(school.first_day, school.last_day))


def test_nobody_is_written_to_about_a_learner_not_to_be_communicated_about(school: MadeUpSchool) -> None:
    everyone = [pupil.pupil_id for pupil in school.pupils]
    options = {**UNHURRIED, "not_to_be_contacted": everyone}
    with MockServer("sims", school, options=options) as server, opened(server) as adapter:
        pulled = Pulled().pull(adapter, school.last_day)
    contacts = [contact for pupil in pulled.pupils.values() for contact in pupil.contacts]
    assert contacts
    assert not any(contact.correspondence for contact in contacts)
