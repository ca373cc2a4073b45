"""Made-up values for previews of letters: a policy's own bands, a usual pupil, and one with all that is long."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from letters.fields.registry import examples
from letters.fields.tables import band_rows
from letters.template.segments import Value
from letters.words import english, welsh
from rules.policy import Policy

_ATTENDED, _POSSIBLE = 110, 116
_ROWS = 40
_LONG: dict[str, str] = {
    "pupil_name": "Bartholomew O’Shaughnessy-Featherstonehaugh",
    "pupil_forename": "Bartholomew",
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
_OTHER_HOME = ("8 Mill Lane", "Beverton", "EX9 9XY")


def previews(policy: Policy | None) -> dict[str, Mapping[str, Value]]:
    """Return the values of each preview by the ending of its file's name, with the bands of the policy.

    ``""`` is a usual letter, ``"-second-household"`` the one to the other parent, ``"-long"`` the one with the longest
    names, seven lines of address and forty rows of sessions.
    """
    usual = dict(examples())
    if policy is not None:
        own = policy.band_of(_ATTENDED, _POSSIBLE)
        usual["bands"] = [*band_rows(policy.bands, own)]
    return {
        "": usual,
        "-second-household": usual | _OTHER | _address(_OTHER_HOME),
        "-long": usual | _LONG | _address(_HOME) | _many_rows(usual),
    }


def _address(lines: tuple[str, ...]) -> dict[str, Value]:
    padded = (*lines, *[""] * (7 - len(lines)))
    return {f"address_line_{number}": line for number, line in enumerate(padded, 1)}


def _many_rows(usual: Mapping[str, Value]) -> dict[str, Value]:
    """Return each block of sessions with forty rows, a day each, from its example."""
    made: dict[str, Value] = {}
    days = [date(2025, 9, 8) + timedelta(days=2 * number) for number in range(_ROWS)]
    for name in ("sessions", "counted_sessions", "counted_spells", "absence_spells"):
        rows = usual[name]
        assert isinstance(rows, list)
        made[name] = [
            {
                **rows[number % len(rows)],
                "session_date": day,
                "spell_when": english.span(day, day),
                "spell_when_cy": welsh.span(day, day),
            }
            for number, day in enumerate(days)
        ]
    return made
