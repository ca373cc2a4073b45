"""Wonde as it really answers: the recorded shape, odd shapes, what is deleted, and adults who are none."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from connector.adapters.base import PullEnd
from connector.adapters.row_reader import MissingFields
from connector.adapters.wonde import KIND, people, rows
from connector.adapters.wonde.adapter import WondeAdapter
from connector.adapters.wonde.settings import WondeSettings
from connector.adapters.wonde.wrapping import id_of, many, moment, one
from connector.errors import FatalError, RetryableError
from connector.http import HttpConfig
from connector.mock.school import MadeUpSchool, make_school
from connector.mock.server import MockServer
from connector.testing.pulled import Pulled, mark_rows
from rules.contact import Contact
from rules.school import Pupil

HTTP = HttpConfig(connect_seconds=2.0, read_seconds=10.0, tries=2, longest_wait_seconds=0.05)
ANSWER = json.loads((Path(__file__).parent / "wonde_students_answer.json").read_text(encoding="utf-8"))
"""Made-up people in the shape of the answer recorded for a SIMS school (rmcsharry/ep-richard)."""
NOTHING: frozenset[str] = frozenset()


@pytest.fixture(scope="module")
def school() -> MadeUpSchool:
    return make_school(pupils=16, weeks=4, seed=8)


@contextmanager
def opened(server: MockServer, **settings: Any) -> Iterator[WondeAdapter]:
    checked = KIND.settings.model_validate({**server.settings, **settings})
    adapter = WondeAdapter(checked, server.secrets["token"], HTTP)  # type: ignore[arg-type]
    try:
        yield adapter
    finally:
        adapter.close()


def pulled_with(school: MadeUpSchool, options: Mapping[str, Any], **settings: Any) -> Pulled:
    with MockServer("wonde", school, options=options) as server, opened(server, **settings) as adapter:
        return Pulled().pull(adapter, school.last_day)


def warnings_of(pulled: Pulled) -> str:
    end = pulled.pages[-1]
    assert isinstance(end, PullEnd)
    return " ".join(end.warnings)


def errors_of(adapter: WondeAdapter) -> list[str]:
    return [f"{f.where} {f.message}" for f in adapter.check() if f.severity == "error"]


# the recorded shape ------------------------------------------------------------------------------------------


@contextmanager
def serving(answers: Mapping[str, Any]) -> Iterator[WondeAdapter]:
    """Open the adapter on a server that gives just these answers, by the end of their path."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = urlsplit(self.path).path.rstrip("/")
            found = next((body for name, body in answers.items() if path.endswith(name)), None)
            body = json.dumps(found or {"message": "not found"}).encode()
            self.send_response(404 if found is None else 200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    settings = WondeSettings(
        school_id="A1930499544", url=f"http://127.0.0.1:{server.server_port}", calls_per_second=0
    )
    adapter = WondeAdapter(settings, "token", HTTP)
    try:
        yield adapter
    finally:
        adapter.close()
        server.shutdown()
        thread.join()
        server.server_close()


NOBODY = {"data": [], "meta": {"pagination": {"next": None}}}
MARK = {"id": "A1", "date": {"date": "2016-10-03 00:00:00.000000"}, "session": "AM", "comment": None}
RECORDED = {
    "/attendance-codes": {"data": [{"id": "A5", "code": "L", "description": "Late", "type": "x"}]},
    "/students": ANSWER,
    "/students-leaver": NOBODY,
    "/students-pre-admission": NOBODY,
    "/attendance/session": {"data": [MARK | {"student": "A400100", "attendance_code": "A5"}]},
    "/schools/A1930499544": {"data": {"id": "A1930499544", "name": "Made Up School"}},
}


@pytest.fixture(scope="module")
def recorded() -> dict[str, Pupil]:
    with serving(RECORDED) as adapter:
        return Pulled().pull(adapter, date(2016, 10, 4)).pupils


def test_an_answer_in_the_recorded_shape_is_read_without_a_stop() -> None:
    with serving(RECORDED) as adapter:
        pulled = Pulled().pull(adapter, date(2016, 10, 4))
        findings = adapter.check()
    assert len(pulled.pupils) == len(ANSWER["data"])
    assert pulled.marks["8101", date(2016, 10, 3), "AM"].code == "L"
    assert [f for f in findings if f.severity == "error"] == []
    said = " ".join(f.message for f in findings)
    assert "free school meals" in said
    assert "UPNs" in said


def test_the_pupil_himself_is_no_adult_to_write_to(recorded: dict[str, Pupil]) -> None:
    assert [contact.contact_id for contact in recorded["8101"].contacts] == ["9101", "9102"]


def test_one_contact_under_two_pupils_has_the_flags_of_each_pair(recorded: dict[str, Pupil]) -> None:
    def flags(pupil_id: str) -> tuple[Any, ...]:
        contact = next(c for c in recorded[pupil_id].contacts if c.contact_id == "9101")
        return contact.parental_responsibility, contact.priority, contact.correspondence, contact.relationship

    assert flags("8101") == (True, 1, True, "Mother")
    assert flags("8102") == (False, None, False, "Step Mother")


def test_telephone_numbers_come_in_the_order_to_call_and_none_twice(recorded: dict[str, Pupil]) -> None:
    numbers = {c.contact_id: c.telephones for pupil in recorded.values() for c in pupil.contacts}
    assert numbers["9101"] == ("01632 960101",)
    assert numbers["9102"] == ("07700900102", "01632 960102", "01632960103")
    assert numbers["9104"] == ()
    assert numbers["9105"] == ("07700 900104",)


def test_null_flags_are_not_known_and_false_ones_are_false(recorded: dict[str, Pupil]) -> None:
    contacts = {c.contact_id: c for c in recorded["8101"].contacts}
    assert contacts["9102"].court_order is False
    nobody_says = json.loads(json.dumps(ANSWER))
    for row in nobody_says["data"]:
        for contact in row["contacts"]["data"]:
            contact["relationship"] = dict.fromkeys(contact["relationship"])
    with serving({**RECORDED, "/students": nobody_says}) as adapter:
        pulled = Pulled().pull(adapter, date(2016, 10, 4))
        said = " ".join(f"{f.message} {f.fix}" for f in adapter.check())
    every = [contact for pupil in pulled.pupils.values() for contact in pupil.contacts]
    assert {(c.court_order, c.correspondence, c.parental_responsibility) for c in every} == {
        (None, None, False)
    }
    assert "court orders" in said
    assert "no contact of those read has parental responsibility" in said


def test_a_school_that_does_not_keep_the_correspondence_flag_can_say_so(school: MadeUpSchool) -> None:
    pulled = pulled_with(school, {}, correspondence="not kept")
    contacts = [contact for pupil in pulled.pupils.values() for contact in pupil.contacts]
    assert {contact.correspondence for contact in contacts} == {None}


# who is the same person --------------------------------------------------------------------------------------

STUDENT = {"id": "A1", "mis_id": "17", "upi": "AA", "forename": "Arlo", "surname": "Testwell"}


@pytest.mark.parametrize(
    ("contact", "same"),
    [
        ({"mis_id": "17", "upi": "AA", "forename": "Arlo", "surname": "Testwell"}, True),
        ({"mis_id": "17", "upi": "BB", "forename": "Arlo", "surname": "Testwell"}, False),
        ({"mis_id": "17", "upi": None, "forename": "Arlo", "surname": "Testwell"}, True),
        ({"mis_id": 17, "forename": "Arlo", "surname": "Testwell"}, True),
        ({"mis_id": "17", "forename": "Ines", "surname": "Testwell"}, False),
        ({"mis_id": "18", "forename": "Arlo", "surname": "Testwell"}, False),
    ],
)
def test_a_number_alone_does_not_make_a_contact_the_pupil(contact: dict[str, Any], same: bool) -> None:
    assert people.is_the_same_person(contact, STUDENT) is same


# shapes ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "nothing", [None, [], {}, {"data": None}, {"data": []}, {"data": {}}], ids=json.dumps
)
def test_nothing_comes_in_many_shapes(nothing: Any) -> None:
    assert one(nothing, "year") is None
    assert many(nothing, "groups") == []
    assert id_of(nothing) == ""


@pytest.mark.parametrize("value", [{"id": "A7"}, {"data": {"id": "A7"}}, {"data": [{"id": "A7"}]}])
def test_one_object_comes_in_many_shapes(value: Any) -> None:
    assert one(value, "year") == {"id": "A7"}
    assert many(value, "years") == [{"id": "A7"}]


@pytest.mark.parametrize("value", ["A7", {"id": "A7"}, {"data": {"id": "A7"}}, {"data": "A7"}])
def test_a_reference_comes_in_many_shapes(value: Any) -> None:
    assert id_of(value) == "A7"


def test_an_id_may_be_a_number_and_nought_is_one() -> None:
    assert (id_of(7), id_of({"data": {"id": 7}}), id_of(0)) == ("7", "7", "0")


@pytest.mark.parametrize("value", ["text", 5, [1, 2], {"data": "text"}])
def test_another_shape_is_a_named_error(value: Any) -> None:
    with pytest.raises(FatalError, match="year has another shape"):
        one(value, "year")
    with pytest.raises(FatalError, match="groups has another shape"):
        many(value, "groups")


def test_a_list_with_gaps_comes_as_an_object_with_numbers_for_keys() -> None:
    assert many({"data": {"0": {"id": 1}, "2": {"id": 3}}}, "groups") == [{"id": 1}, {"id": 3}]


def test_moments_are_read_from_text_and_object() -> None:
    at = moment("2016-10-03T08:01:12Z")
    assert moment({"date": "2016-10-03 08:01:12.000000", "timezone_type": 3, "timezone": "UTC"}) == at
    assert moment("2016-10-03T09:01:12+01:00") == at
    summer = {"date": "2016-07-03 08:00:00.000000", "timezone_type": 3, "timezone": "Europe/London"}
    assert moment(summer) == moment("2016-07-03 07:00:00")
    nothing: list[Any] = [None, [], {}, "soon"]
    assert [moment(value) for value in nothing] == [None] * 4


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ({"date": "2016-06-11 00:00:00.000000", "timezone": "Europe/London"}, date(2016, 6, 11)),
        ({"date": "2016-06-10 23:00:00.000000", "timezone": "UTC"}, date(2016, 6, 11)),
        ({"date": "2016-06-11 00:00:00.000000", "timezone": "UTC"}, date(2016, 6, 11)),
        ("2016-06-11", date(2016, 6, 11)),
        (None, None),
        ([], None),
    ],
)
def test_a_day_is_the_one_at_the_school_in_whichever_zone_it_comes(said: Any, day: date | None) -> None:
    row = {**STUDENT, "date_of_birth": said}
    missing = MissingFields("Wonde", "ask", collect=True)
    assert people.pupil(row, WondeSettings(school_id="A1"), missing).date_of_birth == day


@pytest.mark.parametrize(
    "options",
    [
        {"references": "flat"},
        {"references": "object"},
        {"references": "wrapped"},
        {"references": "include"},
        {"nothing": "list"},
        {"numbers": True},
        {"closed": ["counts"]},
        {"closed": ["students-pre-admission"]},
        {"hidden": ["registration"]},
        {"hidden": ["student.groups"]},
    ],
    ids=str,
)
def test_each_shape_gives_the_same_school(school: MadeUpSchool, options: dict[str, Any]) -> None:
    usual = pulled_with(school, {})
    with MockServer("wonde", school, options=options) as server, opened(server) as adapter:
        pulled = Pulled().pull(adapter, school.last_day)
        assert errors_of(adapter) == []
    assert pulled.pupils == usual.pupils
    assert mark_rows(pulled.marks.values(), NOTHING) == mark_rows(
        school.marks_known(school.last_day), NOTHING
    )


def test_without_registration_and_groups_check_says_so_and_the_pull_ends(school: MadeUpSchool) -> None:
    options = {"hidden": ["registration", "student.groups"]}
    with MockServer("wonde", school, options=options) as server, opened(server) as adapter:
        pulled = Pulled().pull(adapter, school.last_day)
        said = " ".join(f.message for f in adapter.check())
    assert {pupil.registration_group for pupil in pulled.pupils.values()} == {""}
    assert "no pupil of those read has a registration group" in said


# lists that move or never end --------------------------------------------------------------------------------


def test_a_next_link_that_is_the_page_itself_ends_with_a_clear_error(school: MadeUpSchool) -> None:
    with (
        MockServer("wonde", school, options={"next_is_itself": True}) as server,
        opened(server) as adapter,
    ):
        with pytest.raises(RetryableError, match="attendance-codes does not come to an end"):
            Pulled().pull(adapter, school.last_day)
        assert len(server.world.requests) < 6
        assert "does not come to an end" in " ".join(errors_of(adapter))


@pytest.mark.parametrize("closed", [[], ["counts"]])
def test_rows_that_move_between_pages_are_read_again_where_pages_have_numbers(
    school: MadeUpSchool, closed: list[str]
) -> None:
    with (
        MockServer("wonde", school, options={"closed": closed}) as server,
        opened(server, cursor=False, per_page=5) as adapter,
    ):
        server.world.faults.set("shifted-rows", times=1, path="students")
        pulled = Pulled().pull(adapter, school.last_day)
    assert len(pulled.pupils) == len(school.pupils_known(school.last_day))


def test_a_list_that_never_holds_still_is_given_up(school: MadeUpSchool) -> None:
    with (
        MockServer("wonde", school) as server,
        opened(server, cursor=False, per_page=1) as adapter,
    ):
        server.world.faults.set("shifted-rows", 0.5, path="students")
        with pytest.raises(RetryableError, match="changed while its pages were read"):
            Pulled().pull(adapter, school.last_day)


# who is deleted ----------------------------------------------------------------------------------------------


def on_roll(school: MadeUpSchool) -> list[Pupil]:
    return [p for p in school.pupils_known(school.last_day) if p.on_roll(school.last_day)]


def test_a_deleted_contact_who_is_still_listed_is_left_out(school: MadeUpSchool) -> None:
    pupil = next(p for p in on_roll(school) if len(p.contacts) > 1)
    gone = pupil.contacts[0].contact_id
    options = {"deleted_contacts": [gone], "still_listed": True}
    pulled = pulled_with(school, options)
    assert gone not in [contact.contact_id for contact in pulled.pupils[pupil.pupil_id].contacts]
    assert len(pulled.pupils[pupil.pupil_id].contacts) == len(pupil.contacts) - 1
    assert "contact(s) that Wonde still lists are deleted" in warnings_of(pulled)
    back = pulled_with(school, {**options, "restored": [gone]})
    assert gone in [contact.contact_id for contact in back.pupils[pupil.pupil_id].contacts]
    assert warnings_of(back) == ""


def test_a_deleted_student_who_is_still_listed_is_left_out_until_restored(school: MadeUpSchool) -> None:
    gone = on_roll(school)[0].pupil_id
    options = {"deleted_students": [gone], "still_listed": True}
    pulled = pulled_with(school, options)
    assert gone not in pulled.pupils
    assert not any(pupil_id == gone for pupil_id, _, _ in pulled.marks)
    assert "1 student(s) that Wonde still lists are deleted" in warnings_of(pulled)
    assert gone in pulled_with(school, {**options, "restored": [gone]}).pupils


def test_a_leaver_whom_deletions_name_keeps_the_leaving_date(school: MadeUpSchool) -> None:
    left = next(p for p in school.pupils_known(school.last_day) if not p.on_roll(school.last_day))
    pulled = pulled_with(school, {"deleted_students": [left.pupil_id], "still_listed": True})
    assert pulled.pupils[left.pupil_id].on_roll_to == left.on_roll_to


def test_marks_of_a_student_who_is_no_longer_listed_are_left_out_and_told(school: MadeUpSchool) -> None:
    gone = on_roll(school)[0].pupil_id
    pulled = pulled_with(school, {"deleted_students": [gone]})
    assert "mark(s) of students whom Wonde does not list were left out" in warnings_of(pulled)


def test_a_school_that_does_not_approve_deletions_is_read_without(school: MadeUpSchool) -> None:
    with (
        MockServer("wonde", school, options={"closed": ["deletions"]}) as server,
        opened(server) as adapter,
    ):
        pulled = Pulled().pull(adapter, school.last_day)
        findings = adapter.check()
    assert len(pulled.pupils) == len(school.pupils_known(school.last_day))
    assert [(f.where, f.severity) for f in findings if "deletions" in f.where] == [
        ("Wonde deletions", "warning")
    ]


def test_a_leaver_without_a_leaving_date_counts_as_gone(school: MadeUpSchool) -> None:
    leavers = {
        p.pupil_id
        for p in school.pupils_known(school.last_day)
        if p.on_roll_to and p.on_roll_to < school.last_day
    }
    assert leavers
    pulled = pulled_with(school, {"hidden": ["education_details"]})
    assert not leavers & set(pulled.pupils)
    assert "who left have no leaving date" in warnings_of(pulled)


# marks -------------------------------------------------------------------------------------------------------


def test_marks_none_of_which_names_a_listed_student_are_an_error_in_check_and_pull(
    school: MadeUpSchool,
) -> None:
    with (
        MockServer("wonde", school, options={"empty": ["session.student"]}) as server,
        opened(server) as adapter,
    ):
        with pytest.raises(FatalError, match="names a student whom Wonde lists"):
            Pulled().pull(adapter, school.last_day)
        assert any("names a student whom Wonde lists" in said for said in errors_of(adapter))


def test_a_mark_that_is_gone_is_noticed_when_all_are_read_again(school: MadeUpSchool) -> None:
    days = [day for day in school.calendar.school_days if day <= school.last_day]
    made = make_school(pupils=6, weeks=4, seed=9)
    options = {"mark_removed": "gone"}
    pulled = Pulled()
    with (
        MockServer("wonde", made, today=days[3], options=options) as server,
        opened(server, full_after_days=7) as adapter,
    ):
        pulled.pull(adapter, days[3])
        mark = next(mark for mark in made.marks_known(days[3]) if mark.date == days[1])
        made.correct_mark(mark.pupil_id, mark.date, mark.half, "", at=None)
        server.today = days[3] + timedelta(days=8)
        pulled.pull(adapter, server.today)
    assert (mark.pupil_id, mark.date, mark.half) not in pulled.marks


def contact_of(relationship: object) -> Contact:
    row = {"mis_id": "1", "surname": "Testwell", "relationship": relationship}
    missing = MissingFields("Wonde", "ask", collect=True)
    pupil = people.pupil({**STUDENT, "contacts": [row]}, WondeSettings(school_id="A1"), missing)
    return pupil.contacts[0]


@pytest.mark.parametrize(
    ("said", "known"),
    [
        (True, True), (1, True), ("1", True), ("true", True), ("Y", True), ("T", True), (1.0, True),
        (False, False), (0, False), ("0", False), ("false", False), ("No", False), (None, None), ("", None),
    ],
)  # fmt: skip
def test_flags_are_read_in_each_of_the_types_in_which_they_may_come(said: object, known: bool | None) -> None:
    assert contact_of({"court_order": said}).court_order is known


@pytest.mark.parametrize("relationship", [None, [], {}, {"data": {}}])
def test_a_contact_without_a_relationship_is_nobody_to_write_to(relationship: object) -> None:
    contact = contact_of(relationship)
    assert (contact.court_order, contact.correspondence, contact.parental_responsibility) == (
        None,
        None,
        False,
    )


def test_code_words_are_read_in_any_case() -> None:
    missing = rows.missing_fields()
    row = {"id": 5, "code": "I", "description": "Ill", "type": "authorised_absence"}
    code_id, code = rows.code(row, missing)
    assert (code_id, code.counts_as) == ("5", "authorised")
