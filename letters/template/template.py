"""A Word template with merge fields, compiled once and filled many times.

``Template.compile`` reads the file, refuses what must not be in a letter, and cuts each part that has fields into
literal text and slots. ``Template.fill`` joins them with the escaped values and writes the file; parts without fields
are compressed once, at compile time. The same template and values give the same bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from letters.docx.package import (
    CONTENT_TYPES,
    CORE_PART,
    CORE_PROPERTIES,
    CORE_RELATIONSHIP,
    IMAGE_RELATIONSHIP,
    Package,
    core_properties,
    parse_xml,
    relationships_name,
    to_xml,
)
from letters.docx.picture import Picture
from letters.docx.zip_writer import Entry, ZipStart, zip_entry
from letters.errors import TemplateError
from letters.template.blocks import BlockMarker
from letters.template.cut import cut, walk
from letters.template.identities import bookmarks_in_blocks, number_ids
from letters.template.merge_fields import FieldFinder, MergeField
from letters.template.position import Faults, Story
from letters.template.prepare import (
    check_unread_fields,
    count_pages,
    drop_bookmarks,
    read_story,
    style_languages,
    tidy_settings,
)
from letters.template.refusals import check_controls, check_other_parts, check_tracked, check_typed
from letters.template.segments import Filling, Segment, Value, render_all
from letters.template.word_fields import Bookmarks, WordField, check_references

__all__ = ["FieldUse", "Filled", "Picture", "Template", "Value"]

_STATIC_LEVEL, _LEVEL = 6, 1  # parts of the template are compressed once, a letter's own parts each time
_NO_RELATIONSHIPS = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"></Relationships>'
)
_DC_TITLE = "{http://purl.org/dc/elements/1.1/}title"
_KINDS = {"text": "text", "date": "date", "picture": "picture", "start": "block"}
# Word shows two tables as one when no paragraph stands between them.
_TOUCHING, _APART = "</w:tbl><w:tbl>", "</w:tbl><w:p/><w:tbl>"


@dataclass(frozen=True)
class FieldUse:
    """One use of a field in a template.

    ``blocks`` names the blocks around it from the outside in; ``paragraph`` is counted from 1 within ``part``;
    ``kind`` is ``text``, ``date`` (a text field with a date picture), ``picture`` or ``block``.
    """

    name: str
    blocks: tuple[str, ...]
    part: str
    paragraph: int
    excerpt: str
    kind: str


@dataclass(frozen=True)
class Filled:
    """A finished DOCX, and the field and code point of each control character that was removed from a value."""

    data: bytes
    removed: tuple[str, ...]


@dataclass(frozen=True)
class _Part:
    name: str
    segments: list[Segment]
    relationships: str  # of the template; empty when the part has none
    has_pictures: bool
    keep_tables_apart: bool


class Template:
    """A compiled template. Make one with ``Template.compile``; it may be filled from several threads."""

    def __init__(
        self,
        name: str,
        parts: list[_Part],
        start: ZipStart,
        static: frozenset[str],
        title: str,
        next_id: int,
    ) -> None:
        self.name = name
        self._parts = parts
        self._start = start
        self._static = static
        self._title = title
        self._next_id = next_id
        self._prefix = "rIdLetter"
        while any(f'"{self._prefix}' in part.relationships for part in parts):
            self._prefix += "_"
        uses = [
            FieldUse(
                found.name,
                path,
                part.name,
                found.position.paragraph,
                found.position.excerpt,
                _KINDS[found.kind],
            )
            for part in parts
            for path, found in walk(part.segments)
            if not found.position.fallback
        ]
        self.fields: tuple[FieldUse, ...] = tuple(dict.fromkeys(uses))

    @classmethod
    def compile(cls, source: bytes, *, name: str) -> Template:
        """Given the bytes of a .docx (or .dotx) template, return it ready for filling.

        ``name`` is how messages call it, usually the file name. Raise TemplateError, naming part and paragraph, for
        a file that is not a sound Word document; for macros, embedded objects and references to anything outside
        (web and mail links apart); for tracked changes; for placeholders typed as text; for content controls with
        a prompt; for fields that run, fetch, ask or are renewed by Word; for a field or a block that is broken. Its
        ``also`` holds the other faults of the same template.
        """
        package = Package.read(source, name)
        main = package.main_part()
        package.refuse_foreign_content()
        faults = Faults()
        check_other_parts(package, faults)
        package.drop_leftovers()
        package.add_required_parts(main)
        tidy_settings(package, main)
        stories = [read_story(package, part) for part in package.story_parts()]
        fields: list[MergeField] = []
        found_in = _take_fields(stories, fields, style_languages(package, main), faults)
        next_id = number_ids(stories)
        parts = [_cut_part(package, story, fields, found_in[story.part]) for story in stories]
        title = _take_core_properties(package)
        if any(part.has_pictures for part in parts):
            package.declare_extension("png", "image/png")
            package.declare_extension("jpeg", "image/jpeg")
        package.finish_types()
        changing = [part for part in parts if any(not isinstance(piece, str) for piece in part.segments)]
        made_each_time = {CORE_PART} | {part.name for part in changing}
        made_each_time |= {relationships_name(part.name) for part in changing if part.has_pictures}
        order = sorted(package.parts, key=lambda part: (part != CONTENT_TYPES, part != "_rels/.rels"))
        static = [part for part in order if part not in made_each_time]
        start = ZipStart([zip_entry(part, package.parts[part], _STATIC_LEVEL) for part in static])
        return cls(name, changing, start, frozenset(static), title, next_id)

    def fill(
        self,
        values: Mapping[str, Value],
        *,
        language: str = "en",
        title: str | None = None,
        on: date | None = None,
    ) -> Filled:
        """Given a value for each field, return the finished document.

        Names are matched in upper or lower case; values that the template does not use are ignored. ``language`` is the
        tag for month and day names (text marked as Welsh in the template is always Welsh) and for the document's
        properties; ``title`` takes the place of the template's own; ``on`` is the day the properties give as the
        making of the document, left out when None.

        A text field takes str, int, Decimal, date or datetime: line ends become line breaks, tabs become tabs, the
        empty string leaves nothing. An ``Image:`` field takes a Picture, or None for no picture. A block takes a
        sequence of records (mappings, whose fields win over the outer ones), or True or False to keep or drop it.

        Raise MissingValue for a field that has no value or None, BadValue for a value of the wrong type.
        """
        scope = {name.lower(): value for name, value in values.items()}
        pictures: dict[str, Picture] = {}
        removed: list[str] = []
        entries: list[Entry] = []
        next_id = self._next_id
        for part in self._parts:
            filling = Filling(language, self._prefix, next_id)
            out: list[str] = []
            render_all(part.segments, filling, scope, out)
            xml = "".join(out)
            if part.keep_tables_apart and _TOUCHING in xml:
                xml = xml.replace(_TOUCHING, _APART)
            entries.append(zip_entry(part.name, xml.encode("utf-8"), _LEVEL))
            removed += filling.removed
            next_id = filling.next_drawing_id
            if part.has_pictures and (filling.pictures or part.relationships):
                entries.append(self._relationships(part, filling.pictures))
                pictures.update((picture.part_name, picture) for picture in filling.pictures)
        entries += [
            zip_entry(name, picture.data, 0) for name, picture in pictures.items() if name not in self._static
        ]
        entries.append(self._core(title, language, on))
        return Filled(self._start.finish(entries), tuple(removed))

    def _relationships(self, part: _Part, pictures: list[Picture]) -> Entry:
        lines = [
            f'<Relationship Id="{self._prefix}{number}" Type="{IMAGE_RELATIONSHIP}" Target="/{picture.part_name}"/>'
            for number, picture in enumerate(pictures, start=1)
        ]
        whole, closing = (part.relationships or _NO_RELATIONSHIPS).rsplit("</", 1)
        xml = f"{whole}{''.join(lines)}</{closing}"
        return zip_entry(relationships_name(part.name), xml.encode("utf-8"), _LEVEL)

    def _core(self, title: str | None, language: str, on: date | None) -> Entry:
        return zip_entry(
            CORE_PART, core_properties(self._title if title is None else title, language, on), _LEVEL
        )


def _take_fields(
    stories: list[Story], fields: list[MergeField], languages: dict[str, str], faults: Faults
) -> dict[str, list[MergeField]]:
    """Put slots into all parts and mark their blocks; return the fields of each. Raise TemplateError for any fault."""
    bookmarks = Bookmarks.of(story.root for story in stories)
    drop_bookmarks(stories)
    count_pages(stories)
    found_in: dict[str, list[MergeField]] = {}
    others: list[WordField] = []
    for story in stories:
        check_tracked(story, faults)
        reported = check_controls(story, faults)
        first = len(fields)
        finder = FieldFinder(fields, languages, faults)
        for paragraph, position in story.paragraphs:
            finder.replace(paragraph, position)
        finder.finish()
        reported |= finder.faulty
        check_unread_fields(story, faults, reported)
        check_typed(story, faults, reported)
        found_in[story.part] = fields[first:]
        others += finder.others
    check_references(others, bookmarks, frozenset(), faults)
    faults.raise_first()
    for story in stories:
        BlockMarker(story.root, fields).mark()
    check_references(others, bookmarks, bookmarks_in_blocks(stories), faults)
    faults.raise_first()
    return found_in


def _cut_part(package: Package, story: Story, fields: list[MergeField], own: list[MergeField]) -> _Part:
    """Cut one part into segments, and put its tidied form back into the package."""
    xml = to_xml(story.root).decode("utf-8")
    package.parts[story.part] = xml.encode("utf-8")
    listing = package.parts.get(relationships_name(story.part), b"")
    return _Part(
        name=story.part,
        segments=cut(xml, fields),
        relationships=_with_end_tag(listing),
        has_pictures=any(found.kind == "picture" for found in own),
        keep_tables_apart=_TOUCHING not in xml,
    )


def _with_end_tag(listing: bytes) -> str:
    """Return a relationships part as text that ends in a closing tag, so that lines can be added before it."""
    if not listing:
        return ""
    root = parse_xml(listing)
    root.text = root.text or ""
    return to_xml(root).decode("utf-8")


def _take_core_properties(package: Package) -> str:
    """Take the properties part out of the package, with its author and dates; return the title it had."""
    title = ""
    for relationship in package.relationships(""):
        if relationship.type == CORE_RELATIONSHIP:
            title = package.xml(relationship.target).findtext(_DC_TITLE) or ""
            del package.parts[relationship.target]
            if relationship.target != CORE_PART:
                raise TemplateError(
                    "its properties are not where Word keeps them; open it in Word and save it again",
                    template=package.name,
                )
            break
    else:
        package.add_relationship("", "rIdCoreProperties", CORE_RELATIONSHIP, CORE_PART)
    package.set_content_type(CORE_PART, CORE_PROPERTIES)
    return title
