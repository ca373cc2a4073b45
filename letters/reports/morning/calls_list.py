"""The morning's calls on paper: who is away without a message, who came late, which registers are open.

For the office alone. It is read with a telephone in one hand, so each pupil has one row with all that the call needs,
and room to write down what came of it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import time

from letters.docx.paper import Figure, Paper, School
from letters.docx.table import Cell, Column, Row
from letters.reports.digest import CALLS
from letters.reports.morning.calls import (
    TURNS,
    Call,
    LateArrival,
    Morning,
    OpenRegister,
    Turn,
    class_words,
    group_words,
)
from letters.reports.pupils import (
    SHORT_FLAGS_MEANING,
    adults_left_out,
    contact_name,
    flags_of,
    listed_name,
    phone_order,
)
from letters.words.english import count, times, weekday
from rules.policy import PackList
from rules.school import Pupil

MOST_ADULTS = 3
"""Adults of one pupil whom the list names: the office stops at the first one who answers."""
MOST_NUMBERS = 3
_TURN_TITLES: dict[Turn, str] = {
    "safeguarding": "First: child protection or social worker",
    "looked after": "Looked after",
    "persistent": "Persistent absence",
    "other": "Other pupils",
}
_LATE_WORDS = {"L": "Before the register closed (L)", "U": "After the register closed (U)"}
_OWN_LANGUAGES = ("english", "eng", "en", "welsh", "cymraeg", "cym", "cy")
"""Languages in which the office can ring."""


@dataclass(frozen=True, slots=True)
class ListFacts:
    """What a list says besides its lines."""

    read_at: time
    """When the marks were read, by the school's clock."""
    number: int = 1
    """1 for the day's first list."""
    only_new: bool = False
    """An earlier list of the day has the other lines."""
    named: Mapping[str, PackList] = field(default_factory=dict)
    """What the policies say of each list."""


def calls_list(morning: Morning, school: School, facts: ListFacts) -> bytes:
    """Return one morning's list as a DOCX. ``morning`` holds something."""
    title = f"Morning calls, {weekday(morning.day)}"
    paper = Paper(
        title,
        school=school.name,
        printed_on=morning.day,
        footer="Confidential",
        landscape=True,
        margin_mm=14,
    )
    paper.heading(title if facts.number == 1 else f"{title}, list {facts.number}", 0)
    paper.paragraph(_as_read(facts), "strong")
    paper.figures(
        [
            Figure(str(len(morning.to_ring)), "Pupils to ring about"),
            Figure(str(len(morning.late)), "Came late"),
            Figure(str(len(morning.registers)), "Registers open"),
        ]
    )
    visits = frozenset(facts.named[CALLS].visit_unless_reached) if CALLS in facts.named else frozenset()
    for name, calls in morning.alerts.items():
        own = facts.named.get(name)
        paper.heading(own.title if own else name.replace("-", " ").capitalize())
        if own:
            paper.paragraph(own.instruction, keep_with_next=True)
        _table(paper, calls, own.title if own else name, visits)
    _add_calls(paper, morning, facts, visits)
    _add_late(paper, morning.late)
    _add_registers(paper, morning.registers)
    if any(flags_of(call.pupil) for call in morning.listed):
        paper.paragraph(SHORT_FLAGS_MEANING, "quiet")
    paper.paragraph(
        "The list names no adult who may not be contacted. Enter each reason in the register. The evening’s run judges the whole day.",
        "quiet",
    )
    return paper.save()


def _as_read(facts: ListFacts) -> str:
    read = f"Morning marks as they stood at {facts.read_at:%H:%M}. The afternoon has no part in this list."
    return f"{read} Only what is new since the list before." if facts.only_new else read


def _add_calls(paper: Paper, morning: Morning, facts: ListFacts, visits: Collection[str]) -> None:
    if not morning.calls:
        return
    own = facts.named.get(CALLS)
    paper.heading("No message yet")
    paper.paragraph(own.instruction if own else "Ring these families, and enter the reason in the register.")
    for turn in TURNS:
        calls = [call for call in morning.calls if call.turn == turn and not call.reached]
        if calls:
            paper.heading(f"{_TURN_TITLES[turn]} ({len(calls)})", 2)
            _table(paper, calls, _TURN_TITLES[turn], visits)
    reached = [call for call in morning.calls if call.reached]
    if reached:
        paper.heading(f"Reached today, mark still open ({len(reached)})", 2)
        _table(paper, reached, "Reached today", visits)


def _table(paper: Paper, calls: Sequence[Call], title: str, visits: Collection[str]) -> None:
    rows = []
    for call in calls:
        about = [class_words(call.pupil), flags_of(call.pupil)]
        why, *more = absence_words(call, visits)
        first, *others = whom_to_ring(call.pupil)
        rows.append(
            Row(
                [
                    _lines(listed_name(call.pupil), [" · ".join(filter(None, about))], bold=True),
                    _lines(why, more),
                    _lines(first, others),
                    "",
                ],
                height_mm=12,
            )
        )
    paper.table(
        [
            Column("Pupil", 48),
            Column("Absence", 72),
            Column("Ring in this order", 96),
            Column("Time, who answered, reason", 53),
        ],
        rows,
        description=title,
    )


def _lines(first: str, more: Sequence[str], *, bold: bool = False) -> Cell:
    return Cell(first, bold=bold, more=[("TableText", text) for text in more], vertical="top")


def absence_words(call: Call, visits: Collection[str] = ()) -> list[str]:
    """Return what the office must know of an absence before it rings, one fact a line."""
    lines = [f"{_mark_words(call)}, {'first day' if call.days == 1 else f'day {call.days} running'}"]
    lines += _lately_words(call)
    lines += [alert.sentence for alert in call.alerts if alert.sentence]
    if call.reached:
        lines.append("The family was reached today: enter the reason")
    elif call.without_reason and _wants_visit(call, visits):
        lines.append("Home visit today if nobody answers")
    if call.is_adult:
        lines.append("18 or over: agree with the pupil who is rung")
    lines += _language(call.pupil)
    return lines


def _lately_words(call: Call) -> Iterator[str]:
    lately = call.lately
    if not lately.known:
        return
    days = f"the last {count(lately.known, 'school day')}" if lately.known > 1 else "the school day before"
    still = f", {lately.unexplained} still without a reason" if lately.unexplained else ""
    yield f"Away on {lately.absent} of {days}{still}" if lately.absent else f"No absence on {days}"


def _mark_words(call: Call) -> str:
    if not call.code:
        return "No mark, the class has been marked"
    if call.code == "N":
        return "No reason (N)"
    return f"Mark “{call.code}”" if call.without_reason else f"Marked {call.code}"


def _wants_visit(call: Call, visits: Collection[str]) -> bool:
    return bool(call.pupil.flags & frozenset(visits)) or (
        call.turn == "persistent" and "persistent" in visits
    )


def _language(pupil: Pupil) -> Iterator[str]:
    spoken = pupil.first_language.strip()
    if spoken and spoken.casefold() not in _OWN_LANGUAGES:
        yield f"Home language: {spoken}"


def whom_to_ring(pupil: Pupil) -> list[str]:
    """Return whom to ring in order, each with up to three numbers; never an adult who may not be contacted."""
    order = phone_order(pupil)
    with_numbers = [contact for contact in order if contact.telephones]
    lines = [
        f"{place}. {contact_name(contact)}: {', '.join(contact.telephones[:MOST_NUMBERS])}"
        for place, contact in enumerate(with_numbers[:MOST_ADULTS], 1)
    ]
    if not lines:
        lines = [f"{contact_name(contact)}: no number on record" for contact in order[:MOST_ADULTS]]
    left_out = adults_left_out(pupil)
    if left_out:
        lines.append(left_out)
    return lines or ["No contact on record"]


def _add_late(paper: Paper, late: Sequence[LateArrival]) -> None:
    if not late:
        return
    paper.heading(f"Came late ({len(late)})")
    paper.paragraph("For a call about a pupil who came alone.", keep_with_next=True)
    rows = []
    for one in late:
        first, *others = whom_to_ring(one.pupil)
        minutes = f", {count(one.minutes, 'minute')}" if one.minutes else ""
        often = f"Late {times(one.times)} in {count(one.mornings, 'morning')}, today included"
        rows.append(
            Row(
                [
                    _lines(listed_name(one.pupil), [class_words(one.pupil)], bold=True),
                    _lines(f"{_LATE_WORDS.get(one.code[:1], one.code)}{minutes}", [often]),
                    _lines(first, others),
                    "",
                ]
            )
        )
    paper.table(
        [
            Column("Pupil", 48),
            Column("Arrival", 72),
            Column("Ring in this order", 96),
            Column("What was said", 53),
        ],
        rows,
        description="Pupils who came late this morning",
    )


def _add_registers(paper: Paper, registers: Sequence[OpenRegister]) -> None:
    if registers:
        paper.heading("Registers open")
        paper.paragraph(
            "Nobody of these classes is listed for missing a mark: take the register, then run the list again.",
            keep_with_next=True,
        )
        paper.bullets(
            f"{group_words(one.group)}: "
            + (
                "not taken"
                if one.not_taken
                else f"{one.unmarked} of {count(one.pupils, 'pupil')} without a mark"
            )
            for one in registers
        )
