"""Charts: the same bytes for the same numbers, and labels that say what they are given."""

from __future__ import annotations

import io
import struct

import pytest
from PIL import Image

from letters.docx.charts import Bar, Chart, Series, bar_chart, column_chart, dot_chart, line_chart


def draw(name: str) -> Chart:
    if name == "bars":
        return bar_chart(
            [Bar("A", 3, "3"), Bar("B", 0, "none", strong=True)], alt_text="A leads", axis="pupils"
        )
    if name == "dots":
        return dot_chart(
            [("A", 97.2, "97.2%"), ("B", 91, "91%")], alt_text="A", axis="x", reference=("target", 96)
        )
    if name == "lines":
        return line_chart(["w1", "w2", "w3"], [Series("now", [95, None, 94.2])], alt_text="A", breaks=[1])
    return column_chart(
        ["w1", "w2"], [Series("one", [3, 9]), Series("two", [1, None])], alt_text="A", axis="letters"
    )


@pytest.mark.parametrize("name", ["bars", "dots", "lines", "columns"])
def test_a_chart_is_the_same_twice_and_holds_no_maker_or_time(name: str) -> None:
    chart = draw(name)
    assert chart.png == draw(name).png
    kinds = []
    at = 8
    while at < len(chart.png):
        length, kind = struct.unpack(">I4s", chart.png[at : at + 8])
        kinds.append(kind)
        at += 12 + length
    assert set(kinds) == {b"IHDR", b"pHYs", b"IDAT", b"IEND"}


def test_a_chart_takes_nothing_from_the_settings_of_the_machine() -> None:
    import matplotlib as mpl

    plain = draw("bars").png
    with mpl.rc_context({"font.size": 30, "axes.facecolor": "red"}):
        assert draw("bars").png == plain
        assert mpl.rcParams["font.size"] == 30, "and leaves nothing behind"


def test_series_can_be_distinguished_in_black_and_white() -> None:
    grey = Image.open(io.BytesIO(draw("columns").png)).convert("L")
    assert len({value for value, number in enumerate(grey.histogram()) if number > 200}) >= 3


def test_a_dollar_sign_in_a_name_is_no_formula() -> None:
    assert bar_chart([Bar("$x^2$ & <b>", 1, "1")], alt_text="A", axis="pupils").png
