"""`report` writes one year group or class, and says which there is when the name is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from connector.mock.school import MadeUpSchool
from tests.connector.commands.conftest import Call


def test_a_year_group_and_a_class_are_written(call: Call, ran: Path, small_school: MadeUpSchool) -> None:
    pupil = small_school.pupils_known(small_school.last_day)[0]
    ended = call("report", "--year", pupil.year_group, "--out", "year.docx")
    assert (ended.code, ended.err) == (0, "")
    ended = call(
        "report", "--class", pupil.registration_group.lower(), "--out", "class.docx", "--from", "2025-10-01"
    )
    assert ended.code == 0
    assert "2025-10-01 to 2025-10-24" in ended.out
    assert Path("class.docx").read_bytes().startswith(b"PK")


@pytest.mark.parametrize(
    ("arguments", "fault"),
    [
        (("--out", "x.docx"), "whom to report on"),
        (("--out", "x.docx", "--year", "4", "--class", "4A"), "whom to report on"),
        (("--out", "x.pdf", "--year", "4"), "not named as a Word file"),
        (("--out", "x.docx", "--year", "44"), "there is no year group 'Year 44'"),
        (("--out", "x.docx", "--year", "4", "--from", "2025-10-02", "--to", "2025-10-01"), "lies before"),
    ],
)
def test_a_wrong_call_says_what_to_do(call: Call, ran: Path, arguments: tuple[str, ...], fault: str) -> None:
    ended = call("report", *arguments)
    assert ended.code == 2
    assert fault in ended.err
    assert "What to do:" in ended.err
