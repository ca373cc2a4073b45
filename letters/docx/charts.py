"""Charts for reports: PNG bytes with the sentence that a screen reader says in their place.

Drawn on a figure of their own with Agg: no window, no global state, nothing of the machine's settings. Shape, hatch
and label carry the meaning, so that a photocopy still reads. The same numbers give the same bytes. matplotlib is
loaded by the first chart: it takes a third of a second, which a command that draws nothing need not wait for.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure

INK, QUIET, GRID = "#1F2A37", "#59636E", "#D5DBE1"
BLUE, ORANGE = "#1F4E79", "#C55A11"
FILLS = (("#1F4E79", ""), ("#F4C38F", "////"), ("#9DC3E6", "...."), ("#5B6570", "xxxx"))
"""Colour and hatch of the series of a chart, which can be distinguished in black and white."""
LINES = (("-", "o"), ("--", "s"), (":", "^"), ("-.", "D"))
_DPI = 200
_MM = 1 / 25.4


@dataclass(frozen=True, slots=True)
class Chart:
    """A finished chart."""

    png: bytes
    alt_text: str
    width_mm: float


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar from zero. ``strong`` gives it the second fill."""

    label: str
    value: float
    text: str
    strong: bool = False


@dataclass(frozen=True, slots=True)
class Series:
    """Values along a chart's labels; None where there is none."""

    name: str
    values: Sequence[float | None]


def bar_chart(
    bars: Sequence[Bar],
    *,
    alt_text: str,
    axis: str,
    legend: tuple[str, str] | None = None,
    width_mm: float = 170,
) -> Chart:
    """Draw horizontal bars, the first at the top, each with its text at the end. ``legend`` names the two fills."""

    def draw(figure: Figure) -> None:
        from matplotlib.patches import Patch
        from matplotlib.ticker import MaxNLocator

        axes = figure.add_subplot()
        for row, bar in enumerate(bars):
            colour, hatch = FILLS[1] if bar.strong else FILLS[0]
            axes.barh(row, bar.value, height=0.68, color=colour, hatch=hatch, edgecolor=INK, linewidth=0.6)
            axes.annotate(
                bar.text, (bar.value, row), (4, 0), textcoords="offset points", va="center", fontsize=8.5
            )
        axes.set_yticks(range(len(bars)), [bar.label for bar in bars])
        axes.invert_yaxis()
        axes.set_xlim(0, max([bar.value for bar in bars], default=1) * 1.22 or 1)
        axes.set_xlabel(axis)
        _plain(axes, grid="x")
        axes.xaxis.set_major_locator(MaxNLocator(6, integer=True))
        if legend:
            handles = [
                Patch(facecolor=c, hatch=h, edgecolor=INK, label=name)
                for (c, h), name in zip(FILLS, legend, strict=False)
            ]
            axes.legend(handles=handles, frameon=False, loc="lower right", fontsize=8.5)

    line_mm = 9.0 if any("\n" in bar.label for bar in bars) and len(bars) > 8 else 6.6
    return _drawn(draw, width_mm, 15 + line_mm * max(2, len(bars)), alt_text)


def dot_chart(
    dots: Sequence[tuple[str, float, str]],
    *,
    alt_text: str,
    axis: str,
    reference: tuple[str, float] | None = None,
    width_mm: float = 170,
) -> Chart:
    """Draw a dot for each (label, per cent, text), with a line to the reference: how far above or below it is.

    Dots and not bars, because the axis does not begin at zero.
    """
    values = [value for _, value, _ in dots] + ([reference[1]] if reference else [])
    low, high = _range(values)

    def draw(figure: Figure) -> None:
        axes = figure.add_subplot()
        for row, (_, value, text) in enumerate(dots):
            base = reference[1] if reference else low
            axes.plot([base, value], [row, row], color=QUIET, linewidth=2.2, solid_capstyle="butt", zorder=2)
            below = reference is not None and value < reference[1]
            axes.plot(
                value, row, "o", markersize=8, color="white" if below else BLUE,
                markeredgecolor=BLUE, markeredgewidth=1.8, zorder=3,
            )  # fmt: skip
            side = -1 if below else 1
            axes.annotate(
                text, (value, row), (9 * side, 0), textcoords="offset points",
                va="center", ha="right" if below else "left", fontsize=8.5,
            )  # fmt: skip
        if reference:
            _reference(axes.axvline, *reference)
            axes.legend(
                frameon=False, loc="lower center", bbox_to_anchor=(0.5, 1.0), fontsize=8.5, borderaxespad=0.2
            )
        axes.set_yticks(range(len(dots)), [label for label, _, _ in dots])
        axes.set_ylim(len(dots) - 0.4, -0.6)
        axes.set_xlim(low, high)
        axes.set_xlabel(axis)
        _plain(axes, grid="x")
        axes.xaxis.set_major_formatter(_percent)

    return _drawn(draw, width_mm, 20 + 6.2 * max(2, len(dots)), alt_text)


def line_chart(
    labels: Sequence[str],
    series: Sequence[Series],
    *,
    alt_text: str,
    reference: tuple[str, float] | None = None,
    breaks: Sequence[int] = (),
    width_mm: float = 170,
    height_mm: float = 70,
) -> Chart:
    """Draw percentages over time, with the reference as a dashed line.

    ``breaks`` are the numbers of the labels that have a holiday before them.
    """
    values = [v for line in series for v in line.values if v is not None]
    low, high = _range([*values, *([reference[1]] if reference else [])])

    def draw(figure: Figure) -> None:
        axes = figure.add_subplot()
        for number, line in enumerate(series):
            style, marker = LINES[number % len(LINES)]
            shown = [float("nan") if v is None else v for v in line.values]
            axes.plot(
                range(len(shown)), shown, style, marker=marker, markersize=4, linewidth=1.6,
                color=(BLUE, ORANGE, "#3B7D3B", QUIET)[number % 4], label=line.name,
            )  # fmt: skip
        for number in breaks:
            axes.axvline(number - 0.5, color=GRID, linewidth=1)
        if reference:
            _reference(axes.axhline, *reference)
        step = max(1, -(-len(labels) // 14))
        axes.set_xticks(range(0, len(labels), step), labels[::step], rotation=35, ha="right")
        axes.set_ylim(low, high)
        axes.set_xlim(-0.5, len(labels) - 0.5)
        axes.yaxis.set_major_formatter(_percent)
        _plain(axes, grid="y")
        if reference or len(series) > 1:
            axes.legend(
                frameon=False, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=4, fontsize=8.5, borderaxespad=0.2
            )  # fmt: skip

    return _drawn(draw, width_mm, height_mm, alt_text)


def column_chart(
    labels: Sequence[str],
    series: Sequence[Series],
    *,
    alt_text: str,
    axis: str,
    reference: tuple[str, float] | None = None,
    width_mm: float = 170,
    height_mm: float = 72,
) -> Chart:
    """Draw counts side by side for each label, with the reference as a dashed line."""

    def draw(figure: Figure) -> None:
        from matplotlib.ticker import MaxNLocator

        axes = figure.add_subplot()
        width = 0.8 / max(1, len(series))
        for number, line in enumerate(series):
            colour, hatch = FILLS[number % len(FILLS)]
            places = [p - 0.4 + width * (number + 0.5) for p in range(len(labels))]
            shown = [v or 0 for v in line.values]
            axes.bar(
                places, shown, width=width, color=colour, hatch=hatch, edgecolor=INK, linewidth=0.4, label=line.name
            )  # fmt: skip
        if reference:
            _reference(axes.axhline, *reference)
        step = max(1, -(-len(labels) // 20))
        axes.set_xticks(range(0, len(labels), step), labels[::step], rotation=35, ha="right")
        axes.set_xlim(-0.6, len(labels) - 0.4)
        axes.set_ylabel(axis)
        axes.yaxis.set_major_locator(MaxNLocator(6, integer=True))
        _plain(axes, grid="y")
        axes.legend(
            frameon=False, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=4, fontsize=8.5, borderaxespad=0.2
        )  # fmt: skip

    return _drawn(draw, width_mm, height_mm, alt_text)


def wrapped(text: str, width: int = 34) -> str:
    """Return a label, on two lines where it is long."""
    if len(text) <= width:
        return text
    cut = text.rfind(" ", 0, width)
    return f"{text[:cut]}\n{text[cut + 1 :]}" if cut > 0 else text


def _drawn(draw: Callable[[Figure], None], width_mm: float, height_mm: float, alt_text: str) -> Chart:
    import matplotlib as mpl
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    with mpl.rc_context(mpl.rcParamsDefault):
        mpl.rcParams.update(
            {
                "font.family": "DejaVu Sans",
                "font.size": 9,
                "text.color": INK,
                "axes.labelcolor": INK,
                "axes.edgecolor": QUIET,
                "xtick.color": INK,
                "ytick.color": INK,
                "hatch.linewidth": 0.6,
                "text.parse_math": False,
            }
        )
        figure = Figure(figsize=(width_mm * _MM, height_mm * _MM), dpi=_DPI, layout="constrained")
        FigureCanvasAgg(figure)
        draw(figure)
        written = io.BytesIO()
        figure.savefig(written, format="png", metadata={"Software": None})
    return Chart(written.getvalue(), alt_text, width_mm)


def _plain(axes: Any, *, grid: str) -> None:
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    axes.grid(axis=grid, color=GRID, linewidth=0.7)
    axes.set_axisbelow(True)
    axes.tick_params(length=0, labelsize=8.5)


def _reference(line: Callable[..., Any], name: str, value: float) -> None:
    line(value, color=ORANGE, linewidth=1.6, linestyle=(0, (5, 3)), label=name, zorder=1)


def _range(values: Sequence[float]) -> tuple[float, float]:
    """Return a range of the percentage axis with room around the values, never below 0 or well above 100."""
    low, high = min(values, default=0.0), max(values, default=100.0)
    air = max(1.0, (high - low) * 0.22)
    return max(0.0, low - air), min(100.0 + air * 0.6, high + air)


def _percent(value: float, _: object) -> str:
    return f"{value:g}%" if value <= 100 else ""
