"""What goes round the tables of an answer: meta, pages, change sets."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time
from typing import Any

from connector.mock.faults import Faults
from connector.mock.xporter.copies import Copies
from connector.mock.xporter.kinds import Row

NO_ERROR: Mapping[str, Any] = {
    "Message": None,
    "ExceptionType": None,
    "ExceptionMessage": None,
    "InnerException": None,
}
"""On information, and never on data (R18)."""
_HIDDEN = {"ParResp", "Mark", "Surname"}
"""Fields that the fault hidden-fields leaves out."""


def body_of(
    copies: Copies, path: str, args: Mapping[str, str], tables: Mapping[str, list[Row]]
) -> dict[str, Any]:
    """Return an answer: changes first, then the page of the first table (the vendor's pages). Raise ValueError."""
    shown = dict(tables)
    more: dict[str, Any] = {}
    if "changedrows" in args:
        asked = args["changedrows"]
        given = sorted((n, v) for n, v in args.items() if n not in ("changedrows", "page"))
        found = copies.changes(asked, (path, given), tables)
        if found is None:
            raise ValueError("changedRows is not a hash that was given out")
        shown, deleted, marker = found
        size = args.get("pagesize", str(copies.options.default_page_size))
        snapshot = {
            "SnapshotDate": copies.world.now().strftime("%Y-%m-%dT%H:%M:%S.%f") + "0Z",
            "SnapshotRP": "attendance-connector",
            "PreviousChangedRows": asked,
            "RequestedChangedRows": asked,
            "NextChangedRows": marker,
            "NextUrl": f"?changedRows={marker}&page=1&pageSize={size}",
        }
        more = {**deleted, "__changedRows__": [snapshot]}
    first = next(iter(shown))
    faults = copies.world.faults
    if faults.strikes("hidden-fields", "GET", path):
        shown[first] = [{n: v for n, v in row.items() if n not in _HIDDEN} for row in shown[first]]
    page: dict[str, Any] = {}
    number = int(args.get("page", 1))
    if "page" in args or "pagesize" in args:
        wanted = int(args.get("pagesize", copies.options.default_page_size))
        size_of = max(1, min(wanted, copies.options.largest_page))
        shown[first], page = _page(faults, path, shown[first], number, size_of)
    meta = [] if number > 1 or "changedrows" in args else [_meta(copies)]
    selected = {name.strip().lower() for name in args.get("select", "").split(",") if name.strip()}
    if selected:
        shown = {
            table: [{n: v for n, v in row.items() if n.lower() in selected} for row in rows]
            for table, rows in shown.items()
        }
    return {**shown, "meta": meta, **more, **({"__pagination__": [page]} if page else {})}


def _meta(copies: Copies) -> Row:
    """Return when the copy was made (R18): no zone, three digits of a second."""
    made = datetime.combine(copies.shown, time(17, 0) if not copies.options.stale_days else time(3, 0))
    return {"Id": 1, "MIS": "simsnet", "Version": "4", "DateTime": f"{made.isoformat()}.223"}


def _page(faults: Faults, path: str, rows: list[Row], number: int, size: int) -> tuple[list[Row], Row]:
    """Return a page and its counts; there is a next page even on the last one (R18)."""
    count = max(1, -(-len(rows) // size))
    start = (number - 1) * size
    if number > 1 and faults.strikes("shifted-rows", "GET", path):
        start += 1
    page = rows[start : number * size]
    if number > 1 and faults.strikes("duplicate-rows", "GET", path):
        page = [rows[start - 1], *page[: size - 1]]
    if faults.strikes("endless-pages", "GET", path):
        page, count = [], number + 1
    return page, {
        "PageSize": size,
        "PageNumber": number,
        "PageCount": count,
        "RowCount": len(rows),
        "NextPage": f"?page={number + 1}&pageSize={size}",
    }
