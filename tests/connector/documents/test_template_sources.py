"""Which file each letter comes from, and what a run says of files that none comes from."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

from connector.documents.templates import letter_sources, source_lines, template_findings
from connector.run.request import RunRequest
from connector.run.run import run_school
from rules.policy import load_policy
from tests.connector.memory_mis import at, small_school
from tests.connector.runs import options
from tests.letters.docx_files import field_xml, paragraph_xml, template, text_xml

SHIPPED = Path("letters/templates")
FRIDAY = date(2025, 9, 19)


def own_folder(folder: Path) -> Path:
    """Return a folder with one template in its place and one that is not."""
    for path in ("en/letter-1.docx", "letter-2.docx"):
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(SHIPPED / "en" / target.name, target)
    return folder


def test_every_letter_is_listed_with_its_file_and_the_rules_that_ask_for_it(tmp_path: Path) -> None:
    sources = {(s.letter, s.language): s for s in letter_sources(own_folder(tmp_path), [load_policy("hcat")])}
    own, shipped = sources["letter-1", "en"], sources["letter-2", "en"]
    assert (own.file, own.own, own.asked_by) == (str(tmp_path / "en/letter-1.docx"), True, ("hcat stage-1",))
    assert (shipped.file, shipped.own) == ("en/letter-2.docx", False)
    lines = source_lines(tmp_path, [load_policy("hcat")])
    assert lines[0] == f"letter letter-1 (en) comes from {tmp_path / 'en/letter-1.docx'}"
    assert "letter-2 (en)" in lines[1]


def test_every_fault_of_a_template_is_a_finding_of_its_own(tmp_path: Path) -> None:
    body = paragraph_xml(text_xml("Dear {{x}}")) + paragraph_xml(field_xml(" DATE "))
    (tmp_path / "en").mkdir()
    (tmp_path / "en/letter-1.docx").write_bytes(template(body))
    findings = template_findings(tmp_path, [load_policy("hcat")])
    assert [finding.where for finding in findings] == [str(tmp_path / "en/letter-1.docx")] * 2
    assert {finding.message.partition(":")[0] for finding in findings} == {
        "word/document.xml, paragraph 1",
        "word/document.xml, paragraph 2",
    }


def test_a_run_names_a_file_that_no_letter_is_made_from(tmp_path: Path) -> None:
    school = options("hcat", letters={"templates": own_folder(tmp_path / "templates")})
    (tmp_path / "templates/readme.txt").write_text("How we write letters")
    request = RunRequest(school, small_school(3, until=FRIDAY), as_of=FRIDAY, now=at(FRIDAY))
    warnings = run_school(tmp_path / "a.db", request).summary.warnings
    assert [line for line in warnings if "letter-2.docx: it is in no language's folder" in line]
    assert not [line for line in warnings if "letter-1.docx" in line or "readme.txt" in line]
