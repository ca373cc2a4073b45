"""Sentences that a pack writes with merge fields: what a rule's note says happened.

``«count_text»`` is a field, ``«figures_to|d MMMM»`` one with a date picture, and what stands between ``«?if_colour»``
and ``«/if_colour»`` is kept only when the flag holds: the same fields and flags as in letters.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from functools import cache

from letters.errors import UnknownField
from letters.facts import Facts
from letters.fields import registry
from letters.template.formats import DEFAULT_DATE_PICTURE, date_format

_MARK = re.compile(r"«(?P<sign>[?/]?)(?P<name>[^«»|]*)(?:\|(?P<picture>[^«»]*))?»")


def fill(text: str, facts: Facts) -> str:
    """Given a sentence of a pack and the facts of an event, return it in plain text, with a capital.

    Raise UnknownField for a name that is no field of a sentence; ``faults`` finds that beforehand.
    """
    wrong = faults(text)
    if wrong:
        raise UnknownField(
            wrong[0], template=f"note of the rule {facts.event.rule} in the policy {facts.policy.id}"
        )
    kept, shown, at = [True], "", 0
    for mark in _MARK.finditer(text):
        if kept[-1]:
            shown += text[at : mark.start()]
        at = mark.end()
        if mark["sign"] == "/":
            kept.pop()
        elif mark["sign"] == "?":
            kept.append(kept[-1] and bool(_value(mark, facts)))
        elif kept[-1]:
            shown += _words(mark, facts)
    said = " ".join((shown + text[at:]).split())
    return said[:1].upper() + said[1:]


def fields_of(text: str) -> list[str]:
    """Return the names of the fields and flags that a sentence uses."""
    return [mark["name"].strip() for mark in _MARK.finditer(text) if mark["sign"] != "/"]


def without_fields(text: str) -> str:
    """Return the sentence with a blank where each field or flag stands: the words that the pack itself writes."""
    return _MARK.sub(" ", text)


@cache
def faults(text: str) -> tuple[str, ...]:
    """Return what keeps a sentence from being filled: a name that is no field, a flag without its end."""
    return tuple(_faults(text))


def _faults(text: str) -> Iterator[str]:
    opened: list[str] = []
    for mark in _MARK.finditer(text):
        name, sign = mark["name"].strip(), mark["sign"]
        if sign == "/":
            if not opened or opened.pop() != name.casefold():
                yield f"«/{name}» ends nothing: write «?{name}» before it"
            continue
        wanted = ("yes/no",) if sign else ("text", "number", "date")
        field = registry.find(name)
        if field is None:
            near = registry.suggestion(name)
            yield f"«{name}» is no field{f': did you mean «{near}»?' if near else '; `letters fields` lists them'}"
        elif field.kind not in wanted:
            yield f"«{sign}{name}» cannot stand here: it is a field of the kind {field.kind}"
        if sign == "?":
            opened.append(name.casefold())
    yield from (f"«?{name}» has no end: write «/{name}» after it" for name in opened)
    plain = without_fields(text)
    if "«" in plain or "»" in plain:
        yield "a « or » stands alone: a field is written «name»"


def _value(mark: re.Match[str], facts: Facts) -> object:
    field = registry.find(mark["name"].strip())
    assert field
    return field.fill(facts)


def _words(mark: re.Match[str], facts: Facts) -> str:
    value = _value(mark, facts)
    if isinstance(value, date):
        return date_format((mark["picture"] or DEFAULT_DATE_PICTURE).strip())(value, "en")
    return f"{value:,}" if isinstance(value, int) else str(value)
