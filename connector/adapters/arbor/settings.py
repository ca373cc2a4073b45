"""What the configuration can say about a school's Arbor.

Arbor's API is only partly documented in public. What no source settles is a setting here whose description
begins with "Assumption"; docs/mis-arbor.md says what to ask Arbor.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator

from connector.adapters.arbor.record_notes import check_wordings
from connector.http import WebAddress
from rules.settings import Table

Words = tuple[str, ...]


class ArborSettings(Table):
    """The ``[school.mis]`` table for ``adapter = "arbor"``."""

    url: WebAddress
    """Address of the school's Arbor, such as https://name.uk.arbor.sc."""
    application_id: str = ""
    """Only for the common address api.uk.arbor.sc: which school is meant."""
    reads: Literal["graphql", "rest"] = "graphql"
    """graphql reads a page of marks in one call; rest needs one call for each mark and is for applications without GraphQL permission, in small schools."""
    urn: str = ""
    """The school's URN, where Arbor lists more than one institution."""

    page_size: int = Field(default=500, ge=1)
    """Assumption: rows of a REST list page that Arbor allows."""
    first_page: Literal["auto", 0, 1] = "auto"
    """Assumption: number of the first page of a REST list; auto finds out."""
    graphql_page_size: int = Field(default=2000, ge=1)
    """Rows of a GraphQL page; Arbor's own default is 3000 and it advises less."""
    graphql_together: bool = True
    """Assumption: several types may be asked for in one GraphQL query."""
    graphql_person: Literal["flat", "nested"] = "flat"
    """Assumption: names stand on Student and Guardian themselves (flat) or on their person."""
    pupils_at_a_time: int = Field(default=190, ge=1)
    """Pupils whose details are read together."""
    connections: int = Field(default=4, ge=1, le=16)
    """Calls under way at once (REST details)."""
    calls_per_second: float = Field(default=5.0, ge=0)
    """Assumption: how many calls a second Arbor accepts; 0 means no limit."""
    busy_seconds: float = Field(default=60.0, ge=0)
    """Assumption: how long to wait after 'too many requests' without a time."""

    reread_days: int = Field(default=7, ge=0)
    """Days before the run's day whose marks are read again whole each time (GraphQL); older corrections come through Arbor's change log."""
    full_after_days: int = Field(default=28, ge=1)
    """A complete pull at least every so many days, to correct what the change log missed."""

    letter_field: str = "attendanceMark"
    """Assumption: the property of an attendance mark that holds the register letter."""
    one_present_mark: bool = True
    """Assumption: Arbor has one present mark; in the afternoon it is read as \\."""
    morning_roll_calls: Words = ("AM",)
    """Assumption: codes of the roll calls that are the morning session."""
    afternoon_roll_calls: Words = ("PM",)
    """Assumption: codes of the roll calls that are the afternoon session."""
    mark_comments: bool = True
    """Assumption: a roll call record names its source record, which holds the note."""

    half_term_types: Words = ("HALF_TERM", "HALF_TERM_HOLIDAY")
    """Assumption: types of academic holiday that separate two half terms."""
    inset_types: Words = ("INSET_DAY", "INSET", "STAFF_TRAINING_DAY")
    """Assumption: types of academic holiday that are INSET days."""
    closure_types: Words = ("SCHOOL_CLOSURE", "CLOSURE")
    """Assumption: types of academic holiday that are closures."""
    school_days: bool = True
    """Also read which days Arbor itself calls no school day (GraphQL only)."""

    fsm_eligibilities: Words = ("FREE_SCHOOL_MEALS", "FSM", "Free School Meals")
    """Assumption: codes or names of the eligibility for free school meals."""
    social_worker_group: str = "Social worker"
    """Assumption: the custom group of pupils who have a social worker."""
    home_languages: Words = ("English", "Welsh", "British Sign Language")
    """First languages that are not English as an additional language."""
    court_order_parties: Literal["adults", "none"] = "adults"
    """Assumption: an adult who is a party to a court order in force is restricted by it, and never written to; none: court orders are not read, and contacts.csv or [school.contacts] must say who is restricted."""
    unsubscribed_means_no_letters: bool = True
    """Assumption: an adult unsubscribed from communications gets no letters; false: nobody is barred by that."""
    telephone_owner: Literal["both", "guardian", "person"] = "both"
    """Assumption: whether an adult's telephone numbers belong to the guardian or to the guardian's person; both takes either."""
    refuge_address_types: Words = ("REFUGE", "CONFIDENTIAL", "SAFE_HOUSE")
    """Assumption: types of address (postalAddressType) that must be kept secret from every other adult."""
    unshared_is_refuge: bool = False
    """Assumption: false, an adult's wish not to have contact details shared is no reason to keep the address secret from every other adult; true: it is."""

    record_notes: dict[str, str] = Field(
        default_factory=dict,
        examples=[{"Attendance meeting held": "meeting held", "Home visit: seen": "visit seen"}],
    )
    """Assumption: what staff note on a pupil is a pastoral note, with the day of what was done as its date. A note whose summary begins with such a wording (case and blanks ignored) is a record of that kind and outcome; the rest of the summary is its note. Without this key: pastoral notes are not read."""

    tag: str = "attendance-connector"
    """Name of the user tag that carries the event's key on notes and documents."""
    find_by: Literal["tag", "text", "both"] = "both"
    """Assumption: user tags are kept on notes and documents (tag); text looks for the key in their text; both looks by tag first, then by text."""
    documents: bool = True
    """Letters are filed in Arbor."""
    document_link: Literal["auto", "update", "create", "tag"] = "auto"
    """Assumption: how an uploaded file is tied to a pupil. update changes the document that the upload answers with, create makes a document that names the file, tag puts a content tag on the file's content; auto is update where Arbor shows the type of document_type, and tag where it does not."""
    document_type: str = "Document"
    """Assumption: Arbor's type of a filed document."""
    document_pupil: str = "student"
    """Assumption: the property of a document that names the pupil."""
    document_summary: str = "summary"
    """Assumption: the property of a document that staff see in the list."""
    document_date: str = "documentDate"
    """Assumption: the property of a document's date."""
    share_field: str = "isSharedWithGuardians"
    """Assumption: the property that shares a note or document with guardians."""

    @field_validator("record_notes")
    @classmethod
    def _of_known_words(cls, value: dict[str, str]) -> dict[str, str]:
        check_wordings(value)
        return value

    @field_validator("url")
    @classmethod
    def _without_path(cls, value: str) -> str:
        return value.removesuffix("/rest-v2").rstrip("/")
