"""What may happen to an event today, in the plainest words: from the facts of the day and what people have decided.

It shares nothing with the connector's own judging but the evaluation of rules, which has a second engine of its own
(tests/peer).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from connector.store.ledger import LedgerRow
from rules.calendar import HALVES
from rules.evaluate import evaluate
from rules.events import Event
from rules.register import build_register
from rules.school import Contact, Exclusion, Session
from tests.connector.life.living_school import DAYS, POLICIES, LivingSchool, evidence_of
from tests.connector.memory_mis import CALENDAR

MISSING_PERCENT = 20
OLDEST = 10


@dataclass
class Model:
    """The plain model of one school: it remembers what only the past can tell."""

    school: LivingSchool
    first_judged: dict[str, date] = field(default_factory=dict)
    """By policy, the day of the first run that had marks."""
    first_run_days: set[int] = field(default_factory=set)
    """Every `first_run_school_days` that has been set."""

    def before_run(self, *, reads: bool) -> None:
        """Remember what a run is made with. ``reads``: the MIS lets it read, so that it judges."""
        self.first_run_days.add(self.school.run_settings["first_run_school_days"])
        if reads:
            self.first_judged.setdefault(POLICIES[self.school.policy].id, self.school.day)

    def take_in(self, rows: list[LedgerRow]) -> None:
        """Forget decisions about another evidence than the event has now."""
        now = {row.key: evidence_of(row) for row in rows}
        for decided in (self.school.decided.approved, self.school.decided.released):
            for key in [key for key, evidence in decided.items() if now.get(key) != evidence]:
                del decided[key]

    # today's facts

    def events_today(self) -> dict[tuple[str, str, date], Event]:
        """Return what follows from the marks of today, by rule, pupil and day."""
        mis = self.school.mis
        register = build_register(
            pupils=list(mis.pupils.values()), calendar=CALENDAR, marks=list(mis.marks.values())
        )
        policy = POLICIES[self.school.policy]
        events = evaluate(
            register, policy, self.school.day, amendments=True, notices=True, in_run=True
        ).events
        return {(e.rule, e.pupil_id or "", e.date): e for e in events}

    def adults(self, pupil_id: str) -> dict[str, Contact]:
        """Return the adults to whom a letter about the pupil may go today, by surname."""
        pupil = self.school.pupil(pupil_id)
        if pupil is None or pupil.looked_after:
            return {}
        return {
            one.surname: one
            for one in pupil.contacts
            if one.parental_responsibility
            and one.correspondence
            and not one.court_order
            and one.address.usable
        }

    def exclusion(self, row: LedgerRow) -> Exclusion | None:
        """Return an exclusion that covers an event today."""
        pupil = self.school.pupil(row.pupil_id or "") or self.school.gone.get(row.pupil_id or "")
        for one in self.school.all_exclusions():
            if (one.rules and row.rule not in one.rules) or (one.until and row.date > one.until):
                continue
            if one.pupil_id == row.pupil_id or (pupil and one.flag and getattr(pupil, one.flag)):
                return one
        return None

    def has_left(self, pupil_id: str) -> bool:
        """Return True from the leaving date on, and for one whom the MIS's list has no more."""
        pupil = self.school.pupil(pupil_id)
        return pupil is None or (pupil.on_roll_to is not None and self.school.day >= pupil.on_roll_to)

    def lacks_marks(self, day: date) -> bool:
        """Return True when more of a day's marks are missing than the guard allows."""
        on_roll = [p.pupil_id for p in self.school.mis.pupils.values() if p.on_roll(day)]
        codes = [self.school.code_at(pupil_id, Session(day, half)) for pupil_id in on_roll for half in HALVES]
        return 100 * codes.count("") > MISSING_PERCENT * len(codes)

    def school_days_since(self, day: date, until: date | None = None) -> int:
        return sum(day < one <= (until or self.school.day) for one in DAYS)

    # what may be written

    def why_not(self, row: LedgerRow, events: dict[tuple[str, str, date], Event]) -> str:
        """Return why nothing of an event may be written today; empty when it may."""
        always = self._never(row) or self._follows_not(row, events)
        return always or self._held(row)

    def _never(self, row: LedgerRow) -> str:
        if row.key in self.school.decided.voided:
            return "voided by a person"
        if row.policy != POLICIES[self.school.policy].id:
            return "of another policy"
        if self.exclusion(row) is not None:
            return "excluded"
        return ""

    def _follows_not(self, row: LedgerRow, events: dict[tuple[str, str, date], Event]) -> str:
        if row.key in self.school.decided.kept or row.pupil_id in self.school.gone:
            return ""
        now = events.get((row.rule, row.pupil_id or "", row.date))
        if now is None:
            return "no longer follows"
        return "" if now.sessions == row.event.sessions else "of other marks than today's"

    def _held(self, row: LedgerRow) -> str:
        """Return which guard holds it; a person's release lets it past all of them but for review."""
        settings, approved = self.school.run_settings, row.key in self.school.decided.approved
        reviewed = settings.get("review", [])
        if ("all" in reviewed or row.rule in reviewed) and not approved:
            return "waits for approval"
        if row.key in self.school.decided.released:
            return ""
        if self.has_left(row.pupil_id or ""):
            return "left"
        if self.lacks_marks(self.school.day):
            return "registers missing"
        newest = row.event.sessions[-1].date if row.event.sessions else row.date
        if self.school_days_since(newest) < settings.get("settling_days", 0):
            return "not settled"
        return "" if approved else self._by_age(row)

    def _by_age(self, row: LedgerRow) -> str:
        since = self.school.run_settings.get("since")
        if since is not None and row.date < since:
            return "before since"
        first = self.first_judged[row.policy]
        if since is None and self.school_days_since(row.date, first) > max(self.first_run_days):
            return "first run"
        return "too old" if self.too_old(row) else ""

    def too_old(self, row: LedgerRow) -> bool:
        """Return True when a letter home is later than is allowed; what the first run found is as old as that run."""
        limit = self.school.run_settings.get("oldest_letter_school_days", OLDEST)
        if row.event.ladder is not None:
            limit += self.school.options().ladder_gap
        return self.school_days_since(max(row.date, self.first_judged[row.policy])) > limit
