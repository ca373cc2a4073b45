"""What follows when a MIS does not give a fact, and what supplies it.

Facts have the names of the fields in an adapter's fields.toml; several fields may make up one fact, such as the
telephone numbers. Named by ``check``, once a school and fact.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from connector.adapters.field_names import Field
from connector.errors import Finding
from rules.school import KNOWABLE, Pupil


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact that a MIS may lack."""

    follows: str
    """What happens without it."""
    file: str = ""
    """Which file supplies it, contacts or pupils; empty where nothing does."""
    column: str = ""
    setting: str = ""
    """The setting that says what holds where nobody gives the fact."""

    @property
    def supply(self) -> str:
        """What to do where the MIS does not give it; empty where nothing supplies it."""
        if not self.file:
            return ""
        column = f"supply it in the column {self.column} of {self.file}.csv ([school.supply] {self.file})"
        return f"{column}{self._or_setting}"

    @property
    def add(self) -> str:
        """What to do where a register folder does not give it."""
        return f"fill in the column {self.column} of {self.file}.csv{self._or_setting}" if self.file else ""

    @property
    def _or_setting(self) -> str:
        return f", or set {self.setting} under [school.contacts]" if self.setting else ""


def _pupils(column: str, follows: str) -> Fact:
    return Fact(follows, "pupils", column)


def _contacts(column: str, follows: str, setting: str = "") -> Fact:
    return Fact(follows, "contacts", column, setting)


_GROUPS = "rules, exclusions and groups of statistics that name it hold for nobody"

FACTS = {
    "court_order": _contacts(
        "court_order",
        "no letter goes to an adult of whom nobody says whether a court order restricts them",
        'court_orders = "none on record"',
    ),
    "correspondence": _contacts(
        "correspondence",
        "no letter goes to an adult of whom nobody says whether they may be written to",
        'correspondence = "none barred"',
    ),
    "salutation": _contacts("salutation", "letters greet by title and surname"),
    "language": _contacts("language", "every letter is in the school's own language"),
    "telephones": _contacts("phone_1", "lists of calls have no numbers"),
    "deceased": _contacts("deceased", "a letter may go to a parent who has died"),
    "refuge": _contacts("refuge", "an address that must be kept secret is printed like any other"),
    "pupil_deceased": _pupils("deceased", "letters and lists go on for a pupil who has died"),
    "fsm": _pupils("fsm", _GROUPS),
    "pupil_premium": _pupils("pupil_premium", _GROUPS),
    "eal": _pupils("eal", _GROUPS),
    "looked_after": _pupils("looked_after", "letters about a looked-after child go to the parents"),
    "social_worker": _pupils("social_worker", _GROUPS),
    "child_protection": _pupils("child_protection", _GROUPS),
    "young_carer": _pupils("young_carer", _GROUPS),
    "sen_status": _pupils("sen_status", _GROUPS),
    "part_time": _pupils("part_time_from", "no pupil counts as on a part-time timetable"),
    "date_of_birth": _pupils("date_of_birth", "every pupil counts as of compulsory school age on every day"),
    "upn": Fact("documents and folders have no UPN, and statutory returns are incomplete", ""),
    "minutes_late": Fact("documents do not say how late a pupil was", ""),
    "comment": Fact("documents have no comments on marks", ""),
    "on_roll": Fact(
        "every pupil listed counts as on roll from the calendar's start, and who has left is no longer read",
        "",
    ),
    "year_group": Fact("rules and lists of a year group have nobody", ""),
    "registration_group": Fact("rules and reports of a class have nobody", ""),
    "parental_responsibility": Fact("no adult is written to by parental responsibility", ""),
    "do_not_communicate": Fact("a pupil's record cannot say that nobody is to be written to", ""),
}
"""Facts by name. The field ``deceased`` is a contact's; a pupil's is ``pupil_deceased``."""

_PARTS = {
    "part_time_from": "part_time",
    "part_time_to": "part_time",
    "on_roll_from": "on_roll",
    "on_roll_to": "on_roll",
    "phone": "telephones",
    "phone_mobile": "telephones",
    "phone_home": "telephones",
    "phone_work": "telephones",
}
"""Fields that make up a fact of another name."""
_ALTERNATIVES = frozenset(field for field, fact in _PARTS.items() if fact == "telephones")

_WORDS = {
    "court_order": "court orders",
    "correspondence": "word on who may be written to",
    "salutation": "salutations of contacts",
    "language": "languages to write in",
    "telephones": "telephone numbers",
    "deceased": "word on which contacts have died",
    "refuge": "word on which addresses must be kept secret",
    "pupil_deceased": "word on which pupils have died",
    "part_time": "days of part-time timetables",
    "upn": "UPNs",
    "fsm": "free school meals",
    "eal": "English as an additional language",
    "sen_status": "special educational needs",
    "date_of_birth": "dates of birth",
    "on_roll": "dates on roll",
    "do_not_communicate": "flag that nobody is to be written to about a pupil",
}


def fact_of(ours: str) -> str:
    """Return the fact that a field belongs to: its own name for most."""
    return _PARTS.get(ours, ours)


def words_of(fact: str) -> str:
    """Return a fact in words: "court orders"."""
    return _WORDS.get(fact, fact.replace("_", " "))


def given_by_columns(file: str, columns: Collection[str]) -> set[str]:
    """Return the facts that a contacts or pupils file with these columns supplies."""
    return {name for name, fact in FACTS.items() if fact.file == file and fact.column in columns}


def findings_of_people(pupils: Sequence[Pupil], *, supplied: bool = False) -> list[Finding]:
    """Given all pupils of a file with their contacts, return a warning for each fact that it does not give.

    ``supplied``: the file stands in for what a MIS lacks, and does not say by a column of its own what it gives.
    """
    adults = [contact for pupil in pupils for contact in pupil.contacts if contact.parental_responsibility]
    findings = []
    for name, of_whom in _OF_WHOM.items():
        count = sum(getattr(adult, name) is None for adult in adults)
        if count:
            message = (
                f"does not say of {count:,} of {len(adults):,} adults with parental responsibility {of_whom}"
            )
            findings.append(_of_file(name, message))
    if not supplied and pupils:
        nowhere = frozenset.intersection(*(pupil.unknown for pupil in pupils))
        facts = dict.fromkeys(fact_of(name) for name in KNOWABLE if name in nowhere)
        findings += [_of_file(name, f"gives no {words_of(name)}") for name in facts]
    return findings


_OF_WHOM = {
    "court_order": "whether a court order restricts them",
    "correspondence": "whether they may be written to",
}


def _of_file(name: str, message: str) -> Finding:
    fact = FACTS[name]
    return Finding(f"{fact.file}.csv", f"{message}: {fact.follows}", fact.add, severity="warning", fact=name)


def told_together(findings: Sequence[Finding]) -> list[Finding]:
    """Return findings with one in place of several about facts of one source whose absence has the same consequence."""
    groups: dict[tuple[str, str], list[Finding]] = {}
    for finding in findings:
        fact = FACTS.get(finding.fact)
        groups.setdefault((finding.where, fact.follows if fact else finding.message), []).append(finding)
    return [group[0] if len(group) == 1 else _together(group) for group in groups.values()]


def _together(group: Sequence[Finding]) -> Finding:
    facts = [FACTS[finding.fact] for finding in group]
    names = ", ".join(words_of(finding.fact) for finding in group)
    columns = ", ".join(fact.column for fact in facts)
    fix = f"supply them in the columns {columns} of {facts[0].file}.csv"
    return replace(group[0], message=f"gives no {names}: {facts[0].follows}", fix=fix)


def findings_of_facts(
    mis: str, missing: Iterable[tuple[str, Field]], there: Iterable[str] = ()
) -> list[Finding]:
    """Given the optional and absent fields that were not there, each with its table, return a warning for each fact.

    ``there``: names of fields that were there. Of telephone numbers one field that is there is enough.
    """
    given = set(there)
    by_fact: dict[str, list[tuple[str, Field]]] = {}
    for table, field in missing:
        enough = _ALTERNATIVES & {field.ours} and _ALTERNATIVES & given
        if field.ours not in given and not enough:
            by_fact.setdefault(fact_of(field.ours), []).append((table, field))
    return [_finding(mis, fact, fields) for fact, fields in by_fact.items()]


def _finding(mis: str, fact: str, fields: list[tuple[str, Field]]) -> Finding:
    table, first = fields[0]
    sought = [field.called for _, field in fields if field.names]
    scopes = dict.fromkeys(field.scope for _, field in fields if field.scope)
    reason = f"no field {', '.join(sought)}" if sought else first.why or "this MIS does not have it"
    if scopes:
        reason += f", which the scope {', '.join(scopes)} gives"
    known = FACTS.get(fact)
    follows = f": {known.follows}" if known else ""
    return Finding(
        f"{mis}: {table}",
        f"gives no {words_of(fact)} ({reason}){follows}",
        known.supply if known else "",
        severity="warning",
        fact=fact,
    )
