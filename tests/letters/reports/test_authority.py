"""Lists for the authority: addresses, reasons, the tenth day."""

from __future__ import annotations

from datetime import date

from letters.reports.authority import home_address, ten_day_returns, termly_list
from rules.evaluate import evaluate
from rules.policy import load_policy
from rules.school import Address, Contact, Pupil
from rules.statistics import Tally
from tests.letters.docx_files import assert_sound
from tests.letters.made_up import LAST_DAY, SCHOOL, register
from tests.letters.reports.one_day import AYCLIFFE
from tests.letters.reports.reading import tables, words


def termly() -> bytes:
    whole, policy = register(), load_policy("aspire")
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


def test_ten_day_returns_give_the_first_and_the_tenth_day() -> None:
    whole = register()
    events = [e for e in evaluate(whole, AYCLIFFE, LAST_DAY).events if e.rule == "ten-day-absence"]
    data = ten_day_returns(
        events, whole, Tally(whole), AYCLIFFE, SCHOOL,
        start=date(2025, 9, 1), end=LAST_DAY, printed_on=LAST_DAY,
    )  # fmt: skip
    assert_sound(data)
    if events:
        assert len(tables(data)[0]) == 1 + len(events)
    else:
        assert "There is no pupil to report." in words(data)
