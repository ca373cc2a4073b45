"""Xporter obeys the contract."""

from connector.adapters.xporter import KIND
from connector.testing.contract import AdapterCase, contract_suite

TestXporter = contract_suite(
    AdapterCase(
        KIND,
        page_size=lambda size: {"page_size": size, "marks_page_size": size},
        faults=frozenset({"expired", "endless-pages", "duplicate-rows", "shifted-rows", "hidden-fields"}),
    )
)
