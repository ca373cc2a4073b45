"""How often each rule fires over many seeds: `python -m tests.peer.coverage [SEEDS] [SIZE]`."""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from pathlib import Path

from tests.peer.folders import write_folder
from tests.peer.plain import IN_A_RUN, POLICIES, RULES, evaluate_folder


def rule_counts(seeds: range, size: str = "small") -> tuple[Counter[str], Counter[str]]:
    """Events by "policy rule", and the number of folders in which each fired, over the seeds."""
    events: Counter[str] = Counter()
    folders: Counter[str] = Counter()
    for seed in seeds:
        with tempfile.TemporaryDirectory() as place:
            write_folder(Path(place), seed, size=size)
            for policy in POLICIES:
                answer = evaluate_folder(Path(place), policy, in_run=True)
                rules = [f"{policy} {event['rule']}" for event in answer["events"]]
                events.update(rules)
                folders.update(set(rules))
    return events, folders


def main(arguments: list[str]) -> None:
    count = int(arguments[0]) if arguments else 20
    events, folders = rule_counts(range(count), arguments[1] if len(arguments) > 1 else "small")
    for policy, rules in RULES.items():
        for rule in dict.fromkeys((*rules.split(), *IN_A_RUN.get(policy, "").split())):
            name = f"{policy} {rule}"
            print(f"{name:40} {events[name]:7} events in {folders[name]:4} of {count} folders")


if __name__ == "__main__":
    main(sys.argv[1:])
