"""Two years of the made-up school, with letters sent in autumn and the governors' report on the spring term."""

from __future__ import annotations

from datetime import date
from functools import cache

from letters.reports.governors.letter_effect import SentLetter
from letters.reports.governors.report import governors_report
from rules.policy import load_policy
from rules.register import Register
from rules.statistics import Tally
from tests.letters.made_up import SCHOOL, register

POLICY = load_policy("hcat")
END = date(2026, 3, 27)
PRINTED = date(2026, 3, 30)


@cache
def whole() -> Register:
    return register(years=(2024, 2025), until=END)


@cache
def tally() -> Tally:
    return Tally(whole())


def letters() -> list[SentLetter]:
    days = [d for d in whole().calendar.school_days if date(2025, 10, 6) <= d <= date(2025, 11, 28)]
    return [
        SentLetter("stage-1", "Stage 1", pupil.pupil_id, days[n % len(days)])
        for n, pupil in enumerate(whole().pupils[100:160])
    ] + [SentLetter("late-letter", "Late", "1003", days[0])]


@cache
def report() -> bytes:
    spring = next(t for t in whole().calendar.terms if END in t)
    return governors_report(
        whole(), tally(), POLICY, SCHOOL, period=spring, printed_on=PRINTED, letters=letters()
    )
