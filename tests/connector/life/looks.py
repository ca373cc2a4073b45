"""What must be so after every run: of the letters that it wrote, of the notes, and of the state of every event."""

from __future__ import annotations

import io
import re
import zipfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from connector.adapters.base import DocumentToWrite, NoteToWrite
from connector.run.summary import RunSummary
from connector.store.ledger import LedgerRow
from letters.words import english
from rules.events import Event
from rules.school import Session
from tests.connector.life.living_school import FINAL, LivingSchool
from tests.connector.life.plain_model import Model

WORD = re.compile(r"<w:t(?: [^>]*)?>([^<]*)</w:t>")
ADULT = re.compile(r"Adult\d[a-z]")
HOME = re.compile(r"Plot \d{3}")
LATE_DAY = re.compile(r"(?:Mon|Tues|Wednes|Thurs|Fri)day (\d+ \w+ \d{4})")
CHANGED = re.compile(r"(\d{4}-\d\d-\d\d) (AM|PM) was (\S+) and is now (without a mark|[^\s,.]+)")
HOUSEHOLDS = re.compile(r"(?:Made: |, | and )([^,:]+?) \(for (\d+) households?\)")


def words_of(content: bytes) -> str:
    """Return the text of a Word document, a paragraph a line."""
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        xml = file.read("word/document.xml").decode()
    return "\n".join("".join(WORD.findall(p)) for p in xml.split("</w:p>"))


@dataclass
class Before:
    """The world as a run finds it."""

    documents: int
    notes: int
    keys_begun: frozenset[str]
    """Events of which something may have been in the MIS before the run."""


def before(school: LivingSchool) -> Before:
    """Look at the world before a run."""
    mis = school.mis
    begun = {one.key for _, one in mis.documents} | {one.key for _, one in mis.notes}
    return Before(len(mis.documents), len(mis.notes), frozenset(begun))


class Looks:
    """All that is looked at after one run."""

    def __init__(self, model: Model, then: Before, summary: RunSummary, *, clean: bool) -> None:
        self.model, self.school, self.then, self.summary = model, model.school, then, summary
        self.rows = self.school.rows()
        self.by_key = {row.key: row for row in self.rows}
        self.events = model.events_today()
        mis = self.school.mis
        self.documents = [one for _, one in mis.documents[then.documents :] if one.pupil_id is not None]
        self.notes = [one for _, one in mis.notes[then.notes :]]
        self.made = self.school.made() if mis.documents else {}
        self.clean = clean

    def look(self) -> None:
        """Raise AssertionError for whatever should not be."""
        for document in self.documents:
            self.the_event_may_be_written(document)
            self.the_letter_goes_to_whom_it_may(document)
        self.no_family_has_a_letter_twice()
        for note in self.notes:
            self.the_note_is_true(note)
        if self.clean:
            for row in self.rows:
                self.the_state_is_justified(row)

    # letters

    def the_event_may_be_written(self, document: DocumentToWrite) -> None:
        row = self.by_key[document.key]
        why = self.model.why_not(row, self.events)
        if why == "of other marks than today's" and document.key in self.then.keys_begun:
            why = ""  # what has gone out to one family is completed for the other
        if why == "left" and row.rule == "stage-4":
            why = ""  # what goes to the authority may go after the pupil has left
        assert why == "", f"{document.file_name} was written, though it is {why}"

    def the_letter_goes_to_whom_it_may(self, document: DocumentToWrite) -> None:
        text, item = words_of(document.content), self.made[document.content]
        assert document.pupil_id is not None
        allowed = self.model.adults(document.pupil_id)
        named, homes = set(ADULT.findall(text)), set(HOME.findall(text))
        assert named <= set(allowed), f"{document.file_name} is for {named - set(allowed)}, who may get none"
        ids = {one.contact_id for one in allowed.values()}
        assert set(item.contacts) <= ids, f"{document.file_name} is addressed to one who may get none"
        lived_at = {allowed[name].address.lines[0] for name in named}
        assert homes <= lived_at, f"{document.file_name} goes to {homes}, where {named} no longer live"
        if item.contacts:
            assert named, f"{document.file_name} is for nobody"
            assert homes or self.by_key[document.key].rule == "stage-4", f"{document.file_name} goes nowhere"
        if document.key not in self.then.keys_begun and homes:
            assert english.day(self.school.day) in text, (
                f"{document.file_name} has another day than its writing"
            )
        if "Late arrivals" in document.file_name and document.key not in self.then.keys_begun:
            self.every_late_day_is_late(document, text)

    def every_late_day_is_late(self, document: DocumentToWrite, text: str) -> None:
        pupil_id = document.pupil_id or ""
        late = {
            english.day(session.date)
            for (pupil, session), mark in self.school.mis.marks.items()
            if pupil == pupil_id and mark.code == "L"
        }
        named = set(LATE_DAY.findall(text))
        assert named, f"{document.file_name} names no day"
        assert named <= late, f"{document.file_name} names {named - late}, which are not late"

    def no_family_has_a_letter_twice(self) -> None:
        copies: Counter[tuple[str, ...]] = Counter()
        events: dict[tuple[str, ...], set[str]] = {}
        for _, document in self.school.mis.documents:
            item = self.made.get(document.content)
            if document.pupil_id is None or item is None:
                continue
            title, day = document.file_name.split(" – ")[1], document.file_name[-15:]
            for reader in item.contacts or ("the office",):
                copies[document.key, title, reader] += 1
            policy = self.by_key[document.key].policy
            events.setdefault((policy, document.pupil_id, title, day), set()).add(document.key)
        assert [name for name, count in copies.items() if count > 1] == [], "a family has two copies"
        assert [keys for keys in events.values() if len(keys) > 1] == [], "one event has two keys"

    # notes

    def the_note_is_true(self, note: NoteToWrite) -> None:
        row = self.by_key[note.key]
        if note.text.startswith("Correction to the note of "):
            self.the_correction_is_true(note, row)
        elif note.text.startswith("The register supports the note of "):
            assert self.model.why_not(row, self.events) not in ("no longer follows", "voided by a person"), (
                f"a note says that the register supports {row.rule} again: {note.text}"
            )
        else:
            filed = Counter(
                one.file_name.split(" – ")[1] for _, one in self.school.mis.documents if one.key == note.key
            )
            for title, number in HOUSEHOLDS.findall(note.text):
                assert filed[title] == int(number), f"the note says {number} of {title}, filed are {filed}"

    def the_correction_is_true(self, note: NoteToWrite, row: LedgerRow) -> None:
        decided = self.school.decided
        reason = note.text.partition(" Reason: ")[2]
        by_person = decided.voided.get(row.key) or decided.withdrawn.get(row.key)
        if by_person is not None and by_person in reason:
            return
        follows = self.events.get((row.rule, row.pupil_id or "", row.date))
        assert follows is None, f"a note takes back {row.rule} of {row.date}, which follows: {reason}"
        for day, half, was, now in CHANGED.findall(reason):
            session = Session(date.fromisoformat(day), half)
            code = self.school.code_at(row.pupil_id or "", session)
            assert code == ("" if now == "without a mark" else now), f"{session} is {code!r}: {reason}"
            assert was in self.school.changed[row.pupil_id or "", session], f"it never was {was}: {reason}"
        if "mark" in reason.partition(". ")[0]:
            codes = [len(c) for (pupil, _), c in self.school.changed.items() if pupil == row.pupil_id]
            assert max(codes) > 1, f"no mark was ever changed: {reason}"

    # states

    def the_state_is_justified(self, row: LedgerRow) -> None:
        if row.policy == self.policy and row.date <= self.school.day:
            assert row.state in (*FINAL, "held", "failed"), f"{row.rule} is left {row.state}: {row.reason}"
        justified = getattr(self, f"_{row.state}", None)
        if justified is not None:
            said = f"{row.rule} of {row.date} for {row.pupil_id} is {row.state} ({row.hold}): {row.reason}"
            assert justified(row), said

    @property
    def policy(self) -> str:
        return self.school.options().policy.id

    def _event(self, row: LedgerRow) -> Event | None:
        return self.events.get((row.rule, row.pupil_id or "", row.date))

    def _unclear(self, row: LedgerRow) -> bool:
        """Return True where the model does not say whether the event follows: roll facts that are put together over time."""
        return (
            row.pupil_id in self.school.ever_away
            or row.policy != self.policy
            or len(set(self.school.policies_of_runs)) > 1
        )

    def _verified(self, row: LedgerRow) -> bool:
        keys = {one.key for _, one in self.school.mis.documents} | {n.key for _, n in self.school.mis.notes}
        stands = self._event(row) is not None or row.key in self.school.decided.kept
        doubt = self.model.lacks_marks(self.school.day)
        return row.key in keys and (stands or doubt or self._unclear(row))

    def _withdrawn(self, row: LedgerRow) -> bool:
        by_person = row.key in self.school.decided.withdrawn
        return self._event(row) is None or by_person or self._unclear(row)

    def _voided(self, row: LedgerRow) -> bool:
        return row.key in self.school.decided.voided

    def _failed(self, row: LedgerRow) -> bool:
        return "events release" in row.reason and row.pupil_id in self.school.ever_refused

    def _excluded(self, row: LedgerRow) -> bool:
        if row.policy != self.policy:
            return True
        return self.model.exclusion(row) is not None

    def _superseded(self, row: LedgerRow) -> bool:
        if row.policy != self.policy:
            return row.hold == "other_policy" or self._aside_before(row)
        if row.hold == "before_start":
            return row.date < self.school.latest_start
        return row.hold == "facts_changed" or "overtaken" in row.reason

    def _aside_before(self, row: LedgerRow) -> bool:
        return row.hold in ("before_start", "facts_changed") or "overtaken" in row.reason

    def _held(self, row: LedgerRow) -> bool:
        if row.policy != self.policy:
            return row.hold == "no_longer_follows" and row.stands_as in ("written", "verified", "failed")
        return _HOLDS[row.hold](self, row)

    # kinds of hold

    def _review(self, row: LedgerRow) -> bool:
        rules = self.school.run_settings.get("review", [])
        return ("all" in rules or row.rule in rules) and row.key not in self.school.decided.approved

    def _letter(self, row: LedgerRow) -> bool:
        return not self.model.adults(row.pupil_id or "")

    def _registers(self, row: LedgerRow) -> bool:
        return any(self.model.lacks_marks(day) for day in (self.school.day, *row.held_days))

    def _settling(self, row: LedgerRow) -> bool:
        return bool(self.school.run_settings.get("settling_days"))

    def _leaver(self, row: LedgerRow) -> bool:
        return self.model.has_left(row.pupil_id or "")

    def _ladder(self, row: LedgerRow) -> bool:
        return any(
            other.id != row.id
            and other.pupil_id == row.pupil_id
            and other.event.ladder == row.event.ladder
            and (other.composed_on is not None or other.state in ("held", "failed"))
            for other in self.rows
        )

    def _first_run(self, row: LedgerRow) -> bool:
        first = self.model.first_judged[row.policy]
        return row.key not in self.school.decided.released and self.model.school_days_since(
            row.date, first
        ) > min(self.model.first_run_days)

    def _new_policy(self, row: LedgerRow) -> bool:
        return row.key not in self.school.decided.released and len(set(self.school.policies_of_runs)) > 1

    def _too_old(self, row: LedgerRow) -> bool:
        return self.model.too_old(row)

    def _no_longer_follows(self, row: LedgerRow) -> bool:
        now = self._event(row)
        return now is None or self._unclear(row)

    def _facts_changed(self, row: LedgerRow) -> bool:
        return self._event(row) is not None or self._unclear(row)


_HOLDS: dict[str, Callable[[Looks, LedgerRow], bool]] = {
    kind: getattr(Looks, f"_{kind}")
    for kind in (
        "review",
        "letter",
        "registers",
        "settling",
        "leaver",
        "ladder",
        "first_run",
        "new_policy",
        "too_old",
        "no_longer_follows",
        "facts_changed",
    )
}
"""The kinds that this school can meet; any other is a fault."""
