"""The order of rules in a pack means nothing: shuffled copies give the same events on random registers."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from connector.adapters.folder.reads import read_folder
from rules.evaluate import evaluate, evaluate_together
from rules.policy import Policy, load_policy, shipped_policies
from tests.peer.folders import write_folder

PACKS = [load_policy(name) for name in shipped_policies()]


def shuffled(pack: Policy, seed: int) -> Policy:
    """Return the pack with its rules in another order."""
    rules = list(pack.rules)
    while len(rules) > 1 and rules == list(pack.rules):
        Random(seed).shuffle(rules)
        seed += 1000
    return pack.model_copy(update={"rules": tuple(rules)})


@pytest.mark.parametrize("seed", range(200, 208))
def test_a_shuffled_copy_of_each_pack_gives_the_same_events(tmp_path: Path, seed: int) -> None:
    write_folder(tmp_path, seed)
    register = read_folder(tmp_path).register()
    for pack in PACKS:
        events = evaluate(register, pack).events
        assert evaluate(register, shuffled(pack, seed)).events == events, pack.id
        assert evaluate(register, shuffled(pack, seed + 1)).events == events, pack.id


@pytest.mark.parametrize("seed", range(208, 212))
def test_shuffled_copies_of_several_packs_give_the_same_events_in_both_orders_of_the_packs(
    tmp_path: Path, seed: int
) -> None:
    write_folder(tmp_path, seed, nation="england")
    register = read_folder(tmp_path).register()
    law = load_policy("england-2024")
    for pack in PACKS:
        if pack.nation == "england" and pack.id != law.id:
            for packs in ([pack, law], [law, pack]):
                events = evaluate_together(register, packs).events
                others = [shuffled(one, seed) for one in packs]
                assert evaluate_together(register, others).events == events, pack.id
            both = {rule.id for rule in pack.rules} & {rule.id for rule in law.rules}
            one, other = (
                [e for e in evaluate_together(register, packs).events if e.rule not in both]
                for packs in ([pack, law], [law, pack])
            )
            assert one == other, "which pack stands first decides only about rules that both have"
