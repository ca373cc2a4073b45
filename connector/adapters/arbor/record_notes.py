"""Records from pastoral notes whose summary begins with a wording that the school has agreed with its staff."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date

from connector.adapters.arbor.rows import Row, day_of, related_id, text_of
from connector.errors import DataError, did_you_mean
from rules.pupil_record import DECISIONS, RECORD_KINDS, PupilRecord, RecordKind

_OWN = "[AC-"
"""How the key of an event begins in a note that this program has written."""
_BETWEEN = " \t\r\n:;,.-–—"
"""What may stand between the wording and the rest of a summary."""


def kind_and_decision(words: str) -> tuple[RecordKind, str]:
    """Return what "meeting held" says: a kind of record, and what came of it; "" for a kind that has no outcome.

    Raises ValueError with the nearest word for one that is not known.
    """
    first, _, rest = " ".join(words.split()).partition(" ")
    kind = next((known for known in RECORD_KINDS if known == first), None)
    if kind is None:
        raise ValueError(f'"{first}" is no kind of record: {did_you_mean(first, RECORD_KINDS)}')
    outcomes = DECISIONS[kind]
    if not outcomes and rest:
        raise ValueError(f'"{kind}" stands alone, without "{rest}"')
    if outcomes and rest not in outcomes:
        raise ValueError(f'"{rest}" is no outcome of "{kind}": {did_you_mean(rest, outcomes)}')
    return kind, rest


def check_wordings(wordings: Mapping[str, str]) -> None:
    """Raise ValueError for an empty wording, for one that is given twice, and for words of no record."""
    seen: dict[str, str] = {}
    for wording, words in wordings.items():
        plain = _plain(wording)
        if not plain:
            raise ValueError("a wording is empty: write how the summary of such a note begins")
        if plain in seen:
            raise ValueError(f'"{seen[plain]}" and "{wording}" are the same wording: keep one of them')
        seen[plain] = wording
        try:
            kind_and_decision(words)
        except ValueError as error:
            raise ValueError(f'"{wording}": {error}') from None


def records_of(
    rows: Iterable[Row], wordings: Mapping[str, str], until: date
) -> tuple[tuple[PupilRecord, ...], list[str]]:
    """Return the records that notes hold up to a day, each once, and warnings about notes whose day cannot be read.

    Of several wordings that a summary begins with the longest holds. Notes that this program wrote are none.
    """
    agreed = [
        (_beginning(wording), *kind_and_decision(wordings[wording]))
        for wording in sorted(wordings, key=lambda wording: -len(_plain(wording)))
    ]
    records: dict[PupilRecord, None] = {}
    without_day = 0
    for row in rows:
        summary, pupil = text_of(row, "summary"), related_id(row, "student")
        if not pupil or _OWN in summary or _OWN in text_of(row, "content"):
            continue
        for beginning, kind, decision in agreed:
            if found := beginning.match(summary):
                try:
                    day = day_of(row.get("noteDate"), "pastoral note noteDate")
                except DataError:
                    day = None
                if day is None:
                    without_day += 1
                elif day <= until:  # what has been done cannot lie ahead
                    note = " ".join(summary[found.end() :].split()).strip(_BETWEEN)
                    records.setdefault(PupilRecord(pupil, kind, day, decision=decision, note=note))
                break
    warnings = []
    if without_day:
        warnings.append(
            f"{without_day} pastoral note(s) of an agreed wording have no date that can be read, and are no records"
        )
    return tuple(sorted(records, key=lambda r: (r.pupil_id, r.day, r.kind, r.decision, r.note))), warnings


def _plain(wording: str) -> str:
    """Return a wording without case and blanks."""
    return "".join(wording.split()).casefold()


def _beginning(wording: str) -> re.Pattern[str]:
    """Return what matches a summary that begins with the wording, whatever its case and blanks, and not within a word."""
    letters = "".join(wording.split())
    end = r"(?!\w)" if re.match(r"\w", letters[-1]) else ""
    return re.compile(r"\s*" + r"\s*".join(map(re.escape, letters)) + end, re.IGNORECASE)
