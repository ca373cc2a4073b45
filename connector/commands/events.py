"""`events list|show|approve|release|keep|withdraw|void`: the ledger. Nothing in it is ever deleted."""

from __future__ import annotations

import getpass
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, get_args

import typer

from connector.commands.shared.opening import changing, existing_state, one_school, open_config
from connector.commands.shared.options import AsJson, ConfigPath, SchoolId
from connector.commands.shared.output import print_json, print_table, say, write_out
from connector.config import SchoolConfig
from connector.config.loaded_school import load_school
from connector.errors import ConfigError, did_you_mean
from connector.ledger import decisions
from connector.ledger.guards import Guards, guards_of
from connector.ledger.holds import ways_on
from connector.ledger.not_taken import given_up_keys
from connector.ledger.verdict import verdict
from connector.run.judged_day import judged_register
from connector.run.start import today
from connector.run.summary import ledger_document
from connector.store import Store
from connector.store.ledger import LedgerRow, State
from connector.store.outbox import Item

events = typer.Typer(
    help="The ledger of events: look, approve, release, keep, withdraw, void. Nothing is ever deleted."
)

_FORMATS = ["%Y-%m-%d"]
Keys = Annotated[
    list[str] | None,
    typer.Argument(metavar="[KEY]...", help="Event keys, such as AC-7F3K2M9Q.", show_default=False),
]
RunNumber = Annotated[
    int | None,
    typer.Option("--run", metavar="NUMBER", help="All events that this run added.", show_default=False),
]
BecauseId = Annotated[
    str | None,
    typer.Option(
        "--because",
        metavar="ID",
        help="All events held for this cause; the run and `events list` name it.",
        show_default=False,
    ),
]


@dataclass(frozen=True)
class _Open:
    """An open ledger, and the day on which an approval, release or voiding counts."""

    store: Store
    day: date
    school: SchoolConfig

    @cached_property
    def guards(self) -> Guards:
        """The guards of the run to come, over the registers as they were last read."""
        options = load_school(self.school)
        register = judged_register(self.store, self.school, _now())
        return guards_of(self.store, register, options, self.day)

    def in_the_way(self, row: LedgerRow) -> str:
        """Return why a released event will still wait in the next run; empty when nothing about it stands in the way."""
        if row.state not in ("due", "composed"):
            return ""
        today = verdict(row, self.guards)
        return "" if today.goes else f"; it will be {today.state}: {today.reason}"


@events.command("list", epilog="Example: attendance-connector events list --state held")
def list_events(
    state: Annotated[
        list[str] | None, typer.Option(help="Only this state; may be repeated.", show_default=False)
    ] = None,
    pupil: Annotated[
        str | None, typer.Option(help="Only this pupil, by the MIS's own id.", show_default=False)
    ] = None,
    rule: Annotated[str | None, typer.Option(help="Only this rule.", show_default=False)] = None,
    start: Annotated[
        datetime | None, typer.Option("--from", formats=_FORMATS, help="First day.", show_default=False)
    ] = None,
    end: Annotated[
        datetime | None, typer.Option("--to", formats=_FORMATS, help="Last day.", show_default=False)
    ] = None,
    run: RunNumber = None,
    because: BecauseId = None,
    school: SchoolId = None,
    as_json: AsJson = False,
    config: ConfigPath = None,
) -> None:
    """List events with their state and, where they wait, the reason."""
    states = [_state(name) for name in state or []] or None
    with _ledger(config, school) as ledger:
        rows = decisions.list_events(
            ledger.store,
            states=states,
            pupil_id=pupil,
            rule=rule,
            start=start.date() if start else None,
            end=end.date() if end else None,
            run_id=run,
            because=because,
        )
    if as_json:
        print_json([ledger_document(row) for row in rows])
    else:
        columns = ("Key", "Date", "Who", "Rule", "State", "Reason", "Because")
        print_table(
            columns,
            [(r.key, r.date, r.pupil_id or r.group, r.rule, r.state, r.reason, r.because) for r in rows],
        )


@events.command("show", epilog="Example: attendance-connector events show AC-7F3K2M9Q")
def show_event(
    key: Annotated[str, typer.Argument(metavar="KEY", help="The event's key.")],
    letters: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Also put its letters, as they were filed, into this folder."),
    ] = None,
    school: SchoolId = None,
    as_json: AsJson = False,
    config: ConfigPath = None,
) -> None:
    """Show all there is about one event: figures, sessions, every state, what was written where."""
    with _ledger(config, school) as ledger:
        case = decisions.show_event(ledger.store, key)
        saved = list(_save(ledger.store, case, letters)) if letters else []
    if as_json:
        print_json(_case_document(case))
    else:
        _show_case(case)
        for path in saved:
            say(f"Saved {path}")


@events.command("approve", epilog="Example: attendance-connector events approve AC-7F3K2M9Q")
def approve_events(
    keys: Keys = None, run: RunNumber = None, school: SchoolId = None, config: ConfigPath = None
) -> None:
    """Let events that wait for review go out with the next run."""

    def approve(ledger: _Open, key: str) -> LedgerRow:
        return decisions.approve(ledger.store, key, by=_user(), now=_now(), as_of=ledger.day)

    _each(config, school, keys, run, approve, "approved", wanted=("held", "due"))


@events.command("release", epilog="Example: attendance-connector events release --run 1")
def release_events(
    keys: Keys = None, run: RunNumber = None, school: SchoolId = None, config: ConfigPath = None
) -> None:
    """Let held events past the guards, or have what failed tried again, with the next run."""

    def release(ledger: _Open, key: str) -> LedgerRow | Item:
        return decisions.release(ledger.store, key, by=_user(), now=_now(), as_of=ledger.day)

    _each(config, school, keys, run, release, "released", wanted=("held", "failed"))


@events.command(
    "keep", epilog='Example: attendance-connector events keep --because BC-7F3K2M --reason "entered wrongly"'
)
def keep_events(
    reason: Annotated[str, typer.Option(help="Why; it stands in the event's history.")],
    keys: Keys = None,
    because: BecauseId = None,
    school: SchoolId = None,
    config: ConfigPath = None,
) -> None:
    """Let events stand, or go out, although a fact in the MIS or in the settings changed."""

    def keep(ledger: _Open, key: str) -> LedgerRow:
        return decisions.keep(ledger.store, key, reason=reason, by=_user(), now=_now(), as_of=ledger.day)

    _each(config, school, keys, None, keep, "kept", wanted=("held",), because=because)


@events.command(
    "withdraw",
    epilog='Example: attendance-connector events withdraw --because BC-7F3K2M --reason "the date was wrong"',
)
def withdraw_events(
    reason: Annotated[str, typer.Option(help="Why; it stands in the correcting note.")],
    keys: Keys = None,
    because: BecauseId = None,
    school: SchoolId = None,
    config: ConfigPath = None,
) -> None:
    """Withdraw events held because a fact changed. What is in the MIS gets a correcting note with the next run."""

    def withdraw(ledger: _Open, key: str) -> LedgerRow:
        return decisions.withdraw(ledger.store, key, reason=reason, now=_now(), as_of=ledger.day)

    _each(config, school, keys, None, withdraw, "withdrawn", wanted=("held",), because=because)


@events.command("void", epilog='Example: attendance-connector events void AC-7F3K2M9Q --reason "wrong pupil"')
def void_events(
    reason: Annotated[str, typer.Option(help="Why; the correcting note says so.")],
    keys: Keys = None,
    run: RunNumber = None,
    school: SchoolId = None,
    config: ConfigPath = None,
) -> None:
    """Take events back for good. What is in the MIS gets a correcting note with the next run; letters stay on file."""

    def void(ledger: _Open, key: str) -> LedgerRow:
        return decisions.void(ledger.store, key, reason=reason, now=_now(), as_of=ledger.day)

    _each(config, school, keys, run, void, "voided", wanted=None)


def _each(
    config: Path | None,
    school: str | None,
    keys: list[str] | None,
    run: int | None,
    act: Callable[[_Open, str], LedgerRow | Item],
    word: str,
    *,
    wanted: tuple[State, ...] | None,
    because: str | None = None,
) -> None:
    if bool(keys) == (run is not None or because is not None):
        by = "--because ID" if word in ("kept", "withdrawn") else "--run NUMBER"
        raise ConfigError(
            f"name either event keys or {'a cause' if 'because' in by else 'a run'}",
            fix=f"give one or more keys, or {by}",
        )
    with _ledger(config, school, to_write=True) as ledger:
        chosen = keys or [
            row.key
            for row in decisions.list_events(ledger.store, states=wanted, run_id=run, because=because)
            if row.state != "voided" and (run is None or word == "voided" or not row.held_from)
        ]
        if word == "released" and run is not None:
            chosen = list(dict.fromkeys([*chosen, *given_up_keys(ledger.store, run)]))
        if not chosen and because is not None:
            raise ConfigError(f"no event is held because of {because}", fix="see 'events list --state held'")
        if not chosen:
            raise ConfigError(f"run {run} added no event that could be {word}", fix="see 'events list'")
        for key in chosen:
            changed = act(ledger, key)
            if isinstance(changed, Item):
                what = "document" if changed.event_id is None else "correcting note"
                say(f"{changed.key} is {word}: its {what} is tried again in the next run")
            else:
                say(f"{changed.key} is {word}: it is now {changed.state}{ledger.in_the_way(changed)}")


@contextmanager
def _ledger(config: Path | None, school_id: str | None, *, to_write: bool = False) -> Iterator[_Open]:
    settings = open_config(config)
    chosen = one_school(settings, school_id)
    opened = (
        changing(settings, chosen) if to_write else Store.open(existing_state(settings, chosen), chosen.id)
    )
    with opened as store:
        yield _Open(store, today(chosen), chosen)


def _state(name: str) -> State:
    known: tuple[State, ...] = get_args(State)
    for state in known:
        if state == name:
            return state
    raise ConfigError(f"there is no state '{name}'", fix=did_you_mean(name, known))


def _save(store: Store, case: decisions.EventCase, folder: Path) -> Iterator[Path]:
    for item in case.items:
        if item.kind == "document":
            path = folder / item.file_name
            write_out(path, decisions.document_of(store, item))
            yield path


def _case_document(case: decisions.EventCase) -> dict[str, Any]:
    return {
        **ledger_document(case.row),
        "policy": case.row.policy,
        "policy_version": case.row.policy_version,
        "registers_read_at": case.row.registers_read_at,
        "history": [
            {"at": line.at.isoformat(), "state": line.state, "reason": line.reason, "run": line.run_id}
            for line in case.history
        ],
        "items": [
            {
                "kind": item.kind,
                "title": item.file_name or item.summary,
                "text": item.text,
                "date": item.date.isoformat(),
                "state": item.state,
                "reference": item.reference,
                "error": item.error,
            }
            for item in case.items
        ],
    }


def _show_case(case: decisions.EventCase) -> None:
    row, event = case.row, case.row.event
    about = f"pupil {row.pupil_id}" if row.pupil_id else f"class {row.group}"
    say(f"{row.key}: {event.title or row.rule}, {about}, {row.date}, {row.state}")
    if row.state == "held":
        for way_on in ways_on([row.hold]):
            say(way_on)
    say(f"Clause: {event.clause} (policy {row.policy}, version {row.policy_version})")
    say("Figures: " + ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in event.figures.items()))
    if event.sessions:
        say("Sessions: " + ", ".join(f"{mark.date} {mark.half} {mark.code}" for mark in event.sessions))
    print_table(
        ("When", "State", "Reason", "Run"),
        [(f"{line.at:%Y-%m-%d %H:%M}", line.state, line.reason, line.run_id) for line in case.history],
        title="History",
    )
    if case.items:
        print_table(
            ("Kind", "Title", "Date", "State", "Reference in the MIS"),
            [(i.kind, i.file_name or i.summary, i.date, i.state, i.error or i.reference) for i in case.items],
            title="Notes and documents",
        )


def _user() -> str:
    return getpass.getuser()


def _now() -> datetime:
    return datetime.now(UTC)
