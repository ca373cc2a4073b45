"""What a pack says is checked: fields that are there, and no figure typed that a field gives."""

from __future__ import annotations

from dataclasses import replace

import pytest

from letters.facts import Facts
from letters.notes import note
from letters.pack_texts import typed_figures, unfilled
from rules.policy import Policy, PolicyError, load_policy, parse_policy, shipped_policies
from tests.letters.letter_school import DAY, KEY, SCHOOL, made_up_event, register, tally
from tests.rules.test_kinds import HEAD

LATE = '{ codes = ["L"], at_least = 10, within = "weeks", weeks = 12 }'
CHECKS = (unfilled, typed_figures)


def text_of(
    title: str = "Late",
    said: str = "",
    *,
    kind: str = "count",
    when: str = LATE,
    more: str = "",
    rule_id: str = "late",
    head: str = HEAD,
) -> str:
    rule = (
        f'\n[[rules]]\nid = "{rule_id}"\ntitle = "{title}"\nclause = "own"\nkind = "{kind}"\nwhen = {when}\n'
    )
    return f'{head}{more}{rule}outcomes = ["note"{", " if more else ""}{chr(34) + "list:late" + chr(34) if more else ""}]\nnote = "{said}"\n'


def findings(text: str) -> list[tuple[str, str]]:
    with pytest.raises(PolicyError) as caught:
        parse_policy(text, "own.toml", *CHECKS)
    return caught.value.findings


@pytest.mark.parametrize("name", shipped_policies())
def test_every_shipped_pack_can_be_filled_and_types_no_figure(name: str) -> None:
    load_policy(name, *CHECKS)


def test_every_rule_with_a_note_has_its_sentence_in_its_pack() -> None:
    for name in shipped_policies():
        for rule in load_policy(name).rules:
            assert rule.note or "note" not in map(str, rule.outcomes), (name, rule.id)


@pytest.mark.parametrize(
    ("title", "said", "word", "fields"),
    [
        ("Ten late marks", "", "Ten", "«threshold_words» or «threshold_sessions» or «threshold_times»"),
        ("Late", "Late 10 times.", "10", "«threshold»"),
        ("Late in twelve weeks", "", "twelve", "«window»"),
        ("Late", "Late in 12 weeks.", "12", "«window»"),
        ("The tenth late mark", "", "tenth", "«threshold_ordinal»"),
    ],
)
def test_a_figure_of_the_rules_own_condition_is_refused_with_the_field_to_write(
    title: str, said: str, word: str, fields: str
) -> None:
    text = text_of(title, said)
    ((place, message),) = findings(text)
    key = "note" if said else "title"
    line = next(n for n, row in enumerate(text.splitlines(), 1) if row.startswith(f"{key} = ") and n > 8)
    assert place == f"rules[1].{key} (late), line {line}"
    assert message.startswith(f"'{word}' is a figure of the rule’s own condition")
    assert all(field in message for field in fields.split(" or "))


def test_a_percentage_is_refused_in_digits_and_in_words() -> None:
    for title in ("Below 90%", "Below ninety per cent"):
        ((_, message),) = findings(text_of(title, kind="percentage", when='{ attendance = "< 90" }'))
        assert "write «limit» or «limit_percent» in its place" in message


@pytest.mark.parametrize(
    ("title", "said"),
    [
        ("Stage 10, late", "Late 11 times, nine in all, Letter 12."),
        (
            "Late «threshold_times» in «window»",
            "«count_text» up to «counted_to»; the threshold is «threshold».",
        ),
        ("Late at 10.30 in 2012", "A notice is £10."),
    ],
)
def test_other_numbers_names_and_fields_may_stand(title: str, said: str) -> None:
    parse_policy(text_of(title, said), "own.toml", *CHECKS)


def test_one_is_a_figure_only_before_what_it_counts() -> None:
    once = '{ codes = ["O"], at_least = 1, within = "term" }'
    parse_policy(text_of("Absent", "One form for each parent.", when=once), "own.toml", *CHECKS)
    ((_, message),) = findings(text_of("Absent for one session", when=once))
    assert "'one' is a figure" in message


def test_a_figure_in_another_unit_is_one_only_before_that_unit() -> None:
    when = '{ counted_as = "absent", at_least = 6, within = "year" }'
    parse_policy(text_of("Absent", "One of the three adults.", when=when), "own.toml", *CHECKS)
    ((_, message),) = findings(text_of("Three school days missed", when=when))
    assert "write «threshold_days» in its place" in message


@pytest.mark.parametrize(
    ("key", "written"),
    [
        ("assumed", 'assumed = "The text says often; ten was chosen."'),
        ("other_readings", 'other_readings = ["A range could be read.", "The tenth could come later."]'),
    ],
)
def test_what_a_rule_says_of_its_text_keeps_none_of_its_figures(key: str, written: str) -> None:
    ((place, message),) = findings(f"{text_of('Late')}{written}\n")
    assert place.startswith(f"rules[1].{key}")
    assert "(late), line " in place
    assert message.endswith("leave it out, or say it without the figure")
    parse_policy(
        f"{text_of('Late')}{written.replace('ten', 'a').replace('ath', 'a later one')}\n", "own.toml", *CHECKS
    )


def test_the_time_that_a_rule_gives_is_a_figure_too() -> None:
    text = text_of("Late", "Answer within four days.") + "due_days = 4\n"
    ((_, message),) = findings(text)
    assert "write «due_days» in its place" in message
    parse_policy(text.replace("four days", "«due_days», by «due_by»"), "own.toml", *CHECKS)


def test_a_field_that_is_none_or_that_the_rule_does_not_have_is_refused() -> None:
    ((place, message),) = findings(text_of("Late", "«cuont» times, «review_after»."))[:1]
    assert place.startswith("rules[1].note (late), line ")
    assert message == "«cuont» is no field: did you mean «count»?"
    ((_, message),) = findings(text_of("Late", "«review_after» later."))
    assert message.startswith("the rule has no «review_after»: it has «codes», «threshold»")


def test_a_rule_about_a_class_has_no_note_to_fill() -> None:
    ((_, message),) = findings(text_of("Best class", "Well done.", kind="class-week", when="{ best = true }"))
    assert "the rule is about a class" in message


@pytest.mark.parametrize(
    ("instruction", "fault"),
    [
        ("Phone after ten late marks.", "'ten' is a figure of a rule with this list"),
        ("Phone «nobody».", "«nobody» is no figure of its rule"),
    ],
)
def test_the_texts_of_a_list_are_checked_too(instruction: str, fault: str) -> None:
    entry = f'\n[[lists]]\nname = "late"\ntitle = "Late"\ninstruction = "{instruction}"\n'
    ((place, message),) = findings(text_of(more=entry))
    assert place.startswith("lists[1].instruction (late), line ")
    assert fault in message


def test_a_bands_label_that_says_other_figures_than_the_band_is_refused() -> None:
    head = HEAD.replace('attendance = ">= 0"\nlabel = "all"', 'attendance = ">= 96"\nlabel = "95% and above"')
    head += '[[bands]]\nname = "low"\nattendance = "< 96"\n'
    ((place, message),) = findings(text_of(head=head))
    assert place.startswith("bands[1].label (all), line ")
    assert message.startswith("it says '95% and above', and the band is 96% and above: take label out")
    parse_policy(text_of(head=head.replace("95% and", "96% and")), "own.toml", *CHECKS)


def _said(pack: Policy) -> str:
    event = made_up_event(pack, pack.rules[0])
    facts = Facts(event, register(), tally(), pack, SCHOOL, KEY, DAY)
    return note(facts, ())[1]


@pytest.mark.parametrize("rule_id", ["no-contact", "stage-4", "celebration", "leave-request", "health-15"])
def test_a_schools_own_rule_with_a_known_id_has_its_own_sentence(rule_id: str) -> None:
    kind = '{ codes = ["L"], at_least = 1, within = "half_term" }'
    pack = parse_policy(
        text_of("A late mark", "Late on «figures_to».", when=kind, rule_id=rule_id), "own.toml"
    )
    assert _said(pack).startswith("Late on 5 December 2025. School year")
    bare = parse_policy(text_of("A late mark", when=kind, rule_id=rule_id), "own.toml")
    assert _said(bare).startswith("A late mark: 4 sessions from 3 November 2025 to 5 December 2025.")


def test_the_sentence_of_a_rule_that_has_ended_is_still_its_own() -> None:
    pack = load_policy("hcat")
    event = made_up_event(pack, pack.rule("stage-4"))
    assert not pack.rule("stage-4").in_force(event.date)
    facts = Facts(replace(event, title="Stage 4"), register(), tally(), pack, SCHOOL, KEY, DAY)
    assert "the policy’s threshold is 10" in note(facts, ())[1]
