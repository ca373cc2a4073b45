"""Comparisons in exact fractions: thresholds such as "< 95" and intervals such as ">= 95, < 97".

Nothing here rounds. ``part / whole < x %`` is ``100 * part < x * whole`` in whole numbers.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

_COMPARISONS: dict[str, Callable[[Any, Any], Any]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_WORDS = {"<": "below {}%", "<=": "{}% or less", ">": "above {}%", ">=": "{}% or more"}
_THRESHOLD = re.compile(r"\s*(<=|>=|<|>)\s*(\d{1,3}(?:\.\d+)?)\s*%?\s*")


@dataclass(frozen=True, slots=True)
class Threshold:
    """A comparison with a percentage, such as "< 95". Raise ValueError for other text or above 100."""

    text: str

    def __post_init__(self) -> None:
        if not _THRESHOLD.fullmatch(self.text):
            raise ValueError(f'\'{self.text}\' is not a comparison such as "< 95" or ">= 10"')
        if self.percent > 100:
            raise ValueError(f"'{self.text}' compares with more than 100 per cent")

    @property
    def sign(self) -> str:
        """One of <, <=, >, >=."""
        return self._match[1]

    @property
    def percent(self) -> Fraction:
        """The percentage compared with."""
        return Fraction(self._match[2])

    @property
    def words(self) -> str:
        """The comparison as text: "below 95%", "10% or more"; "100%" where there is no more than that."""
        if self.sign == ">=" and self.percent == 100:
            return "100%"
        return _WORDS[self.sign].format(f"{float(self.percent):g}")

    def figures(self) -> dict[str, str]:
        """Return it as the figures of a condition that compares with it."""
        return {"limit": self.words, "limit_percent": f"{float(self.percent):g}"}

    @property
    def _match(self) -> re.Match[str]:
        match = _THRESHOLD.fullmatch(self.text)
        assert match
        return match

    def holds(self, part: int, whole: int) -> bool:
        """Return True when part / whole compares so; never without a whole."""
        return whole > 0 and bool(self._compare(part, whole))

    def holds_for(self, part: NDArray[Any], whole: NDArray[Any]) -> NDArray[np.bool_]:
        """Return the same as ``holds`` for arrays of counts."""
        compared: NDArray[np.bool_] = self._compare(part.astype(np.int64), whole.astype(np.int64)) & (
            whole > 0
        )
        return compared

    def _compare(self, part: Any, whole: Any) -> Any:
        percent = self.percent
        return _COMPARISONS[self.sign](part * (100 * percent.denominator), whole * percent.numerator)


@dataclass(frozen=True, slots=True)
class Interval:
    """A stretch of percentages between 0 and 100, such as ">= 95, < 97"; a missing end is 0 or 100 itself."""

    low: Fraction
    low_included: bool
    high: Fraction
    high_included: bool

    @classmethod
    def parse(cls, text: str) -> Interval:
        """Given one or two comparisons with a comma between them, return the interval. Raise ValueError."""
        low, low_included, high, high_included = Fraction(0), True, Fraction(100), True
        signs = set()
        for piece in text.split(","):
            threshold = Threshold(piece.strip())
            if threshold.sign[0] in signs:
                raise ValueError(f"'{text}' names the same end twice")
            signs.add(threshold.sign[0])
            if threshold.sign[0] == ">":
                low, low_included = threshold.percent, threshold.sign == ">="
            else:
                high, high_included = threshold.percent, threshold.sign == "<="
        if low > high or (low == high and not (low_included and high_included)):
            raise ValueError(f"'{text}' holds no percentage")
        return cls(low, low_included, high, high_included)

    @property
    def text(self) -> str:
        """The stretch as :meth:`parse` reads it."""
        low = f"{'>=' if self.low_included else '>'} {float(self.low):g}"
        return f"{low}, {'<=' if self.high_included else '<'} {float(self.high):g}"

    @property
    def words(self) -> str:
        """The stretch as text, such as "from 95% below 97%"."""
        low = f"{'from' if self.low_included else 'above'} {float(self.low):g}%" if self.low else ""
        high = f"{'up to' if self.high_included else 'below'} {float(self.high):g}%"
        return " ".join(part for part in (low, high if self.high < 100 else "") if part)

    @property
    def ends(self) -> tuple[str, str]:
        """The lowest and the highest figure with one decimal that lie in it, such as "95" and "96.9"."""
        low = self.low if self.low_included else self.low + Fraction(1, 10)
        high = self.high if self.high_included else self.high - Fraction(1, 10)
        return _text(low), _text(high)

    @property
    def label(self) -> str:
        """The stretch as families read it: "95 to 96.9%", "97% and above", "below 50%"."""
        low, high = _text(self.low), _text(self.high)
        if self.low >= 100:
            return "100%"
        if self.high >= 100 and self.high_included:
            return f"{low}% and above" if self.low_included else f"above {low}%"
        if self.low <= 0 and self.low_included:
            if self.high <= 0:
                return "0%"
            return f"{high}% and below" if self.high_included else f"below {high}%"
        first, last = self.ends
        return f"{first}%" if self.is_one_figure else f"{first} to {last}%"

    @property
    def is_one_figure(self) -> bool:
        """Whether it is so narrow that at most one figure with one decimal lies in it."""
        low = self.low if self.low_included else self.low + Fraction(1, 10)
        high = self.high if self.high_included else self.high - Fraction(1, 10)
        return low >= high

    def holds(self, part: int, whole: int) -> bool:
        """Return True when part / whole lies in it. Raise ZeroDivisionError without a whole."""
        percent = Fraction(100 * part, whole)
        above = percent >= self.low if self.low_included else percent > self.low
        below = percent <= self.high if self.high_included else percent < self.high
        return above and below


def cover_faults(intervals: list[tuple[str, Interval]]) -> list[str]:
    """Return what keeps these named intervals from covering 0 to 100 exactly once, as text; empty when they do."""
    ordered = sorted(intervals, key=lambda pair: (pair[1].low, not pair[1].low_included, pair[1].high))
    if not ordered:
        return ["there is none: they must cover 0 to 100"]
    faults = []
    first, last = ordered[0], ordered[-1]
    if first[1].low > 0 or not first[1].low_included:
        faults.append(f"nothing covers {_text(Fraction(0))} up to '{first[0]}'")
    for (name, one), (next_name, other) in pairwise(ordered):
        if one.high < other.low or (
            one.high == other.low and not one.high_included and not other.low_included
        ):
            hole = (
                f"{_text(one.high)} to {_text(other.low)}"
                if one.high < other.low
                else f"exactly {_text(one.high)}"
            )
            faults.append(f"a hole between '{name}' and '{next_name}': nothing covers {hole}")
        elif one.high > other.low or (one.high_included and other.low_included):
            faults.append(f"'{name}' and '{next_name}' overlap at {_text(other.low)}")
    if last[1].high < 100 or not last[1].high_included:
        faults.append(f"nothing covers {_text(last[1].high)} to 100 above '{last[0]}'")
    return faults


def _text(percent: Fraction) -> str:
    return f"{float(percent):g}"
