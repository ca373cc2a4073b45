"""The contract between the service and any MIS: what an adapter reads, what it writes, what it can do.

State promise: reads are at least once and merged by key; the bookmark moves only when a pull has been read to
its end; a write is looked up by event key before it is made and read back afterwards. An adapter keeps no state
of its own and knows neither the store nor the run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

from pydantic import BaseModel

from connector.adapters.written_text import clean_line, clean_text
from connector.errors import Finding
from rules.calendar import Period
from rules.pupil_record import PupilRecord
from rules.school import (
    Address,
    Amendment,
    AttendancePlan,
    Contact,
    Exclusion,
    FormDecision,
    LeaveRequest,
    Mark,
    Notice,
    NoticeToImprove,
    Pupil,
    Session,
)

if TYPE_CHECKING:
    from connector.http import HttpConfig


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a MIS (through its adapter) can do. `run` and `check` refuse a configuration that needs more."""

    changes: bool = False
    """Can say what changed since a bookmark; otherwise each pull is a full one."""
    calendar: bool = False
    contacts: bool = False
    spells: bool = False
    """Gives every spell on roll of a pupil who left and came back; otherwise the one entry and leaving date it holds."""
    amendments: bool = False
    """Gives the MIS's own history of changed marks, with who and when."""
    notes: bool = False
    documents: bool = False
    school_documents: bool = False
    """Can file a document on the school as well as on a pupil."""
    records: bool = False
    """Gives what people did for pupils besides marks, such as meetings and visits (``RecordPage``)."""


@dataclass(frozen=True, slots=True)
class MisSchool:
    """The school as the MIS knows it."""

    mis_id: str
    name: str
    urn: str = ""
    phase: str = ""
    telephone: str = ""
    email: str = ""
    address: Address = field(default_factory=Address)


@dataclass(frozen=True, slots=True)
class MisCode:
    """One attendance code as the MIS defines it."""

    code: str
    meaning: str = ""
    counts_as: Literal["present", "approved", "authorised", "unauthorised", "not_possible", "missing", ""] = (
        ""
    )
    """The MIS's own statistical meaning; empty when it does not say. A disagreement with our dated table is a
    named error, never a guess."""


def by_priority(contacts: Iterable[Contact]) -> tuple[Contact, ...]:
    """Return contacts in order of priority, those without one last, each once.

    Of one who comes twice for a pupil the first stays, and of what bars an adult the stricter of the two holds.
    """
    once: dict[str, Contact] = {}
    for number, contact in enumerate(contacts):
        key = contact.contact_id or f"without an id {number}"
        once[key] = _stricter(once[key], contact) if key in once else contact
    return tuple(sorted(once.values(), key=lambda c: (c.priority is None, c.priority or 0, c.contact_id)))


def _stricter(first: Contact, second: Contact) -> Contact:
    orders = {first.court_order, second.court_order}
    letters = {first.correspondence, second.correspondence}
    return replace(
        first,
        parental_responsibility=first.parental_responsibility and second.parental_responsibility,
        court_order=True if True in orders else None if None in orders else False,
        correspondence=False if False in letters else None if None in letters else True,
        deceased=first.deceased or second.deceased,
        refuge=first.refuge or second.refuge,
    )


# What a pull yields, page by page. Each page is committed with its merge, in the order it came.


@dataclass(frozen=True, slots=True)
class SchoolPage:
    """The school's own details."""

    school: MisSchool


@dataclass(frozen=True, slots=True)
class CodesPage:
    """The MIS's complete list of attendance codes."""

    codes: tuple[MisCode, ...]


@dataclass(frozen=True, slots=True)
class CalendarPage:
    """The calendar as the MIS has it now, of one year or several: merged into what is known, by its span."""

    periods: tuple[Period, ...]


@dataclass(frozen=True, slots=True)
class PupilPage:
    """Pupils, each whole, with their contacts; and ids that the MIS says are gone."""

    pupils: tuple[Pupil, ...]
    removed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MarkPage:
    """Marks as they stand now; and sessions whose mark was taken away. The later of two rows wins."""

    marks: tuple[Mark, ...]
    cleared: tuple[tuple[str, Session], ...] = ()
    """(pupil id, session) pairs whose mark the MIS no longer holds."""
    details: bool = True
    """False: these rows cannot say minutes late or a comment; those held stay while the code is the same."""


@dataclass(frozen=True, slots=True)
class AmendmentPage:
    """Changes of marks with who and when, where the MIS keeps such a history."""

    amendments: tuple[Amendment, ...]


@dataclass(frozen=True, slots=True)
class RecordPage:
    """What else is on record for pupils; each non-None tuple is complete and replaces what its source said before."""

    attendance_plans: tuple[AttendancePlan, ...] | None = None
    leave_requests: tuple[LeaveRequest, ...] | None = None
    exclusions: tuple[Exclusion, ...] | None = None
    notices: tuple[Notice, ...] | None = None
    notices_to_improve: tuple[NoticeToImprove, ...] | None = None
    form_decisions: tuple[FormDecision, ...] | None = None
    pupil_records: tuple[PupilRecord, ...] | None = None
    supplied: bool = False
    """True for what a supplied records file says, and the MIS does not."""


@dataclass(frozen=True, slots=True)
class FilesPage:
    """The optional files that were there, of a source that is a folder: one that was read before and is missing is a fault."""

    files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AllPupilsSent:
    """Every pupil the MIS holds has been sent in this pull: others held before are gone from the MIS."""

    left_out: tuple[str, ...] = ()
    """Pupils by id whom the MIS holds and whose facts could not be read: they are not gone."""


@dataclass(frozen=True, slots=True)
class AllMarksSent:
    """Every mark between these two dates (both counted) has been sent in this pull: others are gone."""

    start: date
    end: date


@dataclass(frozen=True, slots=True)
class PullEnd:
    """What a complete pull yields last. ``bookmark`` is opaque text for the next pull."""

    bookmark: str | None
    warnings: tuple[str, ...] = ()


Page = (
    SchoolPage
    | CodesPage
    | CalendarPage
    | PupilPage
    | MarkPage
    | AmendmentPage
    | RecordPage
    | FilesPage
    | AllPupilsSent
    | AllMarksSent
    | PullEnd
)


@dataclass(frozen=True, slots=True)
class PullRequest:
    """What the service asks of a pull."""

    bookmark: str | None
    """From the last complete pull; None asks for everything."""
    recent_from: date
    """Marks from this day on are always read again, because marks get corrected (about 20 school days)."""
    until: date
    """No mark after this day is wanted."""
    history_from: date | None = None
    """How far back a first pull goes; None: as far as the MIS has."""

    def by_date_from(self, last: date) -> date:
        """Given the last pull's day, return the first day whose marks must be asked for by their own date.

        Leave, trips and exclusions are entered before their day. What changed since the last pull does not name them
        once their day has come, and the pull that saw the change left them out.
        """
        return min(self.recent_from, last + timedelta(days=1))


@dataclass(frozen=True, slots=True)
class NoteToWrite:
    """A note for a pupil's record, its texts cleaned. Never private, never shared with guardians unless ``share`` says so."""

    pupil_id: str
    upn: str
    """Second identifier: the adapter refuses (SkippableError) when the MIS's pupil has another one."""
    key: str
    """The event's key, such as "AC-7F3K2M9Q". The text already ends in it, in brackets."""
    summary: str
    text: str
    date: date
    share: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "summary", clean_line(self.summary))
        object.__setattr__(self, "text", clean_text(self.text))


@dataclass(frozen=True, slots=True)
class DocumentToWrite:
    """A Word document to be filed on a pupil, or on the school when ``pupil_id`` is None; its texts cleaned.

    On the school a table (CSV) can be filed too; the file name says what it is.
    """

    pupil_id: str | None
    upn: str
    key: str
    file_name: str
    """"Attendance – <letter title> – <date>.docx"; holds no name of a person."""
    summary: str
    """What staff see in the list; ends in the event's key in brackets."""
    content: bytes
    date: date
    share: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "file_name", clean_line(self.file_name))
        object.__setattr__(self, "summary", clean_line(self.summary))


@dataclass(frozen=True, slots=True)
class Found:
    """A note or document that the MIS already holds under an event key."""

    reference: str
    """The MIS's own id of it."""
    title: str
    """A note's summary, a document's file name."""
    text: str = ""
    """A note's text; empty for a document."""


class Adapter(Protocol):
    """An open connection to one school's MIS. Close it when done.

    Methods raise RetryableError, FatalError or SkippableError; retrying inside one HTTP request is the
    adapter's own business, retrying a whole write is the delivery's.
    """

    capabilities: Capabilities

    @property
    def requests_sent(self) -> int:
        """How many requests have gone to the MIS so far, retries included."""

    def check(self) -> list[Finding]:
        """Return everything that can be wrong from here: connection, credentials, each read and write area, codes."""

    def pull(self, request: PullRequest) -> Iterator[Page]:
        """Yield pages; the last one is PullEnd, and only a pull that was read to it counts as complete."""

    def find_notes(self, pupil_id: str, key: str) -> list[Found]:
        """Return notes on the pupil that carry this event key."""

    def write_note(self, note: NoteToWrite) -> str:
        """Write a note and return the MIS's reference of it."""

    def find_documents(self, pupil_id: str | None, key: str) -> list[Found]:
        """Return documents on the pupil (or the school) that carry this event key."""

    def write_document(self, document: DocumentToWrite) -> str:
        """File a document and return the MIS's reference of it."""

    def read_document(self, reference: str) -> bytes:
        """Return the bytes of a filed document, for reading back."""

    def close(self) -> None:
        """Give connections back."""


@dataclass(frozen=True, slots=True)
class SecretField:
    """A secret that an adapter needs; kept in the keyring, never in a file."""

    name: str
    meaning: str


@dataclass(frozen=True, slots=True)
class OwnFolder:
    """A folder that settings name and that is one school's alone."""

    key: str
    """The setting, such as "mis.letters_folder"."""
    path: Path
    written: bool = True
    """False for one that is only read, such as a register folder."""


@dataclass(frozen=True, slots=True)
class AdapterKind:
    """How an adapter presents itself: the object behind an entry point of ``attendance_connector.adapters``."""

    name: str
    title: str
    settings: type[BaseModel]
    """Non-secret settings, the ``[school.mis]`` table of the configuration less ``adapter``."""
    secrets: tuple[SecretField, ...]
    capabilities: Capabilities
    open: Callable[[Any, Mapping[str, str], HttpConfig], Adapter]
    """Given checked settings, secrets by name and HTTP settings, return an adapter that has sent nothing yet."""
    place: Callable[[Any], str] | None = None
    """Given checked settings, return what names the school where no SchoolPage does, such as the register folder's path."""
    folders: Callable[[Any], tuple[OwnFolder, ...]] | None = None
    """Given checked settings, return the folders that no other school may use."""
