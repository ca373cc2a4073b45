"""What follows when a MIS does not give a fact, and what supplies it.

Facts have the names of the fields in an adapter's fields.toml; several fields may make up one fact, such as the
telephone numbers. Told by ``check``, once a school and fact.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from connector.adapters.field_names import Field
from connector.errors import Finding


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact that a MIS may lack."""

    follows: str
    """What happens without it."""
    supply: str
    """What to do about it; empty where nothing supplies it."""


def _column(file: str, column: str) -> str:
    return f"supply it in the column {column} of {file}.csv ([school.supply] {file})"


def _pupils(column: str, follows: str) -> Fact:
    return Fact(follows, _column("pupils", column))


def _contacts(column: str, follows: str, instead: str = "") -> Fact:
    return Fact(follows, _column("contacts", column) + (f", or {instead}" if instead else ""))


_GROUPS = "rules, exclusions and groups of statistics that name it hold for nobody"

FACTS = {
    "court_order": _contacts(
        "court_order",
        "no letter goes to an adult of whom nobody says whether a court order restricts them",
        'set court_orders = "none on record" under [school.contacts]',
    ),
    "correspondence": _contacts(
        "correspondence",
        "no letter goes to an adult of whom nobody says whether they may be written to",
        'set correspondence = "none barred" under [school.contacts]',
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
    "date_of_birth": _pupils("date_of_birth", "rules that ask for a pupil's age pass the pupil over"),
    "upn": Fact("documents and folders have no UPN, and statutory returns are incomplete", ""),
    "minutes_late": Fact("documents do not say how late a pupil was", ""),
    "comment": Fact("documents have no comments on marks", ""),
}
"""Facts by name. The field ``deceased`` is a contact's; a pupil's is ``pupil_deceased``."""

_PARTS = {
    "part_time_from": "part_time",
    "part_time_to": "part_time",
    "phone": "telephones",
    "phone_mobile": "telephones",
    "phone_home": "telephones",
    "phone_work": "telephones",
}
"""Fields that make up a fact of another name."""

_WORDS = {
    "court_order": "court orders",
    "correspondence": "who may be written to",
    "salutation": "salutations of contacts",
    "language": "languages to write in",
    "telephones": "telephone numbers",
    "deceased": "which contacts have died",
    "refuge": "which addresses must be kept secret",
    "pupil_deceased": "which pupils have died",
    "part_time": "days of part-time timetables",
    "upn": "UPNs",
    "fsm": "free school meals",
    "eal": "English as an additional language",
    "sen_status": "special educational needs",
    "date_of_birth": "dates of birth",
}


def fact_of(ours: str) -> str:
    """Return the fact that a field belongs to: its own name for most."""
    return _PARTS.get(ours, ours)


def words_of(fact: str) -> str:
    """Return a fact in words: "court orders"."""
    return _WORDS.get(fact, fact.replace("_", " "))


def findings_of_facts(
    mis: str, missing: Iterable[tuple[str, Field]], there: Iterable[str] = ()
) -> list[Finding]:
    """Given the optional and absent fields that were not there, each with its table, return a warning for each fact.

    ``there``: names of fields that were there; a fact of which one field is there is not missing.
    """
    given = {fact_of(ours) for ours in there}
    by_fact: dict[str, list[tuple[str, Field]]] = {}
    for table, field in missing:
        if fact_of(field.ours) not in given:
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
