"""Write a zip from entries that were compressed beforehand.

``zipfile`` cannot take an entry that is compressed already, and a letter shares nearly all its parts with its
template, so those are compressed once per template. The layout is PKWARE's APPNOTE 4.3: local headers with data,
then the central directory. Every date is 1 January 1980, so that equal input gives equal bytes.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from struct import Struct

_LOCAL = Struct("<4s5H3L2H")
_CENTRAL = Struct("<4s6H3L5H2L")
_END = Struct("<4s4H2LH")
_VERSION = 20
_DATE, _TIME = (1 << 5) | 1, 0
_UTF8_NAMES = 0x800
_DEFLATED, _STORED = 8, 0


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of a zip, ready to be written: its local header with data, and what the directory says of it."""

    name: bytes
    local: bytes
    flags: int
    method: int
    crc: int
    packed_size: int
    size: int

    def directory_line(self, offset: int) -> bytes:
        """Return the entry's line of the central directory when its local header stands at ``offset``."""
        return (
            _CENTRAL.pack(
                b"PK\x01\x02", _VERSION, _VERSION, self.flags, self.method, _TIME, _DATE,
                self.crc, self.packed_size, self.size, len(self.name), 0, 0, 0, 0, 0, offset,
            )
            + self.name
        )  # fmt: skip


def zip_entry(name: str, data: bytes, level: int) -> Entry:
    """Compress ``data`` at ``level`` (0 stores it) as the file ``name``."""
    encoded = name.encode("utf-8")
    flags = 0 if name.isascii() else _UTF8_NAMES
    packed, method = data, _STORED
    if level:
        squeeze = zlib.compressobj(level, zlib.DEFLATED, -zlib.MAX_WBITS)
        packed, method = squeeze.compress(data) + squeeze.flush(), _DEFLATED
    crc = zlib.crc32(data)
    header = _LOCAL.pack(
        b"PK\x03\x04", _VERSION, flags, method, _TIME, _DATE, crc, len(packed), len(data), len(encoded), 0
    )
    return Entry(encoded, header + encoded + packed, flags, method, crc, len(packed), len(data))


class ZipStart:
    """The entries that every zip of a series begins with, joined once."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        chunks: list[bytes] = []
        lines: list[bytes] = []
        offset = 0
        for entry in entries:
            lines.append(entry.directory_line(offset))
            chunks.append(entry.local)
            offset += len(entry.local)
        self._data = b"".join(chunks)
        self._directory = b"".join(lines)
        self._count = len(lines)

    def finish(self, entries: Iterable[Entry]) -> bytes:
        """Return the whole zip: the common entries, then ``entries``."""
        chunks, lines = [self._data], [self._directory]
        offset, count = len(self._data), self._count
        for entry in entries:
            lines.append(entry.directory_line(offset))
            chunks.append(entry.local)
            offset += len(entry.local)
            count += 1
        directory = b"".join(lines)
        end = _END.pack(b"PK\x05\x06", 0, 0, count, count, len(directory), offset, 0)
        return b"".join((*chunks, directory, end))
