"""The JSON of `evaluate`, `run` and `demo`: keys, their order and their types are a promise to scripts."""

from __future__ import annotations

from typing import Any

from rules.events import Evaluation, Event, Figures


def evaluation_document(evaluation: Evaluation) -> dict[str, Any]:
    """An evaluation as `evaluate --json` prints it."""
    school = _counts(evaluation.school)
    school["attendance_percent"] = evaluation.attendance_percent
    school["persistent"] = evaluation.persistent
    school["severe"] = evaluation.severe
    return {
        "policy": evaluation.policy,
        "as_of": evaluation.as_of.isoformat(),
        "code_set": evaluation.code_set,
        "school": school,
        "pupils": [
            {
                "pupil_id": row.pupil_id,
                **_counts(row.figures),
                "attendance_percent": row.attendance_percent,
                "band": row.band,
                "colour": row.colour,
                "by_code": dict(row.figures.by_code),
            }
            for row in evaluation.pupils
        ],
        "events": [event_document(event) for event in evaluation.events],
    }


def event_document(event: Event) -> dict[str, Any]:
    """An event; that of a class has `group` in place of `pupil_id`."""
    subject = {"group": event.group} if event.pupil_id is None else {"pupil_id": event.pupil_id}
    return {
        **subject,
        "rule": event.rule,
        "date": event.date.isoformat(),
        "clause": event.clause,
        "figures": dict(event.figures),
        "sessions": [[mark.date.isoformat(), mark.half, mark.code] for mark in event.sessions],
        "outcomes": list(event.outcomes),
    }


def _counts(figures: Figures) -> dict[str, Any]:
    return {
        "possible": figures.possible,
        "attended": figures.attended,
        "authorised": figures.authorised,
        "unauthorised": figures.unauthorised,
        "late": figures.late,
        "missing": figures.missing,
        "unrecognised": figures.unrecognised,
    }
