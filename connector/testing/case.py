"""What the contract suite must know of an adapter."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol

from connector.adapters.base import Adapter, AdapterKind
from connector.http import HttpConfig
from connector.mock.faults import Faults
from connector.mock.school import MadeUpSchool
from connector.mock.server import MockServer
from connector.mock.world import World

HTTP = HttpConfig(connect_seconds=2.0, read_seconds=5.0, tries=4, longest_wait_seconds=0.02)
"""Impatient, so that the suite is quick."""


class FakeMis(Protocol):
    """A MIS of one's own to test against; ours are ``connector.mock``."""

    today: date
    world: World
    """The school behind it, what was written to it, what it was asked, and its faults."""

    @property
    def settings(self) -> dict[str, Any]: ...

    @property
    def secrets(self) -> dict[str, str]: ...


Serve = Callable[[MadeUpSchool, date, Faults], AbstractContextManager[FakeMis]]


@dataclass(frozen=True)
class AdapterCase:
    """One adapter as the suite tests it."""

    kind: AdapterKind
    settings: Mapping[str, Any] = field(default_factory=dict)
    """Besides those that the server gives."""
    options: Mapping[str, Any] = field(default_factory=dict)
    """Of our own mock server."""
    serve: Serve | None = None
    """Opens a fake MIS over a school on a day; None: our mock of the adapter's name."""
    page_size: Callable[[int], Mapping[str, Any]] = lambda size: {"page_size": size}
    """The settings that make pages so long."""
    lacks: frozenset[str] = frozenset()
    """What the MIS does not hold: "contact.salutation", "mark.comment", "pupil.part_time_from"."""
    wrong_secret: str = "password"  # noqa: S105
    """The secret to spoil for a refused log-in."""
    faults: frozenset[str] = frozenset()
    """Faults of the data that this MIS's mock has, besides those on the wire."""

    @contextmanager
    def mis(
        self, school: MadeUpSchool, *, today: date | None = None, faults: Faults | None = None
    ) -> Iterator[FakeMis]:
        """Open a fake MIS over this school."""
        day, wrong = today or school.last_day, faults or Faults(seed=1)
        if self.serve is not None:
            with self.serve(school, day, wrong) as mis:
                yield mis
            return
        with MockServer(self.kind.name, school, today=day, faults=wrong, options=self.options) as server:
            yield server

    @contextmanager
    def adapter(
        self,
        mis: FakeMis,
        *,
        settings: Mapping[str, Any] | None = None,
        secrets: Mapping[str, str] | None = None,
        http: HttpConfig = HTTP,
    ) -> Iterator[Adapter]:
        """Open the adapter on a fake MIS."""
        given = {**mis.settings, **self.settings, **(settings or {})}
        checked = self.kind.settings.model_validate(given)
        adapter = self.kind.open(checked, {**mis.secrets, **(secrets or {})}, http)
        try:
            yield adapter
        finally:
            adapter.close()
