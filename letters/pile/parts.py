"""Copy parts from many Word packages into one, keeping equal parts once."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from xml.sax.saxutils import quoteattr

from lxml import etree

from letters.docx.package import (
    CONTENT_TYPES,
    RELATIONSHIPS_XMLNS,
    TYPES_XMLNS,
    Package,
    Relationship,
    attributes,
    parse_xml,
    relationships_name,
    to_xml,
)

R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_BASIC_TYPES = (
    f'<Types xmlns="{TYPES_XMLNS}"><Default Extension="rels" ContentType='
    '"application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/></Types>'
)
Rewrite = Callable[[etree._Element], None]


class Relationships:
    """The relationships of one part under construction; the same target gets the same id."""

    def __init__(self) -> None:
        self._ids: dict[tuple[str, str, bool], str] = {}

    def add(self, kind: str, target: str, *, external: bool = False) -> str:
        """Given a relationship type and a target (a part name, or an address), return its id."""
        return self._ids.setdefault((kind, target, external), f"rId{len(self._ids) + 1}")

    def xml(self) -> bytes:
        """Return the relationships part."""
        return relationships_xml(
            [
                Relationship(number, kind, target, external)
                for (kind, target, external), number in self._ids.items()
            ]
        )

    def __bool__(self) -> bool:
        return bool(self._ids)


def relationships_xml(lines: list[Relationship]) -> bytes:
    """Return a relationships part with these lines; targets inside the package are written from its root."""
    written = []
    for line in lines:
        target = line.target if line.external else f"/{line.target}"
        mode = ' TargetMode="External"' if line.external else ""
        written.append(
            f"<Relationship Id={quoteattr(line.id)} Type={quoteattr(line.type)} Target={quoteattr(target)}{mode}/>"
        )
    body = f'<Relationships xmlns="{RELATIONSHIPS_XMLNS}">{"".join(written)}</Relationships>'
    return b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n' + body.encode("utf-8")


class PartStore:
    """The package under construction. Parts copied into it get new names, and equal ones are kept once."""

    def __init__(self) -> None:
        self.package = Package({CONTENT_TYPES: _BASIC_TYPES.encode()}, "the joined document")
        self._known: dict[bytes, str] = {}
        self._counts: dict[str, int] = {}

    def put(self, name: str, content_type: str, data: bytes, relationships: bytes | None = None) -> None:
        """Add one part under exactly this name."""
        self.package.parts[name] = data
        self.package.set_content_type(name, content_type)
        if relationships is not None:
            self.package.parts[relationships_name(name)] = relationships

    def copy(self, source: Package, part: str, rewrite: Rewrite | None = None) -> str:
        """Copy a part with all it refers to, changed by ``rewrite``; return its name in the new package."""
        data = source.parts[part]
        if rewrite is not None:
            root = parse_xml(data)
            rewrite(root)
            data = to_xml(root)
        lines = [
            Relationship(
                line.id,
                line.type,
                line.target if line.external else self.copy(source, line.target),
                line.external,
            )
            for line in source.relationships(part)
            if line.external or line.target in source.parts
        ]
        listing = relationships_xml(lines) if lines else None
        content_type = source.content_type(part)
        key = hashlib.sha256(b"\0".join((content_type.encode(), listing or b"", data))).digest()
        if key not in self._known:
            self._known[key] = name = self._new_name(part)
            self.put(name, content_type, data, listing)
        return self._known[key]

    def _new_name(self, part: str) -> str:
        folder, _, file = part.rpartition("/")
        stem, _, extension = file.rpartition(".")
        kind = f"{folder}/{stem.rstrip('0123456789')}"
        self._counts[kind] = self._counts.get(kind, 0) + 1
        return f"{kind}{self._counts[kind]}.{extension}"


def carry_over(
    root: etree._Element,
    source: Package,
    part: str,
    store: PartStore,
    relationships: Relationships,
    rewrite: Rewrite,
) -> None:
    """Copy what ``root``, of the part ``part``, refers to, and let it refer to the copies.

    ``rewrite`` is applied to headers and footers, which name styles and lists as the text does.
    """
    lines = {line.id: line for line in source.relationships(part)}
    new: dict[str, str] = {}
    for element, name, old in attributes(root, "//@n:*", R):
        line = lines.get(old)
        if line is None or not (line.external or line.target in source.parts):
            raise ValueError(f"{part} refers to something that is missing ({old})")
        if old not in new:
            target = line.target
            if not line.external:
                target = store.copy(source, target, rewrite if line.kind in ("header", "footer") else None)
            new[old] = relationships.add(line.type, target, external=line.external)
        element.set(name, new[old])
