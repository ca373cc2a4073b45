"""The `[[school]]` tables: one school, its MIS, its letters, and how far a run goes by itself."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PrivateAttr,
    ValidationInfo,
    field_validator,
    model_validator,
)

from connector.adapters.base import Http
from connector.adapters.folder.columns import column_faults
from connector.adapters.folder.reads import ALL_COLUMNS
from connector.config.table import FilePath, Table, Zone
from letters.addressees import LetterOptions, NamedAddressee
from letters.reports.benchmarks import Phase
from letters.school_details import SchoolDetails
from rules.school import Address, Exclusion, Nation

SCHOOL_ID = r"^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$"
Flag = Literal[
    "fsm", "pupil_premium", "eal", "looked_after", "social_worker", "child_protection", "young_carer"
]


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
            raise RuntimeError("an adapter's settings are there only in a configuration read by load_config")
        return self._settings

    def set_settings(self, settings: BaseModel) -> None:
        """Keep the checked settings; for the loader only."""
        self._settings = settings


class HttpConfig(Table):
    """HTTP to the MIS. Leave it out unless the school's network needs it."""

    ca_bundle: FilePath | None = Field(default=None, examples=["school-filter.pem"])
    """PEM file of certificates to trust in place of the operating system's own, where a filter re-signs TLS."""
    proxy: str | None = Field(
        default=None, pattern=r"^https?://", examples=["http://proxy.hill.example:8080"]
    )
    """Proxy on the way to the MIS. Without it the environment's HTTPS_PROXY and NO_PROXY hold."""
    connect_seconds: float = Field(default=10.0, gt=0)
    """Longest wait for a connection."""
    read_seconds: float = Field(default=60.0, gt=0)
    """Longest wait for an answer."""
    tries: int = Field(default=5, ge=1, le=20)
    """How often one request is tried before it counts as failed."""
    longest_wait_seconds: float = Field(default=120.0, ge=0)
    """Longest pause between two tries, whatever the MIS asks for."""

    def options(self) -> Http:
        """The same as the adapters take it."""
        return Http(
            ca_bundle=str(self.ca_bundle) if self.ca_bundle else None,
            proxies={"http": self.proxy, "https": self.proxy} if self.proxy else {},
            connect_seconds=self.connect_seconds,
            read_seconds=self.read_seconds,
            tries=self.tries,
            longest_wait_seconds=self.longest_wait_seconds,
        )


class NamedAddresseeConfig(Table):
    """Who gets the letters about looked-after children. Without this table they are held for a person to send."""

    name: str = Field(min_length=1, examples=["Head of the Virtual School"])
    """The name on the envelope."""
    salutation: str = Field(default="", examples=["Ms Okoro"])
    """How the letter greets, without "Dear"."""
    address: list[str] = Field(min_length=1, max_length=3, examples=[["Guildhall", "Alfred Gelder Street"]])
    """Up to three lines."""
    town: str = Field(default="", examples=["Hull"])
    """Post town."""
    postcode: str = Field(default="", examples=["HU1 2AA"])
    """Postcode. A letter needs it or the town."""
    language: Literal["", "en", "cy"] = ""
    """Language of the letter; empty means the school's."""

    @model_validator(mode="after")
    def _reachable(self) -> NamedAddresseeConfig:
        if not (self.town or self.postcode):
            raise ValueError("an address needs a postcode or a town")
        return self

    def as_addressee(self) -> NamedAddressee:
        """The same as the letters take it."""
        address = Address(lines=tuple(self.address), town=self.town, postcode=self.postcode)
        return NamedAddressee(self.name, address, self.salutation, self.language)


class LettersConfig(Table):
    """What stands on the school's letters."""

    telephone: str = Field(min_length=1, examples=["01482 000000"])
    """The school's telephone number. Every letter gives it."""
    address: list[str] = Field(default=[], max_length=6, examples=[["Hill Road", "Hull", "HU1 1AA"]])
    """The school's address, line by line, with the postcode last."""
    email: str = Field(default="", examples=["office@hill.example"])
    """The school's e-mail address."""
    website: str = Field(default="", examples=["www.hill.example"])
    """The school's website."""
    head_name: str = Field(default="", examples=["Mrs J. Amadi"])
    """Who signs."""
    head_title: str = "Headteacher"
    """What stands under the name of who signs."""
    attendance_contact_name: str = Field(default="", examples=["Mr P. Lowe"])
    """Whom families ask about a mark."""
    attendance_contact_telephone: str = Field(default="", examples=["01482 000001"])
    """The number for that; empty means the school's."""
    attendance_contact_email: str = Field(default="", examples=["attendance@hill.example"])
    """The e-mail address for that; empty means the school's."""
    authority_name: str = Field(default="", examples=["Hull City Council"])
    """The local authority, for the documents that go to it."""
    number: str = Field(default="", examples=["810/2001"])
    """The school's DfE or Welsh Government number, for the same documents."""
    logo: FilePath | None = Field(default=None, examples=["logo.png"])
    """The school's logo, PNG or JPEG."""
    signature: FilePath | None = Field(default=None, examples=["signature.png"])
    """The signature of who signs, PNG or JPEG."""
    templates: FilePath | None = Field(default=None, examples=["templates"])
    """Folder of the school's own Word templates (`letters export` starts one). What is not in it is taken from the shipped ones."""
    language: Literal["en", "cy"] = "en"
    """Language for adults for whom the MIS gives none."""
    group_siblings: bool = False
    """Put the letters of one household together in the print pile. Each pupil's record gets its own all the same."""
    share_with_guardians: bool = False
    """Show letters and notes in the MIS's portal for parents, where the MIS can."""
    looked_after_to: NamedAddresseeConfig | None = None

    def details(self, name: str) -> SchoolDetails:
        """The letterhead's facts of the school of that name. Raises OSError when a picture cannot be read."""
        return SchoolDetails(
            name=name,
            telephone=self.telephone,
            address=tuple(self.address),
            email=self.email,
            website=self.website,
            head_name=self.head_name,
            head_title=self.head_title,
            attendance_contact_name=self.attendance_contact_name,
            attendance_contact_telephone=self.attendance_contact_telephone,
            attendance_contact_email=self.attendance_contact_email,
            authority_name=self.authority_name,
            number=self.number,
            language=self.language,
            logo=self.logo.read_bytes() if self.logo else None,
            signature=self.signature.read_bytes() if self.signature else None,
        )

    def options(self) -> LetterOptions:
        """The school's decisions about letters."""
        to = self.looked_after_to.as_addressee() if self.looked_after_to else None
        return LetterOptions(looked_after_to=to, group_siblings=self.group_siblings)


class RunConfig(Table):
    """How far a run goes by itself, and when it waits for a person."""

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
    first_run_school_days: int = Field(default=10, ge=0, le=400)
    """Without `since`: the very first run holds events that are older than this many school days, for a person to release."""
    settling_days: int = Field(default=0, ge=0, le=20)
    """How many school days old the marks must be on which a letter rests. Until then it is held; above 0 so are letters whose time still has missing or N marks."""
    settling_by_rule: dict[str, int] = Field(default_factory=dict, examples=[{"stage-1": 3}])
    """The same for single rules."""
    hold_above_events: int = Field(default=100, ge=1)
    """More new events than this in one run are held until a person releases them. Rules at the end of a half term, term or year do not count."""
    hold_above_events_of_rule: dict[str, int] = Field(default_factory=dict, examples=[{"stage-4": 5}])
    """The same for single rules."""
    hold_above_missing_percent: float = Field(default=20.0, ge=0, le=100)
    """When more than this share of the day's marks are missing, the events of that run are held."""
    hold_above_off_calendar_percent: float = Field(default=2.0, ge=0, le=100)
    """The same when more than this share of the last four weeks' marks fall on days without school: the calendar is wrong."""
    hold_above_cleared_percent: float = Field(default=25.0, ge=0, le=100)
    """A pull that takes away more than this share of the marks it brings is not believed."""
    catch_up: Literal["sequence", "highest"] | None = Field(default=None, examples=["sequence"])
    """Several steps of a ladder due at once: "sequence" sends one after the other, "highest" the highest only. Without this key: as the policy says."""
    ladder_gap_days: int | None = Field(default=None, ge=0, examples=[5])
    """School days between two letters of one ladder. Without this key: as the policy says."""
    review: list[str] = Field(default_factory=list, examples=[["stage-4"]])
    """Rules whose letters wait for `events approve`; ["all"] means every rule."""
    digest: FilePath | None = Field(default=None, examples=["digest"])
    """Folder for the digest and the reports, where the MIS takes no document on the school."""
    reports: list[Literal["weekly", "termly"]] = Field(default=["weekly", "termly"])
    """Reports made by themselves beside the digest: "weekly" for tutors and on persistent absence, "termly" for governors."""


class SupplyConfig(Table):
    """What the MIS lacks, from elsewhere."""

    calendar: FilePath | None = Field(default=None, examples=["calendar.csv"])
    """A calendar.csv as in a register folder, for a MIS that gives no calendar."""
    contacts: FilePath | None = Field(default=None, examples=["contacts.csv"])
    """A contacts.csv as in a register folder, for a MIS that gives no contacts."""
    records: FilePath | None = Field(default=None, examples=["records.toml"])
    """Attendance plans, requests for leave, issued notices and exclusions, as in a register folder's settings.toml."""
    folder: FilePath | None = Field(default=None, examples=["letters-out"])
    """Folder for notes and letters, for a MIS that takes none: a folder per pupil, each with an index.csv."""
    folders_by_upn: bool = False
    """Name those folders by UPN in place of the MIS's own id, which staff seldom know."""


class ExclusionConfig(Table):
    """Families to whom rules must not write: one pupil's, or those of all pupils with a flag. Repeat the table for more."""

    pupil_id: str | None = Field(default=None, examples=["1042"])
    """The pupil by the MIS's own id. Give this or `flag`."""
    flag: Flag | None = Field(default=None, examples=["looked_after"])
    """Every pupil with this flag."""
    rules: list[str] = Field(default=[], examples=[["colour-letter"]])
    """Rules by id; none means every rule."""
    reason: str = Field(min_length=1, examples=["Medical plan agreed with the family"])
    """Why. It is kept with every event that this holds back."""
    until: date | None = Field(default=None, examples=[date(2027, 7, 31)])
    """The last day on which it holds."""

    @model_validator(mode="after")
    def _one_of_two(self) -> ExclusionConfig:
        if (self.pupil_id is None) == (self.flag is None):
            raise ValueError("give one of the two, pupil_id or flag")
        return self

    def as_exclusion(self) -> Exclusion:
        """The same as the rules take it."""
        return Exclusion(self.reason, tuple(self.rules), self.pupil_id, self.flag, self.until)


class SchoolConfig(Table):
    """One school. Repeat the table for each school of a trust; their data never mix."""

    id: str = Field(pattern=SCHOOL_ID, examples=["hill-primary"])
    """Short name for commands, file names and secrets: small letters, digits and dashes."""
    name: str = Field(min_length=1, examples=["Hill Primary School"])
    """The school's name as it stands on letters."""
    nation: Nation = "england"
    """Whose attendance codes hold: england or wales."""
    phase: Phase = "primary"
    """Which published national figures the governors' report is set beside: primary, secondary, special or all."""
    welsh_d_attended: bool = True
    """Wales only: whether D (dual registered) counts as attended."""
    policy: str = Field(min_length=1, examples=["hcat"])
    """The policy: a shipped one by id (`policies list`), or the path of your own TOML file."""
    time_zone: Zone = "Europe/London"
    """Without this key: the service's."""
    mis: MisConfig
    http: HttpConfig = HttpConfig()
    letters: LettersConfig
    run: RunConfig = RunConfig()
    supply: SupplyConfig = SupplyConfig()
    columns: dict[str, str] = Field(
        default_factory=dict, examples=[{"pupil_id": "Adno", "date_format": "%d/%m/%Y"}]
    )
    """Headers of a register folder's files where they are not the usual ones, and `date_format`, the form of its dates where they are not written 2025-11-28. `am` and `pm` name the columns of marks with a row for each day."""
    exclusions: list[ExclusionConfig] = Field(default_factory=list)

    @field_validator("columns")
    @classmethod
    def _known_columns(cls, value: dict[str, str]) -> dict[str, str]:
        faults = [f"{name} {message}; {fix}" for name, message, fix in column_faults(value, ALL_COLUMNS)]
        if faults:
            raise ValueError(". ".join(faults))
        return value

    @field_validator("policy")
    @classmethod
    def _from_file(cls, value: str, info: ValidationInfo) -> str:
        base = (info.context or {}).get("base")
        if value.endswith(".toml") and base is not None:
            return str(Path(base) / Path(value).expanduser())
        return value

    @property
    def zone(self) -> ZoneInfo:
        """The school's time zone."""
        return ZoneInfo(self.time_zone)
