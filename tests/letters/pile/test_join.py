"""The print pile: many documents in one, each as it was, on pages of its own."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest
from docx import Document
from docx.document import Document as DocumentType
from docx.oxml.ns import qn
from docx.shared import Pt

from letters.errors import PileError
from letters.pile.join import join
from letters.template.template import Picture, Template
from tests.letters.docx_files import (
    assert_sound,
    elements,
    field_xml,
    lines,
    paragraph_xml,
    part,
    png,
    rewrite,
    run_xml,
    table_xml,
    template,
    text_box_xml,
)

W_VAL = qn("w:val")


def letters(count: int, *, header: str = "School", look: float | None = None, body: str = "") -> list[bytes]:
    """Letters of one template, with a header, a page count, a logo and a table."""

    def dress(document: DocumentType) -> None:
        if look:
            document.styles["Normal"].font.size = Pt(look)

    source = template(
        paragraph_xml("«Image:logo»")
        + paragraph_xml("Dear «n»,")
        + table_xml(["«TableStart:r»«d»«TableEnd:r»"])
        + (body or paragraph_xml("End of «n»")),
        header=paragraph_xml(header),
        footer=paragraph_xml("Page ", field_xml(" PAGE "), " of ", field_xml(" NUMPAGES ")),
        change=dress,
    )
    compiled = Template.compile(source, name="t.docx")
    logo = Picture(png(), 20, "Logo")
    return [
        compiled.fill({"n": f"{header} {n}", "logo": logo, "r": [{"d": "1"}, {"d": "2"}]}).data
        for n in range(count)
    ]


def plain(text: str = "Plain", body: str = "") -> bytes:
    """Return a document with no header or footer of its own."""
    document = Document()
    document.add_paragraph(text)
    for element in elements(body):
        document.element.body.insert(len(document.element.body) - 1, element)
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def simple(name: str) -> str:
    return f'<w:fldSimple w:instr=" {name} "><w:r><w:t>1</w:t></w:r></w:fldSimple>'


def names(data: bytes, pattern: str) -> list[str]:
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        return [name for name in package.namelist() if re.fullmatch(pattern, name)]


def test_every_document_begins_a_page_and_counts_its_own() -> None:
    document = assert_sound(join(letters(3)))
    assert len(document.sections) == 3
    for section in list(document.sections)[1:]:
        assert section._sectPr.find(qn("w:type")).get(W_VAL) == "nextPage"
    assert {section._sectPr.find(qn("w:pgNumType")).get(qn("w:start")) for section in document.sections} == {
        "1"
    }
    text = [line for line in lines(join(letters(3))) if line.startswith("Dear")]
    assert text == ["Dear School 0,", "Dear School 1,", "Dear School 2,"]


def test_letters_of_one_template_share_header_picture_and_styles() -> None:
    data = join(letters(5))
    assert len(names(data, r"word/header.*\.xml")) == 1
    assert len(names(data, r"word/media/.*")) == 1
    assert part(data, "word/styles.xml").count("<w:style ") == part(letters(1)[0], "word/styles.xml").count(
        "<w:style "
    )


def test_each_document_keeps_its_own_header() -> None:
    document = assert_sound(
        join([*letters(1, header="Mill School"), plain(), *letters(1, header="Hill School")])
    )
    assert [section.header.paragraphs[0].text for section in document.sections] == [
        "Mill School",
        "",
        "Hill School",
    ]
    assert not document.sections[1].header.is_linked_to_previous, (
        "the letter before does not lend it its header"
    )


def test_the_page_count_is_that_of_the_letter() -> None:
    data = join(letters(2))
    footers = "".join(part(data, name) for name in names(data, r"word/footer\d+\.xml"))
    assert "> NUMPAGES <" not in footers
    assert footers.count("SECTIONPAGES") == 2
    assert "PAGEREF _Pages1" in footers
    assert "PAGEREF _Pages2" in footers
    assert 'w:name="_Pages2"' in part(data)


@pytest.mark.parametrize(
    "count",
    [field_xml(" NUMPAGES ", pieces=4), field_xml(" SECTIONPAGES \\* MERGEFORMAT "), simple("SECTIONPAGES")],
)
def test_pages_are_counted_however_the_template_asks_for_them(count: str) -> None:
    source = template(paragraph_xml("x"), footer=paragraph_xml("Page ", field_xml(" PAGE "), " of ", count))
    letter = Template.compile(source, name="t.docx").fill({}).data
    assert "SECTIONPAGES" not in part(letter, "word/footer1.xml"), "LibreOffice shows 1 for it"
    data = join([letter, letter])
    footers = "".join(part(data, name) for name in names(data, r"word/footer\d+\.xml"))
    assert [footers.count(code) for code in ("SECTIONPAGES", "PAGEREF _Pages1", "PAGEREF _Pages2", "NUMPAGES")] == [
        2, 1, 1, 0,
    ]  # fmt: skip


def test_pages_run_through_all_documents_where_that_is_asked_for() -> None:
    own_first = rewrite(
        letters(1)[0],
        {"word/document.xml": lambda old: old.replace(b"<w:pgMar", b'<w:pgNumType w:start="3"/><w:pgMar')},
    )
    data = join([*letters(1), own_first, plain()], running=True)
    document = assert_sound(data)
    starts = [section._sectPr.find(qn("w:pgNumType")).get(qn("w:start")) for section in document.sections]
    assert starts == ["1", None, None]
    for section in document.sections:
        codes = [each.text.strip() for each in section.footer._element.iter(qn("w:instrText"))]
        codes += [each.get(qn("w:instr")).strip() for each in section.footer._element.iter(qn("w:fldSimple"))]
        assert codes == ["PAGE", "NUMPAGES"]


def test_shapes_and_controls_have_ids_of_their_own() -> None:
    control = '<w:sdt><w:sdtPr><w:id w:val="7"/></w:sdtPr><w:sdtContent><w:r><w:t>x</w:t></w:r></w:sdtContent></w:sdt>'
    xml = part(join(letters(3, body=paragraph_xml(control, text_box_xml(paragraph_xml("x"))))))
    for pattern in (r'<w:id w:val="(\d+)"', r'<wp:docPr[^>]*? id="(\d+)"'):
        found = re.findall(pattern, xml)
        assert len(set(found)) == len(found) >= 3


def test_styles_that_differ_keep_their_look() -> None:
    document = assert_sound(join([*letters(1, look=11), *letters(1, look=15)]))
    sizes = [p.style.font.size.pt for p in document.paragraphs if p.text.startswith("Dear")]
    assert sizes == [11, 15]


def test_defaults_that_differ_keep_their_look() -> None:
    large = rewrite(
        letters(1)[0],
        {
            "word/styles.xml": lambda old: re.sub(
                rb'(<w:rPrDefault>.*?<w:sz w:val=")\d+', rb"\g<1>40", old, flags=re.DOTALL
            )
        },
    )
    document = assert_sound(join([*letters(1), large]))
    second = [paragraph for paragraph in document.paragraphs if paragraph.text.startswith("Dear")][1]
    assert second.style.font.size.pt == 20


def test_a_document_without_defaults_does_not_take_those_of_the_first() -> None:
    bare = rewrite(
        letters(1)[0],
        {
            "word/styles.xml": lambda old: re.sub(
                rb"<w:docDefaults>.*</w:docDefaults>", b"", old, flags=re.DOTALL
            )
        },
    )
    document = assert_sound(join([*letters(1), bare]))
    second = [paragraph for paragraph in document.paragraphs if paragraph.text.startswith("Dear")][1]
    assert second.style.paragraph_format.space_after == 0
    assert second.style.font.size.pt == 10
    names = [style.name.lower() for style in document.styles]
    assert len(set(names)) == len(names)


def test_numbered_lists_begin_at_one_in_every_letter() -> None:
    items = "".join(paragraph_xml(f"item {n}", properties='<w:pStyle w:val="ListNumber"/>') for n in range(3))
    bullets = paragraph_xml("bullet", properties='<w:pStyle w:val="ListBullet"/>')
    document = assert_sound(join(letters(2, body=items + bullets)))
    numbers = [p._p.pPr.numPr.numId.val for p in document.paragraphs if p.text.startswith("item")]
    assert len(set(numbers[:3])) == len(set(numbers[3:])) == 1
    assert numbers[0] != numbers[3]
    numbering = document.part.numbering_part.element
    assert all(numbering.num_having_numId(number) is not None for number in numbers)
    assert all(p._p.pPr.numPr is None for p in document.paragraphs if p.text == "bullet")


def test_bookmarks_and_what_refers_to_them_stay_apart() -> None:
    marked = paragraph_xml(
        '<w:bookmarkStart w:id="3" w:name="here"/><w:bookmarkEnd w:id="3"/>', field_xml(" REF here ")
    )
    data = join([plain(body=marked), plain(body=marked)])
    document = assert_sound(data)
    starts = list(document.element.body.iter(qn("w:bookmarkStart")))
    assert len({mark.get(qn("w:id")) for mark in starts}) == len(starts)
    assert {"here_1", "here_2"} <= {mark.get(qn("w:name")) for mark in starts}
    assert " REF here_1 " in part(data)
    assert " REF here_2 " in part(data)


def test_footnotes_of_all_documents_are_kept() -> None:
    def with_note(text: str) -> bytes:
        kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/footnotes"
        notes = (
            '<w:footnotes xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
            '<w:footnote w:type="separator" w:id="-1"><w:p/></w:footnote>'
            f'<w:footnote w:id="1">{paragraph_xml(text)}</w:footnote></w:footnotes>'
        )
        return rewrite(
            plain(body=paragraph_xml("Law", run_xml('<w:footnoteReference w:id="1"/>'))),
            {
                "word/_rels/document.xml.rels": lambda old: old.replace(
                    b"</Relationships>",
                    f'<Relationship Id="rId99" Type="{kind}" Target="footnotes.xml"/></Relationships>'.encode(),
                ),
                "[Content_Types].xml": lambda old: old.replace(
                    b"</Types>",
                    b'<Override PartName="/word/footnotes.xml" ContentType="application/vnd.openxmlformats-'
                    b'officedocument.wordprocessingml.footnotes+xml"/></Types>',
                ),
            },
            {"word/footnotes.xml": notes.encode()},
        )

    data = join([with_note("first"), plain(), with_note("second")])
    document = assert_sound(data)
    references = [each.get(qn("w:id")) for each in document.element.body.iter(qn("w:footnoteReference"))]
    assert references == ["1", "2"]
    assert part(data, "word/footnotes.xml").index("first") < part(data, "word/footnotes.xml").index("second")
    assert part(data, "word/footnotes.xml").count("separator") == 1


def test_documents_that_end_in_a_table_or_a_picture_or_have_sections_are_joined() -> None:
    ending = table_xml(["last"])
    sections = '<w:p><w:pPr><w:sectPr><w:pgSz w:w="16838" w:h="11906" w:orient="landscape"/></w:sectPr></w:pPr></w:p>'
    document = assert_sound(
        join([plain(body=ending), plain(body=sections + paragraph_xml("portrait")), plain()])
    )
    assert len(document.sections) == 4
    assert document.sections[1].page_width > document.sections[1].page_height


def test_a_pile_for_both_sides_begins_on_the_right_hand() -> None:
    document = assert_sound(join(letters(2), both_sides=True))
    assert document.sections[1]._sectPr.find(qn("w:type")).get(W_VAL) == "oddPage"


def test_even_pages_differ_only_where_they_did() -> None:
    stream = io.BytesIO()
    document = Document(io.BytesIO(letters(1, header="Odd")[0]))
    document.settings.odd_and_even_pages_header_footer = True
    document.sections[0].even_page_header.paragraphs[0].text = "Even"
    document.save(stream)
    joined = assert_sound(join([*letters(1, header="Same"), stream.getvalue()]))
    assert joined.settings.odd_and_even_pages_header_footer
    even = [section.even_page_header.paragraphs[0].text for section in joined.sections]
    assert even == ["Same", "Even"]


def test_one_document_alone_stays_as_it_is() -> None:
    data = join(letters(1), title="Pile")
    document = assert_sound(data)
    assert lines(data) == lines(letters(1)[0])
    assert document.core_properties.title == "Pile"


def test_the_same_pile_gives_the_same_bytes() -> None:
    pile = [*letters(2), plain(), *letters(1, look=14)]
    assert join(pile) == join(pile)


def test_what_cannot_be_joined_is_refused_by_its_place() -> None:
    with pytest.raises(PileError, match="no document"):
        join([])
    with pytest.raises(PileError, match="document 2 of 2"):
        join([plain(), b"not a document"])
    broken = rewrite(
        letters(1)[0],
        {
            "word/_rels/document.xml.rels": lambda old: old.replace(b"/image", b"/other").replace(
                b"media/", b"gone/"
            )
        },
    )
    with pytest.raises(PileError, match=r"document 1 of 1.*missing"):
        join([broken])


@pytest.mark.skipif(
    shutil.which("soffice") is None or shutil.which("pdftotext") is None,
    reason="needs LibreOffice and pdftotext",
)
def test_libreoffice_shows_every_letter_on_pages_of_its_own(tmp_path: Path) -> None:
    long = "".join(paragraph_xml(f"line {n}") for n in range(30))
    pile = [*letters(2), *letters(1, header="Long", body=long), plain(), *letters(1)]
    (tmp_path / "pile.docx").write_bytes(join(pile))
    home = f"-env:UserInstallation=file://{tmp_path}/home"
    subprocess.run(
        ["soffice", home, "--headless", "--convert-to", "pdf", "--outdir", str(tmp_path), str(tmp_path / "pile.docx")],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    text = subprocess.run(
        ["pdftotext", "-layout", str(tmp_path / "pile.pdf"), "-"],
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    ).stdout
    pages = [page for page in text.split("\f") if page.strip()]
    counts = [re.search(r"Page \d of \d", page) for page in pages]
    assert [found[0] if found else "" for found in counts] == [
        "Page 1 of 1", "Page 1 of 1", "Page 1 of 2", "Page 2 of 2", "", "Page 1 of 1",
    ]  # fmt: skip
