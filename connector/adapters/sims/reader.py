"""One row of SIMS: besides what every reader reads, its references, moments and expanded rows."""

from __future__ import annotations

from datetime import datetime

from connector.adapters.row_reader import MissingFields, RowReader
from connector.adapters.sims.client import Row
from connector.adapters.sims.fields import fields, names, set_path
from connector.errors import FatalError


def missing_fields(*, collect: bool = False) -> MissingFields:
    """Return what notes the fields that SIMS's answers lack."""
    return MissingFields("SIMS", "ask the vendor for the permission to read it", collect=collect)


class Reader(RowReader):
    """One row, read by our names. Raises FatalError when a field that is needed is not there at all."""

    def __init__(self, table: str, row: Row, missing: MissingFields) -> None:
        called = set_path(table)[1] if table in names("sets") else table.title()
        super().__init__("SIMS", called, row, fields(table), missing)

    def guid(self, name: str) -> str:
        """Return an id that rows are joined by; its case does not matter. Raises FatalError for an empty one."""
        value = self.text(name).lower()
        if not value and not self.missing.collect:
            raise FatalError(f"SIMS: a row of {self.table} has no {self._fields[name].called}")
        return value

    def reference(self, name: str) -> str:
        """Return the ExternalID of the row that a reference points to; empty for none."""
        value = self.row(name)
        return str(value.get("ExternalID") or "").lower() if value else ""

    def reference_type(self, name: str) -> str:
        """Return the Type of a reference; empty for none."""
        value = self.row(name)
        return str(value.get("Type") or "") if value else ""

    def described(self, name: str) -> str:
        """Return the Description of a reference; empty for none."""
        value = self.row(name)
        if value is None:
            return ""
        if "Description" not in value:
            raise FatalError(f"SIMS: {self.table}.{self._fields[name].called} has no Description")
        return str(value["Description"] or "").strip()

    def moment(self, name: str) -> datetime | None:
        """Return a date-time with its zone; None when empty."""
        value = self.text(name)
        try:
            found = datetime.fromisoformat(value) if value else None
        except ValueError:
            self.odd(name, "is no date and time", "report it to the vendor")
            return None
        if found is not None and found.tzinfo is None:
            self.odd(name, "has no time zone", "report it to the vendor")
            return None
        return found

    def expanded(self, name: str) -> list[Row]:
        """Return rows that were expanded inside this one, all of them. Raises FatalError when SIMS gives only some."""
        rows = self.value(name)
        if rows is None and self.missing.collect:
            return []
        if not isinstance(rows, list) or f"{self._fields[name].called}@odata.nextLink" in self._row:
            raise FatalError(
                f"SIMS: {self.table} does not bring all of {self._fields[name].called} with it",
                fix='set marks_by = "record"'
                if name == "records"
                else "set contacts = false and supply contacts.csv",
            )
        return rows
