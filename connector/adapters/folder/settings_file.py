"""settings.toml of a register folder: the nation, and what is on record for pupils besides their marks."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any, cast

from connector.adapters.base import RecordPage
from connector.adapters.folder.cells import bare, day_of, visible
from connector.adapters.folder.findings import Findings, Listed
from connector.adapters.folder.record_row import (
    LICENCE_COLUMNS,
    faults_of_days,
    faults_of_leave,
    faults_of_weeks,
    hours_of,
)
from connector.adapters.folder.records_file import OnRecord
from connector.errors import did_you_mean
from rules.codes import GIVEN, absence_codes
from rules.files.held import read_file, what_to_do, why
from rules.school import (
    EXCLUSION_FLAGS,
    FORM_OUTCOMES,
    LEAVE_DECISIONS,
    LEAVE_KINDS,
    NOTICE_STATES,
    NOTICE_WEEKS,
    PLAN_DECISIONS,
    PLAN_KINDS,
    AttendancePlan,
    Exclusion,
    FormDecision,
    LeaveRequest,
    Licence,
    Nation,
    Notice,
    NoticeToImprove,
)

FILE = "settings.toml"
_TABLES = {
    "attendance_plans": ("pupil_id", "date", "to", "review", "kind", "decision", "by", "note"),
    "leave_requests": (
        *("pupil_id", "from", "to", "kind", "requested", "decision", "decided", "by", "note"),
        *("granted_from", "granted_to", "licence", *LICENCE_COLUMNS),
    ),
    "exclusions": ("pupil_id", "flag", "year_groups", "codes", "rules", "reason", "from", "until"),
    "notices": ("pupil_id", "contact_id", "issued", "decision"),
    "notices_to_improve": ("pupil_id", "contact_id", "issued", "weeks", "allowed"),
    "decisions": ("pupil_id", "date", "decision", "by", "note"),
}
_NAMED = ("pupil_id", "flag", "year_groups", "codes")
"""By what an exclusion may say whom or what it covers."""


@dataclass(frozen=True)
class SettingsFile(OnRecord):
    """What settings.toml says of the school and of pupils."""

    nation: Nation = "england"
    welsh_d_attended: bool = True
    exclusions: tuple[Exclusion, ...] = ()

    def with_records(self, more: OnRecord) -> SettingsFile:
        """Return the same with what another file says besides; a record that stands in both is one."""
        both = {
            field.name: tuple(dict.fromkeys((*getattr(self, field.name), *getattr(more, field.name))))
            for field in fields(OnRecord)
        }
        return replace(self, **cast(Any, both))

    def count_others(self, listed: Listed, findings: Findings) -> None:
        """Note how many entries are about pupils who are not listed: no rule looks at them."""
        names = [field.name for field in fields(OnRecord)]
        ids = [entry.pupil_id for name in (*names, "exclusions") for entry in getattr(self, name)]
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
        text = read_file(path).decode("utf-8-sig")
    except FileNotFoundError:
        return {}
    except OSError as error:
        fix = what_to_do(error, "check the file and its permissions")
        findings.error(path.name, f"cannot be read: {why(error)}", fix)
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


def record_page(records: SettingsFile, *, supplied: bool = False) -> RecordPage:
    """Return the page of a pull that brings these records; ``supplied`` when they are not the MIS's own."""
    return RecordPage(
        records.attendance_plans,
        records.leave_requests,
        records.exclusions,
        records.notices,
        records.notices_to_improve,
        records.form_decisions,
        records.pupil_records,
        supplied=supplied,
    )


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
        plans = [self._plan(place, row) for place, row in rows["attendance_plans"]]
        notices = [
            Notice(
                self._pupil(place, row),
                self._text(place, row, "contact_id"),
                self._day(place, row, "issued"),
                self._one_of(place, row, "decision", NOTICE_STATES, None) or "",
            )
            for place, row in rows["notices"]
        ]
        requests = [self._leave_request(place, row) for place, row in rows["leave_requests"]]
        to_improve = [self._notice_to_improve(place, row) for place, row in rows["notices_to_improve"]]
        decisions = [self._decision(place, row) for place, row in rows["decisions"]]
        exclusions = [self._exclusion(place, row) for place, row in rows["exclusions"]]
        return SettingsFile(
            nation=cast(Nation, nation),
            welsh_d_attended=bool(welsh_d),
            attendance_plans=tuple(plans),
            leave_requests=tuple(requests),
            exclusions=tuple(exclusions),
            notices=tuple(notices),
            notices_to_improve=tuple(to_improve),
            form_decisions=tuple(decisions),
        )

    def _plan(self, place: str, row: Mapping[str, Any]) -> AttendancePlan:
        plan = AttendancePlan(
            self._pupil(place, row),
            self._day(place, row, "date"),
            self._day_or_none(place, row, "review"),
            self._day_or_none(place, row, "to"),
            cast(Any, self._one_of(place, row, "kind", PLAN_KINDS, None) or ""),
            self._one_of(place, row, "decision", PLAN_DECISIONS, None) or "",
            self._text_or_empty(place, row, "by"),
            self._text_or_empty(place, row, "note"),
        )
        self._note(place, faults_of_days(plan.date, plan.date, plan.end, plan.review))
        return plan

    def _leave_request(self, place: str, row: Mapping[str, Any]) -> LeaveRequest:
        asked = self._day(place, row, "requested")
        decision = self._one_of(place, row, "decision", LEAVE_DECISIONS, None)
        leave = LeaveRequest(
            self._pupil(place, row),
            self._day(place, row, "from"),
            self._day(place, row, "to"),
            cast(Any, self._one_of(place, row, "kind", LEAVE_KINDS, "other")),
            asked,
            decision=cast(Any, decision),
            decided=self._day_or_none(place, row, "decided") or (asked if decision else None),
            granted_from=self._day_or_none(place, row, "granted_from"),
            granted_to=self._day_or_none(place, row, "granted_to"),
            reason=self._text_or_empty(place, row, "note"),
            decided_by=self._text_or_empty(place, row, "by"),
            licence=self._licence(place, row),
        )
        self._note(place, faults_of_leave(leave))
        return leave

    def _licence(self, place: str, row: Mapping[str, Any]) -> Licence | None:
        held = row.get("licence", any(name in row for name in LICENCE_COLUMNS))
        if not isinstance(held, bool):
            self._error(f"{place}.licence", "is neither true nor false", "write true or false")
        if not held:
            return None
        start, end, *hours = LICENCE_COLUMNS
        a_day, a_week = (hours_of(str(row[name])) if name in row else None for name in hours)
        for name, value in zip(hours, (a_day, a_week), strict=True):
            if name in row and value is None:
                self._error(f"{place}.{name}", "is not a number of hours", f"write {name} = 4.5")
        return Licence(
            self._day_or_none(place, row, start), self._day_or_none(place, row, end), a_day, a_week
        )

    def _notice_to_improve(self, place: str, row: Mapping[str, Any]) -> NoticeToImprove:
        notice = NoticeToImprove(
            self._pupil(place, row),
            self._day(place, row, "issued"),
            self._number(place, row, "weeks", NOTICE_WEEKS[0]) if "weeks" in row else 0,
            self._number(place, row, "allowed", 0) if "allowed" in row else 0,
            self._text_or_empty(place, row, "contact_id"),
        )
        self._note(place, faults_of_weeks(notice))
        return notice

    def _decision(self, place: str, row: Mapping[str, Any]) -> FormDecision:
        outcome = self._one_of(place, row, "decision", FORM_OUTCOMES, "")
        return FormDecision(
            self._pupil(place, row),
            self._day(place, row, "date"),
            cast(Any, outcome),
            self._text_or_empty(place, row, "note"),
            self._text_or_empty(place, row, "by"),
        )

    def _one_of(
        self,
        place: str,
        row: Mapping[str, Any],
        name: str,
        allowed: Collection[str],
        otherwise: str | None,
    ) -> str | None:
        """Return one of a few words; ``otherwise`` where the key is not there, which must be one of them or None."""
        value = row.get(name, otherwise)
        if value is not None and value not in allowed:
            self._error(f"{place}.{name}", f"is none of {', '.join(allowed)}", "use one of these")
        return cast("str | None", value)

    def _note(self, place: str, faults: Iterable[tuple[str, str, str]]) -> None:
        for name, message, fix in faults:
            self._error(f"{place}.{name}", message, fix)

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
        start, until = self._day_or_none(place, row, "from"), self._day_or_none(place, row, "until")
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

    def _text_or_empty(self, place: str, row: Mapping[str, Any], name: str) -> str:
        return self._text(place, row, name) if row.get(name, "") != "" else ""

    def _number(self, place: str, row: Mapping[str, Any], name: str, otherwise: int) -> int:
        value = row[name]
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            self._error(f"{place}.{name}", "is not a whole number", f"write {name} = {otherwise}")
            return otherwise
        return value

    def _day_or_none(self, place: str, row: Mapping[str, Any], name: str) -> date | None:
        return self._day(place, row, name) if name in row else None

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
