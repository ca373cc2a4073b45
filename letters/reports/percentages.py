"""How reports write percentages: cut to one decimal as the policy shows them, and empty where there is none."""

from __future__ import annotations

from letters.facts import target_text
from rules.events import Figures
from rules.policy import Policy
from rules.statistics import shown_percent


def attendance(policy: Policy, figures: Figures) -> str:
    """Return attendance without the sign, "94.8"; empty with no possible session."""
    return policy.shown(figures.attended, figures.possible) or ""


def attendance_percent(policy: Policy, figures: Figures) -> str:
    """Return attendance with the sign, "94.8%"; empty with no possible session."""
    shown = attendance(policy, figures)
    return f"{shown}%" if shown else ""


def share(part: int, whole: int) -> str:
    """Return a part of a whole, "5.2%"; empty when the whole is 0."""
    shown = shown_percent(part, whole)
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
