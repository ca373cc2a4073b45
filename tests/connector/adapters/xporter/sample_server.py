"""Serves exactly the documented rows of tests/data/xporter, and nothing else; and opens the adapter on servers."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask import Flask, Response, request
from pydantic import BaseModel

from connector.adapters.xporter import KIND
from connector.adapters.xporter.adapter import XporterAdapter
from connector.http import HttpConfig
from connector.mock.server import MockServer
from connector.mock.world import MockKind, World
from connector.testing.schools import tiny_school

FOLDER = Path(__file__).parents[3] / "data" / "xporter"
ESTAB = "9991234"
HTTP = HttpConfig(connect_seconds=2.0, read_seconds=5.0, tries=2, longest_wait_seconds=0.02)
INFORMATION = {"tokendetails": "token_details", "queries": "queries", "gdprids": "gdpr_ids"}
FILES = {
    "schoolinfo": "school_info",
    "attendancecodes": "attendance_codes",
    "groups": "groups",
    "studentcontacts": "student_contacts",
    "contacts": "contacts",
    "personcomms": "person_comms",
    "studentenrolmenthistory": "student_enrolment_history",
    "attendancefordate": "attendance_for_date",
}


def sample(name: str) -> dict[str, Any]:
    body: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return body


class Samples:
    """The answers, which a test may change; and what was asked."""

    def __init__(self) -> None:
        self.changes: dict[str, Any] = {}
        """Endpoint in small letters -> another body."""
        self.asked: list[tuple[str, dict[str, str]]] = []

    def body(self, endpoint: str, args: Mapping[str, str]) -> dict[str, Any]:
        if endpoint in self.changes:
            body: dict[str, Any] = self.changes[endpoint]
            return body
        if endpoint == "students":
            if "includeAttMarkString" in args.get("options", ""):
                return sample("students_marks_string")
            first, second = sample("students_page_1"), sample("students_page_2")
            return {"Students": first["Students"] + second["Students"], "meta": first["meta"]}
        if endpoint == "attendancefordaterange":
            return self._marks(args)
        if endpoint == "attendancefordate":
            rows = [r for r in sample("attendance_for_date")["Attendance"] if r["Date"] == args["date"]]
            return {"Attendance": rows, "meta": []}
        return sample(FILES[endpoint])

    def _marks(self, args: Mapping[str, str]) -> dict[str, Any]:
        if args.get("changedRows", "*") != "*":
            return sample("attendance_for_date_range_changed")
        rows = sample("attendance_for_date_range")["Attendance"]
        left = sample("attendance_for_date_range_leavers")["Attendance"]
        rows += [row for row in left if row["StudentId"] == "5103"]
        left_out = {"excludeNoMarks": "-", "excludeClosed": "#"}
        without = {mark for option, mark in left_out.items() if option in args.get("options", "")}
        inside = [
            row
            for row in rows
            if args["DateFrom"] <= row["Date"] <= args["DateTo"] and row["Mark"] not in without
        ]
        changed = sample("attendance_for_date_range_changed")["__changedRows__"]
        return {
            "Attendance": inside,
            "meta": [],
            **({"__changedRows__": changed} if "changedRows" in args else {}),
        }


def make_app(samples: Samples) -> Flask:
    app = Flask(__name__)

    @app.post("/idaas/sts/STS/GetToken")
    def token() -> Response:
        return _json(sample("token"))

    @app.get("/api/v1/<name>")
    def information(name: str) -> Response:
        return _json(samples.changes.get(name.lower()) or sample(INFORMATION[name.lower()]))

    @app.get("/api/v1/School/<_estab>/<endpoint>")
    def data(_estab: str, endpoint: str) -> Response:
        args = request.args.to_dict()
        samples.asked.append((endpoint, args))
        body = samples.body(endpoint.lower(), args)
        whole = next((value for key, value in body.items() if isinstance(value, list) and key != "meta"), [])
        size, number = int(args["pageSize"]), int(args["page"])
        counts = {
            "PageSize": size,
            "PageNumber": number,
            "PageCount": max(1, -(-len(whole) // size)),
            "RowCount": len(whole),
            "NextPage": f"?page={number + 1}&pageSize={size}",
        }
        key = next((key for key, value in body.items() if value is whole), None)
        page = {key: whole[(number - 1) * size : number * size]} if key else {}
        return _json({**body, **page, "__pagination__": [counts]})

    return app


def _json(body: Any) -> Response:
    return Response(json.dumps(body), content_type="application/json; charset=utf-8")


class _NoOptions(BaseModel):
    pass


@contextmanager
def over_samples(**settings: Any) -> Iterator[tuple[XporterAdapter, Samples]]:
    """Open the adapter over the sample answers."""
    samples = Samples()

    def app(_world: World, _options: Any) -> Flask:
        return make_app(samples)

    def own(url: str, _options: Any) -> Mapping[str, Any]:
        return {
            "url": url,
            "token_url": f"{url}/idaas/sts/STS/GetToken",
            "estab": ESTAB,
            "relying_party": "app.example",
        }

    kind = MockKind("samples", "Samples", _NoOptions, {"password": "made-up"}, own, app)
    with MockServer(kind, tiny_school()) as server, opened(server, **settings) as adapter:
        yield adapter, samples


@contextmanager
def opened(server: MockServer, **settings: Any) -> Iterator[XporterAdapter]:
    """Open the adapter on a server."""
    checked = KIND.settings.model_validate({**server.settings, **settings})
    adapter = KIND.open(checked, server.secrets, HTTP)
    assert isinstance(adapter, XporterAdapter)
    try:
        yield adapter
    finally:
        adapter.close()
