"""A MIS's own names of its fields, read from ``fields.toml`` in the adapter's folder, so that they can be corrected there."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def field_file(package: str) -> Mapping[str, Any]:
    """Return the whole fields.toml of an adapter's package."""
    return tomllib.loads(files(package).joinpath("fields.toml").read_text(encoding="utf-8"))


@cache
def field_names(package: str, table: str) -> Mapping[str, str]:
    """Return our name -> the MIS's name for one table; names that no document gives ("assumed") are among them."""
    data = field_file(package)[table]
    known = {ours: theirs for ours, theirs in data.items() if isinstance(theirs, str)}
    return {**known, **data.get("assumed", {})}
