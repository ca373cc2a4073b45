"""What would print wrongly is refused by name and paragraph, wherever in a template it stands."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from docx.document import Document as DocumentType

from letters.errors import TemplateError
from letters.template.formats import date_format
from letters.template.template import Template
from letters.template.typed import typed_placeholder
from tests.letters.docx_files import (
    assert_sound,
    field_xml,
    lines,
    merge_xml,
    paragraph_xml,
    part,
    rewrite,
    run_xml,
    simple_xml,
    table_xml,
    template,
    text_box_xml,
    text_xml,
)

SHIPPED = Path("letters/templates")
FOOTNOTES = (
    '<w:footnotes xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
    '<w:footnote w:id="1">{}</w:footnote></w:footnotes>'
)
RELATIONSHIP = (
    b'<Relationship Id="rId77" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/footnotes" '
    b'Target="footnotes.xml"/></Relationships>'
)
NOTES_TYPE = (
    b'<Override PartName="/word/footnotes.xml" ContentType='
    b'"application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"/></Types>'
)


def in_footnote(content: str) -> bytes:
    reference = run_xml('<w:footnoteReference w:id="1"/>')
    return rewrite(
        template(paragraph_xml(reference)),
        {
            "word/_rels/document.xml.rels": lambda old: old.replace(b"</Relationships>", RELATIONSHIP),
            "[Content_Types].xml": lambda old: old.replace(b"</Types>", NOTES_TYPE),
        },
        {"word/footnotes.xml": FOOTNOTES.format(content).encode()},
    )


def control_xml(content: str, properties: str = "<w:text/>", name: str = "pupil_name") -> str:
    return f'<w:sdt><w:sdtPr><w:alias w:val="{name}"/><w:id w:val="7"/>{properties}</w:sdtPr><w:sdtContent>{content}</w:sdtContent></w:sdt>'


PLACES: dict[str, tuple[Callable[[str], bytes], str]] = {
    "body": (lambda p: template(paragraph_xml("First.") + p), "word/document.xml, paragraph 2"),
    "header": (lambda p: template("", header=p), "word/header1.xml, paragraph 1"),
    "footer": (lambda p: template("", footer=p), "word/footer1.xml, paragraph 1"),
    "table": (lambda p: template(table_xml(["a", p])), "word/document.xml, paragraph 2"),
    "text box": (
        lambda p: template(paragraph_xml(text_box_xml(p))),
        "word/document.xml, paragraph 2",
    ),
    "footnote": (in_footnote, "word/footnotes.xml, paragraph 1"),
    "content control": (lambda p: template(control_xml(p, "", "Text")), "word/document.xml, paragraph 1"),
}


def refusal(data: bytes) -> TemplateError:
    with pytest.raises(TemplateError) as refused:
        Template.compile(data, name="letter.docx")
    return refused.value


def bookmarked(content: str, name: str = "B1") -> str:
    return f'<w:bookmarkStart w:id="1" w:name="{name}"/>{content}<w:bookmarkEnd w:id="1"/>'


FAULTY = {
    "typed": (text_xml("Dear «pupil_name»,"), "«pupil_name» is typed as text"),
    "renewed": (field_xml(' DATE \\@ "d MMMM yyyy" '), "the Word field DATE is not allowed"),
    "bookmark": (
        bookmarked(merge_xml("pupil_name")) + field_xml(" REF B1 \\h "),
        "the Word field REF shows the bookmark B1, which has a merge field in it",
    ),
    "prompt": (
        control_xml(text_xml("Name"), "<w:showingPlcHdr/>"),
        "the content control pupil_name shows its prompt",
    ),
    "bound": (
        control_xml(text_xml("Hill"), '<w:dataBinding w:xpath="/x" w:storeItemID="{1}"/>'),
        "takes its text from a property",
    ),
    "date picture": (merge_xml('date \\@ "dd/mm/yy"'), "has minutes \\(mm\\) where a month is meant"),
    "tracked formatting": (
        run_xml("<w:t>x</w:t>", '<w:b/><w:rPrChange w:id="1" w:author="A"><w:rPr/></w:rPrChange>'),
        "tracked changes of formatting",
    ),
}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("fault", FAULTY)
def test_a_fault_is_refused_by_part_and_paragraph_wherever_it_stands(place: str, fault: str) -> None:
    build, where = PLACES[place]
    content, complaint = FAULTY[fault]
    error = refusal(build(paragraph_xml(content)))
    assert error.also == (), "what is wrong is told once"
    assert f"template letter.docx, {where}" in str(error)
    with pytest.raises(TemplateError, match=complaint):
        raise error


@pytest.mark.parametrize(
    "typed",
    [
        "«pupil_name»", "« pupil name »", "‹pupil_name›", "<<pupil_name>>", "<< pupil name >>", "{{pupil_name}}",
        "{{ pupil.name }}", "${pupil_name}", "{pupil_name}", "{% if x %}", "#{name}", "<pupil name>", "[[pupil_name]]",
        "[pupil name]", "[Insert date]", "pupil_name", "%name%", "#name#", "$name", "@@name", "@name@", "~name~", "|name|",
        "*|FNAME|*", "##name##", "＜＜pupil_name＞＞",
        "<<pupil\u200b_name>>", "{ MERGEFIELD pupil_name }", "MERGEFIELD pupil_name \\* MERGEFORMAT", "TableStart:rows",
        "TableEnd:rows", "Image:logo", "«pupil_name", "pupil_name»", "name>>", "{{name", "Click or tap here to enter text.",
        "Choose an item.", "Error! Reference source not found.", "Error! Bookmark not defined.",
    ],
)  # fmt: skip
def test_a_placeholder_typed_as_text_is_refused_in_however_many_runs(typed: str) -> None:
    escaped = typed.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    whole = paragraph_xml(text_xml(escaped))
    single = [letter.replace("<", "&lt;").replace(">", "&gt;") for letter in typed]
    split = paragraph_xml(*(text_xml(letter, "<w:b/>" if n % 2 else "") for n, letter in enumerate(single)))
    broken = paragraph_xml(text_xml("Dear "), text_xml(escaped), run_xml("<w:br/>"), text_xml("yours"))
    for body in (whole, split, broken):
        assert "is typed as text" in str(refusal(template(body)))


@pytest.mark.parametrize(
    "text",
    [
        "fewer than 5 (<5) of 20, and 3 > 2", "office@hill-school.org or first_last@hill.org", "Write to <office@hill.org>",
        "see https://hill.org/our_policy/attendance_2026.pdf", "Name ______ Date ______", "90% of £5.50, $5, #3 and 100%",
        "Yes [ ] No [ ]", "Mr O’Brien’s “best”", "Yes / No [delete as appropriate]", "C:\\Letters", "year 7 & 8",
        "in the class of 7/8, at 9:00; A–Z", "his percentage (95.1%)",
    ],
)  # fmt: skip
def test_ordinary_text_is_no_placeholder(text: str) -> None:
    assert typed_placeholder(text) is None


def test_marks_around_a_true_merge_field_are_refused_too() -> None:
    for before, after in (("«", "»"), ("{{", "}}"), ("&lt;", "&gt;"), ("${", "}")):
        body = paragraph_xml(text_xml(f"Dear {before}"), merge_xml("n"), text_xml(after))
        assert "is typed as text" in str(refusal(template(body)))


def test_a_placeholder_in_an_alternative_text_a_title_or_a_chart_is_refused() -> None:
    box = paragraph_xml(text_box_xml(paragraph_xml("x")).replace('name="Box"', 'name="Box" descr="«pupil»"'))
    assert "word/document.xml, paragraph 1: an alternative" in str(refusal(template(box)))

    def titled(old: bytes) -> bytes:
        return re.sub(
            rb"<dc:title/>|<dc:title>[^<]*</dc:title>", b"<dc:title>Letter on {{pupil}}</dc:title>", old
        )

    assert "docProps/core.xml" in str(refusal(rewrite(template(""), {"docProps/core.xml": titled})))
    chart = (
        '<c:chartSpace xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart" '
        'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"><a:p><a:r><a:t>${na</a:t></a:r>'
        "<a:r><a:t>me}</a:t></a:r></a:p></c:chartSpace>"
    )
    added = rewrite(template(""), {}, {"word/charts/chart1.xml": chart.encode()})
    assert "word/charts/chart1.xml: ${name} is typed" in str(refusal(added))


@pytest.mark.parametrize(
    "code",
    [
        'DATE \\@ "d MMMM yyyy"', "TIME", "SAVEDATE", "PRINTDATE", "CREATEDATE", "EDITTIME", "FILENAME \\p", "FILESIZE",
        "AUTHOR", "LASTSAVEDBY", "USERNAME", "USERINITIALS", "USERADDRESS", "TEMPLATE", "DOCPROPERTY Company",
        "DOCVARIABLE x", "INFO Title", "TITLE", "SUBJECT", "NUMWORDS", "MERGEBARCODE postcode CODE128",
        "DISPLAYBARCODE 1 QR", 'BARCODE "x"', 'STYLEREF "Heading 1"', "SEQ Table", "TOC", "PAGEREF x", "FORMTEXT",
        "FORMDROPDOWN", "SET x y", "Pupil", "merge_field x",
    ],
)  # fmt: skip
def test_a_field_that_word_renews_or_fills_is_refused(code: str) -> None:
    for xml in (field_xml(f" {code} "), f'<w:fldSimple w:instr=" {code.replace(chr(34), "&quot;")} "/>'):
        assert "the Word field" in str(refusal(template(paragraph_xml("x") + paragraph_xml(xml))))
        assert "paragraph 2" in str(refusal(template(paragraph_xml("x") + paragraph_xml(xml))))


@pytest.mark.parametrize(
    "code",
    ["REF B1", 'REF "B1" \\h', "ref b1", 'IF B1 < 90 "low" "well"', "= B1 / 2", "=B1*2", "COMPARE B1 = 3"],
)
@pytest.mark.parametrize("inner", [merge_xml("n"), simple_xml("n"), text_xml("Pupil ") + merge_xml("n")])
def test_a_field_that_shows_a_bookmark_with_a_merge_field_is_refused(code: str, inner: str) -> None:
    code = code.replace("<", "&lt;")
    body = paragraph_xml(bookmarked(inner)) + paragraph_xml(field_xml(f" {code} "))
    assert "paragraph 2" in str(refusal(template(body)))
    assert "word/header1.xml" in str(
        refusal(template(paragraph_xml(bookmarked(inner)), header=paragraph_xml(field_xml(f" {code} "))))
    )


def test_a_bookmark_around_what_a_merge_field_shows_holds_it() -> None:
    shown = merge_xml("n").replace("<w:t>", "<w:t>", 1).split("<w:r><w:t>«n»</w:t></w:r>")
    body = paragraph_xml(bookmarked("<w:r><w:t>«n»</w:t></w:r>").join(shown)) + paragraph_xml(
        field_xml(" REF B1 ")
    )
    assert "has a merge field in it" in str(refusal(template(body)))


def test_a_bookmark_without_a_merge_field_may_be_shown_also_from_another_part() -> None:
    body = paragraph_xml(bookmarked(text_xml("Hill"))) + paragraph_xml("Dear «n»")
    source = template(body, header=paragraph_xml(field_xml(" REF B1 ")))
    data = Template.compile(source, name="t.docx").fill({"n": "x"}).data
    assert 'w:name="B1"' in part(data)
    assert "bookmark that is not in the template" in str(
        refusal(template(paragraph_xml(field_xml(" REF B2 "))))
    )


def test_a_bookmark_in_a_block_may_not_be_shown() -> None:
    body = paragraph_xml("«TableStart:r»", bookmarked(text_xml("x")), "«TableEnd:r»") + paragraph_xml(
        field_xml(" REF B1 ")
    )
    assert "a block that repeats" in str(refusal(template(body)))


def test_a_sum_over_cells_with_merge_fields_is_refused() -> None:
    total = paragraph_xml(field_xml(" =SUM(ABOVE) "))
    assert "a formula counts cells" in str(refusal(template(table_xml(["«n»"], [total]))))
    assert "a formula counts cells" in str(
        refusal(template(table_xml(["«n»"], [paragraph_xml(field_xml(" = A1*2 "))])))
    )
    Template.compile(template(table_xml(["3"], [total])), name="t.docx")


@pytest.mark.parametrize("off", ["0", "false"])
def test_a_control_with_typed_text_or_a_merge_field_stays(off: str) -> None:
    body = paragraph_xml(control_xml(merge_xml("n"), f'<w:showingPlcHdr w:val="{off}"/>'))
    data = Template.compile(template(body), name="t.docx").fill({"n": "Sam"}).data
    assert "Sam" in part(data)


def test_a_control_in_the_style_of_a_prompt_is_refused() -> None:
    prompt = run_xml("<w:t>Name</w:t>", '<w:rStyle w:val="PlaceholderText"/>')
    assert "shows its prompt" in str(refusal(template(paragraph_xml(control_xml(prompt)))))


def row_xml(properties: str, cell: str = "") -> str:
    return table_xml(["x"]).replace("<w:tr>", f"<w:tr>{properties}").replace("<w:tcPr>", f"<w:tcPr>{cell}")


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        (row_xml('<w:trPr><w:ins w:id="1" w:author="A"/></w:trPr>'), "rows or cells"),
        (row_xml('<w:trPr><w:del w:id="1" w:author="A"/></w:trPr>'), "rows or cells"),
        (row_xml("", '<w:cellIns w:id="1" w:author="A"/>'), "rows or cells"),
        (
            row_xml('<w:trPr><w:trPrChange w:id="1" w:author="A"><w:trPr/></w:trPrChange></w:trPr>'),
            "formatting",
        ),
        (
            paragraph_xml("x", properties='<w:pPrChange w:id="1" w:author="A"><w:pPr/></w:pPrChange>'),
            "formatting",
        ),
        (paragraph_xml("x", properties='<w:rPr><w:ins w:id="1" w:author="A"/></w:rPr>'), "tracked changes;"),
        (f'<w:ins w:id="1" w:author="A">{paragraph_xml("x")}</w:ins>', "tracked changes;"),
    ],
)
def test_tracked_formatting_rows_and_cells_are_refused(body: str, complaint: str) -> None:
    error = str(refusal(template(paragraph_xml("Dear «n»") + body)))
    assert "paragraph 2" in error
    assert complaint in error


@pytest.mark.parametrize(
    "picture", ["dd/mm/yy", "d mm yyyy", "mm/yyyy", "dd.mm.yyyy HH:mm", "HH:MM", "d MMMM H.MM"]
)
def test_a_date_picture_with_minutes_for_the_month_is_refused(picture: str) -> None:
    with pytest.raises(ValueError, match=r"where (a month is|minutes are) meant"):
        date_format(picture)


@pytest.mark.parametrize(
    "picture", ["dd/MM/yy", "d MMMM yyyy", "HH:mm", "h:mm am/pm", "mm:ss", "d MMMM 'at' HH.mm", "HH:mm:ss"]
)
def test_minutes_stand_next_to_hours_or_seconds(picture: str) -> None:
    date_format(picture)


@pytest.mark.parametrize(
    "picture", ["d MMMM y", "jj/MM/aaaa", "dth MMMM", "d of MMMM", "d MMMMM yyyy", "ddddd"]
)
def test_a_date_picture_with_letters_that_stand_for_nothing_is_refused(picture: str) -> None:
    with pytest.raises(ValueError, match="is no part of a date"):
        date_format(picture)


def test_words_of_a_date_picture_stand_in_single_quotes() -> None:
    assert date_format("d 'of' MMMM, yyyy.")(date(2026, 3, 9), "en") == "9 of March, 2026."


def test_a_control_that_is_called_like_a_field_and_holds_none_is_refused() -> None:
    control = control_xml(text_xml("Alex Smith"))
    assert "is called like a merge field and holds none" in str(refusal(template(paragraph_xml(control))))
    Template.compile(template(paragraph_xml(control_xml(merge_xml("pupil_name", pieces=9)))), name="t.docx")


def test_a_date_block_that_word_renews_is_refused() -> None:
    body = paragraph_xml("x") + paragraph_xml(run_xml("<w:dayLong/>"))
    assert "paragraph 2: a date block shows" in str(refusal(template(body)))


def test_a_placeholder_in_a_comment_does_not_reach_the_letter() -> None:
    def comment(document: DocumentType) -> None:
        document.add_comment(document.paragraphs[0].runs, text="Is {{pupil}} right?", author="A. Writer")

    data = (
        Template.compile(template(paragraph_xml("Dear «n»"), change=comment), name="t")
        .fill({"n": "Sam"})
        .data
    )
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        assert not [name for name in package.namelist() if b"pupil" in package.read(name)]


def test_every_fault_of_a_template_is_told_at_once() -> None:
    body = (
        paragraph_xml(text_xml("Dear «a»"))
        + paragraph_xml(field_xml(" DATE "))
        + paragraph_xml(text_xml("{{b}}"))
    )
    error = refusal(template(body, footer=paragraph_xml(field_xml(" FILENAME "))))
    told = [str(each) for each in (error, *error.also)]
    assert len(told) == 4
    assert [any(f"document.xml, paragraph {n}" in each for each in told) for n in (1, 2, 3)] == [True] * 3


@pytest.mark.parametrize("path", sorted(SHIPPED.glob("*/*.docx")), ids=str)
def test_every_shipped_template_is_accepted(path: Path) -> None:
    Template.compile(path.read_bytes(), name=path.name)


def test_no_sample_result_of_the_template_is_left_in_any_part() -> None:
    sample = "SAMPLE"
    field = merge_xml("n").replace("«n»", sample)
    simple = simple_xml("n").replace("«x»", sample)
    everywhere = paragraph_xml("Dear ", field, simple)
    box = paragraph_xml(text_box_xml(everywhere))
    block = paragraph_xml("«TableStart:r»") + everywhere + paragraph_xml("«TableEnd:r»")
    body = everywhere + table_xml(["a", everywhere]) + box + block + control_xml(everywhere, "")
    body += paragraph_xml(run_xml('<w:footnoteReference w:id="1"/>'))
    details = f"<Properties xmlns='http://schemas.openxmlformats.org/officeDocument/2006/extended-properties'><Company>{sample}</Company></Properties>"
    glossary = in_footnote(everywhere)
    with zipfile.ZipFile(io.BytesIO(glossary)) as package:
        notes = package.read("word/footnotes.xml")
    source = rewrite(
        template(body, header=everywhere + box, footer=everywhere),
        {
            "word/_rels/document.xml.rels": lambda old: old.replace(
                b"</Relationships>",
                b'<Relationship Id="rId78" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/'
                b'glossaryDocument" Target="glossary/document.xml"/>' + RELATIONSHIP,
            ),
            "[Content_Types].xml": lambda old: old.replace(b"</Types>", NOTES_TYPE),
            "docProps/app.xml": lambda old: details.encode(),
        },
        {"word/footnotes.xml": notes, "word/glossary/document.xml": f"<x>{sample}</x>".encode()},
    )
    data = Template.compile(source, name="t.docx").fill({"n": "Sam", "r": [{}, {}]}).data
    assert_sound(data)
    assert lines(data)[0] == "Dear SamSam"
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        left = [name for name in package.namelist() if sample.encode() in package.read(name)]
    assert left == []
