"""Merge fields: where they are found, what their switches do, and what becomes of a value."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from docx import Document
from docx.oxml.ns import qn

from letters.errors import BadValue, MissingValue
from letters.template.template import Picture, Template, Value
from tests.letters.docx_files import (
    assert_sound,
    field_xml,
    lines,
    merge_xml,
    paragraph_of,
    paragraph_xml,
    part,
    png,
    rewrite,
    rows,
    run_xml,
    shown,
    simple_xml,
    table_xml,
    template,
    text_box_xml,
    text_xml,
)

FIXTURES = Path(__file__).parent / "fixtures"
HOSTILE = [
    "O’Brien & Sons <Ltd>",
    "]]>",
    "{MERGEFIELD x}",
    "«surname»",
    "<w:p/>&amp;<?letters value 0?>",
    "\U0001f393 well done \u2603",
    "C:\\Letters\\..\\x.docx",
    "../../etc/passwd",
    "x" * 300,
    "TableStart:rows",
    '"quoted" \\* Upper',
    "{{ 7*7 }}",
    " leading and trailing ",
    "\ufdd0\ue000\U0010ffff",
]


def fill(body: str, language: str = "en", **values: Value) -> bytes:
    """Compile a one-part template, fill it, and make sure of the result."""
    data = Template.compile(template(body), name="t.docx").fill(values, language=language).data
    assert_sound(data)
    return data


def first_line(code: str, language: str = "en", **values: Value) -> str:
    """Return what a paragraph with one field, after a word that keeps it there, shows."""
    return lines(fill(paragraph_xml(text_xml("="), merge_xml(code)), language, **values))[0][1:]


@pytest.mark.parametrize("pieces", [1, 2, 5, 40])
def test_a_field_is_found_however_word_splits_its_code(pieces: int) -> None:
    data = fill(
        paragraph_xml("Dear ", merge_xml("salutation \\* MERGEFORMAT", pieces=pieces), ","),
        salutation="Ms Ali",
    )
    assert lines(data) == ["Dear Ms Ali,"]


def test_a_simple_field_is_found() -> None:
    assert lines(fill(paragraph_xml("Dear ", simple_xml("salutation"), ","), salutation="Ms Ali")) == [
        "Dear Ms Ali,"
    ]


def test_a_field_crowded_into_one_run_is_found() -> None:
    crowded = run_xml(
        '<w:t xml:space="preserve">Dear </w:t><w:fldChar w:fldCharType="begin"/><w:instrText> MERGEFIELD n </w:instrText>'
        '<w:fldChar w:fldCharType="separate"/><w:t>x</w:t><w:fldChar w:fldCharType="end"/><w:t>!</w:t>',
        "<w:b/>",
    )
    data = fill(paragraph_xml(crowded), n="Sam")
    assert lines(data) == ["Dear Sam!"]
    assert all(run.bold for run in paragraph_of(data, "Sam").runs)


def test_a_field_without_a_shown_result_is_found() -> None:
    bare = (
        run_xml('<w:fldChar w:fldCharType="begin"/>')
        + run_xml("<w:instrText> MERGEFIELD n </w:instrText>")
        + run_xml('<w:fldChar w:fldCharType="end"/>')
    )
    assert lines(fill(paragraph_xml("Hello ", bare), n="Sam")) == ["Hello Sam"]


def test_the_look_of_the_field_is_kept() -> None:
    data = fill(paragraph_xml("Dear ", merge_xml("n", '<w:b/><w:color w:val="FF0000"/>'), ","), n="Ms Ali")
    run = next(run for run in paragraph_of(data, "Ms Ali").runs if run.text == "Ms Ali")
    assert run.bold
    assert str(run.font.color.rgb) == "FF0000"


def test_names_are_matched_regardless_of_their_case_and_quoting() -> None:
    body = paragraph_xml("=", merge_xml('"Chosen Forename"'), merge_xml("SURNAME"), simple_xml('"year reg"'))
    compiled = Template.compile(template(body), name="t.docx")
    data = compiled.fill({"chosen forename": "A", "Surname": "B", "YEAR REG": "C", "unused": "D"}).data
    assert lines(data) == ["=ABC"]


def test_fields_in_headers_footers_tables_and_text_boxes_are_filled() -> None:
    inner = table_xml(["«d»"])
    source = template(
        table_xml(["«a»", inner + paragraph_xml("«b»")])
        + paragraph_xml("x", text_box_xml(paragraph_xml("Ring «c»"))),
        header=paragraph_xml("«h»"),
        footer=paragraph_xml("Page ", field_xml(" PAGE "), " «f»"),
    )
    compiled = Template.compile(source, name="t.docx")
    data = compiled.fill({name: f"[{name}]" for name in "abcdhf"}).data
    document = assert_sound(data)
    assert rows(data)[0][0] == "[a]"
    assert document.tables[0].cell(0, 1).tables[0].cell(0, 0).text == "[d]"
    assert part(data).count("[c]") == 2, "the box and its copy for older programs"
    assert document.sections[0].header.paragraphs[0].text == "[h]"
    assert "[f]" in document.sections[0].footer.paragraphs[0].text
    assert " PAGE " in part(data, "word/footer1.xml")
    assert [use.name for use in compiled.fields].count("c") == 1


def test_fields_in_footnotes_are_filled() -> None:
    notes = (
        '<?xml version="1.0"?><w:footnotes xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
        f'<w:footnote w:id="1">{paragraph_xml("See «clause».")}</w:footnote></w:footnotes>'
    ).encode()
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/footnotes"
    source = rewrite(
        template(paragraph_xml("Law", run_xml('<w:footnoteReference w:id="1"/>'))),
        {
            "word/_rels/document.xml.rels": lambda old: old.replace(
                b"</Relationships>",
                f'<Relationship Id="rId99" Type="{kind}" Target="footnotes.xml"/></Relationships>'.encode(),
            ),
            "[Content_Types].xml": lambda old: old.replace(
                b"</Types>",
                b'<Override PartName="/word/footnotes.xml" ContentType="application/vnd.openxmlformats-officedocument'
                b'.wordprocessingml.footnotes+xml"/></Types>',
            ),
        },
        {"word/footnotes.xml": notes},
    )
    data = Template.compile(source, name="t.docx").fill({"clause": "section 444"}).data
    assert_sound(data)
    assert "See " in part(data, "word/footnotes.xml")
    assert "section 444" in part(data, "word/footnotes.xml")


def test_a_template_made_in_libreoffice_writer_fills() -> None:
    compiled = Template.compile(
        (FIXTURES / "writer-mail-merge.docx").read_bytes(), name="writer-mail-merge.docx"
    )
    values = {
        "school_name": "Brynmor School",
        "address_1": "1 Mill Lane",
        "address_2": "",
        "postcode": "CF1 1AA",
        "salutation": "Ms Ali",
        "pupil forename": "Sam",
        "contact_phone": "01000 000000",
        "sessions": [
            {"session_date": "3 November", "code": "I"},
            {"session_date": "4 November", "code": "O"},
        ],
    }
    data = compiled.fill(values).data
    document = assert_sound(data)
    assert lines(data)[:3] == ["1 Mill Lane\nCF1 1AA", "Dear Ms Ali,", "Sam was absent."]
    assert next(run for run in paragraph_of(data, "absent").runs if run.text == "Sam").bold
    assert rows(data) == [["Date", "Code"], ["3 November", "I"], ["4 November", "O"]]
    assert document.sections[0].header.paragraphs[0].text == "Brynmor School"
    assert "Ring 01000 000000" in shown(document.element.body)
    assert " PAGE " in part(data)
    assert "mailMerge" not in part(data, "word/settings.xml")


@pytest.mark.parametrize(
    ("code", "value", "text"),
    [
        ("n \\* Upper", "McKay o’brien", "MCKAY O’BRIEN"),
        ("n \\*Lower", "McKay", "mckay"),
        ("n \\* FirstCap", "year 7 McKay", "Year 7 McKay"),
        ("n \\* Caps \\* MERGEFORMAT", "jean mcKay", "Jean McKay"),
        ('n \\b "Mrs " \\f ", "', "Ali", "Mrs Ali, "),
        ('n \\b "Mrs " \\f ", "', "", ""),
        ('n \\@ "dddd, d MMMM yyyy"', date(2026, 11, 3), "Tuesday, 3 November 2026"),
        ('n \\@ "DD/MM/YY"', date(2026, 11, 3), "03/11/26"),
        ("n \\@ \"d MMM 'at' h:mm am/pm\"", datetime(2026, 1, 9, 14, 5, tzinfo=UTC), "9 Jan at 2:05 pm"),
        ("n \\@ “ddd HH:mm”", datetime(2026, 1, 9, 9, 5, tzinfo=UTC), "Fri 09:05"),
        ('n \\@ "MMMM" \\* Upper', date(2026, 3, 1), "MARCH"),
        ('n \\@ "d MMMM"', "not a date", "not a date"),
        ("n", date(2026, 3, 1), "1 March 2026"),
        ("n", 12, "12"),
        ("n", Decimal("89.70"), "89.70"),
        ("n \\# 0", Decimal("89.5"), "90"),
        ("n \\# 0.0", Decimal("89.74"), "89.7"),
        ('n \\# "£#,##0.00"', 1234, "£1,234.00"),
        ('n \\# "£#,##0.00"', Decimal("-0.5"), "-£0.50"),
        ("n \\# 0.0#", "92.50", "92.5"),
        ("n \\# 0%", 7, "7%"),
        ("n \\# 000", 7, "007"),
        ("n \\# 0.0", "many", "many"),
    ],
)
def test_switches_do_what_they_do_in_word(code: str, value: Value, text: str) -> None:
    assert first_line(code, n=value) == text


def test_dates_are_named_in_welsh_when_the_letter_is_welsh() -> None:
    assert first_line('n \\@ "dddd d MMMM yyyy"', "cy", n=date(2026, 11, 3)) == "dydd Mawrth 3 Tachwedd 2026"
    assert first_line("n", "cy-GB", n=date(2026, 2, 1)) == "1 Chwefror 2026"


def test_a_field_marked_as_welsh_is_welsh_in_a_letter_in_both_languages() -> None:
    data = fill(
        paragraph_xml("=", merge_xml("n", '<w:lang w:val="cy-GB"/>'), " / ", merge_xml("n")),
        n=date(2026, 8, 1),
    )
    assert lines(data) == ["=1 Awst 2026 / 1 August 2026"]


@pytest.mark.parametrize("value", HOSTILE)
def test_a_hostile_value_comes_out_as_itself(value: str) -> None:
    source = template(
        paragraph_xml("Dear «n»,") + table_xml(["«TableStart:r»«n»«TableEnd:r»"]), header=paragraph_xml("«n»")
    )
    filled = Template.compile(source, name="t.docx").fill({"n": value, "r": [{"n": value}]}, title=value)
    document = assert_sound(filled.data)
    assert lines(filled.data)[0] == f"Dear {value},"
    assert rows(filled.data) == [[value]]
    assert document.sections[0].header.paragraphs[0].text == value
    assert document.core_properties.title == value
    assert filled.removed == ()


def test_line_ends_become_breaks_and_tabs_become_tabs() -> None:
    assert lines(fill(paragraph_xml("=«n»"), n="a\r\nb\nc\rd\te\u2028f")) == ["=a\nb\nc\nd\te\nf"]


def test_characters_that_xml_cannot_hold_are_taken_out_and_reported() -> None:
    compiled = Template.compile(template(paragraph_xml("=«n»")), name="t.docx")
    filled = compiled.fill({"n": "a\0b\x07c\x0b\ud800d\uffff"})
    assert_sound(filled.data)
    assert lines(filled.data) == ["=abcd"]
    assert filled.removed == ("n: U+0000, U+0007, U+000B, U+D800, U+FFFF",)


def test_right_to_left_text_is_marked_as_such() -> None:
    data = fill(
        paragraph_xml("Dear ", merge_xml("n", '<w:b/><w:sz w:val="28"/><w:lang w:val="en-GB"/>')),
        n="محمد عبد",
    )
    run = next(run for run in paragraph_of(data, "محمد").runs if "محمد" in run.text)
    kinds = [child.tag for child in run._r.rPr]
    assert kinds == [qn(f"w:{name}") for name in ("b", "bCs", "sz", "szCs", "rtl", "lang")]
    mixed = fill(paragraph_xml("Dear «n»"), n="Mohammed (محمد)")
    assert "w:rtl" not in part(mixed)


def test_a_picture_stands_in_the_line_with_its_alternative_text() -> None:
    picture = Picture(png(40, 20), width_mm=30, alt_text='The "school" crest & motto')
    source = template(
        paragraph_xml("x«Image:logo»«Image:logo»«Image:none»"), header=paragraph_xml("«Image:logo»")
    )
    data = Template.compile(source, name="t.docx").fill({"logo": picture, "none": None}).data
    document = assert_sound(data)
    assert [(shape.width.mm, shape.height.mm) for shape in document.inline_shapes] == [(30, 15), (30, 15)]
    described = {each.get("descr") for each in document.element.body.iter(qn("wp:docPr"))}
    assert described == {'The "school" crest & motto'}
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        media = [name for name in package.namelist() if name.startswith("word/media/")]
    assert len(media) == 1, "the same file is kept once"


def test_an_absent_picture_leaves_nothing_and_no_relationship() -> None:
    data = fill(paragraph_xml("x«Image:logo»"), logo=None)
    assert "image" not in part(data, "word/_rels/document.xml.rels").lower()


@pytest.mark.parametrize(
    "value", [Picture(b"GIF89a", 10), Picture(b"\x89PNG\r\n\x1a\n", 10), Picture(png(), 0), "logo.png"]
)
def test_what_is_not_a_picture_is_refused(value: Value) -> None:
    compiled = Template.compile(template(paragraph_xml("«Image:logo»")), name="t.docx")
    with pytest.raises(BadValue, match=r"t\.docx.*paragraph 1, field logo"):
        compiled.fill({"logo": value})


def test_a_missing_value_is_refused_by_name() -> None:
    compiled = Template.compile(
        template(paragraph_xml("x") + paragraph_xml("Dear «salutation»")), name="first.docx"
    )
    for values in ({}, {"salutation": None}):
        with pytest.raises(
            MissingValue, match=r"first\.docx.*document\.xml, paragraph 2, field salutation"
        ) as caught:
            compiled.fill(values)
        assert caught.value.field == "salutation"
        assert caught.value.paragraph == 2


@pytest.mark.parametrize("value", [True, 1.5, b"x", [], Decimal("NaN")])
def test_a_value_of_the_wrong_type_is_refused_without_showing_it(value: Value) -> None:
    compiled = Template.compile(template(paragraph_xml("«n»")), name="t.docx")
    with pytest.raises(BadValue, match="field n"):
        compiled.fill({"n": value})


def test_the_same_input_gives_the_same_bytes() -> None:
    source = template(paragraph_xml("«n»«Image:i»"), footer=paragraph_xml("«n»"))
    values = {"n": "Sam", "i": Picture(png(), 20)}
    one = Template.compile(source, name="t.docx").fill(values, title="T", on=date(2026, 9, 1))
    other = Template.compile(source, name="t.docx").fill(values, title="T", on=date(2026, 9, 1))
    assert one.data == other.data


def test_the_properties_name_the_letter_and_no_author() -> None:
    def sign(document: Document) -> None:
        document.core_properties.author = "A. Writer"
        document.core_properties.title = "Template"

    compiled = Template.compile(template(paragraph_xml("«n»"), change=sign), name="t.docx")
    properties = Document(
        io.BytesIO(compiled.fill({"n": ""}, title="Letter 1", on=date(2026, 9, 1)).data)
    ).core_properties
    assert (properties.title, properties.author, properties.language) == ("Letter 1", "", "en")
    assert properties.modified.date() == date(2026, 9, 1)
    assert Document(io.BytesIO(compiled.fill({"n": ""}).data)).core_properties.title == "Template"


def test_fields_are_listed_with_the_paragraph_they_stand_in() -> None:
    body = (
        paragraph_xml("Dear «salutation»,")
        + table_xml(["«TableStart:rows»«day»", "«code»«TableEnd:rows»"])
        + paragraph_xml(merge_xml('when \\@ "d MMMM"'), "«Image:logo»")
    )
    uses = Template.compile(template(body, header=paragraph_xml("«school»")), name="t.docx").fields
    assert [(use.name, use.blocks, use.kind, use.paragraph) for use in uses] == [
        ("salutation", (), "text", 1),
        ("rows", (), "block", 2),
        ("day", ("rows",), "text", 2),
        ("code", ("rows",), "text", 3),
        ("when", (), "date", 4),
        ("logo", (), "picture", 4),
        ("school", (), "text", 1),
    ]
    assert uses[0].part == "word/document.xml"
    assert uses[0].excerpt == "Dear «salutation»,"
    assert uses[-1].part == "word/header1.xml"
