"""Merge fields about the rule, the policy's bands and colours, penalty notices and reviews."""

from __future__ import annotations

from datetime import date

from letters.facts import Facts, target_text
from letters.fields.field import Field, Group
from letters.words import welsh
from rules.law import Figure

_RULE = Group("The rule and the policy")


def _pounds(amount: int | None) -> str:
    return "" if amount is None else f"£{amount:,}"


def _law_figure(facts: Facts, figure: Figure | None) -> str:
    """Return a figure of the law on the event's day; empty where the nation or the day has none."""
    return str(figure.on(facts.event.date) or "") if figure else ""


def _if_colour(name: str, example: bool) -> Field:
    meaning = f"kept when the colour is {name}"
    return _RULE.yes_no(f"if_{name}", meaning, lambda f: f.colour.casefold() == name, example)


RULE_FIELDS = (
    _RULE.text(
        "rule_title",
        "the rule in plain words",
        "Stage 1, attendance below 90%",
        lambda f: f.event.title,
    ),
    _RULE.text(
        "clause",
        "the clause of the policy that the rule follows",
        "Managing absence, stage 1",
        lambda f: f.event.clause,
    ),
    _RULE.yes_no(
        "if_assumed",
        "kept when the policy's text does not give the figure of the rule: a letter then says that the school set it",
        lambda f: f.assumed,
        False,
    ),
    _RULE.text(
        "assumed",
        "what the policy's text says and what was chosen, where it does not give the figure of the rule; else empty",
        "The policy gives no number of days; it was chosen.",
        lambda f: f.assumed,
        office_only=True,
    ),
    _RULE.text("policy_title", "the policy's title", "Attendance policy", lambda f: f.policy.title),
    _RULE.text(
        "target_percent",
        "the school's target, without the sign; empty when it has none",
        "97",
        lambda f: target_text(f.bands),
    ),
    _RULE.yes_no("if_target", "kept when the policy has a target", lambda f: f.bands.target is not None),
    _RULE.yes_no(
        "if_below_target",
        "kept when attendance is below the policy's target",
        lambda f: f.bands.target is not None and 100 * f.attended < f.bands.target * f.possible,
    ),
    _RULE.text(
        "band_name",
        "the band the year to date is in, as letters call it",
        "Requires improvement",
        lambda f: (f.band.letter_name or f.band.name) if f.band else "",
    ),
    _RULE.text(
        "band_name_cy",
        "the same in Welsh, where it is known",
        "yn ôl y disgwyl",
        lambda f: welsh.band(f.band.letter_name or f.band.name) if f.band else "",
    ),
    _RULE.text(
        "band_range",
        "the percentages of the band",
        "95 to 96.9%",
        lambda f: f.band.range if f.band else "",
    ),
    _RULE.text(
        "colour",
        "the colour the year to date is in; empty where the policy has none",
        "amber",
        lambda f: f.colour,
    ),
    _RULE.yes_no("if_colour", "kept when the policy has colours", lambda f: f.colour),
    _if_colour("green", False),
    _if_colour("amber", True),
    _if_colour("red", False),
    _RULE.text(
        "penalty_first",
        "penalty notice: the lower amount",
        "£80",
        lambda f: _pounds(f.penalty.first) if f.penalty else "",
    ),
    _RULE.text(
        "penalty_first_days",
        "days within which it is paid",
        "21",
        lambda f: str(f.penalty.first_days) if f.penalty else "",
    ),
    _RULE.text(
        "penalty_full", "the full amount", "£160", lambda f: _pounds(f.penalty.full) if f.penalty else ""
    ),
    _RULE.text(
        "penalty_full_days",
        "days within which it is paid",
        "28",
        lambda f: str(f.penalty.full_days) if f.penalty else "",
    ),
    _RULE.text(
        "penalty_full_days_cy",
        "the same in Welsh",
        "28 diwrnod",
        lambda f: welsh.days(f.penalty.full_days) if f.penalty else "",
    ),
    _RULE.text(
        "penalty_first_days_cy",
        "days of the lower amount in Welsh",
        "28 diwrnod",
        lambda f: welsh.days(f.penalty.first_days) if f.penalty else "",
    ),
    _RULE.text(
        "penalty_second",
        "the amount of a second notice within notice_years; empty where the law has no such amount",
        "£160",
        lambda f: _pounds(f.penalty.second) if f.penalty else "",
    ),
    _RULE.text(
        "notice_limit",
        "how many notices one parent can have for one child within notice_years; empty where the law sets no limit",
        "2",
        lambda f: str(f.penalty.limit) if f.penalty and f.penalty.limit else "",
    ),
    _RULE.text(
        "notice_years",
        "years within which notices are counted; empty where the law sets no limit",
        "3",
        lambda f: str(f.notice_years or ""),
    ),
    _RULE.yes_no(
        "if_penalty", "kept when the law of the event's day has penalty notices", lambda f: f.penalty
    ),
    _RULE.yes_no(
        "if_notice_limit", "kept when the law limits how many there may be", lambda f: f.notice_years
    ),
    _RULE.yes_no(
        "if_second_amount",
        "kept when a second notice has an amount of its own",
        lambda f: f.penalty and f.penalty.second is not None,
    ),
    _RULE.text(
        "law_threshold_sessions",
        "sessions of unauthorised absence at which a penalty notice must be considered; empty where the law names none",
        "10",
        lambda f: _law_figure(f, f.law.threshold_sessions),
    ),
    _RULE.text(
        "law_threshold_weeks",
        "school weeks within which they are counted; empty where the law names none",
        "10",
        lambda f: _law_figure(f, f.law.threshold_school_weeks),
    ),
    _RULE.yes_no(
        "if_law_threshold",
        "kept when the law of the event's day names such a number",
        lambda f: _law_figure(f, f.law.threshold_sessions),
    ),
    _RULE.text(
        "court_fine",
        "the highest fine for the offence of section 444(1) of the Education Act 1996 (level 3)",
        "£1,000",
        lambda f: _pounds(f.law.court_fine.on(f.event.date)),
    ),
    _RULE.text(
        "court_fine_knowing",
        "the highest fine where a parent knew of the absence and did not act, section 444(1A) (level 4)",
        "£2,500",
        lambda f: _pounds(f.law.court_fine_knowing.on(f.event.date)),
    ),
    _RULE.date(
        "review_date",
        "when attendance is reviewed next, counted from the letter's date; empty when the policy gives no day",
        date(2025, 12, 22),
        lambda f: f.review_day,
    ),
    _RULE.yes_no("if_review_date", "kept when the policy gives such a day", lambda f: f.review_day),
    _RULE.number(
        "notices_before",
        "penalty notices on record, to this adult where there is one; of the last notice_years where the law sets a limit",
        0,
        lambda f: len(f.earlier_notices),
        office_only=True,
    ),
    _RULE.yes_no(
        "if_notices_before", "kept when there were such notices", lambda f: f.earlier_notices, False
    ),
    _RULE.yes_no(
        "if_earlier_forms", "kept when the pupil had a consideration form before", lambda f: f.earlier_forms
    ),
    _RULE.yes_no("if_no_notices_before", "kept when none are on record", lambda f: not f.earlier_notices),
)
