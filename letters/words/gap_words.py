"""What a period lacks, in words: "1 session of the term has no mark: 12 November 2025 PM"."""

from __future__ import annotations

from collections.abc import Mapping

from letters.words.english import count, day
from rules.checks.gaps import Gaps
from rules.school import Session

MOST_NAMED = 4
"""So many sessions are named; of the others only the number."""


def gaps_in_words(gaps: Gaps, period: str, *, pupils: bool = True) -> str:
    """Given what is lacking and the period as "term" or "week", return it without a full stop; empty when whole.

    ``pupils`` says after each session how many pupils lack it, where they are more than one.
    """
    parts = []
    if gaps.unmarked:
        parts.append(_part(gaps.unmarked, period, "no mark", pupils))
    if gaps.unrecognised:
        quoted = ", ".join(f"“{code}”" for code in gaps.codes)
        parts.append(
            _part(gaps.unrecognised, period, f"a mark that is no attendance code ({quoted})", pupils)
        )
    return "; ".join(parts)


def gaps_sentence(gaps: Gaps, period: str, *, pupils: bool = True) -> str:
    """Return the same as a sentence for a report: that no figure includes them; empty when whole."""
    words = gaps_in_words(gaps, period, pupils=pupils)
    return f"{words}. No figure includes them." if words else ""


def _part(sessions: Mapping[Session, int], period: str, what: str, pupils: bool) -> str:
    total = sum(sessions.values())
    named = [
        f"{day(session.date)} {session.half}{f' ({number} pupils)' if pupils and number > 1 else ''}"
        for session, number in list(sessions.items())[:MOST_NAMED]
    ]
    more = len(sessions) - len(named)
    others = f" and {count(more, 'other')}" if more else ""
    has = "has" if total == 1 else "have"
    return f"{count(total, 'session')} of the {period} {has} {what}: {', '.join(named)}{others}"
