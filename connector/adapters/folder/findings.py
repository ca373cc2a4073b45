"""What is wrong with the files of a register folder, and what was passed over: each kind of fault once, with its count."""

from __future__ import annotations

import re
from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from typing import Literal

from connector.errors import DataError, Finding

FIRST_ROWS = 3
"""Rows of one kind of fault that are named; the rest is counted."""
_NUMBERED = re.compile(r"\[\d+\]")


@dataclass
class _Fault:
    """One kind of fault: where it was seen first, and how often in all."""

    where: str
    unit: str
    column: str
    message: str
    fix: str
    rows: list[int] = field(default_factory=list)
    last_row: int | None = None
    count: int = 0
    alike: bool = True

    def finding(self, severity: Literal["error", "warning"]) -> Finding:
        where, message, more = self.where, self.message, self.count - len(self.rows)
        if len(self.rows) > 1:
            where += f" {self.unit}s {', '.join(map(str, self.rows))}"
            where += f" and {more:,} more" if more else ""
            message += "" if self.alike else f" ({self.unit} {self.rows[0]})"
        elif self.rows:
            where += f" {self.unit} {self.rows[0]}"
        elif self.count > 1:
            where += f" and {self.count - 1:,} more"
        return Finding(
            where + (f", column {self.column}" if self.column else ""), message, self.fix, severity
        )


class Findings:
    """Errors and warnings in the order in which each kind was first met."""

    def __init__(self) -> None:
        self.count = 0
        """How many errors there are, each row counted."""
        self._errors: dict[tuple[str, ...], _Fault] = {}
        self._warnings: dict[tuple[str, ...], _Fault] = {}

    @property
    def errors(self) -> list[Finding]:
        """Every kind of error, with its first rows and its count."""
        return [fault.finding("error") for fault in self._errors.values()]

    @property
    def by_column(self) -> list[tuple[str, str, str]]:
        """Every kind of error as its column, the message and what to do."""
        return [(fault.column, fault.message, fault.fix) for fault in self._errors.values()]

    @property
    def warnings(self) -> list[Finding]:
        """Every kind of thing that was passed over."""
        return [fault.finding("warning") for fault in self._warnings.values()]

    def error(
        self,
        file: str,
        message: str,
        fix: str = "",
        *,
        row: int | None = None,
        column: str = "",
        unit: str = "row",
        same: str = "",
    ) -> None:
        """Note an error. Errors of one column with the same message, or the same ``same``, become one finding."""
        self.count += 1
        _note(self._errors, _Fault(file, unit, column, message, fix), row, same)

    def warning(
        self, file: str, message: str, fix: str = "", *, row: int | None = None, column: str = ""
    ) -> None:
        """Note something that is reported and passed over."""
        _note(self._warnings, _Fault(file, "row", column, message, fix), row, "")

    def stop_if_any(self) -> None:
        """Raise DataError with every error noted so far, if there is one."""
        if self._errors:
            raise DataError(self.errors)


def _note(faults: dict[tuple[str, ...], _Fault], fault: _Fault, row: int | None, same: str) -> None:
    # entries of settings.toml are numbered in the place itself: "notices[2].issued"
    place = _NUMBERED.sub("[]", fault.where)
    key = (place, fault.unit, fault.column, same or fault.message, "" if row is None else "row")
    known = faults.setdefault(key, fault)
    if row is not None and row == known.last_row:
        return
    known.last_row = row
    known.count += 1
    known.alike = known.alike and known.message == fault.message
    if row is not None and len(known.rows) < FIRST_ROWS:
        known.rows.append(row)


@dataclass(frozen=True)
class Listed:
    """The pupils whom the folder lists, and the file that lists them."""

    ids: Set[str]
    file: str

    def pass_over(self, findings: Findings, file: str, noun: str, rows: Mapping[str, int]) -> None:
        """Given the number of rows by id of pupils who are not listed, note them as one warning of the file."""
        if not rows:
            return
        total, pupils = sum(rows.values()), len(rows)
        nouns = noun if total == 1 else "entries" if noun == "entry" else f"{noun}s"
        message = (
            f"{total:,} {nouns} of {pupils:,} {'pupil who is' if pupils == 1 else 'pupils who are'}"
            f" not in {self.file} passed over"
        )
        fix = ""
        alike = {bare_id(pupil_id): pupil_id for pupil_id in self.ids}
        pairs = [(pupil_id, alike[bare_id(pupil_id)]) for pupil_id in rows if bare_id(pupil_id) in alike]
        if pairs:
            here, there = pairs[0]
            number = "1 of these ids differs" if len(pairs) == 1 else f"{len(pairs)} of these ids differ"
            message += (
                f"; {number} from one in {self.file} only by leading zeros or the way it is written"
                f" ('{here}' here, '{there}' there)"
            )
            fix = "export both files with the same ids; Excel drops leading zeros unless the column is text"
        findings.warning(file, message, fix)

    def warn_of_twins(self, findings: Findings) -> None:
        """Note ids that are probably one pupil's: without pupils.csv each of them becomes a pupil."""
        first: dict[str, str] = {}
        twins = [(first.setdefault(bare_id(one), one), one) for one in sorted(self.ids)]
        pairs = [pair for pair in twins if pair[0] != pair[1]]
        if pairs:
            message = f"the ids '{pairs[0][0]}' and '{pairs[0][1]}' are read as two pupils"
            message += f"; {len(pairs) - 1:,} more like this" if len(pairs) > 1 else ""
            findings.warning(
                self.file, message, "if they are one pupil, correct the id; list the pupils in pupils.csv"
            )


def bare_id(pupil_id: str) -> str:
    """Return an id without what spreadsheets add to it or take from it: "0042" and "42.0" are both "42"."""
    return pupil_id.removesuffix(".0").lstrip("0").replace(" ", "").casefold()
