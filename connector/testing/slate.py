"""Slate: a small made-up MIS on loopback, to start an adapter of one's own from (docs/writing-an-adapter.md).

::

    python -m connector.testing.slate --port 8090 --files supply    serves six pupils, and writes them as a register folder
    python -m connector.testing.slate --copy tests/fake_mis.py      this file, to be made into a fake of another MIS

It gives the school, codes, pupils and marks as JSON in numbered pages, takes notes, and has neither calendar nor
contacts nor documents.
"""

from __future__ import annotations

import argparse
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from flask import Flask, abort, jsonify, request
from flask.typing import ResponseReturnValue
from pydantic import BaseModel

from connector.mock.faults import Faults
from connector.mock.register_folder import write_register_folder
from connector.mock.school import MadeUpSchool, make_school
from connector.mock.server import MockServer
from connector.mock.world import MockKind, World
from connector.mock.written import WrittenNote
from rules.codes import code_set_on
from rules.school import Pupil

TOKEN = "slate-test-token"  # noqa: S105 - made up, and good for this fake alone


def make_app(world: World, options: BaseModel) -> Flask:  # noqa: ARG001 - each fake takes its options
    """Return Slate as a web application over a made-up school."""
    app = Flask("fake-slate")

    @app.before_request
    def log_in() -> None:
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            abort(401)

    @app.get("/school")
    def school() -> ResponseReturnValue:
        details = world.school.details
        return jsonify(id="1", name=details.name, urn=details.urn)

    @app.get("/codes")
    def codes() -> ResponseReturnValue:
        held = code_set_on(world.school.nation, world.today).codes
        return jsonify([{"code": code, "meaning": ""} for code in held])

    @app.get("/pupils")
    def pupils() -> ResponseReturnValue:
        return page([pupil_row(pupil) for pupil in world.school.pupils_known(world.today)])

    @app.get("/marks")
    def marks() -> ResponseReturnValue:
        start, end = (date.fromisoformat(request.args[name]) for name in ("start", "end"))
        return page(
            [
                {
                    "pupil": mark.pupil_id,
                    "date": mark.date.isoformat(),
                    "half": mark.half,
                    "code": mark.code,
                    "minutes": mark.minutes_late,
                }
                for mark in world.school.marks_known(world.today, ahead=True)
                if start <= mark.date <= end
            ]
        )

    @app.get("/pupils/<pupil_id>")
    def pupil(pupil_id: str) -> ResponseReturnValue:
        return jsonify(pupil_row(known(pupil_id)))

    @app.get("/pupils/<pupil_id>/notes")
    def notes(pupil_id: str) -> ResponseReturnValue:
        held = world.written.notes(known(pupil_id).pupil_id)
        return jsonify([{"id": n.note_id, "heading": n.summary, "text": n.text} for n in held])

    @app.post("/pupils/<pupil_id>/notes")
    def write(pupil_id: str) -> ResponseReturnValue:
        body = request.get_json()
        note = WrittenNote(
            note_id=str(len(world.written.notes()) + 1),
            pupil_id=known(pupil_id).pupil_id,
            summary=body["heading"],
            text=body["text"],
            date=date.fromisoformat(body["date"]),
            shared=body["parents_may_read"],
        )
        if not world.faults.strikes("no-effect"):
            world.written.keep_note(note)
        return jsonify(id=note.note_id), 201

    def known(pupil_id: str) -> Pupil:
        held = [one for one in world.school.pupils_known(world.today) if one.pupil_id == pupil_id]
        return held[0] if held else abort(404)

    return app


def page(rows: list[dict[str, Any]]) -> ResponseReturnValue:
    """Return the page that the request asks for, of so many rows, and whether another follows."""
    number, size = int(request.args["page"]), int(request.args["size"])
    return jsonify(rows=rows[(number - 1) * size : number * size], more=number * size < len(rows))


def pupil_row(pupil: Pupil) -> dict[str, Any]:
    """Return a pupil in Slate's own words."""
    days = {"born": pupil.date_of_birth, "joined": pupil.on_roll_from, "left": pupil.on_roll_to}
    return {
        "id": pupil.pupil_id,
        "upn": pupil.upn,
        "first_name": pupil.legal_forename,
        "last_name": pupil.legal_surname,
        "year": pupil.year_group,
        "form": pupil.registration_group,
        **{name: day and day.isoformat() for name, day in days.items()},
    }


class NoOptions(BaseModel):
    """This fake has no awkward habits to switch on."""


SLATE = MockKind(
    name="slate",
    title="Slate",
    options=NoOptions,
    secrets={"token": TOKEN},
    settings=lambda url, _options: {"url": url},
    make_app=make_app,
)


@contextmanager
def serve(school: MadeUpSchool, today: date, faults: Faults) -> Iterator[MockServer]:
    """Open Slate over a school on a day: what the contract suite asks of a fake MIS."""
    with MockServer(SLATE, school, today=today, faults=faults) as server:
        yield server


def main(arguments: Sequence[str] | None = None, stop: threading.Event | None = None) -> None:
    """Serve Slate until interrupted, having printed one line of JSON with its address and token; or copy this file."""
    parser = argparse.ArgumentParser(prog="python -m connector.testing.slate", description=main.__doc__)
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1; without it a free one")
    parser.add_argument("--pupils", type=int, default=6, help="how many made-up pupils")
    parser.add_argument(
        "--files", type=Path, metavar="DIR", help="write the same school as a register folder"
    )
    parser.add_argument("--copy", type=Path, metavar="FILE", help="write this file there, and serve nothing")
    asked = parser.parse_args(arguments)
    if asked.copy:
        asked.copy.parent.mkdir(parents=True, exist_ok=True)
        asked.copy.write_bytes(Path(__file__).read_bytes())
        return
    school = make_school(pupils=asked.pupils, weeks=8, seed=1)
    if asked.files:
        write_register_folder(asked.files, school, school.last_day)
    until = stop or threading.Event()
    with MockServer(SLATE, school, port=asked.port) as server:
        sys.stdout.write(server.announcement() + "\n")
        sys.stdout.flush()
        try:
            while not until.wait(0.5):
                pass  # a wait without end cannot be interrupted on Windows
        except KeyboardInterrupt:
            return


if __name__ == "__main__":
    main()
