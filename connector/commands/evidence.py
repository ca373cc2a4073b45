"""`evidence PUPIL --out FILE`: one document for a court or an authority."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from connector.commands.shared.opening import existing_state, one_school, open_config
from connector.commands.shared.options import ConfigPath, SchoolId
from connector.commands.shared.output import say, write_out
from connector.config.loaded_school import load_school
from connector.documents.evidence import evidence_of
from connector.errors import ConfigError
from connector.run.judged_day import unusable_calendar
from connector.run.start import today
from connector.store import Store
from letters.errors import PileError
from letters.reports.record.bundle import evidence_bundle
from rules.calendar import CalendarError
from rules.statistics import Tally

_FORMATS = ["%Y-%m-%d"]


def evidence(
    pupil: Annotated[str, typer.Argument(metavar="PUPIL", help="The pupil, by the MIS's own id.")],
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="The Word file to write.")],
    start: Annotated[
        datetime | None,
        typer.Option(
            "--from",
            formats=_FORMATS,
            help="First day of the certificate. Default: the year's.",
            show_default=False,
        ),
    ] = None,
    end: Annotated[
        datetime | None,
        typer.Option("--to", formats=_FORMATS, help="Its last day. Default: today.", show_default=False),
    ] = None,
    school: SchoolId = None,
    config: ConfigPath = None,
) -> None:
    """Write one document for a court or an authority: certificate, chronology, letters as sent, notes, corrections."""
    if out.suffix.lower() != ".docx":
        raise ConfigError(f"{out} is not named as a Word file", fix="give it a name that ends in .docx")
    settings = open_config(config)
    chosen = one_school(settings, school)
    loaded = load_school(chosen)
    with Store.open(existing_state(settings, chosen), chosen.id) as store:
        try:
            register = store.register(nation=chosen.nation, welsh_d_attended=chosen.welsh_d_attended)
        except CalendarError as error:
            raise unusable_calendar(error) from error
        if register.find(pupil) is None:
            raise ConfigError(
                f"there is no pupil '{pupil}'", fix="give the id by which the MIS knows the pupil"
            )
        record = evidence_of(store, pupil, loaded.policies)
    day = today(chosen)
    last = end.date() if end else day
    first = start.date() if start else register.calendar.year_of(last).start
    try:
        bundle = evidence_bundle(
            record,
            register,
            Tally(register, since=loaded.policy.start),
            loaded.policy,
            loaded.details,
            start=first,
            end=last,
            printed_on=day,
        )
    except PileError as error:
        raise ConfigError(f"a letter's copy cannot be read: {error}") from error
    write_out(out, bundle)
    letters = sum(len(event.letters) for event in record.events)
    say(
        f"{out}: {len(record.events)} events with {letters} letters and documents, certificate {first} to {last}"
    )
