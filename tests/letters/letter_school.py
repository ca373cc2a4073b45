"""A small made-up school for tests of letters: a long-named pupil with two households, a short-named one, and events
of every rule of every pack, as the rules would give them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from functools import cache

from letters.addressees import NamedAddressee
from letters.compose import Composed, SchoolDetails, Templates, compose
from rules.calendar import Calendar, Period
from rules.events import CountedMark, Event
from rules.kinds.marks.back_after import BackAfter
from rules.kinds.marks.count import Count
from rules.kinds.marks.count_or_running import CountOrRunning
from rules.kinds.marks.running import Running
from rules.kinds.records.leave_answer import LeaveAnswered
from rules.kinds.records.leave_request import LeaveRequested
from rules.kinds.records.notice_to_improve import NoticeOnRecord
from rules.kinds.records.recorded_act import Recorded
from rules.kinds.records.roll import OnRoll
from rules.policy import Policy, load_policy, shipped_policies
from rules.register import Register, build_register
from rules.rule import Rule
from rules.rule.sessions import Sessions
from rules.school import Address, Contact, LeaveRequest, Mark, Pupil
from rules.statistics import Tally

KEY = "AC-7F3K2M9Q"
LONG_HOME = Address(
    ("Flat 12, The Old Granary Buildings", "147–149 Upper Wellington Street East", "Newland"),
    "Kingston upon Hull", "East Riding of Yorkshire", "HU5 2TT",
)  # fmt: skip
OTHER_HOME = Address(("8 Mill Lane",), "Beverley", "", "HU17 9XY")
SHORT_HOME = Address(("1 Elm Rd",), "Hull", "", "HU1 1AA")
ORLA = Contact(
    "c1",
    "Dr",
    "Órla Bernadette",
    "O’Shaughnessy-Featherstonehaugh",
    relationship="Mother",
    priority=1,
    parental_responsibility=True,
    address=LONG_HOME,
)
PIET = Contact(
    "c2",
    "Mr",
    "Piet",
    "van der Westhuizen",
    relationship="Stepfather",
    priority=2,
    parental_responsibility=True,
    address=LONG_HOME,
)
RAJ = Contact(
    "c3",
    "Mr",
    "Rajendra",
    "Subramaniam",
    relationship="Father",
    priority=3,
    parental_responsibility=True,
    address=OTHER_HOME,
)
JO = Contact("c4", "", "Jo", "Li", priority=1, parental_responsibility=True, address=SHORT_HOME)

LONG = Pupil(
    "1", "A801200022001", "Bartholomew Maximilian Christopher", "O’Shaughnessy-Featherstonehaugh-Subramaniam", "Bartholomew",
    "O’Shaughnessy-Featherstonehaugh", date(2016, 2, 9), "M", "4", "4 Kingfisher", contacts=(ORLA, PIET, RAJ),
    sen_status="K", fsm=True,
)  # fmt: skip
SHORT = Pupil(
    "2",
    "A801200022002",
    "Bo",
    "Li",
    date_of_birth=date(2017, 5, 1),
    year_group="3",
    registration_group="3A",
    contacts=(JO,),
)
YOUNG = Pupil(
    "3",
    "",
    "Ted",
    "Li",
    date_of_birth=date(2021, 8, 30),
    year_group="R",
    registration_group="RW",
    contacts=(JO,),
)

CALENDAR = Calendar(
    (
        Period("year", "2025/26", date(2025, 9, 1), date(2026, 8, 31)),
        Period("term", "Autumn term", date(2025, 9, 3), date(2025, 12, 19)),
        Period("term", "Spring term", date(2026, 1, 5), date(2026, 3, 27)),
        Period("half_term", "Autumn 1", date(2025, 9, 3), date(2025, 10, 24)),
        Period("half_term", "Autumn 2", date(2025, 11, 3), date(2025, 12, 19)),
        Period("half_term", "Spring 1", date(2026, 1, 5), date(2026, 2, 13)),
    )
)
DAY = date(2025, 12, 5)
_ASKED, _START, _END = date(2025, 11, 28), date(2026, 1, 12), date(2026, 1, 16)
LEAVE = tuple(
    LeaveRequest(pupil_id, _START, end, kind, _ASKED, decision, DAY, granted_to=granted_to, reason=reason)  # type: ignore[arg-type]
    for pupil_id in ("1", "2", "3")
    for kind, end, decision, granted_to, reason in (
        ("holiday", _END, "refused", None, "The visit can be made in the Easter holidays"),
        ("religious", _START, "granted", None, ""),
        ("other", _END, "in part", date(2026, 1, 14), ""),
    )
)
"""A request of each answer, all made and decided on the same days."""
LEAVE_ANCHORS = {"granted": "religious", "refused": "holiday", "in part": "other"}
VIRTUAL_SCHOOL = NamedAddressee(
    name="The Virtual School",
    address=["Guildhall"],
    town="Exampleton",
    postcode="EX1 1AA",
    salutation="colleague",
)
SCHOOL = SchoolDetails(
    name="Thornbrook Primary School",
    telephone="01632 960101",
    address=["Thornbrook Road", "Exampleton", "EX4 5TH"],
    email="office@thornbrook.example.sch.uk",
    website="www.thornbrook.example.sch.uk",
    head_name="Mrs Eleanor Whitcombe",
    attendance_contact_name="Mr Dominic Hale",
    attendance_contact_telephone="01632 960102",
    attendance_contact_email="attendance@thornbrook.example.sch.uk",
    authority_name="Exampleton City Council",
    number="810/2001",
    looked_after_to=VIRTUAL_SCHOOL,
)


def _marks(pupil_id: str) -> list[Mark]:
    absent = {
        date(2025, 9, 15): ("I", "I"), date(2025, 9, 16): ("I", "I"), date(2025, 9, 17): ("I", ""),
        date(2025, 10, 6): ("M", ""), date(2025, 10, 13): ("O", "O"), date(2025, 10, 20): ("", "O"),
        date(2025, 11, 3): ("G", "G"), date(2025, 11, 4): ("G", "G"), date(2025, 11, 5): ("G", "G"),
        date(2025, 11, 12): ("U", ""), date(2025, 11, 24): ("N", "N"),
    }  # fmt: skip
    late = {date(2025, 11, 6), date(2025, 11, 18), date(2025, 11, 27), date(2025, 9, 24)}
    marks = []
    for day, half in CALENDAR.sessions:
        if day <= DAY:
            code = absent.get(day, ("", ""))[0 if half == "AM" else 1]
            code = code or ("L" if day in late and half == "AM" else "/" if half == "AM" else "\\")
            marks.append(Mark(pupil_id, day, half, code, 12 if code == "L" else None))
    return marks


@cache
def register(nation: str = "england") -> Register:
    pupils = (LONG, SHORT, YOUNG)
    marks = [mark for pupil in pupils for mark in _marks(pupil.pupil_id)]
    return build_register(
        pupils=pupils,
        calendar=CALENDAR,
        marks=marks,
        nation=nation,
        leave_requests=LEAVE,  # type: ignore[arg-type]
    )


@cache
def tally(nation: str = "england") -> Tally:
    return Tally(register(nation))


@cache
def templates() -> Templates:
    return Templates.load()


@cache
def policy(name: str) -> Policy:
    return load_policy(name)


def made_up_event(pack: Policy, rule: Rule, pupil: Pupil = LONG) -> Event:
    """Return an event of a rule as an evaluation gives it, on a pupil whose marks need not deserve it."""
    held = register(pack.nation)
    figures_now = tally(pack.nation).pupil(pupil.pupil_id, CALENDAR.years[0].start, DAY)
    figures: dict[str, str | int] = {
        "attendance_percent": pack.shown(figures_now.attended, figures_now.possible) or "",
        "attended": figures_now.attended,
        "possible": figures_now.possible,
    }
    sessions = _sessions(held, rule, pupil)
    when = rule.when.count if isinstance(rule.when, CountOrRunning) else rule.when
    if isinstance(when, Sessions):
        threshold = when.days[0] if isinstance(when, Running) else getattr(when, "at_least", len(sessions))
        figures |= {"count": max(threshold, 1), "threshold": threshold}
        if not isinstance(when, Running):
            figures["count"] = len(sessions)
    if rule.kind == "unexplained":
        figures["count"] = len(sessions)
    if rule.kind in ("review", "decline", "review-passed"):
        figures |= {"percent_then": "91.4", "opened": "2025-11-06"}
        if rule.kind == "review-passed" or getattr(when, "compare", "") == "window":
            figures |= {"window_percent": "85.7", "days_missed": 3}
    if rule.kind == "period-end":
        figures |= {"period_percent": "88.8", "period_start": "2025-11-03", "period_end": DAY.isoformat()}
    if rule.kind == "date":
        figures["date_of"] = "part_time_from"
    anchor = "part_time_from:2025-12-05" if rule.kind == "date" else "2025-09-01"
    if isinstance(rule.when, (LeaveRequested, LeaveAnswered)):
        kind = LEAVE_ANCHORS[getattr(rule.when, "decision", "refused")]
        anchor = f"{_ASKED}:{_START}:{kind}"
        figures |= {"kind": kind, "leave_start": "2026-01-12", "leave_end": "2026-01-16", "sessions_asked": 10,
                    "eligible": 0, "reasons": "assessment,kind", "percent_after": "80.1"}  # fmt: skip
        if kind == "religious":
            figures |= {"eligible": 1, "reasons": ""}
    if isinstance(when, Recorded):
        figures |= {"record_day": "2025-11-24", "record_start": "2025-12-09", "record_end": "2026-02-13",
                    "record_review": "2026-01-16", "record_decision": next(iter(when.decision), "")}  # fmt: skip
    if isinstance(when, BackAfter):
        figures |= {"count": 15, "away_from": "2025-11-10", "away_to": "2025-12-04"}
    if isinstance(when, OnRoll):
        figures |= {"roll_date": DAY.isoformat(), "due": "2025-12-10", "enrolment": "main"}
    if isinstance(when, NoticeOnRecord):
        figures |= {"notice_date": "2025-11-07", "notice_weeks": 6, "notice_allowed": 0,
                    "notice_from": "2025-11-10", "notice_to": "2025-12-19", "count": len(sessions)}  # fmt: skip
        figures |= {"count_from": "2025-09-03"} if when.on == "issue" else {"opened": "2025-11-07"}
    return Event(
        rule.id, DAY, rule.clause, rule.outcomes, pupil.pupil_id, None, figures, sessions, anchor, rule.title,
        rule.ladder, rule.rung, rule.law, rule.per_parent, pack.id, pack.version,
        _window(when, pack) if isinstance(when, Count) else None,
    )  # fmt: skip


def _window(when: Count, pack: Policy) -> tuple[date, date]:
    """Return what a count looks at on the day."""
    if when.rolling:
        start = when.window_start(CALENDAR, DAY)
    else:
        of_day = {"half_term": CALENDAR.half_term_of, "term": CALENDAR.term_of, "year": CALENDAR.year_of}
        start = CALENDAR.next_school_day(of_day[when.within](DAY).start)
    return max(start, pack.start or start), DAY


def _sessions(held: Register, rule: Rule, pupil: Pupil) -> tuple[CountedMark, ...]:
    if rule.kind == "roll" or (isinstance(rule.when, NoticeOnRecord) and rule.when.on != "broken"):
        return ()
    without = (
        "review",
        "review-passed",
        "decline",
        "period-end",
        "screening",
        "date",
        "leave-request",
        "leave-answer",
        "recorded",
        "follows",
    )
    if rule.kind in without:
        return ()
    when = rule.when.count if isinstance(rule.when, CountOrRunning) else rule.when
    codes = set(getattr(when, "codes", ())) or {"amendment": {"O"}, "unexplained": {"N"}}.get(
        rule.kind, set("IMOGUNHRSTCEF")
    )
    if getattr(when, "counted_as", None) == "unauthorised":
        codes = set("OGUN")
    row = held.row_of[pupil.pupil_id]
    found = [
        CountedMark(session.date, session.half, held.code_at(row, column))
        for column, session in enumerate(held.sessions)
        if held.code_at(row, column) in codes
    ]
    if not found:
        days = [DAY - timedelta(days=n) for n in (3, 2, 1)]
        return tuple(CountedMark(day, "AM", next(iter(sorted(codes)))) for day in days)
    return tuple(found)


def letters_of(
    pack_id: str, rule_id: str, pupil: Pupil = LONG, school: SchoolDetails = SCHOOL, **changes: object
) -> Composed:
    """Return what a rule's made-up event gives."""
    pack = policy(pack_id)
    event = replace(made_up_event(pack, pack.rule(rule_id), pupil), **changes)  # type: ignore[arg-type]
    return compose(
        event, register=register(pack.nation), tally=tally(pack.nation), policy=pack, school=school,
        templates=templates(), key=KEY, on=DAY + timedelta(days=1),
    )  # fmt: skip


def rules_with_documents() -> list[tuple[str, str]]:
    """(pack, rule) for every rule that makes a document of any kind."""
    return [
        (name, rule.id)
        for name in shipped_policies()
        for rule in policy(name).rules
        if any(outcome.is_document for outcome in rule.outcomes)
    ]
