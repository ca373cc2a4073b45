"""How this Wonde behaves where no source says how the real one does, and which of its awkward habits are on."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class WondeOptions(BaseModel):
    """Habits, set with ``mock wonde --set NAME=VALUE`` (docs/mis-wonde.md)."""

    model_config = ConfigDict(extra="forbid")

    default_per_page: int = Field(default=50, ge=1)
    largest_page: int = Field(default=200, ge=1)
    lag_hours: int = Field(default=0, ge=0)
    """How long a change in the MIS takes to reach Wonde (its updated_at is then that much later)."""
    writeback_reads: int = Field(default=1, ge=0)
    """How often a write-back is read as queued before it is applied."""
    hidden: tuple[str, ...] = ()
    """Fields that the school has not approved: "upn", or with its object "registration.name"."""
    empty: tuple[str, ...] = ()
    """Fields that are there and hold null, written as for ``hidden``."""
    closed: tuple[str, ...] = ()
    """Resources that the school has not approved at all, such as "deletions": 403."""
    domain: str = ""
    """What region.domain says; empty: the address the request came to."""
    nothing: Literal["null", "list"] = "null"
    """What stands in place of one object where there is none: null, or the empty list that PHP writes."""
    references: Literal["flat", "object", "wrapped", "include"] = "flat"
    """How a mark names its student, employee and code: id, {"id"}, {"data": {"id"}}, or only when included."""
    numbers: bool = False
    """Ids come as numbers in place of text."""
    mark_removed: Literal["empty", "gone"] = "empty"
    """A mark that was taken away stays as a row without a code, or is no longer there."""
    pupil_among_contacts: int = Field(default=7, ge=0)
    """Every so many-th pupil stands among his own contacts, as in the recorded answer; 0: none."""
    deleted_students: tuple[str, ...] = ()
    """MIS ids of students that are deleted and named by ``deletions``."""
    deleted_contacts: tuple[str, ...] = ()
    """MIS ids of contacts that are deleted and named by ``deletions``."""
    still_listed: bool = False
    """What is deleted still comes in the lists, as where Wonde lags behind."""
    restored: tuple[str, ...] = ()
    """MIS ids named by ``deletions`` that came back since: listed, with ``restored_at``."""
    next_is_itself: bool = False
    """``next`` of a page is the page's own address."""
