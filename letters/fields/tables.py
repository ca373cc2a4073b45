"""Merge fields that repeat: bands, sessions, half terms, reasons."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from letters.absences import Spell, by_day, spells
from letters.earlier.made_before import EarlierForm
from letters.facts import Facts
from letters.fields.field import Column, Field
from letters.template.segments import Value
from letters.words import english, welsh
from rules.events import CountedMark
from rules.policy import Band

_TABLES = "Tables"
Rows = list[dict[str, Value]]


def band_rows(bands: Sequence[Band], own: Band | None) -> Rows:
    """Return the rows of the block ``bands``: every band, best first, with the pupil's own one marked."""
    return [
        {
            "band": band.letter_name or band.name,
            "band_cy": welsh.band(band.letter_name or band.name),
            "range": band.range,
            "range_cy": welsh.band_range(band.attendance),
            "here": band is own,
            "elsewhere": band is not own,
        }
        for band in bands
    ]


def _bands(facts: Facts) -> Rows:
    return band_rows(facts.bands.bands, facts.band)


def _meaning(facts: Facts, code: str, day: date) -> str:
    known = facts.register.code_set_on(day).codes.get(code)
    return known.meaning if known else ""


def _session_rows(facts: Facts, shown: Sequence[Spell], marks: Sequence[CountedMark]) -> Rows:
    minutes = (
        {mark[:2]: facts.minutes_late(mark) for mark in marks}
        if any(mark.code in ("L", "U") for mark in marks)
        else {}
    )
    rows: Rows = []
    for spell in shown:
        late = (
            sum(minutes.get((spell.start, half)) or 0 for half in spell.halves)
            if spell.start == spell.end
            else 0
        )
        meaning = _meaning(facts, spell.code, spell.start)
        rows.append(
            {
                "session_date": spell.start,
                "session_halves": english.halves(spell.halves),
                "session_halves_cy": welsh.halves(spell.halves),
                "session_code": spell.code,
                "session_meaning": meaning,
                "session_meaning_cy": welsh.meaning(spell.code, meaning),
                "session_count": spell.sessions,
                "session_minutes_cy": welsh.minutes(late) if late else "",
                "session_minutes": english.count(late, "minute") if late else "",
                "spell_when": _when(spell),
                "spell_when_cy": _when_cy(spell),
                "spell_sessions": english.count(spell.sessions, "session"),
                "spell_sessions_cy": welsh.sessions(spell.sessions),
            }
        )
    return rows


def _counted_rows(facts: Facts) -> Rows:
    return _session_rows(facts, by_day(facts.counted_marks, facts.calendar), facts.counted_marks)


def _absence_spells(facts: Facts) -> Rows:
    return _session_rows(facts, spells(facts.absences, facts.calendar), ())


def _counted_spells(facts: Facts) -> Rows:
    return _session_rows(facts, spells(facts.counted_marks, facts.calendar), ())


def _half_terms(facts: Facts) -> Rows:
    rows: Rows = []
    for half_term in facts.calendar.half_terms:
        if half_term.start > facts.event.date or half_term.end < facts.span[0]:
            continue
        figures, percent = facts.share(half_term.start, half_term.end)
        rows.append(
            {
                "half_term": half_term.name,
                "half_term_percent": f"{percent}%" if percent else "–",
                "half_term_attended": figures.attended,
                "half_term_possible": figures.possible,
                "half_term_authorised": figures.authorised,
                "half_term_unauthorised": figures.unauthorised,
                "half_term_late": figures.late,
            }
        )
    return rows


def _reasons(facts: Facts) -> Rows:
    absent = {mark.code for mark in facts.absences}
    return [
        {
            "reason_code": code,
            "reason": _meaning(facts, code, facts.event.date),
            "reason_cy": welsh.meaning(code, _meaning(facts, code, facts.event.date)),
            "reason_sessions": number,
        }
        for code, number in sorted(facts.figures.by_code.items(), key=lambda item: (-item[1], item[0]))
        if code in absent
    ]


def _earlier_forms(facts: Facts) -> Rows:
    rows: Rows = []
    for form in facts.earlier_forms:
        used = spells(form.sessions, facts.calendar)
        number = len(form.sessions)
        rows.append(
            {
                "earlier_form_date": form.day,
                "earlier_form_key": form.key,
                "earlier_form_sessions": f"{english.count(number, 'session')}: {'; '.join(_when(one) for one in used)}",
                "earlier_form_sessions_cy": f"{welsh.sessions(number)}: {'; '.join(_when_cy(one) for one in used)}",
                "earlier_form_decision": _decision(form),
                "earlier_form_decision_cy": _decision_cy(form),
            }
        )
    return rows


def _when(spell: Spell) -> str:
    return english.span(spell.start, spell.end) + ("" if spell.whole else f", {english.halves(spell.halves)}")


def _when_cy(spell: Spell) -> str:
    return welsh.span(spell.start, spell.end) + ("" if spell.whole else f", {welsh.halves(spell.halves)}")


_OUTCOMES = {
    "notice": ("penalty notice", "hysbysiad cosb"),
    "notice-to-improve": ("notice to improve given", "rhoddwyd hysbysiad i wella"),
    "none": ("no notice", "dim hysbysiad"),
}
"""What was decided, in English and Welsh."""


def _decision(form: EarlierForm) -> str:
    if form.decision is None:
        return "not decided yet"
    return f"{_OUTCOMES[form.decision.outcome][0]}, {english.day(form.decision.decided)}"


def _decision_cy(form: EarlierForm) -> str:
    if form.decision is None:
        return "heb ei benderfynu eto"
    return f"{_OUTCOMES[form.decision.outcome][1]}, {welsh.day(form.decision.decided)}"


_SESSION_COLUMNS = (
    Column("session_date", "date", 'the day; add a picture such as \\@ "dddd d MMMM yyyy" for the weekday'),
    Column("session_halves", "text", "morning, afternoon, or both"),
    Column("session_halves_cy", "text", "the same in Welsh"),
    Column("session_code", "text", "the code in the register"),
    Column("session_meaning", "text", "what the code means"),
    Column("session_meaning_cy", "text", "the same in Welsh"),
    Column("session_count", "number", "sessions in this row"),
    Column("session_minutes", "text", "minutes late, where they are recorded"),
    Column("session_minutes_cy", "text", "the same in Welsh"),
    Column("spell_when", "text", "the day or days in words"),
    Column("spell_when_cy", "text", "the same in Welsh"),
    Column("spell_sessions", "text", "sessions in this row, in words"),
    Column("spell_sessions_cy", "text", "the same in Welsh"),
)
_EXAMPLE_SESSIONS: Rows = [
    {
        "session_date": date(2025, 11, 3), "session_halves": "morning and afternoon", "session_halves_cy": "bore a phrynhawn",
        "session_code": "I", "session_meaning": "Illness", "session_meaning_cy": "Salwch", "session_count": 2, "session_minutes": "", "session_minutes_cy": "",
        "spell_when": "Monday 3 November 2025", "spell_when_cy": "dydd Llun 3 Tachwedd 2025",
        "spell_sessions": "2 sessions", "spell_sessions_cy": "2 sesiwn",
    },
    {
        "session_date": date(2025, 11, 20), "session_halves": "morning", "session_halves_cy": "bore",
        "session_code": "U", "session_meaning": "Arrived after the register closed", "session_meaning_cy": "Wedi cyrraedd ar ôl cau’r gofrestr",
        "session_count": 1, "session_minutes": "25 minutes", "session_minutes_cy": "25 munud",
        "spell_when": "Thursday 20 November 2025, morning", "spell_when_cy": "dydd Iau 20 Tachwedd 2025, bore",
        "spell_sessions": "1 session", "spell_sessions_cy": "1 sesiwn",
    },
]  # fmt: skip

TABLE_FIELDS = (
    Field(
        "bands", "rows", _TABLES, "every band of the policy, best first",
        [
            {"band": "Good", "band_cy": "Da", "range": "97% and above", "range_cy": "97% ac uwch", "here": False, "elsewhere": True},
            {"band": "Requires improvement", "band_cy": "Angen gwella", "range": "below 97%", "range_cy": "o dan 97%", "here": True, "elsewhere": False},
        ],
        _bands,
        columns=(
            Column("band", "text", "its name, as letters call it"),
            Column("band_cy", "text", "its name in Welsh, where it is known"),
            Column("range", "text", "its percentages in words"),
            Column("range_cy", "text", "the same in Welsh"),
            Column("here", "yes/no", "kept in the pupil's own band"),
            Column("elsewhere", "yes/no", "kept in every other band"),
        ),
    ),
    Field("sessions", "rows", _TABLES, "the sessions that the event counted, one row a day; if it counted none, those missed since the earlier step or in the year", _EXAMPLE_SESSIONS, _counted_rows, ("counted_sessions",), _SESSION_COLUMNS),
    Field("counted_spells", "rows", _TABLES, "the same, with consecutive days in one row", _EXAMPLE_SESSIONS, _counted_spells, (), _SESSION_COLUMNS),
    Field("absence_spells", "rows", _TABLES, "every session missed in the year to date, with consecutive days in one row", _EXAMPLE_SESSIONS, _absence_spells, (), _SESSION_COLUMNS),
    Field(
        "earlier_forms", "rows", _TABLES, "the pupil's consideration forms before this one, oldest first, with the sessions that each used",
        [{
            "earlier_form_date": date(2025, 9, 12), "earlier_form_key": "AC-2F7K9QXM",
            "earlier_form_sessions": "10 sessions: Monday 8 to Friday 12 September 2025",
            "earlier_form_sessions_cy": "10 sesiwn: dydd Llun 8 i ddydd Gwener 12 Medi 2025",
            "earlier_form_decision": "not decided yet", "earlier_form_decision_cy": "heb ei benderfynu eto",
        }],
        _earlier_forms,
        columns=(
            Column("earlier_form_date", "date", "the day of its event"),
            Column("earlier_form_key", "text", "its reference"),
            Column("earlier_form_sessions", "text", "how many sessions it used, and which"),
            Column("earlier_form_sessions_cy", "text", "the same in Welsh"),
            Column("earlier_form_decision", "text", "what the head decided and when, or that nothing is decided yet"),
            Column("earlier_form_decision_cy", "text", "the same in Welsh"),
        ),
        office_only=True,
    ),
    Field(
        "half_terms", "rows", _TABLES, "the year's half terms up to now",
        [{"half_term": "Autumn 1", "half_term_percent": "97.1%", "half_term_attended": 68, "half_term_possible": 70, "half_term_authorised": 2, "half_term_unauthorised": 0, "half_term_late": 1}],
        _half_terms,
        columns=(
            Column("half_term", "text", "its name"),
            Column("half_term_percent", "text", "attendance in it, with the sign"),
            Column("half_term_attended", "number", "sessions attended"),
            Column("half_term_possible", "number", "possible sessions"),
            Column("half_term_authorised", "number", "sessions of authorised absence"),
            Column("half_term_unauthorised", "number", "sessions of unauthorised absence"),
            Column("half_term_late", "number", "sessions marked late"),
        ),
    ),
    Field(
        "reasons", "rows", _TABLES, "the year's absences by code, most frequent first",
        [{"reason_code": "I", "reason": "Illness", "reason_cy": "Salwch", "reason_sessions": 4}],
        _reasons,
        columns=(
            Column("reason_code", "text", "the code"),
            Column("reason", "text", "what it means"),
            Column("reason_cy", "text", "the same in Welsh"),
            Column("reason_sessions", "number", "sessions"),
        ),
    ),
)  # fmt: skip
