"""What the configuration can say about a school's Arbor.

Arbor's API is only partly documented in public. Whatever no source settles is a setting here whose description
begins with "Assumption"; docs/mis-arbor.md says what to ask Arbor.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from connector.errors import ConfigError
from connector.http import check_address

Words = tuple[str, ...]


class ArborSettings(BaseModel):
    """The ``[school.mis]`` table for ``adapter = "arbor"``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: Annotated[str, Field(description="Address of the school's Arbor, such as https://name.uk.arbor.sc")]
    application_id: Annotated[
        str, Field(description="Only for the common address api.uk.arbor.sc: which school is meant")
    ] = ""
    reads: Annotated[
        Literal["graphql", "rest"],
        Field(
            description="graphql reads a page of marks in one call; rest needs one call for each mark and is "
            "for applications without GraphQL permission, in small schools"
        ),
    ] = "graphql"
    urn: Annotated[
        str, Field(description="The school's URN, where Arbor lists more than one institution")
    ] = ""

    page_size: Annotated[
        int, Field(ge=1, description="Assumption: rows of a REST list page that Arbor allows")
    ] = 500
    first_page: Annotated[
        Literal["auto", 0, 1],
        Field(description="Assumption: number of the first page of a REST list; auto finds out"),
    ] = "auto"
    graphql_page_size: Annotated[
        int,
        Field(ge=1, description="Rows of a GraphQL page; Arbor's own default is 3000 and it advises less"),
    ] = 2000
    graphql_together: Annotated[
        bool, Field(description="Assumption: several types may be asked for in one GraphQL query")
    ] = True
    graphql_person: Annotated[
        Literal["flat", "nested"],
        Field(
            description="Assumption: names stand on Student and Guardian themselves (flat) or on their person"
        ),
    ] = "flat"
    pupils_at_a_time: Annotated[int, Field(ge=1, description="Pupils whose details are read together")] = 190
    connections: Annotated[int, Field(ge=1, le=16, description="Calls under way at once (REST details)")] = 4
    calls_per_second: Annotated[
        float, Field(ge=0, description="Assumption: what Arbor bears; 0 is no limit of ours")
    ] = 5.0
    busy_seconds: Annotated[
        float,
        Field(ge=0, description="Assumption: how long to wait after 'too many requests' without a time"),
    ] = 60.0

    reread_days: Annotated[
        int,
        Field(
            ge=0,
            description="Days before the run's day whose marks are read again whole each time (GraphQL); older "
            "corrections come through Arbor's change log",
        ),
    ] = 7
    full_after_days: Annotated[
        int,
        Field(ge=1, description="A complete pull at the latest after so many days heals what a log missed"),
    ] = 28

    letter_field: Annotated[
        str,
        Field(description="Assumption: the property of an attendance mark that holds the register letter"),
    ] = "attendanceMark"
    one_present_mark: Annotated[
        bool, Field(description="Assumption: Arbor has one present mark; in the afternoon it is read as \\")
    ] = True
    morning_roll_calls: Annotated[
        Words, Field(description="Assumption: codes of the roll calls that are the morning session")
    ] = ("AM",)
    afternoon_roll_calls: Annotated[
        Words, Field(description="Assumption: codes of the roll calls that are the afternoon session")
    ] = ("PM",)
    mark_comments: Annotated[
        bool,
        Field(description="Assumption: a roll call record names its source record, which holds the note"),
    ] = True

    half_term_types: Annotated[
        Words, Field(description="Assumption: types of academic holiday that part two half terms")
    ] = ("HALF_TERM", "HALF_TERM_HOLIDAY")
    inset_types: Annotated[
        Words, Field(description="Assumption: types of academic holiday that are INSET days")
    ] = (
        "INSET_DAY",
        "INSET",
        "STAFF_TRAINING_DAY",
    )
    closure_types: Annotated[
        Words, Field(description="Assumption: types of academic holiday that are closures")
    ] = (
        "SCHOOL_CLOSURE",
        "CLOSURE",
    )
    school_days: Annotated[
        bool, Field(description="Also read which days Arbor itself calls no school day (GraphQL only)")
    ] = True

    fsm_eligibilities: Annotated[
        Words, Field(description="Assumption: codes or names of the eligibility for free school meals")
    ] = ("FREE_SCHOOL_MEALS", "FSM", "Free School Meals")
    social_worker_group: Annotated[
        str, Field(description="Assumption: the custom group of pupils who have a social worker")
    ] = "Social worker"
    home_languages: Annotated[
        Words, Field(description="First languages that are not English as an additional language")
    ] = ("English", "Welsh", "British Sign Language")
    court_order_parties: Annotated[
        Literal["adults", "none"],
        Field(
            description="Assumption: an adult who is a party to a court order in force is restricted by it, and "
            "never written to; none: court orders are not read, the school looks after them otherwise"
        ),
    ] = "adults"
    unsubscribed_means_no_letters: Annotated[
        bool, Field(description="Assumption: an adult unsubscribed from communications gets no letters")
    ] = True

    tag: Annotated[
        str, Field(description="Name of the user tag that carries the event's key on notes and documents")
    ] = "attendance-connector"
    find_by: Annotated[
        Literal["tag", "text", "both"],
        Field(
            description="Assumption: user tags are kept on notes and documents (tag); text looks for the key in "
            "their text; both looks by tag first, then by text"
        ),
    ] = "both"
    documents: Annotated[bool, Field(description="Letters are filed in Arbor")] = True
    document_link: Annotated[
        Literal["update", "create"],
        Field(
            description="Assumption: an uploaded file is tied to a pupil by changing the document that the upload "
            "answers with, or by creating one that names the file"
        ),
    ] = "update"
    document_type: Annotated[str, Field(description="Assumption: Arbor's type of a filed document")] = (
        "Document"
    )
    document_pupil: Annotated[
        str, Field(description="Assumption: the property of a document that names the pupil")
    ] = "student"
    document_summary: Annotated[
        str, Field(description="Assumption: the property of a document that staff see in the list")
    ] = "summary"
    document_date: Annotated[str, Field(description="Assumption: the property of a document's date")] = (
        "documentDate"
    )
    share_field: Annotated[
        str, Field(description="Assumption: the property that shares a note or document with guardians")
    ] = "isSharedWithGuardians"

    @field_validator("url")
    @classmethod
    def _address(cls, value: str) -> str:
        try:
            address = check_address(value)
        except ConfigError as error:
            raise ValueError(str(error.findings[0].message)) from None
        return address.removesuffix("/rest-v2").rstrip("/")
