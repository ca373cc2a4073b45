"""What Wonde says is deleted. A list can still hold it for some hours, and an adult who was removed must not be written to."""

from __future__ import annotations

from datetime import UTC, datetime

from connector.adapters.wonde.client import WondeClient
from connector.adapters.wonde.wrapping import Row, id_of, moment
from connector.errors import FatalError

RESOURCE = "deletions"
KINDS = ("student", "contact")
_START = datetime.min.replace(tzinfo=UTC)


class Deletions:
    """When each student and contact was deleted, by Wonde's id."""

    def __init__(self, client: WondeClient) -> None:
        """Read them. A school that has not approved the list is read without: ``check`` says so."""
        self._deleted: dict[str, datetime] = {}
        for kind in KINDS:
            try:
                for row in client.pages(RESOURCE, {"type": kind}):
                    at = moment(row.get("deleted_at"))
                    if at is not None:
                        self._deleted[id_of(row)] = max(at, self._deleted.get(id_of(row), at))
            except FatalError:
                return

    def gone(self, row: Row) -> bool:
        """Return whether a listed row is deleted: not when it was changed or came back (``restored_at``) since."""
        at = self._deleted.get(id_of(row))
        since = (moment(row.get(name)) for name in ("restored_at", "updated_at", "created_at"))
        return at is not None and at > max(filter(None, since), default=_START)
