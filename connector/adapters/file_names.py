"""File and folder names that Windows and Linux both take."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from pathlib import PurePosixPath

LONGEST = 120
"""Characters of a file name; leaves room for the folders before it within the 260 of Windows."""
_FORBIDDEN = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]+')
_RESERVED = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])", re.IGNORECASE)
_PLAIN = re.compile(r"[0-9A-Z_-]{1,60}", re.ASCII)


def safe_file_name(name: str) -> str:
    """Given a wished name, return one that every system takes; a good name comes back unchanged.

    Forbidden characters become dashes, a reserved device name gets an underscore before it, and a name that is
    too long is cut before its ending, with a short hash so that two long names stay two.
    """
    clean = _FORBIDDEN.sub("-", unicodedata.normalize("NFC", name)).strip().rstrip(". ")
    stem, ending = _parts(clean)
    if _RESERVED.fullmatch(stem.split(".")[0].strip()):
        stem = f"_{stem}"
    if not stem:
        stem = "_"
    if len(stem) + len(ending) > LONGEST or len((stem + ending).encode()) > 2 * LONGEST:
        mark = "-" + hashlib.sha256(stem.encode()).hexdigest()[:8]
        stem = _cut(stem, LONGEST - len(ending) - len(mark)).rstrip(". ") + mark
    return stem + ending


def with_suffix(name: str, suffix: str) -> str:
    """Put a suffix before the ending of a safe file name."""
    stem, ending = _parts(name)
    return _cut(stem, LONGEST - len(ending) - len(suffix)).rstrip(". ") + suffix + ending


def safe_folder_name(identifier: str) -> str:
    """Given an identifier, return a folder name that no other identifier gets, on any system.

    Digits, capitals, dash and underscore stay. Anything else (small letters too, since Windows takes "a7" and "A7"
    for one) is replaced where it must be, and a short hash is added.
    """
    if _PLAIN.fullmatch(identifier) and not _RESERVED.fullmatch(identifier):
        return identifier
    clean = re.sub(r"[^0-9A-Za-z_-]+", "-", identifier).strip("-")[:40]
    return f"{clean or 'pupil'}-{hashlib.sha256(identifier.encode()).hexdigest()[:8]}"


def _parts(name: str) -> tuple[str, str]:
    ending = PurePosixPath(name).suffix
    return (name[: -len(ending)], ending) if 1 < len(ending) <= 6 else (name, "")


def _cut(text: str, characters: int) -> str:
    """Cut to so many characters and at most twice as many bytes."""
    cut = text[: max(characters, 1)]
    while len(cut.encode()) > 2 * characters and cut:
        cut = cut[:-1]
    return cut
