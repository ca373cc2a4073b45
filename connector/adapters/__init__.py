"""Find adapters, shipped ones and those of other packages, by entry point."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from importlib.util import find_spec

from connector.adapters.base import AdapterKind
from connector.errors import ConfigError

GROUP = "attendance_connector.adapters"
"""The entry point group; each entry names an AdapterKind."""

_OWN = ("arbor", "folder", "sims", "wonde", "xporter")


@cache
def adapter_kinds() -> Mapping[str, AdapterKind]:
    """Return every adapter on this machine by name, sorted.

    The shipped ones are found even when the program runs from its source tree and has no entry points. Raises
    ConfigError for an entry of another package that cannot be loaded or is no adapter.
    """
    kinds: dict[str, AdapterKind] = {}
    for name in _OWN:
        module = f"connector.adapters.{name}"
        own = getattr(import_module(module), "KIND", None) if find_spec(module) else None
        if isinstance(own, AdapterKind):
            kinds[name] = own
    for entry in entry_points(group=GROUP):
        if entry.name in kinds:
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
        kinds[entry.name] = kind
    return dict(sorted(kinds.items()))
