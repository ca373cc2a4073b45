"""The page docs/letters.md: what each letter to a family must contain, where it stands, how it reads, its pages.

``python -m tests.letters.wording.letters_page > docs/letters.md`` makes it; it needs LibreOffice to count the pages.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from datetime import date
from pathlib import Path

from letters.compose import Templates
from letters.fields.registry import examples
from letters.wording.build import wordings
from letters.wording.source import Wording
from tests.letters.reading_age import reading_age
from tests.letters.wording_prose import prose

BEGINNING = "beginning"
YEAR = ("figures of the year", r"«attended»|«missed_days_text»|«missed»|\[figures\]")
DAY = ("day of the figures", r"up to and including «(figures_to|counted_to|last_session)|«figures_to\|dddd")
MARKS = ("sessions listed", r"\[(sessions|lates|spells)(: \w+)?\]")
QUERY = (
    "how to question a mark",
    r"mark (is|looks) wrong|looks wrong|change the register|correct the register|put the register right|register is not right|in the register is not right|look at the mark again",
)
HELP = ("help", r"\[include help\]|something (that )?we can help|makes (mornings|this) hard|make coming to school easier|What would make|help and agree")  # fmt: skip
NEXT = ("what comes next", r"What happens next|What may follow|keep an eye|goes on looking|review_date|if it is still low|Before the last day|What this means")  # fmt: skip
TIME = ("how to choose a time", r"to choose a (day and )?time")
DUTY = ("duty, section 7, and offence, section 444", r"section 7\)[\s\S]*section 444")
AMOUNTS = ("amounts and days", r"«penalty_first»[\s\S]*«penalty_first_days»[\s\S]*«penalty_full»[\s\S]*«penalty_full_days»")  # fmt: skip
SECOND = (
    "second notice, three years, no third",
    r"«penalty_second»[\s\S]*«notice_limit»[\s\S]*there is no third",
)
EARLIER = ("earlier letter by date", r"«(opened|earlier_letter|leave_decided|notice_date)(\|d MMMM yyyy)?»")
ILLNESS = ("mostly illness: nobody’s fault, no evidence", r"\[include illness\]")
CHANGE = (
    "figure of the earlier letter, and the change",
    r"«figures_then»[\s\S]*«percent_then»[\s\S]*«change_since»",
)
DONE = ("help so far, by date", r"\[include done\]")
PART = ("figures of a part of the year", r"\[include part-of-year\]")
KNOWING = ("highest fines", r"«court_fine»[\s\S]*«court_fine_knowing»")
TALKED = (
    "where half was missed, that a person rings or visits first",
    r"one of us rings or visits the family|\[include talked\]",
)
CONCERN = (YEAR, DAY, MARKS, HELP, NEXT, ILLNESS, QUERY)
MEETING = (
    YEAR,
    DAY,
    TIME,
    ("what is written down, and if nobody comes", r"\[include meeting\]|offer a second day"),
    QUERY,
)
LATE = (
    TALKED,
    DAY,
    ("late arrivals with minutes", r"\[lates\]"),
    ("minutes lost in all", "«minutes_lost»"),
    ("doors open, register closes, what counts", r"\[include doors\]"),
    QUERY,
)
SINCE = ("how many since", "«late_since_times»")
FINE = (AMOUNTS, SECOND)

REQUIRED: dict[str, tuple[tuple[str, str], ...]] = {
    "at-risk": CONCERN, "concern": CONCERN, "initial-warning": CONCERN, "letter-1": (*CONCERN, TIME),
    "persistent-absence": CONCERN, "screening-1": CONCERN, "screening-2": (*CONCERN, EARLIER, CHANGE),
    "three-days-missed": CONCERN, "further-concern": (*MEETING, MARKS, EARLIER, CHANGE, ILLNESS, NEXT), "letter-2": (*MEETING, MARKS, EARLIER),
    "letter-3": (TALKED, YEAR, DAY, MARKS, HELP, DONE, EARLIER, NEXT, DUTY), "referral": (TALKED, YEAR, DAY, PART, MARKS, HELP, DONE, EARLIER, NEXT, DUTY),
    "screening-3": (*MEETING, MARKS, HELP), "officer-meeting": (*MEETING, MARKS), "formal-meeting": (*MEETING, MARKS, HELP),
    "clinic-invitation": MEETING, "late-letter": (*LATE, HELP, NEXT), "late-persistent": (*LATE, EARLIER, SINCE, NEXT),
    "lateness-meeting": (*LATE, TIME), "late-meeting": (*LATE, EARLIER, SINCE, TIME), "late-unauthorised": (
        TALKED,
        DAY, MARKS, ("minutes lost in all", "«minutes_lost»"), ("doors open, register closes", r"«doors_open»[\s\S]*«register_closes»"),
        NEXT, QUERY, ("threshold", r"«law_threshold_sessions»[\s\S]*«law_threshold_weeks»"), *FINE, KNOWING,
    ),
    "penalty-warning": (
        TALKED,
        DAY, MARKS, ("it is no penalty notice", "not a penalty notice"),
        ("threshold", r"«law_threshold_sessions»[\s\S]*«law_threshold_weeks»"), ("what counts", "These count"), DUTY, *FINE,
        KNOWING, PART, ("unpaid: court", "as a rule go to court"), ("no appeal, when taken back", "no right of appeal"),
        DONE, ("a named person", "«named_person»"), ("representations, and by when", "write to «authority_name» by that day"), HELP, QUERY,
    ),
    "notice-to-improve": (
        TALKED,
        YEAR, DAY, PART, ("duty", "section 7"), DONE, ("help open", "Further support on offer"),
        ("what may follow", "What may follow"), ("period with both days", r"«notice_from[\s\S]*«notice_to"), ("review day", r"on \*\*«notice_to\|dddd d MMMM yyyy»\*\* «/if_notice_to»"),
        ("a named person", "The person to turn to"), KNOWING,
        ("what is enough", "What is enough improvement"), ("an earlier step", "Before the last day"), *FINE,
        ("reply slip", "Reply slip"), MARKS, QUERY,
    ),
    "notice-kept": (EARLIER, DAY), "improved": (EARLIER, DAY, HELP),
    "holiday-warning": (TALKED, ("the holiday and its code", "code G"), PART, EARLIER, *FINE, KNOWING, ("no notice to improve first", "no notice to improve"), QUERY),
    "leave-refused": (("days asked", "«leave_days»"), ("reasons", "«leave_reasons»"), ("no appeal", "no appeal"), *FINE),
    "leave-granted": (("days granted", "«leave_granted_days»"), ("back on", "«leave_back_on»"), ("code in words", "«leave_code»")),
    "leave-in-part": (("which days are", "«leave_granted_days»"), ("which are not", "«leave_refused_days»"), ("reasons", "«leave_reasons»"), *FINE),
    "parents-report": (YEAR, DAY, ("half terms", r"\[half-terms\]"), ("days missed by reason", r"\[reasons\]"), ("lates and minutes", "«year_minutes_late»"), ("for every family, no judgement", "judges nobody"), QUERY),
    "colour-letter": (YEAR, DAY, MARKS, ("word with the colour", r"\*\*Green"), QUERY),
    "summary": (YEAR, DAY, ("days missed by reason", r"\[reasons\]"), HELP, QUERY),
    "explanation": (TALKED, MARKS, ("slip", "## Slip"), ("no medical evidence", "medical evidence"), QUERY),
    "no-contact": (DAY, MARKS, ("that we tried, where on record", "«\\?if_rang_in_vain»"), ("ring today", "as soon as you can"), QUERY),
    "ruled-unauthorised": (TALKED, DAY, MARKS, ("former and present mark, who decided", r"«mark_before»[\s\S]*«mark_now»[\s\S]*The head decided"), HELP, QUERY),
    "truancy-warning": (TALKED, DAY, MARKS, NEXT, HELP, QUERY),
    "severe-absence": (
        ("sessions attended before those missed", r"«attended»[\s\S]*«missed_text»"), DAY, TALKED,
        ("one next step", "## The next step"), ("a named person", "«named_person»"), TIME, ("what the school changes", "What the school can change"),
        ("who else helps", "Who else can help"), QUERY,
    ),
    "celebration": (("period, with both days", r"«period»[\s\S]*«period_start» to «period_end»"), ("whom to ring", "«contact_name»"), QUERY),
    "panel-invitation": (*MEETING, ("who is there", "school governor"), MARKS, ("if nobody comes", "If you cannot come")),
    "support-plan-invitation": (*MEETING, MARKS, ("if nobody comes", "If you cannot come")),
    "meeting-missed": (YEAR, DAY, TIME, HELP, QUERY, ("the day missed", "«record_day"), ("if we hear nothing", "If we do not hear")),
    "contract-invitation": (
        *MEETING, ("voluntary, no punishment, not binding", r"choose whether[\s\S]*not a punishment[\s\S]*not binding in law"),
        ("without one", "If we cannot agree"), ("what is in it", "what you will do, what the school will do"), ("review and end", "when it ends"), MARKS,
    ),
    "contract-missed": (TIME, HELP, QUERY, ("the day missed", "«record_day"), ("voluntary", "your choice")),
    "contract-not-kept": (YEAR, DAY, TIME, NEXT, DUTY, MARKS, QUERY),
    "contract-kept": (("help goes on", "goes on for as long"), ("whom to ring", "«contact_telephone»")),
    "medical-information": (
        YEAR, DAY, MARKS, ("what is enough", "Any one of these is enough"), ("no new letter of a doctor", "do not ask your doctor"),
        ("answer by", "«reply_by"), ("before anything is decided", "before we decide"), NEXT, QUERY,
    ),
    "lunch-leave-agreed": (("what holds", "Please remember"), ("each term again", "each term"), ("whom to ring", "«contact_telephone»")),
    "lunch-leave-refused": (("a talk", "talk with you about our reasons"),),
    "lunch-leave-withdrawn": (("since when", "«record_day"), ("a talk", "talk with you about our reasons")),
    "welcome": (("whom to ring", "«contact_telephone»"), ("two adults", "at least two adults"), ("where the policy is", "attendance policy")),
}  # fmt: skip
"""What each letter must contain: its name, and the pattern in the wording that shows it."""


def family_letters() -> list[Wording]:
    return [w for w in wordings() if w.language == "en" and w.layout == "letter"]


def sections(name: str) -> list[tuple[str, str]]:
    """Return heading and text of each section of an English wording, included files among them."""
    folder = Path(__file__).parents[3] / "letters" / "wording" / "en"
    body = (folder / f"{name}.md").read_text(encoding="utf-8").split("---\n", 1)[1]
    body = re.sub(
        r"\[include ([\w-]+)\]",
        lambda m: f"{m[0]}\n{(folder / f'_{m[1]}.md').read_text(encoding='utf-8')}",
        body,
    )
    parts = re.split(r"^## (.*)$", body, flags=re.MULTILINE)
    return [(BEGINNING, parts[0]), *zip(parts[1::2], parts[2::2], strict=True)]


def where(name: str, pattern: str) -> str:
    """Return the heading of the section in which a pattern stands; empty when it is in none."""
    for heading, text in sections(name):
        if re.search(pattern, f"{heading if heading != BEGINNING else ''}\n## {heading}\n{text}"):
            return re.sub(r"«(\w+)[^»]*»", "…", heading)
    whole = "\n".join(f"{heading}\n{text}" for heading, text in sections(name))
    return "more than one section" if re.search(pattern, whole) else ""


def pages() -> dict[str, int] | None:
    """Return the pages of each letter with the examples of the fields; None without LibreOffice."""
    program = shutil.which("soffice")
    if program is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        made = []
        for file in Templates.load():
            if file.language == "en" and file.name in REQUIRED:
                made.append(Path(folder, f"{file.name}.docx"))
                made[-1].write_bytes(
                    file.template.fill(examples(), language="en", on=date(2025, 11, 28)).data
                )
        command = [program, f"-env:UserInstallation={Path(folder, 'profile').as_uri()}", "--headless"]
        subprocess.run([*command, "--convert-to", "pdf", "--outdir", folder, *map(str, made)], check=True, capture_output=True)  # fmt: skip
        return {
            path.stem: len(re.findall(rb"/Type\s*/Page[^s]", path.with_suffix(".pdf").read_bytes()))
            for path in made
        }


def page(counted: dict[str, int]) -> str:
    """Return the page, with the number of pages of each letter."""
    lines = [
        "# Letters to families: what each must contain, and where it stands",
        "",
        "Every letter has addressee and date, the pupil in its heading, a telephone number, how to have it in another language,",
        "in large print or with an interpreter, and the signature with its last text. The reading age is the Flesch-Kincaid grade",
        "and five years; 11.0 is the most. Pages are those of `letters preview` in LibreOffice. Made by",
        "`python -m tests.letters.wording.letters_page > docs/letters.md`; a test holds it to the wording.",
        "",
        "| letter | contents required: where it stands | reading age | pages |",
        "| --- | --- | --- | --- |",
    ]
    for wording in family_letters():
        contents = "; ".join(
            f"{what}: {where(wording.name, pattern)}" for what, pattern in REQUIRED[wording.name]
        )
        lines.append(
            f"| {wording.name} | {contents} | {reading_age(prose(wording))} | {counted[wording.name]} |"
        )
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    counted = pages()
    if counted is None:
        raise SystemExit("LibreOffice (soffice) is not installed. What to do: install it to count the pages.")
    sys.stdout.write(page(counted))
