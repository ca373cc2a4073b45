"""The registration certificate: every session of one pupil between two dates, as the register has it.

It may be shown in a court: a certificate of a child's attendance signed by the head teacher is evidence of what
it states (Education Act 1996, section 566). So it shows what is recorded, says what is not, names the code sets
that were in force, and lists each mark that was changed with its original entry.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta

import numpy as np

from letters.docx.paper import Figure, Paper, School
from letters.docx.table import Cell, Column, Row, label
from letters.reports.record.register_grid import add_grid, mark_cell
from letters.words.english import count, day, short_date, weekday, year_group
from rules.codes import Class, Code, CodeSet
from rules.events import Figures
from rules.policy import Policy
from rules.register import Register
from rules.rule.words import roll_words
from rules.school import Amendment, Pupil, Session
from rules.statistics import Tally, shown_percent

CLASS_WORDS = {
    Class.PRESENT: "Present",
    Class.APPROVED: "Approved educational activity",
    Class.AUTHORISED: "Authorised absence",
    Class.UNAUTHORISED: "Unauthorised absence",
    Class.NOT_POSSIBLE: "Not counted",
}
"""How codes count, in words and in the order of the tables."""

_LISTED_SESSIONS = 24
_LEGEND_COLUMNS = 3


def registration_certificate(
    register: Register,
    tally: Tally,
    policy: Policy,
    pupil_id: str,
    school: School,
    *,
    start: date,
    end: date,
    printed_on: date,
    home: bool = False,
) -> bytes:
    """Return the certificate of one pupil as a DOCX, both dates counted.

    ``home``: it goes to a family, and shows only the name used in school. Sessions outside :func:`counted_days` are left out. Raise KeyError for an unknown pupil.
    """
    start, end = counted_days(tally, start, end, printed_on)
    pupil = register.pupil(pupil_id)
    name = used_name(pupil) if home else full_name(pupil)
    paper = Paper(
        "Registration certificate",
        school=school.name,
        printed_on=printed_on,
        subject=f"Attendance from {day(start)} to {day(end)}",
        header=f"Registration certificate  ·  {name}  ·  {school.name}",
        margin_mm=14,
    )
    paper.heading("Registration certificate", 0)
    add_certificate(paper, register, tally, policy, pupil_id, start=start, end=end, name=name)
    add_signature(paper, school)
    return paper.save()


def counted_days(tally: Tally, start: date, end: date, printed_on: date) -> tuple[date, date]:
    """Return the days of a period that a certificate can show: from the tally's ``since`` up to the day of printing.

    Raise ValueError when there is no such day.
    """
    start, end = max(start, tally.since or start), min(end, printed_on)
    if end < start:
        raise ValueError(f"a certificate from {start} to {end} has no day in it")
    return start, end


def add_certificate(
    paper: Paper,
    register: Register,
    tally: Tally,
    policy: Policy,
    pupil_id: str,
    *,
    start: date,
    end: date,
    level: int = 1,
    name: str = "",
) -> None:
    """Add the certificate to ``paper`` without title and signature, with headings of ``level``.

    ``name``: the pupil's, by default the legal one with the one used in school.
    """
    figures = tally.pupil(pupil_id, start, end)
    pupil = register.pupil(pupil_id)
    _facts(paper, register, pupil, name or full_name(pupil), start, end)
    paper.figures(
        [
            Figure(policy.shown(figures.attended, figures.possible) or "none", "Attendance, per cent"),
            Figure(f"{figures.attended} of {figures.possible}", "Sessions attended"),
            Figure(str(figures.authorised), "Authorised absence"),
            Figure(str(figures.unauthorised), "Unauthorised absence"),
            Figure(str(figures.late), "Late", _minutes(figures)),
        ]
    )
    _incomplete(paper, register, pupil_id, figures, start, end)
    add_grid(paper, register, pupil_id, start, end)
    paper.heading("Totals", level)
    _totals(paper, register, policy, pupil_id, figures, start, end)
    paper.heading("Marks that were changed", level)
    amendments = amendments_of(register, pupil_id, start, end)
    add_amendments(paper, register, amendments, none="No change of a mark in this period is on record.")
    _legend(paper, register, tally, pupil_id, start, end, level)


def full_name(pupil: Pupil) -> str:
    """Return the legal name, and the name used in school where it differs."""
    legal = " ".join(part for part in (pupil.legal_forename, pupil.legal_surname) if part)
    used = used_name(pupil)
    return f"{legal} (known as {used})" if legal and used != legal else used


def used_name(pupil: Pupil) -> str:
    """Return the name used in school, the only one on what goes home; the pupil's id where there is none."""
    return " ".join(part for part in (pupil.forename, pupil.surname) if part) or pupil.pupil_id


def session_name(session: Session) -> str:
    """Return a session's name: "Mon 3 Nov 2025 AM"."""
    return f"{weekday(session.date)[:3]} {short_date(session.date)} {session.half}"


def moment(when: datetime) -> str:
    """Return a date and time: "3 Nov 2025, 09:41", with "UTC" where it is in UTC."""
    zone = " UTC" if when.tzinfo and not when.utcoffset() else ""
    return f"{short_date(when.date())}, {when:%H:%M}{zone}"


def class_year(pupil: Pupil) -> str:
    """Return the registration group and year group, as far as they are recorded."""
    return ", ".join(part for part in (pupil.registration_group, year_group(pupil.year_group)) if part)


def _facts(paper: Paper, register: Register, pupil: Pupil, name: str, start: date, end: date) -> None:
    unknown = f"before {day(register.calendar.years[0].start)}"
    facts = [
        ("Pupil", name),
        ("Period", f"{day(start)} to {day(end)}"),
        ("Date of birth", day(pupil.date_of_birth) if pupil.date_of_birth else "not recorded"),
        ("Class", class_year(pupil) or "not recorded"),
        ("UPN", pupil.upn or "not recorded"),
        ("On roll", roll_words(pupil.spells, unknown)),
    ]
    rows = [Row([label(a), b, label(c), d]) for (a, b), (c, d) in zip(facts[::2], facts[1::2], strict=True)]
    columns = [Column("", 24), Column("", 67), Column("", 24), Column("", 67)]
    paper.table(columns, rows, header_rows=None, row_headers=True, description="The pupil and the period")


def _minutes(figures: Figures) -> str:
    return f"{count(figures.minutes_late, 'minute')} recorded" if figures.minutes_late else ""


def _incomplete(
    paper: Paper, register: Register, pupil_id: str, figures: Figures, start: date, end: date
) -> None:
    """Name the sessions that no figure includes, because they have no mark or an unknown one."""
    row = register.row_of[pupil_id]
    for kind, number, words in (
        (Class.MISSING, figures.missing, "no mark recorded"),
        (Class.UNRECOGNISED, figures.unrecognised, "a mark that is not a code in force"),
    ):
        if not number:
            continue
        names = [
            session_name(session)
            for column, session in enumerate(register.sessions)
            if start <= session.date <= end and register.classes[row, column] == kind
        ]
        where = f" ({'; '.join(names)})" if number <= _LISTED_SESSIONS else ""
        has, counted = ("has", "It is") if number == 1 else ("have", "They are")
        paper.paragraph(
            f"{count(number, 'session')} {has} {words}{where}. {counted} not included in any total.", "warn"
        )


def _totals(
    paper: Paper,
    register: Register,
    policy: Policy,
    pupil_id: str,
    figures: Figures,
    start: date,
    end: date,
) -> None:
    by_class = _by_class(register, pupil_id, start, end)
    possible = figures.possible

    def row(name: str, number: int, percent: str | None = None, *, bold: bool = False) -> Row:
        share = shown_percent(number, possible) if percent is None else percent
        return Row([Cell(text, bold=bold) for text in (name, str(number), share or "")])

    rows = [
        row("Sessions possible", possible, "", bold=True),
        row("Attended", figures.attended, policy.shown(figures.attended, possible), bold=True),
        row("   present", by_class[Class.PRESENT]),
        row("   of these late before the register closed", figures.late),
        row("   approved educational activity", by_class[Class.APPROVED]),
        row("Absent", figures.absent, bold=True),
        row("   authorised", figures.authorised),
        row("   unauthorised", figures.unauthorised),
        row("Not counted: attendance was not possible or not required", by_class[Class.NOT_POSSIBLE], ""),
        row("No mark recorded", figures.missing, ""),
    ]
    if figures.unrecognised:
        rows.append(row("Marks that are not a code in force", figures.unrecognised, ""))
    paper.table(
        [Column("Sessions", 100), Column("Number", 30, "right"), Column("Per cent of possible", 52, "right")],
        rows,
        description="Totals by class of mark",
    )
    paper.paragraph(
        "A session is half a school day. Percentages are cut to one decimal, not rounded, so the parts may add up to "
        "a tenth less than the whole.",
        "quiet",
    )


def _by_class(register: Register, pupil_id: str, start: date, end: date) -> dict[Class, int]:
    columns = [c for c, session in enumerate(register.sessions) if start <= session.date <= end]
    counts = np.bincount(
        register.classes[register.row_of[pupil_id], columns].astype(np.int64), minlength=len(Class)
    )
    return {kind: int(counts[kind]) for kind in Class}


def amendments_of(register: Register, pupil_id: str, start: date, end: date) -> list[Amendment]:
    """Return the changes to a pupil's marks between two dates, both counted, in order of session and time."""
    return sorted(
        (a for a in register.amendments if a.pupil_id == pupil_id and start <= a.date <= end),
        key=lambda a: (a.date, a.half, a.changed_at),
    )


def add_amendments(paper: Paper, register: Register, amendments: Sequence[Amendment], *, none: str) -> None:
    """Add a table of changed marks with both entries, what the register has now, when, by whom and why.

    Without any it is the sentence ``none``.
    """
    if not amendments:
        paper.paragraph(none)
        return
    column_of = {session: column for column, session in enumerate(register.sessions)}

    def now(a: Amendment) -> str:
        row, column = register.row_of[a.pupil_id], column_of.get(Session(a.date, a.half))
        if column is None or not register.on_roll[row, column]:
            return "not in it"
        return register.code_at(row, column) or "no mark"

    paper.table(
        [
            Column("Session", 32),
            Column("Original", 16, "center"),
            Column("Changed to", 18, "center"),
            Column("Now", 16, "center"),
            Column("Changed on", 30),
            Column("By", 34),
            Column("Reason", 36),
        ],
        [
            Row(
                [
                    session_name(Session(a.date, a.half)),
                    Cell(a.original or "no mark", bold=True),
                    Cell(a.amended or "no mark", bold=True),
                    Cell(now(a), bold=True),
                    moment(a.amended_at),
                    ", ".join(part for part in (a.amended_by, a.role) if part) or "not recorded",
                    a.reason or "not recorded",
                ]
            )
            for a in amendments
        ],
        description="Each changed mark with the original entry, the new entry, the register's now, when, by whom and why",
    )


def _legend(
    paper: Paper, register: Register, tally: Tally, pupil_id: str, start: date, end: date, level: int
) -> None:
    for code_set, first, last in _sets_in_force(register, start, end):
        nation = {"england": "England", "wales": "Wales"}[code_set.nation]
        paper.heading(f"Codes in force in {nation} from {day(code_set.start)}", level)
        used = tally.pupil(pupil_id, first, last).by_code
        codes = [c for c in code_set.codes.values() if c.code in used or not (c.legacy or c.parent)]
        _legend_table(paper, codes, used)


def _sets_in_force(register: Register, start: date, end: date) -> Iterator[tuple[CodeSet, date, date]]:
    """Yield the code sets of the period, each with its first and last day in it."""
    sets = [
        (code_set, register.sessions[index].date if index else date.min)
        for code_set, index in register.code_sets
    ]
    for number, (code_set, first) in enumerate(sets):
        following = sets[number + 1][1] - timedelta(days=1) if number + 1 < len(sets) else date.max
        if first <= end and following >= start:
            yield code_set, max(first, start), min(following, end)


def _legend_table(paper: Paper, codes: Sequence[Code], used: Mapping[str, int]) -> None:
    rows: list[Row] = []
    for kind, words in CLASS_WORDS.items():
        of_kind = [code for code in codes if code.counts_as == kind]
        if not of_kind:
            continue
        rows.append(Row([Cell(words, bold=True, span=3 * _LEGEND_COLUMNS, align="left")], keep=True))
        codes_with_counts = [_legend_cells(code, kind, used.get(code.code, 0)) for code in of_kind]
        rows += [Row(cells) for cells in in_columns(codes_with_counts, _LEGEND_COLUMNS)]
    paper.table(
        [Column("Code", 9, "center"), Column("Meaning", 42), Column("Marks", 10, "right")] * _LEGEND_COLUMNS,
        rows,
        description="What each code means, how it counts, and how often it occurs in this certificate",
        style="Grid Text",
    )


def _legend_cells(code: Code, kind: Class, number: int) -> list[Cell | str]:
    return [
        mark_cell(code.code, kind),
        Cell(code.meaning, bold=bool(number), size=7.5),
        Cell(str(number) if number else "", bold=True),
    ]


def in_columns(groups: Sequence[list[Cell | str]], columns: int) -> list[list[Cell | str]]:
    """Return rows of cells that show the groups in so many columns, read downwards; the last row is filled up."""
    height = -(-len(groups) // columns)
    width = columns * len(groups[0]) if groups else 0
    rows = [[cell for group in groups[line::height] for cell in group] for line in range(height)]
    return [row + [""] * (width - len(row)) for row in rows]


def add_signature(paper: Paper, school: School, level: int = 1) -> None:
    """Add the head teacher's certification, with lines to sign on."""
    paper.heading("Certification", level)
    paper.paragraph(
        "As head teacher I certify that these particulars of attendance are those of the school's attendance "
        "register on the day of printing (Education Act 1996, section 566(1)(c)).",
        keep_with_next=True,
    )
    paper.lines_to_sign([(f"{school.head_name or 'Head teacher'}, signed", 0.65), ("Date", 0.35)])
