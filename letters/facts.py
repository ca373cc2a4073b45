"""The facts of one event that merge fields are filled from, each computed once and only when a template asks for it.

Figures are those of the event: the pupil's own sessions from the year's start (or the policy's first day) to the
event's day, as the event's rule counts them. Days to come are counted from the day on which the letter is made. A rule marked as law counts no session on a day when the pupil is not
of compulsory school age (docs/conventions.md, Who).
"""

from __future__ import annotations

import copy
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from letters.addressees import Addressee
from letters.earlier.made_before import EarlierForm, LetterBefore, years_before
from letters.part_of_year import PartOfYear, part_of_year
from letters.school_details import SchoolDetails
from letters.severe_absence import misses_half
from rules.calendar import Calendar, Period
from rules.codes import ABSENT, Class
from rules.describe import assumed_of
from rules.events import CountedMark, Event, Figures
from rules.kinds.marks.count import Count
from rules.kinds.marks.running import Running
from rules.law import Law, PenaltyNotice, age, law_of
from rules.policy import Band, Policy
from rules.register import Register
from rules.rule import Rule
from rules.school import Contact, Notice, Pupil
from rules.statistics import Tally, shown_percent


@dataclass
class Facts:
    """Everything known about one event of one pupil, and about the letter it is for."""

    event: Event
    register: Register
    tally: Tally
    policy: Policy
    school: SchoolDetails
    key: str
    written_on: date
    notices: Sequence[Notice] = ()
    addressee: Addressee | None = None
    first: Policy | None = None
    """The school's first policy, where the event is another one's: bands, colours and target are the first one's."""
    earlier_forms: Sequence[EarlierForm] = ()
    """The pupil's consideration forms before this one, in order; for an event that makes one."""
    letters_before: Sequence[LetterBefore] = ()
    """The letters to the pupil's family before this event's own, from the ledger, in order."""

    @property
    def bands(self) -> Policy:
        """The policy whose bands, colours and target a letter shows."""
        return self.first or self.policy

    def to(self, addressee: Addressee | None) -> Facts:
        """Return the same facts for another envelope; what has been computed is kept, but for what differs by envelope."""
        facts = copy.copy(self)
        facts.addressee = addressee
        facts.__dict__.pop("earlier_letter", None)
        return facts

    @cached_property
    def pupil(self) -> Pupil:
        """The pupil. Raises KeyError for a class event, which has none."""
        return self.register.pupil(self.event.pupil_id or "")

    @cached_property
    def calendar(self) -> Calendar:
        """The school's calendar."""
        return self.register.calendar

    @cached_property
    def rule(self) -> Rule | None:
        """The policy's rule as in force on the event's day, or else as it was or will be; None when it is gone."""
        own = [rule for rule in self.policy.rules if rule.id == self.event.rule]
        return next((rule for rule in own if rule.in_force(self.event.date)), own[0] if own else None)

    @cached_property
    def assumed(self) -> str:
        """What the policy's text says and what was chosen, where it gives no figure for the rule; else empty."""
        return assumed_of(self.event, [self.policy])

    @cached_property
    def year(self) -> Period:
        """The academic year of the event."""
        return self.calendar.year_of(self.event.date)

    @cached_property
    def span(self) -> tuple[date, date]:
        """First and last day of the year to date as the event's rule counts it."""
        start, end = self.year.start, self.event.date
        if self.policy.start:
            start = max(start, self.policy.start)
        start = self.pupil.first_day_on_roll(start) or start
        born = self.pupil.date_of_birth
        if self.event.legal and born:
            start, end = max(start, age.starts(born)), min(end, age.ends(born))
        first = self.calendar.next_school_day(start)
        return (first if first is not None and first <= end else start), end

    @cached_property
    def part_of_year(self) -> PartOfYear | None:
        """What a rule that is law leaves out of the year to date; None where that is nothing."""
        return part_of_year(self.event, self.register, self.tally, self.policy)

    @cached_property
    def earlier_letter(self) -> LetterBefore | None:
        """The letter of the step before: of a review the one whose figures it compares, or else the last of the ladder."""
        event, opened = self.event, self.day("opened") if self.words("percent_then") else None
        own = [
            letter
            for letter in self.letters_before
            if event.ladder
            and (self.addressee is None or letter.went_to(self.addressee.contact_ids))
            and (letter.pack, letter.ladder) == (event.pack, event.ladder)
            and opened in (None, letter.figures_to)
        ]
        return max(own, key=lambda letter: (letter.day, letter.figures_to), default=None)

    @cached_property
    def figures(self) -> Figures:
        """Counts of the year to date from the register."""
        return self.tally.pupil(self.pupil.pupil_id, *self.span)

    def number(self, name: str) -> int | None:
        """Return a count that the event carries."""
        value = self.event.figures.get(name)
        return value if isinstance(value, int) else int(value) if value and value.isdigit() else None

    def words(self, name: str) -> str:
        """Return a figure that the event carries, as text; empty when it carries none."""
        return str(self.event.figures.get(name, ""))

    def day(self, name: str) -> date | None:
        """Return a date that the event carries."""
        value = self.event.figures.get(name)
        return date.fromisoformat(value) if isinstance(value, str) and value else None

    @cached_property
    def attended(self) -> int:
        """Sessions attended in the year to date: the event's own figure, or else the register's."""
        own = self.number("attended")
        return self.figures.attended if own is None else own

    @cached_property
    def possible(self) -> int:
        """Possible sessions of the year to date: the event's own figure, or else the register's."""
        own = self.number("possible")
        return self.figures.possible if own is None else own

    @property
    def missed(self) -> int:
        """Sessions missed in the year to date."""
        return self.possible - self.attended

    @property
    def enough(self) -> bool:
        """Whether there are enough possible sessions for a percentage (the policy's minimum)."""
        return self.possible >= self.policy.minimum_possible_sessions

    @property
    def severe(self) -> bool:
        """Whether the year to date is severe absence: more than half of its sessions missed, by some policies half."""
        return misses_half(self.policy, self.attended, self.possible)

    @cached_property
    def agrees(self) -> bool:
        """Whether the register still gives the figures that decided the event."""
        return (self.figures.attended, self.figures.possible) == (self.attended, self.possible)

    @cached_property
    def percent(self) -> str:
        """Attendance of the year to date as shown; empty with no possible session."""
        return self.words("attendance_percent") or self.policy.shown(self.attended, self.possible) or ""

    @cached_property
    def absence_percent(self) -> str:
        """Absence: 100 less the attendance shown, so that the two always add up."""
        if not self.percent:
            return ""
        tenths = 1000 - int(self.percent.replace(".", ""))
        return f"{tenths // 10}.{tenths % 10}"

    @cached_property
    def band(self) -> Band | None:
        """The band of the year to date."""
        return self.bands.band_of(self.attended, self.possible)

    @cached_property
    def colour(self) -> str:
        """The colour of the year to date; empty where the policy has none."""
        return self.bands.colour_of(self.attended, self.possible) or ""

    @property
    def law(self) -> Law:
        """The law's figures in the school's nation."""
        return law_of(self.register.nation)

    @cached_property
    def penalty(self) -> PenaltyNotice | None:
        """What a penalty notice asks for by the law of the event's day; None before there was any."""
        return self.law.penalty_on(self.event.date)

    @property
    def notice_years(self) -> int | None:
        """Years within which the law of the event's day counts penalty notices; None where it sets no limit."""
        return self.penalty.years if self.penalty else None

    @property
    def threshold_weeks(self) -> int | None:
        """Weeks within which the rule counts sessions; None for one that counts in no window of weeks."""
        when = self.rule.when if self.rule else None
        return when.weeks if isinstance(when, Count) else None

    @cached_property
    def rule_figures(self) -> Mapping[str, str]:
        """The figures of the rule's own condition in words; of a rule that fires on several days of a run, this day's."""
        rule, day = self.rule, self.number("threshold")
        if rule is None:
            return {}
        if isinstance(rule.when, Running) and day in rule.when.days:
            when = rule.when.model_copy(update={"days": (day,)})
            return rule.model_copy(update={"when": when}).figures()
        return rule.figures()

    @cached_property
    def of_age(self) -> bool:
        """Whether the pupil is of compulsory school age on the event's day: only then may a letter mention the law."""
        return age.of_compulsory_age(self.pupil.date_of_birth, self.event.date)

    @cached_property
    def counted(self) -> tuple[date, date]:
        """The days over which the event's sessions were counted."""
        if self.event.window and self.number("threshold"):
            return self.event.window
        since = self.day("count_from")
        if since:
            return since, self.event.date
        first, last = self.day("period_start"), self.day("period_end")
        if first and last:
            return first, last
        days = [mark.date for mark in self.event.sessions]
        return (min(days), max(days)) if days else self.span

    @property
    def listed(self) -> tuple[date, date]:
        """The days of the first and last session that a table lists; those of the count where it lists none."""
        days = [mark.date for mark in self.counted_marks]
        return (min(days), max(days)) if days else self.counted

    @cached_property
    def period(self) -> Period | None:
        """The half term, term or year that a rule at a period's end is about."""
        # a rule that looks at the year to date at a half term's end (screening) carries no period
        kind = self.rule.when.tested_at_end_of if self.rule and self.day("period_start") else None
        if kind == "year":
            return self.year
        of_day = self.calendar.half_term_of if kind == "half_term" else self.calendar.term_of
        return of_day(self.event.date)

    @cached_property
    def period_figures(self) -> Figures:
        """Counts of that period up to the event's day."""
        start = max(self.period.start, self.span[0]) if self.period else self.span[0]
        return self.tally.pupil(self.pupil.pupil_id, start, self.event.date)

    @cached_property
    def review_day(self) -> date | None:
        """When attendance is reviewed next, where a rule of the policy says so: a school day of the event's year.

        Counted from the day on which the letter is made: one made late gives a family the policy's days from then on.
        """
        after = [rule.when.review_after(self.event.rule) for rule in self.policy.rules]
        days = min((number for number in after if number is not None), default=None)
        if days is None:
            return None
        held = self.calendar.next_school_day(self.written_on + timedelta(days=days))
        return held if held and self.calendar.year_of(held) == self.year else None

    @cached_property
    def reply_by(self) -> date:
        """The day by which a family is asked to answer: the policy's school days later, or as many weekdays where the
        calendar ends."""
        wanted = self.policy.reply_school_days
        later = [day for day in self.calendar.school_days if day > self.written_on][:wanted]
        return later[-1] if len(later) == wanted else self.written_on + timedelta(days=-(-wanted * 7 // 5))

    @property
    def due_by(self) -> date | None:
        """The day by which what the rule asks for is due; None where the pack gives no time for it."""
        days = self.rule.due_days if self.rule else None
        return None if days is None else self.event.date + timedelta(days=days)

    @property
    def overdue(self) -> bool:
        """Whether that day is over when the letter or note is made."""
        return self.due_by is not None and self.written_on > self.due_by

    @cached_property
    def absences(self) -> tuple[CountedMark, ...]:
        """Every absent session of the year to date."""
        return self.absent_between(*self.span)

    def absent_between(self, start: date, end: date) -> tuple[CountedMark, ...]:
        """Return every absent session between two days, both counted."""
        return self._marks(start, end, ABSENT)

    def _marks(self, start: date, end: date, of: tuple[int, ...]) -> tuple[CountedMark, ...]:
        """Return the sessions of some classes between two days, both counted."""
        row = self.register.row_of[self.pupil.pupil_id]
        classes, sessions = self.register.classes[row], self.register.sessions
        return tuple(
            CountedMark(sessions[column].date, sessions[column].half, self.register.code_at(row, column))
            for column in self._columns(start, end)
            if int(classes[column]) in of
        )

    @cached_property
    def since(self) -> Figures:
        """Counts since the earlier step or the notice to improve, the day after it to the event's; of the year without one."""
        opened = self.day("opened")
        start = opened + timedelta(days=1) if opened else self.year.start
        return self._between(start, self.event.date)

    @cached_property
    def before_notice(self) -> Figures:
        """Counts of the year up to and including the day of the notice to improve; of all of it without one."""
        day = self.day("notice_date") or self.event.date
        return self._between(self.calendar.year_of(day).start, day)

    def _between(self, start: date, end: date) -> Figures:
        start = max(start, self.policy.start) if self.policy.start else start
        return self.tally.pupil(self.pupil.pupil_id, start, end)

    @cached_property
    def counted_marks(self) -> tuple[CountedMark, ...]:
        """The marks that decided; for a rule that carries none, the absent sessions of its period or of the year."""
        if self.event.sessions:
            return self.event.sessions
        counted = self.day("count_from")
        if counted:
            return self._marks(counted, self.event.date, (Class.UNAUTHORISED,))
        opened = self.day("opened")
        if opened:
            return self.absent_between(opened + timedelta(days=1), self.event.date)
        return self.absences

    def _columns(self, start: date, end: date) -> range:
        """Return the register's columns of the sessions between two days, both counted."""
        sessions = self.register.sessions
        return range(
            bisect_left(sessions, start, key=lambda s: s.date),
            bisect_right(sessions, end, key=lambda s: s.date),
        )

    def minutes_late(self, mark: CountedMark) -> int | None:
        """Return the minutes late of one session; None where the register has none."""
        row = self.register.row_of[self.pupil.pupil_id]
        for column in self._columns(mark.date, mark.date):
            if self.register.sessions[column].half == mark.half:
                return self.register.minutes_late.get((row, column))
        return None

    @cached_property
    def adults(self) -> tuple[Contact, ...]:
        """Living adults with parental responsibility, only for forms for the office and the authority."""
        return tuple(a for a in self.pupil.contacts if a.is_parent and not a.deceased)

    @property
    def earlier_notices(self) -> tuple[Notice, ...]:
        """Penalty notices on record for this pupil, to this addressee where there is one; only those of the years that
        the law counts, where it sets a limit."""
        to = set(self.addressee.contact_ids) if self.addressee else None
        since = years_before(self.event.date, self.notice_years) if self.notice_years else date.min
        return tuple(
            notice
            for notice in (self.notices or self.register.notices)
            if notice.pupil_id == self.event.pupil_id
            and since <= notice.issued <= self.event.date
            and (to is None or notice.contact_id in to)
        )

    def share(self, start: date, end: date) -> tuple[Figures, str]:
        """Return the pupil's figures and percentage as shown between two days."""
        figures = self.tally.pupil(self.pupil.pupil_id, max(start, self.span[0]), min(end, self.event.date))
        return figures, self.policy.shown(figures.attended, figures.possible) or ""


def target_text(policy: Policy) -> str:
    """Return the policy's target as "97" or "96.5"; empty where it has none."""
    if policy.target is None:
        return ""
    shown = shown_percent(policy.target.numerator, policy.target.denominator * 100) or ""
    return shown.removesuffix(".0")
