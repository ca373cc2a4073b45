"""Policy cases: a short register as strings of marks, and what a policy must make of it.

A case file is TOML that an attendance officer can read and write::

    policy = "hcat"                 # a shipped pack, or left out when a school's own pack is checked
    rule = "late-letter"            # only events of this rule are compared; leave out to compare all

    [[cases]]
    says = "The third late mark of a half term brings a letter that day"
    marks = '''
    2025-09-01 // L/ // /L //
    2025-09-08 // // L/
    '''
    events = ["2025-09-10"]

A line of marks is a date and, from that day on, one word per school day: the AM and the PM code ("L/"), with a
bar between them where a code has more letters ("C1|/"), "-" for a missing mark, and "*10" behind a word to
repeat it on ten school days. Days without a word have no mark. Without ``calendar`` rows the standard calendar
below applies.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from rules.calendar import Calendar, Period, PeriodKind
from rules.evaluate import evaluate
from rules.events import Evaluation
from rules.files.held import read_file
from rules.policy import Policy, load_policy
from rules.pupil_record import PupilRecord
from rules.register import Register, build_register
from rules.school import (
    Amendment,
    AttendancePlan,
    Half,
    LeaveDecision,
    LeaveKind,
    LeaveRequest,
    Mark,
    Nation,
    Notice,
    NoticeToImprove,
    Pupil,
    Spell,
)

_WORD = re.compile(r"(?P<codes>\S+?)(\*(?P<times>\d+))?")

STANDARD_CALENDAR = (
    Period("year", "2025/26", date(2025, 9, 1), date(2026, 7, 24)),
    Period("term", "Autumn", date(2025, 9, 1), date(2025, 12, 19)),
    Period("half_term", "Autumn 1", date(2025, 9, 1), date(2025, 10, 24)),
    Period("half_term", "Autumn 2", date(2025, 11, 3), date(2025, 12, 19)),
    Period("term", "Spring", date(2026, 1, 5), date(2026, 3, 27)),
    Period("half_term", "Spring 1", date(2026, 1, 5), date(2026, 2, 13)),
    Period("half_term", "Spring 2", date(2026, 2, 23), date(2026, 3, 27)),
    Period("term", "Summer", date(2026, 4, 13), date(2026, 7, 24)),
    Period("half_term", "Summer 1", date(2026, 4, 13), date(2026, 5, 22)),
    Period("half_term", "Summer 2", date(2026, 6, 1), date(2026, 7, 24)),
    Period("holiday", "May Day", date(2026, 5, 4), date(2026, 5, 4)),
    Period("year", "2026/27", date(2026, 9, 1), date(2027, 7, 23)),
    Period("term", "Autumn", date(2026, 9, 1), date(2026, 12, 18)),
    Period("half_term", "Autumn 1", date(2026, 9, 1), date(2026, 10, 23)),
    Period("half_term", "Autumn 2", date(2026, 11, 2), date(2026, 12, 18)),
)
"""Two made-up academic years: 2025/26 whole, and the autumn term of 2026/27."""


class CaseError(ValueError):
    """A case file that cannot be read; the text names the file, the case and the fault."""


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class CalendarRow(_Row):
    """A row as in calendar.csv."""

    kind: PeriodKind
    name: str = ""
    start: date
    end: date
    half: Half | None = None
    weekday: int | None = None


class CaseAmendment(_Row):
    """A mark that was changed: "2025-09-01 AM" from one code to another on a day."""

    session: Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\d (AM|PM)$")]
    original: str
    amended: str
    on: date


class CaseLeave(_Row):
    """A request for leave."""

    start: Annotated[date, Field(alias="from")]
    end: Annotated[date, Field(alias="to")]
    kind: LeaveKind
    requested: date
    decision: LeaveDecision | None = None
    decided: date | None = None
    granted_from: date | None = None
    granted_to: date | None = None

    def request(self) -> LeaveRequest:
        """Return it as it stands on the pupil's record."""
        decided = self.decided or (self.requested if self.decision else None)
        return LeaveRequest(
            "pupil",
            self.start,
            self.end,
            self.kind,
            self.requested,
            self.decision,
            decided,
            self.granted_from,
            self.granted_to,
        )


class CaseNoticeToImprove(_Row):
    """A notice to improve."""

    issued: date
    weeks: int
    allowed: int = 0


class Case(_Row):
    """One short register of one pupil (or of others as well) and what must come out."""

    says: Annotated[str, Field(min_length=1)]
    marks: str = ""
    others: dict[str, str] = {}
    """Marks of further pupils by their id, in the same form; for class rules "id/group"."""
    pupil: dict[str, Any] = {}
    """Facts of the pupil, named as in pupils.csv; ``spells`` are times on roll, each with ``from`` and ``to``."""
    as_of: date | None = None
    in_run: bool = False
    """Rules about the school's own acts fire as in a run, such as its answer to a request for leave."""
    plans: tuple[date, ...] = ()
    reached: tuple[date, ...] = ()
    """Days on which a call to the family was answered."""
    leave: tuple[CaseLeave, ...] = ()
    amendments: tuple[CaseAmendment, ...] = ()
    notices: tuple[date, ...] | None = None
    """Days on which a penalty notice was issued; given, rules that follow a notice look at them as in a run."""
    notices_to_improve: tuple[CaseNoticeToImprove, ...] = ()
    events: tuple[str, ...] = ()
    """"2025-09-10" for the file's rule, or "2025-09-10 rule"; with others or classes "2025-09-10 rule who"."""
    sessions: tuple[str, ...] | None = None
    """Marks that decided the last of those events: "2025-09-10 AM L"."""
    percent: str | None = None
    band: str | None = None
    colour: str | None = None
    counts: dict[str, int] = {}
    """Figures of the year to date: possible, attended, authorised, unauthorised, late, missing, unrecognised."""


class CaseFile(_Row):
    """All cases of one file."""

    policy: str | None = None
    rule: str | None = None
    nation: Nation = "england"
    calendar: tuple[CalendarRow, ...] = ()
    cases: Annotated[tuple[Case, ...], Field(min_length=1)]


@dataclass(frozen=True, slots=True)
class CaseResult:
    """One case, judged. ``faults`` is empty when everything came out as written."""

    file: str
    says: str
    faults: tuple[str, ...]


def load_cases(path: Path) -> CaseFile:
    """Given a case file, return its cases. Raise CaseError naming the file and every fault."""
    try:
        return CaseFile.model_validate(tomllib.loads(read_file(path).decode("utf-8-sig")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CaseError(f"{path.name}: is not a TOML file in UTF-8: {error}") from error
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, f['loc']))}: {f['msg']}" for f in error.errors())
        raise CaseError(f"{path.name}: {faults}") from error


def run_cases(path: Path, policy: Policy | None = None) -> list[CaseResult]:
    """Given a case file, judge every case by ``policy`` or by the pack that the file names. Raise CaseError."""
    cases = load_cases(path)
    if policy is None and cases.policy is None:
        raise CaseError(f"{path.name}: names no policy, and none was given")
    judged_by = policy or load_policy(cases.policy or "")
    return [
        CaseResult(path.name, case.says, tuple(_faults(cases, case, judged_by, path.name)))
        for case in cases.cases
    ]


def _faults(cases: CaseFile, case: Case, policy: Policy, file: str) -> Iterator[str]:
    try:
        register = _register(cases, case)
    except ValueError as error:
        raise CaseError(f"{file}: '{case.says}': {error}") from error
    evaluation = evaluate(
        register,
        policy,
        case.as_of,
        amendments=bool(case.amendments),
        notices=case.notices is not None,
        in_run=case.in_run,
    )
    named = bool(case.others) or any(len(row.split()) == 3 for row in case.events)
    events = [e for e in evaluation.events if cases.rule in (None, e.rule)]
    came = [_event_text(e.date, e.rule, e.subject if named else "", cases.rule) for e in events]
    wanted = [_normal(row, cases.rule, named) for row in case.events]
    if came != wanted:
        yield f"events: wanted {wanted or 'none'}, came {came or 'none'}"
    if case.sessions is not None:
        marks = [f"{m.date} {m.half} {m.code}" for m in events[-1].sessions] if events else []
        if marks != list(case.sessions):
            yield f"sessions: wanted {list(case.sessions)}, came {marks}"
    yield from _figure_faults(case, evaluation)


def _figure_faults(case: Case, evaluation: Evaluation) -> Iterator[str]:
    row = next(p for p in evaluation.pupils if p.pupil_id == "pupil")
    came = {"percent": row.attendance_percent, "band": row.band, "colour": row.colour}
    for name, value in came.items():
        wanted = getattr(case, name)
        if wanted is not None and (wanted or None) != value:
            yield f"{name}: wanted {wanted}, came {value}"
    for name, count in case.counts.items():
        if getattr(row.figures, name) != count:
            yield f"{name}: wanted {count}, came {getattr(row.figures, name)}"


def _event_text(day: date, rule: str, who: str, default: str | None) -> str:
    return " ".join([day.isoformat(), *([rule] if rule != default or who else []), *([who] if who else [])])


def _normal(row: str, rule: str | None, named: bool) -> str:
    parts = row.split()
    if named and len(parts) < 3:
        parts = [parts[0], parts[1] if len(parts) > 1 else rule or "", "pupil"]
    if len(parts) == 2 and parts[1] == rule:
        parts = parts[:1]
    return " ".join(parts)


def _register(cases: CaseFile, case: Case) -> Register:
    periods = (
        tuple(Period(r.kind, r.name, r.start, r.end, r.half, r.weekday) for r in cases.calendar)
        or STANDARD_CALENDAR
    )
    calendar = Calendar(periods)
    pupils = [_pupil("pupil", case.pupil)]
    marks = list(_marks("pupil", case.marks, calendar))
    for name, text in case.others.items():
        pupil_id, _, group = name.partition("/")
        pupils.append(Pupil(pupil_id, registration_group=group))
        marks += _marks(pupil_id, text, calendar)
    return build_register(
        pupils=pupils,
        calendar=calendar,
        marks=marks,
        nation=cases.nation,
        amendments=[_amendment(row) for row in case.amendments],
        attendance_plans=[AttendancePlan("pupil", day) for day in case.plans],
        pupil_records=[PupilRecord("pupil", "contact", day, decision="answered") for day in case.reached],
        leave_requests=[row.request() for row in case.leave],
        notices=[Notice("pupil", "contact", day) for day in case.notices or ()],
        notices_to_improve=[
            NoticeToImprove("pupil", n.issued, n.weeks, n.allowed) for n in case.notices_to_improve
        ],
    )


def _pupil(pupil_id: str, facts: dict[str, Any]) -> Pupil:
    try:
        spells = tuple(Spell(row.get("from"), row.get("to")) for row in facts.get("spells", ()))
        return Pupil(pupil_id, **{**facts, "spells": spells})
    except TypeError as error:
        raise ValueError(f"pupil: {error}") from error


def _amendment(row: CaseAmendment) -> Amendment:
    day, half = row.session.split()
    when = datetime.combine(row.on, time(16))
    return Amendment(
        "pupil", date.fromisoformat(day), "AM" if half == "AM" else "PM", row.original, row.amended, when
    )


def _marks(pupil_id: str, text: str, calendar: Calendar) -> Iterator[Mark]:
    """Yield marks from lines of a date and words, one word per school day from that date on. Raise ValueError."""
    for line in filter(None, (row.strip() for row in text.splitlines())):
        first, *words = line.split()
        days = iter([day for day in calendar.school_days if day >= date.fromisoformat(first)])
        for word in words:
            match = _WORD.fullmatch(word)
            assert match
            for _ in range(int(match["times"] or 1)):
                day = next(days, None)
                if day is None:
                    raise ValueError(f"'{line}' goes on past the calendar's end")
                yield from _day_marks(pupil_id, day, match["codes"])


def _day_marks(pupil_id: str, day: date, codes: str) -> Iterator[Mark]:
    halves = codes.split("|") if "|" in codes else list(codes)
    if len(halves) != 2:
        raise ValueError(
            f"'{codes}' is not an AM and a PM code: write two letters, or part longer codes with a bar"
        )
    yield Mark(pupil_id, day, "AM", halves[0])
    yield Mark(pupil_id, day, "PM", halves[1])
