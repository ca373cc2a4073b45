"""The message after a run: sent over TLS to a real server on loopback, with counts and never a name."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import keyring
import pytest
import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword, Session

from connector.config.mail import MailConfig
from connector.config.school import SchoolConfig
from connector.errors import ConnectorError
from connector.run.mail.digest_mail import mail_news, message_of, send_news
from connector.run.mail.smtp import send, try_server
from connector.run.summary import RunReport
from connector.service.checks.check_mail import mail_findings
from connector.store import Store
from rules.pupil_record import PupilRecord
from rules.register import build_register
from tests.connector.commands.conftest import MemoryKeyring
from tests.connector.memory_mis import CALENDAR, at, made_up_pupil, small_school
from tests.connector.runs import options, run

MONDAY = date(2025, 11, 10)
USER, PASSWORD = "attendance@hill.example", "correct horse"


@dataclass
class Post:
    """A mail server with what reached it."""

    port: int = 0
    ca_bundle: Path = Path()
    received: list[EmailMessage] = field(default_factory=list)
    refuses: bool = False
    closes_down: bool = False
    over_tls: list[bool] = field(default_factory=list)

    async def handle_QUIT(self, *_asked: Any) -> str:  # noqa: N802
        return "421 closing down" if self.closes_down else "221 Bye"

    async def handle_DATA(self, server: Any, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        if self.refuses:
            return "554 refused"
        self.over_tls.append(
            session.ssl is not None or server.transport.get_extra_info("sslcontext") is not None
        )
        self.received.append(message_from_bytes(envelope.content or b"", policy=default))  # type: ignore[arg-type]
        return "250 OK"

    def config(self, **changed: Any) -> MailConfig:
        return MailConfig(
            **{
                "host": "localhost",
                "port": self.port,
                "sender": USER,
                "to": ["office@hill.example"],
                "user": USER,
                "ca_bundle": self.ca_bundle,
                **changed,
            }
        )


def log_in(_server: Any, _session: Any, _envelope: Any, _mechanism: str, given: Any) -> AuthResult:
    right = isinstance(given, LoginPassword) and (given.login, given.password) == (
        USER.encode(),
        PASSWORD.encode(),
    )
    return AuthResult(success=right, handled=False)


def serve(tmp_path: Path, **more: Any) -> tuple[Post, Controller]:
    authority = trustme.CA()
    bundle = tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(str(bundle))
    post = Post(ca_bundle=bundle)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost", "127.0.0.1").configure_cert(context)
    given = {name: context if value == "context" else value for name, value in more.items()}
    with socket.create_server(("127.0.0.1", 0)) as free:  # the controller cannot ask for a free port itself
        post.port = free.getsockname()[1]
    controller = Controller(post, hostname="127.0.0.1", port=post.port, authenticator=log_in, **given)
    controller.start()
    return post, controller


@pytest.fixture
def post(tmp_path: Path) -> Iterator[Post]:
    post, controller = serve(tmp_path, tls_context="context", require_starttls=True, auth_required=True)
    yield post
    controller.stop()


def report_of(tmp_path: Path, code: str = "N") -> RunReport:
    """Return a run in which one pupil is without a reason, or none is."""
    mis = small_school(until=MONDAY)
    for pupil_id in mis.pupils:
        mis.day(pupil_id, MONDAY, code if pupil_id == "1" else "/")
    summary = run(mis, tmp_path / "hill.db", MONDAY, options("aycliffe-drive", ("no-contact",)))
    return RunReport(summary)


def school_with(mail: MailConfig | None) -> SchoolConfig:
    return options().config.model_copy(update={"mail": mail})


@pytest.fixture
def password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATTENDANCE_CONNECTOR_HILL_MAIL_PASSWORD", PASSWORD)


def test_a_run_with_news_sends_one_message_over_tls_with_counts_and_no_name(
    post: Post, tmp_path: Path, password: None
) -> None:
    report = report_of(tmp_path)
    report.summary.missing_registers = ["5A, Monday 10 November 2025 PM"]

    assert mail_news(school_with(post.config()), report, at(MONDAY)) == []

    (message,) = post.received
    assert post.over_tls == [True]
    assert (message["From"], message["To"]) == (USER, "office@hill.example")
    assert message["Subject"] == "Attendance hill: please look, 1 event"
    text = message.get_content()
    assert "School hill, run 1 about 10 November 2025." in text
    assert "1 event in this run; 1 note and 2 documents written." in text
    assert "- 1 register that is missing" in text
    whole = str(message)
    assert not [name for name in ("Last1", "First1", "Parent1", "5A", "A000000000001") if name in whole]


def test_a_message_that_was_taken_is_sent_however_the_server_says_goodbye(
    post: Post, tmp_path: Path, password: None
) -> None:
    post.closes_down = True
    assert mail_news(school_with(post.config()), report_of(tmp_path), at(MONDAY)) == []
    assert len(post.received) == 1


def test_a_run_without_news_or_that_failed_sends_nothing(post: Post, tmp_path: Path, password: None) -> None:
    school = school_with(post.config())
    quiet = report_of(tmp_path, "/")
    assert quiet.summary.events == []
    mail_news(school, quiet, at(MONDAY))
    mail_news(school_with(None), quiet, at(MONDAY))
    failed = RunReport(replace(report_of(tmp_path).summary, outcome="failed", error="the MIS is away"))
    mail_news(school, failed, at(MONDAY))
    assert post.received == []


def test_what_goes_wrong_is_a_warning_that_names_the_server_and_what_to_do(
    post: Post, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keyring, "get_keyring", MemoryKeyring)
    school, report = school_with(post.config()), report_of(tmp_path)
    (missing,) = mail_news(school, report, at(MONDAY))
    assert "credentials set --school hill mail_password" in missing
    monkeypatch.setenv("ATTENDANCE_CONNECTOR_HILL_MAIL_PASSWORD", "wrong")
    (wrong,) = mail_news(school, report, at(MONDAY))
    assert f"the mail server localhost:{post.port} refuses the user or the password" in wrong
    assert [f.severity for f in mail_findings(school, "school[0]")] == ["warning"]
    monkeypatch.setenv("ATTENDANCE_CONNECTOR_HILL_MAIL_PASSWORD", PASSWORD)
    assert list(mail_findings(school, "school[0]")) == []
    monkeypatch.setenv("ATTENDANCE_CONNECTOR_HILL_MAIL_PASSWORD", "pass£word")
    (signs,) = mail_news(school, report, at(MONDAY))
    assert "a password without signs such as £" in signs
    assert "pass" not in signs.replace("password", "")
    monkeypatch.setenv("ATTENDANCE_CONNECTOR_HILL_MAIL_PASSWORD", PASSWORD)
    (nowhere,) = mail_news(school_with(post.config(host="mail..hill.example")), report, at(MONDAY))
    assert "check host and user" in nowhere
    post.refuses = True
    (refused,) = mail_news(school, report, at(MONDAY))
    assert "refuses the message (SMTPDataError)" in refused
    assert report.summary.outcome == "done"


def test_status_names_a_message_that_could_not_be_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keyring, "get_keyring", MemoryKeyring)
    report, state = report_of(tmp_path), tmp_path / "hill.db"
    mail = MailConfig(host="localhost", sender=USER, to=[USER], user=USER)
    send_news(school_with(mail), report, state, at(MONDAY))
    assert "did not reach everyone" in report.summary.warnings[-1]
    with Store.open(state, "hill") as store:
        assert store.runs.last()[0].summary["warnings"] == report.summary.warnings


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_server_that_never_answers_is_given_up(security: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connector.run.mail.smtp._SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        mail = MailConfig(
            host="127.0.0.1", port=silent.getsockname()[1], sender=USER, to=[USER], security=security
        )
        with pytest.raises(ConnectorError, match=r"did not answer in time|cannot be reached"):
            try_server(mail, "")


def test_nothing_is_said_to_a_server_without_tls_or_with_an_unknown_certificate(
    post: Post, tmp_path: Path
) -> None:
    with pytest.raises(ConnectorError, match="certificate that is not trusted"):
        try_server(post.config(ca_bundle=None), PASSWORD)
    plain, controller = serve(tmp_path, auth_require_tls=False)
    try:
        with pytest.raises(ConnectorError, match="offers no TLS"):
            try_server(plain.config(), PASSWORD)
    finally:
        controller.stop()


@pytest.mark.parametrize(
    "address",
    ["a@b\nBcc: x@y", "a@b\n", "a b@c", "a@b,c@d", "team:a@b", "büro@hill.example", "a(b@c", "@b", "a@"],
)
def test_an_address_that_could_be_a_second_header_or_another_address_is_refused(
    post: Post, address: str
) -> None:
    for key, value in (("sender", address), ("to", [address])):
        with pytest.raises(ValueError, match="pattern"):
            post.config(**{key: value})
    assert post.config(sender="head+office@mail.hill-primary.example").sender


def test_tls_from_the_start_works_too(tmp_path: Path) -> None:
    post, controller = serve(tmp_path, ssl_context="context", auth_require_tls=False)
    try:
        message = message_of(school_with(None), post.config(), report_of(tmp_path), at(MONDAY))
        send(post.config(security="tls"), message, PASSWORD)
    finally:
        controller.stop()
    assert len(post.received) == 1


def test_the_calendar_of_reviews_goes_with_the_message(post: Post, tmp_path: Path, password: None) -> None:
    report = report_of(tmp_path)
    record = PupilRecord("1", "contract", MONDAY, review=date(2025, 12, 1))
    report.register = build_register(
        pupils=[made_up_pupil(1)], calendar=CALENDAR, marks=[], pupil_records=[record]
    )
    assert mail_news(school_with(post.config()), report, at(MONDAY)) == []
    (calendar,) = post.received[0].iter_attachments()
    assert calendar.get_filename() == "reviews.ics"
    assert "SUMMARY:Review of 1 contract" in calendar.get_content()
