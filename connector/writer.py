"""Letters, notes and lists over one register, as a run asks for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from connector.letter_writer import SchoolLetters
from connector.lists import RunFacts, SchoolDocument
from connector.store.ledger import LedgerRow


class SchoolWriter(SchoolLetters):
    """Everything a run files: what is about one pupil, and what is about the school."""

    def school_documents(
        self,
        lists: Mapping[str, Sequence[LedgerRow]],  # noqa: ARG002
        facts: RunFacts,  # noqa: ARG002
        number: int,  # noqa: ARG002
    ) -> Sequence[SchoolDocument]:
        """The digest and the lists of a run."""
        return ()
