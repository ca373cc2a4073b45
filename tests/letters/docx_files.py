"""Word templates made for tests, and a check that a document made from one is sound."""

from __future__ import annotations

import functools
import io
import posixpath
import re
import struct
import zipfile
import zlib
from collections.abc import Callable
from urllib.parse import unquote

from docx import Document
from docx.document import Document as DocumentType
from docx.oxml.ns import nsdecls, qn
from docx.oxml.parser import parse_xml
from docx.text.paragraph import Paragraph
from lxml import etree

_CT = "{http://schemas.openxmlformats.org/package/2006/content-types}"
_R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
W_T, W_P, W_TC = qn("w:t"), qn("w:p"), qn("w:tc")


def run_xml(content: str, properties: str = "") -> str:
    """Return a run with ``content`` in it, as XML with the w prefix."""
    return f"<w:r>{f'<w:rPr>{properties}</w:rPr>' if properties else ''}{content}</w:r>"


def text_xml(text: str, properties: str = "") -> str:
    """Return a run that shows ``text`` (already escaped)."""
    return run_xml(f'<w:t xml:space="preserve">{text}</w:t>', properties)


def field_xml(code: str, properties: str = "", pieces: int = 1) -> str:
    """Return a complex field as Word writes it, its code split over ``pieces`` runs."""
    step = max(1, -(-len(code) // pieces))
    codes = [code[at : at + step] for at in range(0, len(code), step)]
    word, *rest = code.split()[:2] or ["", ""]
    shown = f"«{rest[0]}»" if word.upper() == "MERGEFIELD" and rest else "1"
    return (
        run_xml('<w:fldChar w:fldCharType="begin"/>', properties)
        + "".join(
            run_xml(f'<w:instrText xml:space="preserve">{part}</w:instrText>', properties) for part in codes
        )
        + run_xml('<w:fldChar w:fldCharType="separate"/>', properties)
        + run_xml(f"<w:t>{shown}</w:t>", properties)
        + run_xml('<w:fldChar w:fldCharType="end"/>', properties)
    )


def merge_xml(name: str, properties: str = "", pieces: int = 1) -> str:
    """Return a MERGEFIELD; ``name`` may carry switches."""
    return field_xml(f" MERGEFIELD  {name} ", properties, pieces)


def simple_xml(name: str, properties: str = "") -> str:
    """Return a MERGEFIELD as w:fldSimple."""
    code = f" MERGEFIELD {name} ".replace('"', "&quot;")
    return f'<w:fldSimple w:instr="{code}">{text_xml("«x»", properties)}</w:fldSimple>'


def paragraph_xml(*content: str, properties: str = "") -> str:
    """Return a paragraph of runs and fields. ``«name»`` in plain text stands for a merge field."""
    parts = []
    for piece in content:
        if piece.startswith("<"):
            parts.append(piece)
        else:
            for text, name in re.findall(r"([^«]*)(?:«([^»]+)»)?", piece):
                parts.append(text_xml(text) if text else "")
                parts.append(merge_xml(name) if name else "")
    return f"<w:p>{f'<w:pPr>{properties}</w:pPr>' if properties else ''}{''.join(parts)}</w:p>"


def table_xml(*rows: list[str]) -> str:
    """Return a table; each cell is text with fields, or XML of paragraphs."""
    width = len(rows[0])
    grid = "".join('<w:gridCol w:w="2000"/>' for _ in range(width))
    lines = []
    for row in rows:
        cells = [cell if cell.startswith("<") else paragraph_xml(cell) for cell in row]
        lines.append(
            "".join(f'<w:tc><w:tcPr><w:tcW w:w="2000" w:type="dxa"/></w:tcPr>{cell}</w:tc>' for cell in cells)
        )
    body = "".join(f"<w:tr>{line}</w:tr>" for line in lines)
    return f'<w:tbl><w:tblPr><w:tblStyle w:val="TableGrid"/></w:tblPr><w:tblGrid>{grid}</w:tblGrid>{body}</w:tbl>'


def text_box_xml(content: str) -> str:
    """Return a run with a text box: DrawingML with its VML copy, as Word writes both. ``content`` is paragraphs."""
    story = f"<w:txbxContent>{content}</w:txbxContent>"
    return (
        '<w:r><mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006">'
        '<mc:Choice xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" Requires="wps">'
        '<w:drawing><wp:inline xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing">'
        '<wp:extent cx="1800000" cy="720000"/><wp:docPr id="7" name="Box"/>'
        '<a:graphic xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main">'
        '<a:graphicData uri="http://schemas.microsoft.com/office/word/2010/wordprocessingShape">'
        '<wps:wsp><wps:cNvSpPr txBox="1"/><wps:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="1800000" cy="720000"/></a:xfrm>'
        f'<a:prstGeom prst="rect"><a:avLst/></a:prstGeom></wps:spPr><wps:txbx>{story}</wps:txbx><wps:bodyPr/></wps:wsp>'
        "</a:graphicData></a:graphic></wp:inline></w:drawing></mc:Choice>"
        '<mc:Fallback><w:pict xmlns:v="urn:schemas-microsoft-com:vml"><v:rect style="width:142pt;height:57pt">'
        f"<v:textbox>{story}</v:textbox></v:rect></w:pict></mc:Fallback></mc:AlternateContent></w:r>"
    )


def elements(xml: str) -> list[etree._Element]:
    """XML fragments with the w prefix as elements."""
    return list(parse_xml(f"<w:body {nsdecls('w')}>{xml}</w:body>"))


@functools.cache
def _blank() -> bytes:
    """Return a document with an empty body, header and footer."""
    document = Document()
    for story in (document.sections[0].header, document.sections[0].footer):
        story.is_linked_to_previous = False
        story._element.remove(story._element[0])
        story._element.append(parse_xml(f"<w:p {nsdecls('w')}/>"))
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def template(
    body: str, *, header: str = "", footer: str = "", change: Callable[[DocumentType], None] | None = None
) -> bytes:
    """Return a DOCX with this body, header and footer (XML of paragraphs and tables), then changed by ``change``."""
    data = rewrite(
        _blank(),
        {
            "word/document.xml": lambda old: old.replace(b"<w:sectPr", body.encode() + b"<w:sectPr", 1),
            "word/header1.xml": lambda old: old.replace(b"<w:p/>", header.encode() or b"<w:p/>"),
            "word/footer1.xml": lambda old: old.replace(b"<w:p/>", footer.encode() or b"<w:p/>"),
        },
    )
    if change is None:
        return data
    document = Document(io.BytesIO(data))
    change(document)
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def rewrite(
    data: bytes, changes: dict[str, Callable[[bytes], bytes]], added: dict[str, bytes] | None = None
) -> bytes:
    """Return the same package with some parts changed and some added."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, changes.get(name, lambda part: part)(old.read(name)))
        for name, part in (added or {}).items():
            new.writestr(name, part)
    return stream.getvalue()


def part(data: bytes, name: str = "word/document.xml") -> str:
    """One part as text."""
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        return package.read(name).decode("utf-8")


def shown(root: etree._Element) -> str:
    """Return the text of a paragraph or a story, as a reader sees it; text boxes are read once."""
    letters = []
    for element in root.iter(qn("w:t"), qn("w:br"), qn("w:tab")):
        if any(
            str(above.tag).endswith("}Fallback") or above.tag == qn("w:tabs")
            for above in element.iterancestors()
        ):
            continue
        letters.append({qn("w:br"): "\n", qn("w:tab"): "\t"}.get(element.tag, element.text or ""))
    return "".join(letters)


def lines(data: bytes) -> list[str]:
    """Return the body's own paragraphs as text."""
    return [shown(paragraph._p) for paragraph in Document(io.BytesIO(data)).paragraphs]


def rows(data: bytes, table: int = 0) -> list[list[str]]:
    """Return the text of a table's cells, a paragraph a line."""
    found = Document(io.BytesIO(data)).tables[table]
    return [["\n".join(shown(p._p) for p in cell.paragraphs) for cell in row.cells] for row in found.rows]


def paragraph_of(data: bytes, text: str) -> Paragraph:
    """Return the body paragraph that shows ``text``."""
    return next(found for found in Document(io.BytesIO(data)).paragraphs if text in found.text)


def png(width: int = 4, height: int = 2) -> bytes:
    """Return a small red PNG."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">L", len(data)) + kind + data + struct.pack(">L", zlib.crc32(kind + data))

    pixels = b"".join(b"\0" + b"\xc0\x20\x20" * width for _ in range(height))
    header = struct.pack(">LLBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(pixels))
        + chunk(b"IEND", b"")
    )


def assert_sound(data: bytes) -> DocumentType:
    """Assert that a DOCX is whole: zip, types, relationships, well-formed parts, ids, cells; return it opened."""
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        assert package.testzip() is None
        names = package.namelist()
        parts = {name: package.read(name) for name in names}
    assert len(set(names)) == len(names)
    assert names[0] == "[Content_Types].xml"
    roots = {name: _root(parts[name]) for name in names if name.endswith((".xml", ".rels"))}
    _assert_types(roots["[Content_Types].xml"], names)
    for name, root in roots.items():
        if name.endswith(".rels"):
            _assert_relationships(name, root, names)
        elif name.startswith("word/"):
            _assert_story(name, root, roots)
    return Document(io.BytesIO(data))


@functools.lru_cache(maxsize=64)
def _root(data: bytes) -> etree._Element:
    """Return the parsed part; what all documents share is parsed once."""
    return etree.fromstring(data)


def _assert_types(types: etree._Element, names: list[str]) -> None:
    extensions = {each.get("Extension").lower() for each in types.iter(f"{_CT}Default")}
    overrides = {each.get("PartName").lstrip("/") for each in types.iter(f"{_CT}Override")}
    assert overrides <= set(names), "a type is declared for a part that is not there"
    for name in names:
        covered = name in overrides or name.rpartition(".")[2].lower() in extensions
        assert covered or name == "[Content_Types].xml", f"{name} has no type"


def _assert_relationships(name: str, root: etree._Element, names: list[str]) -> None:
    ids = [each.get("Id") for each in root]
    assert len(set(ids)) == len(ids), f"{name}: an id twice"
    folder = name.partition("_rels/")[0]
    for each in root:
        if each.get("TargetMode") == "External":
            assert each.get("Type").endswith("/hyperlink"), f"{name}: external {each.get('Target')}"
        else:
            target = posixpath.normpath(posixpath.join("/", folder, unquote(each.get("Target")))).lstrip("/")
            assert target in names, f"{name}: {target} is missing"


def _assert_story(name: str, root: etree._Element, roots: dict[str, etree._Element]) -> None:
    folder, _, file = name.rpartition("/")
    listing = roots.get(f"{folder}/_rels/{file}.rels")
    known = {each.get("Id") for each in listing} if listing is not None else set()
    used = set(root.xpath("//@r:*", namespaces={"r": _R}))
    assert used <= known, f"{name}: {used - known} not among the relationships"
    code = [each.text or "" for each in root.iter(qn("w:instrText"))]
    code += [each.get(qn("w:instr"), "") for each in root.iter(qn("w:fldSimple"))]
    assert not any("MERGEFIELD" in each for each in code), f"{name}: a MERGEFIELD is left"
    assert not list(root.iter(etree.PI)), f"{name}: a slot is left"
    kinds = [each.get(qn("w:fldCharType")) for each in root.iter(qn("w:fldChar"))]
    assert kinds.count("begin") == kinds.count("end"), f"{name}: a field does not end"
    for cell in root.iter(qn("w:tc"), qn("w:txbxContent"), qn("w:hdr"), qn("w:ftr")):
        assert cell[-1].tag == W_P, f"{name}: a cell or story does not end in a paragraph"
    for table in root.iter(qn("w:tbl")):
        assert table.find(f".//{qn('w:tr')}") is not None, f"{name}: a table without rows"
    boxes = [each.get("id") for each in root.iter(qn("wp:docPr"))]
    assert len(set(boxes)) == len(boxes), f"{name}: a drawing id twice"
    controls = [each.get(qn("w:val")) for each in root.iterfind(f".//{qn('w:sdtPr')}/{qn('w:id')}")]
    assert len(set(controls)) == len(controls), f"{name}: an id of a content control twice"
    for what in ("w:id", "w:name"):
        marks = [each.get(qn(what)) for each in root.iter(qn("w:bookmarkStart"))]
        assert len(set(marks)) == len(marks), f"{name}: {what} of a bookmark twice"
    for text in root.iter(W_T):
        words = text.text or ""
        assert words == words.strip() or text.get("{http://www.w3.org/XML/1998/namespace}space") == "preserve"
