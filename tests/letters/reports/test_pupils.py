"""How pupils and classes are ordered."""

from __future__ import annotations

from letters.reports.pupils import natural


def test_classes_come_in_the_order_a_school_says_them() -> None:
    assert sorted(["10A", "2B", "RB", "1A", "RA", "N1", "2A", "Oak"], key=natural) == [
        "N1", "RA", "RB", "1A", "2A", "2B", "10A", "Oak",
    ]  # fmt: skip
