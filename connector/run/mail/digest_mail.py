"""What the message after a run says: counts, and whether a person must look. No name, no class, no mark.

Mail is read on telephones and forwarded, so it only says that there is something to read: the digest has the names.
"""

from __future__ import annotations

from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid
from pathlib import Path

import structlog

from connector.config import SchoolConfig
from connector.config.mail import MailConfig
from connector.config.secrets import read_secrets
from connector.errors import ConnectorError, error_line
from connector.ledger.holds import BY_PERSON
from connector.run.mail.smtp import send
from connector.run.summary import RunReport, RunSummary
from connector.store import Store
from letters.reports.review_dates import review_calendar
from letters.words.english import count, day

log = structlog.get_logger(__name__)


def send_news(school: SchoolConfig, report: RunReport, state: Path, now: datetime) -> None:
    """Send the message of a run that has ended and has news; what goes wrong is a warning of the run, for `status` too."""
    warnings = mail_news(school, report, now)
    if not warnings:
        return
    report.summary.warnings += warnings
    with Store.open(state, school.id) as store, store.transaction():
        store.runs.add_warnings(report.summary.run_id, warnings)


def mail_news(school: SchoolConfig, report: RunReport, now: datetime) -> list[str]:
    """Send the message of a run that has news; return, in place of an error, what went wrong: a warning of the run."""
    if school.mail is None or report.summary.dry_run or not has_news(report.summary):
        return []
    try:
        passwords = read_secrets(school.id, school.mail.secrets)
        send(school.mail, message_of(school, school.mail, report, now), passwords.get("mail_password", ""))
    except ConnectorError as error:
        reason = error_line(error)
        log.warning("the message about the run did not reach everyone", school=school.id, reason=reason)
        return [f"the message about this run did not reach everyone: {reason}"]
    return []


def has_news(summary: RunSummary) -> bool:
    """Check whether something happened in a completed run. The health address reports a MIS that is away, not the mail."""
    return summary.outcome != "failed" and not summary.error and bool(summary.events or summary.failed_now)


def message_of(school: SchoolConfig, mail: MailConfig, report: RunReport, now: datetime) -> EmailMessage:
    """Return the message of one run, with the calendar of reviews where there are any."""
    summary = report.summary
    look = _please_look(summary)
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"] = mail.sender, ", ".join(mail.to)
    head = "please look" if look else "done"
    message["Subject"] = f"Attendance {school.id}: {head}, {count(len(summary.events), 'event')}"
    message["Date"] = format_datetime(now)
    message["Message-ID"] = make_msgid(domain=mail.sender.rpartition("@")[2])
    message["Auto-Submitted"] = "auto-generated"
    message.set_content("\n".join([*_lines(summary), "", *look, "", _WHERE]))
    if report.register is not None:
        calendar = review_calendar(report.register, summary.as_of, school.id, now)
        if calendar:
            message.add_attachment(calendar, maintype="text", subtype="calendar", filename="reviews.ics")
    return message


_WHERE = (
    "Names are in the digest, on the school in the MIS or in its folder, and never in a message. "
    "More: attendance-connector status."
)


def _lines(summary: RunSummary) -> list[str]:
    return [
        f"School {summary.school}, run {summary.run_id} about {day(summary.as_of)}.",
        f"{count(len(summary.events), 'event')} in this run; {count(summary.notes, 'note')} and"
        f" {count(summary.documents, 'document')} written.",
    ]


def _please_look(summary: RunSummary) -> list[str]:
    """Return what a person must look at, in counts."""
    held = sum(number for hold, number in summary.hold_reasons.items() if hold in BY_PERSON)
    counted = (
        (held, "held event that waits for a person", "held events that wait for a person"),
        (summary.failed, "event that could not be written", "events that could not be written"),
        (
            len(summary.not_taken),
            "note or document that was not taken",
            "notes and documents that were not taken",
        ),
        (len(summary.missing_registers), "register that is missing", "registers that are missing"),
    )
    lines = [f"- {count(number, one, many)}" for number, one, many in counted if number]
    return ["Please look:", *lines] if lines else []
