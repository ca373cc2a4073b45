"""Arbor's rows that begin or stop to hold by themselves take effect on their day, though no change log names them then."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from connector.adapters.arbor.asked import asked
from connector.adapters.arbor.changes import COURT_TYPES, PUPIL_TYPES
from connector.adapters.arbor.rows import SPANS, Tree
from connector.adapters.arbor.settings import ArborSettings
from connector.adapters.arbor.wire import href_of, lowered, path_of
from connector.adapters.base import NoteToWrite, PupilPage
from connector.errors import SkippableError
from connector.mock.server import MockServer
from connector.testing.pulled import Pulled
from connector.testing.schools import small_school
from rules.school import Pupil
from tests.connector.adapters.arbor_school import BOTH, arbor, put

READ_WHOLE = {"AcademicYear", "Term", "AcademicHoliday", "AcademicCalendarDate"}
"""The calendar: read whole in every pull."""
DATES_KEPT = {"EducationalInstitutionEnrolment", "AttendanceRollCallRecord"}
"""Handed on with their dates: nothing is judged when they are read."""
OTHER_UPN = "Z999999999999"


@dataclass
class Staff:
    """Enters rows about one pupil and one adult in a mock Arbor."""

    server: MockServer
    pupil: Pupil

    def make(self, type_name: str, **values: Any) -> dict[str, str]:
        """Make a row and return it as another row names it."""
        root = lowered(type_name)
        made = put(self.server, path_of(type_name).removeprefix("/rest-v2/"), {root: values}, "POST")[root]
        return {"entityType": type_name, "href": made["href"]}

    @property
    def student(self) -> dict[str, str]:
        return named("Student", self.pupil.pupil_id)

    @property
    def person(self) -> dict[str, str]:
        row = put(self.server, f"students/{self.pupil.pupil_id}", {}, "GET")["student"]["person"]
        return {"entityType": "Person", "href": row["href"]}

    @property
    def guardian(self) -> dict[str, str]:
        return named("Guardian", self.pupil.contacts[0].contact_id)

    def enter(self, type_name: str, span: dict[str, str]) -> None:
        """Enter a row that holds for a span of days."""
        row = self.make(type_name, **OF[type_name](self), **span)
        if type_name == "CourtOrder":
            self.make("CourtOrderParty", party=self.guardian, courtOrder=row)


def named(type_name: str, row_id: str) -> dict[str, str]:
    """Return a row that is there as another row names it."""
    return {"entityType": type_name, "href": href_of(type_name, row_id)}


OF: Mapping[str, Callable[[Staff], dict[str, Any]]] = {
    "AcademicLevelMembership": lambda s: {
        "student": s.student,
        "academicLevel": s.make("AcademicLevel", academicLevelName="Year 99"),
    },
    "RegistrationFormMembership": lambda s: {
        "student": s.student,
        "registrationForm": s.make("RegistrationForm", registrationFormName="99X"),
    },
    "SenStatusAssignment": lambda s: {"student": s.student, "senStatus": named("SenStatus", "EHCP")},
    "InCareStatusAssignment": lambda s: {
        "student": s.student,
        "inCareStatus": named("InCareStatus", "LOOKED_AFTER"),
    },
    "UkDfe_PupilPremiumRecipient": lambda s: {"student": s.student},
    "ChildProtectionStatusAssignment": lambda s: {"student": s.student},
    "UkDfe_YoungCarerStatusAssignment": lambda s: {"student": s.student},
    "StudentAttendancePattern": lambda s: {
        "student": s.student,
        "attendancePattern": named("AttendancePattern", "PART_TIME"),
    },
    "EligibilityRecord": lambda s: {
        "person": s.person,
        "eligibility": named("Eligibility", "FREE_SCHOOL_MEALS"),
    },
    "CustomGroupMembership": lambda s: {
        "person": s.person,
        "customGroup": s.make("CustomGroup", customGroupName="Social worker"),
    },
    "UkDfe_UpnAssignment": lambda s: {"student": s.student, "upn": OTHER_UPN},
    "CourtOrder": lambda _: {"summary": "Order"},
    "PostalAddressOccupancy": lambda s: {
        "occupant": s.guardian,
        "isCorrespondenceAddress": True,
        "postalAddress": s.make("PostalAddress", address1="1 New Road", postalCode="QX9 9ZZ"),
    },
}
"""What a row of each type holds besides its days."""

HOLDS: Mapping[str, Callable[[Pupil], bool]] = {
    "AcademicLevelMembership": lambda p: p.year_group == "Year 99",
    "RegistrationFormMembership": lambda p: p.registration_group == "99X",
    "SenStatusAssignment": lambda p: p.sen_status == "E",
    "InCareStatusAssignment": lambda p: p.looked_after,
    "UkDfe_PupilPremiumRecipient": lambda p: p.pupil_premium,
    "ChildProtectionStatusAssignment": lambda p: p.child_protection,
    "UkDfe_YoungCarerStatusAssignment": lambda p: p.young_carer,
    # the next one to come is named before it begins; once it has ended it stays named as the last
    "StudentAttendancePattern": lambda p: p.part_time_from is not None,
    "EligibilityRecord": lambda p: p.fsm,
    "CustomGroupMembership": lambda p: p.social_worker,
    "UkDfe_UpnAssignment": lambda p: p.upn == OTHER_UPN,
    "CourtOrder": lambda p: p.contacts[0].court_order,
    "PostalAddressOccupancy": lambda p: p.contacts[0].address.postcode == "QX9 9ZZ",
}
"""What shows in a pulled pupil that the row is in force."""


def dated(type_name: str, tree: Tree) -> Iterator[tuple[str, str]]:
    """Yield (type, field) of every date that a pull reads of a row or of a related one."""
    for name, below in tree.items():
        if below is not None:
            yield from dated(name[0].upper() + name[1:], below)
        elif name.endswith(("Date", "Datetime")):
            yield type_name, name


def test_every_type_that_is_read_with_dates_comes_due_by_them() -> None:
    found: dict[str, set[str]] = {}
    for want in asked(ArborSettings(url="https://x.example")):
        for type_name, name in dated(want.type, want.tree):
            found.setdefault(type_name, set()).add(name)
    judged = {name: fields for name, fields in found.items() if name not in READ_WHOLE | DATES_KEPT}
    assert judged == {name: set(span) for name, span in SPANS.items()}
    assert set(SPANS) <= {*PUPIL_TYPES, *COURT_TYPES}, "its change log is read, so what comes due is traced"
    assert set(SPANS) == set(OF) == set(HOLDS), "each is tried below"


@BOTH
@pytest.mark.parametrize("places", [(3, 4, 5, 7, 8, 9), (3, 6, 9), (3, 7, 10)])
def test_what_begins_or_ends_by_date_alone_comes_on_its_day(reads: str, places: tuple[int, ...]) -> None:
    """A row of each type holds from the sixth school day to the eighth; pulls come every day, or with days between."""
    made_up = small_school()
    days = made_up.calendar.school_days
    plain = next(
        p
        for p in made_up.pupils_known(days[0])
        if p.contacts and p.on_roll_from and p.on_roll_to is None and not any(h(p) for h in HOLDS.values())
    )
    with arbor(made_up, today=days[3], reads=reads) as (server, adapter):
        pulled = Pulled().pull(adapter, days[2])
        for name, (start, end) in SPANS.items():
            time = (" 08:30:00", " 15:30:00") if start.endswith("Datetime") else ("", "")
            Staff(server, plain).enter(name, {start: f"{days[5]}{time[0]}", end: f"{days[7]}{time[1]}"})
        for place in places:
            server.today = days[place]
            pupil = pulled.pull(adapter, days[place]).pupils[plain.pupil_id]
            held = {name: holds(pupil) for name, holds in HOLDS.items() if name != "StudentAttendancePattern"}
            assert held == dict.fromkeys(held, 5 <= place <= 7), f"on day {place}"


def test_of_two_part_time_patterns_each_holds_from_its_day() -> None:
    made_up = small_school()
    days = made_up.calendar.school_days
    plain = next(p for p in made_up.pupils_known(days[0]) if not p.part_time_from)
    with arbor(made_up, today=days[3]) as (server, adapter):
        for first, last in ((1, 4), (5, 7)):
            span = {"startDate": str(days[first]), "endDate": str(days[last])}
            Staff(server, plain).enter("StudentAttendancePattern", span)
        pulled, starts = Pulled(), []
        for place in (3, 4, 5, 6):
            server.today = days[place]
            starts.append(pulled.pull(adapter, days[place]).pupils[plain.pupil_id].part_time_from)
    assert starts == [days[1], days[1], days[5], days[5]]


@BOTH
def test_nobody_is_read_again_before_the_day(reads: str) -> None:
    made_up = small_school()
    days = made_up.calendar.school_days
    pupil = next(p for p in made_up.pupils_known(days[0]) if p.contacts and p.on_roll_to is None)
    came = []
    with arbor(made_up, today=days[7], reads=reads) as (server, adapter):
        pulled = Pulled().pull(adapter, days[7])
        Staff(server, pupil).enter("CourtOrder", {"effectiveDate": str(days[10])})
        for place in (8, 9, 10, 11):
            pages = pulled.pull(adapter, days[place]).pages
            sent = {p.pupil_id for page in pages if isinstance(page, PupilPage) for p in page.pupils}
            came.append(pupil.pupil_id in sent)
    assert came == [True, False, True, False], "when it was entered, and on its day"


def test_court_orders_are_not_asked_for_where_they_are_not_read() -> None:
    made_up = small_school()
    days = made_up.calendar.school_days
    withheld = {"withheld": ("CourtOrder", "CourtOrderParty")}
    with arbor(made_up, today=days[3], options=withheld, court_order_parties="none") as (server, adapter):
        pulled = Pulled().pull(adapter, days[3])
        server.today = days[4]
        pulled.pull(adapter, days[4])


@BOTH
def test_a_write_takes_the_upn_of_its_day_and_no_earlier_one(reads: str) -> None:
    """A UPN whose end was entered ahead still names the pupil; one that has ended does not."""
    made_up = small_school()
    days = made_up.calendar.school_days
    pupil = next(p for p in made_up.pupils_known(days[0]) if p.upn)
    with arbor(made_up, today=days[3], reads=reads) as (server, adapter):
        Staff(server, pupil).enter(
            "UkDfe_UpnAssignment",
            {"startDatetime": f"{days[1]} 08:30:00", "endDatetime": f"{days[4]} 15:30:00"},
        )
        note = [
            NoteToWrite(pupil.pupil_id, OTHER_UPN, "AC-7F3K2M9Q", "Note", "Note [AC-7F3K2M9Q]", days[place])
            for place in (4, 5)
        ]
        adapter.write_note(note[0])
        with pytest.raises(SkippableError):
            adapter.write_note(note[1])
