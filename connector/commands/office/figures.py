"""`figures --out FILE`: the tables behind the reports, for a head's own spreadsheet."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from connector.commands.office.last_day import last_day
from connector.commands.shared.opening import existing_state, one_school, open_config
from connector.commands.shared.options import ConfigPath, Day, SchoolId
from connector.commands.shared.output import say, write_out
from connector.config.loaded_school import policies_of
from connector.errors import ConfigError
from connector.run.judged_day import judged_register
from connector.store import Store
from letters.reports.figures.figure_files import EXTRA, FILES, About
from letters.reports.figures.figure_tables import By, figure_table
from rules.statistics import Tally


def figures(
    out: Annotated[
        Path,
        typer.Option(
            "--out", metavar="FILE", help="The file to write: its ending .csv, .xlsx or .parquet says what."
        ),
    ],
    by: Annotated[
        By, typer.Option("--by", help="What a row is: a pupil, class, year group, week or code.")
    ] = "pupil",
    school: SchoolId = None,
    as_of: Day = None,
    config: ConfigPath = None,
) -> None:
    """Write the figures of the school year as a table, with names and small numbers: for the school's own use."""
    make = FILES.get(out.suffix.lower())
    if make is None:
        raise ConfigError(
            f"{out} does not say what kind of file to write",
            fix=f"give it a name that ends in {', '.join(FILES)}",
        )
    settings = open_config(config)
    chosen = one_school(settings, school)
    policy = policies_of(chosen)[0]
    with Store.open(existing_state(settings, chosen), chosen.id) as store:
        register = judged_register(store, chosen, datetime.now(UTC))
    day = last_day(register, chosen, as_of)
    table = figure_table(register, Tally(register, since=policy.start), policy, by, day)
    if not table.rows:
        raise ConfigError(
            f"there are no figures up to {day}", fix="name a day after the first mark with --as-of"
        )
    try:
        content = make(table, About(chosen.name, day, f"{policy.title}, version {policy.version}"))
    except ModuleNotFoundError as error:
        raise ConfigError(
            f"{error.name} is not installed, which writes {out.suffix} files",
            fix=f"pip install 'attendance-connector[{EXTRA}]'",
        ) from error
    write_out(out, content)
    say(f"{out}: {table.title.lower()}, {len(table.rows)} rows, figures up to {day}")
