"""A school's attendance policy as data: a TOML pack, loaded and checked as a whole.

A pack names its bands, colours and rules; each rule cites its clause. Amounts and deadlines of penalty notices are the
law's (:mod:`rules.law`). There is no expression language: a rule's ``kind`` picks one of the conditions in
:mod:`rules.kinds`.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction
from functools import cached_property
from graphlib import CycleError
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, Union

from pydantic import (
    BeforeValidator,
    Field,
    PlainSerializer,
    PrivateAttr,
    ValidationError,
    create_model,
    model_validator,
)

from rules.codes import code_sets
from rules.kinds import CONDITIONS
from rules.rule import NAME, PackModel, Rule, firing_order
from rules.school import FLAGS, Nation
from rules.statistics import shown_percent
from rules.thresholds import Interval, cover_faults

Range = Annotated[
    Interval,
    BeforeValidator(lambda text: text if isinstance(text, Interval) else Interval.parse(str(text))),
    PlainSerializer(lambda interval: interval.text),
]


class PolicyError(ValueError):
    """A pack that cannot be used. ``findings`` holds every (place, message), with the line where it is known."""

    def __init__(self, source: str, findings: list[tuple[str, str]]) -> None:
        self.source = source
        self.findings = findings
        super().__init__("; ".join(f"{source}: {place}: {message}" for place, message in findings))


class Band(PackModel):
    """A named stretch of attendance, with the words and colour that letters and reports use."""

    name: Annotated[str, Field(min_length=1)]
    attendance: Range
    label: Annotated[str, Field(min_length=1)]
    """The stretch as families read it: "95 to 96.9%"."""
    letter_name: str = ""
    """Another name for letters, where the policy uses one."""


class Colour(PackModel):
    """A colour of the school's traffic lights."""

    name: Annotated[str, Field(min_length=1)]
    attendance: Range


if TYPE_CHECKING:
    PackRule = Rule
else:  # the kind picks the condition that the table under ``when`` is read as
    PackRule = Annotated[
        Union[  # noqa: UP007 - of as many as there are
            tuple(
                create_model("Rule", __base__=Rule, kind=(Literal[when.kind], ...), when=(when, ...))
                for when in CONDITIONS
            )
        ],
        Field(discriminator="kind"),
    ]


class Policy(PackModel):
    """A checked pack."""

    id: Annotated[str, Field(pattern=f"^{NAME}$")]
    title: Annotated[str, Field(min_length=1)]
    nation: Nation
    code_set: str
    """The code set its text was written for; what counts follows the register's nation and day."""
    version: Annotated[str, Field(min_length=1)]
    dated: date
    target: Annotated[Fraction | None, Field(ge=0, le=100)] = None
    """Whole-school attendance aimed at, in per cent."""
    keep_years: Annotated[int, Field(ge=1, le=25)]
    minimum_possible_sessions: Annotated[int, Field(ge=0, le=400)] = 30
    rearm_school_days: Annotated[int, Field(ge=1, le=200)] = 20
    start: Annotated[date | None, Field(alias="from")] = None
    """The pack sees no session before this day."""
    catch_up: Literal["sequence", "highest"] = "sequence"
    days_between_letters: Annotated[int, Field(ge=0, le=100)] = 5
    """At least so many school days between two letters of one ladder."""
    notes: tuple[str, ...] = ()
    bands: Annotated[tuple[Band, ...], Field(min_length=1)]
    colours: tuple[Colour, ...] = ()
    rules: tuple[PackRule, ...]
    _gives_way: frozenset[str] = PrivateAttr(default=frozenset())

    @model_validator(mode="before")
    @classmethod
    def _no_amounts(cls, data: Any) -> Any:
        if isinstance(data, dict) and "penalties" in data:
            raise ValueError(
                "penalties: amounts and deadlines of penalty notices are the law's, by nation and day; "
                "take the [[penalties]] tables out of the pack"
            )
        return data

    @model_validator(mode="after")
    def _whole(self) -> Policy:
        faults = list(_faults_of(self))
        if faults:
            raise ValueError("\n".join(faults))
        return self

    def band_of(self, attended: int, possible: int) -> Band | None:
        """Return the band of a share; None with no possible session."""
        return next((b for b in self.bands if possible and b.attendance.holds(attended, possible)), None)

    def colour_of(self, attended: int, possible: int) -> str | None:
        """Return the colour of a share; None with no possible session or where the pack has no colours."""
        return next(
            (c.name for c in self.colours if possible and c.attendance.holds(attended, possible)), None
        )

    def shown(self, attended: int, possible: int) -> str | None:
        """Return the percentage as families read it: cut to one decimal, and never reading as the wrong band."""
        return shown_percent(attended, possible, self._closed_tops)

    @cached_property
    def _closed_tops(self) -> frozenset[int]:
        intervals = [b.attendance for b in self.bands] + [c.attendance for c in self.colours]
        return frozenset(
            int(i.high) for i in intervals if i.high_included and i.high < 100 and i.high.denominator == 1
        )

    def acts_on(self, rule_id: str) -> bool:
        """Return True when a run acts on the rule's events: it is there, not switched off, and no earlier policy's."""
        return not self.is_off(rule_id) and any(rule.id == rule_id for rule in self.rules)

    def is_off(self, rule_id: str) -> bool:
        """Return True when the rule is there and switched off, or gives way to an earlier policy's rule of that id."""
        return self.gives_way(rule_id) or any(
            rule.id == rule_id and rule.default == "off" for rule in self.rules
        )

    def gives_way(self, rule_id: str) -> bool:
        """Return True when an earlier policy of the school has a rule of that id: then that one stands."""
        return rule_id in self._gives_way

    def rule(self, rule_id: str, day: date | None = None) -> Rule:
        """Return the rule with that id (in force on the day, where the pack has several). Raise KeyError."""
        for rule in self.rules:
            if rule.id == rule_id and (day is None or rule.in_force(day)):
                return rule
        raise KeyError(f"policy {self.id} has no rule '{rule_id}'")


def switched(
    policy: Policy,
    *,
    on: Collection[str] = (),
    off: Collection[str] = (),
    until: Mapping[str, date] | None = None,
) -> Policy:
    """Return the policy as a school runs it: rules switched on and off by id, and rules with an earlier last day."""
    ends = until or {}

    def as_run(rule: Rule) -> Rule:
        default = "off" if rule.id in off else "on" if rule.id in on else rule.default
        last = min([day for day in (rule.until, ends.get(rule.id)) if day], default=None)
        return rule.model_copy(update={"default": default, "until": last})

    return policy.model_copy(update={"rules": tuple(as_run(rule) for rule in policy.rules)})


def together(policies: Sequence[Policy]) -> tuple[Policy, ...]:
    """Return the policies that one school follows, in their order: where two have a rule of one id, the first one's stands.

    Raise PolicyError for two policies with one id.
    """
    joined: list[Policy] = []
    earlier: set[str] = set()
    for policy in policies:
        if any(policy.id == other.id for other in joined):
            raise PolicyError(policy.id, [("id", "two policies of the school have this id: name each once")])
        own = policy.model_copy()
        own._gives_way = frozenset(earlier.intersection(rule.id for rule in policy.rules))
        joined.append(own)
        earlier.update(rule.id for rule in policy.rules)
    return tuple(joined)


def shipped_policies() -> tuple[str, ...]:
    """Return ids of the packs that come with the product, sorted."""
    folder = files("rules").joinpath("policies")
    return tuple(sorted(p.name.removesuffix(".toml") for p in folder.iterdir() if p.name.endswith(".toml")))


def load_policy(source: str | Path) -> Policy:
    """Given a shipped pack's id or the path of a TOML file, return the checked policy. Raise PolicyError."""
    if isinstance(source, str) and re.fullmatch(NAME, source):
        if source not in shipped_policies():
            known = ", ".join(shipped_policies())
            raise PolicyError(
                source, [("policy", f"no shipped policy has this name: use one of {known}, or a file")]
            )
        text = files("rules").joinpath("policies", f"{source}.toml").read_text(encoding="utf-8")
        return parse_policy(text, f"{source}.toml")
    path = Path(source)
    try:
        return parse_policy(path.read_text(encoding="utf-8-sig"), path.name)
    except OSError as error:
        raise PolicyError(path.name, [("file", f"cannot be read: {error.strerror}")]) from error
    except UnicodeDecodeError as error:
        raise PolicyError(
            path.name, [("file", f"is not UTF-8 at byte {error.start}: save it as UTF-8")]
        ) from error


def parse_policy(text: str, source: str) -> Policy:
    """Given a pack's TOML text, return the checked policy. Raise PolicyError with every finding."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise PolicyError(source, [("file", f"is not TOML: {error}")]) from error
    try:
        return Policy.model_validate(data)
    except ValidationError as error:
        raise PolicyError(source, list(_findings(error, data, text))) from error


def _faults_of(policy: Policy) -> Iterator[str]:
    """Yield faults between parts that each look right alone, as "place: what": bands with a hole, unknown codes, circles."""
    for fault in cover_faults([(band.name, band.attendance) for band in policy.bands]):
        yield f"bands: {fault}"
    for fault in (
        cover_faults([(colour.name, colour.attendance) for colour in policy.colours])
        if policy.colours
        else ()
    ):
        yield f"colours: {fault}"
    known_sets = code_sets(policy.nation)
    if policy.code_set not in {s.name for s in known_sets}:
        names = ", ".join(s.name for s in known_sets)
        yield f"code_set: '{policy.code_set}' is not a code set of {policy.nation}: use one of {names}"
    known_codes = {code for s in known_sets for code in s.codes}
    ids = {rule.id for rule in policy.rules}
    for index, rule in enumerate(policy.rules):
        yield from _rule_faults(f"rules.{index}", rule, policy.rules, ids, known_codes)
    yield from _double_rules(policy)
    yield from _circles(policy)


def _rule_faults(
    place: str, rule: Rule, rules: Sequence[Rule], ids: set[str], known_codes: set[str]
) -> Iterator[str]:
    if rule.until and rule.start and rule.until < rule.start:
        yield f"{place}.until: ends before it starts"
    for code in rule.when.codes_named():
        if code not in known_codes:
            yield f"{place}.when: '{code}' is not an attendance code of this nation"
    for other in (*rule.when.needs(rules), *rule.when.carries(rules)):
        if other not in ids:
            yield f"{place}.when: names the rule '{other}', which this pack does not have"
    if (rule.ladder is None) != (rule.rung == 0):
        yield f"{place}.rung: a ladder and a rung of 1 or more go together"
    for flag in rule.read_first:
        if flag not in FLAGS:
            yield f"{place}.read_first: '{flag}' is no flag: use one of {', '.join(FLAGS)}"
    yield from rule.when.faults(place, rule, rules)


def _circles(policy: Policy) -> Iterator[str]:
    """Yield rules that wait for each other's events, none of which could ever fire."""
    try:
        firing_order(policy.rules)
    except CycleError as error:
        circle = error.args[1][::-1]  # each rule after the one it builds on
        index = next(n for n, rule in enumerate(policy.rules) if rule.id == circle[0])
        names = " builds on ".join(f"'{name}'" for name in circle)
        yield f"rules.{index}.when: goes round in a circle: {names}"


def _double_rules(policy: Policy) -> Iterator[str]:
    seen = Counter(rule.id for rule in policy.rules)
    for index, rule in enumerate(policy.rules):
        same = [r for r in policy.rules[:index] if r.id == rule.id]
        if seen[rule.id] > 1 and any(
            (r.until or date.max) >= (rule.start or date.min)
            and (rule.until or date.max) >= (r.start or date.min)
            for r in same
        ):
            yield f"rules.{index}.id: '{rule.id}' is there twice for the same days: give one another id or dates"


def _findings(error: ValidationError, data: dict[str, Any], text: str) -> Iterator[tuple[str, str]]:
    """Yield each fault with a place a person can find: the path, the rule's id, and the line where it is known."""
    for fault in error.errors():
        message = str(fault["msg"]).removeprefix("Value error, ")
        path = _without_kind(list(fault["loc"]))
        if path:
            yield _place(path, data, text), message
            continue
        for line in message.split("\n"):
            where, _, what = line.partition(": ")
            parts = [int(p) if p.isdigit() else p for p in where.split(".")]
            yield _place(parts, data, text), what


def _without_kind(path: list[Any]) -> list[Any]:
    """Return the path as written in the file: the checker puts the rule's kind third in it."""
    return path[:2] + path[3:] if path[:1] == ["rules"] and len(path) > 3 else path


def _place(path: list[Any], data: dict[str, Any], text: str) -> str:
    name = ".".join(str(part) for part in path)
    line = 0
    if len(path) > 1 and isinstance(path[1], int):
        starts = [n for n, row in enumerate(text.splitlines(), 1) if row.strip() == f"[[{path[0]}]]"]
        line = starts[path[1]] if path[1] < len(starts) else 0
        rows = data.get(path[0], [])
        row = rows[path[1]] if path[1] < len(rows) else {}
        called = row.get("id") or row.get("name") if isinstance(row, dict) else None
        name = ".".join([f"{path[0]}[{path[1] + 1}]", *(str(p) for p in path[2:])])
        name = f"{name} ({called})" if called else name
    keys = [str(part) for part in path if isinstance(part, str)]
    for number, row_text in enumerate(text.splitlines()[line:], line + 1):
        if line and number > line and row_text.strip().startswith("[["):
            break
        if keys and re.match(rf"\s*{re.escape(keys[-1])}\s*=", row_text):
            line = number
            break
    return f"{name}, line {line}" if line else name
