"""What a morning's run reports: as JSON for scripts (docs/scripts.md, ``run --morning --json``) and as a few plain lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from connector.run.pull import Pulled
from connector.run.summary import EXIT_DONE, EXIT_FAILED, EXIT_HELD
from letters.reports.morning.calls import Call, Morning, group_words
from letters.words.english import count


@dataclass(slots=True)
class MorningReport:
    """One morning's run of one school."""

    school: str
    as_of: date
    dry_run: bool = False
    outcome: Literal["done", "held", "failed"] = "done"
    """held: the MIS's answer cannot be that of this school, and a person must look."""
    error: str = ""
    pulled: Pulled = field(default_factory=Pulled)
    is_school_morning: bool = True
    morning: Morning | None = None
    """What is new this morning; None when the run did not get that far."""
    number: int | None = None
    """Which list of the day it is; None when none was filed."""
    files: Sequence[str] = ()
    warnings: list[str] = field(default_factory=list)

    @property
    def exit_code(self) -> int:
        """0 done, also with nothing new; 1 failed; 3 a person must look."""
        return {"done": EXIT_DONE, "failed": EXIT_FAILED, "held": EXIT_HELD}[self.outcome]

    def failures(self) -> list[str]:
        """Return why the exit code is 1."""
        return [self.error] if self.outcome == "failed" else []

    def counts(self) -> dict[str, Any]:
        """Return what is kept of it: nothing about a pupil."""
        morning = self.morning or Morning(self.as_of)
        return {
            "error": self.error,
            "school_morning": self.is_school_morning,
            "list": self.number,
            "calls": len(morning.to_ring),
            "late": len(morning.late),
            "registers_open": len(morning.registers),
        }

    def document(self) -> dict[str, Any]:
        """Return the JSON document. It names pupils by their id in the MIS."""
        morning = self.morning or Morning(self.as_of)
        return {
            "school": self.school,
            "morning": True,
            "as_of": self.as_of.isoformat(),
            "dry_run": self.dry_run,
            "outcome": self.outcome,
            "error": self.error,
            "school_morning": self.is_school_morning,
            "pulled": {
                "pupils": self.pulled.pupils,
                "contacts": self.pulled.contacts,
                "marks": self.pulled.marks,
                "requests": self.pulled.requests,
            },
            "list": self.number,
            "files": list(self.files),
            "alerts": {name: [_call(call) for call in calls] for name, calls in morning.alerts.items()},
            "calls": [_call(call) for call in morning.calls],
            "late": [
                {"pupil_id": one.pupil.pupil_id, "code": one.code, "minutes_late": one.minutes}
                for one in morning.late
            ],
            "registers_open": [
                {"group": one.group, "unmarked": one.unmarked, "pupils": one.pupils}
                for one in morning.registers
            ],
            "warnings": list(self.warnings),
        }

    def lines(self) -> list[str]:
        """Return it in plain sentences for staff, without a name."""
        lines = [
            f"{self.school}, morning of {self.as_of}: {self.outcome}{' (dry run)' if self.dry_run else ''}"
        ]
        if self.error:
            return [*lines, self.error, *self.warnings]
        if not self.is_school_morning:
            return [*lines, "no school this morning: no list", *self.warnings]
        if not self.morning:
            return [*lines, "nothing new: no list", *self.warnings]
        found = self.counts()
        lines.append(
            f"{count(found['calls'], 'pupil')} to ring about, {found['late']} late, "
            f"{count(found['registers_open'], 'register')} open"
        )
        lines += [f"register open: {group_words(one.group)}" for one in self.morning.registers]
        would = "would be filed" if self.dry_run else "filed"
        lines += [f"{would}: {name}" for name in self.files]
        return [*lines, *self.warnings]


def _call(call: Call) -> dict[str, Any]:
    return {
        "pupil_id": call.pupil.pupil_id,
        "turn": call.turn,
        "code": call.code,
        "day": call.days,
        "without_reason": call.without_reason,
        "reached": call.reached,
    }
