"""Settings of the folder adapter: the ``[school.mis]`` table of the configuration."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, PrivateAttr, ValidationInfo, model_validator

from rules.settings import FilePath, Table

ReportKind = Literal["pupils", "contacts", "marks"]


class ReportSettings(Table):
    """A SIMS report in CommandReporter's XML, read in place of a CSV file. Repeat the table for more."""

    kind: ReportKind = Field(examples=["pupils"])
    """Which file it stands for: pupils, contacts or marks."""
    file: str = Field(min_length=1, examples=["pupils.xml"])
    """The report's output, a file in the register folder."""
    captions: dict[str, str] = Field(default_factory=dict, examples=[{"pupil_id": "primary_id"}])
    """Columns of the register folder and the report's captions that hold them, where they differ from the usual ones."""
    command: list[str] = Field(
        default_factory=list,
        examples=[["CommandReporter.exe", "/TRUSTED", "/REPORT:Pupils", "/OUTPUT:{output}"]],
    )
    """Program and arguments, one by one, that write the report again before each reading. {output} is the file to write.
    Without it the file is read as it is. Use a trusted login: a password does not belong in an argument. A wrapper
    script finds the service's environment variables as they are."""
    time_limit_seconds: float = Field(default=900.0, gt=0)
    """How long the command may take."""


class FolderSettings(Table):
    """A register folder as the source, and a folder for notes and letters."""

    register_folder: FilePath = Field(examples=["register"])
    """The register folder with marks.csv, calendar.csv, pupils.csv, contacts.csv."""
    letters_folder: FilePath = Field(examples=["letters-out"])
    """Where notes and letters go: a folder per pupil, each with an index.csv."""
    name_folders_by: Literal["pupil_id", "upn", "admission_number"] = "pupil_id"
    """Which number of the pupil names the pupil's folder. Staff often know the admission number or the UPN best."""
    reports: list[ReportSettings] = Field(default_factory=list)
    _columns: dict[str, str] = PrivateAttr(default_factory=dict)

    @property
    def columns(self) -> dict[str, str]:
        """Return `[school.columns]`, which is a table of its own: the validation context's "columns"."""
        return self._columns

    @model_validator(mode="after")
    def _named(self, info: ValidationInfo) -> FolderSettings:
        self._columns.update((info.context or {}).get("columns", {}))
        return self

    @model_validator(mode="after")
    def _one_of_each(self) -> FolderSettings:
        kinds = [report.kind for report in self.reports]
        if len(set(kinds)) < len(kinds):
            raise ValueError("each kind of report may be given once only")
        return self
