"""Kinds of values as Xporter gives them: ids, hashes, addresses."""

from __future__ import annotations

import hashlib
import json
import re
from datetime import date
from typing import Any
from uuid import UUID

from rules.school import Address

Row = dict[str, Any]


def bare(day: date | None) -> str | None:
    """Return a date as Xporter gives it: without a time (R18)."""
    return day.isoformat() if day else None


def external_id(kind: str, natural: str) -> str:
    """Return a GUID (R18)."""
    return str(UUID(hashlib.md5(f"{kind}/{natural}".encode(), usedforsecurity=False).hexdigest()))


def xid(kind: str, natural: str) -> str:
    """Return a short id of Xporter's own: x and six letters or figures (R18)."""
    return "x" + hashlib.sha256(f"{kind}/{natural}".encode()).hexdigest()[:6].upper()


def row_hash(row: Row) -> str:
    """Return the hash by which change sets compare a row: 40 capital figures (R18)."""
    return hashlib.sha1(json.dumps(row, sort_keys=True).encode(), usedforsecurity=False).hexdigest().upper()


def stamped(row: Row, updated: date) -> Row:
    """Return a row with its hash, and when it was last updated (a time without zone, R18)."""
    return {**row, "LastUpdated": f"{updated.isoformat()}T02:07:21.03", "RowHash": row_hash(row)}


def address_fields(address: Address | None) -> Row:
    """Given up to three lines and a town, return SIMS's parts, and the whole in one text."""
    given = address or Address()
    lines = list(given.lines)
    name = lines.pop(0) if len(lines) == 3 or (len(lines) == 2 and not re.match(r"\d", lines[0])) else ""
    street, district = (*lines, "", "")[:2]
    number = re.fullmatch(r"(\d+[A-Za-z]?) (.+)", street)
    flat = re.fullmatch(r"(?:Flat|Apartment) .+", name)
    block = (*given.lines, given.town, given.county, given.postcode, given.country)
    parts = {
        "AddressBlock": "\n".join(part for part in block if part),
        "HouseNo": number[1] if number else "",
        "HouseName": "" if flat else name,
        "Apartment": name if flat else "",
        "Street": number[2] if number else street,
        "District": district,
        "TownOrCity": given.town,
        "County": given.county,
        "PostCode": given.postcode,
        "Country": given.country,
    }
    return {field: text or None for field, text in parts.items()}
