"""The law's figures by nation and day: amounts, deadlines and limits of penalty notices, the national threshold, ages.

``rules/law/<nation>.toml`` holds each figure with every value it has had: its first day (and last, where it ended),
and the instrument and provision that say so. A policy names none of them.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from rules.school import Nation

Unit = Literal["pounds", "days", "school days", "sessions", "school weeks", "years", "notices"]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Value(_Table):
    """What a figure was from one day to another, both counted, and where that stands."""

    start: Annotated[date, Field(alias="from")]
    until: date | None = None
    value: Annotated[int, Field(ge=0)]
    reference: Annotated[str, Field(min_length=8)]

    @model_validator(mode="after")
    def _in_order(self) -> Value:
        if self.until is not None and self.until < self.start:
            raise ValueError(f"ends on {self.until}, before its first day {self.start}")
        return self


class Figure(_Table):
    """One figure of the law, with its values in order of their first days."""

    title: Annotated[str, Field(min_length=1)]
    unit: Unit
    values: Annotated[tuple[Value, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _one_at_a_time(self) -> Figure:
        for earlier, later in zip(self.values, self.values[1:], strict=False):
            if earlier.until is None or earlier.until >= later.start:
                raise ValueError(
                    f"the value from {earlier.start} must end before the one from {later.start} begins"
                )
        return self

    def value_on(self, day: date) -> Value | None:
        """Return the value in force on a day; None where the law had none."""
        return next((v for v in self.values if v.start <= day and (v.until is None or day <= v.until)), None)

    def on(self, day: date) -> int | None:
        """Return the number in force on a day; None where the law had none."""
        value = self.value_on(day)
        return value.value if value else None


@dataclass(frozen=True, slots=True)
class PenaltyNotice:
    """What a penalty notice asks for on one day, and how many there may be. Amounts in pounds."""

    first: int
    """Paid within ``first_days``."""
    first_days: int
    full: int
    full_days: int
    second: int | None
    """A second notice within ``years``, with no lower amount; None where the law has no such amount."""
    limit: int | None
    """So many notices to one parent for one child within ``years``; None where the law sets no limit."""
    years: int | None
    reference: str


class Law(_Table):
    """The figures of one nation. Where a nation has no such law, the figure is None."""

    nation: Nation
    penalty_first: Figure
    penalty_first_days: Figure
    penalty_full: Figure
    penalty_full_days: Figure
    penalty_second: Figure | None = None
    notice_limit: Figure | None = None
    notice_years: Figure | None = None
    threshold_sessions: Figure | None = None
    threshold_school_weeks: Figure | None = None
    court_fine: Figure
    court_fine_knowing: Figure
    compulsory_age_first: Figure
    compulsory_age_last: Figure
    attendance_return_days: Figure | None = None
    sickness_return_days: Figure | None = None
    new_pupil_return_days: Figure | None = None
    deletion_return_days: Figure | None = None
    exclusion_education_day: Figure | None = None
    reason_days: Figure | None = None
    deletion_days: Figure | None = None
    register_years: Figure | None = None

    def figures(self) -> Iterator[tuple[str, Figure]]:
        """Yield every figure that this nation has, with its name."""
        for name in type(self).model_fields:
            figure = getattr(self, name)
            if isinstance(figure, Figure):
                yield name, figure

    def penalty_on(self, day: date) -> PenaltyNotice | None:
        """Return what a penalty notice asks for on a day; None before the law had any."""
        first = self.penalty_first.value_on(day)
        first_days, full, full_days = (
            figure.on(day) for figure in (self.penalty_first_days, self.penalty_full, self.penalty_full_days)
        )
        if first is None or first_days is None or full is None or full_days is None:
            return None
        second, limit, years = (
            figure.on(day) if figure else None
            for figure in (self.penalty_second, self.notice_limit, self.notice_years)
        )
        return PenaltyNotice(
            first.value, first_days, full, full_days, second, limit, years, self._reference(day, first)
        )

    def _reference(self, day: date, first: Value) -> str:
        """Return where the amounts and days of a notice stand, each place once."""
        values = [first, *(f.value_on(day) for f in (self.penalty_first_days, self.penalty_full_days))]
        return "; ".join(dict.fromkeys(value.reference for value in values if value))

    def penalty_periods(self) -> Iterator[tuple[date, date | None, PenaltyNotice]]:
        """Yield each stretch of days on which penalty notices ask for the same: first day, last day, what."""
        named = [figure for name, figure in self.figures() if name.startswith(("penalty_", "notice_"))]
        edges = sorted(
            {value.start for figure in named for value in figure.values}
            | {value.until + timedelta(1) for figure in named for value in figure.values if value.until}
        )
        for start, after in zip(edges, [*edges[1:], None], strict=True):
            penalty = self.penalty_on(start)
            if penalty is not None:
                yield start, after - timedelta(1) if after else None, penalty


@cache
def law_of(nation: Nation) -> Law:
    """Return the figures of a nation's law. Raise ValidationError for a file with a fault: a test holds both whole."""
    return parse_law(files("rules").joinpath("law", f"{nation}.toml").read_text(encoding="utf-8"))


def parse_law(text: str) -> Law:
    """Given the text of a law file, return its figures. Raise ValidationError naming every fault."""
    return Law.model_validate(tomllib.loads(text))
