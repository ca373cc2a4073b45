"""The contract suite that every adapter must pass; import it from ``connector.testing.contract`` in a test file."""

import pytest

for _part in ("failing", "reading", "shape", "writing"):
    pytest.register_assert_rewrite(f"connector.testing.{_part}")
