"""Ids of drawings, shapes, content controls and bookmarks are each used once, however often a block is repeated."""

from __future__ import annotations

import io
import re
import zipfile

import pytest

from letters.template.template import Template
from tests.letters.docx_files import (
    assert_sound,
    paragraph_xml,
    part,
    run_xml,
    table_xml,
    template,
    text_box_xml,
)

CONTROL = (
    '<w:sdt><w:sdtPr><w:tag w:val="t"/><w:id w:val="7"/></w:sdtPr><w:sdtContent><w:r><w:t>x</w:t></w:r>'
    "</w:sdtContent></w:sdt>"
)
MARKED = '<w:bookmarkStart w:id="3" w:name="here"/><w:bookmarkEnd w:id="3"/>'
LINK = '<w:hyperlink w:anchor="here"><w:r><w:t>see</w:t></w:r></w:hyperlink>'
V = 'xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office"'
SHAPE_TYPE = '<v:shapetype id="_x0000_t202" coordsize="21600,21600" path="m,l,21600r21600,l21600,xe"/>'


def old_shape(with_type: bool) -> str:
    """Return a VML text box; Word writes the definition of its type only with the first."""
    return run_xml(
        f"<w:pict {V}>{SHAPE_TYPE if with_type else ''}"
        '<v:shape id="_x0000_s1026" o:spid="_x0000_s1026" type="#_x0000_t202" style="width:9pt;height:9pt">'
        f"<v:textbox><w:txbxContent>{paragraph_xml('«n»')}</w:txbxContent></v:textbox></v:shape></w:pict>"
    )


def ids(xml: str) -> list[str]:
    """Return every id of a kind that Word wants once in a document."""
    patterns = (
        r'<wp:docPr[^>]*? id="([^"]*)"',
        r'<w:id w:val="([^"]*)"',
        r'<v:\w+[^>]*? id="([^"]*)"',
        r'spid="([^"]*)"',
        r'<w:bookmarkStart[^>]*? w:id="([^"]*)"',
        r'<w:bookmarkStart[^>]*? w:name="([^"]*)"',
    )
    return [
        f"{number} {found}" for number, pattern in enumerate(patterns) for found in re.findall(pattern, xml)
    ]


INSIDE = paragraph_xml(CONTROL, MARKED, LINK, text_box_xml(paragraph_xml("«n»")), old_shape(True))
BLOCKS = {
    "paragraphs": paragraph_xml("«TableStart:r»") + INSIDE + paragraph_xml("«TableEnd:r»"),
    "rows": table_xml(["«TableStart:r»", INSIDE, "«TableEnd:r»"]) + paragraph_xml(),
    "nested": paragraph_xml("«TableStart:r»")
    + paragraph_xml("«TableStart:s»")
    + INSIDE
    + paragraph_xml("«TableEnd:s»")
    + paragraph_xml("«TableEnd:r»"),
}


@pytest.mark.parametrize("block", BLOCKS)
def test_a_repeated_block_doubles_no_id(block: str) -> None:
    outside = paragraph_xml(CONTROL, text_box_xml(paragraph_xml("«n»")))
    source = template(outside + BLOCKS[block], header=outside, footer=outside)
    data = Template.compile(source, name="t.docx").fill({"n": "Sam", "r": [{}, {}, {}], "s": [{}, {}]}).data
    assert_sound(data)
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        found = [
            each
            for name in package.namelist()
            if name.startswith("word/")
            for each in ids(package.read(name).decode())
        ]
    assert len(found) > 12
    assert sorted(found) == sorted(set(found))


def test_every_shape_has_the_type_that_it_names() -> None:
    body = BLOCKS["paragraphs"] + paragraph_xml(old_shape(False).replace("s1026", "s1027"))
    data = Template.compile(template(body), name="t.docx").fill({"n": "Sam", "r": [{}, {}]}).data
    xml = part(data)
    named = re.findall(r'<v:shape [^>]*?type="#([^"]*)"', xml)
    assert len(named) == 3
    assert sorted(named) == sorted(re.findall(r'<v:shapetype [^>]*?id="([^"]*)"', xml))


def test_the_same_values_give_the_same_ids() -> None:
    made = Template.compile(template(BLOCKS["rows"]), name="t.docx")
    assert made.fill({"n": "a", "r": [{}, {}]}).data == made.fill({"n": "a", "r": [{}, {}]}).data
