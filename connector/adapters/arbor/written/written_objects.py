"""What this program has written to Arbor: how it is said, how it is found again, what an answer to a write means."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from connector.adapters.arbor.rest import RestSource
from connector.adapters.arbor.rows import Row, text_of
from connector.adapters.arbor.wire import body_of, href_of, id_of, lowered, path_of, plural
from connector.errors import AdapterError, Finding, RetryableError, SkippableError
from connector.http import Answer, Client

NOT_THERE = (403, 404)
"""Statuses of a list that this application may not see, or that Arbor does not have."""


def identity(type_name: str, row_id: str) -> dict[str, str]:
    """Return an object as a write names it."""
    return {"entityType": type_name, "href": href_of(type_name, row_id)}


def dated(day: str) -> dict[str, str]:
    """Return a date as Arbor's client writes it."""
    return {"entityType": "date", "date": f"{day} 00:00:00"}


def tagged_with(row: Row, tag: str, key: str) -> bool:
    """Return whether the row has the key as our user tag; no tags at all may come as an empty list."""
    tags = row.get("userTags")
    return isinstance(tags, Mapping) and str(tags.get(tag, "")) == key


def carries(row: Row, key: str, tag: str, *texts: str) -> bool:
    """Return True when the row has the key as our tag or in one of its texts."""
    return tagged_with(row, tag, key) or any(f"[{key}]" in text_of(row, name) for name in texts)


def names(row: Row, owner: str, type_name: str, row_id: str) -> bool:
    """Return True when the row's property is this object; a server that does not know a filter answers with everybody's."""
    held = row.get(owner)
    if not isinstance(held, dict):
        return False
    kind = text_of(held, "entityType")
    return kind in ("", type_name) and (text_of(held, "id") or id_of(text_of(held, "href"))) == row_id


def listed(
    client: Client,
    rest: RestSource,
    type_name: str,
    params: Sequence[tuple[str, str]],
    most: int | None = None,
    but: Collection[str] = (),
) -> list[Row]:
    """Return the objects that meet these query parameters, each with its ``href``; of ``most`` only the first page.

    Those at the addresses in ``but`` are left out and not read.
    """
    if most is None:
        hrefs = rest.matching(type_name, list(params))
    else:
        hrefs = rest.first_matching(type_name, list(params), most)
    rows = []
    for href in (one for one in hrefs if one not in but):
        answer = client.get(href, accept=(404,))
        row = body_of(f"reading {type_name}", answer).get(lowered(type_name))
        if isinstance(row, dict) and answer.status != 404:
            rows.append({**row, "id": id_of(href), "href": href})
    return rows


def shows(client: Client, rest: RestSource, type_name: str) -> bool:
    """Return whether this application can list a type; False also for a type that Arbor does not have."""
    answer = client.get(path_of(type_name), {"page-size": "1", **rest.first_page()}, accept=NOT_THERE)
    if answer.status in NOT_THERE:
        return False
    return lowered(plural(type_name)) in body_of(f"listing {type_name}", answer)


def unseen(client: Client, rest: RestSource, type_name: str, fix: str) -> list[Finding]:
    """Return the finding that a type cannot be listed, so that a write could not be read back; none where it can."""
    try:
        if shows(client, rest, type_name):
            return []
    except AdapterError as error:
        return [Finding(f"Arbor: writing {type_name}", error.message, error.fix)]
    message = "this application cannot see them, so a write could not be read back"
    return [Finding(f"Arbor: writing {type_name}", message, fix)]


def answered(what: str, answer: Answer, type_name: str) -> dict[str, Any]:
    """Return the object that a write answers with. 422 has no object: only this write is refused."""
    if answer.status == 422:
        raise SkippableError(
            f"Arbor refused {what} (422)",
            fix="see docs/mis-arbor.md for what Arbor must allow, then release the event",
        )
    row = body_of(f"writing {what}", answer).get(lowered(type_name))
    if not isinstance(row, dict) or not row.get("href"):
        raise RetryableError(
            f"Arbor took {what} without saying where it is", fix="the next run looks for it by its key"
        )
    return row
