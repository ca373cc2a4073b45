"""Merge fields about the letter or step before: its figure and day, and what has been since."""

from __future__ import annotations

from datetime import date, timedelta

from letters.facts import Facts
from letters.fields.field import Group
from letters.words import english

_EARLIER = Group("The step before")


def _since(facts: Facts) -> tuple[int, int]:
    opened = facts.day("opened")
    if opened is None:
        return facts.attended, facts.possible
    figures, _ = facts.share(opened + timedelta(days=1), facts.event.date)
    return figures.attended, figures.possible


def _until_then(facts: Facts) -> tuple[int, int]:
    """Return attended and possible sessions of the year up to the earlier step; of the year to date when there was none."""
    opened = facts.day("opened")
    if opened is None:
        return facts.attended, facts.possible
    figures, _ = facts.share(facts.span[0], opened)
    return figures.attended, figures.possible


def _missed(attended_possible: tuple[int, int]) -> int:
    attended, possible = attended_possible
    return possible - attended


def _change(then: str, now: str, *, welsh: bool = False) -> str:
    """Return the change between two percentages as shown: "1.2 points lower", "the same"."""
    if not (then and now):
        return ""
    tenths = int(now.replace(".", "")) - int(then.replace(".", ""))
    if not tenths:
        return "yr un fath" if welsh else "the same"
    size = f"{abs(tenths) // 10}.{abs(tenths) % 10}"
    if welsh:
        return f"{size} pwynt yn {'uwch' if tenths > 0 else 'is'}"
    return f"{size} point{'' if size == '1.0' else 's'} {'higher' if tenths > 0 else 'lower'}"


def _late_since(facts: Facts) -> int:
    """Return how many of the event's sessions lie after the day of the letter of the step before."""
    earlier = facts.earlier_letter
    return sum(mark.date > earlier.day for mark in facts.event.sessions) if earlier else 0


def _percent_then(facts: Facts) -> str:
    return facts.words("percent_then") or (facts.earlier_letter.percent if facts.earlier_letter else "")


def _figures_then(facts: Facts) -> date | None:
    return facts.day("opened") or (facts.earlier_letter.figures_to if facts.earlier_letter else None)


EARLIER_FIELDS = (
    _EARLIER.text(
        "percent_then",
        "attendance that the earlier letter gave, or on the day of the earlier step; empty when there was none",
        "95.6",
        lambda f: _percent_then(f),
    ),
    _EARLIER.yes_no("if_percent_then", "kept when there was one", lambda f: _percent_then(f)),
    _EARLIER.date(
        "figures_then",
        "the day up to and including which that figure goes; empty when there was none",
        date(2025, 10, 17),
        lambda f: _figures_then(f),
    ),
    _EARLIER.text(
        "change_since",
        "how attendance of the year to date has changed since that figure, in words",
        "0.8 points lower",
        lambda f: _change(_percent_then(f), f.percent),
    ),
    _EARLIER.text(
        "change_since_cy",
        "the same in Welsh",
        "0.8 pwynt yn is",
        lambda f: _change(_percent_then(f), f.percent, welsh=True),
    ),
    _EARLIER.date(
        "opened",
        "the day of the earlier letter or step; empty when there was none",
        date(2025, 10, 20),
        lambda f: f.day("opened"),
        "earlier_date",
    ),
    _EARLIER.yes_no(
        "if_review",
        "kept when the event is a review of an earlier one",
        lambda f: f.words("percent_then"),
    ),
    _EARLIER.yes_no("if_no_review", "kept when it does not", lambda f: not f.words("percent_then"), False),
    _EARLIER.text(
        "since_percent",
        "attendance since the earlier step; of the year to date when there was none",
        "91.0",
        lambda f: f.policy.shown(*_since(f)) or "",
    ),
    _EARLIER.text(
        "window_percent",
        "attendance that a review compared: since the earlier step, or of the year to date",
        "91.0",
        lambda f: f.words("window_percent") or f.percent,
    ),
    _EARLIER.number("since_attended", "sessions attended since the earlier step", 51, lambda f: _since(f)[0]),
    _EARLIER.number("since_possible", "possible sessions since the earlier step", 56, lambda f: _since(f)[1]),
    _EARLIER.text(
        "since_missed_days",
        "school days of two sessions missed since the earlier step",
        "1",
        lambda f: english.half_days(_missed(_since(f))),
    ),
    _EARLIER.text(
        "since_possible_days_text",
        "possible school days since then, with their unit",
        "20 school days",
        lambda f: english.school_days(_since(f)[1]),
    ),
    _EARLIER.yes_no(
        "if_missed_since", "kept when a session since then was missed", lambda f: _missed(_since(f))
    ),
    _EARLIER.yes_no(
        "if_nothing_missed_since",
        "kept when none was, and at least one was possible",
        lambda f: _since(f)[1] and not _missed(_since(f)),
        False,
    ),
    _EARLIER.text(
        "then_missed_days",
        "school days missed in the year up to the day of the earlier step",
        "7",
        lambda f: english.half_days(_missed(_until_then(f))),
    ),
    _EARLIER.text(
        "then_possible_days_text",
        "possible school days in it, with their unit",
        "30 school days",
        lambda f: english.school_days(_until_then(f)[1]),
    ),
    _EARLIER.text(
        "late_since_times",
        "how many of those sessions lie after the day of the earlier letter, as times in words",
        "3 times",
        lambda f: english.times(_late_since(f)),
    ),
    _EARLIER.yes_no("if_late_since", "kept when some do", _late_since),
)
