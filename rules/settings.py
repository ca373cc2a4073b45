"""What every table of settings has in common: the keys that people write in TOML, each documented where it is declared."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationInfo


class Table(BaseModel):
    """A table of a settings file: every key is known, and nothing changes after reading.

    The docstring under a field is its description: the example file and the reference page are made from it.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


def from_file(value: Path, info: ValidationInfo) -> Path:
    """Make a path absolute, counted from the settings file's folder (the validation context's "base")."""
    base = (info.context or {}).get("base")
    value = value.expanduser()
    return value if base is None or value.is_absolute() else Path(base) / value


FilePath = Annotated[Path, AfterValidator(from_file)]
