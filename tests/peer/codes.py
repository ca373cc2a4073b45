"""What each attendance code means, by nation and day, written out as plain tables."""

from __future__ import annotations

from datetime import date

FIRST_DAY_OF_2024_CODES = date(2024, 8, 19)

PRESENT = "present"
ACTIVITY = "activity"
AUTHORISED = "authorised"
UNAUTHORISED = "unauthorised"
NOT_POSSIBLE = "not possible"
MISSING = "missing"
UNRECOGNISED = "unrecognised"

ENGLAND_2006 = {
    PRESENT: ["/", "\\", "L"],
    ACTIVITY: ["B", "J", "P", "V", "W"],
    AUTHORISED: ["C", "E", "F", "H", "I", "M", "R", "S", "T", "I01", "I02"],
    UNAUTHORISED: ["G", "N", "O", "U"],
    NOT_POSSIBLE: [
        *["D", "X", "Y", "Z", "#"],
        *["X01", "X02", "X03", "X04", "X05", "X06", "X07", "X08", "X09"],
    ],
}

ENGLAND_2024 = {
    PRESENT: ["/", "\\", "L"],
    ACTIVITY: ["K", "V", "P", "W", "B", "J"],
    AUTHORISED: ["C1", "M", "J1", "S", "C2", "C", "T", "R", "I", "E", "H", "F"],
    UNAUTHORISED: ["G", "N", "O", "U"],
    NOT_POSSIBLE: ["D", "X", "Q", "Y1", "Y2", "Y3", "Y4", "Y5", "Y6", "Y7", "Z", "#", "Y"],
}

WALES_2010 = {
    PRESENT: ["/", "\\", "L"],
    ACTIVITY: ["B", "J", "P", "V", "W", "D"],
    AUTHORISED: ["C", "E", "F", "H", "I", "M", "R", "S", "T"],
    UNAUTHORISED: ["G", "N", "O", "U"],
    NOT_POSSIBLE: ["X", "Y", "Z", "#"],
}

TABLES = {"england-2006": ENGLAND_2006, "england-2024": ENGLAND_2024, "wales-2010": WALES_2010}


def code_set(nation: str, day: date) -> str:
    """Return the name of the code set in force on a day."""
    if nation == "wales":
        return "wales-2010"
    if day < FIRST_DAY_OF_2024_CODES:
        return "england-2006"
    return "england-2024"


def is_missing(code: str) -> bool:
    """Whether a trimmed code is no mark at all."""
    return code == "" or code == "-"


def class_of(code: str, nation: str, day: date) -> str:
    """Return the class of a trimmed code on a day."""
    if is_missing(code):
        return MISSING
    for name, members in TABLES[code_set(nation, day)].items():
        if code in members:
            return name
    return UNRECOGNISED


def letter_of(code: str) -> str:
    """Return the code a sub-code follows: I01 and I02 are I, X01 to X09 are X, any other code is itself."""
    if code in ("I01", "I02"):
        return "I"
    if len(code) == 3 and code.startswith("X0"):
        return "X"
    return code
