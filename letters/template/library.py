"""The templates in use: a school's own in place of the shipped ones, by language, compiled when first used."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from docx.oxml.ns import qn
from lxml import etree

from letters.docx.package import parse_xml
from letters.errors import TemplateError
from letters.template.folder import SUFFIX, is_used
from letters.template.template import Template
from rules.files.held import read_file, what_to_do, why

LANGUAGES = ("en", "cy")
"""Languages of the shipped templates; a school may add others."""
FALLBACK = "en"

_TITLE = "{http://purl.org/dc/elements/1.1/}title"


@dataclass(frozen=True)
class TemplateFile:
    """One template file."""

    name: str
    language: str
    source: bytes
    custom: bool

    @property
    def path(self) -> str:
        """Where it stands in a folder of templates, and how messages call it: "en/letter-1.docx"."""
        return f"{self.language}/{self.name}.docx"

    @cached_property
    def template(self) -> Template:
        """The compiled template. Raise TemplateError when it cannot be used."""
        return Template.compile(self.source, name=self.path)

    @cached_property
    def title(self) -> str:
        """The title in the document's properties; the name with spaces when there is none."""
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
        marked = {element.get(qn("w:val"), "")[:2] for element in body.iter(qn("w:lang"))}
        return FALLBACK if {"cy", "en"} <= marked else self.language


class Templates:
    """Templates by name and language. Make one with :meth:`load`; it may be kept for a whole run."""

    def __init__(self, by_name: dict[tuple[str, str], TemplateFile]) -> None:
        self._by_name = by_name

    @classmethod
    def load(cls, custom: Path | None = None) -> Templates:
        """Return the shipped templates, with those of a school's own folder in their place.

        The folder is as ``letters export`` writes it: ``<language>/NAME.docx``; other files are passed over
        (``letters.template.folder`` names them). Raise TemplateError when the folder,
        or a file in it, cannot be read.
        """
        files = list(_shipped())
        if custom is not None:
            if not custom.is_dir():
                raise TemplateError("this folder of templates does not exist", template=str(custom))
            files += _read(custom, custom=True)
        return cls({(file.name, file.language): file for file in files})

    def __iter__(self) -> Iterator[TemplateFile]:
        """Go through every template, by language and name."""
        return iter(sorted(self._by_name.values(), key=lambda file: (file.language, file.name)))

    def find(self, name: str, languages: tuple[str, ...]) -> TemplateFile:
        """Return the template in the first of these languages that has one, English last.

        Raise TemplateError when there is none in any.
        """
        for language in (*languages, FALLBACK):
            file = self._by_name.get((name, language))
            if file is not None:
                return file
        raise TemplateError(
            "no template has this name; add a file of this name to the school's folder of templates, in the folder en",
            template=f"{FALLBACK}/{name}.docx",
        )

    def get(self, name: str, language: str) -> tuple[Template, str, bool]:
        """Return the compiled template, the language it is in, and whether that is not the one asked for."""
        file = self.find(name, (language,))
        return file.template, file.language, file.language != language

    def title(self, name: str) -> str:
        """Return what staff read of a letter in its file's name and in the note."""
        file = self._by_name.get((name, FALLBACK))
        return file.title if file else in_words(name)


def in_words(name: str) -> str:
    """Return a template's name as words: "letter-1" becomes "Letter 1"."""
    return name.replace("-", " ").capitalize()


def file_name(title: str, day: str, position: tuple[int, int] = (1, 1)) -> str:
    """Return a document's file name: fit for every file system, and with nobody's name in it.

    ``position`` is which of how many of the same title it is.
    """
    plain = " ".join(re.sub(r'[\\/:*?"<>|\x00-\x1f]', " ", title).split())[:80].rstrip(". ")
    number = f" ({position[0]} of {position[1]})" if position[1] > 1 else ""
    return f"Attendance – {plain} – {day}{number}.docx"


@cache
def _shipped() -> tuple[TemplateFile, ...]:
    """Return the shipped templates, read and compiled once in a process: every run of every school uses the same."""
    return tuple(_read(resources.files("letters").joinpath("templates"), custom=False))


def _read(folder: Traversable | Path, *, custom: bool) -> Iterator[TemplateFile]:
    for language in sorted(folder.iterdir(), key=lambda entry: entry.name):
        for path in sorted(language.iterdir(), key=lambda entry: entry.name) if language.is_dir() else ():
            if is_used((language.name, path.name)):
                try:
                    source = read_file(path)
                except OSError as error:
                    raise TemplateError(
                        f"the file cannot be read: {why(error)}; {what_to_do(error, 'check its permissions')}",
                        template=f"{language.name}/{path.name}",
                    ) from error
                yield TemplateFile(path.name.removesuffix(SUFFIX), language.name, source, custom)
