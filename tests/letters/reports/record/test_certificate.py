"""The registration certificate: every session, figures that are the tally's, nobody else in it."""

from __future__ import annotations

import io
import re
from datetime import UTC, date, datetime

import pytest
from docx import Document
from docx.oxml.ns import qn

from letters.reports.record.certificate import registration_certificate
from letters.reports.record.register_grid import NO_MARK
from rules.policy import load_policy
from rules.register import build_register
from rules.school import Amendment, Mark, Pupil, Session, Spell
from rules.statistics import Tally
from tests.letters.docx_files import assert_sound
from tests.letters.made_up import FIRST_DAY, LAST_DAY, SCHOOL, calendar, pupils, register
from tests.letters.reports.reading import tables, text_of

POLICY = load_policy("hcat")
YEAR = {"start": date(2025, 9, 1), "end": date(2026, 7, 31), "printed_on": date(2026, 8, 1)}
MONTHS = {
    name: n
    for n, name in enumerate(
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"], 1
    )
}


def certificate(pupil_id: str = "1000", **changed: date) -> bytes:
    whole = register()
    return registration_certificate(whole, Tally(whole), POLICY, pupil_id, SCHOOL, **{**YEAR, **changed})


def grid(data: bytes) -> dict[tuple[date, str], str]:
    """Return the code by session, read back from the grid."""
    codes = {}
    for row in tables(data)[2]:
        when = re.fullmatch(r"(\d+) (\w{3}) (\d{4})", row[0])
        if when and len(row) == 12:
            monday = date(int(when[3]), MONTHS[when[2]], int(when[1]))
            for place, code in enumerate(row[1:11]):
                day = date.fromordinal(monday.toordinal() + place // 2)
                codes[day, ("AM", "PM")[place % 2]] = code
    return codes


def test_every_session_of_a_full_year_is_in_the_grid_with_its_code() -> None:
    whole = register()
    row = whole.row_of["1000"]
    shown = grid(certificate())
    assert len(whole.sessions) == 380
    for column, session in enumerate(whole.sessions):
        assert shown[session.date, session.half] == (whole.code_at(row, column) or NO_MARK)
    closed = set(shown) - {(s.date, s.half) for s in whole.sessions}
    assert all(shown[place] == "" for place in closed)


def test_totals_are_those_of_the_tally() -> None:
    whole = register()
    figures = Tally(whole).pupil("1000", FIRST_DAY, LAST_DAY)
    totals = {row[0].strip(): row[1:] for row in tables(certificate())[3]}
    assert totals["Sessions possible"][0] == str(figures.possible)
    assert totals["Attended"] == [
        str(figures.attended),
        POLICY.shown(figures.attended, figures.possible),
    ]
    assert totals["authorised"][0] == str(figures.authorised)
    assert totals["unauthorised"][0] == str(figures.unauthorised)
    assert totals["No mark recorded"][0] == str(figures.missing)
    assert int(totals["present"][0]) + int(totals["approved educational activity"][0]) == figures.attended


def test_the_legend_counts_each_code_and_names_the_set_in_force() -> None:
    whole = register()
    figures = Tally(whole).pupil("1000", FIRST_DAY, LAST_DAY)
    assert "Codes in force in England from 19 August 2024" in text_of(certificate())
    counted = {}
    for row in tables(certificate())[5][1:]:
        for place in range(0, len(row) - 2, 3):
            if row[place + 2]:
                counted[row[place]] = int(row[place + 2])
    assert counted == dict(figures.by_code)


def test_a_year_with_two_code_sets_shows_both_legends() -> None:
    dates = calendar(2023, 2024)
    pupil = pupils(1)[0]
    made = build_register(
        pupils=[pupil],
        calendar=dates,
        marks=[Mark(pupil.pupil_id, s.date, s.half, "/") for s in dates.sessions],
    )
    start, end = dates.sessions[0].date, dates.sessions[-1].date
    data = registration_certificate(
        made, Tally(made), POLICY, pupil.pupil_id, SCHOOL, start=start, end=end, printed_on=end
    )
    assert "Codes in force in England from 1 September 2006" in text_of(data)
    assert "Codes in force in England from 19 August 2024" in text_of(data)
    first = tables(data)[4]
    second = tables(data)[5]
    marks = [int(row[2]) for table in (first, second) for row in table if row[0] == "/"]
    assert sum(marks) == 760


def test_amendments_show_what_stood_before_who_changed_it_and_when() -> None:
    rows = tables(certificate())[4]
    assert rows[1] == [
        "Mon 15 Sep 2025 AM",
        "N",
        "I",
        "I",
        "17 Sep 2025, 09:41 UTC",
        "Jo Marsh, Attendance officer",
        "Parent rang: chicken pox",
    ]
    assert rows[2][1:4] == ["no mark", "M", "M"]
    assert rows[2][5:] == ["not recorded", "not recorded"]
    assert len(rows) == 3


def test_now_is_what_the_register_has_whatever_was_changed_on_the_way() -> None:
    first, other = (s for s in calendar().sessions[:2])
    inset = Session(date(2025, 8, 31), "AM")

    def changed(session: Session, original: str, amended: str, day: int) -> Amendment:
        return Amendment("9", *session, original, amended, datetime(2025, 9, day, 9, tzinfo=UTC))

    made = build_register(
        pupils=[Pupil("9")],
        calendar=calendar(),
        marks=[Mark("9", *first, "N")],
        amendments=[
            changed(first, "I", "N", 12),
            changed(first, "N", "I", 10),
            changed(other, "O", "", 11),
            changed(inset, "N", "O", 11),
        ],
    )
    start = date(2025, 8, 25)
    shown = registration_certificate(
        made, Tally(made), POLICY, "9", SCHOOL, start=start, end=LAST_DAY, printed_on=LAST_DAY
    )
    (rows,) = [table for table in tables(shown) if table[0][1] == "Original"]
    assert rows[0][:4] == ["Session", "Original", "Changed to", "Now"]
    assert [row[1:4] for row in rows[1:]] == [
        ["N", "O", "not in it"],
        ["N", "I", "N"],
        ["I", "N", "N"],
        ["O", "no mark", "no mark"],
    ]


def test_missing_marks_are_said_with_their_sessions() -> None:
    figures = Tally(register()).pupil("1000", FIRST_DAY, LAST_DAY)
    assert figures.missing == 1
    assert "1 session has no mark recorded (Tue 18 Nov 2025 PM). It is not included in any total." in text_of(
        certificate()
    )


def test_no_other_pupil_is_named() -> None:
    text = text_of(certificate())
    own = register().pupil("1000")
    assert own.surname in text
    for pupil in register().pupils:
        if pupil.pupil_id != own.pupil_id:
            assert pupil.surname not in text, "another pupil's name"
            assert pupil.upn not in text


def test_days_after_the_printing_are_left_out() -> None:
    printed = date(2025, 11, 12)
    shown = grid(certificate(printed_on=printed))
    assert max(day for day, _ in shown) == date(2025, 11, 14)
    assert shown[date(2025, 11, 13), "AM"] == ""
    assert shown[date(2025, 11, 12), "PM"] != ""


def test_a_pupil_who_joined_in_january_has_no_sessions_before() -> None:
    shown = grid(certificate("1017"))
    assert shown[date(2026, 1, 9), "PM"] == ""
    assert shown[date(2026, 1, 12), "AM"] in "/LIMOGNUCEVPB"


def test_every_spell_on_roll_is_shown() -> None:
    spells = (Spell(date(2025, 9, 2), date(2025, 10, 10)), Spell(date(2026, 1, 5), kind="subsidiary"))
    made = build_register(pupils=[Pupil("9", spells=spells)], calendar=calendar(), marks=[])
    shown = text_of(registration_certificate(made, Tally(made), POLICY, "9", SCHOOL, **YEAR))
    assert "from 2 September 2025 to 10 October 2025, and from 5 January 2026 (subsidiary)" in shown


def test_the_same_register_gives_the_same_bytes() -> None:
    assert certificate() == certificate()


def test_the_file_is_sound_british_and_has_header_rows_and_page_numbers() -> None:
    data = certificate()
    assert_sound(data)
    document = Document(io.BytesIO(data))
    assert document.core_properties.language == "en-GB"
    assert document.core_properties.title == "Registration certificate"
    for table in document.tables:
        assert table._tbl.tblPr.find(qn("w:tblDescription")).get(qn("w:val"))
        has_labels = table._tbl.tblPr.find(qn("w:tblLook")).get(qn("w:firstColumn")) == "1"
        assert has_labels or table._tbl.tr_lst[0].trPr.find(qn("w:tblHeader")) is not None
    footer = document.sections[0].footer._element
    assert [field.get(qn("w:instr")) for field in footer.iter(qn("w:fldSimple"))] == ["PAGE", "NUMPAGES"]
    assert "Elmgate Primary School" in text_of(data)


def test_names_with_odd_characters_come_out_as_themselves() -> None:
    pupil = Pupil("9", legal_forename="Zoë\x07 <b>", legal_surname="O’Brien & Sons\r\nلينا")
    dates = calendar()
    made = build_register(
        pupils=[pupil], calendar=dates, marks=[Mark("9", dates.sessions[0].date, "AM", "Q9")]
    )
    data = registration_certificate(made, Tally(made), POLICY, "9", SCHOOL, **YEAR)
    assert_sound(data)
    assert "Zoë <b> O’Brien & Sons لينا" in text_of(data)
    assert "1 session has a mark that is not a code in force" in text_of(data)
    assert "379 sessions have no mark recorded" in text_of(data)


def test_a_period_without_a_day_is_refused() -> None:
    with pytest.raises(ValueError, match="no day"):
        certificate(printed_on=date(2025, 8, 1))
