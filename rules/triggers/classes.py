"""Registration groups compared at the end of each week."""

from __future__ import annotations

from fractions import Fraction

from rules.policy import ClassWeekRule
from rules.triggers.period_end import end_days
from rules.view import Hit, View


def fire(view: View, rule: ClassWeekRule) -> list[Hit]:
    """A hit for each best class of the week (every one of a tie), or each class that reaches a figure.

    A pupil counts in today's registration group, over the sessions of that week on roll; pupils without a group
    and groups without a possible session are left out.
    """
    rows: dict[str, list[int]] = {}
    for row, pupil in enumerate(view.register.pupils):
        if pupil.registration_group:
            rows.setdefault(pupil.registration_group, []).append(row)
    in_force = view.in_force(rule)
    found = []
    for anchor, first, last in end_days(view, "week"):
        if not in_force[last]:
            continue
        counts = {}
        for group, members in rows.items():
            attended, possible = (
                sum(n)
                for n in zip(*(view.attended_and_possible(r, first, last) for r in members), strict=True)
            )
            if possible:
                counts[group] = (attended, possible)
        for group in _chosen(rule, counts):
            attended, possible = counts[group]
            figures: dict[str, str | int] = {
                "attendance_percent": view.policy.shown(attended, possible) or "",
                "attended": attended,
                "possible": possible,
            }
            found.append(Hit(rule, -1, last, anchor, (), figures, group))
    return found


def _chosen(rule: ClassWeekRule, counts: dict[str, tuple[int, int]]) -> list[str]:
    if rule.when.attendance:
        return [group for group, share in counts.items() if rule.when.attendance.holds(*share)]
    best = max((Fraction(*share) for share in counts.values()), default=None)
    return [group for group, share in counts.items() if Fraction(*share) == best]
