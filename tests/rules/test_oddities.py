"""What looks wrong in a register, in a line each."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pytest

from rules.calendar import Calendar, Period
from rules.checks.oddities import oddities
from rules.register import Register, build_register
from rules.school import Mark, Nation, Pupil

YOUNG, OLD_ENOUGH = date(2021, 11, 2), date(2016, 1, 15)


def register(
    *codes: Sequence[str],
    start: date = date(2025, 9, 1),
    born: date | None = OLD_ENOUGH,
    nation: Nation = "england",
) -> Register:
    """For each pupil the codes of the first sessions from a day on."""
    calendar = Calendar((Period("half_term", "One", start, date(start.year, 12, 19)),))
    pupils = [Pupil(str(number + 1), date_of_birth=born) for number in range(len(codes))]
    marks = [
        Mark(pupil.pupil_id, session.date, session.half, code)
        for pupil, own in zip(pupils, codes, strict=True)
        for session, code in zip(calendar.sessions, own, strict=False)
    ]
    return build_register(pupils=pupils, calendar=calendar, marks=marks, nation=nation)


def lines(held: Register, as_of: date = date(2025, 12, 19)) -> list[str]:
    return list(oddities(held, as_of))


def test_an_ordinary_register_has_none() -> None:
    assert lines(register("/\\" * 20 + "IIO/L\\", "/\\" * 23)) == []


def test_marks_that_are_no_code_are_named_with_their_number_and_the_first() -> None:
    words = ["/", "Present", "Present"]
    assert lines(register("//////", [*words, "i"])) == [
        "unrecognised codes: `Present` (2 marks, first: pupil 2, 1 September 2025 PM), "
        "`i` (1 mark, first: pupil 2, 2 September 2025 PM); these marks are in no figure"
    ]
    assert lines(register(words), date(2025, 8, 31)) == []


def test_a_code_of_the_other_nation_is_no_code() -> None:
    (line,) = lines(register(["/", "/", "C1", "C1"], nation="wales"))
    assert line.startswith("unrecognised codes: `C1` (2 marks, first: pupil 1, 2 September 2025 AM)")


def test_many_words_are_counted_from_the_eleventh_on() -> None:
    (line,) = lines(register([f"w{number:02}" for number in range(12)]))
    assert line.count("mark, first") == 10
    assert "2 more codes; these marks" in line


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        (date(2025, 9, 1), ["codes withdrawn on 19 August 2024: `H` (2 marks, first: pupil 1, 1 September 2025 PM), "
                            "`F` (1 mark, first: pupil 1, 2 September 2025 PM)"]),
        (date(2023, 9, 4), []),
    ],
)  # fmt: skip
def test_withdrawn_codes_are_named_where_they_are_no_longer_in_use(start: date, expected: list[str]) -> None:
    assert lines(register("/HHF////", start=start)) == expected


@pytest.mark.parametrize(("born", "expected"), [(OLD_ENOUGH, 1), (YOUNG, 0), (None, 0)])
def test_x_is_for_pupils_below_compulsory_school_age(born: date | None, expected: int) -> None:
    found = lines(register("//XX", "/X", born=born))
    assert len(found) == expected
    if found:
        assert found[0].startswith(
            "X, for pupils not of compulsory school age, stands for 2 pupils who are: "
            "3 marks, first: pupil 2, 1 September 2025 PM"
        )


def test_an_export_of_absences_only_is_seen() -> None:
    (line,) = lines(register("--II------O-I-", "I---------I---", "IIII----------"), date(2025, 9, 9))
    assert line.startswith(
        "10 absent marks and no present mark in 2 weeks: does the export hold absences only?"
    )


@pytest.mark.parametrize(
    "codes",
    [
        ("--II------", "I---------", "IIIIII----"),  # 9 absences, too few to tell
        ("--II-----/", "I---------", "IIIIIII---"),  # somebody was there
        ("IIIIIIIIII",),  # one pupil ill all week, nothing missing
    ],
)
def test_absences_alone_are_not_enough(codes: tuple[str, ...]) -> None:
    assert lines(register(*codes), date(2025, 9, 5)) == []


LEAVE = "//" * 5 + "--" * 3 + "TT"


def test_leave_entered_ahead_is_seen() -> None:
    (line,) = lines(register(LEAVE, "//" * 5))
    assert line == (
        "1 pupil of 2 has a code on 11 September 2025 or later, but nobody has one after 5 September 2025 and before it: "
        "it looks like leave entered ahead, and the sessions between count as missing"
    )
    assert lines(register(LEAVE, "//" * 5), date(2025, 9, 10)) == []


@pytest.mark.parametrize(
    "codes", [("//" * 5 + "--" * 2 + "TT", "//" * 5), (LEAVE, LEAVE, "//" * 5), (LEAVE, "//" * 12)]
)
def test_a_short_gap_or_marks_of_most_pupils_are_not_leave_entered_ahead(codes: tuple[str, ...]) -> None:
    assert lines(register(*codes)) == []
