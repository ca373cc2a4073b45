"""Every weekly and daily report: a sound file, the same each time, with titles and descriptions."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import time

import pytest
from docx import Document
from docx.oxml.ns import qn

from letters.reports.absence import absence_report
from letters.reports.celebration import celebration_sheet
from letters.reports.digest import digest_report
from letters.reports.morning.calls import morning_of, of_the_morning
from letters.reports.morning.calls_list import ListFacts, calls_list
from letters.reports.patterns.patterns_report import patterns_report
from letters.reports.quality.quality_list import quality_list
from letters.reports.tutor import tutor_reports
from rules.policy import lists_of
from tests.letters.docx_files import assert_sound
from tests.letters.made_up import SCHOOL
from tests.letters.reports.one_day import AYCLIFFE, DAY, HCAT, REGISTER, TALLY, digest
from tests.letters.reports.test_authority import termly

MORNING = morning_of(of_the_morning(REGISTER, DAY), DAY)
ALL: dict[str, Callable[[], bytes]] = {
    "digest": lambda: digest_report(digest(), REGISTER, TALLY, AYCLIFFE, SCHOOL),
    "celebration": lambda: celebration_sheet(REGISTER, TALLY, HCAT, SCHOOL, week_of=DAY, printed_on=DAY),
    "tutor": lambda: tutor_reports(REGISTER, TALLY, AYCLIFFE, SCHOOL, groups=["3A"], week_of=DAY, as_of=DAY),
    "absence": lambda: absence_report(REGISTER, TALLY, AYCLIFFE, SCHOOL, as_of=DAY, printed_on=DAY),
    "termly": termly,
    "quality": lambda: quality_list(REGISTER, SCHOOL, as_of=DAY, printed_on=DAY),
    "patterns": lambda: patterns_report(REGISTER, TALLY, AYCLIFFE, SCHOOL, as_of=DAY, printed_on=DAY),
    "morning calls": lambda: calls_list(MORNING, SCHOOL, ListFacts(time(9, 35), named=lists_of([HCAT]))),
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
