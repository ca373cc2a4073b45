"""The configuration file as a whole."""

from __future__ import annotations

from pathlib import Path

from pydantic import ConfigDict, Field, PrivateAttr

from connector.config.school import SchoolConfig
from connector.config.service import ServiceConfig
from rules.settings import Table


class Config(Table):
    """The whole of `config.toml`."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    service: ServiceConfig = Field(default_factory=ServiceConfig)
    schools: list[SchoolConfig] = Field(alias="school", min_length=1)
    _path: Path = PrivateAttr(default=Path("config.toml"))

    @property
    def path(self) -> Path:
        """The file that was read."""
        return self._path

    def school(self, school_id: str) -> SchoolConfig:
        """Return the school with that id. Raises KeyError when there is none."""
        for school in self.schools:
            if school.id == school_id:
                return school
        raise KeyError(school_id)

    def database(self, school: SchoolConfig) -> Path:
        """Return the school's own database file."""
        return self.service.state / f"{school.id}.db"

    @property
    def health_file(self) -> Path:
        """Where the service reports its health."""
        return self.service.health_file or self.service.state / "health.json"
