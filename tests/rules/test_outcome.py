"""What a rule asks for is parsed once and reads as the pack wrote it."""

from datetime import date

import pytest

from connector.store.ledger import event_of, event_text
from rules.events import Event
from rules.rule.outcome import NOTE, Outcome


@pytest.mark.parametrize(
    ("text", "kind", "name", "is_document"),
    [
        ("note", "note", "", False),
        ("list:calls", "list", "calls", False),
        ("letter:letter-1", "letter", "letter-1", True),
        ("document:registration-certificate", "document", "registration-certificate", True),
        ("certificate:full-term", "certificate", "full-term", True),
    ],
)
def test_an_outcome_is_read_and_written_as_the_pack_has_it(
    text: str, kind: str, name: str, is_document: bool
) -> None:
    outcome = Outcome.parse(text)
    assert (outcome.kind, outcome.name, outcome.is_document) == (kind, name, is_document)
    assert str(outcome) == text


@pytest.mark.parametrize("text", ["", "notes", "note:x", "letter", "letter:", "letter:Letter 1", "email:x"])
def test_any_other_text_is_refused_with_what_may_be_written(text: str) -> None:
    with pytest.raises(ValueError, match='is not an outcome: write "note", or one of "letter:NAME"'):
        Outcome.parse(text)


def test_the_ledger_keeps_outcomes_as_the_same_text_as_ever() -> None:
    event = Event("late-letter", date(2025, 9, 10), "4.2", (Outcome("letter", "late"), NOTE), "1")
    text = event_text(event)
    assert '"outcomes":["letter:late","note"]' in text
    assert event_of(text) == event
