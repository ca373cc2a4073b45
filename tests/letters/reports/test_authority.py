"""The termly list for the authority: addresses and reasons."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from importlib.resources import files

from letters.reports.authority import home_address, termly_list
from rules.evaluate import evaluate
from rules.policy import Policy, load_policy, parse_policy
from rules.school import Address, Contact, Pupil, Spell
from rules.statistics import Tally
from tests.letters.made_up import SCHOOL, register
from tests.letters.reports.reading import tables, words

ASPIRE = load_policy("aspire")


def termly(policy: Policy = ASPIRE) -> bytes:
    whole = register()
    end = date(2025, 12, 19)
    events = [e for e in evaluate(whole, policy, end).events if e.rule == "authority-termly"]
    return termly_list(
        events, whole, Tally(whole), policy, SCHOOL, term=whole.calendar.terms[0], printed_on=end
    )


def test_the_termly_list_gives_each_pupil_with_address_and_reason() -> None:
    rows = tables(termly())[0]
    assert rows[0][:5] == ["Pupil", "Born", "UPN", "Year, class", "Address"]
    assert len(rows) > 10
    assert all("Mill Lane, Elmgate" in row[4] and row[9] for row in rows[1:])


def test_an_address_under_a_court_order_is_never_given() -> None:
    barred = Contact(
        "1",
        priority=1,
        parental_responsibility=True,
        court_order=True,
        address=Address(("1 Hidden Rd",), "X", "", "A1"),
    )
    other = Contact(
        "2", priority=2, parental_responsibility=True, address=Address(("2 Open Rd",), "X", "", "A1")
    )
    assert home_address(Pupil("1", contacts=(barred, other))) == other.address
    assert home_address(Pupil("1", contacts=(barred,))) is None


def test_an_address_that_is_secret_or_of_somebody_who_died_is_never_given() -> None:
    first = Contact("1", priority=1, parental_responsibility=True, address=Address(("1 Hidden Rd",), "X"))
    other = Contact("2", priority=2, parental_responsibility=True, address=Address(("2 Open Rd",), "X"))

    def home(**facts: bool | None) -> Address | None:
        return home_address(Pupil("1", contacts=(replace(first, **facts), other)))  # type: ignore[arg-type]

    assert home(refuge=True) == Address(("kept secret: ask the office",))
    assert home(deceased=True) == other.address
    assert home(court_order=None) == other.address
    assert home() == first.address


def test_the_list_names_the_figures_of_its_own_rule() -> None:
    assert "20 or more unauthorised sessions in the term or with absence of 10% or more in the year" in words(
        termly()
    )
    text = files("rules").joinpath("policies", "aspire.toml").read_text(encoding="utf-8")
    stricter = text.replace(
        'absence_to_date = ">= 10", or_at_least = 20', 'absence_to_date = ">= 9", or_at_least = 19'
    )
    data = termly(parse_policy(stricter, "aspire.toml"))
    assert "19 or more unauthorised sessions in the term or with absence of 9% or more in the year" in words(
        data
    )
    assert not any("20 or more" in row[9] for row in tables(data)[0])


def with_facts(facts: dict[int, dict[str, object]]) -> tuple[list[list[list[str]]], str]:
    """Return the tables and words of the list of a school whose n-th reported pupil has these facts."""
    end, whole = date(2025, 12, 19), register()
    events = [e for e in evaluate(whole, ASPIRE, end).events if e.rule == "authority-termly"]
    changed = {events[n].pupil_id: own for n, own in facts.items()}
    pupils = tuple(replace(p, **changed.get(p.pupil_id, {})) for p in whole.pupils)  # type: ignore[arg-type]
    held = replace(whole, pupils=pupils)
    left = {p.pupil_id for p in pupils if not p.on_roll(end)}
    data = termly_list(
        [e for e in events if e.pupil_id not in left],
        held,
        Tally(held),
        ASPIRE,
        SCHOOL,
        term=whole.calendar.terms[0],
        printed_on=end,
    )
    return tables(data), words(data)


def test_the_list_bears_legal_name_upn_and_date_of_birth() -> None:
    facts = {
        "legal_forename": "Alexandra",
        "legal_surname": "Formerly",
        "preferred_forename": "Alex",
        "preferred_surname": "Now",
    }
    found, _ = with_facts({0: facts, 1: {"upn": "", "date_of_birth": None}})
    row = next(row for row in found[0] if "Formerly" in row[0])
    assert row[0] == "Formerly, Alexandra"
    assert all(row[1:3])
    assert [row[1:3] for row in found[0] if "not recorded" in row] == [["not recorded", "not recorded"]]


def test_a_pupil_without_a_class_is_said() -> None:
    found, text = with_facts({0: {"registration_group": ""}, 1: {"registration_group": " "}})
    assert "2 pupils of these have no class on record." in text
    assert sum(row[3].endswith(", no class") for row in found[0]) == 2
    assert "no class on record" not in words(termly())


def test_leavers_of_the_term_are_said_with_their_last_day() -> None:
    day = date(2025, 12, 12)
    found, text = with_facts(
        {0: {"spells": (Spell(None, day),)}, 1: {"spells": (Spell(None, date(2025, 12, 19)),)}}
    )
    assert len(found[1]) == 2
    assert found[1][1][9].startswith("left 12 Dec 2025: ")
    assert "1 pupil left the roll in this term." in text
    assert found[1][1][0] not in {row[0] for row in found[0]}
    assert "No pupil left the roll in this term." in words(termly())


def test_a_leaver_of_another_term_or_who_came_back_or_died_is_not_said() -> None:
    away = Spell(None, date(2025, 10, 10))
    for facts in (
        {"spells": (Spell(None, date(2025, 9, 2)),)},
        {"spells": (away, Spell(date(2025, 12, 1)))},
        {"spells": (away,), "deceased": True},
    ):
        assert "No pupil left the roll in this term." in with_facts({0: facts})[1]
