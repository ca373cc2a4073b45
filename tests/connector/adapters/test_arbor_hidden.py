"""What Arbor hides from an application: each field withheld in turn is named by `check`, or the pull goes on without it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from connector.adapters.arbor.asked import OF_STUDENT, STUDENT, asked
from connector.adapters.arbor.graphql import GraphqlSource
from connector.adapters.arbor.hidden import FOLLOWS, Hidden, look
from connector.adapters.arbor.rest import RestSource
from connector.adapters.arbor.rows import Path, Tree, Want, type_of
from connector.adapters.arbor.settings import ArborSettings
from connector.adapters.arbor.wire import connect
from connector.adapters.base import AllPupilsSent
from connector.adapters.facts_not_given import FACTS, fact_of
from connector.errors import ConnectorError, FatalError, Finding
from connector.mock.arbor.types import KINDS
from connector.mock.school import MadeUpSchool, make_school
from connector.testing.case import HTTP
from connector.testing.pulled import Pulled
from connector.testing.schools import school_with, small_school, tiny_school
from rules.school import FLAGS, KNOWABLE, Mark
from tests.connector.adapters.arbor_school import BOTH, agree, arbor, put

GUARDIANS = OF_STUDENT["StudentGuardianRelationship"]


def properties(tree: Tree, owner: str) -> Iterator[str]:
    """Yield everything that Arbor could withhold of what is asked, as Type or Type.property."""
    for name, below in tree.items():
        if owner in KINDS and name in KINDS[owner].fields:
            yield f"{owner}.{name}"
        if below is not None:
            related = type_of(name)
            if related in KINDS:
                yield related
                yield from properties(below, related)


def wants(reads: str) -> tuple[Want, ...]:
    return asked(ArborSettings.model_validate({"url": "https://x.example", "reads": reads}))


def turns(reads: str, part: int) -> list[str]:
    """Return a part of what is withheld in turn from a whole check and pull: each type, and for GraphQL one property of each."""
    names: dict[str, None] = {}
    for want in wants(reads):
        inside = list(properties(want.tree, want.type))
        names |= dict.fromkeys([want.type, *(name for name in inside if "." not in name)])
        names |= dict.fromkeys(inside[-1:] if reads == "graphql" else ())
    return list(names)[part::4]


def problems(findings: list[Finding]) -> str:
    return "\n".join(f"{f.where} {f.message} {f.fix}" for f in findings if f.severity == "error")


def full_school() -> MadeUpSchool:
    """Return a school of one pupil, of whom Arbor holds a row in each table."""
    base = small_school()
    pupil = next(p for p in base.pupils if p.contacts and p.contacts[0].address.usable)
    adult = replace(
        pupil.contacts[0],
        title="Mrs",
        relationship="Mother",
        language="cy",
        court_order=True,
        email="m@example.org",
        telephones=("01632 960001",),
    )
    day = base.calendar.school_days[0]
    full = replace(
        pupil,
        **dict.fromkeys(FLAGS, True),
        sen_status="K",
        part_time_from=day,
        preferred_forename="Kit",
        ethnicity="White British",
        first_language="Polish",
        contacts=(adult,),
    )
    mark = Mark(pupil.pupil_id, day, "AM", "L", 5, "bus")
    return school_with(periods=base.calendar.periods, pupils=[full], marks=[mark])


@BOTH
@pytest.mark.parametrize("part", range(4))
def test_what_is_withheld_is_named_by_check_or_the_pull_goes_on_without_it(reads: str, part: int) -> None:
    """Never "nothing is wrong" and then a run that stops; and nothing required without its name."""
    school = full_school()
    with arbor(school, options={"withheld": ()}, reads=reads) as (server, adapter):
        for name in turns(reads, part):
            server.options.withheld = (name,)
            findings = adapter.check()
            try:
                Pulled().pull(adapter, school.last_day, history_from=school.last_day)
                stopped = ""
            except ConnectorError as error:
                stopped = str(error)
            said = problems(findings)
            if stopped:
                assert name in said, f"{name}: the pull says {stopped}, check says {said!r}"
            else:
                assert not said, f"{name}: the pull goes on, check says {said!r}"
                assert len(findings) > 1, f"{name} is told, at least as a warning"


@BOTH
def test_every_single_field_is_found_to_be_hidden_and_is_either_required_or_a_fact(reads: str) -> None:
    school = full_school()
    count = 0
    with arbor(school, options={"withheld": ()}, reads=reads) as (server, _):
        settings = ArborSettings.model_validate({**server.settings, "reads": reads})
        client = connect(settings, server.secrets, HTTP)
        source = GraphqlSource(client, settings) if reads == "graphql" else RestSource(client, settings)
        for want in wants(reads):
            for name in (want.type, *properties(want.tree, want.type)):
                if reads == "rest" and name.endswith(".code"):
                    continue  # it is in the address all the same
                server.options.withheld = (name,)
                hidden = look(source, [want])
                assert hidden.required or hidden.facts, f"{name} of {want.type} is not missed"
                assert not (hidden.required and hidden.facts), name
                told = (*hidden.required, *hidden.facts.values())
                assert any(one == name or one.startswith(f"{name}.") for one in told), name
                count += 1
        source.close()
        client.close()
    assert count > 110


@BOTH
def test_what_is_optional_is_told_with_what_follows_and_is_not_known(reads: str) -> None:
    withheld = (
        "SenStatusAssignment",
        "CourtOrder",
        "TelephoneNumber",
        "Person.deceased",
        "EligibilityRecord",
    )
    school = small_school()
    with arbor(school, options={"withheld": withheld}, reads=reads) as (_, adapter):
        findings = [f for f in adapter.check() if f.fact]
        pupils = Pulled().pull(adapter, school.last_day).pupils.values()
    assert {f.fact for f in findings} == {
        "salutation",
        "sen_status",
        "court_order",
        "telephones",
        "pupil_deceased",
        "deceased",
        "fsm",
    }
    assert {f.severity for f in findings} == {"warning"}
    assert all("ask Arbor for the permission" in f.fix for f in findings if f.fact != "salutation")
    assert {p.unknown for p in pupils} == {frozenset({"sen_status", "fsm"})}
    assert {c.court_order for p in pupils for c in p.contacts} == {None}, "nobody says, which is not no"
    assert not any(c.telephones for p in pupils for c in p.contacts)


def test_check_says_that_nobody_says_who_is_restricted_where_court_orders_are_not_read() -> None:
    with arbor(tiny_school(), court_order_parties="none") as (_, adapter):
        (finding,) = [f for f in adapter.check() if f.fact == "court_order"]
    assert finding.severity == "warning"
    assert "court_order_parties" in finding.message
    assert "court_orders = " in finding.fix


@BOTH
def test_whether_an_adult_unsubscribed_is_not_known_where_arbor_hides_it(reads: str) -> None:
    school = small_school()
    withheld = ("StudentGuardianRelationship.unsubscribedFromComms",)
    with arbor(school, options={"withheld": withheld}, reads=reads) as (_, adapter):
        pupils = Pulled().pull(adapter, school.last_day).pupils.values()
    assert {c.correspondence for p in pupils for c in p.contacts} == {None}


@BOTH
def test_every_required_thing_is_named_in_one_go(reads: str) -> None:
    withheld = ("UkDfe_UpnAssignment", "Term.startDate", "Person.legalLastName")
    school = tiny_school()
    with arbor(school, options={"withheld": withheld}, reads=reads) as (_, adapter):
        said = problems(adapter.check())
        with pytest.raises(FatalError) as stopped:
            Pulled().pull(adapter, school.last_day)
    for name in withheld:
        assert name in said
        assert name in str(stopped.value)


@BOTH
def test_a_permission_that_is_granted_later_brings_every_pupil_again(reads: str) -> None:
    school = small_school()
    with arbor(school, options={"withheld": ("SenStatusAssignment", "Person.deceased")}, reads=reads) as (
        server,
        adapter,
    ):
        pulled = Pulled().pull(adapter, school.last_day)
        assert "sen_status" in pulled.pupils[school.pupils[0].pupil_id].unknown
        pulled.pull(adapter, school.last_day)
        assert not any(isinstance(page, AllPupilsSent) for page in pulled.pages), "nothing has changed"
        server.options.withheld = ()
        pulled.pull(adapter, school.last_day)
        agree(pulled, school, school.last_day)
        server.options.withheld = ("EligibilityRecord",)
        pulled.pull(adapter, school.last_day)
    assert {p.unknown for p in pulled.pupils.values()} == {frozenset({"fsm"})}, "taken back: no longer known"


@BOTH
def test_one_answer_that_lacks_a_property_is_no_missing_permission(reads: str) -> None:
    school: MadeUpSchool = tiny_school()
    with arbor(school, reads=reads) as (server, adapter):
        server.world.faults.set("hidden-fields", times=1)
        agree(Pulled().pull(adapter, school.last_day), school, school.last_day)


def test_each_knowable_fact_has_a_source_in_the_list() -> None:
    facts = {fact for want in wants("graphql") for fact in (*want.gives, *want.optional.values())}
    assert set(KNOWABLE) <= facts
    assert {fact_of(fact) for fact in facts} <= {*FACTS, *FOLLOWS}, "each says what follows without it"
    assert {"court_order", "correspondence", "telephones", "deceased", "pupil_deceased", "refuge"} <= facts


@BOTH
def test_check_tells_what_a_run_would_leave_out_of_the_marks(reads: str) -> None:
    school = small_school()
    with arbor(school, reads=reads, morning_roll_calls=("MORNING",)) as (_, adapter):
        told = [f.message for f in adapter.check() if f.severity == "warning"]
    assert any("roll calls AM" in message for message in told)


@BOTH
def test_check_tells_of_a_pupil_whom_a_run_would_leave_out(reads: str) -> None:
    school = full_school()
    pupil = school.pupils[0].pupil_id
    with arbor(school, reads=reads) as (server, adapter):
        person = put(server, f"students/{pupil}", {}, "GET")["student"]["person"]["href"]
        put(server, person.removeprefix("/rest-v2/"), {"person": {"dateOfBirth": "0000-00-00"}})
        told = [f.message for f in adapter.check() if f.severity == "warning"]
    assert any(f"pupil {pupil} was left out" in message for message in told)


def test_check_asks_little_of_a_large_school() -> None:
    school = make_school(pupils=400, weeks=4, seed=4)
    for reads, most in (("graphql", 45), ("rest", 400)):
        with arbor(school, reads=reads) as (_, adapter):
            assert [f.fact for f in adapter.check()] == ["salutation"]
            assert adapter.requests_sent <= most


# the list itself -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "left"),
    [
        (("deceased",), "id person { name?preferred_name }"),
        (("person", "name"), "id deceased?deceased"),
        (("person",), "id deceased?deceased"),
    ],
)
def test_what_is_hidden_is_left_out_of_the_question(path: Path, left: str) -> None:
    want = Want("T", "id deceased?deceased person { name?preferred_name }")
    assert want.without({path}).fields == left
    assert want.without(()) is want


def test_a_field_below_an_optional_one_takes_that_one_with_it() -> None:
    hidden = Hidden()
    hidden.add(STUDENT, ("ethnicity", "ethnicityName"), "Ethnicity.ethnicityName")
    hidden.add(GUARDIANS, ("guardian", "person", "title", "code"), "Title.code")
    assert hidden.facts == {"ethnicity": "Ethnicity.ethnicityName", "title": "Title.code"}
    assert hidden.paths == {
        "Student": {("ethnicity",)},
        "StudentGuardianRelationship": {("guardian", "person", "title")},
    }


def test_a_field_of_an_optional_type_takes_the_type_with_it() -> None:
    hidden = Hidden()
    want = OF_STUDENT["SenStatusAssignment"]
    hidden.add(want, ("startDate",), "SenStatusAssignment.startDate")
    assert hidden.has("SenStatusAssignment")
    assert hidden.less(replace(want, fields="id")) is None
    assert not hidden.required
