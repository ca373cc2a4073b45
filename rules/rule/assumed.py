"""What a pack sets where its text gives no figure, and the words that name it wherever the figure is shown.

A rule says so with ``assumed``, the pack as a whole in its table ``[assumed]``. Each is one sentence: what the text says,
and what was chosen, without the figure itself, which stands next to it and which a school may change.
"""

from __future__ import annotations

from collections.abc import Iterator

from rules.rule import PackModel

SET_BY_SCHOOL = "set by the school, not stated in the policy"


class PackAssumed(PackModel):
    """The table ``[assumed]`` of a pack: what the text says and what was chosen, by the key or the way of counting."""

    dated: str = ""
    target: str = ""
    keep_years: str = ""
    minimum_possible_sessions: str = ""
    rearm_school_days: str = ""
    days_between_letters: str = ""
    bands: str = ""
    colours: str = ""
    once_a_year: str = ""
    """Rules about a school year fire once in it, and percentages start afresh each year."""
    tested_daily: str = ""
    """Percentages are tested on every school day."""
    rolling_windows: str = ""
    """A rolling window uses each session once."""

    def sentences(self) -> Iterator[tuple[str, str]]:
        """Yield each key with its sentence, in the order above; keys without one are left out."""
        yield from ((key, sentence) for key, sentence in self if sentence)


def named(assumed: str) -> str:
    """Return how an assumed figure is named, such as "Set by the school, not stated in the policy: …"; empty where none is."""
    return f"{SET_BY_SCHOOL.capitalize()}: {assumed}" if assumed else ""
