"""The list of fields: one truth for filling, printing and checking."""

from __future__ import annotations

from collections import Counter
from datetime import date

from letters.docx.picture import Picture
from letters.fields import registry

SIMS_NAMES = (
    "chosen_forename", "chosen_surname", "year_reg", "percentage_attendance", "addressee", "salutation", "reg_group",
    "legal_forename", "legal_surname", "dob", "address_block", "headteacher", "adno", "sessions_missed",
    "authorised_absences", "unauthorised_absences",
)  # fmt: skip


def test_no_name_stands_for_two_fields() -> None:
    names = Counter(name for field in registry.FIELDS for name in (field.name, *field.aliases))
    assert [name for name, count in names.items() if count > 1] == []


def test_the_names_offices_know_from_sims_are_accepted_in_any_case() -> None:
    for name in SIMS_NAMES:
        assert registry.find(name) is not None, name
        assert registry.find(name.upper()) is registry.find(name)


def test_every_field_has_a_meaning_and_an_example_of_its_kind() -> None:
    kinds = {"text": str, "number": int, "date": date, "yes/no": bool, "rows": list}
    for field in registry.FIELDS:
        assert field.meaning
        assert not field.meaning.endswith(".")
        if field.kind == "picture":
            assert field.example is None or isinstance(field.example, Picture)
        else:
            assert isinstance(field.example, kinds[field.kind]), field.name
        if field.kind == "rows":
            assert isinstance(field.example, list)
            assert all(set(row) == {column.name for column in field.columns} for row in field.example)
        assert isinstance(registry.example_text(field), str)


def test_an_unknown_name_gets_the_nearest_known_one() -> None:
    assert registry.suggestion("attendence_percent") == "attendance_percent"
    assert registry.suggestion("session_meening") == "session_meaning"
    assert registry.suggestion("zzzz") == ""


def test_fields_are_written_as_word_wants_them() -> None:
    written = {field.name: field.written for field in registry.FIELDS}
    assert written["logo"] == "Image:logo"
    assert written["sessions"] == "TableStart:sessions"
    assert written["pupil_forename"] == "pupil_forename"
