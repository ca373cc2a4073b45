"""Wonde obeys the contract."""

from connector.adapters.wonde import KIND
from connector.testing.contract import AdapterCase, contract_suite

LACKS = frozenset(
    f"pupil.{name}"
    for name in ("part_time_from", "part_time_to", "social_worker", "child_protection", "young_carer")
) | {"contact.language"}

TestWonde = contract_suite(
    AdapterCase(
        KIND,
        page_size=lambda size: {"per_page": size},
        lacks=LACKS,
        wrong_secret="token",
        faults=frozenset({"duplicate-rows", "endless-pages", "shifted-rows", "hidden-fields"}),
    )
)
