"""Find adapters, shipped ones and those of other packages, by entry point."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from importlib.util import find_spec
from typing import Any

from pydantic import ValidationError

from connector.adapters.base import Adapter, AdapterKind
from connector.errors import ConfigError, Finding
from connector.http import HttpConfig

GROUP = "attendance_connector.adapters"
"""The entry point group; each entry names an AdapterKind."""

_OWN = ("arbor", "folder", "sims", "wonde", "xporter")


@cache
def adapter_kinds() -> Mapping[str, AdapterKind]:
    """Return every adapter on this machine by name, sorted.

    The shipped ones are found even when the program runs from its source tree and has no entry points. Raises
    ConfigError for an entry of another package that cannot be loaded or is no adapter.
    """
    found: dict[str, AdapterKind] = {}
    for name in _OWN:
        module = f"connector.adapters.{name}"
        own = getattr(import_module(module), "KIND", None) if find_spec(module) else None
        if isinstance(own, AdapterKind):
            found[name] = own
    for entry in entry_points(group=GROUP):
        if entry.name in found:
            continue
        try:
            kind = entry.load()
        except Exception as error:
            raise ConfigError(
                f"the adapter '{entry.name}' cannot be loaded ({type(error).__name__})",
                fix="update or uninstall the package that brings it",
            ) from error
        if not isinstance(kind, AdapterKind):
            raise ConfigError(
                f"the entry point '{entry.name}' is not an AdapterKind", fix="see docs/writing-an-adapter.md"
            )
        found[entry.name] = kind
    return dict(sorted(found.items()))


def open_adapter(
    name: str, settings: Mapping[str, Any], secrets: Mapping[str, str], http: HttpConfig | None = None
) -> Adapter:
    """Check settings and secrets and open an adapter that has sent nothing yet. Raises ConfigError with all findings."""
    kind = adapter_kinds().get(name)
    if kind is None:
        raise ConfigError(f"no adapter is called '{name}'", fix=f"choose one of {', '.join(adapter_kinds())}")
    findings = [
        Finding(f"{name}: secret {secret.name}", "is not set", "set it with `credentials set`")
        for secret in kind.secrets
        if not secrets.get(secret.name)
    ]
    try:
        checked = kind.settings.model_validate(dict(settings))
    except ValidationError as error:
        findings += [
            Finding(f"{name}: {'.'.join(str(part) for part in problem['loc']) or 'settings'}", problem["msg"])
            for problem in error.errors(include_input=False, include_url=False)
        ]
    if findings:
        raise ConfigError(findings)
    return kind.open(checked, secrets, http or HttpConfig())
