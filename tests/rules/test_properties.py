"""What must hold for any register under any pack."""

from dataclasses import replace
from datetime import date
from fractions import Fraction

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rules.calendar import Calendar
from rules.cases import STANDARD_CALENDAR
from rules.codes import Class, code_sets
from rules.evaluate import evaluate
from rules.events import Event
from rules.policy import load_policy, shipped_policies
from rules.register import Register, build_register
from rules.school import Mark, Pupil, Spell

CALENDAR = Calendar(STANDARD_CALENDAR)
PACKS = [load_policy(name) for name in shipped_policies()]
CODES = ["/", "\\", "L", "I", "O", "N", "U", "G", "M", "R", "X", "", "C", "D"]
MODEST = settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def stretches(draw: st.DrawFn) -> list[str]:
    """Codes for every session of the calendar, in stretches, so that runs and recoveries happen."""
    found: list[str] = []
    while len(found) < len(CALENDAR.sessions):
        code = draw(st.sampled_from(CODES + ["/"] * 14))
        found += [code] * draw(st.integers(1, 60 if code == "/" else 12))
    return found[: len(CALENDAR.sessions)]


@st.composite
def registers(draw: st.DrawFn) -> Register:
    pupils, marks = [], []
    for number in range(draw(st.integers(1, 3))):
        pupil = Pupil(
            f"p{number}",
            registration_group=draw(st.sampled_from(["1A", "1B", ""])),
            date_of_birth=draw(
                st.sampled_from([None, date(2021, 1, 20), date(2015, 5, 5), date(2009, 11, 30)])
            ),
            spells=draw(
                st.sampled_from(
                    [
                        (Spell(),),
                        (Spell(date(2025, 10, 13), date(2026, 6, 17)),),
                        (Spell(None, date(2025, 12, 3)), Spell(date(2026, 1, 20), date(2026, 6, 17))),
                    ]
                )
            ),
            social_worker=draw(st.booleans()),
            child_protection=draw(st.booleans()),
        )
        pupils.append(pupil)
        for session, code in zip(CALENDAR.sessions, draw(stretches()), strict=True):
            marks.append(Mark(pupil.pupil_id, session.date, session.half, code))
    return build_register(pupils=pupils, calendar=CALENDAR, marks=marks)


def listed(events: tuple[Event, ...]) -> list[tuple[object, ...]]:
    return [(e.date, e.subject, e.rule, e.sessions, e.anchor) for e in events]


@MODEST
@given(registers(), st.sampled_from(PACKS), st.sampled_from(CALENDAR.school_days))
def test_judging_on_any_day_gives_the_same_events_as_judging_once_later(register, pack, day) -> None:
    whole = evaluate(register, pack, CALENDAR.school_days[-1]).events
    assert listed(evaluate(register, pack, day).events) == [e for e in listed(whole) if e[0] <= day]


@MODEST
@given(registers(), st.sampled_from(PACKS), st.sampled_from(CALENDAR.sessions))
def test_a_register_cut_off_in_mid_day_gives_only_events_that_stay(register, pack, session) -> None:
    whole = listed(evaluate(register, pack, CALENDAR.school_days[-1]).events)
    known = evaluate(register.until(session), pack, session.date).events
    judged = [e for e in whole if e[0] < session.date or (e[0] == session.date and session.half == "PM")]
    assert listed(known) == judged


@MODEST
@given(registers(), st.sampled_from(PACKS))
def test_every_event_lies_in_a_spell_of_its_pupil(register, pack) -> None:
    for event in evaluate(register, pack, CALENDAR.school_days[-1]).events:
        if event.pupil_id:
            assert register.pupil(event.pupil_id).on_roll(event.date)


@MODEST
@given(registers(), st.sampled_from(PACKS), st.data())
def test_one_more_attended_session_never_brings_a_percentage_event_nearer(register, pack, data) -> None:
    session = data.draw(st.integers(0, len(CALENDAR.sessions) - 1))
    better = register.marked(0, {session: "/"})
    first, later = ({} for _ in range(2))
    for found, seen in ((register, first), (better, later)):
        for event in evaluate(found, pack, CALENDAR.school_days[-1]).events:
            rule = pack.rule(event.rule)
            if rule.kind == "percentage" and event.subject == "p0":
                seen.setdefault((event.rule, CALENDAR.year_of(event.date)), event.date)
    was_possible = register.classes[0, session] in (Class.AUTHORISED, Class.UNAUTHORISED)
    if was_possible:  # a session that was not possible before also counts towards the floor of 30
        assert all(key in first and first[key] <= day for key, day in later.items())


@MODEST
@given(registers(), st.sampled_from(PACKS), st.randoms())
def test_the_order_of_pupils_and_their_other_neighbours_change_nothing(register, pack, random) -> None:
    if any(rule.kind == "class-week" for rule in pack.rules):
        pack = pack.model_copy(update={"rules": tuple(r for r in pack.rules if r.kind != "class-week")})
    together = evaluate(register, pack, CALENDAR.school_days[-1])
    alone = [evaluate(register.only(p.pupil_id), pack, CALENDAR.school_days[-1]) for p in register.pupils]
    assert sorted(listed(together.events), key=str) == sorted(
        (e for a in alone for e in listed(a.events)), key=str
    )
    assert [row for a in alone for row in a.pupils] == list(together.pupils)


@MODEST
@given(registers(), st.sampled_from(PACKS), st.randoms())
def test_the_order_of_rules_in_a_pack_changes_nothing(register, pack, random) -> None:
    rules = list(pack.rules)
    random.shuffle(rules)
    shuffled = pack.model_copy(update={"rules": tuple(rules)})
    last = CALENDAR.school_days[-1]
    assert evaluate(register, shuffled, last).events == evaluate(register, pack, last).events


@MODEST
@given(registers(), st.sampled_from(PACKS))
def test_a_window_ends_on_the_day_of_its_event_and_holds_every_mark_that_decided(register, pack) -> None:
    for event in evaluate(register, pack, CALENDAR.school_days[-1]).events:
        first, last = event.window
        assert (first <= last, last) == (True, event.date)
        assert pack.start is None or pack.start <= first
        assert all(first <= mark.date for mark in event.sessions)


@MODEST
@given(registers(), st.sampled_from(PACKS))
def test_a_year_boundary_resets_the_year_and_nothing_else(register, pack) -> None:
    """Without last year's marks this year's yearly events are the same; windows and runs may reach back."""
    start = date(2026, 9, 1)
    empty = {i: "" for i, s in enumerate(register.sessions) if s.date < start}
    cleared = register
    for row in range(len(register.pupils)):
        cleared = cleared.marked(row, empty)
    yearly = {
        rule.id
        for rule in pack.rules
        if rule.kind == "percentage" or getattr(rule.when, "within", "") in ("year", "term", "half_term")
    }

    def this_year(found: Register) -> list[tuple[object, ...]]:
        events = evaluate(found, pack, CALENDAR.school_days[-1]).events
        return listed(tuple(e for e in events if e.rule in yearly and e.date >= start))

    assert this_year(register) == this_year(cleared)


@given(st.integers(1, 760), st.data())
def test_every_share_has_exactly_one_band_and_no_figure_reads_as_another(
    possible: int, data: st.DataObject
) -> None:
    attended = data.draw(st.integers(0, possible))
    for pack in PACKS:
        assert sum(band.attendance.holds(attended, possible) for band in pack.bands) == 1
        shown = pack.shown(attended, possible)
        assert shown is not None
        percent = Fraction(shown)
        assert pack.band_of(percent.numerator, 100 * percent.denominator) == pack.band_of(attended, possible)
        assert (shown == "100.0") == (attended == possible)


def test_a_code_belongs_to_one_class_and_a_sub_code_to_its_parents() -> None:
    for nation in ("england", "wales"):
        for code_set in code_sets(nation):
            for code in code_set.codes.values():
                assert code.counts_as in list(Class)[3:]
                assert not code.parent or code.counts_as == code_set.codes[code.parent].counts_as


def test_dual_registration_counts_in_wales_only_and_by_setting() -> None:
    assert code_sets("england")[-1].counts_as("D") == Class.NOT_POSSIBLE
    assert code_sets("wales")[0].counts_as("D") == Class.APPROVED
    assert code_sets("wales", False)[0].counts_as("D") == Class.NOT_POSSIBLE


def test_a_register_with_welsh_d_switched_off_takes_d_out_of_possible() -> None:
    marks = [Mark("p", s.date, s.half, "D") for s in CALENDAR.sessions[:10]]
    register = build_register(pupils=[Pupil("p")], calendar=CALENDAR, marks=marks, nation="wales")
    cadle = load_policy("cadle")
    assert evaluate(register, cadle).school.possible == 10
    assert evaluate(replace(register, welsh_d_attended=False), cadle).school.possible == 0
