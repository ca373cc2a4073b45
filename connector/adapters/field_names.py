"""A MIS's own fields, read from ``fields.toml`` in the adapter's folder, so that they can be corrected there.

One entry a field, under the name that we give it::

    [Students]
    pupil_id = "Id"                                            # required, its name from a document
    upn = { name = "UPN", need = "optional", scope = "UPN" }    # not every school grants it
    fsm = { name = ["FSMEligible", "FsmEligible"], need = "optional" }    # whichever is there; case never matters
    half = { name = "session", sure = "assumed" }               # required; no document gives the name
    court_order = { need = "absent", why = "in no list of fields" }       # this MIS does not have it
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal, cast, get_args

from connector.errors import ConfigError, Finding, did_you_mean

Need = Literal["required", "optional", "absent"]
Sure = Literal["documented", "assumed"]
_KEYS = ("name", "need", "sure", "scope", "why")


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a table of a MIS."""

    ours: str
    names: tuple[str, ...]
    """The MIS's spellings of it, the usual one first; empty for a field that it does not have."""
    need: Need = "required"
    """Without a required field nothing can be read; an optional one that is not there is an empty value that is not
    known; an absent one is in no answer of this MIS and is never looked for."""
    sure: Sure = "documented"
    scope: str = ""
    """The permission that would give it, in the MIS's own words."""
    why: str = ""

    @property
    def called(self) -> str:
        """The field's name for a message."""
        return " or ".join(self.names)


@cache
def field_file(package: str) -> Mapping[str, Any]:
    """Return the whole fields.toml of an adapter's package."""
    return tomllib.loads(files(package).joinpath("fields.toml").read_text(encoding="utf-8"))


@cache
def fields_of(package: str, table: str) -> Mapping[str, Field]:
    """Return the fields of one table by our names. Raise ConfigError with every entry that is wrong."""
    return read_fields(field_file(package)[table], f"{package.replace('.', '/')}/fields.toml: {table}")


@cache
def field_names(package: str, table: str) -> Mapping[str, str]:
    """Return our name -> the MIS's usual name for one table, less the fields that the MIS does not have."""
    return {ours: field.names[0] for ours, field in fields_of(package, table).items() if field.names}


def read_fields(entries: Mapping[str, object], where: str) -> dict[str, Field]:
    """Given a table of fields.toml, return its fields by our names. Raise ConfigError with every entry that is wrong.

    ``where``: the file and the table, for the messages.
    """
    findings: list[Finding] = []
    fields = {}
    for ours, entry in entries.items():
        parts = {"name": entry} if isinstance(entry, str) else entry
        faults = list(_faults(parts))
        findings += [Finding(f"{where}.{ours}", message, fix) for message, fix in faults]
        if not faults:
            fields[ours] = _field(ours, cast(Mapping[str, Any], parts))
    if findings:
        raise ConfigError(findings)
    return fields


def _field(ours: str, parts: Mapping[str, Any]) -> Field:
    named = parts.get("name", [])
    names = (named,) if isinstance(named, str) else tuple(named)
    rest = {key: parts[key] for key in _KEYS[1:] if key in parts}
    return Field(ours, names, **rest)


def _faults(parts: object) -> list[tuple[str, str]]:
    """Return what is wrong with one entry, each with what to do."""
    if not isinstance(parts, Mapping):
        return [("is neither a name nor a table", 'write the name in quotes, or { name = "…", need = "…" }')]
    faults = [(f"unknown key {key!r}", did_you_mean(str(key), _KEYS)) for key in parts if key not in _KEYS]
    for key, allowed in (("need", get_args(Need)), ("sure", get_args(Sure))):
        if parts.get(key, allowed[0]) not in allowed:
            faults.append((f"{key} is none of {', '.join(allowed)}", "correct it"))
    faults += [
        (f"{key} is not a text", "write it in quotes")
        for key in ("scope", "why")
        if not isinstance(parts.get(key, ""), str)
    ]
    named = parts.get("name", [])
    names = [named] if isinstance(named, str) else named
    if not isinstance(names, list) or not all(isinstance(name, str) and name for name in names):
        faults.append(
            ("name is neither a text nor a list of texts", "write the MIS's name of the field in quotes")
        )
    elif parts.get("need") == "absent" and names:
        faults.append(("is absent and has a name", "take the name out, or write what it is needed for"))
    elif parts.get("need") != "absent" and not names:
        faults.append(("has no name", 'give the MIS\'s name of it, or need = "absent"'))
    return faults
