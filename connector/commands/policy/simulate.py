"""`simulate`: what policies would have produced on a register folder; two side by side."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from connector.commands.policy.register_folder import RegisterFolder, known_by, open_register
from connector.commands.shared.options import AsJson, ConfigPath
from connector.commands.shared.output import print_json, print_table, say, say_on_stderr, write_out
from connector.config.logic import policy_source
from connector.errors import ConfigError, Finding, finding_line
from connector.ledger.event_json import event_document
from letters.reports.simulation import simulation_report
from rules.describe import titled
from rules.evaluate import EvaluationError
from rules.policy import load_policy
from rules.rule.assumed import named
from rules.simulate import SimulatedPack, Simulation
from rules.simulate import simulate as backtest

_FORMATS = ["%Y-%m-%d"]


def simulate(
    register: RegisterFolder,
    policy: Annotated[
        list[str],
        typer.Option(
            "--policy", metavar="NAME", help="A shipped policy, or the path of your own; may be repeated."
        ),
    ],
    start: Annotated[
        datetime | None, typer.Option("--from", formats=_FORMATS, help="First day.", show_default=False)
    ] = None,
    end: Annotated[
        datetime | None, typer.Option("--to", formats=_FORMATS, help="Last day.", show_default=False)
    ] = None,
    capacity: Annotated[
        int | None,
        typer.Option(min=1, help="Letters that the office can send in a week.", show_default=False),
    ] = None,
    names: Annotated[
        bool,
        typer.Option(
            "--names", help="Name pupils in the Word report; otherwise small numbers are not shown."
        ),
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", metavar="FILE", help="Also write a Word report, for governors.", show_default=False
        ),
    ] = None,
    as_json: AsJson = False,
    config: ConfigPath = None,  # noqa: ARG001 - every command takes it; this one needs nothing of it
) -> None:
    """Show what policies would have produced: events and letters by week, rule and year group. Nothing is written."""
    packs = [load_policy(policy_source(name)) for name in policy]
    facts, warnings = open_register(register)
    for warning in warnings:
        say_on_stderr(finding_line(warning))
    last = end.date() if end else None
    facts = known_by(facts, last)
    try:
        simulation = backtest(facts, packs, start.date() if start else None, last)
    except (EvaluationError, LookupError) as error:
        raise ConfigError([Finding(str(register), str(error))]) from error
    if out is not None:
        printed_on = datetime.now(UTC).astimezone().date()
        write_out(
            out, simulation_report(simulation, facts, printed_on=printed_on, capacity=capacity, named=names)
        )
        say_on_stderr(f"The report is {out}")
    if as_json:
        print_json(_document(simulation, capacity))
        return
    for pack in simulation.packs:
        _show(pack, simulation, capacity)
    if len(simulation.packs) == 2:
        _differ(simulation)


def _document(simulation: Simulation, capacity: int | None) -> dict[str, Any]:
    document: dict[str, Any] = {
        "from": simulation.start.isoformat(),
        "to": simulation.end.isoformat(),
        "policies": [_pack_document(pack, capacity) for pack in simulation.packs],
    }
    if len(simulation.packs) == 2:
        first, second = simulation.differing()
        document["pupils_differing"] = {
            simulation.packs[0].policy.id: list(first),
            simulation.packs[1].policy.id: list(second),
        }
    return document


def _pack_document(pack: SimulatedPack, capacity: int | None) -> dict[str, Any]:
    letters = pack.letters_by_week()
    over = {} if capacity is None else pack.weeks_over(capacity)
    return {
        "policy": pack.policy.id,
        "pupils": len(pack.pupils()),
        "by_rule": dict(pack.by_rule()),
        "off": [rule.id for rule in pack.policy.rules if rule.default == "off"],
        "until": {rule.id: rule.until.isoformat() for rule in pack.policy.rules if rule.until},
        "assumed": {rule.id: rule.assumed for rule in pack.policy.rules if rule.assumed},
        "by_week": [
            {
                "week": week.isoformat(),
                "events": dict(counts),
                "letters": dict(letters.get(week, {})),
                "over_capacity": week in over,
            }
            for week, counts in pack.by_week().items()
        ],
        "by_year_group": {group: dict(counts) for group, counts in pack.by_year_group().items()},
        "events": [event_document(event) for event in pack.events],
    }


def _show(pack: SimulatedPack, simulation: Simulation, capacity: int | None) -> None:
    titles = {rule.id: titled(rule) for rule in pack.policy.rules}
    say(
        f"{pack.policy.title} ({pack.policy.id}), {simulation.start} to {simulation.end}: {len(pack.events)} events, {len(pack.pupils())} pupils"
    )
    rows = [(rule_id, titles.get(rule_id, ""), count) for rule_id, count in pack.by_rule().items()]
    print_table(("Rule", "Title", "Events"), rows, title="By rule", right=("Events",))
    for rule in pack.policy.rules:
        if rule.assumed:
            say(f"{rule.id}: {named(rule.assumed)}")
    letters = pack.letters_by_week()
    weeks = []
    for week, counts in pack.by_week().items():
        total = letters[week].total() if week in letters else 0
        over = "more than the office can send" if capacity is not None and total > capacity else ""
        weeks.append((week, counts.total(), total, over))
    print_table(("Week of", "Events", "Letters", ""), weeks, title="By week", right=("Events", "Letters"))
    groups = [(group or "none recorded", counts.total()) for group, counts in pack.by_year_group().items()]
    print_table(("Year group or class", "Events"), groups, title="By year group", right=("Events",))


def _differ(simulation: Simulation) -> None:
    names = [pack.policy.id for pack in simulation.packs]
    for name, pupils in zip(names, simulation.differing(), strict=True):
        say(
            f"Pupils with events under {name} only: {len(pupils)}{': ' + ', '.join(pupils) if pupils else ''}"
        )
