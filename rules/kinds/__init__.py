"""The closed vocabulary of rules: one file a kind, bound to its name once.

To add a kind, write its file and add it to ``CONDITIONS``.
"""

from __future__ import annotations

from rules.kinds.attendance.class_week import ClassWeek
from rules.kinds.attendance.decline import Decline
from rules.kinds.attendance.decline_in_weeks import DeclineInWeeks
from rules.kinds.attendance.percentage import Percentage
from rules.kinds.attendance.period_end import PeriodEnd
from rules.kinds.attendance.recovery import Recovery
from rules.kinds.attendance.review import Review
from rules.kinds.attendance.review_passed import ReviewPassed
from rules.kinds.attendance.screening import Screening
from rules.kinds.marks.back_after import BackAfter
from rules.kinds.marks.beside_holiday import BesideHoliday
from rules.kinds.marks.count import Count
from rules.kinds.marks.count_or_running import CountOrRunning
from rules.kinds.marks.day import Day
from rules.kinds.marks.later_day import LaterDay
from rules.kinds.marks.overdue import Overdue
from rules.kinds.marks.running import Running
from rules.kinds.marks.unexplained import Unexplained
from rules.kinds.marks.weekday import Weekday
from rules.kinds.records.amendment import AmendedMark
from rules.kinds.records.follows import Follows
from rules.kinds.records.leave_answer import LeaveAnswered
from rules.kinds.records.leave_request import LeaveRequested
from rules.kinds.records.notice_to_improve import NoticeOnRecord
from rules.kinds.records.record_date import RecordDate
from rules.kinds.records.recorded_act import Recorded
from rules.kinds.records.roll import OnRoll
from rules.rule import Condition

CONDITIONS: tuple[type[Condition], ...] = (
    Percentage,
    Count,
    Running,
    CountOrRunning,
    Day,
    LaterDay,
    Overdue,
    Unexplained,
    Weekday,
    BesideHoliday,
    BackAfter,
    Review,
    ReviewPassed,
    Decline,
    DeclineInWeeks,
    Recovery,
    Screening,
    PeriodEnd,
    ClassWeek,
    AmendedMark,
    RecordDate,
    LeaveRequested,
    NoticeOnRecord,
    OnRoll,
    LeaveAnswered,
    Recorded,
    Follows,
)
