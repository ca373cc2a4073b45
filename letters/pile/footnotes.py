"""Bring the footnotes, or the endnotes, of many Word documents into one part."""

from __future__ import annotations

import copy

from docx.oxml.ns import qn
from lxml import etree

from letters.docx.package import Package, to_xml
from letters.pile.parts import PartStore, Relationships, Rewrite, carry_over

W_ID, W_TYPE = qn("w:id"), qn("w:type")


class Notes:
    """The notes of one kind, ``footnote`` or ``endnote``, under construction."""

    def __init__(self, kind: str, store: PartStore) -> None:
        self.kind = kind
        self._store = store
        self._root: etree._Element | None = None
        self._relationships = Relationships()
        self._next = 1
        self._type = ""

    def bring(self, body: etree._Element, source: Package, part: str | None, rewrite: Rewrite) -> None:
        """Add the notes that ``body`` refers to, and let it refer to the copies. Raise ValueError for a missing one."""
        references = list(body.iter(qn(f"w:{self.kind}Reference")))
        if not references:
            return
        if part is None:
            raise ValueError(f"its {self.kind}s are missing")
        root = source.xml(part)
        rewrite(root)
        carry_over(root, source, part, self._store, self._relationships, rewrite)
        notes = {note.get(W_ID): note for note in root}
        if self._root is None:
            self._root, self._type = root, source.content_type(part)
            for note in list(root):
                if note.get(W_TYPE) is None:
                    root.remove(note)
        for reference in references:
            if reference.get(W_ID) not in notes:
                raise ValueError(f"a {self.kind} is missing")
            made = copy.deepcopy(notes[reference.get(W_ID)])
            made.set(W_ID, str(self._next))
            reference.set(W_ID, str(self._next))
            self._next += 1
            self._root.append(made)

    def put(self) -> str | None:
        """Put the part into the package and return its name, or None when there are no notes."""
        if self._root is None:
            return None
        name = f"word/{self.kind}s.xml"
        self._store.put(
            name, self._type, to_xml(self._root), self._relationships.xml() if self._relationships else None
        )
        return name
