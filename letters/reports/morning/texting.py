"""The same calls as a table for the school's texting tool: a number, whom it is about, and nothing of why."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator

from letters.reports.morning.calls import Call, Morning, class_words
from letters.reports.pupils import phone_order
from letters.words.salutation import full_name
from rules.contact import Contact

COLUMNS = ("number", "pupil", "class", "contact")
_MOBILE = re.compile(r"07\d{9}")
_FORMULA = "=+-@\t"
"""Signs with which a spreadsheet takes a cell for a formula."""


def texting_table(morning: Morning) -> bytes | None:
    """Return the pupils without a message as CSV, UTF-8 with a mark by which Excel knows it; None for no row.

    One row for each pupil: the first mobile number of those with parental responsibility in the order in which they are
    rung, otherwise their first number. Nobody else is sent a text, whose words cannot be chosen as in a call, nor is one of
    whom nobody says whether they may be written to. A pupil who is looked after or 18 has no row: a person decides whom
    to ask. Nor has one who was reached.
    """
    rows = [row for call in morning.without_message if (row := _row(call))]
    if not rows:
        return None
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows(rows)
    return text.getvalue().encode("utf-8-sig")


def _row(call: Call) -> tuple[str, ...] | None:
    pupil = call.pupil
    if pupil.looked_after or call.is_adult:
        return None
    adults = [adult for adult in phone_order(pupil) if adult.is_parent and adult.correspondence is True]
    numbers = list(_numbers(adults))
    mobile = (pair for pair in numbers if _MOBILE.fullmatch(_national(pair[1])))
    chosen = next(mobile, numbers[0] if numbers else None)
    if chosen is None:
        return None
    contact, number = chosen
    name = full_name("", pupil.forename, pupil.surname)
    adult = full_name(contact.title, contact.forename, contact.surname)
    return (number_words(number), _plain(name), _plain(class_words(pupil)), _plain(adult))


def _numbers(order: list[Contact]) -> Iterator[tuple[Contact, str]]:
    for contact in order:
        for number in contact.telephones:
            yield contact, number


def number_words(number: str) -> str:
    """Return a number in national form with a space, so that Excel takes it for text and keeps its first zero.

    One of another country begins with 00.
    """
    digits = _national(number)
    if digits.startswith("0") and len(digits) in (10, 11):
        return f"{digits[:5]} {digits[5:]}"
    shown = number.strip()
    return f"00{shown[1:].strip()}" if re.match(r"\+\d", shown) else shown.lstrip(_FORMULA)


def _national(number: str) -> str:
    """Return the digits of a number as they are dialled in this country."""
    digits = re.sub(r"\D", "", number)
    if (
        number.strip().startswith("+44")
        or digits.startswith("0044")
        or re.fullmatch(r"440?[1-9]\d{9}", digits)
    ):
        digits = "0" + digits.removeprefix("00").removeprefix("44").removeprefix("0")
    return digits


def _plain(text: str) -> str:
    return text.lstrip(_FORMULA).strip()
