"""`simulate` and `explain`: what a policy would do, and why it did what it did."""

from __future__ import annotations

import json
from pathlib import Path


def test_a_simulation_counts_what_an_evaluation_finds(call, register_folder: Path) -> None:
    evaluated = json.loads(call("evaluate", "--register", register_folder, "--policy", "hcat", "--json").out)
    ended = call("simulate", "--register", register_folder, "--policy", "hcat", "--json")
    assert ended.code == 0
    pack = json.loads(ended.out)["policies"][0]
    assert pack["events"] == evaluated["events"]
    assert sum(pack["by_rule"].values()) == len(evaluated["events"])
    assert sum(count for week in pack["by_week"] for count in week["events"].values()) == len(
        evaluated["events"]
    )


def test_two_policies_stand_side_by_side_with_the_pupils_on_whom_they_differ(
    call, register_folder: Path
) -> None:
    ended = call(
        "simulate", "--register", register_folder, "--policy", "hcat", "--policy", "england-2024",
        "--from", "2025-10-01", "--to", "2025-10-17", "--capacity", "1", "--json",
    )  # fmt: skip
    document = json.loads(ended.out)
    assert [pack["policy"] for pack in document["policies"]] == ["hcat", "england-2024"]
    assert (document["from"], document["to"]) == ("2025-10-01", "2025-10-17")
    assert set(document["pupils_differing"]) == {"hcat", "england-2024"}
    dates = {event["date"] for pack in document["policies"] for event in pack["events"]}
    assert dates
    assert min(dates) >= "2025-10-01"
    assert max(dates) <= "2025-10-17"
    assert any(week["over_capacity"] for week in document["policies"][0]["by_week"])


def test_a_simulation_is_printed_for_people(call, register_folder: Path) -> None:
    ended = call("simulate", "--register", register_folder, "--policy", "hcat", "--policy", "england-2024")
    for word in ("By rule", "By week", "By year group", "under hcat only"):
        assert word in ended.out


def test_explain_names_every_rule_with_what_it_found_and_what_comes_next(call, hill: Path) -> None:
    call("run", "--as-of", "2025-10-24")
    document = json.loads(call("explain", "1001", "--json").out)
    assert (document["pupil_id"], document["as_of"]) == ("1001", "2025-10-24")
    rules = {rule["rule"]: rule for rule in document["rules"]}
    assert "stage-1" in rules
    assert all(rule["now"] and rule["coming"] and rule["clause"] for rule in rules.values())
    listed = json.loads(call("events", "list", "--pupil", "1001", "--json").out)
    assert {event["rule"] for event in listed} == {name for name, rule in rules.items() if rule["fired"]}
    shown = call("explain", "1001").out
    assert "colour-letter: Half-termly colour letter" in shown
    assert "Fired on 2025-10-24" in shown


def test_explain_and_simulate_say_which_figures_the_policy_does_not_give(
    call, hill: Path, register_folder: Path
) -> None:
    call("run", "--as-of", "2025-10-24")
    rules = {rule["rule"]: rule for rule in json.loads(call("explain", "1001", "--json").out)["rules"]}
    assumed = rules["late-meeting"]["assumed"]
    assert assumed
    assert rules["late-letter"]["assumed"] == ""
    assert f"Set by the school, not stated in the policy: {assumed}" in call("explain", "1001").out
    simulated = call("simulate", "--register", register_folder, "--policy", "hcat")
    assert f"late-meeting: Set by the school, not stated in the policy: {assumed}" in simulated.out
    ended = call("simulate", "--register", register_folder, "--policy", "hcat", "--json")
    assert json.loads(ended.out)["policies"][0]["assumed"]["late-meeting"] == assumed


def test_explain_of_a_pupil_who_is_not_there_or_before_the_first_run_says_so(call, hill: Path) -> None:
    assert "no state yet" in call("explain", "1001").err
    call("run", "--as-of", "2025-10-24")
    ended = call("explain", "7")
    assert ended.code == 2
    assert "there is no pupil '7'" in ended.err


def test_explain_shows_every_spell_on_roll(call, hill: Path, register_folder: Path) -> None:
    rows = "pupil_id,from,to\n1001,2025-09-03,2025-10-03\n1001,2025-10-13,\n"
    (register_folder / "enrolments.csv").write_text(rows, encoding="utf-8")
    call("run", "--as-of", "2025-10-24")
    assert json.loads(call("explain", "1001", "--json").out)["on_roll"] == [
        {"from": "2025-09-03", "to": "2025-10-03", "kind": "main"},
        {"from": "2025-10-13", "to": None, "kind": "main"},
    ]
    shown = call("explain", "1001").out
    assert "On roll from 3 September 2025 to 3 October 2025, and from 13 October 2025" in shown
