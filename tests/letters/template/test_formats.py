"""Numeric pictures show every digit of a number, however long it is."""

from __future__ import annotations

from decimal import Decimal

import pytest

from letters.template.formats import number_format
from letters.template.template import Template
from tests.letters.docx_files import lines, merge_xml, paragraph_xml, template

LENGTHS = [15, 27, 28, 29, 40, 400, 5000]


@pytest.mark.parametrize("sign", ["", "-"])
@pytest.mark.parametrize("length", LENGTHS)
def test_a_long_number_keeps_all_its_digits(length: int, sign: str) -> None:
    digits = "9" * length
    assert number_format("0.0")(Decimal(sign + digits)) == f"{sign}{digits}.0"


@pytest.mark.parametrize("length", LENGTHS)
def test_a_long_number_is_grouped_by_thousands(length: int) -> None:
    shown = number_format("£#,##0.00")(Decimal("1" * length))
    whole = shown.removeprefix("£").removesuffix(".00").split(",")
    assert "".join(whole) == "1" * length
    assert [len(group) for group in whole[1:]] == [3] * (len(whole) - 1)


@pytest.mark.parametrize(
    ("picture", "value", "shown"),
    [
        ("0.0", "0." + "4" * 40, "0.4"),
        ("0.0", "-" + "9" * 40 + "." + "9" * 40, "-1" + "0" * 40 + ".0"),
        ("0.00", "1" * 28 + ".005", "1" * 28 + ".01"),
        ("0." + "0" * 40, "-1." + "2" * 30, "-1." + "2" * 30 + "0" * 10),
        ("#,##0." + "0" * 15, "9" * 15, "999,999,999,999,999." + "0" * 15),
    ],
)
def test_many_decimals_are_rounded_half_away_from_zero(picture: str, value: str, shown: str) -> None:
    assert number_format(picture)(Decimal(value)) == shown


def test_a_long_number_goes_into_a_letter() -> None:
    compiled = Template.compile(template(paragraph_xml(merge_xml("n \\# 0.0"))), name="t.docx")
    for value in (10**27, 10**28, -(10**39)):
        assert lines(compiled.fill({"n": value}).data) == [f"{value}.0"]
