"""A DOCX as a package of parts: read, checked for what a letter must not carry, and written quickly.

The rules are those of the Open Packaging Conventions (ECMA-376 Part 2): parts in a zip, their types in
``[Content_Types].xml``, and relationships in a ``_rels`` folder next to each part.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import unquote
from xml.sax.saxutils import escape

from lxml import etree

from letters.docx.theme import THEME_TYPE, theme_xml
from letters.errors import TemplateError

CONTENT_TYPES = "[Content_Types].xml"
MAX_UNPACKED = 64 * 2**20  # bytes; a letter template is well under 2 MiB

TYPES_XMLNS = "http://schemas.openxmlformats.org/package/2006/content-types"
RELATIONSHIPS_XMLNS = "http://schemas.openxmlformats.org/package/2006/relationships"
_NO_RELATIONSHIPS = f'<Relationships xmlns="{RELATIONSHIPS_XMLNS}"/>'.encode()
_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml."
MAIN_DOCUMENT = _TYPE + "document.main+xml"
MAIN_TEMPLATE = _TYPE + "template.main+xml"
STORY_TYPES = frozenset(
    _TYPE + kind
    for kind in ("document.main+xml", "header+xml", "footer+xml", "footnotes+xml", "endnotes+xml")
)
CORE_PROPERTIES = "application/vnd.openxmlformats-package.core-properties+xml"
CORE_PART = "docProps/core.xml"
CORE_RELATIONSHIP = "http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
IMAGE_RELATIONSHIP = _OFFICE + "image"
_WML = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_REQUIRED = {
    "styles": ("styles.xml", _TYPE + "styles+xml", f"<w:styles {_WML}/>".encode()),
    "settings": ("settings.xml", _TYPE + "settings+xml", f"<w:settings {_WML}/>".encode()),
    "fontTable": ("fontTable.xml", _TYPE + "fontTable+xml", f"<w:fonts {_WML}/>".encode()),
    "theme": ("theme/theme1.xml", THEME_TYPE, theme_xml()),
}

_CORE_XML = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    '<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
    "<dc:title>{title}</dc:title>{dates}<dc:language>{language}</dc:language></cp:coreProperties>"
)
_DATES = (
    '<dcterms:created xsi:type="dcterms:W3CDTF">{day}T00:00:00Z</dcterms:created>'
    '<dcterms:modified xsi:type="dcterms:W3CDTF">{day}T00:00:00Z</dcterms:modified>'
)
_UNTITLED = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]+")

# Relationship types, by their last word, that would bring foreign content or code into a letter.
_FORBIDDEN = {
    "attachedTemplate": "an attached template (in Word: Developer, Document Template, delete the path)",
    "vbaProject": "a macro project",
    "wordVbaData": "a macro project",
    "oleObject": "an embedded object",
    "package": "an embedded file",
    "control": "an ActiveX control",
    "activeXControlBinary": "an ActiveX control",
    "aFChunk": "a chunk of another file (altChunk)",
    "subDocument": "a sub-document",
    "frame": "a web frame",
}
# What the merge in Word leaves behind, notes between the people who write the template, the prompts of its content
# controls, and what Word keeps of the file: its headings, its company, a picture of its first page.
_DROPPED = frozenset(
    {"mailMergeSource", "mailMergeHeaderSource", "mailMergeRecipientData", "recipientData"}
    | {"comments", "commentsExtended", "commentsIds", "commentsExtensible", "people", "keyMapCustomizations"}
    | {
        "glossaryDocument",
        "customXml",
        "extended-properties",
        "custom-properties",
        "thumbnail",
        "stylesWithEffects",
    }
)
LINK_SCHEMES = ("http://", "https://", "mailto:", "tel:")


def parse_xml(data: bytes) -> etree._Element:
    """Parse one part, with no entity, no document type and nothing fetched. Raise ValueError when it is not XML."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True)
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise ValueError(
            f"it is damaged (line {error.lineno} is not XML); open it in Word and save it again"
        ) from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise ValueError(
            "it declares a document type, which Word never does; open it in Word and save it again"
        )
    return root


def to_xml(root: etree._Element) -> bytes:
    """Return one part as the bytes Word expects."""
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True, standalone=True)


def core_properties(title: str, language: str, on: date | None) -> bytes:
    """Return the part with a document's title, language tag and, when ``on`` is given, its day; it names no author."""
    dates = _DATES.format(day=f"{on:%Y-%m-%d}") if on is not None else ""
    shown, tag = escape(_UNTITLED.sub(" ", title)), escape(_UNTITLED.sub("", language))
    return _CORE_XML.format(title=shown, dates=dates, language=tag).encode("utf-8")


def attributes(root: etree._Element, names: str, namespace: str) -> Iterator[tuple[etree._Element, str, str]]:
    """Give each attribute of a tree that ``names`` (an XPath with the prefix n) finds: its element, name and value."""
    found: Any = root.xpath(names, namespaces={"n": namespace})
    for attribute in found:
        yield attribute.getparent(), attribute.attrname, str(attribute)


def detach(element: etree._Element) -> None:
    """Remove an element from its tree."""
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)


def relationships_name(part: str) -> str:
    """Return where the relationships of ``part`` are kept; the empty string stands for the package itself."""
    folder, _, name = part.rpartition("/")
    return f"{folder}/_rels/{name}.rels" if folder else f"_rels/{name}.rels"


@dataclass(frozen=True)
class Relationship:
    """One line of a relationships part. ``target`` is a part name, or an address when ``external``."""

    id: str
    type: str
    target: str
    external: bool

    @property
    def kind(self) -> str:
        """The last word of the type, such as ``header`` or ``hyperlink``."""
        return self.type.rpartition("/")[2]


class Package:
    """The parts of one DOCX by name, in the order of the zip."""

    def __init__(self, parts: dict[str, bytes], name: str) -> None:
        self.parts = parts
        self.name = name
        self.types = self._xml(CONTENT_TYPES)

    @classmethod
    def read(cls, source: bytes, name: str) -> Package:
        """Given the bytes of a DOCX, return its parts. Raise TemplateError when it is not a sound zip of parts."""
        try:
            with zipfile.ZipFile(io.BytesIO(source)) as archive:
                entries = [entry for entry in archive.infolist() if not entry.is_dir()]
                if sum(entry.file_size for entry in entries) > MAX_UNPACKED:
                    raise TemplateError(
                        "the file unpacks to more than 64 MiB; make its pictures smaller", template=name
                    )
                parts = {
                    entry.filename.replace("\\", "/").lstrip("/"): archive.read(entry) for entry in entries
                }
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as error:
            raise TemplateError(
                "it is not a Word document (.docx), or it is damaged or protected by a password; save it again in Word",
                template=name,
            ) from error
        if len(parts) != len(entries) or CONTENT_TYPES not in parts:
            raise TemplateError(
                "it is not a sound Word document (.docx): parts are missing or double; save it again in Word",
                template=name,
            )
        return cls(parts, name)

    def _xml(self, part: str) -> etree._Element:
        try:
            return parse_xml(self.parts[part])
        except ValueError as error:
            raise TemplateError(str(error), template=self.name, part=part) from error

    def xml(self, part: str) -> etree._Element:
        """Parse one part and return its root. Raise TemplateError naming the part when it is damaged."""
        return self._xml(part)

    def content_type(self, part: str) -> str:
        """Return the declared type of a part, or the empty string."""
        for override in self.types.iterfind(f"{{{TYPES_XMLNS}}}Override"):
            if override.get("PartName", "").lstrip("/").lower() == part.lower():
                return override.get("ContentType", "")
        extension = part.rpartition(".")[2].lower()
        for default in self.types.iterfind(f"{{{TYPES_XMLNS}}}Default"):
            if default.get("Extension", "").lower() == extension:
                return default.get("ContentType", "")
        return ""

    def set_content_type(self, part: str, content_type: str) -> None:
        """Declare the type of one part."""
        self._drop_override(part)
        etree.SubElement(
            self.types, f"{{{TYPES_XMLNS}}}Override", PartName=f"/{part}", ContentType=content_type
        )

    def declare_extension(self, extension: str, content_type: str) -> None:
        """Declare the type of all parts with this extension, unless it is declared already."""
        known = {
            default.get("Extension", "").lower()
            for default in self.types.iterfind(f"{{{TYPES_XMLNS}}}Default")
        }
        if extension not in known:
            default = etree.Element(
                f"{{{TYPES_XMLNS}}}Default", Extension=extension, ContentType=content_type
            )
            self.types.insert(0, default)

    def _drop_override(self, part: str) -> None:
        for override in self.types.findall(f"{{{TYPES_XMLNS}}}Override"):
            if override.get("PartName", "").lstrip("/").lower() == part.lower():
                self.types.remove(override)

    def relationships(self, part: str) -> list[Relationship]:
        """Return what ``part`` refers to; the empty string asks for the package's own list."""
        listing = relationships_name(part)
        if listing not in self.parts:
            return []
        folder = posixpath.dirname(part)
        lines = []
        for line in self._xml(listing).iterfind(f"{{{RELATIONSHIPS_XMLNS}}}Relationship"):
            target = line.get("Target", "")
            external = line.get("TargetMode") == "External"
            if not external:
                # Targets are addresses: relative to the part's folder, or absolute with a leading slash.
                target = posixpath.normpath(posixpath.join("/", folder, unquote(target))).lstrip("/")
            lines.append(Relationship(line.get("Id", ""), line.get("Type", ""), target, external))
        return lines

    def add_relationship(self, part: str, relationship_id: str, kind: str, target: str) -> None:
        """Add one internal relationship; ``target`` is written as given."""
        listing = relationships_name(part)
        root = self._xml(listing) if listing in self.parts else parse_xml(_NO_RELATIONSHIPS)
        etree.SubElement(
            root, f"{{{RELATIONSHIPS_XMLNS}}}Relationship", Id=relationship_id, Type=kind, Target=target
        )
        self.parts[listing] = to_xml(root)

    def add_required_parts(self, main: str) -> None:
        """Give the package the parts that Word wants in every document, where it has none: styles, settings, fonts, theme."""
        folder = main.rpartition("/")[0]
        present = {line.kind for line in self.relationships(main)}
        for kind, (file, content_type, data) in _REQUIRED.items():
            if kind not in present:
                name = f"{folder}/{file}".lstrip("/")
                self.parts[name] = data
                self.set_content_type(name, content_type)
                self.add_relationship(main, f"rIdLetters{kind.capitalize()}", _OFFICE + kind, f"/{name}")

    def main_part(self) -> str:
        """Return the name of the part with the letter's text. Raise TemplateError when it is not a plain Word document."""
        for relationship in self.relationships(""):
            if relationship.kind == "officeDocument" and relationship.target in self.parts:
                break
        else:
            raise TemplateError(
                "it is not a Word document (.docx); save it as one in Word", template=self.name
            )
        part = relationship.target
        content_type = self.content_type(part)
        if content_type == MAIN_TEMPLATE:
            self.set_content_type(part, MAIN_DOCUMENT)
        elif "macroEnabled" in content_type:
            raise TemplateError("it is a document with macros (.docm); save it as .docx", template=self.name)
        elif content_type != MAIN_DOCUMENT:
            raise TemplateError(
                "it is not a Word document (.docx); save it as one in Word", template=self.name
            )
        return part

    def refuse_foreign_content(self) -> None:
        """Raise TemplateError naming the first link or embedded thing that a letter must not carry."""
        for listing in list(self.parts):
            if not listing.endswith(".rels"):
                continue
            folder, _, name = listing.rpartition("_rels/")
            source = folder + name.removesuffix(".rels")
            for relationship in self.relationships(source):
                self._refuse(source, relationship)

    def _refuse(self, source: str, relationship: Relationship) -> None:
        kind, where = relationship.kind, source or "the package"
        if kind in _DROPPED:
            return
        charted = kind == "package" and "/charts/" in f"/{source}" and not relationship.external
        if kind in _FORBIDDEN and not charted:
            raise TemplateError(
                f"it holds {_FORBIDDEN[kind]}; remove it in Word", template=self.name, part=where
            )
        if relationship.external:
            ordinary = kind == "hyperlink" and relationship.target.lower().startswith(LINK_SCHEMES)
            if not ordinary:
                raise TemplateError(
                    f"it refers to something outside itself ({kind}: {relationship.target}); put a copy into the "
                    "template, or remove the link",
                    template=self.name,
                    part=where,
                )
        elif (
            relationship.target not in self.parts
            and not relationship.target.startswith("#")
            and kind != "hyperlink"
        ):
            raise TemplateError(
                f"its {kind} {relationship.target} is missing; open it in Word and save it again",
                template=self.name,
                part=where,
            )

    def drop_leftovers(self) -> None:
        """Remove links to a data source, comments, building blocks and the file's own details, with their parts."""
        for listing in [name for name in self.parts if name.endswith(".rels")]:
            root = self._xml(listing)
            folder, _, name = listing.rpartition("_rels/")
            by_id = {known.id: known for known in self.relationships(folder + name.removesuffix(".rels"))}
            dropped = [line for line in root if by_id[line.get("Id", "")].kind in _DROPPED]
            for line in dropped:
                root.remove(line)
            if dropped:
                self.parts[listing] = to_xml(root)
        self._drop_unreached()

    def _drop_unreached(self) -> None:
        """Remove the parts that nothing refers to."""
        reached, waiting = {CONTENT_TYPES, relationships_name("")}, [""]
        while waiting:
            for relationship in self.relationships(waiting.pop()):
                target = relationship.target
                if not relationship.external and target in self.parts and target not in reached:
                    reached |= {target, relationships_name(target)}
                    waiting.append(target)
        for part in set(self.parts) - reached:
            del self.parts[part]
            self._drop_override(part)

    def finish_types(self) -> None:
        """Put the content types back among the parts."""
        self.parts[CONTENT_TYPES] = to_xml(self.types)

    def story_parts(self) -> Iterable[str]:
        """Return the parts that hold text: the body, headers, footers, footnotes and endnotes."""
        return [part for part in self.parts if self.content_type(part) in STORY_TYPES]
