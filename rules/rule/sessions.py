"""Which sessions a condition looks at: what several kinds share."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from pydantic import model_validator

from rules.rule import Condition
from rules.rule.view import ClassName, View
from rules.rule.words import day_words, in_figures, listed

_CLASSES = {
    "absent": "of absence",
    "authorised": "of authorised absence",
    "unauthorised": "of unauthorised absence",
    "present": "of attendance",
}


class Sessions(Condition):
    """Sessions recorded with one of ``codes``, or counted in a class. Exactly one of the two."""

    codes: tuple[str, ...] = ()
    counted_as: ClassName | None = None

    @model_validator(mode="after")
    def _one_of_two(self) -> Sessions:
        if bool(self.codes) == (self.counted_as is not None):
            raise ValueError('name either codes = ["N", ...] or counted_as = "unauthorised", and not both')
        return self

    def chosen(self, view: View) -> NDArray[np.bool_]:
        """Return pupils × sessions: those that the condition looks at."""
        return view.counted_as(self.counted_as) if self.counted_as else view.coded(self.codes)

    def which(self) -> str:
        """Return which sessions as text, such as "marked N or O"."""
        return _CLASSES[self.counted_as] if self.counted_as else f"marked {listed(self.codes, 'or')}"

    def figures(self) -> dict[str, str]:
        """Return the codes that it looks for."""
        return {"codes": listed(self.codes, "or")} if self.codes else {}

    def codes_named(self) -> tuple[str, ...]:
        """Return the codes it looks for."""
        return self.codes

    def looks_for(self, code: str) -> bool:
        """Return True when it names that code."""
        return code in self.codes

    @property
    def code_to_try(self) -> str:
        """The first code it looks for, or one of its class."""
        if self.codes:
            return self.codes[0]
        return {"authorised": "I", "present": "/"}.get(self.counted_as or "", "O")

    def so_far(self, view: View, day: int) -> str:
        """Return how many such sessions the pupil of row 0 has this year, in a sentence."""
        marks = view.marks_between(self.chosen(view), 0, int(view.year_starts[day]), day)
        last = f", the last on {day_words(view.register.sessions[marks[-1]].date)}" if marks else ""
        return f"{in_figures(len(marks), 'such session')} this year{last}."
