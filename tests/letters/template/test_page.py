"""The page about templates names the fields of Word that may stay, and no other."""

from __future__ import annotations

import re
from pathlib import Path

from letters.template.word_fields import MAY_STAY

PAGE = Path(__file__).parents[3] / "docs/templates.md"


def test_the_page_names_every_field_that_may_stay() -> None:
    sentence = re.search(
        r"These fields of Word may stay:((?:.|\n)*?), as long as", PAGE.read_text(encoding="utf-8")
    )
    assert sentence is not None
    assert set(re.findall(r"\b[A-Z]{2,}\b|(?<=`)=(?=`)", sentence[1])) == MAY_STAY
