"""The charts of the governors' report, each with a sentence on what it shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from letters.docx.charts import Bar, Chart, Series, bar_chart, dot_chart, line_chart, wrapped
from letters.facts import target_text
from letters.reports.governors.figures import Reason, weekly
from letters.reports.percentages import group_attendance_percent, share, target_line
from letters.reports.suppression import MINIMUM, few_with_share
from letters.words.english import day_name, short_date
from rules.calendar import Period, week_start
from rules.events import Figures
from rules.policy import Policy
from rules.register import Register
from rules.statistics import Tally


def weekly_chart(register: Register, tally: Tally, policy: Policy, year: Period, end: date) -> Chart | None:
    """Draw attendance by school week against the target, with the year before where the register has it.

    Weeks in which fewer than five pupils had a session are left out; None where all are.
    """
    recorded = weekly(register, tally, year.start, end)
    if not recorded:
        return None
    series = [Series(f"{year.name}", [_per_cent(f) for _, f in recorded])]
    years = list(register.calendar.years)
    if year in years and years.index(year):
        before = years[years.index(year) - 1]
        then = dict(weekly(register, tally, before.start, before.end))
        shift = week_start(year.start) - week_start(before.start)
        aligned = [then.get(monday - shift, Figures()) for monday, _ in recorded]
        if any(f.possible for f in aligned):
            series.append(Series(before.name, [_per_cent(f) if f.possible else None for f in aligned]))
    lowest = min(recorded, key=lambda item: item[1].attended / item[1].possible)
    highest = max(recorded, key=lambda item: item[1].attended / item[1].possible)
    text = (
        f"Attendance by week was between {group_attendance_percent(lowest[1])} (week of {short_date(lowest[0])}) and "
        f"{group_attendance_percent(highest[1])} (week of {short_date(highest[0])})"
    )
    if policy.target is not None:
        reached = sum(100 * f.attended >= policy.target * f.possible for _, f in recorded)
        text += f"; {reached} of {len(recorded)} weeks reached the target of {target_text(policy)}%"
    mondays = [monday for monday, _ in recorded]
    return line_chart(
        [short_date(monday).rsplit(" ", 1)[0] for monday in mondays],
        series,
        alt_text=text,
        reference=target_line(policy),
        breaks=[n for n in range(1, len(mondays)) if mondays[n] - mondays[n - 1] > timedelta(days=7)],
    )


def band_chart(bands: Sequence[tuple[str, str, int]]) -> Chart:
    """Draw the number of pupils by band."""
    total = sum(number for _, _, number in bands) or 1
    most = max(bands, key=lambda band: band[2])
    return bar_chart(
        [
            Bar(wrapped(name), number if number >= MINIMUM else 0, few_with_share(number, total))
            for name, _, number in bands
        ],
        alt_text=f"Most pupils, {few_with_share(most[2], total)}, are in the band {most[0]} ({most[1]})",
        axis="pupils",
    )


def weekday_chart(days: Mapping[int, Figures], whole: Figures) -> Chart:
    """Draw attendance by weekday against that of all days."""
    low = min(days, key=lambda n: days[n].attended / days[n].possible)
    high = max(days, key=lambda n: days[n].attended / days[n].possible)
    return dot_chart(
        [(day_name(n), _per_cent(f), f"{group_attendance_percent(f)}") for n, f in days.items()],
        alt_text=(
            f"Attendance was lowest on {day_name(low)}s ({group_attendance_percent(days[low])}) and highest on "
            f"{day_name(high)}s ({group_attendance_percent(days[high])})"
        ),
        axis="attendance",
        reference=(f"all days {group_attendance_percent(whole)}", _per_cent(whole)),
    )


def reason_chart(reasons: Sequence[Reason], figures: Figures) -> Chart:
    """Draw sessions missed by reason, unauthorised ones hatched."""
    first = reasons[0]
    return bar_chart(
        [
            Bar(
                f"{wrapped(r.name)} ({', '.join(r.codes)})" if len(r.codes) < 4 else wrapped(r.name),
                r.sessions,
                f"{r.sessions:,} ({share(r.sessions, figures.absent)})",
                strong=not r.authorised,
            )
            for r in reasons
        ],
        alt_text=(
            f"{first.name} is the most frequent reason, {share(first.sessions, figures.absent)} of all absence; "
            f"{share(figures.unauthorised, figures.absent)} of absence is unauthorised"
        ),
        axis="sessions missed",
        legend=("authorised", "unauthorised"),
    )


def _per_cent(figures: Figures) -> float:
    return 100 * figures.attended / figures.possible
