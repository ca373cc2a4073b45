"""What follows when a rule fires, parsed once: a note on the pupil, a document of some kind, or a line in a list."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, get_args

OutcomeKind = Literal["note", "letter", "document", "certificate", "list"]
_FORM = re.compile(r"note|(?:letter|document|certificate|list):[a-z0-9]+(?:-[a-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class Outcome:
    """One outcome of a rule. Its text is what a pack writes: "letter:letter-1", "list:calls", "note"."""

    kind: OutcomeKind
    name: str = ""
    """The template's or the list's name; empty for a note."""

    @classmethod
    def parse(cls, text: str) -> Outcome:
        """Return the outcome that a pack's text names. Raise ValueError for any other text."""
        if not _FORM.fullmatch(text):
            kinds = ", ".join(f'"{kind}:NAME"' for kind in get_args(OutcomeKind)[1:])
            raise ValueError(f"'{text}' is not an outcome: write \"note\", or one of {kinds}")
        kind, _, name = text.partition(":")
        return cls(kind, name)  # type: ignore[arg-type]  # one of the kinds, as the form says

    def __str__(self) -> str:
        return f"{self.kind}:{self.name}" if self.name else self.kind

    @property
    def is_document(self) -> bool:
        """A Word document is made: a letter, a document of the office or a certificate."""
        return self.kind in ("letter", "document", "certificate")


NOTE = Outcome("note")
