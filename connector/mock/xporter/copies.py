"""The cached copies behind the mock Xporter: tokens, the tables of each endpoint, and snapshots for change sets."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta

from connector.mock.world import World
from connector.mock.xporter.endpoint_rows import rows_of
from connector.mock.xporter.habits import XporterOptions
from connector.mock.xporter.kinds import Row, row_hash
from connector.mock.xporter.manual import MARKS, Endpoint, granted, served

_NOT_ASKED = ("page", "pagesize", "changedrows", "httpstatuscodes", "callbackurl")
"""Parameters that do not change what the tables hold."""
_KEPT = 40


class Copies:
    """Everything that the mock holds besides the school."""

    def __init__(self, world: World, options: XporterOptions) -> None:
        self.world = world
        self.options = options
        self.tokens: dict[str, datetime] = {}
        self.requests = 0
        self._snapshots: dict[str, dict[str, dict[str, str]]] = {}
        self._hashes: dict[object, tuple[str, dict[str, dict[str, str]]]] = {}
        self._tables: dict[object, dict[str, list[Row]]] = {}
        self._dated: dict[object, tuple[float, dict[str, list[Row]]]] = {}

    def issue_token(self) -> tuple[str, datetime]:
        """Issue a token with the time until which it is good."""
        token = hashlib.sha256(f"{len(self.tokens)}/{self.world.school.seed}".encode()).hexdigest()
        until = datetime.now(UTC) + timedelta(minutes=self.options.token_minutes)
        self.tokens[token] = until
        return token, until

    def good(self, token: str) -> bool:
        """Return whether a token was issued here and has not run out."""
        return token in self.tokens and datetime.now(UTC) < self.tokens[token]

    @property
    def shown(self) -> date:
        """The day whose evening the copies were filled on."""
        return self.world.today - timedelta(days=self.options.stale_days)

    def tables(self, endpoint: Endpoint, args: Mapping[str, str]) -> dict[str, list[Row]]:
        """Return the tables of an endpoint as a request asks for them; marks of a range come from the cache."""
        asked = tuple(sorted((name, value) for name, value in args.items() if name not in _NOT_ASKED))
        if endpoint.dated and self.options.cache_minutes:
            key = (self.world.today, endpoint.path, asked)
            made, kept = self._dated.get(key, (0.0, {}))
            if not kept or time.monotonic() - made > 60 * self.options.cache_minutes:
                kept = self._made(endpoint, args)
                self._dated[key] = (time.monotonic(), kept)
            return kept
        whole = (self.world.version, endpoint.path, asked)
        if whole not in self._tables:
            if len(self._tables) > _KEPT:
                self._tables.clear()
            self._tables[whole] = self._made(endpoint, args)
        return self._tables[whole]

    def _made(self, endpoint: Endpoint, args: Mapping[str, str]) -> dict[str, list[Row]]:
        made = rows_of(self.world.school, self.shown, self.options, endpoint.path, args)
        tables = {name: self._visible(name, made.get(name, ())) for name in endpoint.tables}
        row_id = args.get("id")
        if row_id:
            first = endpoint.tables[0]
            names = ("Id", "ExternalId", "StudentId", "ContactId", "PersonId")
            tables[first] = [row for row in tables[first] if row_id in {row.get(name) for name in names}]
        return {(self.options.marks_table if n == MARKS else n): rows for n, rows in tables.items()}

    def _visible(self, table: str, rows: Iterable[Row]) -> list[Row]:
        """Return the rows without the fields whose scopes are not granted: they are left out, not empty (R18)."""
        known = served(table)
        hidden = {name for name in known if f"{table}.{name}" in self.options.hidden}
        seen = {name for name, field in known.items() if granted(field.scope, self.options.scopes)} - hidden
        return [{name: value for name, value in row.items() if name in seen} for row in rows]

    def changes(
        self, asked: str, scope: object, tables: Mapping[str, list[Row]]
    ) -> tuple[dict[str, list[Row]], dict[str, list[Row]], str] | None:
        """Return rows new or changed since a snapshot, ids gone since, and the hash of this one; None for an unknown hash."""
        marker, now = self._hashed(scope, tables)
        before = {table: {} for table in now} if asked == "*" else self._snapshots.get(asked)
        if before is None:
            return None
        changed = {
            table: [
                row
                for row in rows
                if before.get(table, {}).get(str(row.get("Id"))) != now[table].get(str(row.get("Id")))
            ]
            for table, rows in tables.items()
        }
        deleted: dict[str, list[Row]] = {
            f"{table}_deleted": [{"Id": i} for i in sorted(set(before.get(table, {})) - set(held))]
            for table, held in now.items()
        }
        return changed, deleted, marker

    def _hashed(
        self, scope: object, tables: Mapping[str, list[Row]]
    ) -> tuple[str, dict[str, dict[str, str]]]:
        """Return the hash that stands for these tables and the hashes of their rows, worked out once for each state of the school."""
        key = (self.world.version, str(scope))
        if key not in self._hashes:
            now = {
                table: {
                    str(row["Id"]): str(row.get("RowHash") or row_hash(row)) for row in rows if "Id" in row
                }
                for table, rows in tables.items()
            }
            text = json.dumps([str(scope), sorted((t, sorted(h.items())) for t, h in now.items())])
            marker = hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
            self._snapshots[marker] = now
            self._hashes[key] = (marker, now)
        return self._hashes[key]
