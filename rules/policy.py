"""A school's attendance policy as data: a TOML pack, loaded and checked as a whole.

A pack names its bands, colours and rules; each rule cites its clause. Amounts and deadlines of penalty notices are the
law's (:mod:`rules.law`). There is no expression language: a rule's ``kind`` picks one of the conditions in
:mod:`rules.kinds`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction
from functools import cache, cached_property
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

from rules.checks.pack_faults import faults_of, text_faults
from rules.files.held import read_file, what_to_do, why
from rules.kinds import CONDITIONS
from rules.rule import NAME, PackModel, Rule
from rules.rule.assumed import PackAssumed
from rules.rule.figures import fill
from rules.school import Nation
from rules.statistics import shown_percent
from rules.thresholds import Interval

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


Check = Callable[["Policy"], Iterable[str]]
"""What else to look at in a pack: faults, each as "rules.2.note: what"."""


class Band(PackModel):
    """A named stretch of attendance, with the words and colour that letters and reports use."""

    name: Annotated[str, Field(min_length=1)]
    attendance: Range
    label: str = ""
    """The stretch as families read it, where it should read otherwise than "95 to 96.9%"."""
    letter_name: str = ""
    """Another name for letters, where the policy uses one."""

    @property
    def range(self) -> str:
        """The stretch as families read it: "95 to 96.9%"."""
        return self.label or self.attendance.label


class PackList(PackModel):
    """A list of the officer's digest, named by outcomes such as "list:welfare"."""

    name: Annotated[str, Field(pattern=f"^{NAME}$")]
    title: Annotated[str, Field(min_length=1)]
    instruction: Annotated[str, Field(min_length=1)]
    """What the officer does with it."""
    visit_unless_reached: tuple[
        Literal["child_protection", "looked_after", "social_worker", "persistent"], ...
    ] = ()
    """Of the list of calls: pupils for whom the policy has a home visit on the very day when nobody answers."""


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
    review_by: date | None = None
    """The day by which the governors look at the policy again; None where its text names none."""
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
    reply_school_days: Annotated[int, Field(ge=1, le=100)] = 5
    """School days that a family has to answer a letter that asks for one."""
    notes: tuple[str, ...] = ()
    other_readings: tuple[str, ...] = ()
    """Readings of the text as a whole that were not taken, where it contradicts itself."""
    assumed: PackAssumed = PackAssumed()
    """What the text gives no figure for, outside the rules."""
    bands: Annotated[tuple[Band, ...], Field(min_length=1)]
    colours: tuple[Colour, ...] = ()
    lists: tuple[PackList, ...] = ()
    """The lists that outcomes name; one left out is shown under its name. Their texts take the figures that all rules with the list have in common."""
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
        faults = list(faults_of(self))
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

    def list_named(self, name: str) -> PackList | None:
        """Return the list of that name with its texts filled; None where the pack does not describe it."""
        own = next((one for one in self.lists if one.name == name), None)
        if own is None:
            return None
        figures = self.figures_of_list(name)
        texts = {"title": fill(own.title, figures), "instruction": fill(own.instruction, figures)}
        return own.model_copy(update=texts)

    @cached_property
    def undescribed_lists(self) -> tuple[str, ...]:
        """The lists that outcomes name and ``lists`` does not describe, each once."""
        described = {one.name for one in self.lists}
        named = (outcome.name for rule in self.rules for outcome in rule.outcomes if outcome.kind == "list")
        return tuple(dict.fromkeys(name for name in named if name not in described))

    def figures_of_list(self, name: str) -> dict[str, str]:
        """Return the figures in words that every rule of a list has, and has alike."""
        each = [
            rule.figures()
            for rule in self.rules
            if any(outcome.kind == "list" and outcome.name == name for outcome in rule.outcomes)
        ]
        return {k: v for k, v in each[0].items() if all(one.get(k) == v for one in each)} if each else {}

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


def lists_of(policies: Sequence[Policy]) -> dict[str, PackList]:
    """Return every list of a school's policies by name, in their order; one that two have is the first one's."""
    lists: dict[str, PackList] = {}
    for policy in policies:
        for one in policy.lists:
            filled = policy.list_named(one.name)
            if filled:
                lists.setdefault(one.name, filled)
    return lists


def load_policy(source: str | Path, *checks: Check) -> Policy:
    """Given a shipped pack's id or the path of a TOML file, return the checked policy. Raise PolicyError.

    ``checks`` are what its reader asks of it besides, such as that its notes can be filled.
    """
    if isinstance(source, str) and re.fullmatch(NAME, source):
        if source not in shipped_policies():
            known = ", ".join(shipped_policies())
            raise PolicyError(
                source, [("policy", f"no shipped policy has this name: use one of {known}, or a file")]
            )
        return _shipped(
            source, checks
        ).model_copy()  # what a policy works out of itself it keeps: each its own
    path = Path(source)
    try:
        return parse_policy(read_file(path).decode("utf-8-sig"), path.name, *checks)
    except OSError as error:
        words = filter(None, ("cannot be read", why(error), what_to_do(error, "")))
        raise PolicyError(path.name, [("file", ": ".join(words))]) from error
    except UnicodeDecodeError as error:
        raise PolicyError(
            path.name, [("file", f"is not UTF-8 at byte {error.start}: save it as UTF-8")]
        ) from error


@cache
def _shipped(name: str, checks: tuple[Check, ...]) -> Policy:
    """Return a shipped pack, read and checked once in a process. Raise PolicyError."""
    text = files("rules").joinpath("policies", f"{name}.toml").read_text(encoding="utf-8")
    return parse_policy(text, f"{name}.toml", *checks)


def parse_policy(text: str, source: str, *checks: Check) -> Policy:
    """Given a pack's TOML text, return the checked policy. Raise PolicyError with every finding."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise PolicyError(source, [("file", f"is not TOML: {error}")]) from error
    try:
        policy = Policy.model_validate(data)
    except ValidationError as error:
        raise PolicyError(source, list(_findings(error, data, text))) from error
    faults = [fault for check in (text_faults, *checks) for fault in check(policy)]
    if faults:
        raise PolicyError(source, [_placed(fault, data, text) for fault in faults])
    return policy


def _findings(error: ValidationError, data: dict[str, Any], text: str) -> Iterator[tuple[str, str]]:
    """Yield each fault with a place a person can find: the path, the rule's id, and the line where it is known."""
    for fault in error.errors():
        message = str(fault["msg"]).removeprefix("Value error, ")
        path = _without_kind(list(fault["loc"]))
        if path:
            yield _place(path, data, text), message
            continue
        yield from (_placed(line, data, text) for line in message.split("\n"))


def _placed(fault: str, data: dict[str, Any], text: str) -> tuple[str, str]:
    """Given "rules.2.title: what", return the place as a person finds it, and what."""
    where, _, what = fault.partition(": ")
    return _place([int(p) if p.isdigit() else p for p in where.split(".")], data, text), what


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
    else:
        line = next((n for n, row in enumerate(text.splitlines(), 1) if row.strip() == f"[{path[0]}]"), 0)
    keys = [str(part) for part in path if isinstance(part, str)]
    for number, row_text in enumerate(text.splitlines()[line:], line + 1):
        if row_text.strip().startswith("["):
            break  # the next table
        if keys and re.match(rf"\s*{re.escape(keys[-1])}\s*=", row_text):
            line = number
            break
    return f"{name}, line {line}" if line else name
