"""The digest, the lists, the tutor's report and the celebration sheet, reopened and compared with the tally."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest
from docx import Document
from docx.oxml.ns import qn

from letters.reports.absence import absence_lists, absence_report
from letters.reports.authority import home_address, ten_day_returns, termly_list
from letters.reports.celebration import celebration_sheet, class_weeks
from letters.reports.digest import Digest, Line, calls_to_make, digest_report
from letters.reports.people import natural
from letters.reports.tutor import pupil_weeks, tutor_report, tutor_reports
from rules.evaluate import evaluate
from rules.events import Event
from rules.outcome import NOTE, Outcome
from rules.policy import load_policy
from rules.register import build_register
from rules.school import Address, Contact, Mark, Pupil
from rules.statistics import Tally, is_persistent, is_severe
from tests.letters.docx_files import assert_sound
from tests.letters.made_up import LAST_DAY, SCHOOL, pupils, register

DAY = date(2025, 11, 27)
REGISTER = register(until=DAY)
TALLY = Tally(REGISTER)
HCAT = load_policy("hcat")
AYCLIFFE = load_policy("aycliffe-drive")
EVENTS = evaluate(REGISTER, AYCLIFFE, DAY).events


def tables(data: bytes) -> list[list[list[str]]]:
    return [
        [
            ["".join(t.text or "" for t in cell.iter(qn("w:t"))) for cell in row.iter(qn("w:tc"))]
            for row in table._tbl.iter(qn("w:tr"))
        ]
        for table in Document(io.BytesIO(data)).tables
    ]


def table_under(data: bytes, heading: str) -> list[list[str]]:
    """The first table after a heading."""
    body = Document(io.BytesIO(data)).element.body
    seen = False
    for element in body:
        text = "".join(t.text or "" for t in element.iter(qn("w:t")))
        if element.tag == qn("w:p") and text == heading:
            seen = True
        elif seen and element.tag == qn("w:tbl"):
            return [
                ["".join(t.text or "" for t in cell.iter(qn("w:t"))) for cell in row.iter(qn("w:tc"))]
                for row in element.iter(qn("w:tr"))
            ]
    raise AssertionError(f"no table under {heading}")


def words(data: bytes) -> str:
    return "\n".join(p.text for p in Document(io.BytesIO(data)).paragraphs)


def line(event: Event, number: int, reason: str = "") -> Line:
    return Line(event, f"AC-{number:08d}", reason)


def digest() -> Digest:
    todays = [line(event, number) for number, event in enumerate(EVENTS) if event.date == DAY]
    earlier = [
        line(e, n, "no address that a letter could reach") for n, e in enumerate(EVENTS) if e.date != DAY
    ]
    lists = {
        name: [found for found in todays if Outcome("list", name) in found.event.outcomes]
        for name in ("calls", "lateness")
    }
    return Digest(
        DAY,
        lists=lists,
        written=todays,
        held=earlier[:2],
        withdrawn=earlier[2:3],
        missing_registers=["3B, Thursday 27 November 2025 PM"],
    )


def make_digest() -> bytes:
    return digest_report(digest(), REGISTER, TALLY, AYCLIFFE, SCHOOL)


def termly() -> bytes:
    whole, policy = register(), load_policy("aspire")
    end = date(2025, 12, 19)
    events = [e for e in evaluate(whole, policy, end).events if e.rule == "authority-termly"]
    return termly_list(
        events, whole, Tally(whole), policy, SCHOOL, term=whole.calendar.terms[0], printed_on=end
    )


ALL: dict[str, Callable[[], bytes]] = {
    "digest": make_digest,
    "celebration": lambda: celebration_sheet(REGISTER, TALLY, HCAT, SCHOOL, week_of=DAY, printed_on=DAY),
    "tutor": lambda: tutor_report(REGISTER, TALLY, AYCLIFFE, SCHOOL, group="3A", week_of=DAY, as_of=DAY),
    "absence": lambda: absence_report(REGISTER, TALLY, AYCLIFFE, SCHOOL, as_of=DAY, printed_on=DAY),
    "termly": termly,
}


@pytest.mark.parametrize("name", ALL)
def test_a_report_is_sound_and_the_same_twice(name: str) -> None:
    data = ALL[name]()
    assert_sound(data)
    assert data == ALL[name]()
    document = Document(io.BytesIO(data))
    assert document.core_properties.language == "en-GB"
    assert document.core_properties.title
    for table in document.tables:
        assert table._tbl.tr_lst[0].trPr.find(qn("w:tblHeader")) is not None
        assert table._tbl.tblPr.find(qn("w:tblDescription")).get(qn("w:val"))
    for drawing in document.element.iter(qn("wp:docPr")):
        assert drawing.get("descr")


def test_calls_are_the_pupils_with_an_n_today() -> None:
    expected = {
        pupil.pupil_id for pupil in REGISTER.pupils if TALLY.pupil(pupil.pupil_id, DAY, DAY).by_code.get("N")
    }
    assert expected
    assert {pupil.pupil_id for pupil, _ in calls_to_make(REGISTER, DAY)} == expected
    rows = table_under(make_digest(), "Calls to make first")
    assert len(rows) == 1 + len(expected)


def test_a_child_at_risk_is_rung_first_and_nobody_under_a_court_order() -> None:
    barred = Contact("1", "Mr", "Sam", "Barred", priority=1, parental_responsibility=True, court_order=True)
    allowed = Contact("2", "Ms", "Kim", "Allowed", "", "Aunt", priority=2)
    everyone = [
        Pupil("1", legal_forename="A", legal_surname="Aaron", registration_group="1A"),
        Pupil(
            "2", legal_forename="Z", legal_surname="Zed", registration_group="6B",
            child_protection=True, contacts=(barred, allowed),
        ),
    ]  # fmt: skip
    made = build_register(
        pupils=everyone,
        calendar=REGISTER.calendar,
        marks=[Mark(p.pupil_id, DAY, "AM", "N") for p in everyone],
    )
    data = digest_report(Digest(DAY), made, Tally(made), AYCLIFFE, SCHOOL)
    rows = table_under(data, "Calls to make first")
    assert [row[0] for row in rows[1:]] == ["Zed, Z", "Aaron, A"]
    assert rows[1][5] == "Ms Kim Allowed, aunt"
    assert "Barred" not in str(rows)


def test_the_digest_says_why_something_is_held_and_what_is_empty() -> None:
    data = make_digest()
    held = table_under(data, "Held: waits for a person")
    assert {row[3] for row in held[1:]} == {"no address that a letter could reach"}
    assert {row[4] for row in held[1:]} == {found.key for found in digest().held}
    assert "Nothing today under: failed" in words(data)
    assert "3B, Thursday 27 November 2025 PM" in words(data)


def test_what_was_written_is_counted_by_rule() -> None:
    rows = table_under(make_digest(), "Written")
    assert sum(int(row[1]) for row in rows[1:]) == len(digest().written)


def test_a_digest_of_a_half_terms_letters_stays_short() -> None:
    events = [
        Event(
            "colour-letter",
            DAY,
            "1",
            (Outcome("letter", "colour-letter"), NOTE),
            p.pupil_id,
            title="Colour letter",
        )
        for p in REGISTER.pupils
        if p.on_roll(DAY)
    ]
    data = digest_report(
        Digest(DAY, written=[line(e, n) for n, e in enumerate(events)]), REGISTER, TALLY, HCAT, SCHOOL
    )
    row = table_under(data, "Written")[1]
    assert row[1] == str(len(events))
    assert row[2].endswith(f"and {len(events) - 12} others")


def test_the_best_class_is_best_by_exact_share_and_all_ties_win() -> None:
    classes = class_weeks(REGISTER, TALLY, HCAT, DAY)
    shares = [Fraction(c.figures.attended, c.figures.possible) for c in classes]
    assert shares == sorted(shares, reverse=True)
    assert [c.best for c in classes] == [share == max(shares) for share in shares]
    assert [c.on_target for c in classes] == [share >= Fraction(97, 100) for share in shares]


def test_the_celebration_sheet_names_classes_and_no_pupil() -> None:
    data = ALL["celebration"]()
    shown = words(data) + str(tables(data))
    assert not [p for p in pupils() if p.surname in shown]
    rows = table_under(data, "All classes")
    for row in rows[1:]:
        figures = TALLY.by_group("registration_group", date(2025, 11, 24), DAY)[row[1]]
        assert row[2] == f"{HCAT.shown(figures.attended, figures.possible)}%"


def test_the_celebration_sheet_agrees_with_the_events_of_the_pack() -> None:
    friday = date(2025, 11, 21)
    events = [e for e in evaluate(REGISTER, HCAT, DAY).events if e.date == friday and e.group]
    classes = class_weeks(REGISTER, TALLY, HCAT, friday)
    assert {c.name for c in classes if c.best} == {e.group for e in events if e.rule == "class-of-the-week"}
    assert {c.name for c in classes if c.on_target} == {
        e.group for e in events if e.rule == "class-on-target"
    }


def test_the_tutors_figures_are_those_of_the_tally() -> None:
    found = pupil_weeks(REGISTER, TALLY, "3A", DAY, DAY)
    assert {item.pupil.pupil_id for item in found} == {
        p.pupil_id for p in REGISTER.pupils if p.registration_group == "3A" and p.on_roll(DAY)
    }
    rows = table_under(ALL["tutor"](), "Everyone")[1:]
    for item, row in zip(found, rows, strict=True):
        figures = TALLY.pupil(item.pupil.pupil_id, date(2025, 9, 1), DAY)
        assert row[12] == f"{AYCLIFFE.shown(figures.attended, figures.possible)}%"
        assert row[13:15] == [str(figures.absent), str(figures.late)]


def test_reports_for_all_tutors_begin_each_class_on_a_new_page() -> None:
    data = tutor_reports(REGISTER, TALLY, AYCLIFFE, SCHOOL, week_of=DAY, as_of=DAY)
    document = Document(io.BytesIO(data))
    titles = [p for p in document.paragraphs if p.style.name == "Title"]
    assert [p.text for p in titles] == [
        f"Class {y}{c}" for y in ("R", "1", "2", "3", "4", "5", "6") for c in "AB"
    ]
    assert [bool(p.paragraph_format.page_break_before) for p in titles] == [False] + [True] * 13


def test_the_absence_lists_use_the_statutory_tests() -> None:
    lists = absence_lists(REGISTER, TALLY, AYCLIFFE, DAY)
    year = {p: f for p, f in TALLY.by_pupil(date(2025, 9, 1), DAY).items() if REGISTER.pupil(p).on_roll(DAY)}
    assert {i.pupil.pupil_id for i in lists.severe} == {p for p, f in year.items() if is_severe(f)}
    assert {i.pupil.pupil_id for i in (*lists.severe, *lists.persistent)} == {
        p for p, f in year.items() if is_persistent(f)
    }
    for item in lists.near:
        more = replace(item.year, authorised=item.year.authorised + 4, possible=item.year.possible + 4)
        assert is_persistent(more)
        assert not is_persistent(item.year)


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


def test_classes_come_in_the_order_a_school_says_them() -> None:
    assert sorted(["10A", "2B", "RB", "1A", "RA", "N1", "2A", "Oak"], key=natural) == [
        "N1", "RA", "RB", "1A", "2A", "2B", "10A", "Oak",
    ]  # fmt: skip
