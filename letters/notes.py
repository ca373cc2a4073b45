"""The note on the pupil: a few sentences that say what happened, which sessions count, what was made and by which clause."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date, timedelta

from letters.absences import by_day
from letters.facts import Facts
from letters.words import english
from rules.events import Event
from rules.rule.outcome import Outcome

MOST_LISTED = 12
"""Rows of counted sessions that a note lists; if there are more, only the document has them."""
PART_TIME_RETURN_DAYS = 5

_LATER = ("Correction: ", "Correction to the note of ", "Holds again: ", "The register supports the note of ")
"""How summaries and texts begin of the notes that say what became of an event."""

_Sentence = Callable[[Facts], str]


def summary(title: str, key: str) -> str:
    """Return one line for lists; it ends with the event's key in brackets."""
    return f"{title} [{key}]"


def is_later_note(text: str) -> bool:
    """Given a note's summary or text, return True when it says what became of an event that had its note before."""
    return text.strip().startswith(_LATER)


def note(
    facts: Facts,
    made: Sequence[tuple[Outcome, str]],
    *,
    held: str | None = None,
    remarks: Sequence[str] = (),
) -> tuple[str, str]:
    """Given the facts, each document made as (outcome, title), and remarks, return summary and text."""
    sentences = [_what_happened(facts)]
    if facts.event.pupil_id is not None:
        sentences += [_year_to_date(facts), _listed(facts)]
    sentences.append(_made(facts, made))
    if held:
        sentences.append(f"Held, nothing was made: {held}.")
    sentences += [f"Please note: {remark}." for remark in remarks]
    sentences.append(f"Policy: {facts.policy.title}, {facts.event.clause}.")
    text = " ".join(sentence for sentence in sentences if sentence)
    return summary(facts.event.title, facts.key), f"{text} [{facts.key}]"


def correcting_note(
    event: Event, key: str, reason: str, *, documents: Sequence[str] = (), on: date | None = None
) -> tuple[str, str]:
    """Given a written event that the marks no longer support, return summary and text of the correcting note.

    ``documents`` are the titles of what was filed, which stays on file. ``reason`` is a sentence without a full stop.
    """
    when = f" On {english.day(on)} it was withdrawn." if on else ""
    filed = ""
    if documents:
        titles = english.joined(list(dict.fromkeys(documents)))
        filed = (
            f" What was filed ({titles}) stays on file for the record; if it was sent, "
            "please tell the family that it no longer applies."
        )
    text = (
        f"Correction to the note of {english.day(event.date)}, “{event.title}”: the register no longer supports it."
        f"{when} Reason: {reason}.{filed} Please do not act on the earlier note. [{key}]"
    )
    return summary(f"Correction: {event.title}", key), text


def _what_happened(facts: Facts) -> str:
    known = _BY_RULE.get(facts.event.rule)
    return known(facts) if known else _by_kind(facts)


def _by_kind(facts: Facts) -> str:
    """Return the sentence for a rule that has none of its own, from the event's figures."""
    event, title = facts.event, facts.event.title
    then, opened = facts.words("percent_then"), facts.day("opened")
    if then and opened:
        since = facts.words("window_percent")
        now = f"{since}% since then" if since else f"{facts.percent}% now"
        return (
            f"{title}, figures up to and including {english.day(event.date)}. "
            f"Attendance was {then}% on {english.day(opened)} and is {now}."
        )
    if facts.event.group is not None:
        share = f"{facts.words('attended')} of {facts.words('possible')} sessions"
        return f"{title}: class {event.group}, {facts.words('attendance_percent')}% ({share}) in the week to {english.day(event.date)}."
    count = facts.number("count")
    if count is not None and event.sessions:
        return f"{title}: {english.count(len(event.sessions), 'session')} from {english.day(facts.counted[0])} to {english.day(event.date)}."
    return f"{title}, on {english.day(event.date)}."


def _year_to_date(facts: Facts) -> str:
    if not facts.possible:
        return "There is no possible session in the school year so far."
    parts = [f"{facts.missed} missed"]
    if facts.missed and facts.agrees:
        parts[0] += f" ({facts.figures.authorised} authorised, {facts.figures.unauthorised} unauthorised)"
    if facts.agrees and facts.figures.late:
        parts.append(f"late {english.times(facts.figures.late)}")
    sentence = (
        f"School year up to and including {english.day(facts.event.date)}: {facts.percent}% attendance, "
        f"{facts.attended} of {facts.possible} possible sessions attended, {', '.join(parts)}."
    )
    if facts.agrees and facts.figures.missing:
        sentence += (
            f" {english.count(facts.figures.missing, 'session')} without a mark, not included in any total."
        )
    return sentence


def _listed(facts: Facts) -> str:
    """Return the sessions that were counted, when they are few and not simply every absence of the year."""
    if facts.rule is not None and facts.rule.kind == "percentage":
        return ""
    rows = by_day(facts.event.sessions, facts.calendar)
    if not rows or len(rows) > MOST_LISTED:
        return ""
    items = [f"{english.day(row.start)} {' and '.join(row.halves)} {row.code}" for row in rows]
    return f"Sessions counted: {'; '.join(items)}."


def _made(facts: Facts, made: Sequence[tuple[Outcome, str]]) -> str:
    if not made:
        return ""
    items = []
    for (outcome, title), number in Counter(made).items():
        if facts.event.per_parent and number > 1:
            items.append(f"{title} ({number}, one for each parent)")
        elif outcome.kind == "letter" and not facts.event.per_parent:
            items.append(f"{title} (for {english.count(number, 'household')})")
        else:
            items.append(title)
    return f"Made: {english.joined(items)}."


def _count(facts: Facts) -> int:
    number = facts.number("count")
    return len(facts.event.sessions) if number is None else number


def _run(after: str) -> _Sentence:
    return lambda facts: f"{english.count(_count(facts), 'consecutive school day')} {after}"


def _window(after: str) -> _Sentence:
    """Return the sentence on sessions counted in a window, with the policy's limit."""

    def sentence(facts: Facts) -> str:
        start, end = facts.counted
        return (
            f"{english.count(_count(facts), 'session')} of unauthorised absence from {english.day(start)} to "
            f"{english.day(end)}; the policy’s threshold is {facts.number('threshold') or _count(facts)}. {after}"
        )

    return sentence


def _overdue(after: str) -> _Sentence:
    def sentence(facts: Facts) -> str:
        number = _count(facts)
        return f"{english.count(number, 'session')} still {'has' if number == 1 else 'have'} no reason (N). {after}"

    return sentence


def _without_reason(facts: Facts) -> str:
    return f"{english.count(_count(facts), 'session')} without any reason from home: the school was not told the cause"


def _full(facts: Facts) -> str:
    figures, period = facts.period_figures, english.period(facts.period).removeprefix("the ")
    return (
        f"{facts.event.title}. {period[:1].upper()}{period[1:]} up to and including {english.day(facts.event.date)}: "
        f"{figures.attended} of {figures.possible} possible sessions attended."
    )


def _part_time(facts: Facts) -> str:
    what = "ends" if facts.words("date_of") == "part_time_to" else "begins"
    due = facts.event.date + timedelta(days=PART_TIME_RETURN_DAYS)
    is_due = "is due" if facts.written_on <= due else "is overdue: it was due"
    return f"A part-time timetable {what}: the return to the authority {is_due} within five days, by {english.day(due)}."


def _home_visit(facts: Facts) -> str:
    late = facts.written_on > facts.event.date
    due = f"was due on {english.day(facts.event.date)}" if late else "is due today"
    return f"Day {_count(facts)} in a row without a reason (N): a home visit {due}."


def _colour(facts: Facts) -> str:
    return f"Half-termly letter{f', colour {facts.colour}' if facts.colour else ''}."


_LEAVE_REASONS = {
    "unauthorised": "there is unauthorised absence this year",
    "authorised": "authorised absence this year is above the policy’s limit",
    "performance": "attendance would fall below the level that the policy asks for",
    "assessment": "it lies in a time of assessments, in which no leave is granted",
}
_LEAVE_KINDS = {"holiday": "a holiday", "performance": "a performance", "other": "another reason"}


def _leave(facts: Facts) -> str:
    start, end = facts.day("leave_start"), facts.day("leave_end")
    days = english.span(start, end) if start and end else "the days asked for"
    kind = _LEAVE_KINDS.get(facts.words("kind"), "another reason")
    asked = f"Leave was asked for {kind}, {days} ({english.count(facts.number('sessions_asked') or 0, 'session')})."
    after = facts.words("percent_after")
    would = f" If it is taken, attendance would be {after}%." if after else ""
    reasons = [_LEAVE_REASONS.get(name, name) for name in facts.words("reasons").split(",") if name]
    if reasons:
        return f"{asked}{would} By the policy’s own tests it is not eligible: {english.joined(reasons)}. The head decides."
    return f"{asked}{would} The policy’s own tests do not rule it out. The head decides."


_NOTHING_SENT = "Nothing has been sent to the authority: the head decides."
_CONSIDER = f"A penalty notice can be considered. {_NOTHING_SENT}"
_ENQUIRE = "Start joint enquiries with the authority. No name is taken off the register automatically."

_BY_RULE: dict[str, _Sentence] = {
    "colour-letter": _colour,
    "no-contact": lambda _: "Absent without a message from home (N): phone the family now.",
    "ruled-unauthorised": lambda _: "An absence without a reason (N) was changed to unauthorised (O).",
    "ten-day-absence": _run("of unauthorised absence. The authority must be informed."),
    "ten-day-return": _run("of unauthorised absence. The attendance return to the authority is due."),
    "penalty-notice": _window(_CONSIDER),
    "stage-4": _window(_CONSIDER),
    "late-penalty": _window(f"All are arrivals after the register closed (U). {_CONSIDER}"),
    "penalty-threshold": _window(f"The school must consider whether a penalty notice is right here. {_NOTHING_SENT}"),
    "second-notice": lambda _: "The threshold for a penalty notice has been reached before: the authority may go straight to prosecution. Decide with the education welfare service before you ask for anything.",
    "religious-allowance": lambda facts: f"{english.count(_count(facts), 'session')} of religious observance (R) this year: more than the two days that the policy allows. Further days need the head’s decision.",
    "part-time-return": _part_time,
    "certificate-100": _full,
    "certificate-half-term": _full,
    "certificate-term": _full,
    "celebration": _full,
    "perfect-term": _full,
    "perfect-year": _full,
    "parents-report": _full,
    "unexplained-visit": _home_visit,
    "missing-education": _run("without contact (N). Refer today as a child who may be missing education."),
    "whereabouts-leave": _run(f"of unauthorised absence straight after leave. {_ENQUIRE}"),
    "whereabouts-20": _run(f"of unauthorised absence. {_ENQUIRE}"),
    "deletion-check": _run(f"of absence, all coded G, N or O. {_ENQUIRE}"),
    "health-15": lambda facts: f"More than 15 school days of illness ({english.count(len(facts.event.sessions), 'session')} counted). Tell the authority, and agree with it how the pupil’s education continues.",
    "sickness-return": lambda facts: f"15 school days of illness, consecutive or in total ({english.count(len(facts.event.sessions), 'session')} counted). The sickness return to the authority is due.",
    "truancy-first": lambda facts: f"{_without_reason(facts)}.",
    "truancy-again": lambda facts: f"{_without_reason(facts)}, on another day after the first this year. {_CONSIDER}",
    "leave-request": _leave,
    "code-overdue": _overdue("Five school days have passed: find the reason today, or change the code to O."),
    "n-to-o": _overdue("Two weeks have passed: under the policy the code becomes O unless a reason is found. No mark is changed automatically."),
    "no-explanation": _run("without an explanation (N). Ask the education welfare officer for a visit; the NA1 form is ready."),
    "at-risk-first-morning": lambda _: "First morning of absence of a child with a protection plan. Phone now, and inform the designated safeguarding lead.",
    "long-holiday": lambda facts: f"{english.count(_count(facts), 'session')} of agreed holiday (H) this year: more than ten days. Further agreed holiday is coded F.",
    "social-worker-told": lambda _: "Absent without a reason (N): tell the pupil’s social worker today.",
}  # fmt: skip
