"""The templates at hand: those a school has changed before the shipped ones, by language, compiled when first used."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from docx.oxml.ns import qn
from lxml import etree

from letters.docx.package import parse_xml
from letters.errors import TemplateError
from letters.template.template import Template

LANGUAGES = ("en", "cy")
"""Languages of the shipped templates; a school may add others."""
FALLBACK = "en"

_TITLE = "{http://purl.org/dc/elements/1.1/}title"


@dataclass(frozen=True)
class ShelvedTemplate:
    """One template file."""

    name: str
    language: str
    source: bytes
    custom: bool

    @property
    def called(self) -> str:
        """How messages call it."""
        return f"{self.language}/{self.name}.docx"

    @cached_property
    def template(self) -> Template:
        """The compiled template. Raises TemplateError."""
        return Template.compile(self.source, name=self.called)

    @cached_property
    def title(self) -> str:
        """The title in the document's properties; the name in words when there is none."""
        try:
            with zipfile.ZipFile(io.BytesIO(self.source)) as archive:
                title = parse_xml(archive.read("docProps/core.xml")).findtext(_TITLE) or ""
        except (zipfile.BadZipFile, KeyError, ValueError):
            title = ""
        return " ".join(title.split()) or in_words(self.name)

    @cached_property
    def fill_language(self) -> str:
        """The language for dates in text that is not marked: English where Welsh text is marked as such.

        A bilingual letter marks its Welsh half; the rest of it is then English.
        """
        with zipfile.ZipFile(io.BytesIO(self.source)) as archive:
            body = etree.fromstring(
                archive.read("word/document.xml"), etree.XMLParser(resolve_entities=False)
            )
        marked = {found.get(qn("w:val"), "")[:2] for found in body.iter(qn("w:lang"))}
        return FALLBACK if {"cy", "en"} <= marked else self.language


class Templates:
    """Templates by name and language. Make one with :meth:`load`; it may be kept for a whole run."""

    def __init__(self, shelved: dict[tuple[str, str], ShelvedTemplate]) -> None:
        self._shelved = shelved

    @classmethod
    def load(cls, custom: Path | None = None) -> Templates:
        """Given a school's own folder (``<language>/NAME.docx``, as ``letters export`` writes it), or None.

        Raise TemplateError when the folder, or a file in it, cannot be read.
        """
        found = {(t.name, t.language): t for t in _in(files("letters").joinpath("templates"), custom=False)}
        if custom is not None:
            if not custom.is_dir():
                raise TemplateError("this folder of templates does not exist", template=str(custom))
            found.update({(t.name, t.language): t for t in _in(custom, custom=True)})
        return cls(found)

    def __iter__(self) -> Iterator[ShelvedTemplate]:
        """Every template, by language and name."""
        return iter(sorted(self._shelved.values(), key=lambda found: (found.language, found.name)))

    def find(self, name: str, languages: tuple[str, ...]) -> ShelvedTemplate:
        """The template in the first of these languages that has one, English last.

        Raise TemplateError when there is none in any.
        """
        for language in (*languages, FALLBACK):
            found = self._shelved.get((name, language))
            if found is not None:
                return found
        raise TemplateError(
            "no template has this name; add one to the school's folder of templates, in the folder en",
            template=f"{FALLBACK}/{name}.docx",
        )

    def get(self, name: str, language: str) -> tuple[Template, str, bool]:
        """The compiled template, the language it is in, and whether that is not the one asked for."""
        found = self.find(name, (language,))
        return found.template, found.language, found.language != language

    def title(self, name: str) -> str:
        """What staff read of a letter in its file's name and in the note."""
        found = self._shelved.get((name, FALLBACK))
        return found.title if found else in_words(name)


def in_words(name: str) -> str:
    """A template's name as words: "letter-1" becomes "Letter 1"."""
    return name.replace("-", " ").capitalize()


def file_name(title: str, day: str, place: tuple[int, int] = (1, 1)) -> str:
    """A document's file name: fit for every file system, and with nobody's name in it."""
    plain = " ".join(re.sub(r'[\\/:*?"<>|\x00-\x1f]', " ", title).split())[:80].rstrip(". ")
    number = f" ({place[0]} of {place[1]})" if place[1] > 1 else ""
    return f"Attendance – {plain} – {day}{number}.docx"


def _in(folder: Traversable | Path, *, custom: bool) -> Iterator[ShelvedTemplate]:
    for language in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if not (language.is_dir() and re.fullmatch("[a-z]{2,3}", language.name)):
            continue
        for path in sorted(language.iterdir(), key=lambda entry: entry.name):
            if path.name.endswith(".docx") and not path.name.startswith(("~$", ".")):
                try:
                    source = path.read_bytes()
                except OSError as error:
                    raise TemplateError(
                        f"it cannot be read: {error.strerror}", template=f"{language.name}/{path.name}"
                    ) from error
                yield ShelvedTemplate(path.name.removesuffix(".docx"), language.name, source, custom)
