"""A mock Arbor with the adapter on it, changed as staff would change it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import pytest
import requests

from connector.adapters.arbor import KIND
from connector.adapters.base import Adapter
from connector.mock.school import MadeUpSchool
from connector.mock.server import MockServer
from connector.testing.case import AdapterCase
from connector.testing.pulled import Pulled, mark_rows, pupil_differences

LACKS = frozenset({"contact.salutation"})
BOTH = pytest.mark.parametrize("reads", ["graphql", "rest"])


@contextmanager
def arbor(
    school: MadeUpSchool, *, today: date | None = None, options: dict[str, Any] | None = None, **settings: Any
) -> Iterator[tuple[MockServer, Adapter]]:
    """Return a mock Arbor and an adapter on it."""
    case = AdapterCase(KIND, settings=settings)
    with MockServer("arbor", school, today=today, options=options) as server, case.adapter(server) as adapter:
        yield server, adapter


def put(server: MockServer, path: str, body: dict[str, Any], method: str = "PUT") -> dict[str, Any]:
    """Change something in Arbor as staff would."""
    auth = (server.secrets["username"], server.secrets["password"])
    answer = requests.request(
        method, f"{server.url}/rest-v2/{path}", json={"request": body}, auth=auth, timeout=5
    )
    assert answer.status_code in (200, 201, 204), answer.text
    return dict(answer.json()) if answer.content else {}


def agree(pulled: Pulled, school: MadeUpSchool, day: date) -> None:
    assert not pupil_differences(school.pupils_known(day), pulled.pupils.values(), LACKS)
    assert mark_rows(pulled.marks.values(), LACKS) == mark_rows(school.marks_known(day), LACKS)
