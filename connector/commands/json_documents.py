"""The JSON of `evaluate`: keys, their order and their types are a promise to scripts."""

from __future__ import annotations

from typing import Any

from connector.ledger.event_json import event_document
from rules.events import Evaluation, Figures


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
