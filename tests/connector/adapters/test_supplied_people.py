"""What a MIS does not give of pupils and contacts is taken from files, by pupil and contact and by column."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from connector.adapters.base import AllPupilsSent, Capabilities, Page, PullEnd, PullRequest, PupilPage
from connector.adapters.read_only import ReadOnly
from connector.adapters.supplied import SupplyConfig, supplement
from connector.errors import DataError, Finding
from rules.school import Address, Contact, Pupil

DAY = date(2025, 10, 3)
HOME = Address(("1 Mill Lane",), "Anytown", postcode="QX1 1AA")
ANN = Contact("c1", "Ms", "Ann", "Birch", priority=1, parental_responsibility=True, address=HOME)
TOM = Contact("c2", "Mr", "Tom", "Birch", priority=2, parental_responsibility=True, address=HOME)
HEAD = "pupil_id,contact_id,forename,surname"


class Client:
    """Nothing is asked of it."""

    requests_sent = 0

    def close(self) -> None:
        """Do nothing."""


class Mis(ReadOnly[Client]):
    """A MIS that reports changes and gives contacts, of whom it may leave things open."""

    mis = "Slate"

    def __init__(self, *contacts: Contact, contacts_given: bool = True, **facts: object) -> None:
        self.capabilities = Capabilities(changes=True, contacts=contacts_given)
        self._client = Client()
        self.pupil = Pupil("7", contacts=contacts, **facts)  # type: ignore[arg-type]
        self.bookmarks: list[str | None] = []

    def check(self) -> list[Finding]:
        gives_no = ("court_order", "social_worker", "telephones", "pupil_deceased", "minutes_late")
        return [Finding("Slate", f"gives no {name}", severity="warning", fact=name) for name in gives_no]

    def pull(self, request: PullRequest) -> Iterator[Page]:
        self.bookmarks.append(request.bookmark)
        yield PupilPage((self.pupil, Pupil("8")))
        yield AllPupilsSent()
        yield PullEnd("revision 1")


def supply_of(tmp_path: Path, **files: str) -> SupplyConfig:
    """Write files and return the settings that name them."""
    for name, text in files.items():
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
    return SupplyConfig.model_validate({name: tmp_path / f"{name}.csv" for name in files})


def pulled(mis: Mis, supply: SupplyConfig, bookmark: str | None = None) -> tuple[Pupil, PullEnd]:
    pages = list(supplement(mis, supply).pull(PullRequest(bookmark, DAY, DAY)))
    end = pages[-1]
    assert isinstance(end, PullEnd)
    return next(p for page in pages if isinstance(page, PupilPage) for p in page.pupils), end


@pytest.mark.parametrize(
    ("mis", "file", "holds"),
    [
        (None, "", None), (None, "1", True), (None, "0", False),
        (True, "", True), (True, "1", True), (True, "0", True),
        (False, "", False), (False, "1", True), (False, "0", False),
    ],
)  # fmt: skip
def test_a_court_order_that_either_names_holds(
    tmp_path: Path, mis: bool | None, file: str, holds: bool | None
) -> None:
    supply = supply_of(tmp_path, contacts=f"{HEAD},court_order\n7,c1,Ann,Birch,{file}\n")
    pupil, end = pulled(Mis(replace(ANN, court_order=mis)), supply)

    assert pupil.contacts[0].court_order is holds
    differs = mis is not None and file != "" and mis is not (file == "1")
    told = "contacts.csv: court_order of 1 row(s) differs from the MIS's; the stricter one holds"
    assert (told in end.warnings) is differs


@pytest.mark.parametrize(
    ("mis", "file", "holds"),
    [
        (None, "", None), (None, "1", True), (None, "0", False),
        (True, "", True), (True, "1", True), (True, "0", False),
        (False, "", False), (False, "1", False), (False, "0", False),
    ],
)  # fmt: skip
def test_a_bar_on_letters_that_either_names_holds(
    tmp_path: Path, mis: bool | None, file: str, holds: bool | None
) -> None:
    supply = supply_of(tmp_path, contacts=f"{HEAD},correspondence\n7,c1,Ann,Birch,{file}\n")

    assert pulled(Mis(replace(ANN, correspondence=mis)), supply)[0].contacts[0].correspondence is holds


def test_a_column_that_the_file_does_not_have_leaves_the_mis_alone(tmp_path: Path) -> None:
    supply = supply_of(tmp_path, contacts=f"{HEAD},salutation\n7,c1,Ann,Birch,Miss Birch\n")
    pupil, _ = pulled(Mis(replace(ANN, court_order=None), replace(TOM, court_order=True)), supply)

    assert pupil.contacts == (
        replace(ANN, court_order=None, salutation="Miss Birch"),
        replace(TOM, court_order=True),
    )


def test_what_the_mis_says_of_a_contact_stands(tmp_path: Path) -> None:
    said = replace(ANN, salutation="Ann", telephones=("1",), language="cy")
    head = f"{HEAD},salutation,phone_1,language,priority,address_1,postcode"
    supply = supply_of(tmp_path, contacts=f"{head}\n7,c1,Ann,Birch,Ms B,2,en,9,2 Low Road,QX2 2BB\n")

    assert pulled(Mis(said), supply)[0].contacts == (said,)


def test_what_the_mis_leaves_empty_is_filled(tmp_path: Path) -> None:
    head = f"{HEAD},phone_1,phone_2,phone_3,priority,address_1,postcode,deceased,refuge"
    row = "7,c1,Ann,Birch,0123 4,,0123 4,3,2 Low Road,QX2 2BB,1,1"
    bare = replace(ANN, address=Address(), priority=None)

    (contact,) = pulled(Mis(bare), supply_of(tmp_path, contacts=f"{head}\n{row}\n"))[0].contacts

    assert contact.telephones == ("0123 4",), "a number that stands twice is called once"
    assert contact.priority == 3
    assert contact.address == Address(("2 Low Road",), postcode="QX2 2BB")
    assert contact.deceased
    assert contact.refuge


def test_a_row_may_name_the_contact_by_name_where_the_offices_id_is_another(tmp_path: Path) -> None:
    supply = supply_of(tmp_path, contacts=f"{HEAD},court_order\n7,A-1,ann, Birch ,1\n")
    pupil, _ = pulled(Mis(ANN, TOM), supply)

    assert [contact.court_order for contact in pupil.contacts] == [True, False]


def test_a_name_that_two_contacts_share_means_neither(tmp_path: Path) -> None:
    supply = supply_of(tmp_path, contacts=f"{HEAD},court_order\n7,A-1,Ann,Birch,1\n")
    pupil, end = pulled(Mis(ANN, replace(ANN, contact_id="c9")), supply)

    assert [contact.court_order for contact in pupil.contacts] == [False, False]
    assert "contacts.csv: 1 contact(s) whom the MIS does not have for the pupil were passed over" in (
        end.warnings
    )


@pytest.mark.parametrize("given", [True, False])
def test_a_contact_whom_the_mis_does_not_have_comes_only_where_it_gives_none(
    tmp_path: Path, given: bool
) -> None:
    supply = supply_of(tmp_path, contacts=f"{HEAD},court_order\n7,c5,Eve,Ash,0\n")
    pupil, _ = pulled(Mis(ANN, contacts_given=given), supply)

    assert [contact.contact_id for contact in pupil.contacts] == (["c1"] if given else ["c5"])


def test_flags_that_the_mis_does_not_know_come_from_the_file(tmp_path: Path) -> None:
    unknown = frozenset({"social_worker", "young_carer", "part_time_from", "part_time_to", "date_of_birth"})
    head = "pupil_id,social_worker,part_time_from,date_of_birth,deceased"
    supply = supply_of(tmp_path, pupils=f"{head}\n7,1,2025-09-03,2014-05-01,\n")
    mis = Mis(unknown=unknown)

    pupil, other = (
        p
        for page in supplement(mis, supply).pull(PullRequest(None, DAY, DAY))
        if isinstance(page, PupilPage)
        for p in page.pupils
    )

    assert pupil.social_worker
    assert (pupil.part_time_from, pupil.part_time_to) == (date(2025, 9, 3), None)
    assert pupil.date_of_birth == date(2014, 5, 1)
    assert pupil.unknown == {"young_carer"}, "the file has no such column"
    assert not other.social_worker
    assert other.unknown == frozenset(), "the column lists those to whom it applies"


@pytest.mark.parametrize(("mis", "file", "dead"), [(False, "1", True), (True, "0", True), (False, "", False)])
def test_a_death_that_either_names_holds(tmp_path: Path, mis: bool, file: str, dead: bool) -> None:
    supply = supply_of(tmp_path, pupils=f"pupil_id,deceased\n7,{file}\n")

    assert pulled(Mis(deceased=mis), supply)[0].deceased is dead


def test_a_flag_that_the_mis_gives_stands_and_the_difference_is_told(tmp_path: Path) -> None:
    supply = supply_of(tmp_path, pupils="pupil_id,looked_after,year_group\n7,1,9\n9,1,\n")
    pupil, end = pulled(Mis(year_group=""), supply)

    assert not pupil.looked_after
    assert pupil.year_group == "9"
    assert end.warnings == (
        "pupils.csv: looked_after of 1 row(s) differs from the MIS's; the MIS's is used",
        "pupils.csv: 1 pupil(s) whom the MIS does not have",
    )


def test_a_changed_pupils_file_makes_every_pupil_be_read_again(tmp_path: Path) -> None:
    mis, supply = Mis(), supply_of(tmp_path, pupils="pupil_id,social_worker\n7,1\n")
    _, end = pulled(mis, supply)
    pulled(mis, supply, end.bookmark)
    assert mis.bookmarks == [None, "revision 1"]

    supply_of(tmp_path, pupils="pupil_id,social_worker\n7,0\n")
    pulled(mis, supply, end.bookmark)

    assert mis.bookmarks == [None, "revision 1", None]


def test_a_fault_of_the_pupils_file_stops_before_the_mis_is_asked(tmp_path: Path) -> None:
    mis, supply = Mis(), supply_of(tmp_path, pupils="pupil_id,social_worker\n7,perhaps\n")

    with pytest.raises(DataError) as caught:
        pulled(mis, supply)

    assert [f.where for f in caught.value.findings] == ["pupils.csv row 2, column social_worker"]
    assert mis.bookmarks == []


def test_check_takes_back_what_the_files_answer(tmp_path: Path) -> None:
    contacts = f"{HEAD},parental_responsibility,court_order,phone_1\n7,c1,Ann,Birch,1,0,1\n"
    supply = supply_of(tmp_path, contacts=contacts, pupils="pupil_id,social_worker,deceased\n7,1,\n")

    assert [finding.fact for finding in supplement(Mis(), supply).check()] == ["minutes_late"]


def test_check_tells_how_many_adults_the_file_leaves_open(tmp_path: Path) -> None:
    rows = "7,c1,Ann,Birch,1,\n7,c2,Tom,Birch,1,0\n7,c3,Eve,Ash,0,\n"
    supply = supply_of(tmp_path, contacts=f"{HEAD},parental_responsibility,court_order\n{rows}")

    (finding,) = [f for f in supplement(Mis(), supply).check() if f.where == "contacts.csv"]

    assert finding.message.startswith("does not say of 1 of 2 adults with parental responsibility whether a")
    assert finding.severity == "warning"


def test_check_of_a_file_in_place_of_the_contacts_asks_for_every_column(tmp_path: Path) -> None:
    supply = supply_of(tmp_path, contacts=f"{HEAD},parental_responsibility\n7,c1,Ann,Birch,1\n")
    found = supplement(Mis(contacts_given=False), supply).check()

    assert [f.fact for f in found if f.where == "contacts.csv"] == ["court_order", "correspondence"]
