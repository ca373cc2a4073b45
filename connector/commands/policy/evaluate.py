"""`evaluate`: figures, bands and events from a register folder, with no MIS and no state."""

from __future__ import annotations

from typing import Any

from connector.commands.policy.register_folder import RegisterFolder, known_by, open_register
from connector.commands.shared.options import AsJson, ConfigPath, Day, PolicyNames
from connector.commands.shared.output import print_json, print_table, say, say_on_stderr
from connector.config.logic import policy_source
from connector.errors import ConfigError, Finding, finding_line
from connector.ledger.event_json import event_document
from rules.checks.oddities import oddities
from rules.evaluate import EvaluationError
from rules.evaluate import evaluate_together as judge
from rules.events import Evaluation, Event, Figures
from rules.policy import load_policy


def evaluate(
    register: RegisterFolder,
    policy: PolicyNames,
    as_of: Day = None,
    as_json: AsJson = False,
    config: ConfigPath = None,  # noqa: ARG001 - every command takes it; this one needs nothing of it
) -> None:
    """Judge a register folder by a policy, or by several together: statistics, bands and events. Nothing is stored or sent."""
    chosen = [load_policy(policy_source(name)) for name in policy]
    facts, warnings = open_register(register)
    for warning in warnings:
        say_on_stderr(finding_line(warning))
    day = as_of.date() if as_of else None
    facts = known_by(facts, day)
    try:
        evaluation = judge(facts, chosen, day)
    except (EvaluationError, LookupError) as error:
        raise ConfigError([Finding(str(register), str(error))]) from error
    for oddity in oddities(facts, evaluation.as_of):
        say_on_stderr(finding_line(Finding(register.name, oddity, severity="warning")))
    if as_json:
        print_json(_document(evaluation))
    else:
        _show(evaluation)


def _document(evaluation: Evaluation) -> dict[str, Any]:
    """Return an evaluation as `evaluate --json` prints it: keys, order and types are a promise to scripts."""
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


def _show(evaluation: Evaluation) -> None:
    school = evaluation.school
    say(f"{evaluation.policy} on {evaluation.as_of}, codes of {evaluation.code_set}")
    say(
        f"School: {evaluation.attendance_percent or '-'}% of {school.possible} possible sessions attended; "
        f"{school.authorised} authorised and {school.unauthorised} unauthorised absences, {school.late} late, "
        f"{school.missing} missing and {school.unrecognised} unrecognised marks; "
        f"{evaluation.persistent} persistently and {evaluation.severe} severely absent"
    )
    columns = (
        "Pupil",
        "Attendance %",
        "Band",
        "Colour",
        "Possible",
        "Authorised",
        "Unauthorised",
        "Late",
        "Missing",
    )
    rows = [
        (
            row.pupil_id,
            row.attendance_percent,
            row.band,
            row.colour,
            row.figures.possible,
            row.figures.authorised,
            row.figures.unauthorised,
            row.figures.late,
            row.figures.missing,
        )
        for row in evaluation.pupils
    ]
    numbers = ("Attendance %", "Possible", "Authorised", "Unauthorised", "Late", "Missing")
    print_table(columns, rows, title="Pupils", right=numbers)
    print_table(
        ("Date", "Who", "Policy", "Rule", "Figures", "Outcomes", "Clause"),
        map(_event_row, evaluation.events),
        title="Events",
    )


def _event_row(event: Event) -> tuple[object, ...]:
    figures = ", ".join(f"{name} {value}" for name, value in event.figures.items())
    return (
        event.date,
        event.subject,
        event.pack,
        event.rule,
        figures,
        ", ".join(map(str, event.outcomes)),
        event.clause,
    )
