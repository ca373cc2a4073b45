"""The `[[school]]` tables: one school, its MIS, its letters, and what a run may do without a person."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PrivateAttr,
    ValidationInfo,
    field_validator,
    model_validator,
)

from connector.adapters.folder.columns import column_faults
from connector.adapters.folder.reads import ALL_COLUMNS
from connector.adapters.supplied import SupplyConfig
from connector.config.mail import MailConfig
from connector.config.service import SchoolServiceConfig
from connector.config.times import Clock, Zone
from connector.http import HttpConfig
from letters.reports.governors.benchmarks import Phase
from letters.school_details import LettersConfig
from rules.school import Contact, Exclusion, Nation, NonEmpty, Pupil
from rules.settings import FilePath, Table

SCHOOL_ID = r"^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$"


PolicyNames = Annotated[
    tuple[Annotated[str, Field(min_length=1)], ...],
    BeforeValidator(lambda value: (value,) if isinstance(value, str) else value),
]


Percent = Annotated[float, Field(gt=0, le=100)]


class MisConfig(Table):
    """The school's MIS: which adapter, then that adapter's own settings. Secrets are not among them: `credentials set`."""

    model_config = ConfigDict(extra="allow", frozen=True, use_attribute_docstrings=True)

    adapter: str = Field(examples=["arbor"])
    """Which MIS: arbor, sims, xporter, wonde, or folder for a folder of CSV files."""
    _settings: BaseModel | None = PrivateAttr(default=None)

    @property
    def settings(self) -> BaseModel:
        """The adapter's own settings, checked with the adapter's model when the file was read."""
        if self._settings is None:
            raise RuntimeError("an adapter's settings exist only in a configuration read by load_config")
        return self._settings

    @property
    def is_checked(self) -> bool:
        """Whether the adapter's settings could be read: a faulty table has none."""
        return self._settings is not None

    def set_settings(self, settings: BaseModel) -> None:
        """Keep the checked settings; for the loader only."""
        self._settings = settings


class GivenAbsence(Table):
    """Absence that the school itself gave, such as study leave (S), travel of a Traveller family (T), leave granted (C) or an exclusion (E). It counts in every figure as the law says; a letter home that would not be due without these sessions is recorded as excluded. Without this table: study leave (S) of every year group; tables that you write take its place. With `given_absence = []` in the table above nothing is given."""

    model_config = ConfigDict(populate_by_name=True)

    codes: tuple[NonEmpty, ...] = Field(min_length=1, examples=[["S"]])
    """The codes of absence. C1, C2 and the like are codes of their own."""
    year_groups: tuple[NonEmpty, ...] = Field(default=(), examples=[["11", "13"]])
    """Only sessions of pupils who were in one of these year groups in that school year."""
    start: date | None = Field(default=None, alias="from", examples=[date(2026, 5, 11)])
    """Only sessions from this day on."""
    to: date | None = Field(default=None, examples=[date(2026, 6, 26)])
    """Only sessions up to this day."""

    @model_validator(mode="after")
    def _in_order(self) -> GivenAbsence:
        if self.start is not None and self.to is not None and self.to < self.start:
            raise ValueError("to lies before from; correct one of the two")
        return self


class RunConfig(Table):
    """What a run does automatically, and when it waits for a person."""

    dry_run: bool = False
    """No run writes to the MIS: what would be written is only listed."""
    trial_day: date | None = Field(default=None, examples=[date(2025, 10, 24)])
    """For trials against a mock MIS only: every run is made as if this were today."""
    since: date | None = Field(default=None, examples=[date(2026, 9, 1)])
    """Events before this day are kept on record and never written. Set it when you start in the middle of a year."""
    history_from: date | None = Field(default=None, examples=[date(2025, 9, 1)])
    """How far back the first pull reads. Without this key: as far as the MIS has."""
    recent_school_days: int = Field(default=20, ge=1, le=200)
    """Marks of this many school days are read again in every run, because marks get corrected."""
    am_closes: Clock = "10:00"
    """When the morning's register is closed, in the school's time zone. Until then nothing of the day is missing, and a run judges the days before."""
    pm_closes: Clock = "14:30"
    """When the afternoon's register is closed. From then on a run judges the whole day."""
    most_days_after_marks: int = Field(default=70, ge=1, le=400)
    """A run for a day that lies more than this many days beyond the last mark is held: a wrong clock, or registers that stopped."""
    first_run_school_days: int = Field(default=10, ge=0, le=400)
    """Without `since`: the first run for this school holds events that are older than this many school days, for a person to release."""
    oldest_letter_school_days: int = Field(default=10, ge=1, le=400)
    """A letter home about an event of more school days ago is held as too old to send, for a person to release; on a ladder its gap is added."""
    settling_days: int = Field(default=0, ge=0, le=20)
    """How many school days old the marks behind a letter must be. Until then it is held; above 0, letters whose period still has missing or N marks are held too."""
    settling_by_rule: dict[str, int] = Field(default_factory=dict, examples=[{"stage-1": 3}])
    """The same for single rules."""
    hold_above_events: int = Field(default=100, ge=1)
    """More new events than this in one run are held until a person releases them. Rules at the end of a month, half term, term or year do not count."""
    hold_above_events_of_rule: dict[str, int] = Field(default_factory=dict, examples=[{"stage-4": 5}])
    """The same for single rules."""
    hold_above_missing_percent: float = Field(default=20.0, ge=0, le=100)
    """When more than this share of a day's marks are missing or have an unknown code, the events of that run are held until the day's marks are there."""
    hold_above_off_calendar_percent: float = Field(default=2.0, ge=0, le=100)
    """The same when more than this share of the last four weeks' marks fall on days without school: the calendar is wrong."""
    hold_above_cleared_percent: float = Field(default=25.0, ge=0, le=100)
    """A pull that removes more than this share of the marks it brings is refused."""
    hold_above_withdrawals: int = Field(default=20, ge=1)
    """More written events than this that would be withdrawn in one run, because their marks changed, are held instead."""
    hold_above_withdrawals_percent: float = Field(default=25.0, ge=0, le=100)
    """The same by share of the written events that stand; two are never many."""
    hold_above_changed_marks_percent: float = Field(default=10.0, ge=0, le=100)
    """When more than this share of the known recent marks changed since the last run, nothing that follows from it is withdrawn or written; 19 marks are never many."""
    hold_above_changed_pupils_percent: float = Field(default=25.0, ge=0, le=100)
    """The same when the changed marks are those of more than this share of the pupils; 19 marks or 4 pupils are never many."""
    catch_up: Literal["sequence", "highest"] | None = Field(default=None, examples=["sequence"])
    """Several steps of a ladder due at once: "sequence" sends one after the other, "highest" the highest only. Without this key: as the policy says."""
    ladder_gap_days: int | None = Field(default=None, ge=0, examples=[5])
    """School days between two letters of one ladder. Without this key: as the policy says."""
    review: list[str] = Field(default_factory=list, examples=[["stage-4"]])
    """Rules whose letters wait for `events approve`; ["all"] means every rule."""
    rules_on: list[str] = Field(default_factory=list, examples=[["three-days-missed"]])
    """Rules that are off in their policy (`policies show`) and that runs act on all the same. What they found in weeks before is held."""
    rules_off: list[str] = Field(default_factory=list, examples=[["late-meeting"]])
    """Rules that runs do not act on. What was written stays; what waits is put aside, and held if the rule is switched on again."""
    rules_until: dict[str, date] = Field(default_factory=dict, examples=[{"late-letter": date(2026, 7, 21)}])
    """Rules that end: no event of a later day."""
    digest: FilePath | None = Field(default=None, examples=["digest"])
    """Folder for the digest and the reports, where the MIS takes no document on the school."""
    records_folder: FilePath | None = Field(default=None, examples=["records"])
    """Folder with the office's own lists of what people did (docs/records.md): each run takes in every CSV file there and writes an answer next to it."""
    reports: list[Literal["weekly", "half-termly", "termly", "yearly"]] = Field(
        default=["weekly", "termly", "yearly"]
    )
    """Reports made automatically, besides the digest: "weekly" for tutors and on persistent absence, patterns and data quality for the office; "half-termly", "termly" and "yearly" for governors."""
    given_absence: list[GivenAbsence] = Field(default=[GivenAbsence(codes=("S",))])

    @model_validator(mode="after")
    def _no_contradiction(self) -> RunConfig:
        if self.am_closes >= self.pm_closes:
            raise ValueError(
                f"am_closes ({self.am_closes}) must be earlier than pm_closes ({self.pm_closes}); correct one of the two"
            )
        both = sorted({*self.rules_on} & {*self.rules_off})
        if both:
            raise ValueError(f"{both[0]} is in rules_on and in rules_off; take it out of one")
        return self

    def settling_of(self, rule_id: str) -> int:
        """Return how many school days the rule's marks must settle."""
        return self.settling_by_rule.get(rule_id, self.settling_days)

    def needs_review(self, rule_id: str) -> bool:
        """Return True when a person approves this rule's letters."""
        return rule_id in self.review or "all" in self.review


class ContactsConfig(Table):
    """What holds for adults of whom neither the MIS nor `supply.contacts` says it. Without a key, a letter to such an adult is held."""

    court_orders: Literal["none on record"] | None = Field(default=None, examples=["none on record"])
    """"none on record": the school confirms that no court order restricts an adult of whom nothing else is said."""
    correspondence: Literal["none barred"] | None = Field(default=None, examples=["none barred"])
    """"none barred": the school confirms that an adult of whom nothing else is said may be written to."""

    @property
    def answers(self) -> frozenset[str]:
        """The facts that these settings answer, by their names in connector/adapters/facts_not_given.py."""
        said = {"court_order": self.court_orders, "correspondence": self.correspondence}
        return frozenset(fact for fact, value in said.items() if value is not None)

    def settled(self, pupil: Pupil) -> Pupil:
        """Return a pupil whose contacts have the settings' answers where nobody says anything."""
        return replace(pupil, contacts=tuple(map(self._settled, pupil.contacts))) if self.answers else pupil

    def _settled(self, contact: Contact) -> Contact:
        no_order = contact.court_order is None and self.court_orders is not None
        not_barred = contact.correspondence is None and self.correspondence is not None
        return replace(
            contact,
            court_order=False if no_order else contact.court_order,
            correspondence=True if not_barred else contact.correspondence,
        )


class SchoolConfig(Table):
    """One school. Repeat the table for each school of a trust; their data never mix."""

    id: str = Field(pattern=SCHOOL_ID, examples=["hill-primary"])
    """Short name for commands, file names and secrets: small letters, digits and dashes."""
    name: str = Field(min_length=1, examples=["Hill Primary School"])
    """The school's name as it appears on letters."""
    nation: Nation = "england"
    """Whose attendance codes apply: england or wales."""
    phase: Phase = "primary"
    """Which published national figures the governors' report compares with: primary, secondary, special or all."""
    target: Percent | None = Field(default=None, examples=[96.5])
    """The school's own target for the attendance of the whole school over the year, in per cent. Reports show it in place of the policy's."""
    attendance_expectation: Percent | None = Field(default=None, examples=[94.8])
    """The attendance over the year, in per cent, that the Department for Education's attendance baseline improvement expectation (ABIE) asks of the school. The governors' report shows how far it is."""
    welsh_d_attended: bool = True
    """Wales only: whether D (dual registered) counts as attended."""
    policy: PolicyNames = Field(min_length=1, examples=[["hcat", "england-2024"]])
    """The policies, in order: shipped ones by id (`policies list`), or paths of your own TOML files; one may stand without brackets. Rules of all of them count; bands, colours and target are the first one's, and so is a rule that two have. An English school names `england-2024` too."""
    policy_review_by: date | None = Field(default=None, examples=[date(2026, 9, 1)])
    """The day by which the governors look at the attendance policy again. `check` warns from the day after. Without this key: as a policy of your own says (`review_by`); the shipped ones name no day."""
    time_zone: Zone = "Europe/London"
    """Without this key: the service's."""
    mis: MisConfig
    http: HttpConfig = HttpConfig()
    letters: LettersConfig
    run: RunConfig = RunConfig()
    service: SchoolServiceConfig = SchoolServiceConfig()
    mail: MailConfig | None = None
    supply: SupplyConfig = SupplyConfig()
    contacts: ContactsConfig = ContactsConfig()
    columns: dict[str, str] = Field(
        default_factory=dict, examples=[{"pupil_id": "Adno", "date_format": "%d/%m/%Y"}]
    )
    """Headers of a register folder's files where they are not the usual ones, and `date_format`, the form of its dates where they are not written 2025-11-28. `am` and `pm` name the columns of marks with a row for each day."""
    exclusions: list[Exclusion] = Field(default_factory=list)

    @field_validator("columns")
    @classmethod
    def _known_columns(cls, value: dict[str, str]) -> dict[str, str]:
        faults = [f"{name} {message}; {fix}" for name, message, fix in column_faults(value, ALL_COLUMNS)]
        if faults:
            raise ValueError(". ".join(faults))
        return value

    @field_validator("policy")
    @classmethod
    def _from_file(cls, value: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        base = (info.context or {}).get("base")
        if base is None:
            return value
        return tuple(
            str(Path(base) / Path(name).expanduser()) if name.endswith(".toml") else name for name in value
        )

    @property
    def zone(self) -> ZoneInfo:
        """The school's time zone."""
        return ZoneInfo(self.time_zone)
