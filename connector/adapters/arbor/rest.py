"""Reading by REST: a list gives identities, each object is then fetched on its own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Literal

from connector.adapters.arbor.paging import read_pages
from connector.adapters.arbor.rows import ALWAYS, Filter, Row, Tree, Want, text_of, type_of
from connector.adapters.arbor.settings import ArborSettings
from connector.adapters.arbor.wire import body_of, href_of, id_of, lowered, no_access, path_of, plural
from connector.errors import RetryableError
from connector.http import Client

ONE_BY_ONE = 12
"""Up to so many ids are asked for one by one; for more the whole list is read once and kept for the pull."""

_REFERS = {
    "student": "Student",
    "person": "Person",
    "guardian": "Guardian",
    "courtOrder": "CourtOrder",
    "postalAddress": "PostalAddress",
}


class RestSource:
    """Reads rows by REST."""

    together = False

    def __init__(self, client: Client, settings: ArborSettings) -> None:
        self._client = client
        self._size = settings.page_size
        self._first_page: Literal["auto"] | int = settings.first_page
        self._pool = ThreadPoolExecutor(settings.connections, thread_name_prefix="arbor")
        self._looking = False
        """First rows are read to see what is shown: an empty related object then is a missing permission."""
        self._objects: dict[str, Row] = {}
        self._tables: dict[tuple[str, tuple[Filter, ...]], list[Row]] = {}

    def fetch(self, wants: Sequence[Want]) -> list[list[Row]]:
        """Return every want's rows."""
        return [self._rows(want) for want in wants]

    def first_rows(self, wants: Sequence[Want], count: int) -> list[list[Row]]:
        """Return the first rows of each want, up to so many."""
        self._looking = True
        try:
            return [self._details(want, self._first_hrefs(want, count)) for want in wants]
        finally:
            self._looking = False

    def _first_hrefs(self, want: Want, count: int) -> list[str]:
        return self.first_matching(want.type, [_param(condition) for condition in want.filters], count)

    def first_matching(self, type_name: str, params: list[tuple[str, str]], count: int) -> list[str]:
        """Return the addresses of the first objects of a type that meet these query parameters, up to so many."""
        found = self._identities(type_name, lowered(plural(type_name)), [*params, *self._paging(0, count)])
        return found[:count]

    def forget(self) -> None:
        """Forget objects and lists, which are kept within one pull only."""
        # new ones, not emptied ones: a call of a pull that broke off may still be under way
        self._objects = {}
        self._tables = {}

    def close(self) -> None:
        """End the threads that fetch details."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    # rows --------------------------------------------------------------------------------------------------

    def _rows(self, want: Want) -> list[Row]:
        many = next((f for f in want.filters if f.operator == "in"), None)
        others = tuple(f for f in want.filters if f is not many)
        if many is None:
            hrefs: Iterable[str] = self.hrefs(want.type, others)
            return self._details(want, hrefs)
        ids = many.value if isinstance(many.value, tuple) else ()
        if many.path == "id":
            return self._details(want, [href_of(want.type, row_id) for row_id in ids])
        name = many.path.removesuffix("__id")
        if len(ids) <= ONE_BY_ONE and (name in _REFERS or many.owners):
            values = [href_of(*owner) for owner in many.owners] or [href_of(_REFERS[name], i) for i in ids]
            hrefs = [
                href
                for value in values
                for href in self.hrefs(want.type, (*others, Filter(name, "equals", value)))
            ]
            return self._details(want, dict.fromkeys(hrefs))
        wanted = set(ids)
        place = (want.type, others)
        if place not in self._tables:
            self._tables[place] = self._details(want, self.hrefs(want.type, others))
        return [row for row in self._tables[place] if _id_in(row, name) in wanted]

    def hrefs(self, type_name: str, filters: Sequence[Filter]) -> list[str]:
        """Return the addresses of a type's objects that meet the filters."""
        return self.matching(type_name, [_param(condition) for condition in filters])

    def matching(self, type_name: str, params: list[tuple[str, str]]) -> list[str]:
        """Return the addresses of a type's objects that meet these query parameters."""
        root = lowered(plural(type_name))
        return read_pages(
            lambda place, size: self._identities(type_name, root, [*params, *self._paging(place, size)]),
            self._size,
            key=str,
            what=path_of(type_name),
        )

    def first_page(self) -> dict[str, str]:
        """Return the parameter of a list's first page."""
        return {"page-number": str(self._first_page if self._first_page != "auto" else 1)}

    def _identities(self, type_name: str, root: str, params: list[tuple[str, str]]) -> list[str]:
        body = body_of(f"listing {type_name}", self._client.get(path_of(type_name), params))
        rows = body.get(root)
        rows = [] if rows == {} else rows
        if not isinstance(rows, list):
            raise no_access(type_name)  # a missing permission is answered with an empty object
        hrefs = [row.get("href") if isinstance(row, dict) else None for row in rows]
        if not all(isinstance(href, str) for href in hrefs):
            raise RetryableError(f"Arbor: a row of {type_name} has no href", fix="the next run asks again")
        return [str(href) for href in hrefs]

    def _paging(self, place: int, size: int) -> list[tuple[str, str]]:
        if self._first_page == "auto":
            self._first_page = self._find_first_page()
        return [("page-size", str(size)), ("page-number", str(self._first_page + place))]

    def _find_first_page(self) -> int:
        """Ask for pages 0 and 1 of a list that every school has: if they are the same, pages begin at 1."""
        zero, one = (
            self._identities(
                "AttendanceMark",
                "attendanceMarks",
                [("page-size", "1"), ("page-number", str(number))],
            )
            for number in (0, 1)
        )
        return 1 if zero in (one, []) else 0

    # objects -----------------------------------------------------------------------------------------------

    def _details(self, want: Want, hrefs: Iterable[str]) -> list[Row]:
        """Fetch each object with those of its related objects that came without the wanted fields."""
        tree = want.tree
        futures = [self._pool.submit(self._detail, want.type, href, tree) for href in hrefs]
        rows = []
        try:
            for future in futures:
                row = future.result()
                if row is not None:
                    rows.append(row)
        finally:
            for future in futures:
                future.cancel()
        return rows

    def _detail(self, type_name: str, href: str, tree: Tree) -> Row | None:
        held = self._object(type_name, href)
        return None if held is None else self._shown(held, tree, type_name)

    def _object(self, type_name: str, href: str) -> Row | None:
        """Return one object as Arbor gives it; None when it has gone meanwhile."""
        objects = self._objects
        if href in objects:
            return objects[href]
        answer = self._client.get(href, accept=(404,))
        if answer.status == 404:
            return None
        body = body_of(f"reading {type_name}", answer)
        found = body.get(lowered(type_name))
        if not isinstance(found, dict):
            raise no_access(type_name)
        if type_name not in ("AttendanceRollCallRecord", "AttendanceRecord"):
            objects[href] = found
        return found

    def _shown(self, given: Row, tree: Tree, type_name: str) -> Row:
        shown: Row = {}
        href = given.get("href")
        for name, below in tree.items():
            if name == "id":
                shown["id"] = id_of(str(href)) if href else text_of(given, "id") or None
            elif name not in given:
                if name == "modifiedDatetime":
                    continue  # REST does not have it
                raise no_access(f"{type_name}.{name}")
            elif below is None:
                shown[name] = given[name]
            else:
                shown[name] = self._below(given[name], below, name, type_name)
        return shown

    def _below(self, value: Any, tree: Tree, name: str, owner: str) -> Row | None:
        """Return a related object; None where there is none, which may come as an empty list or object."""
        if value == {} and self._looking:
            raise no_access(type_of(name))
        if isinstance(value, dict) and value:
            return self._related(value, tree, name)
        if name in ALWAYS:
            raise no_access(f"{owner}.{name}")
        return None

    def _related(self, given: Row, tree: Tree, name: str) -> Row | None:
        """Return a nested object, fetched separately where it came as an identity only."""
        href = given.get("href")
        missing = [field for field in tree if field not in ("id", "code") and field not in given]
        if missing and isinstance(href, str):
            type_name = str(given.get("entityType") or type_of(name))
            whole = self._object(type_name, href)
            if whole is None:
                return None
            given = whole
        return {
            "entityType": given.get("entityType"),
            **self._with_code(self._shown(_coded(given), tree, type_of(name)), given),
        }

    @staticmethod
    def _with_code(shown: Row, given: Row) -> Row:
        return shown if "code" in shown or not given.get("code") else {**shown, "code": given["code"]}


def _coded(given: Row) -> Row:
    """Return the code of a code-list identity, which shows it in its address only."""
    href = given.get("href")
    return given if "code" in given or not isinstance(href, str) else {**given, "code": id_of(href)}


def _id_in(row: Row, name: str) -> Any:
    related = row.get(name)
    return related.get("id") if isinstance(related, dict) else related


def _param(condition: Filter) -> tuple[str, str]:
    """Return a filter as a query parameter; a related object's value is its address."""
    name, relation, _ = condition.path.partition("__id")
    value = condition.value
    text = "NULL" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
    if relation and name in _REFERS:
        text = href_of(_REFERS[name], text)
    path = condition.path.replace("__", ".") if not relation else name
    return f"filters.{path}.{condition.operator}", text
