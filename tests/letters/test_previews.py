"""Previews show what is sent: a policy's own bands, both households, long names and many rows, on pages that are filled."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
from datetime import date
from pathlib import Path

import pytest
from docx import Document

from letters.compose import Templates
from letters.fields.registry import FIELDS
from letters.previews import previews
from letters.school_details import SchoolDetails
from rules.law import law_of
from rules.policy import load_policy, shipped_policies

FOOTER = re.compile(r"(Page|Tudalen)\s\d+\s(of|o|/)\s\d+")
LEAST_LINES = 6


@pytest.mark.parametrize("name", shipped_policies())
def test_the_bands_are_those_of_the_policy_and_one_is_the_pupils(name: str) -> None:
    policy = load_policy(name)
    rows = previews(policy)[""]["bands"]
    assert isinstance(rows, list)
    assert [row["range"] for row in rows] == [band.range for band in policy.bands]
    assert [row["here"] for row in rows].count(True) == 1


@pytest.mark.parametrize("name", shipped_policies())
def test_the_amounts_are_those_of_the_nations_law(name: str) -> None:
    policy = load_policy(name)
    penalty = law_of(policy.nation).penalty_on(date(2025, 11, 28))
    assert penalty is not None
    for values in previews(policy).values():
        assert (values["penalty_first"], values["penalty_full"]) == (f"£{penalty.first}", f"£{penalty.full}")
        assert (values["penalty_first_days"], values["penalty_full_days"]) == (
            str(penalty.first_days),
            str(penalty.full_days),
        )
        assert values["if_notice_limit"] is (penalty.years is not None)
        assert values["if_second_amount"] is (penalty.second is not None)
        assert values["if_return_due"] is (policy.nation == "england")


def test_the_penalty_warning_of_a_welsh_school_has_no_english_amount() -> None:
    values = previews(load_policy("cadle"))[""]
    filled = (
        Templates.load()
        .find("penalty-warning", ("en",))
        .template.fill(values, language="en", on=date(2025, 11, 28))
    )
    text = " ".join(p.text for p in Document(io.BytesIO(filled.data)).paragraphs)
    assert "£60" in text
    assert "£120" in text
    assert "£80" not in text
    assert "£160" not in text


def test_the_school_is_the_one_that_writes() -> None:
    school = SchoolDetails(
        name="Ysgol y Bryn", telephone="01632 960300", head_name="Ms N Rees", authority_name="Cyngor Sir"
    )
    values = previews(load_policy("cadle"), school)[""]
    assert (values["school_name"], values["head_name"], values["headteacher"], values["la_name"]) == (
        "Ysgol y Bryn",
        "Ms N Rees",
        "Ms N Rees",
        "Cyngor Sir",
    )
    assert values["contact_telephone"] == "01632 960300"


def test_every_name_of_a_field_has_the_same_value() -> None:
    for values in previews(load_policy("hcat")).values():
        for field in FIELDS:
            assert [values[name] for name in field.aliases] == [values[field.name]] * len(field.aliases)
        assert str(values["address_block"]).splitlines()[0] == values["addressee"]
        assert str(values["address_block"]).splitlines()[1] == values["address_line_1"]


def test_many_rows_are_school_days() -> None:
    rows = previews(None)["-long"]["sessions"]
    assert isinstance(rows, list)
    days = [row["session_date"] for row in rows]
    assert len(set(days)) == 40
    assert all(isinstance(day, date) and day.weekday() < 5 for day in days)


def test_the_second_household_is_written_to_alone_and_the_long_letter_has_all_its_lines() -> None:
    made = previews(None)
    other, long = made["-second-household"], made["-long"]
    assert (other["addressee"], other["address_line_3"], other["address_line_4"]) == (
        "Mr R Sample",
        "EX9 9XY",
        "",
    )
    assert all(long[f"address_line_{number}"] for number in range(1, 8))
    rows = long["absence_spells"]
    assert isinstance(rows, list)
    assert len(rows) == 40


def test_no_letter_or_form_has_a_last_page_of_five_lines_or_fewer(tmp_path: Path) -> None:
    if not (shutil.which("soffice") and shutil.which("pdftotext")):
        pytest.skip("LibreOffice or pdftotext is not installed")
    for ending, values in previews(load_policy("hcat")).items():
        for file in Templates.load():
            filled = file.template.fill(values, language=file.fill_language, on=date(2025, 11, 28))
            (tmp_path / f"{file.language}-{file.name}{ending}.docx").write_bytes(filled.data)
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    made = [str(path) for path in sorted(tmp_path.glob("*.docx"))]
    command = ["soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", str(tmp_path), *made]
    subprocess.run(command, check=True, capture_output=True)
    short = {}
    for path in tmp_path.glob("*.pdf"):
        text = subprocess.run(["pdftotext", "-layout", path, "-"], check=True, capture_output=True).stdout
        pages = text.decode().split("\f")[:-1]
        lines = [line for line in pages[-1].splitlines() if line.strip() and not FOOTER.search(line)]
        if len(pages) > 1 and len(lines) < LEAST_LINES:
            short[path.stem] = lines
    assert len(list(tmp_path.glob("*.pdf"))) == len(made)
    assert short == {}
