"""The code sets say of each code what their files say."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from datetime import date
from importlib.resources import files
from typing import Any

import pytest

from rules.codes import Class, CodeSet, code_set_on, code_sets

FILES = {
    data["name"]: data
    for path in files("rules").joinpath("codesets").iterdir()
    if path.name.endswith(".toml")
    for data in [tomllib.loads(path.read_text(encoding="utf-8"))]
}


@pytest.fixture(autouse=True)
def _read_anew() -> Iterator[None]:
    code_sets.cache_clear()
    yield
    code_sets.cache_clear()


def set_of(name: str, *, welsh_d_attended: bool = True) -> CodeSet:
    return next(one for one in code_sets(FILES[name]["nation"], welsh_d_attended) if one.name == name)


def class_of(data: dict[str, Any], code: str) -> str:
    """Return the class of a code, for a sub-code that of the letter it follows."""
    (row,) = [row for row in data["codes"] if row["code"] == code]
    return class_of(data, row["parent"]) if "parent" in row else row["class"]


@pytest.mark.parametrize("name", FILES)
def test_every_code_counts_as_its_file_says(name: str) -> None:
    data, read = FILES[name], set_of(name)
    assert (read.nation, read.start, read.source) == (data["nation"], data["from"], data["source"])
    assert list(read.codes) == [row["code"] for row in data["codes"]]
    for row in data["codes"]:
        code = read.codes[row["code"]]
        assert (code.code, code.meaning) == (row["code"], row["meaning"])
        assert (code.parent, code.legacy) == (row.get("parent", ""), row.get("legacy", False))
        assert code.counts_as.name.lower() == class_of(data, row["code"])
        assert read.counts_as(row["code"]) == code.counts_as
        assert read.letter(row["code"]) == (row.get("parent") or row["code"])


def test_a_mark_that_is_missing_or_no_code_counts_as_neither() -> None:
    read = set_of("england-2024")
    assert [read.counts_as(code) for code in ("", "-", "9", "/")] == [
        Class.MISSING,
        Class.MISSING,
        Class.UNRECOGNISED,
        Class.PRESENT,
    ]
    assert read.letter("9") == "9"


def test_the_setting_about_d_is_for_wales_alone() -> None:
    wales, without = set_of("wales-2010"), set_of("wales-2010", welsh_d_attended=False)
    assert (wales.counts_as("D"), without.counts_as("D")) == (Class.APPROVED, Class.NOT_POSSIBLE)
    assert {code for code in wales.codes if wales.counts_as(code) != without.counts_as(code)} == {"D"}
    for name in ("england-2006", "england-2024"):
        assert set_of(name, welsh_d_attended=False) == set_of(name)


def test_sets_follow_one_another_by_their_first_days() -> None:
    assert [one.name for one in code_sets("england")] == ["england-2006", "england-2024"]
    first, second = code_sets("england")
    for day, wanted in (
        (first.start, first),
        (date(2024, 8, 18), first),
        (date(2024, 8, 19), second),
        (date(2026, 1, 5), second),
    ):
        assert code_set_on("england", day) == wanted
    with pytest.raises(LookupError, match=r"no attendance code set is known for england on"):
        code_set_on("england", date(first.start.year - 1, 12, 31))
    assert code_set_on("wales", date(2026, 1, 5), False).counts_as("D") == Class.NOT_POSSIBLE
