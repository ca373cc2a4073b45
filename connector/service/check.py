"""Everything that can be wrong with a set-up, reported together; what could not be checked because of another fault is named as such."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

from connector.adapters import adapter_kinds
from connector.adapters.base import (
    Adapter,
    AdapterKind,
    CalendarPage,
    CodesPage,
    MisCode,
    MisSchool,
    Page,
    PullRequest,
    SchoolPage,
)
from connector.adapters.folder_marks import foreign_mark
from connector.adapters.supplied import SupplementedAdapter, supplement, supplemented
from connector.config import Config, SchoolConfig, read_config
from connector.config.loaded_school import policies_of
from connector.config.logic import STATUTORY
from connector.config.own_folders import own_folders
from connector.config.secrets import SecretError, missing_secret, read_secret
from connector.config.state_folder import state_finding
from connector.documents.templates import source_lines, template_findings
from connector.errors import AdapterError, ConfigError, DataError, Finding, RetryableError, accepting
from connector.http import FieldsSeen
from connector.run.start import today
from connector.run.states import folder_mark, renamed_state, renamed_words, source_of, state_of, unused_states
from connector.service.checks.check_calendar import calendar_findings
from connector.service.checks.check_codes import code_findings
from connector.service.checks.check_exclusions import (
    Noted,
    covers_nobody,
    every_exclusion,
    exclusion_lines,
    listed_in,
    unknown_rules,
)
from connector.service.checks.check_facts import fact_findings
from connector.service.checks.check_mail import mail_findings
from connector.service.checks.check_marks import mark_findings
from connector.service.checks.check_pdf import pdf_findings, pdf_lines
from connector.service.checks.check_reach import reach_findings
from connector.service.checks.check_review import review_findings
from connector.service.checks.check_sources import source_findings
from rules.calendar import Calendar, CalendarError, Period
from rules.policy import Policy, PolicyError
from rules.rule.outcome import NOTE


@dataclass
class Checked:
    """The findings, and what is in use."""

    findings: list[Finding] = field(default_factory=list)
    in_use: list[str] = field(default_factory=list)
    """Sentences: where each secret comes from, which MIS answered."""
    seen: FieldsSeen | None = None
    """The names of the fields that the MIS's answers have, where they are to be shown."""

    @property
    def ok(self) -> bool:
        """No finding stops a run; warnings may be there."""
        return all(finding.severity != "error" for finding in self.findings)


def check_all(
    path: Path,
    school_id: str | None = None,
    progress: Callable[[str], None] = lambda _what: None,
    *,
    show: bool = False,
) -> Checked:
    """Given the path of a configuration, look at everything and return every finding. Raise nothing for a fault.

    ``show`` notes the names of the fields that the MIS's answers have.
    """
    checked = Checked(seen=FieldsSeen() if show else None)
    reading = read_config(path)
    checked.findings += reading.findings
    if reading.config is None:
        return checked
    checked.findings += _state(reading.config)
    for index, school in enumerate(reading.config.schools):
        if school_id in (None, school.id):
            _school(reading.config, school, f"school[{index}]", checked, progress)
    return checked


def _school(
    config: Config, school: SchoolConfig, where: str, checked: Checked, progress: Callable[[str], None]
) -> None:
    progress(f"{school.id}: policy and templates")
    policies = _policies(school)
    checked.findings += _statutory(school, policies, where)
    checked.findings += review_findings(school, policies, today(school), where)
    if school.run.trial_day:
        message = f"every run is made as if {school.run.trial_day} were today"
        checked.findings.append(
            Finding(f"{where}.run.trial_day", message, "take it out before real use", "warning")
        )
    if not school.letters.head_name:
        message = "nobody is named as the one who signs: letters end with the title alone"
        fix = 'set it, such as head_name = "Mrs J. Amadi"'
        checked.findings.append(Finding(f"{where}.letters.head_name", message, fix, "warning"))
    if school.run.records_folder and not school.run.records_folder.is_dir():
        fix = "make the folder, or correct its path"
        checked.findings.append(
            Finding(f"{where}.run.records_folder", "there is no such folder", fix, "warning")
        )
    checked.findings += [*pdf_findings(school, where), *mail_findings(school, where)]
    checked.in_use += [f"{school.id}: {line}" for line in pdf_lines(school)]
    checked.findings += template_findings(school.letters.templates, policies)
    checked.in_use += [f"{school.id}: {line}" for line in source_lines(school.letters.templates, policies)]
    kind = adapter_kinds()[school.mis.adapter]
    checked.findings += _capabilities(school, kind, policies, where)
    progress(f"{school.id}: secrets")
    secrets = _secrets(school, kind, checked)
    if len(secrets) < len(kind.secrets):
        message = f"{kind.title} could not be asked, because a secret is missing"
        checked.findings.append(Finding(f"{where}.mis", message, "set the secret, then check again"))
        return
    progress(f"{school.id}: {kind.title}")
    try:
        http = school.http.for_check(checked.seen)
        adapter = supplement(kind.open(school.mis.settings, secrets, http), school.supply)
    except (ConfigError, DataError) as error:
        checked.findings += error.findings
        return
    try:
        unreached = list(reach_findings(school, kind, where))
        if unreached:
            supplied = adapter.check_supplied() if isinstance(adapter, SupplementedAdapter) else []
            checked.findings += [*unreached, *supplied]
            return
        mis, begun = _mis(config, school, adapter, kind, policies, where, checked)
        checked.findings += _renamed(config, school, mis, where)
        checked.findings += _folders(config, school, mis, where)
        if (state := state_of(config, school, mis)) is not None:
            checked.findings += source_findings(state.path, source_of(school), begun, where)
    finally:
        adapter.close()


def _mis(
    config: Config,
    school: SchoolConfig,
    adapter: Adapter,
    kind: AdapterKind,
    policies: Sequence[Policy],
    where: str,
    checked: Checked,
) -> tuple[str | None, Sequence[Page]]:
    """Check connection, credentials and permissions as the adapter does; then the MIS's codes and calendar.

    Return the MIS's school in the form in which a state keeps it, None when it was not to be had; and the pages read.
    """
    findings = adapter.check()
    before = len(checked.findings)
    day = today(school)
    folder = not kind.secrets  # its marks cost no request, and may all be old
    pages = adapter.pull(PullRequest(None, recent_from=day, until=day, history_from=None if folder else day))
    noted = Noted()
    read = noted.noting(pages)
    named = None
    begun: list[Page] = []
    try:
        codes, periods, named, begun = _peek(read)
        checked.in_use.append(f"{school.id}: {kind.title} answered in {adapter.requests_sent} requests")
        if codes:
            checked.findings += code_findings(school, codes, f"{kind.title}: attendance codes")
        if adapter.capabilities.calendar:  # where nobody gives one, that is a finding already
            checked.findings += calendar_findings(school, periods, where)
        if folder and (calendar := _usable(periods)) is not None:
            title = f"{kind.title}: attendance marks"
            checked.findings += mark_findings(school, chain(begun, read), calendar, day, title)
        checked.in_use += exclusion_lines(school, noted.exclusions)
        checked.findings += unknown_rules(school, noted.exclusions)
        # a folder is read to its end; of a MIS the pupils are those of the last run
        state = state_of(config, school, source_of(school).mis(named))
        listed = noted.year_groups or (listed_in(state.path) if state and not folder else None)
        checked.findings += covers_nobody(school, noted.exclusions, listed, day)
    except (AdapterError, DataError) as error:
        if not any(finding.severity == "error" for finding in findings):
            own = [Finding(kind.title, error.message, error.fix)]
            checked.findings += error.findings if isinstance(error, DataError) else own
    finally:
        close = getattr(pages, "close", None)
        if close is not None:
            close()
    checked.findings[before:before] = fact_findings(
        school, findings, policies, every_exclusion(school, noted.exclusions), where
    )
    return source_of(school).mis(named), begun


def _renamed(config: Config, school: SchoolConfig, mis: str | None, where: str) -> Iterator[Finding]:
    """Yield the state that the school has under a former id, or states that no school has."""
    renamed = renamed_state(config, school, mis)
    if renamed is not None:
        yield Finding(f"{where}.id", renamed_words(school, renamed), severity="warning")
    elif not config.database(school).exists():
        for state in unused_states(config):
            message = f"{school.id} has no state yet, and {state.path.name} in {config.service.state} is of no school here"
            fix = (
                f"if it is this school's, give the school its former id '{state.path.stem}' again for one run"
            )
            yield Finding(f"{where}.id", message, fix, "warning")


def _folders(config: Config, school: SchoolConfig, mis: str | None, where: str) -> Iterator[Finding]:
    """Yield folders for letters and documents that another school has marked as its own."""
    own = folder_mark(config, school, mis)
    for folder in own_folders(school):
        if not folder.written or not (own.state or own.mis):
            continue
        try:
            taken = foreign_mark(folder.path, own)
        except RetryableError as error:
            yield Finding(f"{where}.{folder.key}", error.message, error.fix)
            continue
        if taken:
            fix = f"name a folder of this school's own; if it is this school's after all, let one run pass with {accepting('folder')}"
            yield Finding(f"{where}.{folder.key}", taken, fix)


_Peeked = tuple[tuple[MisCode, ...] | None, tuple[Period, ...] | None, MisSchool | None, list[Page]]


def _peek(pages: Iterable[Page]) -> _Peeked:
    """Return codes, calendar and school of a pull, read until the first two have come, and the pages read."""
    codes = periods = named = None
    begun: list[Page] = []
    for page in pages:
        begun.append(page)
        if isinstance(page, CodesPage):
            codes = page.codes
        elif isinstance(page, SchoolPage):
            named = page.school
        elif isinstance(page, CalendarPage):
            periods = page.periods
        if periods is not None and (codes is not None or not isinstance(page, CalendarPage)):
            break
    return codes, periods, named, begun


def _usable(periods: tuple[Period, ...] | None) -> Calendar | None:
    try:
        return Calendar(periods or ())
    except CalendarError:
        return None


def _capabilities(
    school: SchoolConfig, kind: AdapterKind, policies: Sequence[Policy], where: str
) -> Iterator[Finding]:
    can = supplemented(kind.capabilities, school.supply)
    if not can.calendar:
        yield Finding(
            f"{where}.supply.calendar", f"{kind.title} gives no calendar", "name a calendar.csv here"
        )
    if school.service.morning and not can.school_documents and school.run.digest is None:
        yield Finding(
            f"{where}.service.morning",
            f"the list of calls has nowhere to go: {kind.title} takes no document on the school",
            "name a folder with run.digest, or with supply.folder",
        )
    outcomes = {o for policy in policies for rule in policy.rules for o in rule.outcomes}
    writes_to_families = any(outcome.kind == "letter" for outcome in outcomes)
    if not can.contacts and writes_to_families:
        yield Finding(
            f"{where}.supply.contacts",
            f"{kind.title} gives no contacts, and the policy writes to families",
            "name a contacts.csv here",
        )
    lacks_notes = NOTE in outcomes and not can.notes
    lacks_documents = not can.documents and any(outcome.is_document for outcome in outcomes)
    if lacks_notes or lacks_documents:
        what = " and ".join(w for w, lack in (("notes", lacks_notes), ("documents", lacks_documents)) if lack)
        yield Finding(
            f"{where}.supply.folder", f"{kind.title} takes no {what}", "name a folder for them here"
        )


def _secrets(school: SchoolConfig, kind: AdapterKind, checked: Checked) -> dict[str, str]:
    values = {}
    for wanted in kind.secrets:
        try:
            secret = read_secret(school.id, wanted.name)
        except SecretError as error:
            place = f"school {school.id}: secret '{wanted.name}'"
            checked.findings.append(Finding(place, error.message, error.fix))
            continue
        if secret is None:
            checked.findings.append(missing_secret(school.id, wanted))
        else:
            checked.in_use.append(f"{school.id}: secret '{wanted.name}' from {secret.source}")
            values[wanted.name] = secret.value
    return values


def _policies(school: SchoolConfig) -> tuple[Policy, ...]:
    """Return the policies; none when one cannot be read: that is already among the configuration's findings."""
    try:
        return policies_of(school)
    except PolicyError:
        return ()


def _statutory(school: SchoolConfig, policies: Sequence[Policy], where: str) -> Iterator[Finding]:
    """Yield that an English school lacks the law's own pack: the national threshold and the returns stand there alone."""
    if school.nation != "england" or not policies or any(policy.id == STATUTORY for policy in policies):
        return
    names = ", ".join(f'"{name}"' for name in (*school.policy, STATUTORY))
    yield Finding(
        f"{where}.policy",
        f"the statutory framework {STATUTORY} is missing: nobody is told of the national threshold for penalty notices or of returns to the authority",
        f"write policy = [{names}]",
        "warning",
    )


def _state(config: Config) -> Iterator[Finding]:
    state = config.service.state
    try:
        state.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=state):
            pass
    except OSError as error:
        yield Finding(
            f"{config.path}: service.state",
            f"{state} cannot be written: {error.strerror}",
            "let the service's user write there, or name another folder",
        )
        return
    try:
        taken = state_finding(config)
    except RetryableError as error:
        taken = Finding(f"{config.path}: service.state", error.message, error.fix)
    if taken is not None:
        yield taken
