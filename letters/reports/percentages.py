"""How reports write percentages, with one decimal, and empty where there is none.

A pupil's are cut as the policy shows them; those of a school, class or group are rounded as the Department for
Education publishes them, so that they can be compared.
"""

from __future__ import annotations

from letters.facts import target_text
from rules.events import Figures
from rules.policy import Policy
from rules.statistics import rounded_percent


def attendance(policy: Policy, figures: Figures) -> str:
    """Return attendance without the sign, "94.8"; empty with no possible session."""
    return policy.shown(figures.attended, figures.possible) or ""


def attendance_percent(policy: Policy, figures: Figures) -> str:
    """Return attendance with the sign, "94.8%"; empty with no possible session."""
    shown = attendance(policy, figures)
    return f"{shown}%" if shown else ""


def group_attendance(figures: Figures) -> str:
    """Return the attendance of a school or group without the sign, rounded, "94.8"; empty with no possible session."""
    return rounded_percent(figures.attended, figures.possible) or ""


def group_attendance_percent(figures: Figures) -> str:
    """Return the same with the sign, "94.8%"."""
    return share(figures.attended, figures.possible)


def share(part: int, whole: int) -> str:
    """Return a part of a whole school or group, rounded, "5.2%"; empty when the whole is 0."""
    shown = rounded_percent(part, whole)
    return f"{shown}%" if shown else ""


def attendance_of_possible(policy: Policy, figures: Figures) -> str:
    """Return attendance with its sessions, "84.2% (59 of 70)"; "no possible session" when there is none."""
    shown = attendance_percent(policy, figures)
    return f"{shown} ({figures.attended} of {figures.possible})" if shown else "no possible session"


def target(policy: Policy) -> str:
    """Return the policy's target, "target 97%"; empty when it has none."""
    return f"target {target_text(policy)}%" if policy.target is not None else ""


def target_line(policy: Policy) -> tuple[str, float] | None:
    """Return the target as a chart's reference line: its label and its value in per cent."""
    return (target(policy), float(policy.target)) if policy.target is not None else None
