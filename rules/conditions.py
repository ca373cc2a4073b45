"""The closed vocabulary of conditions: what a pack's rule may say under ``when``.

Each kind of rule has one model here and one function in ``rules/triggers``. Names of parameters are those a
school reads in its own pack, so they are plain words.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, model_validator

from rules.thresholds import Threshold

Compare = Annotated[
    Threshold,
    BeforeValidator(lambda text: text if isinstance(text, Threshold) else Threshold(str(text))),
    PlainSerializer(lambda threshold: threshold.text),
]
ClassName = Literal["absent", "authorised", "unauthorised", "present"]
PeriodName = Literal["week", "half_term", "term", "year"]
Days = Annotated[int, Field(ge=1, le=400)]


class When(BaseModel):
    """Base of all conditions: unknown names are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


class Sessions(When):
    """Which sessions are looked at: recorded with one of ``codes``, or counted in a class. Exactly one of the two."""

    codes: tuple[str, ...] = ()
    counted_as: ClassName | None = None

    @model_validator(mode="after")
    def _one_of_two(self) -> Sessions:
        if bool(self.codes) == (self.counted_as is not None):
            raise ValueError('name either codes = ["N", ...] or counted_as = "unauthorised", and not both')
        return self


class PercentageWhen(When):
    """The year to date compares so at the end of a day. Fires, then re-arms after recovery."""

    attendance: Compare | None = None
    absence: Compare | None = None
    next_stages: tuple[str, ...] = ()
    """A later fall in the same year fires the stage after the last one reached, in this order."""

    @model_validator(mode="after")
    def _one_of_two(self) -> PercentageWhen:
        if (self.attendance is None) == (self.absence is None):
            raise ValueError('name either attendance = "< 95" or absence = ">= 10", and not both')
        return self


class CountWhen(Sessions):
    """So many sessions within a period: once per half term, term or year; or in a rolling window, spending them."""

    at_least: Annotated[int, Field(ge=1, le=400)]
    within: Literal["half_term", "term", "year", "two_terms", "weeks", "school_weeks"]
    weeks: Annotated[int, Field(ge=1, le=60)] | None = None
    """Length of the window for within = "weeks" (7 days each) or "school_weeks"."""
    year_to_date: Compare | None = None
    """Attendance of the year to date must compare so as well."""

    @model_validator(mode="after")
    def _weeks_where_needed(self) -> CountWhen:
        if (self.within in ("weeks", "school_weeks")) != (self.weeks is not None):
            raise ValueError('weeks goes with within = "weeks" or "school_weeks", and only there')
        if self.weeks is not None and self.at_least > 14 * self.weeks:
            raise ValueError(f"impossible window: {self.weeks} week(s) cannot hold {self.at_least} sessions")
        return self

    @property
    def rolling(self) -> bool:
        """The window moves with the day and sessions are spent."""
        return self.within in ("two_terms", "weeks", "school_weeks")


class RunningWhen(Sessions):
    """So many school days running with every possible session among those looked at."""

    days: tuple[Days, ...]
    """One event on each of these days of the run."""
    after_leave: tuple[str, ...] = ()
    """Only when the last possible session before the run carries one of these codes."""


class EitherWhen(When):
    """A count or a run, whichever comes first; once a year."""

    count: CountWhen
    running: RunningWhen


class DayWhen(Sessions):
    """A session of this sort on a day."""

    once_per: Literal["day", "run", "block"] = "day"
    """run: the first of consecutive school days that each have one; block: the first of consecutive possible
    sessions that are all so."""
    session: Literal["AM", "PM"] | None = None
    flag: str | None = None
    """Only for pupils with this flag."""
    first_day: bool = False
    """Only when the school day before has no absent session."""


class LaterDayWhen(Sessions):
    """A session of this sort on a later day than the year's event of another rule; once a year."""

    after: str


class OverdueWhen(Sessions):
    """A mark that is still so a number of days after its own day."""

    school_days: Days | None = None
    days: Days | None = None

    @model_validator(mode="after")
    def _one_delay(self) -> OverdueWhen:
        if (self.school_days is None) == (self.days is None):
            raise ValueError("name either school_days = 5 or days = 14, and not both")
        return self


class ReviewWhen(When):
    """A look back, so many days after another rule's event: attendance is no better than it was then."""

    of: tuple[str, ...]
    """The opening rules; with several, whichever came first in the year opens, once a year."""
    after_days: Days
    compare: Literal["window", "year_to_date"]
    """What is compared with the year to date on the opening day: the sessions since, or the year to date now."""
    extend_by_days_missed: bool = False
    """If better, one more review as many weeks later as whole days were missed."""
    plan_within_days: int | None = None
    """Count from an attendance plan dated within so many days of the opening event, where there is one."""


class DeclineWhen(When):
    """The first school day, at least so many days after another rule's event, on which the year to date is lower."""

    of: str
    after_days: Days


class ScreeningWhen(When):
    """One step of a chain tested at the end of each half term."""

    step: Annotated[int, Field(ge=1, le=9)]
    attendance: Compare
    falling: bool = False
    """From the year's second half term on, also lower than at the last half term's end."""
    gained_less_than: Annotated[int, Field(ge=1, le=100)] | None = None
    """Also fewer percentage points above the previous step's figure than this."""


class PeriodEndWhen(When):
    """Tested on the last school day of a period for every pupil on roll that day."""

    period: PeriodName
    attendance: Compare | None = None
    """Attendance within the period; needs at least one possible session."""
    year_to_date: Compare | None = None
    """Attendance of the year to date, under the floor of possible sessions."""
    absence_to_date: Compare | None = None
    or_at_least: Annotated[int, Field(ge=1)] | None = None
    """Or so many unauthorised sessions within the period."""
    needs_possible: bool = True
    """Only with a possible session in the year to date."""


class ClassWeekWhen(When):
    """Registration groups compared at the end of a week."""

    best: bool = False
    attendance: Compare | None = None

    @model_validator(mode="after")
    def _one_of_two(self) -> ClassWeekWhen:
        if self.best == (self.attendance is not None):
            raise ValueError('name either best = true or attendance = ">= 97", and not both')
        return self


class AmendmentWhen(When):
    """A mark was changed from one code to another (needs the register's history, so only in a run)."""

    original: str
    amended: str


class DateWhen(When):
    """A date on the pupil's record has come, moved to the next school day."""

    dates: tuple[Literal["part_time_from", "part_time_to"], ...]


class LeaveRequestWhen(When):
    """A request for leave is on record; the event says whether the school's own tests refuse it."""

    refused_above_authorised_percent: Annotated[int, Field(ge=0, le=100)]
    performance_refused_below: Annotated[int, Field(ge=0, le=100)]


class FollowsWhen(When):
    """Comes with every event of another rule after the pupil's first one."""

    of: str
    notice_within_years: Annotated[int, Field(ge=1, le=10)]
    """In a run, only within so many years of a notice that was issued."""
