"""Reads what is on record for pupils: the tables of settings.toml and the rows of records.csv, as one list."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from tests.peer.rows import as_date, optional_date, rows_of

LICENCE = ("licence", "licence_from", "licence_to", "licence_hours_day", "licence_hours_week")


@dataclass(frozen=True)
class Request:
    """A request for leave."""

    pupil_id: str
    asked: date
    start: date
    end: date
    kind: str
    decision: str = ""
    decided: date | None = None
    licence: bool = False
    licence_days: tuple[date | None, date | None] = (None, None)
    hours_day: float | None = None
    hours_week: float | None = None

    @property
    def same_request(self) -> tuple[object, ...]:
        return self.pupil_id, self.start, self.end, self.kind, self.asked


@dataclass(frozen=True)
class NoticeToImprove:
    pupil_id: str
    issued: date
    weeks: int
    allowed: int


@dataclass(frozen=True)
class Decision:
    """What was decided on a consideration form."""

    pupil_id: str
    day: date
    outcome: str


@dataclass
class Records:
    plans: list[tuple[str, date]]
    requests: list[Request]
    notices: list[tuple[str, date]]
    notices_to_improve: list[NoticeToImprove]
    decisions: list[Decision]


def read_records(directory: Path, settings: dict[str, Any]) -> Records:
    """Return every record of a folder once, whichever of the two files says it."""
    rows = [*of_tables(settings), *of_file(directory / "records.csv")]

    def each(kind: str) -> list[dict[str, Any]]:
        return [row for row in rows if row["kind"] == kind]

    return Records(
        plans=once(
            (row["pupil_id"], row["date"])
            for row in each("plan")
            if (row.get("decision") or "agreed") == "agreed"  # others say what became of a plan
        ),
        requests=latest([request_of(row) for row in each("leave")]),
        notices=once((row["pupil_id"], row["date"]) for row in each("notice")),
        notices_to_improve=once(
            NoticeToImprove(row["pupil_id"], row["date"], int(row["weeks"]), int(row.get("allowed") or 0))
            for row in each("notice-to-improve")
        ),
        decisions=once(Decision(row["pupil_id"], row["date"], row["decision"]) for row in each("decision")),
    )


def of_tables(settings: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the entries of settings.toml with the names that records.csv has for the same."""
    days = {"plan": "date", "leave": "requested", "notice": "issued", "notice-to-improve": "issued"}
    tables = {
        "plan": "attendance_plans",
        "leave": "leave_requests",
        "notice": "notices",
        "notice-to-improve": "notices_to_improve",
        "decision": "decisions",
    }
    for kind, table in tables.items():
        for row in settings.get(table, []):
            day = as_date(row[days.get(kind, "date")])
            yield {
                **row,
                "leave_kind": row.get("kind", "other"),
                "kind": kind,
                "date": day,
                "pupil_id": str(row["pupil_id"]),
            }


def of_file(path: Path) -> Iterator[dict[str, Any]]:
    for row in rows_of(path) if path.exists() else []:
        yield {**row, "date": date.fromisoformat(row["date"])}


def request_of(row: dict[str, Any]) -> Request:
    decision = row.get("decision") or ""
    decided = row.get("decided")
    if decision and not decided:
        decided = row["date"]
    return Request(
        row["pupil_id"],
        row["date"],
        as_date(row["from"]),
        as_date(row["to"]),
        row.get("leave_kind") or "other",
        decision,
        optional_date(str(decided or "")),
        licence=any(row.get(name) for name in LICENCE),
        licence_days=(
            optional_date(str(row.get("licence_from") or "")),
            optional_date(str(row.get("licence_to") or "")),
        ),
        hours_day=hours(row.get("licence_hours_day")),
        hours_week=hours(row.get("licence_hours_week")),
    )


def hours(text: object) -> float | None:
    return float(str(text)) if text else None


def latest(requests: list[Request]) -> list[Request]:
    """Return each request once, with what was decided on it last."""
    kept: dict[tuple[object, ...], Request] = {}
    for request in requests:
        before = kept.get(request.same_request)
        if before is None or (request.decided or date.min) >= (before.decided or date.min):
            kept[request.same_request] = request
    return list(kept.values())


def once(records: Iterator[Any]) -> list[Any]:
    return list(dict.fromkeys(records))
