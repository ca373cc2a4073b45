"""The SIMS adapter keeps the contract, with marks read by learner and by record."""

from connector.adapters.sims import KIND
from connector.testing.contract import AdapterCase, contract_suite

FAULTS = frozenset({"duplicate-rows", "endless-pages", "shifted-rows", "hidden-fields", "expired"})
LACKS = frozenset({"contact.telephones"})
UNHURRIED = {"calls_per_second": None}

TestSims = contract_suite(
    AdapterCase(KIND, options=UNHURRIED, lacks=LACKS, wrong_secret="client_secret", faults=FAULTS)
)
TestSimsByRecord = contract_suite(
    AdapterCase(
        KIND,
        settings={"marks_by": "record"},
        options=UNHURRIED,
        lacks=LACKS,
        wrong_secret="subscription_key",
        faults=FAULTS,
    )
)
TestSimsByLinks = contract_suite(
    AdapterCase(
        KIND,
        settings={"paging": "next", "base": "dex"},
        options=UNHURRIED,
        lacks=LACKS,
        wrong_secret="client_secret",
        faults=FAULTS,
    )
)
