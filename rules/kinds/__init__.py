"""The closed vocabulary of rules: one file a kind, bound to its name once.

To add a kind, write its file and add it to ``CONDITIONS``.
"""

from __future__ import annotations

from rules.kinds.amendment import AmendedMark
from rules.kinds.class_week import ClassWeek
from rules.kinds.count import Count
from rules.kinds.count_or_running import CountOrRunning
from rules.kinds.day import Day
from rules.kinds.decline import Decline
from rules.kinds.follows import Follows
from rules.kinds.later_day import LaterDay
from rules.kinds.leave_request import LeaveRequested
from rules.kinds.overdue import Overdue
from rules.kinds.percentage import Percentage
from rules.kinds.period_end import PeriodEnd
from rules.kinds.record_date import RecordDate
from rules.kinds.review import Review
from rules.kinds.running import Running
from rules.kinds.screening import Screening
from rules.rule import Condition

CONDITIONS: tuple[type[Condition], ...] = (
    Percentage,
    Count,
    Running,
    CountOrRunning,
    Day,
    LaterDay,
    Overdue,
    Review,
    Decline,
    Screening,
    PeriodEnd,
    ClassWeek,
    AmendedMark,
    RecordDate,
    LeaveRequested,
    Follows,
)
