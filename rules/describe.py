"""A policy as sentences: what each rule waits for, what follows, and the clause that says so."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rules.conditions import (
    AmendmentWhen,
    ClassWeekWhen,
    CountWhen,
    DateWhen,
    DayWhen,
    DeclineWhen,
    EitherWhen,
    FollowsWhen,
    LaterDayWhen,
    LeaveRequestWhen,
    OverdueWhen,
    PercentageWhen,
    PeriodEndWhen,
    ReviewWhen,
    RunningWhen,
    ScreeningWhen,
    Sessions,
    When,
)
from rules.outcome import Outcome
from rules.policy import Policy, Rule
from rules.thresholds import Interval, Threshold

_PERIODS = {"half_term": "half term", "term": "term", "year": "school year", "week": "week"}
_SIGNS = {"<": "below", "<=": "at or below", ">": "above", ">=": "at or above"}
_CLASSES = {
    "absent": "of absence",
    "authorised": "of authorised absence",
    "unauthorised": "of unauthorised absence",
    "present": "of attendance",
}
_DATES = {
    "part_time_from": "the first day of a part-time timetable",
    "part_time_to": "the last day of a part-time timetable",
}


def describe(policy: Policy) -> Iterator[str]:
    """The policy line by line, ready to print."""
    yield f"{policy.title} ({policy.id}, version {policy.version} of {policy.dated})"
    yield f"Written for {policy.nation.title()}, codes {policy.code_set}."
    if policy.target is not None:
        yield f"Target for the whole school: {float(policy.target):g}%."
    yield "Bands: " + "; ".join(f"{band.name} {band.label}" for band in policy.bands) + "."
    if policy.colours:
        yield (
            "Colours: "
            + "; ".join(f"{colour.name} {_interval(colour.attendance)}" for colour in policy.colours)
            + "."
        )
    for penalty in policy.penalties:
        second = f", a second one £{penalty.second}" if penalty.second else ""
        yield (
            f"Penalty notices from {penalty.start}: £{penalty.first} within {penalty.first_days} days, "
            f"£{penalty.full} within {penalty.full_days}{second} [{penalty.clause}]."
        )
    for rule in policy.rules:
        yield ""
        yield from describe_rule(rule)
    if policy.notes:
        yield ""
        yield "Readings of the text that were settled:"
        yield from (f"  - {note}" for note in policy.notes)


def describe_rule(rule: Rule) -> Iterator[str]:
    """One rule: its name, when it fires, what follows, and its clause."""
    yield f"{rule.id}: {rule.title}"
    law = ", for pupils of compulsory school age" if rule.law else ""
    yield f"  When: {when_words(rule.when)}{law}."
    yield f"  Then: {'; '.join(outcome_words(outcome) for outcome in rule.outcomes)}" + (
        ", one for each parent." if rule.per_parent else "."
    )
    if rule.ladder:
        yield f"  Step {rule.rung} of the ladder '{rule.ladder}'."
    if rule.start or rule.until:
        start = f"from {rule.start} " if rule.start else ""
        until = f"until {rule.until}" if rule.until else ""
        yield f"  In force {start}{until}".rstrip() + "."
    yield f"  Clause: {rule.clause}"
    yield from (f"  Not taken: {reading}" for reading in rule.other_readings)


def outcome_words(outcome: Outcome) -> str:
    """`letter:letter-1` as "letter letter-1"."""
    names = {"list": "a line in the list", "document": "the document", "certificate": "the certificate"}
    return (
        f"{names.get(outcome.kind, 'the letter')} {outcome.name}" if outcome.name else "a note on the pupil"
    )


def when_words(when: When) -> str:
    """A condition as a part of a sentence."""
    match when:
        case PercentageWhen():
            what = "attendance" if when.attendance else "absence"
            compared = when.attendance or when.absence
            return f"{what} of the year to date is {_threshold(compared)} at the end of a day"
        case CountWhen():
            return _count(when)
        case RunningWhen():
            last = f", after a leave marked {_listed(when.after_leave, 'or')}" if when.after_leave else ""
            return f"on day {_listed(when.days)} of school days running {_sessions(when)}{last}"
        case EitherWhen():
            return (
                f"{when_words(when.count)}, or {when_words(when.running)}, whichever comes first, once a year"
            )
        case DayWhen():
            return _day(when)
        case LaterDayWhen():
            return f"a session {_sessions(when)} on a day after the year's {when.after}, once a year"
        case OverdueWhen():
            delay = f"{when.school_days} school days" if when.school_days else f"{when.days} days"
            return f"a session is still {_sessions(when)} after {delay}"
        case ReviewWhen() | DeclineWhen() | FollowsWhen():
            return _after(when)
        case ScreeningWhen():
            return _screening(when)
        case PeriodEndWhen():
            return _period_end(when)
        case ClassWeekWhen():
            if when.best:
                return "a class has the best attendance of the week, on its last school day"
            return (
                f"attendance of a class in the week is {_threshold(when.attendance)}, on its last school day"
            )
        case AmendmentWhen():
            return f"a mark is changed from {when.original} to {when.amended}"
        case DateWhen():
            return f"{_listed([_DATES[name] for name in when.dates], 'or')} has come, moved to the next school day"
        case LeaveRequestWhen():
            return (
                "a request for leave is on record; its note says whether the school's tests refuse it (authorised "
                f"absence above {when.refused_above_authorised_percent}%, or for a performance attendance below "
                f"{when.performance_refused_below}%)"
            )
        case _:
            return "the condition in the file holds"


def _count(when: CountWhen) -> str:
    number = f"{when.at_least} session{'s' if when.at_least > 1 else ''} {_sessions(when)}"
    within = {
        "two_terms": "in the current and the previous term together, each session used once",
        "weeks": f"in any {when.weeks} weeks, each session used once",
        "school_weeks": f"in any {when.weeks} school weeks, each session used once",
    }.get(when.within) or f"in one {_PERIODS[when.within]}"
    also = (
        f", while attendance of the year to date is {_threshold(when.year_to_date)}"
        if when.year_to_date
        else ""
    )
    return f"{number} {within}{also}"


def _day(when: DayWhen) -> str:
    half = {"AM": "morning session", "PM": "afternoon session"}.get(when.session or "", "session")
    flag = f" of a pupil with the flag {when.flag}" if when.flag else ""
    once = {"day": "", "run": ", once in a run of such days", "block": ", once in a block of such sessions"}
    first = ", on the first day of an absence" if when.first_day else ""
    return f"a {half}{flag} {_sessions(when)}{once[when.once_per]}{first}"


def _after(when: ReviewWhen | DeclineWhen | FollowsWhen) -> str:
    if isinstance(when, FollowsWhen):
        return (
            f"each {when.of} after the pupil's first; in a run only within {when.notice_within_years} years "
            "of a notice that was issued"
        )
    if isinstance(when, DeclineWhen):
        return f"attendance of the year to date is lower than at {when.of}, from {when.after_days} days after it on"
    compared = "in the days since" if when.compare == "window" else "of the year to date"
    opened = _listed(when.of, "or") + (
        f" (or the attendance plan made within {when.plan_within_days} days of it)"
        if when.plan_within_days
        else ""
    )
    again = (
        "; if it was better, again as many weeks later as days were missed"
        if when.extend_by_days_missed
        else ""
    )
    return f"{when.after_days} days after {opened} attendance {compared} is no better than it was then{again}"


def _screening(when: ScreeningWhen) -> str:
    words = f"at the end of a half term attendance of the year to date is {_threshold(when.attendance)}"
    if when.falling:
        words += " and, from the second half term on, lower than at the last one's end"
    if when.gained_less_than:
        words += f" and has gained less than {when.gained_less_than} percentage points since the step before"
    return f"{words} (step {when.step})"


def _period_end(when: PeriodEndWhen) -> str:
    words = f"on the last school day of each {_PERIODS[when.period]}"
    tests = []
    if when.attendance:
        tests.append(f"attendance in it is {_threshold(when.attendance)}")
    if when.year_to_date:
        tests.append(f"attendance of the year to date is {_threshold(when.year_to_date)}")
    if when.absence_to_date:
        tests.append(f"absence of the year to date is {_threshold(when.absence_to_date)}")
    if when.or_at_least:
        tests.append(f"{when.or_at_least} unauthorised sessions fall in it")
    return f"{words}, when {' or '.join(tests)}" if tests else f"{words}, for every pupil on roll"


def _sessions(when: Sessions) -> str:
    if when.codes:
        return f"marked {_listed(when.codes, 'or')}"
    return _CLASSES[when.counted_as or "absent"]


def _interval(interval: Interval) -> str:
    low = f"{'from' if interval.low_included else 'above'} {float(interval.low):g}%" if interval.low else ""
    high = f"{'up to' if interval.high_included else 'below'} {float(interval.high):g}%"
    return " ".join(part for part in (low, high if interval.high < 100 else "") if part)


def _threshold(threshold: Threshold | None) -> str:
    assert threshold is not None
    return f"{_SIGNS[threshold.sign]} {float(threshold.percent):g}%"


def _listed(words: Sequence[object], last: str = "and") -> str:
    texts = [str(word) for word in words]
    return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} {last} {texts[-1]}"
