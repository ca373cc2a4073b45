"""Every document is one that Word's own rules accept: openxml-audit, a port of Microsoft's Open XML SDK, finds nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from openxml_audit import OpenXmlValidator

from letters.fields.registry import examples
from letters.pile.join import join
from letters.template.library import TemplateFile, Templates
from letters.template.template import Template
from tests.letters.docx_files import paragraph_xml, rewrite, template
from tests.letters.reports import test_simulation
from tests.letters.reports.governors import two_years
from tests.letters.reports.record import test_bundle, test_certificate
from tests.letters.reports.test_every_report import ALL
from tests.letters.template.test_identities import BLOCKS

SHIPPED = list(Templates.load())
REPORTS: dict[str, Callable[[], bytes]] = {
    **ALL,
    "simulation": test_simulation.report,
    "governors": two_years.report,
    "evidence": test_bundle.bundle,
    "certificate of registration": test_certificate.certificate,
}


@pytest.fixture(scope="module")
def validator() -> OpenXmlValidator:
    return OpenXmlValidator()


@pytest.fixture
def faults(validator: OpenXmlValidator, tmp_path: Path) -> Callable[[bytes], list[str]]:
    def validated(data: bytes) -> list[str]:
        path = tmp_path / "document.docx"
        path.write_bytes(data)
        return [f"{error.part_uri}: {error.description}" for error in validator.validate(path).errors]

    return validated


def filled(file: TemplateFile) -> bytes:
    values = examples()
    return file.template.fill(
        values, language=file.fill_language, title=file.title, on=date(2025, 11, 28)
    ).data


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.path)
def test_a_shipped_template_and_its_letter_are_valid(
    file: TemplateFile, faults: Callable[[bytes], list[str]]
) -> None:
    assert faults(file.source) == []
    assert faults(filled(file)) == []


@pytest.mark.parametrize("name", REPORTS)
def test_a_report_is_valid(name: str, faults: Callable[[bytes], list[str]]) -> None:
    assert faults(REPORTS[name]()) == []


def test_a_pile_is_valid(faults: Callable[[bytes], list[str]]) -> None:
    made = [filled(file) for file in SHIPPED[:12]]
    assert faults(join(made)) == []
    assert faults(join([*made, *made], both_sides=True)) == []


@pytest.mark.parametrize("block", BLOCKS)
def test_a_letter_with_repeated_shapes_and_controls_is_valid(
    block: str, faults: Callable[[bytes], list[str]]
) -> None:
    made = Template.compile(template(BLOCKS[block]), name="t.docx")
    data = made.fill({"n": "Sam", "r": [{}, {}], "s": [{}, {}]}).data
    assert faults(data) == []
    assert faults(join([data, data])) == []


def test_a_template_without_styles_settings_fonts_and_theme_gives_valid_letters(
    faults: Callable[[bytes], list[str]],
) -> None:
    bare = template(paragraph_xml("Dear «n»"))
    empty = b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"/>'
    bare = rewrite(
        bare,
        {
            "word/_rels/document.xml.rels": lambda old: empty,
            "word/document.xml": lambda old: old[: old.index(b"<w:sectPr")] + b"</w:body></w:document>",
        },
    )
    assert faults(bare)
    assert faults(Template.compile(bare, name="t.docx").fill({"n": "Sam"}).data) == []
