"""Cut a serialised Word part into the segments that it is filled by."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from letters.template.identities import TOKEN
from letters.template.merge_fields import MARK, MergeField
from letters.template.segments import Block, CopyId, Lines, PictureSlot, Segment, Story, Table, TextSlot

_PIECE = re.compile(rf"<\?{MARK} ([a-z]+) (\d+)\?>")
_NOTE = re.compile(r"<w:(?:footnote|endnote)Reference\b")


class _Cutter:
    """Reads the serialised part piece by piece: literal text and slots in turn."""

    def __init__(self, xml: str, fields: list[MergeField]) -> None:
        self._pieces = _PIECE.split(xml)
        self._fields = fields
        self._at = 0
        self._blocks: list[MergeField] = []  # those that the cutter is inside of

    def _literal(self) -> Iterator[Segment]:
        """Give the text before the next slot; inside a block ids stay open, new ones for each copy."""
        text, at = self._pieces[self._at], 0
        if self._blocks:
            if _NOTE.search(text):
                raise self._blocks[-1].position.error(
                    "a footnote cannot be inside a block; move it out, or write it as text",
                    self._blocks[-1].name,
                )
            for found in TOKEN.finditer(text):
                yield text[at : found.start()]
                yield CopyId(found[1])
                at = found.end()
        if text[at:]:
            yield text[at:]

    def _next_slot(self) -> tuple[str, int] | None:
        if self._at + 1 >= len(self._pieces):
            return None
        return self._pieces[self._at + 1], int(self._pieces[self._at + 2])

    def until(self, kind: str, *others: str) -> list[Segment]:
        """Return the segments up to the next slot of one of these kinds, which is skipped."""
        segments: list[Segment] = []
        while True:
            segments += self._literal()
            slot = self._next_slot()
            if slot is None or slot[0] in (kind, *others):
                if slot is not None:
                    self._at += 3
                elif kind:
                    raise ValueError(kind)
                return segments
            self._at += 3
            segments.append(self._segment(*slot))

    def _segment(self, kind: str, number: int) -> Segment:
        if kind == "field":
            return self._text_slot(self._fields[number])
        if kind == "picture":
            return PictureSlot(self._fields[number])
        if kind == "block":
            return self._block(number)
        if kind in ("paragraph", "stay"):
            return self._lines(kind)
        if kind == "story":
            return Story(self.until("fallback"), self.until("endstory"))
        if kind == "table":
            return Table(self.until("endtable"))
        raise ValueError(kind)

    def _text_slot(self, merge_field: MergeField) -> TextSlot:
        runs = [(self._text("value"), self._text("rtl")), (self._text("value"), self._text("end"))]
        return TextSlot(merge_field, merge_field.key, merge_field.plain, *runs)

    def _text(self, end: str) -> str:
        return "".join(piece for piece in self.until(end) if isinstance(piece, str))

    def _block(self, number: int) -> Block:
        merge_field = self._fields[number]
        self._blocks.append(merge_field)
        try:
            content = self.until("endblock")
        except ValueError as error:
            raise merge_field.position.error(
                "the block crosses another one; end the inner one first", merge_field.name
            ) from error
        if self._pieces[self._at - 1] != str(number):
            raise merge_field.position.error(
                "the block crosses another one; end the inner one first", merge_field.name
            )
        self._blocks.pop()
        return Block(merge_field, content)

    def _lines(self, kind: str) -> Lines:
        head = self.until("line")
        lines: list[tuple[int, list[Segment]]] = []
        breaks: list[list[Segment]] = []
        while True:
            line_kind = int(self._pieces[self._at - 1])
            lines.append((line_kind, self.until("break", "endlines")))
            if self._pieces[self._at - 2] == "endlines":
                break
            breaks.append(self.until("line"))
        return Lines(head, lines, breaks, self.until(f"end{kind}"), kind == "stay")


def cut(xml: str, fields: list[MergeField]) -> list[Segment]:
    """Given a serialised part with slots, return its segments. Raise TemplateError for blocks that cross."""
    return _Cutter(xml, fields).until("")


def walk(
    segments: Sequence[Segment], path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], MergeField]]:
    """Give each field of a part in order, blocks included, with the names of the blocks around it."""
    for segment in segments:
        if isinstance(segment, (TextSlot, PictureSlot, Block)):
            yield path, segment.field
        if isinstance(segment, Block):
            yield from walk(segment.content, (*path, segment.field.name))
        elif isinstance(segment, (Story, Table)):
            yield from walk(segment.content, path)
        elif isinstance(segment, Lines):
            for _, line in segment.lines:
                yield from walk(line, path)
