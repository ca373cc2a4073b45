"""The termly list for the authority: addresses and reasons."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from importlib.resources import files

from letters.reports.authority import home_address, termly_list
from rules.evaluate import evaluate
from rules.policy import Policy, load_policy, parse_policy
from rules.school import Address, Contact, Pupil
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
