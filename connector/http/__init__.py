"""HTTP to a MIS, in one place for every adapter.

Connections are reused; certificates come from the operating system or a configured bundle; what may be tried
again is tried again, a bounded number of times; every failure leaves as one of ``connector.errors`` with its
fix, and none of them carries a body, a query or a secret.
"""

from connector.http.address import WebAddress, check_address, web_addresses
from connector.http.client import Answer, Client
from connector.http.credentials import Credentials, basic, bearer, no_credentials
from connector.http.reach import unreached
from connector.http.seen import FieldsSeen
from connector.http.settings import HttpConfig
from connector.http.transport import LARGEST_ANSWER

__all__ = [
    "LARGEST_ANSWER",
    "Answer",
    "Client",
    "Credentials",
    "FieldsSeen",
    "HttpConfig",
    "WebAddress",
    "basic",
    "bearer",
    "check_address",
    "no_credentials",
    "unreached",
    "web_addresses",
]
