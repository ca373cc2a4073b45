"""settings.toml of a register folder: the nation, and what is on record for pupils besides their marks."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, cast

from connector.adapters.folder.cells import bare, day_of, visible
from connector.adapters.folder.findings import Findings, Listed
from connector.errors import did_you_mean
from rules.codes import GIVEN, absence_codes
from rules.school import EXCLUSION_FLAGS, AttendancePlan, Exclusion, LeaveRequest, Nation, Notice

FILE = "settings.toml"
_TABLES = {
    "attendance_plans": ("pupil_id", "date"),
    "leave_requests": ("pupil_id", "from", "to", "kind", "requested"),
    "exclusions": ("pupil_id", "flag", "year_groups", "codes", "rules", "reason", "from", "until"),
    "notices": ("pupil_id", "contact_id", "issued"),
}
_NAMED = ("pupil_id", "flag", "year_groups", "codes")
"""By what an exclusion may say whom or what it covers."""
LEAVE_KINDS = ("holiday", "performance", "other")


@dataclass(frozen=True)
class SettingsFile:
    """What settings.toml says of the school and of pupils."""

    nation: Nation = "england"
    welsh_d_attended: bool = True
    attendance_plans: tuple[AttendancePlan, ...] = ()
    leave_requests: tuple[LeaveRequest, ...] = ()
    exclusions: tuple[Exclusion, ...] = ()
    notices: tuple[Notice, ...] = ()

    def count_others(self, listed: Listed, findings: Findings) -> None:
        """Note how many entries are about pupils who are not listed: no rule looks at them."""
        ids = [entry.pupil_id for name in _TABLES for entry in getattr(self, name)]
        others = Counter(pupil_id for pupil_id in ids if pupil_id and pupil_id not in listed.ids)
        listed.pass_over(findings, FILE, "entry", others)


def read_settings_file(path: Path, findings: Findings) -> SettingsFile:
    """Given settings.toml, which may be missing, return what it says; faults go into ``findings``.

    Unknown names are errors: a misspelt exclusion would send a letter.
    """
    return settings_file_of(path.name, read_settings(path, findings), findings)


def read_settings(path: Path, findings: Findings) -> dict[str, Any]:
    """Given settings.toml, return its tables; empty when it is missing or cannot be read, with the reason noted."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        return {}
    except OSError as error:
        findings.error(path.name, f"cannot be read: {error.strerror}", "check the file and its permissions")
        return {}
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        message = f"byte 0x{error.object[error.start]:02x} in line {line} is not UTF-8"
        findings.error(path.name, message, "save the file as UTF-8")
        return {}
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        findings.error(path.name, f"is not TOML: {error}", "correct that line")
        return {}


def settings_file_of(file: str, settings: Mapping[str, Any], findings: Findings) -> SettingsFile:
    """Given the tables of settings.toml, return what is on record; ``columns`` among them is read elsewhere."""
    return _Reader(file, findings).read(settings)


@dataclass
class _Reader:
    file: str
    findings: Findings

    def read(self, data: Mapping[str, Any]) -> SettingsFile:
        self._unknown("", data, ("nation", "welsh_d_attended", "columns", *_TABLES))
        nation = data.get("nation", "england")
        if nation not in ("england", "wales"):
            self._error("nation", "is neither england nor wales", 'write nation = "england" or "wales"')
        welsh_d = data.get("welsh_d_attended", True)
        if not isinstance(welsh_d, bool):
            self._error("welsh_d_attended", "is neither true nor false", "write true or false")
        rows = {name: self._tables(data, name) for name in _TABLES}
        plans = [
            AttendancePlan(self._pupil(place, row), self._day(place, row, "date"))
            for place, row in rows["attendance_plans"]
        ]
        notices = [
            Notice(
                self._pupil(place, row),
                self._text(place, row, "contact_id"),
                self._day(place, row, "issued"),
            )
            for place, row in rows["notices"]
        ]
        requests = [self._leave_request(place, row) for place, row in rows["leave_requests"]]
        exclusions = [self._exclusion(place, row) for place, row in rows["exclusions"]]
        return SettingsFile(
            nation=cast(Nation, nation),
            welsh_d_attended=bool(welsh_d),
            attendance_plans=tuple(plans),
            leave_requests=tuple(requests),
            exclusions=tuple(exclusions),
            notices=tuple(notices),
        )

    def _leave_request(self, place: str, row: Mapping[str, Any]) -> LeaveRequest:
        start, end = self._day(place, row, "from"), self._day(place, row, "to")
        if end < start:
            self._error(f"{place}.to", "lies before from", "swap or correct the dates")
        kind = row.get("kind", "other")
        if kind not in LEAVE_KINDS:
            self._error(f"{place}.kind", f"is none of {', '.join(LEAVE_KINDS)}", "use one of these")
        return LeaveRequest(
            self._pupil(place, row), start, end, cast(Any, kind), self._day(place, row, "requested")
        )

    def _exclusion(self, place: str, row: Mapping[str, Any]) -> Exclusion:
        flag = row.get("flag")
        if all(row.get(name) in (None, "", []) for name in _NAMED):
            message = "names no pupil, flag, year group or code"
            self._error(place, message, f"give at least one of {', '.join(_NAMED)}")
        if flag is not None and flag not in EXCLUSION_FLAGS:
            self._error(f"{place}.flag", f"is none of {', '.join(EXCLUSION_FLAGS)}", "use one of these")
        codes = self._texts(place, row, "codes", "codes", "T")
        for code in sorted({*codes} - absence_codes("england", "wales")):
            fix = f"use codes such as {', '.join(GIVEN)}"
            self._error(f"{place}.codes", f"`{code}` is no code of absence", fix)
        start = self._day(place, row, "from") if "from" in row else None
        until = self._day(place, row, "until") if "until" in row else None
        if start and until and until < start:
            self._error(f"{place}.until", "lies before from", "swap or correct the dates")
        return Exclusion.model_construct(  # checked above, each fault already noted
            reason=self._text(place, row, "reason"),
            rules=self._texts(place, row, "rules", "rule ids", "stage-1"),
            pupil_id=self._pupil(place, row) if "pupil_id" in row else None,
            flag=cast(Any, flag),
            year_groups=self._texts(place, row, "year_groups", "year groups", "11"),
            codes=codes,
            start=start,
            until=until,
        )

    def _tables(self, data: Mapping[str, Any], name: str) -> list[tuple[str, Mapping[str, Any]]]:
        rows = data.get(name, [])
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            self._error(name, "is not a list of tables", f"write each one under [[{name}]]")
            return []
        found = [(f"{name}[{number}]", row) for number, row in enumerate(rows, start=1)]
        for place, row in found:
            self._unknown(place, row, _TABLES[name])
        return found

    def _unknown(self, place: str, row: Mapping[str, Any], known: Collection[str]) -> None:
        for name in row:
            if name not in known:
                self._error(place, f"unknown key `{name}`", did_you_mean(name, known))

    def _pupil(self, place: str, row: Mapping[str, Any]) -> str:
        return bare(visible(self._text(place, row, "pupil_id")))

    def _text(self, place: str, row: Mapping[str, Any], name: str) -> str:
        value = row.get(name, "")
        if isinstance(value, int) and not isinstance(value, bool):
            value = str(value)
        if not isinstance(value, str) or not value.strip():
            self._error(f"{place}.{name}", "is missing or not a text", f'write {name} = "…"')
            return ""
        return value.strip()

    def _texts(
        self, place: str, row: Mapping[str, Any], name: str, what: str, example: str
    ) -> tuple[str, ...]:
        """Return a list of texts, which may be left out; a whole number in it is taken as text."""
        values = row.get(name, [])
        fit = (str, int)
        if not isinstance(values, list) or not all(
            type(value) in fit and str(value).strip() for value in values
        ):
            self._error(f"{place}.{name}", f"is not a list of {what}", f'write {name} = ["{example}"]')
            return ()
        return tuple(str(value).strip() for value in values)

    def _day(self, place: str, row: Mapping[str, Any], name: str) -> date:
        value = row.get(name)
        if isinstance(value, datetime):
            value = value.date()
        day = value if isinstance(value, date) else day_of(value.strip()) if isinstance(value, str) else None
        if day is None:
            self._error(f"{place}.{name}", "is missing or not a date", f"write {name} = 2025-09-03")
            return date.min
        return day

    def _error(self, place: str, message: str, fix: str) -> None:
        self.findings.error(f"{self.file} {place}".rstrip(), message, fix)
