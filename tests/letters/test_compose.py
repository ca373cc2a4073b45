"""From an event to documents and a note: to whom, in which language, called what, and when not at all."""

from __future__ import annotations

import copy
import io
import shutil
import zipfile
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from docx import Document

from letters.compose import Composed, SchoolDetails, Templates, compose
from letters.errors import TemplateError, UnknownField
from letters.facts import Facts
from letters.wording.build import TEMPLATES
from rules.events import Event
from rules.register import Register, build_register
from rules.rule.outcome import NOTE, Outcome
from rules.school import Address, Mark, Notice, Pupil, Spell
from rules.statistics import Tally
from tests.letters.docx_files import assert_sound, png, shown
from tests.letters.letter_school import (
    CALENDAR,
    DAY,
    KEY,
    LONG,
    ORLA,
    PIET,
    RAJ,
    SCHOOL,
    SHORT,
    YOUNG,
    letters_of,
    made_up_event,
    policy,
    register,
    tally,
    templates,
)


def of(event: Event, *, held: Register | None = None, **more: object) -> Composed:
    pack = policy(event.pack)
    using = {"templates": templates(), "school": SCHOOL, "key": KEY, **more}
    return compose(
        event,
        register=held or register(pack.nation),
        tally=tally(pack.nation),
        policy=pack,
        **using,
    )  # type: ignore[arg-type]


def event_of(pack: str, rule: str, pupil: Pupil = LONG) -> Event:
    return made_up_event(policy(pack), policy(pack).rule(rule), pupil)


def with_pupil(pupil: Pupil) -> Register:
    held = register()
    return replace(held, pupils=tuple(pupil if p.pupil_id == pupil.pupil_id else p for p in held.pupils))


def text_in_all(data: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        return "\n".join(parts.read(name).decode() for name in parts.namelist() if name.endswith(".xml"))


def text_of(data: bytes) -> str:
    return shown(Document(io.BytesIO(data)).element.body)


def test_each_household_gets_its_letter_and_the_file_names_name_nobody() -> None:
    *made, certificate = letters_of("hcat", "stage-1").documents
    assert [document.contact_ids for document in made] == [("c1", "c2"), ("c3",)]
    assert [document.of for document in made] == [(1, 2), (2, 2)]
    assert str(certificate.outcome) == "document:registration-certificate"
    assert certificate.contact_ids == ()
    assert [document.file_name for document in made] == [
        "Attendance – Attendance letter 1 – 2025-12-05 (1 of 2).docx",
        "Attendance – Attendance letter 1 – 2025-12-05 (2 of 2).docx",
    ]
    assert letters_of("hcat", "stage-1", SHORT).documents[0].file_name.endswith("2025-12-05.docx")


def test_a_per_parent_document_is_made_for_each_adult_and_names_only_that_one() -> None:
    made = letters_of("hcat", "stage-4").documents
    assert [document.contact_ids for document in made] == [("c1",), ("c2",), ("c3",)]
    for document, names in zip(made, ("Featherstonehaugh", "Westhuizen", "Rajendra"), strict=True):
        text = text_of(document.content)
        assert names in text
        assert ("Piet" in text) == (names == "Westhuizen")


def test_forms_are_made_for_a_parent_who_may_not_be_written_to_and_say_so() -> None:
    barred = replace(ORLA, court_order=True)
    pupil = replace(
        LONG, contacts=(barred, replace(PIET, correspondence=False), replace(RAJ, address=Address()))
    )
    made = of(event_of("hcat", "stage-4"), held=with_pupil(pupil))
    texts = [text_of(document.content) for document in made.documents]
    assert [document.contact_ids for document in made.documents] == [("c1",), ("c2",), ("c3",)]
    for text, said in zip(
        texts, ("(do not write to: court order)", "(do not write to)", "no address recorded"), strict=True
    ):
        assert said in text
    assert made.held is None
    again = of(
        event_of("hcat", "stage-4"),
        held=with_pupil(pupil),
        filed={made.documents[0].title: [frozenset({"c1"}), frozenset({"c3"})]},
    )
    assert [document.contact_ids for document in again.documents] == [("c2",)]


def test_letters_about_a_pupil_of_18_are_held_from_the_birthday_on() -> None:
    held = with_pupil(replace(SHORT, date_of_birth=date(2007, 12, 5)))
    event = event_of("hcat", "late-letter", SHORT)
    assert "the pupil is 18" in (of(event, held=held, on=date(2025, 12, 5)).held or "")
    assert of(event, held=held, on=date(2025, 12, 4)).documents


def test_what_goes_home_bears_the_name_used_in_school_and_a_form_the_legal_one() -> None:
    adopted = replace(
        SHORT,
        legal_forename="Birthname",
        legal_surname="Formerly",
        preferred_forename="Bo",
        preferred_surname="Li",
    )
    held = with_pupil(adopted)
    home = of(event_of("hcat", "stage-1", SHORT), held=held).documents
    assert [document.title for document in home] == ["Attendance letter 1", "Registration certificate"]
    for document in home:
        text = text_in_all(document.content)
        assert "Bo" in text
        assert "Birthname" not in text
        assert "Formerly" not in text
    (form,) = of(event_of("hcat", "stage-4", SHORT), held=held).documents
    assert "Birthname Formerly" in text_of(form.content)


def test_earlier_notices_are_counted_for_the_parent_they_went_to() -> None:
    notices = [
        Notice("1", "c1", date(2024, 3, 1)),
        Notice("1", "c3", date(2021, 3, 1)),
        Notice("2", "c2", DAY),
    ]
    made = of(event_of("england-2024", "penalty-threshold"), notices=notices).documents
    counts = [text_of(document.content).partition("last 3 years")[2][0] for document in made]
    assert counts == ["1", "0", "0"]


def test_the_same_event_gives_the_same_bytes() -> None:
    first, second = letters_of("hcat", "colour-letter"), letters_of("hcat", "colour-letter")
    assert first == second


def test_letters_about_a_looked_after_child_are_held_unless_it_is_known_where_they_go() -> None:
    held = with_pupil(replace(LONG, looked_after=True))
    composed = of(
        event_of("hcat", "stage-1"), school=SCHOOL.model_copy(update={"looked_after_to": None}), held=held
    )
    assert composed.documents == ()
    assert "looked after" in (composed.held or "")
    assert "Held, nothing was made" in composed.note_text
    (letter,) = of(event_of("hcat", "initial-warning"), held=held).documents
    text = text_of(letter.content)
    assert "Virtual School" in text
    assert "Subramaniam" not in text.replace(LONG.legal_surname, "")


def test_a_reason_for_holding_names_nobody() -> None:
    held = with_pupil(replace(LONG, contacts=()))
    composed = of(event_of("hcat", "stage-1"), held=held)
    assert composed.held == "no adult with parental responsibility is recorded: add one in the MIS"
    assert "Bartholomew" not in composed.note_text


def test_documents_of_the_office_go_out_though_nobody_can_be_written_to() -> None:
    held = with_pupil(replace(LONG, contacts=()))
    composed = of(event_of("hcat", "missing-education"), held=held)
    assert composed.held is None
    assert [str(document.outcome) for document in composed.documents] == [
        "document:missing-education-referral"
    ]


def test_a_note_only_event_and_a_class_event_make_no_document() -> None:
    assert of(event_of("hcat", "unexplained-visit")).documents == ()
    week = Event(
        "class-on-target", DAY, "Rewards", (Outcome("list", "celebration"),), None, "4A",
        {"attendance_percent": "98.0", "attended": 294, "possible": 300}, title="Class on target", pack="hcat",
    )  # fmt: skip
    composed = of(week)
    assert composed.documents == ()
    assert "class 4A, 98.0% (294 of 300 sessions)" in composed.note_text


def test_the_registration_certificate_goes_with_the_letter_that_mentions_it() -> None:
    made = letters_of("hcat", "three-days-missed", SHORT).documents
    assert [document.title for document in made] == ["School days missed", "Registration certificate"]
    assert_sound(made[1].content)


def test_a_welsh_packs_documents_are_bilingual_with_the_months_of_each_language() -> None:
    for document in letters_of("cadle", "screening-1").documents:
        text = text_of(document.content)
        assert document.language == "cy"
        assert text.index("presenoldeb hyd at 5 Rhagfyr 2025") < text.index(
            "attendance up to 5 December 2025"
        )
        assert text.index("Annwyl") < text.index("Dear")


def test_a_language_without_a_template_falls_back_and_says_so(tmp_path: Path) -> None:
    polish = tuple(replace(contact, language="pl") for contact in SHORT.contacts)
    held = with_pupil(replace(SHORT, contacts=polish))
    composed = of(event_of("hcat", "late-letter", SHORT), held=held)
    assert composed.documents[0].language == "en"
    assert composed.remarks == ("Late arrivals: there is no template in 'pl', so the one in 'en' was used",)
    (tmp_path / "pl").mkdir()
    shutil.copy(TEMPLATES / "en" / "late-letter.docx", tmp_path / "pl")
    own = of(event_of("hcat", "late-letter", SHORT), held=held, templates=Templates.load(tmp_path))
    assert (own.documents[0].language, own.remarks) == ("pl", ())


def test_a_schools_own_template_comes_before_the_shipped_one(tmp_path: Path) -> None:
    (tmp_path / "en").mkdir()
    changed = Document(TEMPLATES / "en" / "late-letter.docx")
    changed.add_paragraph("Our own last line.")
    changed.core_properties.title = "Lateness: a word / two"
    changed.save(tmp_path / "en" / "late-letter.docx")
    composed = of(event_of("hcat", "late-letter", SHORT), templates=Templates.load(tmp_path))
    assert "Our own last line." in text_of(composed.documents[0].content)
    assert composed.documents[0].file_name == "Attendance – Lateness a word two – 2025-12-05.docx"


@pytest.mark.parametrize(
    "name",
    [
        "adults",
        "upn",
        "circumstances",
        "pupil_legal_name",
        "pupil_legal_forename",
        "legal_surname",
        "attendence_percent",
    ],
)
def test_a_letter_to_a_family_refuses_fields_of_the_office_and_unknown_ones(
    tmp_path: Path, name: str
) -> None:
    (tmp_path / "en").mkdir()
    shutil.copy(TEMPLATES / "en" / "late-letter.docx", tmp_path / "en")
    data = (tmp_path / "en" / "late-letter.docx").read_bytes()
    changed = Document(io.BytesIO(data))
    field = changed.element.body.xpath("//w:fldSimple[contains(@w:instr, 'MERGEFIELD head_name')]")[0]
    instruction = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}instr"
    if name == "adults":
        end = copy.deepcopy(field)
        field.set(instruction, "MERGEFIELD TableStart:adults")
        end.set(instruction, "MERGEFIELD TableEnd:adults")
        field.addnext(end)
    else:
        field.set(instruction, f"MERGEFIELD {name}")
    changed.save(tmp_path / "en" / "late-letter.docx")
    with pytest.raises(UnknownField) as refused:
        of(event_of("hcat", "late-letter", SHORT), templates=Templates.load(tmp_path))
    assert refused.value.field == name
    if name == "attendence_percent":
        assert "did you mean attendance_percent" in str(refused.value)


def test_a_template_that_is_nowhere_is_named() -> None:
    event = replace(event_of("hcat", "late-letter"), outcomes=(Outcome("letter", "of-our-own"),))
    with pytest.raises(TemplateError, match=r"en/of-our-own\.docx"):
        of(event)


def test_a_missing_template_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(TemplateError, match="does not exist"):
        Templates.load(tmp_path / "none")


def test_logo_and_signature_are_in_the_letter_with_their_alt_text(tmp_path: Path) -> None:
    logo, signature = tmp_path / "logo.png", tmp_path / "signature.png"
    logo.write_bytes(png(40, 60))
    signature.write_bytes(png(60, 20))
    school = SchoolDetails(**{**SCHOOL.model_dump(), "logo": logo, "signature": signature})
    opened = assert_sound(letters_of("hcat", "late-letter", SHORT, school).documents[0].content)
    pictures = opened.element.body.xpath("//wp:docPr/@descr")
    assert pictures == ["Logo of Thornbrook Primary School", "Signature of Mrs Eleanor Whitcombe"]


def test_hostile_names_come_out_as_themselves_with_a_remark_on_what_cannot_be_printed() -> None:
    name = "O’Brien & Sons <Ltd> ]]> {MERGEFIELD x} «salutation» \U0001f600"
    pupil = replace(SHORT, preferred_forename=name, legal_surname="ש‎לום\x00")
    composed = of(event_of("hcat", "colour-letter", SHORT), held=with_pupil(pupil))
    assert_sound(composed.documents[0].content)
    assert name in text_of(composed.documents[0].content)
    assert any("cannot be printed" in remark for remark in composed.remarks)


def test_figures_that_no_longer_agree_with_the_register_are_not_split() -> None:
    event = replace(
        event_of("hcat", "stage-1", SHORT),
        figures={"attendance_percent": "80.0", "attended": 100, "possible": 125},
    )
    composed = of(event)
    text = text_of(composed.documents[0].content)
    assert "100 of 125" in text
    assert "authorised, " not in text
    assert "25 missed." in composed.note_text


def test_the_letter_is_dated_on_the_day_it_is_made_and_counts_to_the_events_day() -> None:
    event = event_of("hcat", "initial-warning", SHORT)
    text = text_of(of(event, on=date(2025, 12, 9)).documents[0].content)
    assert "9 December 2025" in text
    assert "9 December 2025" not in text_of(of(event).documents[0].content)


def test_a_legal_rules_figures_leave_out_the_time_before_compulsory_age() -> None:
    held = with_pupil(replace(SHORT, date_of_birth=date(2020, 10, 15)))
    for rule, first_day in (("stage-4", date(2026, 1, 5)), ("stage-1", date(2025, 9, 3))):
        event = replace(event_of("hcat", rule, SHORT), date=date(2026, 2, 2))
        facts = Facts(event, held, Tally(held), policy("hcat"), SCHOOL, KEY, DAY)
        assert facts.span == (first_day, date(2026, 2, 2))


def test_the_year_to_date_of_a_pupil_who_came_back_begins_on_the_day_of_the_return() -> None:
    earlier, back = Spell(date(2022, 9, 1), date(2024, 7, 19)), Spell(date(2026, 1, 12))
    held = with_pupil(SHORT.with_spells(earlier, back))
    event = replace(event_of("hcat", "stage-1", SHORT), date=date(2026, 2, 2))
    facts = Facts(event, held, Tally(held), policy("hcat"), SCHOOL, KEY, DAY)
    assert facts.span == (date(2026, 1, 12), date(2026, 2, 2))


def test_minutes_late_are_given_for_each_late_arrival() -> None:
    text = text_of(letters_of("hcat", "late-letter", SHORT).documents[0].content)
    assert text.count("12 minutes") == 4


def test_a_report_on_a_pupil_with_no_possible_session_says_so_and_shows_no_figure() -> None:
    marks = [
        Mark("3", session.date, session.half, "X") for session in CALENDAR.sessions if session.date <= DAY
    ]
    held = build_register(pupils=[YOUNG], calendar=CALENDAR, marks=marks)
    pack = policy("thringstone")
    event = Event(
        "parents-report", DAY, "Reporting", (Outcome("letter", "parents-report"), NOTE), "3", None,
        {"period_percent": "", "period_start": "2025-09-03", "period_end": "2025-12-05"}, title="Report", pack=pack.id,
    )  # fmt: skip
    composed = compose(
        event, register=held, tally=Tally(held), policy=pack, school=SCHOOL, templates=templates(), key=KEY
    )  # fmt: skip
    text = text_of(composed.documents[0].content)
    assert "%" not in text
    assert "no session this school year" in text
    assert "not missed a single" not in text
    assert "There is no possible session in the school year so far." in composed.note_text
