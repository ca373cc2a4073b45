"""How often each rule fires over many seeds: `python -m tests.peer.coverage [SEEDS] [SIZE]`."""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from pathlib import Path

from tests.peer.folders import write_folder
from tests.peer.plain import POLICIES, evaluate_folder

RULES = {
    "aycliffe-drive": "no-contact at-risk persistent-absence ten-day-absence penalty-notice lateness"
    " religious-allowance part-time-return certificate-100",
    "hcat": "colour-letter initial-warning stage-1 stage-2 stage-3 stage-4 second-notice three-days-missed"
    " late-letter late-meeting late-unauthorised late-penalty unexplained-visit missing-education"
    " perfect-term perfect-year class-of-the-week class-on-target",
    "aspire": "persistent-absence severe-absence explanation-run explanation-term formal-meeting"
    " authority-termly whereabouts-leave whereabouts-20 health-15 truancy-first truancy-again"
    " legal-intervention leave-request",
    "thringstone": "concern further-concern referral persistent-absence severe-absence late-letter"
    " late-persistent holiday-warning code-overdue parents-report certificate-half-term certificate-term"
    " celebration",
    "cadle": "screening-1 screening-2 screening-3 welfare-list no-explanation at-risk-first-morning n-to-o"
    " long-holiday penalty-notice certificate-100 class-of-the-week",
    "england-2024": "penalty-threshold persistent-absence severe-absence ten-day-return sickness-return"
    " code-overdue deletion-check social-worker-told",
}


def rule_counts(seeds: range, size: str = "small") -> tuple[Counter[str], Counter[str]]:
    """Events by "policy rule", and the number of folders in which each fired, over the seeds."""
    events: Counter[str] = Counter()
    folders: Counter[str] = Counter()
    for seed in seeds:
        with tempfile.TemporaryDirectory() as place:
            write_folder(Path(place), seed, size=size)
            for policy in POLICIES:
                rules = [
                    f"{policy} {event['rule']}" for event in evaluate_folder(Path(place), policy)["events"]
                ]
                events.update(rules)
                folders.update(set(rules))
    return events, folders


def main(arguments: list[str]) -> None:
    count = int(arguments[0]) if arguments else 20
    events, folders = rule_counts(range(count), arguments[1] if len(arguments) > 1 else "small")
    for policy, rules in RULES.items():
        for rule in rules.split():
            name = f"{policy} {rule}"
            print(f"{name:40} {events[name]:7} events in {folders[name]:4} of {count} folders")


if __name__ == "__main__":
    main(sys.argv[1:])
