"""Texts that go to a MIS: cleaned of what no MIS keeps as it is, and compared without it when they are read back.

Titles and sentences are pasted from web pages and word processors, with line separators, soft hyphens and control
characters that nobody sees. A MIS drops them, turns them into something else or refuses them.
"""

from __future__ import annotations

import re
import unicodedata

_LINE_END = re.compile("\r\n|[\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1b\x1f\x7f-\x84\x86-\x9f\u00ad\u200b\u2060\ufeff\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)
_ACROSS_LINES = re.compile(r"\s*\n\s*")


def clean_text(text: str) -> str:
    """Return a text whose lines end in a line feed, without control characters and marks that nobody sees."""
    lines = _LINE_END.sub("\n", text).replace("\t", " ")
    return unicodedata.normalize("NFC", _UNSEEN.sub("", lines))


def clean_line(text: str) -> str:
    """Return a text cleaned like :func:`clean_text`, on one line without blanks at its ends."""
    return _ACROSS_LINES.sub(" ", clean_text(text)).strip()


def same_text(first: str, second: str) -> bool:
    """Return True when two texts differ only in what a MIS may change: blanks, line ends, characters that nobody sees."""
    return _seen(first) == _seen(second)


def _seen(text: str) -> str:
    """Return the characters of a text that can be seen."""
    composed = unicodedata.normalize("NFC", text)
    return "".join(
        c for c in composed if not c.isspace() and unicodedata.category(c) not in ("Cc", "Cf", "Cs")
    )
