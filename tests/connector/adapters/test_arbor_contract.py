"""The Arbor adapter keeps the contract, by GraphQL and by REST."""

from connector.adapters.arbor import KIND
from connector.testing.contract import AdapterCase, contract_suite

FAULTS = frozenset({"duplicate-rows", "shifted-rows", "hidden-fields", "expired"})


def pages_of(size: int) -> dict[str, object]:
    return {"page_size": size, "graphql_page_size": size}


TestArbor = contract_suite(
    AdapterCase(KIND, page_size=pages_of, lacks=frozenset({"contact.salutation"}), faults=FAULTS)
)
TestArborByRest = contract_suite(
    AdapterCase(
        KIND,
        settings={"reads": "rest"},
        page_size=pages_of,
        lacks=frozenset({"contact.salutation"}),
        faults=FAULTS,
    )
)
