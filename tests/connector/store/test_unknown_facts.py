"""What nobody says of a pupil or a contact is kept as that, and a register of an earlier version is still read."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from connector.store import Store
from connector.store.coding import from_text, to_text
from rules.school import Contact, Pupil
from tests.connector.memory_mis import made_up_pupil

NEW_OF_A_CONTACT = ("telephones", "deceased", "refuge")
NEW_OF_A_PUPIL = ("deceased", "unknown")


@pytest.mark.parametrize("said", [None, True, False])
def test_yes_no_and_not_known_come_back_as_they_were(tmp_path: Path, said: bool | None) -> None:
    contact = Contact("c", court_order=said, correspondence=said, telephones=("2", "1"), refuge=bool(said))
    pupil = replace(
        made_up_pupil(1), contacts=(contact,), unknown=frozenset({"social_worker", "date_of_birth"})
    )

    with Store.open(tmp_path / "s.db", "s") as store, store.transaction():
        store.facts.put_pupils([pupil])
    with Store.open(tmp_path / "s.db", "s") as store:
        assert store.facts.pupils() == (pupil,)


def test_the_order_in_which_unknown_facts_were_found_does_not_matter() -> None:
    one, other = (replace(made_up_pupil(1), unknown=frozenset(names)) for names in ("abcdef", "fedcba"))

    assert to_text(one) == to_text(other)


def test_a_pupil_of_an_earlier_version_is_read_with_what_it_held() -> None:
    pupil = replace(made_up_pupil(1), contacts=(Contact("c", court_order=True, correspondence=False),))
    held = json.loads(to_text(pupil))
    for name in NEW_OF_A_PUPIL:
        del held[name]
    for name in NEW_OF_A_CONTACT:
        del held["contacts"][0][name]

    assert from_text(Pupil, json.dumps(held)) == pupil
