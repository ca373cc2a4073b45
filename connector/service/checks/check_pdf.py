"""What `check` says of PDFs next to letters: where LibreOffice is, and whether letters go where a PDF can stand."""

from __future__ import annotations

from collections.abc import Iterator

from connector.config.school import SchoolConfig
from connector.documents.libreoffice import find_office
from connector.documents.pdf_copies import letters_folder
from connector.errors import Finding


def pdf_findings(school: SchoolConfig, where: str) -> Iterator[Finding]:
    """Yield why no PDF will be made although the school wants one. Letters go out all the same, so each is a warning."""
    if not school.letters.pdf:
        return
    key = f"{where}.letters.pdf"
    if find_office() is None:
        yield Finding(
            key,
            "LibreOffice is not on this server: no PDF is made",
            "install it, or take the setting out",
            "warning",
        )
    if letters_folder(school) is None:
        yield Finding(
            key,
            "letters go into the MIS, where they have no PDF; `letters pile --out letters.pdf` makes one of a run's letters",
            "take the setting out",
            "warning",
        )


def pdf_lines(school: SchoolConfig) -> Iterator[str]:
    """Yield which LibreOffice makes the PDFs."""
    office = find_office() if school.letters.pdf else None
    if office is not None:
        yield f"PDFs of letters are made by {office}"
