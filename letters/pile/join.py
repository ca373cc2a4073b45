"""Join many Word documents into one, each on a page of its own: the print pile of a run.

Each document keeps its page size, headers, footers, pictures, styles, notes and page numbers; lists and pages count
from one again. What is the same in several documents is kept once. "Page 1 of 2" still counts the pages of one
letter: the field for all pages becomes one for the pages of the section.
"""

from __future__ import annotations

from collections.abc import Sequence

from docx.oxml.ns import nsdecls, qn
from lxml import etree

from letters.docx.package import (
    CONTENT_TYPES,
    CORE_PART,
    CORE_PROPERTIES,
    CORE_RELATIONSHIP,
    MAIN_DOCUMENT,
    Package,
    Relationship,
    core_properties,
    parse_xml,
    relationships_name,
    to_xml,
)
from letters.docx.theme import THEME_TYPE, theme_xml
from letters.docx.zip_writer import ZipStart, zip_entry
from letters.errors import PileError, TemplateError
from letters.pile.body import W_BOOKMARK, W_BOOKMARK_END, W_ID, W_P, W_PPR, StoryRewriter
from letters.pile.footnotes import Notes
from letters.pile.numbering import W_VAL, Lists
from letters.pile.page_numbers import footer_with_page_number
from letters.pile.parts import PartStore, R, Relationships, carry_over, relationships_xml
from letters.pile.shapes import ABOVE_HEADERS, number_shapes
from letters.pile.styles import Styles

MAIN, THEME = "word/document.xml", "word/theme/theme1.xml"
W_SECTPR, W_TYPE, W_PAGE_NUMBERS, W_EVEN = (
    qn("w:sectPr"),
    qn("w:type"),
    qn("w:pgNumType"),
    qn("w:evenAndOddHeaders"),
)
R_ID, W_START = f"{{{R}}}id", qn("w:start")
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
_WML = "application/vnd.openxmlformats-officedocument.wordprocessingml."
_IGNORABLE = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Ignorable"
# What the first document gives to the whole as well as its styles.
_GROUND = ("fontTable", "theme", "webSettings")
_EDGES = [(kind, page) for kind in ("header", "footer") for page in ("default", "first", "even")]
# Without a first page of its own a document does not show the footer for it.
_NUMBERED_EDGES = frozenset({("footer", "default"), ("footer", "first")})
# What comes before the page numbers in a section's properties (ECMA-376 Part 1, 17.6.17).
_BEFORE_PAGE_NUMBERS = [
    qn(f"w:{name}")
    for name in (
        "headerReference", "footerReference", "footnotePr", "endnotePr", "type", "pgSz", "pgMar", "paperSrc",
        "pgBorders", "lnNumType",
    )
]  # fmt: skip
_BEFORE_TYPE = _BEFORE_PAGE_NUMBERS[:4]
_LOW_LINE = (
    f'<w:p {nsdecls("w")}><w:pPr><w:spacing w:before="0" w:after="0" w:line="20" w:lineRule="exact"/>'
    '<w:rPr><w:sz w:val="2"/></w:rPr></w:pPr></w:p>'
)


def join(
    documents: Sequence[bytes],
    *,
    title: str = "",
    language: str = "en-GB",
    both_sides: bool = False,
    running: bool = False,
) -> bytes:
    """Given finished DOCX files, return one DOCX of all in the same order, each beginning on a new page.

    ``both_sides`` begins each on a right-hand page, for a printer that prints on both sides. ``running`` counts the
    pages through all documents in place of each one's own, and numbers those of a document that has none. ``title`` and
    ``language`` go into the document's properties. The same input gives the same bytes. Raise PileError, naming the
    document by its number in the pile, when there is none or one cannot be read.
    """
    if not documents:
        raise PileError("there is no document to join")
    sources = []
    for number, data in enumerate(documents, start=1):
        try:
            package = Package.read(data, f"document {number}")
            sources.append((package, package.main_part()))
        except TemplateError as error:
            raise PileError(f"document {number} of {len(documents)} cannot be joined: {error}") from error
    pile = _Pile(sources, both_sides, running)
    for number in range(1, len(sources) + 1):
        try:
            pile.add(number)
        except (TemplateError, ValueError) as error:
            raise PileError(f"document {number} of {len(documents)} cannot be joined: {error}") from error
    return pile.finish(core_properties(title, language, None))


class _Pile:
    """The joined document under construction."""

    def __init__(self, sources: list[tuple[Package, str]], both_sides: bool, running: bool) -> None:
        self._sources = sources
        self._start = "oddPage" if both_sides else "nextPage"
        self._running = running
        self._store = PartStore()
        self._relationships = Relationships()
        self._styles, self._lists = Styles(), Lists()
        self._notes = [Notes(kind, self._store) for kind in ("footnote", "endnote")]
        self._body = parse_xml(f"<w:body {nsdecls('w')}/>".encode())
        self._namespaces: dict[str | None, str] = {}
        self._ignorable: list[str] = []
        self._even_pages = any(_has_even_pages(package, main) for package, main in sources)
        self._edges: set[tuple[str, str]] = set()  # headers and footers that a section would take over
        self._bookmark, self._shape = 0, ABOVE_HEADERS

    def add(self, number: int) -> None:
        """Add one document."""
        source, main = self._sources[number - 1]
        parts = {line.kind: line.target for line in source.relationships(main) if not line.external}
        root = source.xml(main)
        self._note_namespaces(root)
        body = root.find(qn("w:body"))
        if body is None:
            raise ValueError("it has no text")
        sections = _sections(body)
        lists = self._lists.of(source, parts.get("numbering"))
        numbering = source.parts[parts["numbering"]] if "numbering" in parts else b""
        end_mark = f"_Pages{number}"
        rewrite = StoryRewriter(
            number=number,
            styles=self._styles.of(source, parts.get("styles"), numbering, lists),
            lists=lists,
            bookmarks=self._rename_bookmarks(body, number),
            end_mark="" if self._running else end_mark,
            one_section=len(sections) == 1,
        )
        rewrite(root)
        for notes in self._notes:
            notes.bring(body, source, parts.get(f"{notes.kind}s"), rewrite)
        carry_over(root, source, main, self._store, self._relationships, rewrite)
        if self._even_pages and not _has_even_pages(source, main):
            for section in sections:
                _use_default_on_even_pages(section)
        if self._running and number > 1:
            for section in sections:
                for pages in section.findall(W_PAGE_NUMBERS):
                    pages.attrib.pop(W_START, "")
        self._begin(sections[0], number)
        self._edges |= {edge for section in sections for edge in _own_edges(section)}
        self._shape = number_shapes(body, number, self._shape)
        self._close(body, sections[-1], end_mark, last=number == len(self._sources))
        self._body.extend(list(body))

    def _begin(self, section: etree._Element, number: int) -> None:
        """Make a document's first section begin a page, count from one, and take over no header of the one before."""
        if number > 1:
            for old in section.findall(W_TYPE):
                section.remove(old)
            _insert_after(section, W_TYPE, _BEFORE_TYPE).set(W_VAL, self._start)
        pages = section.find(W_PAGE_NUMBERS)
        if pages is None:
            pages = _insert_after(section, W_PAGE_NUMBERS, _BEFORE_PAGE_NUMBERS)
        if pages.get(W_START) is None and not (self._running and number > 1):
            pages.set(W_START, "1")
        numbered = _NUMBERED_EDGES if self._running else frozenset()
        for kind, page in sorted((self._edges | numbered) - _own_edges(section)):
            reference = etree.Element(qn(f"w:{kind}Reference"))
            reference.set(W_TYPE, page)
            reference.set(R_ID, self._relationships.add(_OFFICE + kind, self._blank(kind)))
            section.insert(0, reference)

    def _blank(self, kind: str) -> str:
        """Return the name of an empty header or footer, low enough to leave the page as it is.

        Where pages are counted through all documents the footer has the page's number.
        """
        if self._running and kind == "footer":
            name = "word/footer-pages.xml"
            self._store.put(name, f"{_WML}footer+xml", to_xml(footer_with_page_number()))
            return name
        name, tag = f"word/{kind}-blank.xml", "hdr" if kind == "header" else "ftr"
        empty = f"<w:{tag} {nsdecls('w')}>{_LOW_LINE}</w:{tag}>"
        self._store.put(name, f"{_WML}{kind}+xml", to_xml(parse_xml(empty.encode())))
        return name

    def _close(self, body: etree._Element, section: etree._Element, end_mark: str, *, last: bool) -> None:
        """Put the section's end into the last paragraph (the last document's stays at the end), and mark the page."""
        body.remove(section)
        paragraph = body[-1] if len(body) and body[-1].tag == W_P else None
        if paragraph is None or not (last or _can_end_section(paragraph)):
            paragraph = parse_xml(_LOW_LINE.encode())
            body.append(paragraph)
        self._bookmark += 1
        for tag in (W_BOOKMARK, W_BOOKMARK_END):
            mark = etree.SubElement(paragraph, tag)
            mark.set(W_ID, str(self._bookmark))
            if tag == W_BOOKMARK:
                mark.set(qn("w:name"), end_mark)
        if last:
            body.append(section)
            return
        properties = paragraph.find(W_PPR)
        if properties is None:
            properties = etree.Element(W_PPR)
            paragraph.insert(0, properties)
        for change in properties.findall(qn("w:pPrChange")):
            properties.remove(change)
        properties.append(section)

    def _rename_bookmarks(self, body: etree._Element, number: int) -> dict[str, str]:
        """Give bookmarks numbers and names of their own; return the new names."""
        numbers: dict[str | None, str] = {}
        names: dict[str, str] = {}
        for mark in body.iter(W_BOOKMARK, W_BOOKMARK_END):
            old = mark.get(W_ID)
            if mark.tag == W_BOOKMARK:
                self._bookmark += 1
                numbers[old] = str(self._bookmark)
                name = mark.get(qn("w:name"), "")
                names[name] = f"{name[:32]}_{number}"
                mark.set(qn("w:name"), names[name])
            mark.set(W_ID, numbers.get(old, "0"))
        return names

    def _note_namespaces(self, root: etree._Element) -> None:
        for prefix, name in root.nsmap.items():
            self._namespaces.setdefault(prefix, name)
        for prefix in root.get(_IGNORABLE, "").split():
            if prefix not in self._ignorable and self._namespaces.get(prefix) == root.nsmap.get(prefix):
                self._ignorable.append(prefix)

    def finish(self, properties: bytes) -> bytes:
        """Return the whole file."""
        store, add = self._store, self._relationships.add
        source, main = self._sources[0]
        for line in source.relationships(main):
            if line.kind in _GROUND and not line.external:
                add(line.type, store.copy(source, line.target))
        if all(line.kind != "theme" for line in source.relationships(main)):
            store.put(THEME, THEME_TYPE, theme_xml())
            add(_OFFICE + "theme", THEME)
        for kind, data in (
            ("styles", self._styles.xml()),
            ("numbering", self._lists.xml()),
            ("settings", self._settings()),
        ):
            if data is not None:
                store.put(f"word/{kind}.xml", f"{_WML}{kind}+xml", data)
                add(_OFFICE + kind, f"word/{kind}.xml")
        for notes in self._notes:
            part = notes.put()
            if part is not None:
                add(f"{_OFFICE}{notes.kind}s", part)
        root = etree.Element(qn("w:document"), nsmap=self._namespaces)  # type: ignore[arg-type]
        if self._ignorable:
            root.set(_IGNORABLE, " ".join(self._ignorable))
        root.append(self._body)
        store.put(MAIN, MAIN_DOCUMENT, to_xml(root), self._relationships.xml())
        store.put(CORE_PART, CORE_PROPERTIES, properties)
        package = store.package
        package.parts[relationships_name("")] = relationships_xml(
            [
                Relationship("rId1", _OFFICE + "officeDocument", MAIN, False),
                Relationship("rId2", CORE_RELATIONSHIP, CORE_PART, False),
            ]
        )
        package.finish_types()
        order = sorted(
            package.parts, key=lambda part: (part != CONTENT_TYPES, part != relationships_name(""))
        )
        return ZipStart([]).finish(zip_entry(part, package.parts[part], 6) for part in order)

    def _settings(self) -> bytes:
        """Return the first document's settings, with headers for even pages if any document has them."""
        source, main = self._sources[0]
        part = next((line.target for line in source.relationships(main) if line.kind == "settings"), None)
        root = source.xml(part) if part else parse_xml(f"<w:settings {nsdecls('w')}/>".encode())
        for name in ("footnotePr", "endnotePr", "attachedTemplate", "documentProtection"):
            for each in root.findall(qn(f"w:{name}")):
                root.remove(each)
        if self._even_pages and root.find(W_EVEN) is None:
            after = [qn(f"w:{name}") for name in _BEFORE_EVEN]
            root.insert(sum(child.tag in after for child in root), etree.Element(W_EVEN))
        return to_xml(root)


# What comes before the setting for even pages (ECMA-376 Part 1, 17.15.1.78).
_BEFORE_EVEN = (
    "writeProtection", "view", "zoom", "removePersonalInformation", "removeDateAndTime", "doNotDisplayPageBoundaries",
    "displayBackgroundShape", "printPostScriptOverText", "printFractionalCharacterWidth", "printFormsData",
    "embedTrueTypeFonts", "embedSystemFonts", "saveSubsetFonts", "saveFormsData", "mirrorMargins",
    "alignBordersAndEdges", "bordersDoNotSurroundHeader", "bordersDoNotSurroundFooter", "gutterAtTop",
    "hideSpellingErrors", "hideGrammaticalErrors", "activeWritingStyle", "proofState", "formsDesign",
    "attachedTemplate", "linkStyles", "stylePaneFormatFilter", "stylePaneSortMethod", "documentType", "mailMerge",
    "revisionView", "trackRevisions", "doNotTrackMoves", "doNotTrackFormatting", "documentProtection",
    "autoFormatOverride", "styleLockTheme", "styleLockQFSet", "defaultTabStop", "autoHyphenation",
    "consecutiveHyphenLimit", "hyphenationZone", "doNotHyphenateCaps", "showEnvelope", "summaryLength",
    "clickAndTypeStyle", "defaultTableStyle",
)  # fmt: skip


def _has_even_pages(source: Package, main: str) -> bool:
    part = next((line.target for line in source.relationships(main) if line.kind == "settings"), None)
    setting = source.xml(part).find(W_EVEN) if part is not None else None
    return setting is not None and setting.get(W_VAL, "1") not in ("0", "false", "off")


def _sections(body: etree._Element) -> list[etree._Element]:
    """Return the properties of each section in order; the last is at the end of the body, and is added if missing."""
    if not len(body) or body[-1].tag != W_SECTPR:
        etree.SubElement(body, W_SECTPR)
    return [
        *(each for paragraph in body.iter(W_P) for each in paragraph.iterfind(f"{W_PPR}/{W_SECTPR}")),
        body[-1],
    ]


def _can_end_section(paragraph: etree._Element) -> bool:
    """Whether it ends none yet and holds no picture, which LibreOffice misplaces in a paragraph that ends one."""
    return next(paragraph.iter(W_SECTPR, qn("w:drawing"), qn("w:pict")), None) is None


def _own_edges(section: etree._Element) -> set[tuple[str, str]]:
    return {
        (kind, page)
        for kind, page in _EDGES
        for reference in section.iterfind(qn(f"w:{kind}Reference"))
        if reference.get(W_TYPE, "default") == page
    }


def _use_default_on_even_pages(section: etree._Element) -> None:
    """Use the ordinary headers on even pages of a document that has none for them, among others that have."""
    for kind in ("header", "footer"):
        references = {
            each.get(W_TYPE, "default"): each for each in section.iterfind(qn(f"w:{kind}Reference"))
        }
        if "even" in references:
            section.remove(references["even"])
        if "default" in references:
            reference = etree.Element(qn(f"w:{kind}Reference"))
            reference.set(W_TYPE, "even")
            reference.set(R_ID, references["default"].get(R_ID, ""))
            section.insert(0, reference)


def _insert_after(section: etree._Element, tag: str, before: list[str]) -> etree._Element:
    """Add an element to a section's properties behind those that come before it."""
    element = etree.Element(tag)
    section.insert(sum(child.tag in before for child in section), element)
    return element
