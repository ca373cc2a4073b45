"""Read `config.toml`: every fault at once, each with the path to its key and what to do."""

from __future__ import annotations

import tomllib
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from connector.adapters import adapter_kinds
from connector.adapters.base import AdapterKind
from connector.config.file import Config
from connector.config.findings import findings_of, key_path, unknown_key
from connector.config.logic import logical_findings
from connector.config.times import is_zone
from connector.errors import ConfigError, Finding, did_you_mean
from rules.files.held import read_file, what_to_do, why


@dataclass(frozen=True, slots=True)
class Reading:
    """What could be read of a configuration file, and what is wrong with it."""

    config: Config | None
    """Without the faulty keys where the rest still makes a configuration; None where it does not."""
    findings: list[Finding]


def load_config(path: Path) -> Config:
    """Given the path of a TOML file, return the configuration. Raise ConfigError with every finding."""
    reading = read_config(path)
    faults = [finding for finding in reading.findings if finding.severity == "error"]
    if faults or reading.config is None:
        raise ConfigError(faults)
    return reading.config


def read_config(path: Path) -> Reading:
    """Read as much of a configuration as can be read, for `check`, which goes on past a first fault."""
    data, fault = _parse(path)
    if fault:
        return Reading(None, [fault])
    _hand_down(data)
    config, findings = _validate(data, path)
    settings, more = _mis_settings(data, path)
    findings += more
    if config is not None:
        config._path = path
        for index, school in enumerate(config.schools):
            if index in settings:
                school.mis.set_settings(settings[index])
        findings += logical_findings(config)
        if len(settings) < len(config.schools):
            config = None
    return Reading(config, findings)


def _parse(path: Path) -> tuple[dict[str, Any], Finding | None]:
    name = str(path)
    try:
        return tomllib.loads(read_file(path).decode("utf-8-sig")), None
    except FileNotFoundError:
        return {}, Finding(name, "does not exist", "write it with 'attendance-connector init'")
    except OSError as error:
        fix = what_to_do(error, "check the path and its permissions")
        return {}, Finding(name, f"cannot be read: {why(error)}", fix)
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        return {}, Finding(f"{name} line {line}", "is not UTF-8 text", "save the file as UTF-8")
    except tomllib.TOMLDecodeError as error:
        return {}, Finding(name, f"is not TOML: {error}", "correct that line; text must be in quotes")


def _hand_down(data: dict[str, Any]) -> None:
    """Let schools have the service's time zone, and let an absent [service] be an empty one."""
    service = data.setdefault("service", {})
    if not isinstance(service, dict) or not isinstance(data.get("school"), list):
        return
    zone = service.get("time_zone")
    if not isinstance(zone, str) or not is_zone(zone):
        return
    for school in data["school"]:
        if isinstance(school, dict):
            school.setdefault("time_zone", zone)


def _validate(data: dict[str, Any], path: Path) -> tuple[Config | None, list[Finding]]:
    """Validate; when keys are faulty, validate once more without them, so that the rest can be looked at as well."""
    context = {"base": path.resolve().parent}
    try:
        return Config.model_validate(data, context=context), []
    except ValidationError as error:
        findings = findings_of(error, Config, str(path))
        rest = deepcopy(data)
        for details in reversed(error.errors(include_url=False)):
            _take_out(rest, details["loc"])
        try:
            return Config.model_validate(rest, context=context), findings
        except ValidationError:
            return None, findings


def _take_out(data: Any, loc: tuple[str | int, ...]) -> None:
    """Take one key or list item out of nested tables; a path that leads nowhere changes nothing."""
    *path, last = loc
    try:
        for step in path:
            data = data[step]
        del data[last]
    except (KeyError, IndexError, TypeError):
        return


def _mis_settings(data: dict[str, Any], path: Path) -> tuple[dict[int, BaseModel], list[Finding]]:
    """Check each school's `[school.mis]` table with its adapter's own model."""
    kinds = adapter_kinds()
    settings: dict[int, BaseModel] = {}
    findings: list[Finding] = []
    schools = data.get("school")
    for index, school in enumerate(schools if isinstance(schools, list) else []):
        table = school.get("mis") if isinstance(school, dict) else None
        if not isinstance(table, dict) or not isinstance(table.get("adapter"), str):
            continue
        prefix = key_path(("school", index, "mis"))
        kind = kinds.get(table["adapter"])
        if kind is None:
            fix = did_you_mean(table["adapter"], kinds)
            findings.append(Finding(f"{path}: {prefix}.adapter", "is not a known adapter", fix))
            continue
        own = {key: value for key, value in table.items() if key != "adapter"}
        misplaced = _misplaced(own, kind, str(path), prefix)
        findings += misplaced
        try:
            known = {key: value for key, value in own.items() if key in _keys(kind)}
            columns = school.get("columns")
            context = {"base": path.resolve().parent, "columns": columns if isinstance(columns, dict) else {}}
            settings[index] = kind.settings.model_validate(known, context=context)
        except ValidationError as error:
            findings += findings_of(error, kind.settings, str(path), prefix)
    return settings, findings


def _keys(kind: AdapterKind) -> set[str]:
    return {field.alias or name for name, field in kind.settings.model_fields.items()}


def _misplaced(table: dict[str, Any], kind: AdapterKind, file: str, prefix: str) -> list[Finding]:
    """Return findings for keys that the adapter does not know; a secret gets its own, since it must not be in a file."""
    secrets = {secret.name for secret in kind.secrets}
    findings = []
    for key in table:
        if key in secrets:
            findings.append(
                Finding(
                    f"{file}: {prefix}.{key}",
                    "is a secret and must not be in a file",
                    f"take the line out, change the secret, and store it with 'attendance-connector credentials set {key}'",
                )
            )
        elif key not in _keys(kind):
            findings.append(unknown_key(file, f"{prefix}.{key}", key, _keys(kind)))
    return findings
