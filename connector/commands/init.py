"""`init`: a commented `config.toml`, by asking or from flags."""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from connector.adapters import adapter_kinds
from connector.adapters.base import AdapterKind
from connector.commands.shared.options import ConfigPath
from connector.commands.shared.output import say, say_on_stderr
from connector.config import SchoolConfig, read_config
from connector.config.example import config_text
from connector.config.findings import example_of
from connector.config.logic import STATUTORY
from connector.errors import ConfigError, did_you_mean, finding_line
from letters.school_details import LettersConfig
from rules.policy import load_policy, shipped_policies


def init(
    config: ConfigPath = None,
    school_id: Annotated[str | None, typer.Option(help="Short name: small letters, digits, dashes.")] = None,
    name: Annotated[str | None, typer.Option(help="The school's name as letters show it.")] = None,
    telephone: Annotated[str | None, typer.Option(help="The school's telephone number.")] = None,
    nation: Annotated[str | None, typer.Option(help="england or wales.")] = None,
    policy: Annotated[
        list[str] | None,
        typer.Option(
            help="A shipped policy, or the path of your own; may be repeated. england-2024 goes with an English school's."
        ),
    ] = None,
    mis: Annotated[str | None, typer.Option(help="arbor, sims, xporter, wonde or folder.")] = None,
    setting: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="A setting of the MIS's table; may be repeated."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite an existing file.")] = False,
    no_input: Annotated[bool, typer.Option("--no-input", help="Ask nothing.")] = False,
) -> None:
    """Write a commented configuration. What is not given as a flag is asked for on a terminal."""
    path = config or Path("config.toml")
    if path.exists() and not force:
        raise ConfigError(f"{path} exists already", fix="edit it, or overwrite it with --force")
    ask = sys.stdin.isatty() and not no_input
    kind = _kind(mis or _asked("mis", "Which MIS (arbor, sims, xporter, wonde, folder)", "arbor", ask))
    given = {"id": school_id, "name": name, "nation": nation, "policy": _with_the_law(policy, nation)}
    school = dict(_answers(SchoolConfig, given, ask))
    letters = dict(_answers(LettersConfig, {"telephone": telephone}, ask))
    settings = dict(_settings(kind.settings, setting or []))
    own = dict(_answers(kind.settings, settings, ask))
    chosen = {"school": {**school, "letters": letters}, "mis": {"adapter": kind.name, **own}}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(config_text(chosen), encoding="utf-8", newline="\n")
    say(f"Wrote {path}")
    for key in [
        *_unanswered(SchoolConfig, school),
        *_unanswered(LettersConfig, letters),
        *_unanswered(kind.settings, own),
    ]:
        say_on_stderr(f"{path}: {key} still holds the example: put your own value there")
    for finding in read_config(path).findings:
        say_on_stderr(finding_line(finding))
    _next_steps(kind, path, config is not None)


def _with_the_law(policies: list[str] | None, nation: str | None) -> list[str] | None:
    """Return the policies asked for, with the law's own pack for an English school."""
    if not policies or STATUTORY in policies or nation == "wales":
        return policies
    welsh = any(name in shipped_policies() and load_policy(name).nation == "wales" for name in policies)
    return policies if welsh else [*policies, STATUTORY]


def _kind(name: str) -> AdapterKind:
    kinds = adapter_kinds()
    if name not in kinds:
        raise ConfigError(f"there is no adapter '{name}'", fix=did_you_mean(name, kinds))
    return kinds[name]


def _answers(model: type[BaseModel], given: dict[str, Any], ask: bool) -> Iterator[tuple[str, Any]]:
    """Yield values of a table's keys: as given, else asked for where the key is required."""
    for key, field in _scalars(model):
        if given.get(key) is not None:
            yield key, given[key]
        elif field.is_required() and ask:
            yield (
                key,
                _typed(field, _asked(key, (field.description or key).rstrip("."), _example(field), ask)),
            )


def _unanswered(model: type[BaseModel], answers: dict[str, Any]) -> list[str]:
    return [key for key, field in _scalars(model) if field.is_required() and key not in answers]


def _scalars(model: type[BaseModel]) -> Iterator[tuple[str, FieldInfo]]:
    for name, field in model.model_fields.items():
        if not (isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel)):
            yield field.alias or name, field


def _example(field: FieldInfo) -> str:
    example = example_of(field)
    return "" if example is None else str(example)


def _asked(key: str, question: str, default: str, ask: bool) -> str:
    return str(typer.prompt(f"{question} [{key}]", default=default or None)) if ask else default


def _settings(model: type[BaseModel], pairs: list[str]) -> Iterator[tuple[str, Any]]:
    fields = dict(_scalars(model))
    for pair in pairs:
        key, sign, value = pair.partition("=")
        if not sign:
            raise ConfigError(f"--set {pair} has no value", fix="write it as KEY=VALUE")
        if key not in fields:
            raise ConfigError(f"--set {key} is not a setting of this MIS", fix=did_you_mean(key, fields))
        yield key, _typed(fields[key], value)


def _typed(field: FieldInfo, value: str) -> Any:
    """Return a typed answer as TOML would hold it: a number or a truth value stays one unless the key wants text."""
    if field.annotation is str:
        return value
    try:
        return tomllib.loads(f"value = {value}")["value"]
    except tomllib.TOMLDecodeError:
        return value


def _next_steps(kind: AdapterKind, path: Path, named: bool) -> None:
    option = f" --config {path}" if named else ""
    for secret in kind.secrets:
        say(f"Next: attendance-connector credentials set {secret.name}{option}")
    say(f"Then: attendance-connector check{option}")
