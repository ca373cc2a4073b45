"""What a template must not hold, and files that are no template at all."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

import pytest
from docx import Document
from docx.oxml.ns import qn

from letters.errors import TemplateError
from letters.template.template import Template
from tests.letters.docx_files import (
    assert_sound,
    elements,
    field_xml,
    lines,
    merge_xml,
    paragraph_xml,
    part,
    rewrite,
    run_xml,
    simple_xml,
    template,
    text_xml,
)

RELATIONSHIPS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
DOCUMENT_RELS, TYPES = "word/_rels/document.xml.rels", "[Content_Types].xml"
BEGIN, SEPARATE, END = (
    run_xml(f'<w:fldChar w:fldCharType="{kind}"/>') for kind in ("begin", "separate", "end")
)


def compiled(data: bytes) -> Template:
    return Template.compile(data, name="letter.docx")


def with_relationship(
    kind: str, target: str, *, external: bool = True, listing: str = DOCUMENT_RELS
) -> bytes:
    """Return a template with one more relationship; an internal target is put into the package."""
    mode = ' TargetMode="External"' if external else ""
    line = f'<Relationship Id="rId98" Type="{RELATIONSHIPS}/{kind}" Target="{target}"{mode}/></Relationships>'.encode()
    data = template(paragraph_xml("«n»"))
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        known = listing in package.namelist()
    empty = b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"></Relationships>'
    added = {} if external else {f"word/{target}": b"x"}
    if not known:
        added[listing] = empty.replace(b"</Relationships>", line)
    return rewrite(data, {listing: lambda old: old.replace(b"</Relationships>", line)}, added)


@pytest.mark.parametrize(
    ("kind", "target", "external"),
    [
        ("attachedTemplate", "https://example.org/evil.dotm", True),
        ("image", "https://example.org/track.png", True),
        ("oleObject", "https://example.org/x", True),
        ("oleObject", "embeddings/oleObject1.bin", False),
        ("package", "embeddings/sheet.xlsx", False),
        ("vbaProject", "vbaProject.bin", False),
        ("aFChunk", "chunk.html", False),
        ("control", "activeX/activeX1.xml", False),
        ("subDocument", "other.docx", True),
        ("frame", "https://example.org", True),
        ("hyperlink", "file:///C:/Windows/x.exe", True),
        ("hyperlink", "\\\\server\\share\\x", True),
        ("hyperlink", "javascript:alert(1)", True),
    ],
)
def test_a_template_with_foreign_content_is_refused(kind: str, target: str, external: bool) -> None:
    with pytest.raises(TemplateError, match=r"letter\.docx, word/document\.xml: it (holds|refers)"):
        compiled(with_relationship(kind, target, external=external))


def test_an_attached_template_is_refused_where_word_writes_it() -> None:
    source = with_relationship(
        "attachedTemplate", "file:///X:/t.dotm", listing="word/_rels/settings.xml.rels"
    )
    with pytest.raises(TemplateError, match="attached template"):
        compiled(source)


@pytest.mark.parametrize(
    "address", ["https://example.org/help", "mailto:office@example.org", "tel:+441000000000"]
)
def test_ordinary_links_are_kept(address: str) -> None:
    data = compiled(with_relationship("hyperlink", address)).fill({"n": "x"}).data
    assert_sound(data)
    assert address in part(data, DOCUMENT_RELS)


def test_a_link_field_leads_to_a_page_an_address_or_a_place_in_the_letter() -> None:
    for code in (
        ' HYPERLINK "https://example.org" ',
        ' HYPERLINK \\l "here" ',
        " HYPERLINK mailto:a@example.org ",
    ):
        compiled(template(paragraph_xml(field_xml(code))))
    for address in ("C:\\\\x.exe", "file:///etc/passwd", "\\\\\\\\server\\\\share"):
        with pytest.raises(TemplateError, match="a link leads to"):
            compiled(template(paragraph_xml(field_xml(f' HYPERLINK "{address}" '))))


def test_a_document_with_macros_is_refused() -> None:
    source = rewrite(
        template(""),
        {
            TYPES: lambda old: old.replace(
                b"openxmlformats-officedocument.wordprocessingml.document.main",
                b"ms-word.document.macroEnabled.main",
            )
        },
    )
    with pytest.raises(TemplateError, match="macros"):
        compiled(source)


def test_a_word_template_file_gives_ordinary_documents() -> None:
    source = rewrite(
        template(paragraph_xml("Dear «n»")),
        {TYPES: lambda old: old.replace(b"document.main+xml", b"template.main+xml")},
    )
    assert lines(compiled(source).fill({"n": "Sam"}).data) == ["Dear Sam"]


@pytest.mark.parametrize(
    "code",
    [
        'INCLUDETEXT "C:\\\\x.docx"', 'INCLUDEPICTURE "https://example.org/x.png"', 'DDEAUTO excel "x"', "LINK Excel.Sheet.8",
        "MACROBUTTON Go here", 'FILLIN "Who?"', "ADDRESSBLOCK \\f x", "GREETINGLINE", "NEXT", "DATABASE \\d x",
    ],
)  # fmt: skip
def test_fields_that_run_fetch_or_ask_are_refused(code: str) -> None:
    for xml in (field_xml(f" {code} "), f'<w:fldSimple w:instr=" {code.replace(chr(34), "&quot;")} "/>'):
        with pytest.raises(
            TemplateError, match=f"paragraph 2: the Word field {code.split()[0]} is not allowed"
        ):
            compiled(template(paragraph_xml("x") + paragraph_xml(xml)))


@pytest.mark.parametrize("inner", [merge_xml("n"), simple_xml("n")])
def test_a_merge_field_inside_another_fields_code_is_refused(inner: str) -> None:
    code = run_xml("<w:instrText> IF </w:instrText>")
    condition = run_xml('<w:instrText> = "x" "a" "b" </w:instrText>')
    body = paragraph_xml(BEGIN, code, inner, condition, SEPARATE, text_xml("a"), END)
    with pytest.raises(TemplateError, match="field n: the merge field is inside the field IF"):
        compiled(template(body))
    spread = (
        paragraph_xml(BEGIN, code)
        + paragraph_xml(inner)
        + paragraph_xml(condition, SEPARATE, text_xml("a"), END)
    )
    with pytest.raises(TemplateError, match="the merge field is inside the field IF"):
        compiled(template(spread))


def test_a_merge_field_in_what_another_field_shows_is_filled() -> None:
    link = run_xml('<w:instrText> HYPERLINK "https://example.org" </w:instrText>')
    data = (
        compiled(template(paragraph_xml(BEGIN, link, SEPARATE, merge_xml("n"), END)))
        .fill({"n": "our page"})
        .data
    )
    assert_sound(data)
    assert lines(data) == ["our page"]
    assert "HYPERLINK" in part(data)


def test_a_field_named_by_another_field_is_refused() -> None:
    body = paragraph_xml(BEGIN, field_xml(" QUOTE 68 68 69 "), SEPARATE, END)
    with pytest.raises(TemplateError, match="made by another field"):
        compiled(template(body))


def test_other_word_fields_stay_as_they_are() -> None:
    fields = [
        " PAGE ",
        " NUMPAGES \\* MERGEFORMAT ",
        ' HYPERLINK "https://example.org" ',
        ' IF 1 = 1 "a" "b" ',
    ]
    data = (
        compiled(template(paragraph_xml("«n»", *(field_xml(code) for code in fields)))).fill({"n": "x"}).data
    )
    assert_sound(data)
    assert all(code in part(data) for code in fields)


@pytest.mark.parametrize(
    ("code", "complaint"),
    [
        (" MERGEFIELD ", "has no name"),
        (" MERGEFIELD \\* Upper ", "has no name"),
        (" MERGEFIELD n \\* Roman ", "Roman is not understood"),
        (' MERGEFIELD n \\@ "" ', "date picture is empty"),
        (' MERGEFIELD n \\# "0;(0)" ', "numeric picture"),
        (" MERGEFIELD Image: ", "has no name"),
    ],
)
def test_a_field_that_cannot_be_read_is_refused(code: str, complaint: str) -> None:
    with pytest.raises(TemplateError, match=complaint):
        compiled(template(paragraph_xml(field_xml(code))))


def test_a_broken_field_is_refused() -> None:
    with pytest.raises(TemplateError, match="paragraph 1: a field ends that has not begun"):
        compiled(template(paragraph_xml(END)))
    with pytest.raises(TemplateError, match="paragraph 1: a field does not end"):
        compiled(
            template(paragraph_xml(BEGIN, run_xml("<w:instrText> MERGEFIELD n </w:instrText>"), SEPARATE))
        )
    split = paragraph_xml(BEGIN, run_xml("<w:instrText> MERGEFIELD n </w:instrText>")) + paragraph_xml(
        SEPARATE, END
    )
    with pytest.raises(TemplateError, match="runs over the end of a paragraph"):
        compiled(template(split))


def test_tracked_changes_are_refused() -> None:
    body = paragraph_xml(f'<w:ins w:id="1" w:author="A">{text_xml("new")}</w:ins>')
    with pytest.raises(TemplateError, match="tracked changes"):
        compiled(template(body))


def test_comments_bookmarks_and_merge_settings_do_not_reach_the_letter() -> None:
    def comment(document: Document) -> None:
        document.add_comment(document.paragraphs[0].runs, text="Is this wording right?", author="A. Writer")
        settings = document.settings.element
        settings.extend(
            elements('<w:mailMerge><w:query w:val="SELECT"/></w:mailMerge><w:updateFields w:val="true"/>')
        )

    marked = '<w:bookmarkStart w:id="5" w:name="_GoBack"/><w:bookmarkEnd w:id="5"/>'
    kept = '<w:bookmarkStart w:id="6" w:name="here"/><w:bookmarkEnd w:id="6"/>'
    body = paragraph_xml("Dear «n»", marked, kept, field_xml(" REF here "))
    data = compiled(template(body, change=comment)).fill({"n": "Sam"}).data
    assert_sound(data)
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        everything = b"".join(package.read(name) for name in package.namelist())
    for word in (b"wording", b"A. Writer", b"comment", b"_GoBack", b"mailMerge", b"updateFields"):
        assert word not in everything
    assert b'w:name="here"' in everything


def test_a_link_to_a_data_source_is_dropped_not_refused() -> None:
    source = with_relationship(
        "mailMergeSource", "file:///X:/pupils.xlsx", listing="word/_rels/settings.xml.rels"
    )
    data = compiled(source).fill({"n": "x"}).data
    assert "pupils.xlsx" not in part(data, "word/_rels/settings.xml.rels")


def _truncated(data: bytes) -> bytes:
    return data[: len(data) // 2]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: b"",
        lambda data: b"not a zip",
        _truncated,
        lambda data: rewrite(data, {"word/document.xml": lambda old: old[:-20]}),
        lambda data: rewrite(data, {"word/document.xml": lambda old: b"<!DOCTYPE x [<!ENTITY a 'b'>]>" + old[old.index(b"<w:document") :]}),
        lambda data: rewrite(data, {TYPES: lambda old: old.replace(b"wordprocessingml.document", b"spreadsheetml.sheet")}),
        lambda data: rewrite(data, {"word/document.xml": lambda old: old.replace(b"xmlns:w=", b"xmlns:ww=").replace(b"w:", b"ww:").replace(b"www:", b"ww:")}),
        lambda data: rewrite(data, {DOCUMENT_RELS: lambda old: old.replace(b"styles.xml", b"gone.xml")}),
    ],
)  # fmt: skip
def test_a_file_that_is_not_a_sound_word_document_is_refused(spoil: Callable[[bytes], bytes]) -> None:
    with pytest.raises(TemplateError, match=r"letter\.docx"):
        compiled(spoil(template(paragraph_xml("«n»"))))


def test_a_file_that_unpacks_to_too_much_is_refused() -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr(TYPES, b"\0" * (65 * 2**20))
    with pytest.raises(TemplateError, match="64 MiB"):
        compiled(stream.getvalue())


def test_a_template_without_fields_gives_itself() -> None:
    data = compiled(template(paragraph_xml("Plain."))).fill({}).data
    document = assert_sound(data)
    assert lines(data) == ["Plain."]
    assert document.element.body.find(qn("w:sectPr")) is not None
