"""Marks of the made-up school as Xporter's rows: codes, marks of a day or a range, marks strings and totals."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from itertools import groupby

from connector.mock.xporter.day_rows import session_id
from connector.mock.xporter.kinds import Row, bare, stamped, xid
from connector.mock.xporter.marks_string import CLOSED, HALVES, NO_MARK, code_at, marks_string
from connector.mock.xporter.pupil_rows import PupilRows
from rules.codes import Class, code_set_on
from rules.school import Mark, Pupil, Session

_MEANINGS = {
    Class.PRESENT: ("Present", "Present", "IN"),
    Class.APPROVED: ("Approved Educational Activity", "AEA", "OUT"),
    Class.AUTHORISED: ("Authorised Absence", "Authorised", "OUT"),
    Class.UNAUTHORISED: ("Unauthorised Absence", "Unauthorised", "OUT"),
    Class.NOT_POSSIBLE: ("Attendance not required", "Not required", "OUT"),
    Class.MISSING: ("No mark", "No mark", None),
}
"""Those of an authorised absence are the manual's example (D18); that the others read so is an assumption."""
_LATE = ("L", "U")


@dataclass(frozen=True)
class MarkRows:
    """Marks as the cached copy has them, of the academic year in hand (D18)."""

    of: PupilRows

    @cached_property
    def _marks(self) -> Mapping[str, Mapping[Session, Mark]]:
        by_pupil: dict[str, dict[Session, Mark]] = {}
        for mark in self.of.school.marks_known(self.of.today, ahead=True):
            by_pupil.setdefault(mark.pupil_id, {})[Session(mark.date, mark.half)] = mark
        return by_pupil

    @cached_property
    def _open(self) -> frozenset[Session]:
        return frozenset(self.of.school.calendar.sessions)

    @property
    def _year(self) -> tuple[date, date]:
        year = self.of.school.calendar.year_of(self.of.today)
        return year.start, year.end

    def _codes_of(self, pupil: Pupil) -> dict[Session, str]:
        return {session: mark.code for session, mark in self._marks.get(pupil.pupil_id, {}).items()}

    def codes(self) -> Iterator[Row]:
        """Yield AttendCodes: the codes in force, withdrawn ones among them, and the one for no mark."""
        known = code_set_on(self.of.school.nation, self.of.today).codes.values()
        rows = [(code.code, code.meaning, code.counts_as) for code in known]
        for code, words, counts_as in (*rows, (NO_MARK, "Nothing recorded", Class.MISSING)):
            meaning, short, physical = _MEANINGS[counts_as]
            yield {
                "Mark": code,
                "Description": words,
                "MeaningDescription": meaning,
                "ShortMeaningDescription": short,
                "PhysicalMeaning": "IN" if code == "U" else physical,
            }

    def of_range(self, start: date, end: date, asked: Collection[str], half: str) -> Iterator[Row]:
        """Yield the sessions between two days of the academic year in hand; those of the leavers by option."""
        first, last = self._year
        with_leavers = "includeleavers" in asked
        options = ("includeguests", "includesubsidiary", *(("includeleavers",) if with_leavers else ()))
        for pupil in self.of.known(options):
            for session, code in self._sessions(pupil, max(start, first), min(end, last), asked):
                if half in ("", session.half):
                    yield _mark_row(pupil.pupil_id, session, code)

    def of_day(self, day: date, asked: Collection[str], kind: str, half: str) -> Iterator[Row]:
        """Yield the sessions of one day with minutes late and notes, and a lesson for each pupil in school; no leavers."""
        for pupil in self.of.known(("includeguests", "includesubsidiary")):
            for session, code in self._sessions(pupil, day, day, asked):
                mark = self._marks.get(pupil.pupil_id, {}).get(session)
                if half not in ("", session.half):
                    continue
                row = {
                    **_mark_row(pupil.pupil_id, session, code),
                    "InstanceId": session_id(day, session.half),
                    "MinsLate": mark.minutes_late if mark else None,
                    "Notes": mark.comment or None if mark else None,
                }
                if kind in ("", "S"):
                    yield row
                if kind in ("", "L") and session.half == "AM" and code not in (CLOSED, NO_MARK):
                    lesson = {"InstanceId": "46845", "Type": "L", "MinsLate": None, "Notes": None}
                    yield {**row, **lesson, "Id": f"{pupil.pupil_id}.{day.isoformat()}.46845"}

    def _sessions(
        self, pupil: Pupil, start: date, end: date, asked: Collection[str]
    ) -> Iterator[tuple[Session, str]]:
        """Yield (session, mark) of a pupil's days on roll; weekends are closed days (assumption)."""
        codes = self._codes_of(pupil)
        days = [start + timedelta(days=n) for n in range((end - start).days + 1)]
        for day in days:
            for half in HALVES:
                session = Session(day, half)
                if session not in codes and not pupil.on_roll(day):
                    continue
                code = code_at(codes, session, self._open)
                left_out = (code == NO_MARK and "excludenomarks" in asked) or (
                    code == CLOSED and "excludeclosed" in asked
                )
                if not left_out:
                    yield session, code

    def string_fields(self, pupil: Pupil) -> Row:
        """Return the three fields of a pupil's marks string; its last day is counted (assumption)."""
        start = self._year[0]
        return {
            "Marks": self._string(pupil, start, self.of.today),
            "AttMarksStartDate": bare(start),
            "AttMarksEndDate": bare(self.of.today),
        }

    def _string(self, pupil: Pupil, start: date, end: date) -> str:
        codes = self._codes_of(pupil)
        return marks_string(codes, start, end, self._open, commas=self.of.options.comma_marks)

    def totals(self, pupil: Pupil) -> Row:
        """Return the counts of the year in hand (the manual does not say what each counts: assumption)."""
        start, today = self._year[0], self.of.today
        codes = [c for s, c in self._codes_of(pupil).items() if start <= s.date <= today]
        code_set = code_set_on(self.of.school.nation, today)
        classes = Counter(code_set.counts_as(code) for code in codes)
        held = {s for s in self._codes_of(pupil) if start <= s.date <= today}
        missing = [
            s for s in self._open if start <= s.date <= today and pupil.on_roll(s.date) and s not in held
        ]
        late = Counter(code for code in codes if code in _LATE)
        return {
            "AttStatsStartDate": bare(start),
            "AttStatsEndDate": bare(today),
            "NumPossMarks": sum(
                classes[c] for c in (Class.PRESENT, Class.APPROVED, Class.AUTHORISED, Class.UNAUTHORISED)
            ),
            "NumPresMarks": classes[Class.PRESENT],
            "NumAEAMarks": classes[Class.APPROVED],
            "NumAuthAbsMarks": classes[Class.AUTHORISED],
            "NumUnauthAbsMarks": classes[Class.UNAUTHORISED],
            "NumMissMarks": len(missing),
            "NumLateMarks": late.total(),
            "NumLateBeforeRegMarks": late["L"],
        }

    def summaries(self) -> Iterator[Row]:
        """Yield AttendanceSummary (C23)."""
        for pupil in self.of.known():
            yield {
                "Id": pupil.pupil_id,
                "XID": xid("Student", pupil.pupil_id),
                "MIS_ID": pupil.pupil_id,
                "IdaasId": f"PL-{pupil.pupil_id}",
                **self.totals(pupil),
                "Marks": self.string_fields(pupil)["Marks"],
            }

    def history(self, school_year: int) -> Iterator[Row]:
        """Yield HistoricalAttendanceSummary: one marks string for each pupil of a school year (C23)."""
        for year in self.of.school.calendar.years:
            if year.start.year != school_year:
                continue
            for pupil in self.of.known(("includeleavers",)):
                if any(session.date in year for session in self._codes_of(pupil)):
                    end = min(year.end, self.of.today)
                    yield {
                        "Id": f"{pupil.pupil_id}.{school_year}",
                        "StudentId": pupil.pupil_id,
                        "SchoolYear": str(school_year),
                        "StartDate": bare(year.start),
                        "EndDate": bare(end),
                        "Marks": self._string(pupil, year.start, end),
                    }

    def _runs(self, sessions: Sequence[Session]) -> Iterator[list[Session]]:
        """Yield the sessions in runs of the school's sessions without one between."""
        place = {session: number for number, session in enumerate(self.of.school.calendar.sessions)}
        numbered = enumerate(sessions)
        for _, run in groupby(numbered, lambda at: place.get(at[1], 0) - at[0]):
            yield [session for _, session in run]

    def exclusions(self, asked: Collection[str], start: date | None, end: date | None) -> Iterator[Row]:
        """Yield StudentExclusions: a fixed term for each run of school days with code E."""
        for pupil in self.of.known(asked):
            sessions = sorted(s for s, code in self._codes_of(pupil).items() if code == "E")
            for spell in self._runs(sessions):
                first, last = spell[0], spell[-1]
                if (start and last.date < start) or (end and first.date > end):
                    continue
                row: Row = {
                    "Id": f"{pupil.pupil_id}{first.date.toordinal()}",
                    "StudentId": pupil.pupil_id,
                    "Forename": pupil.forename,
                    "Surname": pupil.surname,
                    "ExclusionType": "Fixed Term",
                    "ExclusionTypeCode": "FIXD",
                    "ExclusionReason": "Made-up reason",
                    "ExclusionReasonCode": "OT",
                    "ExclusionSessions": len(spell),
                    "StartDate": bare(first.date),
                    "EndDate": bare(last.date),
                    "StartSession": first.half,
                    "EndSession": last.half,
                    "ExclusionDays": len(spell) / 2,
                }
                yield stamped(row, self.of.today)


def _mark_row(pupil_id: str, session: Session, code: str) -> Row:
    return {
        "Id": f"{pupil_id}.{session.date.isoformat()}.{session.half}",
        "Date": session.date.isoformat(),
        "StudentId": pupil_id,
        "Mark": code,
        "Type": "S",
        "Session": session.half,
    }
