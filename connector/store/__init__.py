"""A school's own file: registers, amendments, ledger, outbox and runs, in SQLite."""

from connector.store.store import Store

__all__ = ["Store"]
