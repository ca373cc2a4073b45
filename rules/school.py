"""School facts about people: pupils, the adults round them, and what is on record for a pupil.

Plain values without behaviour beyond what every reader of them needs. What brings them in (an adapter, a
register folder, the store) has already checked them; nothing here reads a file or a network.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import pairwise
from typing import Annotated, Literal, NamedTuple, get_args
from zoneinfo import ZoneInfo

from pydantic import ConfigDict, Field, model_validator

from rules.contact import Address as Address  # the facts about people are had from here
from rules.contact import Contact as Contact
from rules.settings import Table

SCHOOL_TIME = ZoneInfo("Europe/London")
"""The time in which schools of England and Wales say on what day something happened."""

NonEmpty = Annotated[str, Field(min_length=1)]
Half = Literal["AM", "PM"]
Nation = Literal["england", "wales"]

Flag = Literal[
    "fsm", "pupil_premium", "eal", "looked_after", "social_worker", "child_protection", "young_carer"
]
FLAGS: tuple[Flag, ...] = get_args(Flag)
"""The yes/no facts about a pupil that rules, exclusions and groups of statistics can name."""

ExclusionFlag = Literal[Flag, "sen", "part_time", "under_age", "over_age"]
EXCLUSION_FLAGS: tuple[ExclusionFlag, ...] = get_args(ExclusionFlag)
"""What an exclusion can name besides: special needs (K or E), and what the event's day says of timetable and age."""


KNOWABLE = (*FLAGS, "sen_status", "date_of_birth", "part_time_from", "part_time_to")
"""The facts about a pupil that rules and exclusions ask for, and that a source may not give at all."""


class Session(NamedTuple):
    """Half a school day."""

    date: date
    half: Half


SpellKind = Literal["main", "subsidiary", "guest"]


@dataclass(frozen=True, slots=True)
class Spell:
    """One stretch of days on the school's roll; both ends count."""

    start: date | None = None
    """None: from the calendar's start."""
    end: date | None = None
    """The leaving date, which itself counts; None: still on roll."""
    kind: SpellKind = "main"

    def __contains__(self, day: date) -> bool:
        return (self.start is None or self.start <= day) and (self.end is None or day <= self.end)

    @property
    def words(self) -> str:
        """The spell's days for a message: "from 2025-09-02 to 2025-12-19"."""
        return f"from {self.start or 'the start'} to {self.end or 'now'}"


@dataclass(frozen=True, slots=True)
class FlagDays:
    """The flags of one pupil over a stretch of days; both ends count."""

    flags: frozenset[str]
    """Names in FLAGS."""
    start: date | None = None
    """None: since before anything is known."""
    end: date | None = None
    """None: these are the flags of today."""


@dataclass(frozen=True, slots=True)
class Pupil:
    """A pupil on, or once on, the school's roll.

    ``spells`` say when. A pupil made with ``on_roll_from`` and ``on_roll_to`` alone has one spell; where spells are
    given, these two follow from them. :meth:`with_spells` changes all three together.
    """

    pupil_id: str
    """The MIS's own identifier, as text."""
    upn: str = ""
    legal_forename: str = ""
    legal_surname: str = ""
    preferred_forename: str = ""
    preferred_surname: str = ""
    date_of_birth: date | None = None
    gender: str = ""
    year_group: str = ""
    registration_group: str = ""
    """As it is now; class rules use today's group (docs/conventions.md, Counting)."""
    on_roll_from: date | None = None
    """The first spell's start. None: on roll from the calendar's start."""
    on_roll_to: date | None = None
    """The last spell's end; the leaving date itself counts. None: still on roll."""
    fsm: bool = False
    pupil_premium: bool = False
    eal: bool = False
    looked_after: bool = False
    social_worker: bool = False
    child_protection: bool = False
    young_carer: bool = False
    sen_status: str = ""
    """N, K or E; empty when not recorded."""
    ethnicity: str = ""
    first_language: str = ""
    part_time_from: date | None = None
    part_time_to: date | None = None
    admission_number: str = ""
    contacts: tuple[Contact, ...] = ()
    deceased: bool = False
    """Nobody is written to about this pupil, and no list has the name (docs/conventions.md, Who gets a letter)."""
    unknown: frozenset[str] = frozenset()
    """Names in KNOWABLE that nobody gives of this pupil; the fields themselves then hold False or None."""
    spells: tuple[Spell, ...] = ()
    """The spells on roll, in order of time; never empty."""

    def __post_init__(self) -> None:
        spells = self.spells or (Spell(self.on_roll_from, self.on_roll_to),)
        spells = tuple(sorted(spells, key=lambda spell: spell.start or date.min))
        last = max(spells, key=lambda spell: spell.end or date.max)
        object.__setattr__(self, "spells", spells)
        object.__setattr__(self, "on_roll_from", spells[0].start)
        object.__setattr__(self, "on_roll_to", last.end)

    @property
    def forename(self) -> str:
        """The forename used in school: preferred, else legal."""
        return self.preferred_forename or self.legal_forename

    @property
    def surname(self) -> str:
        """The surname used in school: preferred, else legal."""
        return self.preferred_surname or self.legal_surname

    def on_roll(self, day: date) -> bool:
        """Return True when the pupil is on roll on that day; both ends count."""
        return any(day in spell for spell in self.spells)

    def listed_on(self, day: date) -> bool:
        """Return True when a list of that day may name the pupil: on roll, and not known to have died."""
        return not self.deceased and self.on_roll(day)

    def first_day_on_roll(self, since: date) -> date | None:
        """Return the first day on roll from a day on; None when no spell reaches it."""
        days = (max(spell.start or since, since) for spell in self.spells)
        return min((day for day in days if self.on_roll(day)), default=None)

    @property
    def stretches(self) -> tuple[Spell, ...]:
        """The times on roll: spells that follow each other without a day between are one, of the first one's kind."""
        joined: list[Spell] = []
        for spell in self.spells:
            before = joined[-1] if joined else None
            if before and before.end and spell.start and (spell.start - before.end).days <= 1:
                joined[-1] = replace(before, end=spell.end)
            else:
                joined.append(spell)
        return tuple(joined)

    @property
    def returns(self) -> tuple[date, ...]:
        """The first day of each spell that comes after time off roll."""
        return tuple(
            later.start
            for earlier, later in pairwise(self.spells)
            if earlier.end and later.start and (later.start - earlier.end).days > 1
        )

    def with_spells(self, *spells: Spell) -> Pupil:
        """Return the pupil with these spells on roll in place of the ones held."""
        return replace(self, spells=spells)

    def left_by(self, day: date) -> Pupil:
        """Return the pupil with no day on roll after this one."""
        cut = [
            replace(spell, end=min(spell.end or day, day))
            for number, spell in enumerate(self.spells)
            if number == 0 or spell.start is None or spell.start <= day
        ]
        return self.with_spells(*cut)

    @property
    def flags(self) -> frozenset[str]:
        """The names in FLAGS that hold for this pupil now. What a day of the past had: :meth:`Register.with_flag`."""
        return frozenset(name for name in FLAGS if getattr(self, name))


@dataclass(frozen=True, slots=True)
class Mark:
    """One session's mark of one pupil as the MIS holds it now. An empty code or "-" is a missing mark."""

    pupil_id: str
    date: date
    half: Half
    code: str
    minutes_late: int | None = None
    comment: str = ""
    recorded_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Amendment:
    """A mark that was changed: the original entry stays provable (docs/conventions.md)."""

    pupil_id: str
    date: date
    half: Half
    original: str
    amended: str
    amended_at: datetime
    reason: str = ""
    amended_by: str = ""
    """Name of the person who changed it, where the MIS has it; else empty."""
    role: str = ""

    @property
    def changed_at(self) -> datetime:
        """The time of the change as the school's clock shows it; one without a zone is the school's own."""
        at = self.amended_at
        return at.astimezone(SCHOOL_TIME) if at.tzinfo else at.replace(tzinfo=SCHOOL_TIME)


_Day = date
PlanKind = Literal["attendance", "health", "reintegration"]
PLAN_KINDS: tuple[PlanKind, ...] = get_args(PlanKind)
PLAN_DECISIONS = ("agreed", "kept", "not kept", "ended")


@dataclass(frozen=True, slots=True)
class AttendancePlan:
    """An attendance plan agreed for a pupil on a day (hcat stage 3 counts from it), or what became of one by that day."""

    pupil_id: str
    date: date
    review: _Day | None = None
    """The day on which it is looked at again."""
    end: _Day | None = None
    """The last day for which it holds; None when it is open."""
    kind: PlanKind | Literal[""] = ""
    """Empty: of attendance."""
    decision: str = ""
    """One of PLAN_DECISIONS; empty: agreed."""
    by: str = ""
    note: str = ""
    """Its target, or what was agreed."""

    @property
    def begins(self) -> bool:
        """Whether a plan was agreed that day, and not the end of one noted."""
        return self.decision in ("", "agreed")

    @property
    def is_for_attendance(self) -> bool:
        """Whether it is an attendance plan, and none for health or for coming back to school."""
        return self.kind in ("", "attendance")


LeaveKind = Literal["holiday", "performance", "religious", "traveller", "service", "funeral", "other"]
LEAVE_KINDS: tuple[LeaveKind, ...] = get_args(LeaveKind)
LeaveDecision = Literal["granted", "refused", "in part"]
LEAVE_DECISIONS: tuple[LeaveDecision, ...] = get_args(LeaveDecision)


@dataclass(frozen=True, slots=True)
class Licence:
    """A licence of the authority for a pupil to perform, as the school has seen it."""

    start: date | None = None
    """The first day of absence that it names; None when it names no days."""
    end: date | None = None
    hours_a_day: float | None = None
    """Hours of education on a school day under the licence; None when not known."""
    hours_a_week: float | None = None

    def names(self, start: date, end: date) -> bool:
        """Return whether the licence itself names every one of these days."""
        return self.start is not None and self.end is not None and self.start <= start and end <= self.end


@dataclass(frozen=True, slots=True)
class LeaveRequest:
    """A request for leave on record, with the head's decision once there is one."""

    pupil_id: str
    start: date
    end: date
    kind: LeaveKind
    requested: date
    """The day on which the school received it."""
    decision: LeaveDecision | None = None
    """None: not decided yet."""
    decided: date | None = None
    """The day of the decision; set where there is a decision."""
    granted_from: date | None = None
    """First day granted, where less was granted than asked."""
    granted_to: date | None = None
    reason: str = ""
    """The head's reason, as the letter to the family may say it."""
    decided_by: str = ""
    licence: Licence | None = None
    """The licence that goes with a request to perform; None when the school has seen none."""

    @property
    def granted_days(self) -> tuple[date, date] | None:
        """Return the first and last day that were granted; None when none was."""
        if self.decision not in ("granted", "in part"):
            return None
        return self.granted_from or self.start, self.granted_to or self.end


class Exclusion(Table):
    """Families to whom rules must not write. All that is given must hold: the pupil, the flag, the year group, the rule, the days. Give at least one of `pupil_id`, `flag`, `year_groups` and `codes`. Repeat the table for more."""

    model_config = ConfigDict(populate_by_name=True)

    pupil_id: NonEmpty | None = Field(default=None, examples=["1042"])
    """The pupil by the MIS's own id."""
    flag: ExclusionFlag | None = Field(default=None, examples=["looked_after"])
    """Every pupil with this flag. "under_age" and "over_age" are before and after compulsory school age on the event's day, "part_time" a part-time timetable on that day, "sen" special needs (K or E)."""
    year_groups: tuple[NonEmpty, ...] = Field(default=(), examples=[["11", "13"]])
    """Every pupil who was in one of these year groups in the event's school year."""
    codes: tuple[NonEmpty, ...] = Field(default=(), examples=[["T"]])
    """Only letters home that would not be due without the sessions with these codes of absence."""
    rules: tuple[str, ...] = Field(default=(), examples=[["colour-letter"]])
    """Rules by id; none means every rule."""
    reason: str = Field(min_length=1, examples=["Medical plan agreed with the family"])
    """Why. It is kept with every event that this holds back."""
    start: date | None = Field(default=None, alias="from", examples=[date(2026, 9, 1)])
    """The day of the first event that it covers."""
    until: date | None = Field(default=None, examples=[date(2027, 7, 31)])
    """The day of the last event that it covers."""

    @model_validator(mode="after")
    def _names_something(self) -> Exclusion:
        if self.pupil_id is None and self.flag is None and not self.year_groups and not self.codes:
            raise ValueError("give at least one of pupil_id, flag, year_groups and codes")
        if self.start is not None and self.until is not None and self.until < self.start:
            raise ValueError("until lies before from; correct one of the two")
        return self


NOTICE_STATES = ("issued", "paid", "prosecuted", "withdrawn")
"""What may have become of a penalty notice; a later word outdoes an earlier one."""


@dataclass(frozen=True, slots=True)
class Notice:
    """A penalty notice that was issued to one adult for one pupil."""

    pupil_id: str
    contact_id: str
    issued: date
    state: str = ""
    """One of NOTICE_STATES; empty: issued, and no more is known."""


@dataclass(frozen=True, slots=True)
class NoticeToImprove:
    """A notice to improve on record: so many school weeks in which more than ``allowed`` sessions missed break it."""

    pupil_id: str
    issued: date
    weeks: int
    """Length in school weeks after the week of the day of issue, 3 to 6 (docs/conventions.md, Penalty notices)."""
    allowed: int = 0
    """Sessions of unauthorised absence (G, N, O, U) that do not break it."""
    contact_id: str = ""
    """The parent to whom it was given; empty for every parent."""


NOTICE_WEEKS = (3, 6)
"""The shortest and the longest notice to improve, in school weeks (docs/conventions.md, Penalty notices)."""

FormOutcome = Literal["notice", "notice-to-improve", "none"]
FORM_OUTCOMES: tuple[FormOutcome, ...] = get_args(FormOutcome)


@dataclass(frozen=True, slots=True)
class FormDecision:
    """What the head decided on a pupil's penalty consideration forms of up to that day."""

    pupil_id: str
    decided: date
    outcome: FormOutcome
    reason: str = ""
    by: str = ""
