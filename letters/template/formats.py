r"""Formatting switches of a merge field: ``\@`` date pictures, ``\#`` numeric pictures, ``\*`` letter case.

The pictures are those of Word (ECMA-376 Part 1, 17.16.4: date-time, numeric and general formatting). English and
Welsh have month and day names; another language takes the English ones.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, time
from decimal import MAX_EMAX, MAX_PREC, MIN_EMIN, ROUND_HALF_UP, Context, Decimal

MIDNIGHT = time()
DEFAULT_DATE_PICTURE = "d MMMM yyyy"
# The default context refuses to round a number of more than 28 digits.
_EVERY_DIGIT = Context(prec=MAX_PREC, Emax=MAX_EMAX, Emin=MIN_EMIN, rounding=ROUND_HALF_UP)

_EN_MONTHS = "January February March April May June July August September October November December"
_CY_MONTHS = "Ionawr Chwefror Mawrth Ebrill Mai Mehefin Gorffennaf Awst Medi Hydref Tachwedd Rhagfyr"
MONTHS = {"en": tuple(_EN_MONTHS.split()), "cy": tuple(_CY_MONTHS.split())}
SHORT_MONTHS = {
    "en": ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
    "cy": ("Ion", "Chwef", "Maw", "Ebr", "Mai", "Meh", "Gorff", "Awst", "Medi", "Hyd", "Tach", "Rhag"),
}
DAYS = {
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    "cy": ("dydd Llun", "dydd Mawrth", "dydd Mercher", "dydd Iau", "dydd Gwener", "dydd Sadwrn", "dydd Sul"),
}
SHORT_DAYS = {
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
    "cy": ("Llun", "Maw", "Mer", "Iau", "Gwen", "Sad", "Sul"),
}
LANGUAGES = frozenset(MONTHS)

_DATE_TOKEN = re.compile(
    r"'([^']*)'|([dD]{1,4}|M{1,4}|[yY]{2,4}|[hH]{1,2}|m{1,2}|[sS]{1,2}|(?i:am/pm))|(.)", re.S
)
_TOO_LONG = re.compile(r"([dMy])\1{4,}", re.IGNORECASE)
_NUMBER = re.compile(
    r"(?P<prefix>[^0#.,;x]*)(?P<whole>[0#][0#,]*)?(?:\.(?P<part>[0#]+))?(?P<suffix>[^0#.,;x]*)"
)

DateFormat = Callable[[date, str], str]
NumberFormat = Callable[[Decimal], str]

_DATE_PIECES: dict[str, Callable[[datetime, str], str]] = {
    "d": lambda when, _: str(when.day),
    "dd": lambda when, _: f"{when.day:02}",
    "ddd": lambda when, language: SHORT_DAYS[language][when.weekday()],
    "dddd": lambda when, language: DAYS[language][when.weekday()],
    "M": lambda when, _: str(when.month),
    "MM": lambda when, _: f"{when.month:02}",
    "MMM": lambda when, language: SHORT_MONTHS[language][when.month - 1],
    "MMMM": lambda when, language: MONTHS[language][when.month - 1],
    "yy": lambda when, _: f"{when.year % 100:02}",
    "yyyy": lambda when, _: f"{when.year:04}",
    "h": lambda when, _: str(when.hour % 12 or 12),
    "hh": lambda when, _: f"{when.hour % 12 or 12:02}",
    "H": lambda when, _: str(when.hour),
    "HH": lambda when, _: f"{when.hour:02}",
    "m": lambda when, _: str(when.minute),
    "mm": lambda when, _: f"{when.minute:02}",
    "s": lambda when, _: str(when.second),
    "ss": lambda when, _: f"{when.second:02}",
    "am/pm": lambda when, _: "am" if when.hour < 12 else "pm",
}


def base_language(tag: str) -> str:
    """Given a language tag such as ``cy-GB``, return the language whose names are used: ``cy``, else ``en``."""
    language = tag.replace("_", "-").split("-")[0].lower()
    return language if language in LANGUAGES else "en"


def date_format(picture: str) -> DateFormat:
    """Given a Word date picture, return a function of (date or datetime, language) that gives the text.

    The hour of a plain date is 0. Raise ValueError when the picture is empty, when it has letters that stand for nothing
    outside single quotes, and when it has minutes where a month is
    meant, or a month where minutes are.
    """
    if not picture.strip():
        raise ValueError('the date picture is empty; write one such as "d MMMM yyyy"')
    tokens = _DATE_TOKEN.findall(picture)
    stray = next((other for _, _, other in tokens if other.isalpha()), None) or next(
        (found[0] for found in _TOO_LONG.finditer(re.sub("'[^']*'", "", picture))), None
    )
    if stray:
        raise ValueError(
            f"the date picture {picture!r} has {stray!r}, which is no part of a date; write d, M and y as in "
            '"d MMMM yyyy", and words between single quotes'
        )
    _check_months(picture, [piece for _, piece, _ in tokens if piece])
    pieces: list[str | Callable[[datetime, str], str]] = []
    for quoted, piece, other in tokens:
        if not piece:
            pieces.append(quoted or other)
            continue
        known = piece.lower() if piece[0] in "dDyYsS" or "/" in piece else piece
        pieces.append(_DATE_PIECES[{"yyy": "yyyy"}.get(known, known)])

    def show(value: date, language: str) -> str:
        when = value if isinstance(value, datetime) else datetime.combine(value, MIDNIGHT)
        names = base_language(language)
        return "".join(piece if isinstance(piece, str) else piece(when, names) for piece in pieces)

    return show


def _check_months(picture: str, pieces: list[str]) -> None:
    """Raise ValueError for minutes that are next to neither hours nor seconds, and a month next to hours in a time."""
    for before, piece, after in zip(["", *pieces], pieces, [*pieces[1:], ""], strict=False):
        in_time = before[:1] in ("h", "H") or after[:1] in ("s", "S")
        if piece[0] == "m" and not in_time:
            raise ValueError(
                f"the date picture {picture!r} has minutes ({piece}) where a month is meant; write M for the month, "
                'as in "d MMMM yyyy"'
            )
        if piece in ("M", "MM") and in_time:
            raise ValueError(
                f"the date picture {picture!r} has a month ({piece}) where minutes are meant; write m for minutes, "
                'as in "HH:mm"'
            )


def number_format(picture: str) -> NumberFormat:
    """Given a simple Word numeric picture (``0``, ``0.0``, ``£#,##0.00``, ``0%``), return a function of a Decimal.

    Digits beyond the picture are rounded half away from zero, as Word does. Raise ValueError for a picture with
    sections, ``x`` or nothing to fill.
    """
    plain = picture.replace("'", "")
    found = _NUMBER.fullmatch(plain)
    if found is None or not (found["whole"] or found["part"]):
        raise ValueError(f"the numeric picture {picture!r} cannot be used; write one such as 0.0 or #,##0")
    whole, part = found["whole"] or "", found["part"] or ""
    step = Decimal(1).scaleb(-len(part))
    needed_places = part.rfind("0") + 1
    needed_digits = whole.replace(",", "").count("0")

    def show(value: Decimal) -> str:
        rounded = value.quantize(step, context=_EVERY_DIGIT)
        digits, _, places = f"{rounded.copy_abs():f}".partition(".")
        digits = digits.lstrip("0").rjust(needed_digits, "0")
        if "," in whole and digits:
            digits = f"{Decimal(digits):,f}".rjust(needed_digits, "0")
        while len(places) > needed_places and places.endswith("0"):
            places = places[:-1]
        sign = "-" if rounded < 0 else ""
        return f"{sign}{found['prefix']}{digits}{'.' if places else ''}{places}{found['suffix']}"

    return show


show_date_by_default = date_format(DEFAULT_DATE_PICTURE)


def _first_capital(text: str) -> str:
    return re.sub(r"\S", lambda found: found[0].upper(), text, count=1)


def _capitals(text: str) -> str:
    return re.sub(r"(?<!\S)\S", lambda found: found[0].upper(), text)


# Upper and Lower are Word's; a name keeps its inner capitals under FirstCap and Caps (McKay stays McKay).
CASES: dict[str, Callable[[str], str]] = {
    "upper": str.upper,
    "lower": str.lower,
    "firstcap": _first_capital,
    "caps": _capitals,
}
