"""A pack is checked as a whole; every fault is named with its place, all at once."""

from datetime import date
from importlib.resources import files
from pathlib import Path

import pytest

from rules.describe import describe_rule
from rules.policy import PolicyError, load_policy, parse_policy, shipped_policies
from tests.rules.test_kinds import pack_of

HCAT = files("rules").joinpath("policies", "hcat.toml").read_text(encoding="utf-8")


def findings(text: str) -> list[tuple[str, str]]:
    with pytest.raises(PolicyError) as caught:
        parse_policy(text, "ours.toml")
    return caught.value.findings


def line_of(text: str, part: str) -> int:
    return next(n for n, row in enumerate(text.splitlines(), 1) if part in row)


@pytest.mark.parametrize("name", shipped_policies())
def test_every_shipped_pack_loads_and_cites_a_clause_for_each_rule(name: str) -> None:
    pack = load_policy(name)
    assert pack.id == name
    assert all(rule.clause and rule.title for rule in pack.rules)


def test_a_typo_in_a_name_is_found_with_its_line() -> None:
    text = HCAT.replace(
        'after_days = 28, compare = "window", extend', 'after_dayz = 28, compare = "window", extend'
    )
    (missing, extra) = sorted(findings(text), key=lambda f: f[0])
    assert missing[0].startswith("rules[4].when.after_days (stage-2)")
    assert extra[0].startswith("rules[4].when.after_dayz (stage-2)")
    assert "not permitted" in extra[1]


def test_a_misspelt_kind_is_found() -> None:
    ((place, message),) = findings(HCAT.replace('kind = "follows"', 'kind = "follow"'))
    assert "second-notice" in place
    assert "'follows'" in message


def test_overlapping_bands_and_a_hole_are_both_named() -> None:
    text = HCAT.replace('">= 95, < 97"', '">= 95, <= 97"').replace('"< 50"', '"< 49"')
    messages = [message for _, message in findings(text)]
    assert "'Requires improvement' and 'Good' overlap at 97" in messages
    assert any("hole" in m and "nothing covers 49 to 50" in m for m in messages)


def test_an_unknown_code_a_missing_clause_and_an_impossible_window_are_named() -> None:
    text = HCAT.replace('codes = ["O", "U", "G"]', 'codes = ["O", "UU", "G"]')
    ((place, message),) = findings(text)
    assert place == f"rules[6].when (stage-4), line {line_of(text, 'UU')}"
    assert message == "'UU' is not an attendance code of this nation"

    text = HCAT.replace('clause = "Appendix, Letter 1"\n', "")
    ((place, message),) = findings(text)
    assert place.startswith("rules[8].clause (three-days-missed), line ")
    assert "required" in message

    text = HCAT.replace(
        'codes = ["U"], at_least = 10, within = "weeks", weeks = 12',
        'codes = ["U"], at_least = 200, within = "weeks", weeks = 12',
    )
    ((place, message),) = findings(text)
    assert "late-penalty" in place
    assert "impossible window: 12 weeks cannot hold 200 sessions" in message


def test_faults_of_several_rules_are_reported_together() -> None:
    text = HCAT.replace('within = "year"', 'within = "yeer"').replace("days = [2, 4]", "days = [0]")
    places = [place for place, _ in findings(text)]
    assert any("three-days-missed" in place for place in places)
    assert any("unexplained-visit" in place for place in places)


def test_a_rule_that_names_an_unknown_rule_or_flag_is_refused() -> None:
    ((_, message),) = findings(HCAT.replace('of = "stage-4"', 'of = "stage-9"'))
    assert "names the rule 'stage-9', which this pack does not have" in message


def test_the_same_rule_twice_for_the_same_days_is_refused_and_for_other_days_allowed() -> None:
    again = HCAT[HCAT.index('[[rules]]\nid = "late-letter"') : HCAT.index('[[rules]]\nid = "late-meeting"')]
    ((_, message),) = findings(HCAT + again)
    assert "'late-letter' is there twice" in message
    dated = HCAT.replace('id = "late-letter"', 'id = "late-letter"\nuntil = 2026-08-31')
    pack = parse_policy(
        dated + again.replace('id = "late-letter"', 'id = "late-letter"\nfrom = 2026-09-01'), "ours.toml"
    )
    assert sum(rule.id == "late-letter" for rule in pack.rules) == 2


def test_broken_toml_and_an_unknown_pack_are_one_clear_finding() -> None:
    assert "is not TOML" in findings("id = ")[0][1]
    with pytest.raises(PolicyError, match="no shipped policy has this name"):
        load_policy("hcatt")


@pytest.mark.parametrize(
    ("until", "start", "twice"), [("2026-08-31", "2026-08-31", True), ("2026-08-31", "2026-09-01", False)]
)
def test_two_versions_of_a_rule_may_not_share_a_day_whichever_is_written_first(
    until: str, start: str, twice: bool
) -> None:
    again = HCAT[HCAT.index('[[rules]]\nid = "late-letter"') : HCAT.index('[[rules]]\nid = "late-meeting"')]
    named = 'id = "late-letter"'
    for here, there in ((f"until = {until}", f"from = {start}"), (f"from = {start}", f"until = {until}")):
        text = HCAT.replace(named, f"{named}\n{here}") + again.replace(named, f"{named}\n{there}")
        if twice:
            assert "'late-letter' is there twice" in findings(text)[0][1]
        else:
            pack = parse_policy(text, "ours.toml")
            assert pack.rule("late-letter", date(2026, 8, 31)).until == date(2026, 8, 31)
            assert pack.rule("late-letter", date(2026, 9, 1)).start == date(2026, 9, 1)


def test_a_rule_whose_form_waits_for_a_decision_must_make_a_form() -> None:
    named = 'id = "late-letter"'
    text = HCAT.replace(named, f"{named}\nwaits_for_decision = true")
    ((where, what),) = findings(text)
    assert ".waits_for_decision (late-letter)" in where
    assert what == "the rule makes no document on which a person could decide"
    named = 'id = "late-meeting"'
    pack = parse_policy(HCAT.replace(named, f"{named}\nwaits_for_decision = true"), "ours.toml")
    assert any(
        "a later event makes no second one" in line for line in describe_rule(pack.rule("late-meeting"))
    )
    assert not any("makes no second one" in line for line in describe_rule(pack.rule("late-letter")))


def test_a_rule_is_found_by_its_id_alone_or_on_a_day_on_which_it_holds() -> None:
    named = 'id = "late-letter"'
    pack = parse_policy(HCAT.replace(named, f"{named}\nfrom = 2025-09-01\nuntil = 2025-09-01"), "ours.toml")
    assert pack.rule("late-letter").id == "late-letter"
    assert pack.rule("late-letter", date(2025, 9, 1)).id == "late-letter"
    for rule_id, day in (
        ("late-letter", date(2025, 9, 2)),
        ("late-letter", date(2025, 8, 31)),
        ("gone", None),
    ):
        with pytest.raises(KeyError, match=f"has no rule '{rule_id}'"):
            pack.rule(rule_id, day)


def test_a_policy_of_the_schools_own_is_read_from_its_file(tmp_path: Path) -> None:
    path = tmp_path / "ours.toml"
    path.write_bytes(b"\xef\xbb\xbf" + HCAT.encode())
    assert load_policy(path) == load_policy(str(path)) == parse_policy(HCAT, "ours.toml")
    path.write_bytes(HCAT.encode() + b"\n# caf\xe9\n")
    with pytest.raises(PolicyError, match=r"ours\.toml") as caught:
        load_policy(path)
    ((where, what),) = caught.value.findings
    assert (where, what.split(":")[0]) == ("file", f"is not UTF-8 at byte {len(HCAT.encode()) + 6}")
    with pytest.raises(PolicyError, match=r"theirs\.toml") as caught:
        load_policy(tmp_path / "theirs.toml")
    assert caught.value.findings[0] == ("file", "cannot be read: No such file or directory")


def test_a_pack_with_amounts_of_its_own_is_refused() -> None:
    place, message = findings("[[penalties]]\nfrom = 2013-09-01\nfirst = 60\n")[0]
    assert place.startswith("penalties")
    assert "are the law's" in message


OPENS = ("own", "percentage", '{ attendance = "< 92", next_stages = ["two"] }')
OTHER = ("other", "percentage", '{ attendance = "< 90" }')


@pytest.mark.parametrize(
    "stage",
    [
        ("two", "review", '{ of = ["other"], after_days = 21, compare = "window" }'),
        ("two", "review", '{ of = ["own", "other"], after_days = 21, compare = "window" }'),
        ("two", "day", '{ codes = ["O"] }'),
    ],
)
def test_a_stage_must_look_back_at_the_one_before_it_and_at_no_other(stage: tuple[str, str, str]) -> None:
    with pytest.raises(PolicyError) as caught:
        pack_of(OPENS, OTHER, stage)
    ((place, message),) = caught.value.findings
    assert place.startswith("rules[1].when.next_stages (own), line ")
    assert message == "'two' comes after 'own' and must say of = [\"own\"]"


@pytest.mark.parametrize(
    ("steps", "refused"), [((1,), False), ((2, 1), False), ((2,), True), ((1, 1), True), ((1, 3), True)]
)
def test_the_steps_of_a_screening_are_counted_from_1_each_once(steps: tuple[int, ...], refused: bool) -> None:
    listed = [
        (f"rule-{number}", "screening", f'{{ step = {step}, attendance = "< 95" }}')
        for number, step in enumerate(steps)
    ]
    if not refused:
        assert len(pack_of(*listed).rules) == len(steps)
        return
    with pytest.raises(PolicyError) as caught:
        pack_of(*listed)
    ((_, message),) = caught.value.findings
    assert message.endswith(f"each once; there are {sorted(steps)}")


def test_colours_must_cover_every_percentage_too() -> None:
    text = HCAT.replace('name = "red"\nattendance = "<= 90"', 'name = "red"\nattendance = "< 90"')
    assert findings(text) == [("colours", "a hole between 'red' and 'amber': nothing covers exactly 90")]


def test_a_shipped_pack_is_read_once_and_what_one_reader_works_out_of_it_is_not_anothers() -> None:
    one, two = load_policy("hcat"), load_policy("hcat")
    assert one == two
    assert one.rules is two.rules
    assert one.undescribed_lists == ()
    assert two.model_copy(update={"lists": ()}).undescribed_lists != ()
