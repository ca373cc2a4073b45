"""The page-free look into a mock MIS: JSON under ``/mock/``, without credentials, on loopback only."""

from __future__ import annotations

import dataclasses
from datetime import date
from typing import Any

from flask import Blueprint, Response, abort, jsonify, request

from connector.mock.world import World
from connector.mock.written import WrittenDocument, WrittenNote


def pages(world: World) -> Blueprint:
    """Return the pages that show what was written and asked, and set the day and the faults."""
    look = Blueprint("mock", __name__, url_prefix="/mock")

    @look.get("/")
    def index() -> Response:
        school = world.school
        return jsonify(
            school=school.details.name,
            pupils=len(school.pupils),
            first_day=school.first_day.isoformat(),
            last_day=school.last_day.isoformat(),
            today=world.today.isoformat(),
            notes=len(world.written.notes()),
            documents=len(world.written.documents()),
            requests=len(world.requests),
            faults=world.faults.state(),
        )

    @look.get("/pupils")
    def pupils() -> Response:
        return jsonify([pupil.pupil_id for pupil in world.school.pupils_known(world.today)])

    @look.get("/pupils/<pupil_id>")
    def pupil(pupil_id: str) -> Response:
        found = [p for p in world.school.pupils_known(world.today) if p.pupil_id == pupil_id]
        if not found:
            abort(404)
        return jsonify({**dataclasses.asdict(found[0]), "unknown": sorted(found[0].unknown)})

    @look.get("/pupils/<pupil_id>/notes")
    def pupil_notes(pupil_id: str) -> Response:
        return jsonify([note_row(note) for note in world.written.notes(pupil_id)])

    @look.get("/pupils/<pupil_id>/documents")
    def pupil_documents(pupil_id: str) -> Response:
        return jsonify([document_row(document) for document in world.written.documents(pupil_id)])

    @look.get("/notes")
    def notes() -> Response:
        return jsonify([note_row(note) for note in world.written.notes()])

    @look.get("/documents")
    def documents() -> Response:
        return jsonify([document_row(document) for document in world.written.documents()])

    @look.get("/documents/<document_id>/content")
    def content(document_id: str) -> Response:
        found = world.written.document(document_id)
        return Response(found.content if found else abort(404), mimetype="application/octet-stream")

    @look.get("/requests")
    def requests() -> Response:
        return jsonify([dataclasses.asdict(seen) for seen in list(world.requests)])

    @look.route("/today", methods=["GET", "PUT", "POST"])
    def today() -> Response:
        """Answer with the mock's day; PUT ``{"today": "2025-11-03"}`` moves it."""
        if request.method != "GET":
            world.today = date.fromisoformat(_body()["today"])
        return jsonify(today=world.today.isoformat())

    @look.route("/faults", methods=["GET", "PUT", "POST"])
    def faults() -> Response:
        """Answer with the faults in force; PUT ``{"drop-after": 0.2}`` replaces them."""
        if request.method != "GET":
            world.faults.clear()
            for name, rate in _body().items():
                world.faults.set(name, float(rate))
        return jsonify(world.faults.state())

    @look.post("/marks")
    def marks() -> Response:
        """Correct a mark as staff do: ``{"pupil_id", "date", "half", "code"}``, an empty code takes it away."""
        body = _body()
        world.school.correct_mark(
            body["pupil_id"],
            date.fromisoformat(body["date"]),
            body["half"],
            body["code"],
            at=world.now(),
            reason=body.get("reason", ""),
            minutes_late=body.get("minutes_late"),
        )
        return jsonify(done=True)

    @look.errorhandler(ValueError)
    @look.errorhandler(LookupError)
    def wrong(error: Exception) -> tuple[Response, int]:
        return jsonify(error=str(error)), 400

    return look


def _body() -> dict[str, Any]:
    body = request.get_json(force=True)
    if not isinstance(body, dict):
        raise ValueError("the body must be a JSON object")
    return body


def note_row(note: WrittenNote) -> dict[str, Any]:
    """Return a note as the pages show it."""
    return {
        "id": note.note_id,
        "pupil_id": note.pupil_id,
        "summary": note.summary,
        "text": note.text,
        "date": note.date.isoformat() if note.date else None,
        "shared": note.shared,
        "tags": dict(note.tags),
    }


def document_row(document: WrittenDocument) -> dict[str, Any]:
    """Return a document as the pages show it; its bytes are under ``content``."""
    return {
        "id": document.document_id,
        "pupil_id": document.pupil_id,
        "file_name": document.file_name,
        "summary": document.summary,
        "date": document.date.isoformat() if document.date else None,
        "shared": document.shared,
        "tags": dict(document.tags),
        "size": len(document.content),
        "sha256": document.digest,
        "content": f"/mock/documents/{document.document_id}/content",
    }
