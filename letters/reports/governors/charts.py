"""The charts of the governors' report, each with its finding in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from letters.docx.charts import Bar, Chart, Series, bar_chart, dot_chart, line_chart, wrapped
from letters.docx.document import day_name, short_date
from letters.reports.governors.figures import Reason, weekly
from letters.reports.suppression import MINIMUM, few_with_share
from rules.calendar import Period, week_start
from rules.events import Figures
from rules.policy import Policy
from rules.register import Register
from rules.statistics import Tally, shown_percent


def weekly_chart(register: Register, tally: Tally, policy: Policy, year: Period, end: date) -> Chart:
    """Attendance by school week of the year against the target, and beside the year before where it is at hand."""
    found = [(monday, f) for monday, f in weekly(register, tally, year.start, end) if f.possible]
    series = [Series(f"{year.name}", [_per_cent(f) for _, f in found])]
    years = list(register.calendar.years)
    if year in years and years.index(year):
        before = years[years.index(year) - 1]
        then = dict(weekly(register, tally, before.start, before.end))
        shift = week_start(year.start) - week_start(before.start)
        lined = [then.get(monday - shift, Figures()) for monday, _ in found]
        if any(f.possible for f in lined):
            series.append(Series(before.name, [_per_cent(f) if f.possible else None for f in lined]))
    lowest = min(found, key=lambda item: item[1].attended / item[1].possible)
    highest = max(found, key=lambda item: item[1].attended / item[1].possible)
    text = (
        f"Attendance by week lay between {_shown(policy, lowest[1])}% (week of {short_date(lowest[0])}) and "
        f"{_shown(policy, highest[1])}% (week of {short_date(highest[0])})"
    )
    if policy.target is not None:
        reached = sum(100 * f.attended >= policy.target * f.possible for _, f in found)
        text += f"; {reached} of {len(found)} weeks reached the target of {float(policy.target):g}%"
    mondays = [monday for monday, _ in found]
    return line_chart(
        [short_date(monday).rsplit(" ", 1)[0] for monday in mondays],
        series,
        alt_text=text,
        reference=_target(policy),
        breaks=[n for n in range(1, len(mondays)) if mondays[n] - mondays[n - 1] > timedelta(days=7)],
    )


def band_chart(bands: Sequence[tuple[str, str, int]]) -> Chart:
    """Pupils by band."""
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


def weekday_chart(policy: Policy, days: Mapping[int, Figures], whole: Figures) -> Chart:
    """Attendance by weekday against the whole week."""
    low = min(days, key=lambda n: days[n].attended / days[n].possible)
    high = max(days, key=lambda n: days[n].attended / days[n].possible)
    return dot_chart(
        [(day_name(n), _per_cent(f), f"{_shown(policy, f)}%") for n, f in days.items()],
        alt_text=(
            f"Attendance was lowest on {day_name(low)}s ({_shown(policy, days[low])}%) and highest on "
            f"{day_name(high)}s ({_shown(policy, days[high])}%)"
        ),
        axis="attendance",
        reference=(f"all days {_shown(policy, whole)}%", _per_cent(whole)),
    )


def reason_chart(reasons: Sequence[Reason], figures: Figures) -> Chart:
    """Sessions missed by reason, unauthorised ones hatched."""
    first = reasons[0]
    share = shown_percent(first.sessions, figures.absent)
    unauthorised = shown_percent(figures.unauthorised, figures.absent)
    return bar_chart(
        [
            Bar(
                f"{wrapped(r.name)} ({', '.join(r.codes)})" if len(r.codes) < 4 else wrapped(r.name),
                r.sessions,
                f"{r.sessions:,} ({shown_percent(r.sessions, figures.absent)}%)",
                strong=not r.authorised,
            )
            for r in reasons
        ],
        alt_text=(
            f"{first.name} is the most frequent reason, {share}% of all absence; {unauthorised}% of absence is unauthorised"
        ),
        axis="sessions missed",
        legend=("authorised", "unauthorised"),
    )


def _target(policy: Policy) -> tuple[str, float] | None:
    return None if policy.target is None else (f"target {float(policy.target):g}%", float(policy.target))


def _per_cent(figures: Figures) -> float:
    return 100 * figures.attended / figures.possible


def _shown(policy: Policy, figures: Figures) -> str:
    return policy.shown(figures.attended, figures.possible) or ""
