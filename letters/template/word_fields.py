r"""Decide which of Word's own fields may stand in a template, besides merge fields.

Only a field may stay whose text is right in every letter, whether or not Word works it out again: page numbers, links,
and what depends on nothing but the template (ECMA-376 Part 1, 17.16.5 lists the fields). Others print what they showed
when the template was saved, or what Word makes of them on the day the letter is opened.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from docx.oxml.ns import qn
from lxml import etree

from letters.docx.field_codes import W_FLDCHAR, W_FLDSIMPLE, W_INSTR, W_INSTRUCTION
from letters.template.position import Faults, Position

W_BOOKMARK, W_BOOKMARK_END = qn("w:bookmarkStart"), qn("w:bookmarkEnd")
W_ID, W_NAME, W_TBL = qn("w:id"), qn("w:name"), qn("w:tbl")

MAY_STAY = frozenset(
    {"PAGE", "NUMPAGES", "SECTION", "SECTIONPAGES", "HYPERLINK", "SYMBOL", "EQ", "ADVANCE", "SHAPE"}
    | {"FORMCHECKBOX", "QUOTE", "REF", "NOTEREF", "IF", "COMPARE", "="}
)
"""Fields of Word that may stand in a template; docs/templates.md names them."""
_NAMES_A_BOOKMARK = frozenset({"REF", "NOTEREF"})
_READS_A_BOOKMARK = _NAMES_A_BOOKMARK | {"IF", "COMPARE", "="}
_RENEWED_DATES = frozenset({"DATE", "TIME", "SAVEDATE", "PRINTDATE", "CREATEDATE", "EDITTIME"})
_OWN_DETAILS = frozenset(
    {"FILENAME", "FILESIZE", "AUTHOR", "LASTSAVEDBY", "USERNAME", "USERINITIALS", "USERADDRESS", "TEMPLATE"}
    | {"REVNUM", "NUMCHARS", "NUMWORDS", "TITLE", "SUBJECT", "KEYWORDS", "COMMENTS", "INFO", "DOCPROPERTY"}
    | {"DOCVARIABLE"}
)
_BARCODES = frozenset({"BARCODE", "DISPLAYBARCODE", "MERGEBARCODE"})
_ASKS_OR_FETCHES = frozenset(
    {
        "DDE",
        "DDEAUTO",
        "INCLUDE",
        "INCLUDETEXT",
        "INCLUDEPICTURE",
        "LINK",
        "IMPORT",
        "EMBED",
        "DATABASE",
        "RD",
    }
    | {
        "MACROBUTTON",
        "CONTROL",
        "AUTOTEXT",
        "AUTOTEXTLIST",
        "GLOSSARY",
        "ASK",
        "FILLIN",
        "ADDIN",
        "HTMLACTIVEX",
    }
)
_OF_WORDS_MERGE = frozenset(
    {"ADDRESSBLOCK", "GREETINGLINE", "NEXT", "NEXTIF", "SKIPIF", "MERGEREC", "MERGESEQ", "SET"}
)
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"|[“”][^“”]*[“”]')
_WORD = re.compile(r"[^\W\d]\w*")
_SUMS_A_TABLE = re.compile(
    r"\b(?:ABOVE|BELOW|LEFT|RIGHT|R\d+(?:C\d+)?|C\d+|[A-Z]{1,2}\d{1,3})\b", re.IGNORECASE
)


def name_of(code: str) -> str:
    """Return the name of a field from its code, in capitals; "=" for a formula, empty when there is none."""
    word = next(iter(code.split()), "").upper()
    return "=" if word.startswith("=") else word


@dataclass(frozen=True)
class WordField:
    """A field of Word that stays in a template: its code, and the paragraph that it stands in."""

    code: str
    paragraph: etree._Element
    position: Position


def check_name(code: str, position: Position) -> None:
    """Raise TemplateError for a field that must not be in a letter."""
    word = name_of(code)
    if word != "MERGEFIELD" and word not in MAY_STAY:
        shown = word if re.fullmatch(r"[A-Z]+", word) else (word or "without a name")
        raise position.error(f"the Word field {shown} is not allowed in a letter{_because(word)}")


def _because(word: str) -> str:
    if word in _RENEWED_DATES:
        return ": it shows the day or time at which the letter is opened, saved or printed; delete it, or use the merge field date"
    if word in _OWN_DETAILS:
        return ": it shows something of the file or of whoever opens it; delete it, or type the text"
    if word in _BARCODES:
        return ": only Word's own mail merge fills a barcode; delete it"
    if word in _ASKS_OR_FETCHES:
        return "; delete it"
    if word in _OF_WORDS_MERGE:
        return ": only Word's own mail merge fills it; delete it"
    return ": it would print what it showed when the template was saved; delete it, or type the text"


@dataclass(frozen=True)
class Bookmarks:
    """The names of a template's bookmarks, and of those that overlap a merge field."""

    names: frozenset[str]
    filled: frozenset[str]

    @classmethod
    def of(cls, roots: Iterable[etree._Element]) -> Bookmarks:
        """Read the parts of a template as they were before their merge fields were taken out."""
        found = [_bookmarks(root) for root in roots]
        return cls(
            frozenset().union(*(names for names, _ in found)),
            frozenset().union(*(filled for _, filled in found)),
        )


def check_references(
    fields: Iterable[WordField], bookmarks: Bookmarks, in_blocks: frozenset[str], faults: Faults
) -> None:
    """Add a fault for each field that shows a bookmark, or adds up a table, with a merge field in it.

    ``in_blocks`` are the bookmarks in a block, of which a letter holds none or several. A place that is not there at
    all is a fault too: Word prints an error in its stead.
    """
    known = {name.casefold(): name for name in bookmarks.names}
    for field in fields:
        word = name_of(field.code)
        if word not in _READS_A_BOOKMARK:
            continue
        words = [known[w.casefold()] for w in _WORD.findall(_unquoted(field.code)) if w.casefold() in known]
        shown = "a formula" if word == "=" else f"the Word field {word}"
        for name in words:
            if name in bookmarks.filled or name in in_blocks:
                what = "a merge field" if name in bookmarks.filled else "a block that repeats"
                message = (
                    f"{shown} shows the bookmark {name}, which has {what} in it, and would "
                    "print what it showed when the template was saved; insert the merge field itself in its place"
                )
                faults.add(field.position, message)
                break
        else:
            if word in _NAMES_A_BOOKMARK and not words:
                faults.add(
                    field.position,
                    f"the Word field {word} shows a bookmark that is not in the template; delete the field",
                )
            elif word == "=" and _adds_up_merge_fields(field):
                faults.add(
                    field.position,
                    "a formula counts cells with merge fields, and would print what it showed when the template "
                    "was saved; use a merge field for the total",
                )


def _unquoted(code: str) -> str:
    """Return the code of a field without its name, its switches and what it takes as text."""
    rest = code.replace('"', " ") if name_of(code) in _NAMES_A_BOOKMARK else _QUOTED.sub(" ", code)
    rest = re.sub(r"\\\S+", " ", rest).strip()
    return rest[1:] if rest.startswith("=") else rest.partition(" ")[2]


def _adds_up_merge_fields(field: WordField) -> bool:
    table = next(field.paragraph.iterancestors(W_TBL), None)
    if table is None or not _SUMS_A_TABLE.search(_unquoted(field.code)):
        return False
    return any(isinstance(each, etree._ProcessingInstruction) for each in table.iter())


def _bookmarks(root: etree._Element) -> tuple[set[str], set[str]]:
    """Return the names of a part's bookmarks, and of those that overlap a merge field."""
    starts: dict[str | None, tuple[str, int]] = {}
    bookmarks: list[tuple[str, int, int]] = []
    merged: list[tuple[int, int]] = []
    open_fields: list[tuple[int, list[str]]] = []
    for at, element in enumerate(root.iter()):
        if element.tag == W_BOOKMARK:
            starts[element.get(W_ID)] = element.get(W_NAME, ""), at
        elif element.tag == W_BOOKMARK_END and element.get(W_ID) in starts:
            bookmarks.append((*starts.pop(element.get(W_ID)), at))
        elif element.tag == W_FLDSIMPLE and name_of(element.get(W_INSTRUCTION, "")) == "MERGEFIELD":
            merged.append((at, at + sum(1 for _ in element.iter())))
        elif element.tag == W_INSTR and open_fields:
            open_fields[-1][1].append(element.text or "")
        elif element.tag == W_FLDCHAR:
            kind = element.get(qn("w:fldCharType"))
            if kind == "begin":
                open_fields.append((at, []))
            elif kind == "end" and open_fields:
                begun, code = open_fields.pop()
                if name_of("".join(code)) == "MERGEFIELD":
                    merged.append((begun, at))
    bookmarks += [(name, start, start) for name, start in starts.values()]
    filled = {
        name for name, start, end in bookmarks if any(start < last and first < end for first, last in merged)
    }
    return {name for name, _, _ in bookmarks}, filled
