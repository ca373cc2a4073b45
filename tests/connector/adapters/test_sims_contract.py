"""The SIMS adapter keeps the contract, with marks read by learner and by record."""

from connector.adapters.sims import KIND
from connector.testing.contract import AdapterCase, contract_suite

FAULTS = frozenset({"duplicate-rows", "endless-pages", "shifted-rows", "hidden-fields", "expired"})
UNHURRIED = {"calls_per_second": None}

TestSims = contract_suite(AdapterCase(KIND, options=UNHURRIED, wrong_secret="client_secret", faults=FAULTS))
TestSimsByRecord = contract_suite(
    AdapterCase(
        KIND,
        settings={"marks_by": "record"},
        options=UNHURRIED,
        wrong_secret="subscription_key",
        faults=FAULTS,
    )
)
TestSimsByLinks = contract_suite(
    AdapterCase(
        KIND,
        settings={"paging": "next", "base": "dex"},
        options=UNHURRIED,
        wrong_secret="client_secret",
        faults=FAULTS,
    )
)
