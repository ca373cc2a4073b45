"""Lists of pupils that are a document of their own: for the authority, for rewards, for who is back today.

Each is one table with a line a pupil, made from the register; what differs is which pupils and which columns. All name
pupils and go to the office alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction

from letters.docx.paper import Paper, School
from letters.docx.table import Cell, Column, Row
from letters.reports.authority import PUPIL_COLUMNS, pupil_cells
from letters.reports.percentages import attendance_percent
from letters.reports.pupils import class_of, flags_of, in_order, listed_name
from letters.words.english import count, joined, school_days, short_date, span
from rules.calendar import week_start
from rules.events import Event, Figures
from rules.kinds.attendance.period_end import PeriodEnd
from rules.policy import PackList, Policy
from rules.register import Register
from rules.rule.words import PERIODS
from rules.school import Pupil
from rules.statistics import Tally, is_persistent, is_severe
from rules.thresholds import Threshold

NAMED_MOST = 15
"""Pupils whom the list of the most improved names."""
WEEKS_BEFORE = 4
"""School weeks with which a week is compared."""
LEAST_NOW, LEAST_BEFORE = 6, 20
"""Possible sessions of the week, and of the weeks before, without which a comparison says nothing."""
NEAR_POINTS = 2
OFF_SITE = ("B", "C2", "D", "K")
ILL = ("I", "M")
_FOR_AUTHORITY = "Confidential: for the local authority"
_FOR_OFFICE = "Confidential: for the office"


@dataclass(frozen=True)
class ListFacts:
    """What a list is made from."""

    events: Sequence[Event]
    register: Register
    tally: Tally
    policies: Sequence[Policy]
    """The school's, its first one first: that one's bands are shown."""
    school: School
    day: date
    """The events' day, up to and including which figures are counted."""
    printed_on: date
    letters: Mapping[str, Sequence[tuple[str, date]]] = field(default_factory=dict)
    """Letters that were sent about each pupil, with their days."""

    @property
    def pupils(self) -> list[Pupil]:
        """The pupils of the events, by class and name."""
        ids = {e.pupil_id for e in self.events if e.pupil_id in self.register.row_of}
        own = [self.register.pupil(one) for one in ids if one]
        return in_order(pupil for pupil in own if not pupil.deceased)

    def year(self, pupil: Pupil) -> Figures:
        """Return a pupil's year to date."""
        return self.tally.pupil(pupil.pupil_id, self.register.calendar.year_of(self.day).start, self.day)

    def percent(self, figures: Figures) -> str:
        """Return attendance as the first policy shows it; "none possible" without a session."""
        return attendance_percent(self.policies[0], figures) or "none possible"

    def codes(self, pupil: Pupil, codes: Sequence[str], since: date) -> dict[str, int]:
        """Return how many sessions of each code, with its sub-codes ("I01"), a pupil has from a day on."""
        found = self.tally.pupil(pupil.pupil_id, since, self.day).by_code
        return {
            code: sum(
                n for one, n in found.items() if one == code or (one[:1] == code and one[1:].startswith("0"))
            )
            for code in codes
        }


Make = Callable[[Paper, ListFacts], None]


def pupil_list(name: str, words: PackList, facts: ListFacts) -> bytes:
    """Return the list of that name in OWN_LISTS as a DOCX, under its pack's title and instruction."""
    make, footer = OWN_LISTS[name]
    paper = Paper(
        words.title,
        school=facts.school.name,
        printed_on=facts.printed_on,
        footer=footer,
        landscape=True,
        margin_mm=13,
    )
    paper.heading(words.title, 0)
    paper.paragraph(f"{words.instruction} Figures up to and including {short_date(facts.day)}.", "strong")
    make(paper, facts)
    return paper.save()


def _table(paper: Paper, columns: Sequence[Column], rows: list[Row], nobody: str) -> None:
    if rows:
        paper.table(columns, rows, description=paper.title)
    else:
        paper.paragraph(nobody)


def _named(pupil: Pupil) -> list[Cell | str]:
    return [Cell(listed_name(pupil), bold=True), class_of(pupil)]


_NAME = (Column("Pupil", 52), Column("Class", 24))


# --- for the authority ------------------------------------------------------------------------------------


def _irregular(paper: Paper, facts: ListFacts) -> None:
    """Add the pupils with the sessions that their rule counted: of compulsory school age alone."""
    counted = {event.pupil_id: event.figures.get("count", "") for event in facts.events}
    rows = [
        Row(
            [
                *pupil_cells(pupil),
                facts.percent(facts.year(pupil)),
                str(counted[pupil.pupil_id]),
                _help(facts, pupil),
            ]
        )
        for pupil in facts.pupils
    ]
    columns = (
        *PUPIL_COLUMNS,
        Column("Year", 20, "right"),
        Column("Unauth.", 20, "right"),
        Column("Help given, with dates", 70),
    )
    _table(paper, columns, rows, "There is no pupil to report.")
    paper.lines_to_sign([("Signed for the school", 0.6), ("Date", 0.4)])


def _cases(paper: Paper, facts: ListFacts) -> None:
    rows = []
    for pupil in facts.pupils:
        figures = facts.year(pupil)
        stage = "severe" if is_severe(figures) else "persistent" if is_persistent(figures) else "at risk"
        rows.append(
            Row(
                [
                    *_named(pupil),
                    flags_of(pupil),
                    facts.percent(figures),
                    school_days(figures.absent) if figures.absent else "none",
                    str(figures.unauthorised),
                    stage,
                    _help(facts, pupil),
                    _next_date(facts, pupil),
                ]
            )
        )
    columns = (
        *_NAME,
        Column("Groups", 26),
        Column("Year", 17, "right"),
        Column("Missed", 27),
        Column("Unauth.", 17, "right"),
        Column("Stage", 22),
        Column("Help given, with dates", 60),
        Column("Next date", 26),
    )
    _table(paper, columns, rows, "There is no case to list.")


def _help(facts: ListFacts, pupil: Pupil) -> str:
    """Return letters and what people did this year, each with its day; "none on record" where there is nothing."""
    start = facts.register.calendar.year_of(facts.day).start
    given = [(day, f"letter “{title}”") for title, day in facts.letters.get(pupil.pupil_id, ())]
    given += [
        (p.date, "attendance plan") for p in facts.register.attendance_plans if p.pupil_id == pupil.pupil_id
    ]
    given += [
        (r.day, f"{r.kind} ({r.decision})" if r.decision else r.kind)
        for r in facts.register.pupil_records
        if r.pupil_id == pupil.pupil_id and r.kind != "return-sent"
    ]  # fmt: skip
    own = sorted({one for one in given if start <= one[0] <= facts.printed_on})
    return "; ".join(f"{short_date(day)} {what}" for day, what in own) or "none on record"


def _next_date(facts: ListFacts, pupil: Pupil) -> str:
    """Return the next review on record; empty where none is."""
    coming = [
        r.review
        for r in facts.register.pupil_records
        if r.pupil_id == pupil.pupil_id and r.review and r.review >= facts.printed_on
    ]
    return short_date(min(coming)) if coming else ""


# --- for the school's day ---------------------------------------------------------------------------------


def _back(paper: Paper, facts: ListFacts) -> None:
    """Add who is back; where several days come together, because no run was made, each with its own day."""
    latest = {event.pupil_id: event for event in sorted(facts.events, key=lambda event: event.date)}
    rows = []
    for pupil in facts.pupils:
        event = latest[pupil.pupil_id]
        away = [date.fromisoformat(str(event.figures[name])) for name in ("away_from", "away_to")]
        missed = school_days(len(event.sessions))
        rows.append(Row([*_named(pupil), short_date(event.date), span(away[0], away[1]), missed, "", ""]))
    columns = (*_NAME, Column("Back on", 26), Column("Away", 76), Column("Missed", 30), Column("Welcomed by", 28), Column("Catches up with", 35))  # fmt: skip
    _table(paper, columns, rows, "Nobody is back from a longer absence.")


def _part_time(paper: Paper, facts: ListFacts) -> None:
    since = facts.day - timedelta(weeks=WEEKS_BEFORE)
    rows = []
    for pupil in in_order(p for p in facts.register.pupils if p.listed_on(facts.day)):
        sessions = {code: number for code, number in facts.codes(pupil, OFF_SITE, since).items() if number}
        start, review, end = _arrangement(facts, pupil)
        if not sessions and start is None:
            continue
        rows.append(
            Row(
                [
                    *_named(pupil),
                    "part-time" if start else "off-site or part-time by its codes",
                    *(short_date(one) if one else "not recorded" for one in (start, review, end)),
                    ", ".join(f"{code}: {count(number, 'session')}" for code, number in sessions.items()),
                ]
            )
        )
    columns = (
        *_NAME,
        Column("Arrangement", 50),
        Column("Start", 30),
        Column("Review", 30),
        Column("End", 30),
        Column(f"Marks since {short_date(since)}", 55),
    )
    _table(paper, columns, rows, "No pupil is part-time or off-site.")
    paper.paragraph("B off-site, C2 part-time, D registered at two schools, K arranged by the authority.", "quiet")  # fmt: skip


def _arrangement(facts: ListFacts, pupil: Pupil) -> tuple[date | None, date | None, date | None]:
    """Return start, review and end of the part-time timetable that holds on the day, or begins after it."""
    own = [r for r in facts.register.pupil_records if r.pupil_id == pupil.pupil_id and r.kind == "part-time"]
    stopped = [r.day for r in own if r.decision == "ended"]
    agreed = [
        (r.start or r.day, r.review, r.end)
        for r in own
        if r.decision == "agreed" and not any((r.start or r.day) <= day <= facts.day for day in stopped)
    ]
    if pupil.part_time_from:
        agreed.append((pupil.part_time_from, None, pupil.part_time_to))
    holding = [one for one in agreed if one[2] is None or one[2] >= facts.day]
    return max(holding, key=lambda one: (one[0], one[1] is not None), default=(None, None, None))


# --- for rewards ------------------------------------------------------------------------------------------


def _eligible(paper: Paper, facts: ListFacts) -> None:
    limit = _limit(facts)
    start = facts.register.calendar.year_of(facts.day).start
    reached, near = [], []
    for pupil in in_order(p for p in facts.register.pupils if p.listed_on(facts.day)):
        figures = facts.year(pupil)
        if not figures.possible or limit is None:
            continue
        ill = sum(facts.codes(pupil, ILL, start).values())
        without = Figures(attended=figures.attended, possible=figures.possible - ill)
        row = Row([*_named(pupil), facts.percent(figures), str(figures.absent), str(ill), facts.percent(without)])  # fmt: skip
        if limit.holds(figures.attended, figures.possible):
            reached.append(row)
        elif limit.holds(without.attended, without.possible) or _near(limit, figures):
            near.append(row)
    columns = (
        *_NAME,
        Column("Year", 28, "right"),
        Column("Sessions missed", 36, "right"),
        Column("of them illness or medical", 52, "right"),
        Column("Year without illness and medical", 60, "right"),
    )
    words = limit.words if limit else ""
    paper.heading(f"Attendance {words}: {count(len(reached), 'pupil')}")
    _table(paper, columns, reached, "Nobody has reached it.")
    paper.heading(f"Near, the head decides: {count(len(near), 'pupil')}")
    paper.paragraph(
        f"Less than {NEAR_POINTS} percentage points away, or {words} when illness and medical absence are left out.",
        "quiet",
        keep_with_next=True,
    )
    _table(paper, columns, near, "Nobody is near.")


def _limit(facts: ListFacts) -> Threshold | None:
    """Return the percentage of the rule that names these pupils."""
    own = {(event.pack, event.rule) for event in facts.events}
    for policy in facts.policies:
        for rule in policy.rules:
            if (policy.id, rule.id) in own and isinstance(rule.when, PeriodEnd):
                return rule.when.year_to_date
    return None


def _near(limit: Threshold, figures: Figures) -> bool:
    return 100 * figures.attended > (limit.percent - NEAR_POINTS) * figures.possible


def _improved(paper: Paper, facts: ListFacts) -> None:
    calendar = facts.register.calendar
    monday = week_start(facts.day)
    weeks = [one for one in calendar.school_weeks if one < monday][-WEEKS_BEFORE:]
    if weeks:
        heading = f"This week, against the {count(len(weeks), 'school week')} before"
        _risen(
            paper, facts, heading, (monday, facts.day), (weeks[0], monday - timedelta(days=1)), LEAST_BEFORE
        )
    half = calendar.half_term_of(facts.day)
    if half and facts.day == calendar.last_school_day(half.start, half.end):
        earlier = [one for one in calendar.half_terms if one.end < half.start]
        if earlier and calendar.year_of(earlier[-1].start) == calendar.year_of(facts.day):
            before = (earlier[-1].start, earlier[-1].end)
            heading = f"This {PERIODS['half_term']}, against the one before"
            _risen(paper, facts, heading, (half.start, facts.day), before, LEAST_BEFORE)
    if not weeks:
        paper.paragraph("There is no earlier week to compare with.")


def _risen(
    paper: Paper,
    facts: ListFacts,
    heading: str,
    now: tuple[date, date],
    before: tuple[date, date],
    least_before: int,
) -> None:
    """Add the pupils whose attendance rose most, and the class; equal ones share the last place."""
    found: list[tuple[Fraction, Pupil, Figures, Figures]] = []
    for pupil in in_order(p for p in facts.register.pupils if p.listed_on(facts.day)):
        new, old = (facts.tally.pupil(pupil.pupil_id, *days) for days in (now, before))
        if new.possible < LEAST_NOW or old.possible < least_before:
            continue
        rise = Fraction(new.attended, new.possible) - Fraction(old.attended, old.possible)
        if rise > 0:
            found.append((rise, pupil, new, old))
    found.sort(key=lambda one: -one[0])
    last = found[NAMED_MOST - 1][0] if len(found) >= NAMED_MOST else Fraction(0)
    rows = [
        Row(
            [
                *_named(pupil),
                facts.percent(old),
                facts.percent(new),
                "a person looks first" if pupil.child_protection else "",
            ]
        )
        for rise, pupil, new, old in found
        if rise >= last
    ]
    paper.heading(heading)
    classes = _best_classes(facts, now, before)
    if classes:
        paper.paragraph(f"Most improved class: {joined(classes)}.")
    columns = (*_NAME, Column("Before", 34, "right"), Column("Now", 34, "right"), Column("Remark", 70))
    _table(paper, columns, rows, "Nobody’s attendance has risen.")


def _best_classes(facts: ListFacts, now: tuple[date, date], before: tuple[date, date]) -> list[str]:
    new, old = (facts.tally.by_group("registration_group", *days) for days in (now, before))
    rises = {
        name: Fraction(new[name].attended, new[name].possible) - Fraction(old[name].attended, old[name].possible)
        for name in new
        if name and new[name].possible and name in old and old[name].possible
    }  # fmt: skip
    best = max(rises.values(), default=Fraction(0))
    return [name for name, rise in rises.items() if rise == best] if best > 0 else []


OWN_LISTS: Mapping[str, tuple[Make, str]] = {
    "authority-irregular": (_irregular, _FOR_AUTHORITY),
    "case-list": (_cases, _FOR_AUTHORITY),
    "back": (_back, _FOR_OFFICE),
    "part-time": (_part_time, _FOR_OFFICE),
    "eligibility": (_eligible, _FOR_OFFICE),
    "most-improved": (_improved, _FOR_OFFICE),
}
"""How each list is made, and what its foot says, by the name that a pack uses."""
AS_IT_STANDS = ("back", "part-time")
"""Those that say how things stand: events of several days are in one document."""
LISTS_WITH_LETTERS = ("authority-irregular", "case-list")
"""Those that name the letters sent about a pupil."""
