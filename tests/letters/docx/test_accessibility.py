"""What a screen reader needs: headings of tables, alternative texts, tags that reach a PDF made by LibreOffice."""

from __future__ import annotations

import io
import re
import subprocess
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
from docx import Document
from docx.oxml.ns import qn
from lxml import etree

from letters.docx.picture import Picture
from letters.fields.registry import examples
from letters.template.library import Templates
from tests.letters.docx_files import png
from tests.letters.reports.governors import two_years
from tests.letters.reports.record import test_bundle, test_certificate
from tests.letters.reports.test_every_report import ALL

DAY = date(2025, 11, 28)
PICTURES = {name: Picture(png(40, 20), 20, f"The {name}") for name in ("logo", "signature")}
REPORTS: dict[str, Callable[[], bytes]] = {
    **ALL,
    "governors": two_years.report,
    "evidence": test_bundle.bundle,
    "certificate": test_certificate.certificate,
}


def letter(name: str, language: str = "en") -> bytes:
    file = Templates.load().find(name, (language,))
    return file.template.fill({**examples(), **PICTURES}, title=file.title, on=DAY).data


def documents() -> Iterator[tuple[str, bytes]]:
    for file in Templates.load():
        yield file.path, letter(file.name, file.language)
    for name, make in REPORTS.items():
        yield name, make()


def first_style(row: etree._Element) -> str:
    style = row.find(f"{qn('w:tc')}/{qn('w:p')}/{qn('w:pPr')}/{qn('w:pStyle')}")
    return style.get(qn("w:val")) if style is not None else ""


def test_every_table_of_facts_has_headings_and_says_which() -> None:
    looks = set()
    for name, data in documents():
        for table in Document(io.BytesIO(data)).element.body.iter(qn("w:tbl")):
            look = table.find(f"{qn('w:tblPr')}/{qn('w:tblLook')}")
            if look is None:
                continue  # a table that only sets things side by side
            row, column = (look.get(qn(f"w:{edge}")) == "1" for edge in ("firstRow", "firstColumn"))
            looks.add((row, column))
            rows = table.findall(qn("w:tr"))
            assert row == (rows[0].find(f"{qn('w:trPr')}/{qn('w:tblHeader')}") is not None), name
            assert row or column, f"{name}: a table without headings"
            assert not column or {first_style(each) for each in rows} == {"TableHead"}, name
    assert looks == {(True, False), (False, True)}


def test_every_picture_has_an_alternative_text() -> None:
    seen = 0
    for name, data in documents():
        for drawing in Document(io.BytesIO(data)).element.body.iter(qn("wp:docPr")):
            seen += 1
            assert drawing.get("descr"), name
    assert seen > 50


@pytest.fixture(scope="module")
def tagged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with PDFs that LibreOffice has made with tags."""
    folder = tmp_path_factory.mktemp("tagged")
    made = {
        "form": letter("penalty-consideration"),
        "governors": two_years.report(),
        "evidence": test_bundle.bundle(),
    }
    for name, data in made.items():
        (folder / f"{name}.docx").write_bytes(data)
    to_pdf = 'pdf:writer_pdf_Export:{"UseTaggedPDF":{"type":"boolean","value":"true"}}'
    run("soffice", f"-env:UserInstallation=file://{folder}/home", "--headless", "--convert-to", to_pdf, "--outdir",
        str(folder), *(str(folder / f"{name}.docx") for name in made))  # fmt: skip
    return folder


def run(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=180).stdout


def alternatives(path: Path) -> int:
    return len(re.findall(rb"/Alt\b", path.read_bytes()))


def test_tags_reach_the_pdf(tagged: Path) -> None:
    form, governors = str(tagged / "form.pdf"), str(tagged / "governors.pdf")
    assert re.search(r"Title: +Penalty notice(?:.|\n)*Tagged: +yes", run("pdfinfo", form))
    structure = run("pdfinfo", "-struct-text", form)
    for heading in ("Legal name", "When"):
        assert re.search(rf'TH:(?:\n +/.*)+\n +P \(block\):(?:\n +/.*)+\n +"{heading}"', structure), heading
    for tag in ("H1", "H2", "Figure", "TD"):
        assert re.search(rf"\n +{tag}\b", structure), tag
    assert alternatives(tagged / "form.pdf") == 1
    charts = run("pdfinfo", "-struct", governors).count("Figure:")
    assert alternatives(tagged / "governors.pdf") == charts > 3


def test_the_pages_of_the_evidence_are_numbered_through_its_copies(tagged: Path) -> None:
    text = run("pdftotext", "-layout", str(tagged / "evidence.pdf"), "-")
    pages = [page for page in text.split("\f") if page.strip()]
    shown = [re.findall(r"Page\s\d+\sof\s\d+", page)[-1].replace("\u00a0", " ") for page in pages]
    assert shown == [f"Page {number} of {len(pages)}" for number in range(1, len(pages) + 1)]
    assert len(pages) > 7
