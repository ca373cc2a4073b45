"""The attendance officer's digest of one run: whom to phone first, what waits for a decision, what was written.

What needs action comes first. A heading with nothing under it is left out and named in one line at the end.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial

from letters.docx.paper import Figure, Paper, School
from letters.docx.table import Cell, Column, Row
from letters.reports.percentages import attendance, attendance_percent, target
from letters.reports.pupil_lists import OWN_LISTS
from letters.reports.pupils import (
    SHORT_FLAGS_MEANING,
    URGENT,
    class_of,
    flags_of,
    in_order,
    listed_name,
    natural,
    phone_first,
)
from letters.reports.record.reviews_page import add_meetings, add_reviews
from letters.reports.waiting_forms import WaitingForm, add_waiting_forms
from letters.words.english import class_name, count, short_date, weekday
from rules.checks.reviews_due import reviews_due
from rules.codes import ATTENDED
from rules.events import Event
from rules.law import age
from rules.policy import PackList, Policy
from rules.register import Register
from rules.school import Pupil, Session
from rules.statistics import Tally

OWN_DOCUMENTS = ("celebration", "authority-termly", *OWN_LISTS)
"""Lists that are separate documents and not in the digest."""
CALLS = "calls"
"""The list that goes into the table of calls."""
_NAMED = 12
_URGENT_FILL = "FCE3D4"


@dataclass(frozen=True, slots=True)
class Line:
    """One event as the ledger has it."""

    event: Event
    key: str
    reason: str = ""
    """Why it is held, failed or withdrawn."""


@dataclass(frozen=True, slots=True)
class Digest:
    """What the officer needs to know about one run."""

    day: date
    lists: Mapping[str, Sequence[Line]] = field(default_factory=dict)
    """Lines by the list's name in the policy: "calls", "severe", "welfare", ..."""
    named: Mapping[str, PackList] = field(default_factory=dict)
    """What the policies say of each list, in the order in which the digest shows them."""
    written: Sequence[Line] = ()
    held: Sequence[Line] = ()
    failed: Sequence[Line] = ()
    withdrawn: Sequence[Line] = ()
    missing_registers: Sequence[str] = ()
    """Registers not taken, such as "3B, 3 November 2025 PM"."""
    causes: Sequence[str] = ()
    """Why events wait to be kept or withdrawn, each with what to do."""
    warnings: Sequence[str] = ()
    forms: Sequence[WaitingForm] = ()
    """Consideration forms that wait for the head's decision."""


def digest_report(
    digest: Digest,
    register: Register,
    tally: Tally,
    policy: Policy,
    school: School,
    *,
    more: Sequence[Policy] = (),
) -> bytes:
    """Return the digest as a DOCX, dated with its day. ``more``: the school's other policies, named after the first."""
    paper = Paper(
        f"Attendance digest, {weekday(digest.day)}",
        school=school.name,
        printed_on=digest.day,
        footer="Confidential",
    )
    paper.heading("Attendance digest", 0)
    titles = "; ".join(one.title for one in (policy, *more))
    paper.paragraph(f"{weekday(digest.day)}. {'Policies' if more else 'Policy'}: {titles}.", "strong")
    on_list = [line.event.pupil_id or "" for line in digest.lists.get(CALLS, ())]
    calls = calls_to_make(register, digest.day, on_list)
    _figures(paper, digest, register, tally, policy, len(calls))
    empty = [
        name
        for name, shown in (
            ("calls", _calls(paper, digest, calls, tally, policy)),
            ("registers not taken", _registers(paper, digest)),
            (
                "failed",
                _waiting(paper, digest.failed, register, "Failed: not in the MIS yet", "What happened"),
            ),
            ("held", _held(paper, digest, register)),
            (
                "forms waiting for a decision",
                add_waiting_forms(
                    paper,
                    digest.forms,
                    register,
                    digest.day,
                    partial(about, register=register, with_title=False),
                ),
            ),
            ("reviews due", add_reviews(paper, reviews_due(register, digest.day), register)),
            ("meetings", add_meetings(paper, register, digest.day)),
            ("withdrawn", _withdrawn(paper, digest, register)),
            ("other lists", _lists(paper, digest, register)),
            ("written", _written(paper, digest, register)),
        )
        if not shown
    ]
    if digest.warnings:
        paper.heading("Please note")
        paper.bullets(digest.warnings)
    if empty:
        paper.paragraph(f"Nothing today under: {', '.join(empty)}.", "quiet")
    return paper.save()


def calls_to_make(register: Register, day: date, listed: Sequence[str] = ()) -> list[tuple[Pupil, list[str]]]:
    """Return the pupils to phone about on a day, each with the halves marked N that day.

    Those in ``listed`` are included without such a mark: a rule listed them for an earlier day. Children at risk,
    in care or with a social worker come first.
    """
    unexplained = register.coded({"N"})
    columns = [c for c, session in enumerate(register.sessions) if session.date == day]
    calls = []
    for pupil in in_order(register.pupils):
        row = register.row_of[pupil.pupil_id]
        halves = [str(register.sessions[c].half) for c in columns if unexplained[row, c]]
        if (halves or pupil.pupil_id in listed) and not pupil.deceased:
            calls.append((pupil, halves))
    return sorted(calls, key=lambda item: not is_urgent(item[0]))


def was_here(register: Register, pupil: Pupil, day: date) -> bool:
    """Check whether a pupil was in school on the morning of a day: one who is away after it left during the day."""
    row = register.row_of[pupil.pupil_id]
    columns = [c for c, session in enumerate(register.sessions) if session == Session(day, "AM")]
    return any(register.classes[row, column] in ATTENDED for column in columns)


def is_urgent(pupil: Pupil) -> bool:
    """Check whether a call about this pupil comes before others."""
    return any(flag in pupil.flags for flag in URGENT)


def _figures(
    paper: Paper, digest: Digest, register: Register, tally: Tally, policy: Policy, calls: int
) -> None:
    year = register.calendar.year_of(digest.day)
    today, so_far = tally.total(digest.day, digest.day), tally.total(year.start, digest.day)
    paper.figures(
        [
            Figure(attendance_percent(policy, today) or "none", "Today", f"{today.absent} of {today.possible} sessions missed"),
            Figure(attendance_percent(policy, so_far) or "none", "This year", target(policy)),
            Figure(str(calls), "Calls to make"),
            Figure(str(len(digest.held) + len(digest.failed)), "Waiting for you"),
            Figure(str(len(digest.written)), "Written today"),
        ]
    )  # fmt: skip


def _calls(
    paper: Paper,
    digest: Digest,
    calls: Sequence[tuple[Pupil, list[str]]],
    tally: Tally,
    policy: Policy,
) -> bool:
    if not calls:
        return False
    listed = {line.event.pupil_id: line for line in digest.lists.get(CALLS, ())}
    own = digest.named.get(CALLS)
    paper.heading(own.title if own else "Calls to make first")
    if own:
        paper.paragraph(own.instruction, keep_with_next=True)
    year = tally.register.calendar.year_of(digest.day)
    rows = []
    for pupil, halves in calls:
        figures = tally.pupil(pupil.pupil_id, year.start, digest.day)
        line = listed.get(pupil.pupil_id)
        fill = _URGENT_FILL if is_urgent(pupil) else ""
        why = f"no reason, {' and '.join(halves)}" if halves else "no reason on an earlier day"
        if halves == ["PM"] and was_here(tally.register, pupil, digest.day):
            why = "here in the morning, no reason, PM"
        if line:
            why = f"{why}. {line.event.title}" if halves else line.event.title
        rows.append(
            Row(
                [
                    Cell(listed_name(pupil), bold=True, fill=fill),
                    class_of(pupil),
                    why,
                    flags_of(pupil),
                    attendance(policy, figures),
                    phone_first(pupil),
                ]
            )
        )
    paper.table(
        [
            Column("Pupil", 38),
            Column("Class", 13),
            Column("Why", 46),
            Column("Flags", 22),
            Column("Year, %", 14, "right"),
            Column("Phone first", 41),
        ],
        rows,
        description="Pupils absent without a reason, those at risk first",
    )
    if any(flags_of(pupil) for pupil, _ in calls):
        paper.paragraph(SHORT_FLAGS_MEANING, "quiet")
    return True


def _registers(paper: Paper, digest: Digest) -> bool:
    if digest.missing_registers:
        paper.heading("Registers not taken")
        paper.paragraph(
            "Letters that depend on these sessions wait until the registers are taken.", keep_with_next=True
        )
        paper.bullets(digest.missing_registers)
    return bool(digest.missing_registers)


def _waiting(paper: Paper, lines: Sequence[Line], register: Register, title: str, why: str) -> bool:
    if lines:
        paper.heading(title)
        paper.table(
            [
                Column("Pupil or class", 40),
                Column("Class", 13),
                Column("Rule", 44),
                Column(why, 49),
                Column("Key", 28),
            ],
            [
                Row([Cell(who, bold=True), group, f"{line.event.title}, {short_date(line.event.date)}", line.reason, line.key])
                for who, group, line in _in_order(lines, register)
            ],
            description=title,
        )  # fmt: skip
    return bool(lines)


def _held(paper: Paper, digest: Digest, register: Register) -> bool:
    shown = _waiting(paper, digest.held, register, "Held: waiting for your decision", "Why")
    if digest.causes:
        paper.bullets(digest.causes)
    return shown


def _withdrawn(paper: Paper, digest: Digest, register: Register) -> bool:
    if not digest.withdrawn:
        return False
    _waiting(paper, digest.withdrawn, register, "Withdrawn: marks were corrected", "What changed")
    paper.paragraph(
        "Each pupil has a correcting note. If a letter has been sent, please tell the family.", "quiet"
    )
    return True


def _lists(paper: Paper, digest: Digest, register: Register) -> bool:
    names = [n for n in digest.lists if digest.lists[n] and n != CALLS and n not in OWN_DOCUMENTS]
    order = list(digest.named)
    for name in sorted(names, key=lambda n: (order.index(n) if n in order else len(order), n)):
        own = digest.named.get(name)
        title = own.title if own else name.replace("-", " ").capitalize()
        paper.heading(title)
        if own:
            paper.paragraph(own.instruction, keep_with_next=True)
        several = len({line.event.title for line in digest.lists[name]}) > 1
        rows = [
            Row(
                [
                    Cell(who, bold=True),
                    group,
                    about(line.event, register=register, with_title=several),
                    line.key,
                ]
            )
            for who, group, line in _in_order(digest.lists[name], register)
        ]
        paper.table(
            [Column("Pupil or class", 46), Column("Class", 14), Column("Why", 84), Column("Key", 30)],
            rows,
            description=title,
        )
    return bool(names)


def _written(paper: Paper, digest: Digest, register: Register) -> bool:
    """Add what was written by rule, names in one cell: a half-termly letter goes to every pupil."""
    if not digest.written:
        return False
    by_rule: dict[str, list[Line]] = {}
    for line in digest.written:
        by_rule.setdefault(line.event.title, []).append(line)
    paper.heading("Written")
    rows = []
    for title in sorted(by_rule):
        people = [
            f"{who} ({group})" if group else who for who, group, _ in _in_order(by_rule[title], register)
        ]
        names = "; ".join(people[:_NAMED])
        more = f" and {count(len(people) - _NAMED, 'other', 'others')}" if len(people) > _NAMED else ""
        rows.append(Row([Cell(title, bold=True), str(len(people)), names + more]))
    paper.table(
        [Column("Rule", 54), Column("Events", 15, "right"), Column("For", 105)],
        rows,
        description="What was written, by rule",
    )
    return True


def about(event: Event, *, register: Register | None = None, with_title: bool = True) -> str:
    """Return what an event is based on, in a few words: "84.2% this year (59 of 70 sessions); 10 sessions counted (O), ...".

    With the ``register``, the figures of a rule that is law say so where they leave a part of the year out.
    """
    parts = []
    figures = event.figures
    percent, possible = figures.get("attendance_percent"), figures.get("possible")
    if percent is not None and possible is not None:
        parts.append(
            f"{percent}% this year{_counted_since(event, register)} ({figures.get('attended')} of {possible} sessions)"
        )
    start, end = figures.get("period_start"), figures.get("period_end")
    if "period_percent" in figures and isinstance(start, str) and isinstance(end, str):
        parts.append(
            f"{figures['period_percent']}% {_between(date.fromisoformat(start), date.fromisoformat(end))}"
        )
    due = figures.get("due")
    if isinstance(due, str):
        parts.append(f"due by {short_date(date.fromisoformat(due))}")
    if event.sessions and "threshold" in figures:
        days = [mark.date for mark in event.sessions]
        codes = ", ".join(sorted({mark.code for mark in event.sessions}))
        parts.append(f"{count(len(days), 'session')} counted ({codes}), {_between(min(days), max(days))}")
    elif 0 < len(event.sessions) <= 4:
        parts.append("; ".join(f"{short_date(m.date)} {m.half} {m.code}" for m in event.sessions))
    text = "; ".join(parts)
    return ": ".join(part for part in (event.title if with_title or not text else "", text) if part)


def _counted_since(event: Event, register: Register | None) -> str:
    """Return that only days of compulsory school age count, where an event's year to date leaves others out."""
    pupil = register.find(event.pupil_id) if register else None
    if register is None or pupil is None or pupil.date_of_birth is None or not event.legal:
        return ""
    first = age.starts(pupil.date_of_birth)
    if age.ends(pupil.date_of_birth) < event.date:
        return ", on days of compulsory school age"
    in_year = first > register.calendar.year_of(event.date).start
    return f", counted since {short_date(first)}, when of compulsory school age" if in_year else ""


def _between(start: date, end: date) -> str:
    return short_date(start) if start == end else f"{short_date(start)} to {short_date(end)}"


def _in_order(lines: Sequence[Line], register: Register) -> list[tuple[str, str, Line]]:
    """Return lines with the name and class of their pupil, or their class, by class and name."""
    rows = []
    for line in lines:
        event = line.event
        if event.pupil_id is not None and event.pupil_id in register.row_of:
            pupil = register.pupil(event.pupil_id)
            if pupil.deceased:
                continue
            rows.append((listed_name(pupil), class_of(pupil), line))
        elif event.pupil_id is not None:
            rows.append((f"pupil {event.pupil_id}, no longer in the register", "", line))
        else:
            rows.append((class_name(event.group or ""), "", line))
    return sorted(
        rows, key=lambda item: (natural(item[1]), item[0].casefold(), item[2].event.date, item[2].key)
    )
