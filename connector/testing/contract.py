"""The contract suite: what every adapter must do, against a fake MIS over loopback.

An adapter's whole test file is two lines::

    from connector.testing.contract import AdapterCase, contract_suite

    TestArbor = contract_suite(AdapterCase(KIND, lacks=frozenset({"contact.salutation"})))

State a known exception by overriding the inherited test with ``pytest.mark.xfail(strict=True, reason=...)``.
"""

from __future__ import annotations

from connector.testing.case import AdapterCase
from connector.testing.failing import Failing
from connector.testing.reading import Reading
from connector.testing.shape import Shape
from connector.testing.writing import Writing

__all__ = ["AdapterCase", "ContractTests", "contract_suite"]


class ContractTests(Shape, Reading, Writing, Failing):
    """Every test of the contract; ``case`` says for which adapter."""

    __test__ = False


def contract_suite(case: AdapterCase) -> type[ContractTests]:
    """Return a test class for one adapter."""
    return type(
        f"Test{case.kind.title.title().replace(' ', '')}", (ContractTests,), {"case": case, "__test__": True}
    )
