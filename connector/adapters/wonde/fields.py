"""Wonde's field names, read from ``fields.toml`` beside this file (docs/mis-wonde.md)."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

CODE_TYPES = {
    "PRESENT": "present",
    "APPROVED_EDUCATIONAL_ACTIVITY": "approved",
    "AUTHORISED_ABSENCE": "authorised",
    "UNAUTHORISED_ABSENCE": "unauthorised",
    "ATTENDANCE_NOT_REQUIRED": "not_possible",
    "NO_MARK": "missing",
}
"""Assumption: words of an attendance code's ``type``."""

GENDERS = {"FEMALE": "F", "MALE": "M"}
"""Wonde writes genders in full; the register has letters."""


@cache
def names(block: str) -> Mapping[str, str]:
    """Our name -> Wonde's, for one block; assumed names among them."""
    data = tomllib.loads(files(__package__).joinpath("fields.toml").read_text(encoding="utf-8"))[block]
    return {**{k: v for k, v in data.items() if isinstance(v, str)}, **data.get("assumed", {})}
