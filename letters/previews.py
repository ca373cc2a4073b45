"""Made-up values for previews of letters, with what is a school's own as its letters have it: its name and signature, its
policy's bands and its nation's law. One pupil is usual, another has all that is long."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from letters.facts import Facts
from letters.fields import registry
from letters.fields.policy import RULE_FIELDS
from letters.fields.school import SCHOOL_FIELDS
from letters.fields.tables import Rows, band_rows
from letters.school_details import SchoolDetails
from letters.template.segments import Value
from letters.words import english, welsh
from rules.calendar import Calendar, Period
from rules.codes import code_set_on
from rules.events import Event
from rules.policy import Policy
from rules.register import build_register
from rules.school import Nation, Pupil
from rules.statistics import Tally

_ATTENDED, _POSSIBLE = 110, 116
_DAY = date(2025, 11, 28)
_ROWS = 40
_ROW_BLOCKS = ("sessions", "counted_spells", "absence_spells")
_OF_THE_RULE = frozenset(
    {"rule_title", "clause", "if_assumed", "assumed", "review_date", "if_review_date", "if_earlier_forms"}
)
"""Fields of the rule that a letter follows: it is not known which, so they keep their examples."""
_CALENDAR = Calendar(
    (
        Period("year", "2025/26", date(2025, 9, 1), date(2026, 8, 31)),
        Period("term", "Autumn term", date(2025, 9, 1), date(2025, 12, 19)),
        Period("half_term", "Autumn 1", date(2025, 9, 1), date(2025, 10, 24)),
        Period("half_term", "Autumn 2", date(2025, 11, 3), date(2025, 12, 19)),
    )
)
_LONG: dict[str, str] = {
    "pupil_name": "Bartholomew O’Shaughnessy-Featherstonehaugh",
    "pupil_forename": "Bartholomew",
    "pupil_surname": "O’Shaughnessy-Featherstonehaugh",
    "pupil_legal_name": "Bartholomew Maximilian Christopher O’Shaughnessy-Featherstonehaugh",
    "pupil_legal_forename": "Bartholomew Maximilian Christopher",
    "pupil_legal_surname": "O’Shaughnessy-Featherstonehaugh",
    "addressee": "Dr Órla Bernadette O’Shaughnessy-Featherstonehaugh and Mr Piet van der Westhuizen",
    "addressee_cy": "Dr Órla Bernadette O’Shaughnessy-Featherstonehaugh a Mr Piet van der Westhuizen",
    "salutation": "Dr O’Shaughnessy-Featherstonehaugh and Mr van der Westhuizen",
    "salutation_cy": "Dr O’Shaughnessy-Featherstonehaugh a Mr van der Westhuizen",
}
_HOME = ("Flat 12, The Old Granary Buildings", "147–149 Upper Wellington Street East", "Newland", "Kingston upon Hull",
         "East Riding of Yorkshire", "HU5 2TT", "Ireland")  # fmt: skip
_OTHER: dict[str, str] = {
    "addressee": "Mr R Sample", "addressee_cy": "Mr R Sample", "salutation": "Mr Sample", "salutation_cy": "Mr Sample",
}  # fmt: skip
_USUAL_HOME = ("Flat 2", "14 Example Street", "Exampleton", "EX1 2AB")
_OTHER_HOME = ("8 Mill Lane", "Beverton", "EX9 9XY")


def previews(policy: Policy | None, school: SchoolDetails | None = None) -> dict[str, Mapping[str, Value]]:
    """Return the values of each preview by the ending of its file's name.

    ``""`` is a usual letter, ``"-second-household"`` the one to the other parent, ``"-long"`` the one with the longest
    names, seven lines of address and forty rows of sessions. With a ``policy`` they have its bands and the law of its
    nation, with a ``school`` its letterhead and signature; else those are made up.
    """
    usual: dict[str, Value] = {}
    if policy is not None:
        usual = _of_the_school(policy, school)
    rows = _in_the_words_of(policy.nation if policy else "england")
    examples = registry.examples()
    at_home = _address(str(examples["addressee"]), _USUAL_HOME)
    usual = _with(examples, usual | at_home | dict.fromkeys(_ROW_BLOCKS, rows))
    return {
        "": usual,
        "-second-household": _with(usual, _OTHER | _address(_OTHER["addressee"], _OTHER_HOME)),
        "-long": _with(usual, _LONG | _address(_LONG["addressee"], _HOME) | _many_rows(rows)),
    }


def _with(values: Mapping[str, Value], changes: Mapping[str, Value]) -> dict[str, Value]:
    """Return the values with some changed, under each name that their fields are known by."""
    changed = dict(values)
    for name, value in changes.items():
        field = registry.find(name)
        assert field is not None, name
        changed |= dict.fromkeys((field.name, *field.aliases), value)
    return changed


def _of_the_school(policy: Policy, school: SchoolDetails | None) -> dict[str, Value]:
    """Return what letters of a school say of it, of its policy and of the law, whoever the pupil is."""
    pupil = Pupil("1", date_of_birth=date(2016, 2, 9))
    register = build_register(pupils=(pupil,), calendar=_CALENDAR, marks=(), nation=policy.nation)
    figures: dict[str, str | int] = {"attended": _ATTENDED, "possible": _POSSIBLE}
    event = Event("preview", _DAY, "", (), pupil.pupil_id, figures=figures)
    details = school or SchoolDetails(name="", telephone="-")
    facts = Facts(event, register, Tally(register), policy, details, "", _DAY)
    fields = (*RULE_FIELDS, *(SCHOOL_FIELDS if school else ()))
    values = {field.name: field.fill(facts) for field in fields if field.name not in _OF_THE_RULE}
    if facts.law.new_pupil_return_days is None:
        values |= {"return_due": "", "if_return_due": False, "if_return_in_time": False}
    return values | {"bands": [*band_rows(policy.bands, facts.band)], "attendance_percent": facts.percent}


def _address(name: str, lines: tuple[str, ...]) -> dict[str, Value]:
    padded = (*lines, *[""] * (7 - len(lines)))
    whole: dict[str, Value] = {"address": ", ".join(lines), "address_block": "\n".join((name, *lines))}
    return whole | {f"address_line_{number}": line for number, line in enumerate(padded, 1)}


def _in_the_words_of(nation: Nation) -> Rows:
    """Return the example sessions with what their codes mean in a nation."""
    rows = registry.examples()["sessions"]
    assert isinstance(rows, list)
    codes = code_set_on(nation, _DAY).codes
    return [{**row, "session_meaning": codes[str(row["session_code"])].meaning} for row in rows]


def _many_rows(rows: Rows) -> dict[str, Value]:
    """Return each block of sessions with forty rows, a school day each, from its example."""
    days = [day for day in _CALENDAR.school_days if day < _DAY][-_ROWS:]
    made: Rows = [
        {
            **rows[number % len(rows)],
            "session_date": day,
            "spell_when": english.span(day, day),
            "spell_when_cy": welsh.span(day, day),
        }
        for number, day in enumerate(days)
    ]
    return dict.fromkeys(_ROW_BLOCKS, made)
