"""`report --year 9 | --class 9A --out FILE`: one year group or class, for the office."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from connector.commands.office.last_day import last_day
from connector.commands.shared.opening import existing_state, one_school, open_config
from connector.commands.shared.options import ConfigPath, SchoolId
from connector.commands.shared.output import say, write_out
from connector.config.loaded_school import load_school
from connector.errors import ConfigError, did_you_mean
from connector.run.judged_day import judged_register
from connector.run.start import today
from connector.store import Store
from letters.reports.governors.aims import with_own_target
from letters.reports.group.group_report import Group, class_groups, group_report, year_groups
from letters.words.english import year_group
from rules.statistics import Tally

_FORMATS = ["%Y-%m-%d"]


def report(
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="The Word file to write.")],
    year: Annotated[
        str | None,
        typer.Option("--year", metavar="YEAR", help="A year group, such as 9 or R.", show_default=False),
    ] = None,
    group: Annotated[
        str | None, typer.Option("--class", metavar="CLASS", help="A class, such as 9A.", show_default=False)
    ] = None,
    start: Annotated[
        datetime | None,
        typer.Option(
            "--from", formats=_FORMATS, help="First day. Default: the school year's.", show_default=False
        ),
    ] = None,
    end: Annotated[
        datetime | None,
        typer.Option(
            "--to", formats=_FORMATS, help="Last day. Default: the last with marks.", show_default=False
        ),
    ] = None,
    school: SchoolId = None,
    config: ConfigPath = None,
) -> None:
    """Write the report of a year group or class, with names: figures, every pupil, codes, weekdays, patterns, lateness."""
    if out.suffix.lower() != ".docx":
        raise ConfigError(f"{out} is not named as a Word file", fix="give it a name that ends in .docx")
    if (year is None) == (group is None):
        raise ConfigError(
            "it is not clear whom to report on",
            fix="name one year group with --year, or one class with --class",
        )
    settings = open_config(config)
    chosen = one_school(settings, school)
    loaded = load_school(chosen)
    with Store.open(existing_state(settings, chosen), chosen.id) as store:
        register = judged_register(store, chosen, datetime.now(UTC))
    last = last_day(register, chosen, end)
    first = start.date() if start else register.calendar.year_of(last).start
    if last < first:
        raise ConfigError(f"{last} lies before {first}", fix="correct --from or --to")
    if year is not None:
        found = _named(year_groups(register, first, last), year_group(year), "year group")
    else:
        found = _named(class_groups(register, first, last), (group or "").strip(), "class")
    policy = with_own_target(loaded.policy, chosen.target)
    tally = Tally(register, since=policy.start)
    content = group_report(
        found, register, tally, policy, loaded.details, start=first, end=last, printed_on=today(chosen)
    )
    write_out(out, content)
    say(f"{out}: {found.name}, {len(found.pupils)} pupils, {first} to {last}")


def _named(groups: Mapping[str, Group], name: str, what: str) -> Group:
    """Return the group of that name, whatever its case. Raise ConfigError, naming the nearest."""
    by_case = {key.casefold(): group for key, group in groups.items()}
    if name.casefold() not in by_case:
        raise ConfigError(
            f"there is no {what} '{name}' with pupils between these days",
            fix=did_you_mean(name, list(groups)),
        )
    return by_case[name.casefold()]
