"""One message to one mail server, over TLS or not at all."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from email.message import EmailMessage

from connector.config.mail import MailConfig
from connector.errors import ConnectorError
from connector.http.transport import tls_context

_SECONDS = 20.0


def send(mail: MailConfig, message: EmailMessage, password: str) -> None:
    """Send a message. Raise ConnectorError with what to do; nothing is said to a server before TLS is on."""
    with _errors_of(mail), closing(_connected(mail)) as server:
        _log_in(server, mail, password)
        refused = server.send_message(message)
        with suppress(smtplib.SMTPException, OSError):  # it is taken, whatever a server says to a goodbye
            server.quit()
    if refused:
        raise _failed(
            mail,
            f"took the message and refuses {len(refused)} of its recipients",
            "check `to` under [school.mail]",
        )


def try_server(mail: MailConfig, password: str) -> None:
    """Log in and send nothing. Raise ConnectorError as :func:`send` does."""
    with _errors_of(mail), closing(_connected(mail)) as server:
        _log_in(server, mail, password)
        server.noop()


def _log_in(server: smtplib.SMTP, mail: MailConfig, password: str) -> None:
    if mail.user:
        server.login(mail.user, password)


@contextmanager
def _errors_of(mail: MailConfig) -> Iterator[None]:
    """Turn what can go wrong with the server into an error that says what to do. No message of the server is passed on."""
    try:
        yield
    except smtplib.SMTPNotSupportedError as error:
        raise _failed(mail, "offers no TLS, or no way to log in", _PORT) from error
    except smtplib.SMTPAuthenticationError as error:
        raise _failed(
            mail, "refuses the user or the password", "enter it again: `credentials set mail_password`"
        ) from error
    except smtplib.SMTPRecipientsRefused as error:
        raise _failed(mail, "refuses every recipient", "check `to` under [school.mail]") from error
    except smtplib.SMTPServerDisconnected as error:
        raise _failed(mail, "ended the connection, or did not answer in time", _PORT) from error
    except smtplib.SMTPException as error:
        raise _failed(mail, f"refuses the message ({type(error).__name__})", "check [school.mail]") from error
    except ssl.SSLError as error:
        raise _failed(
            mail, "has a certificate that is not trusted, or speaks no TLS on this port", _PORT
        ) from error
    except UnicodeError as error:  # of the standard library, which sends plain letters only; it is no OSError
        raise _failed(
            mail,
            "takes only plain letters, digits and signs (ASCII)",
            "check host and user under [school.mail], and choose a password without signs such as £ or é",
        ) from error
    except OSError as error:
        raise _failed(
            mail, f"cannot be reached ({type(error).__name__})", "check host, port and firewall"
        ) from error


_PORT = 'check host, port and `security` ("starttls" is usual on 587, "tls" on 465), or name the filter\'s authority as ca_bundle'


def _connected(mail: MailConfig) -> smtplib.SMTP:
    context = tls_context(mail.ca_bundle)
    if mail.security == "tls":
        return smtplib.SMTP_SSL(mail.host, mail.port, timeout=_SECONDS, context=context)
    server = smtplib.SMTP(mail.host, mail.port, timeout=_SECONDS)
    try:
        server.starttls(context=context)
    except BaseException:
        server.close()
        raise
    return server


def _failed(mail: MailConfig, what: str, fix: str) -> ConnectorError:
    return ConnectorError(f"the mail server {mail.host}:{mail.port} {what}", fix=fix)
