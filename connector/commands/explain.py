"""`explain PUPIL`: why each rule fired or did not, and what would make it fire next."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from connector.adapters.folder.record_row import cells_of
from connector.adapters.folder.records_file import records_of
from connector.commands.shared.opening import existing_state, one_school, open_config
from connector.commands.shared.options import AsJson, ConfigPath, Day, SchoolId
from connector.commands.shared.output import print_json, say
from connector.commands.shared.record_words import rest_in_words
from connector.config.loaded_school import policies_of
from connector.documents.changed_facts import changed_facts
from connector.errors import ConfigError
from connector.ledger.event_json import event_document
from connector.run.judged_day import last_closed, unusable_calendar
from connector.run.start import today
from connector.store import Store
from letters.words.english import day as day_words
from rules.calendar import CalendarError
from rules.explain import RuleExplanation
from rules.explain import explain as reasons
from rules.register import Register
from rules.rule.assumed import named
from rules.rule.words import roll_words
from rules.school import Spell


def explain(
    pupil: Annotated[str, typer.Argument(metavar="PUPIL", help="The pupil, by the MIS's own id.")],
    school: SchoolId = None,
    as_of: Day = None,
    as_json: AsJson = False,
    config: ConfigPath = None,
) -> None:
    """Say for each rule why it fired for a pupil or did not, and the nearest way it would fire next."""
    settings = open_config(config)
    chosen = one_school(settings, school)
    policies = policies_of(chosen)
    with Store.open(existing_state(settings, chosen), chosen.id) as store:
        try:
            register = store.register(nation=chosen.nation, welsh_d_attended=chosen.welsh_d_attended)
            register = register.until(last_closed(chosen, datetime.now(UTC)))
        except CalendarError as error:
            raise unusable_calendar(error) from error
        facts = changed_facts(store, pupil)
    if register.find(pupil) is None:
        raise ConfigError(f"there is no pupil '{pupil}'", fix="give the id by which the MIS knows the pupil")
    day = as_of.date() if as_of else min(today(chosen), register.last_day_with_a_code or today(chosen))
    records = records_of(register, pupil)
    rules = [rule for policy in policies for rule in reasons(register, policy, pupil, day)]
    if as_json:
        print_json(
            {
                "pupil_id": pupil,
                "policy": policies[0].id,
                "as_of": day.isoformat(),
                "on_roll": [_spell(spell) for spell in register.pupil(pupil).spells],
                "rules": [_document(r) for r in rules],
                "records": [cells_of(record) for record in records],
                "changed_facts": [{**asdict(fact), "seen_at": fact.seen_at.isoformat()} for fact in facts],
            }
        )
        return
    _head(register, pupil, "; ".join(policy.title for policy in policies), day.isoformat())
    for record in records:
        cells = cells_of(record)
        rest = rest_in_words(cells)
        say(f"On record: {cells['date']} {cells['kind']}{f': {rest}' if rest else ''}")
    for fact in facts:
        say(f"{fact.name} changed, seen on {day_words(fact.seen_at)}: {fact.before}, then {fact.after}")
    for rule in rules:
        _show(rule)


def _spell(spell: Spell) -> dict[str, str | None]:
    return {
        "from": spell.start.isoformat() if spell.start else None,
        "to": spell.end.isoformat() if spell.end else None,
        "kind": spell.kind,
    }


def _document(rule: RuleExplanation) -> dict[str, Any]:
    return {
        "rule": rule.rule,
        "policy": rule.policy,
        "title": rule.title,
        "clause": rule.clause,
        "fired": [event_document(event) for event in rule.fired],
        "now": rule.now,
        "coming": rule.coming,
        "standing": rule.standing,
        "assumed": rule.assumed,
    }


def _head(register: Register, pupil_id: str, policy: str, day: str) -> None:
    pupil = register.pupil(pupil_id)
    group = pupil.registration_group
    say(f"Pupil {pupil_id}{f' of {group}' if group else ''} on {day} under: {policy}")
    say(f"On roll {roll_words(pupil.spells, 'from before the first register')}")


def _show(rule: RuleExplanation) -> None:
    say("")
    say(f"{rule.rule}: {rule.title} [{rule.clause}]")
    for event in rule.fired:
        sessions = ", ".join(f"{mark.date} {mark.half} {mark.code}" for mark in event.sessions)
        say(f"  Fired on {event.date}{f': {sessions}' if sessions else ''}")
    if rule.standing:
        say(f"  {rule.standing}")
    if rule.assumed:
        say(f"  {named(rule.assumed)}")
    say(f"  Now: {rule.now}")
    say(f"  Next: {rule.coming}")
