"""Whether attendance after some event is better because the pupil was in school more, or only because less was possible."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from rules.codes import ATTENDED, Class
from rules.rule.view import View

_FIGURE = "gain_with_sessions_not_possible"


def doubtful_gain(view: View, row: int, then: int, first: int, last: int) -> dict[str, str | int]:
    """Return how many sessions from one school day to another were not possible, where a gain is only due to them; else nothing.

    That is so when, of all sessions on roll, possible or not, no larger share was attended than in the year up to the
    school day ``then``.
    """
    attended, held = _attended_of_all(view, row, first, last)
    attended_then, held_then = _attended_of_all(view, row, int(view.year_starts[then]), then)
    if attended * held_then > attended_then * held:
        return {}
    return {_FIGURE: int((_classes(view, row, first, last) == Class.NOT_POSSIBLE).sum())}


def doubt_in_words(figures: Mapping[str, str | int]) -> str:
    """Return that a gain is only due to sessions that were not possible; empty where the figures do not say so."""
    number = figures.get(_FIGURE)
    if not number:
        return ""
    return f"attendance is better only because sessions were not possible ({number} since then)"


def _attended_of_all(view: View, row: int, first: int, last: int) -> tuple[int, int]:
    """Return attended sessions, and all that were attended, missed or not possible, between two school days."""
    classes = _classes(view, row, first, last)
    without = (Class.OFF_ROLL, Class.MISSING, Class.UNRECOGNISED)
    return int(np.isin(classes, ATTENDED).sum()), int((~np.isin(classes, without)).sum())


def _classes(view: View, row: int, first: int, last: int) -> NDArray[np.uint8]:
    return view.classes[row, view.bounds[first] : view.bounds[last + 1]]
