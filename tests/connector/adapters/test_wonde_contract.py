"""Wonde obeys the contract."""

from connector.adapters.wonde import KIND
from connector.testing.contract import AdapterCase, contract_suite

TestWonde = contract_suite(
    AdapterCase(
        KIND,
        page_size=lambda size: {"per_page": size},
        wrong_secret="token",
        faults=frozenset({"duplicate-rows", "endless-pages", "shifted-rows", "hidden-fields"}),
    )
)
