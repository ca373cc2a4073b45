"""How the files of a register folder name their columns and write their dates: ``[columns]``, ``[school.columns]``."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from difflib import get_close_matches

from connector.adapters.folder.findings import Findings

DATE_FORMAT = "date_format"
SOURCE = "settings.toml columns"
SCHOOL_COLUMNS = "configuration school.columns"
_A_DAY = date(2025, 11, 28)


def header_key(header: str) -> str:
    """Return a header without case, blanks and underscores: "Pupil ID" and pupil_id are one."""
    return "".join(header.split()).replace("_", "").casefold()


@dataclass
class Columns:
    """The headers of a folder's files where they are not the usual ones. One object serves one reading of the folder."""

    headers: Mapping[str, str] = field(default_factory=dict)
    """Our column: the header that holds it."""
    date_format: str = ""
    """As in strptime; YYYY-MM-DD is always read as well."""
    named_in: Mapping[str, str] = field(default_factory=dict)
    """Where a column's header was given, for a message."""
    all_read: bool = True
    """False once a file could not be split into rows: its headers may be the ones that are missed."""
    _met: set[str] = field(default_factory=set)
    _seen: list[str] = field(default_factory=list)

    def places(
        self, header: Sequence[str], known: Collection[str]
    ) -> tuple[dict[str, int], list[str], list[int]]:
        """Given a header row, return each known column's place, those that stand twice, and the places of unknown ones.

        A column whose given header this file does not have may stand under its own name.
        """
        keys = [header_key(cell) for cell in header]
        places: dict[str, int] = {}
        twice: list[str] = []
        for column in known:
            given = header_key(self.headers.get(column, ""))
            key = given if given and given in keys else header_key(column)
            if key in keys:
                places[column] = keys.index(key)
                twice += [column] if keys.count(key) > 1 else []
        taken = {keys[place] for place in places.values()}
        return places, twice, [place for place, key in enumerate(keys) if key and key not in taken]

    def count(self, header: Sequence[str], known: Collection[str]) -> int:
        """Return how many known columns a header row has."""
        return len(self.places(header, known)[0])

    def help_for(self, column: str, unknown: Sequence[str]) -> str:
        """Given a column that a file lacks and its headers that are not known, return what to do."""
        near = _nearest(column, unknown)
        setting = f'set {column} = "its header" under [columns] in settings.toml ([school.columns] in the configuration)'
        return f"{near + ' ' if near else ''}Add it to the header, or {setting}"

    def read(self, header: Sequence[str], known: Collection[str]) -> None:
        """Remember the header of a file that was read, for :meth:`check`."""
        keys = {header_key(cell) for cell in header}
        self._seen += [cell.strip() for cell in header if cell.strip()]
        self._met |= {column for column in known if header_key(self.headers.get(column, "")) in keys}

    def check(self, findings: Findings) -> None:
        """Note each given header that no file has, with the nearest one."""
        for column, header in self.headers.items():
            if self.all_read and column not in self._met:
                fix = (
                    _nearest(header, self._seen) or "write the header as the file has it, or delete the line"
                )
                findings.error(f"{self.named_in[column]}.{column}", f"no file has a column '{header}'", fix)


def columns_of(tables: Iterable[tuple[str, object]], known: Collection[str], findings: Findings) -> Columns:
    """Given tables with the place of each, return the columns; of two tables the later one's word stands."""
    headers: dict[str, str] = {}
    named_in: dict[str, str] = {}
    for place, table in tables:
        if not isinstance(table, Mapping):
            findings.error(place, "is not a table", 'write pupil_id = "Adno" under [columns]')
            continue
        for column, message, fix in column_faults(table, known):
            findings.error(f"{place}.{column}", message, fix)
        good = {name: value for name, value in table.items() if isinstance(value, str) and value.strip()}
        headers.update(good)
        named_in.update(dict.fromkeys(good, place))
    date_format = headers.pop(DATE_FORMAT, "")
    unknown = [column for column in headers if column not in known]
    for column in unknown:
        del headers[column]
    return Columns(headers, date_format if _is_format(date_format) else "", named_in)


def column_faults(table: Mapping[str, object], known: Collection[str]) -> Iterable[tuple[str, str, str]]:
    """Given a table of columns, yield (name, message, what to do) for each entry that cannot be meant."""
    for name, value in table.items():
        if name != DATE_FORMAT and name not in known:
            fix = _nearest(name, [*known, DATE_FORMAT]) or "use a column of docs/register-folder.md"
            yield name, "is no column of a register folder", fix
        elif not isinstance(value, str) or not value.strip():
            yield name, "is not a text", f'write {name} = "the header in your file"'
        elif name == DATE_FORMAT and not _is_format(value):
            yield name, f"'{value}' does not write a whole date", 'write %d, %m and %Y, as in "%d/%m/%Y"'


def _is_format(text: str) -> bool:
    try:
        return datetime.strptime(_A_DAY.strftime(text), text).date() == _A_DAY  # noqa: DTZ007 - a day
    except ValueError:
        return False


def _nearest(word: str, words: Iterable[str]) -> str:
    by_key = {header_key(one): one for one in words}
    close = get_close_matches(header_key(word), by_key, n=1, cutoff=0.4)
    return f"did you mean '{by_key[close[0]]}'?" if close else ""
