"""`evaluate`: figures, bands and events from a register folder, with no MIS and no state."""

from __future__ import annotations

from typing import Annotated

import typer

from connector.commands.json_documents import evaluation_document
from connector.commands.options import AsJson, ConfigPath, Day
from connector.commands.output import print_json, print_table, say, tell
from connector.commands.register_folder import RegisterFolder, known_by, open_register
from connector.config.logic import policy_source
from connector.errors import ConfigError, Finding, finding_line
from rules.evaluate import EvaluationError
from rules.evaluate import evaluate as judge
from rules.events import Evaluation, Event
from rules.oddities import oddities
from rules.policy import load_policy


def evaluate(
    register: RegisterFolder,
    policy: Annotated[
        str, typer.Option("--policy", metavar="NAME", help="A shipped policy, or the path of your own.")
    ],
    as_of: Day = None,
    as_json: AsJson = False,
    config: ConfigPath = None,  # noqa: ARG001 - every command takes it; this one needs nothing of it
) -> None:
    """Judge a register folder by a policy: statistics, bands and events. Nothing is stored or sent."""
    chosen = load_policy(policy_source(policy))
    facts, warnings = open_register(register)
    for warning in warnings:
        tell(finding_line(warning))
    day = as_of.date() if as_of else None
    facts = known_by(facts, day)
    try:
        evaluation = judge(facts, chosen, day)
    except (EvaluationError, LookupError) as error:
        raise ConfigError([Finding(str(register), str(error))]) from error
    for oddity in oddities(facts, evaluation.as_of):
        tell(finding_line(Finding(register.name, oddity, severity="warning")))
    if as_json:
        print_json(evaluation_document(evaluation))
    else:
        _show(evaluation)


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
        ("Date", "Who", "Rule", "Figures", "Outcomes", "Clause"),
        map(_event_row, evaluation.events),
        title="Events",
    )


def _event_row(event: Event) -> tuple[object, ...]:
    figures = ", ".join(f"{name} {value}" for name, value in event.figures.items())
    return event.date, event.subject, event.rule, figures, ", ".join(event.outcomes), event.clause
