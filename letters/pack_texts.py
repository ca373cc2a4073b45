"""What a pack says, checked: every field is known, and no figure is typed that a field gives.

A typed figure would stay when the rule's own figure is changed, and the pack would say what is not so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from letters import sentence
from letters.fields import registry
from rules.policy import Policy
from rules.rule import Rule
from rules.rule.figures import FIGURES
from rules.rule.words import number_word, ordinal_word

_TENS = ("thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_VALUES = (
    {number_word(n): str(n) for n in range(1, 21)}
    | {ordinal_word(n): str(n) for n in range(3, 21)}
    | {tens: str(10 * n) for n, tens in enumerate(_TENS, 3)}
)
"""Number words by their value. "First" and "second" are more often a step or a notice than a figure."""
_NUMBER = re.compile(rf"(?<![\w£.])(?:\d+(?:\.\d+)?|(?:{'|'.join(_VALUES)})(?!\w))", re.IGNORECASE)
_NAMES = re.compile(r"\b(?:stage|step|letter|regulation|section|appendix|year|code)\s+$", re.IGNORECASE)
"""A number after one of these is a name: "Stage 4"."""
_UNITS = re.compile(
    r"\s*(?:%|per cent|(?:\w+ )?(?:session|day|week|term|year|point|mark|time)s?\b)", re.IGNORECASE
)
"""What makes a figure of "one", which is often no number, and of what a condition says only in another unit."""
_COMPARED = re.compile(r"[<>]=?\s*(\d+(?:\.\d+)?)")


def unfilled(policy: Policy) -> Iterator[str]:
    """Yield what keeps a rule's note from being filled, each as "rules.2.note: what"."""
    for index, rule in enumerate(policy.rules):
        place = f"rules.{index}.note"
        yield from (f"{place}: {fault}" for fault in sentence.faults(rule.note))
        if rule.note and rule.when.of_a_class:
            yield f"{place}: the rule is about a class, and there is no pupil for a note: take it out"
        own = rule.figures()
        for name in dict.fromkeys(sentence.fields_of(rule.note)):
            field = registry.find(name)
            if field and field.name in FIGURES and field.name != "threshold" and field.name not in own:
                yield f"{place}: the rule has no «{name}»: {_has(own)}"


def typed_figures(policy: Policy) -> Iterator[str]:
    """Yield each figure of a rule's own condition that its texts say in digits or words, and the fields to write."""
    for index, rule in enumerate(policy.rules):
        for key, text in (("title", rule.title_text), ("note", rule.note)):
            yield from _typed(
                f"rules.{index}.{key}", text, [rule], rule.figures(), "the rule’s own condition"
            )
        for key, text in (
            ("assumed", rule.assumed),
            *(("other_readings", one) for one in rule.other_readings),
        ):
            yield from _typed(f"rules.{index}.{key}", text, [rule], {}, "the rule’s own condition")
    for index, one in enumerate(policy.lists):
        rules = [rule for rule in policy.rules if f"list:{one.name}" in map(str, rule.outcomes)]
        common = policy.figures_of_list(one.name)
        for key, text in (("title", one.title), ("instruction", one.instruction)):
            yield from _typed(f"lists.{index}.{key}", text, rules, common, "a rule with this list")
    for index, band in enumerate(policy.bands):
        if band.label != band.attendance.label and _NUMBER.search(band.label):
            yield (
                f"bands.{index}.label: it says '{band.label}', and the band is {band.attendance.label}: "
                "take label out, so that the band says it itself"
            )


def _typed(
    place: str, text: str, rules: Sequence[Rule], fields: Mapping[str, str], whose: str
) -> Iterator[str]:
    """Yield each number of a text that one of the rules has as a figure; ``fields`` are those that may stand for it."""
    own = {
        number for rule in rules for number in _numbers((rule.when.model_dump(mode="json"), rule.due_days))
    }
    said = {number for rule in rules for words in _sayings(rule.figures()).values() for number in words}
    plain = sentence.without_fields(text)
    for match in _NUMBER.finditer(plain):
        number = _VALUES.get(match[0].casefold(), match[0])
        in_own_unit = number in own and number != "1"
        if number not in own | said or _NAMES.search(plain[: match.start()]):
            continue
        if not in_own_unit and not _UNITS.match(plain, match.end()):
            continue
        names = [f"«{name}»" for name, words in _sayings(fields).items() if number in words]
        fix = (
            f"write {' or '.join(names)} in its place"
            if names
            else "leave it out, or say it without the figure"
        )
        yield f"{place}: '{match[0]}' is a figure of {whose}, and would stay when that is changed: {fix}"


def _sayings(figures: Mapping[str, str]) -> dict[str, list[str]]:
    """Return the numbers that each figure says, by its name."""
    return {
        name: [_VALUES.get(match[0].casefold(), match[0]) for match in _NUMBER.finditer(words)]
        for name, words in figures.items()
        if name != "codes"
    }


def _numbers(value: object) -> Iterator[str]:
    """Yield the numbers of a condition as a pack writes it: counts, days, and percentages compared with."""
    if isinstance(value, bool) or value is None:
        return
    if isinstance(value, int):
        yield str(value)
    elif isinstance(value, str):
        yield from _COMPARED.findall(value)
    elif isinstance(value, Mapping):
        yield from (number for key, one in value.items() if key != "step" for number in _numbers(one))
    elif isinstance(value, Iterable):
        yield from (number for one in value for number in _numbers(one))


def _has(figures: Mapping[str, str]) -> str:
    return f"it has {', '.join(f'«{name}»' for name in figures)}" if figures else "it has none of these"
