"""What every table of the configuration has in common, and the kinds of value they share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationInfo


class Table(BaseModel):
    """A table of the file: every key is known, and nothing changes after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


def from_file(value: Path, info: ValidationInfo) -> Path:
    """Make a path absolute, counted from the configuration file's folder (the validation context's "base")."""
    base = (info.context or {}).get("base")
    value = value.expanduser()
    return value if base is None or value.is_absolute() else Path(base) / value


def is_zone(name: str) -> bool:
    """True for the name of a time zone such as Europe/London."""
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True


def _known_zone(value: str) -> str:
    if not is_zone(value):
        raise ValueError("is not a known time zone; write one such as Europe/London")
    return value


FilePath = Annotated[Path, AfterValidator(from_file)]
Zone = Annotated[str, AfterValidator(_known_zone)]
Clock = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
