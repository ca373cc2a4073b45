"""What stands in a cell: text as spreadsheets and exports leave it, made plain, and dates."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime, time
from functools import lru_cache

from rules.school import SCHOOL_TIME

CODED = frozenset(
    (
        *("pupil_id", "contact_id", "upn", "admission_number", "year_group", "registration_group"),
        *("date", "session", "code", "am", "pm", "original", "amended", "minutes_late"),
        *("recorded_at", "amended_at", "date_of_birth", "on_roll_from", "on_roll_to"),
        *("part_time_from", "part_time_to", "from", "to", "start", "end", "half", "weekday", "kind"),
        *("decided", "granted_from", "granted_to", "licence_from", "licence_to"),
    )
)
"""Columns that hold ids, codes and dates: there an apostrophe in front is Excel's sign for text. A name may have one."""

_ISO_DAY = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[T ]00:00(?::00(?:\.0+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?", re.ASCII)
_MIDNIGHT = re.compile(r"[T ]00:00(?::00(?:\.0+)?)?$", re.ASCII)
_TIMED = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}.*", re.ASCII)
_SERIAL = re.compile(r"[2-6]\d{4}(?:\.0+)?", re.ASCII)
_FORMS = (
    *("%d/%m/%Y", "%d/%m/%y", "%d-%m-%Y", "%d-%m-%y", "%d.%m.%Y", "%d.%m.%y", "%m/%d/%Y", "%m/%d/%y"),
    *("%d %B %Y", "%d %b %Y", "%d-%b-%Y", "%d-%b-%y", "%d/%b/%Y", "%Y/%m/%d", "%Y%m%d", "%a %d %b %Y"),
)
"""Forms of a date that exports use, the usual ones in Britain first."""
_PLAIN = re.compile(r"[0-9/.:TZ +-]{1,25}", re.ASCII)
_UNSEEN = dict.fromkeys(
    map(ord, "\u00ad\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff")
)
_BLANKS = dict.fromkeys(map(ord, "\u00a0\u2007\u202f"), " ")
# joiners belong to the spelling of names in Persian or Hindi, but never next to a Latin letter or a digit
_JOINERS = re.compile(r"(?<![^\x00-\x7f])[\u200c\u200d]+|[\u200c\u200d]+(?![^\x00-\x7f])")


def visible(text: str) -> str:
    """Return a text without zero-width characters and with ordinary blanks in place of non-breaking ones."""
    if text.isascii():
        return text
    return unicodedata.normalize("NFC", _JOINERS.sub("", text.translate(_UNSEEN | _BLANKS)))


def bare(cell: str) -> str:
    """Return a cell without the apostrophe, or the ="…", by which spreadsheets keep an id as text: '0042 is 0042."""
    value = cell.strip()
    if len(value) > 1 and value.startswith("'"):
        return value[1:].strip()
    if len(value) > 3 and value.startswith('="') and value.endswith('"'):
        return value[2:-1].strip()
    return cell


@lru_cache(maxsize=8192)
def day_of(text: str, date_format: str = "") -> date | None:
    """Return the day of YYYY-MM-DD, or of ``date_format``, also with the time 00:00; None for anything else."""
    iso = _ISO_DAY.fullmatch(text)
    try:
        if iso or not date_format:
            return date.fromisoformat(iso[1]) if iso else None
        return datetime.strptime(_MIDNIGHT.sub("", text), date_format).date()  # noqa: DTZ007 - a day
    except ValueError:
        return None


@lru_cache(maxsize=8192)
def moment_of(text: str, date_format: str = "") -> datetime | None:
    """Return a date and time, in the school's zone if it names none; None for anything else.

    The date is ISO, or in ``date_format`` with a blank and the time after it.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        before, _, after = text.rpartition(" ")
        day = day_of(before, date_format) if date_format else None
        if day is None:
            return None
        try:
            moment = datetime.combine(day, time.fromisoformat(after))
        except ValueError:
            return None
    return moment if moment.tzinfo else moment.replace(tzinfo=SCHOOL_TIME)


def date_help(value: str, date_format: str = "") -> str:
    """Given what is not a date, return what to do, with the cause as far as the value shows it."""
    if _TIMED.fullmatch(value):
        return "it has a time of day: export the date alone, as YYYY-MM-DD"
    if _SERIAL.fullmatch(value):
        return "it is Excel's number for a day: format the column as YYYY-MM-DD before saving it as CSV"
    if date_format:
        return f"write it as YYYY-MM-DD, or as date_format says, {date(2025, 11, 28).strftime(date_format)}"
    written = next((form for form in _FORMS if day_of(value, form)), "")
    if not written:
        return "write it as YYYY-MM-DD"
    return (
        f'write it as YYYY-MM-DD, or set date_format = "{written}" under [columns] in settings.toml'
        " ([school.columns] in the configuration)"
    )


def shown(value: str, personal: bool = False) -> str:
    """Return the value in quotes with a blank after it, when it is plainly a number or a date; otherwise nothing."""
    return f"'{value}' " if not personal and _PLAIN.fullmatch(value) else ""
