"""Answers in the documented shape (tests/data/xporter), and a plain client of the mock."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import requests

from connector.mock.school import MadeUpSchool, make_school
from connector.mock.server import MockServer
from connector.mock.xporter.app import PASSWORD, RELYING_PARTY
from connector.mock.xporter.endpoint_rows import ESTAB

FOLDER = Path(__file__).parents[3] / "data" / "xporter"


def answer(name: str) -> dict[str, Any]:
    """Return one of the sample answers."""
    found: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return found


@cache
def school() -> MadeUpSchool:
    """Forty pupils and five weeks, some of whom left, with marks of every kind."""
    return make_school(pupils=40, weeks=5, seed=5, returners=1)


@dataclass
class Caller:
    """Asks a mock as any client would, and returns bodies as they come."""

    url: str
    token: str = ""

    def sign_in(self, **changes: Any) -> dict[str, Any]:
        """Ask for a token and keep it."""
        asked = {
            "estab": ESTAB,
            "relyingParty": RELYING_PARTY,
            "password": PASSWORD,
            "thirdpartyid": "XporterOnDemand",
        }
        body: dict[str, Any] = requests.post(
            f"{self.url}/idaas/sts/STS/GetToken", json={**asked, **changes}, timeout=10
        ).json()
        self.token = body["token"] or ""
        return body

    def get(self, path: str, params: Mapping[str, Any] | None = None) -> requests.Response:
        """Ask for a path under /api/v1/."""
        header = {"Authorization": f"Idaas {self.token}"}
        return requests.get(f"{self.url}/api/v1/{path}", params=params, headers=header, timeout=30)

    def school(self, endpoint: str, **params: Any) -> dict[str, Any]:
        """Ask for an endpoint of the school's data."""
        body: dict[str, Any] = self.get(f"School/{ESTAB}/{endpoint}", params).json()
        return body

    def post(self, path: str, body: Any) -> dict[str, Any]:
        """Send a body to a path under /api/v1/."""
        header = {"Authorization": f"Idaas {self.token}"}
        found: dict[str, Any] = requests.post(
            f"{self.url}/api/v1/{path}", json=body, headers=header, timeout=30
        ).json()
        return found


@contextmanager
def served(made_up: MadeUpSchool | None = None, **options: Any) -> Iterator[tuple[MockServer, Caller]]:
    """Open a mock over the school, and a caller who has signed in."""
    with MockServer("xporter", made_up or school(), options=options) as server:
        caller = Caller(server.url)
        caller.sign_in()
        yield server, caller
