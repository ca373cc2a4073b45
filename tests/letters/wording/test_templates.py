"""The shipped templates: complete, exactly what the wording makes, sound when filled, and fair to every family."""

from __future__ import annotations

import io
import re

import pytest
from docx import Document
from docx.enum.table import WD_ROW_HEIGHT_RULE
from docx.oxml.ns import qn
from docx.text.paragraph import Paragraph

from letters.facts import Facts
from letters.fields import registry
from letters.school_details import SchoolDetails
from letters.wording.build import TEMPLATES, build, wordings
from letters.words import english
from rules.policy import shipped_policies
from tests.letters.docx_files import assert_sound, shown
from tests.letters.letter_school import (
    DAY,
    KEY,
    LONG,
    ORLA,
    RAJ,
    SCHOOL,
    SHORT,
    YOUNG,
    letters_of,
    made_up_event,
    policy,
    register,
    rules_with_documents,
    tally,
    templates,
)

WORDINGS = list(wordings())
ALL_RULES = rules_with_documents()
THREATS = re.compile(
    r"penalt|prosecut|\bcourt\b|section 444|offence|\bfine|legal duty|erlyn|cosb|dirwy|\bllys\b",
    re.IGNORECASE,
)


def text_of(data: bytes) -> str:
    return shown(Document(io.BytesIO(data)).element.body)


@pytest.mark.parametrize("wording", WORDINGS, ids=lambda wording: f"{wording.language}/{wording.name}")
def test_a_committed_template_is_exactly_what_its_wording_makes(wording: object) -> None:
    path = TEMPLATES / wording.language / f"{wording.name}.docx"  # type: ignore[attr-defined]
    assert path.read_bytes() == build(wording), "run: python -m letters.wording.build"  # type: ignore[arg-type]


def test_no_template_is_committed_without_its_wording() -> None:
    committed = {(path.parent.name, path.stem) for path in TEMPLATES.glob("*/*.docx")}
    assert committed == {(wording.language, wording.name) for wording in WORDINGS}


def test_every_document_of_every_pack_has_its_template() -> None:
    for name in shipped_policies():
        for rule in policy(name).rules:
            for outcome in rule.outcomes:
                if outcome.is_document and outcome.name != "registration-certificate":
                    language = "cy" if policy(name).nation == "wales" else "en"
                    _, found, fell_back = templates().get(outcome.name, language)
                    assert (found, fell_back) == (language, False), outcome


@pytest.mark.parametrize("file", list(templates()), ids=lambda file: file.path)
def test_every_field_of_a_template_is_known_and_letters_use_none_that_is_for_the_office(
    file: object,
) -> None:
    wording = next(w for w in WORDINGS if (w.language, w.name) == (file.language, file.name))  # type: ignore[attr-defined]
    assert registry.unknown(file.template) == ()  # type: ignore[attr-defined]
    assert registry.chosen(file.template, wording.layout != "form")  # type: ignore[attr-defined]


@pytest.mark.parametrize("file", list(templates()), ids=lambda file: file.path)
def test_a_template_can_be_previewed_with_made_up_data(file: object) -> None:
    assert_sound(file.template.fill(registry.examples()).data)  # type: ignore[attr-defined]


@pytest.mark.parametrize("pupil", [LONG, SHORT], ids=["long", "short"])
@pytest.mark.parametrize(("pack", "rule"), ALL_RULES)
def test_a_filled_template_is_whole_and_shows_no_field_and_no_empty_address_line(
    pack: str, rule: str, pupil: object
) -> None:
    composed = letters_of(pack, rule, pupil)  # type: ignore[arg-type]
    assert composed.held is None
    assert composed.documents
    for document in composed.documents:
        opened = assert_sound(document.content)
        text = text_of(document.content)
        assert "«" not in text
        assert "MERGEFIELD" not in text
        if document.template:
            assert not re.search(r"\(\)|%%| {3}|\bNone\b| ,|\.\.", text), text
            assert any(p.style.name == "Heading 1" for p in _paragraphs(opened))
            assert document.outcome.kind == "certificate" or KEY in text + _footers(opened)
        if document.outcome.kind == "letter":
            window = opened.tables[1].rows[0].cells[0]
            assert [p.text for p in window.paragraphs if not p.text.strip()] == []
            assert 3 <= len(window.paragraphs) <= 8


@pytest.mark.parametrize(("pack", "rule"), ALL_RULES)
def test_a_letter_holds_nothing_of_the_other_household(pack: str, rule: str) -> None:
    for document in letters_of(pack, rule, LONG).documents:
        if not document.contact_ids:
            continue
        text = text_of(document.content)
        strangers = [adult for adult in LONG.contacts if adult.contact_id not in document.contact_ids]
        own = [adult for adult in LONG.contacts if adult.contact_id in document.contact_ids]
        for adult in strangers:
            assert adult.forename not in text
            assert adult.address in [mine.address for mine in own] or adult.address.postcode not in text
            assert adult.address in [mine.address for mine in own] or adult.address.lines[0] not in text
    assert RAJ.surname != ORLA.surname


@pytest.mark.parametrize(("pack", "rule"), ALL_RULES)
def test_tables_say_what_they_are_and_mark_their_header_row(pack: str, rule: str) -> None:
    for document in letters_of(pack, rule, SHORT).documents:
        if not document.template:
            continue
        opened = Document(io.BytesIO(document.content))
        for table in opened.element.body.iter(qn("w:tbl")):
            described = table.find(f"{qn('w:tblPr')}/{qn('w:tblDescription')}") is not None
            has_header = table.find(f".//{qn('w:tblHeader')}") is not None
            assert described or not has_header


def test_documents_carry_their_language() -> None:
    for file in templates():
        with_language = Document(io.BytesIO(file.source)).styles.element.find(
            f".//{qn('w:rPrDefault')}//{qn('w:lang')}"
        )
        assert with_language is not None
        assert with_language.get(qn("w:val")) == {"en": "en-GB", "cy": "cy-GB"}[file.language]


@pytest.mark.parametrize(("pack", "rule"), ALL_RULES)
def test_parents_of_children_under_compulsory_age_are_never_threatened(pack: str, rule: str) -> None:
    if policy(pack).rule(rule).law:
        pytest.skip("a rule marked as law does not fire for a pupil under age")
    for document in letters_of(pack, rule, YOUNG).documents:
        if document.outcome.kind == "letter":
            found = THREATS.search(text_of(document.content))
            allowed = document.template.endswith("/holiday-warning.docx")  # marked as law by its own pack
            assert found is None or allowed, found


@pytest.mark.parametrize(
    ("pack", "rule", "amounts"),
    [
        ("hcat", "stage-4", ("£80", "21 days", "£160", "28 days")),
        ("aycliffe-drive", "penalty-notice", ("£80", "21 days", "£160", "28 days")),
        ("thringstone", "holiday-warning", ("£80", "21 days", "£160", "28 days", "£1,000")),
        ("england-2024", "penalty-threshold", ("£80", "21 days", "£160", "28 days", "must consider")),
        (
            "england-2024",
            "notice-to-improve",
            ("£80", "21 days", "£160", "28 days", "£1,000", "2 in 3 years"),
        ),
        ("england-2024", "notice-broken", ("£80", "21 days", "£160", "28 days", "must consider")),
        ("cadle", "penalty-notice", ("£60", "28 days", "£120", "42 days")),
    ],
)
def test_penalty_amounts_and_deadlines_are_those_of_the_law_on_the_events_day(
    pack: str, rule: str, amounts: tuple[str, ...]
) -> None:
    for document in letters_of(pack, rule).documents:
        text = text_of(document.content)
        for amount in amounts:
            assert amount in text
        assert "will be fined" not in text


@pytest.mark.parametrize(("pack", "rule"), ALL_RULES)
def test_a_letter_by_a_figure_that_the_policy_does_not_give_names_it_as_the_schools_own(
    pack: str, rule: str
) -> None:
    for document in letters_of(pack, rule, SHORT).documents:
        if document.template and document.outcome.kind != "certificate":
            said = "set by the school, not stated in the policy" in text_of(document.content)
            assert said == bool(policy(pack).rule(rule).assumed), document.template


@pytest.mark.parametrize(("pack", "rule"), ALL_RULES)
def test_no_letter_says_words_twice_running(pack: str, rule: str) -> None:
    for document in letters_of(pack, rule, SHORT).documents:
        if document.template:
            for line in text_of(document.content).splitlines():
                assert not re.search(r"\b([^\W\d]{2,}(?: [^\W\d]+)?) \1\b|, ,|\(\)", line), line


def test_figures_stand_with_what_they_are_a_share_of() -> None:
    for pack, rule in ALL_RULES:
        for document in letters_of(pack, rule, SHORT).documents:
            if document.outcome.kind == "letter":
                text = text_of(document.content)
                assert "%" not in text or "108 of 126" in text or "41 of 50" in text, (pack, rule)


@pytest.mark.parametrize(("pack", "rule"), ALL_RULES)
def test_figures_of_the_year_to_date_name_the_day_up_to_which_they_count(pack: str, rule: str) -> None:
    for document in letters_of(pack, rule, SHORT).documents:
        text = text_of(document.content)
        if document.template and document.outcome.kind != "certificate" and "108 of 126" in text:
            assert re.search(rf"(up to and including|, and is|% on|On) {english.day(DAY)}", text), text


def test_wording_never_uses_he_or_she() -> None:
    for wording in WORDINGS:
        text = " ".join(
            block.text + " ".join(" ".join(row) for row in block.rows) for block in wording.blocks
        )
        assert not re.search(r"\b(he|she|his|her|him|hers)\b", text), wording.name


@pytest.mark.parametrize("field", registry.FIELDS, ids=lambda field: field.name)
def test_every_field_can_be_filled_for_every_kind_of_event(field: registry.Field) -> None:
    for name in ("hcat", "cadle"):
        pack = policy(name)
        for rule in pack.rules:
            if rule.kind == "class-week":
                continue
            held = register(pack.nation)
            facts = Facts(made_up_event(pack, rule, SHORT), held, tally(pack.nation), pack, SCHOOL, KEY, DAY)
            value = field.fill(facts)
            assert value is not None or field.kind == "picture"
            if field.kind == "rows":
                assert isinstance(value, list)
                assert all(set(row) == {column.name for column in field.columns} for row in value)


def test_a_school_with_the_least_details_still_gets_whole_letters() -> None:
    bare = SchoolDetails(name=SCHOOL.name, telephone=SCHOOL.telephone)
    for pack, rule in ALL_RULES:
        for document in letters_of(pack, rule, SHORT, bare).documents:
            text = text_of(document.content)
            assert not re.search(r" or write to *[.,]| on *\.|None| ,", text), (pack, rule)
            assert not re.search(rf"{SCHOOL.name}, *$", text, re.MULTILINE), (pack, rule)


def _footers(opened: object) -> str:
    return " ".join(shown(section.footer._element) for section in opened.sections)  # type: ignore[attr-defined]


def _paragraphs(opened: object) -> list[Paragraph]:
    body = opened.element.body  # type: ignore[attr-defined]
    return [Paragraph(element, opened) for element in body.iter(qn("w:p"))]  # type: ignore[arg-type]


@pytest.mark.parametrize(("pack", "rule"), ALL_RULES)
def test_the_address_stands_where_a_window_envelope_shows_it(pack: str, rule: str) -> None:
    for document in letters_of(pack, rule, LONG).documents:
        if document.outcome.kind != "letter":
            continue
        opened = Document(io.BytesIO(document.content))
        letterhead, envelope = opened.tables[0], opened.tables[1]
        gap = letterhead._tbl.getnext().find(f".//{qn('w:spacing')}").get(qn("w:line"))
        top = opened.sections[0].top_margin.mm + letterhead.rows[0].height.mm + int(gap) / 56.693
        assert top == pytest.approx(46, abs=0.5)
        assert opened.sections[0].left_margin.mm == pytest.approx(20, abs=0.1)
        assert top + envelope.rows[0].height.mm == pytest.approx(82, abs=0.5)
        assert envelope.rows[0].height_rule == WD_ROW_HEIGHT_RULE.AT_LEAST
        assert envelope.rows[0].cells[0].width.mm <= 92.1
