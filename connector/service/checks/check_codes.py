"""Part of `check`: the MIS's codes of attendance against those of the law."""

from __future__ import annotations

from collections.abc import Iterator

from connector.adapters.base import MisCode
from connector.config import SchoolConfig
from connector.errors import Finding
from rules.codes import Class, code_sets

_CLASSES = {
    "present": Class.PRESENT,
    "approved": Class.APPROVED,
    "authorised": Class.AUTHORISED,
    "unauthorised": Class.UNAUTHORISED,
    "not_possible": Class.NOT_POSSIBLE,
    "missing": Class.MISSING,
}
_WORDS = {number: word.replace("_", " ") for word, number in _CLASSES.items()}


def code_findings(school: SchoolConfig, codes: tuple[MisCode, ...], where: str) -> Iterator[Finding]:
    """Yield codes that no code set of the nation has, and those that the MIS counts otherwise.

    A MIS keeps old codes, so the last set that has one is used.
    """
    sets = code_sets(school.nation, school.welsh_d_attended)
    for code in codes:
        if code.code in ("", "-"):
            continue
        code_set = next((known for known in reversed(sets) if code.code in known.codes), sets[-1])
        ours = code_set.counts_as(code.code)
        if ours == Class.UNRECOGNISED:
            yield Finding(
                where,
                f"the MIS has the code '{code.code}', which is not in {code_set.name}",
                "take it out of use in the MIS; marks with it stay outside every total and are counted as unrecognised",
            )
        elif code.counts_as and _CLASSES[code.counts_as] != ours:
            yield Finding(
                where,
                f"the MIS counts '{code.code}' as {code.counts_as.replace('_', ' ')}, {code_set.name} as {_WORDS[ours]}",
                "correct the code's statistical meaning in the MIS, or check that 'nation' is right",
            )
