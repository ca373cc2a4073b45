"""One row of a MIS's answer, read by our names: what must be there, what may be, and what this MIS does not have.

A pull stops at the first required field that is not there. A check goes on and names all of them. Both read by the
same code, so that what a check passes a run can read.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any, cast

from connector.adapters.facts_not_given import findings_of_facts
from connector.adapters.field_names import Field
from connector.errors import DataError, FatalError, Finding
from rules.school import Half

_WHOLE_NUMBER = re.compile(r"(-?\d+)(?:\.0+)?", re.ASCII)
_YES = ("1", "1.0", "true", "t", "yes", "y")
_NO = ("0", "0.0", "false", "f", "no", "n")
_ABSENT = object()


class MissingFields:
    """What one pull or one check did not find in the rows it read, and what it could not read."""

    def __init__(self, mis: str, ask: str, *, collect: bool = False) -> None:
        self.mis = mis
        self.ask = ask
        """What to do about a required field that is not there, such as "ask the school to approve it in Wonde"."""
        self.collect = collect
        """True in a check: a required field that is not there is an empty value, and named at the end."""
        self._required: dict[tuple[str, str], Field] = {}
        self._optional: dict[tuple[str, str], Field] = {}
        self._there: set[tuple[str, str]] = set()
        self._odd: dict[str, Finding] = {}

    def not_there(self, table: str, field: Field) -> None:
        """Note a field that a row does not have. Raise FatalError for a required one, but in a check."""
        if field.need != "required":
            self._optional.setdefault((table, field.ours), field)
            return
        if not self.collect:
            finding = self._required_finding(table, field)
            raise FatalError(f"{finding.where} {finding.message}", fix=finding.fix)
        self._required.setdefault((table, field.ours), field)

    def there(self, table: str, field: Field) -> None:
        """Note a field that some row has: it is not missing, though other rows lack it."""
        if field.need != "required":
            self._there.add((table, field.ours))

    def odd(self, table: str, field: Field, message: str, fix: str) -> None:
        """Note a value that cannot be read. Raise DataError for a required field, but in a check."""
        where = f"{self.mis} {table}.{field.called}"
        if field.need == "required" and not self.collect:
            raise DataError([Finding(where, message, fix)])
        self._odd.setdefault(where, Finding(where, message, fix, _severity(field)))

    @property
    def required(self) -> tuple[tuple[str, Field], ...]:
        """The required fields that were not there, each with its table."""
        return tuple((table, field) for (table, _), field in self._required.items())

    @property
    def optional(self) -> tuple[tuple[str, Field], ...]:
        """The optional and absent fields that no row had, each with its table."""
        return tuple(
            (table, field)
            for (table, ours), field in self._optional.items()
            if (table, ours) not in self._there
        )

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a pull says at its end: values of optional fields that it could not read and took as not known."""
        return tuple(f"{odd.where} {odd.message} and was taken as not known" for odd in self._odd.values())

    def findings(self) -> list[Finding]:
        """Return what a check says: an error for each required field, a warning for each fact that nobody gives."""
        findings = [self._required_finding(table, field) for table, field in self.required]
        findings += self._odd.values()
        there = [ours for _, ours in self._there]
        return findings + findings_of_facts(self.mis, self.optional, there)

    def _required_finding(self, table: str, field: Field) -> Finding:
        scope = f" (scope {field.scope})" if field.scope else ""
        fix = f"{self.ask}{scope}, or correct the name in fields.toml"
        return Finding(f"{self.mis}: {table}", f"holds no field {field.called}", fix)


def _severity(field: Field) -> str:
    return "error" if field.need == "required" else "warning"


class RowReader:
    """One row, read by our names.

    ``fields`` are those of the row's table, from fields.toml; ``table`` is what the MIS calls it. A row that is not an
    object (some services send ``[]`` for an empty one) has no fields.
    """

    def __init__(
        self, mis: str, table: str, row: object, fields: Mapping[str, Field], missing: MissingFields
    ) -> None:
        self.mis = mis
        self.table = table
        self.missing = missing
        self._row: Mapping[str, Any] = row if isinstance(row, Mapping) else {}
        self._fields = fields
        self._by_case: dict[str, str] | None = None
        self._unread: set[str] = set()

    def has(self, name: str) -> bool:
        """Return whether the row has the field, though it may be empty."""
        return self._found(self._fields[name]) is not _ABSENT

    def value(self, name: str) -> Any:
        """Return a field as it is; None when it is not there. Raise FatalError when it is required and not there."""
        field = self._fields[name]
        value = self._found(field)
        if value is _ABSENT:
            self.missing.not_there(self.table, field)
            return None
        self.missing.there(self.table, field)
        return value

    def text(self, name: str) -> str:
        """Return a field as text, outer white space gone; a whole number without a decimal point."""
        value = self.value(name)
        if value is None or value in ([], {}):
            return ""
        if isinstance(value, dict | list):
            self.odd(name, "has another shape than documented", f"report it to {self.mis}'s support")
            return ""
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        return str(value).strip()

    def flag(self, name: str) -> bool | None:
        """Return a yes/no field; None when nobody says: it is not there, or it is empty."""
        value = self.text(name).lower()
        if value in _YES:
            return True
        if value and value not in _NO:
            self.odd(name, "is neither true nor false", f"correct it in {self.mis}")
            return None
        return False if value else None

    def number(self, name: str) -> int | None:
        """Return a whole number; None when empty."""
        value = self.text(name)
        whole = _WHOLE_NUMBER.fullmatch(value)
        if value and whole is None:
            self.odd(name, "is no whole number", f"correct it in {self.mis}")
        return int(whole[1]) if whole else None

    def day(self, name: str) -> date | None:
        """Return a date, from an ISO date or date-time or from an object with its own ``date``; None when empty."""
        value = self.value(name)
        text = value.get("date") if isinstance(value, dict) and value else None
        text = str(text).strip() if text else "" if isinstance(value, dict) and value else self.text(name)
        try:
            return datetime.fromisoformat(text).date() if text else None
        except ValueError:
            self.odd(name, "is no date", f"report it to {self.mis}'s support")
            return None

    def half(self, name: str) -> Half | None:
        """Return AM or PM, in any case; None for anything else."""
        value = self.text(name).upper()
        return cast(Half, value) if value in ("AM", "PM") else None

    def row(self, name: str) -> Mapping[str, Any] | None:
        """Return a value made of fields; None when empty, also when it comes as an empty list."""
        value = self.value(name)
        if value is None or value == []:
            return None
        if not isinstance(value, dict):
            self.odd(name, "has another shape than documented", f"report it to {self.mis}'s support")
            return None
        return value

    def not_known(self, names: Collection[str]) -> frozenset[str]:
        """Return those of the names that this row does not give or that cannot be read, for :attr:`rules.school.Pupil.unknown`."""
        return frozenset(
            name for name in names if name not in self._fields or name in self._unread or not self.has(name)
        )

    def odd(self, name: str, message: str, fix: str) -> None:
        """Note a value that cannot be read. Raise DataError for a required field, but in a check."""
        self._unread.add(name)
        self.missing.odd(self.table, self._fields[name], message, fix)

    def _found(self, field: Field) -> Any:
        for name in field.names:
            if name in self._row:
                return self._row[name]
        if field.names and self._by_case is None:
            self._by_case = {key.casefold(): key for key in self._row}
        for name in field.names:
            key = (self._by_case or {}).get(name.casefold())
            if key is not None:
                return self._row[key]
        return _ABSENT
