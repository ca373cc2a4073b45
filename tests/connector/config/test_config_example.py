"""The example file: made from the models, kept identical at the root, and true."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from pydantic import BaseModel

from connector.adapters import adapter_kinds
from connector.config import Config, load_config
from connector.config.example import config_text, example_text
from connector.config.findings import model_in
from connector.config.reference import reference_text

ROOT = Path(__file__).parents[3]


def models(model: type[BaseModel] = Config) -> list[type[BaseModel]]:
    """Return the model and every model inside it."""
    inner = [model_in(field.annotation) for field in model.model_fields.values()]
    return [model, *(found for one in inner if one for found in models(one))]


def test_the_example_at_the_root_is_the_one_made_from_the_models() -> None:
    """Renew it with: python -m connector.config.example > config.example.toml"""
    assert (ROOT / "config.example.toml").read_text(encoding="utf-8") == example_text()


def test_the_settings_reference_says_what_the_models_say() -> None:
    """Renew it with: python -m connector.config.reference > docs/settings.md"""
    assert (ROOT / "docs" / "settings.md").read_text(encoding="utf-8") == reference_text()


def test_the_example_is_a_good_configuration(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(example_text(), encoding="utf-8")
    assert load_config(path).schools[0].policy == ("hcat", "england-2024")


def test_every_commented_key_of_the_example_is_good_when_it_is_switched_on(tmp_path: Path) -> None:
    of_one_mis = re.sub(
        r"# For [^\n]+, put this in place.*?(?=# HTTP to the MIS)", "", example_text(), flags=re.S
    )
    switched_on = re.sub(r"^#(?=[\[\w])", "", of_one_mis, flags=re.M)
    text = switched_on.replace('\nflag = "looked_after"', "")
    tomllib.loads(text)
    for name in (
        "logo.png",
        "signature.png",
        "school-filter.pem",
        "calendar.csv",
        "contacts.csv",
        "pupils.csv",
        "records.toml",
    ):
        (tmp_path / name).write_bytes(b"")
    (tmp_path / "templates").mkdir()
    path = tmp_path / "config.toml"
    path.write_text(text, encoding="utf-8")
    assert load_config(path).schools[0].exclusions[0].pupil_id == "1042"


@pytest.mark.parametrize("model", [*models(), *(kind.settings for kind in adapter_kinds().values())])
def test_every_key_says_what_it_means(model: type[BaseModel]) -> None:
    silent = [
        name
        for name, field in model.model_fields.items()
        if not field.description and model_in(field.annotation) is None
    ]
    assert silent == []


@pytest.mark.parametrize("name", adapter_kinds())
def test_a_configuration_can_be_written_for_every_adapter(name: str, tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    given = {
        "organisation": "0b6e7f2a-1111-4222-8333-444455556666",
        "estab": "8731234",
        "relying_party": "hill",
    }
    known = {key: given[key] for key in adapter_kinds()[name].settings.model_fields if key in given}
    path.write_text(config_text({"mis": {"adapter": name, **known}}), encoding="utf-8")
    assert load_config(path).schools[0].mis.adapter == name


def test_chosen_values_stand_in_the_file_as_they_are(tmp_path: Path) -> None:
    school = {"id": "hill", "name": 'The "Hill" School', "letters": {"telephone": "01632"}}
    path = tmp_path / "config.toml"
    path.write_text(config_text({"school": school, "mis": {"adapter": "folder"}}), encoding="utf-8")
    assert load_config(path).school("hill").name == 'The "Hill" School'
