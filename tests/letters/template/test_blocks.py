"""What repeats, what is optional, and which lines vanish."""

from __future__ import annotations

import pytest
from docx.oxml.ns import qn

from letters.errors import BadValue, MissingValue, TemplateError
from letters.template.template import Picture, Template, Value
from tests.letters.docx_files import (
    assert_sound,
    lines,
    paragraph_xml,
    part,
    png,
    rows,
    run_xml,
    table_xml,
    template,
    text_box_xml,
)

BREAK = run_xml("<w:br/>")


def fill(body: str, **values: Value) -> bytes:
    data = Template.compile(template(body), name="t.docx").fill(values).data
    assert_sound(data)
    return data


def test_a_row_repeats_for_each_record_and_sees_outer_fields() -> None:
    body = table_xml(["Day", "Code"], ["«TableStart:r»«day»", "«code» «name»«TableEnd:r»"])
    data = fill(body, name="Sam", code="outer", r=[{"day": "1", "code": "I"}, {"day": "2", "Name": "Ali"}])
    assert rows(data) == [["Day", "Code"], ["1", "I Sam"], ["2", "outer Ali"]]


def test_no_record_leaves_the_heading_row() -> None:
    assert rows(fill(table_xml(["Day"], ["«TableStart:r»«day»«TableEnd:r»"]), r=[])) == [["Day"]]


def test_a_table_with_no_row_left_goes() -> None:
    data = fill(
        paragraph_xml("before") + table_xml(["«TableStart:r»«day»«TableEnd:r»"]) + paragraph_xml("after"),
        r=[],
    )
    assert "<w:tbl>" not in part(data)
    assert lines(data) == ["before", "after"]


def test_several_rows_repeat_together() -> None:
    data = fill(
        table_xml(["«TableStart:r»«a»", "x"], ["«b»", "y«TableEnd:r»"]),
        r=[{"a": "1", "b": "2"}, {"a": "3", "b": "4"}],
    )
    assert rows(data) == [["1", "x"], ["2", "y"], ["3", "x"], ["4", "y"]]


def test_rows_that_hold_markers_alone_do_not_appear() -> None:
    data = fill(
        table_xml(["Day", ""], ["«TableStart:r»", ""], ["«a»", "x"], ["«TableEnd:r»", ""]),
        r=[{"a": "1"}, {"a": "2"}],
    )
    assert rows(data) == [["Day", ""], ["1", "x"], ["2", "x"]]


def test_paragraphs_between_markers_repeat_and_marker_paragraphs_vanish() -> None:
    body = (
        paragraph_xml("top") + paragraph_xml("«TableStart:r»") + paragraph_xml("A «n»") + paragraph_xml("B")
        + paragraph_xml("«TableEnd:r»") + paragraph_xml("end")
    )  # fmt: skip
    assert lines(fill(body, r=[{"n": "1"}, {"n": "2"}])) == ["top", "A 1", "B", "A 2", "B", "end"]
    assert lines(fill(body, r=[])) == ["top", "end"]


def test_marker_paragraphs_with_text_belong_to_the_block() -> None:
    body = paragraph_xml("«TableStart:r»A «n»") + paragraph_xml("B«TableEnd:r»")
    assert lines(fill(body, r=[{"n": "1"}, {"n": "2"}])) == ["A 1", "B", "A 2", "B"]


def test_an_optional_block_is_kept_or_dropped() -> None:
    body = (
        paragraph_xml("top")
        + paragraph_xml("«TableStart:legal»Notice for «n».«TableEnd:legal»")
        + paragraph_xml("end")
    )
    assert lines(fill(body, legal=True, n="Sam")) == ["top", "Notice for Sam.", "end"]
    assert lines(fill(body, legal=False)) == ["top", "end"], "values inside a dropped block are not asked for"


def test_text_inside_a_sentence_is_optional() -> None:
    body = paragraph_xml("We met«TableStart:late», late,«TableEnd:late» and spoke.")
    assert lines(fill(body, late=True)) == ["We met, late, and spoke."]
    assert lines(fill(body, late=False)) == ["We met and spoke."]


def test_an_optional_paragraph_in_a_layout_cell_does_not_take_the_row_along() -> None:
    cell = (
        paragraph_xml("Dear «n»") + paragraph_xml("«TableStart:o»Option«TableEnd:o»") + paragraph_xml("Bye")
    )
    assert rows(fill(table_xml([cell, "side"]), n="Sam", o=False)) == [["Dear Sam\nBye", "side"]]
    assert rows(fill(table_xml([cell, "side"]), n="Sam", o=True)) == [["Dear Sam\nOption\nBye", "side"]]


def test_blocks_stand_inside_blocks() -> None:
    body = (
        paragraph_xml("«TableStart:pupils»")
        + paragraph_xml("«name»")
        + table_xml(
            ["«TableStart:rows»«day» «name»", "«TableStart:late»late «minutes»«TableEnd:late»«TableEnd:rows»"]
        )
        + paragraph_xml("«TableEnd:pupils»")
    )
    data = fill(
        body,
        pupils=[
            {"name": "A", "rows": [{"day": "1", "late": False}, {"day": "2", "late": True, "minutes": 5}]},
            {"name": "B", "rows": []},
            {"name": "C", "rows": [{"day": "3", "late": False}]},
        ],
    )
    assert [line for line in lines(data) if line] == ["A", "B", "C"]
    assert rows(data, 0) == [["1 A", ""], ["2 A", "late 5"]]
    assert rows(data, 1) == [["3 C", ""]]


def test_a_repeated_table_is_not_joined_to_its_copy() -> None:
    body = paragraph_xml("«TableStart:r»") + table_xml(["«n»"]) + paragraph_xml("«TableEnd:r»")
    data = fill(body, r=[{"n": "1"}, {"n": "2"}])
    assert "</w:tbl><w:tbl>" not in part(data)
    assert rows(data, 1) == [["2"]]


def test_blocks_in_cells_leave_a_paragraph_behind() -> None:
    cell = paragraph_xml("«TableStart:r»") + paragraph_xml("«n»") + paragraph_xml("«TableEnd:r»")
    assert rows(fill(table_xml([cell, "x"]), r=[])) == [["", "x"]]
    assert rows(fill(table_xml([cell, "x"]), r=[{"n": "1"}, {"n": "2"}])) == [["1\n2", "x"]]


def test_blocks_work_in_text_boxes_and_their_copies() -> None:
    box = text_box_xml(paragraph_xml("«TableStart:r»«n»") + paragraph_xml("x«TableEnd:r»"))
    data = fill(paragraph_xml("a", box), r=[{"n": "1"}, {"n": "2"}])
    assert part(data).count(">2<") == 2
    fill(paragraph_xml("a", box), r=[])


def test_repeated_drawings_get_ids_of_their_own() -> None:
    body = (
        paragraph_xml("«TableStart:r»")
        + paragraph_xml("«n»", text_box_xml(paragraph_xml("b")))
        + paragraph_xml("«Image:i»«TableEnd:r»")
    )
    fill(body, r=[{"n": "1"}, {"n": "2"}, {"n": "3"}], i=Picture(png(), 10))


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        (paragraph_xml("a") + paragraph_xml("«TableStart:r»x"), "paragraph 2, field r: TableStart has no TableEnd"),
        (paragraph_xml("x«TableEnd:r»"), "paragraph 1, field r: TableEnd has no TableStart"),
        (paragraph_xml("«TableStart:a»") + paragraph_xml("«TableStart:b»") + paragraph_xml("«TableEnd:a»"), "may not cross"),
        (
            paragraph_xml("«TableStart:a»x") + paragraph_xml("«TableEnd:a»«TableStart:b»") + paragraph_xml("y«TableEnd:b»"),
            "crosses another",
        ),
        (paragraph_xml("«TableStart:a»") + table_xml(["x«TableEnd:a»"]), "must both be in the same"),
        (table_xml(["«TableStart:a»x"]) + paragraph_xml("«TableEnd:a»"), "must both be in the same"),
        (paragraph_xml("text «TableStart:a»") + paragraph_xml("«TableEnd:a»"), "there is text before TableStart"),
        (paragraph_xml("«TableStart:a»") + paragraph_xml("«TableEnd:a» text"), "there is text after TableEnd"),
        (paragraph_xml("«TableStart:a»x", text_box_xml(paragraph_xml("«TableEnd:a»"))), "has no TableStart"),
    ],
)  # fmt: skip
def test_a_block_that_crosses_or_lacks_an_end_is_refused_with_its_paragraph(
    body: str, complaint: str
) -> None:
    with pytest.raises(TemplateError, match=complaint) as caught:
        Template.compile(template(body), name="letter.docx")
    assert "letter.docx" in str(caught.value)
    assert "word/document.xml" in str(caught.value)


@pytest.mark.parametrize("value", ["text", 3, {"n": "1"}, ["n"], [None]])
def test_a_block_refuses_what_is_not_records(value: Value) -> None:
    compiled = Template.compile(template(paragraph_xml("«TableStart:r»x«TableEnd:r»")), name="t.docx")
    with pytest.raises(BadValue, match="field r"):
        compiled.fill({"r": value})


def test_a_block_without_a_value_is_refused() -> None:
    compiled = Template.compile(template(paragraph_xml("«TableStart:r»x«TableEnd:r»")), name="t.docx")
    with pytest.raises(MissingValue, match="field r"):
        compiled.fill({})


ADDRESS = {"a1": "1 Mill Lane", "a2": "", "a3": "", "town": "Aberwen", "postcode": ""}


def test_an_empty_address_line_vanishes_as_a_paragraph() -> None:
    body = "".join(paragraph_xml(f"«{name}»") for name in ADDRESS) + paragraph_xml("Dear «a2»")
    assert lines(fill(body, **ADDRESS)) == ["1 Mill Lane", "Aberwen", "Dear "]


def test_an_empty_address_line_vanishes_between_line_breaks() -> None:
    names = list(ADDRESS)
    pieces = [piece for name in names for piece in (f"«{name}»", BREAK)][:-1]
    assert lines(fill(paragraph_xml(*pieces), **ADDRESS)) == ["1 Mill Lane\nAberwen"]
    assert lines(fill(paragraph_xml(*pieces) + paragraph_xml("x"), **dict.fromkeys(names, ""))) == ["x"]
    swapped = ADDRESS | {"a1": "", "postcode": "CF1"}
    assert lines(fill(paragraph_xml(*pieces), **swapped)) == ["Aberwen\nCF1"]


def test_a_line_of_fields_and_punctuation_vanishes_only_when_all_are_empty() -> None:
    body = paragraph_xml("«town», «postcode».") + paragraph_xml("£«town»") + paragraph_xml("x")
    assert lines(fill(body, town="", postcode="")) == ["£", "x"]
    assert lines(fill(body, town="", postcode="CF1")) == [", CF1.", "£", "x"]


def test_the_only_paragraph_of_a_cell_stays() -> None:
    assert rows(fill(table_xml(["«a»", "x"]), a="")) == [["", "x"]]


def test_empty_lines_vanish_from_a_cell_until_one_is_left() -> None:
    cell = paragraph_xml("«a»") + paragraph_xml("«b»", properties='<w:jc w:val="right"/>')
    assert rows(fill(table_xml([cell]), a="1", b="")) == [["1"]]
    data = fill(table_xml([cell]), a="", b="")
    assert rows(data) == [[""]]
    assert 'w:val="right"' in part(data), "the paragraph that remains looks like the last line"


def test_a_paragraph_that_begins_a_page_stays() -> None:
    data = fill(paragraph_xml("x") + paragraph_xml("«a»", properties="<w:pageBreakBefore/>"), a="")
    assert lines(data) == ["x", ""]


def test_a_paragraph_with_a_drawing_or_a_page_field_stays() -> None:
    data = fill(
        paragraph_xml("«a»", text_box_xml(paragraph_xml("b")))
        + paragraph_xml("«a»", run_xml('<w:br w:type="page"/>')),
        a="",
    )
    assert len(assert_sound(data).paragraphs) == 2


def test_an_optional_text_that_is_the_whole_paragraph_takes_it_along() -> None:
    body = paragraph_xml("a") + paragraph_xml("«TableStart:o»Only this.«TableEnd:o»") + paragraph_xml("z")
    assert lines(fill(body, o=False)) == ["a", "z"]
    assert len(assert_sound(fill(body, o=True)).element.body.findall(qn("w:p"))) == 3
