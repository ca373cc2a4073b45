"""Account for every file in a school's own folder of templates: used, or why not and what to do."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

SUFFIX = ".docx"
_TAGS = (
    "aa ab ae af ak am an ar as av ay az ba be bg bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv "
    "dz ee el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie "
    "ig ii ik io is it iu ja jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv "
    "mg mh mi mk ml mn mr ms mt my na nb nd ne ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm "
    "rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss st su sv sw ta te tg th ti tk tl tn to tr ts "
    "tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu "
)
LANGUAGE_TAGS = frozenset(_TAGS.split())
"""Two-letter tags of languages (ISO 639-1), in which contacts name theirs; a folder of templates is called by one."""

_CALLED = {
    "english": "en", "eng": "en", "welsh": "cy", "cymraeg": "cy", "wel": "cy", "cym": "cy", "polish": "pl", "urdu": "ur",
    "punjabi": "pa", "panjabi": "pa", "bengali": "bn", "arabic": "ar", "romanian": "ro", "somali": "so", "french": "fr",
    "gb": "en", "portuguese": "pt", "spanish": "es", "turkish": "tr", "ukrainian": "uk", "gujarati": "gu", "irish": "ga",
}  # fmt: skip
_TEXT_ENDINGS = (
    ".doc .dot .docm .dotm .dotx .rtf .odt .ott .fodt .sxw .pages .wpd .wps .gdoc .docx~ .dox .doxc .dcox"
)
_TEXT_SUFFIXES = frozenset(_TEXT_ENDINGS.split())
_DIGITS = {"one": "1", "two": "2", "three": "3", "four": "4", "first": "1", "second": "2", "third": "3"}
_SIMILAR = 0.6
_OF_THE_SYSTEM = ("thumbs.db", "desktop.ini")


@dataclass(frozen=True, slots=True)
class UnusedFile:
    """A file that no letter is made from. ``serious`` says that somebody may take it for a template."""

    path: str
    """Relative to the folder, with slashes."""
    reason: str
    fix: str
    serious: bool = True


def is_used(parts: tuple[str, ...]) -> bool:
    """Return whether a file, given by its path's parts in the folder, is read as a template: ``en/letter-1.docx``."""
    return len(parts) == 2 and parts[0] in LANGUAGE_TAGS and parts[1].endswith(SUFFIX) and not _hidden(parts)


def unused_files(folder: Path, letters: Collection[str]) -> Iterator[UnusedFile]:
    """Given the folder and the names of all letters, give each file that no letter is made from, by its path.

    What Word, an editor or the system keeps for itself (lock files, hidden files) is passed over.
    """
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        if not (path.is_dir() or _hidden(parts)):
            found = _unused(parts, letters)
            if found is not None:
                yield found


def _hidden(parts: tuple[str, ...]) -> bool:
    return parts[-1].lower() in _OF_THE_SYSTEM or any(part.startswith((".", "~$")) for part in parts)


def _unused(parts: tuple[str, ...], letters: Collection[str]) -> UnusedFile | None:
    path, file = "/".join(parts), parts[-1]
    stem, dot, ending = file.rpartition(".")
    suffix = f"{dot}{ending}" if stem else ""
    name = stem or file
    near = _nearest(name, letters)
    wanted = near or "NAME"
    language = _language(parts[-2]) if len(parts) > 1 else "en"
    place = f"{language or 'en'}/{wanted}{SUFFIX}"
    if suffix.strip().lower() != SUFFIX:
        if suffix.lower() in _TEXT_SUFFIXES or (not suffix and near):
            fix = f"open it in Word and save it as Word Document ({SUFFIX}) under {place}"
            return UnusedFile(
                path, f"it is not a Word document ({SUFFIX}), so no letter is made from it", fix
            )
        return UnusedFile(
            path, "it is no template and is not used", "move it out of the folder", serious=False
        )
    if len(parts) == 1:
        reason = "it is in no language's folder, so no letter is made from it"
    elif len(parts) > 2:
        reason = "it is in a folder inside another, so no letter is made from it"
    elif parts[0] not in LANGUAGE_TAGS:
        if language is None:
            reason = f"{parts[0]!r} is not the two-letter tag of a language, so no letter is made from it"
            return UnusedFile(path, reason, f"move it to the folder of its language, such as {place}")
        reason = f"{parts[0]!r} is not how the folder of a language is called, so no letter is made from it"
    elif suffix != SUFFIX:
        reason = f"its name does not end in {SUFFIX} in small letters, so no letter is made from it"
    elif name not in letters:
        if near is None:
            reason = f"no letter is called {name!r}"
            return UnusedFile(
                path,
                reason,
                "'attendance-connector letters check' lists the letters; rename it, or move it out",
            )
        return UnusedFile(path, f"no letter is called {name!r}", f"did you mean {near}? Rename it to {place}")
    else:
        return None
    return UnusedFile(path, reason, f"move it to {place}")


def _nearest(name: str, letters: Collection[str]) -> str | None:
    """Return the letter whose name is the same but for case, blanks and dashes, else the most similar one."""
    words_of = "".join(letter if letter.isalnum() else " " for letter in name.casefold()).split()
    plain = "-".join(_DIGITS.get(word, word) for word in words_of)
    for words in ("copy-of-", "-copy"):
        plain = plain.removeprefix(words).removesuffix(words)
    if plain in letters:
        return plain
    likeness = {letter: difflib.SequenceMatcher(None, plain, letter).ratio() for letter in sorted(letters)}
    best = max(likeness, key=likeness.__getitem__, default=None)
    return best if best is not None and likeness[best] >= _SIMILAR else None


def _language(folder: str) -> str | None:
    """Return the tag that the name of a folder stands for, None when it stands for none."""
    plain = folder.strip().casefold()
    for tag in (plain, _CALLED.get(plain, ""), plain.replace("_", "-").partition("-")[0]):
        if tag in LANGUAGE_TAGS:
            return tag
    return None
