"""`evidence PUPIL --out FILE`: one document for a court or an authority."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from connector.commands.opening import one_school, open_config
from connector.commands.options import ConfigPath, SchoolId
from connector.commands.output import say
from connector.config.logic import policy_source
from connector.config.run_options import run_options
from connector.documents.evidence import evidence_of
from connector.errors import ConfigError, HeldError
from connector.run.start import existing_state, today
from connector.store import Store
from letters.errors import PackError
from letters.reports.evidence import evidence_bundle
from rules.calendar import CalendarError
from rules.policy import load_policy
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
        raise ConfigError(f"{out} is not named as a Word file", fix="let its name end in .docx")
    settings = open_config(config)
    chosen = one_school(settings, school)
    policy = load_policy(policy_source(chosen.policy))
    with Store.open(existing_state(settings, chosen), chosen.id) as store:
        try:
            register = store.register(nation=chosen.nation, welsh_d_attended=chosen.welsh_d_attended)
        except CalendarError as error:
            raise HeldError(f"the calendar cannot be used: {error}") from error
        if register.find(pupil) is None:
            raise ConfigError(
                f"there is no pupil '{pupil}'", fix="give the id by which the MIS knows the pupil"
            )
        found = evidence_of(store, pupil)
    day = today(chosen)
    last = end.date() if end else day
    first = start.date() if start else register.calendar.year_of(last).start
    try:
        bundle = evidence_bundle(
            found,
            register,
            Tally(register, since=policy.start),
            policy,
            run_options(chosen).school,
            start=first,
            end=last,
            printed_on=day,
        )
    except PackError as error:
        raise ConfigError(f"a letter's copy cannot be read: {error}") from error
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_bytes(bundle)
    letters = sum(len(event.letters) for event in found.events)
    say(
        f"{out}: {len(found.events)} events with {letters} letters and documents, certificate {first} to {last}"
    )
