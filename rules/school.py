"""School facts about people: pupils, the adults round them, and what is on record for a pupil.

Plain values without behaviour beyond what every reader of them needs. Whoever brings them in (an adapter, a
register folder, the store) has already checked them; nothing here reads a file or a network.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal, NamedTuple, get_args

from pydantic import Field, model_validator

from rules.settings import Table

Half = Literal["AM", "PM"]
Nation = Literal["england", "wales"]

Flag = Literal[
    "fsm", "pupil_premium", "eal", "looked_after", "social_worker", "child_protection", "young_carer"
]
FLAGS: tuple[Flag, ...] = get_args(Flag)
"""The yes/no facts about a pupil that rules, exclusions and groups of statistics can name."""


class Session(NamedTuple):
    """Half a school day."""

    date: date
    half: Half


@dataclass(frozen=True, slots=True)
class Address:
    """A postal address as the MIS holds it. Any part may be empty."""

    lines: tuple[str, ...] = ()
    """Up to three lines before the town."""
    town: str = ""
    county: str = ""
    postcode: str = ""
    country: str = ""

    @property
    def usable(self) -> bool:
        """True when a letter could reach it: a first line and a postcode or a town."""
        return any(line.strip() for line in self.lines) and bool(self.postcode.strip() or self.town.strip())


@dataclass(frozen=True, slots=True)
class Contact:
    """One adult as linked to one pupil. The same adult appears once per pupil, with the same contact_id."""

    contact_id: str
    title: str = ""
    forename: str = ""
    surname: str = ""
    salutation: str = ""
    """How the MIS says to greet this adult, without "Dear"; empty when it says nothing."""
    relationship: str = ""
    priority: int | None = None
    """1 is the first contact; None when the MIS gives no order."""
    parental_responsibility: bool = False
    court_order: bool = False
    """A court order restricts this adult: never written to, whatever else is set."""
    correspondence: bool = True
    """May be written to. False always wins over parental responsibility."""
    language: str = ""
    """Language for letters as a two-letter tag ("cy"); empty means the school's own."""
    address: Address = field(default_factory=Address)
    email: str = ""


@dataclass(frozen=True, slots=True)
class Pupil:
    """A pupil on, or once on, the school's roll."""

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
    """None: on roll from the calendar's start."""
    on_roll_to: date | None = None
    """The leaving date itself counts; None: still on roll."""
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
        return (self.on_roll_from is None or self.on_roll_from <= day) and (
            self.on_roll_to is None or day <= self.on_roll_to
        )

    @property
    def flags(self) -> frozenset[str]:
        """The names in FLAGS that hold for this pupil."""
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


@dataclass(frozen=True, slots=True)
class AttendancePlan:
    """An attendance plan agreed for a pupil on a day (hcat stage 3 counts from it)."""

    pupil_id: str
    date: date


@dataclass(frozen=True, slots=True)
class LeaveRequest:
    """A request for leave on record (aspire leave-request)."""

    pupil_id: str
    start: date
    end: date
    kind: Literal["holiday", "performance", "other"]
    requested: date


class Exclusion(Table):
    """Families to whom rules must not write: one pupil's, or those of all pupils with a flag. Repeat the table for more."""

    pupil_id: str | None = Field(default=None, examples=["1042"])
    """The pupil by the MIS's own id. Give this or `flag`."""
    flag: Flag | None = Field(default=None, examples=["looked_after"])
    """Every pupil with this flag."""
    rules: tuple[str, ...] = Field(default=(), examples=[["colour-letter"]])
    """Rules by id; none means every rule."""
    reason: str = Field(min_length=1, examples=["Medical plan agreed with the family"])
    """Why. It is kept with every event that this holds back."""
    until: date | None = Field(default=None, examples=[date(2027, 7, 31)])
    """The last day on which it holds."""

    @model_validator(mode="after")
    def _one_of_two(self) -> Exclusion:
        if (self.pupil_id is None) == (self.flag is None):
            raise ValueError("give one of the two, pupil_id or flag")
        return self


@dataclass(frozen=True, slots=True)
class Notice:
    """A penalty notice that was issued to one adult for one pupil."""

    pupil_id: str
    contact_id: str
    issued: date
